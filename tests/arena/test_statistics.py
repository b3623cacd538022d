from __future__ import annotations

import json
import sqlite3
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.arena.results import FAILED
from negotiate.arena.statistics import Columns, by_scenario, leaderboard, payoff_matrix
from negotiate.errors import ArenaError
from tests.arena.conftest import played, scenario, three

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.arena import Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenarios = [scenario(f"s{i}", (10 - i, i, 3), floor=i) for i in range(5)]
    strategies = ("genius-boulware", "genius-conceder", "random", "micro")
    return played(
        tmp_path_factory.mktemp("run"), [*scenarios, three("t")], strategies, repetitions=2
    )


def observations(folder: Path) -> list[tuple[Any, ...]]:
    """(scenario, strategy, rivals, utility, agreed, distance) of every seat that counts."""
    base = sqlite3.connect(folder / "results.sqlite")
    found = []
    for name, seats, utilities, outcome, reason, fault, distance in base.execute(
        "SELECT scenario, seats, utilities, outcome, reason, fault, nash_distance FROM cells"
    ):
        who = json.loads(seats)
        for i, utility in enumerate(json.loads(utilities)):
            if reason not in FAILED or fault == i:
                others = who[:i] + who[i + 1 :]
                found.append((name, who[i], others, utility, outcome is not None, distance))
    base.close()
    return found


def test_the_payoff_matrix_is_what_a_few_lines_compute_from_the_store(results: Results) -> None:
    seen = observations(results.folder)
    scenarios = sorted({one[0] for one in seen})
    matrix = results.payoffs
    for i, row in enumerate(matrix.strategies):
        for j, column in enumerate(matrix.strategies):
            per_scenario, count = [], 0
            for name in scenarios:
                values = [
                    one[3] / 1e9
                    for one in seen
                    if one[0] == name and one[1] == row
                    for other in one[2]
                    if other == column
                ]
                per_scenario.append(np.mean(values))
                count += len(values)
            assert matrix.mean[i, j] == pytest.approx(np.mean(per_scenario))
            error = np.std(per_scenario, ddof=1) / np.sqrt(len(scenarios))
            assert matrix.error[i, j] == pytest.approx(error)
            assert matrix.count[i, j] == count


def columns(
    scenarios: int,
    rows: list[tuple[int, int, int, int, int]],
    *,
    strategies: int = 3,
    **more: Any,
) -> Columns:
    """Bilateral cells of (scenario, seat 0, seat 1, utility 0, utility 1)."""
    size = len(rows)
    return Columns(
        strategies=tuple("abcdef"[:strategies]),
        scenarios=tuple(f"s{i}" for i in range(scenarios)),
        scenario=np.array([row[0] for row in rows], dtype=np.int64),
        repetition=np.array(more.get("repetition", [0] * size), dtype=np.int64),
        seats=np.array([row[1:3] for row in rows], dtype=np.int64),
        utilities=np.array([row[3:5] for row in rows], dtype=np.int64),
        agreed=np.ones(size, dtype=np.bool_),
        spoilt=np.array(more.get("spoilt", [False] * size), dtype=np.bool_),
        fault=np.array(more.get("fault", [-1] * size), dtype=np.int64),
        nash_distance=np.array(more.get("distance", [0.0] * size), dtype=np.float64),
    )


UNIT = 10**9


