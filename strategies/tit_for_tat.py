"""Behaviour-dependent tactics: answer concession with concession."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


@dataclass
class RelativeTitForTat(Offering):
    """Gives up the same percentage of its demand as the other side gave up of its own, a few offers ago.

    The other side's demand is what its offer leaves me short of my best outcome; mine is the utility that I aim
    at. If its demand shrank to the share s between two of its offers, so does mine: ``target *= s``, kept
    between the reservation value and the best outcome; I offer the outcome nearest to the target. Concessions
    that are taken back are answered alike. Until there is enough history I offer my best.

    Source: the relative tit-for-tat of Faratin, Sierra & Jennings (1998), carried from the value of one issue to
    utility, so that it plays domains of several issues and of choices. With more than two parties it answers
    the sequence of all offers that others made.

    Attributes:
        window: how many of the other side's offers ago the answered concession was, at least 1.
    """

    window: int = 1

    def __post_init__(self) -> None:
        if type(self.window) is not int or self.window < 1:
            raise StrategyError(
                f"tit_for_tat with window={self.window!r}; 1 or more is expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Aim at the best outcome."""
        super().begin(brief)
        space = brief.preferences.space
        self.best, self.nearest, self.at_or_above = (
            space.max_utility, space.nearest, space.lowest_at_or_above
        )  # fmt: skip
        self.low = max(space.min_utility, self.reservation)
        self.target = float(self.best)
        self.answered = 0

    def propose(self, view: View) -> Outcome:
        """Answer the newest concession inside the window, once."""
        received = view.received
        if len(received) > max(self.window, self.answered):
            self.answered = len(received)
            before = self.best - self.utility(received[-1 - self.window])
            after = self.best - self.utility(received[-self.window])
            if before > 0:
                self.target = min(max(self.target * after / before, self.low), self.best)
        outcome = self.nearest(self.target)
        if self.utility(outcome) >= self.reservation:
            return outcome
        return self.at_or_above(self.reservation) or self.nearest(self.best)
