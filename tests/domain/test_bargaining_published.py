"""Figures that others published with their scenarios, each under that data set's own definition."""

from __future__ import annotations

import json
from functools import cache
from math import dist, prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negotiate.domain import SCALE, Outcome, Scenario, load
from negotiate.domain.bargaining import Solutions, solve
from negotiate.domain.blocks import enumerated

SHARED = Path(__file__).parents[3] / "shared" / "scenarios"
NEGOLOG = sorted((SHARED / "negolog").glob("*/specs.json"))
GENIUSWEB = sorted((SHARED / "geniusweb").glob("*/specials.json"))
CLOSE = 1e-8  # contributions are rounded to 1e-9, theirs are sums of floats

if not (NEGOLOG and GENIUSWEB):
    pytest.skip("the scenarios of others are not here", allow_module_level=True)


@cache
def solved(path: Path) -> tuple[Scenario, Solutions, dict[str, Any]]:
    scenario = load(path.parent)
    return scenario, solve(scenario.preferences), json.loads(path.read_text())


def floats(utilities: tuple[int, ...]) -> list[float]:
    return [utility / SCALE for utility in utilities]


def worth(scenario: Scenario, outcome: Outcome) -> list[float]:
    return [own.utility(outcome) / SCALE for own in scenario.preferences]


@pytest.mark.parametrize("path", NEGOLOG, ids=lambda path: path.parent.name)
class TestNegoLog:
    def test_size(self, path: Path) -> None:
        scenario, _, specs = solved(path)
        assert scenario.domain.size == specs["NumberOfBids"]

    def test_nash(self, path: Path) -> None:
        scenario, solutions, specs = solved(path)
        assert solutions.nash is not None
        best = prod(floats(solutions.nash.utilities))
        assert best == pytest.approx(specs["Nash Product"], abs=CLOSE)
        theirs = worth(scenario, scenario.domain.outcome(specs["NashBid"]))
        assert prod(theirs) == pytest.approx(
            best, abs=CLOSE
        )  # of equal ones they may name another
        assert [specs["Nash_A"], specs["Nash_B"]] == pytest.approx(theirs, abs=CLOSE)

    def test_what_they_call_kalai_is_the_greatest_welfare(self, path: Path) -> None:
        scenario, solutions, specs = solved(path)
        best = sum(floats(solutions.utilitarian.utilities))
        assert best == pytest.approx(specs["Social Welfare"], abs=CLOSE)
        theirs = worth(scenario, scenario.domain.outcome(specs["KalaiBid"]))
        assert sum(theirs) == pytest.approx(best, abs=CLOSE)
        assert [specs["Kalai_A"], specs["Kalai_B"]] == pytest.approx(theirs, abs=CLOSE)

    def test_what_they_call_opposition_is_its_distance_to_1_1(self, path: Path) -> None:
        _, solutions, specs = solved(path)
        ours = dist(floats(solutions.utilitarian.utilities), (1, 1))
        assert ours == pytest.approx(specs["Opposition"], abs=CLOSE)
        assert solutions.opposition <= ours


@pytest.mark.parametrize("path", GENIUSWEB, ids=lambda path: path.parent.name)
class TestGeniusWeb:
    def test_size(self, path: Path) -> None:
        scenario, _, specials = solved(path)
        assert scenario.domain.size == specials["size"]

    def test_frontier(self, path: Path) -> None:
        scenario, solutions, specials = solved(path)
        theirs = sorted(specials["pareto_front"], key=lambda p: p["utility"][0], reverse=True)
        front = solutions.frontier
        assert np.allclose(
            front.utilities / SCALE, [p["utility"] for p in theirs], rtol=0, atol=CLOSE
        )
        ours = [front.outcome(i) for i in range(len(front))]
        assert ours == [scenario.domain.outcome(p["bid"]) for p in theirs]

    def test_nash(self, path: Path) -> None:
        scenario, solutions, specials = solved(path)
        assert solutions.nash is not None
        assert solutions.nash.outcome == scenario.domain.outcome(specials["nash"]["bid"])

    def test_social_welfare(self, path: Path) -> None:
        scenario, solutions, specials = solved(path)
        theirs = scenario.domain.outcome(specials["social_welfare"]["bid"])
        assert solutions.utilitarian.outcome == theirs

    def test_what_they_call_kalai_has_the_smallest_difference_on_the_frontier(
        self, path: Path
    ) -> None:
        scenario, solutions, specials = solved(path)
        front = solutions.frontier
        place = int(np.abs(front.utilities[:, 0] - front.utilities[:, 1]).argmin())
        assert front.outcome(place) == scenario.domain.outcome(specials["kalai"]["bid"])
        # and opposition is its distance to (1, 1)
        ours = dist((front.utilities[place] / SCALE).tolist(), (1, 1))
        assert ours == pytest.approx(specials["opposition"], abs=CLOSE)

    def test_distribution_is_the_mean_distance_to_the_frontier(self, path: Path) -> None:
        scenario, solutions, specials = solved(path)
        points = np.stack([enumerated(own) for own in scenario.preferences], axis=1) / SCALE
        front = solutions.frontier.utilities / SCALE
        nearest = np.linalg.norm(points[:, None] - front[None], axis=2).min(axis=1)
        assert nearest.mean() == pytest.approx(specials["distribution"], abs=1e-6)
