"""What the caller gets wrong, and the edges of what can be carried: each is told, with a code."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from negotiate.domain.issues import Date, Domain, Integer, Issue, Money
from negotiate.errors import LocalError, NegotiateError
from negotiate.moves import Accept, Offer, Reject
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire import codec, envelope, files
from negotiate.wire.events import Crossed, Dropped, Known
from negotiate.wire.exports import from_jws, read_json, to_jws
from negotiate.wire.faults import CODES, Fault
from negotiate.wire.keys import PrivateKey
from negotiate.wire.mandate import Constraints, Grant, issue, read_mandate
from negotiate.wire.papers import Papers
from negotiate.wire.revocation import MAX_LIST, issue_list, read_list
from negotiate.wire.session import Session
from negotiate.wire.store import Entry, MemoryStore
from negotiate.wire.terms import Amount, WireDomain, minor_units
from negotiate.wire.transcript import Transcript
from tests.wire.kit import (
    BUYER,
    DAY,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    forge,
    grant,
    joined,
    judge,
    key,
    msgpack,
    named,
    next_fields,
    not_opened,
    opening,
    outcome,
    playing,
    reached,
    refused,
    resign,
    root,
    seed,
    trust,
)
from tests.wire.test_table_of_three import KNOWN, Three


def told(code: str, call: Any, *args: Any, **options: Any) -> LocalError:
    with pytest.raises(LocalError) as caught:
        call(*args, **options)
    assert caught.value.code == code, caught.value
    return caught.value


# -- values --------------------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("value", "code"),
    [({"a": "\ud800"}, "type"), ("x" * 70_000, "size"), (deep(17), "size"), ({str(n): n for n in range(65)}, "size"),
     ({1: 2}, "type"), ({"a": 1.5}, "type"), ({"a": None}, "type"), ({"a": 2**63}, "type"), ({"a": {1, 2}}, "type")],
)  # fmt: skip
def test_what_the_wire_does_not_carry_is_not_encoded(value: Any, code: str) -> None:
    told(code, codec.encode, value)


@pytest.mark.parametrize(
    ("data", "code"),
    [(bytes(65_537), "size"), (msgpack.packb(deep(17)), "size"),
     (msgpack.packb({f"k{n:02}": n for n in range(65)}), "size"),
     (b"\xdc\x08\x00" + b"\xc1" * 3_000, "type"), (b"\xdc\x00\x02" + b"\xc5\x0b\xb8" + bytes(3_000), "malformed"),
     (b"\xc5\x0b\xb7" + bytes(3_000), "malformed"), (b"\xdc\x07\xff" + b"\x81\xa1a" * 700 + bytes(100), "malformed"),
     (b"\xdd\xff\xff\xff\xff" + bytes(3_000), "malformed")],
)  # fmt: skip
def test_what_the_wire_does_not_carry_is_not_decoded(data: bytes, code: str) -> None:
    with pytest.raises(Fault) as caught:
        codec.decode(data)
    assert caught.value.code == code


def test_a_long_value_is_read_like_a_short_one() -> None:
    value = {
        "a": [True, False, -1, -200, -40_000, 2**31, 2**40, "t" * 40, "u" * 300, b"b" * 300],
        "b": {"c": ["x" * 3_000, b"y" * 100]},
    }
    data = codec.encode(value)
    assert len(data) > 2_048
    assert codec.decode(data) == value


def test_amounts_are_read_from_exact_decimals_alone() -> None:
    assert minor_units("12.50", 2) == minor_units("12.5", 2) == 1_250
    assert minor_units(-3, 2) == -300
    for bad in (10**18, -(10**18), "1e3", " 1", float("nan"), "999999999999999999.99"):
        told("money", minor_units, bad, 2)


def test_an_amount_in_two_currencies_is_none() -> None:
    prices = (Money("price", 1, 9, currency="EUR"), Money("fee", 1, 9, currency="CHF"))
    with pytest.raises(Fault, match="two currencies"):
        Amount(WireDomain.of(Domain(prices)), [["price"], ["fee"]])


class Colour(Issue):
    """A kind of issue that is not ours."""

    kind = "colour"

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "name", name)
        self._set_size(3)


def test_an_issue_of_a_kind_of_ones_own_has_no_signed_form() -> None:
    told("domain", lambda: WireDomain.of(Domain((Colour("tint"),))).issues)


@pytest.mark.parametrize("low", ["2026-12-1", "20261201", "2026-W49-2"])
def test_a_day_in_a_domain_has_one_form(low: str) -> None:
    import datetime

    first = datetime.date(2026, 12, 1)
    made = WireDomain.of(Domain((Date("day", low=first, high=first),))).issues
    issues = [{**made[0], "low": low}]
    not_opened(resign(BUYER.key, opening(issues=issues, subject={"amount": []})), "rules")


def test_names_are_made_for_issues_whose_names_are_none() -> None:
    names = ("Größe", "gr_e", "größe", "7 days", "a" * 80)
    wire = WireDomain.of(Domain(tuple(Integer(name, 1, 2) for name in names)))
    assert wire.names == ("gr_e_0", "gr_e", "gr_e_2", "i_7_days", "a" * 64)
    joined(domain=wire.domain, amount=())


# -- messages ------------------------------------------------------------------------------------------


def test_nobody_signs_for_another() -> None:
    given = next_fields(playing().seller, "walk")
    told("key", envelope.seal, BUYER.key, given)


def test_a_message_that_is_too_large_is_not_signed() -> None:
    mandates = [bytes([n]) * 16_384 for n in range(5)]
    body = {**opening()["body"], "mandates": mandates}
    told("size", envelope.seal, BUYER.key, {**opening(), "body": body})


@pytest.mark.parametrize("note", ["", "x" * 501, 5, b"words"])
def test_a_note_that_is_none_is_not_signed(note: Any) -> None:
    table = playing()
    told("type", table.seller.send, Offer(outcome(300)), NOW + 50, note=note)
    assert table.seller.to_move


def test_what_is_no_text_is_no_json() -> None:
    with pytest.raises(Fault, match="nor any other text"):
        read_json(b"{\x93abc}")


def test_a_frame_is_bytes() -> None:
    told("type", envelope.read, bytearray(playing().buyer.record.chain[0].frame))


def test_a_body_with_a_field_too_many_in_canonical_order_is_refused() -> None:
    table = playing()
    given = {**counter(table), "body": {"a": 1, "terms": counter(table)["body"]["terms"]}}
    refused(table.buyer, forge(SELLER.key, msgpack.packb(given), "offer"), "not-canonical")


def test_every_code_that_is_raised_is_explained() -> None:
    import re

    here = Path(codec.__file__).parent
    text = "\n".join(path.read_text() for path in here.glob("*.py"))
    raised = re.compile(r"Fault\((?:[^()]|\([^()]*\))*?code=\"([a-z0-9-]+)\"", re.S)
    assert set(raised.findall(text)) <= set(CODES)


# -- keys and mandates ---------------------------------------------------------------------------------


def test_a_key_that_could_not_be_written_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        PrivateKey(seed("k")).save(tmp_path / "k.pem", "correct horse")
    assert list(tmp_path.iterdir()) == []


def test_a_mandate_is_issued_by_its_issuer_under_its_parent() -> None:
    own = grant("bot", "buyer", principal="Weber")
    told("key", issue, key("Shop"), own)
    child = own.model_copy(update={"parent": seed("p"), "principal": None})
    told("mandate-chain", issue, key("Weber"), child)
    long = Constraints.model_validate(
        {"issues": {f"issue_{n}": {"set": ["x" * 250] * 2} for n in range(64)}}
    )
    told("size", issue, key("Weber"), own.model_copy(update={"constraints": long}))


@pytest.mark.parametrize(
    "changes",
    [{"nbf": NOW, "exp": NOW}, {"parent": seed("p")}, {"principal": None}],
)
def test_a_grant_that_contradicts_itself_is_none(changes: dict[str, Any]) -> None:
    known = dict(grant("bot", "buyer", principal="Weber"))
    with pytest.raises(ValidationError):
        Grant.model_validate({**known, **changes})


def test_a_mandate_is_what_its_bytes_are() -> None:
    one, same, other = (root("bot", "buyer", "Weber", salt=seed(salt)) for salt in "aab")
    assert one == same == read_mandate(one.frame)
    assert len({one, same, other}) == 2
    with pytest.raises(Fault) as caught:
        read_mandate(bytes(16_385))
    assert caught.value.code == "size"


def test_papers_name_the_principal_first() -> None:
    told("disclosure", Papers, BUYER.key, reached("Weber"), named("Weber"))


def test_a_list_that_cannot_be_is_not_signed() -> None:
    told("lifetime", issue_list, key("Shop"), {}, version=1, iat=NOW, exp=NOW)
    told(
        "revocation", issue_list, key("Shop"), {b"short": NOW}, version=1, iat=NOW, exp=NOW + 1
    )
    many = {seed(str(n)): NOW for n in range(401)}
    told("revocation", issue_list, key("Shop"), many, version=1, iat=NOW, exp=NOW + 1)
    with pytest.raises(Fault) as caught:
        read_list(bytes(MAX_LIST + 1))
    assert caught.value.code == "size"


def test_the_longest_list_fits_into_a_message() -> None:
    most = {seed(str(n)): NOW for n in range(400)}
    assert len(issue_list(key("Shop"), most, version=1, iat=NOW, exp=NOW + DAY)) < MAX_LIST


# -- sessions ------------------------------------------------------------------------------------------


def test_a_session_recovers_with_its_lists_and_names() -> None:
    store = MemoryStore()
    table = joined(stores=(store, None))
    table.buyer.learn(named("Shop"))
    table.buyer.learn(current_list("Shop", version=2))
    table.buyer.learn(current_list("Shop", version=2))  # known: not stored twice
    again = Session.recover(table.buyer.record.sid, BUYER, trust(), store=store)
    assert again.transcript() == table.buyer.transcript()
    assert judge(again.transcript()).parties[1].principal == "Shop"


def test_a_store_that_holds_something_else_is_told() -> None:
    store = MemoryStore()
    frames = agreed().buyer.transcript().frames
    for place, frame in enumerate((frames[0], frames[2])):
        store.append(b"sid", place, Entry("frame", frame))
    with pytest.raises(NegotiateError):
        Session.recover(b"sid", BUYER, trust(), store=store)


def test_nothing_is_said_before_the_opening() -> None:
    fresh = Session(BUYER, trust())
    told("order", fresh.revoke, current_list("Weber"), NOW)
    assert fresh.due(NOW) == []


class Calls(MemoryStore):
    """A store that calls its own session."""

    session: Session | None = None

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        if self.session is not None:
            self.session.send(Accept(), NOW)
        super().append(sid, place, entry)


def test_a_store_that_calls_its_session_is_told() -> None:
    store = Calls()
    table = playing(stores=(None, store))
    store.session = table.seller
    told("reentrant", table.seller.send, Offer(outcome(300)), NOW + 50)
    store.session = None
    table.offer(table.seller, 300)  # as if nothing had been


def test_a_message_that_waited_and_does_not_fit_is_dropped() -> None:
    table = playing()
    early = resign(
        SELLER.key, {**counter(table), "seq": 4}
    )  # it follows nothing that will come
    table.buyer.receive(early, NOW + 10)
    table.now = NOW + 20
    events = table.offer(table.seller, 300)
    (dropped,) = (event for event in events if isinstance(event, Dropped))
    assert dropped.fault.code == "chain"
    assert judge(table.buyer.transcript()).valid


def test_a_crossing_that_turned_out_not_to_stand_is_not_answered_again() -> None:
    table = playing()
    withdrawal = table.buyer.withdraw(NOW + 50)
    accept = table.seller.send(Accept(), NOW + 51)
    assert isinstance(table.buyer.receive(accept, NOW + 60)[0], Crossed)
    store = table.buyer.store
    again = Session.recover(table.buyer.record.sid, BUYER, trust(), store=store)
    (known,) = again.receive(withdrawal, NOW + 70)
    assert isinstance(known, Known)


def test_a_later_withdrawal_can_be_crossed_after_an_earlier_one() -> None:
    """The fold is run again over everything before: an answered withdrawal and a rejection among it."""
    table = playing(protocol=AlternatingOffers(rounds=9, consent="majority"))
    table.seller.receive(table.buyer.withdraw(NOW + 20), NOW + 20)
    table.now = NOW + 30
    table.offer(table.seller, 300)
    table.say(table.buyer, Reject())
    table.offer(table.seller, 310)
    table.offer(table.buyer, 160)
    table.buyer.withdraw(table.now + 10)
    accept = table.seller.send(Accept(), table.now + 11)
    assert isinstance(table.buyer.receive(accept, table.now + 12)[0], Crossed)
    verdict = judge(table.buyer.transcript())
    assert (verdict.valid, verdict.outcome.state) == (True, "agreed")


def test_a_second_opening_in_the_place_of_a_move_is_refused() -> None:
    """With the session's own id, which no opening has."""
    table = playing()
    given = {**counter(table), "kind": "open", "body": opening()["body"]}
    refused(table.buyer, resign(SELLER.key, given), "unknown-field")


