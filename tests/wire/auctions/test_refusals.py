"""Hostile bids: each is refused with a code in a signed receipt, or gets no receipt at all, as documented."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Bid, Cancel, Order
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.english import English
from negotiate.wire import envelope
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.codes import CODES, listed, seal, unseal
from negotiate.wire.hosted.host import Host
from negotiate.wire.keys import did_key
from negotiate.wire.mandate import issue
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Policy
from tests.wire.auctions.kit import (
    BIDDERS,
    HOST,
    KNOWN,
    SEALED,
    Room,
    accused,
    proposal,
    verdict,
)
from tests.wire.kit import (
    MINUTE,
    NOW,
    altered,
    fields,
    grant,
    key,
    papers,
    resign,
    root,
    seed,
    trust,
)

if TYPE_CHECKING:
    from negotiate.wire.papers import Papers

DESK = did_key(HOST.key.public)
ROOT = Path(__file__).parents[3]

HOSTILE: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "negative": ({"kind": "bid", "amount": -1}, {}, "amount"),
    "huge": ({"kind": "bid", "amount": 10**18 + 1}, {}, "amount"),
    "a truth value": ({"kind": "bid", "amount": True}, {}, "move"),
    "a text": ({"kind": "bid", "amount": "5"}, {}, "move"),
    "no amount": ({"kind": "bid"}, {}, "move"),
    "a field too many": ({"kind": "bid", "amount": 5, "for_all": True}, {}, "move"),
    "a move of other rules": ({"kind": "order", "id": "1", "side": "buy", "price": 5, "qty": 1}, {}, "move"),
    "no kind at all": ({"amount": 5}, {}, "move"),
    "a kind that is a list": ({"kind": [1], "amount": 5}, {}, "move"),
    "out of phase": ({"kind": "reveal", "amount": 5, "salt": "s"}, {}, "phase"),
    "expired": ({"kind": "bid", "amount": 5}, {"iat": NOW - 10, "exp": NOW}, "expired"),
    "from the future": ({"kind": "bid", "amount": 5}, {"iat": NOW + MINUTE, "exp": NOW + 2 * MINUTE}, "future"),
    "valid for ever": ({"kind": "bid", "amount": 5}, {"exp": NOW + 9_000_000_000}, "lifetime"),
    "another mandate": ({"kind": "bid", "amount": 5}, {"man": bytes(32)}, "mandate"),
    "no mandate": ({"kind": "bid", "amount": 5}, {"man": None}, "mandate"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_bid_is_refused_in_a_receipt(case: Any) -> None:
    move, changes, code = case
    room = Room()
    bad = room.raw("Weber", move, **changes)
    assert room.deliver(bad) == code
    assert room.host.receive(bad, NOW).code == code  # again: the same receipt
    good = room.raw("Weber")
    assert room.deliver(good) == ""  # and the bidder goes on
    room.award()
    assert verdict(room.host.transcript()).valid
    lenient = Room()
    log = [
        *lenient.host.transcript().log,
        Entry(FRAME, bad),
        Entry(FRAME, lenient.receipt(bad)),
    ]
    assert accused(Transcript(tuple(log))) == ("receipt", DESK)


@pytest.mark.parametrize(("currency", "code"), [("EUR", ""), ("USD", "currency"), (None, "")])
def test_a_bid_in_another_currency_is_refused(currency: str | None, code: str) -> None:
    room = Room()
    body = {"move": {"kind": "bid", "amount": 5}, "salt": seed("s")}
    body |= {"currency": currency} if currency else {}
    assert room.deliver(room.raw("Weber", body=body)) == code


def test_a_critical_extension_that_nobody_understands_is_refused() -> None:
    room = Room()
    body = {
        "move": {"kind": "bid", "amount": 5}, "salt": seed("s"),
        "ext": {"tip": 3}, "critical": ["tip"],
    }  # fmt: skip
    bad = room.raw("Weber", body=body)
    assert room.deliver(bad) == "extension"
    lenient = Room()
    log = [
        *lenient.host.transcript().log,
        Entry(FRAME, bad),
        Entry(FRAME, lenient.receipt(bad)),
    ]
    assert accused(Transcript(tuple(log)))[0] == "extension"


def test_a_bid_at_the_close_is_late_and_a_second_one_out_of_phase() -> None:
    room = Room()
    assert room.bid("Weber", Bid(5)) == ""
    assert room.bid("Weber", Bid(9)) == "phase"
    room.at(MINUTE)
    assert room.bid("Huber", Bid(9)) == "late"
    room.award()
    assert verdict(room.host.transcript()).valid


def test_bids_after_the_award_get_no_receipt() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(5), room.now, room.salt())
    room.award()
    with pytest.raises(Fault) as caught:
        room.host.receive(bid, room.now)
    assert caught.value.code == "order"
    with pytest.raises(LocalError):
        room["Huber"].send(Bid(5), room.now, room.salt())
    log = [*room.host.transcript().log, Entry(FRAME, bid), Entry(FRAME, room.receipt(bid))]
    assert accused(Transcript(tuple(log))) == ("closed", DESK)


def silent(room: Room, frame: bytes, code: str) -> None:
    """The host gives no receipt and nothing changes; one that gives a receipt all the same is found out."""
    before = [record.id for record in room.host.book.records]
    with pytest.raises(Fault) as caught:
        room.host.receive(frame, room.now)
    assert caught.value.code == code
    assert [record.id for record in room.host.book.records] == before


OUT_OF_ORDER: dict[str, tuple[dict[str, Any], str]] = {
    "of another session": ({"sid": seed("other")}, "session"),
    "to somebody else": ({"to": key("nobody").public}, "audience"),
    "before its predecessor": ({"seq": 3}, "chain"),
    "after another message": ({"prev": seed("other")}, "chain"),
    "an offer": ({"kind": "offer", "body": {"terms": {"lot": 5}}}, "order"),
    "a second join": ({"kind": "walk", "body": {}}, "order"),
}


@pytest.mark.parametrize("case", OUT_OF_ORDER.values(), ids=OUT_OF_ORDER)
def test_what_stands_in_no_order_gets_no_receipt(case: Any) -> None:
    changes, code = case
    room = Room()
    bad = room.raw("Weber", **changes)
    silent(room, bad, code)
    log = [*room.host.transcript().log, Entry(FRAME, bad), Entry(FRAME, room.receipt(bad))]
    assert not verdict(Transcript(tuple(log))).valid


def test_strangers_the_host_itself_and_bad_signatures_get_no_receipt() -> None:
    room = Room()
    good = room.raw("Weber")
    silent(room, altered(good, key("stranger"), from_=key("stranger").public), "stranger")
    silent(room, altered(good, HOST.key, from_=HOST.key.public), "stranger")
    silent(room, resign(key("stranger"), fields(good)), "signature")
    silent(room, good[:-1] + bytes([good[-1] ^ 1]), "signature")
    silent(room, b"\x93\x01nonsense", "malformed")
    forged = resign(key("stranger"), fields(good))
    log = [
        *room.host.transcript().log,
        Entry(FRAME, forged),
        Entry(FRAME, room.receipt(forged)),
    ]
    assert accused(Transcript(tuple(log))) == ("signature", None)


def test_a_bidder_who_signs_two_bids_for_one_place_leaves_the_proof() -> None:
    room = Room()
    first, second = room.raw("Weber"), room.raw("Weber", {"kind": "bid", "amount": 6})
    assert room.deliver(first) == ""
    silent(room, second, "equivocation")
    silent(
        room,
        room.raw("Weber", seq=1, prev=seed("x")),
        "equivocation",
    )
    (proof,) = room.host.proofs
    assert {message.frame for message in proof} == {first, second}


def test_a_hundred_thousand_bids_of_one_bidder_do_not_crowd_out_the_others() -> None:
    room = Room(English(end=MINUTE), options={"messages": 90})
    for _ in range(30):
        assert room.deliver(room.raw("Weber", {"kind": "bid", "amount": -1})) == "amount"
    silent(room, room.raw("Weber"), "limit")
    assert room.bid("Huber", Bid(3)) == ""
    room.award()
    assert verdict(room.host.transcript()).valid


def test_an_honest_bidder_stops_at_its_share() -> None:
    room = Room(ContinuousMarket(time_limit=MINUTE), options={"messages": 9})
    for n in range(3):
        assert room.bid("Weber", Order(str(n), "buy", 5, 1)) == ""
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Order("4", "buy", 5, 1))
    assert caught.value.code == "limit"


def test_orders_that_cannot_be_are_refused() -> None:
    room = Room(ContinuousMarket(time_limit=MINUTE))
    order = {"kind": "order", "id": "1", "side": "buy", "price": 5, "qty": 1, "life": "GTC"}
    cases = [
        ({**order, "side": "steal"}, "move"), ({**order, "qty": 0}, "amount"), ({**order, "price": -5}, "amount"),
        ({**order, "life": "ETERNAL"}, "move"), ({**order, "id": "x" * 257}, "order"), (order, ""),
        (order, "duplicate-order"), ({"kind": "cancel", "id": "9"}, "unknown-order"),
        ({k: v for k, v in order.items() if k != "price"} | {"id": "2"}, ""),
    ]  # fmt: skip
    for move, code in cases:
        assert room.deliver(room.raw("Weber", move)) == code, move
    assert room.bid("Huber", Cancel("1")) == "unknown-order"
    room.award()
    assert verdict(room.host.transcript()).valid


def test_a_bidder_is_not_let_bid_before_it_is_time_or_while_one_bid_is_open() -> None:
    room = Room(begin=False)
    with pytest.raises(LocalError) as caught:
        room["Weber"].send(Bid(5), NOW, seed("s"))
    assert caught.value.code == "phase"
    room.tell(room.host.begin(NOW))
    room["Weber"].send(Bid(5), NOW, seed("s"))
    with pytest.raises(LocalError) as caught:
        room["Weber"].send(Bid(6), NOW, seed("s"))
    assert caught.value.code == "pending"
    for bad in ("not a move", Order("1", "buy", 1, 1), Bid(1.5), Bid(10**30), Bid):  # type: ignore[arg-type]
        with pytest.raises(LocalError):
            room["Huber"].send(bad, NOW, seed("s"))  # type: ignore[arg-type]
    assert room["Huber"].pending() == []


def test_a_bid_of_the_same_name_is_signed_once() -> None:
    room = Room()
    weber = room["Weber"]
    frame = weber.send(Bid(5), NOW, seed("s"), ref="first")
    assert weber.send(Bid(5), NOW + 9, seed("t"), ref="first") == frame
    with pytest.raises(LocalError) as caught:
        weber.send(Bid(6), NOW, seed("s"), ref="first")
    assert caught.value.code == "conflict"


def test_who_does_not_know_the_hosts_principal_may_refuse_to_bid() -> None:
    careful = trust(
        principals=dict(KNOWN.principals), revocations=(),
        policy=Policy(revocation="allow", undisclosed="refuse"),
    )  # fmt: skip
    room = Room(known=careful)
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Bid(5))
    assert caught.value.code == "undisclosed"
    room["Weber"].learn(HOST.principal)
    assert room.bid("Weber", Bid(5)) == ""


# -- joining -------------------------------------------------------------------------------------------


def joining(own: Papers, rules: Any = SEALED, **changes: Any) -> tuple[Host, bytes]:
    """A host that waits, and the join of one bidder who asks nobody."""
    host = Host(HOST, KNOWN)
    opened = host.open(proposal(rules, {"one": own}), NOW, seed("n"))
    message = envelope.read(opened)
    given = {
        "v": 1, "kind": "join", "sid": message.sid, "seq": 0, "prev": message.sid, "from": own.key.public,
        "to": HOST.key.public, "iat": NOW, "exp": NOW + MINUTE, "body": own.seat(seed("j")),
        **({"man": own.man} if own.man else {}), **changes,
    }  # fmt: skip
    return host, resign(own.key, {k: v for k, v in given.items() if v is not None})


SHILL = papers(
    "friend", "Shop", issue(key("Shop"), grant("friend", "bidder", principal="Shop"))
)
EARLY = {"move": {"kind": "bid", "amount": 5}, "salt": seed("s")}
JOINS: dict[str, tuple[Papers, dict[str, Any], str]] = {
    "a shill": (SHILL, {}, "same-principal"),
    "an unknown principal": (papers("x", "Nobody", root("x", "bidder", "Nobody")), {}, "untrusted-root"),
    "nobody's agent": (papers("x", "Nobody"), {}, "unverified"),
    "another role": (papers("x", "Weber", root("x", "buyer", "Weber")), {}, "mandate-scope"),
    "no mandate pinned": (BIDDERS["Weber"], {"man": None}, "mandate"),
    "another place": (BIDDERS["Weber"], {"seq": 1}, "chain"),
    "another auction": (BIDDERS["Weber"], {"prev": seed("x")}, "chain"),
    "too late": (BIDDERS["Weber"], {"iat": NOW - 100, "exp": NOW}, "expired"),
    "a bid": (BIDDERS["Weber"], {"kind": "bid", "body": EARLY}, "order"),
}  # fmt: skip


@pytest.mark.parametrize("case", JOINS.values(), ids=JOINS)
def test_who_may_not_join_gets_no_receipt(case: Any) -> None:
    own, changes, code = case
    host, frame = joining(own, **changes)
    with pytest.raises(Fault) as caught:
        host.receive(frame, NOW)
    assert caught.value.code == code
    assert len(host.book.records) == 1
    opening = host.book.records[0]
    body = {"seal": seal(envelope.read(frame).id, ""), "frame": frame}
    bad = resign(HOST.key, {
        "v": 1, "kind": "receipt", "sid": opening.sid, "seq": 1, "prev": opening.id,
        "from": HOST.key.public, "to": host.book.host.next_key, "iat": NOW, "exp": NOW + MINUTE,
        "man": HOST.man, "body": body,
    })  # fmt: skip
    assert accused([opening.frame, bad]) == (code, DESK)


def test_joins_come_once_and_before_the_beginning() -> None:
    room = Room(begin=False)
    frame = room["Weber"].join(NOW, seed("again"))
    assert room.host.receive(frame, NOW).code == ""
    other = altered(frame, BIDDERS["Weber"].key, body=BIDDERS["Weber"].seat(seed("other")))
    silent(room, other, "order")
    room.tell(room.host.begin(NOW))
    with pytest.raises(LocalError):
        room.host.begin(NOW)
    silent(room, other, "equivocation")


def test_nobody_is_asked_to_join_what_is_not_open() -> None:
    fresh = Bidder(BIDDERS["Weber"], KNOWN)
    with pytest.raises(LocalError):
        fresh.join(NOW, seed("j"))
    with pytest.raises(LocalError):
        _ = fresh.seat
    host = Host(HOST, KNOWN)
    host.open(proposal(SEALED, BIDDERS), NOW, seed("n"))
    with pytest.raises(LocalError):
        host.begin(NOW)  # nobody has joined
    with pytest.raises(LocalError):
        host.open(proposal(SEALED, BIDDERS), NOW, seed("n"))


# -- codes ---------------------------------------------------------------------------------------------


def test_every_code_of_a_protocol_can_be_sealed() -> None:
    text = "\n".join(path.read_text() for path in (ROOT / "protocols").glob("*.py"))
    raised = set(re.findall(r"IllegalMove\((?:[^()]|\([^()]*\))*code=\"([a-z-]+)\"", text))
    assert raised
    assert raised <= set(CODES)


def test_a_seal_opens_to_its_code_for_its_message_alone() -> None:
    for code in ("", *CODES):
        assert unseal(seal(seed("m"), code), seed("m")) == code
        assert unseal(seal(seed("m"), code), seed("n")) is None
    assert listed("of a plug-in") == "refused"
