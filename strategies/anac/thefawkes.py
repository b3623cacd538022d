"""TheFawkes, winner of ANAC 2013."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import accumulate, repeat, takewhile
from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.anac.seat import Choice, Received, Seat, units
from negotiate.strategies.models import HardHeadedFrequency
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategies.anac.pool import Floats
    from negotiate.strategy import Brief

_FALL = 500  # exponent of time in the reserve curve
_TOLERATED = 0.8  # share of the reserve curve that a forecast must exceed
_WARY = 0.2  # power of the discount factor that lowers the top of the curve
_STEPS = 1000  # steps of time where no rounds are counted
_RECALLED = 10  # own proposals that must differ in worth
_LONGEST = 0.1  # a pause of the opponent counts as no longer

# Daubechies' orthonormal wavelet of eight coefficients, rounded as the original rounds them, times the root of 2.
_LOW_PASS = np.array(
    (
        0.32580343,
        1.01094572,
        0.8922014,
        -0.03967503,
        -0.2645071,
        0.0436163,
        0.0465036,
        -0.01498699,
    )
) / np.sqrt(2)
_HIGH_PASS = np.where(np.arange(8) % 2, -1, 1) * np.flip(_LOW_PASS)


@dataclass(frozen=True)
class _Forecast:
    """A straight line over steps of time, raised by a factor."""

    slope: float = 0.0
    start: float = 0.0
    raised: float = 1.0

    def at(self, step: int) -> float:
        return (self.start + self.slope * step) * self.raised


class TheFawkes(Seat):
    """Forecasts what the opponent will offer from a wavelet transform of its offers, and concedes towards that.

    The series of utilities received is transformed (Daubechies, eight coefficients); a cubic smoothing spline through
    the coefficients, which at the original's smoothing parameter of 1e-16 is a straight line, is read as the utility
    to expect at each time, raised by the spread of its ratio to the series. Over the next ten steps the time is chosen
    where the forecast exceeds the own reserve curve most, or falls least below it; the target lies on the line from the
    last own offer to that point. The reserve curve is ``r + (1 - t**500)(max d**0.2 - r)``. It offers the best
    for its frequency model among outcomes at or above the target less ``t/10`` (and less a tenth of how often it had
    repeated itself), the second best if its last ten were worth the same.

    It accepts when an offer reaches its next one and the mean of the outcome space; at the end, when it is the best of
    the last ten. But the original reads its history from the wrong end: the offer that it judges is the opponent's
    first, so that it hardly ever accepts. So does this one, for that is how the winner played.

    Source: TheFawkes, Delft University of Technology, winner of the Automated Negotiating Agents Competition 2013; it
    builds on Chen & Weiss (2012), "An efficient and adaptive approach to negotiation in complex environments", ECAI.
    """

    def begin(self, brief: Brief) -> None:
        """Find the mean utility of the own space."""
        super().begin(brief)
        self.model = self.learning(HardHeadedFrequency(rate=0.8, levelling=0.05))
        own = brief.preferences
        parts = [*own.tables, *(group.contributions for group in own.groups)]
        self.mean = sum(sum(part) / len(part) for part in parts) / 1e9
        self.steps = (brief.rules.steady_rounds or _STEPS) + 1
        self.received = np.zeros(self.steps + 1)  # utility at each step of time
        self.filled = 0
        self.pause = 0.0
        self.forecast = _Forecast()
        self.worths: deque[float] = deque(maxlen=_RECALLED)
        self.varied = 1
        self.anchor = (0.0, self.high)  # when the last own offer was made, and its worth

    def hear(self, received: Received) -> None:
        """Count values, and put the utility at its place in time."""
        super().hear(received)
        earlier = self.history.all[-2:-1]
        self.pause = max([self.pause, *(received.time - r.time for r in earlier)])
        step = self._step(received.time)
        self.received[step] = received.utility
        self.filled = max(self.filled, step + 1)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Plan twice, as the original does: the first plan is offered, the second decides on acceptance."""
        known = len(self.history.all) > 1 and bool(self.sent)
        if known:
            self.forecast = _forecast(self.received[: self.filled])
        plan = self._plan(time) if known else self.best
        fresh = (time, self.u(plan))
        if self.sent[-1:] == [plan]:
            self.anchor = fresh  # it dates a repeated offer anew before it plans again
        rival = self.u(self._plan(time) if known else self.best)
        if standing is not None and self._satisfied(time, rival):
            return ACCEPT
        self.anchor = fresh
        return plan

    def _satisfied(self, time: float, planned: float) -> bool:
        """Whether the opponent's first offer is above the mean, and beats the plan or in the end all recent ones."""
        first = self.history.all[0].utility
        goals = [planned]
        if time >= 1 - self._wait:
            recent = self.history.between(time - 10 * self._wait, time)
            goals.append(max((r.utility for r in recent), default=0.0))
        return first >= max(self.mean, min(goals))

    @property
    def _wait(self) -> float:
        return min(_LONGEST, self.pause)

    def _step(self, time: float) -> int:
        return min(int(time * self.steps), self.steps)

    def _plan(self, time: float) -> Outcome:
        share = 1 - time / 10 - self.varied / (10 * len(self.sent))
        liked = self.pool.band(units(share * self._target(time))).ranked(self.model)[:2]
        if not liked:
            return self.sent[-1]
        if set(self.worths) <= {self.u(liked[0])}:
            self.varied += 1
            liked.reverse()
        self.worths.append(self.u(liked[0]))
        return liked[0]

    def _reserved(self, time: float) -> float:
        top: float = self.high * self.discount**_WARY
        return top + (self.reserve - top) * time**_FALL

    def _target(self, time: float) -> float:
        """On the line from the last own offer to the meeting point, if there is one; else the reserve curve."""
        point = self._meeting(time)
        if point is None:
            return self._reserved(time)
        (last, mine), (then, theirs) = self.anchor, point
        if then == last:  # a repeated offer was dated anew, and they meet at once
            return theirs
        return theirs + (mine - theirs) * (time - then) / (last - then)

    def _meeting(self, time: float) -> tuple[float, float] | None:
        """When to meet the opponent, and at what utility; None where not even the tolerance allows it."""
        end = min(time + self._wait * 10, 1.0)
        moments = takewhile(lambda t: t < end, accumulate(repeat(self._wait), initial=time))
        points = [(t, self.forecast.at(self._step(t))) for t in [*moments] or [time]]

        def gain(point: tuple[float, float]) -> float:
            then, expected = point
            excess: float = (expected - self._reserved(then)) * self.discount**then
            return excess

        then, expected = max(points, key=gain)
        return (then, expected) if expected > _TOLERATED * self._reserved(then) else None


