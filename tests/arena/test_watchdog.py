from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from negotiate.arena.watchdog import Guard, Limits
from negotiate.match import Overrun

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs timers of POSIX")

LIMITS = Limits(move=0.2, begin=0.6)


def test_a_call_that_lasts_too_long_is_cut() -> None:
    with Guard(LIMITS) as guard:
        guard.watch(lambda: ("respond", 1, None))
        began = time.monotonic()
        with pytest.raises(Overrun, match=r"took more than 0\.2 s for one move"):
            time.sleep(5)
        assert 0.2 <= time.monotonic() - began < 2
    assert (guard.caught, guard.cuts, guard.ever) == (1, 1, True)


def test_beginning_may_take_longer() -> None:
    with Guard(LIMITS) as guard:
        guard.watch(lambda: ("begin", 0, None))
        time.sleep(0.4)
        with pytest.raises(Overrun, match="to begin"):
            time.sleep(5)


def test_many_short_calls_are_not_one_long_one() -> None:
    last: list[object] = [None]
    with Guard(LIMITS) as guard:
        guard.watch(lambda: ("respond", 0, last[0]))
        until = time.monotonic() + 0.6
        while time.monotonic() < until:
            last[0] = object()
            time.sleep(0.001)
    assert guard.caught is None


def test_nobody_is_cut_while_nobody_plays() -> None:
    with Guard(LIMITS) as guard:
        time.sleep(0.3)
        guard.watch(lambda: ("respond", None, None))  # the match itself is at work
        time.sleep(0.3)
        guard.rest()
        time.sleep(0.3)
    assert guard.caught is None


def test_whoever_swallows_the_exception_gets_the_next_soon() -> None:
    swallowed = 0
    with Guard(LIMITS) as guard:
        guard.watch(lambda: ("respond", 0, None))
        began = time.monotonic()
        while swallowed < 5:
            try:
                time.sleep(5)
            except Overrun:
                swallowed += 1
        assert time.monotonic() - began < 2
        guard.fresh()
        assert (guard.caught, guard.cuts, guard.ever) == (None, 0, True)


def test_the_callers_own_alarm_is_put_back() -> None:
    rung: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rung.append(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with Guard(LIMITS):
            pass
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
        time.sleep(0.4)
        assert rung == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_in_another_thread_there_is_no_ticking() -> None:
    ticking: list[bool] = []

    def enter() -> None:
        with Guard(LIMITS) as guard:
            ticking.append(guard.ticking)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert ticking == [False]
