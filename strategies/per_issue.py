"""Time-dependent tactics in their first form: each issue concedes by itself, along the range of its own values."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING

from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

_SORTED = (
    10_000  # values of an issue that are put in order; longer grids are taken to rise or fall
)
_FORMS = ("polynomial", "exponential")


@dataclass
class PerIssue(Offering):
    """Moves each issue from its best value towards its worst, by the same share of the way at each time.

    ``x = min + alpha (max - min)`` where the own worth falls with x, ``x = min + (1 - alpha)(max - min)`` where it
    rises. The share conceded is ``alpha = k + (1 - k) (min(t, T)/T)**(1/beta)`` in the polynomial form and ``alpha =
    exp((1 - min(t, T)/T)**beta * ln k)`` in the exponential. Values that are not ordered by worth, such as choices, are
    put in that order first. An offer below the reservation value is replaced by the least one that reaches it. It
    accepts what is worth at least its own next offer.

    Source: Faratin, Sierra & Jennings (1998), "Negotiation decision functions for autonomous agents".

    Attributes:
        form: ``polynomial`` or ``exponential``.
        beta: below 1 Boulware, 1 linear (polynomial form), above 1 conceder.
        k: share conceded at the opening, in [0, 1]; above 0 in the exponential form.
        deadline: T, the relative time from which all is conceded, in (0, 1].
    """

    form: str = "polynomial"
    beta: float = 1.0
    k: float = 0.05
    deadline: float = 1.0

    def __post_init__(self) -> None:
        least = 0 if self.form == "polynomial" else 1e-300
        if not (
            self.form in _FORMS
            and 0 < self.beta < 1e300
            and least <= self.k <= 1
            and 0 < self.deadline <= 1
        ):
            raise StrategyError(
                f"per_issue with form={self.form!r}, beta={self.beta!r}, k={self.k!r}, deadline={self.deadline!r}; "
                f"one of {', '.join(_FORMS)}, beta > 0, k in [0, 1] (above 0 if exponential) and a deadline in (0, 1] "
                "are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Put the values of each issue in the order of their worth."""
        super().begin(brief)
        self.space = brief.preferences.space
        best = self.space.kth(0)
        self.falling = [self._order(best, j, size) for j, size in enumerate(brief.domain.sizes)]

    def _order(self, best: Outcome, issue: int, size: int) -> Sequence[int]:
        """Values of an issue, best first, all else at its best."""

        def worth(value: int) -> int:
            return self.utility((*best[:issue], value, *best[issue + 1 :]))

        if size > _SORTED:
            return range(size) if worth(0) >= worth(size - 1) else range(size - 1, -1, -1)
        return sorted(range(size), key=worth, reverse=True)

    def share(self, time: float) -> float:
        """The share conceded at relative time ``time``."""
        passed = min(time, self.deadline) / self.deadline
        if self.form == "exponential":
            return exp((1 - passed) ** self.beta * log(self.k))
        return self.k + (1 - self.k) * float(passed ** (1 / self.beta))

    def propose(self, view: View) -> Outcome:
        """All issues at the same share of their ranges."""
        share = self.share(view.time)
        offer = tuple(values[round(share * (len(values) - 1))] for values in self.falling)
        if self.utility(offer) >= self.reservation:
            return offer
        return self.space.lowest_at_or_above(self.reservation) or self.space.kth(0)
