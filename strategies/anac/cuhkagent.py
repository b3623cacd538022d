"""CUHKAgent, winner of ANAC 2012."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.anac.pool import Band
from negotiate.strategies.anac.seat import Choice, Received, Seat, units
from negotiate.strategies.models import CuhkFrequency
from negotiate.strategies.offering import ACCEPT, WALK

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_EARLIEST = 0.08
_EXPLORED = 200
_GREED = 0.95


class CUHKAgent(Seat):
    """Yields to the discount factor, not to the opponent, and picks what the opponent names most often.

    The threshold falls from the largest utility ``max`` to ``max d / d**T`` at time T as
    ``max - (max - that) (t/T)**2`` and follows ``max d / d**t`` afterwards; T is
    ``0.08 + 0.92 d**beta``, beta 1.8, 1.5 or 1.2 as d is above 0.75, 0.5 or not, plus ``0.1 (1 - T)`` times the tenth
    power of how many of the last ten distinct offers came once. Without discounting it stays at the top, or 0.05 below
    it from 3,000 outcomes, 0.25 from 10,000 late. Of the outcomes at or above the threshold it offers the one whose
    values the opponent used most (one time in twenty any), or the opponent's best offer once that reaches the
    threshold. It accepts what reaches threshold or next offer; where waiting can bring no more than the opponent's best
    it accepts that, or proposes it. In the last five rounds after t = 0.9985 it makes the opponent's best offer.

    Source: Hao & Leung (2014), "CUHKAgent: an adaptive negotiation strategy for bilateral negotiations over multiple
    items", in *Novel Insights in Agent-based Complex Automated Negotiation*.
    """

    def begin(self, brief: Brief) -> None:
        """Find out how early the discount makes conceding worthwhile."""
        super().begin(brief)
        self.model = self.learning(CuhkFrequency())
        d = self.discount
        beta = 1.8 if d > 0.75 else 1.5 if d > 0.5 else 1.2
        self.turning = self.first_turning = _EARLIEST + (1 - _EARLIEST) * d**beta
        self.threshold = self.high
        self.conceding = self.tough = False
        self.times: Counter[Outcome] = Counter()
        self.distinct: list[Outcome] = []
        self.last_turn, self.pace = 0.0, 0.0

    def hear(self, received: Received) -> None:
        """Count values, and offers made once."""
        super().hear(received)
        if not self.times[received.outcome]:
            self.distinct.append(received.outcome)
        self.times[received.outcome] += 1
        recent = self.distinct[-10:]
        once = (
            sum(self.times[o] == 1 for o in recent) if len(self.distinct) > 10 else len(recent)
        )
        toughness = (once / 10) ** 2
        added = 0.1 * (1 - self.first_turning) * toughness**10
        self.turning = min(self.first_turning + added, 1.0)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Bid, and accept where the bid is no better."""
        left = self._rounds_left(time)
        best = self.history.best
        if standing is None or best is None or not self.sent:
            return self.best
        last = left < 5 and time > 0.9985 and left <= 10
        offer = self._last_bid(left, best) if last else self._bid(time, best)
        verdict = self._verdict(time, standing, offer, best)
        if verdict is not None:
            return verdict
        if last:
            return ACCEPT if self.tough else offer
        if left > 10:
            self.tough, self.conceding = self.conceding, False
            return best.outcome if self.tough else offer
        return offer

    def _rounds_left(self, time: float) -> int:
        self.pace, self.last_turn = max(self.pace, time - self.last_turn), time
        return int((1 - time) / self.pace + 1e-6) if self.pace else 1

    def _bid(self, time: float, best: Received) -> Outcome:
        d = self.discount
        if d == 1 and self.space.size > 3000:
            late = self.space.size > 10_000 and time >= 0.98
            self.threshold = min(self.threshold, self.high - (0.25 if late else 0.05))
        elif time <= self.turning:
            least = self.high * d / d**self.turning
            share = (time / self.turning) ** 2
            self.threshold = self.high - (self.high - least) * share
        else:
            self.threshold = self.high * d / d**time
        if best.utility >= self.threshold:
            return best.outcome
        return self._named(self.threshold, self.high)

    def _last_bid(self, left: int, best: Received) -> Outcome:
        if best.utility >= 0.85 or left < 2:
            return best.outcome
        return self._named(self.high - 0.15, self.high - 0.02)

    def _named(self, low: float, high: float) -> Outcome:
        """Of the outcomes in the band, by hundredths of utility, the one whose values were named most often."""
        first, last = int(low / 0.01 + 1e-9), int(high / 0.01 + 1e-9)
        if first >= last:
            return self.best
        top = None if high >= self.high else units(last * 0.01) - 1
        band = self._some(self.pool.band(units(first * 0.01), top))
        if not band.outcomes:
            return self.best
        if self.random() >= _GREED:
            return self.pick(band.outcomes)
        scores = band.scores(self.model).round(12)
        return self.pick([band.outcomes[i] for i in np.flatnonzero(scores == scores.max())])

    def _some(self, band: Band) -> Band:
        n = len(band.outcomes)
        if n < _EXPLORED or not band.whole:
            return band
        drawn = sorted({int(self.random() * n) for _ in range(_EXPLORED)})
        return Band([band.outcomes[i] for i in drawn], band.rows[drawn], whole=False)

    def _verdict(
        self, time: float, standing: Outcome, offer: Outcome, best: Received
    ) -> Choice | None:
        accepts = self._accepts(time, self.u(standing), self.u(offer), best.utility)
        ends = self.reserve > 0 and (
            self.reserve >= min(self.threshold, self.u(offer))
            or (
                self.reserve * self.discount**time > self.high * self.discount
                and time > self.turning
            )
        )
        if accepts and (not ends or self.u(standing) > self.reserve):
            return ACCEPT
        return WALK if ends else None

    def _accepts(self, time: float, offered: float, planned: float, best: float) -> bool:
        self.conceding = False
        if offered >= min(self.threshold, planned):
            return True
        now = best * self.discount**time
        hopeless = now > self.high * self.discount and time > self.turning
        if not hopeless and now <= self.threshold * self.discount**time:
            return False
        self.conceding = offered < best - 0.01
        return not self.conceding
