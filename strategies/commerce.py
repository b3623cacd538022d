"""Merchants: what a unit is worth depends on what else could be done with it.

A seller with stock does not have a reservation value of its own: selling a unit now means not selling it later, so the
unit is worth what it would bring then. A buyer who replenishes has one, but how patient it may be depends on how long
its stock lasts.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


def marginal_value(units: int, arrivals: Sequence[float], low: float, high: float) -> float:
    """What the last of some units of stock is worth to a seller, in utility.

    In the n-th of the coming periods a customer arrives with probability ``arrivals[n]`` who would pay anything from
    ``low`` to ``high``, each equally likely. The value of x units before period n is ``V(x, n) = max over p of f(p)
    (p + V(x-1, n+1)) + (1 - f(p)) V(x, n+1)`` with ``f(p) = arrivals[n] (high - p)/(high - low)``; where m is what the
    unit is worth in the next period, the best price is ``(high + m)/2``, at least ``low``. The result is
    ``V(units, 0) - V(units - 1, 0)``.

    Source: Gallego & van Ryzin (1994), "Optimal dynamic pricing of inventories with stochastic demand over finite
    horizons", in discrete time; Zhao & Zheng (2000) for demand that changes.
    """
    values = [0.0] * (units + 1)
    for arrival in reversed(arrivals):
        later = values
        values = [0.0]
        for x in range(1, units + 1):
            worth = later[x] - later[x - 1]
            price = min(max((high + worth) / 2, low), high)
            chance = arrival * (high - price) / (high - low)
            values.append(later[x] + chance * max(price - worth, 0.0))
    return values[units] - values[units - 1]


class Merchant(Offering):
    """Base of those who concede over time from their best outcome to a floor that their business sets.

    The target is ``floor + (best - floor)(1 - t**(1/e))``; they offer the least outcome at or above it.
    """

    def begin(self, brief: Brief) -> None:
        """Find the floor."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.floor = max(self.business_floor(), self.reservation)
        self.exponent = self.concession()
        # Where the business would rather not deal at all, the seat asks for its best outcome and waits.
        self.floor = min(self.floor, self.space.max_utility)

    @abstractmethod
    def business_floor(self) -> float:
        """The least utility that makes sense for the business, in units of 1e-9."""

    @abstractmethod
    def concession(self) -> float:
        """The exponent e of the curve."""

    def propose(self, view: View) -> Outcome:
        """The least outcome at or above the target."""
        share: float = view.time ** (1 / self.exponent)
        target = self.floor + (self.space.max_utility - self.floor) * (1 - share)
        return self.space.lowest_at_or_above(target) or self.space.kth(0)


@dataclass
class StockSeller(Merchant):
    """Sells a unit of stock for no less than it would bring later, and concedes over time to that.

    The floor is the marginal value of a unit under the demand still to come (:func:`marginal_value`), or the
    reservation value if that is higher: with plenty of stock and little time it is near zero, with little stock and
    much demand near the highest price.

    Source: Gallego & van Ryzin (1994) for the floor, Faratin, Sierra & Jennings (1998) for the curve; ours.

    Attributes:
        units: units in stock, this one included.
        periods: periods left to sell them, the present negotiation not included.
        arrival: chance of a customer in the first of these periods.
        trend: by what factor that chance changes from each period to the next; it stays at most 1.
        low: least that a customer would pay, as a utility of the seller.
        high: most that a customer would pay, as a utility of the seller.
        e: concession exponent; below 1 Boulware.
    """

    units: int = 1
    periods: int = 10
    arrival: float = 0.5
    low: float = 0.0
    high: float = 1.0
    e: float = 0.5
    trend: float = 1.0

    def __post_init__(self) -> None:
        fits = self.units >= 1 and self.periods >= 0 and 0 <= self.arrival <= 1
        fits = fits and 0 <= self.trend < 1e9
        if not (fits and self.low < self.high and self.e > 0):
            raise StrategyError(
                f"{self!r} makes no sense: units >= 1, periods >= 0, 0 <= arrival <= 1, trend >= 0, low < high and "
                "e > 0 are expected",
                code="parameter",
            )

    def business_floor(self) -> float:
        """The marginal value of the unit."""
        value = marginal_value(self.units, self.demand(), self.low, self.high)
        return value * SCALE

    def demand(self) -> list[float]:
        """The chance of a customer in each of the coming periods."""
        chances = [self.arrival]
        for _ in range(self.periods - 1):
            chances.append(min(chances[-1] * self.trend, 1.0))
        return chances[: self.periods]

    def concession(self) -> float:
        """The exponent given."""
        return self.e


@dataclass
class ReplenishingBuyer(Merchant):
    """Buys under a standing mandate, the more patiently the longer its stock lasts.

    Cover is the number of days that the stock lasts beyond the time a delivery takes; patience is cover over
    ``comfortable``, kept in [0, 1]. The concession exponent runs from ``urgent`` without cover to ``calm`` with enough
    of it, geometrically. The floor is the mandate: a utility, or the reservation value if that is higher; no urgency
    lowers it.

    Source: the (s, S) view of Scarf (1960) for cover, Faratin, Sierra & Jennings (1998) for the curve; ours.

    Attributes:
        stock: units in stock.
        daily: units used a day.
        delivery: days from order to delivery.
        comfortable: days of cover that allow full patience.
        mandate: least utility that the principal allows.
        calm: exponent with enough cover.
        urgent: exponent without cover.
    """

    stock: float = 10.0
    daily: float = 1.0
    delivery: float = 2.0
    comfortable: float = 14.0
    mandate: float = 0.0
    calm: float = 0.2
    urgent: float = 2.0

    def __post_init__(self) -> None:
        positive = self.daily > 0 and self.comfortable > 0 and self.calm > 0 and self.urgent > 0
        if not (positive and self.stock >= 0 and self.delivery >= 0):
            raise StrategyError(
                f"{self!r} makes no sense: stock and delivery at least 0, all rates above 0 are expected",
                code="parameter",
            )

    def business_floor(self) -> float:
        """The mandate."""
        return self.mandate * SCALE

    def concession(self) -> float:
        """The exponent that the cover allows."""
        cover = self.stock / self.daily - self.delivery
        patience = min(max(cover / self.comfortable, 0.0), 1.0)
        exponent: float = self.urgent ** (1 - patience) * self.calm**patience
        return exponent
