"""Position auction: sealed bids per click for advertising slots, at the generalised second price or by VCG.

Each party bids once for a click, or walks; nobody else sees its bid before the close. Parties are ranked by their
published quality times their bid, the earlier bid first among equals, and the slots go to them from the top.

The table:

    phase    bid            walk
    open     open or done   open or done

Prices and the reserve are those of :mod:`negotiate.protocols.clearing.positions`. A party's units are the clicks of
its slot, and it pays for all of them; its goods hold the place of the slot, from 1.

Sources: Edelman, Ostrovsky & Schwarz (2007); Varian (2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.errors import LocalError
from negotiate.moves import Bid, Walk
from negotiate.protocols.clearing.positions import Ad, gsp, vcg_position
from negotiate.protocols.hosted import LARGEST, HostedRules, Table, amount_of
from negotiate.protocols.items import Count
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "bid"): ("open", "done"), ("open", "walk"): ("open", "done")}


class PositionAuction(HostedRules):
    """The rules of an auction of advertising slots.

    Attributes:
        clicks: of each slot, from the top, not rising.
        quality: of each party, in the order of the seats; empty for 1.
        price: ``gsp`` for the generalised second price, or ``vcg``.
        reserve: least price of a click.
        time_limit: milliseconds to the close.
    """

    name: Literal["position"] = "position"
    clicks: Annotated[tuple[Count, ...], Field(min_length=1, max_length=1000)] = (10, 5)
    quality: tuple[Count, ...] = ()
    price: Literal["gsp", "vcg"] = "gsp"
    reserve: int = Field(default=0, ge=0, le=LARGEST)
    time_limit: int = Field(default=60_000, ge=1)

    @model_validator(mode="after")
    def _downwards(self) -> PositionAuction:
        if list(self.clicks) != sorted(self.clicks, reverse=True):
            raise ValueError("clicks may not rise; give the best slot first")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> SlotBidding:
        """A new auction among one or more advertisers."""
        return SlotBidding(self, domain, parties, at)


class SlotBidding(Rounds):
    """The running state: the bids that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Bid, Walk)

    def __init__(
        self, rules: PositionAuction, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        if rules.quality and len(rules.quality) != len(self.names):
            raise LocalError(
                f"there are {len(rules.quality)} qualities for {len(self.names)} parties",
                code="parties",
            )
        self._bids: dict[Party, int] = {}  # in the order in which they came

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Bid):
            amount_of(move.amount)

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        value = (move.amount,) if isinstance(move, Bid) else None
        if isinstance(move, Bid):
            self._bids[party] = move.amount
        self._note(party, move.kind, value, [party])
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        rules = self.rules
        quality = rules.quality or (1,) * len(self.names)
        ads = [Ad(str(party), amount, quality[party]) for party, amount in self._bids.items()]
        slots = (gsp if rules.price == "gsp" else vcg_position)(
            ads, rules.clicks, rules.reserve
        )
        seats = [int(slot.bidder) for slot in slots]
        self._allocate(
            dict(zip(seats, rules.clicks, strict=False)),
            {seat: slot.payment for seat, slot in zip(seats, slots, strict=True)},
            {seat: (place,) for place, seat in enumerate(seats, 1)},
        )

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.mine = self._bids.get(view.party)
