"""Metrics against cases worked by hand."""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from negotiate.arena import Results, Tournament, run
from negotiate.arena.quality import ENDINGS, POINTS, criterion
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.moves import Accept, Move, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from negotiate.strategy import Strategy, View
from tests.arena.conftest import played, scenario, three

if TYPE_CHECKING:
    from pathlib import Path

# Utilities of the five outcomes to the two roles; reservation values 0.2 and 0.1. Gains (0.8, 0), (0.6, 0.5),
# (0.4, 0.6), (0.1, 0.9), and the last is dominated.
WORTH = ((1.0, 0.1), (0.8, 0.6), (0.6, 0.7), (0.3, 1.0), (0.5, 0.5))
FLOOR = (0.2, 0.1)


def worked() -> Scenario:
    domain = Domain((Choice("deal", tuple("vwxyz")),))
    roles = [
        Role(
            name,
            LinearAdditive(
                domain,
                {"deal": (1, Table(tuple(Fraction(str(pair[i])) for pair in WORTH)))},
                reservation=Fraction(str(FLOOR[i])),
            ),
        )
        for i, name in enumerate(("a", "b"))
    ]
    return Scenario("worked", domain, tuple(roles))


class Proposes(Strategy):
    """Offers one outcome in the first role; accepts in the second."""

    outcome = 0

    def respond(self, view: View) -> Move:
        return Offer((self.outcome,)) if self.brief.party == 0 else Accept()


class Leaves(Strategy):
    """Walks away at once."""

    def respond(self, view: View) -> Move:
        return Walk()


def single(folder: Path, place: int) -> Results:
    cls = type(f"Proposes{place}", (Proposes,), {"outcome": place})
    tournament = Tournament([worked()], [Spec("one", cls)], AlternatingOffers(rounds=3))
    return run(tournament, folder, workers=0)


# By hand: Nash is (0.8, 0.6), product 0.30; so are Kalai (smallest gain 0.5), egalitarian (0.6; 0.7 beats 0.6 only for
# the other: min is 0.6 at both w and x, welfare 1.4 against 1.3) and utilitarian (1.4). Ideal gains are 0.8 and 0.9, so
# Kalai-Smorodinsky compares min(0.75, 0.556) at w with min(0.5, 0.667) at x: w again.
CASES: dict[int, dict[str, float]] = {
    0: {
        "nash_product": 0.0, "nash_ratio": 0.0, "kalai_ratio": 0.0, "kalai_smorodinsky_ratio": 0.0,
        "egalitarian_ratio": 0.1 / 0.6, "utilitarian_ratio": 1.1 / 1.4, "pareto_distance": 0.0,
        "nash_distance": math.hypot(0.2, 0.5), "welfare": 1.1,
    },
    2: {
        "nash_product": 0.24, "nash_ratio": 0.8, "kalai_ratio": 0.8, "kalai_smorodinsky_ratio": 0.9,
        "egalitarian_ratio": 1.0, "utilitarian_ratio": 1.3 / 1.4, "pareto_distance": 0.0,
        "kalai_distance": math.hypot(0.2, 0.1), "welfare": 1.3,
    },
    3: {
        "nash_product": 0.09, "nash_ratio": 0.3, "kalai_ratio": 0.2, "kalai_smorodinsky_ratio": 0.225,
        "egalitarian_ratio": 0.5, "utilitarian_ratio": 1.3 / 1.4, "welfare": 1.3,
        "egalitarian_distance": math.hypot(0.5, 0.4),
    },
    4: {
        "pareto_distance": math.hypot(0.1, 0.2), "utilitarian_distance": math.hypot(0.3, 0.1),
        "kalai_smorodinsky_distance": math.hypot(0.3, 0.1), "nash_ratio": 0.3 * 0.4 / 0.3,
        "advantage": (0.3 / 0.8 + 0.4 / 0.9) / 2, "utility": 0.5,
    },
}  # fmt: skip


@pytest.mark.parametrize("place", CASES)
def test_metrics_of_an_agreement_worked_by_hand(place: int, tmp_path: Path) -> None:
    results = single(tmp_path, place)
    (merit,) = results.metrics
    for name, expected in CASES[place].items():
        assert merit.metrics[name].mean == pytest.approx(expected, abs=1e-9), name
    assert merit.metrics["agreed"].mean == 1
    assert merit.metrics["rounds"].mean == 1


def test_points_are_at_no_distance_from_themselves_and_share_all(tmp_path: Path) -> None:
    (merit,) = single(tmp_path, 1).metrics
    for point in POINTS:
        assert merit.metrics[f"{point}_distance"].mean == 0
        assert merit.metrics[f"{point}_ratio"].mean == 1


