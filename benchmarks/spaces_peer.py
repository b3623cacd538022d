"""Runs in NegMAS's own environment and answers requests about outcome spaces, one JSON line each.

Uses NegMAS through its public interface only. A request is ``{"do": "solve" or "query", "tables": [...]}`` with
two parties' weighted values.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from typing import Any

warnings.filterwarnings("ignore")

from negmas.outcomes import make_issue, make_os  # type: ignore[import-not-found]  # noqa: E402
from negmas.preferences import (  # type: ignore[import-not-found]  # noqa: E402
    LinearAdditiveUtilityFunction,
    PresortingInverseUtilityFunction,
    kalai_points,
    ks_points,
    max_welfare_points,
    nash_points,
    pareto_frontier,
)


def parties(tables: list[list[list[float]]]) -> tuple[list[Any], list[Any]]:
    """Issues of named values, and a utility function for each table."""
    issues = [
        make_issue([f"v{j}" for j in range(len(values))], f"i{i}")
        for i, values in enumerate(tables[0])
    ]
    space = make_os(issues)
    ufuns = [
        LinearAdditiveUtilityFunction(
            {
                issue.name: dict(zip(issue.values, values, strict=True))
                for issue, values in zip(issues, table, strict=True)
            },
            weights=[1.0] * len(issues),
            outcome_space=space,
        )
        for table in tables
    ]
    return issues, ufuns


def solve(tables: list[list[list[float]]]) -> dict[str, object]:
    """Frontier and solution points, with the seconds for the frontier alone and for all of it."""
    issues, ufuns = parties(tables)
    began = time.perf_counter()
    frontier, _ = pareto_frontier(ufuns, issues=issues)
    found = time.perf_counter()
    nash = nash_points(ufuns, frontier, issues=issues)
    kalai_points(ufuns, frontier, issues=issues)
    ks_points(ufuns, frontier, issues=issues)
    max_welfare_points(ufuns, frontier, issues=issues)
    done = time.perf_counter()
    return {
        "frontier": sorted(([*map(float, point)] for point in frontier), reverse=True),
        "nash": [*map(float, nash[0][0])],
        "frontier_seconds": found - began,
        "seconds": done - began,
    }


def query(tables: list[list[list[float]]]) -> dict[str, float]:
    """Seconds a call for what strategies ask, and for the sorting before the first."""
    _, (own, other) = parties(tables)
    began = time.perf_counter()
    inverse = PresortingInverseUtilityFunction(own)
    inverse.init()
    sorted_ = time.perf_counter()
    for k in range(1000):
        inverse.outcome_at(k)
    listed = time.perf_counter()
    for _ in range(100):
        inverse.one_in((0.70, 0.71), normalized=False)
    drawn = time.perf_counter()
    max(inverse.some((0.7, 10.0), normalized=False), key=other)
    done = time.perf_counter()
    return {
        "sort": sorted_ - began,
        "kth": (listed - sorted_) / 1000,
        "sample": (drawn - listed) / 100,
        "best_for": done - drawn,
    }


def main() -> None:
    """Answer until standard input ends."""
    answers = {"solve": solve, "query": query}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answers[request["do"]](request["tables"])), flush=True)


if __name__ == "__main__":
    main()
