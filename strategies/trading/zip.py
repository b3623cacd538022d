"""ZIP: a profit margin that follows the market."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from typing import TYPE_CHECKING

from negotiate.strategies.trading.trader import Trader, unanswered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import BidderBrief, MarketView, News

_DUST = 1e-6
"""What floating point may leave of a whole price."""


@dataclass(eq=False)
class ZeroIntelligencePlus(Trader):
    """Zero intelligence plus: quotes ``limit * (1 + margin)``, and learns the margin from every shout.

    A seller raises its margin when something is traded at or above its price. It lowers it, as long as it has
    something to sell, when a bid is taken at or below its price or an ask at or below its price is not taken. A buyer
    does likewise with the signs turned. The margin moves by Widrow-Hoff with momentum towards a target a little
    beyond the shout's price q: ``target = R q + A``, ``step = rate * (target - price)``,
    ``change = momentum * change + (1 - momentum) * step``, ``margin = (price + change) / limit - 1``.

    Each trader draws its rate from ``rate_low`` to ``rate_high``, its momentum from 0 to ``momentum``, its first
    margin from ``margin_low`` to ``margin_high`` (a buyer below its limit); for each step R is drawn up to ``noise``
    beyond 1, and A up to ``noise * unit`` beyond 0. In a book a shout that waits is one that is not taken, each time
    that nothing else happened.

    Attributes:
        rate_low: least learning rate.
        rate_high: largest learning rate.
        momentum: largest momentum.
        margin_low: least first margin.
        margin_high: largest first margin.
        noise: how far beyond a shout the target may lie.
        unit: smallest amounts of money in one unit of the paper's prices (of 1 to 4).

    Source: Cliff & Bruten (1997), "Zero is not enough", whose values are the defaults.
    """

    rate_low: float = 0.1
    rate_high: float = 0.5
    momentum: float = 0.1
    margin_low: float = 0.05
    margin_high: float = 0.35
    noise: float = 0.05
    unit: int = 100
    _margin: float | None = field(default=None, init=False, repr=False)
    _change: float = field(default=0.0, init=False, repr=False)
    _rate: float = field(default=0.0, init=False, repr=False)
    _inertia: float = field(default=0.0, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """Draw what this trader is like, on its first day."""
        super().begin(brief)
        random = brief.random
        if self._margin is None:
            self._rate = random.uniform(self.rate_low, self.rate_high)
            self._inertia = random.uniform(0, self.momentum)
            self._margin = -self.sign * random.uniform(self.margin_low, self.margin_high)

    def quote(self, view: MarketView, limit: int) -> int:
        """The limit and the margin."""
        price = limit * (1 + (self._margin or 0.0))
        if self.buys:
            return max(self.low, min(limit, floor(price + _DUST)))
        return min(self.high, max(limit, ceil(price - _DUST)))

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Learn from each shout, taken or not."""
        active = limit is not None
        if limit is None:
            limit = self.limits[-1] if self.limits else 0
        if limit == 0 or self._margin is None:
            return
        sign, refused, taken = self.sign, *(("bid", "buy") if self.buys else ("ask", "sell"))
        for kind, price, _, _ in news or unanswered(view, sign):
            if kind == refused:
                # My quote is my price rounded away from the others, so the best quote may be my own.
                if active and sign * (price - limit * (1 + self._margin)) > -1:
                    self._learn(price, sign, limit)
            elif kind == "buy" or kind == "sell":
                ahead = sign * (limit * (1 + self._margin) - price)
                if ahead >= 0:
                    self._learn(price, -sign, limit)
                elif active and kind == taken:
                    self._learn(price, sign, limit)

    def _learn(self, price: int, direction: int, limit: int) -> None:
        """Move the price up (1) or down (-1), towards a little beyond ``price``."""
        random, noise = self.brief.random.random, direction * self.noise
        target = price * (1 + noise * random()) + noise * random() * self.unit
        now = limit * (1 + (self._margin or 0.0))
        keep = self._inertia
        self._change = keep * self._change + (1 - keep) * self._rate * (target - now)
        margin = (now + self._change) / limit - 1
        self._margin = max(-1.0, min(0.0, margin)) if self.buys else max(0.0, margin)