def test_who_ended_it_is_told_from_each_seat(tmp_path: Path) -> None:
    cls = type("ProposesW", (Proposes,), {"outcome": 1})
    strategies = [Spec("says", cls), Spec("leaves", Leaves)]
    tournament = Tournament(
        [worked()], strategies, AlternatingOffers(rounds=3), self_play=False
    )
    results = run(tournament, tmp_path, workers=0)
    found = {one.strategy: one.metrics for one in results.metrics}
    # says offers and is left, or leaves walks at once.
    assert found["leaves"]["walked"].mean == 1
    assert found["says"]["was_left"].mean == 1
    alone = Tournament([worked()], strategies[:1], AlternatingOffers(rounds=3))
    (own,) = run(alone, tmp_path / "alone", workers=0).metrics
    assert own.metrics["accepted"].mean == own.metrics["was_accepted"].mean == 0.5


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenarios = [
        scenario("a"),
        scenario("b", (0, 5, 10), floor=4),
        scenario("c", floor=9),
        three("t"),
    ]
    return played(
        tmp_path_factory.mktemp("run"),
        scenarios,
        ("genius-boulware", "random", "micro"),
        repetitions=2,
    )


def test_endings_add_up_to_one(results: Results) -> None:
    for merit in results.metrics:
        assert sum(merit.metrics[name].mean or 0 for name in ENDINGS) == pytest.approx(1)


def test_distances_and_ratios_are_what_a_few_lines_compute(results: Results) -> None:
    base = sqlite3.connect(results.folder / "results.sqlite")
    (text,) = base.execute("SELECT value FROM run WHERE key = 'scenarios'").fetchone()
    about = {one["name"]: one for one in json.loads(text)}
    lines = base.execute("SELECT scenario, utilities FROM cells ORDER BY key").fetchall()
    base.close()
    seen: Counter[str] = Counter()
    for i, (name, utilities) in enumerate(lines):
        got = [u / 1e9 for u in json.loads(utilities)]
        floor = [role["reservation"] / 1e9 for role in about[name]["roles"]]
        solutions = about[name]["solutions"]
        ideal = [gain / 1e9 for gain in solutions["ideal"] or []]

        def values(u: list[float], r: list[float] = floor, best: list[float] = ideal) -> Any:
            gains = [max(a - b, 0) for a, b in zip(u, r, strict=True)]
            relative = [g / b for g, b in zip(gains, best, strict=False) if b > 0]
            return {
                "nash": math.prod(gains),
                "kalai": min(gains),
                "kalai_smorodinsky": min(relative, default=math.nan),
                "egalitarian": min(u),
                "utilitarian": sum(u),
            }

        for point in POINTS:
            distance = results.metric_columns[f"{point}_distance"][i, 0]
            ratio = results.metric_columns[f"{point}_ratio"][i, 0]
            if solutions[point] is None:
                assert np.isnan(distance)
                assert np.isnan(ratio)
                continue
            there = [u / 1e9 for u in solutions[point]["utilities"]]
            assert distance == pytest.approx(math.dist(got, there))
            best = values(there)[point]
            if best > 0:
                assert ratio == pytest.approx(values(got)[point] / best)
                seen[point] += 1
    assert min(seen[point] for point in POINTS) > 20


def test_columns_agree_with_what_is_stored(results: Results) -> None:
    for i, row in enumerate(results.rows):
        columns = {name: values[i] for name, values in results.metric_columns.items()}
        assert columns["utility"][: len(row.seats)] == pytest.approx(
            np.array(row.utilities) / 1e9
        )
        assert columns["welfare"][0] == row.welfare / 1e9
        if row.nash_distance is None:
            assert np.isnan(columns["nash_distance"][0])
        else:
            assert columns["nash_distance"][0] == pytest.approx(row.nash_distance)
        assert np.isnan(columns["utility"][len(row.seats) :]).all()


def test_without_a_rational_outcome_there_is_no_share() -> None:
    own, floor = np.array([[0.5, 0.5]]), np.array([0.9, 0.9])
    assert np.isnan(criterion("kalai_smorodinsky", own, floor, None)).all()
    assert np.isnan(criterion("kalai_smorodinsky", own, floor, np.zeros(2))).all()
    assert criterion("nash", own, floor, None) == 0


def test_metrics_of_a_strategy_that_always_fails_are_those_of_its_failures(
    tmp_path: Path,
) -> None:
    class Fails(Strategy):
        def respond(self, view: View) -> Move:
            raise ValueError

    results = played(tmp_path, [scenario("a")], ["random", Spec("fails", Fails)])
    found = {one.strategy: one.metrics for one in results.metrics}
    assert found["fails"]["failed"].mean == 1
    assert found["random"]["failed"].mean == 0
