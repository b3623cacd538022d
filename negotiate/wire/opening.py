"""Opening and joining: what is fixed before the first move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from negotiate.wire.envelope import GENESIS, VERSION
from negotiate.wire.faults import Fault
from negotiate.wire.parties import Deal, Scope, seated, seats
from negotiate.wire.terms import Amount, WireDomain, rules_from_wire

if TYPE_CHECKING:
    from negotiate.protocol import Protocol
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.mandate import Mandate
    from negotiate.wire.parties import Party
    from negotiate.wire.trust import Policy, Trust

MAX_PARTIES = 16
"""In a negotiation by turns: every one signs the close, which names all principals. An auction has more seats."""


@dataclass(frozen=True)
class Seating:
    """A party's disclosure and mandates, checked and not yet applied."""

    party: Party
    statement: bodies.Statement
    chain: tuple[Mandate, ...]
    scope: Scope
    verified: bool

    def commit(self) -> None:
        """Apply."""
        self.party.statement = self.statement
        self.party.chain = self.chain
        self.party.man = self.chain[-1].hash if self.chain else b""
        self.party.scope = self.scope
        self.party.verified = self.verified

    def undo(self) -> None:
        """Free the seat again."""
        self.party.statement = self.party.scope = None
        self.party.chain, self.party.verified, self.party.man = (), False, b""


@dataclass(frozen=True)
class Opening:
    """What an ``open`` fixes, checked."""

    deal: Deal
    protocol: Protocol
    limits: bodies.Limits
    party: Party
    seating: Seating

    def commit(self) -> None:
        """Seat the opener."""
        self.seating.commit()


def open_deal(message: Message, trust: Trust, *, signed: bool = True) -> Opening:
    """Check an opening, signature included.

    Raises:
        Fault: a domain, rules, parties or limits that cannot be, or a party that policy refuses.
    """
    body = cast("bodies.Open", message.body)
    if message.seq != 0 or message.fields["prev"] != GENESIS:
        raise Fault("an opening is the first message, without a predecessor", code="order")
    check_limits(message, body.limits, trust)
    if len(body.parties) > MAX_PARTIES:
        raise Fault(
            f"{len(body.parties)} parties; a negotiation by turns has at most {MAX_PARTIES}",
            code="type",
        )
    if body.rules_hash is not None:
        raise Fault("a hash of rules stands in the opening of an auction alone", code="rules")
    parties = seats([(seat.key, seat.role) for seat in body.parties])
    party = next((p for p in parties if p.key == message.sender), None)
    if party is None:
        raise Fault("the opening is not by one of its parties", code="stranger")
    if message.fields["to"] != party.next_key:
        raise Fault("the opening is not addressed to the next seat", code="audience")
    if signed:
        message.verify(party.verifier)
    wire = WireDomain.read(body.issues, body.title)
    deal = Deal(wire, Amount(wire, body.subject.amount), body.subject, parties)
    protocol = rules_from_wire(body.protocol, body.rules)
    return Opening(deal, protocol, body.limits, party, take_seat(message, party, deal, trust))


def take_seat(message: Message, party: Party, deal: Deal, trust: Trust) -> Seating:
    """Check the disclosure and the mandates in an ``open`` or ``join``."""
    body = cast("bodies.Open | bodies.Join", message.body)
    if VERSION not in body.versions or body.versions != sorted(set(body.versions)):
        raise Fault("the versions listed do not rise, or lack the one in use", code="version")
    check_critical(message, trust.policy)
    chain, scope, verified = seated(party, body.statement, body.mandates, deal, trust)
    if message.fields.get("man", b"") != (chain[-1].hash if chain else b""):
        raise Fault("the pinned mandate is not the one shown", code="mandate")
    scope.check_time(message.fields["iat"])
    return Seating(party, body.statement, chain, scope, verified)


def check_critical(message: Message, policy: Policy) -> None:
    """Raise Fault if the sender marked an extension as critical that is not understood here."""
    body = message.body
    unknown = [
        name
        for name in body.critical or ()
        if name not in policy.extensions or name not in (body.ext or {})
    ]
    if unknown:
        raise Fault(
            f"critical extensions that are not understood: {', '.join(unknown)}",
            code="extension",
        )


def check_version(messages: tuple[Message, Message]) -> None:
    """Raise Fault if both parties speak a higher version than the one in use: somebody talked them down."""
    first, second = (
        cast("bodies.Open | bodies.Join", message.body).versions for message in messages
    )
    if max(set(first) & set(second), default=VERSION) != VERSION:
        raise Fault("both parties speak a higher version than the one in use", code="downgrade")


def check_peers(parties: tuple[Party, ...]) -> None:
    """Raise Fault unless every party's mandates allow every other party."""
    for party in parties:
        if party.scope is not None:
            party.scope.check_peers(party, parties)


def check_limits(message: Message, limits: bodies.Limits, trust: Trust) -> None:
    """Raise Fault if the session's bounds cannot be, or are wider than policy takes."""
    iat, exp = message.fields["iat"], message.fields["exp"]
    if limits.skew > trust.policy.skew:
        raise Fault(
            f"a clock skew of {limits.skew} ms; at most {trust.policy.skew} is taken",
            code="lifetime",
        )
    if exp > limits.until or exp - iat > limits.ttl:
        raise Fault(
            "the opening is valid for longer than its own limits allow", code="lifetime"
        )
    if limits.until - iat > 366 * 86_400_000:
        raise Fault("a session of more than 366 days", code="lifetime")
