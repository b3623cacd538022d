"""The named agents against recorded runs of the originals."""

from statistics import mean

import pytest

from tests.strategies.recorded import needs_traces, played, replayed, run

pytestmark = needs_traces

SEEDS = range(40)
DETERMINISTIC = {
    "cuhkagent": ("CUHK", 200),
    "thefawkes": ("Fawkes", 195),
    "genius-boulware": ("Boulware", 167),
}
STOCHASTIC = {
    "agentk": ("AgentK", 0.02),
    "hardheaded": ("HardHeaded", 0.01),
    "nice_tit_for_tat": ("NiceTFT", 0.015),
    "atlas3": ("Atlas3", 0.035),
    "agreeable": ("Agreeable", 0.003),
}
"""Name, and how far a single run may lie from the mean curve on average."""


@pytest.mark.parametrize("name", DETERMINISTIC)
@pytest.mark.parametrize("number", [1, 2])
def test_a_deterministic_agent_makes_the_recorded_offers_one_for_one(name, number):
    trace, offers = DETERMINISTIC[name]
    recorded = run(trace, number)
    made, ended, manner = replayed(name, recorded)
    assert made == pytest.approx(recorded.utilities, abs=2e-9)
    assert len(made) == offers
    assert ended == recorded.ended
    assert (
        manner
        == {0: "accept", 1: "opponent", -1: "opponent" if ended < 200 else "deadline"}[
            recorded.by
        ]
    )


@pytest.mark.parametrize("name", STOCHASTIC)
@pytest.mark.parametrize("number", [1, 2])
def test_a_stochastic_agent_follows_the_recorded_curve(name, number):
    trace, tolerance = STOCHASTIC[name]
    recorded = run(trace, number)
    runs = [played(name, seed)[0] for seed in SEEDS]
    length = min(len(recorded.utilities), *map(len, runs))
    gaps = [abs(mean(r[i] for r in runs) - recorded.utilities[i]) for i in range(length)]
    assert mean(gaps) < tolerance


@pytest.mark.parametrize("name", STOCHASTIC)
@pytest.mark.parametrize("number", [1, 2])
def test_a_stochastic_agent_agrees_when_the_recorded_one_did(name, number):
    recorded = run(STOCHASTIC[name][0], number)
    rounds = [played(name, seed)[1] for seed in SEEDS]
    assert min(rounds) - 1 <= recorded.ended <= max(rounds) + 1


@pytest.mark.parametrize("number", [1, 2])
def test_some_pattern_of_ponpoko_follows_each_recorded_run(number):
    recorded = run("PonPoko", number)
    gaps: list[float] = []
    for seed in SEEDS:
        made, ended, _ = replayed("ponpoko", recorded, seed)
        length = min(len(made), len(recorded.utilities))
        off = mean(abs(made[i] - recorded.utilities[i]) for i in range(length))
        gaps.append(off if abs(ended - recorded.ended) <= 1 else 1.0)
    assert min(gaps) < 0.015
