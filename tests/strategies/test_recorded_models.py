"""Opponent models on the recorded runs of original agents: the published table, and what is asked of the Bayesian."""

from functools import cache

import pytest

from negotiate.arena.models import Evaluation, evaluate
from negotiate.arena.watched import of_trace
from tests.strategies.recorded import ROUNDS, TRACES, needs_traces, scenario

COLUMNS = (
    "hardheaded_frequency",
    "smith",
    "cuhk",
    "bayesian",
    "windowed[window=10]",
    "windowed[window=48]",
    "windowed[window=10,proportions=True]",
)
TABLE = {  # as published, in the order of the columns
    "Boulware": (0.73, 0.75, 0.75, 0.77, 0.84, 0.43, 0.87),
    "Conceder": (-0.61, -0.61, -0.58, 0.70, -0.54, -0.61, -0.61),
    "HardHeaded": (0.67, 0.69, 0.69, 0.74, 0.77, 0.77, 0.77),
    "NiceTFT": (0.80, 0.74, 0.74, 0.75, 0.78, 0.73, 0.89),
    "Fawkes": (0.66, 0.64, 0.64, 0.74, 0.68, 0.67, 0.73),
    "PonPoko": (0.79, 0.76, 0.76, 0.69, 0.69, 0.72, 0.91),
    "AgentK": (0.74, 0.77, 0.77, 0.77, 0.67, 0.79, 0.88),
}
EVERY = (*TABLE, "CUHK", "Atlas3", "Agreeable")
BELOW = {("Conceder", 1), ("Conceder", 2), ("PonPoko", 1), ("PonPoko", 2)}
ROUNDED = 0.0055  # the table has two decimals


@cache
def watched(name: str, number: int) -> Evaluation:
    """All models after one recorded run."""
    session = of_trace(TRACES / f"{name}.{number}.tsv", scenario(), ROUNDS)
    models = (*COLUMNS, "bayesian-early", "bayesian-conflict", "conflict_based")
    return evaluate([session], models, times=(1.0,))


def spearman(model: str, name: str, number: int = 1) -> float:
    """Rank correlation with the truth over the whole space."""
    mean = watched(name, number).at(model).spearman.mean
    assert mean is not None
    return mean


@needs_traces
@pytest.mark.parametrize("name", TABLE)
def test_models_reach_the_published_rank_correlations(name: str) -> None:
    assert [spearman(model, name) for model in COLUMNS] == pytest.approx(
        TABLE[name], abs=ROUNDED
    )


@needs_traces
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("model", ["bayesian-early", "bayesian-conflict"])
def test_the_improved_bayesian_models_understand_every_recorded_opponent(
    model: str, name: str, number: int
) -> None:
    assert spearman(model, name, number) >= 0.7


@needs_traces
@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("number", [1, 2])
def test_the_bayesian_model_as_published_understands_nearly_every_recorded_opponent(
    name: str, number: int
) -> None:
    found = spearman("bayesian", name, number)
    assert (found < 0.7) == ((name, number) in BELOW)
    assert found >= 0.66


@needs_traces
@pytest.mark.parametrize("number", [1, 2])
def test_a_conceder_misleads_frequencies_and_not_comparisons(number: int) -> None:
    for model in ("smith", "cuhk", "hardheaded_frequency", "windowed[window=10]"):
        assert spearman(model, "Conceder", number) < -0.5
    assert spearman("conflict_based", "Conceder", number) > 0.75
