"""More attacks on mandates, budgets and revocation lists than the list has."""

from __future__ import annotations

import datetime
from itertools import pairwise
from typing import Any

import pytest
from pydantic import ValidationError

from negotiate.domain.issues import Date, Domain, Integer, Money
from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer
from negotiate.wire.agent import Agent, Desk
from negotiate.wire.faults import Fault
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.mandate import Bound, Constraints, Mandate, issue, narrow
from negotiate.wire.papers import Papers
from negotiate.wire.parties import Scope
from negotiate.wire.private import Private
from negotiate.wire.revocation import Revocations, issue_list
from negotiate.wire.session import Session
from negotiate.wire.trust import Policy
from tests.wire.attacks.test_mandate import (
    buyer,
    child_grant,
    euro,
    forced,
    limited,
    not_joined,
    parent_mandate,
    seller,
)
from tests.wire.kit import (
    BUYER,
    DAY,
    NOW,
    SELLER,
    agreed,
    current_list,
    grant,
    joined,
    judge,
    key,
    named,
    next_fields,
    not_opened,
    opening,
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
)
from tests.wire.test_agent import private_scenario
from tests.wire.test_table_of_three import KNOWN, SEATS

DECEMBER = Domain(
    (Date("day", low=datetime.date(2026, 12, 1), high=datetime.date(2026, 12, 31)),), "days"
)


# -- bounds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bound",
    [{"high": "2026-9-01"}, {"low": "2026"}, {"high": "20261205"}, {"set": ["2026-12-5"]}, {"high": "soon"},
     {"low": "2026-W49-2"}, {"high": "2026-12-05 "}],
)  # fmt: skip
def test_a_day_that_does_not_sort_as_text_bounds_nothing_and_denies(
    bound: dict[str, Any],
) -> None:
    """As text, 5 December comes before "2026-9-01"."""
    given = buyer(constraints=limited(issues={"day": bound}))
    not_joined(given, "constraint", domain=DECEMBER, amount=())


def test_days_are_bounded_to_the_day() -> None:
    given = buyer(constraints=limited(issues={"day": {"high": "2026-12-05"}}))
    table = joined(buyer=given, domain=DECEMBER, amount=())
    frame = resign(
        key("bot"), next_fields(table.buyer, "offer", {"terms": {"day": "2026-12-06"}})
    )
    refused(table.seller, frame, "mandate-limit")
    table.say(table.buyer, Offer((4,)))


@pytest.mark.parametrize(
    "limits",
    [{"categories": []}, {"currencies": []}, {"counterparties": []}, {"jurisdictions": []}, {"issues": {}},
     {"issues": {"price": {}}}, {"issues": {"price": {"set": []}}}, {"issues": {"price": {"set": [1], "low": 1}}},
     {"deals": 0}, {"issues": {"price": {"low": 1, "high": "9"}}}],
)  # fmt: skip
def test_a_narrowing_to_nothing_is_no_constraint_at_all(limits: dict[str, Any]) -> None:
    """Nobody may read an empty list as "any"."""
    with pytest.raises(ValidationError):
        limited(**limits)
    shown = {**BUYER.mandates[0].grant.model_dump(exclude_none=True), "constraints": limits}
    frame = _forced(shown)
    not_opened(resign(BUYER.key, opening(mandates=[frame])), "constraint")


def _forced(content: dict[str, Any]) -> bytes:
    from negotiate.wire import envelope
    from negotiate.wire.keys import MANDATE
    from tests.wire.kit import msgpack, ordered

    payload = msgpack.packb(ordered(content))
    return envelope.wrap(payload, key("Weber").sign(MANDATE, "mandate", payload))


def test_a_range_that_is_upside_down_allows_nothing() -> None:
    given = buyer(constraints=limited(issues={"price": {"low": 300, "high": 200}}))
    table = joined(buyer=given)
    for price in (200, 250, 300):
        terms = {"terms": {"colour": "red", "price": price, "quantity": 1}}
        refused(
            table.seller,
            resign(BUYER.key, next_fields(table.buyer, "offer", terms)),
            "mandate-limit",
        )


def test_an_upside_down_child_is_inside_its_parent_and_allows_nothing() -> None:
    parent = parent_mandate(constraints=limited(issues={"price": {"low": 100, "high": 200}}))
    child = narrow(
        key("agency"),
        parent,
        child_grant(parent, constraints={"issues": {"price": {"low": 190, "high": 110}}}),
    )
    table = joined(buyer=Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child)))
    with pytest.raises(LocalError) as caught:
        table.buyer.send(Offer(outcome(150)), NOW + 5)
    assert caught.value.code == "mandate-limit"


# -- budgets -------------------------------------------------------------------------------------------

GIVE_AND_TAKE = Domain((Money("price", -1_000, 1_000, currency="EUR"),), "refunds")


