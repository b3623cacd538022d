# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Several items in rounds: the simultaneous ascending auction, and that of unit demand."""

from __future__ import annotations

from contextlib import suppress
from itertools import chain, combinations
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pydantic import ValidationError

from negotiate.errors import IllegalMove
from negotiate.moves import ItemBid, Pass, Prefer, Withdraw
from negotiate.protocol import Allocation, NoAgreement
from negotiate.protocols.clearing.assignment import dgs_ascending
from negotiate.protocols.clearing.overdemand import over_demanded
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.protocols.unit_demand import UnitDemand
from tests.protocols.drive import code_of, rounds, seen, start

# -- simultaneous ascending ----------------------------------------------------------------------------


def saa(*by_round: dict[int, list[Any]], parties: int = 3, **rules: Any) -> Any:
    """An auction in which each round brings these moves, and everybody else is silent."""
    state = start(SimultaneousAscending(round_time=10, **rules), parties)
    for moves in by_round:
        for party, sent in moves.items():
            for move in sent:
                state.push(party, move, state._at)
        state.advance(state._ends)
    return state


A, B = "A", "B"


def test_it_closes_for_all_items_after_a_round_without_a_new_bid() -> None:
    state = saa(
        {0: [ItemBid(A, 5)], 1: [ItemBid(A, 7), ItemBid(B, 0)]},
        {0: [ItemBid(A, 8)]},
        {1: [ItemBid(A, 9)], 0: [ItemBid(B, 1)]},
        waivers=9,
    )
    assert state.result is None
    state.advance(state._ends)
    assert state.result == Allocation((1, 1, 0), (1, 9, 0), 4, ((0, 1), (1, 0), (0, 0)))


def test_bids_of_a_round_are_secret_until_it_ends() -> None:
    state = start(SimultaneousAscending(), 3)
    before = seen(state.view(1))
    state.push(0, ItemBid(A, 3))
    assert seen(state.view(1)) == before
    state.advance(60_000)
    view = state.view(1)
    assert (view.prices, view.minimum, view.demand) == ((3, 0), (4, 0), (1, 0))
    assert state.view(0).held == (1, 0)
    assert view.held == (0, 0)


def test_the_earliest_of_equal_bids_stands() -> None:
    state = saa({2: [ItemBid(A, 5)], 0: [ItemBid(A, 5)]})
    assert state.view(2).held == (1, 0)


def test_bids_are_on_the_click_box() -> None:
    state = saa({0: [ItemBid(A, 10)]}, increment=5, clicks=3, opening=(10, 0), waivers=1)
    for amount, code in ((14, "low"), (16, "click-box"), (30, "click-box"), (10**19, "amount")):
        assert code_of(state, 1, ItemBid(A, amount)) == code
    assert code_of(state, 1, ItemBid(A, -5)) == "amount"
    state.push(1, ItemBid(A, 25), state._at)
    assert code_of(state, 1, ItemBid(A, 20)) == "duplicate"
    assert code_of(state, 0, ItemBid(A, 15)) == "standing"
    assert code_of(state, 1, ItemBid("C", 5)) == "unknown-item"
    assert code_of(state, 1, ItemBid(7, 5)) == "unknown-item"


def test_nobody_is_active_beyond_its_eligibility() -> None:
    state = start(SimultaneousAscending(points=(3, 2), eligibility=4), 2)
    state.push(0, ItemBid(A, 1))
    assert code_of(state, 0, ItemBid(B, 1)) == "eligibility"


def test_who_does_less_than_the_stage_asks_for_loses_eligibility() -> None:
    more = {"points": (6, 4), "stages": ((1, 50), (2, 100))}
    state = saa({0: [ItemBid(B, 1)], 1: [ItemBid(A, 1)]}, **more)
    assert [state.view(p).eligibility for p in range(3)] == [8, 10, 0]
    assert state.to_move == (0, 1)  # the third does not come back
    state.push(1, ItemBid(B, 2), state._at)
    state.advance(state._ends)
    assert [state.view(p).eligibility for p in range(3)] == [4, 10, 0]


def test_a_waiver_keeps_eligibility_once() -> None:
    state = saa({0: [ItemBid(A, 1)]}, {0: [ItemBid(B, 1)]}, waivers=1)
    assert [state.view(p).eligibility for p in range(3)] == [2, 0, 0]


