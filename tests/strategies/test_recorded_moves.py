"""The named agents move by move: led along a recorded run, each decision is one that the original could make."""

import pytest

from negotiate.domain.preferences import SCALE
from negotiate.moves import Accept, Offer
from negotiate.strategies.anac import nice_tit_for_tat
from negotiate.strategies.anac.ponpoko import _PATTERNS as PATTERNS
from tests.strategies.recorded import ROUNDS, led, needs_traces, run, scenario

pytestmark = needs_traces
BOTH = pytest.mark.parametrize("number", [1, 2])
LAST = ROUNDS + 1


def u(outcome):
    return scenario().preferences[0].utility(outcome) / SCALE


def highest_below(bound):
    """The largest utility that an outcome has below a bound."""
    space = scenario().preferences[0].space
    return space.utility_at(space.count_at_or_above(bound * SCALE)) / SCALE


@BOTH
def test_hardheaded_makes_the_recorded_offers_from_each_new_queue_on(number):
    expected, fresh = [], 0
    for _, agent, move, offer in led("hardheaded", run("HardHeaded", number)):
        if not expected:  # the queue was empty and is filled anew
            queued = [u(move.outcome), *map(u, agent.queue)]
            # One alone is a random earlier offer, where the next one is below the floor, and the original drew another.
            expected = queued if len(queued) > 1 else [u(offer)]
            fresh += len(queued) > 1
        assert u(offer) == expected.pop(0)
    assert fresh > 0


@BOTH
def test_ponpoko_keeps_to_the_band_of_one_pattern(number):
    def kept(pattern):
        for k, offer in run("PonPoko", number).mine.items():
            low, high = pattern(k / LAST)
            if not min(low, highest_below(high)) - 1e-4 <= u(offer) <= high:
                return False
        return True

    assert any(map(kept, PATTERNS))


@BOTH
def test_agreeable_draws_in_the_band_of_its_target(number):
    drawn = 0
    for k, agent, move, offer in led("agreeable", run("Agreeable", number)):
        t = k / LAST
        if t < 0.2:
            assert u(offer) == u(move.outcome)
            continue
        target = max(agent._fallen((t - 0.2) / 0.8), 0.8)
        width = 0.05 * (1 - agent._fallen(t))
        inside = target - width - 1e-8 <= u(offer) <= target + width + 1e-8
        nothing = not agent.pool.band(
            int((target - width) * SCALE), int((target + width) * SCALE)
        ).outcomes
        assert inside or (nothing and u(offer) == 1)
        drawn += inside
    assert drawn > 40


@BOTH
def test_agentk_offers_what_reaches_a_target_that_its_tremor_allows(number):
    short = 0
    recorded = run("AgentK", number)
    for k, agent, move, offer in led("agentk", recorded):
        if k == 1:
            continue
        mean, outlook = agent._outlook()
        tremors = (outlook.target(k / LAST, 2 + 6 * mean + x / 10) for x in range(21))
        short += u(offer) < min(tremors) - 1e-9
        assert not isinstance(move, Accept) or k > recorded.ended - 20
    # A search of 501 random outcomes finds the single best one of 500 in two cases of three, else it settles for less.
    assert short <= 6


@BOTH
def test_atlas3_offers_what_reaches_its_threshold_until_the_finale(number):
    recorded = run("Atlas3", number)
    for k, agent, move, offer in led("atlas3", recorded):
        if k < recorded.ended:
            assert u(offer) >= agent._threshold(k / LAST) - 1e-9
        else:
            assert u(offer) == u(move.outcome)


@BOTH
def test_nice_tit_for_tat_offers_one_of_its_favourites_or_the_best_received(
    number, monkeypatch
):
    liked = []
    pick = nice_tit_for_tat.NiceTitForTat.pick

    def noting(self, outcomes):
        liked[:] = map(u, outcomes)
        return pick(self, outcomes)

    monkeypatch.setattr(nice_tit_for_tat.NiceTitForTat, "pick", noting)
    recorded = run("NiceTFT", number)
    others = 0
    for k, agent, move, offer in led("nice_tit_for_tat", recorded):
        assert isinstance(move, Offer), k
        best = agent.history.best
        others += k > 1 and u(offer) not in liked and (best is None or u(offer) != best.utility)
        liked.clear()
    # Where two candidates are worth nearly the same to the opponent, estimates in other digits order them otherwise.
    assert others <= 4
