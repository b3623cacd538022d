# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Sealed auctions beside the plain one: by score, for positions, and of two sides."""

from __future__ import annotations

import datetime
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from negotiate.domain import Choice, Date, Domain, Integer, Money
from negotiate.errors import DomainError, LocalError
from negotiate.moves import Ask, Bid, Offer, Walk
from negotiate.protocol import Allocation, NoAgreement, Reason
from negotiate.protocols.clearing.exchange import Sides, k_double_auction, mcafee
from negotiate.protocols.clearing.positions import Ad, gsp, vcg_position
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.protocols.sealed_bid import SealedBid
from tests.protocols.drive import NAMES, code_of, sealed, seen, start

# -- by score ------------------------------------------------------------------------------------------

DAY = datetime.date(2026, 12, 1)
FREIGHT = Domain(
    [
        Money("price", 50, 150, 10),
        Date("delivery", DAY, DAY + datetime.timedelta(days=10), 2),
        Integer("CO2", 0, 40, 10),
        Choice("packaging", ("plain", "reused")),
    ]
)
SCORE = ScoringAuction(
    weights=(("delivery", -3), ("CO2", -1)), points=(("packaging", (0, 15)),)
)


def tenders(rules: ScoringAuction, *offers: dict[str, Any]) -> Any:
    state = rules.start(FREIGHT, NAMES[: len(offers)])
    for party, offer in enumerate(offers):
        state.push(party, Offer(FREIGHT.outcome(offer)) if offer else Walk())
    return state.result


def offer(price: int, days: int, carbon: int, packaging: str = "plain") -> dict[str, Any]:
    day = DAY + datetime.timedelta(days=days)
    return {"price": price, "delivery": day, "CO2": carbon, "packaging": packaging}


CHEAP, GREEN, FAST = offer(80, 10, 40), offer(100, 4, 0, "reused"), offer(120, 0, 20)


def test_the_score_is_published_and_the_best_wins() -> None:
    scores = [SCORE.score(FREIGHT, FREIGHT.outcome(o)) for o in (CHEAP, GREEN, FAST)]
    assert scores == [-150, -97, -140]
    won = FREIGHT.outcome(GREEN)
    result = tenders(SCORE, CHEAP, GREEN, FAST)
    assert result == Allocation((0, -1, 0), (0, -100, 0), 1, ((), won, ()))


def test_the_second_score_pays_the_winner_its_advantage() -> None:
    second = SCORE.model_copy(update={"rule": "second_score"})
    assert tenders(second, CHEAP, GREEN, FAST).payments == (0, -143, 0)
    assert tenders(second, GREEN).payments == (-100,)
    least = second.model_copy(update={"minimum": -110})
    assert tenders(least, GREEN, CHEAP).payments == (-113, 0)


def test_offers_below_the_minimum_score_do_not_count() -> None:
    least = SCORE.model_copy(update={"minimum": -96})
    assert tenders(least, GREEN, {}) == NoAgreement(Reason.NO_SALE, None, 1)


def test_the_earliest_of_equal_scores_wins() -> None:
    state = SCORE.start(FREIGHT, NAMES[:3])
    for party in (2, 0, 1):
        state.push(party, Offer(FREIGHT.outcome(CHEAP)))
    assert state.result.units == (0, 0, -1)


def test_offers_are_secret_and_final() -> None:
    state = SCORE.start(FREIGHT, NAMES[:2])
    before = seen(state.view(1))
    state.push(0, Offer((1, 1, 1, 1)))
    assert seen(state.view(1)) == before
    assert state.view(0).mine == 60
    assert code_of(state, 0, Offer((0, 0, 0, 0))) == "phase"
    for outcome in ((99, 0, 0, 0), (0,), (-1, 0, 0, 0), "text", [0, 0, 0, 0]):
        assert code_of(state, 1, Offer(outcome)) == "off-domain"


MISFITS: dict[str, dict[str, Any]] = {
    "price is a choice": {"price": "packaging"},
    "weight of a choice": {"weights": (("packaging", 2),)},
    "points too few": {"points": (("packaging", (1,)),)},
}


