"""Acceptance rules that wait for the end and then ask what can still be hoped for.

All of them are AC_next until relative time ``t``. From then on they look at the offers received in the window before
now that is as long as the time that remains, for as many can be expected to come. GENIUS ships the first as
``AC_CombiMaxInWindow``, and another rule as ``AC_Combi``
(:class:`~negotiate.strategies.acceptance.rules.AcNextOrTime`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.strategies.acceptance.rules import AcNext

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


@dataclass
class AcCombi(AcNext):
    """AC_next; or, from time ``t`` on, accept the best that can still be hoped for.

    What is accepted late must reach the best offer in the window before now that is as long as the time that is left.

    Source: AC_combi with MAX_W, Baarslag, Hindriks & Jonker (2013), "Acceptance conditions in automated negotiation";
    in GENIUS ``AC_CombiMaxInWindow``.

    Attributes:
        t: relative time from which the window counts.
    """

    t: float = 0.98

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""
        super().begin(brief)
        self.times: list[float] = []

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        self.times += [view.time] * (len(view.received) - len(self.times))
        if super().accepts(view, standing, proposal):
            return True
        if view.time < self.t:
            return False
        opens = 2 * view.time - 1 - 1e-9  # an offer at the very edge is inside
        earlier = zip(self.times[:-1], view.received[:-1], strict=True)
        window = [self.utility(outcome) for at, outcome in earlier if at >= opens]
        offered = self.utility(standing)
        return offered >= self.hope(window, offered)

    def hope(self, window: list[int], offered: int) -> float:
        """What waiting may bring, given the utilities received in the window."""
        return max(window, default=0)


@dataclass
class AcCombiAverage(AcCombi):
    """AC_next; or, from time ``t`` on, accept what reaches the mean of the window.

    Source: AC_combi with AVG_W, Baarslag, Hindriks & Jonker (2013).
    """

    def hope(self, window: list[int], offered: int) -> float:
        """The mean of the window."""
        return sum(window) / len(window) if window else 0.0


@dataclass
class AcCombiBestAverage(AcCombi):
    """AC_next; or, from time ``t`` on, accept what reaches the mean of those offers in the window that were better.

    Source: a variant of AC_combi (Baarslag, Hindriks & Jonker 2013) in GENIUS.
    """

    def hope(self, window: list[int], offered: int) -> float:
        """The mean of the better offers."""
        better = [utility for utility in window if utility > offered]
        return sum(better) / len(better) if better else 0.0


@dataclass
class AcCombiProbability(AcCombiBestAverage):
    """AC_next; or, from time ``t`` on, accept what exceeds the chance of a better offer times the mean of those.

    The chance is ``1 - (1 - p)**n`` with n better offers in the window, each of which comes again with probability p.
    While more than ``many`` offers are still to come, it waits.

    Source: a variant of AC_combi (Baarslag, Hindriks & Jonker 2013) in GENIUS.

    Attributes:
        p: chance that an offer like one of the window comes again.
        many: number of offers to come from which on waiting is safe.
    """

    p: float = 0.5
    many: int = 10

    def hope(self, window: list[int], offered: int) -> float:
        """Chance times mean of the better offers."""
        if len(window) > self.many:
            return float("inf")
        n = sum(utility > offered for utility in window)
        return (1 - (1 - self.p) ** n) * super().hope(window, offered)
