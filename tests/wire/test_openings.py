"""Openings, domains, rules and histories that cannot be: each is refused, by the peer and by the auditor."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.domain.issues import Choice, Date, Domain, Integer, Money, Quantity
from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire.faults import Fault
from negotiate.wire.session import Session
from negotiate.wire.terms import WireDomain, rules_to_wire
from tests.wire.kit import (
    BUYER,
    DAY,
    NOW,
    SELLER,
    fields,
    joined,
    judge,
    key,
    resign,
    seed,
    trust,
)

OPENING = fields(joined().buyer.record.chain[0].frame)
BODY = OPENING["body"]
ISSUES = BODY["issues"]


def issue(place: int, **changes: Any) -> dict[str, Any]:
    changed = {
        name: value for name, value in {**ISSUES[place], **changes}.items() if value is not None
    }
    return {"issues": [*ISSUES[:place], changed, *ISSUES[place + 1 :]]}


def limits(**changes: int) -> dict[str, Any]:
    return {"limits": {**BODY["limits"], **changes}}


BAD_BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "a protocol that nobody knows": ({"protocol": "shouting"}, "rules"),
    "a module for a protocol": ({"protocol": "os:system"}, "type"),
    "a parameter too many": ({"rules": {**BODY["rules"], "tempo": 3}}, "rules"),
    "a parameter too few": ({"rules": {"rounds": 3}}, "rules"),
    "no end": ({"rules": {name: value for name, value in BODY["rules"].items() if name != "rounds"}}, "rules"),
    "rounds below zero": ({"rules": {**BODY["rules"], "rounds": -1}}, "rules"),
    "chance": ({"rules": {**BODY["rules"], "breakdown": 5}}, "rules"),
    "an issue of no kind": (issue(0, kind="smell"), "rules"),
    "an issue twice": ({"issues": [ISSUES[0], ISSUES[0]]}, "rules"),
    "one name for two issues": ({"issues": [ISSUES[0], {**ISSUES[1], "name": "price", "title": "other"}]}, "rules"),
    "a price without currency": (issue(0, currency=None), "rules"),
    "low above high": (issue(0, low=600), "rules"),
    "a step of zero": (issue(0, step=0), "rules"),
    "text for a bound": (issue(0, low="100"), "rules"),
    "a choice with a range": (issue(2, low=1), "rules"),
    "a value twice": (issue(2, values=["red", "red"]), "rules"),
    "an amount of nothing": ({"subject": {"amount": [["cost"]]}}, "rules"),
    "an amount without a price": ({"subject": {"amount": [["quantity"]]}}, "rules"),
    "an amount of a colour": ({"subject": {"amount": [["price", "colour"]]}}, "rules"),
    "a longer skew than is taken": (limits(skew=600_000), "lifetime"),
    "a session of two years": (limits(until=NOW + 800 * DAY), "lifetime"),
    "valid beyond its own limits": (limits(ttl=1_000), "lifetime"),
    "one key in two seats": ({"parties": [BODY["parties"][0], {**BODY["parties"][0], "role": "seller"}]}, "rules"),
    "a seat for a stranger in place of the sender": (
        {"parties": [{"key": key("x").public, "role": "buyer"}, BODY["parties"][1]]}, "stranger"),
    "versions that fall": ({"versions": [2, 1]}, "version"),
    "a critical extension": ({"ext": {"x": 1}, "critical": ["x"]}, "extension"),
    "a mandate of noise": ({"mandates": [b"\x93\x01"]}, "malformed"),
    "no mandate, but one pinned": ({"mandates": []}, "statement"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_BODIES)
def test_an_opening_that_cannot_be_is_refused(name: str) -> None:
    changes, code = BAD_BODIES[name]
    frame = resign(BUYER.key, {**OPENING, "body": {**BODY, **changes}})
    with pytest.raises(Fault) as caught:
        Session(SELLER, trust()).receive(frame, NOW)
    assert caught.value.code in {code, "unverified"}, caught.value
    verdict = judge([frame])
    assert verdict.fault is not None
    assert verdict.fault.code == caught.value.code


@pytest.mark.parametrize(
    "head", [{"seq": 1}, {"prev": seed("x")}, {"to": seed("x")}, {"man": seed("x")}]
)
def test_an_opening_stands_at_the_beginning(head: dict[str, Any]) -> None:
    frame = resign(BUYER.key, {**OPENING, **head})
    with pytest.raises(Fault) as caught:
        Session(SELLER, trust()).receive(frame, NOW)
    assert caught.value.code in {"order", "audience", "mandate"}


def test_every_kind_of_issue_travels_and_odd_names_get_names() -> None:
    import datetime

    first = datetime.date(2026, 12, 1)
    domain = Domain(
        (
            Choice("Größe & Farbe", ("S", "M")), Choice("Größe, Farbe", ("S", "M")), Integer("1st", 1, 3),
            Quantity("energy", low=50, high=60, step=5, unit="kWh", scale=1),
            Money("price", 1, 9, currency="CHF", scale=0),
            Date("day", low=first, high=first + datetime.timedelta(days=4), step=2),
        ),
        "odd names",
    )  # fmt: skip
    table = joined(domain=domain, amount=(("price",),))
    table.say(table.buyer, Offer((1, 0, 2, 1, 8, 2)))
    assert table.seller.record.deal.wire.domain == domain
    table.say(table.seller, Accept())
    verdict = judge(table.seller.transcript())
    assert verdict.outcome.terms is not None
    assert verdict.outcome.terms["day"] == "2026-12-05"
    assert verdict.outcome.terms["energy"] == 55
    assert len(set(WireDomain.of(domain).names)) == 6


@pytest.mark.parametrize(
    "day", ["2026-12-6", "20261205", "2026-W49-6", "2026-12-02", "soon", 5]
)
def test_a_day_has_one_form(day: Any) -> None:
    import datetime

    first = datetime.date(2026, 12, 1)
    domain = Domain((Date("day", low=first, high=first + datetime.timedelta(days=4), step=2),))
    with pytest.raises(Fault):
        WireDomain.of(domain).outcome({"day": day})


def test_rules_without_a_signed_form_are_the_callers_fault() -> None:
    class Own(AlternatingOffers):
        """Rules of one's own."""

    with pytest.raises(LocalError):
        rules_to_wire(Own())
    with pytest.raises((LocalError, Fault)):
        rules_to_wire(AlternatingOffers(breakdown=3))
