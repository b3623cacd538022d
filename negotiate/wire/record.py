"""The fold over signed messages: what a live session accepts, the auditor accepts, and the reverse.

A :class:`Record` is the state after a sequence of messages. :meth:`Record.admit` takes one more, or raises a
:class:`~negotiate.wire.faults.Fault` and changes nothing. Checks run cheapest first: session, sender, audience, place
in the chain, signature; then times, mandates, and the protocol's own rules. There is no clock in here: everything
follows from the signed bytes, so the verdict is the same on any later day.

    phase      kind of message                       next phase
    opening    open                                  joining
    joining    join, in the order of the seats       joining, playing
    playing    offer accept reject walk revoke       playing, closing
    playing    withdraw (by whom the offer is)       playing
    closing    lapse (by whom the offer was)         closing
    closing    close, in the order of the seats      closing, closed

An acceptance and a withdrawal that cross stand on the same predecessor: the acceptance wins, because an offer is firm
until it expires. The same holds for any move of the party that was to move.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from negotiate.protocol import Agreement
from negotiate.wire import closing
from negotiate.wire.faults import Fault
from negotiate.wire.game import Frame, Game
from negotiate.wire.keys import did_key
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.opening import (
    check_critical,
    check_peers,
    check_version,
    open_deal,
    take_seat,
)
from negotiate.wire.privacy import Disclosed
from negotiate.wire.revocation import Revocations

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.protocol import Negotiation, Protocol
    from negotiate.wire import bodies, codec
    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.parties import Deal, Party
    from negotiate.wire.trust import Trust

Phase = Literal["opening", "joining", "playing", "closing", "closed"]
Effect = Literal["added", "known", "crossed"]


class Proof(NamedTuple):
    """Two different messages by one key for one place: whoever holds both can show the fault to anybody."""

    first: Message
    second: Message


class Record:
    """The state after a sequence of signed messages.

    Attributes:
        phase: where in the table the session stands.
        chain: the messages, in order; ``seq`` is the index.
        parties: the seats, in the order of moving.
        outcome: how the negotiation ended (``agreed``, ``walk``, ``deadline``, ``limit``, ``revoked``, ``late``); empty
            while it runs.
        agreed: the offer that was.
        proof: of an equivocation, if there was one.
        crossed: withdrawals that lost against a move that they crossed.
    """

    def __init__(self, trust: Trust, ledger: Ledger | None = None) -> None:
        self.trust = trust
        self.ledger: Ledger = ledger or MemoryLedger()
        self.revocations = Revocations(trust.revocations)
        self.disclosed = Disclosed()
        self.phase: Phase = "opening"
        self.sid = b""
        self.chain: list[Message] = []
        self.parties: tuple[Party, ...] = ()
        self.outcome = ""
        self.agreed: Message | None = None
        self.proof: Proof | None = None
        self.crossed: list[Message] = []
        self.time = 0
        self.limits: bodies.Limits
        self.deal: Deal
        self.protocol: Protocol
        self.game: Game
        self._seats: dict[bytes, Party] = {}
        self._ids: dict[bytes, Message] = {}
        self._closers: list[int] = []

    # -- admission -----------------------------------------------------------------------------------

    def admit(self, message: Message) -> Effect:
        """Take one message: ``added`` to the chain, already ``known``, or a withdrawal that was ``crossed``.

        Raises:
            Fault: it breaks a rule. Nothing has changed, except that an equivocation leaves its proof.
        """
        if self.phase == "opening":
            return self._open(message)
        fields = message.fields
        if fields.get("sid") != self.sid:
            return self._foreign(message)
        party = self._seats.get(message.sender)
        if party is None:
            raise Fault(
                f"{did_key(message.sender)} is no party of this session", code="stranger"
            )
        if fields["to"] != party.next_key:
            raise Fault("the message is addressed to somebody else", code="audience")
        seq = len(self.chain)
        if message.seq != seq:
            return self._elsewhere(message, party)
        if fields["prev"] != self.chain[-1].id:
            raise Fault("the message does not follow the last one", code="chain")
        message.verify(party.verifier)
        self._step(message, party)
        return "added"

    def admit_own(self, draft: Message) -> None:
        """Take a message of the caller that is not signed yet, so that nothing is signed that would be refused."""
        party = self._seats.get(draft.sender)
        if party is None:
            self._open(draft, signed=False)
        else:
            self._step(draft, party)

    def _open(self, message: Message, *, signed: bool = True) -> Effect:
        if message.kind != "open":
            raise Fault(f"{message.kind} before the opening", code="order")
        opening = open_deal(message, self.trust, signed=signed)
        opening.commit()
        self.sid = message.sid
        self.limits, self.deal, self.protocol = opening.limits, opening.deal, opening.protocol
        self.parties = opening.deal.parties
        self._seats = {party.key: party for party in self.parties}
        self._want(opening.party)
        self.time = message.fields["iat"]
        self.phase = "joining"
        self._append(message)
        return "added"

    def _foreign(self, message: Message) -> Effect:
        if message.kind == "open":
            if message.id in self._ids:
                return self._again(message)
            raise Fault("another opening; the issues of this session are fixed", code="session")
        raise Fault("a message of another session", code="session")

    def _elsewhere(self, message: Message, party: Party) -> Effect:
        """A message whose place is not the next."""
        if message.seq > len(self.chain):
            message.verify(party.verifier)
            raise Fault(f"seq {message.seq} before {len(self.chain)}", code="gap")
        if message.id in self._ids:
            return self._again(message)
        message.verify(party.verifier)
        for other in (self.chain[message.seq], *self.crossed):
            if other.sender == message.sender and other.seq == message.seq:
                self.proof = self.proof or Proof(other, message)
                raise Fault(
                    f"{did_key(message.sender)} signed two messages for seq {message.seq}",
                    code="equivocation", key=message.sender,
                )  # fmt: skip
        if self._crosses(message, party):
            self._replace_withdrawal(message, party)
            return "crossed"
        raise Fault(f"seq {message.seq} is taken by {self.chain[message.seq]}", code="stale")

    def _again(self, message: Message) -> Effect:
        known = self._ids[message.id]
        if known.frame != message.frame:  # the same content under another signature
            message.verify()
        return "known"

    def _append(self, message: Message) -> None:
        self.chain.append(message)
        self._ids[message.id] = message

    def known(self, identifier: bytes) -> Message | None:
        """The message with this id, if it is in the record."""
        return self._ids.get(identifier)

    # -- steps ---------------------------------------------------------------------------------------

    def _step(self, message: Message, party: Party) -> None:
        """Apply a message that stands in its place and is signed by its sender."""
        phase = self.phase
        if self.proof is not None and phase != "closing":
            raise Fault("the session is frozen after an equivocation", code="frozen")
        if phase == "closed":
            raise Fault("the session is closed", code="closed")
        at = self._check_times(message)
        if phase != "joining" and message.fields.get("man", b"") != party.man:
            raise Fault("another mandate than the one pinned at the beginning", code="mandate")
        if phase == "playing":
            self._play(message, party, at)
        elif phase == "joining":
            self._join(message, party)
        else:
            self._close(message, party)
        self.time = at
        self.chain.append(message)
        self._ids[message.id] = message
        if self.phase == "playing" and len(self.chain) >= self.limits.messages:
            self._end("limit", party)

    def _check_times(self, message: Message) -> int:
        fields, limits, time = message.fields, self.limits, self.time
        iat, exp = fields["iat"], fields["exp"]
        if iat < time - limits.skew:
            raise Fault(f"dated {time - iat} ms before the message it follows", code="clock")
        if (exp - iat > limits.ttl or exp > limits.until) and message.kind not in (
            "close",
            "lapse",
        ):
            raise Fault("valid for longer than the session's limits allow", code="lifetime")
        return iat if iat > time else time

    def _join(self, message: Message, party: Party) -> None:
        if message.kind != "join":
            raise Fault(f"{message.kind} before all parties have joined", code="order")
        waiting = next(
            p for p in self._from(self._seats[self.chain[0].sender]) if p.statement is None
        )
        if party is not waiting:
            raise Fault(f"seat {waiting.seat} is to join", code="order")
        seating = take_seat(message, party, self.deal, self.trust)
        seating.commit()
        full = all(other.statement is not None for other in self.parties)
        try:
            check_version((self.chain[0], message))
            if full:
                check_peers(self.parties)
        except Fault:
            seating.undo()
            raise
        self._want(party)
        if full:
            frame = Frame(
                self.sid, self.protocol, self.deal, self.trust, self.revocations, self.ledger
            )
            self.game = Game(frame, self._ids, max(self.time, message.fields["iat"]))
            self.phase = "playing"

    def _play(self, message: Message, party: Party, at: int) -> None:
        game = self.game
        if message.kind == "offer":
            game.offer(message, party, at)
        else:
            game.play(message, party, at)
        result = game.negotiation.result
        if result is None:
            return
        if isinstance(result, Agreement):
            self.agreed = game.standing
            self._end("agreed", party)
        else:
            self._end("revoked" if message.kind == "revoke" else str(result.reason), party)

    def outcome_of(self, offer: Message) -> Outcome:
        """The outcome that an offer is about."""
        return self.game.outcome_of(offer)

    @property
    def negotiation(self) -> Negotiation:
        """The protocol's state, once all parties have joined."""
        return self.game.negotiation

    @property
    def standing(self) -> Message | None:
        """The offer that may be accepted now."""
        return None if self.phase in ("opening", "joining") else self.game.standing

    # -- crossing ------------------------------------------------------------------------------------

    def _crosses(self, message: Message, party: Party) -> bool:
        """Whether a move of the party to move meets a withdrawal at the head of the chain."""
        head = self.chain[-1]
        if head.kind != "withdraw" or head.seq != message.seq or self.phase != "playing":
            return False
        same = message.fields["prev"] == head.fields["prev"]
        return same and party.seat == self.negotiation.mover and message.kind != "withdraw"

    def _replace_withdrawal(self, message: Message, party: Party) -> None:
        lost = self.chain[-1]
        before, time = self.game.snapshot(), self.time
        self.chain.pop()
        try:
            self.time = self.game.rebuild(self.chain[len(self.parties) :])
            self._step(message, party)
        except BaseException:
            self.game.restore(before)
            self.time = time
            self.chain.append(lost)
            raise
        self.crossed.append(lost)

    # -- the end -------------------------------------------------------------------------------------

    def _end(self, outcome: str, last: Party) -> None:
        self.outcome = outcome
        self.phase = "closing"
        self._closers = [*(party.seat for party in self._from(last)[1:]), last.seat]

    def _close(self, message: Message, party: Party) -> None:
        if message.kind == "lapse":
            self._lapse(message, party)
            return
        if message.kind != "close":
            raise Fault(f"{message.kind} after the end ({self.outcome})", code="closed")
        if party.seat != self._closers[0]:
            raise Fault(f"seat {self._closers[0]} is to close", code="order")
        body = {
            k: v
            for k, v in message.fields["body"].items()
            if k not in ("note", "ext", "critical")
        }
        check_critical(message, self.trust.policy)
        if body != self.closing_record():
            raise Fault(
                "the closing record differs from what happened", code="close", key=party.key
            )
        del self._closers[0]
        if not self._closers:
            self.phase = "closed"

    def _lapse(self, message: Message, party: Party) -> None:
        check_critical(message, self.trust.policy)
        accepted, offer = self.chain[-1], self.agreed
        if offer is None or accepted.kind != "accept" or message.re != accepted.id:
            raise Fault("a claim of late arrival of no acceptance", code="lapse")
        if offer.sender != party.key:
            raise Fault(
                "only who made the offer can say that the acceptance came late", code="lapse"
            )
        received, ends = cast("bodies.Lapse", message.body).received, offer.fields["exp"]
        if not ends + self.limits.skew <= received <= message.fields["iat"]:
            raise Fault("the times contradict a late arrival", code="lapse")
        self.agreed = None
        self._end("late", party)

    def closing_record(self) -> dict[str, codec.Value]:
        """The body of ``close`` that every party is to sign."""
        ended = self.chain[: len(self.chain) - (len(self.parties) - len(self._closers))]
        return closing.record(ended, self.outcome, self.terms, self.parties)

    @property
    def terms(self) -> dict[str, codec.Value] | None:
        """The terms agreed on; None without an agreement."""
        return (
            None
            if self.agreed is None
            else cast("dict[str, codec.Value]", self.agreed.fields["body"]["terms"])
        )

    @property
    def to_close(self) -> int | None:
        """The seat whose closing signature is due; None while the negotiation runs, or when all have signed."""
        return self._closers[0] if self._closers else None

    def seat(self, key: bytes) -> Party | None:
        """The party with this key."""
        return self._seats.get(key)

    def _from(self, first: Party) -> tuple[Party, ...]:
        """The parties in the order of the seats, beginning with ``first``."""
        return self.parties[first.seat :] + self.parties[: first.seat]

    def _want(self, party: Party) -> None:
        if party.statement is not None:
            self.disclosed.want("principal", party.statement.principal)
            self.disclosed.want("contact", party.statement.contact)
