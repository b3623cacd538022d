"""Two runs compared."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from statistics import fmean

import pytest

from negotiate.arena import Results, Tournament, run
from negotiate.arena.comparison import compare
from negotiate.cli.app import run as nego
from negotiate.errors import ArenaError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec, strategy
from tests.arena.conftest import scenario

PLACES = [scenario(f"s{i}", (10, i, 0), floor=i) for i in range(1, 6)]
RIVALS = ("genius-linear", "random")


def played(folder: Path, mine: Spec | str, *, scenarios: int = 5, rounds: int = 20) -> Results:
    plan = Tournament(
        PLACES[:scenarios], [mine, *RIVALS], AlternatingOffers(rounds=rounds), repetitions=2
    )
    return run(plan, folder, workers=0)


def mine(name: str) -> Spec:
    """A strategy of that name's kind, under a name of my own."""
    found = strategy(name)
    return Spec("mine", found.cls, found.parameters)


def test_a_run_equals_itself(tmp_path: Path) -> None:
    one = played(tmp_path / "a", mine("genius-boulware"))
    two = played(tmp_path / "b", mine("genius-boulware"))
    found = compare(one, two)
    assert found.differences == ()
    assert (found.equal, found.different) == (len(one), 0)
    assert (found.only_first, found.only_second) == (0, 0)
    assert found.note == "5 scenarios in common: the intervals are rough"
    assert {change.verdict for change in found.changes} == {"same"}


def test_what_a_change_of_my_strategy_brings(tmp_path: Path) -> None:
    """The differences, recomputed in a few lines; and cells without it are move for move alike."""
    before = played(tmp_path / "a", mine("genius-conceder"))
    after = played(tmp_path / "b", mine("genius-boulware"))
    found = compare(before, after)
    assert [(one.what, one.first, one.second) for one in found.differences] == [
        ("strategies.mine.parameters.e", 2.0, 0.2)
    ]
    without = sum("mine" not in row.seats for row in before)
    assert found.equal >= without
    assert found.equal + found.different == len(before) == len(after)
    means = []
    for place in before.scenarios:
        got = [
            [
                Fraction(utility, 10**9)
                for row in sorted(run, key=lambda row: (row.seats, row.repetition))
                if row.scenario == place
                for seat, utility in zip(row.seats, row.utilities, strict=True)
                if seat == "mine"
            ]
            for run in (before, after)
        ]
        means.append(fmean(b - a for a, b in zip(*got, strict=True)))
    own = next(change for change in found.changes if change.strategy == "mine")
    assert own.difference == pytest.approx(fmean(means), abs=2e-9)
    assert own.difference == pytest.approx(own.second - own.first, abs=2e-9)
    assert own.low is not None
    assert own.high is not None
    assert min(means) <= own.low <= own.difference <= own.high <= max(means)
    assert own.verdict == ("better" if own.low > 0 else "worse" if own.high < 0 else "unclear")


@pytest.mark.usefixtures("rogues")
def test_who_no_longer_fails_does_better(tmp_path: Path) -> None:
    before, after = (
        played(tmp_path / name, mine(name)) for name in ("rogues:Raises", "genius-linear")
    )
    (own,) = (one for one in compare(before, after).changes if one.strategy == "mine")
    assert own.verdict == "better"


def test_the_other_way_round_the_signs_change(tmp_path: Path) -> None:
    before = played(tmp_path / "a", mine("genius-conceder"))
    after = played(tmp_path / "b", mine("genius-boulware"))
    there, back = compare(before, after), compare(after, before)
    for one, other in zip(there.changes, back.changes, strict=True):
        assert one.difference == -other.difference
        assert {one.verdict, other.verdict} in ({"better", "worse"}, {"unclear"}, {"same"})


def test_a_strategy_that_got_another_name(tmp_path: Path) -> None:
    before = played(tmp_path / "a", "time_dependent[e=2.0]")
    after = played(tmp_path / "b", "time_dependent[e=0.2]")
    assert "time_dependent[e=0.2]" not in {
        one.strategy for one in compare(before, after).changes
    }
    found = compare(before, after, renamed={"time_dependent[e=2.0]": "time_dependent[e=0.2]"})
    assert (found.only_first, found.only_second) == (0, 0)
    assert found.changes[-1].strategy == "time_dependent[e=0.2]"
    with pytest.raises(ArenaError, match="no strategy 'x' in the first run"):
        compare(before, after, renamed={"x": "random"})
    with pytest.raises(ArenaError, match="the same name"):
        compare(before, after, renamed={"time_dependent[e=2.0]": "random"})


def test_cells_of_one_run_only_are_counted_and_the_rules_told(tmp_path: Path) -> None:
    before = played(tmp_path / "a", mine("genius-linear"), scenarios=1)
    after = played(tmp_path / "b", mine("genius-linear"), scenarios=2, rounds=30)
    found = compare(before, after)
    assert (found.only_first, found.only_second) == (0, len(after) - len(before))
    assert {one.what for one in found.differences} == {
        "rules.parameters.rounds", "scenarios.s2",
    }  # fmt: skip
    assert found.note == "one scenario in common: no interval; the rules differ, too"
    assert all(one.low is None and one.verdict == "unclear" for one in found.changes)


def test_a_scenario_that_changed_under_its_name_is_not_in_common(tmp_path: Path) -> None:
    plans = [Tournament([scenario("s", (10, 4, 0), floor=floor)], RIVALS) for floor in (1, 2)]
    one, two = (run(plan, tmp_path / str(i), workers=0) for i, plan in enumerate(plans))
    found = compare(one, two)
    assert (found.equal, found.different, found.changes) == (0, 0, ())
    assert found.note == "no cells in common: nothing can be compared"


@pytest.mark.usefixtures("rogues")
def test_what_a_rivals_failure_ended_does_not_count(tmp_path: Path) -> None:
    runs = [
        run(Tournament(PLACES[:2], ["random", Spec("mine", strategy(name).cls)]), tmp_path / name, workers=0)
        for name in ("micro", "rogues:Raises")
    ]  # fmt: skip
    found = {one.strategy: one for one in compare(*runs).changes}
    assert found["random"].difference == 0  # only its games against itself count in both
    assert found["mine"].second == pytest.approx(fmean([0.1, 0.2]))  # reservation values


def test_the_command_line_tells_people_and_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a, b = str(tmp_path / "a"), str(tmp_path / "b")
    played(Path(a), "genius-conceder")
    played(Path(b), "genius-boulware")
    names = ["--renamed", "genius-conceder", "genius-boulware"]
    assert nego(["compare", a, b, *names]) == 0
    text = capsys.readouterr().out
    assert "negotiations in common: 90" in text
    assert re.search(r"genius-boulware +0\.\d{4} +0\.\d{4} .*(better|worse|unclear)", text)
    assert nego(["compare", a, b, *names, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["differences", "cells", "scenarios", "strategies", "note"]
    assert told["cells"]["equal"] + told["cells"]["different"] == 90
    assert nego(["compare", a, b, "--renamed", "micro"]) == 2
    assert "'micro' has no other name" in capsys.readouterr().err
