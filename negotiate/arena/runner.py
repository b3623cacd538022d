"""Plays a tournament: what is missing, in batches, each stored when it is done."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.arena.description import describe
from negotiate.arena.metrics import Yardstick
from negotiate.arena.play import Kit, Player, Row
from negotiate.arena.progress import Interrupted, Progress
from negotiate.arena.results import Results
from negotiate.arena.store import FILE, Reader, Store
from negotiate.arena.watchdog import Guard, Limits
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from negotiate.arena.cells import Cell
    from negotiate.arena.tournament import Tournament

BATCH = 0.1
"""Seconds of play that a batch should hold: enough to make what surrounds it negligible."""


def run(
    tournament: Tournament,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Results:
    """Play what is missing of a tournament, and give its results.

    Args:
        tournament: the tournament.
        out: folder of the results; made if it is not there.
        workers: processes to play in; 0 plays in this one; by default as many as there are processors.
        executor: plays instead of own processes.
        limits: guards on time.
        progress: told after every batch.

    Raises:
        Interrupted: Ctrl-C; what was finished is kept.
        ArenaError: the tournament or the folder is not as it should be.
    """
    began = time.monotonic()
    work = Runner(tournament, Path(out), limits or Limits(), progress)
    played = work.run()
    return Results(out, played=played, seconds=time.monotonic() - began)


class Runner:
    """One run of a tournament.

    Args:
        tournament: the tournament.
        folder: of the results.
        limits: guards on time.
        progress: told after every batch; None to tell nobody.
    """

    def __init__(
        self, tournament: Tournament, folder: Path, limits: Limits, progress: Progress | None
    ) -> None:
        self.tournament = tournament
        self.folder = folder
        self.limits = limits
        self.progress = progress
        self.yardsticks = {one.name: Yardstick(one) for one in tournament.loaded}
        specs = {spec.id: spec for spec in tournament.specs}
        self.kit = Kit(tournament.rules, specs, tournament.seed, limits)
        self.played = 0

    def run(self) -> int:
        """Play what is missing, write the file; how many cells were played."""
        if self._is_done():
            return 0
        store = Store(self.folder)
        try:
            missing = self._missing(store)
            self._play(missing, store)
            described = describe(
                self.tournament, self.limits, self.yardsticks, store.description()
            )
            store.finish(
                described, (cell.key for cell in self.tournament.cells), self.tournament.sampled
            )
        except KeyboardInterrupt:
            left = len(self._missing(store))
            total = len(self.tournament.cells)
            raise Interrupted(total - left, total) from None
        finally:
            store.close()
        return self.played

    def _is_done(self) -> bool:
        """Whether the file in the folder is just what this run would write."""
        if not (self.folder / FILE).is_file():
            return False
        try:
            reader = Reader(self.folder)
        except ArenaError as error:
            if error.code == "unfinished":
                return False
            raise
        try:
            found = dict(reader.description)
            found.pop("complete")
            wanted = describe(self.tournament, self.limits, self.yardsticks, found)
            return found == wanted
        finally:
            reader.close()

    def _missing(self, store: Store) -> list[Cell]:
        """Cells that are not there, or lack what is wanted of them."""
        before = store.description().get("limits")
        limits = {"move": self.limits.move, "begin": self.limits.begin}
        there = store.keys(but="timeout" if before not in (None, limits) else "")
        there -= self.tournament.sampled - store.traced()
        return [cell for cell in self.tournament.cells if cell.key not in there]

    def _play(self, missing: Sequence[Cell], store: Store) -> None:
        began = time.monotonic()
        total = len(self.tournament.cells)
        done = total - len(missing)
        for name, cells in _by_scenario(missing).items():
            scenario = next(one for one in self.tournament.loaded if one.name == name)
            player = Player(self.kit, scenario)
            start, size = 0, 1
            while start < len(cells):
                clock = time.perf_counter()
                with Guard(self.limits) as guard:
                    rows = player.play(
                        cells[start : start + size], self.tournament.sampled, guard
                    )
                took = time.perf_counter() - clock
                start += len(rows)
                size = max(1, round(size * min(BATCH / took, 8)))
                self._keep(rows, store)
                done += len(rows)
                if self.progress is not None:
                    self.progress(done, total, self.played / (time.monotonic() - began))

    def _keep(self, rows: Sequence[Row], store: Store) -> None:
        measured = [
            (row, self.yardsticks[row.cell.scenario].measure(row.utilities)) for row in rows
        ]
        store.add(measured)
        self.played += len(rows)


def _by_scenario(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.scenario, []).append(cell)
    return found
