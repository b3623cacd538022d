"""Sealed bids for one object, by any of the four prices, in the open or by commit and reveal.

Each party sends one bid before the close; it is final, and nobody else sees it before the close. A party that does
not want to bid walks. The auction closes when all have answered or when time is up, whichever is first.

With ``commit_reveal`` not even the host sees a bid before the close: first each party sends a commitment, the
SHA-256 hash of its name, its amount and a salt of its own (:func:`commitment`); from the close on it reveals
amount and salt. A commitment that somebody else has sent is refused as a copy, and could not be opened by another
name. Who does not reveal in time has not bid.

The table:

    phase    bid     commit            reveal           walk
    open     open    -                 -                open or done
    commit   -       commit or reveal  -                commit, reveal or done
    reveal   -       -                 reveal or done   -

Prices, ties and reserve are those of :mod:`negotiate.protocols.clearing.sealed`; the earliest bid (with commit and
reveal, the earliest commitment) wins ties.

Sources: Vickrey (1961); Krishna (2010), chapters 2 and 3; Naor (1991) for bit commitment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.bidder import commitment as commitment
from negotiate.errors import IllegalMove
from negotiate.moves import Bid, Commit, Reveal, Walk
from negotiate.protocols.clearing.sealed import (
    Sale,
    all_pay,
    first_price,
    second_price,
    third_price,
)
from negotiate.protocols.hosted import LARGEST, HostedRules, Table, amount_of
from negotiate.protocols.rounds import Rounds
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("open", "bid"): ("open", "done"),
    ("open", "walk"): ("open", "done"),
    ("commit", "commit"): ("commit", "reveal"),
    ("commit", "walk"): ("commit", "reveal", "done"),
    ("reveal", "reveal"): ("reveal", "done"),
}

_RULES = {"first": first_price, "second": second_price, "third": third_price}


class SealedBid(HostedRules):
    """The rules.

    Attributes:
        price: what the winner pays; with ``all-pay`` everybody pays.
        side: ``forward`` sells to the highest, ``reverse`` buys from the lowest.
        reserve: floor (forward) or ceiling (reverse).
        commit_reveal: whether bids are committed to first.
        time_limit: milliseconds to the close.
        reveal_time: milliseconds for revealing, after the close.
    """

    name: Literal["sealed-bid"] = "sealed-bid"
    price: Literal["first", "second", "third", "all-pay"] = "first"
    side: Literal["forward", "reverse"] = "forward"
    reserve: int | None = Field(default=None, ge=0, le=LARGEST)
    commit_reveal: bool = False
    time_limit: int = Field(default=60_000, ge=1)
    reveal_time: int = Field(default=60_000, ge=1)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> SealedBidding:
        """A new auction among one or more bidders."""
        return SealedBidding(self, domain, parties, at)


class SealedBidding(Rounds):
    """The running state: who has answered, and the bids that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Bid, Commit, Reveal, Walk)

    def __init__(
        self, rules: SealedBid, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        phase = "commit" if rules.commit_reveal else "open"
        super().__init__(domain, parties, phase, at, rules.time_limit)
        self.rules = rules
        self._bids: dict[Party, int] = {}  # in the order that wins ties
        self._commits: dict[Party, str] = {}

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Bid):
            amount_of(move.amount)
        elif isinstance(move, Commit):
            self._refuse_commit(move.digest)
        elif isinstance(move, Reveal):
            amount = amount_of(move.amount)
            if type(move.salt) is not str or len(move.salt) > 256:
                raise IllegalMove(f"{quote(move.salt)} is not a salt", code="salt")
            if commitment(self.names[party], amount, move.salt) != self._commits[party]:
                raise IllegalMove(
                    "this is not the bid that was committed to", code="not-committed"
                )

    def _refuse_commit(self, digest: object) -> None:
        fits = (
            isinstance(digest, str)
            and len(digest) == 64
            and not set(digest) - set("0123456789abcdef")
        )
        if not fits:
            raise IllegalMove(f"{quote(digest)} is not a SHA-256 hash in hex", code="digest")
        if digest in self._commits.values():
            raise IllegalMove("somebody has sent this commitment already", code="copied")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, (Bid, Reveal)):
            self._bids[party] = move.amount
            self._note(party, move.kind, (move.amount,), [party])
        elif isinstance(move, Commit):
            self._commits[party] = move.digest
            self._note(party, move.kind, None, self._all)
        else:
            self._note(party, move.kind, None, [party])
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        if self.phase == "commit" and self._commits:  # nobody reveals before all are bound
            self.phase = "reveal"
            self._call(self._commits, now, self.rules.reveal_time)
        else:
            self._close()

    def _close(self) -> None:
        order = self._commits if self.rules.commit_reveal else self._bids
        bids = [(str(party), self._bids[party]) for party in order if party in self._bids]
        if self.rules.price == "all-pay":
            winner, due = all_pay(bids, self.rules.reserve)
            sale = None if winner is None else Sale(winner, due[winner])
        else:
            reverse = self.rules.side == "reverse"
            sale = _RULES[self.rules.price](bids, self.rules.reserve, reverse=reverse)
            due = {} if sale is None else {sale.winner: sale.price}
        self._award(
            None if sale is None else int(sale.winner), {int(p): d for p, d in due.items()}
        )

    def _award(self, winner: Party | None, due: dict[Party, int | Fraction]) -> None:
        sign = -1 if self.rules.side == "reverse" else 1
        units = {} if winner is None else {winner: sign}
        self._allocate(units, {party: sign * amount for party, amount in due.items()})

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.mine = self._bids.get(view.party)

    def examples(self, party: Party) -> Sequence[AnyMove]:
        """A bid, committed to and opened."""
        name, amount = self.names[party], 10 + party
        return (Commit(commitment(name, amount, "salt")), Reveal(amount, "salt"))
