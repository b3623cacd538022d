"""The frontier equals the one found by comparing every outcome with every other."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.domain import (
    SCALE,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Table,
    dominance,
    minkowski,
)
from negotiate.domain.bargaining import Frontier
from negotiate.domain.preferences import Group
from negotiate.errors import DomainError
from tests.domain.drawn import Listed, additive, large, parties

if TYPE_CHECKING:
    from negotiate.domain.blocks import Ints


def found(frontier: Frontier) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    rows = [tuple(row) for row in frontier.utilities.tolist()]
    return [(row, frontier.outcome(i)) for i, row in enumerate(rows)]


def enumerated(preferences: list[LinearAdditive]) -> Ints:
    """Utilities of all outcomes of additive preferences, ``(outcomes, parties)``."""
    columns = []
    for own in preferences:
        total = np.zeros(1, dtype=np.int64)
        for table in own.tables:
            total = np.add.outer(total, np.asarray(table)).ravel()
        columns.append(total)
    return np.stack(columns, axis=1)


def swept(points: Ints) -> Ints:
    """The frontier of points of two parties, by one plain sweep."""
    points = points[np.lexsort((-points[:, 1], -points[:, 0]))]
    tops = np.maximum.accumulate(points[:, 1])
    front: Ints = points[np.append(True, points[1:, 1] > tops[:-1])]
    return front


def covered(points: Ints, frontier: Frontier) -> int:
    """How much the worst-served point lacks: over all points, what the best frontier point for it is short of."""
    front = frontier.utilities
    return max(int((point[None, :] - front).max(axis=1).min()) for point in points)


@given(parties(least=2))
@settings(max_examples=1000, deadline=None)
def test_it_equals_brute_force(preferences: list[LinearAdditive]) -> None:
    frontier = Frontier(preferences)
    assert found(frontier) == Listed(preferences).frontier
    assert frontier.exact
    assert frontier.error == 0


@given(parties(least=4, most=6, largest=100))
@settings(max_examples=200, deadline=None)
def test_it_equals_brute_force_for_many_parties(preferences: list[LinearAdditive]) -> None:
    assert found(Frontier(preferences)) == Listed(preferences).frontier


@pytest.mark.parametrize("opposition", [0.0, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(("issues", "values"), [(5, 10), (16, 2), (2, 300)])
def test_it_equals_a_sweep_over_all_of_10_to_the_5_outcomes(
    issues: int, values: int, opposition: float
) -> None:
    preferences = large(issues, values, opposition)
    frontier = Frontier(preferences)
    assert np.array_equal(frontier.utilities, swept(enumerated(preferences)))


def test_outcomes_have_the_utilities_they_stand_for() -> None:
    preferences = large(20, 10, 0.9)
    frontier = Frontier(preferences)
    assert frontier.exact
    for i in range(0, len(frontier), 97):
        outcome = frontier.outcome(i)
        assert [own.utility(outcome) for own in preferences] == frontier.utilities[i].tolist()


def test_keys_of_many_limbs_name_outcomes_of_any_domain() -> None:
    preferences = large(64, 7, 0.2)
    frontier = Frontier(preferences)
    outcome = frontier.outcome(len(frontier) - 1)
    assert [own.utility(outcome) for own in preferences] == frontier.utilities[-1].tolist()
    assert outcome == tuple(int(np.argmax(table)) for table in preferences[1].tables)


def test_equal_utilities_are_one_point_with_the_first_outcome() -> None:
    flat = [additive([[0, 0], [0, 0]]), additive([[0, 0], [0, 0]])]
    assert found(Frontier(flat)) == [((0, 0), (0, 0))]


def test_an_interdependent_group_of_a_million_is_searched_without_structure() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    domain = Domain((Integer("a", 0, 999), Integer("b", 0, 999)))
    points = random.integers(0, SCALE, (10**6, 2))
    points[:, 1] = (points[:, 1] + SCALE - points[:, 0]) // 2
    nothing = [[0] * 1000] * 2
    preferences = [
        additive(nothing, [((0, 1), points[:, party])], domain=domain) for party in (0, 1)
    ]
    assert np.array_equal(Frontier(preferences).utilities, swept(points))


@pytest.mark.parametrize("most", [2, 3, 10, 100])
@pytest.mark.parametrize("opposition", [0.9, 1.0])
def test_a_capped_frontier_keeps_its_error_bound(most: int, opposition: float) -> None:
    preferences = large(3, 12, opposition)
    frontier = Frontier(preferences, most=most)
    assert len(frontier) <= most
    assert not frontier.exact
    assert 0 < covered(enumerated(preferences), frontier) <= frontier.error


@given(parties(least=2, most=4, largest=200))
@settings(max_examples=300, deadline=None)
def test_any_capped_frontier_keeps_its_error_bound(preferences: list[LinearAdditive]) -> None:
    frontier = Frontier(preferences, most=3)
    listed = Listed(preferences)
    points = np.array(list(listed.utilities.values()))
    assert covered(points, frontier) <= frontier.error
    assert frontier.exact == (frontier.error == 0)
    rows = [tuple(row) for row in frontier.utilities.tolist()]
    assert rows == sorted(set(rows), reverse=True)
    assert [listed.utilities[frontier.outcome(i)] for i in range(len(rows))] == rows


def opposed(issues: int, values: int) -> list[LinearAdditive]:
    one = large(issues, values, 0.0)[0]
    other = [[max(table) - number for number in table] for table in one.tables]
    return [one, additive(other, domain=one.domain)]


def test_exactly_opposed_preferences_give_a_capped_frontier_that_says_so() -> None:
    preferences = opposed(12, 10)
    frontier = Frontier(preferences)
    assert not frontier.exact
    assert 0 < frontier.error < SCALE // 1000
    assert len(frontier) <= 2**16
    total = preferences[0].space.max_utility
    assert (frontier.utilities.sum(axis=1) == total).all()


def test_opposed_prices_in_cents_neither_hang_nor_fill_memory() -> None:
    domain = Domain((Integer("price", 1, 2**20), Integer("fee", 1, 2**20)))
    up, down = Linear(Fraction(0), Fraction(1)), Linear(Fraction(1), Fraction(0))
    one = LinearAdditive(domain, {"price": (Fraction(2, 3), up), "fee": (Fraction(1, 3), up)})
    two = LinearAdditive(
        domain, {"price": (Fraction(2, 3), down), "fee": (Fraction(1, 3), down)}
    )
    frontier = Frontier([one, two])
    assert 0 < frontier.error < SCALE // 1000


def test_three_opposed_parties_give_a_bound() -> None:
    random = np.random.Generator(np.random.PCG64(5))
    shares = random.dirichlet(np.ones(3), size=(3, 12)) * SCALE / 3
    tables = np.rint(shares).astype(np.int64)
    domain = Domain(tuple(Integer(f"i{n}", 1, 12) for n in range(3)))
    preferences = [additive(tables[:, :, party], domain=domain) for party in range(3)]
    frontier = Frontier(preferences, most=200)
    assert len(frontier) <= 200
    assert covered(enumerated(preferences), frontier) <= frontier.error
    assert Frontier(preferences).exact


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=7),
    st.sampled_from(["as drawn", "sorted", "concave"]),
)
@settings(max_examples=1000, deadline=None)
def test_a_ridge_is_what_is_undominated(drawn: list[tuple[int, int]], how: str) -> None:
    points = np.array(drawn).T
    if how == "sorted":
        points = np.stack([np.sort(points[0]), np.sort(points[1])[::-1]])
    elif how == "concave":
        rises = -np.sort(-(points - 2), axis=1)
        points = np.cumsum(rises, axis=1)
    run = dominance.ridge(points)
    if run is not None:
        places, _ = dominance.undominated(points, lambda at: at[None, :], 100)
        assert run.tolist() == places.tolist()
    else:
        assert how != "concave"


def test_a_long_price_needs_no_sorting_and_may_be_thinned() -> None:
    domain = Domain((Integer("price", 1, 5000), Integer("extra", 0, 2)))
    up, down = Linear(Fraction(0), Fraction(1)), Linear(Fraction(1), Fraction(0))
    extra = Table((Fraction(0), Fraction(1, 7), Fraction(1, 9)))
    one = LinearAdditive(domain, {"price": (1, up), "extra": (1, extra)})
    two = LinearAdditive(domain, {"price": (1, down), "extra": (2, extra)})
    exact, thin = Frontier([one, two]), Frontier([one, two], most=500)
    assert np.array_equal(exact.utilities, swept(enumerated([one, two])))
    assert covered(exact.utilities, thin) <= thin.error


def test_boxes_leave_out_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    prices = np.arange(3000)
    domain = Domain(
        (Integer("price", 0, 2999), Integer("days", 0, 2999), Integer("colour", 0, 4))
    )
    random = np.random.Generator(np.random.PCG64(7))
    noise = random.integers(0, SCALE // 10, (4, 3000))
    one = [prices * 90_000 + noise[0], prices * 120_000 + noise[1], [5, 3, 8, 1, 2]]
    two = [prices[::-1] * 80_000 + noise[2], prices[::-1] * 130_000 + noise[3], [4, 8, 2, 5, 1]]
    preferences = [additive(table, domain=domain) for table in (one, two)]
    with_boxes = Frontier(preferences)
    monkeypatch.setattr(minkowski, "_BOXED", 10**9)
    without = Frontier(preferences)
    assert with_boxes.exact
    assert found(with_boxes) == found(without)


def test_long_frontiers_are_thinned_before_they_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    preferences = opposed(2, 200)
    exact = Frontier(preferences)
    monkeypatch.setattr(minkowski, "_BOXED", 1)
    monkeypatch.setattr(minkowski, "_BUDGET_TWO", 10**4)
    thin = Frontier(preferences)
    assert exact.exact
    assert not thin.exact
    assert covered(exact.utilities, thin) <= thin.error


def test_three_parties_with_long_frontiers_are_thinned_before_they_are_added(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(minkowski, "_BUDGET_MANY", 100)
    two = opposed(2, 20)
    frontier = Frontier([*two, two[0]])
    assert covered(enumerated([*two, two[0]]), frontier) <= frontier.error
    assert not frontier.exact


def test_it_is_the_same_in_every_run() -> None:
    one, two = (Frontier(opposed(6, 10)) for _ in range(2))
    assert one.utilities.tobytes() == two.utilities.tobytes()
    assert [one.outcome(i) for i in range(0, len(one), 999)] == [
        two.outcome(i) for i in range(0, len(two), 999)
    ]


def test_one_party_has_no_frontier() -> None:
    with pytest.raises(DomainError, match="two or more"):
        Frontier([additive([[1, 2]])])


def test_a_frontier_is_of_one_domain() -> None:
    with pytest.raises(DomainError, match="same domain"):
        Frontier([additive([[1, 2]]), additive([[1, 2, 3]])])


def test_a_frontier_needs_two_ends() -> None:
    with pytest.raises(DomainError, match="at most 1 points"):
        Frontier([additive([[1, 2]]), additive([[1, 2]])], most=1)


def test_groups_that_chain_up_too_many_issues_are_refused() -> None:
    sizes = [1000, 1000, 1000]
    domain = Domain(tuple(Integer(f"i{n}", 1, size) for n, size in enumerate(sizes)))
    nothing = [[0] * size for size in sizes]
    one = additive(nothing, [((0, 1), [0] * 10**6)], domain=domain)
    two = additive(nothing, [((1, 2), [0] * 10**6)], domain=domain)
    with pytest.raises(DomainError, match="1,000,000,000 combinations"):
        Frontier([one, two])


@pytest.mark.parametrize("number", [0.5, 2**64, "1"])
def test_a_group_contributes_integers(number: object) -> None:
    with pytest.raises(DomainError, match="are integers"):
        Group((0, 1), (0, 0, 0, number))  # type: ignore[arg-type]
