"""Plays what is missing: in this process while that is short, else in worker processes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from negotiate.arena.kinds import Game, kind_of
from negotiate.arena.player import Kit, Row
from negotiate.arena.watchdog import Guard
from negotiate.arena.worker import Job, Played, packed
from negotiate.errors import ArenaError, NegotiateError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from negotiate.arena.batches import Queue
    from negotiate.arena.cells import Cell
    from negotiate.arena.crew import Crew

Keep: TypeAlias = Callable[[Sequence[Row]], None]
"""Stores the rows of a batch."""

WORTH = 1.5
"""Seconds that worker processes must save to be started; starting them takes about half as long."""

_TRIAL = 0.25  # seconds of play after which the rest is estimated
_FEW = 4  # cells that go to quarantine together

_OVERDUE = 60.0  # seconds, and so many times the longest batch so far, after which an executor of the user's
_SLOWER = 20.0  # has lost a batch
_GLANCE = 1.0  # seconds between looks for such batches


@dataclass
class Work:
    """What there is to play.

    Attributes:
        kit: what all cells have in common.
        scenarios: by name.
        sampled: keys of cells whose moves are kept.
        queue: the cells.
        keep: stores what was played.
    """

    kit: Kit
    scenarios: Mapping[str, Game]
    sampled: frozenset[str]
    queue: Queue
    keep: Keep
    _blobs: dict[str, bytes] = field(default_factory=dict[str, bytes], init=False)

    @cached_property
    def packed_kit(self) -> bytes:
        """The kit as it travels; ArenaError if it cannot."""
        return packed(self.kit)

    def job(self, cells: Sequence[Cell]) -> Job:
        """A batch of cells of one scenario, as it travels."""
        name = cells[0].scenario
        if name not in self._blobs:
            self._blobs[name] = packed(self.scenarios[name])
        sampled = self.sampled.intersection(cell.key for cell in cells)
        return Job(self.packed_kit, self._blobs[name], tuple(cells), sampled)


def play_here(work: Work, *, workers: int) -> None:
    """Play in this process.

    Args:
        work: what to play.
        workers: how many could play the rest; with several, this plays only as much as tells that they should.
    """
    kind = kind_of(work.kit.rules)
    players = {name: kind.player(work.kit, one) for name, one in work.scenarios.items()}
    first = time.monotonic()
    while batch := work.queue.take():
        scenario = batch[0].scenario
        began = time.perf_counter()
        with Guard(work.kit.limits) as guard:
            rows = players[scenario].play(batch, work.sampled, guard)
        work.queue.timed(scenario, len(rows), time.perf_counter() - began)
        work.queue.put_back(batch[len(rows) :])
        work.keep(rows)
        saved = work.queue.seconds * (1 - 1 / max(workers, 1))
        if saved > WORTH and time.monotonic() - first > _TRIAL:
            return


class Dispatch:
    """Hands batches to a crew and takes the rows in.

    Args:
        work: what to play.
        crew: who plays.
    """

    def __init__(self, work: Work, crew: Crew) -> None:
        self._work = work
        self._crew = crew
        self._in_pool: dict[Future[Played], Job] = {}
        self._since: dict[Future[Played], float] = {}
        self._in_quarantine: dict[Future[Played], Job] = {}
        self._suspects: deque[Cell] = deque()
        self._longest = 0.0

    def run(self) -> None:
        """Play all."""
        patient = False
        try:
            while self._hand_out():
                under_way = [*self._in_pool, *self._in_quarantine]
                patience = None if self._crew.own else _GLANCE
                done, _ = wait(under_way, patience, return_when=FIRST_COMPLETED)
                for future in done:
                    self._take_in(future)
                if not self._crew.own:
                    self._give_up()
            patient = True
        finally:
            for future in () if self._crew.gone else self._in_pool:
                future.cancel()  # what has not begun elsewhere need not begin
            self._crew.close(patient=patient)

    def _hand_out(self) -> bool:
        """Keep everybody busy; whether anybody is."""
        while len(self._in_pool) < self._crew.slots and (batch := self._work.queue.take()):
            job = self._work.job(batch)
            future = self._crew.submit(job)
            self._in_pool[future] = job
            self._since[future] = time.monotonic()
        while len(self._in_quarantine) < self._crew.slots and self._suspects:
            job = self._work.job(self._next_suspects())
            self._in_quarantine[self._crew.isolate(job)] = job
        return bool(self._in_pool or self._in_quarantine)

    def _next_suspects(self) -> list[Cell]:
        few = [self._suspects.popleft()]
        while (
            self._suspects and len(few) < _FEW and self._suspects[0].scenario == few[0].scenario
        ):
            few.append(self._suspects.popleft())
        return few

    def _give_up(self) -> None:
        """Batches that another machine does not finish are played here; what it may still send is not looked at.

        Own workers end a strategy that never returns, and the others of a pool are told when one of them dies. In
        an executor of the user's a strategy may keep a thread for ever, and a machine may fall silent.
        """
        if self._crew.gone:
            raise ArenaError(
                "the executor has lost its cluster",
                code="executor",
                help="what was finished is kept; start again when the scheduler runs",
            )
        limit = _OVERDUE + self._work.kit.limits.begin + _SLOWER * self._longest
        late = time.monotonic() - limit
        for future in [one for one in self._in_pool if self._since[one] < late]:
            self._suspects.extend(self._in_pool.pop(future).cells)
            future.cancel()

    def _take_in(self, future: Future[Played]) -> None:
        if future in self._in_quarantine:
            self._keep(self._in_quarantine.pop(future), future.result())
            return
        job = self._in_pool.pop(future, None)
        self._since.pop(future, None)
        if job is None:  # dealt with when the pool broke
            return
        try:
            played = future.result()
        except BrokenExecutor:
            self._suspects.extend(job.cells)
            self._broke()
        except NegotiateError:
            raise
        except Exception:  # an executor of the user's reports a dead worker in its own way
            if self._crew.own:
                raise
            self._suspects.extend(job.cells)
        else:
            self._keep(job, played)

    def _keep(self, job: Job, played: Played) -> None:
        queue, rows = self._work.queue, played.rows
        self._longest = max(self._longest, played.seconds)
        rest = job.cells[len(rows) :]
        queue.put_back(rest)
        if self._crew.blame(played.outcasts) or rest:
            self._suspects.extend(queue.withdraw(self._crew.outcasts))
        if rows:
            queue.timed(rows[0].cell.scenario, len(rows), played.seconds)
            self._work.keep(rows)

    def _broke(self) -> None:
        """The pool broke: keep what was finished, suspect what was not."""
        wait(self._in_pool)
        for future, job in self._in_pool.items():
            if future.exception() is None:
                self._keep(job, future.result())
            else:
                self._suspects.extend(job.cells)
        self._in_pool.clear()
        self._since.clear()
        if (
            not self._crew.own
        ):  # the run ends here, but must not end here again when it is resumed
            while self._suspects:
                job = self._work.job(self._next_suspects())
                self._keep(job, self._crew.isolate(job).result())
        if not self._crew.mend():
            self._suspects.extend(self._work.queue.withdraw())
