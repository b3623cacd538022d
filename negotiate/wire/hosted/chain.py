"""The host's chain, as everybody sees it: opening, joins, beginning, receipts, ticks, and the award or a cancel.

Each message of the host has one place and the id of the one before, so any two parties can compare heads, and a host
who shows two histories has signed the proof. What was bid is not in here: a receipt seals it. The table::

    phase      the host may write             next phase
    opening    open                           joining
    joining    receipt (of a join)            joining
               begin                          bidding
               cancel                         done
    bidding    receipt (of a bid), tick       bidding
               award, cancel                  done
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from negotiate.errors import NegotiateError
from negotiate.wire import envelope, merkle
from negotiate.wire.faults import KNOWLEDGE, UNPROVEN, Fault
from negotiate.wire.hosted import caps, rules
from negotiate.wire.hosted.codes import ACCEPTED, seal
from negotiate.wire.keys import did_key
from negotiate.wire.opening import check_critical, check_limits, take_seat
from negotiate.wire.parties import Deal, seats
from negotiate.wire.privacy import Disclosed
from negotiate.wire.record import Proof
from negotiate.wire.revocation import Revocations
from negotiate.wire.terms import Amount, WireDomain

if TYPE_CHECKING:
    from negotiate.protocol import Protocol
    from negotiate.protocols.hosted import HostedNegotiation
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.parties import Party
    from negotiate.wire.trust import Trust

Phase = Literal["opening", "joining", "bidding", "done"]


MOST_JOIN = 60_000  # bytes

RECORDS = frozenset({"open", "receipt", "begin", "tick", "award", "cancel"})
"""Kinds of message that make up a host's history."""


