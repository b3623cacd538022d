"""Where a session keeps its log: every entry is stored before anything is answered or given out.

The log of a session is a list of entries by place. A place is written once: a second, different entry for it is a
conflict, whoever writes it. That makes the store the one gate through which two processes cannot sign the same turn.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from negotiate.errors import LocalError

if TYPE_CHECKING:
    from pathlib import Path

FRAME, LIST, DISCLOSURE, EXPIRED, PROOF = "frame", "list", "disclosure", "expired", "proof"


class Entry(NamedTuple):
    """One entry of a session's log.

    Attributes:
        tag: ``frame``, ``list`` (of revocations), ``disclosure`` (may be erased), ``expired``, or ``proof`` (the second
            message of an equivocation after the end, which is no part of the transcript).
        data: the bytes.
        ref: the caller's own name for what it sent, if it gave one.
    """

    tag: str
    data: bytes
    ref: str = ""


class Store(ABC):
    """The interface."""

    @abstractmethod
    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        """Write an entry, durably, before returning.

        Raises:
            LocalError: the place is taken by another entry (code ``conflict``).
        """

    @abstractmethod
    def load(self, sid: bytes) -> list[tuple[int, Entry]]:
        """The log of a session, with places, in order; empty if there is none."""

    @abstractmethod
    def sessions(self) -> list[bytes]:
        """The ids of all sessions."""

    @abstractmethod
    def erase(self, sid: bytes) -> None:
        """Delete the personal data of a session: its disclosures."""


class MemoryStore(Store):
    """A store that lasts as long as the process."""

    def __init__(self) -> None:
        self._logs: dict[bytes, dict[int, Entry]] = {}
        self._lock = threading.Lock()

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        """Write an entry."""
        with self._lock:
            log = self._logs.get(sid)
            if log is None:
                log = self._logs[sid] = {}
            if log.setdefault(place, entry) is not entry and log[place] != entry:
                raise _taken(place)

    def load(self, sid: bytes) -> list[tuple[int, Entry]]:
        """The log of a session."""
        return sorted(self._logs.get(sid, {}).items())

    def sessions(self) -> list[bytes]:
        """The ids of all sessions."""
        return list(self._logs)

    def erase(self, sid: bytes) -> None:
        """Delete the disclosures of a session."""
        with self._lock:
            log = self._logs.get(sid, {})
            for place in [place for place, entry in log.items() if entry.tag == DISCLOSURE]:
                del log[place]


class SqliteStore(Store):
    """A store in a SQLite file; each append is synced to disk."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS log (sid BLOB, place INTEGER, tag TEXT, data BLOB, ref TEXT, "
            "PRIMARY KEY (sid, place))"
        )

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        """Write an entry."""
        with self._lock:
            try:
                self._db.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?)", (sid, place, *entry))
            except sqlite3.IntegrityError:
                query = "SELECT tag, data, ref FROM log WHERE sid = ? AND place = ?"
                if self._db.execute(query, (sid, place)).fetchone() != tuple(entry):
                    raise _taken(place) from None

    def load(self, sid: bytes) -> list[tuple[int, Entry]]:
        """The log of a session."""
        query = "SELECT place, tag, data, ref FROM log WHERE sid = ? ORDER BY place"
        with self._lock:
            return [
                (place, Entry(tag, data, ref))
                for place, tag, data, ref in self._db.execute(query, (sid,))
            ]

    def sessions(self) -> list[bytes]:
        """The ids of all sessions."""
        with self._lock:
            return [
                sid
                for (sid,) in self._db.execute("SELECT DISTINCT sid FROM log ORDER BY rowid")
            ]

    def erase(self, sid: bytes) -> None:
        """Delete the disclosures of a session, from the write-ahead log too."""
        with self._lock:
            self._db.execute("DELETE FROM log WHERE sid = ? AND tag = ?", (sid, DISCLOSURE))
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _taken(place: int) -> LocalError:
    return LocalError(
        f"place {place} of this session's log is taken by another entry",
        code="conflict",
        help="another process runs this session; recover it from the store",
    )
