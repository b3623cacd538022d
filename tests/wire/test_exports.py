"""Agreements for other systems, and transcripts in plain words."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from negotiate.errors import LocalError
from negotiate.moves import Accept
from negotiate.wire.exports import ap2_cart, from_jws, to_jws, ucp_checkout
from negotiate.wire.prose import tell
from tests.wire.kit import BUYER, NOW, agreed, joined, judge, named, playing, trust


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


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            [
                "a machine, acting for Weber, under mandate",
                "offered price 3.00 EUR, quantity 2, colour red",
                "They agreed on",
            ],
        ),
        (
            "de",
            [
                "eine Maschine, handelnd für Weber, mit Vollmacht",
                "bot price 3.00 EUR",
                "Sie einigten sich auf",
            ],
        ),
    ],
)
def test_a_transcript_is_told_in_plain_words(language: Any, words: list[str]) -> None:
    table = agreed()
    table.buyer.learn(named("Weber"))
    text = tell(judge(table.buyer.transcript()), language)
    for part in words:
        assert part in text


@pytest.mark.parametrize("language", ["en", "de"])
def test_all_endings_are_told(language: Any) -> None:
    walked = joined()
    walked.offer(walked.buyer, 150, note="good \x1b[31mday")
    walked.walk(walked.seller)
    waiting = playing()
    waiting.seller.send(Accept(), NOW + 60)
    texts = {
        tell(judge(transcript, known), language)
        for transcript, known in (
            (walked.buyer.transcript(), trust()),
            (playing().buyer.transcript(), trust()),
            (waiting.seller.transcript(), trust()),
            (agreed().buyer.transcript().frames[1:], trust()),
            (agreed().buyer.transcript().frames[:-1], trust()),
        )
    }
    assert len(texts) == 5
    assert not any("\x1b" in text for text in texts)
