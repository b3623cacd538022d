"""Opponent models: what they learn, and the table of how well on recorded runs."""

from math import isfinite
from random import Random

import numpy as np
import pytest

from negotiate.domain import Choice, Domain
from negotiate.strategies.models import (
    CuhkFrequency,
    EarlyOffers,
    HardHeadedFrequency,
    OpponentModel,
    ScalableBayesian,
    SmithFrequency,
    WindowedFrequency,
    rescaled,
)
from negotiate.strategies.models.windowed import chi_square_tail
from tests.strategies.recorded import needs_traces, run, scenario

MODELS = (
    HardHeadedFrequency,
    SmithFrequency,
    CuhkFrequency,
    EarlyOffers,
    ScalableBayesian,
    WindowedFrequency,
)
DOMAIN = Domain((Choice("a", ("0", "1", "2")), Choice("b", ("0", "1")), Choice("c", ("0",))))
TABLE = {  # HardHeaded, Smith, CUHK, Bayes as published
    "Boulware": (0.73, 0.75, 0.75, 0.77),
    "Conceder": (-0.61, -0.61, -0.58, 0.70),
    "HardHeaded": (0.67, 0.69, 0.69, 0.74),
    "NiceTFT": (0.80, 0.74, 0.74, 0.75),
    "Fawkes": (0.66, 0.64, 0.64, 0.74),
    "PonPoko": (0.79, 0.76, 0.76, 0.69),
    "AgentK": (0.74, 0.77, 0.77, 0.77),
}
WINDOWED = (0.87, -0.61, 0.77, 0.89, 0.73, 0.91, 0.88)
OTHERS = ("CUHK", "Atlas3", "Agreeable")


def begun(model: OpponentModel, domain: Domain = DOMAIN) -> OpponentModel:
    model.begin(domain)
    return model


def ranks(values: list[float]) -> np.ndarray:
    found = np.round(values, 12)
    low = np.searchsorted(np.sort(found), found, side="left")
    high = np.searchsorted(np.sort(found), found, side="right")
    return (low + high) / 2


def spearman(model: OpponentModel, name: str, number: int = 1) -> float:
    """Rank correlation with the truth over the whole space after a recorded run."""
    begun(model, scenario().domain)
    for k, outcome in run(name, number).mine.items():
        model.update(outcome, k / 201)
    outcomes = list(scenario().domain.outcomes())
    truth = scenario().preferences[0].utility
    pair = ranks([model.utility(o) for o in outcomes]), ranks([truth(o) for o in outcomes])
    return float(np.corrcoef(*pair)[0, 1])


@needs_traces
@pytest.mark.parametrize("name", TABLE)
def test_models_reach_the_published_rank_correlations(name):
    models = (
        HardHeadedFrequency(),
        SmithFrequency(),
        CuhkFrequency(),
        ScalableBayesian(early=0),
    )
    found = [spearman(model, name) for model in models]
    assert found == pytest.approx(TABLE[name], abs=0.006)


@needs_traces
@pytest.mark.parametrize("name", [*TABLE, *OTHERS])
@pytest.mark.parametrize("number", [1, 2])
def test_the_bayesian_model_understands_every_recorded_opponent(name, number):
    assert spearman(ScalableBayesian(), name, number) >= 0.7


@pytest.mark.parametrize("kind", MODELS)
def test_what_is_offered_is_worth_more_than_what_is_not(kind):
    model = begun(kind())
    for _ in range(3):
        model.update((2, 1, 0))
    model.update((2, 0, 0))
    assert model.utility((2, 1, 0)) > model.utility((0, 0, 0))


@pytest.mark.parametrize("kind", MODELS)
def test_utility_is_the_sum_of_the_tables(kind):
    model = begun(kind())
    model.update((1, 1, 0))
    model.update((1, 0, 0))
    assert model.utility((1, 0, 0)) == pytest.approx(
        model.tables[0][1] + model.tables[1][0] + model.tables[2][0]
    )


@pytest.mark.parametrize("kind", MODELS)
def test_beliefs_stay_numbers_after_thousands_of_random_offers(kind):
    domain = Domain(tuple(Choice(f"i{j}", tuple(map(str, range(7)))) for j in range(4)))
    model, random = begun(kind(), domain), Random(1)
    for _ in range(3000):
        model.update(tuple(random.randrange(7) for _ in range(4)), random.random())
    assert all(isfinite(value) for column in model.tables for value in column)


@pytest.mark.parametrize("kind", [EarlyOffers, ScalableBayesian])
def test_a_repeated_offer_tells_these_models_nothing(kind):
    model = begun(kind())
    model.update((2, 1, 0))
    before = model.revision
    model.update((2, 1, 0))
    assert model.revision == before


def test_cuhk_stops_learning_after_its_limit():
    model = begun(CuhkFrequency(limit=1))
    model.update((0, 0, 0))
    before = model.tables
    model.update((1, 1, 0))
    assert model.tables == before


def test_levelling_keeps_the_sum_of_weights_at_one():
    model = HardHeadedFrequency(levelling=0.05)
    begun(model)
    for outcome in ((0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 1, 0)):
        model.update(outcome)
    assert sum(model.weights) == pytest.approx(1)


def test_rescaled_tables_run_from_zero_to_one():
    tables = rescaled([[2.0, 5.0], [1.0, 2.0]])
    assert sum(map(min, tables)) == 0
    assert sum(map(max, tables)) == pytest.approx(1)


def test_rescaling_what_says_nothing_gives_zeros():
    assert rescaled([[1.0, 1.0]]) == [[0.0, 0.0]]


def test_a_long_grid_gets_a_few_peaks_only():
    domain = Domain((Choice("i", tuple(map(str, range(500)))),))
    model = ScalableBayesian()
    begun(model, domain)
    assert len(model.shapes[0]) == 32


@needs_traces
@pytest.mark.parametrize(("name", "found"), list(zip(TABLE, WINDOWED, strict=True)))
def test_the_windowed_model_reaches_the_published_rank_correlations(name, found):
    assert spearman(WindowedFrequency(), name) == pytest.approx(found, abs=0.006)


@pytest.mark.parametrize(
    ("statistic", "freedom", "tail"),
    [
        (3.841, 1, 0.05),
        (5.991, 2, 0.05),
        (7.815, 3, 0.05),
        (9.488, 4, 0.05),
        (11.07, 5, 0.05),
        (1.0, 0, 1),
    ],
)
def test_the_tail_of_the_chi_square_distribution(statistic, freedom, tail):
    assert chi_square_tail(statistic, freedom) == pytest.approx(tail, abs=1e-4)


def test_an_issue_that_stays_while_another_is_conceded_gains_weight():
    model = WindowedFrequency(window=5, counts=True)
    begun(model)
    for value in (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0):
        model.update((value, 1, 0), 0.1)
    assert model.weights[1] > model.weights[0]
