# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Bids on packages: sealed, and the combinatorial clock."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from negotiate.errors import LocalError
from negotiate.host import Host
from negotiate.moves import Bid, Demand, PackageBid, Pass
from negotiate.protocol import Allocation, NoAgreement, Reason
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from tests.protocols.drive import code_of, seen, start

A, B, AB = ("A",), ("B",), ("A", "B")
SPLIT = [[(AB, 10)], [(A, 8)], [(B, 6)]]  # the two small ones win


def sale(bids: Any, **rules: Any) -> Any:
    """A sealed auction in which the seats send these bids, in turn."""
    state = start(Combinatorial(**rules), len(bids))
    for party, own in enumerate(bids):
        for items, amount in own:
            state.push(party, PackageBid(items, amount))
    for party in range(len(bids)):
        state.push(party, Pass(1))
    return state.result


GOODS = ((0, 0), (1, 0), (0, 1))


def test_winners_pay_what_they_bid() -> None:
    assert sale(SPLIT) == Allocation((0, 1, 1), (0, 8, 6), 1, GOODS)


def test_vcg_and_the_core_charge_less() -> None:
    assert sale(SPLIT, price="vcg") == Allocation((0, 1, 1), (0, 4, 2), 1, GOODS)
    assert sale(SPLIT, price="core") == Allocation((0, 1, 1), (0, 6, 4), 1, GOODS)
    halves = sale([[(AB, 9)], [(A, 8)], [(B, 8)]], price="core")
    assert halves.payments == (0, Fraction(9, 2), Fraction(9, 2))


def test_under_xor_one_bid_of_a_party_wins_and_under_or_any() -> None:
    assert sale([[(A, 3), (B, 2)]]).payments == (3,)
    assert sale([[(A, 3), (B, 2)]], language="or").payments == (5,)


def test_dummies_tie_the_bids_of_one_party_only() -> None:
    tied = [(("A", "d"), 3), (("B", "d"), 2)]
    assert sale([tied], language="or_star", dummies=("d",)).payments == (3,)
    both = sale([tied, tied], language="or_star", dummies=("d",))
    assert both == Allocation((1, 1), (3, 2), 1, ((1, 0), (0, 1)))


def test_winners_pay_at_least_the_opening_prices() -> None:
    result = sale(SPLIT, price="vcg", opening=(5, 1))
    assert result.payments == (0, 5, 2)
    state = start(Combinatorial(opening=(5, 1)), 1)
    assert code_of(state, 0, PackageBid(AB, 5)) == "reserve"


def test_several_units_of_an_item() -> None:
    result = sale([[(("A", "A"), 9)], [(("A", "B"), 8)]], supply=(3, 1))
    assert result == Allocation((2, 2), (9, 8), 1, ((2, 0), (1, 1)))


def test_buying_pays_the_cheapest_sellers() -> None:
    asks = [[(A, 4), (AB, 9)], [(B, 3)], [(AB, 10)]]
    bid = sale(asks, side="reverse")
    assert bid == Allocation((-1, -1, 0), (-4, -3, 0), 1, ((-1, 0), (0, -1), (0, 0)))
    assert sale(asks, side="reverse", price="vcg").payments == (-7, -5, 0)
    alone = sale([[(A, 4)], [(B, 3)]], side="reverse", price="vcg")
    assert alone.payments == (-4, -3)  # neither can be replaced
    assert sale([[(A, 4)]], side="reverse") == NoAgreement(Reason.NO_SALE, None, 1)


def test_what_cannot_be_solved_within_the_rules_is_not_guessed() -> None:
    circle = [[((one, other), 10)] for one, other in zip("ABCDE", "BCDEA", strict=True)]
    items = tuple("ABCDE")
    assert sale(circle, items=items).payments.count(10) == 2
    assert sale(circle, items=items, nodes=1) == NoAgreement(Reason.UNSOLVED, None, 1)


def test_the_rules_name_the_solver_and_it_must_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("highspy")
    assert sale(SPLIT, price="core", solver="highs") == sale(SPLIT, price="core")
    large = [[(A, 10**15)], [(B, 10**15)]]
    assert sale(large, solver="highs") == NoAgreement(Reason.UNSOLVED, None, 1)
    monkeypatch.setattr("negotiate.protocols.clearing.solvers.find_spec", lambda module: None)
    for rules in (Combinatorial(solver="highs"), CombinatorialClock(solver="cpsat")):
        with pytest.raises(LocalError) as caught:
            start(rules, 2)
        assert caught.value.code == "no-solver"


