"""What the holder of a file can do to it convicts no honest signer."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Bid, Offer, PackageBid
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.wire import envelope
from negotiate.wire.events import Answer, Waiting
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import values
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.revocation import Revocations
from negotiate.wire.store import FRAME, Entry, MemoryStore
from negotiate.wire.transcript import Transcript
from negotiate.wire.verify import verify
from tests.wire.auctions.kit import BIDDERS, KNOWN, LOT, Room, accused
from tests.wire.kit import (
    BUYER,
    DAY,
    MINUTE,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    fields,
    judge,
    key,
    not_opened,
    opening,
    outcome,
    playing,
    resign,
    said,
    seed,
    trust,
)

if TYPE_CHECKING:
    from pathlib import Path

HONEST = agreed().buyer.transcript()
OTHER = agreed(nonce="other").buyer.transcript()


@pytest.mark.parametrize("cut", range(len(HONEST.frames)))
def test_a_frame_cut_out_of_a_negotiation_convicts_nobody(cut: int) -> None:
    frames = [frame for place, frame in enumerate(HONEST.frames) if place != cut]
    fault = judge(frames).fault
    assert fault is None or fault.party is None


@pytest.mark.parametrize("first", range(len(HONEST.frames)))
def test_frames_in_another_order_convict_nobody(first: int) -> None:
    frames = list(HONEST.frames)
    for second in range(len(frames)):
        mixed = frames.copy()
        mixed[first], mixed[second] = mixed[second], mixed[first]
        fault = judge(mixed).fault
        assert fault is None or fault.party is None


def test_a_frame_of_another_session_convicts_nobody() -> None:
    for place, frame in enumerate(OTHER.frames):
        for at in range(1, len(HONEST.frames)):
            frames = [*HONEST.frames[:at], frame, *HONEST.frames[at:]]
            fault = judge(frames).fault
            assert fault is not None, place
            assert fault.party is None


def test_an_answer_to_one_of_two_offers_is_not_the_fault_of_who_answered() -> None:
    table = playing()
    answer = table.seller.send(Offer(outcome(300)), NOW + 90)
    before = table.buyer.transcript().frames
    other = fields(before[2])
    other["body"] = {"terms": {"colour": "red", "price": 151, "quantity": 2}}
    fault = judge([*before[:2], resign(BUYER.key, other), answer]).fault
    assert fault is not None
    assert (fault.code, fault.party) == ("chain", None)


def test_a_list_left_out_is_not_the_fault_of_who_accepted() -> None:
    late = current_list("Weber", iat=NOW - DAY)
    known = trust(revocations=(late, current_list("Shop")))
    whole = agreed(known=known).buyer.transcript()
    frames = Transcript(tuple(entry for entry in whole.log if entry.tag == FRAME))
    fault = verify(frames, trust(revocations=())).fault
    assert fault is not None
    assert (fault.code, fault.party) == ("revocation", None)


def test_a_message_that_is_wrong_in_its_place_still_convicts() -> None:
    table = playing()
    fault = judge([*table.buyer.transcript().frames, said(table, to=SELLER.key.public)]).fault
    assert fault is not None
    assert (fault.code, fault.party) == ("audience", SELLER.key.did)
    bad = resign(BUYER.key, opening(issues=[]))
    fault = judge([bad]).fault
    assert fault is not None
    assert fault.code == "type"


def sold() -> Room:
    room = Room()
    for name, amount in zip(BIDDERS, (70, 90, 80), strict=True):
        room.bid(name, Bid(amount))
    room.award()
    return room


@pytest.mark.parametrize("cut", range(12))
def test_an_entry_cut_out_of_an_auction_convicts_nobody(cut: int) -> None:
    log = sold().host.transcript().log
    fault = verify(Transcript((*log[:cut], *log[cut + 1 :])), KNOWN).fault
    assert fault is None or fault.party is None


def test_quotes_of_two_bidders_in_another_order_do_not_convict_the_host() -> None:
    room = Room()
    head = len(room.host.transcript().log)
    first = room.host.quote(room["Weber"].key, NOW + 10)
    second = room.host.quote(room["Huber"].key, NOW + 20)
    log = room.host.transcript().log
    right = [*log[:head], Entry(FRAME, first), Entry(FRAME, second)]
    assert verify(Transcript(tuple(right)), KNOWN).valid
    wrong = [*log[:head], Entry(FRAME, second), Entry(FRAME, first)]
    assert accused(Transcript(tuple(wrong))) == ("evidence", None)
    early = [*log[: head - 1], Entry(FRAME, first), *log[head - 1 :]]
    assert accused(Transcript(tuple(early)))[1] is None


# -- what else a hostile reader found --------------------------------------------------------------------


def test_a_quote_before_the_opening_is_a_fault_and_no_crash() -> None:
    room = Room()
    quote = room.host.quote(room["Weber"].key, NOW)
    fresh = Bidder(BIDDERS["Weber"], KNOWN)
    with pytest.raises(Fault) as caught:
        fresh.receive(quote, NOW)
    assert caught.value.code == "order"


def test_the_hosts_clock_may_not_run_back_behind_what_it_only_looked_at() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(5), NOW, room.salt())
    room.host.due(NOW + MINUTE - 1)
    with pytest.raises(LocalError) as caught:
        room.host.receive(bid, NOW + 10)
    assert caught.value.code == "clock"
    room.at(MINUTE - 1)
    assert room.deliver(bid) == ""
    assert verify(room.host.transcript(), KNOWN).valid


@pytest.mark.parametrize("at", ["now", None, 1.5, True])
def test_a_time_that_is_none_is_the_callers_fault(at: Any) -> None:
    table, room = playing(), Room()
    buyer, host, weber = table.buyer, room.host, room["Weber"]
    offer = Offer(outcome(200))
    for call in (
        lambda: table.seller.send(offer, at), lambda: buyer.receive(b"", at), lambda: buyer.due(at),
        lambda: buyer.withdraw(at), lambda: buyer.revoke(b"x", at), lambda: buyer.join(at, seed("n")),
        lambda: host.receive(room.raw("Weber"), at), lambda: host.tick(at),
        lambda: host.due(at), lambda: host.award(at), lambda: host.cancel(at), lambda: host.begin(at),
        lambda: host.quote(weber.key, at), lambda: weber.send(Bid(5), at, seed("s")),
        lambda: weber.receive(host.since()[0], at), lambda: weber.join(at, seed("n")),
    ):  # fmt: skip
        with pytest.raises(LocalError) as caught:
            call()
        assert caught.value.code == "type"


@pytest.mark.parametrize("valid", ["long", 0, -5, 1.5])
def test_a_validity_that_is_none_is_the_callers_fault(valid: Any) -> None:
    table, room = playing(), Room()
    offer = Offer(outcome(200))
    with pytest.raises(LocalError):
        table.seller.send(offer, NOW + 90, valid=valid)
    with pytest.raises(LocalError):
        room["Weber"].send(Bid(5), NOW, seed("s"), valid=valid)


def test_two_messages_for_one_place_that_both_came_too_early_are_a_proof() -> None:
    table = playing()
    given = next_after(table.seller.send(Offer(outcome(300)), NOW + 90), table)
    one, two = (resign(BUYER.key, {**given, "body": terms(price)}) for price in (160, 170))
    late = playing().seller
    for frame in (one, two):
        assert [type(event) for event in late.receive(frame, NOW + 120)] == [Waiting]
    late.send(Offer(outcome(300)), NOW + 90)
    late.receive(one, NOW + 120)
    assert late.record.proof is not None
    assert {late.record.proof.first.frame, late.record.proof.second.frame} == {one, two}


def next_after(frame: bytes, table: Any) -> dict[str, Any]:
    message = envelope.read(frame)
    return {
        **counter(playing()), "from": BUYER.key.public, "to": SELLER.key.public, "man": BUYER.man,
        "seq": message.seq + 1, "prev": message.id, "iat": NOW + 110, "exp": NOW + MINUTE,
    }  # fmt: skip


def terms(price: int) -> dict[str, Any]:
    return {"terms": {"colour": "red", "price": price, "quantity": 2}}


def test_an_opening_by_turns_has_no_hash_of_rules() -> None:
    not_opened(resign(BUYER.key, opening(rules_hash=seed("h"))), "rules")


def test_many_revocation_lists_are_learnt_in_any_order() -> None:
    lists = [
        current_list("Weber", version=n, iat=NOW - DAY + n, exp=NOW + n + 1)
        for n in (5, 1, 3, 2, 4)
    ]
    known = Revocations()
    assert all(known.learn(frame) for frame in lists)
    assert not known.learn(lists[0])
    with pytest.raises(Fault) as caught:
        known.learn(current_list("Weber", version=6, iat=NOW - 2 * DAY))
    assert caught.value.code == "revocation"
    chain = BUYER.mandates
    known.check(chain, NOW + 5, need_current=True)
    with pytest.raises(Fault):
        known.check(chain, NOW + 6, need_current=True)
    with pytest.raises(Fault):
        known.check((SELLER.mandates[0],), NOW, need_current=True)
    void = current_list("Weber", {chain[0].hash: NOW + 9}, version=7, iat=NOW + 8)
    known.learn(void)
    known.check(chain, NOW + 8, need_current=True)
    with pytest.raises(Fault) as caught:
        known.check(chain, NOW + 9, need_current=True)
    assert (caught.value.code, caught.value.key) == ("revoked", key("bot").public)


class Tired(MemoryStore):
    """A store that fails at one append."""

    def __init__(self, fails: int) -> None:
        super().__init__()
        self.left = fails

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        self.left -= 1
        if self.left == 0:
            raise LocalError("the disk is full", code="store")
        super().append(sid, place, entry)


def test_a_countersignature_that_could_not_be_stored_is_signed_when_the_last_word_comes_again() -> (
    None
):
    store = Tired(6)
    table = playing(stores=(None, store))
    table.offer(table.seller, 300)
    accept = table.buyer.send(Accept(), NOW + 90)
    with pytest.raises(LocalError):  # the acceptance is stored, the closing record is not
        table.seller.receive(accept, NOW + 90)
    events = table.seller.receive(accept, NOW + 95)
    (answer,) = [event for event in events if isinstance(event, Answer)]
    table.buyer.receive(answer.frame, NOW + 95)
    assert table.buyer.status == "agreed"


@pytest.mark.parametrize("rules", [Combinatorial(nodes=10**9), CombinatorialClock(nodes=10**8)])
def test_rules_that_would_keep_an_auditor_busy_for_hours_are_refused(rules: Any) -> None:
    with pytest.raises(LocalError) as caught:
        Room(rules)
    assert caught.value.code == "rules"


def test_a_history_of_large_bids_takes_several_quotes_none_too_large_for_a_frame() -> None:
    rules = Combinatorial(items=tuple(f"item {n}" for n in range(250)), most_bids=400)
    state = rules.start(LOT, ("a", "b"))
    for item in rules.items:
        state.push(0, PackageBid((item,), 10_000))
    seen, known, turns = 0, None, len(state.view(0).turns)
    while seen < turns:
        packed, known = values.view_to_wire(state.view(0), known)
        assert len(packed) <= 60_000
        seen += len(values.unpack(packed)[1])  # type: ignore[index]
    assert seen == turns


def test_a_join_that_fits_into_no_receipt_is_the_bidders_fault() -> None:
    room = Room(begin=False, papers={"Weber": BIDDERS["Weber"], "Huber": BIDDERS["Huber"]})
    body = {
        **BIDDERS["Weber"].seat(seed("j")),
        "ext": {f"x{n}": b"x" * 4_050 for n in range(15)},
    }
    host = room.host
    given = {
        **counter(playing()), "kind": "join", "sid": host.sid, "seq": 0, "prev": host.sid, "body": body,
        "from": BIDDERS["Weber"].key.public, "to": host.key, "man": BIDDERS["Weber"].man,
    }  # fmt: skip
    frame = resign(BIDDERS["Weber"].key, given)
    host.book.joins.clear()  # as before it joined
    with pytest.raises(Fault) as caught:
        host.receive(frame, NOW)
    assert caught.value.code == "size"


def test_a_transcript_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "deal"
    HONEST.save(path)
    with pytest.raises(LocalError) as caught:
        OTHER.save(path)
    assert caught.value.code == "file"
    assert Transcript.load(path) == HONEST


NESTS: dict[str, Any] = {
    "bytes": [b""] * 1_800,
    "bytes, deep": [[[b""] * 60] * 6] * 5,
    "lists": [[[[]]] * 30] * 30,
    "names": [{"x" * 257: 1}] * 100,
    "floors": [[[[[1]]]]] * 300,
    "long": "x" * 4_097,
}


@pytest.mark.parametrize("name", NESTS)
@pytest.mark.parametrize("where", ["move", "rules"])
def test_a_body_of_nested_nonsense_is_refused_cheaply(name: str, where: str) -> None:
    if where == "rules":
        frame = resign(BUYER.key, opening(rules={"a": NESTS[name]}))
    else:
        body = {"move": {"a": NESTS[name]}, "salt": seed("s")}
        frame = resign(BUYER.key, {**counter(playing()), "kind": "bid", "body": body})
    tracemalloc.start()
    with pytest.raises(Fault) as caught:
        envelope.read(frame)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.code == "type"
    assert peak < 2_000_000
    assert len(str(caught.value)) < 600  # one misfit is told once


def test_maps_and_arrays_in_a_move_are_read_four_levels_deep() -> None:
    body = {"move": {"a": {"b": [1, {"c": True}]}, "kind": "bid"}, "salt": seed("s")}
    given = {**counter(playing()), "kind": "bid", "body": body}
    assert envelope.read(resign(SELLER.key, given)).body.model_dump()["move"] == body["move"]


def test_what_is_no_bytes_is_the_callers_fault() -> None:
    for call in (playing().buyer.receive, Room().host.receive, Room()["Weber"].receive):
        with pytest.raises(LocalError) as caught:
            call(5, NOW)  # type: ignore[arg-type]
        assert caught.value.code == "type"


def test_a_transcript_with_a_length_longer_than_needed_is_refused() -> None:
    data = Transcript((Entry(FRAME, b"abc"),)).to_bytes()
    with pytest.raises(Fault) as caught:
        Transcript.from_bytes(data.replace(b"\xc4\x03abc", b"\xc5\x00\x03abc"))
    assert caught.value.code == "evidence"
