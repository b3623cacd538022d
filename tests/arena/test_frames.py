"""Results as typed columns: the Arrow interface, pandas, Parquet and CSV."""

from __future__ import annotations

import csv
import json
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.arena import Results, frames
from negotiate.arena.results import Record
from negotiate.cli.app import run as nego
from negotiate.errors import ArenaError
from tests.arena.conftest import STRATEGIES, played, scenario, three

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("rogues")

TYPES = {
    "key": "VARCHAR", "scenario": "VARCHAR", "repetition": "BIGINT",
    "seats": "VARCHAR[]", "seat_0": "VARCHAR", "seat_1": "VARCHAR", "seat_2": "VARCHAR",
    "utilities": "DOUBLE[]", "utility_0": "DOUBLE", "utility_1": "DOUBLE", "utility_2": "DOUBLE",
    "units_0": "BIGINT", "units_1": "BIGINT", "units_2": "BIGINT",
    "outcome": "BIGINT[]", "reason": "VARCHAR", "ended_by": "BIGINT", "fault": "BIGINT",
    "error": "VARCHAR", "rounds": "BIGINT", "turns": "BIGINT", "digest": "VARCHAR",
    "welfare": "DOUBLE", "welfare_units": "BIGINT",
}  # fmt: skip


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two and three seats, agreements and none, and a strategy that fails."""
    folder = tmp_path_factory.mktemp("run")
    strategies = [*STRATEGIES, "tests.arena.rogues:Raises"]
    return played(folder, [scenario("one"), three("three")], strategies)


def from_duckdb(results: Any) -> tuple[list[str], list[str], list[tuple[Any, ...]]]:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as base:
        relation = base.from_arrow(results)
        return relation.columns, list(map(str, relation.types)), relation.fetchall()


def test_every_value_comes_out_of_the_arrow_interface_as_it_is_in_the_rows(
    results: Results,
) -> None:
    names, types, rows = from_duckdb(results)
    assert TYPES.items() <= dict(zip(names, types, strict=True)).items()
    assert len(rows) == len(results)
    for row, record in zip(rows, results, strict=True):
        got = dict(zip(names, row, strict=True))
        plain = set(Record._fields) - {"seats", "utilities", "outcome", "advantages", "welfare"}
        assert {name: got[name] for name in plain} == {
            name: getattr(record, name) for name in plain
        }
        assert got["seats"] == list(record.seats)
        assert got["advantages"] == list(record.advantages)
        assert got["outcome"] == (None if record.outcome is None else list(record.outcome))
        assert got["utilities"] == [units / 10**9 for units in record.utilities]
        assert got["welfare_units"] == record.welfare
        seats = len(record.seats)
        for place in range(3):
            there = place < seats
            assert got[f"seat_{place}"] == (record.seats[place] if there else None)
            assert got[f"units_{place}"] == (record.utilities[place] if there else None)
            assert got[f"utility_{place}"] == (got["utilities"][place] if there else None)


def test_nulls_are_nulls(results: Results) -> None:
    names, _, rows = from_duckdb(results)
    nulls = {name: sum(row[i] is None for row in rows) for i, name in enumerate(names)}
    failed = sum(row.error is not None for row in results)
    assert 0 < failed < len(rows)
    assert nulls["error"] == nulls["fault"] == len(rows) - failed
    assert nulls["outcome"] == sum(row.outcome is None for row in results)
    assert nulls["seat_2"] == sum(len(row.seats) == 2 for row in results)


@pytest.mark.parametrize("name", ["polars", "pyarrow"])
def test_other_libraries_read_the_same_interface(results: Results, name: str) -> None:
    library = pytest.importorskip(name)
    read = {"polars": lambda: results.to_polars().to_dicts()}
    rows = read.get(name, lambda: library.table(results).to_pylist())()
    assert [tuple(row.values()) for row in rows] == from_duckdb(results)[2]


def test_pandas_gets_nullable_types(results: Results) -> None:
    pytest.importorskip("pandas")
    frame = results.to_pandas()
    assert list(frame.columns) == from_duckdb(results)[0]
    assert {str(frame[name].dtype) for name in ("units_2", "fault")} == {"Int64"}
    assert frame["units_0"].tolist() == [row.utilities[0] for row in results]
    assert int(frame["seat_2"].isna().sum()) == sum(len(row.seats) == 2 for row in results)


@pytest.mark.parametrize("name", frames._WRITERS)
def test_parquet_holds_the_same_whoever_writes_it(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pytest.importorskip(name)
    monkeypatch.setattr(frames, "_WRITERS", (name,))
    results.write_parquet(tmp_path / "cells.parquet")
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as base:
        back = base.read_parquet(str(tmp_path / "cells.parquet"))
        assert (back.columns, list(map(str, back.types)), back.fetchall()) == from_duckdb(
            results
        )
    with pytest.raises(ArenaError, match="cannot be written"):
        results.write_parquet(tmp_path / "no" / "folder.parquet")


def test_what_is_not_installed_is_named(
    results: Results, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("nanoarrow", "polars", "pandas", *frames._WRITERS):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ArenaError, match=r"needs nanoarrow.*negotiate-kit\[frames\]"):
        results.__arrow_c_stream__()
    with pytest.raises(ArenaError, match=r"needs polars, .*pip install polars"):
        results.to_polars()
    with pytest.raises(ArenaError, match=r"needs pandas, .*pip install pandas"):
        results.to_pandas()
    with pytest.raises(ArenaError, match="Parquet needs one of pyarrow, polars, duckdb"):
        results.write_parquet(tmp_path / "x.parquet")


def test_export_writes_the_format_that_the_file_is_named_for(
    results: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = str(results.folder)
    assert nego(["export", run]) == 0
    lines = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [line["key"] for line in lines] == [row.key for row in results]
    assert nego(["export", run, "-o", str(tmp_path / "cells.csv"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["format"], told["rows"]) == ("csv", len(results))
    text = (tmp_path / "cells.csv").read_text()
    assert list(csv.DictReader(text.splitlines())) == lines
    if any(map(find_spec, frames._WRITERS)):
        assert nego(["export", run, "-o", str(tmp_path / "cells.parquet")]) == 0
        assert (tmp_path / "cells.parquet").read_bytes()[:4] == b"PAR1"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--format", "parquet"], "no file to write to"),
        (["--json"], "no file to write to"),
        (["-o", "no/such/folder.csv"], "cannot be written: No such file"),
    ],
)
def test_an_export_that_cannot_be_is_told(
    results: Results, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert nego(["export", str(results.folder), *words]) == 2
    assert says in capsys.readouterr().err
