"""Nice Tit for Tat, finalist of ANAC 2011."""

from __future__ import annotations

from itertools import accumulate, repeat, takewhile
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.joint import Joint
from negotiate.domain.preferences import SCALE
from negotiate.strategies.anac.seat import Choice, Received, Seat, units
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
        self.big = self.size > _BIG
        self.model = ScalableBayesian()
        self.model.begin(brief.domain)
        self.joint = Joint(brief.preferences)
        self.nash, self.short = 0.0, 0.0  # short: what the first offers leave of 1
        self.asked = 0
        self.estimate = (-1, 0.7)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Plan an offer, then see whether to accept instead, or to ask for the best received."""
        best = self.history.best
        if standing is None or best is None:
            return self.best
        plan = self._reply(time, standing, best) if self.sent else self.best
        u, enough = self.u(standing), self.u(plan)
        late = time >= 0.98
        if u < enough and not late:
            return plan
        recent = self.history.between(2 * time - 1, time)  # as far back as the end is ahead
        if late and len(recent) <= (40 if self.big else 10):
            enough = min(enough, max((r.utility for r in recent), default=0.0))
        if u < enough:
            return plan
        if best.utility > u and len(recent) > 1 and self.asked < 4:
            self.asked += 1
            return best.outcome
        return ACCEPT

    def _reply(self, time: float, standing: Outcome, best: Received) -> Outcome:
        if time <= (0.5 if self.big else 0.99):
            self.model.update(standing, time)
            self._estimate_nash()
        first = self.history.between(0, _OPENING) or self.history.all[:1]
        start = min(r.utility for r in first)
        self.short = 1 - start
        hoped = self.nash - start
        theirs = min((best.utility - start) / hoped, 1.0) if hoped else 1.0
        # The bonus is a share of the way that their concession leaves to the Nash point.
        mine = theirs + (1 - theirs) * self._bonus(time)
        offer = self._favoured(1 - mine * (1 - self.nash))
        return offer if self.u(offer) > best.utility else best.outcome

    def _estimate_nash(self) -> None:
        if self.size < _HUGE and self.estimate[0] != self.model.revision:
            self.joint.update([np.array(c) for c in rescaled(self.model.tables)])
            own, other = self.joint.points.utilities
            # Products in floats: in integers they would overflow.
            at = int(np.argmax(own.astype(float) * other.astype(float)))
            self.estimate = (self.model.revision, int(own[at]) / SCALE)
        self.nash = min(max(self.estimate[1] * (1.4 - 0.6 * self.short), 0.5), 1.0)

    def _bonus(self, time: float) -> float:
        late = time - (0.85 if self.size > 3000 else 0.91)
        return max(0.5 - 0.4 * self.discount, min(20 * late, 1.0))

    def _favoured(self, target: float) -> Outcome:
        """One that the opponent likes among the outcomes around the target."""
        band = self._around(min(target, 1.0))
        if self.big:
            return self.pick(band.outcomes)
        tenth = round(len(band.outcomes) / 10)
        return self.pick(band.ranked(self.model)[: min(max(tenth, 3), 20)])

    def _around(self, target: float) -> Band:
        """Outcomes from just below the target up; the range grows until it holds two, or one where it ends."""
        low, top = units(target * 0.98), target + 0.05
        wider = accumulate(repeat(0.01), initial=top + 0.01)
        for high in (top, *takewhile(lambda h: h <= 1.01, wider)):
            # In a big domain the original is content with the first two that it finds.
            band = (
                self.pool.drawn(low, units(high), 2)
                if self.big
                else self.pool.band(low, units(high))
            )
            if len(band.outcomes) > (high < 1):
                return band
        return self.pool.ranks(0, 1)
