"""Attacks on mandates."""

from __future__ import annotations

import math
from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer
from negotiate.wire import envelope
from negotiate.wire.faults import Fault
from negotiate.wire.keys import MANDATE
from negotiate.wire.ledger import MemoryLedger, SqliteLedger
from negotiate.wire.mandate import (
    Constraints,
    Grant,
    Mandate,
    issue,
    narrow,
    read_chain,
    read_mandate,
)
from negotiate.wire.papers import Papers
from negotiate.wire.session import Session
from negotiate.wire.trust import Policy, Trust
from tests.wire.kit import (
    BUYER,
    DAY,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    fields,
    grant,
    joined,
    judge,
    key,
    msgpack,
    named,
    next_fields,
    not_opened,
    opening,
    ordered,
    outcome,
    papers,
    playing,
    proposal,
    reached,
    refused,
    resign,
    root,
    seed,
    trust,
)  # fmt: skip


def limited(**limits: Any) -> Constraints:
    return Constraints.model_validate(limits)


def euro(amount: int, currency: str = "EUR", scale: int = 2) -> dict[str, Any]:
    return {"amount": amount, "currency": currency, "scale": scale}


def seller(**changes: Any) -> Papers:
    return papers("desk", "Shop", root("desk", "seller", "Shop", **changes))


def buyer(*, role: str = "buyer", **changes: Any) -> Papers:
    return papers("bot", "Weber", root("bot", role, "Weber", **changes))


def not_joined(given: Papers, code: str, **options: Any) -> None:
    """The other side refuses the opening of these papers, and so does the auditor; so does its own session."""
    with pytest.raises(LocalError) as caught:
        joined(buyer=given, **options)
    assert caught.value.code == code
    honest = fields(joined(buyer=BUYER).buyer.record.chain[0].frame)
    changed = proposal(**options).body()
    del changed["parties"]
    body = {**honest["body"], **changed, **given.seat(seed("n"))}
    frame = resign(
        given.key,
        {**{n: v for n, v in honest.items() if n != "man"}, "body": body}
        | ({"man": given.man} if given.man else {}),
    )
    with pytest.raises(Fault) as refusal:
        Session(SELLER, trust()).receive(frame, NOW)
    assert refusal.value.code == code
    assert judge([frame]).fault.code == code  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "valid"), [({"exp": NOW}, False), ({"nbf": NOW + 1}, False), ({}, True)]
)
def test_man_01_expired_or_not_yet_valid_mandate(changes: dict[str, Any], valid: bool) -> None:
    if valid:
        joined(buyer=buyer(**changes))
    else:
        not_joined(buyer(**changes), "mandate-time")


def test_man_01_expiry_blocks_offer_and_accept() -> None:
    table = joined(seller=seller(exp=NOW + 50))
    table.offer(table.buyer, 150)
    for kind in ("offer", "accept"):
        body = counter(table)["body"] if kind == "offer" else {}
        refused(
            table.buyer,
            resign(SELLER.key, {**next_fields(table.seller, kind, body)}),
            "mandate-time",
        )
    for move in (Offer(outcome()), Accept()):
        with pytest.raises(LocalError) as caught:
            table.seller.send(move, NOW + 100)
        assert caught.value.code == "mandate-time"
    other = joined(seller=seller(exp=NOW + 50))
    other.offer(other.buyer, 150)
    other.offer(other.seller, 300)
    accept = resign(
        BUYER.key, next_fields(other.buyer, "accept")
    )  # the offerer's mandate has ended meanwhile
    refused(other.seller, accept, "mandate-time")


