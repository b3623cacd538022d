"""AgentK, winner of ANAC 2010."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from negotiate.strategies.anac.seat import Choice, Received, Seat, units
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_TRIES = 501  # random outcomes looked at before the search settles for less


class _Outlook(NamedTuple):
    """What the offers received say about those to come: their spread, and the best of them."""

    spread: float
    ceiling: float

    def target(self, time: float, exponent: float) -> float:
        """What to aim at: a fall from 1 of at most the spread, drawn towards the ceiling and never below."""
        fall = time**exponent * (1 - self.ceiling)
        reach = self.spread + 0.1
        aim = 1 - (min(reach, 2 * fall) if fall >= 0 else reach)
        gap = aim - self.ceiling
        if gap <= 0:
            return self.ceiling
        return aim - min(gap, 1 / (gap * (400 - 300 * time**3)))


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
        self.target = self.wanted = 1.0
        self.offered: dict[Outcome, float] = {}
        self.total = self.total_of_squares = 0.0

    def hear(self, received: Received) -> None:
        """Keep mean and spread."""
        u = received.utility
        self.offered[received.outcome] = u
        self.total, self.total_of_squares = self.total + u, self.total_of_squares + u * u

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept by chance, else offer what beats the target."""
        if standing is not None:
            mean, outlook = self._outlook()
            alpha = 3 + 6 * mean
            self.target = outlook.target(time, alpha)
            self.wanted = outlook.target(time, alpha + 2 * self.random() - 1)
            beyond = 2 * min(self.u(standing), 1.0) - outlook.ceiling - self.target
            chance = time**alpha / 5 + beyond
            if chance > max(self.random(), 0.1):
                return ACCEPT
        better = [outcome for outcome, u in self.offered.items() if u > self.target]
        return self.pick(better) if better else self._search()

    def _outlook(self) -> tuple[float, _Outlook]:
        n = len(self.history.all)
        mean = self.total / n
        # Offers spread evenly over a range have a twelfth of its square for a variance.
        spread = sqrt(12 * max(self.total_of_squares / n - mean**2, 0.0))
        return mean, _Outlook(spread, mean + spread * (1 - mean))

    def _search(self) -> Outcome:
        # Looking at up to 501 random outcomes finds one with this chance; and then each equally likely.
        while self.wanted > self.reserve:
            share = self.space.count_at_or_above(units(self.wanted)) / self.space.size
            if self.random() < 1 - (1 - share) ** _TRIES:
                break
            self.wanted -= 0.01
        return self.sample(max(self.wanted, self.reserve), self.high) or self.best
