"""More attacks on the session than the list has."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer, Reject
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire.bodies import BODIES
from negotiate.wire.events import Known, Late, Waiting
from negotiate.wire.faults import Fault
from negotiate.wire.session import MAX_WAITING, Session
from negotiate.wire.store import PROOF, MemoryStore
from tests.wire.kit import (
    BUYER,
    DAY,
    MINUTE,
    NOW,
    SELLER,
    Table,
    agreed,
    current_list,
    fields,
    joined,
    judge,
    key,
    next_fields,
    not_opened,
    opening,
    outcome,
    playing,
    refused,
    resign,
    said,
    seed,
    state,
    trust,
)
from tests.wire.test_table_of_three import CARRIER, KNOWN, Three

# -- every kind of message, wherever it has no place ---------------------------------------------------

HONEST: dict[str, dict[str, Any]] = {
    "open": opening()["body"], "join": SELLER.seat(seed("again")), "accept": {}, "reject": {},
    "withdraw": {}, "walk": {},
    "offer": {"terms": {"colour": "red", "price": 300, "quantity": 2}}, "revoke": {"list": current_list("Shop")},
    "lapse": {"received": NOW + 90}, "begin": {}, "tick": {}, "cancel": {},
    "bid": {"move": {"kind": "bid", "amount": 300}, "salt": seed("s")}, "receipt": {"seal": seed("x")},
    "quote": {"head": seed("h"), "view": b"x"},
    "award": {
        "rules": seed("h"), "count": 1, "root": seed("r"), "bids": seed("b"), "accepted": 1, "refused": 0,
        "result": b"x", "grounds": b"x",
    },
    "close": {"outcome": "agreed", "count": 3, "head": seed("h"), "root": seed("r"), "mandates": [], "principals": []},
}  # fmt: skip
PLACES = {
    "joining": {"join"},
    "open offer": {"offer", "walk"},
    "standing offer": {"offer", "accept", "walk"},
    "closing": {"close"},
    "closed": set[str](),
}


def at_place(place: str) -> tuple[Session, Session]:
    """Who is to move at this place, and who listens."""
    if place == "joining":
        table = Table(Session(BUYER, trust()), Session(SELLER, trust()))
        table.seller.receive(opened(table.buyer), NOW)
        return table.seller, table.buyer
    if place == "open offer":
        table = joined()
        return table.buyer, table.seller
    table = playing() if place != "closed" else agreed()
    if place == "closing":
        table.seller.receive(table.buyer.withdraw(NOW + 40), NOW + 40)
        table.seller.send(Offer(outcome(300)), NOW + 50)
        table.buyer.receive(table.seller.record.chain[-1].frame, NOW + 50)
        table.buyer.send(Accept(), NOW + 60)
        # The seller has not heard of the acceptance, so nobody has closed yet.
    return table.seller, table.buyer


def opened(session: Session) -> bytes:
    from tests.wire.kit import proposal

    return session.open(proposal(), NOW, seed("nonce"))


def test_every_kind_is_tried() -> None:
    assert set(HONEST) == set(BODIES)


@pytest.mark.parametrize(
    ("place", "kind"),
    [(place, kind) for place, there in PLACES.items() for kind in HONEST if kind not in there],
)
def test_a_kind_without_a_place_is_refused(place: str, kind: str) -> None:
    mover, listener = at_place(place)
    chain = listener.record.chain
    given = {
        "v": 1, "kind": kind, "sid": listener.record.sid, "seq": len(chain), "prev": chain[-1].id,
        "from": mover.key, "to": listener.key, "iat": NOW + 100, "exp": NOW + MINUTE, "man": mover.papers.man,
        "body": HONEST[kind],
    }  # fmt: skip
    if kind in ("accept", "reject", "withdraw", "lapse"):
        given["re"] = chain[-1].id
    if kind == "open":
        del given["sid"]
    refused(
        listener, resign(mover.papers.key, given),
        "order", "kind", "closed", "phase", "answer", "lapse", "turn", "session", "close", "revocation",
    )  # fmt: skip


# -- equivocation --------------------------------------------------------------------------------------


def second_word(table: Table, price: int, seq: int = 3) -> bytes:
    """Another offer by the seller at a place where it has made one."""
    given = fields(table.buyer.record.chain[seq].frame)
    given["body"] = {"terms": {"colour": "red", "price": price, "quantity": 2}}
    return resign(SELLER.key, given)


def test_an_equivocation_after_the_end_is_kept_and_spoils_no_evidence() -> None:
    table = agreed()
    before = table.buyer.transcript().to_bytes()
    with pytest.raises(Fault) as caught:
        table.buyer.receive(second_word(table, 400), table.now)
    assert caught.value.code == "equivocation"
    assert table.buyer.transcript().to_bytes() == before
    assert judge(table.buyer.transcript()).valid
    again = Session.recover(table.buyer.record.sid, BUYER, trust(), store=table.buyer.store)
    assert again.record.proof is not None
    assert again.transcript().to_bytes() == before
    assert again.status == "agreed"
    assert [entry.tag for _, entry in table.buyer.store.load(table.buyer.record.sid)][
        -1
    ] == PROOF


def test_a_flood_of_equivocations_is_stored_once() -> None:
    table = playing()
    table.offer(table.seller, 300)
    for price in range(400, 420):
        with pytest.raises(Fault):
            table.buyer.receive(second_word(table, price), NOW + 100)
    log = table.buyer.transcript().log
    assert len(log) == len(playing().buyer.transcript().log) + 2
    verdict = judge(table.buyer.transcript())
    assert verdict.fault is not None
    assert (verdict.fault.code, verdict.fault.party) == ("equivocation", SELLER.key.did)


def test_a_list_that_contradicts_a_known_one_spoils_no_evidence() -> None:
    table = playing()
    other = current_list("Shop", {SELLER.man: NOW}, version=1)  # another has this version
    given = next_fields(table.seller, "revoke", {"list": other})
    refused(table.buyer, resign(SELLER.key, given), "equivocation")
    table.offer(table.seller, 300)
    table.accept(table.buyer)
    verdict = judge(table.buyer.transcript())
    assert (verdict.valid, verdict.outcome.state) == (True, "agreed")


@pytest.mark.parametrize("issuer", ["Mallory", "Shop", "Weber"])
def test_nobody_leaves_by_a_list_that_voids_nothing_here(issuer: str) -> None:
    table = playing()
    void = dict.fromkeys((seed("another mandate"),), NOW)
    listed = current_list(
        issuer, void | ({SELLER.man: NOW} if issuer == "Mallory" else {}), version=2, iat=NOW
    )
    given = next_fields(table.seller, "revoke", {"list": listed})
    refused(table.buyer, resign(SELLER.key, given), "revocation")


# -- splicing ------------------------------------------------------------------------------------------


def test_an_acceptance_of_the_same_terms_in_another_session_is_spliced_in() -> None:
    here, there = playing(), playing(nonce="another")
    accept = fields(there.seller.send(Accept(), NOW + 100))
    moved = {
        **accept,
        "sid": here.buyer.record.sid,
        "prev": here.buyer.record.chain[-1].id,
    }
    refused(here.buyer, resign(SELLER.key, moved), "answer")  # it names the other offer
    with_old_signature = resign(SELLER.key, moved)[:-64] + resign(SELLER.key, accept)[-64:]
    refused(here.buyer, with_old_signature, "signature")


def test_a_partys_own_words_come_back_to_it() -> None:
    table = playing()
    before = state(table.buyer)
    for message in list(table.buyer.record.chain):
        if message.sender == BUYER.key.public:
            assert table.buyer.receive(message.frame, NOW + 50)[0] == Known(message.id)
    assert state(table.buyer) == before
    mirrored = {**fields(table.buyer.record.chain[-1].frame), "seq": 3}
    refused(
        table.buyer, resign(BUYER.key, {**mirrored, "prev": table.buyer.record.chain[-1].id}),
        "turn", "phase",
    )  # fmt: skip


@pytest.mark.parametrize("data", ["frame", None, 5, 10**12, [1, 2], 0.5, object()])
def test_what_is_no_bytes_is_the_callers_fault(data: Any) -> None:
    table = playing()
    before = state(table.buyer)
    with pytest.raises(LocalError) as caught:
        table.buyer.receive(data, NOW + 50)
    assert caught.value.code == "type"
    assert state(table.buyer) == before
    assert table.seller.receive(memoryview(table.buyer.record.chain[-1].frame), NOW + 50)


# -- boundaries ----------------------------------------------------------------------------------------

TTL, SKEW, UNTIL = 10 * MINUTE, 2_000, NOW + 60 * MINUTE


@pytest.mark.parametrize(
    ("iat", "exp", "code"),
    [
        (NOW + 100, NOW + 100 + TTL, ""), (NOW + 100, NOW + 101 + TTL, "lifetime"),
        (NOW + 10 - SKEW, NOW + MINUTE, ""), (NOW + 9 - SKEW, NOW + MINUTE, "clock"),
        (NOW + 100, NOW + 101, ""), (NOW + 100, NOW + 100, "lifetime"),
    ],
)  # fmt: skip
def test_times_are_held_to_the_millisecond(iat: int, exp: int, code: str) -> None:
    table = playing()
    frame = said(table, iat=iat, exp=exp)
    if code:
        refused(table.buyer, frame, code)
    else:
        table.buyer.receive(frame, NOW + 100)
        assert judge(table.buyer.transcript()).valid


@pytest.mark.parametrize(("exp", "code"), [(UNTIL, ""), (UNTIL + 1, "lifetime")])
def test_nothing_is_valid_beyond_the_session(exp: int, code: str) -> None:
    late = UNTIL - MINUTE
    table = playing()
    frame = said(table, iat=late, exp=exp)
    if code:
        refused(table.buyer, frame, code, at=late)
    else:
        table.buyer.receive(frame, late)


@pytest.mark.parametrize(("after", "code"), [(-1, ""), (0, "expired")])
def test_a_message_expires_at_the_millisecond_that_it_names(after: int, code: str) -> None:
    """By the receiver's clock; the auditor has none, and reads when it was signed."""
    table = playing()
    frame = said(table, exp=NOW + MINUTE)
    if not code:
        table.buyer.receive(frame, NOW + MINUTE + SKEW + after)
        return
    with pytest.raises(Fault) as caught:
        table.buyer.receive(frame, NOW + MINUTE + SKEW + after)
    assert caught.value.code == code


