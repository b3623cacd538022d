"""Posted price with a stock: take it or leave it, first come, first served.

Everybody sees the price and how much is left. Each party buys one unit by accepting, once, or walks. It ends when
the stock is sold, when all have answered, or when time is up.

The table:

    phase   accept         walk
    open    open or done   open or done

Source: sequential posted pricing, Chawla, Hartline, Malec & Sivan (2010).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.bidder import AuctionView
from negotiate.moves import Accept, Walk
from negotiate.protocols.hosted import LARGEST, HostedRules, Table
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "accept"): ("open", "done"), ("open", "walk"): ("open", "done")}


class PostedPrice(HostedRules):
    """The rules.

    Attributes:
        price: of one unit.
        units: the stock.
        time_limit: milliseconds to the close.
    """

    name: Literal["posted-price"] = "posted-price"
    price: int = Field(default=1, ge=0, le=LARGEST)
    units: int = Field(default=1, ge=1, le=LARGEST)
    time_limit: int = Field(default=60_000, ge=1)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> OpenShop:
        """A new sale to one or more buyers."""
        return OpenShop(self, domain, parties, at)


class ShopView(AuctionView):
    """What one buyer may see.

    Attributes:
        left: units left.
    """

    __slots__ = ("left",)

    def __init__(self, party: Party, left: int) -> None:
        super().__init__(party)
        self.left = left


class OpenShop(Rounds):
    """The running state: who has bought, and what is left."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Accept, Walk)

    def __init__(
        self, rules: PostedPrice, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        self._views = tuple(ShopView(party, rules.units) for party in self._all)
        self._buyers: list[Party] = []

    @property
    def left(self) -> int:
        """Units left."""
        return self.rules.units - len(self._buyers)

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        """What the table allows is allowed."""

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        self._note(party, move.kind, None, [party])
        if isinstance(move, Accept):
            self._buyers.append(party)
        if self.left:
            self._answered(party, now)
        else:
            self._end_round(now)

    def _end_round(self, now: int) -> None:
        price = self.rules.price
        self._allocate(dict.fromkeys(self._buyers, 1), dict.fromkeys(self._buyers, price))

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.price = view.least = self.rules.price
        if isinstance(view, ShopView):
            view.left = self.left
