"""Solution points equal their definitions, applied to every outcome."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings

from negotiate.domain import SCALE, LinearAdditive, Outcome, bargaining, census
from negotiate.domain.bargaining import Frontier, Solution, solve
from tests.domain.drawn import Listed, additive, large, parties

HALF = SCALE // 2


def outcome(solution: Solution | None) -> Outcome | None:
    return None if solution is None else solution.outcome


@given(parties(least=2))
@settings(max_examples=1000, deadline=None)
def test_every_point_equals_its_definition(preferences: list[LinearAdditive]) -> None:
    listed, solutions = Listed(preferences), solve(preferences)
    gains, rational = listed.gains, listed.rational
    assert outcome(solutions.nash) == listed.best(rational, lambda o: math.prod(gains(o)))
    assert outcome(solutions.kalai) == listed.best(rational, lambda o: min(gains(o)))
    ideal = [max(row, default=0) for row in zip(*map(gains, rational), strict=True)]

    def relative(o: Outcome) -> Fraction:
        pairs = zip(gains(o), ideal, strict=True)
        return min((Fraction(g, i) for g, i in pairs if i), default=Fraction(0))

    assert outcome(solutions.kalai_smorodinsky) == listed.best(rational, relative)
    everything = listed.outcomes
    utilities = listed.utilities
    assert outcome(solutions.egalitarian) == listed.best(
        everything, lambda o: min(utilities[o])
    )
    assert outcome(solutions.utilitarian) == listed.best(
        everything, lambda o: sum(utilities[o])
    )
    for solution in (solutions.egalitarian, solutions.utilitarian):
        assert solution.utilities == utilities[solution.outcome]


@given(parties(least=2))
@settings(max_examples=300, deadline=None)
def test_opposition_and_the_rational_share_look_at_every_outcome(
    preferences: list[LinearAdditive],
) -> None:
    listed, solutions = Listed(preferences), solve(preferences)
    distances = [
        math.dist([u / SCALE for u in row], [1] * len(row)) for row in listed.utilities.values()
    ]
    assert solutions.opposition == pytest.approx(min(distances), abs=1e-12)
    assert solutions.rational_share.value == len(listed.rational) / len(listed.outcomes)
    assert solutions.rational_share.error == 0


@given(parties(least=2, most=2, largest=200, groups=False))
@settings(max_examples=300, deadline=None)
def test_the_rational_share_is_exact_from_halves(preferences: list[LinearAdditive]) -> None:
    listed = Listed(preferences)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(census, "MAX_ENUMERATED", 60)
        share = census.rational_share(preferences)
    truth = len(listed.rational) / len(listed.outcomes)
    assert abs(share.value - truth) <= share.error
    if math.isqrt(len(listed.outcomes)) * max(preferences[0].domain.sizes) <= 60:
        assert share.error == 0


def test_equal_products_go_to_the_greater_welfare() -> None:
    one = additive([[2 * HALF, 1 * HALF // 2, 4]], reservation=0)
    two = additive([[1 * HALF // 2, 2 * HALF, 4]], reservation=0)
    assert outcome(solve([one, two]).nash) == (0,)  # the same welfare too: outcome order
    three = additive([[6, 4, 3, 1]])
    four = additive([[2, 3, 4, 6]])
    assert outcome(solve([three, four]).nash) == (0,)  # 12 everywhere, 8 beats 7


def test_without_a_rational_outcome_there_is_nothing_to_bargain_about() -> None:
    one = additive([[SCALE, 0]], reservation=HALF)
    two = additive([[0, SCALE]], reservation=HALF)
    solutions = solve([one, two])
    assert solutions.nash is solutions.kalai is solutions.kalai_smorodinsky is None
    assert solutions.egalitarian == Solution((0,), (SCALE, 0))
    assert solutions.utilitarian == Solution((0,), (SCALE, 0))
    assert solutions.rational_share.value == 0


def test_a_party_that_can_win_nothing_does_not_decide_kalai_smorodinsky() -> None:
    one = additive([[HALF, HALF, 0]], reservation=HALF)
    two = additive([[0, HALF, SCALE]])
    assert outcome(solve([one, two]).kalai_smorodinsky) == (1,)


def test_products_beyond_64_bits_are_exact() -> None:
    big = 900 * SCALE
    tables = [[big, big - 1], [big - 1, big + 1]]
    preferences = [additive([table]) for table in (*tables, *tables)]
    products = [math.prod(table[i] for table in (*tables, *tables)) for i in (0, 1)]
    assert outcome(solve(preferences).nash) == (products.index(max(products)),)


def test_opposition_beyond_1_is_not_on_the_frontier() -> None:
    one = additive([[3 * SCALE, SCALE]])
    two = additive([[3 * SCALE, SCALE]])
    assert solve([one, two]).opposition == 0


def test_opposition_beyond_1_errs_by_the_excess_in_large_domains(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bargaining, "MAX_ENUMERATED", 1)
    one = additive([[SCALE + 5, SCALE]])
    solutions = solve([one, one])
    assert solutions.opposition == pytest.approx(5e-9 * math.sqrt(2))


def test_a_frontier_at_hand_is_not_folded_again() -> None:
    preferences = large(4, 4, 0.5)
    frontier = Frontier(preferences)
    assert solve(preferences, frontier=frontier).frontier is frontier


def floored(preferences: list[LinearAdditive], share: float) -> list[LinearAdditive]:
    return [
        LinearAdditive(
            own.domain, own.terms, reservation=Fraction(share) * own.space.max_utility / SCALE
        )
        for own in preferences
    ]


def test_10_to_the_12_outcomes_are_solved_exactly() -> None:
    preferences = floored(large(12, 10, 0.9), 0.4)
    solutions = solve(preferences)
    assert solutions.frontier.exact
    assert solutions.nash is not None
    assert solutions.kalai is not None
    assert solutions.kalai_smorodinsky is not None
    for solution in (solutions.nash, solutions.kalai, solutions.kalai_smorodinsky):
        assert [own.utility(solution.outcome) for own in preferences] == list(
            solution.utilities
        )
        assert all(
            u >= o.reservation for u, o in zip(solution.utilities, preferences, strict=True)
        )


def test_the_share_of_10_to_the_8_outcomes_agrees_with_its_estimate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    preferences = floored(large(8, 10, 0.3), 0.5)
    exact = solve(preferences).rational_share
    monkeypatch.setattr(census, "MAX_ENUMERATED", 1)
    estimate = solve(preferences).rational_share
    assert exact.error == 0
    assert 0 < estimate.error < 0.01
    assert abs(exact.value - estimate.value) <= estimate.error


@pytest.mark.parametrize(("share", "expected"), [(-1, 1.0), (2, 0.0)])
def test_shares_that_need_no_counting(share: float, expected: float) -> None:
    preferences = floored(large(20, 10, 0.3), share)
    assert solve(preferences).rational_share == census.Share(expected)