def test_a_deal_that_brings_money_in_makes_no_room_in_the_budget() -> None:
    given, ledger = buyer(constraints=limited(budget=euro(500))), MemoryLedger()
    auditor = MemoryLedger()
    for nonce, price in (("refund", -1_000), ("first", 400)):
        table = joined(
            buyer=given,
            domain=GIVE_AND_TAKE,
            amount=(("price",),),
            ledgers=(ledger, None),
            nonce=nonce,
        )
        table.say(table.buyer, Offer((price + 1_000,)))
        table.accept(table.seller)
        assert judge(table.buyer.transcript(), ledger=auditor).valid
    third = joined(
        buyer=given,
        domain=GIVE_AND_TAKE,
        amount=(("price",),),
        ledgers=(ledger, None),
        nonce="3",
    )
    with pytest.raises(LocalError) as caught:
        third.buyer.send(Offer((1_400,)), NOW + 50)
    assert caught.value.code == "consumed"
    rogue = joined(buyer=given, domain=GIVE_AND_TAKE, amount=(("price",),), nonce="4")
    rogue.say(rogue.buyer, Offer((1_400,)))
    rogue.accept(rogue.seller)
    assert judge(rogue.buyer.transcript(), ledger=auditor).fault.code == "consumed"  # type: ignore[union-attr]


def test_two_children_share_the_budget_of_their_parent() -> None:
    parent = parent_mandate(constraints=limited(budget=euro(1_000)))
    ledger, auditor = MemoryLedger(), MemoryLedger()
    known = trust(revocations=tuple(map(current_list, ("Weber", "Shop", "agency"))))
    for number, holder in enumerate(("bot", "other bot")):
        child = narrow(key("agency"), parent, child_grant(parent, sub=key(holder).public))
        own = Papers(key(holder), named("Weber"), reached("Weber"), (parent, child))
        table = joined(buyer=own, ledgers=(None, ledger), nonce=holder, known=known)
        table.offer(table.buyer, 300)  # 6.00 of 10.00
        if number == 0:
            table.accept(table.seller)
            assert judge(table.buyer.transcript(), known, ledger=auditor).valid
            continue
        with pytest.raises(LocalError) as caught:
            table.seller.send(Accept(), NOW + 100)
        assert caught.value.code == "consumed"
        frame = resign(SELLER.key, next_fields(table.seller, "accept"))
        verdict = judge([*table.seller.transcript().frames, frame], known, ledger=auditor)
        assert verdict.fault is not None
        assert verdict.fault.code == "consumed"


@pytest.mark.parametrize("price", [250, 251])
def test_a_cap_is_held_to_the_minor_unit(price: int) -> None:
    table = joined(buyer=buyer(constraints=limited(deal=euro(500))))
    terms = {"terms": {"colour": "red", "price": price, "quantity": 2}}
    frame = resign(BUYER.key, next_fields(table.buyer, "offer", terms))
    if price > 250:
        refused(table.seller, frame, "mandate-limit")
    else:
        table.seller.receive(frame, NOW + 100)
        assert judge(table.seller.transcript()).valid


def test_an_amount_over_64_bits_is_no_amount() -> None:
    domain = Domain((Money("price", 2**52, 2**53, 2**52), Integer("quantity", 1, 1025, 1024)))
    capped = buyer(constraints=limited(deal=euro(2**62)))
    table = joined(buyer=capped, domain=domain, amount=(("price", "quantity"),))
    terms = {"terms": {"price": 2**53, "quantity": 1025}}
    refused(table.seller, resign(BUYER.key, next_fields(table.buyer, "offer", terms)), "terms")


# -- times ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("exp", "code"), [(NOW + 100, "mandate-time"), (NOW + 101, "")])
def test_a_mandate_ends_at_the_millisecond_that_it_names(exp: int, code: str) -> None:
    table = joined(seller=seller(exp=exp))
    table.offer(table.buyer, 150)
    frame = resign(SELLER.key, next_fields(table.seller, "accept"))
    if code:
        refused(table.buyer, frame, code)
    else:
        table.buyer.receive(frame, NOW + 100)
        assert table.buyer.status == "agreed"


def test_a_mandate_begins_at_the_millisecond_that_it_names() -> None:
    joined(buyer=buyer(nbf=NOW))
    not_joined(buyer(nbf=NOW + 1), "mandate-time")


def test_the_shortest_link_ends_the_chain() -> None:
    parent = parent_mandate(constraints=limited())
    child = narrow(key("agency"), parent, child_grant(parent, exp=NOW + 50))
    table = joined(buyer=Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child)))
    frame = resign(key("bot"), next_fields(table.buyer, "offer", OFFER))
    refused(table.seller, frame, "mandate-time")


OFFER = {"terms": {"colour": "red", "price": 300, "quantity": 2}}


