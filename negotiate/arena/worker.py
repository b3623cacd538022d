"""What happens in a worker process: jobs come as bytes, rows go back."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from negotiate.arena.kinds import kind_of
from negotiate.arena.watchdog import Guard
from negotiate.errors import ArenaError
from negotiate.show import safe

if TYPE_CHECKING:
    from collections.abc import Generator

    from negotiate.arena.cells import Cell
    from negotiate.arena.kinds import Game
    from negotiate.arena.player import BasePlayer, Kit, Row

_SCENARIOS = 8  # of which a worker keeps what it has worked out

_own = False  # whether this process does nothing but play, so that it may be ended to stop a strategy


@dataclass(frozen=True)
class Job:
    """A batch of cells of one scenario, as it travels.

    The kit and the scenario are pickled beforehand: a class that a worker does not find is then an error with a
    message, where it would otherwise be a dead worker; and a worker reads the same bytes only once.
    """

    kit: bytes
    scenario: bytes
    cells: tuple[Cell, ...]
    sampled: frozenset[str]


class Played(NamedTuple):
    """What comes back: rows of the first cells of the job, all of them unless they took too long.

    Attributes:
        rows: one for each cell played.
        seconds: how long it took.
        outcasts: strategies that ended the process they were played in.
    """

    rows: list[Row]
    seconds: float
    outcasts: frozenset[str] = frozenset()


def packed(value: Kit | Game) -> bytes:
    """A kit or a game, ready to travel.

    Raises:
        ArenaError: it has a class that other processes cannot find by its name.
    """
    try:
        return pickle.dumps(value, protocol=5)
    except Exception as error:  # pickling calls foreign code
        raise ArenaError(
            f"this cannot be sent to worker processes: {safe(str(error))}",
            code="pickle",
            help="define the class at the top level of a module, or play in this process: workers=0",
        ) from None


def start() -> None:
    """Make this process a worker."""
    global _own
    _own = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    with contextlib.suppress(OSError):
        os.dup2(2, 1)  # what strategies print does not belong into our output
    threading.Thread(target=_follow, name="parent watch", daemon=True).start()


@contextlib.contextmanager
def deaf() -> Generator[None]:
    """Processes started in here never see Ctrl-C, not even while they start; we get it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def play(job: Job) -> Played:
    """Play a job, in whatever process this is."""
    began = time.perf_counter()
    player = unpacked(job.kit, job.scenario)
    with Guard(player.kit.limits, deadly=_own) as guard:
        rows = player.play(job.cells, job.sampled, guard)
    if guard.ever:  # a call cut in the middle may have left something half made
        unpacked.cache_clear()
    return Played(rows, time.perf_counter() - began)


@lru_cache(_SCENARIOS)
def unpacked(kit: bytes, scenario: bytes) -> BasePlayer:
    """The player for these, remembered.

    Raises:
        ArenaError: a class is not found here.
    """
    try:
        pair = cast("tuple[Kit, Game]", (pickle.loads(kit), pickle.loads(scenario)))  # noqa: S301 - our own
    except Exception as error:  # importing foreign modules may raise anything
        raise ArenaError(
            f"a worker process cannot load what it should play: {safe(str(error))}",
            code="worker",
            help="define strategies in a module that can be imported, or play in one process: workers=0",
        ) from None
    kit_, game = pair
    return kind_of(kit_.rules).player(kit_, game, contained=True)


def _follow() -> None:
    """End when the parent does: a killed parent cannot tell its workers to stop."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
