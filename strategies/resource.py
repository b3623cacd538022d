"""Resource-dependent tactics: concede as what one lives on runs out."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

_RESOURCES = ("time", "parties", "threads", "deadline")
_CLOCKED = 100  # rounds assumed where only time is limited


@dataclass
class ResourceDependent(Offering):
    """Concedes ``k + (1 - k) exp(-resource)`` of its range, and offers the outcome nearest to that.

    The resource is one of: ``time``, the rounds left after this one, divided by ``patience``; ``parties``, the number
    of counterparts; ``threads``, the square of that number over the sum of the lengths of their threads of offers, so
    that long talk makes it yield.

    Source: the resource-dependent tactics of Faratin, Sierra & Jennings (1998), in utility.

    Attributes:
        resource: ``time``, ``parties``, ``threads`` or ``deadline``.
        k: share conceded at the opening, in [0, 1].
        patience: rounds that count as one unit of the resource ``time``; the factor mu of the dynamic deadline.
    """

    resource: str = "time"
    k: float = 0.0
    patience: float = 5.0

    def __post_init__(self) -> None:
        if self.resource not in _RESOURCES or not 0 <= self.k <= 1 or not self.patience > 0:
            raise StrategyError(
                f"resource_dependent with resource={self.resource!r}, k={self.k!r}, patience={self.patience!r}; "
                f"one of {', '.join(_RESOURCES)}, 0 <= k <= 1 and patience > 0 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Prepare the own outcome space."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.low = max(self.space.min_utility, self.reservation)
        self.others = len(brief.parties) - 1

    def spent(self, view: View) -> float:
        """The share conceded of what is not conceded at the opening, in [0, 1]."""
        if self.resource != "deadline":
            return exp(-self.left(view))
        talk = max(len(view.received), 1)
        return min(view.round * talk / (self.patience * self.others**2), 1.0)

    def left(self, view: View) -> float:
        """How much of the resource is left."""
        if self.resource == "parties":
            return float(self.others)
        if self.resource == "threads":
            return self.others**2 / max(len(view.received), 1)
        rounds = (
            (1 - view.time) * _CLOCKED if view.rounds_left is None else view.rounds_left - 1
        )
        return rounds / self.patience

    def propose(self, view: View) -> Outcome:
        """The outcome nearest to the target, never below the reservation value."""
        conceded = self.k + (1 - self.k) * self.spent(view)
        high = self.space.max_utility
        offer = self.space.nearest(self.low + (1 - conceded) * (high - self.low))
        if self.utility(offer) >= self.reservation:
            return offer
        return self.space.lowest_at_or_above(self.reservation) or offer
