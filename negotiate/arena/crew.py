"""Worker processes, kept alive: the pool is mended when a strategy kills a worker, and the culprit kept out of it.

When a worker dies the whole pool is broken, and nobody knows which of the batches under way did it. All of them go
to quarantine, where each cell is played in a process of its own and the party at fault is found. From then on the
cells of that strategy are played in quarantine from the start.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from negotiate.arena import worker
from negotiate.arena.quarantine import Quarantine
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from collections.abc import Generator
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
        self._wards = ThreadPoolExecutor(workers, thread_name_prefix="quarantine")
        self._local = threading.local()
        self._quarantines: list[Quarantine] = []
        self._breaks = 0

    def submit(self, job: Job) -> Future[Played]:
        """Play a job in the pool."""
        try:
            return self._pool.submit(worker.play, job)
        except BrokenExecutor as error:  # broke since the last job was handed out
            failed: Future[Played] = Future()
            failed.set_exception(error)
            return failed

    def isolate(self, job: Job) -> Future[Played]:
        """Play a job in quarantine."""
        return self._wards.submit(self._isolated, job)

    def mend(self) -> None:
        """Replace the pool after it broke.

        Raises:
            ArenaError: it breaks again and again, or was not ours.
        """
        self._breaks += 1
        if not self.own:
            raise ArenaError(
                "the executor broke: a worker died",
                code="executor",
                help="what was finished is kept; start again with a new executor",
            )
        if self._breaks > _PATIENCE:
            raise ArenaError("worker processes keep dying, whatever they play", code="worker")
        _dismiss(self._pool)
        self._pool = self._started()

    def blame(self, strategies: frozenset[str]) -> None:
        """Remember who ended a process."""
        if strategies - self.outcasts:
            self._breaks = 0
        self.outcasts |= strategies

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
            with _no_interrupt():
                first = pool.submit(int)
            first.result()
        except BrokenExecutor:
            _dismiss(pool)
            raise ArenaError(
                "worker processes do not start", code="worker", help=_UNGUARDED
            ) from None
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


@contextmanager
def _no_interrupt() -> Generator[None]:
    """Processes started in here never see Ctrl-C, not even while they start; we get it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
