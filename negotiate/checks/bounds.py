"""How long a strategy under examination may take: for one call, and in all.

A timer interrupts a call that lasts too long by raising :class:`~negotiate.match.Overrun` inside it. It needs the main
thread of a POSIX process; elsewhere only the total is bounded, between two matches.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from negotiate.match import Overrun

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

SWALLOWED = 86
"""Exit status of a process that was ended because a strategy swallowed the exception again and again."""

_SOON = 0.05  # seconds between exceptions once a call has overrun
_PATIENCE = 10  # exceptions that a strategy may swallow


class Bounds:
    """No bounds at all; the base of :class:`TimeBounds`.

    Attributes:
        rang: whether a call had to be interrupted.
    """

    rang = False

    def call(self) -> AbstractContextManager[None]:
        """Enter this around each call of the strategy."""
        return nullcontext()

    def enter(self, where: str) -> None:
        """The next match, or another step of the examination, begins."""

    @property
    def spent(self) -> bool:
        """Whether the time for all of it is up."""
        return False


class TimeBounds(Bounds):
    """Bounds in seconds of real time.

    Args:
        each: for one call.
        total: for everything.
        tell: told what is about to begin, for whoever waits outside.
    """

    def __init__(self, each: float, total: float, tell: Callable[[str], None]) -> None:
        self.each = each
        self.total = total
        self.tell = tell
        self._began = time.monotonic()
        self._rings = 0
        self._short = False
        self._able = (
            hasattr(signal, "setitimer")
            and threading.current_thread() is threading.main_thread()
        )
        if self._able:
            signal.signal(signal.SIGALRM, self._ring)

    def call(self) -> AbstractContextManager[None]:
        """The alarm, set while the call lasts."""
        left = max(self.total - (time.monotonic() - self._began), _SOON)
        self._short = left < self.each
        return _Alarm(min(self.each, left)) if self._able else nullcontext()

    def enter(self, where: str) -> None:
        """Tell where the examination is."""
        self.tell(where)

    @property
    def spent(self) -> bool:
        """Whether the time for all of it is up."""
        return time.monotonic() - self._began > self.total

    def _ring(self, signum: int, frame: FrameType | None) -> None:
        self.rang = True
        self._rings += 1
        if self._rings > _PATIENCE:
            os._exit(SWALLOWED)
        raise Overrun(
            f"is too slow to be checked: {self.total:g} s were not enough"
            if self._short  # no look at a clock here: the strategy is being watched for that
            else f"took more than {self.each:g} s for one call"
        )


class _Alarm(AbstractContextManager[None]):
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self.seconds, _SOON)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
