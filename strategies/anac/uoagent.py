"""UOAgent, second of ANL 2024."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import Average, EarlyOffers, ScalableBayesian
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategies.anac.pool import Band
    from negotiate.strategy import Brief

_LATE = 0.975
_WIDTH = 0.02


class UOAgent(Seat):
    """Insists almost to the end, then makes the offer that leaves the opponent just its estimated reservation value.

    It considers outcomes worth at least ``r + 0.4`` where its reservation value r is at most 0.4, else at least 0.8
    and r (all at or above r, if there is none). Until t = 0.975 it aims at ``1 - (1 - a) t**5``, a being 0.85 or r if
    larger, and offers the one with the largest sum of utilities within 0.02 of that. Then, and in the last round, it
    offers the one with the largest sum among those worth to the opponent its estimated reservation value, or up to
    0.02 more; the estimate starts at 1 and falls to the least that any of its offers was worth to it, if 0.01 or
    more. It accepts what exceeds ``1 - (1 - r) t**50``, and anything better than r in the last round.

    In the league of 2024 agents were told the opponent's utility function. Here nobody is: a scalable Bayesian model
    stands in for it.

    Source: Matsumoto, UOAgent, Automated Negotiation League 2024 (second in both tracks).
    """

    def begin(self, brief: Brief) -> None:
        """Choose what to consider."""
        super().begin(brief)
        self.model = self.learning(Average(ScalableBayesian(), EarlyOffers(), share=0.3))
        r = self.reserve
        self.least = r + 0.4 if r <= 0.4 else max(r, 0.8)
        if not self.space.count_at_or_above(units(self.least)):
            self.least = r
        self.turning = max(r, 0.85)
        self.needed = 1.0

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept what exceeds the threshold; else offer by the clock."""
        last = self.view.rounds_left == 1
        if standing is not None:
            given = self.model.utility(standing)
            if 0.01 <= given < self.needed:
                self.needed = given
            u = self.u(standing)
            if u > 1 - (1 - self.reserve) * time**50 or (last and u > self.reserve):
                return ACCEPT
        return self._yield() if time > _LATE or last else self._insist(time)

    def _insist(self, time: float) -> Outcome:
        aim = min(1 - (1 - self.turning) * time**5, self.high)
        low = max(aim - _WIDTH, self.least)
        band = self.pool.band(units(low), units(aim + _WIDTH))
        return self._fairest(band, np.arange(len(band.outcomes))) or self.nearest(aim)

    def _yield(self) -> Outcome:
        band = self.pool.band(units(self.least))
        given = band.scores(self.model)
        short = np.abs(given - np.clip(given, self.needed, self.needed + _WIDTH))
        return self._fairest(band, np.flatnonzero(short <= short.min(initial=2.0))) or self.best

    def _fairest(
        self, band: Band, chosen: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> Outcome | None:
        """The outcome with the largest sum of both utilities; then the best for me."""
        given = band.scores(self.model)
        return max(
            (band.outcomes[int(i)] for i in chosen),
            key=lambda o: (self.u(o) + given[band.outcomes.index(o)], self.u(o)),
            default=None,
        )
