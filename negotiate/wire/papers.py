"""What a party brings to the table: its key, mandates and disclosures; and what an opener proposes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.errors import LocalError
from negotiate.wire.envelope import VERSIONS
from negotiate.wire.terms import WireDomain, rules_to_wire

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain
    from negotiate.protocol import Protocol
    from negotiate.wire import codec
    from negotiate.wire.keys import PrivateKey
    from negotiate.wire.mandate import Mandate
    from negotiate.wire.privacy import Disclosure


@dataclass(frozen=True)
class Papers:
    """Who a party is.

    Attributes:
        key: signs its messages.
        principal: the name of whom it acts for, with the salt that the mandate's digest was made with.
        contact: where they can be reached.
        mandates: from the principal's to the party's own; empty if the party is its own principal.
        machine: whether a machine speaks.
    """

    key: PrivateKey
    principal: Disclosure
    contact: Disclosure
    mandates: tuple[Mandate, ...] = ()
    machine: bool = True

    def __post_init__(self) -> None:
        if (self.principal.field, self.contact.field) != ("principal", "contact"):
            raise LocalError(
                "papers need a principal and a contact, in this order", code="disclosure"
            )
        if self.mandates and self.mandates[-1].grant.sub != self.key.public:
            raise LocalError("the last mandate is for another key", code="mandate-holder")

    @property
    def man(self) -> bytes:
        """The hash of the party's own mandate; empty if it has none."""
        return self.mandates[-1].hash if self.mandates else b""

    def seat(self, nonce: bytes) -> dict[str, codec.Value]:
        """What an ``open`` and a ``join`` have in common."""
        return {
            "nonce": nonce,
            "versions": list(VERSIONS),
            "statement": {
                "machine": self.machine,
                "principal": self.principal.digest,
                "contact": self.contact.digest,
            },
            "mandates": [mandate.frame for mandate in self.mandates],
        }


@dataclass(frozen=True)
class Proposal:
    """What an opener proposes: all that is fixed for the session.

    Attributes:
        domain: what is negotiated.
        protocol: the rules.
        seats: key and role of each party, in the order of moving.
        until: end of the session (ms).
        amount: how the amount of the deal follows from its terms: products of issues, summed.
        category: of the deal, as mandates name it; empty for none.
        jurisdiction: likewise.
        skew: how far clocks may differ (ms).
        ttl: longest time that a message may be valid (ms).
        messages: most messages.
    """

    domain: Domain
    protocol: Protocol
    seats: tuple[tuple[bytes, str], ...]
    until: int
    amount: tuple[tuple[str, ...], ...] = ()
    category: str = ""
    jurisdiction: str = ""
    skew: int = 5_000
    ttl: int = 86_400_000
    messages: int = 10_000
    extra: dict[str, codec.Value] = field(default_factory=dict[str, "codec.Value"], repr=False)

    def body(self) -> dict[str, codec.Value]:
        """As it stands in an ``open`` of a negotiation by turns."""
        protocol, rules = rules_to_wire(self.protocol)
        return {**self.setting(), "protocol": protocol, "rules": rules}

    def setting(self) -> dict[str, codec.Value]:
        """All but the rules."""
        wire = WireDomain.of(self.domain)
        subject: dict[str, codec.Value] = {"amount": [list(product) for product in self.amount]}
        subject |= {"category": self.category} if self.category else {}
        subject |= {"jurisdiction": self.jurisdiction} if self.jurisdiction else {}
        limits = {
            "skew": self.skew,
            "ttl": self.ttl,
            "until": self.until,
            "messages": self.messages,
        }
        title = {"title": self.domain.name} if self.domain.name else {}
        return {
            **self.extra,
            **title,
            "issues": wire.issues,
            "parties": [{"key": key, "role": role} for key, role in self.seats],
            "subject": subject,
            "limits": limits,
        }
