"""Levels of utility in a space that is too large to list: which there are, how many outcomes each has, and which.

Blocks are taken in order and gathered into *layers*, from the last to the first; a layer keeps the distinct sums
of its last block, its last two blocks, and so on. Equal sums count once, so that coarse utilities fit into one
layer whatever the number of outcomes; with utilities that hardly coincide two layers reach 10^12 outcomes. Up to
two layers everything is counted exactly.

Outcomes are given as options, one for each block. The order of the options of a level is that of the blocks; it is
outcome order unless a group ties issues together that do not stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nextafter
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.sums import NOTHING, Sums, Ways, closest, count_above, count_exactly

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from negotiate.domain.blocks import Ints

_LARGE = 2**20  # sums that each of the last two layers may hold
_SMALL = 2**14  # and each one before them: these are gone through one by one


@dataclass(frozen=True, eq=False)
class Layer:
    """Some neighbouring blocks.

    Attributes:
        first: place of the first of them.
        tables: for each block the sums from it to the end of the layer.
    """

    first: int
    tables: tuple[Sums, ...]


class Levels:
    """The sums of one number from each of several lists.

    Args:
        blocks: for each block what its options contribute, in order.
    """

    def __init__(self, blocks: Sequence[Ints]) -> None:
        self._blocks = blocks
        self._layers = _layers(blocks)
        lows, highs = [0], [0]
        for numbers in reversed(blocks):
            lows.append(lows[-1] + int(numbers.min()))
            highs.append(highs[-1] + int(numbers.max()))
        self._lows, self._highs = lows[::-1], highs[::-1]

    @property
    def exact(self) -> bool:
        """Whether outcomes can be counted exactly: there are at most two layers."""
        return len(self._layers) <= 2

    @property
    def halves(self) -> int:
        """The block from which on everything can be counted exactly."""
        return self._layers[-2:][0].first

    def _parts(self, start: int) -> list[Sums]:
        """The sums of the blocks from ``start`` on, in as many parts as there are layers."""
        if start == len(self._blocks):
            return [NOTHING]
        here = [layer for layer in self._layers if layer.first + len(layer.tables) > start]
        return [
            here[0].tables[max(0, start - here[0].first)],
            *(layer.tables[0] for layer in here[1:]),
        ]

    def at_or_above(self, target: int, start: int = 0) -> int | None:
        """The least sum from ``start`` on that is at least ``target``."""
        return closest([part.values for part in self._parts(start)], target, up=True)

    def at_or_below(self, target: int) -> int | None:
        """The greatest sum that is at most ``target``."""
        return closest([part.values for part in self._parts(0)], target, up=False)

    def edge(self, level: int, *, last: bool) -> list[int]:
        """The first or the last combination of options that has this sum, which must be one that occurs."""
        options: list[int] = []
        for i, numbers in enumerate(self._blocks):
            option = self._edge(level - numbers, i + 1, last=last)
            level -= int(numbers[option])
            options.append(option)
        return options

    def _edge(self, rests: Ints, start: int, *, last: bool) -> int:
        """The first or last place in ``rests`` of a sum that the blocks from ``start`` on can make."""
        within = (rests >= self._lows[start]) & (rests <= self._highs[start])
        places = np.flatnonzero(within)
        parts = self._parts(start)
        if len(parts) == 1:
            places = places[parts[0].exactly(rests[places]) > 0]
            return int(places[-1 if last else 0])
        rising = (int(place) for place in (places[::-1] if last else places))
        return next(p for p in rising if self.at_or_above(int(rests[p]), start) == rests[p])

    # What follows counts, and needs at most two layers from ``start`` on.

    def count_above(self, target: int) -> int:
        """How many combinations sum to at least ``target``."""
        return count_above(*self._pair(0), target)

    def _pair(self, start: int) -> tuple[Sums, Sums]:
        head, *tail = self._parts(start)
        return (head, tail[0]) if tail else (NOTHING, head)

    def _ways(self, rests: Ints, start: int) -> Ways:
        """In how many ways the blocks from ``start`` on make each sum."""
        head, tail = self._pair(start)
        if len(rests) < len(head.values):
            counts = [count_exactly(head, tail, rest) for rest in rests.tolist()]
            return np.array(counts, dtype=object)
        found: Ways = np.zeros(len(rests), dtype=object)
        for value, ways in zip(head.values.tolist(), head.ways.tolist(), strict=True):
            found += tail.exactly(rests - value) * ways
        return found

    def before(self, options: Sequence[int]) -> int:
        """How many combinations of the same sum stand before this one."""
        rest = sum(int(numbers[o]) for numbers, o in zip(self._blocks, options, strict=True))
        found = 0
        for i, (numbers, option) in enumerate(zip(self._blocks, options, strict=True)):
            found += int(self._ways(rest - numbers[:option], i + 1).sum())
            rest -= int(numbers[option])
        return found

    def nth(self, level: int, n: int) -> list[int]:
        """The n-th combination that has this sum, from 0."""
        options: list[int] = []
        for i, numbers in enumerate(self._blocks):
            ways = np.cumsum(self._ways(level - numbers, i + 1))
            option = int(np.searchsorted(ways, n, side="right"))
            n -= int(ways[option - 1]) if option else 0
            level -= int(numbers[option])
            options.append(option)
        return options

    def draw(self, low: int, high: int, start: int, random: random.Random) -> list[int] | None:
        """Options from ``start`` on whose sum is from ``low`` to ``high``, each equally likely.

        ``start`` must be 0 or the first block of a layer. None if there are none.
        """
        head, tail = self._pair(start)
        inside = tail.above(low - head.values) - tail.above(high + 1 - head.values)
        weights = np.cumsum(head.ways * inside.astype(np.float64))
        if not weights[-1]:
            return None
        place = _drawn(weights, random)
        value = int(head.values[place])
        first, stop = np.searchsorted(tail.values, (low - value, high + 1 - value)).tolist()
        other = first + _drawn(np.cumsum(tail.ways[first:stop].astype(np.float64)), random)
        cut = self._layers[-1].first
        options = self._draw_exactly(start, cut, value, random) if start < cut else []
        return options + self._draw_exactly(
            cut, len(self._blocks), int(tail.values[other]), random
        )

    def _draw_exactly(
        self, start: int, stop: int, value: int, random: random.Random
    ) -> list[int]:
        """Options of the blocks of one layer that have this sum, each equally likely."""
        layer = next(layer for layer in self._layers if layer.first == start)
        options: list[int] = []
        for i in range(start, stop):
            rests = value - self._blocks[i]
            table = layer.tables[i + 1 - start] if i + 1 < stop else NOTHING
            option = _drawn(np.cumsum(table.exactly(rests).astype(np.float64)), random)
            value = int(rests[option])
            options.append(option)
        return options


def _drawn(weights: Ways, random: random.Random) -> int:
    """A place, with probability in proportion to its step in the rising ``weights``."""
    total = float(weights[-1])
    # Rounding must not reach the end.
    mark = min(random.random() * total, nextafter(total, 0.0))
    return int(np.searchsorted(weights, mark, side="right"))


def _layers(blocks: Sequence[Ints]) -> list[Layer]:
    layers: list[Layer] = []
    stop = len(blocks)
    while stop:
        tables = _tables(blocks[:stop], _LARGE if len(layers) < 2 else _SMALL)
        stop -= len(tables)
        layers.append(Layer(stop, tuple(tables)))
    return layers[::-1]


def _tables(blocks: Sequence[Ints], most: int) -> list[Sums]:
    """The sums of the last block, the last two, …, while there are at most ``most``; the longest first."""
    tables = [Sums.of(blocks[-1])]
    room = 2 * most - len(tables[0].values)  # all tables together may be twice as large as one
    for numbers in reversed(blocks[:-1]):
        longer = tables[-1].plus(Sums.of(numbers), most)
        if longer is None or len(longer.values) > room:
            break
        room -= len(longer.values)
        tables.append(longer)
    return tables[::-1]
