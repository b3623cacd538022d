"""Attacks on offers, acceptances and the agreement."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire.events import Answer, Crossed
from negotiate.wire.faults import Fault
from negotiate.wire.store import MemoryStore
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    agreed,
    counter,
    fields,
    joined,
    judge,
    key,
    named,
    next_fields,
    outcome,
    playing,
    refused,
    resign,
    seed,
    state,
)  # fmt: skip


def accept_of(table: Any, identifier: bytes, **changes: Any) -> bytes:
    """The seller's acceptance of any offer id."""
    given = {**next_fields(table.seller, "accept"), "re": identifier, **changes}
    return resign(SELLER.key, given)


def test_off_01_accept_a_superseded_offer() -> None:
    table = playing()
    first = table.buyer.record.standing.id  # type: ignore[union-attr]
    table.offer(table.seller, 300)
    table.offer(table.buyer, 200)
    refused(table.buyer, accept_of(table, first), "answer")


def test_off_01_accept_a_withdrawn_offer() -> None:
    table = playing()
    offer = table.buyer.record.standing.id  # type: ignore[union-attr]
    given = next_fields(table.seller, "accept")
    table.seller.receive(table.buyer.withdraw(NOW + 50), NOW + 50)
    after = {**given, "seq": 4, "prev": table.seller.record.chain[-1].id, "re": offer}
    refused(table.buyer, resign(SELLER.key, after), "answer")
    with pytest.raises(LocalError):
        table.seller.send(Accept(), NOW + 100)


@pytest.mark.parametrize("first", ["accept", "withdraw"])
def test_off_02_accept_withdraw_race(first: str) -> None:
    table = playing()
    withdrawal = table.buyer.withdraw(NOW + 50)
    accept = table.seller.send(Accept(), NOW + 51)
    with pytest.raises(Fault) as caught:
        table.seller.receive(withdrawal, NOW + 60)
    assert caught.value.code == "stale"
    events = table.buyer.receive(accept, NOW + 60)
    assert isinstance(events[0], Crossed)
    (answer,) = (event.frame for event in events if isinstance(event, Answer))
    table.carry(answer, table.seller)
    assert table.buyer.status == table.seller.status == "agreed"
    buyers, sellers = judge(table.buyer.transcript()), judge(table.seller.transcript())
    assert buyers.valid
    assert buyers.outcome == sellers.outcome
    assert buyers.outcome.complete
    frames = [*table.seller.transcript().frames[:4]]
    mixed = [*frames[:3], withdrawal, accept] if first == "withdraw" else [*frames, withdrawal]
    assert judge(mixed).outcome.state == "agreed"
    again = type(table.buyer).recover(
        table.buyer.record.sid, BUYER, table.buyer.trust, store=table.buyer.store
    )
    assert again.status == "agreed"
    assert state(again) == state(table.buyer)


@pytest.mark.parametrize("identifier", [seed("made up"), bytes(32)])
def test_off_03_accept_of_an_unknown_offer(identifier: bytes) -> None:
    table = playing()
    refused(table.buyer, accept_of(table, identifier), "answer")
    empty = joined()
    given = {
        **next_fields(
            empty.seller, "offer", {"terms": {"colour": "red", "price": 300, "quantity": 2}}
        )
    }
    nothing = {**given, "kind": "accept", "body": {}, "re": identifier}
    refused(empty.buyer, resign(SELLER.key, nothing), "answer")
    with pytest.raises(LocalError):
        empty.buyer.send(Accept(), NOW + 100)


@pytest.mark.parametrize(
    "body", [{"terms": {"colour": "red", "price": 100, "quantity": 2}}, {"price": 100}]
)
def test_off_05_accept_with_changes(body: dict[str, Any]) -> None:
    table = playing()
    given = next_fields(table.seller, "accept")
    refused(table.buyer, resign(SELLER.key, {**given, "body": body}), "unknown-field")


class Slow(MemoryStore):
    """A store that lets other threads run in the middle of every write."""

    def append(self, sid: bytes, place: int, entry: Any) -> None:
        threading.Event().wait(0.01)
        super().append(sid, place, entry)


def test_off_06_concurrent_double_accept_one_session() -> None:
    table = playing(stores=(None, Slow()))
    given: list[bytes | str] = []

    def accept() -> None:
        try:
            given.append(table.seller.send(Accept(), NOW + 100))
        except LocalError as error:
            given.append(error.code)

    threads = [threading.Thread(target=accept) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(type, given), key=str) == [bytes, str, str, str]
    assert {answer for answer in given if isinstance(answer, str)} == {"closed"}
    frames = table.seller.transcript().frames
    assert sum(fields(frame)["kind"] == "accept" for frame in frames) == 1
    assert judge(frames).outcome.state == "agreed"


def test_off_08_accept_then_withdraw() -> None:
    for table in (agreed(), playing()):
        if not table.seller.record.outcome:
            table.buyer.receive(table.seller.send(Accept(), NOW + 60), NOW + 60)
        chain = table.buyer.record.chain
        offer = next(m for m in reversed(chain) if m.kind == "offer")
        signer, other = (BUYER, SELLER) if offer.sender == BUYER.key.public else (SELLER, BUYER)
        session = table.buyer if signer is SELLER else table.seller
        given = {
            **fields(offer.frame), "kind": "withdraw", "body": {}, "re": offer.id, "iat": NOW + 90,
            "seq": len(session.record.chain), "prev": session.record.chain[-1].id, "to": other.key.public,
        }  # fmt: skip
        refused(session, resign(signer.key, given), "closed")
        with pytest.raises(LocalError):
            table.buyer.withdraw(NOW + 90)


