"""AgentK, winner of ANAC 2010."""

from __future__ import annotations

from math import isfinite, sqrt
from typing import TYPE_CHECKING

from negotiate.strategies.anac.seat import Choice, Received, Seat, units
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_TREMOR = 2.0
_TRIES = 501  # random outcomes looked at before the search settles for less


class AgentK(Seat):
    """Estimates the best that the opponent will ever offer from mean and spread of its offers, and yields towards it.

    With m and v mean and variance of what was offered, ``s = sqrt(12 v)`` and the estimate is ``e = m + (1 - m) s``.
    The target falls as ``1 - t**alpha * (1 - e)`` with ``alpha = 3 + 6 m``, stretched by the ratio of spread to fall
    and drawn towards e. It accepts with probability ``t**alpha / 5 + (u - e) + (u - target)``, none below 0.1. It
    offers an earlier offer of the opponent that beats the target, else a random outcome at or above a target of its
    own whose exponent trembles.

    Source: Kawaguchi, Fujita & Ito (2011), "Compromising strategy based on estimated maximum utility for automated
    negotiation agents competition (ANAC-10)". It does not mind the discount factor, as the original.
    """

    def begin(self, brief: Brief) -> None:
        """Aim at the best."""
        super().begin(brief)
        self.sum = self.squares = 0.0
        self.target = self.bid_target = 1.0
        self.offered: dict[Outcome, float] = {}

    def hear(self, received: Received) -> None:
        """Keep mean and spread."""
        self.sum += received.utility
        self.squares += received.utility**2
        self.offered[received.outcome] = received.utility

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept by chance, else offer what beats the target."""
        if standing is not None and self._probability(time, standing) > self.random():
            return ACCEPT
        better = [outcome for outcome, u in self.offered.items() if u > self.target]
        return self.pick(better) if better else self._search()

    def _probability(self, time: float, standing: Outcome) -> float:
        n = len(self.history.all)
        mean = self.sum / n
        deviation = sqrt(max(self.squares / n - mean * mean, 0.0) * 12)
        ceiling = mean + (1 - mean) * deviation
        alpha = 1 + _TREMOR + 10 * mean - 2 * _TREMOR * mean
        tremble = self.random() * _TREMOR - _TREMOR / 2
        limit = 400 - 300 * time**3
        fall = time**alpha * (1 - ceiling)
        self.target = _aim(fall, deviation, ceiling, limit)
        self.bid_target = _aim(
            time ** (alpha + tremble) * (1 - ceiling), deviation, ceiling, limit
        )
        u = min(self.u(standing), 1.0)
        chance = time**alpha / 5 + (u - ceiling) + (u - self.target)
        return chance if chance >= 0.1 else 0.0

    def _search(self) -> Outcome:
        # Looking at up to 501 random outcomes finds one with this chance; and then each equally likely.
        while self.bid_target > self.reserve:
            share = self.space.count_at_or_above(units(self.bid_target)) / self.space.size
            if self.random() < 1 - (1 - share) ** _TRIES:
                break
            self.bid_target -= 0.01
        return self.sample(max(self.bid_target, self.reserve), self.high) or self.best


def _aim(fall: float, deviation: float, ceiling: float, limit: float) -> float:
    """The target for a fall from 1, drawn towards the estimated ceiling."""
    ratio = min((deviation + 0.1) / fall, 2.0) if fall else 2.0
    target = 1 - ratio * fall if isfinite(ratio) else 1.0
    gap = target - ceiling
    if gap <= 0:
        return ceiling
    return target - gap * min(1 / (gap * gap), limit) / limit
