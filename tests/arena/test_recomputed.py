"""A fixed reference tournament, ranked again by a few lines that know nothing of the library's statistics.

They read results.sqlite by themselves. Intervals: percentile bootstrap with Student's tails; ranks: all signs of the
paired differences, Holm over all pairs.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.arena.conftest import played, scenario, three

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.arena import Results

STRATEGIES = ("genius-boulware", "genius-conceder", "random", "micro")
STUDENT = 2.200985160082949
"""The 0.975 quantile of Student's distribution with 11 degrees of freedom, from a table."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenarios = [scenario(f"s{i:02}", (10 - i % 4, i % 7, 3), floor=i % 5) for i in range(11)]
    return played(
        tmp_path_factory.mktemp("reference"),
        [*scenarios, three("t")],
        STRATEGIES,
        repetitions=2,
    )


def observations(folder: Path) -> list[tuple[Any, ...]]:
    """(scenario, strategy, utility, agreed, distance to Nash) of every seat that counts."""
    base = sqlite3.connect(folder / "results.sqlite")
    found = []
    for name, seats, utilities, outcome, reason, fault, distance in base.execute(
        "SELECT scenario, seats, utilities, outcome, reason, fault, nash_distance FROM cells"
    ):
        for seat, (who, utility) in enumerate(
            zip(json.loads(seats), json.loads(utilities), strict=True)
        ):
            if reason not in ("illegal-move", "error", "timeout") or fault == seat:
                found.append((name, who, utility / 1e9, outcome is not None, distance))
    base.close()
    return found


@pytest.fixture(scope="module")
def table(results: Results) -> dict[str, dict[str, Any]]:
    """For each strategy mean utility, agreement rate and distance in each scenario."""
    seen = observations(results.folder)
    names = sorted({one[0] for one in seen})
    return {
        strategy: {
            what: np.array(
                [
                    np.mean(
                        [float(o[place]) for o in seen if o[0] == name and o[1] == strategy]
                    )
                    for name in names
                ]
            )
            for what, place in (("utility", 2), ("agreed", 3), ("distance", 4))
        }
        for strategy in STRATEGIES
    }


def test_ranking_and_intervals(results: Results, table: dict[str, dict[str, Any]]) -> None:
    units = 12
    text = "".join(f"{len(name)}:{name}" for name in ("0", "bootstrap", str(units)))
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")
    stream = np.random.Generator(np.random.PCG64(seed))
    drawn = np.concatenate([stream.integers(units, size=(1000, units)) for _ in range(10)])
    means = {name: found["utility"][drawn].mean(axis=1) for name, found in table.items()}
    greatest = np.max(list(means.values()), axis=0)
    tail = math.erfc(math.sqrt(units / (units - 1)) * STUDENT / math.sqrt(2)) / 2
    order = sorted(table, key=lambda name: -table[name]["utility"].mean())
    assert [one.strategy for one in results.standings.standings] == order
    for one in results.standings.standings:
        found = table[one.strategy]
        assert one.mean_utility == pytest.approx(found["utility"].mean(), abs=1e-9)
        low, high = np.quantile(means[one.strategy], [tail, 1 - tail])
        assert (one.low, one.high) == pytest.approx((low, high), abs=1e-8)
        best = np.mean(means[one.strategy] >= greatest - 1e-12)
        assert one.best == pytest.approx(best, abs=1e-3)
        assert one.agreement_rate == pytest.approx(found["agreed"].mean(), abs=1e-9)
        assert one.nash_distance == pytest.approx(found["distance"].mean(), abs=1e-9)


def test_bca_intervals(results: Results, table: dict[str, dict[str, Any]]) -> None:
    scipy = pytest.importorskip("scipy.stats")
    level = 1 - 2 * scipy.norm.cdf(-math.sqrt(12 / 11) * STUDENT)
    for one in results.standings.standings:
        found = scipy.bootstrap(
            (table[one.strategy]["utility"],),
            np.mean,
            confidence_level=level,
            n_resamples=20_000,
            method="BCa",
            rng=np.random.default_rng(1),
        ).confidence_interval
        assert one.bca == pytest.approx((found.low, found.high), abs=0.006)


def test_which_differences_and_ranks_are_earned(
    results: Results, table: dict[str, dict[str, Any]]
) -> None:
    order = [one.strategy for one in results.standings.standings]
    signs = np.array(list(product((1, -1), repeat=12)))
    p = {}
    for one, other in combinations(order, 2):
        gaps = table[one]["utility"] - table[other]["utility"]
        p[one, other] = np.mean(np.abs(signs @ gaps) >= abs(gaps.sum()) - 1e-12)
    adjusted, greatest = {}, 0.0
    for place, pair in enumerate(sorted(p, key=lambda pair: p[pair])):
        greatest = max(greatest, min(1, (len(p) - place) * p[pair]))
        adjusted[pair] = greatest
    board = results.standings
    for pair in board.pairs:
        assert pair.p == pytest.approx(p[pair.one, pair.other])
        assert pair.adjusted == pytest.approx(adjusted[pair.one, pair.other])
        assert pair.earned == (adjusted[pair.one, pair.other] <= 0.05)
        gaps = table[pair.one]["utility"] - table[pair.other]["utility"]
        assert pair.mean == pytest.approx(gaps.mean(), abs=1e-9)
    assert len(board.pairs) == 6
    assert any(pair.earned for pair in board.pairs)
    for one in board.standings:
        ahead = sum(adjusted[pair] <= 0.05 for pair in p if pair[1] == one.strategy)
        behind = sum(adjusted[pair] <= 0.05 for pair in p if pair[0] == one.strategy)
        assert one.ranks == (1 + ahead, 4 - behind)
