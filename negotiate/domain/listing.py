"""All outcomes of one party in arrays: the questions of a listed space, asked many at a time.

:class:`~negotiate.domain.enumerated.EnumeratedSpace` answers one question fast; an engine that plays thousands of
negotiations at once asks for the plans of all rounds together. The answers are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.blocks import Ints, enumerated
from negotiate.domain.enumerated import EnumeratedSpace

if TYPE_CHECKING:
    import numpy.typing as npt

    from negotiate.domain.preferences import LinearAdditive


class Listing:
    """The outcomes of a space, by their places in outcome order.

    Args:
        preferences: whose.
        space: the listed space of the same preferences.

    Attributes:
        utilities: of every outcome, in outcome order, in units of 1e-9.
    """

    def __init__(self, preferences: LinearAdditive, space: EnumeratedSpace) -> None:
        self.utilities: Ints = enumerated(preferences)
        self.utilities.flags.writeable = False
        order, falling = space.sorted
        self._order: Ints = np.asarray(order, dtype=np.int64)
        self._falling: Ints = np.asarray(falling, dtype=np.int64)  # negated, so that they rise

    def nearest(self, utilities: npt.NDArray[np.float64]) -> Ints:
        """The outcomes nearest to these finite utilities; see :meth:`~negotiate.domain.space.Space.nearest`."""
        falling = self._falling
        below = np.searchsorted(falling, np.floor(-utilities).astype(np.int64), side="right")
        last = np.maximum(below - 1, 0)
        next_ = np.minimum(below, len(falling) - 1)
        lower = (below < len(falling)) & (
            utilities + falling[next_] < -falling[last] - utilities
        )
        return self._order[np.where(lower | (below == 0), next_, last)]

    def lowest_at_or_above(self, utilities: npt.NDArray[np.float64]) -> Ints:
        """The outcomes of least utility at or above these, first in outcome order; -1 where there is none."""
        floors = np.floor(-np.asarray(utilities, dtype=np.float64)).astype(np.int64)
        above = np.searchsorted(self._falling, floors, side="right")
        level = self._falling[np.maximum(above - 1, 0)]
        first = np.searchsorted(self._falling, level, side="left")
        return np.where(above > 0, self._order[first], -1)


def listing(preferences: LinearAdditive) -> Listing | None:
    """The outcomes of these preferences in arrays, made once; None where there are too many to list."""
    space = preferences.space
    if not isinstance(space, EnumeratedSpace):
        return None
    found = preferences.notes.get(Listing)
    if not isinstance(found, Listing):
        found = preferences.notes[Listing] = Listing(preferences, space)
    return found
