"""The file of a run: ``results.sqlite``, keyed by the cell.

While a run goes on the file is in WAL mode, and each batch is one transaction: whatever kills the process, a batch
is there as a whole or not at all, and resuming means playing the keys that are missing. When all cells are there,
the file is written anew in the order of the keys, in one transaction and with fixed settings, and replaces the
old one at a stroke. It then depends on nothing but the tournament: not on the number of workers, the order of
play, or how often the run was killed. It holds no time, no duration and no name of a machine.

Tables::

    run     key, value           the tournament's description, values in JSON; see ``description.py``
    cells   key, scenario, …     one row for each cell of the tournament; see ``COMMON`` and the kind of game
    traces  key, moves           [[round, party, kind, outcome or null], …] of failures and of a sample
    shelf   as cells             cells of other tournaments played in this folder, kept in case they come again
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from negotiate.arena.cells import canonical
from negotiate.arena.metrics import COLUMNS as BARGAINING
from negotiate.errors import ArenaError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from pathlib import Path

    from negotiate.arena.player import Row

FILE = "results.sqlite"
SCHEMA = 1
"""Version of the tables, as SQLite's ``user_version``."""

APPLICATION = 0x6E65676F  # "nego", as SQLite's application_id

COMMON = {
    "key": "TEXT PRIMARY KEY",  # the cell's; see cells.py
    "scenario": "TEXT NOT NULL",  # its name
    "repetition": "INTEGER NOT NULL",
    "seats": "TEXT NOT NULL",  # JSON: ids of the strategies, in the order of the roles
    "utilities": "TEXT NOT NULL",  # JSON: integers in units of 1e-9; reservation values without an agreement
    "outcome": "TEXT",  # JSON: grid positions of the agreement
    "reason": "TEXT NOT NULL",  # accept, deadline, walk, breakdown, illegal-move, error, timeout
    "ended_by": "INTEGER",
    "fault": "INTEGER",  # the seat at fault
    "error": "TEXT",  # what it did
    "rounds": "INTEGER NOT NULL",
    "turns": "INTEGER NOT NULL",
    "digest": "TEXT NOT NULL",  # SHA-256 of the text in traces.moves
}
"""Columns of ``cells`` and ``shelf`` that every kind of game has; what the kind measures comes after them."""

_RUN = "key TEXT PRIMARY KEY, value TEXT NOT NULL"
_TRACES = "key TEXT PRIMARY KEY, moves TEXT NOT NULL"


