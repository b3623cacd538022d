"""Sessions with concurrent senders, sequenced by a host: the interface that auctions use.

Bidders sign for themselves, each in a chain of its own. The host takes every accepted message into one history, by
wrapping it in a ``receipt`` of its own chain: place, predecessor and message under the host's signature. The receipt
goes to everybody, so all parties can compare heads; a host who shows two histories has signed the proof. The result is
an ``award`` over the Merkle root of *all* messages taken, so leaving one out shows.

    phase      a bidder may send          until
    joining    join                       the host opens the bidding (its first receipt of a bid or commit)
    bidding    bid (open) commit (sealed) ``close``
    reveal     reveal (sealed)            ``reveal``
    done       -                          award

A sealed bid is ``SHA-256(label ‖ auction id ‖ bidder key ‖ salt ‖ bid)``. A bidder who does not reveal in time, or
whose reveal does not fit, is listed as silent and takes no part; the result waits for nobody.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, cast

from negotiate.errors import LocalError
from negotiate.wire import bodies, codec, envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.keys import did_key
from negotiate.wire.opening import take_seat
from negotiate.wire.parties import Deal, seats
from negotiate.wire.record import Proof
from negotiate.wire.terms import Amount, WireDomain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.wire.envelope import Message
    from negotiate.wire.papers import Papers
    from negotiate.wire.parties import Party
    from negotiate.wire.trust import Trust

PROTOCOL = "hosted"
Phase = Literal["joining", "bidding", "reveal", "done"]
_COMMITMENT = b"negotiate-kit sealed bid v1\n"


def commitment(auction: bytes, bidder: bytes, salt: bytes, terms: codec.Value) -> bytes:
    """The digest of a sealed bid; it fits one auction and one bidder."""
    bid = codec.encode(terms)
    return hashlib.sha256(b"".join((_COMMITMENT, auction, bidder, salt, bid))).digest()


class History:
    """The fold over a host's messages: bidders, host and auditor all run it.

    Attributes:
        chain: the host's messages.
        taken: the messages taken into the history, in order.
        commitments: each bidder's commitment that stands.
        bids: each bidder's bid: open, or revealed.
        award: the host's result; None while there is none.
        proof: of a host who signed two histories.
    """

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self.sid = b""
        self.chain: list[Message] = []
        self.taken: list[Message] = []
        self.commitments: dict[bytes, Message] = {}
        self.bids: dict[bytes, Message] = {}
        self.award: bodies.Award | None = None
        self.proof: Proof | None = None
        self.parties: dict[bytes, Party] = {}
        self.deal: Deal
        self.limits: bodies.Limits
        self.sealed: bool
        self.close: int
        self.reveal: int
        self._last: dict[bytes, Message] = {}

    @property
    def head(self) -> bytes:
        """The id of the host's last message, for comparing."""
        return self.chain[-1].id

    @property
    def host(self) -> Party:
        """The host's seat."""
        return next(iter(self.parties.values()))

    def phase(self, at: int) -> Phase:
        """The phase at a time."""
        if self.award is not None:
            return "done"
        if at < self.close:
            return "bidding"
        return "reveal" if self.sealed and at < self.reveal else "done"

    def admit(self, frame: bytes) -> Message:
        """Take one message of the host.

        Raises:
            Fault: it breaks a rule; nothing changed. Two for one place leave a proof.
        """
        message = envelope.read(frame)
        if not self.chain:
            self._open(message)
            return message
        if message.sender != self.host.key:
            raise Fault("only the host writes the history", code="stranger")
        if message.fields.get("sid") != self.sid:
            raise Fault("a message of another session", code="session")
        message.verify(self.host.verifier)
        self._check_place(message)
        if message.kind == "receipt":
            self._receipt(message)
        elif message.kind == "award":
            self._award(message)
        else:
            raise Fault(f"{message.kind} has no place in a host's history", code="kind")
        self.chain.append(message)
        return message

    def _check_place(self, message: Message) -> None:
        if message.seq < len(self.chain):
            known = self.chain[message.seq]
            if known.id == message.id:
                raise Fault("known", code="stale")
            self.proof = self.proof or Proof(known, message)
            raise Fault(
                "the host signed two histories", code="equivocation", key=message.sender
            )
        if message.seq > len(self.chain):
            raise Fault(f"seq {message.seq} before {len(self.chain)}", code="gap")
        if message.fields["prev"] != self.head:
            raise Fault("the message does not follow the last one", code="chain")
        if message.fields["iat"] < self.chain[-1].fields["iat"]:
            raise Fault("the host's clock ran back", code="clock")
        if self.award is not None:
            raise Fault("there is a result already", code="closed")

    def _open(self, message: Message) -> None:
        if (
            message.kind != "open"
            or message.seq != 0
            or message.fields["prev"] != envelope.GENESIS
        ):
            raise Fault("a history starts with an opening", code="order")
        body = cast("bodies.Open", message.body)
        if body.protocol != PROTOCOL or set(body.rules) != {"sealed", "close", "reveal"}:
            raise Fault("not the opening of a hosted session", code="rules")
        sealed, close, reveal = (body.rules[name] for name in ("sealed", "close", "reveal"))
        if type(sealed) is not bool or type(close) is not int or type(reveal) is not int:
            raise Fault("sealed is a truth value, close and reveal are times", code="rules")
        if not message.fields["iat"] < close <= reveal <= body.limits.until:
            raise Fault("close and reveal are not times in order", code="rules")
        parties = seats([(seat.key, seat.role) for seat in body.parties])
        host = parties[0]
        if message.sender != host.key or message.fields["to"] != host.next_key:
            raise Fault("the host has the first seat and opens", code="stranger")
        message.verify(host.verifier)
        wire = WireDomain.read(body.issues, body.title)
        deal = Deal(wire, Amount(wire, body.subject.amount), body.subject, parties)
        take_seat(message, host, deal, self.trust).commit()
        self.sid, self.deal, self.limits = message.sid, deal, body.limits
        self.sealed, self.close, self.reveal = sealed, close, reveal
        self.parties = {party.key: party for party in parties}
        self.chain.append(message)

    # -- receipts ------------------------------------------------------------------------------------

    def _receipt(self, message: Message) -> None:
        body = cast("bodies.Receipt", message.body)
        inner = envelope.read(body.frame)
        if message.re != inner.id:
            raise Fault("a receipt for another message than it holds", code="answer")
        at = message.fields["iat"]
        if body.phase != self.phase(at):
            raise Fault(
                f"a receipt of phase {body.phase} in phase {self.phase(at)}", code="phase"
            )
        self.check(inner, at)
        self.apply(inner)

    def check(self, inner: Message, at: int) -> None:
        """Raise Fault unless a bidder's message may be taken at this time; change nothing."""
        party = self.parties.get(inner.sender)
        if party is None or party is self.host:
            raise Fault(
                f"{did_key(inner.sender)} is no bidder of this session", code="stranger"
            )
        if inner.fields.get("sid") != self.sid:
            raise Fault("a message of another session", code="session")
        if inner.fields["to"] != self.host.key:
            raise Fault("a bidder's message is addressed to the host", code="audience")
        last = self._last.get(inner.sender)
        if inner.seq != (last.seq + 1 if last else 0) or inner.fields["prev"] != (
            last.id if last else self.sid
        ):
            raise Fault("the message does not follow the bidder's last one", code="chain")
        inner.verify(party.verifier)
        self._check_times(inner, at)
        if inner.kind == "join":
            if last is not None:
                raise Fault("a bidder joins once", code="order")
            seating = take_seat(inner, party, self.deal, self.trust)
            seating.scope.check_peers(party, (self.host,))
        else:
            self._check_bid(inner, party, at)

    def _check_times(self, inner: Message, at: int) -> None:
        if inner.fields["iat"] > at + self.limits.skew:
            raise Fault("dated later than the host's clock allows", code="future")
        if at >= inner.fields["exp"] + self.limits.skew:
            raise Fault("the message has expired", code="expired")

    def _check_bid(self, inner: Message, party: Party, at: int) -> None:
        if party.statement is None or party.scope is None:
            raise Fault(f"{inner.kind} before the bidder has joined", code="order")
        if inner.fields.get("man", b"") != party.man:
            raise Fault("another mandate than the one pinned at the beginning", code="mandate")
        party.scope.check_time(at)
        phase, kind = self.phase(at), inner.kind
        if kind == "reveal" and phase == "bidding":
            raise Fault("a reveal before the bidding closed", code="early")
        wanted = {"bidding": "commit" if self.sealed else "bid", "reveal": "reveal"}.get(phase)
        if kind != wanted:
            late = "expired" if kind in ("bid", "commit", "reveal") else "kind"
            raise Fault(f"{kind} in phase {phase}", code=late)
        if kind == "reveal":
            self._check_reveal(inner)
        if kind in ("bid", "reveal"):
            terms = cast("dict[str, object]", inner.fields["body"]["terms"])
            party.scope.check_terms(self.deal.wire.outcome(terms))

    def _check_reveal(self, inner: Message) -> None:
        committed = self.commitments.get(inner.sender)
        if committed is None or inner.re != committed.id:
            raise Fault("a reveal of no commitment that stands", code="answer")
        if inner.sender in self.bids:
            raise Fault("a second reveal", code="stale")
        body = inner.fields["body"]
        salt, terms = cast("bytes", body["salt"]), cast("codec.Value", body["terms"])
        digest = cast("bodies.Commit", committed.body).digest
        if commitment(self.sid, inner.sender, salt, terms) != digest:
            raise Fault("the reveal does not fit the commitment", code="commitment")

    def apply(self, inner: Message) -> None:
        """Take a message that has been checked."""
        party = self.parties[inner.sender]
        if inner.kind == "join":
            take_seat(inner, party, self.deal, self.trust).commit()
        elif inner.kind == "commit":
            self.commitments[inner.sender] = inner
        else:
            self.bids[inner.sender] = inner
        self._last[inner.sender] = inner
        self.taken.append(inner)

    # -- the result ----------------------------------------------------------------------------------

    @property
    def silent(self) -> list[bytes]:
        """Who committed and did not reveal, in the order of the seats."""
        return [key for key in self.parties if key in self.commitments and key not in self.bids]

    @property
    def root(self) -> bytes:
        """The Merkle root over all messages taken."""
        return merkle.root([message.id for message in self.taken])

    def _award(self, message: Message) -> None:
        body = cast("bodies.Award", message.body)
        if self.phase(message.fields["iat"]) != "done":
            raise Fault("a result before the bidding is over", code="early")
        if body.count != len(self.taken) or body.root != self.root:
            raise Fault(
                "the result is not over all messages that were taken",
                code="award",
                key=message.sender,
            )
        if body.silent != self.silent or not set(body.winners) <= set(self.bids):
            raise Fault(
                "winners or silent bidders are not those of the history",
                code="award",
                key=message.sender,
            )
        self.award = body

    def next_fields(
        self, papers: Papers, kind: str, body: Mapping[str, object], at: int
    ) -> dict[str, object]:
        """The fields of the next message of a host or a bidder."""
        man = {"man": papers.man} if papers.man else {}
        party = self.parties.get(papers.key.public)
        if party is None:
            raise LocalError("I have no seat in this session", code="stranger")
        if party is self.host:
            head = {"seq": len(self.chain), "prev": self.head, "to": party.next_key}
        else:
            last = self._last.get(party.key)
            head = {
                "seq": last.seq + 1 if last else 0,
                "prev": last.id if last else self.sid,
                "to": self.host.key,
            }
        exp = min(at + self.limits.ttl, envelope.MAX_TIME)
        return {
            "v": 1,
            "kind": kind,
            "sid": self.sid,
            "from": party.key,
            "iat": at,
            "exp": exp,
            "body": body,
            **man,
            **head,
        }


