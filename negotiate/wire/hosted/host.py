"""The host's endpoint: bidders' bytes and a time in, signed records out.

What the host gives out is stored before. After a crash it is recovered from the store and signs nothing twice; a bid
that comes again gets the same receipt again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from negotiate.errors import LocalError
from negotiate.protocol import Allocation
from negotiate.wire import codec, envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.given import frame_of, moment
from negotiate.wire.hosted import rules, values
from negotiate.wire.hosted.book import Book
from negotiate.wire.hosted.codes import ACCEPTED, CONSUMED, seal
from negotiate.wire.hosted.endpoint import QUOTE, TAKEN, Keeper, deal_of
from negotiate.wire.record import Proof
from negotiate.wire.store import DISCLOSURE, FRAME, LIST, Entry
from negotiate.wire.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.protocol import Result
    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.papers import Papers, Proposal
    from negotiate.wire.privacy import Disclosure
    from negotiate.wire.store import Store
    from negotiate.wire.trust import Trust


class Reply(NamedTuple):
    """What the host answers to a bidder's message.

    Attributes:
        frame: the receipt, for everybody.
        code: what it seals; empty: accepted.
    """

    frame: bytes
    code: str


class Host(Keeper):
    """The host of one signed auction or market.

    Args:
        papers: who I am.
        trust: whom I know.
        store: where the log is kept; in memory by default.
        ledger: where bidders' budgets and numbers of deals are counted; in memory by default.

    Attributes:
        book: the fold. Read only.
        proofs: of bidders who signed two messages for one place of their chain, one for each.
    """

    def __init__(
        self,
        papers: Papers,
        trust: Trust,
        *,
        store: Store | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        super().__init__(papers, store, ledger)
        self.trust = trust
        self.book = Book(trust)
        self.proofs: list[Proof] = []
        self._now = 0
        self._messages: dict[tuple[bytes, int], Message] = {}
        self._replies: dict[bytes, Reply] = {}
        self._quoted: dict[bytes, list[bytes]] = {}

    # -- opening and beginning -----------------------------------------------------------------------

    def open(self, proposal: Proposal, at: int, nonce: bytes) -> bytes:
        """Open; the first seat of the proposal is mine. ``nonce`` is 32 random bytes.

        Raises:
            LocalError: it is open already, or a proposal that cannot be.
        """
        moment(at)
        if self.book.phase != "opening":
            raise LocalError("this auction is open already", code="order")
        name, parameters = rules.rules_to_wire(proposal.protocol)
        body = {
            **proposal.setting(), **self.papers.seat(nonce),
            "protocol": name, "rules": parameters, "rules_hash": rules.rules_hash(name, parameters),
        }  # fmt: skip
        head = {
            "kind": "open", "seq": 0, "prev": envelope.GENESIS, "to": proposal.seats[1][0],
            "iat": at, "exp": min(at + proposal.ttl, proposal.until), "body": body,
        }  # fmt: skip
        message = self.seal(head)
        trial = Book(self.trust)
        try:
            trial.admit(message)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None
        self.sid = message.sid
        self.keep(Entry(FRAME, message.frame))
        self.book.admit(message)
        return message.frame

    def begin(self, at: int) -> bytes:
        """Begin, among those who have joined.

        Raises:
            LocalError: nobody has joined, it has begun, or these parties cannot play.
        """
        self._check_clock(at)
        book = self.book
        if book.phase != "joining" or not book.joins:
            raise LocalError("it cannot begin: nobody has joined, or it has", code="order")
        names = [book.name(key) for key in book.joins]
        try:
            rules.begin(book.protocol, book.deal.wire.domain, names, at)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None
        return self._record("begin", {}, at)

    # -- bidders' messages ---------------------------------------------------------------------------

    def receive(self, data: bytes, at: int) -> Reply:
        """Take a bidder's message; what comes again gets the same answer again.

        Raises:
            Fault: it gets no receipt, and nothing changed: it does not read, is not signed by a bidder, is out of its
                order, or too many; an equivocation leaves its proof.
            LocalError: my store or ledger failed; nothing changed.
        """
        message = envelope.read(frame_of(data))
        if message.id in self._replies:
            return self._replies[message.id]
        self._check_clock(at)
        if self.book.phase == "joining":
            self.book.check_join(message, at)
            return self._reply(message, ACCEPTED, at, {"frame": message.frame})
        self._check_twice(message)
        code = self.book.weigh(message, at)
        if code == ACCEPTED and not self._hold(message):
            code = CONSUMED
        return self._reply(message, code, at, {})

    def _check_twice(self, message: Message) -> None:
        known = self._messages.get((message.sender, message.seq))
        if known is not None:
            message.verify()
            if message.sender not in {proof.first.sender for proof in self.proofs}:
                self.proofs.append(Proof(known, message))
            raise Fault(
                "a bidder signed two messages for one place", code="equivocation", key=message.sender
            )  # fmt: skip

    def _hold(self, bid: Message) -> bool:
        """Count what the bid may cost against the bidder's mandates; whether that was possible."""
        scope = self.book.seated[self.book.place_of(bid.sender)].scope
        if scope is None or not scope.counted:
            return True
        deal = deal_of(self.sid, bid.sender)
        try:
            self.ledger.hold(deal, scope.uses_of(self.book.exposure(bid) or 0))
        except Fault:
            return False
        return True

    def _reply(self, message: Message, code: str, at: int, more: dict[str, object]) -> Reply:
        body = {"seal": seal(message.id, code), **more}
        bid = None if more else message
        reply = Reply(self._record("receipt", body, at, bid), code)
        self._remember(message, reply)
        return reply

    def _remember(self, message: Message, reply: Reply) -> None:
        self._replies[message.id] = reply
        self._messages[message.sender, message.seq] = message

    # -- time and views ------------------------------------------------------------------------------

    def due(self, at: int) -> Result | None:
        """Let time pass for me; the result once it is closed. Nothing is signed."""
        self._check_clock(at)
        self._bidding("nothing is due")
        self.book.negotiation.advance(at)
        return self.book.negotiation.result

    def tick(self, at: int) -> bytes:
        """Let time pass for everybody: a record that what is due until now has taken effect."""
        self._bidding("no tick")
        return self._record("tick", {}, at)

    def quote(self, key: bytes, at: int) -> bytes:
        """Show a bidder what it may see now: signed, for it alone.

        Raises:
            LocalError: it has no seat, or it has not begun or is over.
        """
        self._bidding("no quote")
        self._check_clock(at)
        book = self.book
        if key not in book.joins:
            raise LocalError("no such bidder has joined", code="stranger")
        packed, newest = book.quote(key, at)
        seq, prev = book.quote_fields(key)
        body = {"head": book.head, "view": packed}
        head = {"kind": "quote", "seq": seq, "prev": prev, "to": key, "body": body}
        message = self.seal(self._dated(head, at))
        self.keep(Entry(QUOTE, message.frame))
        book.note_quote(message, newest)
        self._quoted.setdefault(key, []).append(message.frame)
        return message.frame

    def quoted(self, key: bytes, place: int = 0) -> list[bytes]:
        """My quotes to a bidder from a place on, for one who missed some."""
        return self._quoted.get(key, [])[place:]

    def award(self, at: int) -> bytes:
        """Sign the result: allocation, payments and grounds, over the root of all records.

        Raises:
            LocalError: it is not closed, or there is an award.
        """
        self._bidding("no award")
        self._check_clock(at)
        try:
            body = self.book.award_body(at)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None
        frame = self._record("award", dict(body), at)
        self._settle()
        return frame

    def cancel(self, at: int, *, note: str | None = None) -> bytes:
        """Call it off: nobody gets or pays anything. ``note`` is for people.

        Raises:
            LocalError: it is not open, or has closed: what is over stays as it is.
        """
        if self.book.phase not in ("joining", "bidding"):
            raise LocalError(f"nothing to cancel: it is {self.book.phase}", code="phase")
        self._check_clock(at)
        if self.book.phase == "bidding" and self.due(at) is not None:
            raise LocalError("it has closed; sign the award", code="cancel")
        frame = self._record("cancel", {} if note is None else {"note": note}, at)
        self._settle()
        return frame

    def _settle(self) -> None:
        """What the award costs is used for good; what it does not is free again."""
        result = self.book.negotiation.result if self.book.seated else None
        paid = result.payments if isinstance(result, Allocation) else ()
        got = result.units if isinstance(result, Allocation) else ()
        for party, seat in enumerate(self.book.seated):
            amount = paid[party] if paid else 0
            won = bool(amount or (got and got[party]))
            self.settle(seat, self.sid, amount if won else None)

    def _bidding(self, what: str) -> None:
        if self.book.phase != "bidding":
            raise LocalError(f"{what}: the auction is {self.book.phase}", code="phase")

    def _check_clock(self, at: int) -> None:
        """What is due by a time takes effect in the rules at once, so no later call may give an earlier time."""
        moment(at)
        last = max(self.book.time, self._now)
        if at < last:
            raise LocalError(
                f"my clock ran back, from {last} to {at}",
                code="clock",
                help="give times that never fall; keep the clock of the host monotone",
            )
        self._now = at

    # -- what is shown to others ---------------------------------------------------------------------

    def since(self, place: int = 0) -> list[bytes]:
        """My records from a place on, for whoever missed some."""
        return [record.frame for record in self.book.records[place:]]

    def path(self, place: int) -> tuple[bytes, list[bytes]]:
        """The record's id at a place and the proof that it is under the award's root.

        Raises:
            LocalError: there is no award, or no such place.
        """
        if self.book.award is None or not 0 <= place < len(self.book.records) - 1:
            raise LocalError(f"no award over a record at place {place!r}", code="order")
        ids = [record.id for record in self.book.records[:-1]]
        return ids[place], merkle.proof(ids, place)

    def transcript(self) -> Transcript:
        """Everything: records and bids. Before the award it is for nobody but me."""
        lists = tuple(Entry(LIST, frame) for frame in self.trust.revocations)
        log: list[Entry] = []
        for entry in self.log:
            if entry.tag == TAKEN:
                log += [Entry(FRAME, frame) for frame in _pair(entry.data)]
            elif entry.tag in (FRAME, LIST):
                log.append(Entry(entry.tag, entry.data))
        return Transcript((*lists, *log), self.book.disclosed.all())

    def learn(self, thing: bytes | Disclosure) -> None:
        """Take a signed revocation list, or a disclosure of a party's personal field."""
        if isinstance(thing, bytes):
            if self.book.revocations.learn(thing):
                self.keep(Entry(LIST, thing))
            return
        self.book.disclosed.learn(thing)
        self.keep(Entry(DISCLOSURE, codec.encode(thing.to_wire())))

    # -- recovery ------------------------------------------------------------------------------------

    @classmethod
    def recover(
        cls,
        sid: bytes,
        papers: Papers,
        trust: Trust,
        *,
        store: Store,
        ledger: Ledger | None = None,
    ) -> Host:
        """The host as it was when its last entry was stored.

        Raises:
            LocalError: the store has no such session.
        """
        host = cls(papers, trust, store=store, ledger=ledger)
        for entry in host.load(sid):
            host._replay(entry)
        if host.book.phase == "done":
            host._settle()
        return host

    def _replay(self, entry: Entry) -> None:
        if entry.tag == QUOTE:
            quote = envelope.read(entry.data)
            self.book.admit_quote(quote)
            self._quoted.setdefault(quote.fields["to"], []).append(entry.data)
        elif entry.tag == LIST:
            self.book.revocations.learn(entry.data)
        elif entry.tag == DISCLOSURE:
            self.learn_again(self.book.disclosed, entry.data)
        else:
            bid, frame = _pair(entry.data) if entry.tag == TAKEN else (b"", entry.data)
            self._replay_record(bid, envelope.read(frame))

    def _replay_record(self, bid: bytes, record: Message) -> None:
        message = envelope.read(bid) if bid else None
        self.book.admit(record, message)
        inner = record.fields["body"].get("frame")
        if inner is not None:
            message = envelope.read(cast("bytes", inner))
        if message is not None:
            code = self.book.taken[-1].code if bid else ACCEPTED
            self._remember(message, Reply(record.frame, code))
            if bid and code == ACCEPTED:
                self._hold(message)

    # -- inside --------------------------------------------------------------------------------------

    def _dated(self, head: Mapping[str, object], at: int) -> dict[str, object]:
        exp = min(at + self.book.limits.ttl, envelope.MAX_TIME)
        return {**head, "sid": self.sid, "iat": at, "exp": exp}

    def _record(
        self, kind: str, body: dict[str, object], at: int, bid: Message | None = None
    ) -> bytes:
        """Sign the next record, store it, and take it."""
        book = self.book
        self._check_clock(at)
        head: dict[str, object] = {
            "kind": kind, "seq": len(book.records), "prev": book.head, "to": book.host.next_key,
            "body": body,
        }  # fmt: skip
        message = self.seal(self._dated(head, at))
        data = values.pack((bid.frame, message.frame)) if bid else message.frame
        self.keep(Entry(TAKEN if bid else FRAME, data))
        book.admit(message, bid)
        return message.frame


def _pair(data: bytes) -> tuple[bytes, bytes]:
    return cast("tuple[bytes, bytes]", values.unpack(data))
