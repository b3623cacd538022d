"""All outcomes in a narrow band of utilities, in order, however large the space.

The blocks are split into two halves. Each half is listed as far as it can belong to the band at all: blocks are
added one at a time, and a beginning is dropped as soon as neither the best nor the worst of all the rest can bring
it into the band. Then every entry of one half finds its partners in the other by bisection (Horowitz & Sahni 1974,
*Computing partitions with applications to the knapsack problem*).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from math import log2
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.blocks import Ints

_HALF = 2**18  # entries of a half before it counts as too long


@dataclass(frozen=True, eq=False)
class Listed:
    """All combinations of options in a band, by falling sum, equal sums in the order of their options.

    Attributes:
        sums: what they are worth.
        options: the combinations, one a row, an option for each block.
    """

    sums: Ints
    options: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.sums)

    def at_or_above(self, target: int) -> int | None:
        """The least sum here that is at least ``target``."""
        place = int(np.searchsorted(-self.sums, -target, side="right")) - 1
        return int(self.sums[place]) if place >= 0 else None

    def at_or_below(self, target: int) -> int | None:
        """The greatest sum here that is at most ``target``."""
        place = int(np.searchsorted(-self.sums, -target))
        return int(self.sums[place]) if place < len(self.sums) else None

    def edge(self, level: int, *, last: bool) -> list[int]:
        """The first or the last combination that has this sum, which must be here."""
        place = int(np.searchsorted(-self.sums, -level, side="right" if last else "left"))
        found: list[int] = self.options[place - 1 if last else place].tolist()
        return found


class Bands:
    """Lists bands of the sums of one number from each of several lists.

    Args:
        blocks: for each block what its options contribute, in order.
    """

    def __init__(self, blocks: Sequence[Ints]) -> None:
        weights = list(accumulate((log2(len(numbers)) for numbers in blocks), initial=0.0))
        cut = min(range(len(blocks) + 1), key=lambda i: abs(2 * weights[i] - weights[-1]))
        self._halves = (blocks[:cut], blocks[cut:])
        self._spans = tuple(
            (sum(int(n.min()) for n in half), sum(int(n.max()) for n in half))
            for half in self._halves
        )
        largest = max(len(numbers) for numbers in blocks)
        self._dtype = np.min_scalar_type(largest)
        self._sorted = tuple(
            [np.argsort(n, kind="stable") for n in half] for half in self._halves
        )

    def outcomes(self, low: int, high: int, most: int) -> Listed | None:
        """The combinations that sum to ``low`` to ``high``, best first; None if too many.

        Equal sums stand in the order of their options.
        """
        (left_min, left_max), (right_min, right_max) = self._spans
        left = self._reaching(0, low - right_max, high - right_min)
        right = self._reaching(1, low - left_max, high - left_min)
        if left is None or right is None:
            return None
        order = np.argsort(right.sums, kind="stable")
        rising = right.sums[order]
        starts = np.searchsorted(rising, low - left.sums)
        lengths = np.searchsorted(rising, high - left.sums, side="right") - starts
        if int(lengths.sum()) > most:
            return None
        place, within = _spread(starts, lengths)
        other = order[within]
        sums = left.sums[place] + right.sums[other]
        falling = np.argsort(-sums, kind="stable")
        place, other = place[falling], other[falling]
        return Listed(sums[falling], np.hstack((left.options[place], right.options[other])))

    def _reaching(self, half: int, low: int, high: int) -> Listed | None:
        """The entries of a half that sum to ``low`` to ``high``, in order; None if too many on the way."""
        sums = np.zeros(1, dtype=np.int64)
        options = np.zeros((1, 0), dtype=self._dtype)
        least, most = self._spans[half]
        for numbers, order in zip(self._halves[half], self._sorted[half], strict=True):
            least, most = least - int(numbers.min()), most - int(numbers.max())
            rising = numbers[order]
            starts = np.searchsorted(rising, low - most - sums)
            lengths = np.searchsorted(rising, high - least - sums, side="right") - starts
            if int(lengths.sum()) > _HALF:
                return None
            before, within = _spread(starts, lengths)
            option = order[within]
            inorder = np.argsort(before * len(rising) + option)
            before, option = before[inorder], option[inorder]
            sums = sums[before] + numbers[option]
            options = np.hstack((options[before], option[:, None].astype(self._dtype)))
        return Listed(sums, options)


def _spread(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """For ranges of places: which range each place belongs to, and the place, range after range."""
    which = np.repeat(np.arange(len(starts)), lengths)
    shift = starts - (np.cumsum(lengths) - lengths)
    return which, np.arange(len(which)) + shift[which]
