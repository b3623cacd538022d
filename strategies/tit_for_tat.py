"""Behaviour-dependent tactics: answer concession with concession.

All of them keep a target in own utility, change it by what the other side's last offers gave up, and offer the outcome
nearest to it. The tactics of Faratin, Sierra & Jennings (1998) are defined on the value of one issue; here they are
carried to utility, so that they play domains of several issues and of choices. With more than two parties they answer
the sequence of all offers that others made.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


class TitForTat(Offering):
    """Base of the tactics: subclasses define :meth:`answer`."""

    @property
    def reach(self) -> int:
        """How many offers before the newest one the answer depends on."""
        return 1

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

    @abstractmethod
    def answer(self, offered: list[int]) -> float:
        """The new target, given what the last offers of the others were worth to me, oldest first; at least two."""

    def propose(self, view: View) -> Outcome:
        """Answer the newest offer, once."""
        received = view.received
        if len(received) > max(1, self.answered):
            self.answered = len(received)
            target = self.answer(list(map(self.utility, received[-1 - self.reach :])))
            self.target = min(max(target, self.low), self.best)
        outcome = self.nearest(self.target)
        if self.utility(outcome) >= self.reservation:
            return outcome
        return self.at_or_above(self.reservation) or self.nearest(self.best)


@dataclass
class Windowed(TitForTat):
    """Base of the tactics that look back a number of offers."""

    window: int = 1

    def __post_init__(self) -> None:
        if type(self.window) is not int or self.window < 1:
            raise StrategyError(
                f"tit for tat with window={self.window!r}; 1 or more is expected",
                code="parameter",
            )

    @property
    def reach(self) -> int:
        """The window."""
        return self.window


@dataclass
class RelativeTitForTat(Windowed):
    """Gives up the same percentage of its demand as the other side gave up of its own, a few offers ago.

    The other side's demand is what its offer leaves me short of my best outcome; mine is the utility that I aim
    at. If its demand shrank to the share s between two of its offers, so does mine: ``target *= s``, kept
    between the reservation value and the best outcome; I offer the outcome nearest to the target. Concessions
    that are taken back are answered alike. Until there is enough history I offer my best.

    Source: the relative tit-for-tat of Faratin, Sierra & Jennings (1998).

    Attributes:
        window: how many of the other side's offers ago the answered concession was, at least 1.
    """

    def answer(self, offered: list[int]) -> float:
        """The share that the demand shrank to, times the target."""
        if len(offered) <= self.window:
            return self.target
        before = self.best - offered[-1 - self.window]
        after = self.best - offered[-self.window]
        return self.target * after / before if before > 0 else self.target


@dataclass
class AveragedTitForTat(Windowed):
    """Gives up the same percentage of its demand as the other side gave up over its last few offers together.

    With the demands of :class:`RelativeTitForTat`: ``target *= demand now / demand window offers ago``, divided evenly
    over the window, so that one long concession is not answered several times over.

    Source: the averaged tit-for-tat of Faratin, Sierra & Jennings (1998).

    Attributes:
        window: over how many offers to average, at least 1.
    """

    window: int = 3

    def answer(self, offered: list[int]) -> float:
        """The share that the demand shrank to an offer, on average, times the target."""
        first = offered[-1 - self.window :][0]
        steps = min(self.window, len(offered) - 1)
        before, after = self.best - first, max(self.best - offered[-1], 0)
        if before <= 0:
            return self.target
        share: float = (after / before) ** (1 / steps)
        return self.target * share


@dataclass
class AbsoluteTitForTat(Windowed):
    """Gives up as much utility as the other side gave it a few offers ago, give or take a random amount.

    ``target -= (later offer - earlier offer) + R``, R drawn evenly from ``-noise`` to ``noise``. The noise lets two
    such tactics leave a deadlock.

    Source: the random absolute tit-for-tat of Faratin, Sierra & Jennings (1998).

    Attributes:
        window: how many of the other side's offers ago the answered concession was, at least 1.
        noise: largest random amount, a utility.
    """

    noise: float = 0.02

    def answer(self, offered: list[int]) -> float:
        """The target less the concession, and noise."""
        if len(offered) <= self.window:
            return self.target
        gained = offered[-self.window] - offered[-1 - self.window]
        shaken = (2 * self.brief.random.random() - 1) * self.noise * SCALE
        return self.target - gained + shaken


@dataclass
class NaiveTitForTat(TitForTat):
    """Gives up as much utility as the other side's last offer added, and a little kindness on top.

    ``target -= (last offer - the one before) + kindness``; the first answer concedes at least ``first``, so that two of
    them do not wait for each other for ever.

    Source: the naive tit-for-tat negotiator of NegMAS (Mohammad et al. 2021).

    Attributes:
        kindness: what is conceded beyond the other side's concession, a utility.
        first: least first concession, a utility.
    """

    kindness: float = 0.001
    first: float = 0.01

    def answer(self, offered: list[int]) -> float:
        """The target less the concession, and kindness."""
        given = offered[-1] - offered[-2] + self.kindness * SCALE
        if self.answered == 2:
            given = max(given, self.first * SCALE)
        return self.target - given