@pytest.mark.parametrize("rules", MISFITS.values(), ids=MISFITS)
def test_a_score_must_fit_the_domain(rules: dict[str, Any]) -> None:
    with pytest.raises(LocalError) as caught:
        ScoringAuction(**rules).start(FREIGHT, NAMES[:1])
    assert caught.value.code == "score"


def test_a_score_names_issues_of_the_domain_once() -> None:
    with pytest.raises(DomainError):
        ScoringAuction(weights=(("colour", 1),)).start(FREIGHT, NAMES[:1])
    with pytest.raises(ValidationError, match="once"):
        ScoringAuction(weights=(("CO2", 1), ("CO2", 2)))


@given(st.lists(st.integers(0, FREIGHT.size - 1), min_size=2, max_size=5, unique=True))
@settings(max_examples=60, deadline=None)
def test_second_score_is_worth_no_less_than_first_score_to_the_winner(places: Any) -> None:
    outcomes = [FREIGHT.at(place) for place in places]
    first = tenders(SCORE, *map(FREIGHT.values, outcomes))
    second = tenders(
        SCORE.model_copy(update={"rule": "second_score"}), *map(FREIGHT.values, outcomes)
    )
    assert first.units == second.units
    assert sum(second.payments) <= sum(first.payments)
    scores = sorted((SCORE.score(FREIGHT, o) for o in outcomes), reverse=True)
    winner = first.units.index(-1)
    quality = SCORE.quality(FREIGHT, outcomes[winner])
    assert quality + second.payments[winner] == scores[1]  # it ties with the second


# -- positions -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("price", "paid"), [("gsp", (800, 200, 0)), ("vcg", (600, 200, 0))])
def test_positions_pay_the_next_or_what_they_displace(price: str, paid: Any) -> None:
    rules = PositionAuction(clicks=(200, 100), price=price)
    result = sealed(rules, [Bid(10), Bid(4), Bid(2)])
    assert result == Allocation((200, 100, 0), paid, 1, ((1,), (2,), ()))


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.lists(st.integers(1, 3), min_size=4, max_size=4),
    st.permutations(range(4)),
    st.integers(0, 5),
)
@settings(max_examples=60, deadline=None)
def test_positions_are_their_clearing_functions(
    bids: Any, quality: Any, order: Any, reserve: int
) -> None:
    order = [party for party in order if party < len(bids)]
    quality = tuple(quality[: len(bids)])
    ads = [Ad(str(p), bids[p], quality[p]) for p in order]
    for price, rule in (("gsp", gsp), ("vcg", vcg_position)):
        slots = rule(ads, (6, 3), reserve)
        rules = PositionAuction(clicks=(6, 3), quality=quality, price=price, reserve=reserve)
        result = sealed(rules, map(Bid, bids), order)
        if not slots:
            assert isinstance(result, NoAgreement)
            continue
        assert {str(p): due for p, due in enumerate(result.payments) if result.units[p]} == {
            slot.bidder: slot.payment for slot in slots
        }


def test_position_rules_must_fit() -> None:
    with pytest.raises(ValidationError, match="may not rise"):
        PositionAuction(clicks=(1, 2))
    with pytest.raises(LocalError) as caught:
        start(PositionAuction(quality=(1,)), 2)
    assert caught.value.code == "parties"
    state = start(PositionAuction(), 2)
    before = seen(state.view(1))
    assert code_of(state, 0, Bid(-1)) == "amount"
    state.push(0, Bid(5))
    assert seen(state.view(1)) == before
    assert (state.view(0).mine, code_of(state, 0, Walk())) == (5, "phase")


# -- two sides -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "price"), [((0, 1), 40), ((1, 1), 60), ((1, 2), 50), ((1, 3), Fraction(140, 3))]
)
def test_two_trade_between_ask_and_bid(weight: Any, price: Any) -> None:
    result = sealed(DoubleAuction(weight=weight), [Bid(60), Ask(40)])
    assert result == Allocation((1, -1), (price, -price), 1)


