"""What a bidder does after the award: hold what it was shown against what it holds.

The chain against the one that others were shown, its own receipts against the award's root, every quote against what
the rules show, the award against the rules. What does not fit comes back as complaints that anybody can judge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from negotiate.wire import envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.audit import fold
from negotiate.wire.hosted.chain import RECORDS
from negotiate.wire.hosted.complaints import Complaint, equivocation, omission, unanswered
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript

if TYPE_CHECKING:
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.hosted.bidder import Bidder


def with_quotes(shown: Transcript, bidder: Bidder) -> Transcript:
    """A transcript with the quotes that this bidder holds, each after the record that it was made at."""
    after: dict[bytes, list[Entry]] = {}
    for quote in bidder.quotes:
        head = cast("bodies.Quote", quote.body).head
        after.setdefault(head, []).append(Entry(FRAME, quote.frame))
    log: list[Entry] = []
    for entry in shown.log:
        log.append(entry)
        message = _read(entry)
        if message is not None:
            log += after.pop(message.id, [])
    return Transcript(tuple(log), shown.disclosures)


def _read(entry: Entry) -> Message | None:
    if entry.tag != FRAME:
        return None
    try:
        return envelope.read(entry.data)
    except Fault:
        return None


def review(bidder: Bidder, shown: Transcript | None) -> list[Complaint]:
    """The complaints that this bidder can raise; none, if all is well.

    Args:
        bidder: with its chain, its receipts and its quotes.
        shown: the host's transcript, with the bids; None if the host shows none.
    """
    found = _own(bidder)
    if shown is not None:
        records = [m for m in map(_read, shown.log) if m is not None and m.kind in RECORDS]
        found += _twice(bidder, records)
        found += _omitted(bidder, records)
        whole = with_quotes(shown, bidder)
        broken = fold(whole, bidder.trust)[1]
        if broken is not None and broken.fault.key:
            found.append(Complaint("book", (whole.to_bytes(),)))
    return found + [unanswered(frame) for frame in bidder.pending()]


def _own(bidder: Bidder) -> list[Complaint]:
    """What my own chain shows already."""
    proofs = [proof for proof in (bidder.chain.proof, bidder.sight.proof) if proof is not None]
    found = [equivocation(proof.first.frame, proof.second.frame) for proof in proofs]
    if bidder.refused_award is not None:
        frames = [record.frame for record in bidder.chain.records]
        log = [Entry(FRAME, frame) for frame in (*frames, bidder.refused_award.frame)]
        found.append(Complaint("history", (Transcript(tuple(log)).to_bytes(),)))
    return found


def _twice(bidder: Bidder, records: list[Message]) -> list[Complaint]:
    """The first place at which others were shown another record."""
    own = bidder.chain.records
    for mine, theirs in zip(own, records, strict=False):
        if mine.id != theirs.id:
            return [equivocation(mine.frame, theirs.frame)]
    return []


def _omitted(bidder: Bidder, records: list[Message]) -> list[Complaint]:
    """My receipts that the award which others were shown does not cover."""
    award = next((record for record in records if record.kind == "award"), None)
    if award is None:
        return []
    ids = [record.id for record in records if record.kind != "award"]
    found: list[Complaint] = []
    for receipt, _ in bidder.receipts.values():
        if receipt.id in ids:
            continue
        covered = receipt.seq < len(ids)
        leaf = ids[receipt.seq] if covered else b""
        path = tuple(merkle.proof(ids, receipt.seq)) if covered else ()
        found.append(omission(receipt.frame, award.frame, leaf, path))
    return found
