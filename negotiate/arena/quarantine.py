"""Plays cells whose strategies may kill the process: each in a process of its own, and finds out by whom.

A *keeper* process holds strategies and scenario loaded and forks a child for every cell (where there is no fork,
it starts one). In the child each call of a strategy is announced before it is made, with the moves so far. When
the child dies or falls silent, the last announcement names the party at fault, and the moves are known up to
there. The row of a cell that ends well is the same as anywhere else.
"""

from __future__ import annotations

import multiprocessing
import pickle
import time
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from negotiate.arena import worker
from negotiate.arena.player import BasePlayer, Ended, Row
from negotiate.arena.watchdog import CUT, Guard
from negotiate.arena.worker import Job, Played
from negotiate.errors import ArenaError
from negotiate.protocol import Reason, unfold

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from negotiate.arena.cells import Cell
    from negotiate.arena.watchdog import Limits
    from negotiate.moves import Turn
    from negotiate.protocol import Entry, View

    Wire = Connection[Any, Any]

_GRACE = 1.5  # seconds that a strategy which swallows exceptions may take until the child ends itself


class Quarantine:
    """A keeper process, started when it is first needed."""

    def __init__(self) -> None:
        self._keeper: BaseProcess | None = None
        self._wire: Wire | None = None
        self._stopped = False

    def play(self, job: Job) -> Played:
        """Play the cells of a job, each in a process of its own.

        Raises:
            ArenaError: the keeper cannot be started, or died.
        """
        began = time.perf_counter()
        try:
            wire = self._wire or self._start()
            wire.send(job)
            answer = wire.recv()
        except (EOFError, OSError):
            self.close()
            raise ArenaError(
                "the process that plays suspicious strategies one by one died", code="worker"
            ) from None
        if isinstance(answer, Exception):
            raise answer
        rows, outcasts = answer
        return Played(rows, time.perf_counter() - began, outcasts)

    def stop(self) -> None:
        """Kill the keeper, whatever it is doing; another thread may be waiting in :meth:`play`."""
        self._stopped = True
        keeper = self._keeper
        if keeper is not None:
            keeper.kill()

    def close(self) -> None:
        """End the keeper."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None
        if self._keeper is not None:
            self._keeper.kill()
            self._keeper.join()
            self._keeper = None

    def _start(self) -> Wire:
        if self._stopped:
            raise EOFError
        spawn = multiprocessing.get_context("spawn")
        self._wire, other = spawn.Pipe()
        self._keeper = spawn.Process(target=_keep, args=(other,), name="keeper")
        with worker.deaf():
            self._keeper.start()
        other.close()
        return self._wire


def _keep(wire: Wire) -> None:
    """The keeper: jobs in, rows and outcasts out, until the parent is gone."""
    worker.start()
    warnings.simplefilter("ignore")  # forking is safe here: no other thread holds a lock
    while True:
        try:
            job = wire.recv()
        except (EOFError, OSError):
            return
        try:
            wire.send(_play_each(job))
        except Exception as error:  # told to the parent, which raises it
            wire.send(error)


def _play_each(job: Job) -> tuple[list[Row], frozenset[str]]:
    player = worker.unpacked(job.kit, job.scenario)
    player.warm()
    rows: list[Row] = []
    outcasts: set[str] = set()
    for cell in job.cells:
        row, died = _play_one(player, cell, cell.key in job.sampled)
        rows.append(row)
        if died and row.fault is not None:
            outcasts.add(cell.seats[row.fault])
    return rows, frozenset(outcasts)


def _play_one(player: BasePlayer, cell: Cell, sampled: bool) -> tuple[Row, bool]:
    """Play a cell in a child; the row, and whether the child died of it."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = _child(player, cell, sampled, theirs)
    child.start()
    theirs.close()
    heard = _Heard(player.kit.limits)
    try:
        row = heard.listen(ours)
        if heard.dead:  # or nearly: its status is not to be spoilt by killing it
            child.join(_GRACE)
    finally:
        child.kill()
        child.join()
        ours.close()
    if row is not None:
        return row, False
    return heard.obituary(player, cell, child.exitcode), True


def _child(player: BasePlayer, cell: Cell, sampled: bool, wire: Wire) -> BaseProcess:
    """A fork of this process where there is such a thing, else a process that starts from nothing."""
    arguments = (player, cell, sampled, wire)
    if "fork" in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("fork").Process(target=_alone, args=arguments)
    return multiprocessing.get_context("spawn").Process(target=_alone, args=arguments)


def _alone(player: BasePlayer, cell: Cell, sampled: bool, wire: Wire) -> None:
    """The child: announce every call, play, hand in the row."""
    told: list[Entry | None] = [None]

    def tell(stage: str, seat: int, view: View | None) -> None:
        moves: list[Turn] = []
        if view is not None:
            moves, told[0] = unfold(view.last, told[0]), view.last
        wire.send((stage, seat, 0 if view is None else view.round, moves))

    player.tell = tell
    with Guard(player.kit.limits, deadly=True, followed=True) as guard:
        row = player.played(cell, sampled, guard)
    wire.send(row)


@dataclass
class _Heard:
    """What came from a child."""

    limits: Limits
    grace: float = _GRACE
    stage: str = "begin"
    seat: int | None = None
    round: int = 0
    moves: list[Turn] = field(default_factory=list["Turn"])
    row: Row | None = None
    dead: bool = False
    silent: bool = False

    def listen(self, wire: Wire) -> Row | None:
        """The row; None if the child died or said nothing for too long."""
        while wire.poll(self.limits.of(self.stage) + self.grace):
            try:
                said = wire.recv()
            except (EOFError, OSError, pickle.UnpicklingError):
                self.dead = True
                return None
            if isinstance(said, Row):
                self.row = said
                return said
            self.stage, self.seat, number, moves = said
            self.round = max(self.round, number)
            self.moves += moves
        self.silent = True
        return None

    def obituary(self, player: BasePlayer, cell: Cell, status: int | None) -> Row:
        """The row of a cell that ended its process."""
        late = self.silent or status == CUT
        why = self.limits.exceeded(self.stage) if late else _cause(status)
        reason = Reason.TIMEOUT if late else Reason.ERROR
        return player.obituary(cell, Ended(reason, why, self.seat, self.round, self.moves))


def _cause(status: int | None) -> str:
    if status is not None and status < 0:
        return f"its process was killed by signal {-status}"
    return f"its process ended with status {status}"
