"""TheFawkes, winner of ANAC 2013."""

from __future__ import annotations

from collections import deque
from math import isinf, isnan
from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.anac.seat import Choice, Received, Seat, units
from negotiate.strategies.models import HardHeadedFrequency
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategies.anac.pool import Band, Floats
    from negotiate.strategy import Brief

_BETA, _TOLERANCE, _RISK = 0.002, 0.8, 0.2
_STEPS = 1000  # steps of time where no rounds are counted

# Daubechies' orthonormal wavelet with eight coefficients, as the original has them.
_SCALES = np.array(
    [
        0.32580343,
        1.01094572,
        0.8922014,
        -0.03967503,
        -0.2645071,
        0.0436163,
        0.0465036,
        -0.01498699,
    ]
) / np.sqrt(2)
_DETAILS = _SCALES[::-1] * np.array([1, -1] * 4)


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
        self.mean = sum(sum(table) / len(table) for table in own.tables) / 1e9
        self.mean += sum(sum(g.contributions) / len(g.contributions) for g in own.groups) / 1e9
        self.steps = (brief.rules.steady_rounds or _STEPS) + 1
        self.series: list[float] = []
        self.gap = 0.0
        self.line = (0.0, 0.0)
        self.spread = 0.0
        self.last_ten: deque[float] = deque(maxlen=10)
        self.seconds = 1
        self.proposed = (0.0, self.high)

    def hear(self, received: Received) -> None:
        """Count values, and put the utility at its place in time."""
        super().hear(received)
        if len(self.history.all) > 1:
            self.gap = max(self.gap, received.time - self.history.all[-2].time)
        place = int(received.time * self.steps)
        self.series += [0.0] * (place + 1 - len(self.series))
        self.series[place] = received.utility

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Plan twice, as the original does: the first plan is offered, the second decides on acceptance."""
        plan = self._propose(time)
        if self.sent and plan == self.sent[-1]:
            self.proposed = (
                time,
                self.u(plan),
            )  # it dates a repeated offer anew before it plans again
        compared = self._propose(time)
        if standing is not None and self._accepts(time, self.u(compared)):
            return ACCEPT
        self.proposed = (time, self.u(plan))
        return plan

    def _accepts(self, time: float, planned: float) -> bool:
        offered = self.history.all[0].utility
        if offered < self.mean:
            return False
        gap = min(0.1, self.gap)
        if offered >= planned or time < 1 - gap:
            return offered >= planned
        recent = self.history.between(time - 10 * gap, time)
        return offered >= max((r.utility for r in recent), default=0.0)

    def _propose(self, time: float) -> Outcome:
        if len(self.history.all) < 2 or not self.sent:
            return self.best
        self._forecast()
        correction = 1 - time / 10 - self.seconds / (10 * len(self.sent))
        band = self.pool.band(units(correction * self._target(time)))
        return self._choose(band) if band.outcomes else self.sent[-1]

    def _choose(self, band: Band) -> Outcome:
        liked = band.ranked(self.model)
        chosen = liked[0]
        if all(u == self.u(chosen) for u in self.last_ten):
            self.seconds += 1
            chosen = liked[min(1, len(liked) - 1)]
        self.last_ten.append(self.u(chosen))
        return chosen

    def _forecast(self) -> None:
        series = np.array(self.series)
        coefficients = _transform(series)
        # The original hands the spline one point too many, which lies at the origin.
        places = np.append(np.arange(len(coefficients)), 0.0)
        slope, start = _line(places, np.append(coefficients, 0.0))
        self.line = (start, slope)
        ratios = [_ratio(start + slope * i, value) for i, value in enumerate(self.series)]
        self.spread = float(np.std(ratios))

    def _expected(self, time: float) -> float:
        start, slope = self.line
        return (start + slope * int(time * self.steps)) * (1 + self.spread)

    def _reserved(self, time: float) -> float:
        fall: float = 1 - time ** (1 / _BETA)
        top: float = self.high * self.discount**_RISK
        return self.reserve + fall * (top - self.reserve)

    def _target(self, time: float) -> float:
        at, expected = self._turning_point(time)
        if at is None:
            return self._reserved(time)
        last_time, last = self.proposed
        return expected + (last - expected) * (time - at) / (last_time - at)

    def _turning_point(self, time: float) -> tuple[float | None, float]:
        """When to meet the opponent, and at what utility; None where not even the tolerance allows it."""
        gap = min(0.1, self.gap)
        ahead: list[tuple[float, float]] = []
        at = time
        while at < min(time + gap * 10, 1):
            excess = (self._expected(at) - self._reserved(at)) * self.discount**at
            ahead.append((excess, at))
            at += gap
        excess, at = max(ahead, key=lambda pair: pair[0], default=(-1.0, time))
        if excess <= 0:
            at = min(ahead, key=lambda pair: abs(pair[0]), default=(0.0, time))[1]
            if self._expected(at) <= _TOLERANCE * self._reserved(at):
                return None, 0.0
        return at, self._expected(at)


def _transform(series: Floats) -> Floats:
    """The discrete wavelet transform: halves again and again while eight values are left."""
    found = series.copy()
    size = len(found)
    while size >= 8:
        half = size >> 1
        places = (2 * np.arange(half)[:, None] + np.arange(8)) % size
        window = found[:size][places]
        found[:size] = 0.0
        found[:half], found[half : 2 * half] = window @ _SCALES, window @ _DETAILS
        size = half
    return found


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and start of the least-squares line."""
    dx = x - x.mean()
    slope = float(dx @ (y - y.mean()) / (dx @ dx))
    return slope, float(y.mean() - slope * x.mean())


def _ratio(fitted: float, value: float) -> float:
    if value == 0:
        return 0.0 if fitted else 1.0
    return 0.0 if isinf(fitted / value) or isnan(fitted) else fitted / value
