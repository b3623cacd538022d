"""A buyer who asks its principal, each question at a cost."""

import pytest

from negotiate.errors import StrategyError
from negotiate.match import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.elicitation import PandoraBuyer, weitzman_index
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
