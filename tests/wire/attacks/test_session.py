"""Attacks on the session and its chain."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer, Walk
from negotiate.wire import envelope
from negotiate.wire.events import Answer, Known, Waiting
from negotiate.wire.faults import Fault
from negotiate.wire.session import Session
from negotiate.wire.store import Entry, MemoryStore, SqliteStore
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    agreed,
    altered,
    counter,
    fields,
    joined,
    judge,
    key,
    next_fields,
    not_opened,
    outcome,
    papers,
    playing,
    proposal,
    refused,
    resign,
    root,
    said,
    seed,
    state,
    trust,
)  # fmt: skip


def test_ses_01_exact_duplicate(tmp_path: Any) -> None:
    store = SqliteStore(tmp_path / "seller.db")
    table = joined(stores=(None, store))
    table.offer(table.buyer, 150)
    table.offer(table.seller, 300)
    again = table.seller.record.chain[2].frame
    answer = table.seller.record.chain[3]
    before = state(table.seller)
    for _ in range(1_000):
        assert table.seller.receive(again, table.now) == [
            Known(table.seller.record.chain[2].id),
            Answer(answer.frame),
        ]
    restarted = Session.recover(table.seller.record.sid, SELLER, trust(), store=store)
    assert Answer(answer.frame) in restarted.receive(again, table.now)
    assert state(table.seller) == before == state(restarted)
    frames = table.seller.transcript().frames
    twice = judge([*frames, again])
    assert twice.valid
    assert twice.to_json() == judge(frames).to_json()


def test_ses_02_replay_into_another_session() -> None:
    first, second = agreed(), playing(nonce="another")
    for frame in first.buyer.transcript().frames:
        refused(second.seller, frame, "session")
        refused(second.buyer, frame, "session")


def test_ses_04_forwarding_to_another_audience() -> None:
    table = playing()
    other = papers("other desk", "Shop", root("other desk", "seller", "Shop"))
    offer = table.buyer.record.chain[-1].frame
    seats = ((BUYER.key.public, "buyer"), (other.key.public, "seller"))
    elsewhere = joined(seller=other, seats=seats, nonce="elsewhere")
    refused(elsewhere.seller, offer, "session")
    opening = table.buyer.record.chain[0].frame
    stranger = Session(other, trust())
    stranger.receive(opening, NOW)
    with pytest.raises(LocalError):
        stranger.join(NOW, seed("n"))
    given = {**counter(table), "to": other.key.public}
    refused(table.buyer, resign(SELLER.key, given), "audience")
    forwarded = {**fields(offer), "sid": elsewhere.buyer.record.sid}
    refused(elsewhere.seller, resign(BUYER.key, forwarded), "audience", "chain")
    frames = [*elsewhere.seller.transcript().frames, offer]
    assert judge(frames).fault.code == "session"  # type: ignore[union-attr]


def test_ses_05_reorder() -> None:
    table = playing()
    first = table.seller.send(Offer(outcome(300)), NOW + 20)
    table.buyer.receive(first, NOW + 20)
    second = table.buyer.send(Offer(outcome(160)), NOW + 30)
    copy = playing()
    late = copy.seller.send(Offer(outcome(300)), NOW + 20)
    assert late == first
    behind = Session.recover(copy.seller.record.sid, SELLER, trust(), store=copy.seller.store)
    assert behind.record.chain[-1].frame == first
    opening, join, offer = (m.frame for m in table.buyer.record.chain[:3])
    fresh = Session(SELLER, trust())
    fresh.receive(opening, NOW)
    fresh.join(NOW, seed("nonce 2"))
    assert fresh.record.chain[1].frame == join
    assert fresh.receive(second, NOW + 30) == [Waiting(4)]
    assert len(fresh.record.chain) == 2
    for seq in range(5, 40):
        ahead = resign(BUYER.key, {**fields(second), "seq": seq})
        with pytest.raises(Fault) if seq > 19 else _nothing():
            fresh.receive(ahead, NOW + 30)
    fresh.receive(offer, NOW + 30)
    assert [m.frame for m in fresh.record.chain] == [opening, join, offer]
    frames = table.buyer.transcript().frames
    assert judge([*frames[:2], frames[3], frames[2]]).fault.code == "gap"  # type: ignore[union-attr]


def _nothing() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def test_ses_05_what_waited_is_applied_in_order() -> None:
    table = playing()
    withdrawal = table.buyer.withdraw(NOW + 20)
    fresh = Session(SELLER, trust())
    opening, _, offer, _ = (m.frame for m in table.buyer.record.chain)
    fresh.receive(opening, NOW)
    fresh.join(NOW, seed("nonce 2"))
    fresh.receive(withdrawal, NOW + 20)
    fresh.receive(offer, NOW + 20)
    assert [m.kind for m in fresh.record.chain] == ["open", "join", "offer", "withdraw"]
    assert judge(fresh.transcript()).valid


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_ses_07_tail_truncation(lost: int) -> None:
    frames = agreed().buyer.transcript().frames
    verdict = judge(frames[:-lost])
    assert verdict.valid
    assert not verdict.outcome.complete
    assert verdict.outcome.state == ("agreed" if lost <= 2 else "open")
    assert judge(frames).outcome.complete
    store = MemoryStore()  # a log that lost its end, as a session finds it
    for place, frame in enumerate(frames[:-lost]):
        store.append(b"sid", place, Entry("frame", frame))
    told = Session.recover(b"sid", BUYER, trust(), store=store)
    assert told.record.phase != "closed"
    assert told.status == {1: "agreed", 2: "pending"}.get(lost, "open")


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_ses_08_head_truncation(lost: int) -> None:
    frames = agreed().buyer.transcript().frames
    assert not judge(frames[lost:]).valid
    with pytest.raises(Fault):
        Session(SELLER, trust()).receive(frames[lost], NOW)
    assert judge([frames[0], *frames[2:]]).fault.code in {"gap", "order"}  # type: ignore[union-attr]


@pytest.mark.parametrize("place", [1, 2, 3, 4])
def test_ses_09_middle_deletion(place: int) -> None:
    frames = list(agreed().buyer.transcript().frames)
    assert not judge(frames[:place] + frames[place + 1 :]).valid
    signer = {BUYER.key.public: BUYER.key, SELLER.key.public: SELLER.key}
    renumbered = [
        resign(
            signer[fields(frame)["from"]], {**fields(frame), "seq": fields(frame)["seq"] - 1}
        )
        for frame in frames[place + 1 :]
    ]
    assert not judge(frames[:place] + renumbered).valid
    table = joined()
    if place >= 2:
        table.seller.receive(frames[3], NOW + 100)
        assert len(table.seller.record.chain) == 2


def test_ses_11_equivocation() -> None:
    table = playing()
    first, second = said(table), resign(SELLER.key, counter(table, price=400))
    table.buyer.receive(first, NOW + 100)
    with pytest.raises(Fault) as caught:
        table.buyer.receive(second, NOW + 100)
    assert caught.value.code == "equivocation"
    assert caught.value.key == SELLER.key.public
    proof = table.buyer.record.proof
    assert proof is not None
    for message in proof:
        message.verify()
    assert {m.frame for m in proof} == {first, second}
    assert table.buyer.status == "frozen"
    with pytest.raises(LocalError):
        table.buyer.send(Accept(), NOW + 200)
    verdict = judge(table.buyer.transcript())
    assert not verdict.valid
    assert verdict.fault is not None
    assert (verdict.fault.code, verdict.fault.party) == ("equivocation", SELLER.key.did)
    again = Session.recover(table.buyer.record.sid, BUYER, trust(), store=table.buyer.store)
    assert again.status == "frozen"


def test_ses_13_message_id_reuse_with_other_content() -> None:
    table = playing()
    first = table.seller.send(Offer(outcome(300)), NOW + 100, ref="job 1")
    assert table.seller.send(Offer(outcome(300)), NOW + 150, ref="job 1") == first
    with pytest.raises(LocalError) as caught:
        table.seller.send(Offer(outcome(301)), NOW + 150, ref="job 1")
    assert caught.value.code == "conflict"
    again = Session.recover(table.seller.record.sid, SELLER, trust(), store=table.seller.store)
    assert again.send(Offer(outcome(300)), NOW + 160, ref="job 1") == first
    with pytest.raises(LocalError):
        again.send(Walk(), NOW + 160, ref="job 1")
    assert len(judge(again.transcript()).record.chain) == 4


def test_ses_14_session_id_collision() -> None:
    store = MemoryStore()
    table = joined(stores=(None, store))
    opening = table.buyer.record.chain[0].frame
    twin = Session(SELLER, trust(), store=store)
    with pytest.raises(Fault) as caught:
        twin.receive(opening, NOW)
    assert caught.value.code == "session-taken"
    chosen = resign(BUYER.key, {**fields(opening), "sid": seed("my choice")})
    not_opened(chosen, "unknown-field")


@pytest.mark.parametrize("how", ["agreed", "walk", "closing"])
def test_ses_15_message_after_close(how: str) -> None:
    table = joined() if how != "agreed" else agreed()
    if how == "walk":
        table.walk(table.buyer)
    if how == "closing":
        table.offer(table.buyer, 150)
        table.buyer.receive(table.seller.send(Walk(), NOW + 50), NOW + 50)
    pairs = ((table.buyer, table.seller), (table.seller, table.buyer))
    for session, me in pairs[: 1 if how == "closing" else 2]:
        for kind, body in (
            ("walk", {}),
            ("offer", {"terms": {"colour": "red", "price": 300, "quantity": 2}}),
        ):
            frame = resign(me.papers.key, {**next_fields(me, kind, body)})
            refused(session, frame, "closed", "chain", "stale", "gap", "equivocation")
        with pytest.raises(LocalError):
            session.send(Offer(outcome()), NOW + 200)


def test_ses_16_accept_own_offer() -> None:
    table = playing()
    own = next_fields(table.buyer, "accept")
    refused(table.seller, resign(BUYER.key, own), "own-offer")
    with pytest.raises(LocalError):
        table.buyer.send(Accept(), NOW + 100)


@pytest.mark.parametrize("kind", ["offer", "accept", "withdraw", "walk", "close"])
def test_ses_18_non_party_injection(kind: str) -> None:
    table = playing()
    mallory = key("Mallory")
    body = {"terms": {"colour": "red", "price": 300, "quantity": 2}} if kind == "offer" else {}
    if kind == "close":
        body = table.buyer.record.closing_record() if table.buyer.record.outcome else {}
        given = fields(agreed().buyer.transcript().frames[-1])
        given = {**given, "from": mallory.public, "sid": table.buyer.record.sid}
    else:
        given = {**next_fields(table.seller, kind, body), "from": mallory.public}
    given.pop("man", None)
    refused(table.buyer, resign(mallory, given), "stranger")
    refused(
        table.buyer,
        resign(mallory, {**given, "from": SELLER.key.public}),
        "signature",
        "gap",
        "mandate",
        "audience",
    )


def test_ses_19_one_party_drives_the_whole_session() -> None:
    table = joined()
    opening, join = (m.frame for m in table.buyer.record.chain)
    lone = resign(
        BUYER.key, {**fields(join), "from": BUYER.key.public, "to": SELLER.key.public}
    )
    fresh = Session(SELLER, trust())
    fresh.receive(opening, NOW)
    with pytest.raises(Fault) as caught:
        fresh.receive(lone, NOW)
    assert caught.value.code == "order"
    assert judge([opening, lone]).fault.code == "order"  # type: ignore[union-attr]
    forged = resign(BUYER.key, fields(join))
    assert judge([opening, forged]).fault.code == "signature"  # type: ignore[union-attr]
    twice = proposal(seats=((BUYER.key.public, "buyer"), (BUYER.key.public, "seller")))
    with pytest.raises(LocalError):
        Session(BUYER, trust()).open(twice, NOW, seed("x"))


def test_ses_20_second_opening_rewrites_the_issues() -> None:
    for table in (joined(), playing()):
        opening = fields(table.buyer.record.chain[0].frame)
        body = {
            **opening["body"],
            "issues": [
                {**opening["body"]["issues"][0], "currency": "ZWD"},
                *opening["body"]["issues"][1:],
            ],
        }
        changed = {**opening, "from": SELLER.key.public, "to": BUYER.key.public, "body": body}
        refused(table.buyer, resign(SELLER.key, changed), "session")
        refused(table.seller, resign(BUYER.key, {**opening, "body": body}), "session")


def test_ses_21_version_downgrade() -> None:
    table = joined()
    opening, join = (fields(m.frame) for m in table.buyer.record.chain)
    stripped = {**opening, "body": {**opening["body"], "versions": [1, 2]}}
    with pytest.raises(
        Fault
    ):  # somebody on the way changes the list: the signature is not there for it
        Session(SELLER, trust()).receive(
            envelope.wrap(envelope.split(resign(BUYER.key, stripped))[0], bytes(64)), NOW
        )
    frame = resign(BUYER.key, stripped)
    sid = envelope.read(frame).sid
    answer = {
        **join,
        "sid": sid,
        "prev": envelope.read(frame).id,
        "body": {**join["body"], "versions": [1, 2]},
    }
    assert judge([frame, resign(SELLER.key, answer)]).fault.code == "downgrade"  # type: ignore[union-attr]
    between = Session(BUYER, trust())  # a session that has taken the opening, as its sender has
    between.receive(frame, NOW)
    refused(between, resign(SELLER.key, answer), "downgrade")
    unspoken = {**opening, "body": {**opening["body"], "versions": [2]}}
    not_opened(resign(BUYER.key, unspoken), "version")


@pytest.mark.parametrize("version", [99, 0, "1", -1, 2, b"1"])
def test_ses_22_unknown_version(version: Any) -> None:
    table = playing()
    fault = refused(table.buyer, said(table, v=version), "version")
    assert "supported: 1" in str(fault)
    not_opened(altered(table.buyer.record.chain[0].frame, BUYER.key, v=version), "version")


class Crashing(MemoryStore):
    """A store that dies before or after it has written."""

    when = ""

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        if self.when == "before":
            raise OSError("power cut")
        super().append(sid, place, entry)
        if self.when == "after":
            raise OSError("power cut")


@pytest.mark.parametrize("when", ["before", "after"])
def test_ses_24_self_equivocation_after_crash(when: str) -> None:
    store = Crashing()
    table = playing(stores=(None, store))
    store.when = when
    with pytest.raises(OSError, match="power cut"):
        table.seller.send(Offer(outcome(300)), NOW + 100)
    store.when = ""
    again = Session.recover(table.seller.record.sid, SELLER, trust(), store=store)
    if when == "before":
        table.buyer.receive(again.send(Offer(outcome(400)), NOW + 200), NOW + 200)
    else:
        with pytest.raises(LocalError):
            again.send(Offer(outcome(400)), NOW + 200)
        (stored,) = again.unanswered()
        table.buyer.receive(stored, NOW + 200)
    assert table.buyer.record.proof is None
    assert judge(table.buyer.transcript()).valid


def test_ses_24_two_processes_on_one_store_cannot_sign_one_turn_twice() -> None:
    store = MemoryStore()
    table = playing(stores=(None, store))
    twin = Session.recover(table.seller.record.sid, SELLER, trust(), store=store)
    table.seller.send(Offer(outcome(300)), NOW + 100)
    with pytest.raises(LocalError) as caught:
        twin.send(Offer(outcome(400)), NOW + 100)
    assert caught.value.code == "conflict"
    assert twin.record.chain[-1].kind == "offer"
    assert twin.record.chain[-1].sender == BUYER.key.public


def test_ses_26_aliasing() -> None:
    table = playing()
    events = table.offer(table.seller, 300)
    before = state(table.buyer)
    for event in events:
        if getattr(event, "terms", None):
            event.terms["price"] = 999
    table.buyer.record.chain[-1].body.terms["price"] = 999  # type: ignore[attr-defined]
    data = bytearray(table.seller.record.chain[-1].frame)
    assert state(table.buyer) == before
    table.accept(table.buyer)
    data[:] = bytes(len(data))
    verdict = judge(table.buyer.transcript())
    assert verdict.outcome.terms is not None
    assert verdict.outcome.terms["price"] == 300
    assert table.buyer.record.phase == "closed"


def test_ses_28_verification_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    table = playing()
    calls: list[int] = []
    from negotiate.wire.keys import Verifier

    real = Verifier.verify
    monkeypatch.setattr(
        Verifier, "verify", lambda self, s, m: (calls.append(1), real(self, s, m))[1]
    )
    good = said(table)
    flood = [good[:-64] + seed(str(n)) + seed(str(-n))[:31] + b"\x01" for n in range(50)]
    for frame in flood:
        with pytest.raises(Fault):
            table.buyer.receive(frame, NOW + 100)
    assert len(calls) <= 50
    calls.clear()
    cheap = [
        bytes(70_000), good[:-1], said(table, v=2), said(table, sid=seed("x")), said(table, to=seed("x")),
        said(table, seq=3, prev=seed("x")), said(table, from_=key("Mallory").public),
    ]  # fmt: skip
    for frame in cheap:
        refused(
            table.buyer,
            frame,
            "size",
            "malformed",
            "version",
            "session",
            "audience",
            "chain",
            "stranger",
            "signature",
        )
    assert table.buyer.counters["refused"] == 50 + len(cheap)
