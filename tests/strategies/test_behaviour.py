"""Behaviour- and resource-dependent tactics against their formulas."""

from math import exp

import pytest

from negotiate.errors import StrategyError
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.resource import ResourceDependent
from negotiate.strategies.tit_for_tat import (
    AbsoluteTitForTat,
    AveragedTitForTat,
    NaiveTitForTat,
    RelativeTitForTat,
)
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences

NAMES = [
    "tit_for_tat",
    "averaged_tit_for_tat",
    "absolute_tit_for_tat",
    "naive_tit_for_tat",
    "resource_dependent",
]
OWN = preferences(1)


def answered(agent, received, rounds=20):
    """The agent's target after offers worth so much to it."""
    rules = AlternatingOffers(rounds=rounds)
    negotiation = rules.start(DOMAIN, ("a", "b"))
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, OWN, rules))
    for utility in received:
        agent.propose(negotiation.view(0))
        negotiation.push(0, Offer(OWN.space.kth(0)))
        negotiation.push(1, Offer(OWN.space.nearest(utility * 1e9)))
    agent.propose(negotiation.view(0))
    return agent.target / OWN.space.max_utility


@pytest.mark.parametrize(
    "agent",
    [RelativeTitForTat(), AveragedTitForTat(), AbsoluteTitForTat(noise=0.0), NaiveTitForTat()],
)
def test_a_concession_is_answered_with_one(agent):
    assert answered(agent, [0.1, 0.2, 0.3]) < 1


@pytest.mark.parametrize(
    "agent", [RelativeTitForTat(), AveragedTitForTat(), AbsoluteTitForTat(noise=0.0)]
)
def test_standing_still_is_answered_alike(agent):
    assert answered(agent, [0.1, 0.1, 0.1]) == 1


def test_naive_makes_a_first_step_and_stays_kind():
    assert 0.98 < answered(NaiveTitForTat(), [0.1, 0.1, 0.1]) < 0.995


def test_absolute_gives_what_it_was_given():
    space = OWN.space
    gained = OWN.utility(space.nearest(0.3e9)) - OWN.utility(space.nearest(0.1e9))
    target = answered(AbsoluteTitForTat(noise=0.0), [0.1, 0.3])
    assert target == pytest.approx(1 - gained / space.max_utility)


def test_averaging_answers_one_long_concession_in_parts():
    assert answered(AveragedTitForTat(window=3), [0.1, 0.1, 0.1, 0.5]) > answered(
        RelativeTitForTat(), [0.1, 0.1, 0.1, 0.5]
    )


def test_what_is_better_than_the_best_leaves_the_target_alone():
    top = OWN.space.max_utility / 1e9
    assert answered(AveragedTitForTat(window=1), [top, top]) == 1


@pytest.mark.parametrize("window", [0, -3])
def test_a_window_that_makes_no_sense_is_refused(window):
    with pytest.raises(StrategyError, match="window"):
        RelativeTitForTat(window=window)


@pytest.mark.parametrize(
    ("resource", "left"), [("time", 19 / 5), ("parties", 1.0), ("threads", 1.0)]
)
def test_what_is_left_of_a_resource(resource, left):
    rules = AlternatingOffers(rounds=20)
    agent = ResourceDependent(resource=resource)
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, OWN, rules))
    view = rules.start(DOMAIN, ("a", "b")).view(0)
    assert agent.left(view) == pytest.approx(left)
    target = OWN.space.max_utility * (1 - exp(-left))
    assert agent.propose(view) == OWN.space.nearest(target)


@pytest.mark.parametrize("text", ["resource=money", "k=2.0", "patience=0.0"])
def test_parameters_without_sense_are_refused(text):
    with pytest.raises(StrategyError, match="resource_dependent"):
        strategy(f"resource_dependent[{text}]")
