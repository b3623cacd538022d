"""The fold: the host's chain together with the bids under its seals. Host, bidder (after the award) and auditor run it.

The host's time of each record is the protocol's clock, and the order of receipts the order of arrival; nothing else
enters. A receipt must seal what the rules say to that bid at that time and place: accepted, or the code of the
refusal. A host that seals anything else has signed its fault.

Some messages get no receipt and leave no trace: what does not read, is by no party or not signed by it, does not stand
in the bidder's own chain, or is more than the bidder's equal share of the session's messages. Whoever could flood the
history with these would silence the others.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from negotiate.errors import IllegalMove
from negotiate.wire.faults import KNOWLEDGE, Fault
from negotiate.wire.hosted import caps, grounds, values
from negotiate.wire.hosted.chain import Chain
from negotiate.wire.hosted.codes import ACCEPTED, CONSUMED, listed, unseal
from negotiate.wire.hosted.reasons import Case
from negotiate.wire.opening import check_critical

if TYPE_CHECKING:
    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Entry
    from negotiate.protocols.hosted import HostedNegotiation
    from negotiate.wire import bodies, codec
    from negotiate.wire.envelope import Message
    from negotiate.wire.parties import Party as Seat
    from negotiate.wire.trust import Trust

_BIDS = b"negotiate-kit bids v1\n"


class Taken(NamedTuple):
    """One bid in the history.

    Attributes:
        place: of its receipt in the host's chain.
        at: the host's time.
        party: the bidder, as the protocol counts.
        message: the bid.
        move: what it says; None if it says no move of these rules.
        code: with which it was refused; empty if it was accepted.
    """

    place: int
    at: int
    party: Party
    message: Message
    move: AnyMove | None
    code: str


class Book(Chain):
    """The whole state.

    Attributes:
        taken: the bids, in order.
    """

    def __init__(self, trust: Trust) -> None:
        super().__init__(trust)
        self.taken: list[Taken] = []
        self._last: dict[bytes, Message] = {}
        self._count: dict[bytes, int] = {}
        self._moves: list[list[AnyMove]] = []
        self._quotes: dict[bytes, tuple[Message, Entry | None]] = {}

    def _start(self, negotiation: HostedNegotiation, seated: tuple[Seat, ...]) -> None:
        super()._start(negotiation, seated)
        self._moves = [[] for _ in seated]
        self._last = dict(self.joins)

    def place_of(self, key: bytes) -> Party:
        """A bidder, as the protocol counts."""
        return [party.key for party in self.seated].index(key)

    def last_of(self, key: bytes) -> Message | None:
        """The bidder's newest message in the history."""
        return self._last.get(key)

    # -- bids ----------------------------------------------------------------------------------------

    def weigh(self, bid: Message, at: int) -> str:
        """What the rules say to a bid taken at this time: empty, or the code of the refusal. Time passes until then.

        Raises:
            Fault: it must not have a receipt at all.
        """
        seat = self.check_sender(bid)
        if self.phase != "bidding" or seat not in self.seated or bid.kind != "bid":
            raise Fault(f"{bid.kind} in phase {self.phase}, or without a seat", code="order")
        last = self._last[bid.sender]
        if bid.seq != last.seq + 1 or bid.fields["prev"] != last.id:
            raise Fault("the message does not follow the bidder's last one", code="chain")
        if self._count.get(bid.sender, 0) >= self.share:
            raise Fault(f"more than {self.share:,} messages by one bidder", code="limit")
        bid.verify(seat.verifier)
        self.negotiation.advance(at)
        try:
            self._check(bid, seat, at)
        except (Fault, IllegalMove) as refusal:
            return listed(refusal.code)
        return ACCEPTED

    def _check(self, bid: Message, seat: Seat, at: int) -> None:
        self.check_times(bid, at)
        check_critical(bid, self.trust.policy)
        if bid.fields.get("man", b"") != seat.man:
            raise Fault("another mandate than the one pinned at joining", code="mandate")
        body = cast("dict[str, Any]", bid.fields["body"])
        if body.get("currency", self.deal.amount.currency) != self.deal.amount.currency:
            raise Fault("a bid in another currency", code="currency")
        move = self._move(bid)
        party = self.place_of(seat.key)
        self.negotiation.check(party, cast("Any", move), at)
        if seat.scope is not None and seat.scope.chain:
            seat.scope.check_time(at)
            need = self.trust.policy.revocation == "deny"
            seat.scope.check_revoked(self.revocations, at, need_current=need)
            seat.scope.check_amount(self.exposure(bid))

    def _move(self, bid: Message) -> AnyMove:
        wire = cast("dict[str, object]", bid.fields["body"]["move"])
        return values.move_from_wire(wire, self.negotiation.moves)

    def exposure(self, bid: Message) -> int | None:
        """The most that the bidder may have to pay if this bid is accepted."""
        party = self.place_of(bid.sender)
        moves = [*self._moves[party], self._move(bid)]
        return caps.exposure(
            self.protocol, moves, self.negotiation.view(party), self.deal.wire.domain
        )

    def _sealed(self, record: Message, bid: Message | None, at: int) -> None:
        if bid is None:
            raise Fault("a receipt without the bid that it seals", code="evidence")
        sealed = cast("bodies.Receipt", record.body).seal
        said = unseal(sealed, bid.id)
        if said is None:  # whoever made this transcript may have put in another bid
            raise Fault("the receipt is not for this bid", code="evidence")
        try:
            code = self.weigh(bid, at)
        except Fault as fault:
            # The seal is not over the signature, so a bad one may have been put in too.
            blame = b"" if fault.code == "signature" else record.sender
            raise Fault(str(fault), code=fault.code, key=blame) from None
        if said != code:
            if code != ACCEPTED or said != CONSUMED or not self._counted(bid):
                raise self._false_receipt(said, code, record)
            code = CONSUMED
        party = self.place_of(bid.sender)
        try:
            move = self._move(bid)
        except Fault:
            move = None
        if code == ACCEPTED and move is not None:
            self.negotiation.push(party, cast("Any", move), at)
            self._moves[party].append(move)
        self._last[bid.sender] = bid
        self._count[bid.sender] = self._count.get(bid.sender, 0) + 1
        self.taken.append(Taken(len(self.records), at, party, bid, move, code))

    def _counted(self, bid: Message) -> bool:
        """Whether the bidder's mandate has a budget that only the host's ledger can know to be used up."""
        scope = self.seated[self.place_of(bid.sender)].scope
        return scope is not None and scope.counted is True

    @staticmethod
    def _false_receipt(said: str, code: str, record: Message) -> Fault:
        for doubt in (code, said):
            if doubt in KNOWLEDGE:
                return Fault(f"the host and the verifier differ on {doubt}", code=doubt)
        told = [f"refused ({name})" if name else "accepted" for name in (said, code)]
        return Fault(
            f"the host says {told[0]}, the rules say {told[1]}",
            code="receipt",
            key=record.sender,
        )

    # -- time and views ------------------------------------------------------------------------------

    def _pass(self, at: int) -> None:
        self.negotiation.advance(at)

    def quote(self, key: bytes, at: int) -> tuple[bytes, Entry | None]:
        """What a bidder may see at this time, as bytes; and the newest turn in it."""
        self.negotiation.advance(at)
        known = self._quotes[key][1] if key in self._quotes else None
        return values.view_to_wire(self.negotiation.view(self.place_of(key)), known)

    def quote_fields(self, key: bytes) -> tuple[int, bytes]:
        """Place and predecessor of the next quote to a bidder: the host's quotes to it are a chain of their own."""
        if key not in self._quotes:
            return 0, self.joins[key].id
        last = self._quotes[key][0]
        return last.seq + 1, last.id

    def admit_quote(self, quote: Message) -> None:
        """Take what the host showed a bidder.

        Raises:
            Fault: it is out of place, or not what the rules show.
        """
        if quote.sender != self.host.key or quote.fields.get("sid") != self.sid:
            raise Fault("not a quote of this host in this session", code="stranger")
        to, at = quote.fields["to"], quote.fields["iat"]
        if self.phase != "bidding" or to not in self.joins:
            raise Fault("a quote to nobody, or out of time", code="order")
        body = cast("bodies.Quote", quote.body)
        if (quote.seq, quote.fields["prev"]) != self.quote_fields(to) or body.head != self.head:
            raise Fault("the quote does not follow the last one", code="chain")
        quote.verify(self.host.verifier)
        last = self._quotes[to][0] if to in self._quotes else self.records[-1]
        if at < max(last.fields["iat"], self.records[-1].fields["iat"]):
            raise Fault("the host's clock ran back", code="clock", key=quote.sender)
        if (
            at < self.time
        ):  # quotes to several bidders are no chain: a file may have them in any order
            raise Fault(
                "a quote to another bidder that is later stands before", code="evidence"
            )
        packed, newest = self.quote(to, at)
        if body.view != packed:
            raise Fault("the rules show something else", code="quote", key=quote.sender)
        self.note_quote(quote, newest)

    def note_quote(self, quote: Message, newest: Entry | None) -> None:
        """Remember a quote that is known to be right."""
        self._quotes[quote.fields["to"]] = (quote, newest)
        self.time = quote.fields["iat"]

    def _cancel(self, record: Message, at: int) -> None:
        if self.phase == "joining":
            return
        self.negotiation.advance(at)
        if self.negotiation.result is not None:
            why = "it was called off after it had closed"
            raise Fault(why, code="cancel", key=record.sender)
        self.negotiation.cancel(at)

    # -- the award -----------------------------------------------------------------------------------

    def award_body(self, at: int) -> dict[str, codec.Value]:
        """The one award that these rules give at this time.

        Raises:
            Fault: it is not closed.
        """
        self.negotiation.advance(at)
        result = self.negotiation.result
        if result is None:
            raise Fault("it is not closed", code="early")
        told = tuple((one.place, one.code) for one in self.taken)
        accepted = [one for one in self.taken if not one.code]
        why = grounds.explain(self.protocol, Case(accepted, result, self.negotiation))
        return {
            "rules": self.rules_hash,
            "count": len(self.records),
            "root": self.root,
            "bids": hashlib.sha256(_BIDS + values.pack(told)).digest(),
            "accepted": len(accepted),
            "refused": len(told) - len(accepted),
            "result": values.pack(values.result_to_plain(result)),
            "grounds": grounds.pack(why),
        }

    def _check_award(self, record: Message, at: int) -> None:
        super()._check_award(record, at)
        try:
            due = self.award_body(at)
        except Fault as fault:
            raise Fault(str(fault), code="award", key=record.sender) from None
        given = record.fields["body"]
        wrong = [name for name, value in due.items() if given.get(name) != value]
        if wrong:
            why = f"the rules give another award: {', '.join(wrong)} differ"
            raise Fault(why, code="award", key=record.sender)