class Store:
    """The results of a folder, open for a run; no other run can open it meanwhile.

    Args:
        folder: where ``results.sqlite`` lies or is made.
        measured: columns of what the kind of game measures, with their types.

    Raises:
        ArenaError: the folder cannot be written, the file is none of ours, holds another kind of game, or another
            run has it open.
    """

    def __init__(self, folder: Path, measured: Mapping[str, str] = BARGAINING) -> None:
        self._columns = {**COMMON, **measured}
        self._names = ", ".join(self._columns)
        self.path = folder / FILE
        with _told(self.path):
            folder.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(self.path, isolation_level=None, timeout=0.5)
        try:
            with _told(self.path):
                self._prepare()
        except ArenaError:
            self._base.close()
            raise

    def _prepare(self) -> None:
        execute = self._base.execute
        execute("PRAGMA locking_mode = EXCLUSIVE")
        _check(self._base, self.path)
        execute("PRAGMA journal_mode = WAL")
        execute("PRAGMA synchronous = NORMAL")
        execute("BEGIN IMMEDIATE")  # from here on the file is locked
        _make_tables(self._base, "main", self._columns)
        self._check_kind()
        execute("COMMIT")

    def keys(self, *, but: str = "") -> set[str]:
        """Keys of all cells that are there, except those that ended for the reason ``but``."""
        query = "SELECT key FROM {} WHERE reason IS NOT ?"
        return {
            key
            for table in ("cells", "shelf")
            for (key,) in self._base.execute(query.format(table), (but,))
        }

    def traced(self) -> set[str]:
        """Keys of all cells whose moves are there."""
        return {key for (key,) in self._base.execute("SELECT key FROM traces")}

    def description(self) -> dict[str, object]:
        """The table ``run``; empty if no run has finished in this folder."""
        return _description(self._base)

    def _check_kind(self) -> None:
        found = [str(name) for _, name, *_ in self._base.execute("PRAGMA table_info(cells)")]
        if found != list(self._columns):
            raise ArenaError(
                f"{quote(str(self.path), 200)} holds results of another kind of game",
                code="store",
                help="choose another folder",
            )

    def add(self, rows: Iterable[tuple[Row, tuple[object, ...]]]) -> None:
        """Store a batch in one transaction, rows with what was measured; a cell that is there is replaced."""
        rows = list(rows)
        marks = ", ".join("?" * len(self._columns))
        self._base.execute("BEGIN IMMEDIATE")
        try:
            self._base.execute("DELETE FROM run WHERE key = 'complete'")
            self._base.executemany(
                f"INSERT OR REPLACE INTO cells ({self._names}) VALUES ({marks})",  # noqa: S608 - our own names
                [(*_record(row), *measured) for row, measured in rows],
            )
            self._base.executemany(
                "INSERT OR REPLACE INTO traces VALUES (?, ?)",
                [(row.cell.key, row.moves) for row, _ in rows if row.moves is not None],
            )
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def finish(
        self, description: Mapping[str, object], asked: Iterable[str], sampled: Iterable[str]
    ) -> None:
        """Write the file anew, in the order of the keys, and close it.

        Args:
            description: of the tournament.
            asked: its cells; all others go on the shelf.
            sampled: those whose moves are kept although they did not fail.
        """
        fresh = self.path.with_name(f"{FILE}.new")
        with _told(self.path):
            for left in (
                fresh,
                fresh.with_name(f"{fresh.name}-journal"),
            ):  # by a run that was killed
                left.unlink(missing_ok=True)
            self._base.execute("ATTACH ? AS fresh", (str(fresh),))
            for setting in ("page_size = 4096", "journal_mode = DELETE", "synchronous = FULL"):
                self._base.execute(f"PRAGMA fresh.{setting}")
            self._list("asked", asked)
            self._list("sampled", sampled)
            self._copy(description)
            self._base.execute("DETACH fresh")
            self._base.execute(
                "PRAGMA journal_mode = DELETE"
            )  # leaves no WAL beside the new file
            self._base.close()
            os.replace(fresh, self.path)

    def close(self) -> None:
        """Close the file as it is; to be resumed."""
        self._base.close()

    def _list(self, name: str, keys: Iterable[str]) -> None:
        self._base.execute(f"CREATE TEMP TABLE {name} (key TEXT PRIMARY KEY) WITHOUT ROWID")
        self._base.execute("BEGIN")
        self._base.executemany(f"INSERT INTO temp.{name} VALUES (?)", ((key,) for key in keys))  # noqa: S608
        self._base.execute("COMMIT")

    def _copy(self, description: Mapping[str, object]) -> None:
        execute = self._base.execute
        execute("BEGIN")
        _make_tables(self._base, "fresh", self._columns)
        entries = {**description, "complete": True}
        self._base.executemany(
            "INSERT INTO fresh.run VALUES (?, ?)",
            [(key, canonical(entries[key])) for key in sorted(entries)],
        )
        # A cell may stand in both tables, if it was played again; the row in cells is the newer one.
        names = self._names
        every = f"""SELECT {names} FROM main.cells UNION ALL SELECT {names} FROM main.shelf
                    WHERE key NOT IN (SELECT key FROM main.cells)"""  # noqa: S608
        for table, which in (("cells", "IN"), ("shelf", "NOT IN")):
            execute(f"""INSERT INTO fresh.{table} SELECT * FROM ({every})
                        WHERE key {which} (SELECT key FROM temp.asked) ORDER BY key""")  # noqa: S608
        execute("""INSERT INTO fresh.traces SELECT key, moves FROM main.traces
                   WHERE key IN (SELECT key FROM temp.sampled)
                   OR key IN (SELECT key FROM fresh.cells WHERE error IS NOT NULL)
                   OR key IN (SELECT key FROM fresh.shelf) ORDER BY key""")
        execute("COMMIT")


