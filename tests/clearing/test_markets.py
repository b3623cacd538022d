"""The order book and the call against slow, plain versions of themselves."""

# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportArgumentType=false, reportOptionalSubscript=false, reportCallIssue=false
from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.errors import LocalError
from negotiate.protocols.clearing import clear
from negotiate.protocols.clearing.book import Book
from negotiate.protocols.clearing.english import Floor, Outcry, TimedBid, open_outcry
from negotiate.protocols.clearing.uncross import Order, uncross


class PlainBook:
    """One list of orders, searched anew for every trade."""

    def __init__(self, self_trade: str) -> None:
        self.self_trade, self.orders = self_trade, []

    def best(self, side: str, taker: str):
        sign = 1 if side == "buy" else -1
        rest = [o for o in self.orders if o[2] != side]
        return min(rest, key=lambda o: sign * o[3], default=None)

    def submit(self, name, bidder, side, price, qty, life):
        if life == "FOK":
            copy = PlainBook(self.self_trade)
            copy.orders = [list(o) for o in self.orders]
            if sum(t[3] for t in copy.submit(name, bidder, side, price, qty, "IOC")) < qty:
                return []
        trades = []
        while qty and (maker := self.best(side, bidder)):
            if price is not None and (maker[3] > price if side == "buy" else maker[3] < price):
                break
            if maker[1] == bidder and self.self_trade != "allow":
                if self.self_trade != "cancel_incoming":
                    self.orders.remove(maker)
                if self.self_trade != "cancel_resting":
                    qty = 0
                continue
            done = min(qty, maker[4])
            trades.append((name, maker[0], maker[3], done))
            qty, maker[4] = qty - done, maker[4] - done
            if not maker[4]:
                self.orders.remove(maker)
        if qty and price is not None and life == "GTC":
            self.orders.append([name, bidder, side, price, qty])
        return trades

    def half(self, side: str):
        sign = -1 if side == "buy" else 1
        return [
            (o[0], o[3], o[4])
            for o in sorted(self.orders, key=lambda o: sign * o[3])
            if o[2] == side
        ]


@pytest.mark.parametrize("rule", ["allow", "cancel_resting", "cancel_incoming", "cancel_both"])
def test_the_book_trades_as_the_plain_one(rule) -> None:
    random = Random(rule)
    for _ in range(150):
        book, plain = Book(rule), PlainBook(rule)
        for n in range(60):
            if random.random() < 0.25 and n:
                name = str(random.randrange(n))
                live = [o for o in plain.orders if o[0] == name]
                assert book.cancel(name) == bool(live)
                plain.orders = [o for o in plain.orders if o[0] != name]
                continue
            price = None if random.random() < 0.1 else random.randint(95, 105)
            order = (
                str(n), random.choice("ABC"), random.choice(["buy", "sell"]), price, random.randint(1, 9),
                random.choice(["GTC", "GTC", "GTC", "IOC", "FOK"]),
            )  # fmt: skip
            assert book.submit(*order) == plain.submit(*order)
            for side in ("buy", "sell"):
                assert [(o.id, o.price, o.qty) for o in book.orders(side)] == plain.half(side)


def test_the_book_forgets_what_was_cancelled() -> None:
    book = Book()
    for n in range(10_000):
        book.submit(str(n), "A", "buy", n % 50, 1)
        assert book.cancel(str(n))
    assert sum(len(queue) for queue in book._buy.queues.values()) < 3_000
    assert book.best("buy") is None


def test_a_killed_order_changes_nothing() -> None:
    book = Book("cancel_resting")
    book.submit("1", "A", "sell", 10, 5)
    book.submit("2", "B", "sell", 11, 5)
    assert book.submit("3", "A", "buy", 11, 6, "FOK") == []
    assert [order.id for order in book.orders("sell")] == ["1", "2"]


def test_an_id_counts_once() -> None:
    book = Book()
    book.submit("1", "A", "sell", 10, 5, "IOC")
    with pytest.raises(LocalError) as caught:
        book.submit("1", "B", "buy", 10, 5)
    assert caught.value.code == "duplicate-order"


orders = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell"]), st.none() | st.integers(1, 9), st.integers(1, 9)
    ),
    max_size=7,
).map(lambda rows: [Order(str(n), *row) for n, row in enumerate(rows)])


