"""Distinct sums of some blocks, and in how many ways each comes about.

Two sorted lists of sums answer for their product, which is never made: a sum of at least ``t`` that is as small
as possible is, for each number of one list, one bisection in the other (meet in the middle: Horowitz & Sahni
1974, *Computing partitions with applications to the knapsack problem*). More than two lists are taken one number
of the first at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from negotiate.domain.blocks import Ints

Ways: TypeAlias = npt.NDArray[Any]
"""Numbers of ways: of the smallest kind that holds them, or Python's integers in an object array."""

_EXACT = 2**62
_FIRST_PORTION = 2**8
_LARGEST_PORTION = 2**14


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums of the options of some blocks.

    Attributes:
        values: the different sums, rising.
        ways: how many combinations of options have each sum.
        total: how many combinations there are.
    """

    values: Ints
    ways: Ways
    total: int

    @classmethod
    def of(cls, numbers: Ints) -> Sums:
        """The sums of one block alone."""
        return _gathered(
            np.sort(numbers), np.broadcast_to(np.int64(1), len(numbers)), len(numbers)
        )

    def plus(self, other: Sums, most: int) -> Sums | None:
        """The sums of both together; None if there are more than ``most`` of them."""
        if len(self.values) * len(other.values) > 4 * most:
            return None  # too many even to look whether they coincide
        total = self.total * other.total
        largest = int(self.ways.max()) * int(other.ways.max())
        kind = np.dtype(object) if total >= _EXACT else _smallest(largest)
        sums = np.add.outer(other.values, self.values).ravel()
        if self.constant and other.constant:
            sums.sort()
            ways: Ways = np.broadcast_to(np.array([largest], dtype=kind), len(sums))
        else:
            order = np.argsort(sums)
            sums = sums[order]
            ways = np.multiply.outer(other.ways.astype(kind), self.ways.astype(kind))
            ways = ways.ravel()[order]
            del order  # room counts here
        found = _gathered(sums, ways, total)
        return found if len(found.values) <= most else None

    @property
    def constant(self) -> bool:
        """Whether each sum comes about in one and the same number of ways."""
        return self.ways.strides == (0,)

    @property
    def _wide(self) -> np.dtype[Any]:
        return np.dtype(object if self.ways.dtype == object else np.int64)

    @cached_property
    def _above(self) -> Ways:
        """At each place the ways of all sums from there on; one place more, for none."""
        above: Ways = np.zeros(len(self.values) + 1, dtype=self._wide)
        np.cumsum(self.ways[::-1], dtype=self._wide, out=above[-2::-1])
        return above

    def above(self, targets: Ints) -> Ways:
        """In how many ways a sum of at least each target comes about."""
        places = np.searchsorted(self.values, targets)
        if self.constant:
            each = self.ways[:1].astype(self._wide)
            found: Ways = (len(self.values) - places) * each
        else:
            found = self._above[places]
        return found

    def exactly(self, targets: Ints) -> Ways:
        """In how many ways each target comes about."""
        places = np.minimum(np.searchsorted(self.values, targets), len(self.values) - 1)
        return np.where(self.values[places] == targets, self.ways[places], 0).astype(self._wide)


def _gathered(rising: Ints, ways: Ways, total: int) -> Sums:
    """Equal neighbours become one, with their ways added."""
    fresh = np.ones(len(rising), dtype=np.bool_)
    fresh[1:] = rising[1:] != rising[:-1]
    if not bool(fresh.all()):
        starts = np.flatnonzero(fresh)
        wide = object if ways.dtype == object else np.int64
        rising, ways = rising[starts], np.add.reduceat(ways, starts, dtype=wide)
    if bool((ways == ways[0]).all()):
        # Takes no room, and tells plus() of a short cut.
        ways = np.broadcast_to(ways[0], len(ways))
    elif ways.dtype != object:
        ways = ways.astype(_smallest(int(ways.max())))
    return Sums(rising, ways, total)


def _smallest(number: int) -> np.dtype[Any]:
    """The smallest kind of integers that holds a number."""
    if number >= _EXACT:
        return np.dtype(object)
    return np.dtype(np.int64) if number >= 2**32 else np.min_scalar_type(number)


NOTHING = Sums.of(np.zeros(1, dtype=np.int64))
"""The sum of no blocks: zero, in one way."""


def closest(parts: Sequence[Ints], target: int, *, up: bool) -> int | None:
    """The sum of one number from each sorted list that is closest to ``target`` on one side, or on it.

    Args:
        parts: lists of rising numbers.
        target: where to look.
        up: whether the sum must be at least ``target``; else at most.
    """
    head, rest = parts[0], parts[1:]
    low, high = sum(int(part[0]) for part in rest), sum(int(part[-1]) for part in rest)
    side: Literal["left", "right"] = "left" if up else "right"
    first, stop = np.searchsorted(head, (target - high, target - low), side=side).tolist()
    # Between these places the rest decides. Beyond them its least, or its most, is as close as it gets.
    best: int | None = None
    if up and stop < len(head):
        best = int(head[stop]) + low
    elif not up and first > 0:
        best = int(head[first - 1]) + high
    if not rest:
        return best
    # Sums are met soonest where the rest has to make about the middle of what it can.
    centre = int(np.searchsorted(head[first:stop], target - (low + high) // 2)) + first
    for left, right in _portions(first, stop, centre, _FIRST_PORTION if len(rest) == 1 else 1):
        found = _closest_within(head[left:right], rest, target, up=up)
        best = _closer(best, found, up=up)
        if best == target:
            break
    return best


def _closer(one: int | None, other: int | None, *, up: bool) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return min(one, other) if up else max(one, other)


def _closest_within(head: Ints, rest: Sequence[Ints], target: int, *, up: bool) -> int | None:
    """The same for numbers of ``head`` that some of the rest can bring to the right side."""
    if len(rest) == 1:
        (tail,) = rest
        if up:
            return int((head + tail[np.searchsorted(tail, target - head)]).min())
        return int((head + tail[np.searchsorted(tail, target - head, side="right") - 1]).max())
    best: int | None = None
    for number in head.tolist():
        found = closest(rest, target - number, up=up)
        best = _closer(best, None if found is None else number + found, up=up)
        if best == target:
            break
    return best


def _portions(first: int, stop: int, centre: int, width: int) -> Iterator[tuple[int, int]]:
    """Ranges that cover ``first`` to ``stop``, from ``centre`` to both sides, wider and wider."""
    left = right = centre
    while left > first or right < stop:
        if right < stop:
            yield right, min(right + width, stop)
            right = min(right + width, stop)
        if left > first:
            yield max(left - width, first), left
            left = max(left - width, first)
        width = min(4 * width, _LARGEST_PORTION)


def count_above(head: Sums, tail: Sums, target: int) -> int:
    """In how many ways a sum of both is at least ``target``."""
    low, high = target - int(tail.values[-1]), target - int(tail.values[0])
    first, enough = np.searchsorted(head.values, (low, high)).tolist()
    found = int(head.above(head.values[enough : enough + 1]).sum()) * tail.total
    for i in range(first, enough, _LARGEST_PORTION):
        part = slice(i, min(i + _LARGEST_PORTION, enough))
        ways = tail.above(target - head.values[part])
        found += _total(head.ways[part], ways, head.total * tail.total)
    return found


def count_exactly(head: Sums, tail: Sums, target: int) -> int:
    """In how many ways a sum of both is ``target``."""
    low, high = target - int(tail.values[-1]), target - int(tail.values[0])
    first, stop = np.searchsorted(head.values, (low, high + 1)).tolist()
    ways = tail.exactly(target - head.values[first:stop])
    return _total(head.ways[first:stop], ways, head.total * tail.total)


def _total(ways: Ways, others: Ways, bound: int) -> int:
    if bound < _EXACT:
        return int((ways.astype(np.int64) * others).sum())
    return int((ways.astype(object) * others).sum())