def _forecast(received: Floats) -> _Forecast:
    coefficients = _transform(received)
    # The original hands the spline one point too many, which lies at the origin.
    places = np.append(np.arange(len(coefficients)), 0.0)
    slope, start = _line(places, np.append(coefficients, 0.0))
    fitted = start + slope * np.arange(len(received))
    # Where nothing was received the ratio is 0, or 1 where nothing was expected either.
    blank = (fitted == 0).astype(float)
    ratios = np.divide(fitted, received, out=blank, where=received != 0)
    return _Forecast(slope, start, 1 + float(np.std(ratios)))


def _transform(series: Floats) -> Floats:
    """The discrete wavelet transform: halves again and again while eight values are left."""
    rough, details = series, [series[:0]]
    while len(rough) >= 8:
        size = len(rough)
        windows = rough[np.add.outer(np.arange(0, size - 1, 2), np.arange(8)) % size]
        # Of an odd number of values the original leaves the last empty.
        details.append(np.append(windows @ _HIGH_PASS, np.zeros(size % 2)))
        rough = windows @ _LOW_PASS
    return np.concatenate([rough, *reversed(details)])


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and start of the least-squares line."""
    dx = x - x.mean()
    slope = float(dx @ (y - y.mean()) / (dx @ dx))
    return slope, float(y.mean() - slope * x.mean())
