"""Counting and drawing outcomes by dynamic programming over quantised utility.

Each contribution is rounded down to a whole number of cells. How many combinations of the last blocks sum to each
number of cells then follows block by block (Bellman 1957, *Dynamic Programming*); a combination is drawn by
walking back through these tables. A band of utilities is covered by some cells; what is drawn from them beyond
the band is rejected, so that the draw stays exactly uniform over the band.

The true sum is at most :attr:`Quantised.slack` above its cells. If all contributions are multiples of one number
that is coarse enough, that is the cell, the slack is zero, and so is the error of every count.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from functools import cached_property
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from negotiate.domain.blocks import Ints

CELLS = 2**14
_LONG = 64  # options; from here on an array is quicker than a list
_INTEGERS = 2**53  # floats count exactly up to here

Floats: TypeAlias = npt.NDArray[np.float64]


class Window(NamedTuple):
    """Some neighbouring cells, and how many combinations are in the first, the first two, …."""

    first: int
    rising: Floats


class Quantised:
    """Numbers of combinations by quantised sum.

    Args:
        blocks: for each block what its options contribute, in order.
    """

    def __init__(self, blocks: Sequence[Ints]) -> None:
        self.low = sum(int(numbers.min()) for numbers in blocks)
        offsets = [numbers - numbers.min() for numbers in blocks]
        span = sum(int(offset.max()) for offset in offsets)
        common = int(np.gcd.reduce([np.gcd.reduce(offset) for offset in offsets]))
        fits = common > 0 and span // common <= 4 * CELLS
        self.cell = common if fits else span // CELLS + 1
        self._cells = [offset // self.cell for offset in offsets]
        rests = [
            offset - part * self.cell for offset, part in zip(offsets, self._cells, strict=True)
        ]
        self.slack = sum(int(rest.max()) for rest in rests)
        self._mean_rest = sum(float(rest.mean()) for rest in rests)
        self._size = prod(len(numbers) for numbers in blocks)
        self._tables = self._suffixes()
        # At place j: how many combinations are in one of the j highest cells.
        self._rising: Floats = np.append(0.0, np.cumsum(self._tables[0][::-1]))

    def _suffixes(self) -> list[Floats]:
        """For each block the combinations from it on, by cells; as shares where they are too many to count."""
        tables: list[Floats] = [np.ones(1)]
        for part in reversed(self._cells):
            counts = np.bincount(part).astype(np.float64)
            if self._size > _INTEGERS:
                counts /= len(part)
            tables.append(_folded(tables[-1], counts))
        return tables[::-1]

    @property
    def exact(self) -> bool:
        """Whether every count is exact: nothing was cut off, and no number was too large for that."""
        return not self.slack and self._size <= _INTEGERS

    def _number(self, count: float) -> int:
        """A table's entry as a number of combinations."""
        if self._size <= _INTEGERS:
            return int(count)
        return min(round(Fraction(count) * self._size), self._size)

    def _from(self, cell: int) -> float:
        """How many combinations are in this cell or above."""
        cells = len(self._rising) - 1
        return float(self._rising[cells - min(max(cell, 0), cells)])

    def at_least(self, utility: int) -> int:
        """A lower bound on the combinations that sum to at least ``utility``; exact without slack."""
        return self._number(self._from(-(-(utility - self.low) // self.cell)))

    def at_most(self, utility: int) -> int:
        """An upper bound on the combinations that sum to at least ``utility``; exact without slack."""
        return self._number(self._from(-(-(utility - self.low - self.slack) // self.cell)))

    def estimate(self, utility: int) -> int:
        """About how many combinations sum to at least ``utility``, at the mean of what rounding cut off."""
        place = max((utility - self.low - self._mean_rest) / self.cell, 0.0)
        whole = int(place)
        here, next_ = self._from(whole), self._from(whole + 1)
        return self._number(here + (next_ - here) * (place - whole))

    def reaching(self, count: int) -> int:
        """A utility that at least ``count`` combinations reach, and as few more as the cells tell."""
        share = count if self._size <= _INTEGERS else count / self._size
        cell = len(self._rising) - 1 - int(np.searchsorted(self._rising, share))
        return self.low + max(cell, 0) * self.cell

    def holding(self, count: int) -> int:
        """A utility that no more than ``count`` combinations reach, as low as the cells tell."""
        share = count if self._size <= _INTEGERS else count / self._size
        cell = len(self._rising) - int(np.searchsorted(self._rising, share, side="right"))
        return self.low + self.slack + cell * self.cell

    def utility_of(self, count: int) -> int:
        """About which utility ``count`` combinations reach: the inverse of :meth:`estimate`."""
        share = count if self._size <= _INTEGERS else count / self._size
        place = float(np.interp(share, self._rising, np.arange(len(self._rising))))
        cells = len(self._rising) - 1 - place
        return (
            self.low + int(self._mean_rest + cells * self.cell)
            if place < len(self._rising) - 1
            else self.low
        )

    def density(self, utility: int) -> float:
        """About how many combinations there are for each unit of utility around here."""
        place = int((utility - self.low - self._mean_rest) // self.cell)
        near = self._tables[0][max(place - 1, 0) : max(place + 2, 0)]
        return self._number(float(near.sum())) / (3 * self.cell)

    def window(self, low: int, high: int) -> Window | None:
        """The cells that sums from ``low`` to ``high`` may be in; None if nothing is in them."""
        first = max(-(-(low - self.low - self.slack) // self.cell), 0)
        # Summed here, and not a difference of sums, which would lose what is rare.
        rising: Floats = np.cumsum(
            self._tables[0][first : max((high - self.low) // self.cell + 1, 0)]
        )
        return Window(first, rising) if len(rising) and rising[-1] > 0 else None

    def draw(self, window: Window, random: random.Random) -> list[int]:
        """Options, one a block, whose cells sum to one in the window, each combination equally likely."""
        mark = random.random() * float(window.rising[-1])
        place = int(np.searchsorted(window.rising[:-1], mark, side="right"))
        return self._walk(window.first + place, random)

    @cached_property
    def _steps(self) -> list[tuple[list[float] | Floats, list[int] | Ints]]:
        steps: list[tuple[list[float] | Floats, list[int] | Ints]] = []
        for table, part in zip(self._tables[1:], self._cells, strict=True):
            padded = np.append(table, np.zeros(int(part.max()) + 1))  # found by negative places
            short = len(part) < _LONG
            steps.append((padded.tolist(), part.tolist()) if short else (padded, part))
        return steps

    def _walk(self, cell: int, random: random.Random) -> list[int]:
        """One option a block with this sum of cells, by how many ways each leaves for the rest."""
        options: list[int] = []
        for table, part in self._steps:
            if isinstance(part, list):
                ways = list(accumulate([table[cell - cells] for cells in part]))
                option = bisect_right(ways, random.random() * ways[-1], 0, len(ways) - 1)
            else:
                rising: Floats = np.cumsum(np.asarray(table)[cell - part])
                mark = random.random() * float(rising[-1])
                option = int(np.searchsorted(rising[:-1], mark, side="right"))
            cell -= int(part[option])
            options.append(option)
        return options


def _folded(table: Floats, counts: Floats) -> Floats:
    """The convolution of both; shifted copies where one of them has few steps."""
    used = np.flatnonzero(counts)
    if len(used) > _LONG:
        return np.convolve(table, counts)
    found = np.zeros(len(table) + len(counts) - 1)
    for step in used.tolist():
        found[step : step + len(table)] += table * counts[step]
    return found
