"""Attacks on the encoding: one message has one byte form."""

from __future__ import annotations

import math
import struct
import tracemalloc
from time import perf_counter
from typing import Any

import pytest

from negotiate.domain.issues import Domain, Integer, Money
from negotiate.errors import DomainError, LocalError, NegotiateError
from negotiate.wire import codec, envelope
from negotiate.wire.faults import Fault
from negotiate.wire.terms import Amount, WireDomain
from tests.wire.kit import (
    BUYER,
    NOW,
    SELLER,
    SLOW,
    Table,
    counter,
    forge,
    judge,
    msgpack,
    next_fields,
    not_opened,
    opening,
    ordered,
    playing,
    refused,
    resign,
    said,
)  # fmt: skip


def payload(table: Table) -> bytes:
    return msgpack.packb(ordered(counter(table)))


def swapped(table: Table, old: bytes, new: bytes) -> bytes:
    """The counter-offer with some bytes replaced, signed in good form."""
    whole = payload(table)
    assert whole.count(old) == 1
    return forge(SELLER.key, whole.replace(old, new), "offer")


def with_price(table: Table, packed: bytes) -> bytes:
    return swapped(table, b"\xa5price" + msgpack.packb(300), b"\xa5price" + packed)


def test_enc_01_duplicate_map_key() -> None:
    table = playing()
    twice = (
        b"\x84\xa6colour\xa3red\xa5price"
        + msgpack.packb(300)
        + b"\xa5price\x64\xa8quantity\x02"
    )
    once = b"\x83\xa6colour\xa3red\xa5price" + msgpack.packb(300) + b"\xa8quantity\x02"
    refused(table.buyer, swapped(table, once, twice), "not-canonical")
    doubled = payload(table).replace(b"\xa3seq\x03", b"\xa3seq\x03\xa3seq\x03")
    doubled = bytes([doubled[0] + 1]) + doubled[1:]
    refused(table.buyer, forge(SELLER.key, doubled, "offer"), "not-canonical")


