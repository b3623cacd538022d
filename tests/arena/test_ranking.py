"""Tests, ranks and advice: what is more than chance, and what would tell more."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.arena.bootstrap import (
    EXACT,
    LEAST,
    ByUnit,
    bounds,
    percentile,
    quantile_of_t,
    resampled,
    sign_flips,
    student,
)
from negotiate.arena.ranking import Pair, advice, holm, needed, pairs, ranks, span

TABLE = np.random.default_rng(3).beta(4, 3, (4, 12))
NAMES = [(i, name) for i, name in enumerate("abcd")]


@pytest.mark.parametrize(
    ("level", "freedom", "expected"),
    [
        (0.95, 1, 12.706205), (0.95, 2, 4.302653), (0.95, 9, 2.262157), (0.95, 10, 2.228139),
        (0.99, 29, 2.756386), (0.9, 4, 2.131847), (0.95, 1000, 1.962339),
    ],
)  # fmt: skip
def test_quantiles_of_students_distribution_are_those_of_the_tables(
    level: float, freedom: int, expected: float
) -> None:
    assert quantile_of_t(level, freedom) == pytest.approx(expected, abs=1e-6)


def test_students_interval_is_the_textbooks() -> None:
    low, high = student(ByUnit.of(np.array([[1.0, 2.0, 4.0, np.nan]])), 0.95)
    mean, error = 7 / 3, math.sqrt(7 / 3) / math.sqrt(3)
    assert (low[0], high[0]) == pytest.approx(
        (mean - 4.302653 * error, mean + 4.302653 * error), abs=1e-5
    )


def test_signs_are_all_tried_where_there_are_few() -> None:
    gaps = np.random.default_rng(1).normal(0.4, 1, (5, 8))
    every = np.array(list(product((1, -1), repeat=8)))
    for row, p in zip(gaps, sign_flips(gaps, 0), strict=True):
        assert p == np.mean(np.abs(every @ row) >= abs(row.sum()) - 1e-12)


def test_random_signs_come_near_all_signs() -> None:
    gaps = np.random.default_rng(2).normal(0.3, 1, (3, EXACT + 1))
    every = np.array(list(product((1, -1), repeat=EXACT + 1)))
    exact = [np.mean(np.abs(every @ row) >= abs(row.sum()) - 1e-12) for row in gaps]
    assert sign_flips(gaps, 0) == pytest.approx(exact, abs=0.02)


def test_a_unit_that_is_not_known_counts_for_nothing() -> None:
    gaps = np.array([[0.5, 1.0, 0.25, 0.125, np.nan, np.nan]])
    assert sign_flips(gaps, 0)[0] == 2 / 2**4


def test_nothing_differs_nothing_is_found() -> None:
    assert sign_flips(np.zeros((1, 6)), 0)[0] == 1
    assert sign_flips(np.zeros((1, 40)), 0)[0] == 1


def test_holms_adjustment_is_that_of_his_rule() -> None:
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm(np.array([0.6, 0.7])).tolist() == [1, 1]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_adjusted_values_keep_their_order_and_are_no_smaller(p: list[float]) -> None:
    adjusted = holm(np.array(p))
    assert all(a >= b for a, b in zip(adjusted, p, strict=True))
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()
    assert adjusted.max() <= 1


def test_units_needed_are_those_of_the_formula() -> None:
    # (1.959964 + 0.841621)**2 = 7.848880
    assert needed(1.0, 0.1, 0.05) == 785
    assert needed(0.3, 0.1, 0.05) == 71
    assert needed(1e-9, 1.0, 0.05) == 6  # 2 / 2**6 is the first p below


def test_the_units_that_are_advised_mostly_tell() -> None:
    spread, size = 0.1, 0.04
    units = needed(spread, size, 0.05)
    gaps = np.random.default_rng(4).normal(size, spread, (400, units))
    assert 0.74 <= (sign_flips(gaps, 0) <= 0.05).mean() <= 0.86


def test_an_earned_lead_splits_the_ranks_and_a_tie_group_shares_them() -> None:
    base = np.linspace(0.2, 0.6, 12)
    wave = 0.01 * np.cos(np.arange(12) * math.pi)
    table = np.stack([base + 0.3, base + wave, base - wave, base - 0.1])
    found = pairs(ByUnit.of(table), NAMES, 0, 1000, 0.95)
    assert ranks("abcd", found, 4) == {"a": (1, 1), "b": (2, 3), "c": (2, 3), "d": (4, 4)}
    tie = next(pair for pair in found if (pair.one, pair.other) == ("b", "c"))
    assert (tie.mean, tie.earned, tie.more) == (0, False, None)
    assert [span(place) for place in ranks("abcd", found, 4).values()] == [
        "1",
        "2-3",
        "2-3",
        "4",
    ]


def test_a_lead_in_which_the_lower_one_wins_turns_the_ranks() -> None:
    """Where data are missing, the mean over all and the paired difference may disagree."""
    pair = Pair("a", "b", -0.2, -0.3, -0.1, 0.001, 0.001, earned=True, more=None)
    assert ranks("ab", [pair], 2) == {"a": (2, 2), "b": (1, 1)}


def test_false_leads_over_many_pairs_are_seldom() -> None:
    """Eight equal strategies: one lead in all 28 pairs at most in one run of twenty."""
    rng = np.random.default_rng(9)
    names = [(i, str(i)) for i in range(8)]
    runs = 120
    wrong = 0
    for _ in range(runs):
        table = rng.normal(0.5, 0.1, (8, 12)) + rng.normal(0, 0.2, 12)
        found = pairs(ByUnit.of(table), names, 0, 10, 0.95)
        wrong += any(pair.earned for pair in found)
    assert wrong / runs <= 0.1


def made(mean: float, *, earned: bool = False, more: int | None = 400) -> Pair:
    return Pair("a", "b", mean, mean - 0.006, mean + 0.006, 0.2, 0.03, earned, more)


@pytest.mark.parametrize(
    ("pair", "unit", "expected"),
    [
        (made(0.004), "scenario", "the top two differ by 0.004 +- 0.006: 400 more scenarios would tell"),
        (made(0.004, more=1), "scenario", "the top two differ by 0.004 +- 0.006: 1 more scenario would tell"),
        (made(0.0, more=None), "scenario", "the top two differ by 0.000 +- 0.006: too close to tell"),
        (
            made(0.1, earned=True, more=None),
            "scenario",
            "the lead of 0.100 +- 0.006 is earned (p = 0.030 by Holm over 3 pairs)",
        ),
        (
            made(0.004),
            "rival",
            "the top two differ by 0.004 +- 0.006: from a single scenario nobody can tell whether that holds on others",
        ),
        (made(0.004), "repetition", "the top two differ by 0.004 +- 0.006: 400 more repetitions would tell"),
        (None, "scenario", ""),
        (made(0.004), None, ""),
    ],
)  # fmt: skip
def test_advice_is_a_sentence(pair: Pair | None, unit: str | None, expected: str) -> None:
    assert advice(pair, unit, 3) == expected


def test_advice_names_what_is_played_on() -> None:
    assert advice(made(0.004), "scenario", 3, "market").endswith("400 more markets would tell")


def test_draws_are_the_same_for_all_rows_and_sums_are_exact() -> None:
    drawn = resampled(ByUnit.of(TABLE), 5, 300)
    assert (resampled(ByUnit.of(TABLE[1:2]), 5, 300) == drawn[1]).all()
    twice = resampled(ByUnit.of(np.concatenate([TABLE, 2 * TABLE])), 5, 300)
    assert (twice[4:] == 2 * twice[:4]).all()


def test_what_is_not_known_is_left_out_of_each_resample() -> None:
    table = TABLE.copy()
    table[0, 3:] = np.nan
    drawn = resampled(ByUnit.of(table), 5, 300)
    assert np.nanmax(drawn[0]) <= table[0, :3].max() + 1e-12
    assert np.isnan(drawn[0]).any()
    assert bounds(ByUnit.of(table), 5, 300, 0.95).low[0] < table[0, :3].mean()  # Student's


def test_a_constant_has_no_width() -> None:
    table = np.full((1, LEAST + 2), 0.25)
    found = bounds(ByUnit.of(table), 0, 100, 0.95)
    assert (found.low[0], found.high[0]) == (0.25, 0.25)
    assert (found.bca[0][0], found.bca[1][0]) == (0.25, 0.25)


def test_one_unit_has_no_interval() -> None:
    low, high = percentile(ByUnit.of(TABLE[:, :1]), 0, 100, 0.95)
    assert np.isnan([low, high]).all()


def test_wider_levels_hold_narrower_ones() -> None:
    ends = [percentile(ByUnit.of(TABLE), 0, 2000, level) for level in (0.8, 0.9, 0.95, 0.99)]
    for (low, high), (lower, higher) in pairwise(ends):
        assert (lower <= low).all()
        assert (high <= higher).all()