PARENT = {
    "budget": euro(1_000), "deal": euro(500), "currencies": ["EUR"], "categories": ["office"], "deals": 3,
    "counterparties": [SELLER.key.public], "jurisdictions": ["at"],
    "issues": {"price": {"low": 100, "high": 200}, "colour": {"set": ["red", "green"]}},
}  # fmt: skip
WIDER: dict[str, dict[str, Any]] = {
    "budget": {"constraints": {"budget": euro(1_001)}},
    "budget currency": {"constraints": {"budget": euro(900, "USD")}},
    "budget scale": {"constraints": {"budget": euro(900, scale=0)}},
    "deal": {"constraints": {"deal": euro(501)}},
    "currencies": {"constraints": {"currencies": ["EUR", "USD"]}},
    "categories": {"constraints": {"categories": ["office", "travel"]}},
    "counterparties": {"constraints": {"counterparties": [SELLER.key.public, key("x").public]}},
    "jurisdictions": {"constraints": {"jurisdictions": ["de"]}},
    "deals": {"constraints": {"deals": 4}},
    "price high": {"constraints": {"issues": {"price": {"low": 100, "high": 201}}}},
    "price low": {"constraints": {"issues": {"price": {"low": 99, "high": 200}}}},
    "price open": {"constraints": {"issues": {"price": {"low": 100}}}},
    "price set": {"constraints": {"issues": {"price": {"set": [150, 250]}}}},
    "colour": {"constraints": {"issues": {"colour": {"set": ["red", "blue"]}}}},
    "colour range": {"constraints": {"issues": {"colour": {"low": "a", "high": "z"}}}},
    "exp": {"exp": NOW + 31 * DAY},
    "nbf": {"nbf": NOW - 2 * DAY},
    "role": {"role": "seller"},
    "depth": {"depth": 2},
    "deeper": {"depth": 8},
    "aud": {"aud": key("x").public},
}


def parent_mandate(**changes: Any) -> Mandate:
    given = {"constraints": limited(**PARENT), "aud": SELLER.key.public, **changes}
    return issue(key("Weber"), grant("agency", "buyer", principal="Weber", **given))


def child_grant(parent: Mandate, **changes: Any) -> Grant:
    given: dict[str, Any] = {
        "iss": key("agency").public,
        "parent": parent.hash,
        "principal": None,
        "depth": 1,
        **changes,
    }
    if isinstance(given.get("constraints"), dict):
        given["constraints"] = limited(**given["constraints"])
    return Grant.model_validate({**dict(grant("bot", "buyer", principal="Weber")), **given})


def forced(signer: str, given: Grant) -> bytes:
    """A mandate in good form that the library would not issue."""
    payload = msgpack.packb(ordered(given.model_dump(exclude_none=True)))
    return envelope.wrap(payload, key(signer).sign(MANDATE, "mandate", payload))


@pytest.mark.parametrize("axis", WIDER)
def test_man_02_widening_a_child(axis: str) -> None:
    parent = parent_mandate()
    wider = child_grant(parent, **WIDER[axis])
    with pytest.raises(LocalError):
        issue(key("agency"), wider, parent)
    with pytest.raises(Fault) as caught:
        read_chain([parent.frame, forced("agency", wider)], key("bot").public)
    assert caught.value.code in {"mandate-chain", "mandate-depth"}
    shown = Papers(
        key("bot"),
        named("Weber"),
        reached("Weber"),
        (parent, read_mandate(forced("agency", wider))),
    )
    not_joined(shown, caught.value.code)


def test_man_02_the_right_is_the_intersection() -> None:
    parent = parent_mandate(constraints=limited(issues={"price": {"low": 100, "high": 200}}))
    child = narrow(
        key("agency"),
        parent,
        child_grant(parent, constraints={"issues": {"colour": {"set": ["red"]}}}),
    )
    table = joined(buyer=Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child)))
    for bad in (outcome(201), outcome(150, 2, "blue")):
        with pytest.raises(LocalError) as caught:
            table.buyer.send(Offer(bad), NOW + 5)
        assert caught.value.code == "mandate-limit"
        terms = table.buyer.record.deal.wire.terms(bad)
        refused(
            table.seller,
            resign(key("bot"), next_fields(table.buyer, "offer", {"terms": terms})),
            "mandate-limit",
        )
    table.offer(table.buyer, 200)


