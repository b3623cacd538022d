"""Optimal bidding and stopping, and the hybrid strategy, against their formulas."""

import pytest

from negotiate.checks import check_strategy
from negotiate.errors import StrategyError
from negotiate.match import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.hybrid import Hybrid
from negotiate.strategies.optimal import OptimalBidder, OptimalStopper
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences, scenario


def begun(agent, reservation: float = 0.0):
    rules = AlternatingOffers(rounds=10)
    agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, preferences(1, reservation), rules))
    return agent


@pytest.mark.parametrize("name", ["hybrid", "optimal_bidder", "optimal_stopper"])
def test_it_passes_the_checker(name):
    report = check_strategy(name, count=20)
    assert report, str(report)


def test_demands_follow_the_recurrence():
    agent = begun(OptimalBidder())
    top = agent.space.max_utility
    assert [agent.aim(j) / top for j in (1, 2, 3)] == pytest.approx([0.5, 0.625, 0.6953125])


def test_a_reservation_value_raises_the_last_demand():
    agent = begun(OptimalBidder(), 0.4)
    top = agent.space.max_utility / 1e9
    assert agent.aim(1) / 1e9 == pytest.approx((top + 0.4) / 2)


def test_waiting_is_worth_what_the_recurrence_says():
    agent = begun(OptimalStopper())
    worth = [agent.worth_waiting(j) / 1e9 for j in (1, 2, 3, 4)]
    assert worth == pytest.approx([0.5, 0.625, 0.695, 0.742], abs=1e-3)


def test_waiting_at_a_cost_is_worth_less():
    assert begun(OptimalStopper(cost=0.1)).worth_waiting(4) < begun(
        OptimalStopper()
    ).worth_waiting(4)


@pytest.mark.parametrize("cost", [-0.1, 1.0])
def test_an_absurd_cost_is_refused(cost):
    with pytest.raises(StrategyError, match="optimal_stopper"):
        OptimalStopper(cost=cost)


def test_optimal_bidders_agree_with_each_other():
    agents = [strategy("optimal_bidder").make(), strategy("optimal_stopper").make()]
    assert play(AlternatingOffers(rounds=50), scenario(), agents).agreement is not None


def test_the_stopper_walks_where_nothing_is_acceptable():
    agent, rules = begun(OptimalStopper(), 2.0), AlternatingOffers(rounds=10)
    assert agent.respond(rules.start(DOMAIN, ("a", "b")).view(0)).kind == "walk"


def test_hybrid_follows_time_alone_at_first():
    agent = begun(Hybrid())
    view = AlternatingOffers(rounds=10).start(DOMAIN, ("a", "b")).view(0)
    t = 1 / 11
    assert agent.target(view) / 1e9 == pytest.approx(
        (1 - t) ** 2 + 1.5 * t * (1 - t) + 0.775 * t * t
    )


def test_hybrid_concedes_to_one_who_concedes():
    agents = [strategy("hybrid").make(), strategy("genius-conceder").make()]
    match = play(AlternatingOffers(rounds=100), scenario(), agents)
    assert match.agreement is not None
