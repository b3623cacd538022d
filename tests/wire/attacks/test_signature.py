"""Attacks on signatures and keys."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Accept
from negotiate.wire import envelope, keys
from negotiate.wire.faults import Fault
from negotiate.wire.keys import MANDATE, MESSAGE, REVOCATIONS, SMALL_ORDER, PrivateKey, framed
from negotiate.wire.mandate import issue
from negotiate.wire.session import Session
from negotiate.wire.trust import Policy, Trust
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    agreed,
    counter,
    current_list,
    forge,
    grant,
    judge,
    key,
    msgpack,
    next_fields,
    not_opened,
    opening,
    ordered,
    papers,
    playing,
    proposal,
    refused,
    resign,
    root,
    said,
    seed,
    state,
    trust,
)  # fmt: skip

IDENTITY = b"\x01" + bytes(31)


def with_signature(frame: bytes, signature: bytes) -> bytes:
    return envelope.wrap(envelope.split(frame)[0], signature)


@pytest.mark.parametrize("signature", [b"", bytes(64), b"\xff" * 64, None])
def test_sig_01_signature_stripped(signature: bytes | None) -> None:
    table = playing()
    payload = envelope.split(said(table))[0]
    refused(table.buyer, msgpack.packb([1, payload, signature]), "malformed", "signature")
    refused(table.buyer, msgpack.packb([1, payload]), "malformed")
    refused(table.buyer, said(table, kind="unsigned"), "kind")


def test_sig_02_single_bit_flip_anywhere() -> None:
    table = playing()
    good = said(table)
    before = state(table.buyer)
    for place in range(len(good) * 8):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        with pytest.raises(Fault):
            table.buyer.receive(bytes(bad), NOW + 100)
    assert state(table.buyer) == before
    frames = table.buyer.transcript().frames
    for place in range(0, len(good) * 8, 37):
        bad = bytearray(good)
        bad[place // 8] ^= 1 << place % 8
        assert not judge([*frames, bytes(bad)]).valid
    table.buyer.receive(good, NOW + 100)


def test_sig_02_bit_flips_of_a_known_frame_are_refused_too() -> None:
    table = playing()
    known = bytearray(table.seller.record.chain[-1].frame)
    for place in range(len(known) - 64, len(known)):
        bad = bytearray(known)
        bad[place] ^= 1
        with pytest.raises(Fault):
            table.seller.receive(bytes(bad), NOW + 100)


def on_curve_sum(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Addition on the curve -x^2 + y^2 = 1 + d x^2 y^2."""
    (x1, y1), (x2, y2), p = a, b, keys.P
    t = keys._D * x1 * x2 * y1 * y2 % p
    return (
        (x1 * y2 + x2 * y1) * pow(1 + t, -1, p) % p,
        (y1 * y2 + x1 * x2) * pow(1 - t, -1, p) % p,
    )


