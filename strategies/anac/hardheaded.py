"""HardHeaded, winner of ANAC 2011."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from negotiate.strategies.anac.entries import as_held
from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import HardHeadedFrequency
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_START, _EXPONENT, _LATE = 0.05, 0.05, 30.0
_LEAST = 0.585
_STEP = 0.01
_QUEUED = 5


class HardHeaded(Seat):
    """Walks down its outcomes very slowly, a hundredth of utility at a time, best for the opponent first.

    The floor of its offers is ``p = least + (1 - F)(max - least)`` with ``F = 0.05 + 0.95 (t/d)**20`` and least
    0.585; with a discount factor d below 0.9, p falls towards ``least + d (max - least)`` until time d, and fast
    after it. It queues the next outcome below its last offer and those within 0.01 of it that stay above p, worst
    first; of more than four, the five best for its frequency model, best first, though about half of these come out
    as the outcome next above in own utility (:mod:`negotiate.strategies.anac.entries` says why; so it was
    recorded). Where the next outcome is below p it repeats a random earlier offer. The opponent's best offer goes
    first if it beats the head of the queue. It accepts what beats its lowest offer so far, or reaches its next.

    Source: van Krimpen, Looije & Hajizadeh (2013), "HardHeaded", in *Complex Automated Negotiations*.
    """

    def begin(self, brief: Brief) -> None:
        """Open with the best outcome."""
        super().begin(brief)
        self.model = self.learning(HardHeadedFrequency(levelling=0.05))
        self.queue: deque[Outcome] = deque([self.best])
        self.lowest = 1.0

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept what is good enough, else offer the head of the queue."""
        if not self.queue:
            self._fill(units(self._floor(time)))
        if standing is not None:
            u = self.u(standing)
            if u > self.lowest or u >= self.u(self.queue[0]):
                return ACCEPT
        offer = self.queue.popleft()
        self.lowest = min(self.lowest, self.u(offer))
        return offer

    def _floor(self, time: float) -> float:
        """From the top to a floor until the discount counts, then from there to the least."""
        d, span = self.discount, max(self.high - _LEAST, 0.0)
        if d >= 0.9:
            share, fallen = 0.0, _concession(time / d, _EXPONENT)
        elif time <= d:
            share, fallen = d, _concession(time / d, _EXPONENT / d)
        else:
            share, fallen = 0.0, _concession((time - d) / (1 - d), _LATE)
            span *= d
        return _LEAST + span * (share + (1 - fallen) * (1 - share))

    def _fill(self, floor: int) -> None:
        following = min(self.space.rank(self.sent[-1]) + 1, self.space.size - 1)
        head = self.space.utility_at(following)
        within = max(floor, head - units(_STEP) + 1)
        near = self.pool.after(following, within).outcomes
        first = self.space.kth(following)
        outcomes = [first if head >= floor else self.pick(self.sent)]
        outcomes += [outcome for outcome in near if outcome != first]
        if len(outcomes) < _QUEUED:
            self.queue.extend(sorted(outcomes, key=self.u))
        else:
            liked = sorted(outcomes, key=lambda o: -self.model.utility(o))
            self.queue.extend(as_held(outcomes, liked[:_QUEUED]))
        best = self.history.best
        if best is not None and best.utility > self.u(self.queue[0]):
            self.queue.appendleft(best.outcome)


def _concession(time: float, exponent: float) -> float:
    share: float = time ** (1 / exponent)
    return _START + (1 - _START) * share
