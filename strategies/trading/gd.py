"""GD and GDX: quote what is worth most by the chance that it is taken; now, or over all that is left of the day."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.strategies.trading.belief import History
from negotiate.strategies.trading.trader import Trader, signed_book

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import BidderBrief, MarketView, News
    from negotiate.strategies.trading.belief import Belief, Offer


@dataclass(eq=False)
class GjerstadDickhaut(Trader):
    """GD: quotes the price that maximises ``(limit - price) q(price)``.

    q is the chance that a quote is taken, by the quotes since the ``memory``-th last trade; see
    :mod:`negotiate.strategies.trading.belief`. A price no better than the best of its side is never taken, and the
    other side's price for certain.

    Attributes:
        memory: for how many trades a quote is remembered; 5 as published.

    Source: Gjerstad & Dickhaut (1998), "Price formation in double auctions".
    """

    memory: int = 5
    _history: History = field(default_factory=lambda: History(0, 0), init=False, repr=False)
    _belief: Belief | None = field(default=None, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """Quotes of earlier days are remembered."""
        super().begin(brief)
        if self._history.sign != self.sign:
            self._history = History(self.sign, self.memory)
        self._belief = None

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Remember the quotes."""
        if news:
            self._history.add(news)
            self._belief = None

    def quote(self, view: MarketView, limit: int) -> int | None:
        """The best of the prices that better the book and do not lose."""
        if self._belief is not None and view.mine is not None and self._settled(view):
            return None  # nothing happened since the last thought
        low, high = sorted((self.low * self.sign, self.high * self.sign))
        own, other = signed_book(view, self.sign)
        most = limit * self.sign
        first = low if own is None else own + (view.mine != own * self.sign)
        last = most if other is None else min(most, other - 1)
        self._belief = self._belief or self._history.belief(low, high)
        sure = other if other is not None and other <= most else None
        offers = self._belief.offers(first, last, sure)
        return None if not offers else self.sign * self._choose(view, offers).price

    def _settled(self, view: MarketView) -> bool:
        """Whether the same thoughts would come to the same price."""
        return True

    def _choose(self, view: MarketView, offers: list[Offer]) -> Offer:
        return _best(offers, self.limits[view.position * self.sign] * self.sign)


@dataclass(eq=False)
class GDX(GjerstadDickhaut):
    """GDX: the same belief, used to plan all that may still be traded today.

    With x units and n more chances to quote, ``V(x, n) = max over p of q(p) (limit_x - p + gamma V(x-1, n-1)) + (1 -
    q(p)) gamma V(x, n-1)``; it quotes the p of the first maximum. n is the time left by the time from one chance to
    the next, ``horizon`` at most.

    Attributes:
        memory: for how many trades a quote is remembered; 5.
        gamma: what a later unit of profit is worth; 0.9 as published.
        horizon: most chances that it plans ahead.

    Source: Tesauro & Bredin (2002), "Strategic sequential bidding in auctions using dynamic programming".
    """

    gamma: float = 0.9
    horizon: int = 20
    _asked: int = field(default=0, init=False, repr=False)
    _pause: int = field(default=0, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """No chance has passed yet."""
        super().begin(brief)
        self._asked = self._pause = 0

    def hear(self, view: MarketView, news: Sequence[News], limit: int | None) -> None:
        """Remember the quotes, and how long it was since the last chance."""
        super().hear(view, news, limit)
        self._pause, self._asked = view.now - self._asked, view.now

    def _settled(self, view: MarketView) -> bool:
        return self._left(view) == self.horizon

    def _left(self, view: MarketView) -> int:
        """Chances to quote, this one included."""
        if view.close is None or self._pause <= 0:
            return self.horizon
        return max(1, min(self.horizon, (view.close - view.now) // self._pause))

    def _choose(self, view: MarketView, offers: list[Offer]) -> Offer:
        limits = self.limits[view.position * self.sign :]
        return self._plan([limit * self.sign for limit in limits], offers, self._left(view))

    def _plan(self, limits: list[int], offers: list[Offer], left: int) -> Offer:
        """The first quote of the best plan."""
        gamma = self.gamma
        after = [0.0] * left  # V of one unit less, by the number of chances left
        best = offers[0]
        for limit in reversed(limits):
            worth = [0.0]
            for chances in range(1, left + 1):
                wait = gamma * worth[-1]
                value = limit + gamma * after[chances - 1] - wait
                best = _best(offers, value)
                worth.append(wait + max(0.0, best.chance * (value - best.price)))
            after = worth
        return best


def _best(offers: list[Offer], value: float) -> Offer:
    """The offer that maximises ``chance * (value - price)``, the likelier of equals."""
    best, most = offers[0], offers[0].chance * (value - offers[0].price)
    for offer in offers:
        gain = offer.chance * (value - offer.price)
        if gain < most:
            break  # on a convex hull the gain falls once it has begun to
        best, most = offer, gain
    return best
