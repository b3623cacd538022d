"""Complaints that a third party can judge offline, from signed bytes alone.

What each kind shows, and who is at fault::

    kind           shows                                                         who is at fault
    equivocation   two messages by one key for one place of one session          the key
    omission       a receipt, and an award whose root holds something else there  the host
    copy           one commitment by two bidders, opened under the name of one   the other
    history        the host's chain, and where it breaks                         the host
    book           the whole transcript, and where it breaks: a bid refused that  the host
                   the rules take (or the reverse), a false view, a wrong award
    unanswered     a bid without a receipt                                       cannot be told

A complaint says nothing by itself: :func:`judge` looks at the bytes. A bid that was dropped without a receipt cannot
be proved, because nobody but the bidder signed anything; the complaint ``unanswered`` is the bidder's dated word. What
helps: send the bid early, send it again until its receipt comes (the same bytes get the same receipt), and watch the
chain: a host that goes on with others and never answers shows it to everybody who relays the bid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import LocalError
from negotiate.moves import Reveal
from negotiate.protocols.sealed_bid import commitment
from negotiate.show import quote
from negotiate.wire import codec, envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import values
from negotiate.wire.hosted.audit import Broken, chained, fold
from negotiate.wire.keys import did_key
from negotiate.wire.transcript import MAX_TRANSCRIPT, Transcript

if TYPE_CHECKING:
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.trust import Trust

FORMAT = "negotiate-kit complaint"
KINDS = ("equivocation", "omission", "copy", "history", "book", "unanswered")


@dataclass(frozen=True)
class Complaint:
    """A claim with its evidence.

    Attributes:
        kind: one of :data:`KINDS`.
        evidence: the frames (or the one transcript) that the kind needs, in order.
        path: of an omission: the id that the award's root holds at the receipt's place, then the audit path.
    """

    kind: str
    evidence: tuple[bytes, ...]
    path: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """One file."""
        return codec.pack_any(
            {
                "evidence": list(self.evidence), "format": FORMAT, "kind": self.kind,
                "path": list(self.path), "version": 1,
            }
        )  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> Complaint:
        """Read a file.

        Raises:
            Fault: it is no complaint in its one form (code ``evidence``).
        """
        if len(data) > MAX_TRANSCRIPT:
            raise Fault(f"a complaint of {len(data):,} bytes is too large", code="size")
        try:
            value = codec.unpack_any(data, 1_000_000)
        except Exception as error:  # the unpacker raises many kinds
            raise Fault(f"not a complaint: {type(error).__name__}", code="evidence") from None
        match cast("Any", value):
            case {"format": "negotiate-kit complaint", "version": 1, "kind": str(kind),
                  "evidence": [*evidence], "path": [*path]} if kind in KINDS:  # fmt: skip
                found = cls(kind, tuple(map(_bytes, evidence)), tuple(map(_bytes, path)))
            case _:
                raise Fault("not a complaint of a kind that is known", code="evidence")
        if found.to_bytes() != data:
            raise Fault("not the one form of this complaint", code="evidence")
        return found


def _bytes(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise Fault("evidence is bytes", code="evidence")
    return value


@dataclass(frozen=True)
class Finding:
    """What a judge found.

    Attributes:
        holds: whether the evidence proves the fault.
        party: who is at fault, as did:key; None where that is not proved.
        code: the rule that was broken, or why the complaint fails.
        why: one sentence.
    """

    holds: bool
    party: str | None
    code: str
    why: str


def judge(complaint: Complaint, trust: Trust) -> Finding:
    """Look at the evidence. Asks no clock and no network, so the finding is the same on any later day.

    Args:
        complaint: what is claimed.
        trust: whom the judge knows; needed where a whole transcript is run again.
    """
    try:
        return _JUDGES[complaint.kind](complaint, trust)
    except Fault as fault:
        return Finding(False, None, "evidence", f"the evidence does not hold: {fault}")
    except (KeyError, ValueError, LocalError):
        return Finding(False, None, "evidence", f"not the evidence of {quote(complaint.kind)}")


def _frames(complaint: Complaint, count: int) -> list[Message]:
    if len(complaint.evidence) != count:
        raise ValueError
    messages = [envelope.read(frame) for frame in complaint.evidence]
    for message in messages:
        message.verify()
    return messages


def _equivocation(complaint: Complaint, trust: Trust) -> Finding:
    first, second = _frames(complaint, 2)
    place = [(m.sender, m.sid, m.seq, _stream(m)) for m in (first, second)]
    if place[0] != place[1] or first.id == second.id or first.kind == "open":
        return Finding(False, None, "evidence", "not two messages for one place")
    why = f"one key signed two messages for place {first.seq} of one session"
    return Finding(True, did_key(first.sender), "equivocation", why)


def _stream(message: Message) -> bytes:
    """A host's records are one chain, its quotes to a bidder another."""
    return message.fields["to"] if message.kind == "quote" else b""