BAD: dict[str, tuple[Any, str]] = {
    "negative": (PackageBid(A, -1), "amount"),
    "huge": (PackageBid(A, 10**18 + 1), "amount"),
    "unknown": (PackageBid(("C",), 1), "unknown-item"),
    "dummy of another language": (PackageBid(("d",), 1), "unknown-item"),
    "a number": (PackageBid((1,), 1), "unknown-item"),
    "nothing": (PackageBid((), 1), "length"),
    "text": (PackageBid("AB", 1), "length"),
    "too much": (PackageBid(("A",) * 9, 1), "length"),
    "twice": (PackageBid(("A", "A"), 1), "supply"),
    "another kind": (Bid(5), "phase"),
    "another round": (Pass(2), "round"),
}


@pytest.mark.parametrize(("move", "code"), BAD.values(), ids=BAD)
def test_bad_package_bids_are_refused(move: Any, code: str) -> None:
    assert code_of(start(Combinatorial(), 2), 0, move) == code


def test_a_package_of_dummies_alone_is_none() -> None:
    state = start(Combinatorial(language="or_star", dummies=("d",)), 1)
    assert code_of(state, 0, PackageBid(("d",), 1)) == "package"


def test_a_package_is_bid_on_once_and_not_after_a_pass() -> None:
    state = start(Combinatorial(), 2)
    state.push(0, PackageBid(AB, 5))
    assert code_of(state, 0, PackageBid(("B", "A"), 6)) == "duplicate"
    state.push(0, Pass())
    assert code_of(state, 0, PackageBid(A, 1)) == "phase"
    assert code_of(state, 1, PackageBid(A, 1), 60_000) == "late"


def test_package_bids_are_seen_by_their_bidder_alone() -> None:
    state = start(Combinatorial(), 2)
    before = seen(state.view(1))
    state.push(0, PackageBid(AB, 5))
    state.push(0, Pass())
    assert seen(state.view(1)) == before
    assert [turn.outcome for turn in state.view(0).turns] == [(1, 1, 5), None]


