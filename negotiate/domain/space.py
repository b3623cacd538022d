"""Queries on one party's outcome space.

(First form: enumerated and sorted once. Ties in utility stand in outcome order.)
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from negotiate.errors import DomainError

if TYPE_CHECKING:
    import random

    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive

MAX_ENUMERATED = 2**24


class Space:
    """A party's outcomes, best first; equal utilities in outcome order.

    Args:
        preferences: the party's own preferences.
    """

    def __init__(self, preferences: LinearAdditive) -> None:
        domain = preferences.domain
        if domain.size > MAX_ENUMERATED:
            raise DomainError(f"{domain.size:,} outcomes are too many to enumerate", code="domain-size")
        self.domain = domain
        self.size = domain.size
        utilities = np.zeros(1, dtype=np.int64)
        for table in preferences.tables:
            utilities = np.add.outer(utilities, np.asarray(table, dtype=np.int64)).ravel()
        if preferences.groups:
            for i, outcome in enumerate(domain.outcomes()):
                utilities[i] = preferences.utility(outcome)
        order = np.argsort(-utilities, kind="stable")
        self._order: list[int] = order.tolist()
        self._falling: list[float] = (-utilities[order]).astype(np.float64).tolist()  # negated, so that it rises
        self._outcomes: dict[int, Outcome] = {}

    @property
    def max_utility(self) -> int:
        """Utility of the best outcome."""
        return -int(self._falling[0])

    @property
    def min_utility(self) -> int:
        """Utility of the worst outcome."""
        return -int(self._falling[-1])

    def kth(self, k: int) -> Outcome:
        """The k-th best outcome, from 0."""
        found = self._outcomes.get(k)
        if found is None:
            found = self._outcomes[k] = self.domain.at(self._order[k])
        return found

    def utility_at(self, k: int) -> int:
        """Utility of the k-th best outcome."""
        return -int(self._falling[k])

    def count_at_or_above(self, utility: float) -> int:
        """How many outcomes are worth at least ``utility``."""
        return bisect_right(self._falling, -utility)

    def nearest(self, utility: float) -> Outcome:
        """The outcome whose utility is nearest to ``utility``.

        Among equals, the one that stands next to ``utility`` in the sorted list: the last of a level at or
        above it, the first of a level below it. Of two levels equally near, the upper. (The rule of GENIUS.)
        """
        falling = self._falling
        below = bisect_right(falling, -utility)
        if below == 0:
            return self.kth(0)
        if below < self.size and utility + falling[below] < -falling[below - 1] - utility:
            return self.kth(below)
        return self.kth(below - 1)

    def lowest_at_or_above(self, utility: float) -> Outcome | None:
        """The outcome of least utility at or above ``utility``, first in outcome order; None if none is."""
        above = bisect_right(self._falling, -utility)
        return self.kth(bisect_left(self._falling, self._falling[above - 1])) if above else None

    def sample(self, low: float, high: float, random: random.Random) -> Outcome | None:
        """An outcome with ``low <= utility <= high``, each equally likely; None if there is none."""
        first = bisect_left(self._falling, -high)
        last = bisect_right(self._falling, -low)
        return self.kth(first + int(random.random() * (last - first))) if last > first else None
