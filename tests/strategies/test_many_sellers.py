"""One buyer and many sellers: the outside option, the market, and buying oneself out of an agreement."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.errors import StrategyError
from negotiate.moves import Accept, Offer
from negotiate.protocol import Agreement
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.coordinator import Coordinated, Coordinator
from negotiate.strategies.market_driven import MarketDriven, competition, opportunity
from negotiate.strategies.outside import Belief, Desk, Thread, expected_best
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences, scenario

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.protocol import Negotiation
    from negotiate.strategy import Strategy

RULES = AlternatingOffers(rounds=12)
SELLERS = ("genius-conceder", "genius-linear", "genius-boulware", "micro", "random")


def test_beliefs_of_other_shapes_count_as_they_are() -> None:
    # The largest of two even numbers has the distribution x**2, as one of shape 2 has.
    assert expected_best([Belief(0, 1, 2)]) == pytest.approx(2 / 3, abs=1e-4)
    assert expected_best([Belief(0, 1, 2), Belief(0, 1)]) == pytest.approx(3 / 4, abs=1e-4)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=4))
def test_the_best_of_several_is_no_worse_than_any_of_them(
    ends: list[tuple[float, float]],
) -> None:
    beliefs = [Belief(min(pair), max(pair)) for pair in ends]
    best = expected_best(beliefs)
    assert best <= max(b.high for b in beliefs) + 1e-9
    assert best >= max((b.low + b.high) / 2 for b in beliefs) - 0.01


def test_opportunity_and_competition_are_what_the_formulas_give() -> None:
    assert opportunity(0.8, [0.6], 0.4) == pytest.approx(0.5)
    assert opportunity(0.8, [0.6, 0.7], 0.4) == pytest.approx(1 - 0.5 * 0.75)
    assert opportunity(0.8, [0.8], 0.4) == 0.0
    assert competition(1, 1) == 1.0
    assert competition(3, 2) == pytest.approx(1 - 4 / 9)


def asked(agent: MarketDriven) -> list[int]:
    """What it asks for against a seller that does not move."""
    own = preferences(1)
    rules = AlternatingOffers(rounds=20)
    negotiation = rules.start(DOMAIN, ("a", "b"))
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, rules))
    made: list[int] = []
    for _ in range(20):
        move = agent.respond(negotiation.view(0))
        if not isinstance(move, Offer):
            break
        made.append(own.utility(move.outcome))
        negotiation.push(0, move)
        negotiation.push(1, Offer(own.space.kth(DOMAIN.size - 1)))
    return made


def test_a_market_driven_buyer_never_asks_for_more_again() -> None:
    made = asked(MarketDriven())
    assert made == sorted(made, reverse=True)
    assert made[-1] < made[0]


def test_it_yields_more_to_many_competitors_and_less_with_many_partners() -> None:
    third = [
        asked(MarketDriven(competitors=m, partners=n))[2] for m, n in ((4, 1), (4, 4), (1, 1))
    ]
    assert third == sorted(third)
    assert third[0] < third[2]


def test_it_hears_of_offers_elsewhere() -> None:
    own = preferences(1)
    good = float(own.space.utility_at(3))
    made = asked(MarketDriven(elsewhere=lambda: [good], patience=0.5))
    assert min(made) >= good


@pytest.mark.parametrize(
    "text",
    [
        "market_driven[competitors=0]",
        "market_driven[eagerness=2.0]",
        "market_driven[patience=0]",
    ],
)
def test_a_market_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(StrategyError, match="makes no sense"):
        strategy(text)


# -- any order of play ---------------------------------------------------------------------------


class Bazaar:
    """A buyer's threads and their sellers, played in any order."""

    def __init__(self, desk: Desk, seat: Callable[[], Thread], sellers: Sequence[str]) -> None:
        self.desk = desk
        self.games: list[tuple[list[Strategy], Negotiation]] = []
        for number, name in enumerate(sellers):
            agents: list[Strategy] = [seat(), strategy(name).make()]
            for party, own in enumerate(scenario().preferences):
                agents[party].begin(
                    Brief(party, "ab"[party], ("a", "b"), DOMAIN, own, RULES, seed=number)
                )
            self.games.append((agents, RULES.start(DOMAIN, ("a", "b"))))

    def play(self, stream: Random) -> None:
        """Let whoever may move do so, chosen by chance, until all is over; look at the books after each move."""
        while open_games := [game for game in self.games if game[1].result is None]:
            waiting = [game for game in open_games if game[1].mover == 1]
            buying = [game for game in open_games if game[1].mover == 0]
            # While an offer is out the buyer may make no other; its sellers answer when they like.
            agents, negotiation = stream.choice(waiting or buying)
            party = negotiation.mover
            assert party is not None
            negotiation.push(party, agents[party].respond(negotiation.view(party)))
            if negotiation.result is not None:
                agents[0].end(negotiation.result)
            assert len(self.desk.held) <= self.desk.deals + (party == 0)
            assert self.bound <= self.desk.deals

    @property
    def bound(self) -> int:
        """Agreements that bind the buyer."""
        threads = (agents[0] for agents, n in self.games if isinstance(n.result, Agreement))
        return sum(not thread.released for thread in threads if isinstance(thread, Thread))

    @property
    def agreed(self) -> int:
        return sum(isinstance(n.result, Agreement) for _, n in self.games)


