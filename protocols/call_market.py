"""Call market: both sides send orders in secret, and one price clears them all at the close.

Before the close every party may send orders and cancel its own; nobody sees another's. At the close the book is
uncrossed at the price of :mod:`negotiate.protocols.clearing.uncross`; what does not trade is void. No party trades
with itself to its gain or loss: both legs are at the one price.

The table:

    phase   order   cancel
    open    open    open

Sources: Wurman, Walsh & Wellman (1998); Harris, *Trading and Exchanges* (2003), chapter 6.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.errors import IllegalMove
from negotiate.moves import Cancel, Order
from negotiate.protocols.clearing.amounts import whole
from negotiate.protocols.clearing.uncross import Order as Resting
from negotiate.protocols.clearing.uncross import uncross
from negotiate.protocols.hosted import (
    LARGEST,
    HostedRules,
    Table,
    amount_of,
)
from negotiate.protocols.rounds import Rounds
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "order"): ("open",), ("open", "cancel"): ("open",)}


class CallMarket(HostedRules):
    """The rules.

    Attributes:
        time_limit: milliseconds to the close.
        reference: the price that decides where a whole interval would do.
        most_orders: orders that a party may have sent in all.
    """

    name: Literal["call-market"] = "call-market"
    time_limit: int = Field(default=60_000, ge=1)
    reference: int | None = Field(default=None, ge=0, le=LARGEST)
    most_orders: int = Field(default=10_000, ge=1)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> OpenCallMarket:
        """A new call among one or more traders."""
        return OpenCallMarket(self, domain, parties, at)


class OpenCallMarket(Rounds):
    """The running state: the orders that have come in."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Order, Cancel)

    def __init__(
        self, rules: CallMarket, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        self._orders: dict[tuple[Party, str], Order | None] = {}  # None for a cancelled one
        self._sent = [0 for _ in self._all]

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Cancel):
            if type(move.id) is not str or self._orders.get((party, move.id)) is None:
                raise IllegalMove(
                    f"no order {quote(move.id)} of yours is live", code="unknown-order"
                )
        elif isinstance(move, Order):
            self._refuse_order(party, move)

    def _refuse_order(self, party: Party, order: Order) -> None:
        if type(order.id) is not str or len(order.id) > 256:
            raise IllegalMove(f"{quote(order.id)} is not an order id", code="order")
        if (party, order.id) in self._orders:
            raise IllegalMove(
                f"order id {quote(order.id)} was used before", code="duplicate-order"
            )
        if self._sent[party] >= self.rules.most_orders:
            raise IllegalMove(
                f"{self.rules.most_orders:,} orders are the most", code="too-many"
            )
        if order.side not in ("buy", "sell") or order.life != "GTC":
            raise IllegalMove(f"{quote(order)} is not an order for a call", code="order")
        if order.price is not None:
            amount_of(order.price)
        if not amount_of(order.qty):
            raise IllegalMove("an order is for one or more", code="amount")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Order):
            self._orders[party, move.id] = move
            self._sent[party] += 1
            price = () if move.price is None else (move.price,)
            self._note(party, "order", (move.side == "buy", move.qty, *price), [party])
        elif isinstance(move, Cancel):
            self._orders[party, move.id] = None
            self._note(party, "cancel", None, [party])

    def _end_round(self, now: int) -> None:
        live = [(key[0], order) for key, order in self._orders.items() if order is not None]
        found = uncross(
            [
                Resting(str(n), order.side, order.price, order.qty)
                for n, (_, order) in enumerate(live)
            ],
            self.rules.reference,
        )
        units: dict[Party, int] = {}
        for name, got in () if found is None else found.fills.items():
            party, order = live[int(name)]
            units[party] = units.get(party, 0) + (got if order.side == "buy" else -got)
        price = 0 if found is None else found.price
        due: dict[Party, int | Fraction] = {
            p: whole(price * count) for p, count in units.items()
        }
        self._allocate(units, due)
