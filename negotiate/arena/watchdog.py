"""Cuts strategies that take too long.

A clock read before and after every move would cost as much as the move. Instead a timer ticks a few times in the
length of a limit, and the tick looks whether the negotiation has moved since the tick before. One call that lasts
too many ticks gets :class:`~negotiate.match.Overrun` raised inside it. Counting ticks, rather than looking at a
clock, forgives a process that was suspended.

A strategy that swallows the exception gets the next one soon; after a few the process that plays it is ended. A
strategy stuck in compiled code, where no signal handler runs, is ended by a timer thread of ``faulthandler`` once
the ticks stop. Both only in worker processes; whoever started them sees a dead worker and finds out by whom.

Timers need the main thread of a POSIX process. Elsewhere a move is timed after it was made, and a strategy that
never returns is not cut.

Wall-clock limits are a guard, recorded as such: an honest strategy stays orders of magnitude below them.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeAlias

from negotiate.errors import ArenaError
from negotiate.match import Overrun

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

CUT = 86
"""Exit status of a process that was ended because a strategy would not stop."""

_TICKS = 8  # in the length of a limit on a move
_SOON = 0.05  # seconds between exceptions once a strategy has overrun
_PATIENCE = 10  # exceptions that a strategy may swallow

Look: TypeAlias = "Callable[[], tuple[str, int | None, object]]"
"""Tells the stage of a match, the party whose code runs, and something that is replaced with every move."""


@dataclass(frozen=True)
class Limits:
    """Wall-clock guards, in seconds.

    Attributes:
        move: for one answer, and for the call at the end of a match.
        begin: for making a strategy and for preparing it.
    """

    move: float = 2.0
    begin: float = 20.0

    def __post_init__(self) -> None:
        if not (0.01 <= self.move <= 86400 and 0.01 <= self.begin <= 86400):
            raise ArenaError(
                f"limits of {self.move!r} s a move and {self.begin!r} s to begin; "
                "0.01 to 86,400 s are expected",
                code="limits",
            )

    def of(self, stage: str) -> float:
        """How long a call may last in a stage of a match: begin, respond, end."""
        return self.begin if stage == "begin" else self.move

    def exceeded(self, stage: str) -> str:
        """What is recorded of a call that lasted longer."""
        doing = {"begin": "to begin", "end": "to end"}.get(stage, "for one move")
        return f"took more than {self.of(stage):g} s {doing}"


class Guard:
    """Watches over the matches that are played inside ``with Guard(...)``, one after the other.

    Args:
        limits: how long a call may last.
        deadly: whether this process may be ended to stop a strategy.
        followed: whether another process would notice if this one fell silent, and end it.

    Attributes:
        caught: the party that overran in the present match; None if none did.
        stage: in which stage of the match.
        why: what it did.
        cuts: how often it had to be interrupted.
        ever: whether any call was cut, in any match.
    """

    def __init__(self, limits: Limits, *, deadly: bool = False, followed: bool = False) -> None:
        self.limits = limits
        self.deadly = deadly
        self.followed = followed
        self.caught: int | None = None
        self.stage = ""
        self.why = ""
        self.cuts = 0
        self.ever = False
        self._look: Look | None = None
        self._seen: tuple[str, int | None, object] = ("", None, None)
        self._ticks = 0
        self._every = limits.move / _TICKS
        self._before: tuple[object, tuple[float, float]] | None = None
        self._null: IO[str] | None = None

    @property
    def ticking(self) -> bool:
        """Whether calls are cut while they run; if not, moves have to be timed by the match."""
        return self._before is not None

    def __enter__(self) -> Guard:
        if (
            hasattr(signal, "setitimer")
            and threading.current_thread() is threading.main_thread()
        ):
            handler = signal.signal(signal.SIGALRM, self._tick)
            self._before = (
                handler,
                signal.setitimer(signal.ITIMER_REAL, self._every, self._every),
            )
            if self.deadly and not self.followed:
                self._null = open(os.devnull, "w")
                self._arm()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._look = None
        if self._before is not None:
            handler, timer = self._before
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, handler)  # type: ignore[arg-type]
            signal.setitimer(signal.ITIMER_REAL, *timer)
            self._before = None
        if self._null is not None:
            faulthandler.cancel_dump_traceback_later()
            self._null.close()
            self._null = None

    def watch(self, look: Look) -> None:
        """Watch another match, or another stage of one that ``look`` did not see."""
        self._ticks = 0
        self._look = look

    def fresh(self) -> None:
        """Forget what happened in the match before."""
        if self.cuts and self.ticking:
            signal.setitimer(signal.ITIMER_REAL, self._every, self._every)
        self.caught, self.why, self.cuts = None, "", 0

    def rest(self) -> None:
        """Watch nothing."""
        self._look = None

    def _tick(self, signum: int, frame: FrameType | None) -> None:
        if self._null is not None:
            self._arm()
        if self._look is None:
            return
        stage, party, moved = self._look()
        if self._seen[2] is not moved or self._seen[:2] != (stage, party):
            self._seen = stage, party, moved
            self._ticks = 0
            return
        self._ticks += 1
        late = self._ticks * self._every >= self.limits.of(stage)
        if party is not None and (late or self.cuts):
            self._cut(stage, party)

    def _cut(self, stage: str, party: int) -> None:
        if not self.cuts:
            self.caught, self.stage, self.why = party, stage, self.limits.exceeded(stage)
            signal.setitimer(signal.ITIMER_REAL, _SOON, _SOON)
        self.cuts += 1
        self.ever = True
        if self.deadly and self.cuts > _PATIENCE:
            os._exit(CUT)
        raise Overrun(self.why)

    def _arm(self) -> None:
        """End the process if no tick comes for longer than any call may last."""
        latest = max(self.limits.move, self.limits.begin) + self.limits.move
        assert self._null is not None  # noqa: S101 - armed only after it was opened
        faulthandler.dump_traceback_later(latest, exit=True, file=self._null)
