"""CUHKAgent, winner of ANAC 2012."""

from __future__ import annotations

from collections import Counter
from itertools import islice
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
_WATCHED = (
    10  # distinct offers, the last of them, that show whether the opponent makes new ones
)
_HASTES, _HASTE = (
    ((0.75, 1.8), (0.5, 1.5)),
    1.2,
)  # exponents of discount factors above a bound, or none


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
        beta = next((b for above, b in _HASTES if d > above), _HASTE)
        self.turning: float = _EARLIEST + (1 - _EARLIEST) * d**beta
        self.earliest = self.turning
        self.threshold = self.high
        self.claimed = False  # whether the last offer was the opponent's own best
        self.times: Counter[Outcome] = Counter()
        self.last_turn, self.pace = 0.0, 0.0

    def hear(self, received: Received) -> None:
        """Count values, and put the turning point off for an opponent that keeps on making new offers."""
        super().hear(received)
        self.times[received.outcome] += 1
        known = len(self.times)
        latest = islice(reversed(self.times.values()), _WATCHED)
        fresh = known if known <= _WATCHED else sum(n == 1 for n in latest)
        # The square of the share, to the tenth power.
        delay = 0.1 * (1 - self.earliest) * (fresh / _WATCHED) ** 20
        self.turning = min(self.earliest + delay, 1.0)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Bid; accept, leave or ask for the opponent's best where that is better."""
        left = self._rounds_left(time)
        best = self.history.best
        if standing is None or best is None or not self.sent:
            return self.best
        closing = left < 5 and time > 0.9985
        if not closing:
            self.threshold = self._scheduled(time)
        offer = self._closing_bid(left, best) if closing else self._bid(best)

        u, enough = self.u(standing), min(self.threshold, self.u(offer))
        settled = self._settled(best.utility, time)
        accepts = u >= enough or (settled and u >= best.utility - 0.01)
        leaves = self.reserve > 0 and (
            self.reserve >= enough or self._past_hope(self.reserve, time)
        )
        if accepts and (u > self.reserve or not leaves):
            return ACCEPT
        if leaves:
            return WALK
        if closing:
            return ACCEPT if self.claimed else offer
        if left > 10:
            self.claimed = settled and not accepts
            return best.outcome if self.claimed else offer
        return offer

    def _rounds_left(self, time: float) -> int:
        self.pace, self.last_turn = max(self.pace, time - self.last_turn), time
        return int((1 - time) / self.pace + 1e-6) if self.pace else 1

    def _scheduled(self, time: float) -> float:
        """The threshold at a time."""
        if self.discount == 1 and self.space.size > 3000:
            late = self.space.size > 10_000 and time >= 0.98
            return min(self.threshold, self.high - (0.25 if late else 0.05))
        # From the turning point on, what the best is worth at the end, in utilities of now.
        lasting: float = self.high * self.discount ** (1 - max(time, self.turning))
        if time > self.turning:
            return lasting
        share = time / self.turning
        return self.high + (lasting - self.high) * share * share

    def _past_hope(self, utility: float, time: float) -> bool:
        """Whether a utility now exceeds the best at the end, when the turning point has passed."""
        now: float = utility * self.discount**time
        return time > self.turning and now > self.high * self.discount

    def _settled(self, best: float, time: float) -> bool:
        """Whether waiting can bring no more than the best received."""
        return best > self.threshold or self._past_hope(best, time)

    def _bid(self, best: Received) -> Outcome:
        if best.utility >= self.threshold:
            return best.outcome
        return self._named(self.threshold, self.high)

    def _closing_bid(self, left: int, best: Received) -> Outcome:
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