class Host:
    """The host's endpoint: bidders' bytes in, receipts out.

    Attributes:
        history: the fold, as everybody sees it.
        refused: messages that were not taken, with the code why; shown to nobody.
    """

    def __init__(self, papers: Papers, trust: Trust) -> None:
        self.papers = papers
        self.history = History(trust)
        self.refused: list[tuple[bytes, str]] = []

    def open(self, fields: Mapping[str, object]) -> bytes:
        """Sign and take the opening."""
        message = envelope.seal(self.papers.key, fields)
        return self._take(message)

    def receive(self, frame: bytes, at: int) -> bytes:
        """Take a bidder's message; gives the receipt, for everybody.

        Raises:
            Fault: it may not be taken; it is kept under ``refused``.
        """
        try:
            inner = envelope.read(frame)
            self.history.check(inner, at)
        except Fault as fault:
            self.refused.append((frame, fault.code))
            raise
        body = {"frame": frame, "phase": self.history.phase(at)}
        fields = self.history.next_fields(self.papers, "receipt", body, at)
        return self._take(envelope.seal(self.papers.key, {**fields, "re": inner.id}))

    def result(self, winners: list[bytes], at: int) -> bytes:
        """Sign the result."""
        history = self.history
        body = {
            "count": len(history.taken),
            "root": history.root,
            "winners": winners,
            "silent": history.silent,
        }
        return self._take(
            envelope.seal(self.papers.key, history.next_fields(self.papers, "award", body, at))
        )

    def _take(self, message: Message) -> bytes:
        try:
            self.history.admit(message.frame)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None
        return message.frame


def omitted(receipt: bytes, award: bytes, path: list[bytes]) -> bool:
    """Whether a host's own receipt and result show that it left a taken message out.

    Args:
        receipt: the host's receipt for the message.
        award: the host's result.
        path: what the host gives as the proof that the message is under the result's root.

    Raises:
        Fault: the two are not by one host in one session.
    """
    taken, result = envelope.read(receipt), envelope.read(award)
    if (taken.sender, taken.sid, taken.kind, result.kind) != (
        result.sender,
        result.sid,
        "receipt",
        "award",
    ):
        raise Fault("not a receipt and a result of one host in one session", code="evidence")
    taken.verify()
    result.verify()
    body = cast("bodies.Award", result.body)
    # The opening has place 0, so the first message taken has the host's seq 1.
    return not merkle.included(taken.re, taken.seq - 1, body.count, path, body.root)
