"""What is learnt from one encounter to the next, and what is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import play, registry
from negotiate.errors import StrategyError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.memory import Encounter, Memory
from negotiate.strategies.random_offers import RandomAboveReservation
from negotiate.strategies.repeated import ARMS, Portfolio, Ratchet
from negotiate.strategies.reputation import Reputation
from negotiate.strategies.time_dependent import TimeDependent
from tests.strategies.test_named import scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.strategy import Strategy

RULES = AlternatingOffers(rounds=30)


def meet(agent: Strategy, rival: str = "genius-hardliner", seed: int = 0) -> float:
    match = play(RULES, scenario(), [agent, registry.strategy(rival).make()], seed=seed)
    assert match.fault is None
    return match.utilities[0] / 1e9


def lowest(memory: Memory | None, by: str = "agreed") -> float:
    """The least that it offers to one that never yields."""
    agent = Ratchet(by=by, memory=memory)
    match = play(RULES, scenario(), [agent, registry.strategy("genius-hardliner").make()])
    own = scenario().preferences[0].utility
    return min(own(t.outcome) for t in match.moves if t.party == 0 and t.outcome) / 1e9


def past(*utilities: float, **notes: float) -> Memory:
    return Memory([Encounter(u, agreed=u > 0, notes=notes) for u in utilities])


# -- the ratchet -----------------------------------------------------------------------------------


def test_it_does_not_go_below_what_it_agreed_on_before() -> None:
    assert lowest(None) < 0.3
    assert lowest(past(0.7)) >= 0.7


def test_the_last_agreement_counts_not_the_best() -> None:
    assert 0.5 <= lowest(past(0.9, 0.5)) < 0.9


def test_each_failure_since_takes_half_of_it() -> None:
    floors = [lowest(past(0.8, *[0.0] * failures)) for failures in range(4)]
    assert floors == sorted(floors, reverse=True)
    assert floors[0] > floors[1] > floors[3]


def test_it_may_keep_to_the_best_that_it_was_ever_offered() -> None:
    memory = past(0.4, received=0.75)
    assert lowest(memory, "received") >= 0.75
    assert lowest(memory, "agreed") < 0.75


def test_it_notes_what_it_was_offered() -> None:
    memory = Memory()
    meet(Ratchet(memory=memory), "genius-conceder")
    (encounter,) = memory.encounters
    assert 0 < encounter.notes["received"] <= 1
    assert encounter.agreed


# -- the portfolio -----------------------------------------------------------------------------------


def chosen(agent: Portfolio) -> int:
    meet(agent)
    return agent.arm


def test_without_memory_it_plays_the_first() -> None:
    assert {chosen(Portfolio(rule=rule)) for rule in ("ucb1", "exp3")} == {0}


def test_by_ucb1_it_tries_each_once_first() -> None:
    memory = Memory()
    tried = [chosen(Portfolio(memory=memory)) for _ in ARMS]
    assert tried == list(range(len(ARMS)))


def arms(pairs: Sequence[tuple[int, float]], chance: float = 0.2) -> Memory:
    return Memory(
        [Encounter(u, agreed=True, notes={"arm": arm, "chance": chance}) for arm, u in pairs]
    )


def test_by_ucb1_it_takes_the_largest_bound() -> None:
    # Means .9 and .2, each played four times: sqrt(2 ln 20 / 4) is the same for all.
    known = [(arm, 0.9 if arm == 3 else 0.2) for arm in range(5) for _ in range(4)]
    assert chosen(Portfolio(memory=arms(known))) == 3
    # Played once in 21 a bad one is due again: .1 + sqrt(2 ln 21) exceeds .9 + sqrt(2 ln 21 / 5).
    rare = [(arm, 0.9) for arm in range(4) for _ in range(5)] + [(4, 0.1)]
    assert chosen(Portfolio(memory=arms(rare))) == 4


def test_by_exp3_the_chance_is_what_the_formula_gives() -> None:
    agent = Portfolio(rule="exp3", exploration=0.5, memory=arms([(1, 0.8)], chance=0.2))
    meet(agent)
    # One weight is exp(.5 * .8 / (.2 * 5)), the others 1.
    weight = 2.718281828459045 ** (0.5 * 0.8 / (0.2 * 5))
    share = weight if agent.arm == 1 else 1.0
    assert agent.chance == pytest.approx(0.5 * share / (weight + 4) + 0.1)


def test_by_exp3_it_comes_to_prefer_what_pays() -> None:
    memory = arms([(2, 1.0)] * 60)
    picks = []
    for seed in range(20):
        agent = Portfolio(rule="exp3", memory=Memory(list(memory.encounters)))
        meet(agent, seed=seed)
        picks.append(agent.arm)
    assert picks.count(2) > 12


def test_its_draws_are_its_own() -> None:
    """Whatever its strategies draw from their stream, it chooses the same, and again the same for a seed."""

    def picks(portfolio: Sequence[type[Strategy]]) -> list[int]:
        made = [Portfolio("exp3", memory=Memory(), arms=portfolio) for _ in range(12)]
        for seed, agent in enumerate(made):
            meet(agent, seed=seed)
        return [agent.arm for agent in made]

    quiet, noisy = [TimeDependent] * 3, [RandomAboveReservation] * 3
    assert picks(quiet) == picks(noisy)
    assert len(set(picks(quiet))) == 3


def test_memories_of_other_strategies_are_no_matter() -> None:
    assert chosen(Portfolio(memory=past(0.4, received=0.5))) == 0


@pytest.mark.parametrize(
    "text",
    [
        "portfolio[rule=best]",
        "portfolio[exploration=0]",
        "portfolio[arms=ab]",
        "ratchet[by=luck]",
    ],
)
def test_parameters_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(StrategyError, match="are expected"):
        registry.strategy(text)


# -- reputation ----------------------------------------------------------------------------------------


def test_a_stranger_is_trusted_halfway() -> None:
    assert Reputation().trust == 0.5
    assert Reputation().deviation == pytest.approx(12**-0.5)


def test_trust_counts_what_was_kept_and_broken() -> None:
    known = Reputation(decay=1.0)
    for kept in (True, True, False):
        known = known.after(kept=kept, at=1.0)
    assert known.trust == pytest.approx(3 / 5)


def test_what_was_long_ago_counts_less() -> None:
    known = Reputation(decay=0.5).after(kept=False, at=0.0).after(kept=True, at=2.0)
    assert (known.kept, known.broken) == (1.0, 0.25)
    assert known.faded(100.0).trust == pytest.approx(0.5)


@given(st.lists(st.booleans(), max_size=20), st.floats(0.1, 1))
def test_trust_stays_a_chance_and_reads_back(events: list[bool], decay: float) -> None:
    known = Reputation(decay=decay)
    for time, kept in enumerate(events):
        before = known
        known = known.after(kept=kept, at=float(time))
        assert (known.trust > before.faded(float(time)).trust) == kept
    assert 0 < known.trust < 1
    assert Reputation.from_json(known.to_json()) == known


@pytest.mark.parametrize(
    "text", ["", "[]", '{"kept": -1}', '{"kept": "x"}', '{"decay": 2}', "{}x"]
)
def test_what_is_no_reputation_is_refused(text: str) -> None:
    with pytest.raises(StrategyError, match="does not read as a reputation"):
        Reputation.from_json(text)


def test_time_does_not_run_back() -> None:
    with pytest.raises(StrategyError, match="runs back"):
        Reputation(at=5.0).after(kept=True, at=4.0)
