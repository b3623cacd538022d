"""The offline verdict: run the fold again, from bytes.

:func:`verify` says whether a transcript is valid or what the first fault is and whose; the outcome; each party's
principal by the chain key → mandate → principal; and which personal fields are disclosed. It asks no clock and no
network, so it says the same on any later day.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from negotiate.wire import envelope
from negotiate.wire.envelope import Message
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.audit import is_auction
from negotiate.wire.keys import did_key
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.privacy import REDACTED
from negotiate.wire.record import Record
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.wire.hosted.book import Book
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.parties import Party
    from negotiate.wire.privacy import Disclosed

_STRETCH = 64  # messages whose signatures are verified together


@dataclass(frozen=True)
class FirstFault:
    """The first thing that is wrong with a transcript.

    Attributes:
        code: of :data:`negotiate.wire.faults.CODES`.
        at: place in the log, from 0; the length of the log for what concerns the whole.
        party: who is at fault, as did:key, where a signature shows it; else None.
        why: one sentence.
    """

    code: str
    at: int
    party: str | None
    why: str


@dataclass(frozen=True)
class Outcome:
    """How the negotiation stands.

    Attributes:
        state: ``agreed``, ``awarded`` (an auction that sold), ``none`` or ``open``.
        reason: why there is no agreement; empty otherwise.
        complete: whether all parties have signed the closing record. Without it an ``agreed`` is still proven by offer
            and acceptance, but an ``open`` may have gone on elsewhere.
        terms: what was agreed.
        signed_by: who signed the terms, as did:key.
    """

    state: str
    reason: str
    complete: bool
    terms: Mapping[str, str | int] | None
    signed_by: tuple[str, ...]


@dataclass(frozen=True)
class PartyVerdict:
    """One party: key → mandate → principal.

    Attributes:
        key: its key, as did:key.
        role: in the session.
        principal: the name of whom it acts for; ``redacted`` if that is not disclosed.
        principal_key: the key at the root, as did:key.
        verified: whether that key is a known principal.
        machine: whether it says that it is a machine; None before it joined.
        mandate: hash of its mandate in hex; None if it acts for itself.
        contact: where its principal can be reached; ``redacted`` if not disclosed.
    """

    key: str
    role: str
    principal: str
    principal_key: str
    verified: bool
    machine: bool | None
    mandate: str | None
    contact: str


@dataclass(frozen=True)
class Verdict:
    """What :func:`verify` found.

    Attributes:
        valid: whether nothing is wrong.
        fault: the first thing that is.
        outcome: how it stands.
        parties: key → mandate → principal of each.
        disclosed: personal fields whose values are known.
        record: the fold of a negotiation by turns, for whoever renders or exports it; of an auction, an empty one.
        auction: the fold of an auction; None for a negotiation by turns.
    """

    valid: bool
    fault: FirstFault | None
    outcome: Outcome
    parties: tuple[PartyVerdict, ...]
    disclosed: tuple[str, ...]
    record: Record = field(default_factory=lambda: Record(Trust()))
    auction: Book | None = None

    def to_json(self) -> dict[str, Any]:
        """As ``nego verify --json`` prints it."""
        fault, outcome = self.fault, self.outcome
        award: dict[str, Any] = {}
        if self.auction is not None and self.auction.award is not None:
            from negotiate.wire.hosted.verdict import award_to_json  # noqa: PLC0415 - a cycle

            award = {"award": award_to_json(self.auction)}
        return {
            "valid": self.valid,
            "fault": None if fault is None else dict(vars(fault)),
            "outcome": {**vars(outcome), "terms": dict(outcome.terms) if outcome.terms else None,
                        "signed_by": list(outcome.signed_by)},
            "parties": [dict(vars(party)) for party in self.parties],
            "disclosed": list(self.disclosed),
            **award,
        }  # fmt: skip


def verify(transcript: Transcript, trust: Trust, *, ledger: Ledger | None = None) -> Verdict:
    """The verdict on a transcript.

    Args:
        transcript: the evidence.
        trust: the principals and revocation lists that the verifier knows, and its policy.
        ledger: to count budgets and numbers of deals over several transcripts; by default each stands alone.
    """
    if is_auction(transcript):
        from negotiate.wire.hosted.verdict import verify_auction  # noqa: PLC0415 - a cycle

        return verify_auction(transcript, trust)
    record = Record(trust, ledger or MemoryLedger())
    fault = _fold(record, transcript)
    fault = fault or _disclose(record, transcript)
    if fault is None and not record.chain:
        fault = FirstFault("evidence", 0, None, "there is no message in the transcript")
    if ledger is not None and record.sid and record.outcome != "agreed":
        ledger.release(record.sid)
    return Verdict(
        valid=fault is None,
        fault=fault,
        outcome=_outcome(record),
        parties=tuple(described(p, trust, record.disclosed) for p in record.parties),
        disclosed=tuple(
            f"{_owner(record, d.digest)}.{d.field}" for d in record.disclosed.all()
        ),
        record=record,
    )


def verify_bytes(data: bytes, trust: Trust) -> Verdict:
    """The verdict on a transcript's file content; one that does not read is not valid (code ``evidence``)."""
    try:
        transcript = Transcript.from_bytes(data)
    except Fault as fault:
        empty = verify(Transcript(()), trust)
        return replace(empty, fault=FirstFault(fault.code, 0, None, str(fault)))
    return verify(transcript, trust)


