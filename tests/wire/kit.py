"""Parties, mandates and sessions for the tests of the wire. Every byte is deterministic."""

from __future__ import annotations

import hashlib
import importlib
import sys
from dataclasses import dataclass, field
from typing import Any

import pytest

from negotiate.domain.issues import Choice, Domain, Integer, Money
from negotiate.moves import Accept, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire import envelope
from negotiate.wire.events import Answer
from negotiate.wire.faults import Fault
from negotiate.wire.keys import MESSAGE, PrivateKey, framed
from negotiate.wire.mandate import Constraints, Grant, Mandate, issue
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.revocation import issue_list
from negotiate.wire.session import Session
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Trust
from negotiate.wire.verify import Verdict, verify

msgpack: Any = importlib.import_module("msgpack")  # it has no types

SLOW = (
    20 if sys.gettrace() is not None else 1
)  # a run that measures coverage has no time to show

NOW = 1_780_000_000_000
MINUTE = 60_000
DAY = 86_400_000


def seed(name: str) -> bytes:
    """32 bytes that depend on a name alone."""
    return hashlib.sha256(name.encode()).digest()


def key(name: str) -> PrivateKey:
    return PrivateKey(seed(name))


DOMAIN = Domain(
    (
        Money("price", 100, 500, 1, currency="EUR"),
        Integer("quantity", 1, 9),
        Choice("colour", ("red", "green", "blue")),
    ),
    "pens",
)
RULES = AlternatingOffers(rounds=20)


def grant(holder: str, role: str, *, principal: str, **changes: Any) -> Grant:
    base = Grant(
        v=1, kind="mandate", iss=key(principal).public, sub=key(holder).public, machine=True, role=role,
        depth=2, nbf=NOW - DAY, exp=NOW + 30 * DAY, constraints=Constraints(), salt=seed(f"salt {holder}"),
        principal=named(principal).digest,
    )  # fmt: skip
    return Grant.model_validate({**dict(base), **changes})


def named(principal: str) -> Disclosure:
    return Disclosure("principal", seed(f"name of {principal}"), principal)


def reached(principal: str) -> Disclosure:
    return Disclosure(
        "contact", seed(f"contact of {principal}"), f"legal@{principal.lower()}.example"
    )


def root(holder: str, role: str, principal: str, **changes: Any) -> Mandate:
    return issue(key(principal), grant(holder, role, principal=principal, **changes))


def current_list(
    principal: str, revoked: dict[bytes, int] | None = None, **changes: Any
) -> bytes:
    given: dict[str, Any] = {"version": 1, "iat": NOW - DAY, "exp": NOW + 7 * DAY, **changes}
    return issue_list(key(principal), revoked or {}, **given)


def papers(holder: str, principal: str, *mandates: Mandate, machine: bool = True) -> Papers:
    return Papers(key(holder), named(principal), reached(principal), mandates, machine)


def trust(**changes: Any) -> Trust:
    given: dict[str, Any] = {
        "principals": {key("Weber").public: "", key("Shop").public: ""},
        "revocations": (current_list("Weber"), current_list("Shop")),
        **changes,
    }
    return Trust(**given)


BUYER = papers("bot", "Weber", root("bot", "buyer", "Weber"))
SELLER = papers("desk", "Shop", root("desk", "seller", "Shop"))


def proposal(**changes: Any) -> Proposal:
    given: dict[str, Any] = {
        "domain": DOMAIN,
        "protocol": RULES,
        "seats": ((BUYER.key.public, "buyer"), (SELLER.key.public, "seller")),
        "until": NOW + 60 * MINUTE,
        "amount": (("price", "quantity"),),
        "category": "office",
        "jurisdiction": "at",
        "skew": 2_000,
        "ttl": 10 * MINUTE,
        **changes,
    }
    return Proposal(**given)


def outcome(price: int = 200, quantity: int = 2, colour: str = "red") -> tuple[int, ...]:
    return DOMAIN.outcome({"price": price, "quantity": quantity, "colour": colour})


@dataclass
class Table:
    """Two endpoints that face each other, without a wire between them."""

    buyer: Session
    seller: Session
    now: int = NOW
    frames: list[bytes] = field(default_factory=list)

    def other(self, session: Session) -> Session:
        return self.seller if session is self.buyer else self.buyer

    def carry(self, frame: bytes, to: Session) -> list[Any]:
        """Deliver a frame and every answer to it, until nobody answers any more."""
        events = to.receive(frame, self.now)
        for event in list(events):
            if isinstance(event, Answer):
                events += self.carry(event.frame, self.other(to))
        return events

    def say(self, session: Session, move: Any, **options: Any) -> list[Any]:
        """Send a move and deliver it."""
        self.now += 10
        return self.carry(session.send(move, self.now, **options), self.other(session))

    def offer(self, session: Session, *values: Any, **options: Any) -> list[Any]:
        return self.say(session, Offer(outcome(*values)), **options)

    def accept(self, session: Session) -> list[Any]:
        return self.say(session, Accept())

    def walk(self, session: Session) -> list[Any]:
        return self.say(session, Walk())