@pytest.mark.parametrize("seq", [-1, 2**32, 2**63 - 1, -(2**63)])
def test_a_place_that_is_no_place_is_refused(seq: int) -> None:
    refused(playing().buyer, said(playing(), seq=seq), "type")


def test_the_last_place_of_all_is_a_gap_and_no_more() -> None:
    table = playing()
    far = said(table, seq=2**32 - 1)
    assert table.buyer.receive(far, NOW + 100) == [Waiting(2**32 - 1)]
    frames = [*table.buyer.transcript().frames, far]
    assert judge(frames).fault.code == "gap"  # type: ignore[union-attr]
    table.offer(table.seller, 300)
    table.accept(table.buyer)
    assert table.buyer.status == "agreed"


# -- withdrawing, lapsing, leaving ---------------------------------------------------------------------


def test_nobody_withdraws_what_is_not_theirs() -> None:
    table = playing()
    given = next_fields(table.seller, "withdraw")
    refused(table.buyer, resign(SELLER.key, given), "turn")
    own = {**given, "re": seed("an offer of mine")}
    refused(table.buyer, resign(SELLER.key, own), "answer")


def test_a_withdrawal_is_not_repeated() -> None:
    table = playing()
    gone = table.buyer.record.chain[-1].id
    table.seller.receive(table.buyer.withdraw(NOW + 50), NOW + 50)
    with pytest.raises(LocalError):
        table.buyer.withdraw(NOW + 60)
    given = {**fields(table.buyer.record.chain[-1].frame), "seq": 4, "re": gone}
    frame = resign(BUYER.key, {**given, "prev": table.buyer.record.chain[-1].id})
    refused(table.seller, frame, "answer")


