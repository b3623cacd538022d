"""Agreements for other systems."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from negotiate.domain.issues import Domain, Money
from negotiate.errors import LocalError
from negotiate.moves import Offer
from negotiate.wire.carts import ap2_cart, ucp_checkout
from negotiate.wire.cose import from_cose, to_cose
from negotiate.wire.exports import from_jws, to_jws
from negotiate.wire.faults import Fault
from tests.wire.kit import BUYER, SELLER, agreed, joined, judge, key


class Shape(BaseModel):
    """The shapes that AP2 and UCP publish, as far as a cart needs them."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Amount(Shape):
    currency: str
    value: str


class Item(Shape):
    label: str
    amount: Amount


class Details(Shape):
    id: str
    display_items: list[Item]
    total: Item


class Method(Shape):
    supported_methods: str
    data: dict[str, str]


class PaymentRequest(Shape):
    method_data: list[Method]
    details: Details


class CartContents(Shape):
    id: str
    user_cart_confirmation_required: bool
    payment_request: PaymentRequest
    cart_expiry: str
    merchant_name: str


class Total(Shape):
    type: str
    amount: int


class UcpItem(Shape):
    id: str
    title: str
    price: int


class LineItem(Shape):
    id: str
    item: UcpItem
    quantity: int
    totals: list[Total]


class Checkout(Shape):
    id: str
    status: str
    currency: str
    line_items: list[LineItem]
    totals: list[Total]


def test_an_agreement_maps_to_the_cart_of_ap2() -> None:
    verdict = judge(agreed().buyer.transcript())
    cart = CartContents.model_validate(
        ap2_cart(verdict, merchant="Shop", expiry="2027-01-01T00:00:00Z")
    )
    assert cart.payment_request.details.total.amount == Amount(currency="EUR", value="6.00")


def test_an_agreement_maps_to_the_checkout_of_ucp() -> None:
    checkout = Checkout.model_validate(
        ucp_checkout(judge(agreed().buyer.transcript()), item="pen", title="Pens")
    )
    assert checkout.totals[-1] == Total(type="total", amount=600)


def test_a_deal_without_an_amount_is_no_cart() -> None:
    verdict = judge(agreed(amount=()).buyer.transcript())
    with pytest.raises(LocalError, match="no amount"):
        ap2_cart(verdict, merchant="Shop", expiry="")


def test_a_jws_says_what_was_agreed() -> None:
    verdict = judge(agreed().buyer.transcript())
    read = from_jws(to_jws(verdict, BUYER.key), BUYER.key.did)
    assert read["terms"] == {"colour": "red", "price": "300", "quantity": "2"}
    assert read["amount"] == {"currency": "EUR", "minor_units": "600", "scale": "2"}


def test_a_cart_says_the_terms_as_people_read_them() -> None:
    cart = ap2_cart(
        judge(agreed().buyer.transcript()), merchant="Shop", expiry="2027-01-01T00:00:00Z"
    )
    (item,) = cart["payment_request"]["details"]["display_items"]
    assert item["label"] == "price 3.00 EUR, quantity 2, colour red"


@pytest.mark.parametrize("expiry", ["", "soon", "2027-01-01", "2027-01-01T00:00:00", None, 5])
def test_a_cart_needs_a_time_that_everybody_reads_alike(expiry: Any) -> None:
    verdict = judge(agreed().buyer.transcript())
    with pytest.raises(LocalError, match="offset from UTC"):
        ap2_cart(verdict, merchant="Shop", expiry=expiry)


def priced(currency: str, scale: int, low: int = 100) -> Any:
    """An agreement on the price ``low`` plus one, in a currency that is counted at this scale."""
    domain = Domain((Money("price", low, low + 9, currency=currency, scale=scale),))
    table = joined(domain=domain, amount=(("price",),))
    table.say(table.buyer, Offer((1,)))
    table.accept(table.seller)
    return judge(table.buyer.transcript())


@pytest.mark.parametrize(
    ("currency", "scale", "low", "decimal", "units"),
    [
        ("EUR", 2, 100, "1.01", 101), ("EUR", 0, 100, "101", 10_100), ("EUR", 4, 10_099, "1.0100", 101),
        ("JPY", 0, 100, "101", 101), ("KWD", 3, 100, "0.101", 101), ("JPY", 2, 99, "1.00", 1),
        ("EUR", 2, -102, "-1.01", -101),
    ],
)  # fmt: skip
def test_an_amount_is_the_same_money_at_any_scale(
    currency: str, scale: int, low: int, decimal: str, units: int
) -> None:
    verdict = priced(currency, scale, low)
    cart = ap2_cart(verdict, merchant="Shop", expiry="2027-01-01T00:00:00Z")
    assert cart["payment_request"]["details"]["total"]["amount"]["value"] == decimal
    assert ucp_checkout(verdict, item="pen", title="Pens")["totals"][-1]["amount"] == units


