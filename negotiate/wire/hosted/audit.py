"""The offline verdict on the transcript of an auction: the fold again, from bytes.

A transcript is the host's chain with each bid before its receipt, and may hold the quotes to one or more bidders. The
verdict is that of :func:`negotiate.wire.verify.verify`, in the same form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from negotiate.wire import envelope
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.book import Book
from negotiate.wire.hosted.chain import Chain
from negotiate.wire.hosted.rules import is_hosted
from negotiate.wire.store import FRAME

if TYPE_CHECKING:
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.transcript import Transcript
    from negotiate.wire.trust import Trust


class Broken(NamedTuple):
    """The first fault in a log.

    Attributes:
        fault: what is wrong.
        at: place in the log, from 0.
        signer: who signed the entry in which it shows; empty if nobody did.
    """

    fault: Fault
    at: int
    signer: bytes


def is_auction(transcript: Transcript) -> bool:
    """Whether a transcript begins with the opening of an auction or a market."""
    first = next((entry.data for entry in transcript.log if entry.tag == FRAME), b"")
    try:
        opening = envelope.read(first)
    except Fault:
        return False
    return opening.kind == "open" and is_hosted(cast("bodies.Open", opening.body).protocol)


def fold(transcript: Transcript, trust: Trust) -> tuple[Book, Broken | None]:
    """The state after a transcript, or after all before its first fault."""
    book = Book(trust)
    bid: Message | None = None
    for place, entry in enumerate(transcript.log):
        message: Message | None = None
        try:
            if entry.tag != FRAME:
                book.revocations.learn(entry.data)
                continue
            message = envelope.read(entry.data)
            bid = _step(book, message, bid)
        except Fault as fault:
            return book, Broken(
                fault, place, envelope.blamed(fault, message, begun=bool(book.records))
            )
    if bid is not None:
        late = Fault("a bid without a receipt at the end", code="evidence")
        return book, Broken(late, len(transcript.log), b"")
    return book, None


def _step(book: Book, message: Message, bid: Message | None) -> Message | None:
    """Take one message; a bid waits for its receipt, which is next."""
    if message.kind == "bid":
        if bid is not None:
            raise Fault("a bid whose receipt does not follow", code="evidence")
        return message
    if message.kind == "quote":
        book.admit_quote(message)
        return bid
    if not book.admit(message, bid):
        raise Fault("a message of the host twice", code="stale")
    if bid is not None and message.kind != "receipt":
        raise Fault("a bid whose receipt does not follow", code="evidence")
    return None


def chained(transcript: Transcript, trust: Trust) -> tuple[Chain, Broken | None]:
    """The host's chain alone, without what was bid."""
    chain = Chain(trust)
    for place, frame in enumerate(transcript.frames):
        message: Message | None = None
        try:
            message = envelope.read(frame)
            chain.admit(message)
        except Fault as fault:
            return chain, Broken(
                fault, place, envelope.blamed(fault, message, begun=bool(chain.records))
            )
    return chain, None
