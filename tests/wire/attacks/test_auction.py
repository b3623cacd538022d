"""Attacks on a signed auction: each at session level, and through ``verify``."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Bid, Commit, Reveal
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire import envelope, merkle
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import values
from negotiate.wire.hosted.codes import seal
from negotiate.wire.hosted.complaints import copy, judge
from negotiate.wire.hosted.review import review
from negotiate.wire.keys import did_key
from negotiate.wire.mandate import issue
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from tests.wire.auctions.kit import BIDDERS, HOST, KNOWN, Room, accused, verdict
from tests.wire.kit import MINUTE, grant, key, papers, root, trust

COMMITTED = SealedBid(commit_reveal=True, time_limit=MINUTE, reveal_time=MINUTE)
DESK = did_key(HOST.key.public)


def committed(*names: str, amount: int = 50) -> Room:
    room = Room(COMMITTED)
    for name in names:
        room.bid(name, room[name].commit(amount, f"salt of {name}"))
    return room


def test_auc_a_sealed_auction_runs() -> None:
    room = Room()
    assert [
        room.bid(name, Bid(amount)) for name, amount in zip(BIDDERS, (70, 90, 80), strict=True)
    ] == [""] * 3
    room.award()
    found = verdict(room.host.transcript())
    assert found.valid, found.fault
    assert found.outcome.state == "awarded"
    assert found.outcome.signed_by == (DESK, did_key(room["Huber"].key))
    assert all(review(bidder, room.host.transcript()) == [] for bidder in room.bidders.values())


@pytest.mark.parametrize("reveal", [Reveal(51, "salt of Weber"), Reveal(50, "another salt")])
def test_auc_01_reveal_does_not_match_commit(reveal: Reveal) -> None:
    room = committed("Weber", "Huber").at(MINUTE)
    assert room.bid("Weber", reveal) == "not-committed"
    assert room.bid("Huber", Reveal(50, "salt of Huber")) == ""
    room.award(2 * MINUTE)
    found = verdict(room.host.transcript())
    assert found.valid
    assert found.auction is not None
    assert found.auction.negotiation.result.units == (0, 1, 0)  # type: ignore[union-attr]


def test_auc_01_a_host_that_takes_such_a_reveal_is_at_fault() -> None:
    room = committed("Weber", "Huber").at(MINUTE)
    bad = room.raw("Weber", {"kind": "reveal", "amount": 51, "salt": "salt of Weber"})
    log = [*room.host.transcript().log, Entry(FRAME, bad), Entry(FRAME, room.receipt(bad))]
    assert accused(Transcript(tuple(log))) == ("receipt", DESK)


def test_auc_01_a_copied_commitment_is_refused_and_cannot_be_revealed() -> None:
    room = committed("Weber")
    stolen = room["Weber"].commit(50, "salt of Weber")
    assert room.bid("Huber", stolen) == "copied"
    assert room.bid("Weber", room["Weber"].commit(50, "x")) == "phase"
    room.at(MINUTE)
    assert room.bid("Huber", Reveal(50, "salt of Weber")) == "phase"


def test_auc_01_whose_commitment_was_copied_can_prove_it_even_if_the_copy_came_first() -> None:
    room = Room(COMMITTED)
    stolen = room["Weber"].commit(50, "salt of Weber")
    assert room.bid("Huber", stolen) == ""
    mine = room["Weber"].send(stolen, room.now, room.salt())
    assert room.deliver(mine) == "copied"
    copied = next(t.message.frame for t in room.host.book.taken if not t.code)
    room.at(MINUTE)
    opened = room["Weber"].send(Reveal(50, "salt of Weber"), room.now, room.salt())
    found = judge(copy(mine, copied, opened), KNOWN)
    assert (found.holds, found.party) == (True, did_key(room["Huber"].key))
    assert not judge(copy(copied, mine, opened), KNOWN).holds


def test_auc_03_sealed_bid_not_revealed() -> None:
    room = committed("Weber", "Huber").at(MINUTE)
    room.bid("Weber", Reveal(50, "salt of Weber"))
    room.at(3 * MINUTE)
    assert room.bid("Huber", Reveal(50, "salt of Huber")) == "late"
    room.award(3 * MINUTE)
    found = verdict(room.host.transcript())
    assert found.valid
    assert found.auction is not None
    assert found.auction.negotiation.result.units == (1, 0, 0)  # type: ignore[union-attr]
    award = found.to_json()["award"]
    assert [bid["code"] for bid in award["bids"]] == ["", "", "", "late"]


def test_auc_05_early_reveal() -> None:
    room = committed("Weber")
    room.at(MINUTE - 1)
    before = [bidder.view for bidder in room.bidders.values()]
    assert room.bid("Weber", Reveal(50, "salt of Weber")) == "phase"
    assert [bidder.view for bidder in room.bidders.values()] == before
    frames = b"".join(record.frame for record in room["Huber"].chain.records)
    assert b"salt of Weber" not in frames
    room.at(MINUTE)
    assert room.bid("Weber", Reveal(50, "salt of Weber")) == ""
    room.award(2 * MINUTE)
    award = verdict(room.host.transcript()).to_json()["award"]
    assert [bid["code"] for bid in award["bids"]] == ["", "phase", ""]


def test_auc_05_a_host_that_takes_an_early_reveal_is_at_fault() -> None:
    room = committed("Weber")
    early = room.raw("Weber", {"kind": "reveal", "amount": 50, "salt": "salt of Weber"})
    log = [*room.host.transcript().log, Entry(FRAME, early), Entry(FRAME, room.receipt(early))]
    assert accused(Transcript(tuple(log))) == ("receipt", DESK)


def without(room: Room, place: int) -> list[Any]:
    """What a host shows that forgets one bid: all after it signed again."""
    shown = Room(room.rules)
    for one in room.host.book.taken:
        shown.at(one.at - 1_780_000_000_000)
        if one.place == place:
            continue
        frame = one.message.frame
        if one.message.seq > 1:
            continue
        shown.deliver(frame)
    shown.award()
    return list(shown.host.transcript().log)


def test_auc_07_auctioneer_drops_a_bid() -> None:
    room = Room()
    for name, amount in zip(BIDDERS, (70, 90, 80), strict=True):
        room.bid(name, Bid(amount))
    victim = room["Huber"]
    log = without(room, room.host.book.taken[1].place)
    shown = Transcript(tuple(log))
    assert verdict(shown).valid  # by itself the false history holds together
    found = [(c.kind, judge(c, KNOWN)) for c in review(victim, shown)]
    assert {kind for kind, _ in found} == {"equivocation", "omission"}
    assert all(finding.holds and finding.party == DESK for _, finding in found)
    assert [c.kind for c in review(room["Maier"], room.host.transcript())] == []


def test_auc_07_a_result_without_the_full_root_is_invalid() -> None:
    room = Room()
    room.bid("Weber", Bid(70))
    room.bid("Huber", Bid(90))
    room.at(MINUTE)
    body = dict(room.host.book.award_body(room.now))
    ids = [record.id for record in room.host.book.records]
    bad = room.forge("award", {**body, "root": merkle.root(ids[:-1]), "count": len(ids) - 1})
    with pytest.raises(Fault) as caught:
        room["Weber"].receive(bad, room.now)
    assert (caught.value.code, caught.value.key) == ("award", HOST.key.public)
    log = [*room.host.transcript().log, Entry(FRAME, bad)]
    assert accused(Transcript(tuple(log))) == ("award", DESK)
    (complaint,) = review(room["Weber"], None)
    assert complaint.kind == "history"
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party, finding.code) == (True, DESK, "award")


def test_auc_07_a_host_with_two_histories_has_signed_the_proof() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(70), room.now, room.salt())
    other = room.receipt(bid, iat=room.now + 1)
    room.deliver(bid)
    with pytest.raises(Fault) as caught:
        room["Huber"].receive(other, room.now)
    assert caught.value.code == "equivocation"
    (complaint,) = review(room["Huber"], None)
    finding = judge(complaint, KNOWN)
    assert (finding.holds, finding.party) == (True, DESK)


def test_auc_09_shill_bids() -> None:
    shill = papers(
        "friend", "Shop", issue(key("Shop"), grant("friend", "bidder", principal="Shop"))
    )
    with pytest.raises(LocalError) as refused:
        Room(papers={"friend": shill, **BIDDERS})
    assert refused.value.code == "same-principal"
    hidden = papers("hidden", "Nobody", root("hidden", "bidder", "Nobody"))
    with pytest.raises(LocalError) as refused:
        Room(papers={"hidden": hidden, **BIDDERS})
    assert refused.value.code == "untrusted-root"


def test_auc_09_a_pseudonym_is_shown_as_unverified_where_policy_lets_it_in() -> None:
    lenient = trust(
        principals=dict(KNOWN.principals), revocations=(),
        policy=type(KNOWN.policy)(revocation="allow", unverified="allow"),
    )  # fmt: skip
    hidden = papers("hidden", "Nobody", root("hidden", "bidder", "Nobody"))
    room = Room(papers={"hidden": hidden, **BIDDERS}, known=lenient)
    room.award()
    found = verdict(room.host.transcript(), lenient)
    assert found.valid
    assert [party.verified for party in found.parties] == [True, False, True, True, True]
    assert accused(room.host.transcript()) == ("untrusted-root", DESK)


def test_auc_a_sealed_bid_is_in_nothing_that_a_rival_holds() -> None:
    room = Room()
    bid = room["Weber"].send(Bid(777), room.now, room.salt())
    room.deliver(bid)
    for name in ("Huber", "Maier"):
        room.quote(name)
        held = [record.frame for record in room[name].chain.records]
        held += [quote.frame for quote in room[name].quotes]
        message = envelope.read(bid)
        assert not any(message.id in frame or message.signature in frame for frame in held)
        sealed = envelope.read(held[5]).fields["body"]["seal"]
        guess = {"kind": "bid", "amount": 777}
        guesses = [
            room.raw(name, guess), envelope.read(bid).payload, values.pack((777,))
        ]  # fmt: skip
        assert sealed not in [seal(made, "") for made in guesses]
        assert room[name].view.turns == []  # type: ignore[union-attr]


def test_auc_commitments_fit_one_auction_and_one_key() -> None:
    one, other = Room(COMMITTED), Room(COMMITTED, options={"until": 1_780_003_000_000})
    assert one["Weber"].commit(5, "s") != other["Weber"].commit(5, "s")
    assert one["Weber"].commit(5, "s") != one["Huber"].commit(5, "s")
    assert one["Weber"].commit(5, "s") == Commit(one["Weber"].commit(5, "s").digest)
