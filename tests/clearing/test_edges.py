"""Edges of every rule: nobody, one alone, ties, a bid at the reserve, forms of amounts, odd names."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from itertools import chain, permutations
from random import Random
from typing import Any

import pytest

from negotiate.errors import FormatError, LocalError
from negotiate.protocols.clearing import clear, relaxation
from negotiate.protocols.clearing.amounts import exact
from negotiate.protocols.clearing.assignment import dgs_ascending
from negotiate.protocols.clearing.book import Book
from negotiate.protocols.clearing.cases import RULES
from negotiate.protocols.clearing.combinatorial import Atom, Market, combinatorial_first_price
from negotiate.protocols.clearing.core import core_nearest_vcg
from negotiate.protocols.clearing.overdemand import assign, over_demanded
from negotiate.protocols.clearing.projection import nearest
from negotiate.protocols.clearing.sealed import third_price

NEEDED: dict[str, dict[str, object]] = {
    "dutch": {"start": 10, "decrement": 1}, "japanese": {"increment": 1},
    "english_open": {"increment": 1}, "english_proxy": {"increment": 1},
    "posted_price": {"price": 3, "units": 2}, "scoring_auction": {"weights": {"q": 1}},
    "rubinstein": {"d1": "0.5", "d2": "0.5"}, "nash_split": {"pie": 10},
    "rubinstein_finite": {"d1": "0.5", "d2": "0.5", "periods": 2},
    "discriminatory": {"units": 2}, "uniform_price": {"units": 2},
    "vickrey_multi_unit": {"units": 2}, "ausubel_clinching": {"units": 2, "increment": 1},
    "gsp": {"ctr": [2, 1]}, "vcg_position": {"ctr": [2, 1]},
    "path_vcg": {"source": "a", "target": "b"},
}  # fmt: skip
NOBODY: dict[str, dict[str, object]] = {
    **{protocol: {"winner": None} for protocol in RULES},
    "all_pay": {"winner": None, "payments": {}},
    "english_open": {"accepted": [], "winner": None},
    "posted_price": {"buyers": [], "revenue": 0},
    "public_project": {"build": True, "clarke_tax": {}},
    "contract_net": {"accept": None, "reject": [], "ignored": []},
    "rubinstein": {"share_first_mover": "2/3", "share_second": "1/3"},
    "rubinstein_finite": {"share_first_mover": "0.5"},
    "nash_split": {"u1": 5, "u2": 5},
    "discriminatory": {"allocation": {}, "payments": {}},
    "uniform_price": {"allocation": {}, "payments": {}, "price": 0},
    "vickrey_multi_unit": {"allocation": {}, "payments": {}},
    "ausubel_clinching": {"allocation": {}, "clinch_prices": {}, "payments": {}},
    "gsp": {"slots": []}, "vcg_position": {"slots": []},
    "combinatorial_first_price": {"welfare": 0, "allocation": {}, "payments": {}},
    "vcg_combinatorial": {"welfare": 0, "allocation": {}, "payments": {}, "revenue": 0},
    "core_nearest_vcg": {"welfare": 0, "vcg": {}, "core_revenue": 0, "payments": {}},
    "los_greedy": {"winners": [], "payments": {}},
    "dgs_ascending": {"assignment": {}, "prices": {}},
    "path_vcg": {"path": None},
    "k_double_auction": {"trades": 0}, "mcafee": {"trades": 0}, "trade_reduction": {"trades": 0},
    "sbba": {"trades": 0}, "vcg_double_auction": {"trades": 0},
    "call_auction_uncross": {"volume": 0},
    "cda": {"trades": [], "book": {"buy": [], "sell": []}},
}  # fmt: skip


@pytest.mark.parametrize("protocol", RULES)
def test_nobody_came(protocol: str) -> None:
    assert clear(protocol, NEEDED.get(protocol, {}), []) == NOBODY[protocol]


def of(field: str, *amounts: object) -> list[dict[str, object]]:
    return [{"bidder": name, field: x} for name, x in zip("ABCD", amounts, strict=False)]


def sold(winner: str | None, price: object = None) -> dict[str, object]:
    return {"winner": None} if winner is None else {"winner": winner, "price": price}


FIRST, SECOND, THIRD = (f"{n}_price_sealed_bid" for n in ("first", "second", "third"))
BUYING: dict[str, object] = {"side": "reverse"}
BY_HAND: list[tuple[str, Any, Any, Any]] = [
    # one alone; ties; at the reserve; buying
    (FIRST, {"reserve": "5.00"}, of("amount", 5), sold("A", "5.00")),
    (FIRST, {"reserve": 5}, of("amount", "4.99"), sold(None)),
    (FIRST, BUYING | {"reserve": 5}, of("amount", 6, 5, 5), sold("B", 5)),
    (SECOND, {}, of("amount", 5), sold("A", 0)),
    (SECOND, {"reserve": 5}, of("amount", 5, 9, 4), sold("B", 5)),
    (SECOND, {}, of("amount", 7, 7, 6), sold("A", 7)),
    (SECOND, BUYING, of("amount", 5), sold("A", 5)),
    (SECOND, BUYING | {"reserve": 9}, of("amount", 5, 10), sold("A", 9)),
    (THIRD, {}, of("amount", 5, 4), sold("A", 0)),
    (THIRD, BUYING | {"reserve": 9}, of("amount", 5, 6, 8), sold("A", 8)),
    ("all_pay", {"reserve": 5}, of("amount", 5, 5, 4), {"winner": "A", "payments": {"A": 5, "B": 5, "C": 0}}),
    ("dutch", {"start": 10, "decrement": 3, "floor": 4}, of("accept_at", 3, 4, 4),
     {"winner": "B", "price": 4, "tick": 2}),
    ("dutch", {"start": 10, "decrement": 3, "floor": 3}, of("accept_at", 3), sold(None)),
    ("japanese", {"increment": 1}, of("limit", 5, 5), sold("A", 5)),
    ("japanese", {"increment": 1}, of("limit", 4, 7), sold("B", 5)),
    ("japanese", {"increment": 1, "rule": "last_common"}, of("limit", 4, 7), sold("B", 4)),
    ("english_proxy", {"increment": 1, "reserve": 5}, of("max", 5, 3), sold("A", 5)),
    ("english_proxy", {"increment": 1, "reserve": 6}, of("max", 5, 3), sold(None)),
    ("english_proxy", {"increment": "0.50"}, of("max", "7.25", 7), sold("A", "7.25")),
    # several units
    ("uniform_price", {"units": 2, "rule": "lowest_accepted"}, of("amounts", ["5.50", 3]),
     {"allocation": {"A": 2}, "payments": {"A": 6}, "price": 3}),
    ("uniform_price", {"units": 2, "rule": "lowest_accepted", "reserve": 6}, of("amounts", ["5.50", 3]),
     {"allocation": {"A": 0}, "payments": {"A": 0}, "price": 6}),
    ("uniform_price", {"units": 2}, of("amounts", ["5.50", 3]),
     {"allocation": {"A": 2}, "payments": {"A": 0}, "price": 0}),
    ("vickrey_multi_unit", {"units": 2, "reserve": 5}, of("amounts", [5, 5], [5]),
     {"allocation": {"A": 2, "B": 0}, "payments": {"A": 10, "B": 0}}),
    ("discriminatory", {"units": 2}, of("amounts", ["5.50", 3]), {"allocation": {"A": 2}, "payments": {"A": "8.5"}}),
    ("ausubel_clinching", {"units": 2, "increment": 1, "start": 5}, of("amounts", [5], [5], [5]),
     {"allocation": {"A": 1, "B": 1, "C": 0}, "clinch_prices": {"A": [5], "B": [5], "C": []},
      "payments": {"A": 5, "B": 5, "C": 0}}),
    ("gsp", {"ctr": [2], "reserve": 3}, of("amount", 3, 3),
     {"slots": [{"bidder": "A", "price_per_click": 3, "payment": 6}]}),
    # packages
    ("dgs_ascending", {"reserve": 5}, of("values", {"x": 5}, {"x": 5, "y": 4}),
     {"assignment": {"A": "x"}, "prices": {"x": 5, "y": 5}}),
    ("dgs_ascending", {"reserve": 5}, of("values", {"x": 8}, {"x": 5, "y": 5}),
     {"assignment": {"A": "x", "B": "y"}, "prices": {"x": 5, "y": 5}}),
    ("los_greedy", {}, [{"bidder": "A", "items": ["x"], "amount": 9},
     {"bidder": "B", "items": ["x"], "amount": "7.50"}],
     {"winners": ["A"], "payments": {"A": "7.50"}}),
    ("los_greedy", {}, [{"bidder": "A", "items": ["x"], "amount": 0}], {"winners": [], "payments": {}}),
    ("combinatorial_first_price", {}, of("bids", [{"items": ["x"], "amount": 0}]),
     {"welfare": 0, "allocation": {}, "payments": {}}),
    ("combinatorial_first_price", {"side": "reverse"}, of("bids", [{"items": ["x"], "amount": 0}]),
     {"cost": 0, "allocation": {"A": ["x"]}, "payments": {"A": 0}}),
    ("combinatorial_first_price", {"side": "reverse", "items": ["x"]}, [], {"allocation": None}),
    # two sides
    ("k_double_auction", {"k": 1}, [{"bidder": "B", "side": "buy", "amount": 4},
     {"bidder": "S", "side": "sell", "amount": 4}],
     {"trades": 1, "price_interval": [4, 4], "price": 4, "buyers": ["B"], "sellers": ["S"]}),
    ("contract_net", {"deadline": 5, "max_price": 40},
     [{"from": "p", "type": "propose", "price": 40, "time": 4},
      {"from": "q", "type": "propose", "price": 40, "time": 4},
      {"from": "r", "type": "propose", "price": 1, "time": 5}],
     {"accept": "p", "reject": ["q"], "ignored": [["r", "late"]]}),
    ("scoring_auction", {"weights": {"q": 1}, "min_score": 3, "rule": "second_score"},
     [{"bidder": "A", "price": 2, "attributes": {"q": 5}}, {"bidder": "B", "price": 1, "attributes": {"q": 4}}],
     {"winner": "A", "scores": {"A": 3, "B": 3}, "payment": 2}),
    ("posted_price", {"price": "5.00", "units": 1}, of("value", 5, 9), {"buyers": ["A"], "revenue": "5.00"}),
    ("myerson_optimal", {}, [{"bidder": "A", "value": 5, "hi": 10}],
     {"winner": "A", "price": 5, "virtual_values": {"A": 0}}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "params", "bids", "expected"),
    [pytest.param(*case, id=f"{case[0]}-{n}") for n, case in enumerate(BY_HAND)],
)
def test_by_hand(protocol: str, params: Any, bids: Any, expected: Any) -> None:
    assert clear(protocol, params, bids) == expected


def test_names_of_results_are_names_like_any_other() -> None:
    bids = [
        {"bidder": "price", "amounts": ["1.00"]},
        {"bidder": "payments", "amounts": ["1.00"]},
        {"bidder": "__class__ {0} \u202e", "amounts": []},
    ]
    assert clear("discriminatory", {"units": 1}, bids) == {
        "allocation": {"price": 1, "payments": 0, "__class__ {0} \u202e": 0},
        "payments": {"price": "1.00", "payments": 0, "__class__ {0} \u202e": 0},
    }


def test_amounts_come_back_in_the_form_in_which_they_came() -> None:
    found = clear(SECOND, {}, of("amount", 9, "7.50"))
    assert found["price"] == "7.50"
    found = clear(SECOND, {}, of("amount", 9, Decimal("7.50")))
    assert repr(found["price"]) == "Decimal('7.50')"
    found = clear("mcafee", {}, [
        {"bidder": "b1", "side": "buy", "amount": 9}, {"bidder": "b2", "side": "buy", "amount": Decimal(4)},
        {"bidder": "s1", "side": "sell", "amount": 2}, {"bidder": "s2", "side": "sell", "amount": 5},
    ])  # fmt: skip
    assert found["buyer_price"] == Decimal("4.5")
    assert exact(Fraction(4, 2)) == 2


def test_ties_go_by_name_or_by_lot_if_the_case_says_so() -> None:
    bids = [{"bidder": name, "amount": 5} for name in "CAB"]
    assert clear(FIRST, {"ties": "lexicographic"}, bids)["winner"] == "A"
    drawn = {clear(FIRST, {"ties": "random", "seed": n}, bids)["winner"] for n in range(20)}
    assert drawn == {"A", "B", "C"}
    again = [clear(FIRST, {"ties": "random", "seed": 3}, list(p)) for p in permutations(bids)]
    assert again.count(again[0]) == 6  # the order of coming does not help


REFUSED: dict[str, tuple[str, Any, Any, str, str]] = {
    "core of or": ("core_nearest_vcg", {"language": "or"}, [], "not-offered", "$.params.language"),
    "clicks rise": ("gsp", {"ctr": [1, 2]}, [], "rising", "$.params.ctr"),
    "market with price": (
        "cda", {}, [{"id": "1", "type": "market", "side": "buy", "price": 1, "qty": 1}],
        "unknown-field", "$.bids[0].price",
    ),
    "priceless": ("contract_net", {}, [{"from": "A", "type": "propose"}], "missing", "$.bids[0].price"),
    "too many digits": (
        "rubinstein_finite", {"d1": "0.123456789012345678", "d2": 1, "periods": 10_000}, [], "too-long",
        "$.params.periods",
    ),
    "exponent": (FIRST, {}, of("amount", Decimal("1e-19")), "out-of-range", "$.bids[0].amount"),
    "unknown solver": ("vcg_combinatorial", {"solver": "glpk"}, [], "type", "$.params.solver"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "params", "bids", "code", "place"), REFUSED.values(), ids=REFUSED
)
def test_refused(protocol: str, params: Any, bids: Any, code: str, place: str) -> None:
    with pytest.raises(FormatError) as caught:
        clear(protocol, params, bids)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_too_many_bids_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("negotiate.protocols.clearing.cases.MOST_BIDS", 2)
    with pytest.raises(FormatError) as caught:
        clear(FIRST, {}, of("amount", 1, 2, 3))
    assert (caught.value.code, caught.value.place) == ("too-many-bids", "$.bids")


@pytest.mark.parametrize("market", [Market((), {}, reverse=True), Market((), {}, "or")])
def test_the_core_is_for_selling_by_xor(market: Market) -> None:
    with pytest.raises(LocalError) as caught:
        core_nearest_vcg(market)
    assert caught.value.code == "not-offered"


def test_what_nobody_offers_cannot_be_bought() -> None:
    atoms = (Atom("A", ("x",), 1),)
    assert combinatorial_first_price(Market(atoms, {"x": 1, "y": 1}, reverse=True)) is None


def test_a_bid_before_the_window_leaves_the_close() -> None:
    bids = [{"bidder": "A", "amount": 1, "time": 3}, {"bidder": "B", "amount": 2, "time": 8}]
    params = {"increment": 1, "end": 10, "soft_window": 2, "extension": 5}
    found = clear("english_open", params, bids)
    assert (found["accepted"], found["close_time"]) == ([True, True], 13)
    assert clear("english_open", params, bids[:1])["close_time"] == 10
    assert "close_time" not in clear("english_open", {"increment": 1}, bids)


def test_no_bid_reaches_the_third_price_reserve() -> None:
    assert third_price([("A", 3)], 4) is None


def test_a_book_that_forgets_its_dead_keeps_the_living() -> None:
    book = Book()
    for n in range(1100):
        book.submit(f"{n}", "A", "buy", 5 + n % 2, 1)
    for n in range(1, 1098):
        book.cancel(f"{n}")
    assert [order.id for order in book.orders("buy")] == ["1099", "0", "1098"]
    assert [trade.maker for trade in book.submit("s", "B", "sell", 5, 3)] == [
        "1099",
        "0",
        "1098",
    ]


def test_rows_that_no_point_satisfies_are_reported() -> None:
    with pytest.raises(ArithmeticError):
        nearest([(frozenset({0}), 5)], [1], Fraction(1))


def test_impatient_relaxations_leave_exact_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    bids = [
        {"bidder": f"B{n}", "bids": [{"items": [f"i{n % 5}", f"i{(n * 2 + 1) % 5}"][: 1 + n % 2], "amount": 5 + n}]}
        for n in range(8)
    ]  # fmt: skip
    sell, buy = clear("vcg_combinatorial", {}, bids), clear("vcg_combinatorial", BUYING, bids)
    monkeypatch.setattr(relaxation, "_PATIENCE", 0)
    assert clear("vcg_combinatorial", {}, bids) == sell
    assert clear("vcg_combinatorial", BUYING, bids) == buy

    def wrong(table: Any) -> tuple[list[float], list[float]]:
        size = sum(table.shape) - 2
        return [3.0] * size, [0.1] * size

    monkeypatch.setattr(relaxation, "_pivot_to_end", wrong)
    assert clear("vcg_combinatorial", {}, bids) == sell
    assert clear("vcg_combinatorial", BUYING, bids) == buy


# -- who can have what it likes best -----------------------------------------------------------------


def placed(demands: dict[int, list[int]]) -> bool:
    """Whether each bidder can have an item of its own that it demands, by trying."""
    bidders, items = list(demands), sorted({i for d in demands.values() for i in d})
    return any(
        all(item in demands[b] for b, item in zip(bidders, order, strict=True))
        for order in permutations(items, len(bidders))
    )


def wanted_too_much(demands: dict[int, list[int]], items: set[int]) -> bool:
    return sum(items.issuperset(d) for d in demands.values()) > len(items)


def test_over_demanded_sets_are_minimal_and_there_when_somebody_is_left_out() -> None:
    random = Random(8)
    for _ in range(400):
        demands = {
            b: random.sample(range(4), random.randint(1, 3))
            for b in range(random.randint(0, 5))
        }
        found = over_demanded(demands)
        assert (found is None) == placed(demands)
        if found is not None:
            assert wanted_too_much(demands, set(found))
            inner = chain.from_iterable(permutations(found, n) for n in range(1, len(found)))
            assert not any(wanted_too_much(demands, set(some)) for some in inner)


def test_items_that_are_due_go_to_somebody_and_no_firm_bidder_loses() -> None:
    random = Random(9)
    for _ in range(400):
        firm = {
            b: random.sample(range(4), random.randint(1, 3))
            for b in range(random.randint(0, 3))
        }
        loose = {
            b: random.sample(range(4), random.randint(1, 3))
            for b in range(5, 5 + random.randint(0, 3))
        }
        due = random.sample(range(4), random.randint(0, 4))
        before, after = assign(firm, {}, []), assign(firm, loose, due)
        demands = {**firm, **loose}
        assert all(item in demands[bidder] for bidder, item in after.items())
        assert len(set(after.values())) == len(after)
        assert set(before) <= set(after)
        left = [i for i in due if i not in after.values()]
        assert not any(i in loose[b] for i in left for b in loose if b not in after)  # fmt: skip


def test_an_object_left_over_goes_to_who_values_it_at_the_reserve() -> None:
    found = dgs_ascending([("A", {"x": 5}), ("B", {"x": 5}), ("C", {"y": 3})], 5)
    assert found == ({"A": "x"}, {"x": 5, "y": 5})
    assert dgs_ascending([("A", {"x": 0})]) == ({}, {"x": 0})


def test_a_case_names_its_solver() -> None:
    pytest.importorskip("highspy")
    bids = [
        {"bidder": "A", "bids": [{"items": ["x", "y"], "amount": "7.50"}]},
        {"bidder": "B", "bids": [{"items": ["x"], "amount": 4}]},
        {"bidder": "C", "bids": [{"items": ["y"], "amount": 4}]},
    ]
    for rule in ("combinatorial_first_price", "vcg_combinatorial", "core_nearest_vcg"):
        assert clear(rule, {"solver": "highs"}, bids) == clear(rule, {"solver": "own"}, bids)
