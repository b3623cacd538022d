"""A buyer who must ask a person what outcomes are worth, each question at a cost.

The preferences of the brief are an estimate. What an outcome is really worth to the principal lies somewhere around it,
and only the principal knows; asking takes time and patience, so it is done where the answer may change what is offered.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.moves import Move, Offer
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.issues import Outcome

Ask: TypeAlias = "Callable[[Outcome], float]"
"""The principal: what an outcome is worth, in [0, 1]."""


def weitzman_index(low: float, high: float, cost: float) -> float:
    """The sure value that is as good as a closed box holding anything from ``low`` to ``high``.

    The index z solves ``E max(U - z, 0) = cost`` for U drawn evenly from the range: it is
    ``high - sqrt(2 cost (high - low))``, or the mean less the cost if that falls below ``low``.

    Source: Weitzman (1979), "Optimal search for the best alternative", *Econometrica* 47.
    """
    index = high - sqrt(2 * cost * (high - low))
    return index if index >= low else (low + high) / 2 - cost


@dataclass
class PandoraBuyer(Strategy):
    """Opens boxes: asks for the value of the outcome with the best index, and offers the best that it knows.

    Each outcome not asked about is a closed box around its estimate, ``width`` to either side, with the index of
    :func:`weitzman_index`. Of the ``considered`` outcomes with the best estimates it takes, again and again, the one
    with the largest value or index that it has not offered yet; if that is a closed box it asks, and looks again; if it
    is known it offers it. Before it accepts it asks about the standing offer, if the answer could matter. It offers and
    accepts nothing below the reservation value, once known; when all is offered it repeats the best.

    Source: Baarslag & Gerding (2015), "Optimal incremental preference elicitation during negotiation", IJCAI.

    Attributes:
        ask: the principal.
        cost: what a question costs, a utility.
        width: how far an estimate may be off, a utility.
        considered: how many outcomes it considers.
    """

    ask: Ask
    cost: float = 0.005
    width: float = 0.1
    considered: int = 100

    def __post_init__(self) -> None:
        if not (self.cost >= 0 and self.width >= 0 and self.considered >= 1):
            raise StrategyError(
                f"cost={self.cost!r}, width={self.width!r}, considered={self.considered!r}: at least 0, 0 and 1 "
                "are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Close all boxes."""
        super().begin(brief)
        space = brief.preferences.space
        self.reserve = brief.preferences.reservation / SCALE
        self.known: dict[Outcome, float] = {}
        self.offered: list[Outcome] = []
        self.boxes = {
            outcome: self._index(outcome)
            for outcome in map(space.kth, range(min(self.considered, space.size)))
        }

    @property
    def questions(self) -> int:
        """How often the principal was asked."""
        return len(self.known)

    def respond(self, view: View) -> Move:
        """Find the best offer to make, and accept what is as good."""
        offer = self._best()
        fresh = offer is not None
        if offer is None:
            offer = max(self.offered, key=self._worth, default=None)
        if offer is None:
            return WALK
        # When all is offered, whatever reaches the least of that is as good as an answer to it.
        least = self._worth(offer) if fresh else min(map(self._worth, self.offered))
        standing = view.standing
        hopeful = standing is not None and self._estimate(standing) + self.width >= least
        if standing is not None and hopeful and self._worth(standing) >= least:
            return ACCEPT
        self.boxes.pop(offer, None)
        if fresh:
            self.offered.append(offer)
        return Offer(offer)

    def _best(self) -> Outcome | None:
        """The best outcome not offered yet, known by now; None where none reaches the reservation value."""
        while self.boxes:
            outcome = max(self.boxes, key=self.boxes.__getitem__)
            if outcome in self.known:
                return outcome if self.boxes[outcome] >= self.reserve else None
            if self.boxes[outcome] < self.reserve:
                return None
            self.boxes[outcome] = self._worth(outcome)
        return None

    def _worth(self, outcome: Outcome) -> float:
        if outcome not in self.known:
            self.known[outcome] = self.ask(outcome)
        return self.known[outcome]

    def _estimate(self, outcome: Outcome) -> float:
        return self.brief.preferences.utility(outcome) / SCALE

    def _index(self, outcome: Outcome) -> float:
        estimate = self._estimate(outcome)
        return weitzman_index(estimate - self.width, estimate + self.width, self.cost)
