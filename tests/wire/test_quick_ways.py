"""What is quick says the same as what is plain: each short cut of the wire beside the long way."""

from __future__ import annotations

import datetime
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import hostile
from negotiate.domain.issues import Choice, Date, Domain, Integer, Quantity
from negotiate.errors import LocalError
from negotiate.moves import Offer
from negotiate.wire import codec, envelope, head
from negotiate.wire.bodies import ANSWERS, BODIES
from negotiate.wire.faults import Fault
from negotiate.wire.keys import SMALL_ORDER, P, check_public
from negotiate.wire.privacy import read_disclosure
from negotiate.wire.store import FRAME, LIST, Entry
from negotiate.wire.terms import WireDomain
from negotiate.wire.transcript import FORMAT, Transcript
from tests.wire.kit import (
    DOMAIN,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    fields,
    joined,
    msgpack,
    ordered,
    playing,
)

TABLE = playing()

# -- the head ------------------------------------------------------------------------------------------

VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [0, 1, -1, True, False, 2**32 - 1, 2**32, 2**63 - 1, NOW, NOW + 1, 4_102_444_800_000, 4_102_444_800_001,
     "", "offer", b"", bytes(31), bytes(32), bytes(33), [], {}, 1.5, None]
)  # fmt: skip
CHANGES = st.dictionaries(
    st.sampled_from(["v", "kind", "sid", "seq", "prev", "from", "to", "iat", "exp", "man", "re", "body"]),
    VALUES | st.sampled_from(sorted(BODIES)) | st.just("absent"), max_size=3,
)  # fmt: skip


def is_payload(given_: dict[str, Any]) -> bool:
    """The rule of a head, said one part after the other."""
    kind, ids = given_.get("kind"), {"from", "prev", "to"}
    if type(kind) is not str or kind not in BODIES:
        return False
    ids |= {"sid"} if kind != "open" else set()
    ids |= {"re"} if kind in ANSWERS else set()
    ids |= {"man"} if "man" in given_ else set()
    numbers = {"v", "seq", "iat", "exp"}
    return (
        list(given_) == sorted(ids | numbers | {"kind", "body"})
        and all(type(given_[name]) is bytes and len(given_[name]) == 32 for name in ids)
        and all(type(given_[name]) is int for name in numbers)
        and type(given_["body"]) is dict
        and given_["v"] == 1
        and given_["seq"] in range(2**32)
        and 0 < given_["iat"] < given_["exp"] <= head.MAX_TIME
    )


@settings(max_examples=400, deadline=None)
@given(CHANGES, st.booleans())
def test_a_head_fits_just_when_every_part_of_the_rule_holds(
    changes: dict[str, Any], in_order: bool
) -> None:
    given_ = {**counter(TABLE), **changes}
    given_ = {name: value for name, value in given_.items() if value != "absent"}
    given_ = ordered(given_) if in_order else given_
    try:
        head.check(given_)
        told = None
    except Fault as fault:
        told = fault
    if not is_payload(given_):
        assert told is not None
        assert ("the body is not a map" in str(told)) <= (type(given_.get("body")) is not dict)
    else:
        assert told is None or "body" in str(told) or "terms" in str(told)


def test_more_terms_than_a_map_may_have_are_refused_also_when_they_are_short() -> None:
    terms = {f"a{n:02}": 1 for n in range(65)}
    with pytest.raises(Fault) as caught:
        head.check(ordered({**counter(TABLE), "body": {"terms": terms}}))
    assert caught.value.code == "size"


# -- own offers ------------------------------------------------------------------------------------------

WIDE = Domain(
    (
        Quantity("energy use", -5, 600, 5, unit="kWh", scale=1),
        Choice("colour", ("red", "é" * 256)),
        Integer("big", -1_000_000, 1_000_000),
        Date("day", low=datetime.date(2026, 1, 1), high=datetime.date(2026, 12, 31), step=1),
    )
)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_an_own_offer_is_what_the_long_way_makes_of_the_same_fields(data: Any) -> None:
    domain = data.draw(st.sampled_from([DOMAIN, WIDE]))
    outcome = tuple(data.draw(st.integers(0, issue.size - 1)) for issue in domain.issues)
    table = joined(domain=domain, amount=())
    frame = table.buyer.send(Offer(outcome), NOW + data.draw(st.integers(1, 1_000)))
    message = envelope.read(frame)
    long = envelope.draft(fields(frame))
    assert (long.payload, long.id) == (message.payload, message.id)
    assert dict(table.buyer.record.chain[-1].fields) == dict(long.fields)
    table.seller.receive(frame, NOW + 1_000)
    assert table.seller.view().standing == outcome


@pytest.mark.parametrize("at", [0, -1, True, 1.5, 2**63, "now"])
def test_an_offer_at_a_time_that_cannot_be_is_neither_signed_nor_stored(at: Any) -> None:
    table = joined()
    before = table.buyer.transcript()
    with pytest.raises((LocalError, TypeError)):
        table.buyer.send(Offer((1, 1, 1)), at)
    assert table.buyer.transcript() == before
    assert table.offer(table.buyer, 150)