def joined(
    buyer: Papers = BUYER,
    seller: Papers = SELLER,
    *,
    known: Trust | None = None,
    ledgers: tuple[Any, Any] = (None, None),
    stores: tuple[Any, Any] = (None, None),
    nonce: str = "nonce",
    **changes: Any,
) -> Table:
    """Two sessions that have opened and joined."""
    known = known or trust()
    table = Table(
        Session(buyer, known, ledger=ledgers[0], store=stores[0]),
        Session(seller, known, ledger=ledgers[1], store=stores[1]),
    )
    seats = ((buyer.key.public, "buyer"), (seller.key.public, "seller"))
    opened = table.buyer.open(proposal(**{"seats": seats, **changes}), table.now, seed(nonce))
    table.seller.receive(opened, table.now)
    table.carry(table.seller.join(table.now, seed(f"{nonce} 2")), table.buyer)
    return table


def agreed(**options: Any) -> Table:
    """A finished session: an offer, a counter-offer, an acceptance, two closing signatures."""
    table = joined(**options)
    table.offer(table.buyer, 150)
    table.offer(table.seller, 300)
    table.accept(table.buyer)
    return table


def judge(frames: Any, known: Trust | None = None, **options: Any) -> Verdict:
    """The offline verdict on frames (or on a transcript)."""
    if not isinstance(frames, Transcript):
        frames = Transcript(tuple(Entry(FRAME, bytes(frame)) for frame in frames))
    return verify(frames, known or trust(), **options)


def fields(frame: bytes) -> dict[str, Any]:
    """The payload of a frame as a dictionary, to be changed and signed again."""
    return msgpack.unpackb(envelope.split(frame)[0])


def forge(signer: PrivateKey, payload: bytes, kind: str) -> bytes:
    """A frame around any bytes, signed in good form."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    raw = Ed25519PrivateKey.from_private_bytes(signer.seed_for_export())
    return envelope.wrap(payload, raw.sign(framed(MESSAGE, kind, payload)))


def ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: ordered(value[name]) for name in sorted(value, key=str)}
    return [ordered(item) for item in value] if isinstance(value, (list, tuple)) else value


def resign(signer: PrivateKey, given: dict[str, Any]) -> bytes:
    """A frame with these fields, whatever they are, signed by ``signer``."""
    return forge(signer, msgpack.packb(ordered(given)), str(given.get("kind", "offer")))


def altered(frame: bytes, signer: PrivateKey, **changes: Any) -> bytes:
    """The frame with some fields changed (None deletes), signed again."""
    given = {**fields(frame), **{name.rstrip("_"): value for name, value in changes.items()}}
    return resign(signer, {name: value for name, value in given.items() if value is not None})


# -- attacks -----------------------------------------------------------------------------------------


def state(session: Session) -> tuple[Any, ...]:
    """All that a refused message must not change."""
    record = session.record
    last = record.negotiation.last if record.phase not in ("opening", "joining") else None
    return (
        [m.frame for m in record.chain], record.phase, record.outcome,
        record.standing.id if record.standing else b"", last,
        session.status, session.transcript().to_bytes(), record.time,
    )  # fmt: skip


def refused(session: Session, frame: bytes, *codes: str, at: int = NOW + 100) -> Fault:
    """The session refuses the frame and stays as it was, and so does the auditor who is shown it."""
    before = state(session)
    with pytest.raises(Fault) as caught:
        session.receive(frame, at)
    assert caught.value.code in codes, caught.value
    assert state(session) == before
    log = session.transcript().log
    verdict = judge(Transcript((*log, Entry(FRAME, frame))), session.trust)
    assert not verdict.valid
    assert verdict.fault is not None
    assert verdict.fault.code in codes, verdict.fault
    assert verdict.fault.at == len(log)
    return caught.value


def not_opened(frame: bytes, *codes: str, known: Trust | None = None) -> Fault:
    """A fresh session of the seller refuses this opening and stays unopened, and so does the auditor."""
    known = known or trust()
    fresh = Session(SELLER, known)
    with pytest.raises(Fault) as caught:
        fresh.receive(frame, NOW)
    assert caught.value.code in codes, caught.value
    assert fresh.record.phase == "opening"
    assert not fresh.store.sessions()
    verdict = judge([frame], known)
    assert verdict.fault is not None
    assert verdict.fault.code == caught.value.code
    return caught.value


def opening(**changes: Any) -> dict[str, Any]:
    """The fields of an honest opening, with some fields of its body changed (None deletes)."""
    given = fields(joined().buyer.record.chain[0].frame)
    body = {n: v for n, v in {**given["body"], **changes}.items() if v is not None}
    return {**given, "body": body}


def playing(**options: Any) -> Table:
    """A session in which the buyer's offer stands and the seller is to answer."""
    table = joined(**options)
    table.offer(table.buyer, 150)
    return table


def next_fields(
    session: Session, kind: str, body: Any = None, at: int = NOW + 100
) -> dict[str, Any]:
    """What an honest message of this session would say now, in the order in which the vectors change the fields."""
    given = session._next(kind, at, {} if body is None else body)
    order = ["v", "kind", "from", "body", "man", "sid", "seq", "prev", "to", "iat", "exp", "re"]
    return {name: given[name] for name in order if name in given}


def counter(table: Table, **changes: Any) -> dict[str, Any]:
    """A good counter-offer by the seller, as fields."""
    terms = {"colour": "red", "price": 300, "quantity": 2, **changes}
    return next_fields(table.seller, "offer", {"terms": terms})


def said(table: Table, **changes: Any) -> bytes:
    """A counter-offer by the seller with changes in its envelope, signed with the seller's key."""
    given = {**counter(table), **{name.rstrip("_"): value for name, value in changes.items()}}
    return resign(
        SELLER.key, {name: value for name, value in given.items() if value is not None}
    )
