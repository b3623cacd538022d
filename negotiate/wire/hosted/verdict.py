"""The verdict on an auction's transcript, in the form of :mod:`negotiate.wire.verify`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

from negotiate.protocol import Allocation
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import grounds, values
from negotiate.wire.hosted.audit import fold
from negotiate.wire.keys import did_key
from negotiate.wire.verify import FirstFault, Outcome, Verdict, described

if TYPE_CHECKING:
    from negotiate.wire import bodies
    from negotiate.wire.hosted.book import Book
    from negotiate.wire.transcript import Transcript
    from negotiate.wire.trust import Trust


def verify_auction(transcript: Transcript, trust: Trust) -> Verdict:
    """The verdict on a transcript that begins with the opening of an auction or a market."""
    book, broken = fold(transcript, trust)
    fault = None
    if broken is not None:
        key = broken.fault.key or broken.signer
        party = did_key(key) if key else None
        fault = FirstFault(broken.fault.code, broken.at, party, str(broken.fault))
    for disclosure in transcript.disclosures:
        try:
            book.disclosed.learn(disclosure)
        except Fault as wrong:
            fault = fault or FirstFault(wrong.code, len(transcript.log), None, str(wrong))
    return Verdict(
        valid=fault is None,
        fault=fault,
        outcome=_outcome(book),
        parties=tuple(described(party, trust, book.disclosed) for party in book.parties),
        disclosed=tuple(f"{_owner(book, d.digest)}.{d.field}" for d in book.disclosed.all()),
        auction=book,
    )


def _outcome(book: Book) -> Outcome:
    if book.award is None:
        return Outcome("open", "", False, None, ())
    result = book.negotiation.result
    if not isinstance(result, Allocation):
        return Outcome("none", str(getattr(result, "reason", "")), True, None, ())
    signers = [one.party for one in why(book) if one.own is not None]
    keys = [book.host.key, *(book.seated[party].key for party in signers)]
    return Outcome("awarded", "", True, None, tuple(map(did_key, keys)))


def why(book: Book) -> list[grounds.Ground]:
    """The grounds of an award that has been admitted, one for each party that gets or pays something."""
    if book.award is None:
        return []
    packed = values.unpack(cast("bodies.Award", book.award.body).grounds)
    return [grounds.Ground(*cast("tuple[object, ...]", one)) for one in packed]  # type: ignore[arg-type, attr-defined]


def award_to_json(book: Book) -> dict[str, object]:
    """Award and bids for machines: amounts are integers, or text such as ``7/2``.

    ``goods`` says what each bidder gets of each item, in the order of the rules, where items differ.
    """
    shares = [
        {
            "key": did_key(book.seated[one.party].key), "units": one.units, "pays": _amount(one.pays),
            "rule": one.rule, "bid": one.own, "set_by": one.by,
        }
        for one in why(book)
    ]  # fmt: skip
    bids = [
        {
            "place": one.place, "at": one.at, "key": did_key(one.message.sender),
            "move": dict(cast("dict[str, object]", one.message.fields["body"]["move"])), "code": one.code,
        }
        for one in book.taken
    ]  # fmt: skip
    rules = {
        "protocol": str(getattr(book.protocol, "name", "")),
        "rules_hash": book.rules_hash.hex(),
    }
    goods: tuple[object, ...] = getattr(book.negotiation.result, "goods", ())
    return {
        **rules,
        "root": book.root.hex(),
        "shares": shares,
        "goods": list(goods),
        "bids": bids,
    }


def _amount(amount: int | Fraction) -> int | str:
    return str(amount) if isinstance(amount, Fraction) else amount


def _owner(book: Book, digest: bytes) -> str:
    found = (
        (place, party)
        for place, party in enumerate(book.parties)
        if party.statement and digest in (party.statement.principal, party.statement.contact)
    )
    place, party = next(found)
    return f"{party.role}" if place == 0 else f"{party.role}_{place}"