class Reader:
    """A finished run, open for reading.

    Args:
        folder: the folder of the run.

    Raises:
        ArenaError: there is no finished run in it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        if not self.path.is_file():
            raise ArenaError(
                f"no results in {quote(str(folder))}",
                code="no-results",
                help=f"a folder with {FILE} in it is expected, as `nego arena --out` leaves it",
            )
        self._base = sqlite3.connect(self.path, isolation_level=None, timeout=0.5)
        try:
            with _told(self.path):
                _check(self._base, self.path)
                tables = self._base.execute("SELECT 1 FROM sqlite_master WHERE name = 'run'")
                self.description = _description(self._base) if tables.fetchone() else {}
                if "complete" not in self.description:
                    raise _unfinished(folder)
        except ArenaError:
            self._base.close()
            raise

    def cells(self) -> Iterator[tuple[object, ...]]:
        """The rows of ``cells``, in the order of the keys: :data:`COMMON` and what their kind measures."""
        yield from self._base.execute("SELECT * FROM cells ORDER BY key")

    def traces(self) -> dict[str, str]:
        """The moves that were kept, as JSON, by key."""
        return dict(self._base.execute("SELECT key, moves FROM traces ORDER BY key"))

    def close(self) -> None:
        """Close the file."""
        self._base.close()


def _unfinished(folder: Path) -> ArenaError:
    return ArenaError(
        f"the run in {quote(str(folder))} is not finished",
        code="unfinished",
        help="start the same command again: it plays what is missing",
    )


def _description(base: sqlite3.Connection) -> dict[str, object]:
    return {
        key: json.loads(value)
        for key, value in base.execute("SELECT key, value FROM run ORDER BY key")
    }


def _make_tables(base: sqlite3.Connection, schema: str, columns: Mapping[str, str]) -> None:
    body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    for table, inside in (("run", _RUN), ("cells", body), ("traces", _TRACES), ("shelf", body)):
        base.execute(f"CREATE TABLE IF NOT EXISTS {schema}.{table} ({inside}) WITHOUT ROWID")
    base.execute(f"PRAGMA {schema}.user_version = {SCHEMA}")
    base.execute(f"PRAGMA {schema}.application_id = {APPLICATION}")


def _check(base: sqlite3.Connection, path: Path) -> None:
    """Raise ArenaError if a file that has something in it is not of our kind and version."""
    (tables,) = base.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (application,) = base.execute("PRAGMA application_id").fetchone()
    (version,) = base.execute("PRAGMA user_version").fetchone()
    if tables and (application != APPLICATION or version != SCHEMA):
        what = (
            f"has version {version}" if application == APPLICATION else "is another program's"
        )
        raise ArenaError(
            f"{quote(str(path), 200)} {what}; version {SCHEMA} of our own is expected",
            code="store",
            help="choose another folder",
        )


def _record(row: Row) -> tuple[object, ...]:
    cell = row.cell
    return (
        cell.key,
        cell.scenario,
        cell.repetition,
        canonical(cell.seats),
        _json(row.utilities),
        None if row.outcome is None else _json(row.outcome),
        row.reason,
        row.ended_by,
        row.fault,
        row.error,
        row.rounds,
        row.turns,
        row.digest,
    )


def _json(numbers: tuple[int, ...]) -> str:
    return f"[{','.join(map(str, numbers))}]"


@contextmanager
def _told(path: Path) -> Generator[None]:
    """Turn what SQLite and the file system raise into an ArenaError that says what to do."""
    where = quote(str(path), 200)
    try:
        yield
    except sqlite3.OperationalError as error:
        busy = "locked" in str(error)
        raise ArenaError(
            f"{where} is in use" if busy else f"{where}: {safe(str(error))}",
            code="busy" if busy else "store",
            help="another run may be going on in this folder; wait for it or choose another"
            if busy
            else "",
        ) from None
    except sqlite3.DatabaseError as error:
        raise ArenaError(f"{where}: {safe(str(error))}", code="store") from None
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise ArenaError(f"{safe(str(path))}: {reason}", code="store") from None
