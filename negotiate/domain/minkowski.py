"""Sums of frontiers: every point of one plus every point of the other, less what is dominated.

Long frontiers (a price in cents has thousands of points) are added box by box: a box is a run of one side plus a
run of the other, and nothing in it is better than its corner, the best that it has for each party. Corners are
held against a sample of true sums; boxes whose corner is already beaten are never opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import isqrt
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.dominance import Staircase, thinned, undominated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from negotiate.domain.blocks import Ints

_AT_ONCE = 2**18  # sums looked at together: bounds memory, not exactness
_BOXED = 2**22  # from so many sums on, boxes pay
# So many sums, after boxes, are worth exactness; if there are more, both sides are thinned.
_BUDGET_TWO = 2**24
_BUDGET_MANY = 2**21
_RUN = 32


@dataclass(frozen=True, eq=False)
class Points:
    """Outcomes, or parts of outcomes, as points.

    Attributes:
        utilities: ``(parties, n)``; of a frontier, by falling utility of the first party.
        keys: ``(limbs, n)``, see :class:`~negotiate.domain.blocks.Keys`.
        error: what thinning has lost so far.
    """

    utilities: Ints
    keys: Ints
    error: int = 0

    def __len__(self) -> int:
        return int(self.utilities.shape[1])

    def take(self, places: Ints, loss: int = 0) -> Points:
        """Some of the points, with ``loss`` added to the error."""
        return Points(self.utilities[:, places], self.keys[:, places], self.error + loss)

    def frontier(self, most: int) -> Points:
        """The undominated points, thinned to ``most``."""
        return self.take(*undominated(self.utilities, lambda at: self.keys[:, at], most))

    def thinned(self, most: int) -> Points:
        """At most ``most`` of a frontier's points."""
        return self.take(*thinned(self.utilities, most)) if len(self) > most else self

    def joined(self, other: Points) -> Points:
        """Both sets of points."""
        return Points(
            np.concatenate((self.utilities, other.utilities), axis=1),
            np.concatenate((self.keys, other.keys), axis=1),
            max(self.error, other.error),
        )


def added(left: Points, right: Points, most: int) -> Points:
    """The frontier of the sums of two frontiers, thinned to ``most`` points."""
    many = len(left.utilities) > 2
    if many:
        left, right = _within(left, right, _BUDGET_MANY)
    if many or len(left) * len(right) < _BOXED:
        return _frontier(left, right, _slices(len(left), len(right)), most)
    boxes = _boxes(left, right)
    if len(boxes) * _RUN * _RUN > _BUDGET_TWO:
        left, right = _within(left, right, _BUDGET_TWO // 4)
        boxes = _boxes(left, right)
    return _frontier(left, right, _opened(boxes, len(left), len(right)), most)


def _within(left: Points, right: Points, budget: int) -> tuple[Points, Points]:
    """Both sides, the longer thinned first, so that there are at most ``budget`` sums."""
    if len(left) < len(right):
        left, right = right, left
    if len(left) * len(right) > budget:
        left = left.thinned(max(budget // len(right), isqrt(budget)))
        right = right.thinned(max(budget // len(left), 2))
    return left, right


def _frontier(
    left: Points, right: Points, pairs: Iterator[tuple[Ints, Ints]], most: int
) -> Points:
    """The frontier of the sums of the points at some pairs of places, which come in portions."""
    portions = (_sums(left, right, i, j, most) for i, j in pairs)
    return reduce(lambda some, more: some.joined(more).frontier(most), portions)


def _sums(left: Points, right: Points, i: Ints, j: Ints, most: int) -> Points:
    """The frontier of the sums of points ``i`` and ``j``, which are broadcast against each other."""
    sums = left.utilities[:, i] + right.utilities[:, j]
    shape = sums.shape[1:]
    flat = sums.reshape(len(sums), -1)

    def keys(places: Ints) -> Ints:
        at = np.unravel_index(places, shape)
        return left.keys[:, _spread(i, at)] + right.keys[:, _spread(j, at)]

    kept, loss = undominated(flat, keys, most)
    return Points(flat[:, kept], keys(kept), left.error + right.error + loss)


def _spread(places: Ints, at: tuple[Ints, ...]) -> Ints:
    """``places``, as it is broadcast, at some points of the common shape."""
    found: Ints = places[tuple(a % n for a, n in zip(at, places.shape, strict=True))]
    return found


def _slices(n: int, m: int) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of ``n`` and ``m`` places, a slice of the second at a time."""
    width = max(1, _AT_ONCE // n)
    for start in range(0, m, width):
        yield np.arange(n)[None, :], np.arange(start, min(start + width, m))[:, None]


def _boxes(left: Points, right: Points) -> Ints:
    """Pairs of runs, as ``left run * number of right runs + right run``, that may hold frontier points."""
    (x, y), (a, b) = left.utilities, right.utilities
    sample = Staircase(
        np.add.outer(x[_RUN // 2 :: _RUN], a[_RUN // 2 :: _RUN]).ravel(),
        np.add.outer(y[_RUN // 2 :: _RUN], b[_RUN // 2 :: _RUN]).ravel(),
    )
    # The first point of a run has its best for the first party, the last its best for the second.
    best_x = np.add.outer(x[::_RUN], a[::_RUN]).ravel()
    best_y = np.add.outer(_last(y), _last(b)).ravel()
    return np.flatnonzero(~sample.beats(best_x, best_y))


def _last(row: Ints) -> Ints:
    return np.append(row[_RUN - 1 : len(row) - 1 : _RUN], row[-1])


def _opened(boxes: Ints, n: int, m: int) -> Iterator[tuple[Ints, Ints]]:
    """The pairs of places inside boxes, some boxes at a time."""
    within = np.arange(_RUN)
    for start in range(0, len(boxes), _AT_ONCE // _RUN**2):
        run, other = np.divmod(boxes[start : start + _AT_ONCE // _RUN**2], -(-m // _RUN))
        # A last run that is short repeats its last point: equal sums count once.
        i = np.minimum(run[:, None] * _RUN + within, n - 1)
        j = np.minimum(other[:, None] * _RUN + within, m - 1)
        yield i[:, :, None], j[:, None, :]
