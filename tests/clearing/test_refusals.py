"""What cannot be a case is refused with a code and the place, and nothing else escapes."""

# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportArgumentType=false, reportOptionalSubscript=false, reportCallIssue=false
from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.errors import FormatError, LocalError, UnknownName
from negotiate.protocols.clearing import clear
from negotiate.protocols.clearing.cases import RULES

SEALED = "first_price_sealed_bid"

BAD_AMOUNTS: dict[str, tuple[object, str]] = {
    "negative": (-1, "negative"),
    "negative text": ("-0.01", "negative"),
    "huge": (10**18 + 1, "out-of-range"),
    "huge text": ("9" * 30, "not-an-amount"),
    "a million digits": ("9" * 10**6, "not-an-amount"),
    "a huge integer": (10**5000, "out-of-range"),
    "exponent": ("1e9", "not-an-amount"),
    "huge exponent": (Decimal("1e999999999"), "out-of-range"),
    "tiny": (Decimal("1e-999999999"), "out-of-range"),
    "nan": ("NaN", "not-an-amount"),
    "decimal nan": (Decimal("nan"), "not-an-amount"),
    "infinite": (Decimal("inf"), "not-an-amount"),
    "float": (0.1, "float"),
    "float nan": (float("nan"), "float"),
    "truth": (True, "not-an-amount"),
    "none": (None, "not-an-amount"),
    "list": ([1], "not-an-amount"),
    "currency": ("12 EUR", "not-an-amount"),
    "comma": ("12,50", "not-an-amount"),
    "other digits": ("١٢", "not-an-amount"),
    "zero below": ("1/0", "not-an-amount"),
    "spaces": (" 1", "not-an-amount"),
    "braces": ("{text}", "not-an-amount"),
}


@pytest.mark.parametrize(("amount", "code"), BAD_AMOUNTS.values(), ids=BAD_AMOUNTS)
def test_no_amount(amount: object, code: str) -> None:
    with pytest.raises(FormatError) as caught:
        clear(SEALED, {}, [{"bidder": "A", "amount": 1}, {"bidder": "B", "amount": amount}])
    assert (caught.value.code, caught.value.place) == (code, "$.bids[1].amount")
    assert len(str(caught.value)) < 500


ONE = {"bidder": "A", "amount": 1}
BAD_CASES: dict[str, tuple[str, Any, Any, str, str]] = {
    "same bidder twice": (SEALED, {}, [ONE, ONE], "duplicate", "$.bids[1].bidder"),
    "many of one bidder": (SEALED, {}, [ONE] * 10**5, "duplicate", "$.bids[1].bidder"),
    "unknown field": (SEALED, {}, [{**ONE, "x": 1}], "unknown-field", "$.bids[0].x"),
    "unknown param": (SEALED, {"reserved": 1}, [], "unknown-field", "$.params.reserved"),
    "missing": (SEALED, {}, [{"bidder": "A"}], "missing", "$.bids[0].amount"),
    "no name": (SEALED, {}, [{"bidder": "", "amount": 1}], "type", "$.bids[0].bidder"),
    "control": (SEALED, {}, [{"bidder": "\x1b[2J", "amount": 1}], "type", "$.bids[0].bidder"),
    "bids no list": (SEALED, {}, "AB", "type", "$.bids"),
    "bid no object": (SEALED, {}, [7], "type", "$.bids[0]"),
    "params no object": (SEALED, [], [], "type", "$.params"),
    "side": (SEALED, {"side": "up"}, [], "type", "$.params.side"),
    "no step": ("dutch", {"start": 9, "decrement": 0}, [], "not-positive", "$.params.decrement"),
    "no units": ("uniform_price", {"units": 0}, [], "type", "$.params.units"),
    "part of a unit": ("uniform_price", {"units": 1.5}, [], "type", "$.params.units"),
    "rising": (
        "uniform_price", {"units": 1}, [{"bidder": "A", "amounts": [1, 2]}], "rising", "$.bids[0].amounts"
    ),
    "time runs back": (
        "english_open", {"increment": 1},
        [{"bidder": "A", "amount": 1, "time": 2}, {"bidder": "B", "amount": 2, "time": 1}],
        "clock", "$.bids[1].time",
    ),
    "unknown item": (
        "vcg_combinatorial", {"items": ["a"]},
        [{"bidder": "A", "bids": [{"items": ["b"], "amount": 1}]}], "unknown-item", "$.bids[0].bids[0].items",
    ),
    "item twice": (
        "vcg_combinatorial", {},
        [{"bidder": "A", "bids": [{"items": ["b", "b"], "amount": 1}]}],
        "repeated-item", "$.bids[0].bids[0].items",
    ),
    "too many packages": (
        "vcg_combinatorial", {},
        [{"bidder": "A", "bids": [{"items": ["b"], "amount": 1}] * 10**5}], "type", "$.bids[0].bids",
    ),
    "cancel of nothing": ("cda", {}, [{"id": "1", "type": "cancel"}], "unknown-order", "$.bids[0].id"),
    "order twice": (
        "cda", {}, [{"id": "1", "side": "buy", "price": 1, "qty": 1}] * 2, "duplicate", "$.bids[1].id"
    ),
    "no price": ("cda", {}, [{"id": "1", "side": "buy", "qty": 1}], "missing", "$.bids[0].price"),
    "patience": ("rubinstein", {"d1": 1, "d2": 1}, [], "out-of-range", "$.params.d1"),
    "outside": (
        "myerson_optimal", {}, [{"bidder": "A", "value": 3, "lo": 0, "hi": 2}], "out-of-range", "$.bids[0].value"
    ),
    "attributes": (
        "scoring_auction", {"weights": {"q": 1}},
        [{"bidder": "A", "price": 1, "attributes": {}}], "attributes", "$.bids[0].attributes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "params", "bids", "code", "place"), BAD_CASES.values(), ids=BAD_CASES
)
def test_no_case(protocol: str, params: Any, bids: Any, code: str, place: str) -> None:
    with pytest.raises(FormatError) as caught:
        clear(protocol, params, bids)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_all_problems_come_together() -> None:
    with pytest.raises(FormatError, match=r"amount: 'x'.*and 5 more") as caught:
        clear(SEALED, {}, [{"bidder": f"B{n}", "amount": "x"} for n in range(10)])
    assert "$.bids[4].amount" in str(caught.value)


def test_a_name_nearly_right_is_answered_with_the_right_one() -> None:
    with pytest.raises(UnknownName, match="did you mean 'mcafee'"):
        clear("mcafe", {}, [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def mangled(draw):
    """Cases that are nearly right: known fields with anything in them."""
    protocol = draw(st.sampled_from(sorted(RULES)))
    rule = RULES[protocol]

    def part(model):
        names = [field.alias or name for name, field in model.model_fields.items()]
        value = (
            JSON | st.integers(0, 9) | st.sampled_from(["A", "B", "buy", "sell", "1/3", "0.5"])
        )
        return (
            st.dictionaries(st.sampled_from(names), value, max_size=len(names))
            if names
            else st.just({})
        )

    return protocol, draw(part(rule.params)), draw(st.lists(part(rule.bid), max_size=3))


@given(mangled())
@settings(max_examples=400, deadline=None)
def test_only_errors_of_the_tree_escape(case) -> None:
    with suppress(LocalError):  # anything else that is raised is a bug of ours
        clear(*case)