def test_off_09_countersign_another_agreement() -> None:
    table = playing()
    table.buyer.receive(table.seller.send(Accept(), NOW + 60), NOW + 60)
    record = table.seller.record.closing_record()
    for change in (
        {"terms": seed("others")}, {"count": 3}, {"head": seed("x")}, {"root": seed("x")}, {"outcome": "walk"},
        {"principals": list(reversed(record["principals"]))}, {"mandates": [bytes(32)] * 2},  # type: ignore[arg-type]
    ):  # fmt: skip
        given = {**next_fields(table.seller, "close", {**record, **change}), "from": BUYER.key.public,
                 "to": SELLER.key.public, "man": BUYER.man}  # fmt: skip
        refused(table.seller, resign(BUYER.key, given), "close")
    without = {name: value for name, value in record.items() if name != "terms"}
    given = {
        **next_fields(table.seller, "close", without),
        "from": BUYER.key.public,
        "to": SELLER.key.public,
        "man": BUYER.man,
    }
    refused(table.seller, resign(BUYER.key, given), "close")


def test_off_10_one_sided_agreement() -> None:
    table = playing()
    accept = table.seller.send(Accept(), NOW + 60)
    table.buyer.receive(accept, NOW + 60)
    frames = table.buyer.transcript().frames
    one = judge(frames)
    assert (one.outcome.state, one.outcome.complete) == ("agreed", False)
    assert len(set(one.outcome.signed_by)) == 2
    close = fields(frames[-1])
    twice = {**close, "seq": close["seq"] + 1, "prev": table.buyer.record.chain[-1].id}
    verdict = judge([*frames, resign(BUYER.key, twice)])
    assert not verdict.valid
    assert not verdict.outcome.complete
    lone = playing()
    record = {
        "outcome": "agreed", "count": 3, "head": lone.buyer.record.chain[-1].id, "root": seed("r"),
        "terms": seed("t"), "mandates": [BUYER.man, SELLER.man],
        "principals": [seed("a"), seed("b")],
    }  # fmt: skip
    refused(lone.buyer, resign(SELLER.key, next_fields(lone.seller, "close", record)), "order")
    assert judge(lone.buyer.transcript()).outcome.state == "open"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"discount": 1}, "discount"), ({"price": None}, "price"), ({"price": 501}, "price"), ({"price": 99}, "price"),
    ({"quantity": 10}, "quantity"), ({"colour": "black"}, "colour"), ({"colour": "Red"}, "colour"),
    ({"price": None, "cost": 300}, "price"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "name"), WRONG)
def test_off_11_undeclared_missing_or_out_of_domain_issue(
    changes: dict[str, Any], name: str
) -> None:
    table = playing()
    given = counter(table)
    terms = {
        issue: value
        for issue, value in {**given["body"]["terms"], **changes}.items()
        if value is not None
    }
    fault = refused(
        table.buyer, resign(SELLER.key, {**given, "body": {"terms": terms}}), "terms"
    )
    assert name in str(fault)


def test_off_11_step() -> None:
    from negotiate.domain.issues import Domain, Integer

    table = joined(domain=Domain((Integer("price", 0, 100, 10),)), amount=())
    terms = {"terms": {"price": 15}}
    refused(table.seller, resign(BUYER.key, next_fields(table.buyer, "offer", terms)), "terms")


def test_off_13_round_and_spam_limits() -> None:
    table = joined(protocol=AlternatingOffers(rounds=2))
    for session in (table.buyer, table.seller, table.buyer, table.seller):
        table.offer(session, 150)
    assert table.buyer.status == table.seller.status == "deadline"
    with pytest.raises(LocalError):
        table.buyer.send(Offer(outcome()), NOW + 900)
    limited = joined(messages=6, protocol=AlternatingOffers(rounds=1_000))
    limited.offer(limited.buyer, 150)
    limited.seller.receive(limited.buyer.withdraw(NOW + 50), NOW + 50)
    limited.now = NOW + 60
    limited.offer(limited.seller, 150)
    limited.offer(limited.buyer, 150)
    assert limited.buyer.status == limited.seller.status == "limit"
    verdict = judge(limited.buyer.transcript())
    assert (verdict.valid, verdict.outcome.reason) == (True, "limit")
    refused(limited.buyer, resign(SELLER.key, {**counter(limited)}), "closed", "gap", "stale")


def test_off_15_repudiation() -> None:
    table = agreed()
    table.buyer.learn(named("Shop"))
    verdict = judge(table.buyer.transcript())
    shop = verdict.parties[1]
    assert shop.key == SELLER.key.did
    assert shop.principal == "Shop"
    assert shop.mandate == SELLER.man.hex()
    assert shop.verified
    assert SELLER.key.did in verdict.outcome.signed_by
    other = key("a key that the seller says is its own")
    claimed = {**counter(playing()), "from": other.public}
    refused(playing().buyer, resign(other, claimed), "stranger")
    assert table.buyer.record.parties[1].principal == key("Shop").public
