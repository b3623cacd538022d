"""Attacks on a hosted session."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.wire import envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import History, Host, commitment, omitted
from negotiate.wire.mandate import issue
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.trust import Policy
from tests.wire.kit import (
    DOMAIN,
    MINUTE,
    NOW,
    RULES,
    grant,
    key,
    papers,
    root,
    seed,
    trust,
)  # fmt: skip

CLOSE, REVEAL = NOW + 10 * MINUTE, NOW + 20 * MINUTE
PRINCIPALS = ("Weber", "Huber", "Maier", "Shop")
KNOWN = trust(
    principals={key(name).public: "" for name in PRINCIPALS},
    revocations=(),
    policy=Policy(revocation="allow"),
)
HOST = papers("desk", "Shop", root("desk", "auctioneer", "Shop"))
BIDDERS = {
    name: papers(f"bot of {name}", name, root(f"bot of {name}", "bidder", name))
    for name in PRINCIPALS[:3]
}
TERMS = {"colour": "red", "price": 300, "quantity": 2}


class Room:
    """A host and its bidders; bidders keep their own copy of the history."""

    def __init__(self, bidders: dict[str, Papers] = BIDDERS, *, sealed: bool = True) -> None:
        self.host = Host(HOST, KNOWN)
        self.copy = History(KNOWN)
        seats = (
            (HOST.key.public, "auctioneer"),
            *((own.key.public, "bidder") for own in bidders.values()),
        )
        body = Proposal(
            DOMAIN, RULES, seats, NOW + 60 * MINUTE, amount=(("price", "quantity"),)
        ).body()
        body |= {
            "protocol": "hosted",
            "rules": {"sealed": sealed, "close": CLOSE, "reveal": REVEAL if sealed else CLOSE},
        }
        fields = {
            "v": 1, "kind": "open", "seq": 0, "prev": envelope.GENESIS, "from": HOST.key.public, "to": seats[1][0],
            "iat": NOW, "exp": NOW + MINUTE, "man": HOST.man, "body": {**body, **HOST.seat(seed("nonce"))},
        }  # fmt: skip
        self.copy.admit(self.host.open(fields))
        self.bidders = bidders
        for name in bidders:
            self.say(name, "join", bidders[name].seat(seed(name)), NOW + 1)

    def frame(self, name: str, kind: str, body: Any, at: int, **head: Any) -> bytes:
        own = self.bidders[name]
        return envelope.seal(
            own.key, {**self.host.history.next_fields(own, kind, body, at), **head}
        ).frame

    def say(self, name: str, kind: str, body: Any, at: int, **head: Any) -> bytes:
        receipt = self.host.receive(self.frame(name, kind, body, at, **head), at)
        self.copy.admit(receipt)
        return receipt

    def commit(self, name: str, terms: Any = None, at: int = NOW + MINUTE) -> bytes:
        key_ = self.bidders[name].key.public
        digest = commitment(self.host.history.sid, key_, seed(f"salt {name}"), terms or TERMS)
        return self.say(name, "commit", {"digest": digest}, at)

    def reveal(self, name: str, at: int = CLOSE + 1, **changes: Any) -> bytes:
        body = {"salt": seed(f"salt {name}"), "terms": TERMS, **changes}
        committed = self.host.history.commitments[self.bidders[name].key.public]
        return self.say(name, "reveal", body, at, re=committed.id)


def refused(room: Room, code: str, call: Any, **options: Any) -> None:
    """The host refuses, and a history in which a bad host took the message all the same is not valid."""
    taken, bids = list(room.host.history.taken), dict(room.host.history.bids)
    with pytest.raises(Fault) as caught:
        call(**options)
    assert caught.value.code == code
    assert (room.host.history.taken, room.host.history.bids) == (taken, bids)
    frame, known = room.host.refused[-1]
    assert known == code
    at = envelope.read(frame).fields["iat"]
    body = {"frame": frame, "phase": room.copy.phase(at)}
    fields = room.copy.next_fields(HOST, "receipt", body, at)
    bad = envelope.seal(HOST.key, {**fields, "re": envelope.read(frame).id}).frame
    with pytest.raises(Fault) as again:
        room.copy.admit(bad)
    assert again.value.code == code


def test_auc_a_sealed_auction_runs() -> None:
    room = Room()
    for name in BIDDERS:
        room.commit(name)
    for name in BIDDERS:
        room.reveal(name)
    award = room.host.result([BIDDERS["Weber"].key.public], REVEAL)
    room.copy.admit(award)
    assert room.copy.award is not None
    assert room.copy.head == room.host.history.head
    assert room.copy.award.silent == []


@pytest.mark.parametrize(
    "changes", [{"salt": seed("other")}, {"terms": {**TERMS, "price": 301}}]
)
def test_auc_01_reveal_does_not_match_commit(changes: dict[str, Any]) -> None:
    room = Room()
    room.commit("Weber")
    refused(room, "commitment", lambda: room.reveal("Weber", **changes))
    assert room.host.history.silent == [BIDDERS["Weber"].key.public]


def test_auc_01_a_copied_commitment_cannot_be_revealed() -> None:
    room = Room()
    room.commit("Weber")
    digest = commitment(
        room.host.history.sid, BIDDERS["Weber"].key.public, seed("salt Weber"), TERMS
    )
    room.say("Huber", "commit", {"digest": digest}, NOW + MINUTE)
    refused(room, "commitment", lambda: room.reveal("Huber", salt=seed("salt Weber")))


def test_auc_03_sealed_bid_not_revealed() -> None:
    room = Room()
    for name in ("Weber", "Huber"):
        room.commit(name)
    room.reveal("Weber")
    late = CLOSE + 10 * MINUTE
    refused(room, "expired", lambda: room.reveal("Huber", at=late))
    silent = BIDDERS["Huber"].key.public
    award = room.host.result([BIDDERS["Weber"].key.public], REVEAL)
    room.copy.admit(award)
    assert room.copy.award is not None
    assert room.copy.award.silent == [silent]


def test_auc_05_early_reveal() -> None:
    room = Room()
    room.commit("Weber")
    refused(room, "early", lambda: room.reveal("Weber", at=CLOSE - 1))
    assert all(message.kind != "reveal" for message in room.copy.taken)
    room.reveal("Weber")


def test_auc_07_auctioneer_drops_a_bid() -> None:
    room = Room()
    receipts = {name: room.commit(name) for name in BIDDERS}
    for name in BIDDERS:
        room.reveal(name)
    history = room.host.history
    dropped = history.taken[4]
    left = [message for message in history.taken if message is not dropped]
    body = {
        "count": len(left),
        "root": merkle.root([m.id for m in left]),
        "winners": [],
        "silent": [],
    }
    award = envelope.seal(HOST.key, history.next_fields(HOST, "award", body, REVEAL)).frame
    with pytest.raises(Fault) as caught:
        room.copy.admit(award)
    assert caught.value.code == "award"
    assert caught.value.key == HOST.key.public
    receipt = next(r for r in receipts.values() if envelope.read(r).re == dropped.id)
    for index in range(len(left)):
        assert omitted(receipt, award, merkle.proof([m.id for m in left], index))
    honest = room.host.result([], REVEAL)
    ids = [message.id for message in history.taken]
    assert not omitted(receipt, honest, merkle.proof(ids, ids.index(dropped.id)))


def test_auc_07_a_host_with_two_histories_has_signed_the_proof() -> None:
    room = Room()
    at = NOW + MINUTE
    first = room.frame("Weber", "commit", {"digest": seed("a")}, at)
    fields = room.host.history.next_fields(
        HOST, "receipt", {"frame": first, "phase": "bidding"}, at
    )
    second = envelope.seal(
        HOST.key, {**fields, "iat": at + 1, "re": envelope.read(first).id}
    ).frame
    room.copy.admit(room.host.receive(first, at))
    with pytest.raises(Fault) as caught:
        room.copy.admit(second)
    assert caught.value.code == "equivocation"
    assert room.copy.proof is not None
    assert {message.sender for message in room.copy.proof} == {HOST.key.public}


def test_auc_09_shill_bids() -> None:
    shill = papers(
        "friend", "Shop", issue(key("Shop"), grant("friend", "bidder", principal="Shop"))
    )
    with pytest.raises(Fault) as caught:
        Room({"friend": shill, **BIDDERS})
    assert caught.value.code == "same-principal"
    hidden = papers("hidden", "Nobody", root("hidden", "bidder", "Nobody"))
    with pytest.raises(Fault) as caught:
        Room({"hidden": hidden, **BIDDERS})
    assert caught.value.code == "untrusted-root"
