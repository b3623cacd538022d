"""Trading floors for the tests of traders: days of a continuous market, and what they were worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from negotiate.bidder import Bidder, Stake
from negotiate.domain import Domain, Money
from negotiate.host import Host, hold
from negotiate.protocol import Allocation
from negotiate.protocols.continuous import ContinuousMarket

Maker = Callable[[], Bidder]

DOMAIN = Domain((Money("unit", 0, 400),))
SINGLE = ContinuousMarket(single=True)


class Day(NamedTuple):
    """One trading day.

    Attributes:
        profits: of each seat.
        efficiency: their sum, as a share of the most that there was to gain.
        alpha: Smith's, in percent: root mean square distance of the prices from ``centre``, by ``centre``.
        host: who held it.
    """

    profits: list[float]
    efficiency: float
    alpha: float
    host: Host


def surplus(stakes: Sequence[Stake]) -> int:
    """The most that all can gain together."""
    values = sorted((v for s in stakes if s.side == "buy" for v in s.values), reverse=True)
    costs = sorted(v for s in stakes if s.side == "sell" for v in s.values)
    return sum(v - c for v, c in zip(values, costs, strict=False) if v > c)


def trade(
    traders: Sequence[Bidder],
    stakes: Sequence[Stake],
    seed: int,
    *,
    ticks: int,
    bounds: tuple[int, int],
    rules: ContinuousMarket = SINGLE,
    centre: int = 0,
) -> Day:
    """Hold one day."""
    seats = [(f"t{n}", trader) for n, trader in enumerate(traders)]
    tick = rules.time_limit // ticks
    host = hold(rules, DOMAIN, seats, stakes, seed=seed, bounds=bounds, tick=tick)
    result = host.negotiation.result
    profits = [0.0] * len(stakes)
    if isinstance(result, Allocation):
        ends = zip(stakes, result.units, result.payments, strict=True)
        profits = [float(stake.profit(units, paid)) for stake, units, paid in ends]
    prices = [float(entry[0]) for entry in host.negotiation.view(0).tape]  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    far = [(price - centre) ** 2 for price in prices]
    alpha = 100 * sqrt(fmean(far)) / centre if far and centre else 0.0
    return Day(profits, sum(profits) / surplus(stakes), alpha, host)


def surely_above(found: Sequence[float], least: float) -> bool:
    """Whether the mean lies above ``least`` by three standard errors or more."""
    return fmean(found) - 3 * stdev(found) / sqrt(len(found)) > least
