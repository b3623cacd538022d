"""Agents of which no run was recorded: each clause of their specification, at known answers."""

from fractions import Fraction
from typing import Any

import pytest

from negotiate.domain import Choice, Domain, LinearAdditive, Table
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.anac.chargingboul import ChargingBoul
from negotiate.strategies.anac.dreamteam109 import DreamTeam109
from negotiate.strategies.memory import Encounter, Memory
from negotiate.strategy import Brief

DOMAIN = Domain((Choice("x", tuple(f"v{k}" for k in range(101))), Choice("y", ("a", "b"))))
RULES = AlternatingOffers(rounds=1000)


def own(reservation=0.0):
    """Worth 0.9 x/100 + 0.1 y: the outcomes lie evenly, from 0 to 1."""
    terms = {
        "x": (Fraction(9, 10), Table(tuple(Fraction(k, 100) for k in range(101)))),
        "y": (Fraction(1, 10), Table((Fraction(0), Fraction(1)))),
    }
    return LinearAdditive(DOMAIN, terms, reservation=Fraction(reservation))


def u(outcome):
    return own().utility(outcome) / 1e9


class Seated:
    """An agent at a table, answered by given offers."""

    def __init__(self, agent: Any, reservation=0.0, rules=RULES, seed=0):
        self.agent: Any = agent
        self.negotiation = rules.start(DOMAIN, ("a", "b"))
        agent.begin(Brief(0, "a", ("a", "b"), DOMAIN, own(reservation), rules, seed))

    def turn(self):
        """What the agent does now; its offer is put on the table."""
        move = self.agent.respond(self.negotiation.view(0))
        if isinstance(move, Offer):
            self.negotiation.push(0, move)
        return move

    def hear(self, x, y=0):
        self.negotiation.push(1, Offer((x, y)))


def at(agent, time, standing):
    """What an agent decides at a time about an offer."""
    return agent.decide(time, standing)


# AgentGG


def gg(first_offer=0):
    """AgentGG after its opponent opened with an outcome and made it again until the Nash estimate stood."""
    table = Seated(strategy("agentgg").make())
    for _ in range(6):
        table.turn()
        table.hear(first_offer)
    return table.agent


@pytest.mark.parametrize(
    ("time", "threshold"),
    [(0.005, 0.9999), (0.015, 0.99), (0.02, 0.99), (0.1, 0.95), (0.1999, 0.90005)],
)
def test_agentgg_opens_high_whatever_it_hears(time, threshold):
    assert gg()._stage(time) == pytest.approx(threshold)


@pytest.mark.parametrize("first", [0, 50])
@pytest.mark.parametrize(
    ("time", "share"),
    [(0.5, 0.3), (0.9, 0.15), (0.98, 0.05), (0.995, 0.0), (0.9989, -0.35), (0.9995, -0.4)],
)
def test_agentgg_aims_at_a_share_of_the_way_from_its_nash_estimate_to_one(first, time, share):
    m = u((first, 0))
    n = (1 - m) / 1.7 + m
    agent = gg(first)
    assert agent.nash == pytest.approx(n)
    # Without a reservation value no floor is above these, except in the last moments.
    assert agent._stage(time) == pytest.approx(max(n + share * (1 - n), 0.2))


def test_agentgg_stops_listening_at_three_tenths():
    agent = gg()
    before = [list(counts) for counts in agent.model.counts]
    at(agent, 0.31, (3, 1))
    assert agent.model.counts == before
    at(agent, 0.29, (3, 1))
    assert agent.model.counts != before


def test_agentgg_offers_in_a_band_of_a_tenth_what_the_opponent_names():
    agent = gg()
    agent.nash = 0.6
    offers = [at(agent, 0.5, (0, 0)) for _ in range(30)]
    assert all(0.72 - 1e-9 <= u(offer) <= 0.82 + 1e-9 for offer in offers)
    assert sum(y == 0 for _, y in offers) > 20  # it heard y = a only


# DreamTeam109


def dream(*utilities):
    memory = Memory([Encounter(x, agreed=x > 0) for x in utilities])
    return Seated(DreamTeam109(memory=memory)).agent


@pytest.mark.parametrize(
    ("past", "count"), [((), 5), ((0.4,), 5), ((0.4, 0.4), 6), ((0.4,) * 9, 6), ((0.9,) * 9, 5)]
)
def test_dreamteam_offers_among_more_of_its_best_the_more_often_it_fared_badly(past, count):
    assert dream(*past).count == count  # of 202 outcomes, a thirtieth are 6


