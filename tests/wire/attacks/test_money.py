"""Attacks on amounts of money."""

from __future__ import annotations

import json
from decimal import Decimal
from time import perf_counter
from typing import Any, cast

import pytest

from negotiate.domain.issues import Domain, Integer, Money
from negotiate.errors import DomainError, LocalError
from negotiate.moves import Accept, Offer
from negotiate.wire.exports import agreement, read_json, to_jcs
from negotiate.wire.faults import Fault
from negotiate.wire.terms import minor_units
from tests.wire.kit import (
    NOW,
    SELLER,
    SLOW,
    counter,
    joined,
    judge,
    outcome,
    playing,
    refused,
    resign,
)


@pytest.mark.parametrize(
    "amount",
    [0.1 + 0.2, 0.3, Decimal("0.30000000000000004"), Decimal("0.305"), "0.305", True, None],
)
def test_mon_01_decimal_or_float_drift(amount: Any) -> None:
    with pytest.raises(LocalError) as caught:
        minor_units(amount, 2)
    assert caught.value.code == "money"
    assert minor_units("0.30", 2) == minor_units(Decimal("0.3"), 2) == 30
    table = playing()
    if isinstance(amount, float):
        refused(table.buyer, resign(SELLER.key, counter(table, price=amount)), "type")
    with pytest.raises((LocalError, DomainError)):
        table.seller.send(Offer(cast("Any", (amount, 0, 0))), NOW + 100)


@pytest.mark.parametrize(
    "changes",
    [{"price": -5}, {"price": 0}, {"quantity": 0}, {"quantity": -1}, {"price": 10**15}],
)
def test_mon_04_negative_zero_and_absurd_amounts(changes: dict[str, int]) -> None:
    table = playing()
    refused(table.buyer, resign(SELLER.key, counter(table, **changes)), "terms")


@pytest.mark.parametrize(
    "text",
    [
        "1E+400000000",
        "1e9",
        "9" * 5_000_000,
        "-" + "9" * 30,
        "0x10",
        "1_000",
        " 7",
        "NaN",
        "Infinity",
        "٣",
    ],
)
def test_mon_05_exponent_bomb(text: str) -> None:
    data = b'{"amount": ' + text.strip().encode() + b"." * (text == " 7") + b"}"
    best = 1.0
    for _ in range(5):
        began = perf_counter()
        with pytest.raises(LocalError):
            minor_units(text, 2)
        with pytest.raises(LocalError):
            minor_units(Decimal("1E+400000000"), 2)
        with pytest.raises(Fault):
            read_json(data)
        best = min(best, perf_counter() - began)
    assert best < 0.01 * SLOW
    table = playing()
    refused(
        table.buyer, resign(SELLER.key, counter(table, price=text[:30_000])), "type", "terms"
    )


def test_mon_06_a_total_is_derived_and_never_read() -> None:
    table = playing()
    for name in ("total", "amount", "sum"):
        refused(table.buyer, resign(SELLER.key, counter(table, **{name: 600})), "terms")
    table.offer(table.seller, 300)
    deal = table.buyer.record.deal
    assert deal.amount.of(outcome(300, 2)) == 600
    stated = Domain((Money("price", 1, 9), Money("total", 1, 99), Integer("quantity", 1, 9)))
    both = joined(domain=stated, amount=(("price", "quantity"),))
    assert both.buyer.record.deal.amount.of((2, 98, 2)) == 9


def test_mon_07_json_numbers_over_two_to_the_53() -> None:
    """JSON comes into no session; on the wire all 64 bits are exact (ENC-24)."""
    domain = Domain((Money("price", 2**52, 2**53 - 1, 2**52 - 1), Integer("quantity", 1, 3)))
    exported: list[tuple[dict[str, Any], bytes]] = []
    for quantity in (1, 2):
        table = joined(domain=domain, amount=(("price", "quantity"),))
        table.say(table.buyer, Offer((1, quantity)))
        table.say(table.seller, Accept())
        verdict = judge(table.buyer.transcript())
        exported.append((agreement(verdict), to_jcs(verdict)))
    assert exported[0][0]["amount"]["minor_units"] == str(2 * (2**53 - 1))
    assert exported[0][1] != exported[1][1]
    for exact, canonical in exported:
        assert read_json(canonical) == exact == json.loads(canonical)
    for number in (2**53, 9007199254740993):
        with pytest.raises(Fault):
            read_json(b'{"amount": %d}' % number)
