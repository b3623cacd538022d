"""Write the test vectors of the wire: `python -m tests.wire.vectors.make`, from the top of the checkout.

The same vectors come out each time. Each line of ``vectors.jsonl`` is ``{"id", "op", ..., "ok", "code"}``; see
``README.md`` beside this file for the operations. ``code`` is this library's, for reference.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

from negotiate.wire import codec, envelope, keys, merkle
from tests.wire.auctions.kit import NAMES, Room
from tests.wire.kit import (
    MINUTE,
    SELLER,
    agreed,
    counter,
    forge,
    joined,
    key,
    msgpack,
    ordered,
    playing,
    root,
    seed,
)  # fmt: skip
from tests.wire.vectors.adapter import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = Path(__file__).with_name("vectors.jsonl")

RFC_8032 = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


def signatures() -> Iterator[dict[str, Any]]:
    """The published cases, each also with its signature and its key changed in the ways that matter."""
    for public, message, signature in RFC_8032:
        base = {"op": "ed25519", "key": public, "message": message, "signature": signature}
        yield base
        r, s = signature[:64], int.from_bytes(bytes.fromhex(signature[64:]), "little")
        yield {**base, "signature": r + (s + keys.L).to_bytes(32, "little").hex()}
        yield {**base, "message": message + "00"}
        for cut in (0, 62, 126):
            yield {**base, "signature": signature[:cut]}
        for bit in range(0, 512, 13):
            bad = bytearray.fromhex(signature)
            bad[bit // 8] ^= 1 << bit % 8
            yield {**base, "signature": bad.hex()}
        for small in sorted(keys.SMALL_ORDER):
            yield {**base, "signature": small.hex() + signature[64:]}
            yield {**base, "key": small.hex(), "signature": (b"\x01" + bytes(63)).hex()}


def public_keys() -> Iterator[dict[str, Any]]:
    """Keys, good and refused, as bytes and as did:key."""
    for raw in [
        *sorted(keys.SMALL_ORDER),
        *((keys.P + n).to_bytes(32, "little") for n in range(2, 19)),
        bytes(31),
        b"\xff" * 32,
    ]:
        yield {"op": "key", "key": raw.hex()}
    for n in range(40):
        raw = seed(f"maybe a key {n}")
        yield {"op": "key", "key": raw.hex()}
        yield {"op": "did", "text": keys.did_key(key(f"a key {n}").public)}
    text = keys.did_key(key("a key 0").public)
    for bad in (
        text[:-1],
        text + "1",
        text.replace("z6Mk", "z6Lk"),
        text[8:],
        text.replace("z", "u", 1),
        "did:key:",
        text + " ",
    ):
        yield {"op": "did", "text": bad}


def values() -> Iterator[dict[str, Any]]:
    """Values in their one form, and the same bytes changed."""
    source = random.Random(8)
    for n in range(300):
        value = some_value(source, 4)
        data = codec.encode(value)
        yield {"op": "decode", "data": data.hex()}
        yield {"op": "decode", "data": mutated(source, data).hex()}
        if n % 10 == 0:
            yield {"op": "decode", "data": (data + b"\x00").hex()}
    for level in (15, 16, 17, 40):
        yield {"op": "decode", "data": (b"\x91" * level + b"\x01").hex()}


def some_value(source: random.Random, depth: int) -> Any:
    kind = source.randrange(6 if depth else 4)
    if kind == 0:
        return source.random() < 0.5
    if kind == 1:
        return source.randrange(-(2 ** source.randrange(1, 64)), 2 ** source.randrange(1, 63))
    if kind == 2:
        return "".join(source.choice("abc äß€𝄞") for _ in range(source.randrange(40)))
    if kind == 3:
        return source.randbytes(source.randrange(40))
    if kind == 4:
        return [some_value(source, depth - 1) for _ in range(source.randrange(5))]
    return {
        f"k{source.randrange(99)}": some_value(source, depth - 1)
        for _ in range(source.randrange(5))
    }


def mutated(source: random.Random, data: bytes) -> bytes:
    """One to three bytes changed, cut out or put in."""
    out = bytearray(data)
    for _ in range(source.randint(1, 3)):
        place = source.randrange(len(out)) if out else 0
        how = source.randrange(3)
        if how == 0 and out:
            out[place] ^= 1 << source.randrange(8)
        elif how == 1:
            del out[place : place + source.randint(1, 3)]
        else:
            out[place:place] = source.choice([b"\x00", b"\xc0", b"\x80", b"\xcc\x01", b"\xa0"])
    return bytes(out)


def frames() -> Iterator[dict[str, Any]]:
    """Frames of a session, mutated, and signed nonsense."""
    source = random.Random(9)
    table = playing()
    good = forge(SELLER.key, msgpack.packb(ordered(counter(table))), "offer")
    for message in agreed().buyer.record.chain:
        yield {"op": "frame", "data": message.frame.hex()}
    for _ in range(700):
        yield {"op": "frame", "data": mutated(source, good).hex()}
    for _ in range(200):
        payload = mutated(source, envelope.split(good)[0])
        yield {"op": "frame", "data": forge(SELLER.key, payload, "offer").hex()}
    for name in counter(table):
        less = {other: value for other, value in counter(table).items() if other != name}
        yield {
            "op": "frame",
            "data": forge(SELLER.key, msgpack.packb(ordered(less)), "offer").hex(),
        }
        for value in (0, 1, -1, True, "", "x", b"", bytes(32), [], {}, 2**63 - 1, 1.5, None):
            changed = ordered({**counter(table), name: value})
            kind = changed["kind"] if isinstance(changed["kind"], str) else "offer"
            yield {"op": "frame", "data": forge(SELLER.key, msgpack.packb(changed), kind).hex()}
    mandate = root("bot", "buyer", "Weber").frame
    yield {"op": "mandate", "data": mandate.hex()}
    for _ in range(150):
        yield {"op": "mandate", "data": mutated(source, mandate).hex()}


def roots() -> Iterator[dict[str, Any]]:
    """Merkle roots and audit paths (RFC 9162)."""
    for count in range(20):
        leaves = [seed(f"leaf {n}") for n in range(count)]
        entries = [leaf.hex() for leaf in leaves]
        yield {"op": "root", "entries": entries, "root": merkle.root(leaves).hex()}
        for index in range(0, count, 3):
            path = [node.hex() for node in merkle.proof(leaves, index)]
            base = {
                "op": "path",
                "entry": entries[index],
                "count": count,
                "path": path,
                "root": merkle.root(leaves).hex(),
            }
            yield {**base, "index": index}
            yield {**base, "index": (index + 1) % (count + 1)}


def sessions() -> Iterator[dict[str, Any]]:
    """Whole sessions: played to the end, cut, reordered, with a message missing."""
    known = [key(name).public.hex() for name in ("Weber", "Shop")]
    played = [m.frame.hex() for m in agreed().buyer.record.chain]
    walked = joined()
    walked.offer(walked.buyer, 150)
    walked.walk(walked.seller)
    for run in (played, [m.frame.hex() for m in walked.buyer.record.chain]):
        for end in range(1, len(run) + 1):
            yield {"op": "session", "principals": known, "frames": run[:end]}
        for place in range(len(run)):
            yield {
                "op": "session",
                "principals": known,
                "frames": run[:place] + run[place + 1 :],
            }
        for place in range(len(run) - 1):
            swapped = [*run[:place], run[place + 1], run[place], *run[place + 2 :]]
            yield {"op": "session", "principals": known, "frames": swapped}
    yield {"op": "session", "principals": known[:1], "frames": played}
    yield {"op": "session", "principals": [], "frames": played}


def auctions() -> Iterator[dict[str, Any]]:
    """Whole auctions: played to the award, cut, reordered, with a message missing, and with a wrong award."""
    known = [key(name).public.hex() for name in (*NAMES, "Shop")]
    room = Room()
    for name, amount in zip(NAMES, (70, 90, -1), strict=True):
        room.deliver(room.raw(name, {"kind": "bid", "amount": amount}))
    room.tell(room.host.tick(room.now))
    room.at(MINUTE)
    body = dict(room.host.book.award_body(room.now))
    wrong = room.forge("award", {**body, "accepted": 3, "refused": 0})
    before = [entry.data.hex() for entry in room.host.transcript().log]
    room.award()
    run = [*before, room.host.since()[-1].hex()]
    cases = [run[:end] for end in range(1, len(run) + 1)]
    cases += [run[:place] + run[place + 1 :] for place in range(len(run))]
    cases += [
        [*run[:place], run[place + 1], run[place], *run[place + 2 :]]
        for place in range(len(run) - 1)
    ]
    cases.append([*before, wrong.hex()])
    for frames in cases:
        yield {"op": "session", "principals": known, "frames": frames}


def lines() -> Iterator[str]:
    """The vectors, one line each."""
    number = 0
    for part in (signatures, public_keys, values, frames, roots, sessions, auctions):
        for case in part():
            number += 1
            asked = {"id": f"{part.__name__}-{number}", **case}
            yield json.dumps({**asked, **answer(asked)}, separators=(",", ":"))


if __name__ == "__main__":
    FILE.write_text("\n".join(lines()) + "\n")
