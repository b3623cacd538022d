"""The host calls an auction off: a signed record, after which nobody gets or pays anything."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Bid
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.codes import CODES
from negotiate.wire.hosted.complaints import judge
from negotiate.wire.hosted.host import Host
from negotiate.wire.hosted.review import review
from negotiate.wire.keys import did_key
from negotiate.wire.ledger import MemoryLedger, Use
from negotiate.wire.prose import tell
from negotiate.wire.store import FRAME, Entry, MemoryStore
from negotiate.wire.transcript import Transcript
from tests.wire.auctions.kit import (
    BIDDERS,
    HOST,
    KNOWN,
    Room,
    accused,
    bidder_papers,
    euros,
    verdict,
)
from tests.wire.kit import MINUTE, NOW

DESK = did_key(HOST.key.public)


def called_off(room: Room, at: int = 500) -> Room:
    room.at(at)
    room.tell(room.host.cancel(room.now, note="the chair broke"))
    return room


def test_a_cancel_ends_it_for_host_bidders_and_auditor() -> None:
    room = Room()
    room.bid("Weber", Bid(70))
    called_off(room)
    found = verdict(room.host.transcript())
    assert found.valid, found.fault
    assert (found.outcome.state, found.outcome.reason) == ("none", "cancelled")
    assert found.outcome.complete
    assert "award" not in found.to_json()
    for bidder in room.bidders.values():
        assert bidder.chain.phase == "done"
        assert review(bidder, room.host.transcript()) == []
        with pytest.raises(LocalError):
            bidder.send(Bid(80), room.now, room.salt())


def test_it_may_be_called_off_while_bidders_join() -> None:
    room = called_off(Room(begin=False))
    found = verdict(room.host.transcript())
    assert found.valid, found.fault
    assert found.outcome.reason == "cancelled"
    with pytest.raises(LocalError):
        room.host.begin(room.now)


def test_nothing_follows_a_cancel() -> None:
    room = Room()
    late = room["Weber"].send(Bid(70), room.now, room.salt())
    called_off(room)
    with pytest.raises(Fault):
        room.host.receive(late, room.now)
    for call in (room.host.award, room.host.tick, room.host.cancel, room.host.begin):
        with pytest.raises(LocalError):
            call(room.now)
    log = room.host.transcript().log
    for kind, body in (("tick", {}), ("cancel", {}), ("begin", {})):
        more = room.forge(kind, body)
        assert accused(Transcript((*log, Entry(FRAME, more)))) == ("closed", DESK)


def test_nothing_is_called_off_before_it_is_opened() -> None:
    with pytest.raises(LocalError) as caught:
        Host(HOST, KNOWN).cancel(NOW)
    assert caught.value.code == "phase"


def test_what_has_closed_cannot_be_called_off() -> None:
    room = Room()
    room.bid("Weber", Bid(70))
    room.at(MINUTE)
    with pytest.raises(LocalError) as caught:
        room.host.cancel(room.now)
    assert caught.value.code == "cancel"
    bad = room.forge("cancel", {})
    shown = Transcript((*room.host.transcript().log, Entry(FRAME, bad)))
    assert accused(shown) == ("cancel", DESK)
    weber = room["Weber"]
    assert weber.receive(bad, room.now)[0].kind == "cancel"  # it cannot know yet
    (complaint,) = review(weber, shown)
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "cancel")


def test_what_was_held_for_bids_is_free_again_also_after_a_crash() -> None:
    own, theirs, store = MemoryLedger(), MemoryLedger(), MemoryStore()
    budget = {**BIDDERS, "Weber": bidder_papers("Weber", budget=euros(100), deals=1)}
    options = {"Weber": {"ledger": own}}
    room = Room(
        papers=budget, bidder_options=options, host_options={"ledger": theirs, "store": store}
    )
    room.bid("Weber", Bid(90))
    called_off(room)
    whole = [Use(m.hash, 100, 100, 1) for m in budget["Weber"].mandates]
    again = Host.recover(room.host.sid, HOST, KNOWN, store=store, ledger=theirs)
    assert again.book.phase == "done"
    for ledger in (own, theirs):
        ledger.hold(b"another deal", whole)


def test_it_is_told_in_plain_words() -> None:
    found = verdict(called_off(Room()).host.transcript())
    assert 'the host called the auction off ("the chair broke").' in tell(found).replace(
        "'", '"'
    )
    assert tell(found).endswith("It was called off; nobody gets or pays anything.\n")
    assert "sagte die Auktion ab" in tell(found, "de")


def test_an_award_that_could_not_fit_a_frame_is_refused_at_the_opening() -> None:
    many = Combinatorial(items=tuple(f"item {n}" for n in range(250)))
    Room(many)
    papers = {f"b{n}": bidder_papers(f"b{n}") for n in range(41)}
    with pytest.raises(LocalError) as caught:
        Room(many, papers=papers)
    assert caught.value.code == "rules"


def test_every_refusal_of_the_built_in_rules_has_a_code_that_a_receipt_can_seal() -> None:
    folder = Path(__file__).parents[3] / "protocols"
    raised: set[str] = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "IllegalMove":
                values = [word.value for word in node.keywords if word.arg == "code"]
                raised |= {
                    constant.value
                    for value in values
                    for constant in ast.walk(value)
                    if isinstance(constant, ast.Constant) and type(constant.value) is str
                }
    assert {"click-box", "cap", "late"} <= raised
    assert raised <= set(CODES)