# -- chains --------------------------------------------------------------------------------------------


def chained() -> tuple[Mandate, Mandate]:
    parent = parent_mandate()
    return parent, narrow(key("agency"), parent, child_grant(parent))


def wrong_chains() -> dict[str, tuple[list[bytes], str]]:
    """Chains of mandates that show something else than a way from principal to holder."""
    parent, child = chained()
    stranger = root("agency", "buyer", "Mallory", depth=2)
    return {
        "turned round": ([child.frame, parent.frame], "mandate-chain"),
        "without its root": ([child.frame], "mandate-chain"),
        "with the root twice": ([parent.frame, parent.frame, child.frame], "mandate-chain"),
        "with the last twice": ([parent.frame, child.frame, child.frame], "mandate-chain"),
        "of another root": ([stranger.frame, child.frame], "mandate-chain"),
        "that ends with another holder": ([parent.frame], "mandate-holder"),
        "of a key that was not asked": (
            [parent.frame, forced("Mallory", child_grant(parent, iss=key("Mallory").public))], "mandate-chain"),
        "signed by another than its issuer": ([parent.frame, forced("Mallory", child_grant(parent))], "signature"),
        "too long": ([parent.frame] * 10, "type"),
    }  # fmt: skip


@pytest.mark.parametrize("name", wrong_chains())
def test_a_chain_that_leads_nowhere_is_refused(name: str) -> None:
    frames, code = wrong_chains()[name]
    given = {**opening(mandates=frames), "man": seed("any")}
    not_opened(resign(BUYER.key, given), code)


def test_a_chain_of_eight_links_is_the_longest() -> None:
    names = [f"holder {n}" for n in range(9)]
    links = [
        issue(
            key("Weber"), grant(names[0], "buyer", principal="Weber", depth=8)
        )
    ]  # fmt: skip
    for depth, (giver, taker) in enumerate(pairwise(names)):
        changes = {"sub": key(taker).public, "depth": 7 - depth, "salt": seed(taker)}
        given = links[-1].grant.model_copy(update=changes)
        links.append(narrow(key(giver), links[-1], given))
    known = trust(revocations=(), policy=Policy(revocation="allow"))
    deepest = Papers(key(names[8]), named("Weber"), reached("Weber"), tuple(links))
    assert agreed(buyer=deepest, known=known).buyer.status == "agreed"
    further = links[-1].grant.model_copy(update={"sub": key("x").public, "depth": 0})
    with pytest.raises(LocalError) as caught:
        narrow(key(names[8]), links[-1], further)
    assert caught.value.code == "mandate-depth"


def test_every_seat_must_be_a_counterparty_that_is_listed() -> None:
    """Of three parties one is not: with two it would have passed."""
    only = papers("bot", "Weber", root("bot", "buyer", "Weber", constraints=limited(
        counterparties=[key("Shop").public])))  # fmt: skip
    seats = ((only.key.public, "buyer"), *SEATS[1:])
    first, second = Session(only, KNOWN), Session(SELLER, KNOWN)
    opened = first.open(proposal(seats=seats), NOW, seed("n"))
    second.receive(opened, NOW)
    join = second.join(NOW, seed("m"))
    first.receive(join, NOW)
    from tests.wire.test_table_of_three import CARRIER

    third = Session(CARRIER, KNOWN)
    third.receive(opened, NOW)
    third.receive(join, NOW)
    with pytest.raises(LocalError) as caught:
        third.join(NOW, seed("k"))
    assert caught.value.code == "mandate-scope"
    given = next_fields(third, "join", CARRIER.seat(seed("k")), NOW)
    refused(first, resign(CARRIER.key, given), "mandate-scope")


def test_nobody_takes_the_name_of_another_by_its_digest() -> None:
    """The digest is public; with it a stranger would be shown under the name that somebody else disclosed."""
    lenient = trust(policy=Policy(unverified="allow"))
    thief = Papers(key("thief"), named("Weber"), reached("Mallory"), ())
    seats = ((BUYER.key.public, "buyer"), (thief.key.public, "seller"))
    first, second = Session(BUYER, lenient), Session(thief, lenient)
    second.receive(first.open(proposal(seats=seats), NOW, seed("n")), NOW)
    with pytest.raises(LocalError) as caught:
        second.join(NOW, seed("m"))
    assert caught.value.code == "statement"
    given = next_fields(second, "join", thief.seat(seed("m")), NOW)
    refused(first, resign(thief.key, given), "statement")


# -- revocation ----------------------------------------------------------------------------------------


def accepted(table: Any) -> bytes:
    return resign(SELLER.key, next_fields(table.seller, "accept"))


def revoked(**changes: Any) -> bytes:
    return current_list("Shop", {SELLER.man: NOW - 10}, **{"version": 2, **changes})