@given(orders, st.none() | st.integers(0, 12))
@settings(max_examples=500, deadline=None)
def test_uncross_against_all_prices(orders, reference) -> None:
    def at(price):
        demand = sum(
            o.qty for o in orders if o.side == "buy" and (o.price is None or o.price >= price)
        )
        supply = sum(
            o.qty for o in orders if o.side == "sell" and (o.price is None or o.price <= price)
        )
        return min(demand, supply), demand - supply

    limits = sorted({o.price for o in orders if o.price is not None})
    candidates = limits or ([] if reference is None else [reference])
    found = uncross(orders, reference)
    best = max((at(p)[0] for p in candidates), default=0)
    if not best:
        assert found is None
        return
    least = min(abs(at(p)[1]) for p in candidates if at(p)[0] == best)
    tied = [p for p in candidates if at(p)[0] == best and abs(at(p)[1]) == least]
    assert at(found.price)[0] == found.volume == best
    assert abs(found.imbalance) <= least
    assert tied[0] <= found.price <= tied[-1]
    if all(at(p)[1] > 0 for p in tied):
        assert found.price == tied[-1]
    elif all(at(p)[1] < 0 for p in tied):
        assert found.price == tied[0]
    elif least == 0:
        middle = Fraction(tied[0] + tied[-1], 2)
        wanted = middle if reference is None else min(max(reference, tied[0]), tied[-1])
        assert found.price == wanted
    for side in ("buy", "sell"):
        own = [o for o in orders if o.side == side]
        assert sum(found.fills.get(o.id, 0) for o in own) == best
        for o in own:
            got = found.fills.get(o.id, 0)
            assert got <= o.qty
            if got and o.price is not None:
                assert o.price >= found.price if side == "buy" else o.price <= found.price


def test_quiet_close_moves_with_accepted_bids_only() -> None:
    rules = Outcry(start=1, increment=1, quiet=10, end=40)
    calls = [("A", 5, 9), ("B", 5, 18), ("B", 6, 18), ("A", 7, 27), ("B", 8, 36), ("A", 9, 40)]
    found = open_outcry([TimedBid(*call) for call in calls], rules)
    assert found.accepted == (True, False, True, True, True, False)
    assert (found.sale, found.close) == (("B", 8), 40)


def test_a_refused_bid_never_extends() -> None:
    rules = Outcry(start=10, increment=5, end=100, window=10, extension=10)
    floor = Floor(rules)
    floor.accept(TimedBid("A", 10, 0))
    assert floor.refusal(TimedBid("B", 11, 99)) == "low"
    assert floor.close == 100


def test_an_extension_never_brings_the_close_nearer() -> None:
    rules = Outcry(start=1, increment=1, end=100, window=50, extension=10)
    assert open_outcry([TimedBid("A", 5, 60)], rules).close == 100


@pytest.mark.parametrize(
    ("protocol", "params", "bids", "expected"),
    [
        ("second_price_sealed_bid", {}, [], {"winner": None}),
        ("second_price_sealed_bid", {"side": "reverse"}, [("A", 7)], {"winner": "A", "price": 7}),
        ("second_price_sealed_bid", {"side": "reverse", "reserve": 9}, [("A", 7)], {"winner": "A", "price": 9}),
        ("second_price_sealed_bid", {}, [("A", 10), ("B", 10), ("C", 8)], {"winner": "A", "price": 10}),
        ("second_price_sealed_bid", {}, [("A", "7.50"), ("B", "10.20")], {"winner": "B", "price": "7.50"}),
        ("first_price_sealed_bid", {"side": "reverse", "reserve": 8}, [("A", 9)], {"winner": None}),
        ("first_price_sealed_bid", {}, [("A", "1/3"), ("B", "0.33")], {"winner": "A", "price": "1/3"}),
        ("all_pay", {"reserve": 3}, [("A", 3), ("B", 2)], {"winner": "A", "payments": {"A": 3, "B": 0}}),
        ("third_price_sealed_bid", {"reserve": 2}, [("A", 9), ("B", 5)], {"winner": "A", "price": 2}),
    ],
)  # fmt: skip
def test_edges_of_sealed_bids(protocol, params, bids, expected) -> None:
    case = [{"bidder": bidder, "amount": amount} for bidder, amount in bids]
    assert clear(protocol, params, case) == expected
