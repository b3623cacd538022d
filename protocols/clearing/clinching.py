"""Ausubel's ascending clock for identical units: clinch what the others can no longer take.

The clock rises on a grid. At price p a bidder demands one unit for each marginal value above p. While the bidders
together demand more than the supply, each has clinched, at the price where it first happened, every unit that the
others' demand leaves over. The clock stops when demand no longer exceeds the supply; everybody then gets what it
still demands, at that price. If the last step overshot, the units left over are rationed: first, at this price, to
those for whom it equals a marginal value; then, at the price one step before, to those who demanded them there;
the earlier bidder first.

On a grid that holds all the values this is the Vickrey auction of many units.

Source: Ausubel (2004).
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio, whole

if TYPE_CHECKING:
    from negotiate.protocols.clearing.units import Demand


class Clinched(NamedTuple):
    """For each bidder the prices of the units it won, lowest first."""

    prices: dict[str, list[Amount]]

    @property
    def allocation(self) -> dict[str, int]:
        """Units won by each bidder."""
        return {bidder: len(prices) for bidder, prices in self.prices.items()}

    @property
    def payments(self) -> dict[str, Amount]:
        """What each bidder pays."""
        return {bidder: sum(prices) for bidder, prices in self.prices.items()}


def clinching(bids: Demand, units: int, start: Amount, increment: Amount) -> Clinched:
    """The outcome when each bidder demands as its marginal values say.

    Args:
        bids: marginal values of each bidder, not increasing.
        units: the supply.
        start: first price of the clock, the reserve.
        increment: how far it rises at each tick; positive.
    """
    clock = _Clock(bids, units, start, increment)
    ticks = iter(clock.events)  # at the last, nobody demands anything
    tick = next(ticks)
    while sum((demand := clock.demand(tick)).values()) > units:
        clock.clinch(tick, demand)
        tick = next(ticks)
    clock.stop(tick, demand)
    return Clinched({bidder: sorted(prices) for bidder, prices in clock.prices.items()})


class _Clock:
    def __init__(self, bids: Demand, units: int, start: Amount, increment: Amount) -> None:
        self.units, self.start, self.increment = units, start, increment
        self.values = dict(bids)
        self.drops = {
            bidder: [max(0, ceil(ratio(value - start, increment))) for value in values]
            for bidder, values in bids
        }
        self.events = sorted({0}.union(*self.drops.values()))
        self.prices: dict[str, list[Amount]] = {bidder: [] for bidder, _ in bids}

    def price(self, tick: int) -> Amount:
        return whole(self.start + tick * self.increment)

    def demand(self, tick: int) -> dict[str, int]:
        """Units that each bidder demands at this tick; nothing changes between two events."""
        return {
            bidder: sum(drop > tick for drop in drops) for bidder, drops in self.drops.items()
        }

    def clinch(self, tick: int, demand: dict[str, int]) -> None:
        total = sum(demand.values())
        for bidder, own in demand.items():
            self._raise(bidder, self.units - (total - own), tick)

    def stop(self, tick: int, demand: dict[str, int]) -> None:
        for bidder, own in demand.items():
            self._raise(bidder, own, tick)
        price = self.price(tick)
        even = {b: sum(value >= price for value in values) for b, values in self.values.items()}
        self._ration(even, tick)
        if tick:
            self._ration(self.demand(tick - 1), tick - 1)

    def _raise(self, bidder: str, count: int, tick: int) -> None:
        prices = self.prices[bidder]
        prices.extend([self.price(tick)] * (count - len(prices)))

    def _ration(self, most: dict[str, int], tick: int) -> None:
        left = self.units - sum(map(len, self.prices.values()))
        for bidder, prices in self.prices.items():
            more = min(left, max(0, most[bidder] - len(prices)))
            self._raise(bidder, len(prices) + more, tick)
            left -= more
