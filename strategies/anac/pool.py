"""Outcomes of a band of utility as arrays, so that a model can judge hundreds of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.domain.space import MAX_ENUMERATED

if TYPE_CHECKING:
    from random import Random

    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive
    from negotiate.strategies.models import OpponentModel

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_LISTED = 20_000  # best outcomes kept as arrays; a band within them is a slice
_DRAWN = 200  # outcomes drawn from a band that is larger than can be listed


@dataclass(frozen=True)
class Band:
    """Outcomes of a band, best first, or a random part of them where there are too many.

    Attributes:
        outcomes: the outcomes.
        rows: their positions, one row an outcome.
        whole: whether these are all.
    """

    outcomes: list[Outcome]
    rows: Ints
    whole: bool = True

    def scores(self, model: OpponentModel) -> Floats:
        """What the model believes each outcome to be worth to the opponent."""
        columns = [np.asarray(column)[self.rows[:, j]] for j, column in enumerate(model.tables)]
        total: Floats = np.sum(columns, axis=0)
        return total

    def ranked(self, model: OpponentModel) -> list[Outcome]:
        """The outcomes, best for the model first; equals stay in order."""
        # Rounding makes sums that differ in the last bit only count as equal, as they are on paper.
        order: list[int] = np.argsort(-self.scores(model).round(12), kind="stable").tolist()
        return [self.outcomes[i] for i in order]


class Pool:
    """Bands of one party's outcomes, by their own utility.

    Args:
        own: the party's preferences.
        random: random numbers, for bands that are too large to list.
    """

    def __init__(self, own: LinearAdditive, random: Random) -> None:
        self.space = own.space
        self.utility = own.utility
        self.random = random
        self.issues = len(own.domain.sizes)
        self.vast = (
            own.domain.size > MAX_ENUMERATED
        )  # where drawing is cheap and counting is not
        self.listed: list[Outcome] = []
        self.rows: Ints = np.empty((0, self.issues), dtype=np.int64)

    def band(self, low: int, high: int | None = None) -> Band:
        """Outcomes with ``low <= utility <= high``, in units of 1e-9."""
        if self.vast:
            return self.drawn(low, self.space.max_utility if high is None else high)
        first = 0 if high is None else self.space.count_at_or_above(high + 1)
        return self.ranks(first, self.space.count_at_or_above(low))

    def after(self, rank: int, low: int) -> Band:
        """Outcomes after a rank, down to utility ``low``."""
        if self.vast:
            return self.drawn(low, self.space.utility_at(rank))
        return self.ranks(rank + 1, self.space.count_at_or_above(low))

    def ranks(self, first: int, last: int) -> Band:
        """Outcomes from rank ``first`` up to before rank ``last``."""
        last = max(first, last)
        if last <= _LISTED:
            self._list(last)
            return Band(self.listed[first:last], self.rows[first:last])
        whole = last - first <= _DRAWN
        uniform, span = self.random.random, last - first
        places = {first + int(uniform() * span) for _ in range(_DRAWN)}
        return self._band(
            [self.space.kth(k) for k in (range(first, last) if whole else sorted(places))],
            whole,
        )

    def drawn(self, low: int, high: int, count: int = _DRAWN) -> Band:
        """Some outcomes with ``low <= utility <= high``, drawn at random, best first; none if there is none."""
        found: set[Outcome] = set()
        for _ in range(count):
            outcome = self.space.sample(low, high, self.random)
            if outcome is None:
                break
            found.add(outcome)
        ordered = sorted(found, key=lambda outcome: (-self.utility(outcome), outcome))
        return self._band(ordered, whole=False)

    def _band(self, outcomes: list[Outcome], whole: bool) -> Band:
        return Band(outcomes, self._array(outcomes), whole)

    def _list(self, count: int) -> None:
        known = len(self.listed)
        if count <= known:
            return
        count = min(max(count, 2 * known), _LISTED, self.space.size)
        added = [self.space.kth(k) for k in range(known, count)]
        self.listed += added
        self.rows = np.concatenate([self.rows, self._array(added)])

    def _array(self, outcomes: list[Outcome]) -> Ints:
        return np.array(outcomes, dtype=np.int64).reshape(len(outcomes), self.issues)