def test_an_expired_offer_is_not_saved_by_crossing_its_withdrawal() -> None:
    table = joined()
    table.offer(table.buyer, 150, valid=1_000)
    ends = table.buyer.record.chain[-1].fields["exp"]
    accept = next_fields(table.seller, "accept", at=ends - 1)
    table.buyer.withdraw(ends - 2)
    refused(table.buyer, resign(SELLER.key, {**accept, "iat": ends, "exp": ends + 5}), "expired", at=ends)  # fmt: skip


@pytest.mark.parametrize("who", ["accepter", "stranger's offer", "twice"])
def test_a_lapse_is_the_offerers_word_about_the_last_acceptance(who: str) -> None:
    table = joined()
    table.offer(table.buyer, 150, valid=1_000)
    ends = table.buyer.record.chain[-1].fields["exp"]
    accept = table.seller.send(Accept(), ends - 1)
    late = ends + SKEW
    given: dict[str, Any] = {
        "v": 1, "kind": "lapse", "sid": table.seller.record.sid, "seq": 4, "iat": late, "exp": late + DAY,
        "prev": table.seller.record.chain[-1].id, "from": BUYER.key.public, "to": SELLER.key.public,
        "man": BUYER.man, "re": table.seller.record.chain[-1].id, "body": {"received": late},
    }  # fmt: skip
    if who == "accepter":
        table.buyer.receive(
            accept, ends
        )  # in time; it is the buyer's to close, not the seller's to lapse
        mine = {**given, "from": SELLER.key.public, "to": BUYER.key.public, "man": SELLER.man, "seq": 5,
                "prev": table.buyer.record.chain[-1].id}  # fmt: skip
        refused(table.buyer, resign(SELLER.key, mine), "lapse", at=late)
    elif who == "stranger's offer":
        refused(
            table.seller, resign(BUYER.key, {**given, "re": seed("no offer")}), "lapse", at=late
        )
    else:
        table.seller.receive(resign(BUYER.key, given), late)
        assert table.seller.status == "late"
        twice = {**given, "seq": 5, "prev": table.seller.record.chain[4].id}
        refused(
            table.seller, resign(BUYER.key, twice), "lapse", "equivocation", "stale", at=late
        )


