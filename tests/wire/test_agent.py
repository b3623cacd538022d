"""Strategies of the arena behind sessions: the same moves, the same results, and no private number anywhere."""

from __future__ import annotations

import json
import logging
from fractions import Fraction
from typing import Any

import pytest

import negotiate
from negotiate.domain import LinearAdditive, Role, Scenario, Table, bundled
from negotiate.domain.preferences import SCALE
from negotiate.errors import LocalError, StrategyError
from negotiate.moves import Accept, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategy import Strategy
from negotiate.wire.agent import Agent, Desk
from negotiate.wire.mandate import Constraints
from negotiate.wire.private import Private
from negotiate.wire.prose import tell
from negotiate.wire.session import Session
from negotiate.wire.signed import play_signed
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify
from tests.wire.auctions.kit import euros
from tests.wire.kit import (
    BUYER,
    DOMAIN,
    NOW,
    RULES,
    SELLER,
    judge,
    named,
    outcome,
    proposal,
    reached,
    root,
    seed,
    trust,
)

ANYBODY = Trust(policy=Policy(unverified="allow", revocation="allow"))
PLAYERS = ("genius-boulware", "genius-conceder", "tit_for_tat", "micro")


def players(count: int) -> list[Strategy]:
    return [strategy(name).make() for name in PLAYERS[:count]]


@pytest.mark.parametrize("name", bundled())
def test_a_signed_match_is_the_unsigned_match(name: str) -> None:
    scenario = negotiate.load(name)
    count = len(scenario.roles)
    rules = AlternatingOffers(rounds=30)
    plain = negotiate.play(rules, scenario, players(count), seed=7)
    signed = play_signed(rules, scenario, players(count), seed=7)
    assert signed.match == plain
    verdict = verify(signed.transcript, ANYBODY)
    assert verdict.valid
    assert verdict.outcome.complete
    assert (verdict.outcome.state == "agreed") == (plain.agreement is not None)


class Rogue(Strategy):
    def __init__(self, how: str) -> None:
        self.how = how

    def respond(self, view: Any) -> Any:
        if self.how == "raises":
            raise ValueError("no")
        return {"illegal": Accept(), "nothing": None, "off": Offer((99, 99, 99))}[self.how]


@pytest.mark.parametrize("how", ["raises", "illegal", "nothing", "off"])
def test_a_rogue_strategy_loses_a_signed_match_as_it_loses_an_unsigned_one(how: str) -> None:
    scenario = negotiate.load("milk")
    both = [
        play(RULES, scenario, [Rogue(how), strategy("micro").make()])
        for play in (negotiate.play, lambda *a: play_signed(*a).match)
    ]
    assert both[0] == both[1]


def test_the_loop_with_a_clock_signs_too() -> None:
    scenario = negotiate.load("milk")
    rules = AlternatingOffers(rounds=None, time_limit=50)

    def clock() -> Any:
        ticks = iter(range(10_000))
        return lambda: next(ticks)

    plain = negotiate.play(rules, scenario, players(2), clock=clock())
    signed = play_signed(rules, scenario, players(2), clock=clock())
    assert signed.match == plain


def test_chance_has_no_seat_in_a_signed_match() -> None:
    with pytest.raises(negotiate.NegotiateError) as caught:
        play_signed(AlternatingOffers(breakdown=10), negotiate.load("milk"), players(2))
    assert caught.value.code == "rules"


SECRETS = ("0.7310573", "7310573", "0.6190417", "6190417")


def private_scenario() -> Scenario:
    """Numbers that can be searched for."""
    size = DOMAIN.sizes[0]
    falling = Table(tuple(Fraction(size - 1 - n, size - 1) for n in range(size)))
    rising = Table(tuple(Fraction(n, size - 1) for n in range(size)))
    own = LinearAdditive(
        DOMAIN, {"price": (Fraction("0.6190417"), falling)}, reservation=Fraction("0.07310573")
    )
    other = LinearAdditive(
        DOMAIN, {"price": (Fraction("0.6190417"), rising)}, reservation=Fraction("0.07310573")
    )
    return Scenario("private", DOMAIN, (Role("buyer", own), Role("seller", other)))