def test_an_old_list_does_not_undo_a_newer_one() -> None:
    for later in (current_list("Shop", version=1), current_list("Shop", version=3)):
        table = playing(known=trust(revocations=(current_list("Weber"), revoked())))
        table.buyer.learn(later)
        refused(table.buyer, accepted(table), "revoked")


def test_a_list_by_somebody_else_revokes_nothing() -> None:
    table = playing()
    table.buyer.learn(current_list("Mallory", {SELLER.man: NOW - 10}, version=9))
    table.buyer.receive(accepted(table), NOW + 100)
    assert judge(table.buyer.transcript()).valid


def test_a_list_counts_from_its_issue_on() -> None:
    table = playing()
    table.buyer.learn(revoked(iat=NOW + 101))  # it says since when: earlier
    table.buyer.receive(accepted(table), NOW + 100)
    assert judge(table.buyer.transcript()).valid
    soon = playing()
    soon.buyer.learn(revoked(iat=NOW + 100))
    refused(soon.buyer, accepted(soon), "revoked")


def test_a_mandate_is_void_from_the_millisecond_that_the_list_names() -> None:
    listed = issue_list(
        key("Shop"), {SELLER.man: NOW + 101}, version=2, iat=NOW - DAY, exp=NOW + DAY
    )
    table = playing()
    table.buyer.learn(listed)
    table.buyer.receive(accepted(table), NOW + 100)
    assert table.buyer.status == "agreed"


@pytest.mark.parametrize("exp", [NOW + 100, NOW + 101])
def test_a_list_is_current_until_the_millisecond_that_it_names(exp: int) -> None:
    table = playing(known=trust(revocations=(current_list("Weber"), current_list("Shop", exp=exp))))  # fmt: skip
    if exp == NOW + 100:
        refused(table.buyer, accepted(table), "revocation")
    else:
        table.buyer.receive(accepted(table), NOW + 100)


def test_a_link_in_the_middle_is_revoked_by_its_own_issuer() -> None:
    parent, child = chained()
    shown = Papers(key("bot"), named("Weber"), reached("Weber"), (parent, child))
    agency = issue_list(
        key("agency"), {child.hash: NOW - 5}, version=1, iat=NOW - DAY, exp=NOW + DAY
    )
    table = joined(buyer=shown)
    table.seller.learn(agency)
    terms = {"terms": {"colour": "red", "price": 150, "quantity": 2}}
    refused(
        table.seller, resign(key("bot"), next_fields(table.buyer, "offer", terms)), "revoked"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"version": 1}, "equivocation"), ({"version": 3, "iat": NOW - 2 * DAY}, "revocation")],
)
def test_lists_that_contradict_each_other_are_refused(
    changes: dict[str, Any], code: str
) -> None:
    known = Revocations(trust().revocations)
    with pytest.raises(Fault) as caught:
        known.learn(revoked(**changes))
    assert caught.value.code == code
    table = playing()
    with pytest.raises(Fault):
        table.buyer.learn(revoked(**changes))
    from negotiate.wire.store import LIST, Entry
    from negotiate.wire.transcript import Transcript

    log = (*table.buyer.transcript().log, Entry(LIST, revoked(**changes)))
    verdict = judge(Transcript(log))
    assert verdict.fault is not None
    assert verdict.fault.code == code


# -- agents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "issue",
    [Money("price", 100, 500, 1, currency="EUR", scale=0), Money("price", 100, 500, 1, currency="CHF"),
     Money("price", 100, 5_000, 1, currency="EUR"), Integer("price", 100, 500)],
)  # fmt: skip
def test_an_agent_signs_nothing_about_another_currency_scale_or_range(issue: Any) -> None:
    from negotiate.registry import strategy

    scenario = private_scenario()
    own = Private(scenario.roles[1].preferences)
    desk = Desk(own, trust(), named("Shop"), reached("Shop"))
    agent = Agent(strategy("micro").make(), SELLER.key, SELLER.mandates, desk)
    domain = Domain((issue, *scenario.domain.issues[1:]), "pens")
    other = Session(BUYER, trust())
    with pytest.raises(LocalError) as caught:
        agent.receive(other.open(proposal(domain=domain, amount=()), NOW, seed("n")), NOW, seed("m"))  # fmt: skip
    assert caught.value.code == "domain"
    assert agent.session.record.phase == "joining"
    assert len(agent.session.record.chain) == 1


def test_a_bound_is_asked_about_values_of_its_own_type_alone() -> None:
    """1 equals True in Python, and "1" is a text."""
    bound = Bound(set=[1, 2])
    from negotiate.wire.mandate import allows

    assert allows(bound, 1)
    assert not allows(bound, "1")
    assert not allows(bound, True)
    assert not allows(Bound(low=0), "5")
    assert isinstance(
        joined(buyer=buyer(constraints=Constraints())).seller.record.parties[0].scope, Scope
    )