def test_an_acceptance_that_comes_after_the_session_has_expired_is_late() -> None:
    table = playing()
    accept = table.seller.send(Accept(), NOW + 50)
    table.buyer.due(UNTIL + SKEW)
    assert table.buyer.status == "expired"
    events = table.buyer.receive(accept, UNTIL + SKEW + 1)
    assert any(isinstance(event, Late) for event in events)
    assert table.buyer.status == "late"
    verdict = judge(table.buyer.transcript())
    assert (verdict.valid, verdict.outcome.reason) == (True, "late")


# -- openings ------------------------------------------------------------------------------------------


def test_a_session_needs_two_parties_and_takes_sixteen() -> None:
    seats = opening()["body"]["parties"]
    not_opened(resign(BUYER.key, opening(parties=seats[:1])), "type")
    crowd = [{"key": key(f"party {n}").public, "role": "buyer"} for n in range(15)]
    not_opened(resign(BUYER.key, opening(parties=[*seats, *crowd])), "type")


@pytest.mark.parametrize(
    "values", [["caf\u00e9", "cafe\u0301"], ["\u212bngstrom", "\u00c5ngstrom"]]
)
def test_two_values_that_are_one_text_to_people_are_refused(values: list[str]) -> None:
    first, second, third = opening()["body"]["issues"]
    body = opening(issues=[first, second, {**third, "values": values}])
    not_opened(resign(BUYER.key, body), "rules")


@pytest.mark.parametrize("title", ["quantity", "price2", "total"])
def test_an_issue_does_not_go_by_a_second_name(title: str) -> None:
    """People would read "total 3.00 EUR" where the mandates bound "price"."""
    first, *others = opening()["body"]["issues"]
    not_opened(resign(BUYER.key, opening(issues=[{**first, "title": title}, *others])), "rules")


