"""A space that is too large to list, answered from sums of blocks.

* The best outcomes come from a :class:`~negotiate.domain.ranking.Ranking` that grows as it is asked.
* The nearest, lowest or highest utility is found exactly, at any size, among sorted sums of parts of the issues
  (:class:`~negotiate.domain.levels.Levels`), and so is the outcome that has it.
* An outcome in a band is drawn through quantised counts (:class:`~negotiate.domain.quantised.Quantised`) with
  rejection, and is exactly uniform over the band. Where counts are estimates, see below, a band much narrower than
  a cell is uniform only up to what the density of outcomes varies within a cell.
* Counts and ranks are exact up to about 10^12 outcomes, beyond that for coarse utilities and among the best million;
  otherwise they are estimates from the quantised counts. :attr:`ImplicitSpace.exact` says so.

Equal utilities stand in outcome order, unless a group ties issues together that do not stand side by side: then
issues count in the order of the blocks, each where its first issue stands.
"""

from __future__ import annotations

from functools import cached_property
from math import ceil, floor, inf, isfinite
from typing import TYPE_CHECKING, ClassVar

from negotiate.domain.bands import Bands, Listed
from negotiate.domain.blocks import blocks_of
from negotiate.domain.levels import Levels
from negotiate.domain.preferences import SCALE
from negotiate.domain.quantised import Quantised, Window
from negotiate.domain.ranking import Ranking
from negotiate.domain.space import Space

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive

_TRIES = 256  # draws from the cells before a narrow band is looked at itself
_REMEMBERED = 2**14
_SCATTERED = 16.0  # outcomes for each unit of utility; where there are more, one is met at once
_FEW = 2**8