@given(st.data())
def test_terms_are_the_plain_values_of_the_outcome_and_read_back(data: Any) -> None:
    domain = data.draw(st.sampled_from([DOMAIN, WIDE]))
    outcome = tuple(data.draw(st.integers(0, issue.size - 1)) for issue in domain.issues)
    wire = WireDomain.of(domain)
    terms = wire.terms(outcome)
    pairs = zip(wire.names, domain.issues, outcome, strict=True)
    assert terms == {name: issue.plain(position) for name, issue, position in pairs}
    assert list(terms) == sorted(terms)
    assert wire.outcome(terms) == outcome
    assert WireDomain.of(domain).outcome(terms) == outcome


@given(st.tuples(*[st.sampled_from([-1, 0, 2, 400, 401, True, 1.0, None, "1"])] * 3))
def test_positions_off_the_grid_have_no_terms(outcome: Any) -> None:
    good = all(
        type(position) is int and 0 <= position < size
        for position, size in zip(outcome, DOMAIN.sizes, strict=True)
    )
    assert DOMAIN.contains(outcome) == good
    if not good:
        with pytest.raises(LocalError):
            WireDomain.of(DOMAIN).terms(outcome)


# -- transcripts -----------------------------------------------------------------------------------------


def read_plainly(data: bytes) -> Transcript | None:
    """A transcript by unpacking all of it, asking each type, and packing it again."""
    try:
        value = msgpack.unpackb(data)
        assert list(value) == ["disclosures", "format", "log", "version"]
        assert (value["format"], value["version"]) == (FORMAT, 1)
        assert all(type(tag) is int and tag in (0, 1) for tag, _ in value["log"])
        assert all(
            type(item) is bytes and len(item) <= codec.MAX_BYTES for _, item in value["log"]
        )
        log = tuple(Entry((FRAME, LIST)[tag], item) for tag, item in value["log"])
        found = Transcript(log, tuple(map(read_disclosure, value["disclosures"])))
        assert found.to_bytes() == data
    except Exception:  # whatever the unpacker and the assertions say
        return None
    return found


def walked(data: bytes) -> Transcript | None:
    try:
        return Transcript.from_bytes(data)
    except Fault:
        return None


def example() -> Transcript:
    table = agreed()
    table.buyer.learn(SELLER.principal)
    entries = [Entry(LIST, current_list("Weber")), Entry(FRAME, b""), Entry(FRAME, bytes(200))]
    whole = table.buyer.transcript()
    return Transcript((*entries, *whole.log, Entry(FRAME, bytes(65_536))), whole.disclosures)


FILE = example().to_bytes()
SHORT = Transcript(example().log[:4], example().disclosures).to_bytes()


def test_a_file_reads_as_it_was_written() -> None:
    assert walked(FILE) == read_plainly(FILE) == example()
    many = Transcript((Entry(FRAME, b"x"),) * 70_000)
    assert walked(many.to_bytes()) == many


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32))
def test_a_walked_file_is_the_unpacked_file_or_both_are_refused(seed: int) -> None:
    source = random.Random(seed)
    data = bytearray(SHORT)
    marks = [
        0,
        12,
        *(n for n in range(len(data)) if 0x90 <= data[n] <= 0x95 or data[n] in (0xC4, 0xC5)),
    ]
    for _ in range(source.randint(1, 2)):
        place = min(source.choice(marks) + source.randrange(4), len(data) - 1)
        how = source.randrange(4)
        if how == 0:
            data[place] = source.randrange(256)
        elif how == 1:
            del data[place : place + source.randint(1, 5)]
        elif how == 2:
            data[place:place] = source.choice(
                [b"\x90", b"\xc4\x00", b"\x92\x00\xc4\x01a", b"\xdd\xff\xff\xff\xff", b"\xc0"]
            )
        else:
            data[place:] = b""
    assert walked(bytes(data)) == read_plainly(bytes(data))


@pytest.mark.parametrize(
    ("count", "code"),
    [(b"\xdd\xff\xff\xff\xff", "size"), (b"\xdd\x00\x0f\x42\x40", "evidence")],
)
def test_a_count_of_what_does_not_follow_is_refused(count: bytes, code: str) -> None:
    with pytest.raises(Fault) as caught:
        Transcript.from_bytes(b"\x84\xabdisclosures" + count)
    assert caught.value.code == code


# -- keys ------------------------------------------------------------------------------------------------


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_taken_just_when_its_point_is_on_the_curve(raw: bytes) -> None:
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    on_curve = y < P and raw not in SMALL_ORDER and pow(square, (P - 1) // 2, P) == 1
    try:
        taken = check_public(raw) == raw
    except Fault:
        taken = False
    assert taken == on_curve


# -- hostile bytes ---------------------------------------------------------------------------------------


def test_hostile_inputs_are_as_large_as_may_be_and_no_frame_of_them_is_read() -> None:
    found = hostile.inputs()
    assert sum(len(data) > codec.MAX_BYTES - 100 for data in found.values()) > len(found) // 2
    for name, data in found.items():
        assert len(data) <= codec.MAX_BYTES
        with pytest.raises(Fault):
            envelope.read(data)
        if name in ("small maps", "small arrays", "maps of one"):
            msgpack.unpackb(
                data
            )  # well-formed: refused for what it asks, not for how it is written


def test_a_transcript_of_small_things_costs_no_more_than_its_bytes() -> None:
    for name in ("small maps", "small arrays", "maps of one"):
        _, megabytes = hostile.cost(Transcript.from_bytes, hostile.inputs()[name])
        assert megabytes < 0.1
