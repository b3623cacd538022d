"""Zero intelligence: random prices, with and without the constraint that they must not lose money."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from negotiate.strategies.trading.trader import Trader

if TYPE_CHECKING:
    from negotiate.bidder import MarketView


class ZeroIntelligence(Trader):
    """Quotes at random between its limit and the far bound of the market, anew each time it is asked (ZI-C).

    Markets of such traders are nearly efficient; what the rules do, not what the traders know, makes them so.

    Source: Gode & Sunder (1993).
    """

    def quote(self, view: MarketView, limit: int) -> int:
        """A price that does not lose money."""
        random = self.brief.random
        return (
            random.randint(self.low, limit) if self.buys else random.randint(limit, self.high)
        )


class Unconstrained(Trader):
    """Quotes at random between the bounds of the market, whatever it loses by that (ZI-U).

    It trades below its reservation value: a baseline for what the constraint of ZI-C does.

    Source: Gode & Sunder (1993).
    """

    ignores_limit: ClassVar[bool] = True

    def quote(self, view: MarketView, limit: int) -> int:
        """Any price."""
        return self.brief.random.randint(self.low, self.high)