class ImplicitSpace(Space):
    """Outcomes that are never listed; what is asked of them is computed from parts.

    Attributes:
        exact: whether counts and ranks are exact throughout.
    """

    method: ClassVar[str] = "implicit"

    def __init__(self, preferences: LinearAdditive) -> None:
        super().__init__(preferences)
        self._blocks = blocks_of(preferences.domain, [preferences])
        self._numbers = [block.utilities[0] for block in self._blocks]
        self.max_utility = sum(int(numbers.max()) for numbers in self._numbers)
        self.min_utility = sum(int(numbers.min()) for numbers in self._numbers)
        self._single = len(self._blocks) == len(self.domain.issues)
        self._outcomes: dict[int, Outcome] = {}

    @cached_property
    def _levels(self) -> Levels:
        return Levels(self._numbers)

    @cached_property
    def _quantised(self) -> Quantised:
        return Quantised(self._numbers)

    @cached_property
    def _bands(self) -> Bands:
        return Bands(self._numbers)

    @cached_property
    def _ranking(self) -> Ranking:
        return Ranking(self._bands, self._quantised, self.max_utility)

    @property
    def exact(self) -> bool:
        """Whether counts and ranks are exact throughout, not only among the best."""
        return self._levels.exact

    def kth(self, k: int) -> Outcome:
        """The k-th best outcome, from 0; where counts are estimates and k is far down, one about there."""
        found = self._outcomes.get(k)
        if found is None:
            found = self._kth(self._check_rank(k))
            if len(self._outcomes) < _REMEMBERED:
                self._outcomes[k] = found
        return found

    def _kth(self, k: int) -> Outcome:
        if self._ranking.reaches(k):
            return self._outcome(self._ranking.options(k))
        level = self._level(k)
        if not self.exact:
            return self._outcome(self._levels.edge(level, last=False))
        return self._outcome(self._levels.nth(level, k - self.count_at_or_above(level + 1)))

    def utility_at(self, k: int) -> int:
        """Utility of the k-th best outcome; where counts are estimates and k is far down, about that."""
        if self._ranking.reaches(self._check_rank(k)):
            return self._ranking.utility(k)
        return self._level(k)

    def _level(self, k: int) -> int:
        """The highest utility that more than k outcomes reach: the k-th best has it."""
        low, high = self._quantised.reaching(k + 1), self._quantised.holding(k)
        more, less = self.count_at_or_above(low), self.count_at_or_above(high)
        # Where counts are shares, rounding may have cut the bracket short.
        step = self._quantised.cell
        while more <= k:
            low, step = low - step, 2 * step
            more = self.count_at_or_above(low)
        while less > k:
            high, step = high + step, 2 * step
            less = self.count_at_or_above(high)
        while high - low > 1:
            # Counts hardly bend between cells: look closely on both sides of the straight line.
            line = low + (high - low) * (more - k) // max(more - less, 1)
            margin = (high - low) >> 7
            for probe in (line - margin, line + margin, (low + high) // 2):
                if low < probe < high:
                    count = self.count_at_or_above(probe)
                    low, more = (probe, count) if count > k else (low, more)
                    high, less = (probe, count) if count <= k else (high, less)
        found = self._levels.at_or_above(low)
        return low if found is None else found

    def rank(self, outcome: Outcome) -> int:
        """How many outcomes stand before this one; where counts are estimates, how many are worth more."""
        self.domain.check(outcome)
        utility = self.preferences.utility(outcome)
        options = [block.option(outcome) for block in self._blocks]
        if self._ranking.covers(utility, grow=not self.exact):
            return self._ranking.place(utility, options)
        above = self.count_at_or_above(utility + 1)
        return above + self._levels.before(options) if self.exact else above

    def count_at_or_above(self, utility: float) -> int:
        """How many outcomes are worth at least ``utility``; see :attr:`exact`."""
        if utility == inf:
            return 0
        target = self._target(max(utility, self.min_utility))
        if target > self.max_utility:
            return 0
        if target == self.min_utility:
            return self.size
        if self._quantised.exact:
            return self._quantised.at_least(target)
        if self._ranking.covers(target, grow=not self.exact):
            return self._ranking.count_above(target)
        return (
            self._levels.count_above(target) if self.exact else self._quantised.estimate(target)
        )

    def nearest(self, utility: float) -> Outcome:
        """The outcome whose utility is nearest to ``utility``, by the rule of GENIUS."""
        target = self._finite(utility)
        near = self._around(target, target - 1)
        above = near.at_or_above(target)
        if above is not None and above - utility <= 0.5:  # nothing below can be nearer
            return self._outcome(near.edge(above, last=True))
        below = near.at_or_below(target - 1)
        if below is not None and (above is None or utility - below < above - utility):
            return self._outcome(near.edge(below, last=False))
        return self._outcome(near.edge(self.max_utility if above is None else above, last=True))

    def lowest_at_or_above(self, utility: float) -> Outcome | None:
        """The outcome of least utility at or above ``utility``, first in order; None if none is."""
        target = self._finite(utility)
        if target > self.max_utility:
            return None
        near = self._around(target, None)
        level = near.at_or_above(target)
        return None if level is None else self._outcome(near.edge(level, last=False))

    def _target(self, utility: float) -> int:
        """The integer to look for, for ``at or above``; just outside of the space instead of far."""
        return max(self.min_utility, min(self.max_utility + 1, ceil(utility)))

    def _finite(self, utility: float) -> int:
        if not isfinite(utility):
            raise self._not_finite(utility)
        return self._target(utility)

    def _around(self, target: int, below: int | None) -> Levels | Listed:
        """What knows the levels next to ``target``, and next to ``below`` on its other side.

        Beyond the reach of exact counts, where outcomes lie scattered, the few around are listed: those that
        exist at all are found in halves of the space, while levels would try one combination after the other.
        """
        density = self._quantised.density(target)
        if self.exact or density > _SCATTERED:
            return self._levels
        span = self.max_utility - self.min_utility
        reach = int(min(_FEW / max(density, 1 / SCALE), span)) + 1
        while True:
            low = target if below is None else below - reach
            few = self._bands.outcomes(low, target + reach, _FEW**2)
            if few is None:
                return self._levels
            if len(few) or reach > span:
                return few
            reach *= 16

    def sample(self, low: float, high: float, random: random.Random) -> Outcome | None:
        """An outcome with ``low <= utility <= high``, each equally likely; None if there is none."""
        least = ceil(max(low, self.min_utility))
        most = floor(min(high, self.max_utility))
        window = self._quantised.window(least, most)
        if least > most or window is None:
            return None
        for _ in range(_TRIES):
            options = self._quantised.draw(window, random)
            if least <= self._sum(options) <= most:
                return self._outcome(options)
        return self._sample_narrow(least, most, window, random)

    def _sample_narrow(
        self, low: int, high: int, window: Window, random: random.Random
    ) -> Outcome | None:
        """The same, for a band that is narrow beside a cell."""
        level = self._levels.at_or_above(low)
        if level is None or level > high:
            return None
        if self._ranking.covers(low, grow=not self.exact):
            first, stop = self._ranking.count_above(high + 1), self._ranking.count_above(low)
            return self.kth(first + int(random.random() * (stop - first)))
        start = self._levels.halves
        for _ in range(_TRIES if start else 1):
            # A beginning from the cells; its end, drawn exactly, is uniform among those that fit.
            options = self._quantised.draw(window, random)[:start]
            used = self._sum(options)
            rest = self._levels.draw(low - used, high - used, start, random)
            if rest is not None:
                return self._outcome(options + rest)
        return self._outcome(self._levels.edge(level, last=False))

    def _sum(self, options: Sequence[int]) -> int:
        return sum(int(numbers[o]) for numbers, o in zip(self._numbers, options, strict=False))

    def _outcome(self, options: Sequence[int]) -> Outcome:
        """The outcome of options, one a block."""
        if self._single:
            return tuple(options)
        outcome = [0] * len(self.domain.issues)
        for block, option in zip(self._blocks, options, strict=True):
            for issue, position in zip(block.issues, block.positions(option), strict=True):
                outcome[issue] = position
        return tuple(outcome)
