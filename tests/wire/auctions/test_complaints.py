"""What a third party can judge offline, and what nobody can prove."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.moves import Bid
from negotiate.wire import codec, envelope, merkle
from negotiate.wire.faults import UNPROVEN, Fault
from negotiate.wire.hosted.complaints import (
    FORMAT,
    KINDS,
    Complaint,
    copy,
    equivocation,
    judge,
    omission,
    unanswered,
)
from negotiate.wire.hosted.review import review
from negotiate.wire.keys import did_key
from negotiate.wire.store import FRAME, LIST, Entry
from negotiate.wire.transcript import Transcript
from tests.wire.auctions.kit import HOST, KNOWN, Room, accused, verdict
from tests.wire.kit import MINUTE, NOW, current_list, key, seed

DESK = did_key(HOST.key.public)


def sold() -> Room:
    room = Room()
    for name, amount in zip(room.bidders, (70, 90, 80), strict=True):
        room.bid(name, Bid(amount))
    room.award()
    return room


SOLD = sold()
RECORDS = SOLD.host.since()
AWARD = RECORDS[-1]
BIDS = [one.message.frame for one in SOLD.host.book.taken]


def test_all_is_well_after_an_honest_auction() -> None:
    for bidder in SOLD.bidders.values():
        assert review(bidder, SOLD.host.transcript()) == []


def test_a_bid_without_a_receipt_proves_nothing_and_says_so() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(70), room.now, room.salt())
    room.award()
    (complaint,) = review(room["Weber"], room.host.transcript())
    assert complaint == unanswered(bid)
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party, finding.code) == (False, None, "unproven")
    assert did_key(room["Weber"].key) in finding.why


def test_an_award_before_a_receipt_is_proved_by_the_two_alone() -> None:
    room = Room()
    room.at(MINUTE)
    bid = room["Weber"].send(Bid(70), NOW, room.salt())
    room.tell(room.host.tick(room.now))
    receipt = room.receipt(bid, seq=9)
    award = room.host.award(room.now)
    finding = judge(omission(receipt, award), KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "award")


def inclusion(place: int, leaf: bytes | None = None) -> tuple[bytes, tuple[bytes, ...]]:
    ids = [envelope.read(frame).id for frame in RECORDS[:-1]]
    return leaf or ids[place], tuple(merkle.proof(ids, place))


def test_an_honest_host_is_not_convicted_of_an_omission() -> None:
    for place in range(5, 8):
        leaf, path = inclusion(place)
        assert not judge(omission(RECORDS[place], AWARD, leaf, path), KNOWN).holds
        assert not judge(omission(RECORDS[place], AWARD, seed("x"), path), KNOWN).holds
    assert not judge(omission(RECORDS[5], AWARD), KNOWN).holds
    assert not judge(omission(AWARD, RECORDS[5]), KNOWN).holds
    other = sold().host
    assert judge(omission(other.since()[5], AWARD, *inclusion(5)), KNOWN).code == "evidence"


NOT_EVIDENCE: dict[str, Complaint] = {
    "the same message twice": equivocation(RECORDS[5], RECORDS[5]),
    "two places": equivocation(RECORDS[5], RECORDS[6]),
    "two keys": equivocation(BIDS[0], BIDS[1]),
    "two openings": equivocation(RECORDS[0], Room(options={"until": NOW + MINUTE * 59}).host.since()[0]),
    "one message": Complaint("equivocation", (RECORDS[5],)),
    "no bytes": Complaint("equivocation", (b"", b"")),
    "a copy of nothing": copy(BIDS[0], BIDS[1], BIDS[2]),
    "a copy of records": copy(RECORDS[5], RECORDS[6], RECORDS[7]),
    "an unknown kind": Complaint("gossip", ()),
    "no transcript": Complaint("book", (b"x",)),
    "two transcripts": Complaint("history", (b"x", b"y")),
    "a whole and good transcript": Complaint("book", (SOLD.host.transcript().to_bytes(),)),
    "a good chain": Complaint("history", (Transcript(tuple(Entry(FRAME, f) for f in RECORDS)).to_bytes(),)),
}  # fmt: skip


@pytest.mark.parametrize("complaint", NOT_EVIDENCE.values(), ids=NOT_EVIDENCE)
def test_what_is_no_evidence_convicts_nobody(complaint: Complaint) -> None:
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party) == (False, None)
    assert finding.why


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nobody_can_frame_an_honest_host_by_cutting_its_records(data: Any) -> None:
    log = list(SOLD.host.transcript().log)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(log) - 1))
        how = data.draw(st.sampled_from(["drop", "swap", "twice", "list", "flip"]))
        if how == "drop":
            del log[place]
        elif how == "swap":
            log[place], log[0] = log[0], log[place]
        elif how == "twice":
            log.insert(data.draw(st.integers(0, len(log))), log[place])
        elif how == "list":
            listed = current_list("Weber", {SOLD["Weber"].papers.man: NOW - 1}, iat=NOW - 1)
            log.insert(place, Entry(LIST, listed))
        else:
            raw = bytearray(log[place].data)
            raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << data.draw(st.integers(0, 7))
            log[place] = Entry(FRAME, bytes(raw))
        if not log:
            return
    for kind in ("book", "history"):
        finding = judge(Complaint(kind, (Transcript(tuple(log)).to_bytes(),)), KNOWN)
        assert not finding.holds, finding


def test_a_bidder_cannot_frame_the_host_with_a_second_bid_of_its_own() -> None:
    room = Room()
    other = room.raw("Weber", {"kind": "bid", "amount": 99})
    room.deliver(room.raw("Weber"))
    log = list(room.host.transcript().log)
    swapped = Transcript((*log[:-2], Entry(FRAME, other), log[-1]))
    spoilt = Transcript((*log[:-2], Entry(FRAME, log[-2].data[:-1] + b"?"), log[-1]))
    for shown in (swapped, spoilt):
        assert accused(shown)[1] is None
        assert not judge(Complaint("book", (shown.to_bytes(),)), KNOWN).holds


def test_a_host_that_takes_one_bid_twice_has_signed_its_fault() -> None:
    room = Room()
    bid = room.raw("Weber")
    room.deliver(bid)
    twice = (*room.host.transcript().log, Entry(FRAME, bid), Entry(FRAME, room.receipt(bid)))
    finding = judge(Complaint("book", (Transcript(twice).to_bytes(),)), KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "chain")


def test_a_commitment_that_another_opened_proves_nothing() -> None:
    from negotiate.moves import Reveal
    from negotiate.protocols.sealed_bid import SealedBid

    room = Room(SealedBid(commit_reveal=True, time_limit=MINUTE))
    made = room["Weber"].commit(5, "s")
    mine, other = (room[n].send(made, NOW, room.salt()) for n in ("Weber", "Huber"))
    for frame in (mine, other):
        room.deliver(frame)
    room.at(MINUTE)
    opened = room["Huber"].send(Reveal(5, "s"), room.now, room.salt())
    assert judge(copy(mine, other, opened), KNOWN).why == "opened by somebody else"


def test_what_does_not_read_in_a_shown_transcript_is_left_to_the_verdict() -> None:
    shown = SOLD.host.transcript()
    log = (Entry(LIST, current_list("Weber")), *shown.log, Entry(FRAME, b"rubbish"))
    assert review(SOLD["Weber"], Transcript(log)) == []
    assert review(SOLD["Weber"], Transcript(shown.log[:-1])) == []


def test_complaints_are_files_in_one_form() -> None:
    complaint = omission(RECORDS[5], AWARD, *inclusion(5))
    assert Complaint.from_bytes(complaint.to_bytes()) == complaint
    good = {"evidence": [b""], "format": FORMAT, "kind": KINDS[0], "path": [], "version": 1}
    bad = [
        b"", b"\xc1", codec.pack_any([]), codec.pack_any({**good, "kind": "gossip"}),
        codec.pack_any({**good, "evidence": ["text"]}), codec.pack_any({**good, "version": 2}),
        codec.pack_any(dict(reversed(good.items()))), complaint.to_bytes() + b"\x00",
    ]  # fmt: skip
    for data in bad:
        with pytest.raises(Fault) as caught:
            Complaint.from_bytes(data)
        assert caught.value.code == "evidence"
    with pytest.raises(Fault) as caught:
        Complaint.from_bytes(bytes(256 * 1024 * 1024 + 1))
    assert caught.value.code == "size"


# -- transcripts that do not hold ----------------------------------------------------------------------


def test_transcripts_with_bids_out_of_place_are_not_valid() -> None:
    log = list(SOLD.host.transcript().log)
    bid = next(i for i, entry in enumerate(log) if envelope.read(entry.data).kind == "bid")
    assert (
        accused(Transcript((*log[:bid], log[bid], log[bid], *log[bid + 1 :])))[0] == "evidence"
    )
    assert accused(Transcript((*log[:bid], *log[bid + 1 :])))[0] == "evidence"
    assert accused(Transcript(tuple(log[: bid + 1])))[0] == "evidence"
    room = Room()
    tick = room.host.tick(NOW)
    bid_ = room.raw("Weber")
    assert (
        accused(
            Transcript(
                (*room.host.transcript().log[:-1], Entry(FRAME, bid_), Entry(FRAME, tick))
            )
        )[0]
        == "evidence"
    )
    assert accused(Transcript((*log, log[-1])))[0] == "stale"
    assert accused(Transcript((*log, Entry(FRAME, b"rubbish"))))[0] == "malformed"


HISTORIES: dict[str, tuple[Any, str]] = {
    "another kind": (lambda room: room.forge("walk", {}), "kind"),
    "another predecessor": (lambda room: room.forge("tick", {}, prev=seed("x")), "chain"),
    "another audience": (lambda room: room.forge("tick", {}, to=key("x").public), "audience"),
    "another session": (lambda room: room.forge("tick", {}, sid=seed("x")), "session"),
    "a second beginning": (lambda room: room.forge("begin", {}), "order"),
    "an open receipt": (lambda room: room.forge("receipt", {"seal": seed("s"), "frame": b"x"}), "order"),
    "an unknown extension": (lambda room: room.forge("tick", {"ext": {"a": 1}, "critical": ["a"]}), "extension"),
}  # fmt: skip


@pytest.mark.parametrize("case", HISTORIES.values(), ids=HISTORIES)
def test_records_that_break_the_chain_are_refused_live_and_offline(case: Any) -> None:
    made, code = case
    room = Room()
    bad = made(room)
    with pytest.raises(Fault) as caught:
        room["Weber"].receive(bad, room.now)
    assert caught.value.code == code
    party = (
        None if code in UNPROVEN and code != "chain" else DESK
    )  # another session's may be pasted in
    assert accused(Transcript((*room.host.transcript().log, Entry(FRAME, bad)))) == (
        code,
        party,
    )


def test_nothing_is_sealed_or_awarded_before_the_beginning() -> None:
    room = Room(begin=False)
    for kind, body, code in (
        ("receipt", {"seal": seed("s")}, "order"), ("tick", {}, "order"),
        ("receipt", {"seal": seed("s"), "frame": room["Weber"].join(NOW, seed("j"))}, "order"),
    ):  # fmt: skip
        log = (*room.host.transcript().log, Entry(FRAME, room.forge(kind, body)))
        assert accused(Transcript(log)) == (code, DESK)
    empty = Room(papers={"Weber": room.papers["Weber"]}, begin=False)
    opening = empty.host.since()[:1]
    join = empty["Weber"].join(NOW, seed("j"))
    book = empty.host.book
    sealed = empty.forge(
        "receipt",
        {"seal": seed("s"), "frame": join},
        seq=1,
        prev=book.sid and book.records[0].id,
    )
    assert accused([*opening, sealed]) == ("receipt", DESK)
    begun = empty.forge("begin", {}, seq=1, prev=book.records[0].id)
    assert accused([*opening, begun])[0] in {"rules", "parties"}


def test_no_other_key_writes_the_history() -> None:
    room = Room()
    bid = room.raw("Weber", kind="walk", body={})
    with pytest.raises(Fault) as caught:
        room["Huber"].receive(bid, room.now)
    assert caught.value.code == "stranger"
    assert verdict([BIDS[0]]).fault is not None
    assert not verdict([b"rubbish"]).valid