def test_a_lapse_is_the_word_of_whoever_made_the_offer() -> None:
    table = Three(AlternatingOffers(rounds=5))
    table.carry(0, table.sessions[0].send(Offer(outcome(200)), NOW + 5, valid=1_000))
    table.now = NOW + 20
    table.say(1, Accept())
    last = table.sessions[2].send(Accept(), NOW + 30)
    listener = table.sessions[0]
    watcher = Session.recover(listener.record.sid, SELLER, KNOWN, store=table.sessions[1].store)
    ends = listener.record.chain[3].fields["exp"]
    message = envelope.read(last)
    watcher.record.admit(message)
    given = {
        "v": 1, "kind": "lapse", "sid": message.sid, "seq": message.seq + 1, "prev": message.id, "re": message.id,
        "from": SELLER.key.public, "to": table.sessions[2].key, "man": SELLER.man, "iat": ends + 9_000,
        "exp": ends + DAY, "body": {"received": ends + 9_000},
    }  # fmt: skip
    with pytest.raises(Fault, match="only who made the offer"):
        watcher.record.admit(envelope.read(resign(SELLER.key, given)))


def test_time_passing_after_the_end_means_nothing() -> None:
    table = agreed()
    assert table.buyer.due(NOW + 400 * DAY) == []


# -- transcripts and exports ---------------------------------------------------------------------------


