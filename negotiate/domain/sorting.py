"""All outcomes of a domain sorted with numpy: what :mod:`~negotiate.domain.enumerated` loads for more than a few."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.blocks import Ints, enumerated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.preferences import LinearAdditive


def ordered_by_arrays(
    preferences: LinearAdditive, listed: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Places of the outcomes by falling utility, equal ones in outcome order, and the negated utilities there.

    Args:
        preferences: whose.
        listed: up to how many outcomes the answers are lists; arrays of more.
    """
    order, utilities = _sorted(enumerated(preferences))
    return _packed(order, listed), _packed(-utilities, listed)


def _sorted(utilities: Ints) -> tuple[Ints, Ints]:
    """Places by falling utility, equal ones in order, and the utilities in that order."""
    top = int(utilities.max())
    bits = len(utilities).bit_length()
    if (top - int(utilities.min())) >> (63 - bits):
        order = np.argsort(-utilities, kind="stable")
        return order, utilities[order]
    # One plain sort of (shortfall, place) in one integer is several times faster than a stable argsort.
    both = (top - utilities) << bits
    both |= np.arange(len(utilities))
    both.sort()
    return both & ((1 << bits) - 1), top - (both >> bits)


def _packed(numbers: Ints, most: int) -> Sequence[int]:
    if len(numbers) <= most:
        listed: list[int] = numbers.tolist()
        return listed
    packed = array("q")
    packed.frombytes(np.ascontiguousarray(numbers).data.cast("B"))
    return packed
