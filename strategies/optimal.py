"""Optimal bidding and stopping where nothing is known of the opponent but the number of rounds left.

Both follow from backward induction over the rounds that remain, and are strong baselines that need no model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.moves import Move, Offer
from negotiate.strategies.offering import ACCEPT, WALK, Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

_CLOCKED = 100  # rounds assumed where only time is limited


class OptimalBidder(Offering):
    """Makes the offers that are best if each is accepted with a chance that falls evenly with what it asks.

    With j offers left the value of going on is ``U_j``, from ``U_0 = r``, the reservation value: the best offer is
    ``B_{j+1} = (1 + U_j)/2`` and ``U_{j+1} = B_{j+1}**2``, in utilities of which the best outcome is worth 1. It
    offers the least outcome at or above that, and accepts what reaches its offer.

    Source: Baarslag, Gerding, Aydogan & schraefel (2015), "Optimal negotiation decision functions in time-sensitive
    domains"; Baarslag, Hadfi, Hindriks, Ito & Jonker (2013), "Optimal non-adaptive concession strategies with
    incomplete information".
    """

    def begin(self, brief: Brief) -> None:
        """Work the offers out from the last back to the first."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.aims: list[float] = [0.0]
        worth = max(self.reservation, 0) / SCALE / max(self.space.max_utility / SCALE, 1e-9)
        self._values = [worth]

    def aim(self, left: int) -> float:
        """The utility to ask for with ``left`` offers left, this one included, in units of 1e-9."""
        while len(self.aims) <= left:
            self.aims.append((1 + self._values[-1]) / 2)
            self._values.append(self.aims[-1] ** 2)
        return self.aims[left] * self.space.max_utility

    def propose(self, view: View) -> Outcome:
        """The least outcome that is worth the optimal demand."""
        aim = max(self.aim(offers_left(view)), self.reservation)
        return self.space.lowest_at_or_above(aim) or self.space.kth(0)


@dataclass
class OptimalStopper(OptimalBidder):
    """Accepts an offer if it is worth more than waiting for the best of those that are still to come.

    Offers to come are taken to be drawn evenly from [0, 1]: with j of them left waiting is worth
    ``v_j = E max(X, v_{j-1}) - cost = (1 + v_{j-1}**2)/2 - cost`` from ``v_0 = r``. It offers as
    :class:`OptimalBidder` does.

    Source: Baarslag & Hindriks (2013), "Accepting optimally in automated negotiation with incomplete information",
    AAMAS.

    Attributes:
        cost: what each further round costs, a utility.
    """

    cost: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.cost < 1:
            raise StrategyError(
                f"optimal_stopper with cost={self.cost!r}; at least 0 and less than 1 is expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Start from what no agreement is worth."""
        super().begin(brief)
        self.waiting = [max(self.reservation, 0) / SCALE]

    def worth_waiting(self, left: int) -> float:
        """What waiting is worth with ``left`` offers to come, in units of 1e-9."""
        while len(self.waiting) <= left:
            before = self.waiting[-1]
            # Whoever would rather not wait stops; so waiting is never worth less than the last stage.
            self.waiting.append(max((1 + before * before) / 2 - self.cost, self.waiting[0]))
        return self.waiting[left] * SCALE

    def respond(self, view: View) -> Move:
        """Accept what waiting cannot be expected to beat; else make the optimal offer."""
        if self.hopeless:
            return WALK
        standing = view.standing
        if standing is not None:
            worth = self.utility(standing)
            if worth >= self.reservation and worth >= self.worth_waiting(offers_left(view) - 1):
                return ACCEPT
        return Offer(self.propose(view))


def offers_left(view: View) -> int:
    """Own offers left, this one included; estimated from time where rounds are not limited."""
    if view.rounds_left is not None:
        return view.rounds_left
    return max(1, round((1 - view.time) * _CLOCKED))
