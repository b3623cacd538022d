"""What the traders of a continuous double auction share.

A trader has units to trade, each with a limit: the value of a unit that it buys, the cost of one that it sells. It
quotes one unit at a time. Whenever it is asked it first hears what happened since, then says at what price it wants
to quote; where the market has no single-order rule, a resting order is withdrawn before the next one is sent.

An instance is one trader. When it sits in another market, of the next trading day, ``begin`` is called again: units
and orders start anew, and what it has learnt stays. A fresh instance knows nothing.

Formulas that read alike for buyers and sellers are written once, in *signed* prices: the price to a buyer, minus the
price to a seller. Then more is always more generous, and the limit is the most one may quote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

from negotiate.bidder import Bidder, BidderBrief, MarketView
from negotiate.errors import StrategyError
from negotiate.moves import Cancel, Order
from negotiate.show import quote as shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView, News
    from negotiate.moves import AnyMove


class Trader(Bidder):
    """Base of traders. Give :meth:`quote`, and :meth:`hear` to learn.

    Attributes:
        buys: whether it buys.
        sign: 1 for a buyer, -1 for a seller.
        limits: of its units, in the order of trading.
        low: least price that makes sense in this market.
        high: largest price that makes sense.
    """

    plays: ClassVar[tuple[str, ...]] = ("continuous-market",)

    def begin(self, brief: BidderBrief) -> None:
        """A new day: nothing traded, nothing heard."""
        super().begin(brief)
        self.buys = brief.stake.side == "buy"
        self.sign = 1 if self.buys else -1
        self.limits = brief.stake.values
        self.low, self.high = brief.bounds
        if not all(self.low <= limit <= self.high for limit in self.limits):
            raise StrategyError(
                f"a limit of {shown(self.limits)} is outside of the market's {self.low} to {self.high}",
                code="parameter",
            )
        self._sent = 0
        self._heard: News | None = None
        self._next: int | None = None

    def quote(self, view: MarketView, limit: int) -> int | None:
        """The price to quote for the next unit; None to leave things as they are."""
        raise NotImplementedError

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Learn from what happened since the last time, oldest first; ``limit`` is None with nothing left to trade."""

    def respond(self, view: AuctionView) -> AnyMove | None:
        """Hear, then quote, withdraw or do nothing."""
        if not isinstance(view, MarketView):
            return None
        traded = view.position * self.sign
        limit = self.limits[traded] if traded < len(self.limits) else None
        self.hear(view, since(view.news, self._heard), limit)
        self._heard = view.news
        if limit is None:
            return None
        mine = view.mine
        if mine is None and self._next is not None:
            price: int | None = self._next  # decided when the last order was withdrawn
            self._next = None
        else:
            price = self.quote(view, limit)
        if price is None or price == mine or (view.improve and self._rests_behind(view, price)):
            return None
        if mine is not None and not view.single:
            self._next = price
            return Cancel(str(self._sent))
        self._sent += 1
        return Order(str(self._sent), "buy" if self.buys else "sell", price, 1)

    def _rests_behind(self, view: MarketView, price: int) -> bool:
        """Whether a market that asks for improvement would refuse this."""
        if self.buys:
            return view.bid is not None and price <= view.bid
        return view.ask is not None and price >= view.ask


class Book(NamedTuple):
    """The best prices as one side sees them, in signed prices.

    Attributes:
        own: the best of those who want the same as I; nothing below is worth quoting.
        other: what the other side asks; quoting as much trades at once.
    """

    own: int | None
    other: int | None


def signed_book(view: MarketView, sign: int) -> Book:
    """The best prices of a view as buyers (1) or sellers (-1) see them."""
    if sign > 0:
        return Book(view.bid, view.ask)
    return Book(
        None if view.ask is None else -view.ask, None if view.bid is None else -view.bid
    )


def since(newest: News | None, heard: News | None) -> list[News]:
    """What happened after ``heard``, oldest first."""
    entries: list[News] = []
    while newest is not heard and newest is not None:
        entries.append(newest)
        newest = newest[3]
    entries.reverse()
    return entries


def unanswered(view: MarketView, sign: int) -> list[News]:
    """When nothing happened: the best quote of the own side, which nobody has taken for one more round.

    Traders that learn from each refused shout would stand still in a book, where a quote is made once and then
    waits; hearing it again stands for its being shouted again.
    """
    best = view.bid if sign > 0 else view.ask
    return [] if best is None else [("bid" if sign > 0 else "ask", best, 1, None)]
