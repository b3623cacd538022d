"""The opening auction of an exchange: one price at which the most can be traded.

Among the limit prices in the book: the largest executable volume; then the smallest imbalance; then, if buyers are
left over, the highest of these prices, if sellers are, the lowest; if neither side decides, the price of that
interval nearest to the reference price, or its midpoint without one. Orders without a price trade at any; with no
limit price at all, at the reference price.

The volume goes to market orders first, then by price, then by time.

Source: the published rule books of the large exchanges; Harris, *Trading and Exchanges* (2003), chapter 6.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio

if TYPE_CHECKING:
    from collections.abc import Sequence


class Order(NamedTuple):
    """An order for the call; a market order has no price."""

    id: str
    side: Literal["buy", "sell"]
    price: Amount | None
    qty: int


class Uncrossed(NamedTuple):
    """The price, what traded there, and who got how much.

    Attributes:
        imbalance: what buyers at this price wanted more than sellers offered; negative the other way.
    """

    price: Amount
    volume: int
    imbalance: int
    fills: dict[str, int]


class _Point(NamedTuple):
    price: Amount
    volume: int
    imbalance: int


def uncross(orders: Sequence[Order], reference: Amount | None = None) -> Uncrossed | None:
    """Clear the call; None when nothing crosses."""
    book = _Book(orders)
    points = [book.at(price) for price in book.prices]
    if not points:
        points = [] if reference is None else [book.at(reference)]
    volume = max((point.volume for point in points), default=0)
    if not volume:
        return None
    points = [point for point in points if point.volume == volume]
    least = min(abs(point.imbalance) for point in points)
    price = _price([p for p in points if abs(p.imbalance) == least], reference)
    fills = {
        **_fill([o for o in orders if o.side == "buy"], price, volume),
        **_fill([o for o in orders if o.side == "sell"], price, volume),
    }
    return Uncrossed(price, volume, book.at(price).imbalance, fills)


class _Book:
    """Demand and supply as functions of the price."""

    def __init__(self, orders: Sequence[Order]) -> None:
        limits = [order for order in orders if order.price is not None]
        self.prices: list[Amount] = sorted({o.price for o in limits if o.price is not None})
        self._market = {side: _total(orders, side) for side in ("buy", "sell")}
        self._bids = self._ladder(limits, "buy")
        self._asks = self._ladder(limits, "sell")

    def _ladder(self, limits: Sequence[Order], side: str) -> tuple[list[Amount], list[int]]:
        own = sorted((o.price, o.qty) for o in limits if o.side == side and o.price is not None)
        return [price for price, _ in own], [0, *accumulate(qty for _, qty in own)]

    def at(self, price: Amount) -> _Point:
        prices, sums = self._bids
        demand = self._market["buy"] + sums[-1] - sums[bisect_left(prices, price)]
        prices, sums = self._asks
        supply = self._market["sell"] + sums[bisect_right(prices, price)]
        return _Point(price, min(demand, supply), demand - supply)


def _total(orders: Sequence[Order], side: str) -> int:
    return sum(order.qty for order in orders if order.side == side and order.price is None)


def _price(tied: Sequence[_Point], reference: Amount | None) -> Amount:
    """One price of those with the same volume and the same size of imbalance, in rising order."""
    buyers_left = [point.price for point in tied if point.imbalance > 0]
    sellers_left = [point.price for point in tied if point.imbalance < 0]
    if len(buyers_left) == len(tied):
        return buyers_left[-1]
    if len(sellers_left) == len(tied):
        return sellers_left[0]
    low = buyers_left[-1] if buyers_left else tied[0].price
    high = sellers_left[0] if sellers_left else tied[-1].price
    return ratio(low + high, 2) if reference is None else min(max(reference, low), high)


def _fill(orders: Sequence[Order], price: Amount, volume: int) -> dict[str, int]:
    """One side's orders in priority, until the volume is used up."""
    fills: dict[str, int] = {}
    for order in sorted(orders, key=_priority):
        limit = order.price
        outside = limit is not None and (
            limit < price if order.side == "buy" else limit > price
        )
        got = 0 if outside else min(order.qty, volume)
        if got:
            fills[order.id] = got
            volume -= got
    return fills


def _priority(order: Order) -> tuple[bool, Amount]:
    """Market orders, then the best price; a stable sort keeps the order of arrival."""
    if order.price is None:
        return False, 0
    return True, -order.price if order.side == "buy" else order.price
