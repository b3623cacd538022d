"""Continuous double auction: orders meet in one book whenever they cross.

Every party may send orders and cancel its own at any time until the market closes. Price-time priority; a trade is
at the resting order's price. Limit, market, immediate-or-cancel and fill-or-kill orders, and the self-trade rules,
are those of :mod:`negotiate.protocols.clearing.book`. All see best bid, best ask and all trades without names; an
order is seen by its party only.

Three rules make it the market of the experiments: a party has a single order, a new one takes its place (``single``);
an order may rest only if it betters the best of its side (``improve``, the rule of New York); a trade clears the
book (``clear``).

The table:

    phase   order   cancel
    open    open    open

At the close each party has bought and sold what its trades say; orders that still rest are void.

Sources: Friedman & Rust (1993); Harris, *Trading and Exchanges* (2003); Gode & Sunder (1993) for ``clear``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.bidder import AuctionView, MarketView, News
from negotiate.errors import IllegalMove
from negotiate.moves import Cancel, Order
from negotiate.protocol import Protocol
from negotiate.protocols.clearing.book import Book, Resting, SelfTrade, Trade
from negotiate.protocols.hosted import (
    HostedNegotiation,
    Table,
    amount_of,
)
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "order"): ("open",), ("open", "cancel"): ("open",)}

_KINDS = tuple(kind for _, kind in TABLE)


class ContinuousMarket(Protocol):
    """The rules.

    Attributes:
        time_limit: milliseconds to the close.
        self_trade: what happens when a party's order meets its own.
        most_orders: orders that a party may have sent in all.
        single: whether a new order takes the place of the party's resting one.
        improve: whether an order may rest only if it betters the best of its side.
        clear: whether a trade voids all resting orders.
    """

    name: Literal["continuous-market"] = "continuous-market"
    time_limit: int = Field(default=180_000, ge=1)
    self_trade: SelfTrade = "cancel_resting"
    most_orders: int = Field(default=100_000, ge=1)
    single: bool = False
    improve: bool = False
    clear: bool = False

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> OpenMarket:
        """A new market among one or more traders."""
        return OpenMarket(self, domain, parties, at)

    @property
    def needs_clock(self) -> bool:
        """It closes by time."""
        return True


class OpenMarket(HostedNegotiation):
    """The running state: the book, and what everybody has traded."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Order, Cancel)

    def __init__(
        self, rules: ContinuousMarket, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at)
        self.rules = rules
        self.book = Book(rules.self_trade)
        self.trades: list[Trade] = []
        self._market_views = tuple(
            MarketView(party, single=rules.single, improve=rules.improve) for party in self._all
        )
        self._views = self._market_views
        self._sent = [0 for _ in self._all]
        self._position = [0 for _ in self._all]
        self._cash = [0 for _ in self._all]
        self._newest = ["" for _ in self._all]  # key of each party's last order
        self._news: News | None = None
        self._bid: int | None = None
        self._ask: int | None = None

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if type(move) is Order:
            self._refuse_order(party, move)
        elif type(move) is Cancel and _key(party, move.id) not in self.book.live:
            raise IllegalMove(
                f"no order {quote(move.id)} of yours is live", code="unknown-order"
            )

    def _refuse_order(self, party: Party, order: Order) -> None:
        name, price, qty = _key(party, order.id), order.price, order.qty
        if self.book.known(name):
            raise IllegalMove(
                f"order id {quote(order.id)} was used before", code="duplicate-order"
            )
        if self._sent[party] >= self.rules.most_orders:
            raise IllegalMove(
                f"{self.rules.most_orders:,} orders are the most", code="too-many"
            )
        if order.side not in ("buy", "sell") or order.life not in ("GTC", "IOC", "FOK"):
            raise IllegalMove(f"{quote(order)} has no such side or life", code="order")
        if price is not None:
            amount_of(price)
        if not amount_of(qty):
            raise IllegalMove("an order is for one or more", code="amount")
        if self.rules.improve and self._rests_behind(order):
            raise IllegalMove(
                f"the best {order.side} order is better than {order.price}", code="improve"
            )

    def _rests_behind(self, order: Order) -> bool:
        """Whether it would rest without bettering the best of its side."""
        price, bid, ask = order.price, self._bid, self._ask
        if price is None or order.life != "GTC":
            return False
        if order.side == "buy":
            return bid is not None and price <= bid
        return ask is not None and price >= ask

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        book = self.book
        if isinstance(move, Cancel):
            book.cancel(f"{party}:{move.id}")
            self._note(party, "cancel", None, (party,))
            self._quote(0)
        elif isinstance(move, Order):
            self._sent[party] += 1
            buys, price, name = move.side == "buy", move.price, f"{party}:{move.id}"
            shown = (buys, move.qty) if price is None else (buys, move.qty, price)
            self._note(party, "order", shown, (party,))
            if self.rules.single:
                book.cancel(self._newest[party])
            self._newest[party] = name
            trades = book.submit(name, str(party), move.side, price, move.qty, move.life)
            for trade in trades:
                self._settle(party, buys, trade)
            if trades and self.rules.clear:
                for resting in tuple(book.live):
                    book.cancel(resting)
            rest = book.live.get(name)
            if trades or self.rules.single or rest is None or self._is_best(rest):
                self._quote(0 if rest is None else rest.qty)

    def _is_best(self, order: Resting) -> bool:
        """Whether an order betters the best of its side."""
        if order.side == "buy":
            return self._bid is None or order.price > self._bid
        return self._ask is None or order.price < self._ask

    def _settle(self, taker: Party, bought: bool, trade: Trade) -> None:
        maker = int(trade.maker.partition(":")[0])
        buyer, seller = (taker, maker) if bought else (maker, taker)
        price = int(trade.price)
        self._position[buyer] += trade.qty
        self._position[seller] -= trade.qty
        self._cash[buyer] -= price * trade.qty
        self._cash[seller] += price * trade.qty
        self.trades.append(trade)
        self._news = ("buy" if bought else "sell", price, trade.qty, self._news)

    def _quote(self, qty: int) -> None:
        """Look at the best prices; one that became better is news."""
        book, old_bid, old_ask = self.book, self._bid, self._ask
        best_bid, best_ask = book.best("buy"), book.best("sell")
        self._bid = bid = None if best_bid is None else int(best_bid)
        self._ask = ask = None if best_ask is None else int(best_ask)
        if bid is not None and (old_bid is None or bid > old_bid):
            self._news = ("bid", bid, qty, self._news)
        if ask is not None and (old_ask is None or ask < old_ask):
            self._news = ("ask", ask, qty, self._news)

    def legal(self, party: Party) -> tuple[str, ...]:
        """Kinds of the moves that the party may make now."""
        return _KINDS if self.result is None else ()

    def _event(self) -> int:
        return self.rules.time_limit

    def _due(self, now: int) -> None:
        self._allocate(
            dict(enumerate(self._position)), {p: -cash for p, cash in enumerate(self._cash)}
        )

    def view(self, party: Party) -> MarketView:
        """What ``party`` may see now."""
        super().view(party)
        return self._market_views[party]

    def _show(self, view: AuctionView) -> None:
        if not isinstance(view, MarketView):
            return
        party = view.party
        view.bid, view.ask, view.news = self._bid, self._ask, self._news
        view.price = int(self.trades[-1].price) if self.trades else None
        view.position, view.cash = self._position[party], self._cash[party]
        mine = self.book.live.get(self._newest[party])
        view.mine = None if mine is None else int(mine.price)
        view.close = self.rules.time_limit

    def _chains(self) -> list[object]:
        return [*super()._chains(), self._news, *(view.news for view in self._market_views)]


def _key(party: Party, name: object) -> str:
    """Order ids are each party's own; no two parties' ids meet."""
    if type(name) is not str or len(name) > 256:
        raise IllegalMove(f"{quote(name)} is not an order id", code="order")
    return f"{party}:{name}"
