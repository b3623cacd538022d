"""Hostile bytes: only errors of the library, within bounds, and the same verdict live and offline."""

from __future__ import annotations

import os
import random
import tracemalloc
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.wire import codec, envelope, head
from negotiate.wire.faults import CODES, Fault
from negotiate.wire.mandate import read_mandate
from negotiate.wire.revocation import read_list
from negotiate.wire.session import Session
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from tests.wire.kit import (
    NOW,
    SELLER,
    SLOW,
    agreed,
    counter,
    forge,
    judge,
    key,
    msgpack,
    ordered,
    playing,
    root,
    state,
    trust,
)  # fmt: skip

INPUTS = int(os.environ.get("NEGOTIATE_FUZZ", "200000"))
TABLE = playing()
GOOD = [m.frame for m in agreed().buyer.record.chain]
FRAMES = [
    *GOOD,
    forge(SELLER.key, msgpack.packb(ordered(counter(TABLE))), "offer"),
    root("bot", "buyer", "Weber").frame,
]
ATOMS = [
    b"\xc0",
    b"\xc3",
    b"\xcb" + bytes(8),
    b"\x80",
    b"\x90",
    b"\xdf\xff\xff\xff\xff",
    b"\xa1a",
    b"\xc4\x00",
    b"\xd4\x05\x00",
]


def mutated(source: random.Random) -> bytes:
    """A frame with a few bytes changed, cut, inserted or repeated; now and then nothing but noise."""
    if source.random() < 0.05:
        return source.randbytes(source.randrange(200))
    data = bytearray(source.choice(FRAMES))
    for _ in range(source.randint(1, 3)):
        place = source.randrange(len(data)) if data else 0
        how = source.randrange(4)
        if how == 0 and data:
            data[place] = source.randrange(256)
        elif how == 1:
            del data[place : place + source.randint(1, 9)]
        elif how == 2:
            data[place:place] = source.choice(ATOMS)
        else:
            data[place:place] = data[place : place + source.randint(1, 40)]
    return bytes(data)


def test_two_hundred_thousand_inputs_raise_only_faults() -> None:
    source = random.Random(20260101)
    outcomes: dict[str, int] = {}
    readers = (
        envelope.read,
        codec.decode,
        envelope.read,
        read_mandate,
        read_list,
        Transcript.from_bytes,
    )
    for n in range(INPUTS):
        try:
            readers[n % len(readers)](mutated(source))
            code = "read"
        except Fault as fault:
            code = fault.code
        outcomes[code] = outcomes.get(code, 0) + 1
    assert set(outcomes) - {"read"} <= set(CODES)
    assert sum(outcomes.values()) == INPUTS
    assert len(outcomes) > 8


def hostile(rng: random.Random) -> dict[str, bytes]:
    """64 KiB of the worst kinds."""
    size = 65_400
    flat = {
        "maps": b"\xdd" + size.to_bytes(4, "big") + b"\x80" * size,
        "nested": b"\x91" * size,
        "strings": b"\xdc\x0f\xff" + b"\xaf" + b"x" * 15 + b"\xaf" * 4_000,
        "noise": rng.randbytes(size),
        "keys": b"\xde\x00\x40"
        + b"".join(b"\xd9\xf0" + bytes([97 + n % 20]) * 240 + b"\x90" for n in range(64)),
        "bombs": (b"\xdd\xff\xff\xff\xff" * size)[:size],
        "wide": (b"\xdc\x01\x00" + b"\x90" * 255) * 240,
        "ints": b"\xdc\xff\x00" + b"\xcf" * size,
        "text": b"\xdb" + (size - 5).to_bytes(4, "big") + b"\xe2\x82\xac" * (size // 3 - 2),
    }
    framed = {
        f"framed {name}": forge(key("x"), data[:65_000], "offer") for name, data in flat.items()
    }
    return {**{name: data[:65_536] for name, data in flat.items()}, **framed}


@pytest.mark.parametrize("name", hostile(random.Random(1)))
@pytest.mark.parametrize("reader", [envelope.read, codec.decode])
def test_decoding_64_kib_of_hostile_bytes_is_cheap(name: str, reader: object) -> None:
    data = hostile(random.Random(1))[name]
    best = 1.0
    for _ in range(5):
        began = perf_counter()
        attempt(reader, data)
        best = min(best, perf_counter() - began)
    assert best < 0.005 * SLOW
    tracemalloc.start()
    attempt(reader, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def attempt(reader: object, data: bytes) -> None:
    try:
        reader(data)  # type: ignore[operator]
    except Fault:
        return


def both(frame: bytes) -> None:
    """Live and offline say the same about any bytes."""
    session = Session.recover(
        TABLE.buyer.record.sid, TABLE.buyer.papers, trust(), store=TABLE.buyer.store
    )
    session.store = type(session.store)()
    before = state(session)
    log = session.transcript().log
    try:
        at = envelope.read(frame).fields["iat"]
    except Fault:
        at = NOW + 100
    try:
        session.receive(frame, at)
        live = "accepted"
    except Fault as fault:
        live = fault.code
        assert state(session) == before or live == "equivocation"
    verdict = judge(Transcript((*log, Entry(FRAME, frame))))
    offline = "accepted" if verdict.fault is None else verdict.fault.code
    if live == "accepted" and offline == "gap":
        assert state(session) == before  # it waits for its predecessor
    else:
        assert live == offline


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400) | st.integers(0, 2**32).map(lambda n: mutated(random.Random(n))))
def test_live_and_offline_verdicts_are_equal_for_any_bytes(frame: bytes) -> None:
    both(frame)


VALUES = st.sampled_from(
    [0, 1, -1, 3, True, "", "red", b"", bytes(32), [], {}, 2**63 - 1, NOW, NOW + 100, 1.5, None]
)
CHANGES = st.dictionaries(
    st.sampled_from(["v", "kind", "sid", "seq", "prev", "from", "to", "iat", "exp", "man", "re", "body", "extra"]),
    VALUES | st.sampled_from(["offer", "accept", "reject", "walk", "withdraw", "close", "join", "bid", "lapse"]),
    min_size=0, max_size=3,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(CHANGES)
def test_live_and_offline_verdicts_are_equal_for_well_signed_nonsense(
    changes: dict[str, object],
) -> None:
    given_ = {**counter(TABLE), **changes}
    both(forge(SELLER.key, msgpack.packb(ordered(given_)), str(given_["kind"])))


@settings(max_examples=300, deadline=None)
@given(CHANGES)
def test_the_hand_written_head_and_its_model_agree(changes: dict[str, object]) -> None:
    given_ = ordered({**counter(TABLE), **changes})
    try:
        envelope.read(forge(SELLER.key, msgpack.packb(given_), str(given_["kind"])))
        by_hand = True
    except Fault:
        by_hand = False
    rest = {name: value for name, value in given_.items() if name != "body"}
    try:
        head.Head.model_validate(rest)
        by_model = type(rest["v"]) is int
    except ValueError:
        by_model = False
    assert (
        not by_hand or by_model
    )  # the model leaves open which fields belong to which kind, and order of times


JSON_LIKE = st.recursive(
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(max_size=20)
    | st.binary(max_size=40),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(min_size=1, max_size=9), inner, max_size=5)
    ),
    max_leaves=30,
)


@settings(max_examples=300, deadline=None)
@given(JSON_LIKE)
def test_what_is_encoded_decodes_to_itself(value: object) -> None:
    data = codec.encode(value)  # type: ignore[arg-type]
    assert codec.decode(data) == value
    assert codec.encode(codec.decode(data)) == data  # type: ignore[arg-type]
