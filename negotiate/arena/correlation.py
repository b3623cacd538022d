"""How well one list of numbers orders and matches another: what opponent models are measured by.

Both lists have the same length. Rank correlations are None where one of them is constant.
"""

from __future__ import annotations

from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_DIGITS = 12  # sums that differ by rounding alone are equal, as they are on paper


class Order:
    """How numbers are ordered, worked out once.

    Args:
        values: the numbers.

    Attributes:
        places: each one's place among the distinct ones, from 0.
        ranks: each one's rank, from 1; equals share the mean of theirs.
        tied: how many pairs are equal.
    """

    def __init__(self, values: Floats) -> None:
        _, places, count = np.unique(
            np.round(values, _DIGITS), return_inverse=True, return_counts=True
        )
        self.places: Ints = places.astype(np.int64)
        self.ranks: Floats = (np.cumsum(count) - (count - 1) / 2)[places]
        self.tied = _pairs(count)


def spearman(one: Order, other: Order) -> float | None:
    """Pearson's correlation of the average ranks. Source: Spearman (1904)."""
    a, b = (order.ranks - order.ranks.mean() for order in (one, other))
    # Sums, not products of vectors: those may be split among threads, and then round otherwise.
    size = sqrt(float((a * a).sum()) * float((b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else None


def kendall(one: Order, other: Order) -> float | None:
    """Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs untied in each.

    Source: Kendall (1945), "The treatment of ties in ranking problems"; pairs are counted in ``n log(n)`` after
    Knight (1966).
    """
    both = one.places * (int(other.places.max(initial=0)) + 1) + other.places
    order = np.argsort(both)
    tied = _pairs(np.unique(both, return_counts=True)[1])
    discordant = inversions(other.places[order])
    pairs = len(both) * (len(both) - 1) // 2
    untied = sqrt((pairs - one.tied) * (pairs - other.tied))
    concordance = pairs - one.tied - other.tied + tied - 2 * discordant
    return concordance / untied if untied > 0 else None


def rmse(one: Floats, other: Floats) -> float:
    """Root of the mean squared difference."""
    apart = one - other
    return sqrt(float((apart * apart).mean()))


def inversions(values: Ints) -> int:
    """How many pairs stand the wrong way round: i before j, and ``values[i] > values[j]``; none is negative.

    From the highest bit down: among numbers that agree in all higher bits, each one-bit before a zero-bit is such a
    pair. Sorting by the bits seen so far keeps each of these groups together and in its order.
    """
    largest = int(values.max(initial=0))
    # Small numbers are sorted digit by digit, which is several times as fast.
    total, current = 0, values.astype(np.uint16) if largest < 2**16 else values
    for bit in range(largest.bit_length() - 1, -1, -1):
        prefix, ones = (current >> (bit + 1)).astype(np.int64), (current >> bit & 1) > 0
        seen = np.cumsum(ones, dtype=np.int64)
        starts = np.flatnonzero(np.diff(prefix, prepend=-1))
        before = np.concatenate([np.zeros(1, dtype=np.int64), seen])[starts]
        lengths = np.diff(np.append(starts, len(prefix)))
        total += int(((seen - np.repeat(before, lengths)) * ~ones).sum())
        current = current[np.argsort(current >> bit, kind="stable")]
    return total


def _pairs(count: npt.NDArray[np.integer]) -> int:
    """How many pairs there are within groups of these sizes."""
    sizes = count.astype(np.int64)
    return int((sizes * (sizes - 1) // 2).sum())
