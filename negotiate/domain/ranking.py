"""The best outcomes in order, page by page, without listing the others.

A page is a band of utilities; where it should end so that it holds about so many outcomes is read off the
quantised counts. Pages join from the top down without gaps, so the rank of what they hold is known, in a space of
any size. Few pages are kept; one that was dropped is listed again when it is needed.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.bands import Bands, Listed
    from negotiate.domain.quantised import Quantised

DEEPEST = 2**20
"""Ranks up to here are found by going through the pages."""

_FIRST_PAGE = 2**10
_LARGEST_PAGE = 2**16
_MOST_ON_PAGE = 2**18
_KEPT = 4


class Ranking:
    """The beginning of a space's order.

    Args:
        bands: lists the outcomes of a band.
        counts: how many outcomes reach a utility.
        best: utility of the best outcome.
    """

    def __init__(self, bands: Bands, counts: Quantised, best: int) -> None:
        self._bands = bands
        self._counts = counts
        self._bounds = [
            best + 1
        ]  # page i holds utilities from bounds[i + 1] to below bounds[i]
        self._ranks = [0]  # of the first outcome of each page, and of the one after the last
        self._pages: dict[int, Listed] = {}
        self._done = False

    def reaches(self, rank: int) -> bool:
        """Whether the outcome of this rank is on a page; pages are added as far as may be."""
        while self._ranks[-1] <= rank < DEEPEST and not self._done:
            self._add()
        return rank < self._ranks[-1]

    def covers(self, utility: int, *, grow: bool) -> bool:
        """Whether all outcomes worth at least this are on pages, after adding some if that may be."""
        if grow and self._counts.at_most(utility) < DEEPEST:
            while utility < self._bounds[-1] and not self._done:
                self._add()
        return utility >= self._bounds[-1]

    def utility(self, rank: int) -> int:
        """What the outcome of a rank on a page is worth."""
        page, row = self._find(rank)
        return int(page.sums[row])

    def options(self, rank: int) -> list[int]:
        """The options, one a block, of the outcome of a rank on a page."""
        page, row = self._find(rank)
        found: list[int] = page.options[row].tolist()
        return found

    def count_above(self, utility: int) -> int:
        """How many outcomes are worth at least this, which the pages must cover."""
        number = bisect_right(self._bounds, -utility, key=int.__neg__) - 1
        if number == len(self._ranks) - 1:
            return self._ranks[-1]
        falling = -self._page(number).sums
        return self._ranks[number] + int(np.searchsorted(falling, -utility, side="right"))

    def place(self, utility: int, options: Sequence[int]) -> int:
        """The rank of an outcome of this utility, which the pages must cover."""
        first = self.count_above(utility + 1)
        page, row = self._find(first)
        stop = row + self.count_above(utility) - first
        same = (page.options[row:stop] == np.asarray(options)).all(axis=1)
        return first + int(np.flatnonzero(same)[0])

    def _find(self, rank: int) -> tuple[Listed, int]:
        number = bisect_right(self._ranks, rank) - 1
        return self._page(number), rank - self._ranks[number]

    def _page(self, number: int) -> Listed:
        page = self._pages.get(number)
        if page is None:
            size = self._ranks[number + 1] - self._ranks[number]
            page = self._bands.outcomes(
                self._bounds[number + 1], self._bounds[number] - 1, size
            )
            if page is None:
                raise RuntimeError("a page that could be listed cannot be listed again")
            self._keep(number, page)
        return page

    def _keep(self, number: int, page: Listed) -> None:
        while len(self._pages) >= _KEPT:
            del self._pages[next(iter(self._pages))]
        self._pages[number] = page

    def _add(self) -> None:
        """One more page, or the note that none can be added."""
        low, page = self._next()
        while page is None and low < self._bounds[-1] - 1:
            # Too many: take the upper half of the band.
            low = (low + self._bounds[-1]) // 2
            page = self._bands.outcomes(low, self._bounds[-1] - 1, _MOST_ON_PAGE)
        if page is None:
            self._done = True  # one level alone is too much for a page
            return
        self._keep(len(self._ranks) - 1, page)
        self._bounds.append(low)
        self._ranks.append(self._ranks[-1] + len(page))
        self._done = low <= self._counts.low

    def _next(self) -> tuple[int, Listed | None]:
        """The band below the last page that should hold a page, and the page if it is not too long."""
        high, known = self._bounds[-1] - 1, self._ranks[-1]
        wanted = min(max(_FIRST_PAGE, 4 * known), _LARGEST_PAGE)
        while True:
            low = min(self._counts.utility_of(known + wanted), high)
            page = self._bands.outcomes(low, high, _MOST_ON_PAGE)
            if page is None or len(page) or low <= self._counts.low:
                return low, page
            wanted *= 4
