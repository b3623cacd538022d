"""Plays a tournament: what is missing, in batches, each stored when it is done."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.arena.batches import FIRST, Queue
from negotiate.arena.config import save
from negotiate.arena.crew import Crew
from negotiate.arena.description import describe, limits_of
from negotiate.arena.dispatch import Dispatch, Work, play_here
from negotiate.arena.player import Kit, Row
from negotiate.arena.progress import Interrupted, Progress
from negotiate.arena.results import Results, opened
from negotiate.arena.store import FILE, Reader, Store
from negotiate.arena.watchdog import Limits
from negotiate.domain.scenario import Scenario
from negotiate.errors import ArenaError, NegotiateError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor

    from negotiate.arena.cells import Cell
    from negotiate.arena.tournament import Tournament

_OURS = "negotiate.strategies."  # strategies that need no process of their own to be safe


def run(
    tournament: Tournament,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    lowered: bool = True,
) -> Results:
    """Play what is missing of a tournament, and give its results.

    The library's own strategies are played in this process as long as that takes no longer than starting others
    would. Strategies from elsewhere always play in worker processes, because one may end the process it runs in.

    Args:
        tournament: the tournament.
        out: folder of the results; made if it is not there. Cells of other tournaments in it are kept.
        workers: processes to play in, by default one for each processor; 0 plays everything in this process.
        executor: plays instead of own processes, of which ``workers`` then says how many it has; they must be
            able to import the strategies.
        limits: guards on time, by default two seconds a move.
        progress: told after every batch.
        lowered: whether negotiations between strategies that are tables are played by the fast engine; the results
            are the same.

    Raises:
        Interrupted: Ctrl-C; what was finished is kept.
        ArenaError: the tournament or the folder is not as it should be.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise ArenaError(
            "a worker process has come upon the tournament that started it",
            code="worker",
            help="in a script, put what runs under `if __name__ == '__main__':`",
        )
    if workers is not None and workers < 0:
        raise ArenaError(f"{workers} workers; 0 or more are expected", code="workers")
    began = time.monotonic()
    runner = Runner(tournament, Path(out), limits or Limits(), progress, lowered=lowered)
    runner.run(_processors() if workers is None else workers, executor)
    return opened(out, played=runner.played, seconds=time.monotonic() - began)


class Runner:
    """One run of a tournament.

    Args:
        tournament: the tournament.
        folder: of the results.
        limits: guards on time.
        progress: told after every batch; None to tell nobody.
        lowered: whether the fast engine plays what it can.

    Attributes:
        played: how many cells were played.
    """

    def __init__(
        self,
        tournament: Tournament,
        folder: Path,
        limits: Limits,
        progress: Progress | None,
        *,
        lowered: bool = True,
    ) -> None:
        self.tournament = tournament
        self.folder = folder
        self.limits = limits
        self.progress = progress
        self.played = 0
        self._scenarios = {one.name: one for one in tournament.loaded}
        specs = {spec.id: spec for spec in tournament.specs}
        self._kit = Kit(
            tournament.rules, specs, tournament.seed, limits, signed=tournament.signed
        )
        if tournament.signed:
            _check_signed(tournament)
        self._lowered = lowered and not tournament.signed
        self._done = 0
        self._total = len(tournament.cells)
        self._began = time.monotonic()

    def run(self, workers: int, executor: Executor | None = None) -> None:
        """Play what is missing and write the file."""
        if self._is_done():
            with contextlib.suppress(
                ArenaError
            ):  # results may lie where nothing can be written
                save(self.tournament, self.limits, self.folder)
            return
        store = Store(self.folder, self.tournament.kind.columns)
        try:
            save(self.tournament, self.limits, self.folder)
            self._play(store, workers, executor)
            before = store.description()
            described = describe(self.tournament, self.limits, before)
            asked = (cell.key for cell in self.tournament.cells)
            store.finish(described, asked, self.tournament.sampled)
        except KeyboardInterrupt:  # while the file was being finished: all is played
            raise Interrupted(self._total, self._total) from None
        finally:
            store.close()

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
        found = dict(reader.description)
        reader.close()
        del found["complete"]
        return found == describe(self.tournament, self.limits, found)

    def _missing(self, store: Store) -> list[Cell]:
        """Cells that are not there, or lack the moves that should be kept, or overran another limit."""
        before = store.description().get("limits")
        changed = before is not None and before != limits_of(self.limits)
        there = store.keys(but="timeout" if changed else "")
        there -= self.tournament.sampled - store.traced()
        return [cell for cell in self.tournament.cells if cell.key not in there]

    def _play(self, store: Store, workers: int, executor: Executor | None) -> None:
        missing = self._missing(store)
        self._done = self._total - len(missing)
        work = Work(
            replace(self._kit, audited=self._audited(missing)),
            self._scenarios,
            self.tournament.sampled,
            Queue(missing, slots=2 * max(workers, 1)),
            lambda rows: self._keep(rows, store),
        )
        try:
            self._hand(work, workers, executor)
        except KeyboardInterrupt:
            left = len(self._missing(store))
            raise Interrupted(self._total - left, self._total) from None

    def _audited(self, missing: Sequence[Cell]) -> frozenset[str] | None:
        """Cells that both engines play; None where the fast one plays none."""
        if not self._lowered:
            return None
        from negotiate.arena.engine import audited  # noqa: PLC0415 - numpy

        return audited(missing, self._kit.specs)

    def _hand(self, work: Work, workers: int, executor: Executor | None) -> None:
        """Decide who plays."""
        if executor is None and (workers == 0 or self._trusted):
            play_here(work, workers=workers)
        if work.queue:
            _ = (
                work.packed_kit
            )  # a strategy that cannot travel is told before anything is started
            hands = max(1, min(workers, -(-len(work.queue) // FIRST)))
            Dispatch(work, Crew(hands, executor)).run()

    @property
    def _trusted(self) -> bool:
        """Whether all strategies are the library's own."""
        return all(spec.cls.__module__.startswith(_OURS) for spec in self._kit.specs.values())

    def _keep(self, rows: Sequence[Row], store: Store) -> None:
        kind, games = self.tournament.kind, self._scenarios
        store.add([(row, kind.measures(games[row.cell.scenario], row)) for row in rows])
        self.played += len(rows)
        self._done += len(rows)
        if self.progress is not None:
            rate = self.played / max(time.monotonic() - self._began, 1e-9)
            self.progress(self._done, self._total, rate)


def _check_signed(tournament: Tournament) -> None:
    """Raise ArenaError, before anything is played, if rules or scenarios have no signed form."""
    from negotiate.wire.signed import seated  # noqa: PLC0415 - most runs do without

    for scenario in tournament.loaded:
        if not isinstance(scenario, Scenario):
            raise ArenaError(
                "tournaments of auctions have no signed form",
                code="signed",
                help="play it without signed",
            )
        try:
            seated(tournament.rules, scenario, tournament.seed)
        except NegotiateError as error:
            raise ArenaError(
                f"{quote(scenario.name)} cannot be played signed: {error}",
                code=error.code,
                help="play it without signed; the results are the same",
            ) from None


def _processors() -> int:
    """How many processors this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1