def test_man_03_dropped_constraint() -> None:
    parent = parent_mandate()
    child = narrow(key("agency"), parent, child_grant(parent))  # says nothing of any constraint
    shown = Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child))
    table = joined(buyer=shown)
    terms = {"terms": {"colour": "red", "price": 150, "quantity": 4}}  # 6.00 over 5.00 a deal
    refused(
        table.seller,
        resign(key("bot"), next_fields(table.buyer, "offer", terms)),
        "mandate-limit",
    )
    hidden = fields_of(parent)
    hidden["constraints"]["budget"] = seed("a digest in place of the constraint")
    frame = envelope.wrap(
        msgpack.packb(ordered(hidden)),
        key("Weber").sign(MANDATE, "mandate", msgpack.packb(ordered(hidden))),
    )
    not_opened(resign(BUYER.key, opening(mandates=[frame])), "constraint")
    dropped = fields_of(parent)
    del dropped["constraints"]["budget"]
    frame = envelope.wrap(msgpack.packb(ordered(dropped)), envelope.split(parent.frame)[1])
    not_opened(resign(BUYER.key, opening(mandates=[frame])), "signature")


def fields_of(mandate: Mandate) -> dict[str, Any]:
    return msgpack.unpackb(envelope.split(mandate.frame)[0])


@pytest.mark.parametrize("name", ["max_risk", "Budget", "budget ", "vendor_rating"])
def test_man_04_unknown_constraint_type(name: str) -> None:
    given = fields_of(BUYER.mandates[0])
    given["constraints"][name] = 1
    payload = msgpack.packb(ordered(given))
    frame = envelope.wrap(payload, key("Weber").sign(MANDATE, "mandate", payload))
    not_opened(resign(BUYER.key, opening(mandates=[frame])), "constraint")


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1.5, "1000", True, None, -1])
def test_man_04_a_limit_that_is_no_integer(bad: Any) -> None:
    given = fields_of(BUYER.mandates[0])
    given["constraints"]["budget"] = {"amount": bad, "currency": "EUR", "scale": 2}
    payload = msgpack.packb(ordered(given))
    frame = envelope.wrap(payload, key("Weber").sign(MANDATE, "mandate", payload))
    not_opened(resign(BUYER.key, opening(mandates=[frame])), "constraint", "type")
    with pytest.raises(ValueError, match="validation error"):
        limited(budget={"amount": bad, "currency": "EUR", "scale": 2})


@pytest.mark.parametrize(
    "limits", [{"budget": euro(1_000)}, {"deal": euro(500)}, {"currencies": ["EUR"]}]
)
def test_man_05_field_absent_from_the_action(limits: dict[str, Any]) -> None:
    given = buyer(constraints=limited(**limits))
    not_joined(given, "mandate-scope" if "currencies" in limits else "constraint", amount=())


@pytest.mark.parametrize(
    ("limits", "code", "options"),
    [
        ({"categories": ["office"]}, "mandate-scope", {"category": ""}),
        ({"jurisdictions": ["at"]}, "mandate-scope", {"jurisdiction": ""}),
        ({"issues": {"cost": {"high": 10}}}, "constraint", {}),
        ({"issues": {"price": {"set": ["100"]}}}, "constraint", {}),
        ({"issues": {"colour": {"low": "a", "high": "z"}}}, "constraint", {}),
    ],
)
def test_man_05_what_cannot_be_evaluated_denies(
    limits: dict[str, Any], code: str, options: dict[str, Any]
) -> None:
    not_joined(buyer(constraints=limited(**limits)), code, **options)


