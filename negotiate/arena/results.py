"""The results of a run: rows, columns, leaderboard, payoffs, and any negotiation played again."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from negotiate.arena import statistics
from negotiate.arena.bootstrap import RESAMPLES, Floats
from negotiate.arena.cells import canonical
from negotiate.arena.quality import Merit, merits, metric_columns
from negotiate.arena.statistics import Columns, Leaderboard, PayoffMatrix
from negotiate.arena.store import Reader
from negotiate.errors import ArenaError
from negotiate.protocol import Reason
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from negotiate.arena.frames import Column
    from negotiate.domain.issues import Outcome
    from negotiate.domain.scenario import Scenario
    from negotiate.match import Match
    from negotiate.registry import Spec

FAILED = (Reason.ILLEGAL_MOVE.value, Reason.ERROR.value, Reason.TIMEOUT.value)
"""Reasons for which a negotiation was ended by a party's failure."""


class Record(NamedTuple):
    """A row; the attributes are the columns of the store, read. None is what a kind of game does not know."""

    key: str
    scenario: str
    repetition: int
    seats: tuple[str, ...]
    utilities: tuple[int, ...]
    outcome: Outcome | None
    reason: str
    ended_by: int | None
    fault: int | None
    error: str | None
    rounds: int
    turns: int
    digest: str
    welfare: int
    nash_product: float | None
    nash_distance: float | None
    pareto_distance: float | None
    advantages: tuple[float | None, ...]


def opened(folder: str | Path, *, played: int = 0, seconds: float = 0.0) -> Results:
    """A finished run, of whatever kind of game; arguments and errors as of :class:`Results`."""
    found = Results(folder, played=played, seconds=seconds)
    if found.description.get("game", "bargaining") == "bargaining":
        return found
    from negotiate.arena.auctions.results import AuctionResults  # noqa: PLC0415 - most do without

    return AuctionResults(folder, played=played, seconds=seconds)


