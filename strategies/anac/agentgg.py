"""AgentGG, winner of ANAC 2019."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import OpponentModel, Tables
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome
    from negotiate.strategy import Brief

_LISTENS = 0.3
_WIDTH = 0.1
_BENDS = (0.2, 0.5, 0.9, 0.98, 0.995, 0.999)
# Shares of the way from the Nash estimate to 1 at all bends but the first; the last line passes -0.35 at 0.9989.
_SHARES = np.array((0.3, 0.15, 0.05, 0.0, -0.35 * 40 / 39))


class ImportanceMap(OpponentModel):
    """Counts the values offered, and nothing else; an outcome is worth the sum of the counts of its values.

    Source: AgentGG of ANAC 2019 (Xu & Ren).
    """

    def begin(self, domain: Domain) -> None:
        """Start with nothing counted."""
        super().begin(domain)
        self.counts = [[0.0] * size for size in self.sizes]

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Count the values."""
        for counts, value in zip(self.counts, outcome, strict=True):
            counts[value] += 1
        self.changed()

    def learn_tables(self) -> Tables:
        """The counts."""
        return self.counts


class AgentGG(Seat):
    """Aims between the opponent's favourite and its own along eight stages of time, at what the opponent names most.

    Utilities are taken as ratios of the own range. The best of the opponent's first offers, m, gives the Nash estimate
    ``n = (1 - m)/1.7 + m``. The threshold is 0.9999 until t = 0.01, 0.99 until 0.02, ``0.99 - 0.5 (t - 0.02)`` until
    0.2, and then straight lines through ``n + 0.3 (1 - n)`` at 0.5, ``n + 0.15 (1 - n)`` at 0.9, ``n + 0.05 (1 - n)``
    at 0.98, n at 0.995, ``n - 0.35 (1 - n)`` at 0.9989 and ``n - 0.4 (1 - n)`` from 0.999, from 0.9 on never below the
    reservation ratio plus 0.3, 0.25, 0.25, 0.2. It offers a random outcome up to 0.1 above the threshold, from t = 0.2
    on of those that it happens to see the one with the values that the opponent used most before t = 0.3. It accepts
    what reaches the last threshold, and from t = 0.9989 what exceeds the reservation ratio plus 0.2.

    The original is told only a ranking of some outcomes and estimates its own values from it; this one knows them.

    Source: Xu & Ren, AgentGG, winner of ANAC 2019; see Aydogan et al. (2020), "Challenges and main results of the
    automated negotiating agents competition (ANAC) 2019".
    """

    def begin(self, brief: Brief) -> None:
        """Estimate where the reservation value stands."""
        super().begin(brief)
        self.model = ImportanceMap()
        self.model.begin(brief.domain)
        median = self._ratio(self.u(self.space.kth(self.space.size // 2)))
        self.floor = self.reserve * median / 0.5
        self.threshold = 1.0
        self.nash, self.seen, self.started = 0.0, 0.0, -1.0

    def _ratio(self, utility: float) -> float:
        return (utility - self.low) / (self.high - self.low) if self.high > self.low else 1.0

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept by the last threshold; else study the offer, and make one by the next."""
        if standing is None:
            return self.best
        ratio = self._ratio(self.u(standing))
        if ratio >= self.threshold:
            return ACCEPT
        self._study(time, standing, ratio)
        self.threshold = self._stage(time)
        if time >= 0.9989 and ratio > self.floor + 0.2:
            return ACCEPT
        return self._offer(random=time < 0.2)

    def _study(self, time: float, standing: Outcome, ratio: float) -> None:
        if self.started <= 1.0:
            self.seen = max(self.seen, ratio)
            if self.started < 0:
                self.started = time
            elif time - self.started > 0.003:
                self.nash = (1 - self.seen) / 1.7 + self.seen
                self.started = 2.0
        if time < _LISTENS:
            self.model.update(standing, time)

    def _stage(self, time: float) -> float:
        if time < _BENDS[0]:
            return 0.9999 if time < 0.01 else 0.99 - 0.5 * max(time - 0.02, 0.0)
        n = self.nash
        aim = float(np.interp(time, _BENDS, (0.9, *(n + _SHARES * (1 - n)))))
        if time < 0.9:
            return aim
        if time >= 0.999:
            return max(n - 0.4 * (1 - n), self.floor + 0.2)
        return max(aim, self.floor + (0.3 if time < 0.98 else 0.25))

    def _offer(self, *, random: bool) -> Outcome:
        low = self.low + self.threshold * (self.high - self.low)
        high = low + _WIDTH * (self.high - self.low)
        if random:
            return self.sample(low, high) or self._above(low)
        band = self.pool.band(units(low), units(high))
        if not band.outcomes:
            return self._above(low)
        # Of N outcomes it draws 2N with replacement, and so happens to see each with this chance.
        chance = 1 - (1 - 1 / self.space.size) ** (2 * self.space.size)
        scores = band.scores(self.model)
        for i in np.argsort(-scores, kind="stable").tolist():
            if self.random() < chance:
                equal = np.flatnonzero(scores == scores[i])
                return self.pick([band.outcomes[int(j)] for j in equal])
        return band.outcomes[0]

    def _above(self, low: float) -> Outcome:
        return self.sample(low, self.high) or self.best
