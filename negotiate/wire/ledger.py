"""The consumption ledger: budgets and numbers of deals, counted across sessions, atomically.

A *use* of a mandate is held when a firm offer or an acceptance is about to be signed, committed when the deal is
closed, and released when the session ends without one. Held and committed uses count alike. A deal has one use of a
mandate at a time: holding again for the same deal replaces.
"""

from __future__ import annotations

import sqlite3
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from negotiate.wire.mandate import Mandate


class Use(NamedTuple):
    """One deal under one mandate.

    Attributes:
        mandate: its hash.
        amount: minor units that the deal costs; 0 if there is no budget.
        budget: most minor units of all deals together; None for no limit.
        deals: most deals; None for no limit.
    """

    mandate: bytes
    amount: int
    budget: int | None
    deals: int | None


def uses(chain: Sequence[Mandate], amount: int) -> list[Use]:
    """The uses that a deal of this amount makes of a chain of mandates, where they limit any.

    A deal that brings money in uses none of the budget, and adds none.
    """
    spent = max(amount, 0)
    found: list[Use] = []
    for mandate in chain:
        limits = mandate.grant.constraints
        if limits.budget is not None or limits.deals is not None:
            budget = limits.budget.amount if limits.budget else None
            found.append(Use(mandate.hash, spent if limits.budget else 0, budget, limits.deals))
    return found


class Ledger(ABC):
    """Where uses are counted."""

    @abstractmethod
    def hold(self, deal: bytes, uses: Sequence[Use]) -> None:
        """Hold all of these uses for a deal, or none.

        Raises:
            Fault: a budget or a number of deals would be exceeded.
        """

    @abstractmethod
    def commit(self, deal: bytes) -> None:
        """What is held for the deal is used for good."""

    @abstractmethod
    def release(self, deal: bytes) -> None:
        """What is held for the deal, and not committed, is free again."""


def _check(use: Use, others: Sequence[int]) -> None:
    """Raise Fault unless the use fits beside the amounts of other deals."""
    if use.deals is not None and len(others) >= use.deals:
        raise Fault(
            f"the mandate allows {use.deals} deals; {len(others)} are held or done",
            code="consumed",
        )
    if use.budget is not None and sum(others) + use.amount > use.budget:
        raise Fault(
            "the budget of the mandate is used up by this and other deals", code="consumed"
        )


class MemoryLedger(Ledger):
    """A ledger that lasts as long as the process; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uses: dict[tuple[bytes, bytes], tuple[int, bool]] = {}

    def hold(self, deal: bytes, uses: Sequence[Use]) -> None:
        """Hold all of these uses for a deal, or none."""
        with self._lock:
            for use in uses:
                others = [
                    amount
                    for (mandate, other), (amount, _) in self._uses.items()
                    if mandate == use.mandate and other != deal
                ]
                _check(use, others)
            for use in uses:
                if not self._uses.get((use.mandate, deal), (0, False))[1]:
                    self._uses[use.mandate, deal] = (use.amount, False)

    def commit(self, deal: bytes) -> None:
        """What is held for the deal is used for good."""
        with self._lock:
            for key, (amount, _) in list(self._uses.items()):
                if key[1] == deal:
                    self._uses[key] = (amount, True)

    def release(self, deal: bytes) -> None:
        """What is held for the deal, and not committed, is free again."""
        with self._lock:
            for key, (_, final) in list(self._uses.items()):
                if key[1] == deal and not final:
                    del self._uses[key]


class SqliteLedger(Ledger):
    """A ledger in a SQLite file; safe between threads and processes."""

    def __init__(self, path: str | Path) -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS uses (mandate BLOB, deal BLOB, amount TEXT, final INTEGER, "
            "PRIMARY KEY (mandate, deal))"
        )

    def hold(self, deal: bytes, uses: Sequence[Use]) -> None:
        """Hold all of these uses for a deal, or none."""
        if not uses:
            return
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            for use in uses:
                self._check(deal, use)
            for use in uses:
                self._db.execute(
                    "INSERT INTO uses VALUES (?, ?, ?, 0) "
                    "ON CONFLICT DO UPDATE SET amount = excluded.amount WHERE final = 0",
                    (use.mandate, deal, str(use.amount)),
                )

    def _check(self, deal: bytes, use: Use) -> None:
        rows = self._db.execute(
            "SELECT amount FROM uses WHERE mandate = ? AND deal <> ?", (use.mandate, deal)
        ).fetchall()
        _check(use, [int(amount) for (amount,) in rows])

    def commit(self, deal: bytes) -> None:
        """What is held for the deal is used for good."""
        with self._lock:
            self._db.execute("UPDATE uses SET final = 1 WHERE deal = ?", (deal,))

    def release(self, deal: bytes) -> None:
        """What is held for the deal, and not committed, is free again."""
        with self._lock:
            self._db.execute("DELETE FROM uses WHERE deal = ? AND final = 0", (deal,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()