def test_no_private_number_is_in_any_byte_or_log_of_a_full_run(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    from negotiate.wire.store import SqliteStore

    caplog.set_level(logging.DEBUG)
    scenario = private_scenario()
    agents: list[Agent] = []
    for seat, (own, name, player) in enumerate(
        ((BUYER, "Weber", "micro"), (SELLER, "Shop", "genius-conceder"))
    ):
        desk = Desk(
            Private(scenario.roles[seat].preferences), trust(), named(name), reached(name),
            store=SqliteStore(tmp_path / f"{name}.db"), seed=3,
        )  # fmt: skip
        agents.append(Agent(strategy(player).make(), own.key, own.mandates, desk))
    frames = [(1, agents[0].open(proposal(), NOW, seed("n")))]
    sent = [frames[0][1]]
    now = NOW
    while frames:
        to, frame = frames.pop(0)
        now += 1
        answers = agents[to].receive(frame, now, seed(str(now)))
        sent += answers
        frames += [(1 - to, answer) for answer in answers]
    session = agents[0].session
    assert session.record.phase == "closed"
    verdict = judge(session.transcript())
    assert verdict.valid
    shown = [
        repr(agents),
        str(agents[0].session),
        repr(verdict),
        str(vars(agents[0])),
        str(agents[0]._desk),
        repr(vars(session)),
        repr(vars(session.record)),
        json.dumps(verdict.to_json()),
        tell(verdict),
    ]
    printed = capsys.readouterr()
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    everything = b"".join(
        [
            *sent,
            *(agent.session.transcript().to_bytes() for agent in agents),
            files,
            caplog.text.encode(),
            printed.out.encode(),
            printed.err.encode(),
            *map(str.encode, shown),
        ]
    )
    numbers = {own.preferences.reservation for own in scenario.roles}
    numbers |= {round(0.6190417 * SCALE), round(0.7310573 * SCALE)}
    as_text = {
        text for number in numbers for text in (str(number), f"{number:,}", f"{number:x}")
    }
    for secret in (*SECRETS, *as_text):
        assert secret.encode() not in everything
    for number in numbers:  # nor in binary, in either order
        assert number.to_bytes(4, "big") not in everything
        assert number.to_bytes(4, "little") not in everything


def test_an_agent_refuses_a_session_about_something_else() -> None:
    scenario = negotiate.load("milk")
    desk = Desk(
        Private(scenario.roles[0].preferences), trust(), named("Weber"), reached("Weber")
    )
    agent = Agent(strategy("micro").make(), BUYER.key, BUYER.mandates[0], desk)
    agent.open(proposal(), NOW, seed("n"))
    from negotiate.wire.session import Session

    peer = Session(SELLER, trust())
    peer.receive(agent.session.record.chain[0].frame, NOW)
    with pytest.raises(LocalError) as caught:
        agent.receive(peer.join(NOW, seed("m")), NOW, seed("x"))
    assert caught.value.code in {"domain", "strategy"}


BUDGETED = root("bot", "buyer", "Weber", constraints=Constraints(deal=euros(500)))
FORMULAS: dict[str, tuple[Any, Any, bool]] = {
    "the one expected": (BUDGETED, (("price", "quantity"),), True),
    "a cheaper one": (BUDGETED, (("price",),), False),
    "none expected, money limited": (BUDGETED, None, False),
    "none expected, no limit": (BUYER.mandates, None, True),
    "another one expected, no limit": (BUYER.mandates, (("price",),), False),
}


@pytest.mark.parametrize("case", FORMULAS.values(), ids=FORMULAS)
def test_an_agent_joins_only_under_the_formula_that_its_money_is_counted_by(case: Any) -> None:
    mandate, formula, joins = case
    own = private_scenario().roles[0].preferences
    desk = Desk(Private(own), trust(), named("Weber"), reached("Weber"), amount=formula)
    agent = Agent(strategy("micro").make(), BUYER.key, mandate, desk)
    seats = ((SELLER.key.public, "seller"), (BUYER.key.public, "buyer"))
    opened = Session(SELLER, trust()).open(proposal(seats=seats), NOW, seed("n"))
    if joins:
        assert agent.receive(opened, NOW, seed("m"))
        return
    with pytest.raises(LocalError) as caught:
        agent.receive(opened, NOW, seed("m"))
    assert caught.value.code == "amount"
    assert len(agent.session.record.chain) == 1


def test_a_move_outside_the_mandate_is_not_signed() -> None:
    from negotiate.wire.mandate import Bound, Constraints
    from tests.wire.kit import root

    tight = root(
        "bot", "buyer", "Weber", constraints=Constraints(issues={"price": Bound(high=101)})
    )
    desk = Desk(
        Private(private_scenario().roles[1].preferences),
        trust(),
        named("Weber"),
        reached("Weber"),
    )
    agent = Agent(strategy("micro").make(), BUYER.key, tight, desk)
    from negotiate.wire.session import Session

    peer = Session(SELLER, trust())
    peer.receive(agent.open(proposal(), NOW, seed("n")), NOW)
    with pytest.raises(StrategyError) as caught:
        agent.receive(peer.join(NOW, seed("m")), NOW, seed("x"))
    assert caught.value.code == "mandate-limit"
    assert agent.session.record.chain[-1].kind == "join"


class Told(Strategy):
    """Offers once, then waits for the end."""

    def __init__(self, *moves: Any, raises: bool = False) -> None:
        self.moves = list(moves)
        self.raises = raises
        self.told: list[Any] = []

    def respond(self, view: Any) -> Any:
        return self.moves.pop(0)

    def end(self, result: Any) -> None:
        self.told.append(result)
        if self.raises:
            raise ValueError("after all was said")


def pair(first: Strategy, second: Strategy, **changes: Any) -> tuple[Agent, Agent, bytes, int]:
    """Two agents that have opened and joined, and the first offer."""
    scenario = private_scenario()
    made = []
    for seat, (own, name, player) in enumerate(
        ((BUYER, "Weber", first), (SELLER, "Shop", second))
    ):
        limits = Private(scenario.roles[seat].preferences)
        desk = Desk(limits, trust(), named(name), reached(name))
        made.append(Agent(player, own.key, own.mandates, desk))
    buyer, seller = made
    (join,) = seller.receive(buyer.open(proposal(**changes), NOW, seed("n")), NOW, seed("m"))
    (offer,) = buyer.receive(join, NOW, seed("x"))
    return buyer, seller, offer, buyer.session.record.chain[-1].fields["exp"]


def test_a_strategy_hears_of_an_agreement_when_it_is_certain() -> None:
    seller_plays = Told(Accept())
    buyer, seller, offer, _ = pair(Told(Offer(outcome(200))), seller_plays)
    (accept,) = seller.receive(offer, NOW + 5, seed("x"))
    assert seller_plays.told == []  # pending: the offerer has not said that it came in time
    (close,) = buyer.receive(accept, NOW + 6, seed("x"))
    seller.receive(close, NOW + 7, seed("x"))
    assert [result.outcome for result in seller_plays.told] == [outcome(200)]


def test_a_strategy_whose_acceptance_came_late_hears_of_no_agreement() -> None:
    seller_plays = Told(Accept())
    buyer, seller, offer, ends = pair(Told(Offer(outcome(200))), seller_plays)
    (accept,) = seller.receive(offer, ends - 1, seed("x"))
    (lapse,) = buyer.receive(accept, ends + 10_000, seed("x"))
    seller.receive(lapse, ends + 10_001, seed("x"))
    assert [result.reason.value for result in seller_plays.told] == ["deadline"]


def test_a_strategy_hears_of_the_limit_on_messages() -> None:
    plays = Told(Offer(outcome(200)))
    buyer, seller, offer, _ = pair(plays, Told(Offer(outcome(300))), messages=4)
    answers = seller.receive(offer, NOW + 5, seed("x"))
    for answer in answers:
        buyer.receive(answer, NOW + 6, seed("x"))
    assert buyer.session.status == "limit"
    assert [result.reason.value for result in plays.told] == ["deadline"]


def test_a_strategy_that_raises_in_the_end_keeps_its_deal() -> None:
    plays = Told(Offer(outcome(200)), raises=True)
    buyer, seller, offer, _ = pair(plays, Told(Accept()))
    (accept,) = seller.receive(offer, NOW + 5, seed("x"))
    (close,) = buyer.receive(accept, NOW + 6, seed("x"))
    assert buyer.error == "the strategy raised ValueError in end()"
    assert buyer.session.status == "agreed"
    seller.receive(close, NOW + 7, seed("x"))
    assert judge(seller.session.transcript()).outcome.complete


def test_a_signed_match_that_outlasts_its_session_is_lost_by_whoever_moves() -> None:
    def clock() -> Any:
        days = iter([0, 0, 0, 1] + [361] * 10)
        return lambda: next(days) * 86_400_000

    long = AlternatingOffers(rounds=None, time_limit=400 * 86_400_000)
    match = play_signed(long, negotiate.load("milk"), players(2), clock=clock()).match
    assert match.fault is not None
    assert (match.reason.value, match.error) == (
        "illegal-move",
        "expired: its time is over before it begins",
    )