def test_man_06_cumulative_budget_race(tmp_path: Any) -> None:
    given = buyer(constraints=limited(budget=euro(1_000)))
    ledger = SqliteLedger(tmp_path / "ledger.db")
    first, second = (
        joined(buyer=given, nonce=name, ledgers=(ledger, None)) for name in ("one", "two")
    )
    for table in (first, second):
        table.seller.record.negotiation  # noqa: B018
    first.offer(first.buyer, 300)  # 6.00 of 10.00 is held from the moment the offer is firm
    with pytest.raises(LocalError) as caught:
        second.buyer.send(Offer(outcome(300)), NOW + 50)
    assert caught.value.code == "consumed"
    first.walk(first.seller)
    second.offer(second.buyer, 300)
    second.accept(second.seller)
    assert second.buyer.status == "agreed"


def test_man_06_accepting_in_two_sessions_at_once() -> None:
    given = buyer(constraints=limited(budget=euro(1_000)))
    ledger = MemoryLedger()
    tables = [
        joined(buyer=given, nonce=name, ledgers=(ledger, None)) for name in ("one", "two")
    ]
    for table in tables:
        table.offer(table.buyer, 100)
        table.offer(table.seller, 300)
    tables[0].accept(tables[0].buyer)
    with pytest.raises(LocalError) as caught:
        tables[1].buyer.send(Accept(), NOW + 100)
    assert caught.value.code == "consumed"
    tables[1].now = NOW + 200
    forged = [
        *tables[1].buyer.transcript().frames,
        resign(key("bot"), next_fields(tables[1].buyer, "accept")),
    ]
    auditor = MemoryLedger()
    assert judge(tables[0].buyer.transcript(), ledger=auditor).valid
    verdict = judge(forged, ledger=auditor)
    assert (verdict.valid, verdict.fault.code) == (False, "consumed")  # type: ignore[union-attr]


def test_man_07_mandate_used_twice(tmp_path: Any) -> None:
    given = buyer(constraints=limited(deals=1))
    path = tmp_path / "ledger.db"
    merchants = SqliteLedger(path)
    first = joined(buyer=given, ledgers=(None, merchants), nonce="one")
    first.offer(first.buyer, 150)
    first.accept(first.seller)
    assert first.seller.status == "agreed"
    merchants.close()
    for name in ("two", "three"):
        again = joined(buyer=given, ledgers=(None, SqliteLedger(path)), nonce=name)
        again.offer(again.buyer, 150)
        with pytest.raises(LocalError) as caught:
            again.seller.send(Accept(), NOW + 100)
        assert caught.value.code == "consumed"
    auditor = MemoryLedger()
    used = agreed(buyer=given, nonce="four").buyer.transcript()
    for _ in range(2):
        assert judge(used, ledger=auditor).valid  # the same deal counts once
    fifth = judge(agreed(buyer=given, nonce="five").buyer.transcript(), ledger=auditor)
    assert fifth.fault is not None
    assert fifth.fault.code == "consumed"


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "seller"},
        {"constraints": limited(categories=["travel"])},
        {"constraints": limited(jurisdictions=["de"])},
    ],
)
def test_man_09_wrong_category_or_role(changes: dict[str, Any]) -> None:
    not_joined(buyer(**changes), "mandate-scope")


@pytest.mark.parametrize(
    "changes",
    [{"aud": key("M1").public}, {"constraints": limited(counterparties=[key("M1").public])}],
)
def test_man_09_wrong_audience(changes: dict[str, Any]) -> None:
    known = trust()
    table_buyer, table_seller = Session(buyer(**changes), known), Session(SELLER, known)
    opening = table_buyer.open(proposal(), NOW, seed("n"))
    table_seller.receive(opening, NOW)
    with pytest.raises(LocalError) as caught:
        table_seller.join(NOW, seed("m"))
    assert caught.value.code == "mandate-scope"
    join = resign(SELLER.key, next_fields(table_seller, "join", SELLER.seat(seed("m")), NOW))
    assert judge([opening, join]).fault.code == "mandate-scope"  # type: ignore[union-attr]
    joined(buyer=buyer(aud=key("Shop").public))  # the principal's key will do