FORMS = {
    "uint8": b"\xcc\x03", "uint16": b"\xcd\x00\x03", "uint32": b"\xce" + bytes(3) + b"\x03",
    "uint64": b"\xcf" + bytes(7) + b"\x03", "int8": b"\xd0\x03", "int16": b"\xd1\x00\x03",
    "int32": b"\xd2" + bytes(3) + b"\x03", "int64": b"\xd3" + bytes(7) + b"\x03",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_enc_02_non_shortest_integer(form: str) -> None:
    table = playing()
    refused(
        table.buyer, swapped(table, b"\xa3seq\x03", b"\xa3seq" + FORMS[form]), "not-canonical"
    )


def test_enc_04_unsorted_map_keys() -> None:
    table = playing()
    given = ordered(counter(table))
    given["body"]["terms"] = dict(reversed(given["body"]["terms"].items()))
    refused(table.buyer, forge(SELLER.key, msgpack.packb(given), "offer"), "not-canonical")
    backwards = dict(reversed(ordered(counter(table)).items()))
    refused(table.buyer, forge(SELLER.key, msgpack.packb(backwards), "offer"), "not-canonical")


@pytest.mark.parametrize("number", [1.0, 0.1, 1e308, 300.0])
@pytest.mark.parametrize("single", [True, False])
def test_enc_05_float_anywhere(number: float, single: bool) -> None:
    if single and number == 1e308:
        number = 3e38
    table = playing()
    packed = msgpack.packb(number, use_single_float=single)
    refused(table.buyer, with_price(table, packed), "type", "not-canonical")
    for name in ("seq", "iat", "v"):
        given = ordered(counter(table))
        whole = msgpack.packb(given).replace(
            msgpack.packb(name) + msgpack.packb(given[name]), msgpack.packb(name) + packed
        )
        refused(
            table.buyer, forge(SELLER.key, whole, "offer"), "type", "version", "not-canonical"
        )


NOT_NUMBERS = [
    b"\xcb" + struct.pack(">d", math.nan), b"\xcb\x7f\xf0" + bytes(5) + b"\x01", b"\xcb\xff\xf8" + bytes(6),
    b"\xcb" + struct.pack(">d", math.inf), b"\xcb" + struct.pack(">d", -math.inf), b"\xcb" + struct.pack(">d", -0.0),
]  # fmt: skip


@pytest.mark.parametrize("packed", NOT_NUMBERS)
def test_enc_06_nan_infinity_minus_zero(packed: bytes) -> None:
    table = playing()
    refused(table.buyer, with_price(table, packed), "type", "not-canonical")
    number = msgpack.unpackb(packed)
    with pytest.raises(DomainError):
        Money("price", number, 10)  # type: ignore[arg-type]
    with pytest.raises(LocalError):
        codec.encode({"price": number})


@pytest.mark.parametrize(
    "ext",
    [
        b"\xd4\x05\x00",
        b"\xc7\x03\x05abc",
        b"\xd6\xff\x00\x00\x00\x00",
        b"\xc7\x0c\xff" + bytes(12),
    ],
)
def test_enc_07_ext_and_timestamp(ext: bytes) -> None:
    table = playing()
    refused(table.buyer, with_price(table, ext), "malformed", "type", "not-canonical")
    refused(
        table.buyer,
        swapped(table, b"\xa3seq", ext),
        "malformed",
        "type",
        "missing",
        "not-canonical",
    )


@pytest.mark.parametrize("count", [1, 2, 17, 64])
def test_enc_08_trailing_bytes(count: int) -> None:
    table = playing()
    good = said(table)
    refused(table.buyer, good + bytes(count), "malformed", "signature")
    refused(table.buyer, good + good[-count:], "malformed", "signature")
    refused(table.buyer, forge(SELLER.key, payload(table) + bytes(count), "offer"), "malformed")


@pytest.mark.parametrize("head", [b"\xdd", b"\xdf", b"\xdb", b"\xc6", b"\xc9"])
@pytest.mark.parametrize("where", ["frame", "payload", "price"])
def test_enc_10_bomb_lengths(head: bytes, where: str) -> None:
    bomb = head + b"\xff\xff\xff\xff" + bytes(5)
    table = playing()
    frames = {
        "frame": bomb,
        "payload": forge(SELLER.key, bomb, "offer"),
        "price": with_price(table, bomb),
    }
    refused(table.buyer, frames[where], "malformed", "size", "type")
    quick(frames[where], 0.005, 1_000_000)


def quick(data: bytes, seconds: float, memory: int) -> None:
    """Reading costs less than this, at the best of five."""
    best = 1e9
    for _ in range(5):
        began = perf_counter()
        with pytest.raises(Fault):
            envelope.read(data)
        best = min(best, perf_counter() - began)
    assert best < seconds * SLOW
    tracemalloc.start()
    with pytest.raises(Fault):
        envelope.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < memory


@pytest.mark.parametrize("level", [b"\x91", b"\x81\xa1a"])
def test_enc_11_deep_nesting(level: bytes) -> None:
    table = playing()
    for count in (17, 100, 1_000, 20_000, 100_000):
        deep = level * count + b"\x01"
        refused(table.buyer, deep, "malformed", "size")
        refused(
            table.buyer,
            forge(SELLER.key, deep, "offer"),
            "malformed",
            "size",
            "type",
            "missing",
        )
        refused(table.buyer, with_price(table, deep), "malformed", "size", "type")


def test_enc_11_sixteen_levels_are_the_bound() -> None:
    def nested(levels: int) -> bytes:
        return b"\x91" * levels + b"\x01"

    assert codec.decode(nested(16)) is not None
    with pytest.raises(Fault, match="16 levels"):
        codec.decode(nested(17))


@pytest.mark.parametrize("item", [b"\x80", b"\x90", b"\x01", b"\xa0", b"\x91\x90"])
def test_enc_12_element_amplification(item: bytes) -> None:
    many = b"\xdd" + (60_000 // len(item)).to_bytes(4, "big") + item * (60_000 // len(item))
    nested = (b"\xdc\x0f\xff" + item * 4_095) * 2
    table = playing()
    for body in (many, b"\x92" + nested, with_price_payload(table, many)):
        frame = forge(SELLER.key, body, "offer")
        refused(table.buyer, frame, "size", "malformed", "type")
        quick(frame, 0.005, 655_360)


def with_price_payload(table: Table, packed: bytes) -> bytes:
    return payload(table).replace(b"\xa5price" + msgpack.packb(300), b"\xa5price" + packed)


def test_enc_13_oversized_frame() -> None:
    table = playing()
    refused(table.buyer, bytes(envelope.MAX_FRAME + 1), "size")
    big = b"\x93\x01\xc6" + (1 << 31).to_bytes(4, "big") + bytes(100)
    refused(table.buyer, big, "malformed")
    whole = msgpack.packb(
        ordered({**counter(table), "body": {"terms": {"price": "x" * 70_000}}})
    )
    refused(table.buyer, forge(SELLER.key, whole, "offer"), "size")


@pytest.mark.parametrize("name", ["seq", "iat", "exp", "v"])
def test_enc_14_bool_used_as_int(name: str) -> None:
    table = playing()
    refused(table.buyer, said(table, **{name: True}), "type", "version")
    for issue in ("price", "quantity"):
        refused(table.buyer, resign(SELLER.key, counter(table, **{issue: True})), "type")


def test_enc_14_int_used_as_bool() -> None:
    honest = opening()["body"]["statement"]
    for number in (0, 1):
        given = opening(statement={**honest, "machine": number})
        not_opened(resign(BUYER.key, given), "type")


CONFUSED: list[tuple[str, Any]] = [
    ("price", "300"), ("price", b"300"), ("price", "3_00"), ("price", " 300 "), ("colour", b"red"), ("colour", 0),
    ("quantity", "2"), ("colour", ["red"]), ("colour", {"red": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), CONFUSED)
def test_enc_15_text_bytes_int_confusion(name: str, value: Any) -> None:
    table = playing()
    refused(table.buyer, resign(SELLER.key, counter(table, **{name: value})), "type", "terms")


@pytest.mark.parametrize("name", ["from", "to", "sid", "prev", "man"])
def test_enc_15_hex_for_bytes(name: str) -> None:
    table = playing()
    given = counter(table)
    refused(table.buyer, resign(SELLER.key, {**given, name: given[name].hex()}), "type")
    refused(
        table.buyer, resign(SELLER.key, {**given, name: given[name].hex().encode()}), "type"
    )


def test_enc_17_unknown_extra_field() -> None:
    table = playing()
    refused(table.buyer, said(table, discount=99), "unknown-field")
    given = counter(table)
    refused(
        table.buyer,
        resign(SELLER.key, {**given, "body": {**given["body"], "discount": 99}}),
        "unknown-field",
    )
    critical = {**given["body"], "ext": {"discount": 99}, "critical": ["discount"]}
    refused(table.buyer, resign(SELLER.key, {**given, "body": critical}), "extension")
    table.buyer.receive(
        resign(SELLER.key, {**given, "body": {**given["body"], "ext": {"colour_hint": 1}}}),
        NOW + 100,
    )
    assert judge(table.buyer.transcript()).valid


@pytest.mark.parametrize("kind", ["offer", "accept", "walk"])
def test_enc_18_missing_required_field(kind: str) -> None:
    table = playing()
    given = counter(table) if kind == "offer" else next_fields(table.seller, kind)
    for name in given:
        less = {other: value for other, value in given.items() if other != name}
        refused(table.buyer, resign(SELLER.key, less), "missing", "mandate")
    if kind == "offer":
        for body in ({}, {"terms": {}}):
            refused(table.buyer, resign(SELLER.key, {**given, "body": body}), "missing", "type")


def test_enc_18_missing_field_of_an_opening() -> None:
    for name in opening()["body"]:
        if name != "title":  # the only one that may be absent
            not_opened(resign(BUYER.key, opening(**{name: None})), "missing")
    for name in opening():
        less = {other: value for other, value in opening().items() if other != name}
        not_opened(resign(BUYER.key, less), "missing", "mandate")


@pytest.mark.parametrize("name", [b"\x01", b"\xc4\x01a", b"\xc0", b"\xc3", b"\x90"])
def test_enc_19_non_string_map_keys(name: bytes) -> None:
    table = playing()
    codes = ("malformed", "type", "not-canonical", "unknown-field", "missing")
    refused(table.buyer, swapped(table, b"\xa5price", name), *codes)
    refused(table.buyer, swapped(table, b"\xa4kind", name), *codes)


def test_enc_22_unicode_confusable_issue() -> None:
    table = playing()
    given = counter(table)
    for terms in (
        {**given["body"]["terms"], "pr\u0456ce": 1},
        {
            "pr\u0456ce" if name == "price" else name: value
            for name, value in given["body"]["terms"].items()
        },
    ):
        refused(
            table.buyer,
            resign(SELLER.key, {**given, "body": {"terms": terms}}),
            "type",
            "terms",
        )


@pytest.mark.parametrize("number", [2**63, 2**64 - 1, -(2**63), 2**62])
def test_enc_24_integer_range(number: int) -> None:
    table = playing()
    refused(table.buyer, resign(SELLER.key, counter(table, price=number)), "type", "terms")
    refused(table.buyer, said(table, exp=number), "type", "lifetime")
    with pytest.raises(NegotiateError):
        codec.encode({"n": number * 4})


def test_enc_24_products_are_exact_and_bounded() -> None:
    domain = Domain((Money("price", 2**52, 2**53, 2**52), Integer("quantity", 1, 1025, 1024)))
    wire = WireDomain.of(domain)
    amount = Amount(wire, [["price", "quantity"]])
    assert amount.of((0, 1)) == 2**52 * 1025
    with pytest.raises(Fault, match="64 bits"):
        amount.of((1, 1))
