"""Metrics of one negotiation: definitions, and the sources they come from.

Utilities are integers in units of 1e-9, discounted as the rules say; reservation values stand in for the utilities
where there was no agreement. Products and squares are exact integers, so that every machine computes the same.
Solution points and frontier are those of :mod:`negotiate.domain.bargaining`, without discount.
"""

from __future__ import annotations

from functools import cached_property
from math import prod, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from negotiate.domain.bargaining import Solutions, solve
from negotiate.domain.preferences import SCALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.scenario import Scenario


COLUMNS: dict[str, str] = {
    "welfare": "INTEGER NOT NULL",
    "nash_product": "REAL NOT NULL",
    "nash_distance": "REAL",
    "pareto_distance": "REAL NOT NULL",
    "advantages": "TEXT NOT NULL",  # JSON: numbers or nulls, in the order of the roles
}
"""What is measured of an agreement, as columns of the store."""


class Metrics(NamedTuple):
    """What is computed for each cell; see the functions of the same names.

    Attributes:
        welfare: sum of utilities, in units of 1e-9.
        nash_product: product of gains.
        nash_distance: distance to the Nash point; None where there is none.
        pareto_distance: distance to the frontier.
        advantages: of each party; None for one that has nothing to gain.
    """

    welfare: int
    nash_product: float
    nash_distance: float | None
    pareto_distance: float
    advantages: tuple[float | None, ...]


def advantage(utility: int, reservation: int, best: int) -> float | None:
    """``(u - r) / (max - r)``: the share of what there was to gain; None if that is nothing.

    Source: the individual advantage of the supply-chain league (Mohammad et al. 2019), for one negotiation.
    """
    return (utility - reservation) / (best - reservation) if best > reservation else None


def welfare(utilities: Sequence[int]) -> int:
    """Sum of utilities. Source: Harsanyi (1955), utilitarian social welfare."""
    return sum(utilities)


def nash_product(utilities: Sequence[int], reservations: Sequence[int]) -> float:
    """Product of the gains over the reservation values; a loss counts as no gain.

    Source: Nash (1950), *The bargaining problem*.
    """
    gains = [max(u - r, 0) for u, r in zip(utilities, reservations, strict=True)]
    scale: int = SCALE ** len(gains)
    return prod(gains) / scale


def distance(one: Sequence[int], other: Sequence[int]) -> float:
    """Euclidean distance of two points in the space of utilities.

    As *distance to Nash*, one is the result and the other the Nash point. Source: Hindriks & Tykhonov (2008),
    and ANAC's analyses since.
    """
    apart = [a - b for a, b in zip(one, other, strict=True)]
    return sqrt(sum(gap * gap for gap in apart)) / SCALE


class Yardstick:
    """Measures results on one scenario.

    Args:
        scenario: the scenario.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._preferences = scenario.preferences
        self._reservations = [own.reservation for own in scenario.preferences]
        self._measured: dict[tuple[int, ...], Metrics] = {}

    @cached_property
    def solutions(self) -> Solutions:
        """The solution points."""
        return solve(self._preferences)

    @cached_property
    def best(self) -> tuple[int, ...]:
        """The largest utility of each role."""
        frontier = self.solutions.frontier
        if frontier.exact:  # a party's best is always on it
            return tuple(int(best) for best in frontier.utilities.max(axis=0))
        return tuple(own.space.max_utility for own in self._preferences)

    def measure(self, utilities: tuple[int, ...]) -> Metrics:
        """The metrics of a result, given what it is worth to each party."""
        found = self._measured.get(utilities)
        if found is None:
            found = self._measured[utilities] = self._measure(utilities)
        return found

    def _measure(self, utilities: tuple[int, ...]) -> Metrics:
        nash = self.solutions.nash
        shares = zip(utilities, self._reservations, self.best, strict=True)
        return Metrics(
            welfare=welfare(utilities),
            nash_product=nash_product(utilities, self._reservations),
            nash_distance=None if nash is None else distance(utilities, nash.utilities),
            pareto_distance=self.pareto_distance(utilities),
            advantages=tuple(advantage(u, r, best) for u, r, best in shares),
        )

    def pareto_distance(self, utilities: Sequence[int]) -> float:
        """Euclidean distance to the nearest Pareto-optimal outcome; 0 on the frontier.

        Source: Hindriks & Tykhonov (2008). Where the frontier was thinned, so is what this is measured against.
        """
        frontier = self.solutions.frontier.utilities
        squares = np.zeros(len(frontier))
        for party, utility in enumerate(
            utilities
        ):  # parties in order, so that sums round alike
            short = (frontier[:, party] - utility) / SCALE
            squares += short * short
        return sqrt(float(squares.min()))