def test_sig_04_the_table_is_the_points_of_order_up_to_eight() -> None:
    orders: list[int] = []
    for raw in SMALL_ORDER:
        y = int.from_bytes(raw, "little") % (1 << 255) % keys.P
        square = (y * y - 1) * pow(keys._D * y * y + 1, -1, keys.P) % keys.P
        x = pow(square, (keys.P + 3) // 8, keys.P)
        x = x if x * x % keys.P == square else x * pow(2, (keys.P - 1) // 4, keys.P) % keys.P
        assert x * x % keys.P == square
        point, order = (x, y), 1
        while point != (0, 1) and order < 9:
            point, order = on_curve_sum(point, (x, y)), order + 1
        orders.append(order)
    assert len(SMALL_ORDER) == 14
    assert set(orders) == {1, 2, 4, 8}


@pytest.mark.parametrize(
    "raw", sorted(SMALL_ORDER), ids=lambda raw: raw.hex()[:8] + raw.hex()[-2:]
)
def test_sig_04_small_order_public_key(raw: bytes) -> None:
    with pytest.raises(Fault, match="small order") as caught:
        keys.check_public(raw)
    assert caught.value.code == "key"
    with pytest.raises(Fault):
        keys.parse_did_key(keys.did_key(raw))
    with pytest.raises(Fault):
        Trust(principals={raw: "Mallory"})
    with pytest.raises(LocalError):
        issue(key("Weber"), grant("bot", "buyer", principal="Weber", sub=raw))
    forged = IDENTITY + bytes(32)
    seats = [{"key": raw, "role": "buyer"}, opening()["body"]["parties"][1]]
    for other in range(3):
        fields = {**opening(parties=seats), "from": raw, "iat": NOW + other}
        not_opened(envelope.wrap(msgpack.packb(ordered(fields)), forged), "key")


# Chalkias, Garillot & Nikolaenko (2020), published test cases 2, 8 and 9: message, key, signature.
SPECCHECK = {
    2: ("aebf3f2601a0c8c5d39cc7d8911642f740b78168218da8471772b35f9d35b9ab",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"
        "8c4bd45aecaca5b24fb97bc10ac27ac8751a7dfe1baff8b953ec9f5833ca260e"),
    8: ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "03be9678ac102edcd92b0210bb34d7428d12ffc5df5f37e359941266a4e35f0f"),
    9: ("9bedc267423725d473888631ebf45988bad3db83851ee85c85e241a07d148b41",
        "f7badec5b8abeaf699583992219b7b223f1df3fbbea919844e3f7c554a43dd43",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
        "ca8c5b64cd208982aa38d4936621a4775aa233aa0505711d8fdcfdaa943d4908"),
}  # fmt: skip


@pytest.mark.parametrize("case", SPECCHECK)
def test_sig_06_small_order_or_non_canonical_r(case: int) -> None:
    """These sign messages of their own, which no frame can carry; the frames are in the next test."""
    message, public, signature = map(bytes.fromhex, SPECCHECK[case])
    with pytest.raises(Fault) as caught:
        keys.Verifier(public).verify(signature, message)
    assert caught.value.code == "signature"


@pytest.mark.parametrize(
    "r", [*sorted(SMALL_ORDER)[:4], (keys.P + 5).to_bytes(32, "little"), b"\xff" * 32]
)
def test_sig_06_such_r_in_a_frame(r: bytes) -> None:
    table = playing()
    good = said(table)
    refused(table.buyer, with_signature(good, r + good[-32:]), "signature")
    too_large = (int.from_bytes(good[-32:], "little") + keys.L).to_bytes(32, "little")
    refused(table.buyer, with_signature(good, good[-64:-32] + too_large), "signature")


@pytest.mark.parametrize("length", [0, 1, 63, 65, 128])
def test_sig_07_wrong_lengths(length: int) -> None:
    table = playing()
    good = said(table)
    signature = (good[-64:] * 2)[:length]
    frame = msgpack.packb([1, envelope.split(good)[0], signature])
    refused(table.buyer, frame, "malformed", "signature")
    with pytest.raises(Fault):
        SELLER.key.verifier.verify(signature, b"")
    for size in (31, 33):
        with pytest.raises(Fault):
            keys.check_public(bytes(size))
        refused(table.buyer, said(table, from_=bytes(size)), "type")


def test_sig_08_key_substitution() -> None:
    table = playing()
    mallory = key("Mallory")
    stolen = envelope.split(said(table))[0]
    refused(table.buyer, forge(mallory, stolen, "offer"), "signature")
    refused(
        table.buyer, resign(mallory, {**counter(table), "from": mallory.public}), "stranger"
    )
    with pytest.raises(LocalError, match="another key"):
        papers("thief", "Shop", root("desk", "seller", "Shop"))
    seats = [{"key": mallory.public, "role": "buyer"}, opening()["body"]["parties"][1]]
    stolen_mandate = {**opening(parties=seats), "from": mallory.public}
    not_opened(resign(mallory, stolen_mandate), "mandate-holder")


@pytest.mark.parametrize("name", ["alg", "crit", "enc"])
@pytest.mark.parametrize("value", ["none", "HS256", "ES256", "EdDSA", 0])
def test_sig_10_algorithm_confusion(name: str, value: Any) -> None:
    table = playing()
    refused(table.buyer, said(table, **{name: value}), "unknown-field")
    good = said(table)
    refused(
        table.buyer, msgpack.packb([1, value, envelope.split(good)[0], good[-64:]]), "malformed"
    )


def test_sig_12_cross_type_confusion() -> None:
    table = playing()
    offer = counter(table)
    payload = msgpack.packb(ordered(offer))
    as_accept = SELLER.key.sign(MESSAGE, "accept", payload)
    refused(table.buyer, envelope.wrap(payload, as_accept), "signature")
    for label in (MANDATE, REVOCATIONS):
        refused(
            table.buyer,
            envelope.wrap(payload, SELLER.key.sign(label, "offer", payload)),
            "signature",
        )
    mandate = root("bot", "buyer", "Weber")
    inner = envelope.split(mandate.frame)[0]
    crossed = envelope.wrap(inner, key("Weber").sign(MESSAGE, "mandate", inner))
    not_opened(resign(BUYER.key, opening(mandates=[crossed])), "signature")
    refused(table.buyer, mandate.frame, "missing", "kind", "unknown-field")
    refused(table.buyer, current_list("Weber"), "missing", "kind", "unknown-field")


def test_sig_12_framing_has_no_second_reading() -> None:
    assert framed(MESSAGE, "ab", b"c") != framed(MESSAGE, "a", b"bc")
    assert framed(MESSAGE, "a", b"") != framed(MESSAGE, "", b"a")


def test_sig_14_cross_version_replay() -> None:
    table = playing()
    good = said(table)
    refused(table.buyer, b"\x93\x02" + good[2:], "version")
    second = said(table, v=2)
    refused(table.buyer, second, "version")
    refused(table.buyer, b"\x93\x02" + second[2:], "version")


def test_sig_16_the_id_does_not_depend_on_the_signature() -> None:
    table = playing()
    good = said(table)
    message = envelope.read(good)
    assert envelope.read(with_signature(good, bytes(64))).id == message.id
    refused(table.buyer, with_signature(good, bytes(64)), "signature")


def test_sig_17_no_signing_oracle() -> None:
    with pytest.raises(LocalError, match="label"):
        SELLER.key.sign(b"", "", b"any bytes that a peer sent")
    public = {name for name, _ in inspect.getmembers(PrivateKey) if not name.startswith("_")}
    assert public == {
        "did",
        "generate",
        "public",
        "save",
        "seed_for_export",
        "sign",
        "verifier",
    }
    taken = set(inspect.signature(Session.send).parameters) & {
        "data",
        "payload",
        "nonce",
    }
    assert not taken
    table = playing()
    nonce = msgpack.packb(ordered(counter(table)))
    frame = said(
        table, body={"terms": counter(table)["body"]["terms"], "note": nonce.hex()[:400]}
    )
    table.buyer.receive(frame, NOW + 100)
    answer = table.buyer.send(Accept(), NOW + 200)
    assert nonce not in answer
    assert judge([*table.buyer.transcript().frames]).valid


def test_sig_19_unauthenticated_key_rotation() -> None:
    table = playing()
    new = key("new desk")
    for signer in (new, SELLER.key):
        given = {
            **next_fields(table.seller, "walk"),
            "kind": "rotate",
            "body": {"key": new.public},
        }
        refused(table.buyer, resign(signer, given), "kind", "signature")
    refused(table.buyer, resign(new, {**counter(table), "from": new.public}), "stranger")


def test_sig_20_self_asserted_key() -> None:
    nobody = papers("loner", "Loner")
    fresh = Session(nobody, Trust(policy=Policy(unverified="allow", revocation="allow")))
    seats = ((nobody.key.public, "buyer"), (SELLER.key.public, "seller"))
    frame = fresh.open(proposal(seats=seats), NOW, seed("x"))
    not_opened(frame, "unverified")
    lenient = trust(policy=Policy(unverified="allow"))
    table = agreed(buyer=nobody, known=lenient)
    shown = judge(table.seller.transcript(), lenient).parties[0]
    assert not shown.verified
    assert shown.mandate is None
