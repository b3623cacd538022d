"""The reference tournament that the library keeps is what its strategies play today."""

from __future__ import annotations

import pytest

from negotiate import registry
from negotiate.arena.play import Kit, Player
from negotiate.arena.reference import COMMAND, SCENARIOS, reference, tournament
from negotiate.arena.watchdog import Guard, Limits
from negotiate.domain import Scenario

STALE = (
    f"the moves of a strategy have changed; run `{COMMAND}` and commit the file that it writes"
)
PLAYED = 40


def quick() -> list[int]:
    """Places in the sample, leaving out the two largest scenarios."""
    small = [
        i for i, one in enumerate(reference()["sample"]) if one["scenario"] in SCENARIOS[2:]
    ]
    return small[:PLAYED]


@pytest.mark.parametrize("place", quick())
def test_a_negotiation_of_the_sample_goes_as_it_went(place: int) -> None:
    one = reference()["sample"][place]
    whole = tournament(sorted(set(one["seats"])))
    (cell,) = [
        c for c in whole.cells if (c.scenario, list(c.seats)) == (one["scenario"], one["seats"])
    ]
    assert cell.key == one["key"], STALE
    (scenario,) = [s for s in whole.loaded if s.name == cell.scenario]
    assert isinstance(scenario, Scenario)
    limits = Limits()
    player = Player(
        Kit(whole.rules, {s.id: s for s in whole.specs}, whole.seed, limits), scenario
    )
    with Guard(limits) as guard:
        assert player.row(cell, player.match(cell, guard), False).digest == one["digest"], STALE


def test_the_sample_meets_many_strategies() -> None:
    seen = {seat for place in quick() for seat in reference()["sample"][place]["seats"]}
    assert len(seen) > 20


def test_all_of_it_is_of_strategies_that_are_registered() -> None:
    found = reference()
    assert set(found["standings"]) <= set(found["checked"]) <= set(registry.STRATEGIES)


def test_no_check_had_a_finding() -> None:
    assert [n for n, facts in reference()["checked"].items() if facts["findings"]] == []


def test_ranks_follow_the_means() -> None:
    rows = sorted(reference()["standings"].values(), key=lambda row: row["rank"])
    means = [row["mean_utility"] for row in rows]
    assert means == sorted(means, reverse=True)
    assert all(row["low"] <= row["mean_utility"] <= row["high"] for row in rows)
