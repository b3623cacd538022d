"""Nice Tit for Tat, finalist of ANAC 2011."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.joint import Joint
from negotiate.domain.preferences import SCALE
from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import ScalableBayesian, rescaled
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategies.anac.pool import Band
    from negotiate.strategy import Brief

_OPENING = 0.01  # until then the opponent shows where it starts from
_BIG, _HUGE = 10_000, 200_000


class NiceTitForTat(Seat):
    """Concedes towards the estimated Nash point by the share that the opponent has conceded.

    The Nash utility is mine at the Nash point of my utility and a scalable Bayesian model (0.7 from 200,000 outcomes),
    times ``1.4 - 0.6 gap``, kept in [0.5, 1]; gap is what the opponent's first offers leave me short of 1. The
    opponent's concession is ``(best received - worst of its first offers) / (Nash - that worst)``, at most 1; the
    target is ``1 - concession (1 - Nash)``, moved on towards Nash by a bonus: ``0.5 - 0.4 discount``, or
    ``20 (t - 0.91)`` (0.85 from 3,000 outcomes), if larger. It offers one of the best outcomes for the opponent in
    ``[0.98 target, target + 0.05]``, or the opponent's best offer if that is as good. It accepts what reaches its next
    offer; from t = 0.98, with few offers to come, what beats the mean of the better ones in the last stretch, but
    before that it proposes the opponent's best offer up to four times. The model is frozen from t = 0.99 (0.5 in
    domains of more than 10,000 outcomes).

    Source: Baarslag, Hindriks & Jonker (2013), "A tit for tat negotiation strategy for real-time bilateral
    negotiations", in *Complex Automated Negotiations*.
    """

    def begin(self, brief: Brief) -> None:
        """Start with the prior beliefs."""
        super().begin(brief)
        self.size = brief.domain.size
        self.model = ScalableBayesian(early=0.0)
        self.model.begin(brief.domain)
        self.joint = Joint(brief.preferences)
        self.nash = self.gap = 0.0
        self.repeated = 0
        self.point = (-1, 0.7)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Plan an offer, then see whether to accept instead."""
        best = self.history.best
        if standing is None or best is None:
            return self.best
        plan = self._plan(time, standing) if self.sent else self.best
        if not self._good(time, self.u(standing), self.u(plan)):
            return plan
        few = len(self.history.between(2 * time - 1, time)) > 1
        if few and best.utility > self.u(standing) and self.repeated <= 3:
            self.repeated += 1
            return best.outcome
        return ACCEPT

    def _plan(self, time: float, standing: Outcome) -> Outcome:
        if time <= (0.5 if self.size > _BIG else 0.99):
            self.model.update(standing, time)
            self._aim()
        first = [r.utility for r in self.history.between(0, _OPENING)]
        start = min(first) if first else self.history.all[0].utility
        best = self.history.best or self.history.all[0]
        distance = self.nash - start
        conceded = min(1.0, (best.utility - start) / distance) if distance else 1.0
        target = 1 - conceded * (1 - self.nash)
        self.gap = 1 - start
        target -= self._bonus(time) * max(0.0, target - self.nash)
        offer = self._liked(self._near(target))
        return best.outcome if best.utility >= self.u(offer) else offer

    def _aim(self) -> None:
        if self.size < _HUGE and self.point[0] != self.model.revision:
            self.joint.update([np.array(c) for c in rescaled(self.model.tables)])
            own, other = self.joint.points.utilities
            # Products in floats: in integers they would overflow.
            at = int(np.argmax(own.astype(float) * other.astype(float)))
            self.point = (self.model.revision, int(own[at]) / SCALE)
        self.nash = min(max(self.point[1] * max(1.4 - 0.6 * self.gap, 0.0), 0.5), 1.0)

    def _bonus(self, time: float) -> float:
        late = time - (0.85 if self.size > 3000 else 0.91)
        in_time = min(1.0, 20 * late) if late > 0 else 0.0
        return max(0.5 - 0.4 * self.discount, in_time)

    def _near(self, target: float) -> Band:
        target = min(target, 1.0)
        high = target + 0.05
        while True:
            band = self._between(units(target * 0.98), units(high))
            if len(band.outcomes) > 1 or (high >= 1 and band.outcomes):
                return band
            high += 0.01
            if high > 1.01:
                return self.pool.ranks(0, 1)

    def _between(self, low: int, high: int) -> Band:
        if self.size > _BIG:  # the original is content with the first two that it finds
            return self.pool.drawn(low, high, 2)
        return self.pool.band(low, high)

    def _liked(self, band: Band) -> Outcome:
        if self.size > _BIG:
            return self.pick(band.outcomes)
        count = min(max(round(len(band.outcomes) / 10), 3), 20)
        return self.pick(band.ranked(self.model)[:count])

    def _good(self, time: float, offered: float, planned: float) -> bool:
        if offered >= planned:
            return True
        recent = self.history.between(2 * time - 1, time)
        if time < 0.98 or len(recent) > (40 if self.size > _BIG else 10):
            return False
        better = [r.utility for r in recent if r.utility > offered]
        return not better