def test_a_withdrawn_bid_owes_what_later_bids_fall_short() -> None:
    state = saa(
        {0: [ItemBid(A, 8)]},
        {0: [Withdraw(A)], 1: [ItemBid(B, 1)]},
        {2: []},
        withdrawals=1,
        waivers=9,
    )
    assert state.result == Allocation((0, 1, 0), (8, 1, 0), 3, ((0, 0), (0, 1), (0, 0)))
    state = saa(
        {0: [ItemBid(A, 8)]},
        {0: [Withdraw(A)]},
        {1: [ItemBid(A, 6)]},
        {},
        withdrawals=1,
        waivers=9,
    )
    assert state.result == Allocation((0, 1, 0), (2, 6, 0), 4, ((0, 0), (1, 0), (0, 0)))


def test_withdrawals_are_counted_and_of_ones_own() -> None:
    state = saa({0: [ItemBid(A, 1), ItemBid(B, 1)]}, withdrawals=1, waivers=1)
    assert code_of(state, 1, Withdraw(A)) == "not-standing"
    assert code_of(state, 0, Withdraw("X")) == "unknown-item"
    state.push(0, Withdraw(A), state._at)
    assert code_of(state, 0, Withdraw(A)) == "not-standing"
    assert code_of(state, 0, Withdraw(B)) == "too-many"


def test_a_round_ends_early_when_all_have_passed() -> None:
    state = start(SimultaneousAscending(), 2)
    state.push(0, ItemBid(A, 3), 1)
    state.push(0, Pass(1), 2)
    assert code_of(state, 0, ItemBid(B, 3), 3) == "phase"
    assert code_of(state, 1, Pass(2), 3) == "round"
    state.push(1, Pass(1), 4)
    assert (state.round, state.view(1).close) == (2, 60_004)


def test_rounds_are_limited() -> None:
    state = saa({0: [ItemBid(A, 1)]}, {1: [ItemBid(A, 2)]}, rounds=2, waivers=9)
    assert state.result.units == (0, 1, 0)


BAD_RULES: dict[str, dict[str, Any]] = {
    "no first stage": {"stages": ((2, 50),)},
    "stages fall": {"stages": ((1, 50), (1, 60))},
    "more than all": {"stages": ((1, 101),)},
    "same names": {"items": ("A", "A")},
    "supply": {"supply": (2, 2)},
    "points": {"points": (1,)},
    "openings": {"opening": (1, 2, 3)},
}


