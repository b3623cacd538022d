"""More attacks on the file that is shown to an arbiter than the list has."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from typing import Any

import pytest

from negotiate.wire.faults import Fault
from negotiate.wire.mandate import issue
from negotiate.wire.privacy import Disclosure
from negotiate.wire.prose import tell
from negotiate.wire.store import FRAME, LIST, Entry
from negotiate.wire.transcript import MAX_TRANSCRIPT, Transcript
from negotiate.wire.verify import verify_bytes
from tests.wire.kit import (
    BUYER,
    SELLER,
    agreed,
    current_list,
    fields,
    grant,
    judge,
    key,
    msgpack,
    named,
    playing,
    reached,
    resign,
    trust,
)


def told() -> Transcript:
    """A finished session, as the buyer keeps it, with the names of both sides."""
    table = agreed()
    for disclosure in (named("Weber"), named("Shop"), reached("Shop")):
        table.buyer.learn(disclosure)
    return table.buyer.transcript()


def not_valid(data: bytes, *codes: str) -> None:
    verdict = verify_bytes(data, trust())
    assert not verdict.valid
    assert verdict.fault is not None
    assert verdict.fault.code in codes, verdict.fault
    assert not verdict.outcome.complete


# -- the file ------------------------------------------------------------------------------------------


def test_a_file_that_was_cut_anywhere_is_no_transcript() -> None:
    data = told().to_bytes()
    for end in range(0, len(data), 17):
        not_valid(data[:end], "evidence")


def test_a_file_with_any_byte_changed_is_not_valid_or_says_less() -> None:
    """A changed byte in a disclosure, or in a list of revocations, cannot turn into another word of anybody."""
    transcript = told()
    data, honest = transcript.to_bytes(), judge(transcript).outcome
    for place in range(0, len(data), 13):
        bad = bytearray(data)
        bad[place] ^= 1 << place % 8
        verdict = verify_bytes(bytes(bad), trust())
        assert not verdict.valid, place
        assert verdict.outcome == honest or not verdict.outcome.complete


def content() -> dict[str, Any]:
    return msgpack.unpackb(told().to_bytes())


FILES: dict[str, Any] = {
    "sections in another order": lambda c: dict(reversed(c.items())),
    "a section too many": lambda c: {**c, "extra": 1},
    "a section too few": lambda c: {n: v for n, v in c.items() if n != "disclosures"},
    "another format": lambda c: {**c, "format": "another"},
    "another version": lambda c: {**c, "version": 2},
    "true for one": lambda c: {**c, "version": True},
    "a float for one": lambda c: {**c, "version": 1.0},
    "no log": lambda c: {**c, "log": None},
    "a map for a log": lambda c: {**c, "log": {}},
    "a tag that is not known": lambda c: {**c, "log": [[2, b"x"], *c["log"]]},
    "true for a tag": lambda c: {**c, "log": [[True, c["log"][0][1]], *c["log"][1:]]},
    "text for a frame": lambda c: {**c, "log": [[0, "x"], *c["log"]]},
    "three in an entry": lambda c: {**c, "log": [[*c["log"][0], 1], *c["log"][1:]]},
    "a nest in an entry": lambda c: {**c, "log": [[0, [[[]]]], *c["log"]]},
    "a frame that is too long": lambda c: {**c, "log": [[0, bytes(65_537)], *c["log"]]},
    "a disclosure of two": lambda c: {**c, "disclosures": [c["disclosures"][0][:2]]},
    "a disclosure of a price": lambda c: {**c, "disclosures": [["price", bytes(32), "300"]]},
    "a disclosure with a short salt": lambda c: {**c, "disclosures": [["principal", b"x", "W"]]},
    "a disclosure of a map": lambda c: {**c, "disclosures": [{"field": "principal"}]},
    "two transcripts in one": lambda c: [c, c],
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_form_is_no_transcript(name: str) -> None:
    not_valid(msgpack.packb(FILES[name](content())), "evidence", "disclosure")


def test_a_section_that_stands_twice_is_refused() -> None:
    data = told().to_bytes()
    twice = b"\x85" + data[1:] + msgpack.packb("version") + b"\x01"
    not_valid(twice, "evidence")
    not_valid(b"\x84" + data[1:] + msgpack.packb("version") + b"\x01", "evidence")


BEFORE_LOG = b"\x84\xabdisclosures\x90\xa6format\xa1x\xa3log"
BOMBS = {
    "maps": b"\xdd\x00\x0f\x00\x00" + b"\x80" * 0xF0000,
    "maps for disclosures": b"\x84\xabdisclosures\xdd\x00\x00\x03\xff" + b"\x80" * 500_000,
    "lists for log": BEFORE_LOG + b"\xdd\x00\x0e\x00\x00" + b"\x90" * 900_000,
    "lists in an entry": BEFORE_LOG + b"\x91\x92\x00\xdd\x00\x0e\x00\x00" + b"\x90" * 900_000,
    "depth": b"\x91" * 900_000,
    "a length": b"\x84\xabdisclosures\xdd\xff\xff\xff\xff",
    "a text": b"\x84\xdb\xff\xff\xff\xffx",
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_file_costs_no_memory(name: str) -> None:
    tracemalloc.start()
    not_valid(BOMBS[name], "evidence", "size")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3 * len(BOMBS[name]) + 1_000_000


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_TRANSCRIPT == 256 * 1024 * 1024
    monkeypatch.setattr("negotiate.wire.transcript.MAX_TRANSCRIPT", 1_000)
    not_valid(told().to_bytes(), "size")


# -- the log -------------------------------------------------------------------------------------------


def log() -> list[Entry]:
    return [entry for entry in told().log if entry.tag == FRAME]


@pytest.mark.parametrize("place", range(6))
def test_two_neighbours_that_changed_places_are_found(place: int) -> None:
    entries = log()
    entries[place : place + 2] = reversed(entries[place : place + 2])
    verdict = judge(Transcript(tuple(entries)))
    assert not verdict.valid
    assert not verdict.outcome.complete


def test_two_sessions_in_one_file_are_found() -> None:
    other = [Entry(FRAME, frame) for frame in agreed(nonce="another").buyer.transcript().frames]
    mine = log()
    zipped = [entry for pair in zip(mine, other, strict=True) for entry in pair]
    for mixed in (mine + other, mine[:3] + other[3:], zipped):
        verdict = judge(Transcript(tuple(mixed)))
        assert verdict.fault is not None
        assert verdict.fault.code == "session"


def test_what_was_said_twice_counts_once() -> None:
    entries = log()
    twice = [entry for entry in entries for _ in range(2)]
    assert judge(Transcript(tuple(twice))).to_json() == judge(Transcript(tuple(entries))).to_json()  # fmt: skip


def test_a_frame_for_a_list_and_a_list_for_a_frame_are_refused() -> None:
    entries = log()
    as_list = [entries[0]._replace(tag=LIST), *entries[1:]]
    as_frame = [Entry(FRAME, current_list("Weber")), *entries]
    for bad in (as_list, as_frame):
        assert not judge(Transcript(tuple(bad))).valid


def test_lists_that_concern_nobody_change_nothing() -> None:
    strangers = [Entry(LIST, current_list(name)) for name in ("Mallory", "Trudy")]
    more = Transcript((*strangers, *log(), *strangers))
    assert judge(more).to_json() == judge(Transcript(tuple(log()))).to_json()


def test_both_sides_records_give_one_verdict() -> None:
    table = agreed()
    sides = [judge(session.transcript()).to_json() for session in (table.buyer, table.seller)]
    assert sides[0] == sides[1]


def test_a_closing_record_with_the_head_of_another_session_is_refused() -> None:
    entries = log()
    other = fields(agreed(nonce="another").buyer.transcript().frames[-2])
    close = fields(entries[-2].data)
    for name in ("head", "root"):
        given = {**close, "body": {**close["body"], name: other["body"][name]}}
        forged = Entry(FRAME, resign(SELLER.key, given))
        verdict = judge(Transcript((*entries[:-2], forged)))
        assert verdict.fault is not None
        assert (verdict.fault.code, verdict.fault.party) == ("close", SELLER.key.did)
        assert not verdict.outcome.complete


# -- disclosures ---------------------------------------------------------------------------------------


def test_disclosures_of_another_session_are_refused() -> None:
    mine = told()
    foreign = Disclosure("principal", mine.disclosures[0].salt, "Somebody else")
    for bad in (foreign, named("Mallory")):
        verdict = judge(replace(mine, disclosures=(*mine.disclosures, bad)))
        assert verdict.fault is not None
        assert verdict.fault.code == "disclosure"
        assert verdict.outcome.complete  # names decide nothing


def test_no_disclosure_is_longer_than_a_name() -> None:
    with pytest.raises(Fault):
        Transcript.from_bytes(
            msgpack.packb({**content(), "disclosures": [["principal", bytes(32), "x" * 501]]})
        )


@pytest.mark.parametrize(
    "name", ["Weber\n\nThe transcript is valid.", "\u202eREBEW", "\x1b[2J", "We\u200bber"]
)
def test_a_name_cannot_dress_up_the_verdict(name: str) -> None:
    own = Disclosure("principal", named("Weber").salt, name)
    given = grant("bot", "buyer", principal="Weber").model_copy(
        update={"principal": own.digest}
    )
    mandate = issue(key("Weber"), given)
    table = agreed(buyer=replace(BUYER, principal=own, mandates=(mandate,)))
    table.seller.learn(own)
    for language in ("en", "de"):
        text = tell(judge(table.seller.transcript()), language)  # type: ignore[arg-type]
        assert len(text.splitlines()) == len(tell(judge(log_of(table)), language).splitlines())  # type: ignore[arg-type]
        assert not any(odd in text for odd in ("\u202e", "\x1b", "\u200b"))


def log_of(table: Any) -> tuple[bytes, ...]:
    return table.seller.transcript().frames


def test_an_unsigned_claim_of_fault_is_nobodys() -> None:
    """A frame in somebody's name that they did not sign makes the transcript not valid, and blames nobody."""
    table = playing()
    unsigned = resign(SELLER.key, {**fields(table.buyer.record.chain[2].frame), "seq": 3})
    forged = unsigned[:-64] + resign(key("Mallory"), fields(unsigned))[-64:]
    verdict = judge([*table.buyer.transcript().frames, forged])
    assert verdict.fault is not None
    assert verdict.fault.party is None
    assert verdict.outcome.state == "open"
