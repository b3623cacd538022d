"""Equilibrium bids of symmetric bidders with independent private values.

With rivals whose values have the distribution F, and n bidders in all, let ``G(v) = F(v)**(n-1)`` be the chance to
have the highest value. A bidder with value v above the reserve r bids

* at second price: v;
* at first price, and in a Dutch auction: ``v - integral of G from r to v / G(v)``;
* at all-pay: ``v G(v) - integral of G from r to v``, with r the least value that takes part;
* at first price with utility ``x**rho``: the same with ``G = F**((n-1)/rho)``.

The distribution is given by its CDF, or by a sample of values, whose empirical CDF is integrated exactly.

Source: Krishna, *Auction Theory* (2nd ed., 2010), chapters 2 and 3; Riley & Samuelson (1981).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Cdf: TypeAlias = Callable[[float], float]

_STEPS = 512  # of the Simpson rule; even


@dataclass(frozen=True)
class Rivals:
    """What a bidder knows of the others.

    Attributes:
        cdf: distribution function of one rival's value.
        bidders: number of bidders, oneself included; 2 or more.
        sample: sorted values that the CDF was taken from; empty for a CDF in closed form.
    """

    cdf: Cdf
    bidders: int
    sample: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.bidders < 2:
            raise StrategyError(
                f"bidders is {self.bidders}; 2 or more are expected", code="parameter"
            )

    @classmethod
    def sampled(cls, values: Sequence[float], bidders: int) -> Rivals:
        """Rivals whose values are like these."""
        if not values:
            raise StrategyError(
                "a sample of values is empty; one or more are needed", code="parameter"
            )
        known = tuple(sorted(values))
        return cls(lambda value: bisect_right(known, value) / len(known), bidders, known)

    def wins(self, value: float, power: float = 1.0) -> float:
        """The chance that no rival has a higher value, to a power."""
        chance: float = min(max(self.cdf(value), 0.0), 1.0) ** ((self.bidders - 1) * power)
        return chance

    def integral(self, low: float, high: float, power: float = 1.0) -> float:
        """The integral of :meth:`wins`."""
        if high <= low:
            return 0.0
        return (
            self._by_steps(low, high, power) if self.sample else self._simpson(low, high, power)
        )

    def _by_steps(self, low: float, high: float, power: float) -> float:
        """The empirical CDF is constant between two values of the sample."""
        inside = [value for value in self.sample if low < value < high]
        edges = [low, *inside, high]
        return sum((right - left) * self.wins(left, power) for left, right in pairwise(edges))

    def _simpson(self, low: float, high: float, power: float) -> float:
        step = (high - low) / _STEPS
        total = self.wins(low, power) + self.wins(high, power)
        for place in range(1, _STEPS):
            total += (4 if place % 2 else 2) * self.wins(low + place * step, power)
        return total * step / 3


def first_price_bid(
    value: float, rivals: Rivals, reserve: float = 0.0, risk: float = 1.0
) -> float | None:
    """The equilibrium bid at first price, or the price at which to stop a Dutch clock; None below the reserve.

    Args:
        value: of the object to me.
        rivals: what I know of the others.
        reserve: least bid.
        risk: the exponent rho of my utility ``x**rho``; 1 is risk neutral.
    """
    if value < reserve:
        return None
    chance = rivals.wins(value, 1 / risk)
    if not chance:
        return reserve  # nobody with this value ever wins; any bid up to the value does
    return value - rivals.integral(reserve, value, 1 / risk) / chance


def all_pay_bid(value: float, rivals: Rivals, least: float = 0.0) -> float | None:
    """The equilibrium bid at all-pay; None below the least value that takes part."""
    if value < least:
        return None
    return value * rivals.wins(value) - rivals.integral(least, value)