@pytest.mark.parametrize("rules", BAD_RULES.values(), ids=BAD_RULES)
def test_rules_that_do_not_fit_are_refused(rules: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SimultaneousAscending(**rules)


class AnyAuction(RuleBasedStateMachine):
    """Whatever is sent: prices rise but for withdrawals, nobody is over its points, the seller never loses."""

    def __init__(self) -> None:
        super().__init__()
        self.rules = SimultaneousAscending(
            items=(A, B, "C"), points=(1, 2, 3), withdrawals=2, waivers=1, round_time=10
        )
        self.state, self.sent = start(self.rules, 3), list[tuple[int, Any, int]]()
        self.highest = dict.fromkeys(self.rules.items, 0)

    def send(self, party: int, move: Any) -> None:
        if self.state.result is None:
            with suppress(IllegalMove):
                self.state.push(party, move, self.state._at)
                self.sent.append((party, move, self.state._at))

    @rule(
        party=st.integers(0, 2),
        item=st.sampled_from(("A", "B", "C")),
        amount=st.integers(0, 12),
    )
    def bid(self, party: int, item: str, amount: int) -> None:
        self.send(party, ItemBid(item, amount))

    @rule(party=st.integers(0, 2), item=st.sampled_from(("A", "B", "C")))
    def withdraw(self, party: int, item: str) -> None:
        self.send(party, Withdraw(item))

    @rule(party=st.integers(0, 2))
    def is_done(self, party: int) -> None:
        self.send(party, Pass(self.state.round))

    @precondition(lambda self: self.state.result is None)
    @rule()
    def time_passes(self) -> None:
        self.state.advance(self.state._ends)

    @invariant()
    def nobody_holds_more_than_its_points(self) -> None:
        if self.state.result is None:
            for party in range(3):
                view = self.state.view(party)
                held = sum(n * w for n, w in zip(view.held, self.rules.worth, strict=True))
                assert held <= view.eligibility
            prices = self.state.view(0).prices
            for item, price in zip(self.rules.items, prices, strict=True):
                self.highest[item] = max(self.highest[item], price)

    def teardown(self) -> None:
        at = self.state._at
        while self.state.result is None:
            self.state.advance(self.state._ends)
            self.nobody_holds_more_than_its_points()
        again = start(self.rules, 3)
        for party, move, then in self.sent:
            again.advance(then)
            again.push(party, move, then)
        again.advance(max(at, 10**9))
        assert again.result == self.state.result
        if isinstance(self.state.result, Allocation):
            assert sum(self.state.result.payments) >= sum(self.highest.values())
            assert all(sum(got) <= 1 for got in zip(*self.state.result.goods, strict=True))


TestAnyAuction = AnyAuction.TestCase
TestAnyAuction.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


# -- unit demand ---------------------------------------------------------------------------------------


def best(values: dict[str, int], prices: tuple[int, ...], items: tuple[str, ...]) -> Any:
    surplus = {i: values[i] - p for i, p in zip(items, prices, strict=True) if i in values}
    most = max(surplus.values(), default=-1)
    liked = tuple(item for item, gain in surplus.items() if gain == most) if most >= 0 else ()
    return Prefer(0, liked, most == 0)


def preferring(bids: list[dict[str, int]], items: tuple[str, ...], **rules: Any) -> Any:
    def answer(state: Any, party: int) -> list[Prefer]:
        prefer = best(bids[party], state.view(party).prices, items)
        return [Prefer(state.round, prefer.items, prefer.or_nothing)]

    return rounds(UnitDemand(items=items, **rules), len(bids), answer)


item_values = st.dictionaries(st.sampled_from("ABCD"), st.integers(0, 6), max_size=4)


@given(st.lists(item_values, min_size=1, max_size=5))
@settings(max_examples=120, deadline=None)
def test_it_ends_at_the_least_equilibrium_prices(bids: list[dict[str, int]]) -> None:
    items = tuple("ABCD")
    expected = dgs_ascending([(str(p), values) for p, values in enumerate(bids)])
    state = preferring(bids, items)
    prices = dict(zip(items, state._prices, strict=True))
    assert prices == {item: expected.prices.get(item, 0) for item in items}
    if isinstance(state.result, NoAgreement):
        assert not expected.assignment
        return
    got = {p: items[g.index(1)] for p, g in enumerate(state.result.goods) if any(g)}
    assert state.result.payments == tuple(
        prices[got[p]] if p in got else 0 for p in range(len(bids))
    )
    worth = sum(bids[party][item] for party, item in got.items())
    assert worth == sum(bids[int(p)][item] for p, item in expected.assignment.items())


def brute(demands: dict[int, list[int]]) -> set[tuple[int, ...]]:
    """All minimal over-demanded sets."""
    items = sorted({item for demand in demands.values() for item in demand})
    sets = chain.from_iterable(combinations(items, n) for n in range(1, len(items) + 1))
    over = [s for s in sets if sum(set(d) <= set(s) for d in demands.values()) > len(s)]
    return {s for s in over if not any(set(t) < set(s) for t in over)}


def test_the_set_that_rises_is_minimal() -> None:
    random = Random(5)
    for _ in range(600):
        count = random.randint(1, 5)
        demands = {
            b: sorted(random.sample(range(count), random.randint(1, min(3, count))))
            for b in range(random.randint(1, 6))
        }
        found, all_ = over_demanded(demands), brute(demands)
        assert (found is None and not all_) or found in all_


def test_after_the_last_round_the_earlier_answers_come_first() -> None:
    state = start(UnitDemand(rounds=1), 3)
    for party in (2, 0, 1):
        state.push(party, Prefer(1, ("B",)))
    assert state.result.goods == ((0, 0), (0, 0), (0, 1))


def test_preferences_are_checked_and_secret() -> None:
    state = start(UnitDemand(), 2)
    before = seen(state.view(1))
    for items, code in (
        ((A, A), "duplicate"), ((A, B, A), "length"), ("A", "length"), (("C",), "unknown-item"),
    ):  # fmt: skip
        assert code_of(state, 0, Prefer(1, items)) == code
    assert code_of(state, 0, Prefer(1, (A,), 1)) == "or-nothing"
    assert code_of(state, 0, Prefer(3, (A,))) == "round"
    state.push(0, Prefer(1, (A,)))
    assert seen(state.view(1)) == before
    assert code_of(state, 0, Prefer(1, (A,))) == "phase"
    with pytest.raises(ValidationError):
        UnitDemand(supply=(2, 1))