def _fold(record: Record, transcript: Transcript) -> FirstFault | None:
    log = transcript.log
    for start in range(0, len(log), _STRETCH):
        read = [_read(entry) for entry in log[start : start + _STRETCH]]
        envelope.verify_ahead([item for item in read if isinstance(item, Message)])
        for place, item in enumerate(read, start):
            try:
                if isinstance(item, Message):
                    record.admit(item)
                elif isinstance(item, Fault):
                    raise item
                else:
                    record.revocations.learn(item)
            except Fault as fault:
                key = fault.key or envelope.blamed(fault, item, begun=bool(record.chain))
                return FirstFault(fault.code, place, did_key(key) if key else None, str(fault))
    return None


def _read(entry: Entry) -> Message | Fault | bytes:
    """A message, what is wrong with it, or a revocation list as it is."""
    if entry.tag != FRAME:
        return entry.data
    try:
        return envelope.read(entry.data)
    except Fault as fault:
        return fault


def _disclose(record: Record, transcript: Transcript) -> FirstFault | None:
    for disclosure in transcript.disclosures:
        try:
            record.disclosed.learn(disclosure)
        except Fault as fault:
            return FirstFault(fault.code, len(transcript.log), None, str(fault))
    return None


def _outcome(record: Record) -> Outcome:
    complete = record.phase == "closed"
    if record.outcome == "agreed" and record.agreed is not None:
        terms = cast("dict[str, str | int]", dict(record.terms or {}))
        signers = tuple(map(did_key, _signers(record, record.agreed)))
        return Outcome("agreed", "", complete, terms, signers)
    if record.outcome:
        return Outcome("none", record.outcome, complete, None, ())
    return Outcome("open", "", False, None, ())


def _signers(record: Record, offer: Message) -> list[bytes]:
    """Who stands behind the agreed terms: whoever offered them, and whoever accepted that offer."""
    accepted = [m.sender for m in record.chain if m.kind == "accept" and m.re == offer.id]
    return [offer.sender, *accepted]


def described(party: Party, trust: Trust, disclosed: Disclosed) -> PartyVerdict:
    """What can be said of a party: key → mandate → principal."""
    statement, digest = party.statement, party.name_digest
    name = trust.principals.get(party.principal) if party.verified else None
    if not name:
        name = (disclosed.value("principal", digest) if digest else None) or REDACTED
    contact = disclosed.value("contact", statement.contact) if statement else None
    return PartyVerdict(
        key=did_key(party.key),
        role=party.role,
        principal=name,
        principal_key=did_key(party.principal),
        verified=party.verified,
        machine=statement.machine if statement else None,
        mandate=party.man.hex() if party.man else None,
        contact=contact or REDACTED,
    )


def _owner(record: Record, digest: bytes) -> str:
    """The role of the party whose statement has this digest: one has, or it would not have been learnt."""
    return next(
        party.role
        for party in record.parties
        if party.statement and digest in (party.statement.principal, party.statement.contact)
    )
