"""Posted price with a stock: take it or leave it, first come, first served.

Everybody sees the price and how much is left. Each buyer buys one unit by accepting, once, or walks. It ends when the
stock is sold, when all buyers have answered, or when time is up. With ``arrival`` the buyers come one after another,
in the order of their seats, and nobody can answer before it has come.

With ``seller`` the first seat sells: it posts the price by a bid, as often as it likes, and sees
every answer with the price that was answered. Who accepts pays the price that stands at that moment.

The table:

    phase   accept         walk           bid (the seller)
    shut    -              -              open
    open    open or done   open or done   open

Sources: sequential posted pricing, Chawla, Hartline, Malec & Sivan (2010); learning a posted price, Kleinberg &
Leighton (2003).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.bidder import AuctionView
from negotiate.errors import LocalError
from negotiate.moves import Accept, Bid, Walk
from negotiate.protocols.hosted import LARGEST, HostedRules, Table, amount_of
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("open", "accept"): ("open", "done"),
    ("open", "walk"): ("open", "done"),
    ("shut", "bid"): ("open",),
    ("open", "bid"): ("open",),
}


class PostedPrice(HostedRules):
    """The rules.

    Attributes:
        price: of one unit; with a seller, it posts the price itself, and this one does not count.
        units: the stock.
        time_limit: milliseconds to the close.
        seller: whether the first seat is the seller.
        arrival: milliseconds from the coming of one buyer to that of the next; 0 for all at once.
    """

    name: Literal["posted-price"] = "posted-price"
    price: int = Field(default=1, ge=0, le=LARGEST)
    units: int = Field(default=1, ge=1, le=LARGEST)
    time_limit: int = Field(default=60_000, ge=1)
    seller: bool = False
    arrival: int = Field(default=0, ge=0)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> OpenShop:
        """A new sale to one or more buyers.

        Raises:
            LocalError: there is a seller, and nobody to buy.
        """
        return OpenShop(self, domain, parties, at)


class ShopView(AuctionView):
    """What one seat may see.

    Attributes:
        left: units left.
    """

    __slots__ = ("left",)

    def __init__(self, party: Party, left: int) -> None:
        super().__init__(party)
        self.left = left


class OpenShop(Rounds):
    """The running state: the price, who has bought at what price, and what is left."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Accept, Walk, Bid)

    def __init__(
        self, rules: PostedPrice, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        phase = "shut" if rules.seller else "open"
        super().__init__(domain, parties, phase, at, rules.time_limit)
        self.rules = rules
        self._views = tuple(ShopView(party, rules.units) for party in self._all)
        self._first = int(rules.seller)  # seat of the first buyer
        if len(self.names) == self._first:
            raise LocalError("a seller alone sells to nobody", code="parties")
        self._asked -= {0} if rules.seller else set()
        # Seats below this one are there: the seller, and the buyers that have come.
        self._come = self._first + 1 if rules.arrival else len(self.names)
        self._paid: dict[Party, int] = {}
        self._price = None if rules.seller else rules.price

    @property
    def left(self) -> int:
        """Units left."""
        return self.rules.units - len(self._paid)

    def legal(self, party: Party) -> tuple[str, ...]:
        """Kinds of the moves that the party may make now."""
        if self.result is not None:
            return ()
        if party < self._first:
            return ("bid",)
        may = self.phase == "open" and party < self._come and self._may(party)
        return ("accept", "walk") if may else ()

    def _event(self) -> int:
        if self._come == len(self.names):
            return self._ends
        return min(self._ends, (self._come - self._first) * self.rules.arrival)

    def _due(self, now: int) -> None:
        if now == self._ends:
            self._end_round(now)
        else:
            self._come += 1

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Bid):
            amount_of(move.amount)

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Bid):
            self.phase, self._price = "open", move.amount
            self._note(party, move.kind, (move.amount,), [party])
            return
        price = self._price or 0
        self._note(party, move.kind, (price,), (0, party) if self._first else (party,))
        if isinstance(move, Accept):
            self._paid[party] = price
        if self.left:
            self._answered(party, now)
        else:
            self._end_round(now)

    def _end_round(self, now: int) -> None:
        units, due = dict.fromkeys(self._paid, 1), dict(self._paid)
        if self._first and units:
            units[0], due[0] = -len(units), -sum(due.values())
        self._allocate(units, due)

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.price = view.least = self._price
        if isinstance(view, ShopView):
            view.left = self.left
