"""How often 95 % intervals hold, where the truth is known. The figures are those that bootstrap.py promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from negotiate.arena.bootstrap import EXACT, FIRM, ByUnit, bounds, sign_flips, student

if TYPE_CHECKING:
    from collections.abc import Callable

Draw = "Callable[[np.random.Generator, tuple[int, int]], np.ndarray]"

SAMPLES = 2000
RESAMPLES = 1000

TRUTH: dict[str, tuple[Callable[..., np.ndarray], float]] = {
    "normal": (lambda r, size: r.normal(0.6, 0.15, size), 0.6),
    "uniform": (lambda r, size: r.uniform(0, 1, size), 0.5),
    "skewed to the left": (lambda r, size: r.beta(5, 2, size), 5 / 7),
    "skewed to the right": (lambda r, size: r.beta(2, 5, size), 2 / 7),
    "agreement or none": (
        lambda r, size: np.where(r.random(size) < 0.7, r.beta(8, 3, size), 0.2),
        0.7 * 8 / 11 + 0.3 * 0.2,
    ),
    "heavy tails": (lambda r, size: r.laplace(0, 0.1, size), 0.0),
}
HARD: dict[str, tuple[Callable[..., np.ndarray], float]] = {
    "nearly all at the top": (lambda r, size: r.beta(5, 1, size), 5 / 6),
    "exponential": (lambda r, size: r.exponential(1, size), 1.0),
}


def covered(which: str, units: int) -> tuple[float, float]:
    """The share of samples whose percentile interval, and whose BCa interval, holds the truth."""
    draw, truth = (TRUTH | HARD)[which]
    seed = [units, *which.encode()]
    table = draw(np.random.default_rng(seed), (SAMPLES, units))
    found = bounds(ByUnit.of(table), 1, RESAMPLES, 0.95)
    return tuple(
        float(((low <= truth) & (truth <= high)).mean())
        for low, high in ((found.low, found.high), found.bca)
    )  # type: ignore[return-value]


@pytest.mark.parametrize("units", [FIRM, 15, 30, 100])
@pytest.mark.parametrize("which", TRUTH)
def test_percentile_intervals_hold_from_ten_units_on(which: str, units: int) -> None:
    percentile, bca = covered(which, units)
    assert 0.92 <= percentile <= 0.97
    if which != "heavy tails":  # where BCa is known to be worse
        assert 0.92 <= bca <= 0.975


@pytest.mark.parametrize(
    ("which", "units"), [("nearly all at the top", 15), ("exponential", 40)]
)
def test_strong_skewness_needs_more_units(which: str, units: int) -> None:
    percentile, bca = covered(which, units)
    assert 0.92 <= percentile <= 0.97
    assert 0.92 <= bca <= 0.97


def test_plain_tails_would_be_too_short() -> None:
    """What the correction is for: the uncorrected interval of ten units."""
    table = np.random.default_rng(5).normal(0, 1, (SAMPLES, FIRM))
    drawn = np.random.default_rng(6).integers(FIRM, size=(RESAMPLES, FIRM))
    means = table[:, drawn].mean(axis=2)
    low, high = np.quantile(means, [0.025, 0.975], axis=1)
    assert ((low <= 0) & (high >= 0)).mean() < 0.92


def test_students_intervals_hold_for_normal_data_from_two_units_on() -> None:
    for units in (2, 3, 4):
        table = np.random.default_rng(units).normal(0, 1, (SAMPLES, units))
        low, high = student(ByUnit.of(table), 0.95)
        assert 0.935 <= ((low <= 0) & (high >= 0)).mean() <= 0.965


@pytest.mark.parametrize("units", [8, EXACT + 2])
def test_signs_find_a_difference_where_there_is_none_as_seldom_as_they_say(units: int) -> None:
    p = sign_flips(np.random.default_rng(units).laplace(0, 1, (SAMPLES, units)), 0)
    for level in (0.02, 0.05, 0.2):
        assert (p <= level).mean() <= level + 3.5 * np.sqrt(level / SAMPLES)
    assert (p <= 0.05).mean() > 0.03
