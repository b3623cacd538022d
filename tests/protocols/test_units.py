# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Several identical units: sealed bids and the rising clock, and that they come to the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from negotiate.moves import Bid, Demand, Marginals, PackageBid, Pass, Walk
from negotiate.protocol import Allocation, NoAgreement, Reason
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.clearing.clinching import clinching
from negotiate.protocols.clearing.units import discriminatory, uniform_price, vickrey
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.sealed_bid import SealedBid
from tests.protocols.drive import code_of, rounds, sealed, seen, start

values = st.lists(st.integers(0, 9), min_size=1, max_size=4).map(
    lambda v: tuple(sorted(v, reverse=True))
)
demands = st.lists(values, min_size=1, max_size=4)
supplies = st.integers(1, 5)


def sell(price: str, bids: list[Any], units: int, **more: Any) -> Any:
    cut = [Marginals(bid[:units]) for bid in bids]
    return sealed(MultiUnit(units=units, price=price, **more), cut)


def clock(bids: list[Any], units: int, **more: Any) -> Any:
    """The clock with parties that want a unit as long as it is worth its price."""

    def wants(state: Any, party: int) -> list[Demand]:
        worth = sum(value >= state.price for value in bids[party])
        least = len(state._clinched[party]) if state.rules.form == "clinching" else 0
        return [Demand(state.round, (max(least, min(worth, units)),))]

    rules = AscendingClock(units=units, pays="last_common", last=99, **more)
    return rounds(rules, len(bids), wants).result


# -- sealed bids ---------------------------------------------------------------------------------------

BIDS = [(46, 43, 40), (45, 44, 30), (41, 39)]
PRICES = {
    "discriminatory": ((2, 2, 0), (89, 89, 0)),
    "uniform": ((2, 2, 0), (82, 82, 0)),
    "vickrey": ((2, 2, 0), (80, 81, 0)),
}


@pytest.mark.parametrize(("price", "expected"), PRICES.items(), ids=PRICES)
def test_the_highest_amounts_win(price: str, expected: Any) -> None:
    assert sell(price, BIDS, 4) == Allocation(expected[0], expected[1], 1)


def test_the_one_price_may_be_the_lowest_accepted() -> None:
    assert sell("uniform", BIDS, 4, uniform="lowest_accepted").payments == (86, 86, 0)


