"""Each curve is the function that its docstring says, and each preset has the numbers of its library."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import play, registry
from negotiate.domain import SCALE, Domain, Integer, Linear, LinearAdditive, Role, Scenario
from negotiate.errors import StrategyError
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.time_dependent import Aspiration, Bezier, Curve, TimeDependent
from negotiate.testing import Insists, Scripted, scenarios

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain import Outcome
    from negotiate.strategy import Strategy

STEP = 1e-4
FINE = Domain((Integer("share", 0, 10_000),))
ROUNDS = 19


def fine(
    reservation: float = 0, low: Fraction = Fraction(0), high: Fraction = Fraction(1)
) -> Scenario:
    """A cake that can be cut into ten thousand pieces."""
    worths = (Linear(low, high), Linear(high, low))
    roles = (
        Role(name, LinearAdditive(FINE, {"share": (1, worth)}, reservation=reservation))
        for name, worth in zip("ab", worths, strict=True)
    )
    return Scenario("fine", FINE, tuple(roles))


def offers(strategy: Strategy, scenario: Scenario, rounds: int = ROUNDS) -> list[float]:
    """What it offers in each round to somebody who never gives in, by its own utility."""
    match = play(AlternatingOffers(rounds=rounds), scenario, [strategy, Insists((0,))])
    own = scenario.preferences[0]
    return [own.utility(t.outcome) / SCALE for t in match.moves if t.party == 0 and t.outcome]


def times(rounds: int = ROUNDS) -> list[float]:
    return [k / (rounds + 1) for k in range(1, rounds + 1)]


def genius(e: float) -> Callable[[float, float], float]:
    return lambda t, low: low + (1 - low) * (1 - (t ** (1 / e) if e else 0))


def negmas(x: float) -> Callable[[float, float], float]:
    return lambda t, low: max(low + (1 - low) * (1 - t**x) - (1 - low) * 1e-4, low)


def negolog(p0: float, p1: float, p2: float) -> Callable[[float, float], float]:
    def curve(t: float, low: float) -> float:
        bend, last = p1, p2
        if low > p2:
            bend, last = p1 * (p0 + low) / (p0 + p2), low
        # A high reservation value lifts the bend above one, out of reach.
        return min(max((1 - t) ** 2 * p0 + 2 * (1 - t) * t * bend + t * t * last, low), 1.0)

    return curve


NEAREST = {
    "genius-boulware": genius(0.2),
    "genius-linear": genius(1),
    "genius-conceder": genius(2),
    "genius-hardliner": genius(0),
    "negmas-hardliner": genius(0),
    "negolog-boulware": negolog(1, 0.85, 0.4),
    "negolog-linear": negolog(1, 0.7, 0.4),
    "negolog-conceder": negolog(1, 0.55, 0.4),
    "negolog-hardliner": negolog(1, 1, 1),
    "time_dependent[e=0.5,k=0.1]": lambda t, low: low + (1 - low) * (1 - 0.1 - 0.9 * t * t),
}
ABOVE = {
    "negmas-boulware": negmas(4),
    "negmas-linear": negmas(1),
    "negmas-conceder": negmas(0.25),
}
each_reservation = pytest.mark.parametrize("low", [0.0, 0.3, 0.7])


@each_reservation
@pytest.mark.parametrize("name", NEAREST)
def test_it_offers_the_outcome_nearest_to_the_curve(name: str, low: float) -> None:
    made = offers(registry.strategy(name).make(), fine(low))
    for offered, time in zip(made, times(), strict=True):
        assert abs(offered - NEAREST[name](time, low)) <= STEP / 2 + 1e-9
        assert offered >= low


@each_reservation
@pytest.mark.parametrize("name", ABOVE)
def test_it_offers_the_lowest_outcome_at_or_above_the_curve(name: str, low: float) -> None:
    made = offers(registry.strategy(name).make(), fine(low))
    for offered, time in zip(made, times(), strict=True):
        assert -1e-9 <= offered - ABOVE[name](time, low) < STEP


@pytest.mark.parametrize("name", [*NEAREST, *ABOVE])
def test_it_never_takes_a_concession_back(name: str) -> None:
    made = offers(registry.strategy(name).make(), fine(0.2))
    assert made == sorted(made, reverse=True)


def test_the_three_boulwares_are_three_functions() -> None:
    names = ("genius-boulware", "negmas-boulware", "negolog-boulware")
    assert len({tuple(offers(registry.strategy(n).make(), fine())) for n in names}) == 3


def test_the_range_of_the_curve_is_that_of_the_outcomes() -> None:
    scenario = fine(-1, Fraction(-1, 2), Fraction(3, 2))
    made = offers(TimeDependent(e=1.0), scenario)
    assert made == pytest.approx([1.5 - 2 * t for t in times()], abs=2e-4)


def test_a_curve_in_absolute_utility_stays_where_it_is() -> None:
    made = offers(Bezier(1.0, 1.0, 1.0), fine(0, Fraction(0), Fraction(1, 2)))
    assert made == [0.5] * ROUNDS  # one is out of reach; a half is nearest


# -- accepting -------------------------------------------------------------------------------------


def accepts_at(strategy: Strategy, outcome: Outcome, rounds: int = ROUNDS) -> int | None:
    """In which round it accepts an offer that is repeated until it does."""
    match = play(AlternatingOffers(rounds=rounds), fine(0.1), [strategy, Insists(outcome)])
    return match.rounds if match.agreement else None


@pytest.mark.parametrize("name", ["genius-boulware", "genius-linear", "genius-conceder"])
def test_it_accepts_what_is_worth_its_next_offer(name: str) -> None:
    for share in (2000, 5000, 8000, 9999):
        plan = [round(NEAREST[name](t, 0.1) * 10_000) for t in times()]
        due = next((k for k, own in enumerate(plan, 1) if share >= own and k > 1), None)
        assert accepts_at(registry.strategy(name).make(), (share,)) == due


@pytest.mark.parametrize("name", ["negmas-linear", "negmas-conceder", "negolog-conceder"])
def test_it_accepts_what_reaches_its_target(name: str) -> None:
    curve = (NEAREST | ABOVE)[name]
    for share in (1500, 4200, 7777):
        due = next(
            (k for k, t in enumerate(times(), 1) if share / 10_000 >= curve(t, 0.1) and k > 1),
            None,
        )
        assert accepts_at(registry.strategy(name).make(), (share,)) == due


def test_a_hardliner_accepts_its_best_outcome_only() -> None:
    for name in ("genius-hardliner", "negmas-hardliner", "negolog-hardliner"):
        assert accepts_at(registry.strategy(name).make(), (9999,)) is None
        assert accepts_at(registry.strategy(name).make(), (10_000,)) == 1


def test_a_curve_above_everything_still_takes_the_best_outcome() -> None:
    """Thirds do not add up to one in fixed point, and a target of 1 would never be reached."""
    third = Fraction(1, 3)
    domain = Domain(tuple(Integer(name, 0, 1) for name in "abc"))
    worth = {name: (third, Linear(Fraction(0), Fraction(1))) for name in "abc"}
    own = LinearAdditive(domain, worth)
    assert own.space.max_utility < SCALE
    roles = (Role("a", LinearAdditive(domain, {})), Role("b", own))
    players = [Scripted([(1, 1, 1)]), Bezier(1.0, 1.0, 1.0)]
    match = play(AlternatingOffers(rounds=3), Scenario("thirds", domain, roles), players)
    assert match.agreement == (1, 1, 1)


def test_where_nothing_is_acceptable_it_walks() -> None:
    for name in (*NEAREST, *ABOVE):
        match = play(
            AlternatingOffers(rounds=3),
            fine(2),
            [registry.strategy(name).make(), Insists((0,))],
        )
        assert (match.reason, match.ended_by) == ("walk", 0)


# -- parameters ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "time_dependent[e=-1]",
        "time_dependent[e=nan]",
        "time_dependent[e=1e999]",
        "time_dependent[e=fast]",
        "time_dependent[e=None]",
        "time_dependent[k=1.1]",
        "time_dependent[f=1]",
        "aspiration[x=0]",
        "aspiration[x=1" + "0" * 400 + "]",
        "aspiration[tolerance=1]",
        "bezier[p0=1.5]",
        "bezier[p2=-0.1]",
    ],
)
def test_parameters_that_make_no_curve_are_refused(name: str) -> None:
    with pytest.raises(StrategyError):
        registry.strategy(name)


@given(st.floats(0, 1e12), st.floats(0, 1), scenarios())
def test_any_parameters_that_are_let_through_play(
    e: float, k: float, scenario: Scenario
) -> None:
    players = [TimeDependent(e, k), Bezier(k, 1 - k, 0.0)]
    assert play(AlternatingOffers(rounds=4), scenario, players).fault is None


@given(st.floats(1e-12, 1e12), st.floats(0, 0.99), scenarios())
def test_so_do_aspirations(x: float, tolerance: float, scenario: Scenario) -> None:
    players = [Aspiration(x, tolerance), Bezier(0.0, 0.0, 0.0)]
    assert play(AlternatingOffers(rounds=4), scenario, players).fault is None


# -- the schedule ----------------------------------------------------------------------------------


@given(scenarios(), st.sampled_from(sorted(NEAREST | ABOVE)), st.sampled_from(sorted(NEAREST)))
def test_a_schedule_is_what_would_be_done_turn_by_turn(
    scenario: Scenario, left: str, right: str
) -> None:
    by_rounds = AlternatingOffers(rounds=9)
    by_clock = AlternatingOffers(
        rounds=9, time_limit=1
    )  # a clock that stands still: no schedule
    scheduled, computed = (
        play(
            rules,
            scenario,
            [registry.strategy(n).make() for n in (left, right)],
            clock=lambda: 0,
        )
        for rules in (by_rounds, by_clock)
    )
    assert scheduled.moves == computed.moves


def test_a_negotiation_too_long_for_a_schedule_is_computed_turn_by_turn() -> None:
    rounds = 10_001
    made = offers(TimeDependent(e=1.0), fine(), rounds)
    assert made == pytest.approx([1 - t for t in times(rounds)], abs=STEP / 2 + 1e-9)


def twin(power: int) -> type[Curve]:
    @dataclass
    class Twin(Curve):
        """Called like its twin, and not the same."""

        def target(self, time: float) -> float:
            return self.high * (1 - time**power)

    return Twin


def test_two_classes_of_one_name_do_not_share_a_schedule() -> None:
    scenario = fine()
    assert offers(twin(1)(), scenario) != offers(twin(2)(), scenario)


def test_a_subclass_with_state_of_its_own_does_not_share_a_schedule() -> None:
    class Odd(TimeDependent):
        def __init__(self, power: int) -> None:
            super().__init__()
            self.power = power

        def target(self, time: float) -> float:
            return self.high * (1 - time**self.power)

    scenario = fine()
    first, second = (offers(Odd(power), scenario) for power in (1, 3))
    assert first != second
    assert second == pytest.approx([1 - t**3 for t in times()], abs=STEP)


def test_a_schedule_serves_all_matches_over_the_same_preferences() -> None:
    scenario = fine()
    rules = AlternatingOffers(rounds=5)
    first, second = TimeDependent(), TimeDependent()
    for player in (first, second):
        play(rules, scenario, [player, Scripted()])
    assert first.schedule is second.schedule
    due = first.schedule[1]
    assert due is not None
    assert isinstance(due[0], Offer)
