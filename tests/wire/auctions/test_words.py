"""The verdict on an auction for people and for machines, and through the command line."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from negotiate.moves import Accept, Bid, Order
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.wire.hosted.verdict import award_to_json, why
from negotiate.wire.hosted.words import money, tell_auction
from negotiate.wire.keys import did_key
from negotiate.wire.privacy import Disclosure
from negotiate.wire.prose import tell
from negotiate.wire.transcript import Transcript
from negotiate.wire.verify import Verdict, verify_bytes
from tests.wire.auctions.kit import BIDDERS, HOST, KNOWN, Room, verdict
from tests.wire.kit import agreed, judge, key, seed


def sold() -> Room:
    room = Room()
    room.host.learn(HOST.principal)
    room.bid("Weber", Bid(7000))
    room.bid("Huber", Bid(9000))
    assert room.deliver(room.raw("Maier", {"kind": "bid", "amount": -1})) == "amount"
    room.tell(room.host.tick(room.now))
    room.award()
    return room


ENGLISH = """\
2026-05-28 20:26:40 UTC  [5] bidder 1 bid bid amount=7000: accepted.
2026-05-28 20:26:40 UTC  [6] bidder 2 bid bid amount=9000: accepted.
2026-05-28 20:26:40 UTC  [7] bidder 3 bid bid amount=-1: refused (amount: not an amount from 0 to 10**18).
2026-05-28 20:26:40 UTC  [8] the host let time pass.
2026-05-28 20:27:40 UTC  [9] the host signed the award over 9 records.
The transcript is valid.
2 bids were accepted and 1 refused.
bidder 2 gets 1 and pays 70.00 EUR: the best bid, at the second best (bid at place 6, price set at place 5).
"""


def test_the_award_is_told_in_english() -> None:
    told = tell(verdict(sold().host.transcript()))
    assert told.endswith(ENGLISH)
    assert "[0] The auctioneer's agent, a machine acting for Shop under mandate" in told
    assert "SealedBid(name='sealed-bid', price='second'" in told
    assert "[4] the auction began with 3 bidders" in told


def test_the_award_is_told_in_german() -> None:
    told = tell(verdict(sold().host.transcript()), "de")
    assert "Bieter 3 bot bid amount=-1: abgelehnt (amount: " in told
    assert told.endswith(
        "2 Gebote wurden angenommen und 1 abgelehnt.\n"
        "Bieter 2 erhält 1 und zahlt 70.00 EUR: das beste Gebot, zum zweitbesten "
        "(Gebot auf Platz 6, der Preis von Platz 5).\n"
    )


def test_what_is_open_or_not_sold_is_told() -> None:
    room = Room(ClockAuction(opening=10, step=10, last=0))
    assert tell(verdict(room.host.transcript())).endswith("There is no award yet.\n")
    assert verdict(room.host.transcript()).outcome.state == "open"
    room.award()
    found = verdict(room.host.transcript())
    assert tell(found).endswith("Nothing was sold.\n")
    assert (found.outcome.state, found.outcome.reason, found.outcome.complete) == (
        "none",
        "no-sale",
        True,
    )


def test_a_note_is_quoted_as_the_bidders_words() -> None:
    room = Room()
    body = {
        "move": {"kind": "bid", "amount": 5},
        "salt": seed("s"),
        "note": "best <b>\x1b[31m offer",
    }
    assert room.deliver(room.raw("Weber", body=body)) == ""
    told = tell(verdict(room.host.transcript()))
    assert "\x1b" not in told
    assert "best <b>" in told


def test_an_invalid_transcript_is_told_with_its_fault() -> None:
    room = Room()
    bid = room.raw("Weber")
    log = [entry.data for entry in room.host.transcript().log]
    told = tell(verdict([*log, bid, room.receipt(bid, "late")]))
    assert "the host says refused (late), the rules say accepted" in told
    assert "At fault: the auctioneer's agent" in told


def test_the_verdict_is_json_of_the_shape_that_others_rely_on() -> None:
    found = verdict(sold().host.transcript())
    given: dict[str, Any] = json.loads(json.dumps(found.to_json()))
    assert given["valid"] is True
    assert given["fault"] is None
    assert given["outcome"]["state"] == "awarded"
    assert [party["role"] for party in given["parties"]] == ["auctioneer", *["bidder"] * 3]
    assert given["disclosed"] == ["auctioneer.principal"]
    (share,) = given["award"]["shares"]
    assert share == {
        "key": did_key(BIDDERS["Huber"].key.public), "units": 1, "pays": 7000, "rule": "second-bid", "bids": [6],
        "set_by": [5], "goods": {}, "figures": {},
    }  # fmt: skip
    assert [bid["code"] for bid in given["award"]["bids"]] == ["", "", "amount"]
    assert given["award"]["protocol"] == "sealed-bid"


def test_a_price_between_two_units_is_told_exactly() -> None:
    room = Room(CallMarket())
    room.bid("Weber", Order("1", "buy", 8, 1))
    room.bid("Huber", Order("1", "sell", 5, 1))
    room.award()
    found = verdict(room.host.transcript())
    book = found.auction
    assert book is not None
    assert award_to_json(book)["shares"][0]["pays"] == "13/2"  # type: ignore[index]
    assert "pays 13/2 EUR" in tell(found)
    assert money(Fraction(1, 2), book) == "1/2 EUR"
    assert money(-1205, book) == "-12.05 EUR"


def test_only_who_said_something_has_signed() -> None:
    room = Room(ClockAuction(form="japanese", opening=0, last=10, step=10))
    room.award()
    found = verdict(room.host.transcript())
    assert found.outcome.signed_by == (did_key(HOST.key.public),)
    assert "bidder 1 gets 1 and pays 0.10 EUR: the price on the clock." in tell(found)
    dutch = Room(ClockAuction(opening=100))
    dutch.bid("Weber", Accept())
    assert why(dutch.host.book) == []


def test_a_disclosure_that_fits_nothing_is_a_fault() -> None:
    room = sold()
    shown = room.host.transcript()
    other = Disclosure("principal", seed("salt"), "somebody")
    found = verdict(Transcript(shown.log, (*shown.disclosures, other)))
    assert found.fault is not None
    assert (found.fault.code, found.fault.party) == ("disclosure", None)
    bidder = Room()
    bidder.host.learn(BIDDERS["Huber"].contact)
    assert verdict(bidder.host.transcript()).disclosed == ("bidder_2.contact",)


def test_a_negotiation_by_turns_has_no_auction() -> None:
    found = judge(agreed().buyer.transcript())
    assert found.auction is None
    assert tell_auction(found) == ""
    assert "award" not in found.to_json()
    assert isinstance(found, Verdict)


@pytest.mark.parametrize("language", ["en", "de"])
def test_nego_verify_reads_an_auction(tmp_path: Any, capsys: Any, language: str) -> None:
    from negotiate.cli.app import app

    path = tmp_path / "auction.transcript"
    sold().host.transcript().save(path)
    assert verify_bytes(path.read_bytes(), KNOWN).valid
    known = [f"--principal={did_key(key(name).public)}={name}" for name in (*BIDDERS, "Shop")]
    for more in ([], ["--json"]):
        with pytest.raises(SystemExit) as ended:
            app(["verify", str(path), *known, "--without-lists", "--language", language, *more])
        assert ended.value.code == 0
        out = capsys.readouterr().out
        assert "70.00 EUR" in out or json.loads(out)["award"]["shares"]
