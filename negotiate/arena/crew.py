"""Worker processes, kept alive: the pool is mended when a strategy kills a worker, and the culprit kept out of it.

When a worker dies the whole pool is broken, and nobody knows which of the batches under way did it. All of them go
to quarantine, where each cell is played in a process of its own and the party at fault is found. From then on the
cells of that strategy are played in quarantine from the start. Should workers keep dying without a culprit, all
that is left is played in quarantine.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from typing import TYPE_CHECKING, cast

from negotiate.arena import worker
from negotiate.arena.quarantine import Quarantine
from negotiate.errors import ArenaError
from negotiate.show import safe

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from negotiate.arena.worker import Job, Played

_PATIENCE = 3  # times that the pool may break without a culprit being found

_UNGUARDED = "in a script, put what runs under `if __name__ == '__main__':`; or play in this process: workers=0"


class Crew:
    """Plays jobs in worker processes.

    Args:
        workers: how many.
        executor: plays instead of own processes; when it breaks, the run ends.

    Attributes:
        slots: how many jobs to keep under way.
        outcasts: strategies that ended a process.
        own: whether the pool is ours to mend.
    """

    def __init__(self, workers: int, executor: Executor | None = None) -> None:
        self.slots = 2 * workers
        self.outcasts: frozenset[str] = frozenset()
        self._workers = workers
        self.own = executor is None
        self._pool = self._started() if executor is None else executor
        here = min(workers, os.cpu_count() or 1)  # a cluster may have many more
        self._wards = ThreadPoolExecutor(here, thread_name_prefix="quarantine")
        self._local = threading.local()
        self._quarantines: list[Quarantine] = []
        self._breaks = 0

    def submit(self, job: Job) -> Future[Played]:
        """Play a job in the pool."""
        try:
            with worker.deaf():  # the pool starts processes when it needs them
                return self._pool.submit(worker.play, job)
        except BrokenExecutor as error:  # broke since the last job was handed out
            failed: Future[Played] = Future()
            failed.set_exception(error)
            return failed
        except Exception as error:  # shut down, or it lost its cluster
            if self.own:
                raise
            raise ArenaError(
                f"the executor takes no more work: {safe(str(error))}",
                code="executor",
                help="what was finished is kept; start again with a new executor",
            ) from None

    @property
    def gone(self) -> bool:
        """Whether the user's executor says that it has lost its cluster, so that nothing will come back from it."""
        return not self.own and bool(getattr(self._pool, "gone", False))

    def isolate(self, job: Job) -> Future[Played]:
        """Play a job in quarantine."""
        return self._wards.submit(self._isolated, job)

    def mend(self) -> bool:
        """Replace the pool after it broke; False if it broke too often for that without a culprit being found.

        Raises:
            ArenaError: it was not ours to mend.
        """
        self._breaks += 1
        if not self.own:
            raise ArenaError(
                "the executor broke: a worker died",
                code="executor",
                help="what was finished is kept; start again with a new executor",
            )
        _dismiss(self._pool)
        if self._breaks > _PATIENCE:
            return False
        self._pool = self._started()
        return True

    def blame(self, strategies: frozenset[str]) -> bool:
        """Remember who ended a process; whether that is news."""
        news = bool(strategies - self.outcasts)
        if news:
            self._breaks = 0
        self.outcasts |= strategies
        return news

    def close(self, *, patient: bool) -> None:
        """End all processes of our own; those that are patient wait a moment for what is under way."""
        for quarantine in self._quarantines:
            quarantine.stop()
        self._wards.shutdown(wait=True, cancel_futures=True)
        for quarantine in self._quarantines:
            quarantine.close()
        if self.own:
            _dismiss(self._pool, 2.0 if patient else 0.0)

    def _isolated(self, job: Job) -> Played:
        found: Quarantine | None = getattr(self._local, "quarantine", None)
        if found is None:
            found = self._local.quarantine = Quarantine()
            self._quarantines.append(found)
        return found.play(job)

    def _started(self) -> Executor:
        """A pool whose workers are known to start."""
        pool = ProcessPoolExecutor(
            self._workers, multiprocessing.get_context("spawn"), initializer=worker.start
        )
        try:
            with worker.deaf():
                first = pool.submit(int)
            first.result()
        except BaseException as error:  # Ctrl-C, too, must not leave processes behind
            _dismiss(pool)
            if isinstance(error, BrokenExecutor):
                raise ArenaError(
                    "worker processes do not start", code="worker", help=_UNGUARDED
                ) from None
            raise
        return pool


def _dismiss(pool: Executor, grace: float = 0.0) -> None:
    """Shut a process pool down; kill what has not ended within the grace period (seconds)."""
    known = cast("dict[int, BaseProcess] | None", getattr(pool, "_processes", None))
    processes = list(known.values()) if known else []
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.join(grace)
        if process.is_alive():
            process.kill()
            process.join()