@pytest.mark.parametrize(
    "money", [euro(10**6, "USD"), euro(10**6, "EUR", 0), euro(10**6, "EUR", 3)]
)
def test_man_10_currency_mismatch(money: dict[str, Any]) -> None:
    not_joined(buyer(constraints=limited(budget=money)), "constraint")


def test_man_14_untrusted_root() -> None:
    own = issue(key("bot"), grant("bot", "buyer", principal="Weber", iss=key("bot").public))
    not_joined(papers("bot", "Weber", own), "untrusted-root")
    pinned = trust(principals={key("bot").public: "", key("Shop").public: ""},
                   revocations=(current_list("bot"), current_list("Shop")))  # fmt: skip
    assert agreed(buyer=papers("bot", "Weber", own), known=pinned).buyer.status == "agreed"


def test_man_15_forbidden_re_delegation() -> None:
    parent = parent_mandate(depth=0)
    with pytest.raises(LocalError) as caught:
        issue(key("agency"), child_grant(parent, depth=0), parent)
    assert caught.value.code == "mandate-depth"
    child = read_mandate(forced("agency", child_grant(parent, depth=0)))
    not_joined(
        Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child)), "mandate-depth"
    )


def test_man_16_false_principal() -> None:
    liar = Papers(key("bot"), named("ACME"), reached("ACME"), ())
    not_joined(liar, "unverified")
    stolen = Papers(key("bot"), named("ACME"), reached("ACME"), BUYER.mandates)
    not_joined(stolen, "statement")
    lenient = Trust(trust().principals, trust().revocations, Policy(unverified="allow"))
    table = agreed(buyer=liar, known=lenient)
    table.seller.learn(named("ACME"))
    shown = judge(table.seller.transcript(), lenient).parties[0]
    assert (shown.principal, shown.verified) == ("ACME", False)


def test_man_17_no_machine_disclosure() -> None:
    honest = opening()["body"]["statement"]
    silent = {name: value for name, value in honest.items() if name != "machine"}
    for statement, code in (
        (None, "missing"),
        (silent, "missing"),
        ({**honest, "machine": False}, "statement"),
    ):
        not_opened(resign(BUYER.key, opening(statement=statement)), code)
    with pytest.raises(LocalError) as local:
        joined(buyer=papers("bot", "Weber", *BUYER.mandates, machine=False))
    assert local.value.code == "statement"
    assert judge(joined().buyer.transcript()).parties[0].machine is True


def test_man_18_mandate_swap_mid_session() -> None:
    table = playing()
    larger = root("desk", "seller", "Shop", salt=seed("larger"))
    refused(table.buyer, resign(SELLER.key, {**counter(table), "man": larger.hash}), "mandate")
    without = counter(table)
    del without["man"]
    refused(table.buyer, resign(SELLER.key, without), "mandate")


def test_man_20_delegation_link_reuse() -> None:
    first, second = parent_mandate(), parent_mandate(salt=seed("another"))
    link = narrow(key("agency"), first, child_grant(first))
    with pytest.raises(Fault) as caught:
        read_chain([second.frame, link.frame], key("bot").public)
    assert caught.value.code == "mandate-chain"
    not_joined(
        Papers(key("bot"), named("Weber"), reached("Weber"), (second, link)), "mandate-chain"
    )


def test_man_01_revoked_mandates_deny_at_accept() -> None:
    revoked = current_list("Shop", {SELLER.man: NOW - 10}, version=2)
    table = playing()
    table.buyer.learn(revoked)
    refused_live = resign(SELLER.key, next_fields(table.seller, "accept"))
    refused(table.buyer, refused_live, "revoked")
    stale = trust(revocations=(current_list("Weber"), current_list("Shop", exp=NOW - 1)))
    other = playing(known=stale)
    refused(other.buyer, resign(SELLER.key, next_fields(other.seller, "accept")), "revocation")
    allowing = trust(revocations=(), policy=Policy(revocation="allow"))
    assert agreed(known=allowing).buyer.status == "agreed"
