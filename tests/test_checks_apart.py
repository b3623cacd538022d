"""A strategy that hangs, sleeps or dies ends in a finding that teaches, and soon."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from negotiate.checks import Report, apart, check_apart, check_strategy
from negotiate.checks.bounds import TimeBounds
from negotiate.errors import StrategyError, UnknownName
from negotiate.match import Overrun
from negotiate.moves import Accept, Offer, Walk
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.moves import Move
    from negotiate.strategy import View

timers = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers here")


class Decent(Strategy):
    """Offers its best."""

    def respond(self, view: View) -> Move:
        own = self.brief.preferences
        if own.space.max_utility < own.reservation:
            return Walk()
        if view.standing is not None and own.utility(view.standing) == own.space.max_utility:
            return Accept()
        return Offer(own.space.kth(0))


class Looping(Decent):
    """Never answers, and calls nothing."""

    def respond(self, view: View) -> Move:
        while True:
            pass


class Stubborn(Decent):
    """Never answers, and does not let itself be interrupted."""

    def respond(self, view: View) -> Move:
        while True:
            with suppress(BaseException):
                while True:
                    pass


class Deaf(Decent):
    """Never answers, and hears no alarm: as if stuck in compiled code."""

    def respond(self, view: View) -> Move:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        while True:
            time.sleep(60)


class Drowsy(Decent):
    """Waits before each answer."""

    def respond(self, view: View) -> Move:
        time.sleep(0.05)
        return super().respond(view)


class Fatal(Decent):
    """Ends the process."""

    def respond(self, view: View) -> Move:
        os._exit(3)


class Unborn(Decent):
    """Cannot be made in any time."""

    def __init__(self) -> None:
        while True:
            pass


def found(cls: type[Strategy], limit: float = 1.0) -> dict[str, str]:
    """Rule and message of each finding."""
    report = check_apart(f"{__name__}:{cls.__qualname__}", limit=limit)
    assert not report
    assert all(finding.cure for finding in report.findings)
    return {finding.rule: finding.message for finding in report.findings}


@timers
def test_a_call_that_never_returns_is_cut() -> None:
    assert found(Looping, limit=30) == {"slow": "took more than 2 s for one call"}


@timers
def test_one_that_swallows_the_interruption_loses_its_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "_GRACE", 5.0)
    assert "slow" in found(Stubborn)


@timers
def test_one_that_cannot_be_interrupted_is_ended_from_outside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "_GRACE", 0.5)
    message = found(Deaf)["slow"]
    assert message.startswith("never returned from a call, in scenario check-0")


@timers
def test_one_that_sleeps_is_told_that_it_is_too_slow() -> None:
    messages = found(Drowsy)
    assert messages["slow"].startswith("is too slow to be checked")
    assert messages["wall-clock"].startswith("calls sleep()")


def test_one_that_ends_its_process_is_told_where() -> None:
    assert found(Fatal, limit=30)["died"].startswith(
        "ended the process with status 3, in scenario check-0"
    )


@timers
def test_one_that_cannot_be_made_in_time_is_an_error_as_elsewhere() -> None:
    with pytest.raises(StrategyError, match="cannot be made"):
        check_apart(f"{__name__}:Unborn", limit=0.5)


def test_an_unknown_name_is_an_error_as_elsewhere() -> None:
    with pytest.raises(UnknownName, match="no strategy 'mcro'") as raised:
        check_apart("mcro")
    assert "micro" in raised.value.help


def test_one_that_keeps_the_rules_has_the_report_of_check_strategy() -> None:
    report = check_apart("micro")
    assert report.findings == ()
    assert report.facts["matches"] == check_strategy("micro").facts["matches"]
    assert report.facts["same_in_other_processes"] is True


def test_a_report_reads_back_what_it_wrote() -> None:
    report = check_strategy(Fickle, count=1)
    assert report.findings
    assert Report.from_dict(report.as_dict()) == report


class Fickle(Decent):
    """Raises."""

    def respond(self, view: View) -> Move:
        raise ValueError("no")


@timers
def test_the_alarm_is_off_between_calls() -> None:
    before = signal.getsignal(signal.SIGALRM)
    try:
        bounds = TimeBounds(0.05, 60, lambda _: None)
        with bounds.call():
            pass
        time.sleep(0.1)
        assert not bounds.rang
        with pytest.raises(Overrun), bounds.call():
            _spin(lambda: bounds.rang)
    finally:
        signal.signal(signal.SIGALRM, before)


def _spin(until: Callable[[], bool]) -> None:
    while not until():
        pass
