"""What the host signs: times, views, award and grounds; each is recomputed by whoever is shown the bids."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Bid, Order, Reveal, Walk
from negotiate.protocol import Allocation
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire import envelope
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import values
from negotiate.wire.hosted.complaints import judge
from negotiate.wire.hosted.grounds import explain
from negotiate.wire.hosted.reasons import RULES, Case
from negotiate.wire.hosted.review import review
from negotiate.wire.keys import did_key
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from tests.wire.auctions.kit import HOST, KNOWN, Room, accused, packed, verdict
from tests.wire.kit import MINUTE, NOW, seed

DESK = did_key(HOST.key.public)


def grounds(room: Room) -> list[tuple[Any, ...]]:
    assert room.host.book.award is not None
    assert verdict(room.host.transcript()).valid
    return list(packed(room.host.book.award.frame, "grounds"))


def sealed(price: str, *amounts: int, **rules: Any) -> list[tuple[Any, ...]]:
    room = Room(SealedBid(price=price, time_limit=MINUTE, **rules))  # type: ignore[arg-type]
    for name, amount in zip(room.bidders, amounts, strict=False):
        room.bid(name, Bid(amount))
    room.award()
    return grounds(room)


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (lambda: sealed("first", 70, 90, 80), [(1, 1, 90, "own-bid", (6,), (6,), ())]),
        (lambda: sealed("second", 70, 90, 80), [(1, 1, 80, "second-bid", (6,), (7,), ())]),
        (lambda: sealed("second", 90, 90, 80), [(0, 1, 90, "second-bid", (5,), (6,), ())]),
        (lambda: sealed("third", 70, 90, 80), [(1, 1, 70, "third-bid", (6,), (5,), ())]),
        (lambda: sealed("second", 90), [(0, 1, 0, "reserve", (5,), (), ())]),
        (lambda: sealed("second", 90, 20, reserve=30), [(0, 1, 30, "reserve", (5,), (), ())]),
        (lambda: sealed("second", 70, 90, 80, side="reverse"), [(0, -1, -80, "second-bid", (5,), (7,), ())]),
        (lambda: sealed("all-pay", 70, 90),
         [(0, 0, 70, "all-pay", (5,), (5,), ()), (1, 1, 90, "all-pay", (6,), (6,), ())]),
        (lambda: sealed("first", 10, reserve=30), []),
    ],
)  # fmt: skip
def test_the_grounds_of_sealed_bids_name_rule_and_places(made: Any, told: Any) -> None:
    assert made() == told


def test_a_tie_of_commitments_goes_to_the_earlier_commitment() -> None:
    room = Room(SealedBid(commit_reveal=True, time_limit=MINUTE, reveal_time=MINUTE))
    for name in ("Weber", "Huber"):
        room.bid(name, room[name].commit(50, name))
    room.at(MINUTE)
    for name in ("Huber", "Weber"):
        room.bid(name, Reveal(50, name))
    room.award(2 * MINUTE)
    assert grounds(room) == [(0, 1, 50, "own-bid", (8,), (8,), ())]


def played(rules: Any, *bids: tuple[int, str, Any]) -> list[tuple[Any, ...]]:
    room = Room(rules)
    for elapsed, name, move in bids:
        room.at(elapsed)
        assert room.bid(name, move) == ""
    room.award()
    return grounds(room)


CASES: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "english": (
        English(end=MINUTE), [(1, "Weber", Bid(5)), (2, "Huber", Bid(9))], [(1, 1, 9, "standing", (6,), (6,), ())],
    ),
    "proxy": (
        English(form="proxy", end=MINUTE), [(1, "Weber", Bid(5)), (2, "Huber", Bid(9)), (3, "Huber", Bid(12))],
        [(1, 1, 6, "proxy", (7,), (5,), ())],
    ),
    "proxy alone": (
        English(form="proxy", end=MINUTE, opening=3), [(1, "Weber", Bid(5))], [(0, 1, 3, "proxy-alone", (5,), (), ())],
    ),
    "dutch": (ClockAuction(opening=100, step=10), [(2500, "Weber", Accept())], [(0, 1, 80, "clock", (5,), (), ())]),
    "japanese": (
        ClockAuction(form="japanese", opening=0, last=100, step=10), [(10, "Weber", Walk()), (20, "Huber", Walk())],
        [(2, 1, 0, "clock", (), (), ())],
    ),
    "posted": (PostedPrice(price=7), [(1, "Weber", Accept())], [(0, 1, 7, "posted", (5,), (), ())]),
    "contract net": (
        ContractNet(), [(1, "Weber", Bid(50)), (2, "Huber", Bid(40))], [(1, -1, -40, "proposal", (6,), (6,), ())],
    ),
    "continuous": (
        ContinuousMarket(time_limit=MINUTE),
        [(1, "Weber", Order("1", "buy", 9, 2)), (2, "Huber", Order("1", "sell", 5, 2))],
        [(0, 2, 18, "trades", (5,), (), ()), (1, -2, -18, "trades", (6,), (), ())],
    ),
    "call": (
        CallMarket(), [(1, "Weber", Order("1", "buy", 9, 2)), (2, "Huber", Order("1", "sell", 5, 2))],
        [(0, 2, 14, "call", (5,), (), ()), (1, -2, -14, "call", (6,), (), ())],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_grounds_of_other_rules(case: Any) -> None:
    rules, bids, told = case
    assert played(rules, *bids) == told
    assert all(one[3] in RULES for one in told)


def test_rules_of_somebody_else_are_told_as_such() -> None:
    told = explain(Foreign(), Case([], Allocation((1, 0), (5, 0), 1), None))  # type: ignore[arg-type]
    assert [tuple(one) for one in told] == [(0, 1, 5, "rules", (), (), ())]


class Foreign:
    name = "of somebody else"


# -- a wrong award -------------------------------------------------------------------------------------


def quoted(room: Room, given: Any, changes: dict[str, Any]) -> bytes:
    """A quote with something changed."""
    head: dict[str, Any] = {"seq": 0, "prev": given["prev"], "to": given["to"], **changes}
    return room.forge("quote", head.pop("body", given["body"]), **head)


def two_bids() -> Room:
    room = Room()
    room.bid("Weber", Bid(70))
    room.bid("Huber", Bid(90))
    return room.at(MINUTE)


def share(result: Any, **changes: Any) -> bytes:
    return values.pack({**values.unpack(result), **changes})  # type: ignore[dict-item]


WRONG: dict[str, Any] = {
    "another winner": lambda body: {"result": share(body["result"], units=(1, 0, 0))},
    "another price": lambda body: {"result": share(body["result"], payments=(0, 90, 0))},
    "other grounds": lambda body: {"grounds": values.pack(())},
    "other rules": lambda body: {"rules": seed("rules")},
    "another count of bids": lambda body: {"accepted": 1, "refused": 1},
    "other bids": lambda body: {"bids": seed("bids")},
    "another root": lambda body: {"root": seed("root")},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_award_is_a_fault_of_the_host(wrong: Any) -> None:
    room = two_bids()
    body = dict(room.host.book.award_body(room.now))
    bad = room.forge("award", {**body, **wrong(body)})
    shown = Transcript((*room.host.transcript().log, Entry(FRAME, bad)))
    assert accused(shown) == ("award", DESK)
    huber = room["Huber"]
    with suppress(Fault):  # what the chain alone shows is refused at once
        huber.receive(bad, room.now)
    found = [judge(complaint, KNOWN) for complaint in review(huber, shown)]
    assert found
    assert all((one.holds, one.party, one.code) == (True, DESK, "award") for one in found)


def test_there_is_no_award_before_the_close_and_none_after_the_award() -> None:
    room = two_bids().at(MINUTE - 1)
    with pytest.raises(LocalError) as caught:
        room.host.award(room.now)
    assert caught.value.code == "early"
    result = {"type": "NoAgreement"}
    early = room.forge("award", {
        "rules": room.host.book.rules_hash, "count": len(room.host.book.records), "root": room.host.book.root,
        "bids": seed("b"), "accepted": 2, "refused": 0, "result": values.pack(result), "grounds": values.pack(()),
    })  # fmt: skip
    assert accused(Transcript((*room.host.transcript().log, Entry(FRAME, early)))) == (
        "award",
        DESK,
    )
    room.award()
    for call in (room.host.award, room.host.tick, room.host.due, room.host.begin):
        with pytest.raises(LocalError):
            call(room.now)
    with pytest.raises(LocalError):
        room.host.quote(room["Weber"].key, room.now)
    late = room.forge("tick", {})
    assert accused(Transcript((*room.host.transcript().log, Entry(FRAME, late)))) == (
        "closed",
        DESK,
    )


def test_every_record_is_provably_under_the_root() -> None:
    from negotiate.wire import merkle

    room = two_bids()
    with pytest.raises(LocalError):
        room.host.path(0)
    award = envelope.read(room.award())
    body: Any = award.fields["body"]
    for place, record in enumerate(room.host.book.records[:-1]):
        leaf, path = room.host.path(place)
        assert leaf == record.id
        assert merkle.included(leaf, place, body["count"], path, body["root"])
    with pytest.raises(LocalError):
        room.host.path(award.seq)


# -- time and views ------------------------------------------------------------------------------------


def test_deadlines_take_effect_by_the_hosts_signed_times() -> None:
    room = Room(ClockAuction(opening=100, step=10, last=50))
    room.at(2500)
    room.tell(room.host.tick(room.now))
    assert room.host.book.negotiation.view(0).price == 80
    found = verdict(room.host.transcript())
    assert found.valid
    assert found.outcome.state == "open"
    assert found.auction is not None
    assert found.auction.negotiation.view(0).price == 80
    assert room.host.due(NOW + 10_000) is not None
    room.award(10_000)
    assert verdict(room.host.transcript()).outcome.reason == "no-sale"


def test_a_host_whose_clock_runs_back_is_told_and_found_out() -> None:
    room = Room().at(100)
    room.tell(room.host.tick(room.now))
    for call in (room.host.tick, room.host.award, room.host.due):
        with pytest.raises(LocalError) as caught:
            call(NOW + 50)
        assert caught.value.code == "clock"
    back = room.forge("tick", {}, iat=NOW + 50)
    assert accused(Transcript((*room.host.transcript().log, Entry(FRAME, back)))) == (
        "clock",
        DESK,
    )
    with pytest.raises(Fault) as future:
        room["Weber"].receive(
            room.forge("tick", {}, iat=NOW + MINUTE, exp=NOW + 2 * MINUTE), room.now
        )
    assert future.value.code == "future"


def test_a_bid_refused_as_late_although_it_was_in_time_is_the_hosts_fault() -> None:
    room = Room().at(MINUTE - 1)
    bid = room["Weber"].send(Bid(70), room.now, room.salt())
    bad = room.receipt(bid, "late")
    (told,) = room["Weber"].receive(bad, room.now)
    assert told.code == "late"  # the bidder has it in writing, with the time
    shown = Transcript((*room.host.transcript().log, Entry(FRAME, bid), Entry(FRAME, bad)))
    assert accused(shown) == ("receipt", DESK)
    (complaint,) = review(room["Weber"], shown)
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "receipt")
    assert "refused (late)" in finding.why


def test_a_receipt_that_seals_something_else_is_no_receipt() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(70), room.now, room.salt())
    other = room.forge("receipt", {"seal": seed("of nothing")})
    assert room["Weber"].receive(other, room.now)[0].mine == b""
    assert room["Weber"].pending() == [bid]
    shown = Transcript((*room.host.transcript().log, Entry(FRAME, bid), Entry(FRAME, other)))
    assert accused(shown) == ("evidence", None)


def test_a_view_that_the_rules_do_not_show_is_the_hosts_fault() -> None:
    room = Room(English(end=MINUTE)).at(10)
    room.bid("Weber", Bid(5))
    huber = room["Huber"]
    packed_, _ = room.host.book.quote(huber.key, room.now)
    shown, turns, more = values.unpack(packed_)  # type: ignore[misc, attr-defined]
    view = values.pack(({**shown, "price": 50, "least": 51}, turns, more))
    seq, prev = room.host.book.quote_fields(huber.key)
    bad = room.forge(
        "quote", {"head": room.host.book.head, "view": view}, seq=seq, prev=prev, to=huber.key
    )  # fmt: skip
    huber.receive(bad, room.now)
    assert huber.view is not None
    assert huber.view.least == 51  # it cannot know yet
    room.award()
    (complaint,) = review(huber, room.host.transcript())
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "quote")


def test_two_quotes_for_one_place_are_a_proof() -> None:
    room = Room()
    huber = room["Huber"]
    good = room.host.quote(huber.key, room.now)
    huber.receive(good, room.now)
    assert huber.receive(good, room.now)[0].kind == "known"
    body: Any = envelope.read(good).fields["body"]
    other = room.forge(
        "quote",
        {**body, "view": b"x"},
        seq=0,
        prev=envelope.read(good).fields["prev"],
        to=huber.key,
    )
    with pytest.raises(Fault) as caught:
        huber.receive(other, room.now)
    assert caught.value.code == "equivocation"
    (complaint,) = review(huber, None)
    assert judge(complaint, KNOWN).party == DESK


def test_quotes_out_of_place_are_refused_live_and_offline() -> None:
    room = Room()
    huber, weber = room["Huber"], room["Weber"]
    quote = room.host.quote(huber.key, room.now)
    given: Any = envelope.read(quote).fields
    shown: Any = values.unpack(given["body"]["view"])[0]  # type: ignore[index]
    with pytest.raises(Fault) as caught:
        weber.receive(quote, room.now)
    assert caught.value.code == "audience"
    for changes, code in (
        ({"seq": 1}, "gap"), ({"prev": seed("x")}, "gap"), ({"sid": seed("x")}, "stranger"),
        ({"body": {**given["body"], "view": b"\xc1"}}, "malformed"),
        ({"body": {**given["body"], "view": values.pack(("x", (), True))}}, "malformed"),
        ({"body": {**given["body"], "view": values.pack(({"x": 1}, (), True))}}, "malformed"),
        ({"body": {**given["body"], "view": values.pack((shown, (1,), False))}}, "malformed"),
    ):  # fmt: skip
        bad = quoted(room, given, changes)
        with pytest.raises(Fault) as caught:
            huber.receive(bad, room.now)
        assert caught.value.code == code
    log = room.host.transcript().log
    for changes, code in (
        ({"seq": 1}, "chain"), ({"to": seed("nobody")}, "order"), ({"iat": NOW - 1}, "clock"),
        ({"sid": seed("x")}, "stranger"), ({"body": {**given["body"], "head": seed("x")}}, "chain"),
    ):  # fmt: skip
        bad = quoted(room, given, changes)
        assert accused(Transcript((*log, Entry(FRAME, bad))))[0] == code
    with pytest.raises(LocalError):
        room.host.quote(seed("nobody"), room.now)


def test_a_long_history_takes_several_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(values, "MOST_TURNS", 40)
    room = Room(English(end=MINUTE, identities=True))
    for n in range(45):
        assert room.bid("Weber" if n % 2 else "Huber", Bid(n)) == ""
    room.quote("Maier")
    assert len(room["Maier"].view.turns) == 40  # type: ignore[union-attr]
    view = room.quote("Maier")
    assert len(view.turns) == 45
    room.award()
    assert review(room["Maier"], room.host.transcript()) == []
