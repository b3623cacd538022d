"""A buyer that has several criteria, and a rule for trading them."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pytest

from negotiate import load, play, registry
from negotiate.domain import Domain, Integer, Linear, LinearAdditive
from negotiate.errors import StrategyError
from negotiate.moves import Accept, Move, Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategies.multi_criteria import RULES, MultiCriteriaBuyer
from negotiate.strategy import Brief

if TYPE_CHECKING:
    from negotiate.domain import Outcome

NAMES = ("price", "delivery", "co2")
DOMAIN = Domain(tuple(Integer(name, 0, 10) for name in NAMES))
ROUNDS = 9
"""Each issue is best at 0; in round k of nine the level of a straight line is 1 - k/10."""


def buyer(rule: str, order: str = "", reservation: Fraction | int = 0) -> MultiCriteriaBuyer:
    agent = MultiCriteriaBuyer(rule, order, e=1.0)
    weights = (Fraction(5, 10), Fraction(3, 10), Fraction(2, 10))
    falling = Linear(Fraction(1), Fraction(0))
    own = LinearAdditive(
        DOMAIN,
        {name: (weight, falling) for name, weight in zip(NAMES, weights, strict=True)},
        reservation=reservation,
    )
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, own, AlternatingOffers(rounds=ROUNDS)))
    return agent


def answer(agent: MultiCriteriaBuyer, round_: int, received: Outcome = (10, 10, 10)) -> Move:
    negotiation = AlternatingOffers(rounds=ROUNDS).start(DOMAIN, ("a", "b"))
    for _ in range(round_ - 1):
        negotiation.push(0, Offer((0, 0, 0)))
        negotiation.push(1, Offer(received))
    return agent.respond(negotiation.view(0))


def test_by_targets_all_criteria_fall_together() -> None:
    agent = buyer("targets")
    assert [answer(agent, k) for k in (1, 5, 9)] == [
        Offer((1, 1, 1)),
        Offer((5, 5, 5)),
        Offer((9, 9, 9)),
    ]


def test_by_targets_no_price_makes_up_for_a_criterion_that_falls_short() -> None:
    agent = buyer("targets")
    assert answer(agent, 5, (0, 0, 6)) == Offer((5, 5, 5))
    assert answer(agent, 5, (5, 5, 5)) == Accept()


def test_by_weights_it_may() -> None:
    assert answer(buyer("weights"), 5, (0, 0, 10)) == Accept()


def test_lexicographically_the_least_criterion_gives_way_first() -> None:
    agent = buyer("lexicographic")
    assert answer(agent, 3) == Offer((0, 0, 9))
    assert answer(agent, 5) == Offer((0, 5, 10))
    assert answer(agent, 9) == Offer((7, 10, 10))


def test_lexicographically_the_first_difference_decides() -> None:
    agent = buyer("lexicographic")
    assert answer(agent, 5, (0, 5, 10)) == Accept()
    assert answer(agent, 5, (0, 4, 10)) == Accept()
    assert isinstance(answer(agent, 5, (1, 0, 0)), Offer)


def test_the_order_can_be_given() -> None:
    assert answer(buyer("lexicographic", "co2 > delivery"), 3) == Offer((9, 0, 0))


def test_a_criterion_that_this_domain_lacks_is_no_matter() -> None:
    assert answer(buyer("lexicographic", "comfort>price"), 3) == Offer((0, 0, 9))


@pytest.mark.parametrize("rule", RULES)
def test_no_rule_goes_below_the_reservation_value(rule: str) -> None:
    agent = buyer(rule, reservation=Fraction(7, 10))
    own = agent.brief.preferences
    for k in range(1, ROUNDS + 1):
        move = answer(agent, k, (0, 10, 5))
        assert not isinstance(move, Accept)
        assert isinstance(move, Offer)
        assert own.utility(move.outcome) >= own.reservation


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_buys_freight_with_emissions(rule: str) -> None:
    players = [
        MultiCriteriaBuyer(rule, "co2>price"),
        registry.strategy("genius-conceder").make(),
    ]
    match = play(AlternatingOffers(rounds=60), load("freight"), players)
    assert match.agreement is not None


@pytest.mark.parametrize(
    "text", ["multi_criteria_buyer[rule=taste]", "multi_criteria_buyer[e=0]"]
)
def test_parameters_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(StrategyError, match="are expected"):
        registry.strategy(text)
