"""What can be said only by looking at all outcomes, the bad ones too.

Small spaces are listed. For two parties and up to about 10^12 outcomes the rational ones are counted exactly from
two halves of the space; beyond that their share is estimated from a fixed sample, with its error.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod, sqrt
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.domain.blocks import blocks_of, enumerated
from negotiate.domain.preferences import SCALE
from negotiate.domain.space import MAX_ENUMERATED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.blocks import Block, Ints
    from negotiate.domain.preferences import LinearAdditive

Int32: TypeAlias = npt.NDArray[np.int32]

_SAMPLE = 2**18


@dataclass(frozen=True)
class Share:
    """A share of all outcomes.

    Attributes:
        value: between 0 and 1.
        error: 0 if the value is exact, else four standard errors of the estimate.
    """

    value: float
    error: float = 0.0


def rational_share(preferences: Sequence[LinearAdditive]) -> Share:
    """The share of outcomes that give every party at least its reservation value."""
    domain = preferences[0].domain
    # Whoever gets enough from every outcome does not matter.
    picky = [own for own in preferences if own.reservation > own.space.min_utility]
    if any(own.reservation > own.space.max_utility for own in picky):
        return Share(0.0)
    if not picky:
        return Share(1.0)
    if domain.size <= MAX_ENUMERATED:
        fine = np.ones(domain.size, dtype=np.bool_)
        for own in picky:
            fine &= enumerated(own) >= own.reservation
        return Share(int(fine.sum()) / domain.size)
    blocks = blocks_of(domain, picky if len(picky) > 1 else picky * 2)
    left, right = _halves(blocks)
    if len(picky) > 2 or max(_combinations(left), _combinations(right)) > MAX_ENUMERATED:
        return _sampled(blocks, [own.reservation for own in picky])
    one, other = picky[0], picky[-1]  # a single one stands in for both
    return Share(_both_reached(left, right, one.reservation, other.reservation) / domain.size)


def nearest_to_ideal(preferences: Sequence[LinearAdditive]) -> float:
    """Smallest Euclidean distance of any outcome to (1, …, 1), by listing them all."""
    total = np.zeros(preferences[0].domain.size)
    for own in preferences:
        total += ((SCALE - enumerated(own)) / SCALE) ** 2
    return sqrt(float(total.min()))


def _combinations(blocks: Sequence[Block]) -> int:
    return prod(block.options for block in blocks)


def _halves(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """The first and the other blocks, cut where the larger side is smallest."""

    def larger(cut: int) -> int:
        return max(_combinations(blocks[:cut]), _combinations(blocks[cut:]))

    cut = min(range(len(blocks) + 1), key=larger)
    return blocks[:cut], blocks[cut:]


def _sums(blocks: Sequence[Block], party: int) -> Ints:
    total = np.zeros(1, dtype=np.int64)
    for block in blocks:
        total = np.add.outer(total, block.utilities[party]).ravel()
    return total


def _both_reached(left: Sequence[Block], right: Sequence[Block], x: int, y: int) -> int:
    """How many outcomes give the first party at least ``x`` and the second at least ``y``.

    Each entry of the left half takes a beginning of the right one, sorted by falling ``x``, and of that what is
    high enough in ``y``; these are counted for all entries together, bit by bit of the rank in ``y``, in a wavelet
    matrix (Claude, Navarro & Ordonez 2015).
    """
    falling = -_sums(right, 0)
    order = np.argsort(falling, kind="stable")
    last = _places(falling[order], _sums(left, 0) - x, "right")
    del falling
    heights = _sums(right, 1)[order]
    least = _places(np.sort(heights), y - _sums(left, 1), "left")
    ranks = np.empty(len(heights), dtype=np.int32)
    ranks[np.argsort(heights, kind="stable")] = np.arange(len(heights), dtype=np.int32)
    del heights, order
    return _count_from(ranks, last, least)


def _places(rising: Ints, numbers: Ints, side: Literal["left", "right"]) -> Int32:
    return np.searchsorted(rising, numbers, side=side).astype(np.int32)


def _count_from(ranks: Int32, stops: Int32, least: Int32) -> int:
    """Over all queries, how many of ``ranks[:stop]`` are at least ``least``."""
    starts = np.zeros_like(stops)
    found = 0
    for bit in reversed(range(len(ranks).bit_length())):
        high = (ranks >> bit & 1) == 1
        highs = np.zeros(len(ranks) + 1, dtype=np.int32)
        np.cumsum(high, out=highs[1:])
        lows = len(ranks) - int(highs[-1])
        up = (least >> bit & 1) == 1
        high_starts, high_stops = highs[starts], highs[stops]
        # Where this bit of the bound is 0, whatever has a 1 there is above it.
        found += int(np.where(up, 0, high_stops - high_starts).sum(dtype=np.int64))
        starts = np.where(up, lows + high_starts, starts - high_starts)
        stops = np.where(up, lows + high_stops, stops - high_stops)
        ranks = np.concatenate((ranks[~high], ranks[high]))
    return found + int((stops - starts).sum(dtype=np.int64))


def _sampled(blocks: Sequence[Block], floors: Sequence[int]) -> Share:
    # The same sample every time: a fact of the scenario must not change from run to run.
    random = np.random.Generator(np.random.PCG64(0))
    sums = np.zeros((len(blocks[0].utilities), _SAMPLE), dtype=np.int64)
    for block in blocks:
        sums += block.utilities[:, random.integers(0, block.options, _SAMPLE)]
    fine = (sums >= np.resize(floors, (len(sums), 1))).all(axis=0)
    share = int(fine.sum()) / _SAMPLE
    # At least what one hit would show: the error stays honest where nothing, or everything, was hit.
    spread = max(share * (1 - share), 1 / _SAMPLE)
    return Share(share, 4 * sqrt(spread / _SAMPLE))