@pytest.mark.parametrize(("currency", "scale"), [("EUR", 3), ("JPY", 2)])
def test_an_amount_that_has_no_minor_units_is_refused(currency: str, scale: int) -> None:
    with pytest.raises(LocalError, match="no whole number of minor units"):
        ucp_checkout(priced(currency, scale), item="pen", title="Pens")


def test_an_amount_that_json_readers_round_is_refused() -> None:
    with pytest.raises(LocalError, match="round"):
        ucp_checkout(priced("EUR", 0, 2**50), item="pen", title="Pens")


def test_a_cose_message_says_what_the_jws_says() -> None:
    verdict = judge(agreed().buyer.transcript())
    data = to_cose(verdict, BUYER.key)
    assert from_cose(data, BUYER.key.did) == from_jws(to_jws(verdict, BUYER.key), BUYER.key.did)
    assert to_cose(verdict, BUYER.key) == data


def test_a_cose_message_is_read_by_another_decoder() -> None:
    import cbor2
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = cbor2.loads(to_cose(judge(agreed().buyer.transcript()), BUYER.key))
    protected, unprotected, payload, signature = found.value
    assert (found.tag, unprotected) == (18, {})
    assert cbor2.loads(protected)[1] == -19
    signed = cbor2.dumps(["Signature1", protected, b"", payload])  # RFC 9052, 4.4
    Ed25519PublicKey.from_public_bytes(BUYER.key.public).verify(signature, signed)


def test_a_cose_message_with_any_byte_changed_is_refused() -> None:
    data = to_cose(judge(agreed().buyer.transcript()), BUYER.key)
    for place in range(len(data)):
        bad = bytearray(data)
        bad[place] ^= 1 << place % 8
        with pytest.raises(Fault):
            from_cose(bytes(bad), BUYER.key.did)


def test_a_cose_message_in_another_form_is_refused() -> None:
    import cbor2

    data = to_cose(judge(agreed().buyer.transcript()), BUYER.key)
    protected, _, payload, signature = cbor2.loads(data).value

    def form(*parts: Any, tag: int = 18) -> bytes:
        return cbor2.dumps(cbor2.CBORTag(tag, list(parts)))

    assert form(protected, {}, payload, signature) == data
    header = cbor2.loads(protected)
    others = [cbor2.dumps({**header, 1: alg}) for alg in (-8, -7, 5, 0)]
    others += [b"", cbor2.dumps({**header, 4: SELLER.key.did.encode()}), cbor2.dumps({1: -19})]
    long = b"\x5a" + len(payload).to_bytes(4, "big") + payload
    altered = [
        data[1:], data + b"\x00", form(protected, {4: b"x"}, payload, signature),
        form(protected, {}, None, signature), form(protected, {}, payload, signature[:-1]),
        form(protected, {}, payload, signature, tag=17), data[:-66].replace(cbor2.dumps(payload), long) + data[-66:],
        *(form(other, {}, payload, signature) for other in others), bytes(300_000), bytearray(data),
    ]  # fmt: skip
    for bad in altered:
        with pytest.raises(Fault):
            from_cose(bad, BUYER.key.did)  # type: ignore[arg-type]
    with pytest.raises(Fault):
        from_cose(data, SELLER.key.did)


def test_a_cose_message_is_made_by_a_party() -> None:
    with pytest.raises(LocalError) as caught:
        to_cose(judge(agreed().buyer.transcript()), key("Mallory"))
    assert caught.value.code == "stranger"


@pytest.mark.parametrize("missing", ["joserfc", "rfc8785", "cwt"])
def test_a_library_that_is_not_installed_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict = judge(agreed().buyer.transcript())
    for name in [name for name in sys.modules if name.split(".")[0] == missing]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    call = {"joserfc": to_jws, "rfc8785": to_jws, "cwt": to_cose}[missing]
    with pytest.raises(LocalError, match=r"negotiate-kit\[exports\]") as caught:
        call(verdict, BUYER.key)
    assert caught.value.code == "missing-extra"
