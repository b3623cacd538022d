"""A buyer who asks its principal, each question at a cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.errors import StrategyError
from negotiate.match import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.elicitation import PandoraBuyer, weitzman_index
from negotiate.strategies.value_of_information import (
    Belief,
    InformedBuyer,
    value_of_asking,
    value_of_comparing,
)
from tests.strategies.test_named import scenario

ESTIMATE = scenario().preferences[0].utility


def truth(outcome):
    """What the principal really thinks: a little off the estimate, by a fixed pattern."""
    return ESTIMATE(outcome) / 1e9 + 0.05 * (-1) ** sum(outcome)


def game(buyer, rival="genius-conceder", rounds=60, reservation=0.0):
    agents = [buyer, strategy(rival).make()]
    return play(AlternatingOffers(rounds=rounds), scenario(reservation), agents)


@pytest.mark.parametrize(
    ("low", "high", "cost", "index"),
    [(0, 1, 0, 1), (0, 1, 0.125, 0.5), (0, 1, 0.5, 0), (0, 1, 0.7, -0.2), (0.4, 0.4, 0, 0.4)],
)
def test_the_index_of_a_box(low, high, cost, index):
    assert weitzman_index(low, high, cost) == pytest.approx(index)


def test_offers_fall_in_what_they_are_really_worth():
    match = game(PandoraBuyer(truth, cost=0.0), "genius-hardliner", rounds=20)
    worth = [truth(turn.outcome) for turn in match.moves if turn.party == 0]
    assert worth == sorted(worth, reverse=True)


def test_costly_questions_are_asked_less_often():
    def asked(cost: float) -> int:
        buyer = PandoraBuyer(truth, cost=cost)
        game(buyer, "genius-hardliner", rounds=20)
        return buyer.questions

    assert asked(0.05) < asked(0.0)


def test_it_agrees_and_only_on_what_it_asked_about():
    buyer = PandoraBuyer(truth)
    match = game(buyer)
    assert match.agreement in buyer.known


def test_it_accepts_nothing_that_is_really_below_the_reservation_value():
    buyer = PandoraBuyer(truth, considered=200)
    match = game(buyer, reservation=0.6)
    assert match.agreement is None or truth(match.agreement) >= 0.6


def test_it_walks_where_nothing_is_worth_a_question():
    assert game(PandoraBuyer(truth), reservation=1.5).ended_by == 0


def test_when_all_is_offered_it_repeats_its_best():
    match = game(PandoraBuyer(truth, considered=2), "genius-hardliner", rounds=6)
    offers = [turn.outcome for turn in match.moves if turn.party == 0]
    assert offers[2:] == [offers[0]] * 4


@pytest.mark.parametrize("options", [{"cost": -1.0}, {"width": -1.0}, {"considered": 0}])
def test_parameters_without_sense_are_refused(options):
    with pytest.raises(StrategyError, match="expected"):
        PandoraBuyer(truth, **options)


def test_to_learn_a_value_is_worth_what_the_better_choice_brings():
    # U even on [0, 1] against a sure 0.5: E max(U, 0.5) = 0.5 * 0.5 + 0.5 * 0.75 = 0.625.
    assert value_of_asking(Belief(0, 1), 0.5) == pytest.approx(0.125)
    assert value_of_comparing(Belief(0, 1), 0.5) == pytest.approx(0.125)
    assert value_of_asking(Belief(0, 1), 0.25) == pytest.approx(0.25**2 / 2)
    assert value_of_comparing(Belief(0, 1), 0.25) == 0.0


@pytest.mark.parametrize("other", [-0.5, 0.0, 1.0, 1.5])
def test_what_cannot_change_the_choice_is_worth_nothing(other):
    assert value_of_asking(Belief(0, 1), other) == pytest.approx(0)
    assert value_of_comparing(Belief(0, 1), other) == pytest.approx(0)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(-1, 2))
def test_an_answer_never_hurts_and_a_full_one_helps_at_least_as_much(low, width, other):
    belief = Belief(low, low + width)
    assert -1e-12 <= value_of_comparing(belief, other) <= value_of_asking(belief, other) + 1e-12


def compares(outcome, least):
    return truth(outcome) >= least


def test_an_informed_buyer_asks_less_the_more_it_costs():
    def asked(cost: float) -> int:
        buyer = InformedBuyer(truth, cost=cost)
        game(buyer, "genius-hardliner", rounds=20)
        return buyer.asked

    assert asked(1.0) == 0
    assert asked(0.01) < asked(0.0)


def test_a_cheap_comparison_is_asked_before_a_dear_value():
    buyer = InformedBuyer(truth, compares, cost=0.05, compare_cost=0.0001)
    game(buyer)
    assert buyer.compared > 0
    assert buyer.asked == 0
    assert buyer.spent == pytest.approx(buyer.compared * 0.0001)


def test_beliefs_of_an_informed_buyer_hold_the_truth():
    buyer = InformedBuyer(truth, compares)
    game(buyer)
    learnt = {o: b for o, b in buyer.beliefs.items() if b.high - b.low < 0.199}
    assert learnt
    assert all(b.low - 1e-9 <= truth(o) <= b.high + 1e-9 for o, b in learnt.items())


def test_free_questions_let_it_open_with_what_is_really_best():
    buyer = InformedBuyer(truth, cost=0.0)
    match = game(buyer, "genius-hardliner", rounds=3)
    first = next(turn.outcome for turn in match.moves if turn.party == 0)
    assert truth(first) == max(map(truth, buyer.beliefs))


def test_an_informed_buyer_walks_where_nothing_can_reach_the_reservation_value():
    assert game(InformedBuyer(truth), reservation=1.5).ended_by == 0


@pytest.mark.parametrize("options", [{"cost": -1.0}, {"width": -1.0}, {"considered": 0}])
def test_an_informed_buyer_refuses_parameters_without_sense(options):
    with pytest.raises(StrategyError, match="expected"):
        InformedBuyer(truth, **options)
