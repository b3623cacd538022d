"""Distributions and value models: what they say of themselves is what they draw."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.domain.distributions import (
    Curve,
    Lognormal,
    Normal,
    Power,
    Sample,
    Uniform,
    best_ceiling,
    best_reserve,
    draw,
    is_regular,
)
from negotiate.domain.values import (
    Affiliated,
    Common,
    Packages,
    PrivateValues,
    Schedule,
    TwoSided,
    line,
)
from negotiate.errors import DomainError
from negotiate.match import derive_seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.distributions import Distribution
    from negotiate.domain.values import Model, Streams

EVERY: dict[str, Distribution] = {
    "uniform": Uniform(100, 900),
    "power": Power(0, 1000, 3.0),
    "normal": Normal(500, 200, 0, 1000),
    "lognormal": Lognormal(300, 0.5, 50, 2000),
    "sample": Sample((10, 40, 40, 90)),
    "curve": Curve(((0, 0.0), (300, 0.25), (400, 0.75), (1000, 1.0))),
}
MODELS: dict[str, Model] = {
    "private": PrivateValues((Uniform(0, 1000),), units=2),
    "common": Common(Uniform(1000, 4000), 500),
    "affiliated": Affiliated(Uniform(0, 500), Uniform(0, 500), Fraction(1, 2)),
    "schedule": Schedule((90, 70), (10, 30)),
    "two-sided": TwoSided(Uniform(0, 1000), Uniform(0, 1000), 3, 3),
    "packages": Packages(("a", "b", "c"), Uniform(0, 100), Fraction(1, 5)),
}


def streams(seed: object) -> Streams:
    return lambda *names: Random(derive_seed(seed, *names))


@pytest.mark.parametrize("name", EVERY)
def test_draws_follow_the_cdf(name: str) -> None:
    distribution, random = EVERY[name], Random(7)
    drawn = [draw(distribution, random) for _ in range(4000)]
    assert distribution.low <= min(drawn)
    assert max(drawn) <= distribution.high
    for place in (0.25, 0.5, 0.75):
        value = distribution.low + place * (distribution.high - distribution.low)
        share = sum(one <= value for one in drawn) / len(drawn)
        assert share == pytest.approx(distribution.cdf(value), abs=0.03)


@pytest.mark.parametrize("name", EVERY)
@given(chance=st.floats(0, 1))
def test_the_quantile_inverts_the_cdf(name: str, chance: float) -> None:
    distribution = EVERY[name]
    value = distribution.quantile(chance)
    assert distribution.cdf(value + 1e-6) >= chance - 1e-6
    assert distribution.cdf(value - 1e-3) <= chance + 1e-3


def test_the_best_reserve_is_where_the_virtual_value_is_the_cost() -> None:
    assert best_reserve(Uniform(0, 1000)) == 500
    assert best_reserve(Uniform(0, 1000), cost=200) == 600
    assert best_reserve(Uniform(600, 1000)) == 600  # the lowest value is above its own half
    assert best_ceiling(Uniform(0, 1000), worth=1000) == 500
    assert best_reserve(Sample((10, 10, 100))) == 100
    large = 10**12
    assert best_reserve(Uniform(0, large)) == pytest.approx(large / 2, rel=1e-6)


def test_two_humps_are_not_regular() -> None:
    assert all(is_regular(EVERY[name]) for name in ("uniform", "power", "normal", "lognormal"))
    assert not is_regular(Curve(((0, 0.0), (100, 0.9), (900, 0.9), (1000, 1.0))))
    assert is_regular(Uniform(0, 10), costs=True)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Uniform(5, 5),
        lambda: Uniform(-1, 5),
        lambda: Power(0, 5, 0),
        lambda: Normal(5, -1, 0, 10),
        lambda: Normal(500, 1, 0, 10),
        lambda: Lognormal(5, 1, 0, 10),
        lambda: Sample(()),
        lambda: Curve(((0, 0.0), (5, 0.5))),
        lambda: Curve(((5, 0.0), (0, 1.0))),
        lambda: PrivateValues(()),
        lambda: Common(Uniform(0, 10), 0),
        lambda: Affiliated(Uniform(0, 10), Uniform(0, 10), Fraction(2)),
        lambda: Schedule((), (1,)),
        lambda: Packages(("a", "a"), Uniform(0, 10)),
        lambda: line(0, 10, 0),
    ],
)
def test_what_cannot_be_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        make()


@pytest.mark.parametrize("name", MODELS)
def test_the_same_names_draw_the_same_and_within_the_bounds(name: str) -> None:
    model = MODELS[name]
    seats = model.seats or 4
    for seed in range(20):
        drawn = model.draw(seats, streams(seed))
        assert drawn == model.draw(seats, streams(seed))
        low, high = model.bounds
        assert len(drawn.sides) == len(drawn.known) == len(drawn.true) == seats
        assert all(low <= value <= high for own in drawn.known for value in own)
        assert all(low <= worth <= high for own in drawn.packages for _, worth in own)


@pytest.mark.parametrize("name", ["private", "common", "packages"])
def test_one_more_seat_changes_nothing_of_the_others(name: str) -> None:
    few, more = (MODELS[name].draw(seats, streams(1)) for seats in (3, 4))
    assert more.known[:3] == few.known
    assert more.packages[:3] == few.packages


def test_a_common_value_is_one_and_its_signals_are_near() -> None:
    drawn = [MODELS["common"].draw(5, streams(seed)) for seed in range(300)]
    assert all(len(set(one.true)) == 1 for one in drawn)
    errors = [
        known[0] - true[0] for d in drawn for known, true in zip(d.known, d.true, strict=True)
    ]
    assert max(map(abs, errors)) <= 500
    assert fmean(errors) == pytest.approx(0, abs=25)


def test_interdependent_values_mix_the_own_signal_with_the_mean_of_all() -> None:
    drawn = MODELS["affiliated"].draw(4, streams(3))
    signals = [known[0] for known in drawn.known]
    expected = [round(Fraction(x, 2) + Fraction(sum(signals), 8)) for x in signals]
    assert [true[0] for true in drawn.true] == expected


def test_signals_of_one_draw_are_affiliated() -> None:
    pairs = [MODELS["affiliated"].draw(2, streams(seed)).known for seed in range(500)]
    first, second = ([own[seat][0] for own in pairs] for seat in (0, 1))
    means = fmean(first), fmean(second)
    covariance = fmean(
        (a - means[0]) * (b - means[1]) for a, b in zip(first, second, strict=True)
    )
    assert covariance == pytest.approx(500**2 / 12, rel=0.25)


def test_marginal_values_of_buyers_fall_and_costs_of_sellers_rise() -> None:
    values = PrivateValues((Uniform(0, 1000),), units=4).draw(3, streams(0)).known
    costs = PrivateValues((Uniform(0, 1000),), "sell", units=4).draw(3, streams(0)).known
    assert all(list(own) == sorted(own, reverse=True) for own in values)
    assert all(list(own) == sorted(own) for own in costs)


def test_twins_sit_side_by_side() -> None:
    drawn = MODELS["schedule"].draw(8, streams(0))
    assert drawn.sides == ("buy",) * 4 + ("sell",) * 4
    assert [own[0] for own in drawn.known] == [90, 90, 70, 70, 10, 10, 30, 30]


def test_a_line_of_limits_is_straight() -> None:
    assert line(100, 50, 6) == (100, 90, 80, 70, 60, 50)
    assert line(5, 5, 3) == (5, 5, 5)
    assert line(7, 9, 1) == (7,)


def test_items_together_are_worth_more_by_the_synergy() -> None:
    (own, *_) = MODELS["packages"].draw(1, streams(0)).packages
    worth = dict(own)
    assert len(worth) == 7
    pair = worth[frozenset("a")] + worth[frozenset("b")]
    assert worth[frozenset("ab")] == round(pair * Fraction(6, 5))
