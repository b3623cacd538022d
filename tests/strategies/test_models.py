"""Opponent models: what they learn from offers."""

from itertools import permutations, product
from math import exp, isfinite
from random import Random

import numpy as np
import pytest

from negotiate import registry
from negotiate.domain import Choice, Domain
from negotiate.errors import StrategyError
from negotiate.strategies.models import (
    Average,
    CuhkFrequency,
    DefaultModel,
    DiscountedFrequency,
    FullBayesian,
    HardHeadedFrequency,
    OpponentModel,
    OppositeModel,
    PerfectModel,
    ReservationFit,
    ScalableBayesian,
    SmithFrequency,
    UniformModel,
    WindowedFrequency,
    WorstModel,
    rescaled,
)
from negotiate.strategies.models.bayesian import shapes_of
from negotiate.strategies.models.windowed import chi_square_tail
from tests.strategies.test_vast import vast

LEARNING = [
    name
    for name, target in registry.MODELS.items()
    if ":" in target and name not in {"uniform", "default", "opposite", "perfect", "worst"}
]
DOMAIN = Domain((Choice("a", ("0", "1", "2")), Choice("b", ("0", "1")), Choice("c", ("0",))))


def begun(model: OpponentModel, domain: Domain = DOMAIN) -> OpponentModel:
    model.begin(domain)
    return model


@pytest.mark.parametrize("name", LEARNING)
def test_what_is_offered_is_worth_more_than_what_is_not(name):
    model = begun(registry.model(name))
    for _ in range(3):
        model.update((2, 1, 0))
    model.update((2, 0, 0))
    assert model.utility((2, 1, 0)) > model.utility((0, 0, 0))


@pytest.mark.parametrize("name", LEARNING)
def test_utility_is_the_sum_of_the_tables(name):
    model = begun(registry.model(name))
    model.update((1, 1, 0))
    model.update((1, 0, 0))
    assert model.utility((1, 0, 0)) == pytest.approx(
        model.tables[0][1] + model.tables[1][0] + model.tables[2][0]
    )


@pytest.mark.parametrize("name", LEARNING)
def test_beliefs_stay_numbers_after_thousands_of_random_offers(name):
    domain = Domain(tuple(Choice(f"i{j}", tuple(map(str, range(7)))) for j in range(3)))
    model, random = begun(registry.model(name), domain), Random(1)
    for _ in range(3000):
        model.update(tuple(random.randrange(7) for _ in range(3)), random.random())
    assert all(isfinite(value) for column in model.tables for value in column)


@pytest.mark.parametrize(
    "name", ["early_offers", "bayesian", "full_bayesian", "conflict_based"]
)
def test_a_repeated_offer_tells_these_models_nothing(name):
    model = begun(registry.model(name))
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
    model = WindowedFrequency(window=5)
    begun(model)
    for value in (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0):
        model.update((value, 1, 0), 0.1)
    assert model.weights[1] > model.weights[0]


def test_no_weight_changes_after_the_time_that_a_windowed_model_is_given():
    model = WindowedFrequency(window=5, until=0.8)
    begun(model)
    for value in (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 0):
        model.update((value, 1, 0), 0.9)
    assert model.weights == [1 / 3] * 3


def test_a_window_holds_something():
    with pytest.raises(StrategyError, match="1 or more"):
        WindowedFrequency(window=0)


def test_a_late_offer_counts_less_to_a_discounted_frequency():
    model = begun(DiscountedFrequency())
    model.update((0, 0, 0), 0.1)
    model.update((1, 0, 0), 0.5)
    assert model.utility((0, 0, 0)) > model.utility((1, 0, 0)) > model.utility((2, 0, 0))


# -- the Bayesian models ---------------------------------------------------------------------------


def test_the_full_bayesian_model_weighs_every_hypothesis_by_bayes_rule():
    domain = Domain((Choice("a", ("0", "1", "2")), Choice("b", ("0", "1", "2", "3"))))
    offers = [(2, 0), (2, 1), (1, 1), (0, 3)]
    model = begun(FullBayesian(), domain)
    for outcome in offers:
        model.update(outcome)
    believed, total = np.zeros(12), 0.0
    for order, a, b in product(permutations((1 / 3, 2 / 3)), shapes_of(3), shapes_of(4)):
        worth = [order[0] * a[i] + order[1] * b[j] for i, j in domain.outcomes()]
        likelihood = 1.0
        for k, outcome in enumerate(offers):
            c = 1 - 0.003 * k
            likelihood *= exp(-(((c - worth[domain.index(outcome)]) / (0.25 * c)) ** 2) / 2)
        believed += likelihood * np.array(worth)
        total += likelihood
    found = [model.utility(outcome) for outcome in domain.outcomes()]
    assert found == pytest.approx((believed / total).tolist())


