"""A mixture of time and behaviour: late by the clock, early by what the other side does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from negotiate.domain.preferences import SCALE
from negotiate.moves import Move, Offer
from negotiate.strategies.offering import ACCEPT, WALK, Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

_WEIGHTS = ((), (1.0,), (0.25, 0.75), (0.11, 0.22, 0.66), (0.05, 0.15, 0.3, 0.5))
_ENDS = ((450, 0.8), (1500, 0.775), (4500, 0.75), (18_000, 0.725), (33_000, 0.7))


@dataclass
class Hybrid(Offering):
    """Blends a Bezier curve over time with an answer to the other side's last concessions.

    Over time: ``(1-t)**2 p0 + 2t(1-t) p1 + t**2 p2`` with p2 by the size of the domain (0.8 below 450 outcomes, 0.775
    below 1,500, 0.75 below 4,500, 0.725 below 18,000, 0.7 below 33,000, else 0.675). By behaviour: the utility of the
    own last offer, less ``0.5 + 0.5 t`` times the weighted sum of the last four changes in what was offered to me,
    weights 0.05, 0.15, 0.3, 0.5 (0.11, 0.22, 0.66 for three, 0.25, 0.75 for two, 1 for one). The target is
    ``(1 - t**2) behaviour + t**2 time``, time alone until three offers came. It offers the outcome nearest to the
    target and accepts what reaches it.

    Source: Keskin, Cakan & Aydogan (2021), "Solver agent: towards emotional and opponent-aware agent for human-robot
    negotiation", AAMAS; the form of NegoLog.

    Attributes:
        p0: opening target, a utility in [0, 1].
        p1: bend of the curve.
    """

    p0: float = 1.0
    p1: float = 0.75

    def begin(self, brief: Brief) -> None:
        """Fit the curve to the size of the domain."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.p2 = next((end for size, end in _ENDS if self.space.size < size), 0.675)
        self.last: Outcome | None = None

    def target(self, view: View) -> float:
        """The utility aimed at, in units of 1e-9."""
        t = view.time
        by_time = (1 - t) ** 2 * self.p0 + 2 * t * (1 - t) * self.p1 + t * t * self.p2
        received = view.received[-5:]
        if len(view.received) < 3 or self.last is None:
            return max(by_time * SCALE, self.reservation)
        offered = [self.utility(outcome) for outcome in received]
        changes = [later - earlier for earlier, later in pairwise(offered)]
        conceded = sum(w * c for w, c in zip(_WEIGHTS[len(changes)], changes, strict=True))
        by_behaviour = self.utility(self.last) - (0.5 + 0.5 * t) * conceded
        return max((1 - t * t) * by_behaviour + t * t * by_time * SCALE, self.reservation)

    def propose(self, view: View) -> Outcome:
        """The outcome nearest to the target, never below the reservation value."""
        self.aim = target = self.target(view)
        offer = self.space.nearest(target)
        if self.utility(offer) < self.reservation:
            offer = self.space.lowest_at_or_above(self.reservation) or offer
        self.last = offer
        return offer

    def respond(self, view: View) -> Move:
        """Accept what reaches the target, or the best outcome where the target lies above it."""
        if self.hopeless:
            return WALK
        proposal = self.propose(view)
        if view.standing is not None:
            least = max(min(self.aim, self.space.max_utility), self.reservation)
            if self.utility(view.standing) >= least:
                return ACCEPT
        return Offer(proposal)