def test_a_flood_of_package_bids_ends_at_the_limit() -> None:
    items = tuple(f"i{n}" for n in range(30))
    host = Host(start(Combinatorial(items=items, most_bids=5), 2))
    bids = [PackageBid((items[n % 30],), n) for n in range(100_000)]
    codes = [host.receive(0, bid, n // 2).code for n, bid in enumerate(bids)]
    assert codes[:6] == ["", "", "", "", "", "too-many"]
    assert set(codes[5:]) == {"too-many"}
    host.advance(60_000)
    assert host.negotiation.result.units == (1, 0)


BAD_RULES: dict[str, tuple[dict[str, Any], str]] = {
    "core of or": ({"price": "core", "language": "or"}, "XOR"),
    "core of buying": ({"price": "core", "side": "reverse"}, "XOR"),
    "dummies of xor": ({"dummies": ("d",)}, "or_star"),
    "dummies are items": ({"dummies": ("A",), "language": "or_star"}, "other names"),
    "buying has no opening": ({"side": "reverse", "opening": (1, 1)}, "selling"),
}


@pytest.mark.parametrize(("rules", "why"), BAD_RULES.values(), ids=BAD_RULES)
def test_package_rules_must_go_together(rules: dict[str, Any], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Combinatorial(**rules)


packages = st.sampled_from([A, B, ("C",), AB, ("A", "C"), ("B", "C"), ("A", "B", "C")])
own_bids = st.dictionaries(packages, st.integers(1, 12), max_size=4).map(
    lambda d: list(d.items())
)


def best_value(bids: list[Any]) -> int:
    """By trying every choice of at most one bid for each party."""
    most = 0
    for choice in product(*([None, *own] for own in bids)):
        items = [item for bid in choice if bid for item in bid[0]]
        if len(items) == len(set(items)):
            most = max(most, sum(bid[1] for bid in choice if bid))
    return most


@given(st.lists(own_bids, min_size=1, max_size=4))
@settings(max_examples=60, deadline=None)
def test_prices_of_packages_obey_their_rules(bids: Any) -> None:
    results = {p: sale(bids, items=("A", "B", "C"), price=p) for p in ("bid", "vcg", "core")}
    most = best_value(bids)
    if not most:
        assert all(isinstance(result, NoAgreement) for result in results.values())
        return
    paid = results["bid"].payments
    assert sum(paid) == most
    for party, (low, core, high) in enumerate(
        zip(results["vcg"].payments, results["core"].payments, paid, strict=True)
    ):
        others = best_value([own for other, own in enumerate(bids) if other != party])
        assert low == (others - (most - high) if high else 0)
        assert low <= core <= high
    for inside in product((False, True), repeat=len(bids)):  # no coalition blocks
        alone = best_value([own for own, is_in in zip(bids, inside, strict=True) if is_in])
        gain = sum(
            b - c
            for b, c, is_in in zip(paid, results["core"].payments, inside, strict=True)
            if is_in
        )
        assert gain + sum(results["core"].payments) >= alone


# -- the combinatorial clock ---------------------------------------------------------------------------


def cca(*by_round: Any, parties: int = 2, **rules: Any) -> Any:
    """Clock rounds with these demands, one for each party; None for silence."""
    state = start(CombinatorialClock(round_time=10, supplementary_time=100, **rules), parties)
    for demands in by_round:
        before = state.round
        for party, units in enumerate(demands):
            if units is not None:
                state.push(party, Demand(state.round, units), state._at)
        if state.round == before:
            state.advance(state._ends)
    return state


TWO = [((1, 1), (1, 1)), ((1, 1), (1, 0)), ((1, 0), (1, 0)), ((1, 0), (0, 0))]


def test_prices_rise_where_too_much_is_wanted() -> None:
    state = cca(*TWO[:2], opening=(5, 5), step=(2, 3))
    assert (state.phase, state.view(0).prices, state.view(0).demand) == (
        "clock",
        (9, 8),
        (2, 1),
    )
    state = cca(*TWO[:2], opening=(5, 5), show_demand=False)
    assert state.view(0).demand == ()


def test_the_clock_stops_when_nothing_is_wanted_too_much() -> None:
    state = cca(*TWO, opening=(5, 5))
    assert (state.phase, state.round) == ("supplementary", 5)
    assert code_of(state, 0, Demand(5, (1, 0))) == "phase"
    state.advance(state._ends)
    # the first has bid 12 for both and 8 for A, the second 10 for both and 7 for A
    assert state.result == Allocation((2, 0), (10, 0), 5, ((1, 1), (0, 0)))


def test_clock_bids_alone_decide_where_nobody_sends_more() -> None:
    state = cca(((1, 0), (0, 1)), opening=(5, 6))
    state.push(0, Pass(2), state._at)
    state.push(1, Pass(2), state._at)
    assert state.result == Allocation((1, 1), (5, 6), 2, ((1, 0), (0, 1)))


def test_supplementary_bids_decide_and_pay_core_prices() -> None:
    state = cca(((1, 1), (0, 0), (0, 0)), parties=3, step=(10, 10))
    for party, items, amount in ((1, A, 0), (2, B, 0)):
        state.push(party, PackageBid(items, amount), state._at)
    state.push(0, PackageBid(AB, 9), state._at)
    state.advance(state._ends)
    assert state.result == Allocation((2, 0, 0), (0, 0, 0), 2, ((1, 1), (0, 0), (0, 0)))


def test_who_is_silent_wants_nothing() -> None:
    state = cca((None, (1, 0)))
    assert (state.phase, state.view(0).demand) == ("supplementary", (1, 0))
    assert code_of(state, 0, PackageBid(A, 1)) == "cap"  # it would have had it for 0


def test_eligibility_never_rises() -> None:
    state = cca(((1, 0), (1, 1)), points=(2, 3), activity="eligibility")
    assert (state.view(0).eligibility, state.view(1).eligibility) == (2, 5)
    assert code_of(state, 0, Demand(2, (0, 1))) == "eligibility"
    state.push(1, Demand(2, (0, 1)), state._at)


def test_demand_does_not_turn_to_what_became_dearer() -> None:
    state = cca(((1, 0), (1, 0)))
    assert state.view(0).prices == (1, 0)
    assert state.view(0).eligibility is None
    assert code_of(cca(((0, 1), (1, 0), (1, 0)), parties=3), 0, Demand(2, (1, 0))) == "activity"
    state.push(0, Demand(2, (0, 1)), state._at)  # towards what became cheaper


def test_the_final_cap() -> None:
    state = cca(((1, 1), (0, 1)), ((1, 0), (0, 1)), opening=(5, 5), step=(1, 2))
    assert state.view(0).prices == (5, 7)
    assert code_of(state, 0, PackageBid(AB, 13)) == "cap"  # b(A) = 5, and B stands at 7
    state.push(0, PackageBid(AB, 12), state._at)
    assert code_of(state, 0, PackageBid(AB, 12)) == "low"
    state.push(0, PackageBid(A, 8), state._at)  # the package of the last round has no cap
    assert code_of(state, 0, PackageBid(AB, 16)) == "cap"
    state.push(0, PackageBid(AB, 15), state._at)
    assert code_of(state, 1, PackageBid(A, 4)) == "reserve"
    assert code_of(state, 1, PackageBid(("C",), 9)) == "unknown-item"


def test_supplementary_bids_are_limited_and_secret() -> None:
    state = cca(((1, 1), (0, 0)), most_bids=1)
    before = seen(state.view(1))
    state.push(0, PackageBid(AB, 3), state._at)
    assert code_of(state, 0, PackageBid(AB, 4)) == "too-many"
    assert code_of(state, 0, Pass(1)) == "round"
    assert seen(state.view(1)) == before


def test_demand_is_secret_until_the_round_ends() -> None:
    state = start(CombinatorialClock(), 2)
    before = seen(state.view(1))
    state.push(0, Demand(1, (1, 1)))
    assert seen(state.view(1)) == before
    assert code_of(state, 0, Demand(1, (1, 1))) == "phase"


BAD_DEMANDS: dict[str, tuple[Any, str]] = {
    "short": ((1,), "length"),
    "long": ((1, 0, 0), "length"),
    "negative": ((-1, 0), "amount"),
    "too much": ((2, 0), "supply"),
    "part": ((0.5, 0), "amount"),
    "list": ([1, 0], "length"),
}


@pytest.mark.parametrize(("units", "code"), BAD_DEMANDS.values(), ids=BAD_DEMANDS)
def test_bad_demands_are_refused(units: Any, code: str) -> None:
    assert code_of(start(CombinatorialClock(), 2), 0, Demand(1, units)) == code


def test_rounds_of_the_clock_are_limited() -> None:
    state = cca(((1, 1), (1, 1)), ((1, 1), (1, 1)), rounds=2)
    assert state.phase == "supplementary"
    with pytest.raises(ValidationError, match="step"):
        CombinatorialClock(step=(1, 0))


worths = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 16))


@given(
    st.lists(worths, min_size=1, max_size=4),
    st.sampled_from(["eligibility", "revealed-preference"]),
)
@settings(max_examples=60, deadline=None)
def test_with_truthful_parties_the_value_is_the_greatest(worths: Any, activity: Any) -> None:
    """Each wants what gains it most; then it bids its values, as far as the final cap goes."""
    sets = ((1, 0), (0, 1), (1, 1))
    state = start(CombinatorialClock(activity=activity), len(worths))
    while state.phase == "clock":
        prices, number = state.view(0).prices, state.round
        for party, own in enumerate(worths):
            gains = [
                (v - u[0] * prices[0] - u[1] * prices[1], u)
                for v, u in zip(own, sets, strict=True)
            ]
            for gain, units in sorted([*gains, (0, (0, 0))], key=lambda g: (-g[0], -sum(g[1]))):
                assert gain >= 0
                move = Demand(number, units)
                if (
                    activity == "revealed-preference"
                    or sum(units) <= state.view(party).eligibility
                ):
                    state.push(
                        party, move, state._at
                    )  # the truth never breaks revealed preference
                    break
    sent = []
    for party, own in enumerate(worths):
        final = state._wanted[party][-1]
        for units, value in sorted(zip(sets, own, strict=True), key=lambda p: p[0] != final):
            bid = PackageBid(state.rules.names(units), value)
            receipt = Host(state).receive(party, bid, state._at)
            assert receipt.code in ("", "low") or activity == "eligibility"
        sent.append([(state.rules.names(u), v) for u, v in zip(sets, own, strict=True)])
    state.advance(state._ends)
    most = best_value(sent)
    if activity == "revealed-preference" and most:
        got = sum(
            dict(zip(sets, own, strict=True)).get(goods, 0)
            for own, goods in zip(worths, state.result.goods, strict=True)
        )
        assert got == most
        assert all(
            due <= dict(zip(sets, own, strict=True)).get(goods, 0)
            for own, goods, due in zip(
                worths, state.result.goods, state.result.payments, strict=True
            )
        )