@given(demands, supplies, st.none() | st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_sealed_units_are_their_clearing_functions(bids: Any, units: int, reserve: Any) -> None:
    named = [(str(p), bid[:units]) for p, bid in enumerate(bids)]
    rules: dict[str, Any] = {
        "discriminatory": discriminatory,
        "uniform": uniform_price,
        "vickrey": vickrey,
    }
    for price, rule in rules.items():
        expected: Any = rule(named, units, reserve)
        result = sell(price, bids, units, reserve=reserve)
        if isinstance(result, NoAgreement):
            assert not any(expected.allocation.values())
        else:
            assert result.units == tuple(expected.allocation.values())
            assert result.payments == tuple(expected.payments.values())


@given(demands, st.permutations(range(4)))
@settings(max_examples=60, deadline=None)
def test_arrival_decides_ties_and_nothing_else(bids: Any, order: Any) -> None:
    order = [party for party in order if party < len(bids)]
    moves = [Marginals(bid) for bid in bids]
    rules = MultiUnit(units=4, price="discriminatory")
    amounts = sorted((a for bid in bids for a in bid), reverse=True)
    one, other = sealed(rules, moves), sealed(rules, moves, order)
    if isinstance(one, NoAgreement):
        assert isinstance(other, NoAgreement)
        return
    assert sum(one.payments) == sum(other.payments)
    if len(set(amounts)) == len(amounts):
        assert one == other


BAD: dict[str, tuple[Any, str]] = {
    "negative": (Marginals((-1,)), "amount"),
    "huge": (Marginals((10**18 + 1,)), "amount"),
    "none": (Marginals(()), "length"),
    "too many": (Marginals((1, 1, 1)), "length"),
    "list": (Marginals([1]), "length"),
    "rising": (Marginals((1, 2)), "rising"),
    "part": (Marginals((1.5,)), "amount"),
    "other kind": (Bid(1), "phase"),
}


@pytest.mark.parametrize(("move", "code"), BAD.values(), ids=BAD)
def test_bad_marginal_bids_are_refused(move: Any, code: str) -> None:
    assert code_of(start(MultiUnit(), 2), 0, move) == code


def test_a_bid_of_units_is_final_and_closes_when_all_have_answered() -> None:
    state = start(MultiUnit(), 3)
    state.push(0, Marginals((5, 4)))
    assert code_of(state, 0, Marginals((9,))) == "phase"
    state.push(1, Walk())
    assert state.result is None
    state.push(2, Walk())
    assert state.result == Allocation((2, 0, 0), (0, 0, 0), 1)
    assert code_of(state, 2, Marginals((1,))) == "late"


def test_sealed_units_are_seen_by_their_bidder_alone() -> None:
    views = []
    for amounts in ((9, 8), (1,)):
        state = start(MultiUnit(), 2)
        before = seen(state.view(1))
        state.push(0, Marginals(amounts))
        views.append(seen(state.view(1)))
        assert state.view(0).turns[0].outcome == amounts
        assert views[-1] == before
    assert views[0] == views[1]


# -- the clock -----------------------------------------------------------------------------------------


@given(demands, supplies)
@settings(max_examples=150, deadline=None)
def test_clinching_is_the_vickrey_auction_of_many_units(bids: Any, units: int) -> None:
    sealed_result, open_result = sell("vickrey", bids, units), clock(bids, units)
    assert outcome(open_result) == outcome(sealed_result)


@given(demands, supplies)
@settings(max_examples=100, deadline=None)
def test_the_uniform_clock_is_the_sealed_uniform_price(bids: Any, units: int) -> None:
    opened = clock(bids, units, form="uniform")
    assert outcome(opened) == outcome(sell("uniform", bids, units))


def outcome(result: Any) -> Any:
    return None if isinstance(result, NoAgreement) else (result.units, result.payments)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_with_one_unit_five_auctions_are_the_vickrey_auction(limits: list[int]) -> None:
    second = outcome(sealed(SealedBid(price="second"), map(Bid, limits)))
    assert outcome(sell("vickrey", [(v,) for v in limits], 1)) == second
    assert outcome(clock([(v,) for v in limits], 1)) == second

    def stays(state: Any, party: int) -> list[Walk]:
        return [Walk()] if state.price > limits[party] else []

    button = ClockAuction(form="japanese", opening=0, last=99, pays="last_common")
    assert outcome(rounds(button, len(limits), stays).result) == second
    rules = Combinatorial(items=("lot",), price="vcg")
    state = start(rules, len(limits))
    for party, limit in enumerate(limits):
        state.push(party, PackageBid(("lot",), limit))
        state.push(party, Pass(1))
    # a bid of nothing wins nothing among packages; elsewhere the object is given away
    assert outcome(state.result) == (second if any(limits) else None)


@given(
    st.lists(st.lists(st.integers(1, 30), max_size=3), min_size=1, max_size=4).filter(
        lambda bids: len({v for b in bids for v in b}) == sum(map(len, bids))
    ),
    supplies,
)
@settings(max_examples=80, deadline=None)
def test_the_clock_is_its_clearing_function_where_no_values_tie(bids: Any, units: int) -> None:
    bids = [sorted(bid, reverse=True)[:units] for bid in bids]
    expected = clinching([(str(p), bid) for p, bid in enumerate(bids)], units, 0, 1)

    def wants(state: Any, party: int) -> list[Demand]:
        worth = sum(value > state.price for value in bids[party])
        return [Demand(state.round, (max(worth, len(state._clinched[party])),))]

    result = rounds(AscendingClock(units=units, last=99), len(bids), wants).result
    if isinstance(result, NoAgreement):
        assert not any(expected.allocation.values())
    else:
        assert result.units == tuple(expected.allocation.values())
        assert result.payments == tuple(expected.payments.values())


def clock_moves(rules: AscendingClock, *demand_by_round: tuple[int | None, ...]) -> Any:
    state = start(rules, len(demand_by_round[0]))
    for demand in demand_by_round:
        before = state.round
        for party, units in enumerate(demand):
            if units is not None and party in state.to_move:
                state.push(party, Demand(state.round, (units,)), state._at)
        if state.result is None and state.round == before:
            state.advance(state._began + state._ends)
    return state


def test_units_left_over_go_at_the_price_before_to_those_who_wanted_them() -> None:
    rules = AscendingClock(units=3, opening=5, step=10, form="uniform")
    state = clock_moves(rules, (3, 3), (2, 3), (1, 0))
    assert state.result == Allocation((2, 1), (30, 15), 3)


def test_clinched_units_keep_their_prices() -> None:
    state = clock_moves(AscendingClock(units=3, opening=5, step=10), (3, 2), (2, 2), (2, 1))
    assert state.result == Allocation((2, 1), (5 + 25, 15), 3)


def test_at_the_ceiling_units_go_to_the_earlier_demand() -> None:
    rules = AscendingClock(units=2, opening=5, step=10, last=20, form="uniform")
    state = start(rules, 2)
    for _ in range(2):
        state.push(1, Demand(state.round, (2,)), state._at)
        state.push(0, Demand(state.round, (2,)), state._at)
    assert state.result == Allocation((0, 2), (0, 30), 2)


def test_who_is_silent_wants_no_more_than_it_has_clinched() -> None:
    rules = AscendingClock(units=3, opening=5, step=10)
    state = clock_moves(rules, (3, 2), (None, 2))
    assert state.result == Allocation((1, 2), (5, 30), 2)
    state = clock_moves(rules, (3, 2), (None, None))  # what they wanted at 5 they can have at 5
    assert state.result == Allocation((3, 0), (15, 0), 2)
    assert isinstance(clock_moves(rules, (None, None)).result, NoAgreement)


def test_demand_of_the_clock_is_checked() -> None:
    state = start(AscendingClock(units=3), 2)
    for units, code in (
        ((4,), "rising"),
        ((-1,), "amount"),
        ((1, 1), "length"),
        ([1], "length"),
    ):
        assert code_of(state, 0, Demand(1, units)) == code
    assert code_of(state, 0, Demand(2, (1,))) == "round"
    assert code_of(state, 0, Demand(True, (1,))) == "round"
    state.push(0, Demand(1, (3,)))
    state.push(1, Demand(1, (2,)))
    assert (state.view(0).held, state.view(1).held) == ((1,), (0,))
    assert code_of(state, 0, Demand(2, (0,))) == "clinched"
    assert code_of(state, 0, Demand(1, (3,))) == "round"


@pytest.mark.parametrize("shown", [True, False])
def test_demand_is_shown_after_the_round_if_the_rules_say_so(shown: bool) -> None:
    state = start(AscendingClock(units=2, show_demand=shown, form="uniform"), 2)
    state.push(0, Demand(1, (2,)))
    assert state.view(1).demand == ()
    assert state.view(1).turns == []
    state.push(1, Demand(1, (1,)))
    assert state.view(1).demand == ((3,) if shown else ())
    assert state.view(1).prices == (1,)


def test_a_clock_must_rise() -> None:
    with pytest.raises(ValidationError, match="must rise"):
        AscendingClock(opening=5, last=4)


def test_no_sale_has_a_reason() -> None:
    assert sealed(MultiUnit(), [Walk(), None]).reason is Reason.NO_SALE