def test_two_trade_if_the_bid_reaches_the_ask() -> None:
    assert sealed(DoubleAuction(), [Bid(40), Ask(40)]).payments == (40, -40)
    assert sealed(DoubleAuction(), [Bid(39), Ask(40)]) == NoAgreement(Reason.NO_SALE, None, 1)
    assert isinstance(sealed(DoubleAuction(), [Bid(39), None, Walk()]), NoAgreement)


BOOK = [Bid(10), Bid(8), Bid(3), Ask(2), Ask(5), Ask(9)]
SIDES: dict[str, Any] = {
    "k": (13, -13), "mcafee": (12, -12), "trade-reduction": (8, -5), "vcg": (10, -16),
}  # fmt: skip


@pytest.mark.parametrize(("rule", "money"), SIDES.items(), ids=SIDES)
def test_rules_of_two_sides(rule: str, money: Any) -> None:
    result = sealed(DoubleAuction(rule=rule), BOOK)
    assert sum(result.units) == 0
    assert (sum(result.payments[:3]), sum(result.payments[3:])) == money


def test_sbba_keeps_all_money_among_the_traders() -> None:
    for seed in range(4):
        result = sealed(DoubleAuction(rule="sbba", seed=seed), BOOK)
        assert sum(result.payments) == 0 == sum(result.units)


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.lists(st.integers(0, 9), min_size=1, max_size=4),
    st.permutations(range(8)),
)
@settings(max_examples=80, deadline=None)
def test_two_sides_are_their_clearing_functions(bids: Any, asks: Any, order: Any) -> None:
    moves = [*map(Bid, bids), *map(Ask, asks)]
    order = [party for party in order if party < len(moves)]
    buyers = [(str(p), moves[p].amount) for p in order if p < len(bids)]
    sellers = [(str(p), moves[p].amount) for p in order if p >= len(bids)]
    sides = Sides.of(buyers, sellers)
    for rule, clear in (
        ("k", lambda s: k_double_auction(s, Fraction(1, 2))),
        ("mcafee", mcafee),
    ):
        found, result = clear(sides), sealed(DoubleAuction(rule=rule), moves, order)
        traders = (
            set() if found is None else {*map(int, found.buyers), *map(int, found.sellers)}
        )
        units = result.units if isinstance(result, Allocation) else (0,) * len(moves)
        assert {party for party, got in enumerate(units) if got} == traders
        if traders:
            assert sum(result.payments) == found.surplus


def test_traders_are_secret_checked_and_final() -> None:
    state = start(DoubleAuction(), 2)
    before = seen(state.view(1))
    assert code_of(state, 0, Ask(-1)) == "amount"
    state.push(0, Ask(5))
    assert seen(state.view(1)) == before
    assert (state.view(0).mine, code_of(state, 0, Bid(9))) == (5, "phase")
    with pytest.raises(ValidationError, match="share"):
        DoubleAuction(weight=(2, 1))


# -- nothing of a sealed bid is seen before the close -----------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "moves"),
    [
        (SealedBid(), (Bid(3), Bid(77))),
        (PositionAuction(), (Bid(3), Bid(77))),
        (DoubleAuction(), (Bid(3), Ask(77))),
        (DoubleAuction(), (Ask(3), Walk())),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_one_party_sends_makes_no_difference_to_what_another_sees(
    rules: Any, moves: Any
) -> None:
    views = []
    for move in moves:
        state = start(rules, 3)
        state.push(0, move, 5)
        views.append([seen(state.view(party)) for party in (1, 2)])
    assert views[0] == views[1]


def test_a_permutation_of_the_seats_permutes_the_result() -> None:
    for order in product(range(3), repeat=3):
        if len(set(order)) == 3:
            amounts = [7, 5, 3]
            result = sealed(SealedBid(price="second"), [Bid(amounts[place]) for place in order])
            assert result.payments[order.index(0)] == 5