def test_a_transcript_reads_back_from_its_file(tmp_path: Path) -> None:
    transcript = agreed().buyer.transcript()
    transcript.save(tmp_path / "t")
    assert Transcript.load(tmp_path / "t") == transcript
    told("file", Transcript.load, tmp_path / "none")
    told("file", transcript.save, tmp_path / "none" / "t")


def test_a_jws_of_another_shape_is_none() -> None:
    text = to_jws(judge(agreed().buyer.transcript()), BUYER.key)
    head, body, signature = text.split(".")
    other = judge(agreed(nonce="another").buyer.transcript())
    foreign = to_jws(other, BUYER.key).split(".")[2]
    for bad in ("", "a.b", f"{text}.x", f"{head}.{body}.é", f"{head}.{body}.{signature[:-2]}",
                f"{head}.{body}.{foreign}", f"{head}.{body}.AAAA"):  # fmt: skip
        with pytest.raises(Fault):
            from_jws(bad, BUYER.key.did)


@pytest.mark.parametrize(
    "text", ["[]", "1", '"x"', '{"a":1,"a":2}', '{"a":1.0}', "{", '{"a":NaN}']
)
def test_json_from_outside_is_an_object_without_tricks(text: str) -> None:
    with pytest.raises(Fault):
        read_json(text.encode())


