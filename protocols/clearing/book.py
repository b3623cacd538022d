"""The order book of a continuous double auction: price-time priority, trades at the resting price.

An incoming order trades with the best price on the other side, the oldest order first, as long as it crosses.
What is left of a limit order rests; of a market order and of an immediate-or-cancel order it is dropped. A
fill-or-kill order trades in full or not at all. When an order meets a resting order of the same bidder, the
self-trade rule says what happens: ``allow`` it, ``cancel_resting``, ``cancel_incoming``, or ``cancel_both``.

A cancelled order only loses its quantity; it leaves the queue when it comes to the front, or when dead orders
outnumber the live ones.

Sources: Friedman & Rust (1993); Harris, *Trading and Exchanges* (2003).
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from negotiate.errors import LocalError
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.protocols.clearing.amounts import Amount

Side: TypeAlias = Literal["buy", "sell"]
Life: TypeAlias = Literal["GTC", "IOC", "FOK"]
SelfTrade: TypeAlias = Literal["allow", "cancel_resting", "cancel_incoming", "cancel_both"]

_SLACK = 1024

_trade = tuple.__new__  # a Trade as its own constructor makes it, without a call of Python code


class Trade(NamedTuple):
    """One execution: the incoming order, the resting one, the resting one's price, the quantity."""

    taker: str
    maker: str
    price: Amount
    qty: int


class Resting:
    """An order in the book; its quantity falls as it trades."""

    __slots__ = ("bidder", "id", "price", "qty", "side")

    def __init__(self, name: str, bidder: str, side: Side, price: Amount, qty: int) -> None:
        self.id = name
        self.bidder = bidder
        self.side: Side = side
        self.price = price
        self.qty = qty


class _Half:
    """One side: a queue for each price, and a heap of the prices, best first.

    Both are by the price times the sign, so that the best is the least.
    """

    __slots__ = ("heap", "queues", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign  # -1 for buyers, whose best price is the highest
        self.heap: list[Amount] = []
        self.queues: dict[Amount, deque[Resting]] = {}

    def best(self) -> Resting | None:
        """The live order that comes first."""
        heap = self.heap
        while heap:
            queue = self.queues[heap[0]]
            while queue:
                if queue[0].qty:
                    return queue[0]
                queue.popleft()
            del self.queues[heappop(heap)]
        return None

    def orders(self) -> list[Resting]:
        """Live orders in priority."""
        return [order for key in sorted(self.queues) for order in self.queues[key] if order.qty]

    def sweep(self) -> None:
        """Forget the dead."""
        live = self.orders()
        self.queues.clear()
        for order in live:
            self.queues.setdefault(self.sign * order.price, deque()).append(order)
        self.heap = list(self.queues)
        heapify(self.heap)


class Book:
    """The book, and the orders in it by their ids."""

    def __init__(self, self_trade: SelfTrade = "allow") -> None:
        self.self_trade: SelfTrade = self_trade
        self.live: dict[str, Resting] = {}
        self._known: set[str] = set()
        self._buy, self._sell = _Half(-1), _Half(1)
        self._dead = 0

    def submit(
        self,
        name: str,
        bidder: str,
        side: Side,
        price: Amount | None,
        qty: int,
        life: Life = "GTC",
    ) -> list[Trade]:
        """Let an order come in; None for the price makes it a market order.

        Returns:
            Its trades, in order.

        Raises:
            LocalError: the order's name was used before; nothing has changed.
        """
        if name in self._known:
            raise LocalError(f"order id {quote(name)} was used before", code="duplicate-order")
        self._known.add(name)
        own, other = (self._buy, self._sell) if side == "buy" else (self._sell, self._buy)
        if life == "FOK" and self._available(other, bidder, price) < qty:
            return []
        trades: list[Trade] = []
        # The first key may be of a price whose orders are all dead; then it is too good, never too bad.
        if other.heap and (price is None or other.heap[0] <= other.sign * price):
            limit = None if price is None else other.sign * price
            qty = self._match(name, bidder, qty, other, limit, trades)
        if qty and price is not None and life == "GTC":
            self.live[name] = order = Resting(name, bidder, side, price, qty)
            key = own.sign * price
            queue = own.queues.get(key)
            if queue is None:
                own.queues[key] = deque((order,))
                heappush(own.heap, key)
            else:
                queue.append(order)
        return trades

    def cancel(self, name: str) -> bool:
        """Take a live order out of the book; False if it is not live."""
        order = self.live.pop(name, None)
        if order is None:
            return False
        order.qty = 0
        self._dead += 1
        if self._dead > len(self.live) + _SLACK:
            self._buy.sweep()
            self._sell.sweep()
            self._dead = 0
        return True

    def known(self, name: str) -> bool:
        """Whether an order with this id ever came in."""
        return name in self._known

    def best(self, side: Side) -> Amount | None:
        """The best price of a side."""
        order = (self._buy if side == "buy" else self._sell).best()
        return None if order is None else order.price

    def orders(self, side: Side) -> list[Resting]:
        """Live orders of a side, in priority."""
        return (self._buy if side == "buy" else self._sell).orders()

    def _match(
        self,
        name: str,
        bidder: str,
        qty: int,
        other: _Half,
        limit: Amount | None,
        trades: list[Trade],
    ) -> int:
        """Trade with the best of the other side, down to the key ``limit``; the quantity that is left."""
        heap, queues, live, watch = (
            other.heap,
            other.queues,
            self.live,
            self.self_trade != "allow",
        )
        while qty and heap and (limit is None or heap[0] <= limit):
            queue = queues[heap[0]]
            while queue and qty:
                maker = queue[0]
                there = maker.qty
                if watch and there and maker.bidder == bidder:
                    qty = self._prevent(maker, qty)
                elif there > qty:
                    trades.append(_trade(Trade, (name, maker.id, maker.price, qty)))
                    maker.qty = there - qty
                    return 0
                else:
                    if there:
                        trades.append(_trade(Trade, (name, maker.id, maker.price, there)))
                        qty -= there
                        maker.qty = 0
                        del live[maker.id]
                    queue.popleft()
            if not queue:
                del queues[heappop(heap)]
        return qty

    def _prevent(self, maker: Resting, qty: int) -> int:
        """The two belong to one bidder; what is left of the incoming order."""
        if self.self_trade != "cancel_incoming":
            del self.live[maker.id]
            maker.qty = 0
        return qty if self.self_trade == "cancel_resting" else 0

    def _available(self, other: _Half, bidder: str, limit: Amount | None) -> int:
        """How much an order could trade in full, as the self-trade rule lets it."""
        total = 0
        for resting in other.orders():
            if limit is not None and other.sign * resting.price > other.sign * limit:
                break
            if resting.bidder != bidder or self.self_trade == "allow":
                total += resting.qty
            elif self.self_trade != "cancel_resting":
                break
        return total
