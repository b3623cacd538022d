# pyright: reportOptionalMemberAccess=false
"""A shop with a seller's seat, and buyers that come one after another."""

from __future__ import annotations

import pytest

from negotiate.domain import Domain, Money
from negotiate.errors import LocalError
from negotiate.host import Host
from negotiate.moves import Accept, Bid, Walk
from negotiate.protocol import Allocation, NoAgreement
from negotiate.protocols.posted_price import PostedPrice

DOMAIN = Domain((Money("unit", 0, 200),))
SHOP = ["seller", "a", "b", "c"]


def opened(**rules: int | bool) -> Host:
    return Host(PostedPrice.model_validate(rules).start(DOMAIN, SHOP))


def test_the_seller_opens_the_shop_and_each_pays_the_price_of_its_moment() -> None:
    host = opened(seller=True, units=5)
    assert host.receive(1, Accept(), 0).code == "phase"
    assert host.negotiation.to_move == (0,)
    codes = [
        host.receive(0, Bid(30), 1).code,
        host.receive(1, Accept(), 2).code,
        host.receive(0, Bid(20), 3).code,
        host.receive(2, Accept(), 4).code,
        host.receive(0, Accept(), 5).code,
        host.receive(3, Bid(1), 5).code,
        host.receive(0, Bid(-1), 5).code,
        host.receive(3, Walk(), 5).code,
    ]
    assert codes == ["", "", "", "", "phase", "phase", "amount", ""]
    assert host.negotiation.result == Allocation((-2, 1, 1, 0), (-50, 30, 20, 0), 1)
    seen = [(turn.party, turn.kind, turn.outcome) for turn in host.negotiation.view(0).turns]
    assert seen == [
        (0, "bid", (30,)),
        (1, "accept", (30,)),
        (0, "bid", (20,)),
        (2, "accept", (20,)),
        (3, "walk", (20,)),
    ]
    assert len(host.negotiation.view(1).turns) == 1


def test_a_shop_that_never_opens_sells_nothing() -> None:
    host = opened(seller=True)
    assert isinstance(host.advance(60_000), NoAgreement)


def test_buyers_come_one_after_another() -> None:
    host = opened(seller=True, units=5, arrival=100)
    host.receive(0, Bid(30), 0)
    assert host.receive(2, Accept(), 99).code == "phase"
    assert host.receive(2, Accept(), 100).code == ""
    host.advance(150)
    assert host.negotiation.to_move == (0, 1)
    assert host.receive(3, Walk(), 200).code == ""
    assert host.negotiation.result is None
    assert host.advance(60_000) == Allocation((-1, 0, 1, 0), (-30, 0, 30, 0), 1)


def test_without_a_seller_the_first_seat_buys() -> None:
    host = opened(price=7, arrival=100)
    assert host.receive(0, Accept(), 0).code == ""
    assert host.negotiation.result == Allocation((1, 0, 0, 0), (7, 0, 0, 0), 1)


def test_a_seller_alone_is_refused() -> None:
    with pytest.raises(LocalError, match="alone"):
        PostedPrice(seller=True).start(DOMAIN, ["seller"])
