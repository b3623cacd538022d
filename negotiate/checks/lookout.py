"""Looks out for what a strategy must not touch: clocks, shared randomness, and more steps than are reasonable.

Calls into compiled code are seen by a profile function, however the strategy imported them. Patching the modules
would miss ``from time import time``.
"""

from __future__ import annotations

import datetime
import gc
import os
import random
import sys
import time
from typing import TYPE_CHECKING, Protocol, cast

from negotiate.match import Overrun

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

MOST_STEPS = 10_000_000
"""Calls of functions that a strategy may make in one turn while it is watched."""

_CLOCKS = tuple(
    found
    for module, names in (
        (
            time,
            "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time "
            "process_time_ns thread_time thread_time_ns clock_gettime clock_gettime_ns sleep "
            "localtime gmtime ctime asctime strftime",
        ),
        (os, "times"),
    )
    for name in names.split()
    if (found := getattr(module, name, None)) is not None
)
_ENTROPY = (os.urandom, getattr(os, "getrandom", os.urandom))
_SHARED = getattr(random.random, "__self__", None)  # the generator behind random.random()
_TODAY = ("now", "today", "utcnow")


class Lookout:
    """Notes contacts with the outside world while it is entered.

    Attributes:
        contacts: pairs of rule and what was called from where.
    """

    def __init__(self) -> None:
        self.contacts: list[tuple[str, str]] = []
        self._steps = 0
        self._before: Callable[..., object] | None = None
        self._collecting = False

    def __enter__(self) -> None:
        self._steps = 0
        self._before = sys.getprofile()
        # A collection may call back into code of anybody in this process; it is not the strategy's doing.
        self._collecting = gc.isenabled()
        gc.disable()
        sys.setprofile(self._event)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(self._before)
        if self._collecting:
            gc.enable()

    def _event(self, frame: FrameType, event: str, called: object) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Overrun(f"more than {MOST_STEPS:,} calls of functions in one turn")
        if event == "c_call" and (rule := _rule(called)):
            caller = frame
            while caller.f_code.co_filename == random.__file__ and caller.f_back is not None:
                caller = (
                    caller.f_back
                )  # whoever called random.choice() should read their own line
            where = f"{os.path.basename(caller.f_code.co_filename)}:{caller.f_lineno}"
            name = getattr(called, "__name__", "?")
            self.contacts.append((rule, f"calls {name}() at {where}"))


def _rule(called: object) -> str | None:
    if any(called is clock for clock in _CLOCKS):
        return "wall-clock"
    if any(called is source for source in _ENTROPY):
        return "global-random"
    owner = getattr(called, "__self__", None)
    if owner is _SHARED and owner is not None:
        return "global-random"
    of_days = owner is datetime.datetime or owner is datetime.date
    return "wall-clock" if of_days and getattr(called, "__name__", "") in _TODAY else None


class Perturbed:
    """Sets the generators that a program shares to another state, and back again when it is left.

    Attributes:
        touched: after leaving, whether their states had changed in between.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.touched = False

    def __enter__(self) -> Perturbed:
        self._python = random.getstate()
        random.seed(self.seed)
        self._python_set = random.getstate()
        self._numpy = cast("_Numpy | None", sys.modules.get("numpy.random"))
        if self._numpy is not None:
            self._numpy_before = self._numpy.get_state()
            self._numpy.seed(self.seed % 2**32)
            self._numpy_set = _words(self._numpy.get_state())
        return self

    def __exit__(self, *_: object) -> None:
        self.touched = random.getstate() != self._python_set
        random.setstate(self._python)
        if self._numpy is not None:
            self.touched |= _words(self._numpy.get_state()) != self._numpy_set
            self._numpy.set_state(self._numpy_before)


class _Numpy(Protocol):
    """What is used of ``numpy.random``, which is looked at only if something else has loaded it."""

    def get_state(self) -> tuple[object, ...]: ...
    def set_state(self, state: tuple[object, ...]) -> None: ...
    def seed(self, seed: int) -> None: ...


def _words(state: tuple[object, ...]) -> str:
    kind, key, *rest = state
    return f"{kind} {bytes(cast('memoryview', key)).hex()} {rest}"