class Chain:
    """The public state after a sequence of the host's messages.

    Attributes:
        phase: where in the table it stands.
        records: the host's messages, in order; ``seq`` is the index.
        parties: the host and all who may join, in the order of the opening.
        seated: who had joined at the beginning, in that order: the parties of the protocol.
        began: when it began; 0 before.
        time: of the last message.
        award: the host's result; None while there is none.
        cancelled: the record by which the host called it off; None if it did not.
        proof: of a host who signed two histories.
        negotiation: the protocol's state, from the beginning on: in a chain alone it stays as it began.
    """

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.revocations = Revocations(trust.revocations)
        self.disclosed = Disclosed()
        self.phase: Phase = "opening"
        self.sid = b""
        self.records: list[Message] = []
        self.parties: tuple[Party, ...] = ()
        self.seated: tuple[Party, ...] = ()
        self.began = self.time = 0
        self.award: Message | None = None
        self.cancelled: Message | None = None
        self.proof: Proof | None = None
        self.negotiation: HostedNegotiation
        self.protocol: Protocol
        self.rules_hash: bytes
        self.deal: Deal
        self.limits: bodies.Limits
        self.joins: dict[bytes, Message] = {}

    @property
    def head(self) -> bytes:
        """The id of the host's last message: to compare with others."""
        return self.records[-1].id

    @property
    def host(self) -> Party:
        """The host's seat."""
        return self.parties[0]

    @property
    def root(self) -> bytes:
        """The Merkle root over all messages of the host before the award (RFC 9162)."""
        return merkle.root([record.id for record in self.records if record is not self.award])

    @property
    def share(self) -> int:
        """Messages that each bidder may have in the history after the beginning: an equal share."""
        return max(1, self.limits.messages // max(1, len(self.seated)))

    def party(self, key: bytes) -> Party | None:
        """Who has this key."""
        return next((party for party in self.parties if party.key == key), None)

    def name(self, key: bytes) -> str:
        """What the rules call a party: its key, in this auction. A commitment under this name fits nowhere else."""
        return f"{did_key(key)}@{self.sid.hex()}"

    # -- admission -----------------------------------------------------------------------------------

    def admit(self, record: Message, bid: Message | None = None) -> bool:
        """Take one message of the host, with the bid that it is a receipt of where that is known.

        Returns:
            False if it is known already.

        Raises:
            Fault: it breaks a rule; nothing changed. Two for one place leave a proof.
        """
        if self.phase == "opening":
            self._open(record)
            return True
        if record.fields.get("sid") != self.sid and record.id != self.records[0].id:
            raise Fault("a message of another session", code="session")
        if record.sender != self.host.key:
            raise Fault("only the host writes the history", code="stranger")
        if record.kind not in RECORDS:
            raise Fault(f"{record.kind} has no place in a host's history", code="kind")
        record.verify(self.host.verifier)
        if record.seq < len(self.records):
            return self._again(record)
        self._check_place(record)
        self._apply(record, bid)
        self.records.append(record)
        self.time = record.fields["iat"]
        return True

    def _again(self, record: Message) -> bool:
        known = self.records[record.seq]
        if known.id == record.id:
            return False
        self.proof = self.proof or Proof(known, record)
        raise Fault("the host signed two histories", code="equivocation", key=record.sender)

    def _check_place(self, record: Message) -> None:
        if record.seq > len(self.records):
            raise Fault(f"seq {record.seq} before {len(self.records)}", code="gap")
        if record.fields["to"] != self.host.next_key:
            raise Fault("the message is addressed to somebody else", code="audience")
        if record.fields["prev"] != self.head:
            # Only the host writes here, so nobody else can have put another record before this one.
            why = "the message does not follow the last one"
            raise Fault(why, code="chain", key=record.sender)
        if record.fields["iat"] < self.time:
            raise Fault("the host's clock ran back", code="clock", key=record.sender)
        if self.phase == "done":
            raise Fault("it is over", code="closed")
        check_critical(record, self.trust.policy)

    def _apply(self, record: Message, bid: Message | None) -> None:
        at = record.fields["iat"]
        if record.kind == "receipt":
            self._receipt(record, bid, at)
        elif record.kind == "begin":
            self._begin(at)
        elif record.kind == "cancel":
            self._cancel(record, at)
            self.cancelled, self.phase = record, "done"
        elif self.phase != "bidding":
            raise Fault(f"{record.kind} before the beginning", code="order")
        elif record.kind == "tick":
            self._pass(at)
        else:
            self._check_award(record, at)
            self.award, self.phase = record, "done"

    # -- the opening ---------------------------------------------------------------------------------

    def _open(self, record: Message) -> None:
        body = cast("bodies.Open", record.body) if record.kind == "open" else None
        if body is None or record.seq != 0 or record.fields["prev"] != envelope.GENESIS:
            raise Fault("a history starts with an opening", code="order")
        check_limits(record, body.limits, self.trust)
        parties = seats([(seat.key, seat.role) for seat in body.parties])
        if record.sender != parties[0].key or record.fields["to"] != parties[0].next_key:
            raise Fault("the host has the first seat and opens", code="stranger")
        record.verify(parties[0].verifier)
        self.protocol = rules.rules_from_wire(body.protocol, body.rules)
        self.rules_hash = rules.rules_hash(body.protocol, body.rules)
        if body.rules_hash != self.rules_hash:
            raise Fault("the hash is not that of the rules", code="rules")
        wire = WireDomain.read(body.issues, body.title)
        names = [did_key(party.key) for party in parties[1:]]
        rules.check_size(self.protocol, len(names))
        rules.begin(self.protocol, wire.domain, names, record.fields["iat"])
        self.deal = Deal(wire, Amount(wire, body.subject.amount), body.subject, parties)
        take_seat(record, parties[0], self.deal, self.trust).commit()
        self.sid, self.limits, self.parties = record.sid, body.limits, parties
        self._want(parties[0])
        self.records.append(record)
        self.time, self.phase = record.fields["iat"], "joining"

    def _want(self, party: Party) -> None:
        if party.statement is not None:
            self.disclosed.want("principal", party.statement.principal)
            self.disclosed.want("contact", party.statement.contact)

    # -- joining -------------------------------------------------------------------------------------

    def _receipt(self, record: Message, bid: Message | None, at: int) -> None:
        body = cast("bodies.Receipt", record.body)
        if self.phase == "joining":
            if body.frame is None:
                raise Fault("a sealed receipt before the beginning", code="order")
            try:
                join = envelope.read(body.frame)
                self.check_join(join, at)
            except Fault as fault:
                if (
                    fault.code in UNPROVEN - KNOWLEDGE
                ):  # nobody pastes into what the host has signed
                    raise Fault(str(fault), code=fault.code, key=record.sender) from None
                raise
            if body.seal != seal(join.id, ACCEPTED):
                raise Fault(
                    "the seal is not over the message", code="receipt", key=record.sender
                )
            self._join(join)
        elif body.frame is not None:
            raise Fault("an open receipt after the beginning", code="order")
        else:
            self._sealed(record, bid, at)

    def check_join(self, join: Message, at: int) -> None:
        """Raise Fault unless a message may be taken as a join at this time; change nothing."""
        party = self.check_sender(join)
        if join.kind != "join" or self.phase != "joining" or join.sender in self.joins:
            raise Fault(f"{join.kind} in phase {self.phase}, or twice", code="order")
        if len(join.frame) > MOST_JOIN:
            raise Fault(
                f"a join of {len(join.frame):,} bytes fits into no receipt", code="size"
            )
        if join.seq != 0 or join.fields["prev"] != self.sid:
            raise Fault("a join answers the opening", code="chain")
        join.verify(party.verifier)
        self.check_times(join, at)
        seating = take_seat(join, party, self.deal, self.trust)
        seating.scope.check_amount(caps.silent(self.protocol))
        seating.scope.check_peers(party, (self.host,))
        if self.host.scope is not None:
            self.host.scope.check_peers(self.host, (party,))

    def check_sender(self, message: Message) -> Party:
        """Who of the bidders sent this to the host of this auction; Fault if nobody did."""
        party = self.party(message.sender)
        if party is None or party is self.host:
            raise Fault(f"{did_key(message.sender)} is no bidder here", code="stranger")
        if message.fields.get("sid") != self.sid:
            raise Fault("a message of another session", code="session")
        if message.fields["to"] != self.host.key:
            raise Fault("a bidder's message is addressed to the host", code="audience")
        return party

    def check_times(self, message: Message, at: int) -> None:
        """Raise Fault unless a bidder's message is valid at the host's time."""
        iat, exp = message.fields["iat"], message.fields["exp"]
        if iat > at + self.limits.skew:
            raise Fault("dated later than the host's clock allows", code="future")
        if exp - iat > self.limits.ttl:
            raise Fault("valid for longer than the session allows", code="lifetime")
        if at >= exp:
            raise Fault("the message has expired", code="expired")

    def _join(self, join: Message) -> None:
        party = self.parties[[p.key for p in self.parties].index(join.sender)]
        take_seat(join, party, self.deal, self.trust).commit()
        self._want(party)
        self.joins[join.sender] = join

    def _begin(self, at: int) -> None:
        if self.phase != "joining":
            raise Fault("it has begun already", code="order")
        seated = tuple(party for party in self.parties if party.key in self.joins)
        try:
            names = [self.name(party.key) for party in seated]
            self._start(rules.begin(self.protocol, self.deal.wire.domain, names, at), seated)
        except NegotiateError as error:
            raise Fault(str(error), code=error.code) from None
        self.seated, self.began, self.phase = seated, at, "bidding"

    # -- what the fold adds --------------------------------------------------------------------------

    def _start(self, negotiation: HostedNegotiation, seated: tuple[Party, ...]) -> None:
        """The protocol begins."""
        self.negotiation = negotiation

    def _sealed(self, record: Message, bid: Message | None, at: int) -> None:
        """A bid was taken, or refused."""

    def _pass(self, at: int) -> None:
        """Time passes."""

    def _cancel(self, record: Message, at: int) -> None:
        """Raise Fault unless it may still be called off."""

    def _check_award(self, record: Message, at: int) -> None:
        """Raise Fault unless the award is under these rules and over the whole history."""
        body = cast("bodies.Award", record.body)
        if body.rules != self.rules_hash:
            raise Fault("the result is under other rules", code="award", key=record.sender)
        if (body.count, body.root) != (len(self.records), self.root):
            raise Fault("the result leaves out a receipt", code="award", key=record.sender)