sellers = st.lists(st.sampled_from(SELLERS), min_size=1, max_size=4)


@settings(max_examples=25)
@given(sellers, st.integers(0, 2**32), st.integers(1, 2))
def test_in_any_order_of_play_a_buyer_never_commits_more_often_than_it_wants(
    names: list[str], seed: int, deals: int
) -> None:
    desk = Desk(deals=deals, switching=0.05)
    bazaar = Bazaar(desk, lambda: desk.thread(strategy("genius-linear").make()), names)
    bazaar.play(Random(seed))
    assert bazaar.agreed <= deals


@settings(max_examples=25)
@given(sellers, st.integers(0, 2**32), st.floats(0, 0.3))
def test_in_any_order_of_play_a_coordinator_is_bound_by_one_agreement_at_most(
    names: list[str], seed: int, fee: float
) -> None:
    desk = Coordinator(fee=fee, last_fee=fee)
    bazaar = Bazaar(desk, desk.seat, names)
    bazaar.play(Random(seed))
    assert bazaar.bound == min(bazaar.agreed, 1)
    # Whatever it left, what it has now is worth that and the fee.
    kept = max((t.worth for t in desk.held), default=0) / 1e9
    left = [t.worth / 1e9 for t in desk.threads if t.released]
    assert all(kept > worth * (1 + fee) - 1e-6 for worth in left)
    assert desk.paid == pytest.approx(sum(worth * fee for worth in left), abs=1e-6)


def begun(desk: Coordinator, number: int = 2) -> list[Thread]:
    threads = [desk.seat() for _ in range(number)]
    for thread in threads:
        thread.begin(Brief(0, "a", ("a", "b"), DOMAIN, preferences(1), RULES))
    return threads


def offered(*outcomes: tuple[int, ...]) -> Negotiation:
    negotiation = RULES.start(DOMAIN, ("a", "b"))
    for outcome in outcomes:
        negotiation.push(0, Offer(preferences(1).space.kth(0)))
        negotiation.push(1, Offer(outcome))
    return negotiation


def sign(thread: Thread, outcome: tuple[int, ...], time: float) -> None:
    thread.end(Agreement(outcome, 0, 1, time))


def test_a_deal_is_left_only_for_a_gain_above_the_fee() -> None:
    space = preferences(1).space
    worst, middling, best = (space.kth(k) for k in (DOMAIN.size - 1, DOMAIN.size // 2, 0))
    desk = Coordinator(fee=0.1, last_fee=0.1)
    first, second, third = begun(desk, 3)
    sign(first, middling, 0.2)
    assert isinstance(second.respond(offered(worst).view(0)), Offer)
    second._asked = None  # its seller has turned the offer down
    assert third.respond(offered(best).view(0)) == Accept()
    sign(third, best, 0.5)
    assert (first.released, desk.held) == (True, [third])
    assert desk.paid == pytest.approx(0.1 * first.worth / 1e9)


def test_the_fee_runs_from_its_first_to_its_last_value() -> None:
    desk = Coordinator(fee=0.1, last_fee=0.5)
    assert [desk.rho(t) for t in (0, 0.5, 1)] == pytest.approx([0.1, 0.3, 0.5])


def test_a_seller_that_gives_way_is_met_with_a_tough_tactic() -> None:
    space = preferences(1).space
    steps = [space.kth(int(DOMAIN.size * share)) for share in (0.9, 0.5, 0.1)]
    desk = Coordinator()
    for outcomes, conceder, e in (
        (steps, True, desk.tough),
        ([steps[0]] * 3, False, desk.mild),
    ):
        (thread,) = begun(desk, 1)
        assert isinstance(thread, Coordinated)
        negotiation = RULES.start(DOMAIN, ("a", "b"))
        for outcome in outcomes:
            negotiation.push(0, Offer(space.kth(0)))
            negotiation.push(1, Offer(outcome))
            thread.respond(negotiation.view(0))
        assert (thread.conceder, thread.tactic.e) == (conceder, e)
        desk.threads.clear()


def test_a_coordinator_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(StrategyError, match="makes no sense"):
        Coordinator(deals=2)