class Results:
    """A finished run; :func:`opened` gives one of the right kind.

    Args:
        folder: its folder.
        played: how many cells the present process played; for :meth:`summary`.
        seconds: how long that took.

    Raises:
        ArenaError: there is no finished run in the folder.
    """

    def __init__(self, folder: str | Path, *, played: int = 0, seconds: float = 0.0) -> None:
        self.folder = Path(folder)
        self.played = played
        self.seconds = seconds
        reader = Reader(self.folder)
        try:
            self.description: Mapping[str, Any] = reader.description
            self._raw = list(reader.cells())
            self._traces = reader.traces()
        finally:
            reader.close()

    def __len__(self) -> int:
        return len(self._raw)

    @property
    def what(self) -> str:
        """What it is played on, in a word."""
        return "scenario"

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return len(self._raw)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.rows)

    @cached_property
    def rows(self) -> list[Record]:
        """All cells, in the order of their keys."""
        self._of_negotiations()
        seats = _Parsed()
        return [_record(raw, seats) for raw in self._raw]

    def _of_negotiations(self) -> None:
        """ArenaError if the run is of auctions or markets, whose cells hold other things."""
        if self.description.get("game", "bargaining") != "bargaining":
            raise ArenaError(
                f"the run in {quote(str(self.folder), 200)} is of auctions or markets; one of negotiations is expected",
                code="game",
                help="their figures are in its report.html, and its rows in what `nego export` writes",
            )

    @cached_property
    def strategies(self) -> tuple[str, ...]:
        """Ids of the strategies, in alphabetical order."""
        return tuple(entry["id"] for entry in self.description["strategies"])

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Names of the scenarios, in alphabetical order."""
        return tuple(entry["name"] for entry in self.description["scenarios"])

    @property
    def failed(self) -> int:
        """How many cells a party's failure ended."""
        return sum(row.reason in FAILED for row in self.rows)

    @cached_property
    def columns(self) -> Columns:
        """The cells as arrays."""
        return _columns(self.rows, self.strategies, self.scenarios)

    @cached_property
    def standings(self) -> Leaderboard:
        """The leaderboard with 95 % intervals."""
        return self.leaderboard()

    def leaderboard(self, *, resamples: int = RESAMPLES, level: float = 0.95) -> Leaderboard:
        """The leaderboard; see :mod:`negotiate.arena.statistics`."""
        seed = self.description["seed"]
        return statistics.leaderboard(self.columns, seed, resamples=resamples, level=level)

    @cached_property
    def metrics(self) -> tuple[Merit, ...]:
        """Every metric of each strategy with its interval, best strategy first; see :mod:`negotiate.arena.quality`."""
        return merits(self)

    @cached_property
    def metric_columns(self) -> Mapping[str, Floats]:
        """Every metric as ``(cells, roles)``, in the order of the rows; NaN where it is not known."""
        return metric_columns(self)

    @cached_property
    def payoffs(self) -> PayoffMatrix:
        """What each strategy gets against each."""
        return statistics.payoff_matrix(self.columns)

    def row(self, key: str) -> Record:
        """The cell whose key begins with ``key``.

        Raises:
            ArenaError: none does, or several do.
        """
        found = [row for row in self.rows if row.key.startswith(key)]
        if len(found) != 1:
            raise ArenaError(
                f"{len(found)} cells have a key that begins with {quote(key)}; one is expected",
                code="key",
            )
        return found[0]

    def moves(self, key: str) -> list[tuple[int, int, str, Outcome | None]] | None:
        """The moves ``(round, party, kind, outcome)`` of a cell, if they were kept; see :meth:`replay`."""
        text = self._traces.get(key)
        if text is None:
            return None
        return [
            (number, party, kind, None if outcome is None else tuple(outcome))
            for number, party, kind, outcome in json.loads(text)
        ]

    @property
    def traced(self) -> tuple[str, ...]:
        """Keys of the cells whose moves were kept, in order: failures, and a few of each scenario."""
        return tuple(key for key in self._traces if key in self._by_key)

    def about(self, scenario: str) -> Mapping[str, Any]:
        """What the run's description says of a scenario: roles, solution points and so on."""
        for entry in self.description["scenarios"]:
            if entry["name"] == scenario:
                return cast("Mapping[str, Any]", entry)
        raise ArenaError(f"no scenario {quote(scenario)} in this run", code="scenarios")

    def scenario(self, name: str) -> Scenario:
        """A scenario of this run, as it was played.

        Raises:
            ArenaError: it is neither in the store nor, unchanged, where it came from; or the run is of auctions or
                markets.
        """
        from negotiate.arena.replay import restored  # noqa: PLC0415 - parsers load when used

        self._of_negotiations()

        return restored(self.about(name))

    def replay(self, key: str, strategies: Sequence[Spec] = ()) -> Match:
        """Play a cell again, and check that the moves are the same.

        Args:
            key: of the cell, or how it begins.
            strategies: those that cannot be found by their ids.

        Raises:
            ArenaError: the moves differ, or a strategy has another version now.
        """
        from negotiate.arena.replay import replay  # noqa: PLC0415 - the playing parts load when used

        row = self.row(key)
        return replay(self.description, self.scenario(row.scenario), row, strategies)

    def digest(self) -> str:
        """SHA-256 over all rows: the same on every machine, which the bytes of an SQLite file may not be."""
        hasher = hashlib.sha256()
        for raw in self._raw:
            hasher.update(canonical(raw).encode())
        return hasher.hexdigest()

    def summary(self) -> dict[str, object]:
        """What ``nego arena --json`` prints."""
        return {
            "cells": len(self),
            "played": self.played,
            "failed": self.failed,
            "seconds": round(self.seconds, 3),
            "ranking": self.ranking(),
            "lead": _lead(self.standings),
            "note": self.standings.note,
        }

    def ranking(self) -> list[dict[str, object]]:
        """The leaderboard as plain data."""
        return [
            {
                "strategy": one.strategy,
                "mean_utility": one.mean_utility,
                "low": one.low,
                "high": one.high,
                "agreement_rate": one.agreement_rate,
                "nash_distance": one.nash_distance,
                "ranks": list(one.ranks),
                "best": one.best,
                "bca": one.bca and list(one.bca),
            }
            for one in self.standings.standings
        ]

    @cached_property
    def _table(self) -> list[Column]:
        from negotiate.arena.frames import columns  # noqa: PLC0415 - most do without

        return columns(self.rows, Record)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The cells through the Arrow PyCapsule interface: ``polars.DataFrame(results)``, ``pyarrow.table(results)``.

        Columns and types: docs/reference/results.md. Needs the extra ``frames``.
        """
        from negotiate.arena.frames import stream  # noqa: PLC0415

        return stream(self._table, requested_schema)

    def to_polars(self) -> Any:  # its type is in a library that need not be here
        """The cells as a ``polars.DataFrame``; ArenaError if polars, or the extra ``frames``, is not installed."""
        from negotiate.arena.frames import library  # noqa: PLC0415

        return library("polars", "a polars frame").DataFrame(self)

    def to_pandas(self) -> Any:
        """The cells as a ``pandas.DataFrame`` with nullable types; ArenaError if pandas is not installed."""
        from negotiate.arena.frames import pandas_frame  # noqa: PLC0415

        return pandas_frame(self._table)

    def write_parquet(self, path: str | Path) -> None:
        """Write the cells as Parquet, with pyarrow, polars or duckdb, whichever is installed.

        Raises:
            ArenaError: none is, or the file cannot be written.
        """
        from negotiate.arena.frames import write_parquet  # noqa: PLC0415

        write_parquet(self, Path(path))

    def write_csv(self, stream: IO[str]) -> None:
        """Write one line for each cell; open the stream with ``newline=""``."""
        from negotiate.arena.frames import write_csv  # noqa: PLC0415

        write_csv(self._table, stream)

    @cached_property
    def _by_key(self) -> dict[str, Record]:
        return {row.key: row for row in self.rows}


def _lead(board: Leaderboard) -> dict[str, object] | None:
    """How far the first is ahead of the second, and what would tell more."""
    pair = board.lead
    if pair is None:
        return None
    return {
        "strategies": [pair.one, pair.other],
        "difference": pair.mean,
        "low": pair.low,
        "high": pair.high,
        "p": pair.adjusted,
        "pairs": len(board.pairs),
        "earned": pair.earned,
        "more": pair.more,
        "unit": board.unit,
    }


_SEATS, _UTILITIES, _OUTCOME, _ADVANTAGES = map(
    Record._fields.index, ("seats", "utilities", "outcome", "advantages")
)


class _Parsed(dict[str, tuple[Any, ...]]):
    """JSON lists by their text: few texts come again and again."""

    def __missing__(self, text: str) -> tuple[Any, ...]:
        self[text] = found = tuple(json.loads(text))
        return found


def _record(raw: Sequence[Any], parsed: _Parsed) -> Record:
    row = Record._make(raw)
    return row._replace(
        seats=parsed[raw[_SEATS]],
        utilities=parsed[raw[_UTILITIES]],
        outcome=None if row.outcome is None else parsed[raw[_OUTCOME]],
        advantages=parsed[raw[_ADVANTAGES]],
    )


def _columns(
    rows: Sequence[Record], strategies: tuple[str, ...], scenarios: tuple[str, ...]
) -> Columns:
    who = {name: place for place, name in enumerate(strategies)}
    where = {name: place for place, name in enumerate(scenarios)}
    width = max((len(row.seats) for row in rows), default=0)
    seats = np.full((len(rows), width), -1, dtype=np.int64)
    utilities = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        seats[i, : len(row.seats)] = [who[name] for name in row.seats]
        utilities[i, : len(row.seats)] = row.utilities
    distances = [np.nan if row.nash_distance is None else row.nash_distance for row in rows]
    return Columns(
        strategies=strategies,
        scenarios=scenarios,
        scenario=np.array([where[row.scenario] for row in rows], dtype=np.int64),
        repetition=np.array([row.repetition for row in rows], dtype=np.int64),
        seats=seats,
        utilities=utilities,
        agreed=np.array([row.outcome is not None for row in rows], dtype=np.bool_),
        spoilt=np.array([row.reason in FAILED for row in rows], dtype=np.bool_),
        fault=np.array(
            [-1 if row.fault is None else row.fault for row in rows], dtype=np.int64
        ),
        nash_distance=np.array(distances, dtype=np.float64),
    )
