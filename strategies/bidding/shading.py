"""Equilibrium bidders: bid less than it is worth, by what is known of the others.

What is known is the ``prior`` of the brief, one rival's distribution; without one, values uniform between the
bounds. Formulas and sources are those of :mod:`negotiate.strategies.bidding.equilibrium`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING, ClassVar

from negotiate.errors import StrategyError
from negotiate.strategies.bidding.equilibrium import Rivals, all_pay_bid, first_price_bid
from negotiate.strategies.bidding.truthful import Truthful

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView, BidderBrief

_DUST = 1e-6
"""What floating point may leave of a whole amount."""


class _Shading(Truthful):
    """Knows its rivals. A buyer's values and a seller's negated costs are bid on alike."""

    def begin(self, brief: BidderBrief) -> None:
        """Work out what to bid, once."""
        super().begin(brief)
        self._floor = self._reserve()
        self._planned: int | None = None
        self._known = False

    def amount(self, view: AuctionView) -> int | None:
        """The equilibrium bid; the truth where that is the equilibrium."""
        if not self._shades():
            return super().amount(view)
        if not self._known:
            self._planned, self._known = self._plan(), True
        return self._planned

    def _shades(self) -> bool:
        """Whether these rules make one bid less than it is worth."""
        return True

    def _bid_of(self, value: int, rivals: Rivals) -> float | None:
        """The equilibrium bid."""
        raise NotImplementedError

    def _plan(self) -> int | None:
        values = self.brief.stake.values
        if not values:
            return None
        if len(self.brief.parties) < 2:
            bid: float | None = self._floor if self.sign * values[0] >= self._floor else None
        else:
            bid = self._bid_of(self.sign * values[0], self._rivals())
        if bid is None:
            return None
        if self.sells:
            return min(max(ceil(-bid - _DUST), values[0]), int(-self._floor))
        return max(min(floor(bid + _DUST), values[0]), int(self._floor))

    @property
    def sign(self) -> int:
        """1 for a buyer, -1 for a seller."""
        return -1 if self.sells else 1

    def _reserve(self) -> float:
        """The least bid, signed: of a seller, minus the ceiling."""
        low, high = self.brief.bounds
        name = "last" if self.terms.get("form") == "dutch" else "reserve"
        given = self.terms.get(name, self.terms.get("ceiling"))
        if self.sells:
            return -float(given if isinstance(given, int) else high)
        return float(given if isinstance(given, int) else max(0, min(low, 0)))

    def _rivals(self) -> Rivals:
        low, high = self.brief.bounds
        prior, count = self.brief.prior, len(self.brief.parties)
        if prior is None:
            width = max(high - low, 1)
            if self.sells:
                return Rivals(lambda x: (high + x) / width, count)
            return Rivals(lambda x: (x - low) / width, count)
        if self.sells:
            return Rivals(lambda x: 1 - prior.cdf(-x), count)
        return Rivals(prior.cdf, count)


@dataclass(eq=False)
class FirstPriceEquilibrium(_Shading):
    """Bids the symmetric equilibrium at first price, and stops a falling clock there; elsewhere it is truthful.

    At first score its surplus takes the place of a value, and the score that of a bid.

    Attributes:
        rho: its utility of a gain x is ``x**rho``; 1 is risk neutral.

    Source: Krishna (2010), sections 2.3 and 4.1; Riley & Samuelson (1981); at first score Che (1993).
    """

    plays: ClassVar[tuple[str, ...]] = (
        "sealed-bid",
        "clock-auction",
        "contract-net",
        "scoring",
    )

    rho: float = 1.0

    def begin(self, brief: BidderBrief) -> None:
        """Work out what to bid, once."""
        if not 0 < self.rho <= 1:
            raise StrategyError(
                f"rho is {self.rho}; more than 0 and at most 1 is expected", code="parameter"
            )
        super().begin(brief)

    def _shades(self) -> bool:
        first = self.terms.get("price") == "first" or self.terms.get("name") == "contract-net"
        return first or self.terms.get("form") == "dutch"

    def score(self, surplus: int) -> int:
        """The equilibrium score at first score; the truth at second score."""
        if self.terms.get("rule") != "first_score" or len(self.brief.parties) < 2:
            return surplus
        prior, least = self.brief.prior, self.terms.get("minimum")
        high, floor_ = max(self.brief.bounds[1], 1), least if isinstance(least, int) else 0
        cdf = prior.cdf if prior is not None else lambda value: value / high
        bid = first_price_bid(surplus, Rivals(cdf, len(self.brief.parties)), floor_, self.rho)
        return surplus if bid is None else max(min(floor(bid + _DUST), surplus), floor_)

    def _bid_of(self, value: int, rivals: Rivals) -> float | None:
        return first_price_bid(value, rivals, self._floor, self.rho)


class AllPayEquilibrium(_Shading):
    """Bids the symmetric equilibrium of the auction in which all pay.

    With a reserve r a value takes part from the v on for which ``v F(v)**(n-1) = r``.

    Source: Krishna (2010), section 3.2.
    """

    plays: ClassVar[tuple[str, ...]] = ("sealed-bid",)

    def _shades(self) -> bool:
        return self.terms.get("price") == "all-pay"

    def _bid_of(self, value: int, rivals: Rivals) -> float | None:
        return all_pay_bid(value, rivals, self._least(rivals))

    def _least(self, rivals: Rivals) -> float:
        low, high = map(float, self.brief.bounds)
        for _ in range(60 if self._floor > 0 else 0):
            middle = (low + high) / 2
            low, high = (
                (low, middle) if middle * rivals.wins(middle) >= self._floor else (middle, high)
            )
        return high if self._floor > 0 else 0.0
