"""PonPoko, winner of ANAC 2017."""

from __future__ import annotations

from math import ceil, sin
from typing import TYPE_CHECKING

from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_PATTERNS: tuple[Callable[[float], tuple[float, float]], ...] = (
    lambda t: (1 - 0.1 * t - 0.1 * abs(sin(40 * t)), 1 - 0.1 * t),
    lambda t: (1 - 0.22 * t, 1.0),
    lambda t: (1 - 0.1 * t - 0.15 * abs(sin(20 * t)), 1 - 0.1 * t),
    lambda t: (1 - (0.3 if t > 0.99 else 0.1) * t, 1 - 0.05 * t),
    lambda t: (1 - 0.21 * t * abs(sin(20 * t)), 1 - 0.15 * t * abs(sin(20 * t))),
)
"""The band of utility, low and high, at each time."""


class PonPoko(Seat):
    """Draws one of five patterns for the session and offers a random outcome in the pattern's band of utility.

    Bands at time t: ``1-.1t-.1|sin 40t| .. 1-.1t``; ``1-.22t .. 1``; ``1-.1t-.15|sin 20t| .. 1-.1t``;
    ``1-.1t .. 1-.05t`` (low ``1-.3t`` after .99); ``1-.21t|sin 20t| .. 1-.15t|sin 20t|``. An empty band is stretched
    downwards in steps of 1e-4. It accepts what is worth more than the low end. There is no model and no memory:
    what cannot be learnt cannot be exploited.

    Source: Matsune, PonPokoAgent, winner of the Automated Negotiating Agents Competition 2017.
    """

    def begin(self, brief: Brief) -> None:
        """Draw the pattern."""
        super().begin(brief)
        self.pattern = _PATTERNS[int(self.random() * len(_PATTERNS))]

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept what is above the band's low end, else offer something in the band."""
        low, high = self.pattern(time)
        if standing is not None and self.u(standing) > low:
            return ACCEPT
        above = self.space.count_at_or_above(units(high) + 1)
        if above == self.space.size:
            return self.best
        top = self.space.utility_at(above) / 1e9
        if top < low:
            low -= ceil((low - top) / 1e-4) * 1e-4
        return self.sample(max(low, min(self.reserve, top)), high) or self.best