# -- files ---------------------------------------------------------------------------------------------


def request(**changes: Any) -> files.Request:
    base = files.Request(key("bot").did, "buyer", NOW, NOW + DAY)
    return replace(base, **changes)


def made(**changes: Any) -> files.MandateFile:
    salts = (seed("a"), seed("b"))
    return files.issue_mandate(key("Weber"), request(**changes), "Haushalt Weber", salts)


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"role": "Buyer!"}, "mandate", "role"), ({"ends": NOW}, "mandate", "nbf"),
        ({"depth": 9}, "mandate", "depth"), ({"constraints": {"budgte": 1}}, "constraint", "budgte"),
        ({"constraints": {"deals": "3"}}, "constraint", "deals"),
        ({"constraints": {"counterparties": ["did:key:z6MkNobody"]}}, "key", "did:key"),
    ],
)  # fmt: skip
def test_a_mandate_that_cannot_be_says_what_is_wrong(
    changes: dict[str, Any], code: str, words: str
) -> None:
    with pytest.raises(NegotiateError) as caught:
        made(**changes)
    assert caught.value.code == code
    assert words in str(caught.value)


def test_a_mandate_file_shows_keys_as_people_write_them() -> None:
    given = {"counterparties": [key("Shop").did], "issues": {"price": {"set": [1, 2]}}}
    shown = files.show_mandates(made(constraints=given))
    assert shown["chain"][0]["constraints"] == given
    assert json.dumps(shown)


def test_only_own_mandates_are_revoked() -> None:
    error = told("key", files.revoke_mandates, key("Shop"), [made()], version=1, at=NOW, ends=NOW + 1)  # fmt: skip
    assert key("Shop").did in str(error)


def test_lists_for_trust_are_read_before_they_are_needed(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.list", tmp_path / "bad.list"
    good.write_bytes(current_list("Shop"))
    bad.write_bytes(b"not a list")
    known = files.trust_of([f"{key('Shop').did}=Shop"], [str(good)], without_lists=False)
    assert known.principals == {key("Shop").public: "Shop"}
    told("malformed", files.trust_of, [], [str(bad)], without_lists=False)


def test_no_file_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("mine")
    told("file", made().save, tmp_path / "m")
    assert (tmp_path / "m").read_text() == "mine"
