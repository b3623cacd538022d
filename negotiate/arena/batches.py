"""The cells that are still to be played, handed out in batches of about the same length."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.arena.cells import Cell

BATCH = 0.1
"""Seconds of play that a batch should hold: enough to make what surrounds it negligible."""

FIRST = 8
"""Cells of a scenario that are handed out together before it is known how long they take."""

_MOST = 2000


class Queue:
    """Cells to be played, scenario by scenario.

    Args:
        cells: all that are missing.
        slots: how many batches are under way at a time; towards the end batches shrink so that all have work.
    """

    def __init__(self, cells: Iterable[Cell], slots: int = 1) -> None:
        self._cells = deque(cells)
        self._slots = slots
        self._pace: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._cells)

    def take(self) -> list[Cell]:
        """The next batch: cells of one scenario; empty if none are left."""
        batch: list[Cell] = []
        if self._cells:
            scenario = self._cells[0].scenario
            size = self._size(scenario)
            while self._cells and len(batch) < size and self._cells[0].scenario == scenario:
                batch.append(self._cells.popleft())
        return batch

    def put_back(self, cells: Sequence[Cell]) -> None:
        """Cells that were handed out and not played; they come next."""
        self._cells.extendleft(reversed(cells))

    def withdraw(self, strategies: frozenset[str] | None = None) -> list[Cell]:
        """Take out all cells in which one of these strategies sits; all cells if none are named."""
        if strategies is None:
            every = list(self._cells)
            self._cells.clear()
            return every
        found = [cell for cell in self._cells if not strategies.isdisjoint(cell.seats)]
        if found:
            self._cells = deque(
                cell for cell in self._cells if strategies.isdisjoint(cell.seats)
            )
        return found

    def timed(self, scenario: str, cells: int, seconds: float) -> None:
        """Learn how long cells of a scenario take; the first ones take longer, so that the least counts at once."""
        took = seconds / max(cells, 1)
        before = self._pace.get(scenario, took)
        self._pace[scenario] = min((before + took) / 2, took)

    @property
    def seconds(self) -> float:
        """How long one process would take for the rest, by what is known so far."""
        if not self._pace:
            return float("inf")
        usual = sum(self._pace.values()) / len(self._pace)
        return len(self._cells) * usual

    def _size(self, scenario: str) -> int:
        pace = self._pace.get(scenario)
        wanted = FIRST if pace is None else int(BATCH / max(pace, 1e-9))
        share = -(-len(self._cells) // self._slots)
        return max(1, min(wanted, share, _MOST))
