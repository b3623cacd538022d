"""How a tournament scales with workers, and where it stops doing so.

    python benchmarks/scaling.py [--repeats N] [--dask]

Measured here: the same tournament in this process, on one worker and on two, in turns; medians, as ratios. And a
model of more workers than this machine has. Workers play in parallel; what the coordinator does for each batch it does
alone: pick cells, pickle them, unpickle the rows, measure them, store them in one transaction. That is timed by itself,
with an executor that answers at once with rows played before, for batches of few and of many cells. The cost is
fitted as ``a + b n`` for a batch of ``n`` cells. A batch holds :data:`~negotiate.arena.batches.BATCH` seconds of play,
so that ``n = BATCH / p`` where a cell takes ``p``, and the coordinator is busy all the time at

    BATCH / (a + b n) workers.

Beyond that more workers do not help. With ``--dask`` the same on a local Dask cluster, where the coordinator's work
includes that of client and scheduler, which share its process here; a scheduler in a process of its own has more room.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import sys
import tempfile
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING, Any

import numpy as np

from negotiate.arena import Limits, Tournament, batches, run, worker
from negotiate.arena.batches import BATCH
from negotiate.arena.worker import Job, Played
from negotiate.protocols.alternating_offers import AlternatingOffers

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from negotiate.arena.play import Row

PLAN = Tournament(
    ["milk", "ev-charging", "printer-toner", "washing-powder"],
    ["micro", "tit_for_tat", "genius-boulware", "genius-linear", "random"],
    AlternatingOffers(rounds=100),
    repetitions=10,
)
SIZES = (1, 4, 16, 64, 250)
"""Cells of a batch at which the coordinator is timed."""

PACES = (0.0001, 0.001, 0.01, 0.1, 1.0)
"""Seconds a cell for which the model is printed."""


class Canned(Executor):
    """Answers at once: the first time by playing, later from memory, as if each cell took ``pace`` seconds."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.pace = 1.0
        self.batches = 0
        self.cells = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        """Pickle the job as it would travel, and unpickle what came back."""
        job: Job = args[0]
        pickle.dumps(args[0])
        if job.cells[0].key in self.rows:
            found = [self.rows[cell.key] for cell in job.cells]
        else:
            found = fn(job).rows
            self.rows.update((row.cell.key, row) for row in found)
        played = Played(found, self.pace * len(found))
        done: Future[Any] = Future()
        done.set_result(pickle.loads(pickle.dumps(played)))  # noqa: S301 - our own
        self.batches += 1
        self.cells += len(found)
        return done


def timed(executor: Executor | None, workers: int) -> float:
    """Seconds of one run into an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        run(PLAN, folder, workers=workers, executor=executor, limits=Limits(), lowered=False)
        return time.perf_counter() - began


@contextmanager
def pool(workers: int) -> Generator[Executor]:
    """Worker processes that have started and loaded what they need."""
    with ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=worker.start
    ) as executor:
        timed(executor, workers)
        yield executor


def measure(repeats: int) -> tuple[float, float, float]:
    """Median seconds in this process, on one worker and on two, taken in turns."""
    with pool(1) as one, pool(2) as two:
        found = [(timed(None, 0), timed(one, 1), timed(two, 2)) for _ in range(repeats)]
    here, single, double = (statistics.median(column) for column in zip(*found, strict=True))
    return here, single, double


def model() -> tuple[float, float]:
    """What the coordinator needs for a batch, and for each cell of it besides; seconds of its processor."""
    canned = Canned()
    timed(canned, 1)
    points: list[tuple[float, float]] = []
    for size in SIZES:
        canned.pace = BATCH / size
        canned.batches = canned.cells = 0
        began = time.process_time()
        timed(canned, 1)
        spent = time.process_time() - began
        points.append((canned.cells / canned.batches, spent / canned.batches))
    sizes, costs = np.array(points).T
    slope, start = np.polyfit(sizes, costs, 1, w=1 / costs)
    return max(float(start), 0.0), max(float(slope), 0.0)


def dask() -> tuple[float, float]:
    """Two workers of a Dask cluster against one, and this process's work for a batch of about one cell; seconds."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - an extra

    found: list[float] = []
    cost = 0.0
    for workers in (1, 2):
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, dashboard_address=":0"
            ) as local,
            Client(local) as client,
        ):
            executor = client.get_executor(pure=False)
            timed(executor, workers)
            found.append(statistics.median(timed(executor, workers) for _ in range(3)))
            batches.BATCH = 1e-9  # one cell a batch, so that what surrounds it shows
            began = time.process_time()
            timed(executor, workers)
            cost = (time.process_time() - began) / len(PLAN.cells)
            batches.BATCH = BATCH
    return found[0] / found[1], cost


def main() -> None:
    """Print the ratios and the model."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--dask", action="store_true")
    options = parser.parse_args()
    here, one, two = measure(options.repeats)
    busy, processors = os.getloadavg()[0], os.cpu_count() or 1
    if busy > processors:
        print(f"load {busy:.0f} on {processors} processors: ratios of time mean little")
    print(
        f"{len(PLAN.cells):,} cells of {1000 * here / len(PLAN.cells):.2f} ms in this process"
    )
    print(f"  one worker against this process   {here / one:.2f} times as fast")
    print(f"  two workers against one           {one / two:.2f} times as fast")
    start, slope = model()
    print(f"coordinator: {1e3 * start:.2f} ms a batch and {1e6 * slope:.0f} us a cell")
    for pace in PACES:
        cells = max(BATCH / pace, 1.0)
        limit = max(BATCH, pace) / (start + slope * cells)
        print(f"  cells of {pace * 1000:6.1f} ms: saturates at {limit:8,.0f} workers")
    if options.dask:
        ratio, cost = dask()
        print(f"dask: two workers against one       {ratio:.2f} times as fast")
        print(
            f"  {1e3 * cost:.2f} ms a batch of one cell: saturates at {BATCH / cost:,.0f} workers"
        )


if __name__ == "__main__":
    main()
