"""Continuous double auction: orders meet in one book whenever they cross.

Every party may send orders and cancel its own at any time until the market closes. Price-time priority; a trade is
at the resting order's price. Limit, market, immediate-or-cancel and fill-or-kill orders, and the self-trade rules,
are those of :mod:`negotiate.protocols.clearing.book`. All see best bid, best ask and all trades without names; an
order is seen by its party only.

The table:

    phase   order   cancel
    open    open    open

At the close each party has bought and sold what its trades say; orders that still rest are void.

Sources: Friedman & Rust (1993); Harris, *Trading and Exchanges* (2003).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.bidder import AuctionView, MarketView
from negotiate.errors import IllegalMove
from negotiate.moves import Cancel, Order
from negotiate.protocol import Protocol
from negotiate.protocols.clearing.book import Book, SelfTrade, Trade
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

TAPE = 1000
"""Trades that a view holds."""


class ContinuousMarket(Protocol):
    """The rules.

    Attributes:
        time_limit: milliseconds to the close.
        self_trade: what happens when a party's order meets its own.
        most_orders: orders that a party may have sent in all.
    """

    name: Literal["continuous-market"] = "continuous-market"
    time_limit: int = Field(default=180_000, ge=1)
    self_trade: SelfTrade = "cancel_resting"
    most_orders: int = Field(default=100_000, ge=1)

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
        self._market_views = tuple(MarketView(party) for party in self._all)
        self._views = self._market_views
        self._sent = [0 for _ in self._all]
        self._position = [0 for _ in self._all]
        self._cash = [0 for _ in self._all]

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Cancel):
            order = self.book.live.get(_key(party, move.id))
            if order is None:
                raise IllegalMove(
                    f"no order {quote(move.id)} of yours is live", code="unknown-order"
                )
        elif isinstance(move, Order):
            self._refuse_order(party, move)

    def _refuse_order(self, party: Party, order: Order) -> None:
        if self.book.known(_key(party, order.id)):
            raise IllegalMove(
                f"order id {quote(order.id)} was used before", code="duplicate-order"
            )
        if self._sent[party] >= self.rules.most_orders:
            raise IllegalMove(
                f"{self.rules.most_orders:,} orders are the most", code="too-many"
            )
        if order.side not in ("buy", "sell") or order.life not in ("GTC", "IOC", "FOK"):
            raise IllegalMove(f"{quote(order)} has no such side or life", code="order")
        if order.price is not None:
            amount_of(order.price)
        if not amount_of(order.qty):
            raise IllegalMove("an order is for one or more", code="amount")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Cancel):
            self.book.cancel(_key(party, move.id))
            self._note(party, "cancel", None, [party])
        elif isinstance(move, Order):
            self._sent[party] += 1
            price = () if move.price is None else (move.price,)
            self._note(party, "order", (move.side == "buy", move.qty, *price), [party])
            name = _key(party, move.id)
            for trade in self.book.submit(
                name, str(party), move.side, move.price, move.qty, move.life
            ):
                self._settle(party, move.side == "buy", trade)

    def _settle(self, taker: Party, bought: bool, trade: Trade) -> None:
        maker = int(trade.maker.partition(":")[0])
        buyer, seller = (taker, maker) if bought else (maker, taker)
        cash = int(trade.price) * trade.qty
        self._position[buyer] += trade.qty
        self._position[seller] -= trade.qty
        self._cash[buyer] -= cash
        self._cash[seller] += cash
        self.trades.append(trade)

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
        bid, ask = self.book.best("buy"), self.book.best("sell")
        view.bid = None if bid is None else int(bid)
        view.ask = None if ask is None else int(ask)
        view.price = int(self.trades[-1].price) if self.trades else None
        view.tape = [(int(trade.price), trade.qty) for trade in self.trades[-TAPE:]]
        view.position, view.cash = self._position[view.party], self._cash[view.party]
        view.close = self.rules.time_limit


def _key(party: Party, name: object) -> str:
    """Order ids are each party's own; no two parties' ids meet."""
    if type(name) is not str or len(name) > 256:
        raise IllegalMove(f"{quote(name)} is not an order id", code="order")
    return f"{party}:{name}"