def _omission(complaint: Complaint, trust: Trust) -> Finding:
    receipt, award = _frames(complaint, 2)
    same = (receipt.sender, receipt.sid) == (award.sender, award.sid)
    if not same or (receipt.kind, award.kind) != ("receipt", "award"):
        return Finding(False, None, "evidence", "not a receipt and an award of one host")
    body = cast("bodies.Award", award.body)
    host = did_key(award.sender)
    if receipt.seq >= body.count:
        why = f"the award is over {body.count} records; the receipt has place {receipt.seq}"
        return Finding(True, host, "award", why)
    leaf, *path = complaint.path
    held = merkle.included(leaf, receipt.seq, body.count, path, body.root)
    if not held or leaf == receipt.id:
        return Finding(False, None, "evidence", "the root is not shown to hold anything else")
    why = f"the award's root holds another record at place {receipt.seq}"
    return Finding(True, host, "award", why)


def _copy(complaint: Complaint, trust: Trust) -> Finding:
    """A commitment binds auction, key and amount: whoever opens it made it, and another who sent it copied it."""
    mine, other, reveal = _frames(complaint, 3)
    if {m.kind for m in (mine, other, reveal)} != {"bid"} or len(
        {m.sid for m in (mine, other, reveal)}
    ) > 1:
        return Finding(False, None, "evidence", "not three bids of one auction")
    moves = [cast("dict[str, object]", m.fields["body"]["move"]) for m in (mine, other)]
    opened = values.move_from_wire(
        cast("dict[str, object]", reveal.fields["body"]["move"]), (Reveal,)
    )
    name = f"{did_key(mine.sender)}@{mine.sid.hex()}"
    made = isinstance(opened, Reveal) and commitment(name, opened.amount, opened.salt)
    if moves != [{"kind": "commit", "digest": made}] * 2 or mine.sender in (other.sender, b""):
        return Finding(
            False, None, "evidence", "not one commitment by two, opened by the first"
        )
    if reveal.sender != mine.sender:
        return Finding(False, None, "evidence", "opened by somebody else")
    return Finding(True, did_key(other.sender), "copied", "it sent a commitment of another")


def _history(complaint: Complaint, trust: Trust) -> Finding:
    (data,) = complaint.evidence
    return _broken(chained(Transcript.from_bytes(data), trust)[1])


def _book(complaint: Complaint, trust: Trust) -> Finding:
    (data,) = complaint.evidence
    return _broken(fold(Transcript.from_bytes(data), trust)[1])


def _broken(broken: Broken | None) -> Finding:
    """Only a fault that the bytes pin on a key is proved; a gap or a missing bid may be the complainer's doing."""
    if broken is None:
        return Finding(False, None, "evidence", "nothing is wrong with it")
    fault = broken.fault
    party = did_key(fault.key) if fault.key else None
    return Finding(party is not None, party, fault.code, f"entry {broken.at}: {fault}")


def _unanswered(complaint: Complaint, trust: Trust) -> Finding:
    (bid,) = _frames(complaint, 1)
    why = f"{did_key(bid.sender)} signed it; nothing shows that the host got it"
    return Finding(False, None, "unproven", why)


_JUDGES = {
    "equivocation": _equivocation, "omission": _omission, "copy": _copy, "history": _history,
    "book": _book, "unanswered": _unanswered,
}  # fmt: skip


# -- raising them --------------------------------------------------------------------------------------


def equivocation(first: bytes, second: bytes) -> Complaint:
    """Two messages by one key for one place."""
    return Complaint("equivocation", (first, second))


def omission(
    receipt: bytes, award: bytes, leaf: bytes = b"", path: tuple[bytes, ...] = ()
) -> Complaint:
    """A receipt that the award does not cover: with what its root holds at that place instead, and the audit path."""
    return Complaint("omission", (receipt, award), (leaf, *path))


def copy(mine: bytes, other: bytes, reveal: bytes) -> Complaint:
    """My commitment, the same one by another, and my signed bid that opens it."""
    return Complaint("copy", (mine, other, reveal))


def unanswered(bid: bytes) -> Complaint:
    """A bid that got no receipt: a dated word of the bidder, no proof."""
    return Complaint("unanswered", (bid,))
