"""Traders that look at the book and learn little: Giveaway, Shaver, Kaplan's sniper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.strategies.trading.trader import Trader, signed_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import BidderBrief, MarketView, News


class Giveaway(Trader):
    """Quotes its limit, and so gives all profit to whoever is at the other end.

    Source: Cliff (2012), the Bristol Stock Exchange.
    """

    def quote(self, view: MarketView, limit: int) -> int:
        """The limit."""
        return limit


class Shaver(Trader):
    """Betters the best quote of its side by the least it can, up to its limit.

    Source: Cliff (2012), the Bristol Stock Exchange.
    """

    def quote(self, view: MarketView, limit: int) -> int | None:
        """One better than the best; the far bound of the market where there is none."""
        own = signed_book(view, self.sign).own
        if own is None:
            return self.low if self.buys else self.high
        if view.mine == own * self.sign:
            return None  # the best one is my own
        return self.sign * min(own + 1, limit * self.sign)


@dataclass(eq=False)
class Kaplan(Trader):
    """The sniper: waits in the background, and takes a quote that is good, near, or the last chance.

    A buyer takes the best ask, if it does not lose by that,

    * when the ask is no more than the least price of the day before;
    * when it is no more than the largest price of the day before, the spread is small, and the profit is not too
      small; or
    * when time is nearly out.

    On the first day the prices so far stand for those of the day before. A seller does likewise.

    Attributes:
        spread: below which share of the ask the spread is small; 0.1 as published.
        profit: least share of the limit that is profit enough; 0.02 as published.
        hurry: last share of the day in which it takes whatever does not lose; 0.1.

    Source: Rust, Miller & Palmer (1994), "Characterizing effective trading strategies".
    """

    spread: float = 0.1
    profit: float = 0.02
    hurry: float = 0.1
    _past: list[int] = field(default_factory=list[int], init=False, repr=False)
    _today: list[int] = field(default_factory=list[int], init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """What was today is the day before."""
        super().begin(brief)
        self._past, self._today = self._today or self._past, []

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Note the prices of trades."""
        self._today.extend(entry[1] for entry in news if entry[0] in ("buy", "sell"))

    def quote(self, view: MarketView, limit: int) -> int | None:
        """The other side's price when it is time to take it."""
        own, other = signed_book(view, self.sign)
        most = limit * self.sign
        if other is None or other > most:
            return None
        gain = most - other
        near = own is not None and other - own < self.spread * abs(other)
        enough = near and gain > self.profit * abs(limit)
        past = [price * self.sign for price in self._past or self._today]
        good = bool(past) and other <= min(past)
        fair = enough and (not past or other <= max(past))
        return other * self.sign if good or fair or self._late(view) else None

    def _late(self, view: MarketView) -> bool:
        return view.close is not None and view.close - view.now <= self.hurry * view.close
