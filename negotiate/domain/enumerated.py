"""A space that is small enough to list: every outcome in order, once.

Strategies ask such a space a question at every turn, so the answers are bisections on plain Python sequences of
integers, which beat array calls by an order of magnitude.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import product
from math import floor
from sys import modules
from typing import TYPE_CHECKING, ClassVar

from negotiate.domain.space import Space

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive

# Up to here sorted without numpy, whose import takes longer than that: many a program plays small matches only.
_SMALL = 2000
# The same where numpy is there already.
_TINY = 100
# Up to here lists of integers, the fastest to read; above arrays, in a fifth of the memory.
_LISTED = 2**17
_REMEMBERED = 2**16


class EnumeratedSpace(Space):
    """All outcomes, sorted by falling utility; equal utilities in outcome order."""

    method: ClassVar[str] = "enumerated"

    def __init__(self, preferences: LinearAdditive) -> None:
        super().__init__(preferences)
        # Utilities are kept negated, so that they rise, as bisection wants them.
        self._order, self._falling = ordered(preferences)
        self.max_utility, self.min_utility = -self._falling[0], -self._falling[-1]
        self._outcomes: dict[int, Outcome] = {}

    @property
    def sorted(self) -> tuple[Sequence[int], Sequence[int]]:
        """Places by falling utility, equal ones in outcome order, and the negated utilities there."""
        return self._order, self._falling

    def kth(self, k: int) -> Outcome:
        """The k-th best outcome, from 0; equal utilities in outcome order."""
        found = self._outcomes.get(k)
        if found is None:
            found = self.domain.at(self._order[self._check_rank(k)])
            if len(self._outcomes) < _REMEMBERED:
                self._outcomes[k] = found
        return found

    def utility_at(self, k: int) -> int:
        """Utility of the k-th best outcome."""
        return -self._falling[self._check_rank(k)]

    def rank(self, outcome: Outcome) -> int:
        """How many outcomes stand before this one: ``kth(rank(outcome)) == outcome``."""
        self.domain.check(outcome)
        falling = -self.preferences.utility(outcome)
        low, high = bisect_left(self._falling, falling), bisect_right(self._falling, falling)
        return bisect_left(self._order, self.domain.index(outcome), low, high)

    def count_at_or_above(self, utility: float) -> int:
        """How many outcomes are worth at least ``utility``."""
        return bisect_right(self._falling, -utility)

    def nearest(self, utility: float) -> Outcome:
        """The outcome whose utility is nearest to ``utility``, by the rule of GENIUS."""
        falling = self._falling
        try:
            # Integers compare faster with one another than with a float.
            below = bisect_right(falling, floor(-utility))
        except (OverflowError, ValueError):
            raise self._not_finite(utility) from None
        if below == 0:
            return self.kth(0)
        if below < self.size and utility + falling[below] < -falling[below - 1] - utility:
            return self.kth(below)
        return self.kth(below - 1)

    def lowest_at_or_above(self, utility: float) -> Outcome | None:
        """The outcome of least utility at or above ``utility``, first in outcome order."""
        falling = self._falling
        try:
            above = bisect_right(falling, floor(-utility))
        except (OverflowError, ValueError):
            raise self._not_finite(utility) from None
        return self.kth(bisect_left(falling, falling[above - 1])) if above else None

    def sample(self, low: float, high: float, random: random.Random) -> Outcome | None:
        """An outcome with ``low <= utility <= high``, each equally likely; None if there is none."""
        first = bisect_left(self._falling, -high)
        last = bisect_right(self._falling, -low)
        return self.kth(first + int(random.random() * (last - first))) if last > first else None


def ordered(preferences: LinearAdditive) -> tuple[Sequence[int], Sequence[int]]:
    """Places of the outcomes by falling utility, equal ones in outcome order, and the negated utilities there."""
    small = _TINY if "numpy" in modules else _SMALL  # both ways give the same
    if preferences.domain.size > min(small, _LISTED) or preferences.groups:
        from negotiate.domain.sorting import ordered_by_arrays  # noqa: PLC0415 - numpy

        return ordered_by_arrays(preferences, _LISTED)
    falling = [-sum(values) for values in product(*preferences.tables)]
    order = sorted(range(len(falling)), key=falling.__getitem__)
    return order, [falling[place] for place in order]
