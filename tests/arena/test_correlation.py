"""Rank correlations and errors, against their definitions."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.arena.correlation import Order, inversions, kendall, rmse, spearman

pairs = st.lists(st.tuples(st.integers(0, 6), st.integers(-3, 3)), min_size=2, max_size=40)


def columns(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    one, other = zip(*rows, strict=True)
    return np.array(one, dtype=float), np.array(other, dtype=float)


def tau_b(one: np.ndarray, other: np.ndarray) -> float | None:
    """Kendall's tau-b, pair by pair."""
    signs = [
        (np.sign(one[i] - one[j]), np.sign(other[i] - other[j]))
        for i, j in combinations(range(len(one)), 2)
    ]
    untied = sqrt(sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs))
    return sum(a * b for a, b in signs) / untied if untied else None


@given(pairs)
def test_kendall_is_what_counting_every_pair_gives(rows: list[tuple[int, int]]) -> None:
    assert kendall(*map(Order, columns(rows))) == pytest.approx(tau_b(*columns(rows)))


@given(pairs)
def test_spearman_is_the_correlation_of_average_ranks(rows: list[tuple[int, int]]) -> None:
    one, other = columns(rows)
    found = spearman(Order(one), Order(other))
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found is None
        return
    ranks = [
        [sum(v < w for v in c) + (sum(v == w for v in c) + 1) / 2 for w in c]
        for c in (one, other)
    ]
    assert found == pytest.approx(np.corrcoef(np.array(ranks))[0, 1])


@given(st.lists(st.integers(0, 50), max_size=60))
def test_inversions_are_pairs_the_wrong_way_round(values: list[int]) -> None:
    wrong = sum(a > b for a, b in combinations(values, 2))
    assert inversions(np.array(values, dtype=np.int64)) == wrong


@given(pairs)
def test_the_same_order_is_one_and_the_opposite_minus_one(rows: list[tuple[int, int]]) -> None:
    one, _ = columns(rows)
    if len(set(one)) > 1:
        assert kendall(Order(one), Order(3 * one + 1)) == pytest.approx(1)
        assert spearman(Order(one), Order(-one)) == pytest.approx(-1)


def test_known_values() -> None:
    # Worked examples: Kendall & Gibbons (1990) style rankings with ties.
    one, other = np.array([1.0, 2, 2, 4, 5]), np.array([1.0, 3, 2, 2, 5])
    assert Order(one).ranks.tolist() == [1, 2.5, 2.5, 4, 5]
    assert kendall(Order(one), Order(other)) == pytest.approx(6 / 9)
    assert spearman(Order(one), Order(other)) == pytest.approx(7.25 / 9.5)


def test_values_that_rounding_tells_apart_are_equal() -> None:
    assert Order(np.array([0.1 + 0.2, 0.3, 1.0])).ranks.tolist() == [1.5, 1.5, 3]


def test_the_error_is_the_root_of_the_mean_square() -> None:
    assert rmse(np.array([0.0, 0.5]), np.array([0.6, -0.3])) == pytest.approx(sqrt(0.5))


def test_one_constant_has_no_rank_correlation() -> None:
    flat, rising = Order(np.ones(3)), Order(np.arange(3.0))
    assert kendall(flat, rising) is None
    assert spearman(rising, flat) is None
