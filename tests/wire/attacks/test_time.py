"""Attacks with time."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer
from negotiate.wire.events import Answer, Ended, Expired, Late, Unconfirmed
from negotiate.wire.faults import Fault
from tests.wire.kit import (
    BUYER,
    DAY,
    MINUTE,
    NOW,
    SELLER,
    Table,
    agreed,
    joined,
    judge,
    next_fields,
    outcome,
    playing,
    refused,
    resign,
    said,
    state,
)  # fmt: skip

SKEW = 2_000


def short_offer() -> tuple[Table, int]:
    """The buyer's offer stands for one second."""
    table = joined()
    table.offer(table.buyer, 150, valid=1_000)
    standing = table.buyer.record.standing
    assert standing is not None
    return table, standing.fields["exp"]


def test_tim_01_accept_an_expired_offer() -> None:
    table, ends = short_offer()
    with pytest.raises(LocalError) as caught:
        table.seller.send(Accept(), ends)
    assert caught.value.code == "expired"
    given = {
        **next_fields(table.seller, "accept", at=ends - 1),
        "iat": ends,
        "exp": ends + 1_000,
    }
    for at in (ends, ends + 1, ends + SKEW - 1):
        refused(table.buyer, resign(SELLER.key, given), "expired", at=at)
    ancient = {**given, "iat": 1_000_000_000_000, "exp": 1_000_000_001_000}
    refused(table.buyer, resign(SELLER.key, ancient), "clock", at=ends)


def test_tim_03_accept_in_time_delivered_late() -> None:
    table, ends = short_offer()
    accept = table.seller.send(Accept(), ends - 1)
    events = table.buyer.receive(accept, ends + SKEW)
    late = [event for event in events if isinstance(event, Late)]
    assert late[0].code == "expired"
    assert table.buyer.status == "late"
    assert accept in table.buyer.transcript().frames
    (answer,) = (event.frame for event in events if isinstance(event, Answer))
    assert table.seller.status == "pending"
    table.now = ends + SKEW + 5
    answers = table.seller.receive(answer, table.now)
    assert any(isinstance(event, Ended) and event.outcome == "late" for event in answers)
    for event in answers:
        if isinstance(event, Answer):
            table.carry(event.frame, table.buyer)
    assert table.seller.status == "late" == table.buyer.status
    verdict = judge(table.seller.transcript())
    assert verdict.valid
    assert (verdict.outcome.state, verdict.outcome.reason) == ("none", "late")


def test_tim_03_late_cannot_be_claimed_early() -> None:
    table, ends = short_offer()
    accept = table.seller.send(Accept(), ends - 1)
    events = table.buyer.receive(accept, ends + SKEW - 1)
    assert not any(isinstance(event, Late) for event in events)
    assert table.buyer.status == "agreed"
    copy, _ = short_offer()
    copy.seller.send(Accept(), ends - 1)
    for received, iat in ((ends, ends + SKEW), (ends + SKEW, ends + SKEW - 1)):
        given = copy.buyer._fields("lapse", iat, iat + DAY, {"received": received}) | {
            "sid": copy.seller.record.sid, "seq": 4, "prev": copy.seller.record.chain[-1].id, "to": SELLER.key.public,
            "v": 1, "re": copy.seller.record.chain[-1].id,
        }  # fmt: skip
        refused(copy.seller, resign(BUYER.key, given), "lapse", at=ends + SKEW)


def test_tim_05_future_dated_message() -> None:
    """The receiver's clock refuses it. The auditor has no clock: to him it is a message of that time."""
    table = playing()
    for iat in (NOW + 100 + SKEW + 1, NOW + DAY, NOW + 9 * MINUTE):
        frame = said(table, iat=iat, exp=iat + 1_000)
        before = state(table.buyer)
        with pytest.raises(Fault) as caught:
            table.buyer.receive(frame, NOW + 100)
        assert caught.value.code == "future"
        assert state(table.buyer) == before
    refused(table.buyer, said(table, iat=NOW + DAY, exp=NOW + DAY + 1), "future", "lifetime")
    table.buyer.receive(said(table, iat=NOW + 100 + SKEW), NOW + 100)
    assert judge(table.buyer.transcript()).valid


NONSENSE: list[dict[str, Any]] = [
    {"exp": NOW - 1}, {"iat": NOW + 100, "exp": NOW + 100}, {"exp": 253_402_300_799_000}, {"exp": 2**63 - 1},
    {"iat": -1}, {"iat": 0}, {"iat": "now"}, {"exp": "2030-01-01"}, {"exp": "soon"}, {"exp": b""},
    {"exp": NOW + 61 * MINUTE}, {"iat": 1},
]  # fmt: skip


@pytest.mark.parametrize("times", NONSENSE)
def test_tim_06_nonsense_times(times: dict[str, Any]) -> None:
    table = playing()
    refused(table.buyer, said(table, **times), "lifetime", "type", "clock", "expired")


@pytest.mark.parametrize("step", ["open", "join", "offer"])
def test_tim_08_denial_by_silence(step: str) -> None:
    table = joined()
    if step == "offer":
        table.offer(table.buyer, 150)
    late = NOW + 60 * MINUTE + SKEW
    assert Expired() not in table.buyer.due(late - 1)
    assert table.buyer.due(late)[-1] == Expired()
    assert table.buyer.due(late + 1) == []
    assert table.buyer.status == "expired"
    with pytest.raises(LocalError):
        table.buyer.send(Offer(outcome()), late)
    again = type(table.buyer).recover(
        table.buyer.record.sid, BUYER, table.buyer.trust, store=table.buyer.store
    )
    assert again.status == "expired"
    verdict = judge(again.transcript())
    assert (verdict.valid, verdict.outcome.state) == (True, "open")


def test_tim_08_silence_after_an_acceptance_is_told_and_decides_nothing() -> None:
    table = playing()
    table.seller.send(Accept(), NOW + 100)
    assert table.seller.status == "pending"
    (event,) = table.seller.due(NOW + 61 * MINUTE)
    assert isinstance(event, Unconfirmed)
    assert table.seller.due(NOW + 62 * MINUTE) == []
    verdict = judge(table.seller.transcript())
    assert (verdict.outcome.state, verdict.outcome.complete) == ("agreed", False)


def test_tim_10_implicit_system_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    table = agreed()
    frames = table.buyer.transcript().frames
    first = judge(frames).to_json()
    import time

    for year in (1971, 2199):
        seconds = (year - 1970) * 31_557_600
        monkeypatch.setattr(time, "time", lambda fixed=seconds: float(fixed))
        monkeypatch.setattr(time, "time_ns", lambda fixed=seconds: fixed * 10**9)
        assert judge(frames).to_json() == first
        assert agreed().buyer.transcript().frames == frames
