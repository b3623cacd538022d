"""What is known of traders in the continuous double auction: seeded sessions, means at three standard errors.

"Balanced": for each seat of the one kind there is one of the other with the same units, values and costs.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from negotiate.bidder import Stake
from negotiate.strategies.trading.adaptive import AdaptiveAggressive
from negotiate.strategies.trading.gd import GDX
from negotiate.strategies.trading.zero_intelligence import Unconstrained, ZeroIntelligence
from negotiate.strategies.trading.zip import ZeroIntelligencePlus
from tests.strategies.floor import Day, surely_above, trade

if TYPE_CHECKING:
    from negotiate.bidder import Bidder
    from tests.strategies.floor import Maker

SESSIONS = 100


def balanced(one: Maker, other: Maker, seed: int) -> float:
    """What the ones gained more than the others, as a share of all, in five days of ten pairs with two units each."""
    random = Random(seed)
    stakes: list[Stake] = []
    for side in ("buy", "sell"):
        for _ in range(5):
            values = sorted((random.randint(50, 150) for _ in range(2)), reverse=side == "buy")
            stakes += [Stake(side, tuple(values))] * 2
    traders: list[Bidder] = [maker() for _ in range(10) for maker in (one, other)]
    days = [
        trade(traders, stakes, 100 * seed + day, ticks=25, bounds=(0, 200)) for day in range(5)
    ]
    ones, others = (sum(sum(day.profits[n::2]) for day in days) for n in (0, 1))
    return (ones - others) / (ones + others)


@pytest.mark.parametrize("kind", [ZeroIntelligencePlus, AdaptiveAggressive, GDX])
def test_traders_that_learn_beat_zero_intelligence(kind: Maker) -> None:
    found = [balanced(kind, ZeroIntelligence, seed) for seed in range(SESSIONS)]
    assert surely_above(found, 0)


def test_gdx_gains_at_least_as_much_as_zip() -> None:
    """More, here; with one unit each the two are level."""
    found = [balanced(GDX, ZeroIntelligencePlus, seed) for seed in range(SESSIONS)]
    assert surely_above(found, 0)


@cache
def learning(seed: int) -> list[Day]:
    """Seven days of eleven buyers and eleven sellers with one unit each, in equilibrium at 200 (2.00)."""
    values = range(75, 326, 25)
    stakes = [Stake(side, (value,)) for side in ("buy", "sell") for value in values]
    traders = [ZeroIntelligencePlus() for _ in stakes]
    return [
        trade(traders, stakes, 100 * seed + day, ticks=60, bounds=(0, 400), centre=200)
        for day in range(7)
    ]


def test_prices_of_zip_converge_by_the_day() -> None:
    by_day = [fmean(learning(seed)[day].alpha for seed in range(SESSIONS)) for day in range(7)]
    assert all(later < earlier for earlier, later in pairwise(by_day))
    assert 10 < by_day[0] < 25
    assert by_day[2] < 7
    late = [day.alpha for seed in range(SESSIONS) for day in learning(seed)[5:]]
    assert surely_above([-alpha for alpha in late], -3)


def test_markets_of_zip_become_efficient() -> None:
    first = [learning(seed)[0].efficiency for seed in range(SESSIONS)]
    late = [learning(seed)[4].efficiency for seed in range(SESSIONS)]
    assert surely_above(first, 0.9)
    assert surely_above(late, 0.99)


@cache
def symmetric(kind: Maker, seed: int) -> Day:
    """Six buyers and six sellers with three units each, mirror images; some of the units are beyond the margin."""
    buyers = [tuple(range(195 - 5 * n, 60, -50)) for n in range(6)]
    stakes = [Stake("buy", values) for values in buyers]
    stakes += [Stake("sell", tuple(200 - value for value in values)) for values in buyers]
    return trade([kind() for _ in stakes], stakes, seed, ticks=130, bounds=(0, 200))


def test_zero_intelligence_is_nearly_efficient_and_never_loses() -> None:
    days = [symmetric(ZeroIntelligence, seed) for seed in range(SESSIONS)]
    assert surely_above([day.efficiency for day in days], 0.97)
    assert min(profit for day in days for profit in day.profits) >= 0


def test_without_its_constraint_zero_intelligence_gains_less() -> None:
    lost = [
        symmetric(ZeroIntelligence, seed).efficiency - symmetric(Unconstrained, seed).efficiency
        for seed in range(SESSIONS)
    ]
    assert surely_above(lost, 0)
