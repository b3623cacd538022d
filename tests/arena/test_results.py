from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from negotiate import registry
from negotiate.arena import Results
from negotiate.arena.replay import restored, rules_of
from negotiate.domain import Scenario, load
from negotiate.errors import ArenaError
from negotiate.registry import Spec
from negotiate.strategies.time_dependent import TimeDependent
from tests.arena.conftest import STRATEGIES, played, scenario, sha, three

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run")
    played(path, [load("milk"), scenario("one"), three("three")], STRATEGIES, repetitions=2)
    return path


@pytest.fixture
def results(folder: Path) -> Results:
    return Results(folder)


def test_the_description_says_what_was_played(results: Results) -> None:
    about = results.description
    assert about["rules"]["parameters"]["rounds"] == 20
    assert (about["seed"], about["repetitions"], about["self_play"]) == (0, 2, True)
    assert [entry["id"] for entry in about["strategies"]] == sorted(STRATEGIES)
    milk = results.about("milk")
    assert (milk["source"], milk["title"], milk["outcomes"]) == (
        "milk",
        "Milk for a fridge",
        24,
    )
    assert [role["name"] for role in milk["roles"]] == ["buyer", "seller"]
    assert milk["solutions"]["nash"]["utilities"] == [670_000_000, 600_000_000]
    assert results.scenarios == ("milk", "one", "three")


def test_a_scenario_comes_back_as_it_was_played(results: Results) -> None:
    for name in results.scenarios:
        assert results.scenario(name).digest == results.about(name)["digest"]
    with pytest.raises(ArenaError, match="no scenario 'x'"):
        results.scenario("x")


def test_every_cell_replays_to_the_same_moves(results: Results) -> None:
    for row in results.rows:
        match = results.replay(row.key)
        assert match.utilities == row.utilities
        assert match.rounds == row.rounds


def test_kept_moves_are_those_of_the_replay(results: Results) -> None:
    assert len(results.traced) == 18
    for key in results.traced:
        moves = results.moves(key)
        match = results.replay(key[:12])
        assert moves == [(t.round, t.party, t.kind, t.outcome) for t in match.moves]
        text = json.dumps(moves, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == results.row(key).digest
    assert results.moves("no such key") is None


def test_a_replay_that_differs_is_told(results: Results) -> None:
    class Another(TimeDependent):
        def target(self, time: float) -> float:
            return float(self.high)

    row = next(row for row in results if row.seats == ("genius-conceder", "random"))
    with pytest.raises(ArenaError, match="ended otherwise"):
        results.replay(row.key, [Spec("genius-conceder", Another)])
    Another.version = 2
    with pytest.raises(ArenaError, match="has version 2 now and had 1"):
        results.replay(row.key, [Spec("genius-conceder", Another)])


def test_a_key_that_is_not_one(results: Results) -> None:
    with pytest.raises(ArenaError, match="begins with ''"):
        results.row("")
    with pytest.raises(ArenaError, match="0 cells"):
        results.replay("xyz")


def test_the_summary_is_what_the_command_line_prints(results: Results) -> None:
    summary = results.summary()
    assert list(summary) == [
        "cells", "played", "failed", "seconds", "ranking", "lead", "note"
    ]  # fmt: skip
    assert (summary["cells"], summary["failed"]) == (len(results), 0)
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    ranking = summary["ranking"]
    assert isinstance(ranking, list)
    assert list(ranking[0]) == [
        "strategy", "mean_utility", "low", "high", "agreement_rate", "nash_distance",
        "ranks", "best", "bca",
    ]  # fmt: skip


def test_csv_has_a_line_for_each_cell(results: Results) -> None:
    stream = io.StringIO()
    results.write_csv(stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue())))
    assert len(rows) == len(results)
    first, row = rows[0], results.rows[0]
    assert (first["key"], first["seat_0"]) == (row.key, row.seats[0])
    assert [int(first[f"units_{i}"]) for i in range(len(row.seats))] == list(row.utilities)
    assert {"seat_2", "advantage_2"} <= set(first)


def test_csv_holds_no_formula(tmp_path: Path) -> None:
    evil = scenario("=1+1")
    results = played(tmp_path, [evil], [Spec("@SUM(A1)", TimeDependent)])
    stream = io.StringIO()
    results.write_csv(stream)
    line = next(csv.DictReader(io.StringIO(stream.getvalue())))
    assert (line["scenario"], line["seat_0"]) == ("'=1+1", "'@SUM(A1)")


def test_the_digest_of_the_rows_does_not_depend_on_the_file(
    folder: Path, results: Results, tmp_path: Path
) -> None:
    copy = sqlite3.connect(tmp_path / "results.sqlite")
    source = sqlite3.connect(folder / "results.sqlite")
    source.backup(copy)
    source.close()
    copy.execute("PRAGMA page_size = 8192")
    copy.execute("VACUUM")
    copy.close()
    assert sha(folder) != sha(tmp_path)
    assert Results(tmp_path).digest() == results.digest()


def test_a_file_that_moved_away_is_not_needed(tmp_path: Path, files: list[str]) -> None:
    results = played(tmp_path / "out", files)
    for file in files:
        (tmp_path / file).unlink()
    again = Results(results.folder)
    assert isinstance(again.scenario("one"), Scenario)
    assert again.replay(again.rows[0].key).utilities == again.rows[0].utilities


def test_seeds_common_to_all_pairs_show_in_the_play(results: Results) -> None:
    """Whoever it meets, the random strategy opens with the same offer in the same seat and repetition."""
    opened: dict[int, set[object]] = {}
    for row in results:
        if row.scenario == "one" and row.seats[0] == "random":
            opened.setdefault(row.repetition, set()).add(
                results.replay(row.key).moves[0].outcome
            )
    assert all(len(outcomes) == 1 for outcomes in opened.values())


def test_a_scenario_that_cannot_be_had_as_it_was_is_told(results: Results) -> None:
    about = dict(results.about("milk"))
    assert restored({**about, "text": None}).name == "milk"
    with pytest.raises(ArenaError, match="is not what it was"):
        restored({**about, "digest": "0"})
    with pytest.raises(ArenaError, match="does not load"):
        restored({**about, "text": None, "source": "no/such/file"})


@pytest.mark.parametrize("name", ["no.such:Rules", "negotiate.moves:Offer", "negotiate.moves"])
def test_rules_that_cannot_be_had_are_told(name: str) -> None:
    with pytest.raises(ArenaError, match="do not load"):
        rules_of({"class": name, "parameters": {}})


def test_a_scenario_too_large_for_the_store_is_found_where_it_came_from(
    results: Results, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: list[str]
) -> None:
    monkeypatch.setattr("negotiate.arena.description._TEXT", 10)
    again = played(tmp_path / "out", files)
    assert again.about("one")["text"] is None
    assert again.scenario("one").digest == results.about("one")["digest"]


def test_names_of_the_registry_are_found_again(results: Results) -> None:
    assert {registry.strategy(name).id for name in results.strategies} == set(STRATEGIES)
