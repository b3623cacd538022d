"""Zero intelligence, constrained: random prices that never lose money.

A trader has units to trade, each with a limit. It quotes one unit at a time, at a price uniform between its limit
and the far bound of the market, and quotes anew each time it is asked. Markets of such traders are nearly
efficient; what the rules do, not what the traders know, makes them so.

Source: Gode & Sunder (1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from negotiate.errors import StrategyError
from negotiate.moves import Cancel, Order

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from negotiate.bidder import MarketView


class ZeroIntelligence:
    """Quotes at random within its limit; a bidder for :func:`negotiate.host.run`.

    Attributes:
        side: what it does.
        limits: values of the units it buys, or costs of those it sells, in the order of trading.
    """

    def __init__(
        self,
        side: Literal["buy", "sell"],
        limits: Sequence[int],
        random: Random,
        bounds: tuple[int, int] = (0, 200),
    ) -> None:
        low, high = bounds
        if not all(low <= limit <= high for limit in limits):
            raise StrategyError(
                "a limit is outside of the bounds of the market", code="parameter"
            )
        self.side: Literal["buy", "sell"] = side
        self.limits = tuple(limits)
        self._random, self._low, self._high = random, low, high
        self._quotes = 0
        self._traded = 0
        self._live = False

    def __call__(self, view: MarketView) -> Order | Cancel | None:
        """Withdraw the quote that did not trade; then quote the next price."""
        traded = abs(view.position)
        resting, self._live = self._live and traded == self._traded, False
        self._traded = traded
        if resting:
            return Cancel(str(self._quotes))
        if traded >= len(self.limits):
            return None
        self._quotes += 1
        self._live = True
        return Order(str(self._quotes), self.side, self._price(self.limits[traded]), 1)

    def _price(self, limit: int) -> int:
        if self.side == "buy":
            return self._random.randint(self._low, limit)
        return self._random.randint(limit, self._high)
