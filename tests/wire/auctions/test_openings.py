"""Openings of auctions that cannot be: refused by the host itself, by every bidder and by the auditor."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from negotiate.errors import LocalError
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import rules
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.host import Host
from negotiate.wire.hosted.rules import rules_hash
from tests.wire.auctions.kit import BIDDERS, HOST, KNOWN, SEALED, Room, accused, proposal
from tests.wire.kit import DAY, MINUTE, NOW, altered, fields, key, papers, root, seed

OPENING = Room(begin=False).host.since()[0]
BODY: dict[str, Any] = fields(OPENING)["body"]


def body(**changes: Any) -> dict[str, Any]:
    return {"body": {k: v for k, v in {**BODY, **changes}.items() if v is not None}}


def hashed(**changes: Any) -> dict[str, Any]:
    """Other rules, with their own hash."""
    rules = {k: v for k, v in {**BODY["rules"], **changes}.items() if v is not None}
    return body(rules=rules, rules_hash=rules_hash(BODY["protocol"], rules))


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no hash of the rules": (body(rules_hash=None), "rules"),
    "the hash of other rules": (body(rules_hash=seed("rules")), "rules"),
    "rules that cannot be": (hashed(time_limit=0), "rules"),
    "a parameter too few": (hashed(price=None), "rules"),
    "a parameter too many": (hashed(tempo=1), "rules"),
    "not the first message": ({"seq": 1}, "order"),
    "a predecessor": ({"prev": seed("x")}, "order"),
    "to somebody else": ({"to": HOST.key.public}, "stranger"),
    "too much skew": (body(limits={**BODY["limits"], "skew": 600_000}), "lifetime"),
    "more than a year": (body(limits={**BODY["limits"], "until": NOW + 400 * DAY}), "lifetime"),
    "one key twice": (body(parties=[BODY["parties"][0], BODY["parties"][0]]), "rules"),
    "no currency for it": (body(subject={"amount": [["chair"]]}), "rules"),
    "a mandate that is not shown": (body(mandates=[]), "unverified"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_an_opening_that_cannot_be_is_refused(case: Any) -> None:
    changes, code = case
    bad = altered(OPENING, HOST.key, **changes)
    bidder = Bidder(BIDDERS["Weber"], KNOWN)
    with pytest.raises(Fault) as caught:
        bidder.receive(bad, NOW)
    assert caught.value.code == code
    assert bidder.chain.phase == "opening"
    assert accused([bad])[0] == code


def test_an_opening_by_another_than_the_first_seat_is_refused() -> None:
    weber = BIDDERS["Weber"]
    bad = altered(OPENING, weber.key, from_=weber.key.public, man=weber.man)
    with pytest.raises(Fault) as caught:
        Bidder(BIDDERS["Huber"], KNOWN).receive(bad, NOW)
    assert caught.value.code == "stranger"


def test_a_history_starts_with_an_opening() -> None:
    room = Room()
    with pytest.raises(Fault) as caught:
        Bidder(BIDDERS["Weber"], KNOWN).receive(room.host.since()[1], NOW)
    assert caught.value.code == "order"


def test_a_host_does_not_sign_what_would_be_refused() -> None:
    other = papers("desk", "Shop", root("desk", "seller", "Shop"))
    for own, made, code in (
        (other, proposal(SEALED, BIDDERS), "mandate-scope"),
        (HOST, proposal(SEALED, BIDDERS, until=NOW + 400 * DAY, ttl=MINUTE), "lifetime"),
    ):
        host = Host(own, KNOWN)
        with pytest.raises(LocalError) as caught:
            host.open(made, NOW, seed("n"))
        assert caught.value.code == code
        assert host.store.sessions() == []


def test_a_second_opening_is_another_session() -> None:
    room = Room()
    other = Room(options={"until": NOW + 59 * MINUTE}).host.since()[0]
    for bad in (other, altered(OPENING, HOST.key, iat=NOW + 1)):
        with pytest.raises(Fault) as caught:
            room["Weber"].receive(bad, NOW)
        assert caught.value.code == "session"
    assert room["Weber"].receive(OPENING, NOW)[0].kind == "known"


def test_parties_outside_each_others_mandates_do_not_meet() -> None:
    picky = papers("desk", "Shop", root("desk", "auctioneer", "Shop", aud=key("Huber").public))
    host = Host(picky, KNOWN)
    opened = host.open(proposal(SEALED, {"Weber": BIDDERS["Weber"]}), NOW, seed("n"))
    weber = Bidder(BIDDERS["Weber"], KNOWN)
    weber.receive(opened, NOW)
    with pytest.raises(LocalError) as caught:
        weber.join(NOW, seed("j"))
    assert caught.value.code == "mandate-scope"


def test_rules_that_these_few_cannot_play_do_not_begin() -> None:
    class Three(SealedBid):
        """An auction for three at least."""

        name: Literal["three"] = "three"  # type: ignore[assignment]

        def start(self, domain: Any, parties: Any, at: int = 0) -> Any:
            if len(parties) < 3:
                raise LocalError("three are needed", code="parties")
            return super().start(domain, parties, at)

    rules.OWN["three"] = Three
    try:
        host = Host(HOST, KNOWN)
        opened = host.open(proposal(Three(), BIDDERS), NOW, seed("n"))
        weber = Bidder(BIDDERS["Weber"], KNOWN)
        weber.receive(opened, NOW)
        host.receive(weber.join(NOW, seed("j")), NOW)
        with pytest.raises(LocalError) as caught:
            host.begin(NOW)
        assert caught.value.code == "rules"
    finally:
        del rules.OWN["three"]
