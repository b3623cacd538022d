"""English auction: open outcry for one object, with a hard, a soft or a quiet close; or by proxy.

*Outcry*: anybody but the standing bidder may bid at least the start, and once a bid stands at least that plus the
increment. Every accepted bid is seen by all; who made it only where ``identities`` are shown. A bid below the
reserve stands, and the object is sold only if the last one reaches it. A refused bid changes nothing, and never
extends the auction.

*Proxy*: a bid is a maximum, which stays secret. The price that all see is what the best maximum has to pay: the
start while it is alone, then the second maximum plus the increment, never more than its own. A bid must reach the
start or, against a rival's price, that price plus the increment; the leader may raise its own maximum, which
leaves the price.

The table:

    phase   bid
    open    open

It closes at ``end``; soft, where an accepted bid within ``window`` before the close moves it to ``extension``
after the bid; or after ``quiet`` milliseconds without an accepted bid. A bid at the time of the close is late.

Sources: Shoham & Leyton-Brown (2009), section 11.1; Roth & Ockenfels (2002); Lucking-Reiley (2000).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.errors import IllegalMove
from negotiate.moves import Bid
from negotiate.protocols.clearing.english import Floor, Outcry, TimedBid, proxy
from negotiate.protocols.hosted import (
    LARGEST,
    HostedNegotiation,
    HostedRules,
    Table,
    amount_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party
    from negotiate.protocols.clearing.sealed import Sale

TABLE: Table = {("open", "bid"): ("open",)}


class English(HostedRules):
    """The rules.

    Attributes:
        form: ``outcry``, or ``proxy`` for secret maxima.
        opening: least first bid.
        increment: least raise.
        reserve: least price at which the object is sold.
        end: milliseconds to the close; None for a close by quiet alone.
        window: an accepted bid this near to the close extends it; None for a hard close.
        extension: milliseconds from such a bid to the new close.
        quiet: close after so many milliseconds without an accepted bid; the window then has no effect.
        identities: whether all see who made a bid.
    """

    name: Literal["english"] = "english"
    form: Literal["outcry", "proxy"] = "outcry"
    opening: int = Field(default=0, ge=0, le=LARGEST)
    increment: int = Field(default=1, ge=1, le=LARGEST)
    reserve: int | None = Field(default=None, ge=0, le=LARGEST)
    end: int | None = Field(default=60_000, ge=1)
    window: int | None = Field(default=None, ge=1)
    extension: int = Field(default=0, ge=0)
    quiet: int | None = Field(default=None, ge=1)
    identities: bool = False

    @model_validator(mode="after")
    def _must_end(self) -> English:
        if self.end is None and self.quiet is None:
            raise ValueError("an auction must end: give end, or quiet, or both")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> EnglishAuction:
        """A new auction among one or more bidders."""
        return EnglishAuction(self, domain, parties, at)


class EnglishAuction(HostedNegotiation):
    """The running state: what stands, and until when."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Bid,)

    def __init__(self, rules: English, domain: Domain, parties: Sequence[str], at: int) -> None:
        super().__init__(domain, parties, "open", at)
        self.rules = rules
        self._floor = Floor(
            Outcry(
                start=rules.opening,
                increment=rules.increment,
                reserve=rules.reserve,
                end=rules.end,
                window=rules.window,
                extension=rules.extension,
                quiet=rules.quiet,
            )
        )
        # Of proxies, each one's newest; in the order that wins ties.
        self._maxima: dict[str, int] = {}
        self._best: str | None = None  # whose maximum is the highest
        self._second: int | None = None  # the highest of the others

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        amount = amount_of(move.amount if isinstance(move, Bid) else None)
        if self.rules.form == "proxy" and str(party) == self._leader:
            if amount <= self._own(party):
                raise IllegalMove("a new maximum must be above one's own", code="low")
            return
        if str(party) == self._leader:
            raise IllegalMove("the standing bidder may not raise itself", code="standing")
        if amount < self._least:
            raise IllegalMove(
                f"{amount} is too low; {self._least} or more is accepted now", code="low"
            )

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if not isinstance(move, Bid):
            return
        if self.rules.form == "proxy":
            self._raise(str(party), move.amount)
            self._note(party, "bid", (move.amount,), [party])
        elif self.rules.identities:
            self._note(party, "bid", (move.amount,), self._all)
        else:
            self._note(party, "bid", (move.amount,), [party])
        self._floor.accept(TimedBid(str(party), move.amount, now))

    def _event(self) -> int | None:
        close = self._floor.close
        return None if close is None else int(close)

    def _due(self, now: int) -> None:
        proxies = self.rules.form == "proxy"
        sale = self._proxy() if proxies else self._floor.sale
        if sale is None:
            self._allocate({}, {})
        else:
            self._allocate({int(sale.winner): 1}, {int(sale.winner): sale.price})

    def _show(self, view: AuctionView) -> None:
        leader, party = self._leader, view.party
        view.price = self._price if leader is not None else None
        view.leading = leader == str(party)
        view.mine = self._maxima.get(str(party))
        view.least = self._own(party) + 1 if view.leading and self._maxima else self._least
        view.close = self._event()

    def _raise(self, bidder: str, maximum: int) -> None:
        """Take a maximum, above the bidder's own; what stands follows without a look at all the others."""
        self._maxima.pop(bidder, None)  # a raised maximum counts from when it came
        self._maxima[bidder] = maximum
        leader = self._best
        if leader is None or leader == bidder:
            self._best = bidder
        elif maximum > self._maxima[leader]:
            self._best, self._second = bidder, self._maxima[leader]
        else:
            self._second = max(maximum, self._second or 0)

    # -- what stands -----------------------------------------------------------------------------

    @property
    def _leader(self) -> str | None:
        return self._floor.bidder if self.rules.form == "outcry" else self._best

    @property
    def _price(self) -> int:
        if self.rules.form == "outcry":
            return int(self._floor.price)
        if self._best is None or self._second is None:
            return self.rules.opening
        return min(self._maxima[self._best], self._second + self.rules.increment)

    @property
    def _least(self) -> int:
        return self._price + (self.rules.increment if self._leader is not None else 0)

    def _own(self, party: Party) -> int:
        return self._maxima.get(str(party), 0)

    def _proxy(self) -> Sale | None:
        rules = self.rules
        return proxy(list(self._maxima.items()), rules.opening, rules.increment, rules.reserve)
