"""A party of a session: its key, what it says about itself, and what its mandates allow in this deal."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.domain.issues import Integer
from negotiate.show import quote
from negotiate.wire import mandate as mandates
from negotiate.wire.faults import Fault
from negotiate.wire.keys import did_key, verifier
from negotiate.wire.ledger import Use, uses

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.wire.bodies import Statement, Subject
    from negotiate.wire.keys import Verifier
    from negotiate.wire.mandate import Bound, Mandate
    from negotiate.wire.revocation import Revocations
    from negotiate.wire.terms import Amount, WireDomain
    from negotiate.wire.trust import Trust


@dataclass
class Party:
    """One seat of a session.

    Attributes:
        seat: its place in the order of moving.
        key: its public key.
        role: what the opening calls it.
        next_key: whom its messages are addressed to: the next seat.
        verifier: of its key.
        statement: its disclosure; None until it has opened or joined.
        chain: its mandates, from the principal's; empty if it acts for itself.
        scope: what the chain allows in this deal.
        verified: whether its principal is known to the relying party.
        man: the hash of its own mandate; empty if it has none.
    """

    seat: int
    key: bytes
    role: str
    next_key: bytes
    verifier: Verifier = field(repr=False)
    statement: Statement | None = field(default=None, repr=False)
    chain: tuple[Mandate, ...] = ()
    scope: Scope | None = field(default=None, repr=False)
    verified: bool = False
    man: bytes = b""

    @property
    def principal(self) -> bytes:
        """The key at the root: who is bound by what this party signs."""
        return self.chain[0].grant.iss if self.chain else self.key

    @property
    def name_digest(self) -> bytes | None:
        """The digest of the principal's name: in its mandate, or in the party's own statement."""
        if self.chain:
            return self.chain[0].grant.principal
        return self.statement.principal if self.statement else None


@dataclass(frozen=True)
class Deal:
    """What mandates are held against: the domain, the derived amount, and what the opening says of the subject."""

    wire: WireDomain
    amount: Amount
    subject: Subject
    parties: tuple[Party, ...]


def seats(listed: Sequence[tuple[bytes, str]]) -> tuple[Party, ...]:
    """The parties of an opening, in order.

    Raises:
        Fault: a key that is refused, or one that takes two seats.
    """
    keys = [key for key, _ in listed]
    if len(set(keys)) != len(keys):
        raise Fault("one key takes two seats", code="rules")
    ring = keys[1:] + keys[:1]
    return tuple(
        Party(seat, key, role, ring[seat], verifier(key))
        for seat, (key, role) in enumerate(listed)
    )


def seated(
    party: Party, statement: Statement, frames: Sequence[bytes], deal: Deal, trust: Trust
) -> tuple[tuple[Mandate, ...], Scope, bool]:
    """Check a party's disclosure and mandates as it opens or joins; changes nothing.

    Returns:
        Its chain of mandates, their scope in this deal, and whether its principal is known.

    Raises:
        Fault: the mandates do not hold here, contradict the statement, or policy refuses the party.
    """
    chain = mandates.read_chain(frames, party.key)
    if chain and chain[-1].grant.machine is not statement.machine:
        raise Fault(
            "the statement says machine or person, the mandate the opposite", code="statement"
        )
    if chain and chain[0].grant.principal != statement.principal:
        raise Fault("the statement names another principal than the mandate", code="statement")
    policy = trust.policy
    if not statement.machine and policy.persons == "refuse":
        raise Fault("policy: parties must be machines", code="statement")
    principal = chain[0].grant.iss if chain else party.key
    verified = principal in trust.principals
    if not verified and policy.unverified == "refuse":
        raise Fault(
            f"{did_key(principal)} is not a known principal",
            code="untrusted-root" if chain else "unverified",
            help="if you know it, name it: --principal, or Trust(principals=...)",
        )
    others = [
        other for other in deal.parties if other is not party and other.statement is not None
    ]
    if policy.same_principal == "refuse" and any(
        other.principal == principal for other in others
    ):
        raise Fault("two parties act for one principal", code="same-principal")
    for other in others:
        shared = other.statement is not None and {statement.principal, statement.contact} & {
            other.statement.principal, other.statement.contact,
        }  # fmt: skip
        if shared and other.principal != principal:
            raise Fault("the statement holds the digest of another party", code="statement")
    return chain, Scope(chain, party, deal), verified


def _is_day(text: object) -> bool:
    """Whether a text is a day in the one form whose order as text is that of the days."""
    try:
        return datetime.date.fromisoformat(str(text)).isoformat() == text
    except ValueError:
        return False


class Scope:
    """A chain of mandates, made ready to be asked about the outcomes of one deal."""

    def __init__(self, chain: tuple[Mandate, ...], party: Party, deal: Deal) -> None:
        self.chain = chain
        self._deal = deal
        self._begins = max((m.grant.nbf for m in chain), default=0)
        self._ends = min((m.grant.exp for m in chain), default=1 << 62)
        self._bounds: list[tuple[int, Bound]] = []
        self._caps: list[int] = []
        self._allowed: set[Outcome] = set()
        self.counted = any(
            m.grant.constraints.budget or m.grant.constraints.deals for m in chain
        )
        for mandate in chain:
            self._check_scope(mandate, party)
            self._add(mandate)

    def _check_scope(self, mandate: Mandate, party: Party) -> None:
        grant, limits, subject = mandate.grant, mandate.grant.constraints, self._deal.subject
        if grant.role != party.role:
            raise Fault(
                f"a mandate for role {grant.role!r}, used as {quote(party.role)}",
                code="mandate-scope",
            )
        if limits.categories is not None and subject.category not in limits.categories:
            raise Fault(
                f"category {quote(subject.category)} is outside the mandate",
                code="mandate-scope",
            )
        if (
            limits.jurisdictions is not None
            and subject.jurisdiction not in limits.jurisdictions
        ):
            raise Fault(
                f"jurisdiction {quote(subject.jurisdiction)} is outside the mandate",
                code="mandate-scope",
            )

    def _add(self, mandate: Mandate) -> None:
        limits, deal = mandate.grant.constraints, self._deal
        for name, bound in (limits.issues or {}).items():
            if name not in deal.wire.names:
                raise Fault(
                    f"the mandate bounds {name!r}, which is no issue here", code="constraint"
                )
            place = deal.wire.names.index(name)
            wanted = int if isinstance(deal.wire.domain.issues[place], Integer) else str
            given = [
                *(bound.set or ()),
                *(end for end in (bound.low, bound.high) if end is not None),
            ]
            if any(type(value) is not wanted for value in given):
                raise Fault(
                    f"the bound on {name!r} is of another type than the issue",
                    code="constraint",
                )
            if deal.wire.domain.issues[place].kind == "date":
                if not all(_is_day(value) for value in given):
                    raise Fault(
                        f"the bound on {name!r} is no day in the form 2026-11-22",
                        code="constraint",
                    )
            elif wanted is str and bound.set is None:
                raise Fault(f"the bound on {name!r} is a range over texts", code="constraint")
            self._bounds.append((place, bound))
        for money in filter(None, (limits.budget, limits.deal)):
            if (money.currency, money.scale) != (deal.amount.currency, deal.amount.scale):
                raise Fault(
                    f"a mandate in {money.currency}, a deal in {deal.amount.currency or 'no money'}",
                    code="constraint",
                )
            self._caps.append(money.amount)
        if limits.currencies is not None and deal.amount.currency not in limits.currencies:
            raise Fault("the deal's currency is outside the mandate", code="mandate-scope")

    def check_time(self, at: int) -> None:
        """Raise Fault unless every mandate of the chain is valid at ``at``."""
        if not self._begins <= at < self._ends:
            raise Fault(f"the mandate is not valid at {at}", code="mandate-time")

    def check_peers(self, party: Party, parties: Sequence[Party]) -> None:
        """Raise Fault unless every other party is one that the mandates allow."""
        others = [{other.key, other.principal} for other in parties if other is not party]
        for mandate in self.chain:
            allowed = mandate.grant.constraints.counterparties
            if mandate.grant.aud is not None and not all(
                mandate.grant.aud in other for other in others
            ):
                raise Fault("the mandate is for another counterparty", code="mandate-scope")
            if allowed is not None and not all(other & set(allowed) for other in others):
                raise Fault(
                    "a counterparty that the mandate does not list", code="mandate-scope"
                )

    def check_terms(self, outcome: Outcome) -> None:
        """Raise Fault unless the mandates allow these terms."""
        if outcome in self._allowed or not (self._bounds or self._caps):
            return
        issues = self._deal.wire.domain.issues
        for place, bound in self._bounds:
            if not mandates.allows(bound, issues[place].plain(outcome[place])):
                name = self._deal.wire.names[place]
                raise Fault(f"{name} is outside the mandate", code="mandate-limit")
        if self._caps and self._deal.amount.of(outcome) > min(self._caps):
            raise Fault("the amount of the deal is outside the mandate", code="mandate-limit")
        self._allowed.add(outcome)

    def check_offer(self, outcome: Outcome, at: int, revocations: Revocations) -> None:
        """Raise Fault unless the mandates allow an offer of these terms now."""
        if not self._begins <= at < self._ends:
            self.check_time(at)
        if revocations.voids:
            revocations.check(self.chain, at, need_current=False)
        if self._bounds or self._caps:
            self.check_terms(outcome)

    def check_revoked(self, revocations: Revocations, at: int, *, need_current: bool) -> None:
        """Raise Fault if a mandate of the chain is void, or a current list is needed and missing."""
        revocations.check(self.chain, at, need_current=need_current)

    def check_amount(self, amount: int | None) -> None:
        """Raise Fault unless the mandates allow to pay this much in all; None is an amount that cannot be told."""
        if self._bounds:
            raise Fault(
                "the mandate bounds issues, which a bid does not have", code="constraint"
            )
        if self._caps and (amount is None or amount > min(self._caps)):
            raise Fault("this may cost more than the mandate allows", code="mandate-limit")

    def uses_of(self, amount: int) -> list[Use]:
        """What a deal of this amount consumes of the mandates' budgets and numbers of deals."""
        return uses(self.chain, amount)

    def uses(self, outcome: Outcome) -> list[Use]:
        """What this deal consumes of the mandates' budgets and numbers of deals."""
        return uses(self.chain, self._deal.amount.of(outcome))
