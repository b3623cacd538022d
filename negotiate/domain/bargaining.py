"""The points that bargaining theory singles out, exactly.

Each is defined once, in :class:`Solutions`, over all outcomes of a domain. All of them lie on the Pareto
frontier, because a tie goes to the greater welfare and a dominating outcome is never worse by any criterion; so
they are read off the :class:`~negotiate.domain.frontier.Frontier`. Comparisons are between integers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import prod, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from negotiate.domain.census import Share as Share
from negotiate.domain.census import nearest_to_ideal, rational_share
from negotiate.domain.frontier import Frontier as Frontier
from negotiate.domain.joint import Joint as Joint
from negotiate.domain.preferences import SCALE
from negotiate.domain.space import MAX_ENUMERATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.blocks import Ints
    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive


@dataclass(frozen=True)
class Solution:
    """A solution point.

    Attributes:
        outcome: the outcome.
        utilities: what it gives each party, in units of 1e-9.
    """

    outcome: Outcome
    utilities: tuple[int, ...]


class Solutions:
    """The solution points of a bargaining problem; made by :func:`solve`.

    An outcome is *rational* if it gives every party at least its reservation value; a party's *gain* is what it
    gets above that. Ties go to the greater welfare (sum of utilities), then to outcome order. Nash, Kalai and
    Kalai-Smorodinsky are None when no outcome is rational: there is nothing to bargain about.

    Attributes:
        frontier: the Pareto frontier that the points lie on. Where it is not exact, a criterion may fall short
            of its best by what ``frontier.error`` allows, and outcomes that are rational by less than that may
            be missed.
    """

    def __init__(self, preferences: Sequence[LinearAdditive], frontier: Frontier) -> None:
        self.frontier = frontier
        self._preferences = tuple(preferences)
        floor = np.array([own.reservation for own in preferences], dtype=np.int64)
        gains = frontier.utilities - floor
        self._rational: Ints = np.flatnonzero((gains >= 0).all(axis=1))
        self._gains: Ints = gains[self._rational]

    @cached_property
    def nash(self) -> Solution | None:
        """Greatest product of gains among rational outcomes.

        Source: Nash (1950), *The bargaining problem*.
        """
        if not len(self._rational):
            return None
        # Object arrays hold Python's integers: the products of some parties' gains need more than 64 bits.
        return self._best(self._rational, self._gains.astype(object).prod(axis=1))

    @cached_property
    def kalai(self) -> Solution | None:
        """Greatest smallest gain among rational outcomes.

        Source: Kalai (1977), *Proportional solutions to bargaining situations*, with equal proportions.
        """
        if not len(self._rational):
            return None
        return self._best(self._rational, self._gains.min(axis=1))

    @cached_property
    def ideal(self) -> tuple[int, ...] | None:
        """The most that each party gains in any rational outcome; None when no outcome is rational."""
        return tuple(self._gains.max(axis=0).tolist()) if len(self._rational) else None

    @cached_property
    def kalai_smorodinsky(self) -> Solution | None:
        """Greatest smallest ratio of gain to ideal gain: the most the party gets in a rational outcome.

        A party whose ideal gain is zero has nothing to win anywhere and is left out of the minimum.

        Source: Kalai & Smorodinsky (1975), *Other solutions to Nash's bargaining problem*.
        """
        ideal = self.ideal
        if ideal is None:
            return None
        who = [i for i, best in enumerate(ideal) if best > 0]
        if not who:
            return self._best(self._rational, self._gains.min(axis=1))
        # Ratios over a common denominator: each gain times the ideals of the others.
        over = np.array([prod(ideal[j] for j in who if j != i) for i in who], dtype=object)
        return self._best(self._rational, (self._gains[:, who] * over).min(axis=1))

    @cached_property
    def egalitarian(self) -> Solution:
        """Greatest smallest utility among all outcomes.

        Source: Rawls (1971), *A Theory of Justice*.
        """
        return self._best(self._all, self.frontier.utilities.min(axis=1))

    @cached_property
    def utilitarian(self) -> Solution:
        """Greatest sum of utilities among all outcomes.

        Source: Harsanyi (1955), *Cardinal welfare, individualistic ethics, and interpersonal comparisons*.
        """
        return self._best(self._all, self.frontier.utilities.sum(axis=1))

    @cached_property
    def opposition(self) -> float:
        """Smallest Euclidean distance of an outcome to (1, …, 1); 0 if one outcome is best for all.

        The nearest outcome is on the frontier where no utility exceeds 1. Where some do, small domains are
        searched outright; in large ones the distance may be too long, by at most the excess for each party.
        """
        small = self._preferences[0].domain.size <= MAX_ENUMERATED
        if small and self.frontier.utilities.max() > SCALE:
            return nearest_to_ideal(self._preferences)
        short = (SCALE - self.frontier.utilities) / SCALE
        return sqrt(float((short * short).sum(axis=1).min()))

    @cached_property
    def rational_share(self) -> Share:
        """The share of all outcomes that are rational."""
        return rational_share(self._preferences)

    @property
    def _all(self) -> Ints:
        return np.arange(len(self.frontier), dtype=np.int64)

    def _best(self, places: Ints, criterion: npt.NDArray[Any]) -> Solution:
        """The point of greatest criterion among those at ``places`` of the frontier."""
        places = places[criterion == criterion.max()]
        welfare = self.frontier.utilities[places].sum(axis=1)
        best: list[int] = places[welfare == welfare.max()].tolist()
        place = min(best, key=self.frontier.outcome) if len(best) > 1 else best[0]
        return Solution(
            self.frontier.outcome(place), tuple(self.frontier.utilities[place].tolist())
        )


def solve(
    preferences: Sequence[LinearAdditive], *, frontier: Frontier | None = None
) -> Solutions:
    """The solution points of two or more parties over one domain.

    Args:
        preferences: one for each party.
        frontier: their frontier, if it is there already.
    """
    return Solutions(preferences, frontier or Frontier(preferences))
