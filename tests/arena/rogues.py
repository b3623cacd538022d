"""Strategies that misbehave; each is honest otherwise. Worker processes import this module by its name."""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from negotiate.moves import Move, Offer
from negotiate.strategies.time_dependent import TimeDependent

if TYPE_CHECKING:
    from negotiate.protocol import Result
    from negotiate.strategy import Brief, View


class Raises(TimeDependent):
    def respond(self, view: View) -> Move:
        raise ValueError(f"I am {object()!r}")


class RaisesAtTheBeginning(TimeDependent):
    def begin(self, brief: Brief) -> None:
        raise ValueError("no")


class RaisesInTheEnd(TimeDependent):
    def end(self, result: Result) -> None:
        raise ValueError("no")


class SysExits(TimeDependent):
    def respond(self, view: View) -> Move:
        sys.exit(3)


class Interrupts(TimeDependent):
    def respond(self, view: View) -> Move:
        raise KeyboardInterrupt


class OwnException(TimeDependent):
    def respond(self, view: View) -> Move:
        raise BaseException("not an Exception")


class ReturnsNone(TimeDependent):
    def respond(self, view: View) -> Move:
        return None  # type: ignore[return-value]


class OffersNonsense(TimeDependent):
    def respond(self, view: View) -> Move:
        return Offer((99, -1, 7))


class ChangesItsView(TimeDependent):
    def respond(self, view: View) -> Move:
        move = super().respond(view)
        view.last, view.standing, view.round, view.rounds, view.party = (
            None,
            None,
            10**6,
            10**9,
            5,
        )
        return move


class Prints(TimeDependent):
    def respond(self, view: View) -> Move:
        print("{this is not JSON")
        return super().respond(view)


class Sleeps(TimeDependent):
    def respond(self, view: View) -> Move:
        time.sleep(60)
        return super().respond(view)


class SleepsAtTheBeginning(TimeDependent):
    def begin(self, brief: Brief) -> None:
        time.sleep(60)


class Loops(TimeDependent):
    def respond(self, view: View) -> Move:
        while True:
            pass


class SleepsOnce(TimeDependent):
    """Swallows the watchdog's exception and goes on as if nothing had been."""

    def respond(self, view: View) -> Move:
        if view.round == 2:
            with contextlib.suppress(BaseException):
                time.sleep(60)
        return super().respond(view)


class Swallows(TimeDependent):
    def respond(self, view: View) -> Move:
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(60)


class StuckInC(TimeDependent):
    """No signal handler runs in here."""

    def respond(self, view: View) -> Move:
        return sum(itertools.repeat(1))  # type: ignore[return-value]


class Exits(TimeDependent):
    def respond(self, view: View) -> Move:
        if view.round == 3:
            os._exit(7)
        return super().respond(view)


class KillsItself(TimeDependent):
    def begin(self, brief: Brief) -> None:
        os.kill(os.getpid(), signal.SIGKILL)


class Slow(TimeDependent):
    """Honest, and takes its time: about 20 ms a match of 20 rounds."""

    def respond(self, view: View) -> Move:
        time.sleep(0.0005)
        return super().respond(view)


class SleepsInTheEnd(TimeDependent):
    def end(self, result: Result) -> None:
        time.sleep(60)


class SwallowsInTheEnd(TimeDependent):
    def end(self, result: Result) -> None:
        with contextlib.suppress(BaseException):
            time.sleep(60)


class SleepsALittle(TimeDependent):
    def respond(self, view: View) -> Move:
        time.sleep(0.25)
        return super().respond(view)
