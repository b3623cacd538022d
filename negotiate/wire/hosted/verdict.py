"""The verdict on an auction's transcript, in the form of :mod:`negotiate.wire.verify`."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, cast

from negotiate.moves import Offer
from negotiate.protocol import Allocation, Reason
from negotiate.protocols.items import ItemRules
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import grounds
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
    if book.cancelled is not None:
        return Outcome("none", str(Reason.CANCELLED), True, None, ())
    if book.award is None:
        return Outcome("open", "", False, None, ())
    result = book.negotiation.result
    if not isinstance(result, Allocation):
        return Outcome("none", str(getattr(result, "reason", "")), True, None, ())
    signers = [one.party for one in why(book) if one.own]
    keys = [book.host.key, *(book.seated[party].key for party in signers)]
    return Outcome("awarded", "", True, None, tuple(map(did_key, keys)))


def why(book: Book) -> list[grounds.Ground]:
    """The grounds of an award that has been admitted, one for each party that gets or pays something."""
    if book.award is None:
        return []
    return grounds.unpack(cast("bodies.Award", book.award.body).grounds)


def award_to_json(book: Book) -> dict[str, object]:
    """Award and bids for machines: amounts are integers, or text such as ``7/2``.

    ``goods`` says what a bidder gets where items differ: units of each item by name, its slot, or the terms.
    """
    shares = [
        {
            "key": did_key(book.seated[one.party].key), "units": one.units, "pays": _amount(one.pays),
            "goods": goods_of(book, one.party), "rule": one.rule, "bids": list(one.own), "set_by": list(one.by),
            "figures": {name: _amount(value) for name, value in one.figures},
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
    return {
        **rules,
        "root": book.root.hex(),
        "shares": shares,
        "bids": bids,
    }


def goods_of(book: Book, party: int) -> dict[str, int | str]:
    """What a bidder gets, by name: units of each item, its slot, or the terms that it is to deliver."""
    goods: tuple[tuple[int, ...], ...] = getattr(book.negotiation.result, "goods", ())
    held = goods[party] if goods else ()
    protocol = book.protocol
    if isinstance(protocol, ItemRules):
        named = zip(protocol.items, held, strict=False)
        return {name: count for name, count in named if count}
    if isinstance(protocol, ScoringAuction):
        return dict(book.deal.wire.said(Offer(held))) if held else {}
    return {"slot": held[0]} if held else {}


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
