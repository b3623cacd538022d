from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate import registry
from negotiate.arena import Tournament
from negotiate.arena.cells import ENGINE, assignments, seed_of
from negotiate.errors import ArenaError, UnknownName
from negotiate.registry import Spec
from negotiate.strategies.time_dependent import TimeDependent
from tests.arena.conftest import scenario, three, tournament

if TYPE_CHECKING:
    from negotiate.domain import Scenario

names = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6, unique=True)


def test_a_key_is_the_hash_of_four_lines_that_anybody_can_write(
    two: tuple[Scenario, ...],
) -> None:
    plan = tournament(two, ("time_dependent[e=0.5]", "random"), seed=7, repetitions=2)
    cell = plan.cells[-1]
    played = next(one for one in two if one.name == cell.scenario)
    rules = json.loads(plan.rules.model_dump_json())
    entrants = {
        "time_dependent[e=0.5]": ["time_dependent[e=0.5]", 1, {"e": 0.5}],
        "random": ["random", 1, {}],
    }
    lines = [
        [ENGINE, "AlternatingOffers", rules, 7],
        [cell.scenario, played.digest],
        [entrants[seat] for seat in cell.seats],
        cell.repetition,
    ]
    text = "\n".join(json.dumps(line, sort_keys=True, separators=(",", ":")) for line in lines)
    assert cell.key == hashlib.sha256(text.encode()).hexdigest()


def test_keys_are_distinct(two: tuple[Scenario, ...]) -> None:
    cells = tournament((*two, three("three")), repetitions=3).cells
    assert len({cell.key for cell in cells}) == len(cells)


@pytest.mark.parametrize("change", [{"seed": 1}, {"rules": 21}, {"floor": 4}, {"name": "x"}])
def test_whatever_can_change_the_play_changes_every_key(change: dict[str, object]) -> None:
    def keys(seed: int = 0, rules: int = 20, floor: int = 2, name: str = "one") -> set[str]:
        plan = tournament([scenario(name, floor=floor)], seed=seed)
        rules_ = plan.rules.model_copy(update={"rounds": rules})
        again = Tournament(plan.scenarios, plan.strategies, rules_, seed=seed)
        return {cell.key for cell in again.cells}

    assert keys().isdisjoint(keys(**change))  # type: ignore[arg-type]


def test_a_new_version_of_a_strategy_changes_its_own_cells_only() -> None:
    class Newer(TimeDependent):
        version = 2

    def by_seats(cls: type[TimeDependent]) -> dict[tuple[str, ...], str]:
        plan = tournament([scenario("one")], [Spec("mine", cls), "random"])
        return {cell.seats: cell.key for cell in plan.cells}

    old, new = by_seats(TimeDependent), by_seats(Newer)
    assert {seats for seats in old if old[seats] != new[seats]} == {
        seats for seats in old if "mine" in seats
    }


def test_seeds_are_common_to_all_pairs_and_differ_by_scenario_and_repetition() -> None:
    seeds = [
        seed_of(root, digest, r) for root in (0, 1) for digest in ("a", "b") for r in (0, 1)
    ]
    assert len(set(seeds)) == 8
    assert seed_of(0, "a", 1) == seed_of(0, "a", 1)


@given(names)
def test_two_roles_are_played_by_all_ordered_pairs(strategies: list[str]) -> None:
    found = list(assignments(strategies, 2))
    assert sorted(found) == sorted((a, b) for a in strategies for b in strategies)


@given(names, st.integers(2, 5))
def test_every_strategy_takes_every_seat_equally_often(
    strategies: list[str], roles: int
) -> None:
    found = list(assignments(strategies, roles))
    assert len(set(found)) == len(found)
    for seat in range(roles):
        assert len(set(Counter(seats[seat] for seats in found).values())) == 1


@given(names, st.sampled_from("ijk"), st.integers(2, 5))
def test_adding_a_strategy_keeps_all_assignments(
    strategies: list[str], another: str, roles: int
) -> None:
    before, after = assignments(strategies, roles), assignments([*strategies, another], roles)
    assert set(before) < set(after)


@given(names, st.integers(2, 5))
def test_without_self_play_nobody_sits_alone_at_the_table(
    strategies: list[str], roles: int
) -> None:
    left = set(assignments(strategies, roles)) - set(
        assignments(strategies, roles, self_play=False)
    )
    assert left == {(one,) * roles for one in strategies}


def test_the_order_of_the_arguments_does_not_matter(two: tuple[Scenario, ...]) -> None:
    assert (
        tournament(two, ("random", "micro")).cells
        == tournament(two[::-1], ("micro", "random")).cells
    )


def test_a_larger_tournament_samples_no_more_of_the_smaller_ones_cells(
    two: tuple[Scenario, ...],
) -> None:
    small = tournament(two, ("micro", "random"), repetitions=3)
    large = tournament(two, ("micro", "random", "genius-linear"), repetitions=5)
    inside = {cell.key for cell in small.cells}
    assert large.sampled & inside <= small.sampled
    assert len(large.sampled) == 12


@pytest.mark.parametrize(
    ("scenarios", "strategies", "says"),
    [
        ((), ("random",), "scenarios are"),
        ("milk", ("random",), "scenarios are 'milk'"),
        (("milk",), (), "strategies are"),
        (("milk",), (TimeDependent(),), "is not a strategy"),
        (
            ("milk",),
            (Spec("micro", TimeDependent), "micro"),
            "two strategies are called 'micro'",
        ),
        ((scenario("a"), scenario("a", floor=5)), ("random",), "two scenarios are called 'a'"),
    ],
)
def test_a_tournament_that_cannot_be_is_told(
    scenarios: object, strategies: object, says: str
) -> None:
    with pytest.raises(ArenaError, match=says):
        _ = tournament(scenarios, strategies).cells


def test_no_repetitions_are_told() -> None:
    with pytest.raises(ArenaError, match="0 repetitions"):
        tournament(("milk",), repetitions=0)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(UnknownName, match="did you mean 'micro'"):
        _ = tournament(("milk",), ("mikro",)).cells


def test_names_specs_and_classes_are_strategies() -> None:
    given = ("micro", registry.strategy("random"), TimeDependent)
    ids = [spec.id for spec in tournament(("milk",), given).specs]
    assert ids == ["micro", "negotiate.strategies.time_dependent:TimeDependent", "random"]