def test_the_innocent_do_not_pay_for_the_rivals_failure() -> None:
    rows = [(0, 0, 1, UNIT // 2, UNIT // 2), (1, 0, 1, UNIT // 2, UNIT // 2), (0, 2, 0, 0, 0)]
    board = leaderboard(columns(2, rows, spoilt=[False, False, True], fault=[-1, -1, 0]), 0)
    found = {one.strategy: (one.mean_utility, one.observations) for one in board.standings}
    assert found == {"a": (0.5, 2), "b": (0.5, 2), "c": (0.0, 1)}


def test_a_failure_of_nobody_known_counts_for_nobody() -> None:
    rows = [(0, 0, 1, UNIT, UNIT), (0, 2, 0, 0, 0)]
    board = leaderboard(columns(1, rows, spoilt=[False, True], fault=[-1, -1]), 0)
    last = board.standings[-1]
    assert (last.strategy, last.mean_utility, last.low, last.observations) == (
        "c",
        None,
        None,
        0,
    )


def test_with_one_scenario_rivals_are_drawn_and_the_board_says_so() -> None:
    rows = [(0, i, j, UNIT * i // 4, UNIT * j // 4) for i in range(3) for j in range(3)]
    board = leaderboard(columns(1, rows), 0)
    assert (board.unit, board.units) == ("rival", 3)
    assert "say nothing of other scenarios" in board.note
    assert all(one.low is not None and one.high is not None for one in board.standings)


def test_with_one_strategy_repetitions_are_drawn() -> None:
    rows = [(0, 0, 0, UNIT // 2, UNIT // 4), (0, 0, 0, UNIT, UNIT // 4)]
    board = leaderboard(columns(1, rows, strategies=1, repetition=[0, 1]), 0)
    assert (board.unit, board.units) == ("repetition", 2)
    mean, half = 0.5, 12.706204736 * 0.125  # Student's interval of 0.375 and 0.625
    assert board.standings[0].low == pytest.approx(mean - half)
    assert board.standings[0].high == pytest.approx(mean + half)


def test_no_interval_is_made_up() -> None:
    board = leaderboard(columns(1, [(0, 0, 0, UNIT, UNIT)], strategies=1), 0)
    only = board.standings[0]
    assert (board.unit, only.mean_utility, only.low, only.high) == (None, 1.0, None, None)
    assert board.note.startswith("no interval")


def test_few_scenarios_are_told() -> None:
    rows = [(i, 0, 0, UNIT, UNIT) for i in range(2)]
    assert (
        "from only 2 scenarios no interval"
        in leaderboard(columns(2, rows, strategies=1), 0).note
    )
    rows = [(i, 0, 0, UNIT, UNIT) for i in range(6)]
    assert "only 6 scenarios are rough" in leaderboard(columns(6, rows, strategies=1), 0).note


def test_scenarios_weigh_alike_however_many_cells_they_have() -> None:
    rows = [(0, 0, 0, UNIT, UNIT)] + [(1, 0, 0, 0, 0)] * 9
    board = leaderboard(columns(2, rows, strategies=1), 0)
    assert board.standings[0].mean_utility == 0.5


def test_equal_means_share_the_rank_and_the_chance_of_being_best() -> None:
    rows = [(i, 0, 1, UNIT // 2, UNIT // 2) for i in range(3)]
    first, second = leaderboard(columns(3, rows, strategies=2), 0).standings
    assert (first.rank, second.rank) == (1, 1)
    assert (first.best, second.best) == (0.5, 0.5)


units = st.integers(0, UNIT)
cells = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2), units, units),
    min_size=4,
    max_size=24,
)


@settings(max_examples=40, deadline=None)
@given(cells, st.randoms(use_true_random=False))
def test_the_order_of_the_cells_changes_no_bit(
    rows: list[tuple[int, int, int, int, int]], chance: Any
) -> None:
    shuffled = rows[:]
    chance.shuffle(shuffled)
    assert leaderboard(columns(4, rows), 1, resamples=50) == leaderboard(
        columns(4, shuffled), 1, resamples=50
    )


@settings(max_examples=40, deadline=None)
@given(cells)
def test_means_are_exact_and_lie_in_their_intervals(
    rows: list[tuple[int, int, int, int, int]],
) -> None:
    board = leaderboard(columns(4, rows), 1, resamples=200)
    for one in board.standings:
        seats = [
            (row[0], row[3 + i])
            for row in rows
            for i in (0, 1)
            if "abc"[row[1 + i]] == one.strategy
        ]
        if not seats:
            assert one.mean_utility is None
            continue
        assert one.mean_utility is not None
        means = []
        for name in sorted({place for place, _ in seats}):
            inside = [utility for place, utility in seats if place == name]
            means.append(Fraction(sum(inside), len(inside) * UNIT))
        assert one.mean_utility == pytest.approx(float(sum(means) / len(means)), abs=2e-9)
        assert min(means) - 1e-8 <= one.mean_utility <= max(means) + 1e-8
    shares = [one.best for one in board.standings if one.best is not None]
    assert sum(shares) == pytest.approx(1, abs=1e-6)


def test_adding_a_strategy_moves_no_interval_of_the_others() -> None:
    rows = [(i, 0, 0, UNIT * i // 9, UNIT // 3) for i in range(9)]
    more = [*rows, *((i, 1, 1, UNIT, UNIT) for i in range(9))]
    before = leaderboard(columns(9, rows, strategies=1), 0).standings[0]
    after = leaderboard(columns(9, more, strategies=2), 0).standings[1]
    assert (before.mean_utility, before.low, before.high) == (
        after.mean_utility, after.low, after.high
    )  # fmt: skip


def test_the_mean_is_the_plain_one_where_failures_are_left_out_of_a_single_scenario() -> None:
    """Against b two observations count, against c one: each observation weighs the same, not each rival."""
    rows = [(0, 0, 1, UNIT, 0), (0, 0, 1, UNIT, 0), (0, 0, 2, 0, 0), (0, 0, 2, 0, 0)]
    some = columns(1, rows, spoilt=[False] * 3 + [True], fault=[-1] * 3 + [1])
    (first,) = [one for one in leaderboard(some, 0).standings if one.strategy == "a"]
    assert first.mean_utility == pytest.approx(2 / 3)
    assert first.mean_utility == pytest.approx(by_scenario(some)[0, 0])


def test_a_level_that_is_none_is_told() -> None:
    with pytest.raises(ArenaError, match="a level of 1"):
        leaderboard(columns(1, [(0, 0, 0, 0, 0)]), 0, level=1.0)


def test_pairs_that_never_met_have_no_payoff() -> None:
    matrix = payoff_matrix(columns(2, [(0, 0, 1, UNIT, 0), (1, 0, 1, 0, 0)]))
    assert matrix.mean[0, 1] == 0.5
    assert matrix.error[0, 1] == pytest.approx(0.5)
    assert np.isnan(matrix.mean[2, 0])
    assert matrix.count.tolist() == [[0, 2, 0], [2, 0, 0], [0, 0, 0]]
