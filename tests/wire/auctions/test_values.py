"""Moves and views on the wire: one form, any dataclass, nothing of another type."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate import moves
from negotiate.errors import LocalError
from negotiate.moves import Bid, Cancel, Offer, Order, Reveal, Walk
from negotiate.wire import codec
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import rules, values
from tests.wire.auctions.kit import LOT


@dataclass(frozen=True)
class Line:
    item: str
    units: int


@dataclass(frozen=True)
class Package:
    """A move of somebody else's protocol."""

    kind: ClassVar[str] = "package"
    lines: tuple[Line, ...]
    pair: tuple[int, str]
    firm: bool
    side: Literal["buy", "sell"] = "buy"
    limit: int | None = None

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("a package holds something")


PACKAGE = Package((Line("chair", 2), Line("desk", 1)), (1, "x"), True)


@pytest.mark.parametrize(
    "move",
    [Bid(5), Reveal(5, "s"), Walk(), Cancel("1"), Offer((1, 2, 3)), Order("1", "buy", None, 3), PACKAGE,
     Order("1", "sell", 5, 3, "IOC")],
)  # fmt: skip
def test_a_move_comes_back_as_it_was(move: Any) -> None:
    wire = values.move_to_wire(move)
    data = codec.encode(wire)
    back: Any = codec.decode(data)
    assert values.move_from_wire(back, (Bid, type(move))) == move
    assert codec.encode(values.move_to_wire(values.move_from_wire(back, (type(move),)))) == data


def test_every_move_of_the_library_has_a_form() -> None:
    assert all(values._hints(cls) is not None for cls in get_args(moves.AnyMove))


BAD: dict[str, tuple[type, dict[str, Any]]] = {
    "another type": (Bid, {"kind": "bid", "amount": "5"}),
    "a truth value for a number": (Bid, {"kind": "bid", "amount": True}),
    "a number for a truth value": (Package, {**values.move_to_wire(PACKAGE), "firm": 1}),
    "a missing field": (Reveal, {"kind": "reveal", "amount": 5}),
    "an unknown field": (Walk, {"kind": "walk", "why": "tired"}),
    "another word": (Order, {"kind": "order", "id": "1", "side": "own", "qty": 1, "life": "GTC"}),
    "no default stands in": (Order, {"kind": "order", "id": "1", "side": "buy", "qty": 1}),
    "a tuple too short": (Package, {**values.move_to_wire(PACKAGE), "pair": [1]}),
    "a tuple of others": (Package, {**values.move_to_wire(PACKAGE), "pair": ["x", 1]}),
    "no tuple": (Package, {**values.move_to_wire(PACKAGE), "pair": 5}),
    "a part with a field too many": (
        Package, {**values.move_to_wire(PACKAGE), "lines": [{"item": "x", "units": 1, "z": 1}]},
    ),
    "what the class refuses": (Package, {**values.move_to_wire(PACKAGE), "lines": []}),
    "a limit of another type": (Package, {**values.move_to_wire(PACKAGE), "limit": "5"}),
    "another kind": (Bid, {"kind": "walk"}),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD.values(), ids=BAD)
def test_what_does_not_fit_is_no_move(case: Any) -> None:
    cls, wire = case
    with pytest.raises(Fault) as caught:
        values.move_from_wire(wire, (cls,))
    assert caught.value.code == "move"


@pytest.mark.parametrize("bad", ["bid", Bid, Line("x", 1), Bid(1.5), Bid(2**64), object()])  # type: ignore[arg-type]
def test_what_cannot_be_signed_is_told_before(bad: Any) -> None:
    with pytest.raises(LocalError):
        values.move_to_wire(bad)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.text(max_size=9) | st.binary(max_size=9)
    | st.fractions() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple)
    | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3),
    max_leaves=9,
)  # fmt: skip


@settings(max_examples=60)
@given(plain)
def test_plain_values_are_packed_and_come_back_with_their_types(value: Any) -> None:
    data = values.pack(value)
    back = values.unpack(data)
    assert back == value
    assert repr(back) == repr(value)
    assert values.pack(back) == data


@given(st.binary(max_size=60))
def test_bytes_that_are_not_packed_raise_a_fault(data: bytes) -> None:
    try:
        values.unpack(data)
    except Fault as fault:
        assert fault.code == "malformed"  # noqa: PT017 - most bytes read as something


def test_bad_packed_values_are_told() -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    for bad in (
        {"odd": 1},
        {"int": "x"},
        {"ratio": [1, 0]},
        {"int": "1", "list": []},
        deep,
        {"map": [[[1], 2]]},
    ):
        if bad == {"map": [[[1], 2]]}:
            assert values.unpack(codec.pack_any(bad)) == {(1,): 2}
            continue
        with pytest.raises(Fault):
            values.unpack(codec.pack_any(bad))
    with pytest.raises(LocalError):
        values.pack(object())
    assert values.unpack(values.pack(Fraction(10**30, 7))) == Fraction(10**30, 7)


# -- rules ---------------------------------------------------------------------------------------------


def test_rules_are_published_and_hashed() -> None:
    from negotiate.protocols.sealed_bid import SealedBid

    name, given = rules.rules_to_wire(SealedBid(reserve=5))
    assert rules.rules_from_wire(name, given) == SealedBid(reserve=5)
    assert rules.rules_hash(name, given) != rules.rules_hash(name, {**given, "reserve": 6})
    assert rules.is_hosted("english")
    assert not rules.is_hosted("alternating-offers")
    for parameters in (
        {"tempo": 1},
        {**given, "price": "fourth"},
        {**given, "reserve": -1},
        {},
    ):
        with pytest.raises(Fault) as caught:
            rules.rules_from_wire(name, parameters)
        assert caught.value.code == "rules"
    with pytest.raises(Fault):
        rules.rules_from_wire("os:system", {})


def test_a_protocol_of_ones_own_can_be_named() -> None:
    from negotiate.protocols.sealed_bid import SealedBid

    class Own(SealedBid):
        name: Literal["own-rules"] = "own-rules"  # type: ignore[assignment]

    with pytest.raises(LocalError):
        rules.rules_to_wire(Own())
    rules.OWN["own-rules"] = Own
    try:
        assert rules.rules_from_wire(*rules.rules_to_wire(Own())) == Own()
        assert rules.is_hosted("own-rules")
    finally:
        del rules.OWN["own-rules"]


def test_rules_by_turns_and_rules_without_parties_cannot_begin() -> None:
    from negotiate.protocols.alternating_offers import AlternatingOffers
    from negotiate.protocols.sealed_bid import SealedBid

    with pytest.raises(Fault) as caught:
        rules.begin(AlternatingOffers(rounds=3), LOT, ("a", "b"), 0)
    assert caught.value.code == "rules"
    with pytest.raises(Fault) as caught:
        rules.begin(SealedBid(), LOT, (), 0)
    assert caught.value.code == "rules"
