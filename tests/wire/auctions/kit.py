"""A host and three bidders with mandates, facing each other. Every byte is deterministic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from negotiate.domain.issues import Domain, Money
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire import envelope
from negotiate.wire.hosted import values
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.codes import seal
from negotiate.wire.hosted.host import Host
from negotiate.wire.mandate import Constraints, Sum
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import Verdict, verify
from tests.wire.kit import MINUTE, NOW, key, papers, resign, root, seed, trust

LOT = Domain((Money("lot", 0, 1000, 1, currency="EUR"),), "a chair")
NAMES = ("Weber", "Huber", "Maier")
KNOWN = trust(
    principals={key(name).public: name for name in (*NAMES, "Shop")},
    revocations=(),
    policy=Policy(revocation="allow"),
)
HOST = papers("desk", "Shop", root("desk", "auctioneer", "Shop"))
SEALED = SealedBid(price="second", time_limit=MINUTE)


def bidder_papers(name: str, **constraints: Any) -> Papers:
    mandate = root(f"bot of {name}", "bidder", name, constraints=Constraints(**constraints))
    return papers(f"bot of {name}", name, mandate)


def euros(amount: int) -> Sum:
    return Sum(amount=amount, currency="EUR", scale=2)


BIDDERS = {name: bidder_papers(name) for name in NAMES}


def proposal(rules: Any, bidders: dict[str, Papers], **changes: Any) -> Proposal:
    seats = (
        (HOST.key.public, "auctioneer"),
        *((own.key.public, "bidder") for own in bidders.values()),
    )
    given: dict[str, Any] = {
        "domain": LOT, "protocol": rules, "seats": seats, "until": NOW + 60 * MINUTE,
        "amount": (("lot",),), "skew": 2_000, "ttl": 30 * MINUTE, "messages": 3_000, **changes,
    }  # fmt: skip
    return Proposal(**given)


@dataclass
class Room:
    """A host and bidders, one call a step; everything the host signs reaches everybody at once."""

    rules: Any = SEALED
    papers: dict[str, Papers] = field(default_factory=lambda: BIDDERS)
    known: Trust = KNOWN
    options: dict[str, Any] = field(default_factory=dict)
    host_options: dict[str, Any] = field(default_factory=dict)
    bidder_options: dict[str, dict[str, Any]] = field(default_factory=dict)
    begin: bool = True
    now: int = NOW
    salts: int = 0

    def __post_init__(self) -> None:
        self.host = Host(HOST, self.known, **self.host_options)
        self.bidders = {
            name: Bidder(own, self.known, **self.bidder_options.get(name, {}))
            for name, own in self.papers.items()
        }
        self.tell(
            self.host.open(proposal(self.rules, self.papers, **self.options), NOW, seed("n"))
        )
        for name, bidder in self.bidders.items():
            self.tell(self.host.receive(bidder.join(NOW, seed(name)), NOW).frame)
        if self.begin:
            self.tell(self.host.begin(NOW))

    def __getitem__(self, name: str) -> Bidder:
        return self.bidders[name]

    def tell(self, frame: bytes) -> None:
        for bidder in self.bidders.values():
            bidder.receive(frame, self.now)

    def salt(self) -> bytes:
        self.salts += 1
        return seed(f"salt {self.salts}")

    def at(self, elapsed: int) -> Room:
        self.now = NOW + elapsed
        return self

    def bid(self, name: str, move: Any) -> str:
        """Sign a move, deliver it, tell everybody; gives the code."""
        return self.deliver(self[name].send(move, self.now, self.salt()))

    def deliver(self, frame: bytes) -> str:
        reply = self.host.receive(frame, self.now)
        self.tell(reply.frame)
        return reply.code

    def raw(self, name: str, move: Any = None, **changes: Any) -> bytes:
        """A bid that no honest bidder would sign: fields and body as given."""
        own = self[name]
        last = self.host.book.last_of(own.key)
        assert last is not None
        man = {"man": own.papers.man} if own.papers.man else {}
        body = {"move": move or {"kind": "bid", "amount": 5}, "salt": self.salt()}
        given = {
            "v": 1, "kind": "bid", "sid": own.sid, "seq": last.seq + 1, "prev": last.id, "from": own.key,
            "to": self.host.key, "iat": self.now, "exp": self.now + MINUTE, "body": body, **man, **changes,
        }  # fmt: skip
        return resign(own.papers.key, {k: v for k, v in given.items() if v is not None})

    def quote(self, name: str) -> Any:
        self[name].receive(self.host.quote(self[name].key, self.now), self.now)
        return self[name].view

    def award(self, elapsed: int = MINUTE) -> bytes:
        self.at(elapsed)
        frame = self.host.award(self.now)
        self.tell(frame)
        return frame

    # -- a dishonest host ----------------------------------------------------------------------------

    def forge(self, kind: str, body: dict[str, Any], **changes: Any) -> bytes:
        """A record that only a dishonest host would sign."""
        book = self.host.book
        fields = {
            "v": 1, "kind": kind, "sid": book.sid, "seq": len(book.records), "prev": book.head,
            "from": HOST.key.public, "to": book.host.next_key, "iat": self.now, "exp": self.now + MINUTE,
            "man": HOST.man, "body": body, **changes,
        }  # fmt: skip
        return resign(HOST.key, fields)

    def receipt(self, bid: bytes, code: str = "", **changes: Any) -> bytes:
        return self.forge("receipt", {"seal": seal(envelope.read(bid).id, code)}, **changes)


def verdict(log: Any, known: Trust = KNOWN) -> Verdict:
    if not isinstance(log, Transcript):
        log = Transcript(tuple(Entry(FRAME, frame) for frame in log))
    return verify(log, known)


def accused(log: Any) -> tuple[str, str | None]:
    """Code and party of the first fault."""
    fault = verdict(log).fault
    assert fault is not None
    return fault.code, fault.party


def packed(frame: bytes, name: str) -> Any:
    body: Any = envelope.read(frame).fields["body"]
    return values.unpack(body[name])
