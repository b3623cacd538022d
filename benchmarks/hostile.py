"""What 64 KiB of hostile bytes cost to refuse: the worst of many kinds, in milliseconds and megabytes.

Every input is as large as a frame may be. The inputs press where a decoder can be made to work: depth, width, counts
that promise more than follows, small maps, long texts, long keys, exactly as many elements as are allowed, and a frame
in good order whose body is refused at its last part. The signature of a frame is not looked at by a reader, so these
carry none that fits.
"""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

from negotiate.wire import codec, envelope
from negotiate.wire.faults import Fault
from negotiate.wire.mandate import read_mandate
from negotiate.wire.revocation import read_list
from negotiate.wire.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIMIT_MS, LIMIT_MB = 5.0, 5.0
SIZE = codec.MAX_BYTES
READERS: dict[str, Callable[[bytes], object]] = {
    "frame": envelope.read,
    "value": codec.decode,
    "mandate": read_mandate,
    "revocations": read_list,
    "transcript": Transcript.from_bytes,
}


def _text(size: int) -> bytes:
    """A text of three-byte characters."""
    return b"\xda" + size.to_bytes(2, "big") + b"\xe2\x82\xac" * (size // 3)


def _map(entries: int, value: bytes) -> bytes:
    keys = (b"\xa3" + f"{n:03}".encode() for n in range(entries))
    return b"\xde" + entries.to_bytes(2, "big") + b"".join(key + value for key in keys)


def values(size: int) -> dict[str, bytes]:
    """Values by what is bad about them; each has about ``size`` bytes."""

    def array(count: int) -> bytes:
        return b"\xdd" + count.to_bytes(4, "big")

    each = (size // 2_047 - 3) // 2 * 2
    return {
        "deep arrays": b"\x91" * size,
        "deep maps": b"\x81\xa1a" * (size // 3),
        "wide": array(size - 5) + b"\x01" * (size - 5),
        "small maps": array(size - 5) + b"\x80" * (size - 5),
        "maps of one": array((size - 5) // 3) + b"\x81\xa0\x01" * ((size - 5) // 3),
        "small arrays": array(size - 5) + b"\x90" * (size - 5),
        "small texts": array((size - 5) // 2) + b"\xa1a" * ((size - 5) // 2),
        "promises": b"\xdd\xff\xff\xff\xff" * (size // 5),
        "maps in maps": _map(64, _map(31, b"\xc4\x06abcdef")),
        "2,048 texts": b"\xdc\x07\xfe" + (b"\xd9" + bytes([each]) + b"\xc3\xa9" * (each // 2)) * 2_046,
        "2,048 integers": b"\xdc\x07\xff" + b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff" * 2_047,
        "1,023 maps": b"\xdc\x03\xff" + b"\x81\xa1a\x80" * 1_023,
        "one text": _text((size - 3) // 3 * 3),
        "not UTF-8": b"\xda" + (size - 3).to_bytes(2, "big") + b"a" * (size - 4) + b"\xff",
        "long keys": b"\xde\x00\x40" + b"".join(
            b"\xda\x03\xf0" + bytes([33 + n]) * 1_008 + b"\x90" for n in range(64)
        ),
        "no order": b"\xde\x00\x40" + b"".join(b"\xa2%02d\x01" % (99 - n) for n in range(64)),
        "floats": array((size - 5) // 9) + (b"\xcb" + bytes(8)) * ((size - 5) // 9),
        "ext": array((size - 5) // 3) + (b"\xd4\x05\x00") * ((size - 5) // 3),
    }  # fmt: skip


def bodies() -> dict[str, bytes]:
    """Payloads with a head in order and a body that costs as much as it can."""
    key = bytes(range(32))
    head: dict[str, codec.Value] = {
        "exp": 2, "from": key, "iat": 1, "kind": "offer", "prev": key, "seq": 1, "sid": key, "to": key, "v": 1,
    }  # fmt: skip
    names = [f"n{n:02}" for n in range(64)]
    opening = {name: head[name] for name in head if name != "sid"} | {"kind": "open", "seq": 0}
    issues: codec.Value = [
        {"kind": "choice", "name": name, "values": ["é" * 8] * 29} for name in names
    ]
    found: dict[str, Mapping[str, codec.Value]] = {
        "64 terms, the last too long": {
            **head, "body": {"terms": {**dict.fromkeys(names[:-1], "é" * 256), "n63": "e" * 257}},
        },
        "an opening that lacks its parties": {**opening, "body": {"issues": issues}},
        "an unknown field of 60 KB": {**head, "body": {"terms": {"a": 1}, "x": "€" * 20_000}},
        "another kind, with everything": {**head, "kind": "walk", "body": {"x": [[1] * 40] * 45}},
    }  # fmt: skip
    return {name: codec.encode(payload) for name, payload in found.items()}


def inputs() -> dict[str, bytes]:
    """All inputs: each value bare, and as the payload of a frame."""
    signature = b"\x11" * 64
    found = {name: data[:SIZE] for name, data in values(SIZE).items()}
    payloads = {
        **{name: data[: SIZE - 71] for name, data in values(SIZE - 71).items()},
        **bodies(),
    }
    framed = {
        f"frame of {name}": envelope.wrap(data, signature) for name, data in payloads.items()
    }
    return {**found, **framed}


def _refuse(reader: Callable[[bytes], object], data: bytes) -> None:
    try:
        reader(data)
    except Fault:
        return


def cost(reader: Callable[[bytes], object], data: bytes) -> tuple[float, float]:
    """Milliseconds (best of five) and megabytes (peak) that an input costs."""
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        _refuse(reader, data)
        best = min(best, time.perf_counter() - began)
    tracemalloc.start()
    _refuse(reader, data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return best * 1e3, peak / 1e6


def worst() -> dict[str, object]:
    """The dearest input in time and in memory, over all readers."""
    found = [
        (*cost(reader, data), f"{kind}: {name}")
        for kind, reader in READERS.items()
        for name, data in inputs().items()
    ]
    slowest, largest = max(found), max(found, key=lambda one: one[1])
    return {
        "inputs": len(found),
        "worst_ms": round(slowest[0], 3),
        "slowest": slowest[2],
        "worst_mb": round(largest[1], 3),
        "largest": largest[2],
        "met": slowest[0] <= LIMIT_MS and largest[1] <= LIMIT_MB,
    }
