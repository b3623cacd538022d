"""A session of three parties, and what else a session can do."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer, Reject
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire.events import Answer, Lapsed
from negotiate.wire.ledger import Ledger, MemoryLedger, SqliteLedger, Use
from negotiate.wire.session import Session
from negotiate.wire.store import Entry, MemoryStore, SqliteStore, Store
from negotiate.wire.trust import Policy, Trust
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    current_list,
    joined,
    judge,
    key,
    outcome,
    papers,
    playing,
    proposal,
    root,
    seed,
    trust,
)  # fmt: skip

CARRIER = papers("van", "Fuhrmann", root("van", "carrier", "Fuhrmann"))
KNOWN = Trust(
    {key(name).public: name for name in ("Weber", "Shop", "Fuhrmann")},
    tuple(current_list(name) for name in ("Weber", "Shop", "Fuhrmann")),
)
SEATS = tuple(
    (own.key.public, role)
    for own, role in ((BUYER, "buyer"), (SELLER, "seller"), (CARRIER, "carrier"))
)


class Three:
    """Three sessions; every frame goes to the other two."""

    def __init__(self, rules: AlternatingOffers) -> None:
        self.sessions = [Session(own, KNOWN) for own in (BUYER, SELLER, CARRIER)]
        self.now = NOW
        opened = self.sessions[0].open(proposal(seats=SEATS, protocol=rules), NOW, seed("n"))
        self.carry(0, opened)
        for seat in (1, 2):
            self.carry(seat, self.sessions[seat].join(NOW, seed(f"n{seat}")))

    def carry(self, sender: int, frame: bytes) -> None:
        for seat, session in enumerate(self.sessions):
            if seat != sender:
                for event in session.receive(frame, self.now):
                    if isinstance(event, Answer):
                        self.carry(seat, event.frame)

    def say(self, seat: int, move: Any) -> None:
        self.now += 5
        self.carry(seat, self.sessions[seat].send(move, self.now))


def test_three_parties_agree_unanimously_and_all_sign_the_end() -> None:
    table = Three(AlternatingOffers(rounds=5))
    table.say(0, Offer(outcome(200)))
    table.say(1, Accept())
    table.say(2, Offer(outcome(210)))
    table.say(0, Accept())
    assert table.sessions[0].status == "open"
    table.say(1, Accept())
    assert {session.status for session in table.sessions} == {"agreed"}
    verdict = judge(table.sessions[2].transcript(), KNOWN)
    assert verdict.valid
    assert verdict.outcome.complete
    assert len(verdict.outcome.signed_by) == 3
    assert [party.principal for party in verdict.parties] == ["Weber", "Shop", "Fuhrmann"]


def test_a_majority_may_agree_and_a_party_may_reject() -> None:
    table = Three(AlternatingOffers(rounds=5, consent="majority"))
    table.say(0, Offer(outcome(200)))
    table.say(1, Reject())
    table.say(2, Accept())
    assert {session.status for session in table.sessions} == {"agreed"}
    assert judge(table.sessions[1].transcript(), KNOWN).outcome.state == "agreed"


def test_a_lapsed_offer_is_told_once_and_frees_what_was_held() -> None:
    table = joined()
    table.offer(table.buyer, 150, valid=1_000)
    assert [type(e) for e in table.buyer.due(NOW + 5_000)] == [Lapsed]
    assert table.buyer.due(NOW + 6_000) == []
    table.now = NOW + 7_000
    table.offer(table.seller, 300)  # the other side may still answer with an offer of its own
    assert judge(table.buyer.transcript()).valid


def test_a_party_may_leave_with_a_revocation() -> None:
    table = playing()
    listed = current_list("Shop", {SELLER.man: NOW}, version=2, iat=NOW)
    with pytest.raises(LocalError):
        table.seller.revoke(current_list("Shop", version=3, iat=NOW), NOW + 50)
    frame = table.seller.revoke(listed, NOW + 100)
    table.buyer.receive(frame, NOW + 100)
    assert table.buyer.status == "revoked"
    assert judge(table.buyer.transcript()).outcome.reason == "revoked"


def test_policy_may_ask_for_names_before_accepting() -> None:
    from tests.wire.kit import named

    table = playing(known=trust(policy=Policy(undisclosed="refuse")))
    with pytest.raises(LocalError) as caught:
        table.seller.send(Accept(), NOW + 50)
    assert caught.value.code == "undisclosed"
    table.seller.learn(named("Weber"))
    table.buyer.receive(table.seller.send(Accept(), NOW + 60), NOW + 60)
    assert table.buyer.status == "agreed"


def test_policy_may_refuse_persons() -> None:
    person = papers("bot", "Weber", root("bot", "buyer", "Weber", machine=False), machine=False)
    with pytest.raises(LocalError, match="must be machines"):
        joined(buyer=person, known=trust(policy=Policy(persons="refuse")))
    assert joined(buyer=person).seller.record.parties[0].statement.machine is False  # type: ignore[union-attr]


def test_a_session_says_no_to_what_makes_no_sense() -> None:
    table = joined()
    with pytest.raises(LocalError):
        table.buyer.open(proposal(), NOW, seed("n"))
    with pytest.raises(LocalError):
        table.buyer.join(NOW, seed("n"))
    with pytest.raises(LocalError):
        table.buyer.withdraw(NOW)
    with pytest.raises(LocalError):
        table.buyer.send("offer", NOW)  # type: ignore[arg-type]
    with pytest.raises(LocalError):
        Session(BUYER, trust()).send(Accept(), NOW)
    with pytest.raises(LocalError):
        Session.recover(bytes(32), BUYER, trust(), store=MemoryStore())
    with pytest.raises(LocalError):
        Session(CARRIER, KNOWN).open(proposal(), NOW, seed("n"))


@pytest.mark.parametrize(
    "make", [lambda path: MemoryStore(), lambda path: SqliteStore(path / "log.db")]
)
def test_a_store_keeps_a_place_for_one_entry(make: Any, tmp_path: Any) -> None:
    store: Store = make(tmp_path)
    store.append(b"s", 0, Entry("frame", b"a"))
    store.append(b"s", 0, Entry("frame", b"a"))
    with pytest.raises(LocalError) as caught:
        store.append(b"s", 0, Entry("frame", b"b"))
    assert caught.value.code == "conflict"
    store.append(b"s", 1, Entry("disclosure", b"secret"))
    assert [entry.data for _, entry in store.load(b"s")] == [b"a", b"secret"]
    store.erase(b"s")
    assert [entry.data for _, entry in store.load(b"s")] == [b"a"]
    assert store.sessions() == [b"s"]
    assert store.load(b"none") == []


@pytest.mark.parametrize(
    "make", [lambda path: MemoryLedger(), lambda path: SqliteLedger(path / "ledger.db")]
)
def test_a_ledger_counts_all_or_nothing(make: Any, tmp_path: Any) -> None:
    from negotiate.wire.faults import Fault

    ledger: Ledger = make(tmp_path)
    ledger.hold(b"one", [Use(b"m", 60, 100, None), Use(b"n", 0, None, 1)])
    with pytest.raises(Fault, match="1 deals"):
        ledger.hold(b"two", [Use(b"m", 40, 100, None), Use(b"n", 0, None, 1)])
    ledger.hold(b"two", [Use(b"m", 40, 100, None)])  # the failed attempt holds nothing
    with pytest.raises(Fault, match="budget"):
        ledger.hold(b"three", [Use(b"m", 1, 100, None)])
    ledger.commit(b"one")
    ledger.release(b"one")
    ledger.release(b"two")
    ledger.hold(b"three", [Use(b"m", 40, 100, None)])
    with pytest.raises(Fault):
        ledger.hold(b"four", [Use(b"m", 1, 100, None)])
    ledger.hold(b"none", [])