def test_the_full_bayesian_model_refuses_a_domain_with_too_many_hypotheses():
    with pytest.raises(StrategyError, match="hypotheses") as told:
        begun(FullBayesian(), vast().domain)
    assert told.value.code == "domain-size"
    assert "`bayesian`" in told.value.help


@pytest.mark.parametrize("sizes", [(1, 2), (2,) * 12, (300,), (10, 10, 10)])
def test_the_scalable_bayesian_model_stays_a_number_when_it_assumes_the_least(sizes):
    domain = Domain(
        tuple(Choice(f"i{j}", tuple(map(str, range(n)))) for j, n in enumerate(sizes))
    )
    model, random = begun(ScalableBayesian(step=0.05)), Random(2)
    begun(model, domain)
    for _ in range(2000):
        model.update(tuple(random.randrange(n) for n in sizes))
    assert all(isfinite(value) for column in model.tables for value in column)
    assert sum(map(max, model.tables)) > 0


# -- means of models, and those that do not learn --------------------------------------------------


def test_an_average_lies_between_its_two_models():
    parts = [begun(ScalableBayesian()), begun(SmithFrequency())]
    model = begun(Average(ScalableBayesian(), SmithFrequency(), share=0.25))
    for outcome in ((2, 1, 0), (2, 0, 0), (1, 0, 0)):
        for one in (*parts, model):
            one.update(outcome)
    first, second = (rescaled(part.tables) for part in parts)
    assert model.tables[0] == pytest.approx(
        [0.75 * a + 0.25 * b for a, b in zip(first[0], second[0], strict=True)]
    )


def test_a_share_above_one_is_refused():
    with pytest.raises(StrategyError, match="between 0 and 1"):
        Average(SmithFrequency(), SmithFrequency(), share=1.5)


def test_the_uniform_model_tells_nothing_apart():
    assert {begun(UniformModel()).utility(o) for o in DOMAIN.outcomes()} == {0.5}


def test_the_default_model_likes_later_values():
    model = begun(DefaultModel())
    assert model.utility((2, 1, 0)) == pytest.approx(1)
    assert model.utility((0, 0, 0)) < model.utility((1, 0, 0)) < model.utility((2, 0, 0))


def test_perfect_worst_and_opposite_know_preferences():
    own, other = vast().preferences
    perfect, worst, opposite = PerfectModel(), WorstModel(), OppositeModel()
    perfect.learn(other)
    worst.learn(other)
    opposite.know(own)
    random = Random(1)
    outcome = tuple(random.randrange(10) for _ in range(12))
    rows = np.array([outcome])
    for model in (perfect, worst, opposite):
        begun(model, vast().domain)
        assert model.utilities(rows)[0] == model.utility(outcome)
        assert sum(t[v] for t, v in zip(model.tables, outcome, strict=True)) == pytest.approx(
            model.utility(outcome)
        )
    assert perfect.utility(outcome) == other.utility(outcome) / 1e9
    assert worst.utility(outcome) == pytest.approx(1 - perfect.utility(outcome))
    assert opposite.utility(outcome) == pytest.approx(1 - own.utility(outcome) / 1e9)


def test_a_model_that_must_be_told_says_so():
    with pytest.raises(StrategyError, match="was not told"):
        begun(PerfectModel())


# -- the reservation value -------------------------------------------------------------------------


@pytest.mark.parametrize("reservation", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("exponent", [0.5, 1.0, 5.0])
def test_a_fit_finds_the_reservation_value_of_a_time_dependent_opponent(reservation, exponent):
    fit = ReservationFit()
    for k in range(1, 100):
        t = k / 101
        fit.update((1 - reservation) * (1 - t**exponent) + reservation, t)
    found = fit.fit()
    assert found is not None
    # The first offer stands for the opening, which it misses by what was conceded before it.
    assert found.reservation == pytest.approx(reservation, abs=0.05)


def test_a_fit_needs_three_different_utilities():
    fit = ReservationFit()
    for t in (0.1, 0.2, 0.3):
        fit.update(1.0, t)
    fit.update(0.9, 0.4)
    assert fit.fit() is None


def test_a_fit_never_leaves_what_an_opponent_can_have():
    fit = ReservationFit()
    for u, t in ((0.5, 0.1), (0.1, 0.2), (0.0, 0.3)):
        fit.update(u, t)
    found = fit.fit()
    assert found is not None
    assert 0 <= found.reservation <= 0.5
    with pytest.raises(StrategyError, match="between 0 and 1"):
        fit.update(1.5, 0.4)
