"""How well one list of numbers orders and matches another: what opponent models are measured by.

All take two arrays of the same length. Rank correlations are None where one of the arrays is constant.
"""

from __future__ import annotations

from math import sqrt
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

_DIGITS = 12  # sums that differ by rounding alone are equal, as they are on paper


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1; equals share the mean of theirs."""
    _, place, count = np.unique(
        np.round(values, _DIGITS), return_inverse=True, return_counts=True
    )
    above = np.cumsum(count)
    ranks: Floats = (above - (count - 1) / 2)[place]
    return ranks


def spearman(one: Floats, other: Floats) -> float | None:
    """Pearson's correlation of the average ranks. Source: Spearman (1904)."""
    a, b = (ranks - ranks.mean() for ranks in (average_ranks(one), average_ranks(other)))
    size = sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 0 else None


def kendall(one: Floats, other: Floats) -> float | None:
    """Kendall's tau-b: concordant less discordant pairs, over the geometric mean of the pairs untied in each.

    Source: Kendall (1945), "The treatment of ties in ranking problems"; pairs are counted in ``n log(n)`` after
    Knight (1966).
    """
    a, b = (_dense(values) for values in (one, other))
    order = np.lexsort((b, a))
    discordant = inversions(b[order])
    pairs = len(a) * (len(a) - 1) // 2
    both = a * (int(b.max(initial=0)) + 1) + b
    tied_a, tied_b, tied = _tied(a), _tied(b), _tied(both)
    untied = sqrt((pairs - tied_a) * (pairs - tied_b))
    concordance = pairs - tied_a - tied_b + tied - 2 * discordant
    return concordance / untied if untied > 0 else None


def rmse(one: Floats, other: Floats) -> float:
    """Root of the mean squared difference."""
    apart = one - other
    return sqrt(float(apart @ apart) / len(apart))


def inversions(values: Ints) -> int:
    """How many pairs stand the wrong way round: i before j, and ``values[i] > values[j]``; none is negative.

    From the highest bit down: among numbers that agree in all higher bits, each one-bit before a zero-bit is such a
    pair. Sorting by the bits seen so far keeps each of these groups together and in its order.
    """
    total, current = 0, values
    for bit in range(int(values.max(initial=0)).bit_length() - 1, -1, -1):
        prefix, ones = current >> (bit + 1), (current >> bit) & 1
        seen = np.cumsum(ones)
        starts = np.flatnonzero(np.diff(prefix, prepend=-1))
        before = np.concatenate([np.zeros(1, dtype=np.int64), seen])[starts]
        lengths = np.diff(np.append(starts, len(prefix)))
        total += int(((seen - np.repeat(before, lengths)) * (1 - ones)).sum())
        current = current[np.argsort(current >> bit, kind="stable")]
    return total


def _dense(values: Floats) -> Ints:
    """Each value's place among the distinct ones."""
    found = np.unique(np.round(values, _DIGITS), return_inverse=True)[1]
    return found.astype(np.int64)


def _tied(values: Ints) -> int:
    count = np.unique(values, return_counts=True)[1].astype(np.int64)
    return int((count * (count - 1) // 2).sum())
