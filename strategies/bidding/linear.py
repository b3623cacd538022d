"""The linear equilibrium of the bilateral double auction."""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, ClassVar, cast

from negotiate.strategies.bidding.truthful import Truthful

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView


class LinearDouble(Truthful):
    """Bids and asks linearly in value and cost, both uniform between the bounds, in a double auction at weight k.

    On [0, 1]: a buyer bids ``v / (1 + k) + k (1 - k) / (2 (1 + k))`` and a seller asks ``c / (2 - k) + (1 - k) / 2``; a
    bid above the value, or an ask below the cost, could only lose, and is the value or the cost.

    Source: Chatterjee & Samuelson (1983).
    """

    plays: ClassVar[tuple[str, ...]] = ("double-auction",)

    def amount(self, view: AuctionView) -> int | None:
        """The equilibrium bid or ask."""
        value = super().amount(view)
        if value is None or self.terms.get("rule") != "k":
            return value
        over, under = cast("tuple[int, int]", self.terms["weight"])
        low, high = self.brief.bounds
        k, width = over / under, max(high - low, 1)
        place = (value - low) / width
        if self.sells:
            return max(value, low + ceil(width * (place / (2 - k) + (1 - k) / 2)))
        return min(value, low + floor(width * (place / (1 + k) + k * (1 - k) / (2 * (1 + k)))))
