"""One endpoint of one signed negotiation: bytes and a time in, bytes and events out.

A session checks on send what the other side will check on receipt, stores before it gives out, and recovers from its
store without signing anything twice. Whatever raises leaves it as it was: a
:class:`~negotiate.wire.faults.Fault` is the peer's doing, a :class:`~negotiate.errors.LocalError` the caller's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer, Reject, Walk
from negotiate.show import quote
from negotiate.wire import codec, envelope
from negotiate.wire.endpoint import Endpoint, printed
from negotiate.wire.events import (
    Answer,
    Closed,
    Crossed,
    Dropped,
    Ended,
    Event,
    Expired,
    Joined,
    Known,
    Lapsed,
    Late,
    Moved,
    Opened,
    Unconfirmed,
    Waiting,
)  # fmt: skip
from negotiate.wire.faults import Fault
from negotiate.wire.given import frame_of, moment, span
from negotiate.wire.store import EXPIRED, FRAME, PROOF, Entry

if TYPE_CHECKING:
    from negotiate.moves import Move
    from negotiate.wire.envelope import Message
    from negotiate.wire.papers import Proposal
    from negotiate.wire.parties import Party

MAX_WAITING = 16  # messages of one sender that come before their predecessors
_TIMELESS = frozenset({"accept", "close", "lapse"})
_MOVE_TYPES: dict[type[Move], str] = {
    Offer: "offer",
    Accept: "accept",
    Reject: "reject",
    Walk: "walk",
}


class Session(Endpoint):
    """One endpoint of one negotiation; see :class:`~negotiate.wire.endpoint.Endpoint` for what it is made with."""

    # -- beginning -----------------------------------------------------------------------------------

    def open(
        self, proposal: Proposal, at: int, nonce: bytes, *, valid: int | None = None
    ) -> bytes:
        """Open a session; ``nonce`` is 32 random bytes.

        Raises:
            LocalError: a proposal that cannot be, or one that my own mandate does not allow.
        """
        moment(at)
        span(valid)
        with self._alone:
            if self.record.phase != "opening":
                raise LocalError("this session is open already", code="order")
            keys = [key for key, _ in proposal.seats]
            if self.papers.key.public not in keys:
                raise LocalError("I have no seat in this proposal", code="stranger")
            to = keys[(keys.index(self.papers.key.public) + 1) % len(keys)]
            body = {**proposal.body(), **self.papers.seat(nonce)}
            exp = min(at + (valid or proposal.ttl), proposal.until)
            fields = self._fields("open", at, exp, body)
            fields |= {"prev": envelope.GENESIS, "seq": 0, "to": to, "v": envelope.VERSION}
            return self._give(fields).frame

    def join(self, at: int, nonce: bytes) -> bytes:
        """Take my seat in a session that was opened to me; ``nonce`` is 32 random bytes."""
        moment(at)
        with self._alone:
            if self.record.phase != "joining":
                raise LocalError("there is no opening to join", code="order")
            return self._give(self._next("join", at, self.papers.seat(nonce))).frame

    # -- moving --------------------------------------------------------------------------------------

    def send(
        self,
        move: Move,
        at: int,
        *,
        valid: int | None = None,
        note: str | None = None,
        ref: str = "",
    ) -> bytes:
        """Make a move: check it, sign it, store it; then it is given out.

        Args:
            move: an offer, acceptance, rejection or walk.
            at: now.
            valid: how long the message is valid, in milliseconds; the session's limit by default.
            note: words for people on the other side.
            ref: the caller's own name for this call: a second call with the same name and move gives the same bytes.

        Raises:
            LocalError: not allowed by the rules, by my mandate, by policy, or the name was used for another move.
        """
        moment(at)
        span(valid)
        with self._alone:
            kind = _MOVE_TYPES.get(type(move))
            if kind is None:
                raise LocalError(
                    f"{quote(move)} is not a move of a session by turns", code="not-a-move"
                )
            offer = move if type(move) is Offer else None
            print_ = printed(kind, offer) if ref else ""
            if ref in self._refs:
                return self._repeat(ref, print_)
            self._check_ready(kind)
            fields = self._next(kind, at, self._body(offer, note), valid)
            if offer is not None:
                self._hold(offer)
            plain = offer is not None and note is None
            frame = self._give(fields, ref, plain=plain).frame
            if ref:
                self._refs[ref] = (print_, frame)
            return frame

    def withdraw(self, at: int) -> bytes:
        """Take back my standing offer. If it has been accepted meanwhile, the acceptance wins."""
        moment(at)
        with self._alone:
            if self.record.standing is None:
                raise LocalError("there is no standing offer", code="phase")
            return self._give(self._next("withdraw", at, {})).frame

    def revoke(self, listed: bytes, at: int) -> bytes:
        """Leave because a mandate was revoked, and show the principal's list."""
        moment(at)
        with self._alone:
            return self._give(self._next("revoke", at, {"list": listed})).frame

    def _repeat(self, ref: str, print_: str) -> bytes:
        known, frame = self._refs[ref]
        if known not in ("", print_):
            raise LocalError(f"{quote(ref)} was used for another move", code="conflict")
        return frame

    def _check_ready(self, kind: str) -> None:
        if self.record.phase != "playing" or self.expired:
            state = "expired" if self.expired else self.record.outcome or self.record.phase
            raise LocalError(f"no {kind} now: the session is {state}", code="closed")
        if kind == "accept" and self.trust.policy.undisclosed == "refuse":
            for party in self.record.parties:
                digest = party.name_digest
                if party.key != self.key and (
                    digest is None or self.record.disclosed.value("principal", digest) is None
                ):
                    raise LocalError(
                        f"seat {party.seat} has not disclosed its principal", code="undisclosed"
                    )

    def _body(self, offer: Offer | None, note: str | None) -> dict[str, codec.Value]:
        body: dict[str, codec.Value] = {} if note is None else {"note": note}
        if offer is not None:
            body["terms"] = self.record.deal.wire.said(offer)
        return body

    # -- receiving -----------------------------------------------------------------------------------

    def receive(self, data: bytes | bytearray | memoryview, at: int) -> list[Event]:
        """Take bytes from the other side.

        Raises:
            Fault: they break a rule; nothing changed. An equivocation freezes the session and keeps the proof.
            LocalError: not bytes, or my own store or hook failed; nothing changed.
        """
        frame = frame_of(data)
        moment(at)
        with self._alone:
            self.counters["received"] += 1
            try:
                return self._receive(frame, at)
            except Fault:
                self.counters["refused"] += 1
                raise

    def _receive(self, data: bytes, at: int) -> list[Event]:
        message, record = envelope.read(data), self.record
        if record.phase == "opening" and self.store.load(message.sid):
            raise Fault("a session with this opening exists", code="session-taken")
        if record.known(message.id) is None:
            self._check_clock(message, at)
        try:
            events = self._admit(message, at)
        except Fault as fault:
            if (
                fault.code != "gap"
                or record.phase == "opening"
                or sum(sender == message.sender for _, sender, _ in self._waiting)
                >= MAX_WAITING
            ):
                raise
            return self._wait(message)
        while self._waiting and (waiting := self._next_waiting()) is not None:
            try:
                events += self._admit(waiting, at)
            except Fault as fault:
                events.append(Dropped(fault))
        return events

    def _wait(self, message: Message) -> list[Event]:
        # Two for one place both wait: when their turn comes, the second is the proof against their sender.
        self._waiting[message.seq, message.sender, message.id] = message
        return [Waiting(message.seq)]

    def _next_waiting(self) -> Message | None:
        seq = len(self.record.chain)
        found = next((key for key in self._waiting if key[0] <= seq), None)
        return None if found is None else self._waiting.pop(found)

    def _check_clock(self, message: Message, at: int) -> None:
        fields = message.fields
        skew = self.record.limits.skew if self.record.sid else self.trust.policy.skew
        if fields["iat"] > at + skew:
            raise Fault(f"dated {fields['iat'] - at} ms into the future", code="future")
        if message.kind not in _TIMELESS and at >= fields["exp"] + skew:
            raise Fault(f"the {message.kind} expired at {fields['exp']}", code="expired")

    def _admit(self, message: Message, at: int) -> list[Event]:
        """One message through the fold, into the store, and answered."""
        offer = self.record.standing if message.kind == "accept" else None
        before = self._mark()
        try:
            effect = self.record.admit(message)
            if effect == "known":
                return self._answered(message, at)
            self._keep(Entry(FRAME, message.frame))
        except Fault:
            self._keep_proof(message)
            raise
        except BaseException:
            self._undo(before)
            raise
        events: list[Event] = self._events(message)
        if effect == "crossed":
            events.insert(0, Crossed(message.seq))
        if (
            offer is not None
            and at >= offer.fields["exp"] + self.record.limits.skew
            and self.record.agreed is offer
            and offer.sender == self.key
        ):
            lapse = {"received": at}
            events = [
                Late(message.id),
                Answer(self._give(self._next("lapse", at, lapse, re=message.id)).frame),
            ]
        if self.record.outcome:
            events += self._countersigned(at)
        return events

    def _keep_proof(self, refused: Message) -> None:
        """Keep a refused message if it is the second half of the proof; after the end, apart from the transcript."""
        proof = self.record.proof
        if proof is not None and proof.second is refused:
            tag = PROOF if self.record.phase == "closed" else FRAME
            self._keep(Entry(tag, refused.frame))

    def _answered(self, message: Message, at: int) -> list[Event]:
        """What I said after a message that came again; what was not signed for want of a store is signed now."""
        events: list[Event] = [Known(message.id)]
        known = self.record.known(message.id)
        if (
            known is None
            or known.seq >= len(self.record.chain)
            or self.record.chain[known.seq] is not known
        ):
            return events
        mine = [
            Answer(m.frame) for m in self.record.chain[known.seq + 1 :] if m.sender == self.key
        ]
        return events + list(mine) + (self._countersigned(at) if self.record.outcome else [])

    def _events(self, message: Message) -> list[Event]:
        record, kind = self.record, message.kind
        party = cast("Party", record.seat(message.sender))
        if kind in ("open", "join", "close"):
            return self._progress(kind, party)
        body: Any = message.fields["body"]
        terms = body.get("terms")
        given = None if terms is None else dict(terms)
        events: list[Event] = [Moved(party.seat, kind, message.id, given, body.get("note"))]
        if record.phase == "closing":
            events.append(Ended(record.outcome, dict(record.terms) if record.terms else None))
        return events

    def _progress(self, kind: str, party: Party) -> list[Event]:
        """What a message tells that is no move."""
        record = self.record
        if kind == "open":
            return [Opened(record.sid)]
        if kind == "join":
            return [Joined(party.seat, party.principal, party.verified)]
        return [Closed(record.outcome)] if record.phase == "closed" else []

    def _countersigned(self, at: int) -> list[Event]:
        """After the end: sign the closing record if it is my turn to."""
        events: list[Event] = []
        if self.record.to_close is not None and self.record.to_close == self.me.seat:
            body = self.record.closing_record()
            events.append(Answer(self._give(self._next("close", at, body)).frame))
            events += [Closed(self.record.outcome)] * (self.record.phase == "closed")
        self._settle()
        return events

    # -- time ----------------------------------------------------------------------------------------

    def due(self, at: int) -> list[Event]:
        """What the passing of time means: told once, recorded, and binding nobody."""
        moment(at)
        with self._alone:
            record, events = self.record, list[Event]()
            if record.phase == "opening":
                return events
            if (
                record.phase == "closing"
                and self.status == "pending"
                and at >= record.limits.until
            ):
                return self._once(record.chain[-1], Unconfirmed(record.chain[-1].id))
            if record.phase not in ("joining", "playing") or self.expired:
                return events
            standing = record.standing
            if (
                standing
                and standing.sender == self.key
                and at >= standing.fields["exp"] + record.limits.skew
            ):
                self.ledger.release(record.sid)
                events += self._once(standing, Lapsed(standing.id))
            if at >= record.limits.until + record.limits.skew:
                self._keep(Entry(EXPIRED, b""))
                self.expired = True
                self.ledger.release(record.sid)
                events.append(Expired())
            return events

    def _once(self, message: Message, event: Event) -> list[Event]:
        if message.id in self._told:
            return []
        self._told.add(message.id)
        return [event]
