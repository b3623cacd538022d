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
    """One side: a queue for each price, and a heap of the prices, best first."""

    __slots__ = ("heap", "queues", "sign")

    def __init__(self, sign: int) -> None:
        self.sign = sign  # -1 for buyers, whose best price is the highest
        self.heap: list[Amount] = []
        self.queues: dict[Amount, deque[Resting]] = {}

    def add(self, order: Resting) -> None:
        queue = self.queues.get(order.price)
        if queue is None:
            self.queues[order.price] = deque((order,))
            heappush(self.heap, self.sign * order.price)
        else:
            queue.append(order)

    def best(self) -> deque[Resting] | None:
        """The queue of the best price, a live order at its front."""
        heap = self.heap
        while heap:
            price = self.sign * heap[0]
            queue = self.queues[price]
            while queue and not queue[0].qty:
                queue.popleft()
            if queue:
                return queue
            heappop(heap)
            del self.queues[price]
        return None

    def orders(self) -> list[Resting]:
        """Live orders in priority."""
        ranked = sorted(self.queues, key=lambda price: self.sign * price)
        return [order for price in ranked for order in self.queues[price] if order.qty]

    def sweep(self) -> None:
        """Forget the dead."""
        live = self.orders()
        self.queues.clear()
        for order in live:
            self.queues.setdefault(order.price, deque()).append(order)
        self.heap = [self.sign * price for price in self.queues]
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
        order = Resting(name, bidder, side, 0 if price is None else price, qty)
        trades: list[Trade] = []
        queue = other.best()
        if queue is not None and (
            price is None
            or (queue[0].price <= price if side == "buy" else queue[0].price >= price)
        ):
            self._match(order, other, price, trades)
        if order.qty and price is not None and life == "GTC":
            own.add(order)
            self.live[name] = order
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
        queue = (self._buy if side == "buy" else self._sell).best()
        return None if queue is None else queue[0].price

    def orders(self, side: Side) -> list[Resting]:
        """Live orders of a side, in priority."""
        return (self._buy if side == "buy" else self._sell).orders()

    def _match(
        self, order: Resting, other: _Half, limit: Amount | None, trades: list[Trade]
    ) -> None:
        sign, watch = other.sign, self.self_trade != "allow"
        while order.qty and (queue := other.best()) is not None:
            price = queue[0].price
            if limit is not None and sign * price > sign * limit:
                return
            while order.qty and queue:
                maker = queue[0]
                if not maker.qty:
                    queue.popleft()
                elif watch and maker.bidder == order.bidder:
                    self._prevent(order, maker)
                else:
                    qty = order.qty if order.qty < maker.qty else maker.qty
                    trades.append(Trade(order.id, maker.id, price, qty))
                    order.qty -= qty
                    maker.qty -= qty
                    if not maker.qty:
                        del self.live[maker.id]
                        queue.popleft()

    def _prevent(self, order: Resting, maker: Resting) -> None:
        """The two belong to one bidder."""
        if self.self_trade != "cancel_incoming":
            del self.live[maker.id]
            maker.qty = 0
        if self.self_trade != "cancel_resting":
            order.qty = 0

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
