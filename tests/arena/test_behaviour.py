"""How strategies move, against cases worked by hand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.arena.behaviour import (
    STEPS,
    TIMES,
    behaviour,
    concession_rate,
    demands,
    step,
    steps,
)
from negotiate.arena.watched import Watched, of_run
from tests.arena.conftest import played, scenario, three
from tests.arena.test_quality import worked

if TYPE_CHECKING:
    from pathlib import Path

UNIT = 10**9


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [
        (1, 1, "fortunate"), (1, 0, "selfish"), (1, -1, "selfish"),
        (-1, 1, "concession"), (-1, 0, "concession"), (-1, -1, "unfortunate"),
        (0, -1, "unfortunate"), (0, 1, "nice"), (0, 0, "silent"),
    ],
)  # fmt: skip
def test_every_step_has_its_class(own: int, others: int, expected: str) -> None:
    assert step(own, others) == expected


offers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=12)


@given(offers)
def test_steps_are_one_fewer_than_offers_and_turn_round_for_the_way_back(
    made: list[tuple[int, int]],
) -> None:
    own, others = [a for a, _ in made], [b for _, b in made]
    found = steps(own, others)
    assert found.total() == max(len(made) - 1, 0)
    assert set(found) <= set(STEPS)
    back = steps(own[::-1], others[::-1])
    assert back["silent"] == found["silent"]
    assert back["fortunate"] <= found["unfortunate"]


def test_the_concession_rate_is_the_share_of_the_way_down() -> None:
    assert concession_rate([100, 90, 70, 80], best=100, yielded=40) == 0.5
    assert concession_rate([100], best=100, yielded=40) == 0
    assert concession_rate([20], best=100, yielded=40) == 1
    assert concession_rate([], best=100, yielded=40) is None
    assert concession_rate([100], best=100, yielded=100) is None


def test_a_demand_is_that_of_the_latest_offer() -> None:
    found = demands([(0.2, UNIT), (0.55, UNIT // 2)])
    assert found[0] != found[0]
    assert found[1:] == [1.0] * 4 + [0.5] * 5
    assert len(found) == len(TIMES)


def test_a_session_worked_by_hand() -> None:
    """Role a offers v, w, x, x, z, y; worth 1, .8, .6, .6, .5, .3 to it and .1, .6, .7, .7, .5, 1 to the other."""
    line = tuple((k / 10, (place,)) for k, place in enumerate((0, 1, 2, 2, 4, 3), 1))
    (found,) = behaviour([Watched(worked(), 0, "one", line)])
    shares = {name: estimate.mean for name, estimate in found.steps.items()}
    assert shares == {
        "concession": 0.6, "silent": 0.2, "unfortunate": 0.2, "fortunate": 0, "selfish": 0, "nice": 0
    }  # fmt: skip
    assert found.sensitivity == pytest.approx(0.6 / 0.4)
    assert found.concession_rate.mean == 1  # down to y, which the other likes best
    expected = [1, 0.8, 0.6, 0.6, 0.5, 0.3, 0.3, 0.3, 0.3, 0.3]
    assert [one.mean for one in found.demands] == pytest.approx(expected)
    assert found.sessions == 1


def test_several_others_count_together() -> None:
    played_by = three("t")
    line = ((0.1, (0, 0)), (0.2, (0, 1)))
    own = [[p.utility(outcome) for p in played_by.preferences] for _, outcome in line]
    (found,) = behaviour([Watched(played_by, 1, "one", line)])
    changes = [b - a for a, b in zip(*own, strict=True)]
    assert found.steps[step(changes[1], changes[0] + changes[2])].mean == 1


def test_scenarios_weigh_alike_however_many_sessions_they_have() -> None:
    one, other = scenario("one"), scenario("other")
    still = ((0.1, (0, 0)), (0.2, (0, 0)))
    moved = ((0.1, (0, 0)), (0.2, (5, 0)))
    sessions = [Watched(one, 0, "s", still)] * 5 + [Watched(other, 0, "s", moved)]
    (found,) = behaviour(sessions)
    assert found.steps["silent"].mean == 0.5
    assert found.sessions == 6


def test_of_a_run_the_kept_moves_are_enough(tmp_path: Path) -> None:
    results = played(
        tmp_path, [scenario("one"), scenario("other")], ("genius-linear", "random")
    )
    watched = list(of_run(results, kept=True))
    assert Counter(one.strategy for one in watched).total() == 2 * len(results.traced)
    found = {one.strategy: one for one in behaviour(watched)}
    assert found["genius-linear"].steps["selfish"].mean == 0  # it never asks for more
    assert (found["random"].steps["selfish"].mean or 0) > 0
    falling = [one.mean for one in found["genius-linear"].demands if one.mean is not None]
    assert falling == sorted(falling, reverse=True)
