"""``nego games``, ``nego generate`` and ``nego humans``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from negotiate.arena import Results
from negotiate.domain import load_all
from negotiate.domain.formats import save
from tests.arena.test_humans import GOOD, POOR, written
from tests.domain.test_generate import one

if TYPE_CHECKING:
    from tests.cli.conftest import Nego

PUBLISHED = Path(__file__).parents[3] / "shared" / "scenarios"
FEW = (
    "arena",
    "--rounds",
    "20",
    "--repetitions",
    "1",
    "--strategies",
    "genius-linear",
    "micro",
)


@pytest.fixture
def run(nego: Nego, tmp_path: Path) -> str:
    assert (
        nego("generate", str(tmp_path / "many"), "--count", "3", "--outcomes", "60").status == 0
    )
    assert (
        nego(*FEW, "--out", str(tmp_path / "run"), "--json", str(tmp_path / "many")).status == 0
    )
    return str(tmp_path / "run")


def test_a_run_is_analysed_as_a_game(nego: Nego, run: str) -> None:
    found = nego("games", run, "--json", "--resamples", "30").data
    assert found["strategies"] == ["genius-linear", "micro"]
    assert found["equilibria"][0]["mix"]
    assert found["bootstrap"]["samples"] == 30
    assert sum(basin["share"] for basin in found["basins"]) == pytest.approx(1)
    assert "seats" not in found


def test_people_read_equilibria_and_how_sure_they_are(
    nego: Nego, run: str, tmp_path: Path
) -> None:
    plot = tmp_path / "evolution.svg"
    done = nego(
        "games",
        run,
        "--resamples",
        "30",
        "--plot",
        str(plot),
        "--by",
        "moran",
        "--generations",
        "5",
    )
    assert done.status == 0, done.err
    assert "equilibrium: " in done.out
    assert "bootstrap tournaments" in done.out
    assert "replicator: " in done.out
    assert plot.read_text().startswith("<svg")


def test_the_game_of_two_seats_on_demand(nego: Nego, run: str) -> None:
    pytest.importorskip("nashpy")
    done = nego("games", run, "--seats", "--resamples", "0")
    assert done.status == 0, done.err
    assert "game of two seats" in done.out
    assert nego("games", run, "--seats", "--json").data["seats"]["equilibria"]


def test_a_run_of_auctions_is_no_game_of_two(nego: Nego, tmp_path: Path) -> None:
    words = ("--protocol", "sealed-bid[price=second]", "--strategies", "truthful")
    done = nego(
        "arena", "private-uniform", *words, "--repetitions", "2", "--out", str(tmp_path)
    )
    assert done.status == 0, done.err
    assert nego("games", str(tmp_path)).err.startswith("error[games]: this run is of auctions")


def test_generated_files_are_scenarios_as_asked_for(nego: Nego, tmp_path: Path) -> None:
    words = (
        "generate",
        str(tmp_path),
        "--count",
        "4",
        "--outcomes",
        "100",
        "--opposition",
        "0.4",
    )
    found = nego(*words, "--reservation", "0.1", "0.2", "--discount", "0.9", "--json").data
    assert len(found["files"]) == 4
    scenarios = load_all(tmp_path)
    assert [s.domain.size for s in scenarios] == [100] * 4
    assert {str(own.discount) for s in scenarios for own in s.preferences} == {"9/10"}
    before = [Path(file).read_bytes() for file in found["files"]]
    nego(*words, "--reservation", "0.1", "0.2", "--discount", "0.9")
    assert before == [Path(file).read_bytes() for file in found["files"]]


@pytest.mark.parametrize(
    "words",
    [
        ("--opposition", "0.99"),
        ("--outcomes", "997", "--issues", "3"),
        ("--kinds", "colour"),
        ("--reservation", "0", "0.1", "0.2"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_generated_is_told_in_one_line(
    nego: Nego, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = nego("generate", str(tmp_path / "none"), *words)
    assert done.status == 2
    assert done.err.startswith("error[")
    assert not (tmp_path / "none").exists()


def test_a_folder_that_cannot_be_made_is_told(nego: Nego, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert nego("generate", str(tmp_path / "file")).err.startswith("error[folder]")


def test_a_tournament_over_a_folder_of_several_formats(nego: Nego, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    for name in ("ours", "talks", "log"):
        (mixed / name).mkdir(parents=True)
    save(one(seed=7), mixed / "ours" / "ours.toml")
    written(mixed / "talks", GOOD, POOR)
    for name, issues in (("A", {"a": {"x": 1, "y": 0.2}}), ("B", {"a": {"x": 0.1, "y": 1}})):
        profile = {"reservationValue": 0, "issueWeights": {"a": 1}, "issues": issues}
        (mixed / "log" / f"profile{name}.json").write_text(json.dumps(profile))
    done = nego(*FEW, "--json", "--out", str(tmp_path / "run"), str(mixed))
    assert done.status == 0, done.err
    assert done.data["cells"] == 4 * 4
    assert Results(tmp_path / "run").scenarios == (
        "log",
        "ours",
        "talks-dialogue-1",
        "talks-dialogue-2",
    )


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published scenarios are not here")
def test_a_tournament_over_published_files_of_three_formats(nego: Nego, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    for kind, name in (("genius", "Laptop"), ("geniusweb", "domain00"), ("negolog", "domain1")):
        shutil.copytree(PUBLISHED / kind / name, mixed / kind)
    done = nego(*FEW, "--json", "--out", str(tmp_path / "run"), str(mixed))
    assert done.status == 0, done.err
    assert done.data["cells"] == 3 * 4
    assert done.data["failed"] == 0


def test_strategies_are_set_beside_people(nego: Nego, tmp_path: Path) -> None:
    file = str(written(tmp_path, GOOD, POOR))
    found = nego("humans", file, "--strategies", "micro", "--rounds", "20", "--json").data
    assert [row["who"] for row in found["rows"]] == ["people", "micro"]
    assert found["dialogues"] == 2
    done = nego("humans", file, "--strategies", "micro", "--rounds", "20")
    assert "Pareto-optimal" in done.out
    assert nego("humans", str(tmp_path / "none")).status == 2