@pytest.mark.parametrize(
    ("failures", "last", "late"),
    [(0, 0, 0), (1, 0, 5), (2, 1, 5.5), (3, 1.1, 5.5), (9, 1.1, 5.5)],
)
def test_dreamteam_gives_in_for_more_of_the_last_turns_the_more_often_it_failed(
    failures, last, late
):
    agent = dream(*([0.0] * failures))
    assert (agent.last, agent.late) == (last, late)


def test_dreamteam_accepts_what_reaches_the_worst_of_its_best():
    agent = dream()
    at(agent, 0.1, None)
    at(agent, 0.2, (0, 0))
    agent.history.add(agent_received(0.2, (0, 0)))
    at(agent, 0.3, (0, 0))
    worst = u(own().space.kth(4))
    assert agent.worst == pytest.approx(worst)
    assert getattr(at(agent, 0.31, own().space.kth(4)), "kind", "") == "accept"
    assert isinstance(at(agent, 0.32, own().space.kth(5)), tuple)


def agent_received(time, outcome):
    from negotiate.strategies.anac.seat import Received  # noqa: PLC0415

    return Received(time, u(outcome), outcome)


# ChargingBoul


@pytest.mark.parametrize(
    ("time", "goal"), [(0.0, 1.0), (0.5, 1 - 0.5 * 0.5**10), (0.9, 1 - 0.5 * 0.9**10)]
)
def test_chargingboul_draws_around_its_goal_ever_more_widely(time, goal):
    agent = Seated(ChargingBoul()).agent
    width = agent.step * (1 + 3 * time)
    offers = [agent._bid(time) for _ in range(50)]
    assert all(abs(u(offer) - goal) <= width + 1e-9 for offer in offers)


@pytest.mark.parametrize(("ubi", "e"), [(5, 0.2), (6, 0.1), (8, 0.025), (4, 0.1)])
def test_chargingboul_answers_a_boulware_opponent_in_kind(ubi, e):
    memory = Memory([Encounter(0.5, agreed=True, notes={"ubi": float(ubi), "aui": 0.0})])
    assert Seated(ChargingBoul(memory=memory)).agent.e == pytest.approx(e)


@pytest.mark.parametrize(("aui", "least"), [(2, 0.5), (3, 0.4)])
def test_chargingboul_yields_more_to_a_conceder(aui, least):
    memory = Memory([Encounter(0.5, agreed=True, notes={"ubi": 0.0, "aui": float(aui)})])
    assert Seated(ChargingBoul(memory=memory)).agent.least == least


def test_chargingboul_takes_back_the_best_that_it_was_offered_once():
    table = Seated(ChargingBoul())
    table.turn()
    table.hear(100, 1)  # as good as it gets, but withdrawn by the next offer
    table.agent._listen(table.negotiation.view(0))
    assert at(table.agent, 0.5, (0, 0)) == (100, 1)
    assert at(table.agent, 0.5, (0, 0)) != (100, 1)


# UOAgent


@pytest.mark.parametrize("reservation", [0.0, 0.3])
@pytest.mark.parametrize("time", [0.5, 0.97, 0.99])
def test_uoagent_accepts_what_exceeds_its_threshold(reservation, time):
    table = Seated(strategy("uoagent").make(), reservation)
    table.turn()
    table.hear(0)
    table.turn()
    least = 1 - (1 - reservation) * time**50
    above = own().space.lowest_at_or_above((least + 1e-6) * 1e9)
    below = own().space.kth(own().space.count_at_or_above(least * 1e9))
    if above is not None:
        assert getattr(at(table.agent, time, above), "kind", "") == "accept"
    assert isinstance(at(table.agent, time, below), tuple)


def test_uoagent_takes_anything_better_than_nothing_in_the_last_round():
    rules = AlternatingOffers(rounds=2)
    table = Seated(strategy("uoagent").make(), 0.3, rules)
    table.turn()
    table.hear(40)
    assert table.turn().kind == "accept"
    table = Seated(strategy("uoagent").make(), 0.3, rules)
    table.turn()
    table.hear(20)
    assert table.turn().kind == "offer"


def test_what_uoagent_believes_that_the_opponent_needs_only_falls():
    table = Seated(strategy("uoagent").make())
    needed = [table.agent.needed]
    for x in (0, 30, 10, 60, 0, 90):
        table.turn()
        table.hear(x)
        table.agent._listen(table.negotiation.view(0))
        at(table.agent, 0.5, (x, 0))
        needed.append(table.agent.needed)
    assert needed[0] == 1.0
    assert needed == sorted(needed, reverse=True)
    assert needed[-1] < 1.0