@pytest.mark.parametrize(
    "rules",
    [{"rounds": True}, {"rounds": "20"}, {"time_limit": "5"}, {"breakdown": False}, {"consent": 1},
     {"rounds": 0}, {"rounds": 2**62}, {"breakdown": "0"}],
)  # fmt: skip
def test_rules_are_not_coerced(rules: dict[str, Any]) -> None:
    known = opening()["body"]["rules"]
    not_opened(resign(BUYER.key, opening(rules={**known, **rules})), "rules", "type")


# -- three parties -------------------------------------------------------------------------------------


def three(consent: Any = "unanimity") -> Three:
    """The buyer's offer stands; seller and carrier are to answer, in this order."""
    table = Three(AlternatingOffers(rounds=5, consent=consent))
    table.say(0, Offer(outcome(200)))
    return table


def answer(
    table: Three, seat: int, kind: str = "accept", body: Any = None, **head: Any
) -> bytes:
    session = table.sessions[seat]
    given = {**next_fields(session, kind, body, table.now + 10), **head}
    return resign(session.papers.key, given)


def not_taken(table: Three, frame: bytes, *codes: str, sender: int) -> None:
    for seat, session in enumerate(table.sessions):
        if seat != sender:
            refused(session, frame, *codes, at=table.now + 10)


def test_nobody_answers_before_their_turn() -> None:
    not_taken(three(), answer(three(), 2), "turn", sender=2)


def test_a_third_party_may_not_take_the_words_of_another() -> None:
    table = three()
    frame = answer(table, 1)
    stolen = resign(CARRIER.key, fields(frame))
    not_taken(table, stolen, "signature", sender=2)


def test_nobody_accepts_twice_for_a_majority() -> None:
    table = three("majority")
    table.say(1, Reject())
    again = answer(table, 1)
    not_taken(table, again, "turn", sender=1)


def test_messages_go_round_the_table_and_nowhere_else() -> None:
    table = three()
    to_first = answer(table, 1, to=BUYER.key.public)
    not_taken(table, to_first, "audience", sender=1)


def test_the_last_of_three_accepts_too_late() -> None:
    table = Three(AlternatingOffers(rounds=5))
    frame = table.sessions[0].send(Offer(outcome(200)), NOW + 5, valid=1_000)
    table.carry(0, frame)
    table.say(1, Accept())
    ends = table.sessions[0].record.chain[3].fields["exp"]
    table.now = ends
    with pytest.raises(LocalError) as caught:
        table.sessions[2].send(Accept(), ends)
    assert caught.value.code == "expired"
    late = {
        **next_fields(table.sessions[2], "accept", None, ends - 1),
        "iat": ends,
        "exp": ends + 9,
    }
    not_taken(table, resign(CARRIER.key, late), "expired", sender=2)  # fmt: skip
    assert all(judge(s.transcript(), KNOWN).outcome.state == "open" for s in table.sessions)


def test_one_partys_early_messages_do_not_keep_out_anothers() -> None:
    table = three()
    listener = table.sessions[0]
    flood = fields(answer(table, 2))
    for ahead in range(MAX_WAITING):
        listener.receive(resign(CARRIER.key, {**flood, "seq": 50 + ahead}), table.now + 10)
    with pytest.raises(Fault):
        listener.receive(resign(CARRIER.key, {**flood, "seq": 99}), table.now + 10)
    early = resign(SELLER.key, {**fields(answer(table, 1)), "seq": 5})
    assert listener.receive(early, table.now + 10) == [Waiting(5)]
    assert listener.counters["refused"] == 1


def test_an_opening_that_comes_again_is_not_joined_again_by_a_key_with_one_store() -> None:
    """Two joins of one session would be an equivocation by somebody honest."""
    store = MemoryStore()
    table = joined(stores=(None, store))
    again = Session(SELLER, trust(), store=store)
    with pytest.raises(Fault) as caught:
        again.receive(table.buyer.record.chain[0].frame, NOW + 100)
    assert caught.value.code == "session-taken"
    with pytest.raises(LocalError):
        again.join(NOW + 100, seed("another nonce"))
    second = resign(SELLER.key, {**fields(table.buyer.record.chain[1].frame), "iat": NOW + 1})
    frames = [*table.buyer.transcript().frames, second]
    assert judge(frames).fault.code == "equivocation"  # type: ignore[union-attr]
