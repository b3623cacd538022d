"""What quotes of the past say about the chance that a quote is taken.

All prices here are signed (see :mod:`negotiate.strategies.trading.trader`), so everything is said for a buyer. Let
T(b) be the quotes of the own side that were taken at b or less, O(b) the quotes of the other side at b or less, and
R(b) the quotes of the own side at b or more that nobody took. A quote of b is taken with chance

    q(b) = (T(b) + O(b)) / (T(b) + O(b) + R(b))

at each price of the past, with a cubic of slope 0 at both ends in between. At the least price that makes sense it is
0, at the largest 1. Remembered are the quotes since the ``memory``-th last trade.

Source: Gjerstad & Dickhaut (1998), "Price formation in double auctions".
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import News


class _Quote:
    """A quote: signed price, whether the own side made it, whether somebody took it."""

    __slots__ = ("own", "price", "taken")

    def __init__(self, price: int, own: bool, taken: bool = False) -> None:
        self.price, self.own, self.taken = price, own, taken


class History:
    """The quotes of the last trades, as one side sees them.

    Args:
        sign: 1 for a buyer, -1 for a seller.
        memory: for how many trades a quote is remembered.
    """

    def __init__(self, sign: int, memory: int) -> None:
        self.sign = sign
        self.memory = memory
        self._spans: list[list[_Quote]] = [[]]  # one a trade, and the one that is going on

    def add(self, news: Sequence[News]) -> None:
        """Take in what happened, oldest first."""
        for kind, price, _, _ in news:
            by_buyer = kind == "bid" or kind == "sell"  # who made the quote, taken or not
            own = by_buyer == (self.sign > 0)
            if kind == "bid" or kind == "ask":
                self._spans[-1].append(_Quote(price * self.sign, own))
            else:
                self._take(price * self.sign, own)
                self._spans.append([])
                del self._spans[: -self.memory - 1]

    def _take(self, price: int, own: bool) -> None:
        """The newest quote like this is the one that was taken; one that was never the best is new."""
        for span in reversed(self._spans):
            for quote in reversed(span):
                if quote.price == price and quote.own == own and not quote.taken:
                    quote.taken = True
                    return
        self._spans[-1].append(_Quote(price, own, taken=True))

    def belief(self, low: int, high: int) -> Belief:
        """The chances, from the least to the largest price that makes sense, signed."""
        good: dict[int, int] = {}
        bad: dict[int, int] = {}
        refused = 0
        for span in self._spans:
            for quote in span:
                if quote.own and not quote.taken:
                    bad[quote.price] = bad.get(quote.price, 0) + 1
                    refused += 1
                else:
                    good[quote.price] = good.get(quote.price, 0) + 1
        prices, chances, successes = [low], [0.0], 0
        for price in sorted({*good, *bad}):
            successes += good.get(price, 0)
            if low < price < high and successes + refused:
                prices.append(price)
                chances.append(successes / (successes + refused))
            refused -= bad.get(price, 0)
        return Belief([*prices, high], [*chances, 1.0])


class Belief:
    """The chance that a quote is taken, by its signed price."""

    def __init__(self, prices: list[int], chances: list[float]) -> None:
        self._prices, self._chances = prices, chances

    def chance(self, price: int) -> float:
        """Of one price."""
        place = bisect_right(self._prices, price)
        if place == 0:
            return 0.0
        if place == len(self._prices):
            return 1.0
        left, before = self._prices[place - 1], self._chances[place - 1]
        share = (price - left) / (self._prices[place] - left)
        return before + (self._chances[place] - before) * share * share * (3 - 2 * share)

    def offers(self, first: int, last: int, other: int | None, most: int = 48) -> list[Offer]:
        """Prices worth a thought: from ``first`` to ``last``, and ``other``, which is taken for certain.

        Left are those that are best for some value of a trade: a corner each of the lower convex hull of the points
        (chance, chance times price). Of a wide range ``most`` prices are looked at.
        """
        step = max(1, (last - first) // most + 1)
        found = [Offer(price, self.chance(price)) for price in range(first, last + 1, step)]
        if other is not None:
            found.append(Offer(other, 1.0))
        return _hull(found)


class Offer(NamedTuple):
    """A price, signed, and the chance that it is taken."""

    price: int
    chance: float


def _hull(offers: list[Offer]) -> list[Offer]:
    """Offers, in the order of their chances, that maximise ``chance * (value - price)`` for some value."""
    kept: list[Offer] = []
    for offer in offers:
        if kept and offer.chance <= kept[-1].chance:
            continue  # dearer, and no likelier
        while len(kept) > 1 and _above(kept[-2], kept[-1], offer):
            kept.pop()
        kept.append(offer)
    return kept


def _above(left: Offer, middle: Offer, right: Offer) -> bool:
    """Whether the middle point lies on or above the line between the others."""
    rise = middle.chance * middle.price - left.chance * left.price
    far_rise = right.chance * right.price - left.chance * left.price
    return rise * (right.chance - left.chance) >= far_rise * (middle.chance - left.chance)
