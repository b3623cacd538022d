"""Which points are undominated, and how to thin a set of them within a known error.

Points are columns of an int64 array ``(parties, n)``. A point dominates another if it gives every party at least
as much and some party more. Equal points count once: the one with the smallest key stays.

For two parties the points are sorted by the first utility and swept once (Kung, Luccio & Preparata 1975, *On
finding the maxima of a set of vectors*). Before the sort, binning throws out almost everything that is dominated:
a point goes if some point in a bin further right is at least as high. For more parties points are visited by
falling sum, so that a point can only be dominated by earlier ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.domain.blocks import Ints

KeyOf: TypeAlias = Callable[[Ints], Ints]
"""From places of points to their keys, ``(limbs, n)``; asked for only where points are equal."""

_BINNED = 2**12  # from so many points on, binning costs less than it saves
_CHUNK = 2**10
_IN_CACHE = 2**12


def undominated(points: Ints, key_of: KeyOf, most: int) -> tuple[Ints, int]:
    """Places of the undominated points, by falling utility of the first party, and what was lost.

    If there are more than ``most`` they are thinned: every point left out has a kept one that gives no party
    less than it minus the loss.
    """
    if points.shape[0] > 2:
        return _visited(points, key_of, most)
    places = np.arange(points.shape[1], dtype=np.int64)
    if len(places) >= _BINNED:
        places = np.flatnonzero(~Staircase(*points).beats(*points))
    places = _swept(points, places, key_of)
    return (places, 0) if len(places) <= most else _thinned_two(points, places, most)


def ridge(points: Ints) -> Ints | None:
    """The undominated ones of points of two parties whose order is already that of the frontier, else None.

    So it is with value functions of one number that are concave, linear ones among them: from the peak of one
    party to that of the other one falls while the other rises, and beyond the peaks both fall. The points between
    the peaks are the frontier then, and need no sorting.
    """
    best_x, best_y = (int(row.argmax()) for row in points)
    first, last = min(best_x, best_y), max(best_x, best_y)
    falling, rising = points if best_x == first else points[::-1]
    fall, rise = falling[first : last + 1], rising[first : last + 1]
    one_way = (fall[1:] <= fall[:-1]).all() and (rise[1:] >= rise[:-1]).all()
    beyond = (rising[:first] <= rising[first]).all() and (falling[last:] <= falling[last]).all()
    if not (one_way and beyond):
        return None
    # Where rounding has made steps flat: of equal height the first, and of equal depth the last of those.
    places = np.flatnonzero(np.append(True, rise[1:] > rise[:-1]))
    places = first + places[np.append(fall[places[1:]] < fall[places[:-1]], True)]
    found: Ints = places if best_x == first else places[::-1]
    return found


class Staircase:
    """The heights that points of two parties reach, by bins of the first utility.

    Args:
        x: utilities of the first party.
        y: utilities of the second.
    """

    def __init__(self, x: Ints, y: Ints) -> None:
        self._low = int(x.min())
        span = int(x.max()) - self._low
        bits = max(8, len(x).bit_length() - 4)  # of the number of bins
        self._shift = max(0, span.bit_length() - bits)
        tops = np.full((span >> self._shift) + 2, np.iinfo(np.int64).min)
        np.maximum.at(tops, (x - self._low) >> self._shift, y)
        self._beyond = np.maximum.accumulate(tops[::-1])[::-1]

    def beats(self, x: Ints, y: Ints) -> npt.NDArray[np.bool_]:
        """Which points are dominated for certain: some point in a bin further right is as high."""
        column = ((x - self._low) >> self._shift) + 1
        beyond: Ints = self._beyond[np.clip(column, 0, len(self._beyond) - 1)]
        return y <= beyond


def _swept(points: Ints, places: Ints, key_of: KeyOf) -> Ints:
    x, y = points[0][places], points[1][places]
    order = np.argsort(-x, kind="stable")
    fall = x[order]
    if bool((fall[1:] == fall[:-1]).any()):
        # The best of equal x comes first: highest y, then smallest key.
        order = np.lexsort((*key_of(places)[::-1], -y, -x))
    rise = y[order]
    record = np.ones(len(order), dtype=np.bool_)
    record[1:] = rise[1:] > np.maximum.accumulate(rise)[:-1]
    return places[order[record]]


def _visited(points: Ints, key_of: KeyOf, most: int) -> tuple[Ints, int]:
    places = np.arange(points.shape[1], dtype=np.int64)
    order = np.lexsort((*key_of(places)[::-1], *points, -points.sum(axis=0)))
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (points[:, order[1:]] != points[:, order[:-1]]).any(axis=0)
    order = order[fresh]
    rest = points[:, order]
    kept = order[:0]
    while len(order):
        # Nothing later dominates the first chunk: once clean itself, it belongs to the frontier.
        head, front = order[:_CHUNK], rest[:, :_CHUNK]
        clean = ~_reached(front, front, itself=True)
        head, front = head[clean], front[:, clean]
        kept = np.concatenate((kept, head))
        open_ = ~_reached(rest[:, _CHUNK:], front)
        order, rest = order[_CHUNK:][open_], rest[:, _CHUNK:][:, open_]
        if len(kept) > most:  # it must be thinned anyway, so better before the work than after
            thin, loss = _thinned_many(points, np.concatenate((kept, order)), most)
            return _again(points, thin, key_of), loss
    return kept[np.lexsort(-points[::-1, kept])], 0


def _again(points: Ints, places: Ints, key_of: KeyOf) -> Ints:
    kept, _ = _visited(points[:, places], lambda at: key_of(places[at]), len(places))
    return places[kept]


def _reached(points: Ints, front: Ints, *, itself: bool = False) -> npt.NDArray[np.bool_]:
    """Which points some point of ``front`` reaches for every party; ``itself``: some other one.

    For each party a table tells, as a set of bits, who of ``front`` reaches a height; a point is reached by
    those in all of its sets.
    """
    one = np.packbits(
        np.eye(front.shape[1], -(-front.shape[1] // 64) * 64, dtype=np.bool_), axis=1
    )
    alone = one.view(np.uint64)
    found = np.zeros(points.shape[1], dtype=np.bool_)
    tables: list[tuple[Ints, npt.NDArray[np.uint64]]] = []
    for row in front:
        order = np.argsort(row)
        reach = np.bitwise_or.accumulate(alone[order[::-1]], axis=0)[::-1]
        tables.append((row[order], np.concatenate((reach, np.zeros_like(alone[:1])))))
    for start in range(0, points.shape[1], _IN_CACHE):
        part = points[:, start : start + _IN_CACHE]
        who = np.full((part.shape[1], alone.shape[1]), 2**64 - 1, dtype=np.uint64)
        if itself:
            who = ~alone[start : start + _IN_CACHE]
        for mine, (heights, reach) in zip(part, tables, strict=True):
            who &= reach[np.searchsorted(heights, mine)]
        found[start : start + _IN_CACHE] = who.any(axis=1)
    return found


def thinned(points: Ints, most: int) -> tuple[Ints, int]:
    """At most ``most`` places of a frontier (as :func:`undominated` leaves it), and the loss."""
    places = np.arange(points.shape[1], dtype=np.int64)
    if points.shape[0] == 2:
        return _thinned_two(points, places, most)
    kept, loss = _thinned_many(points, places, most)
    return np.sort(kept), loss


def _thinned_two(points: Ints, places: Ints, most: int) -> tuple[Ints, int]:
    # Along the frontier y - x rises; one point is kept in each equal step of it, and the last.
    x, y = points[:, places]
    along = y - x - (y[0] - x[0])
    cell = along // (int(along[-1]) // (most - 1) + 1)
    keep = np.ones(len(cell), dtype=np.bool_)
    keep[1:-1] = cell[1:-1] != cell[:-2]
    kept = np.flatnonzero(keep)
    every = np.arange(len(x))
    after = kept[np.searchsorted(kept, every)]
    before = kept[np.searchsorted(kept, every, side="right") - 1]
    # A later point is worse by what x falls, an earlier one by what y rises: the better of both counts.
    return places[kept], int(np.minimum(x - x[after], y - y[before]).max())


def _thinned_many(points: Ints, places: Ints, most: int) -> tuple[Ints, int]:
    # One point is kept in each cell of a grid: that of the greatest sum.
    some = points[:, places]
    low = some.min(axis=1, keepdims=True)
    step = int((some - low).max()) // most + 1
    while True:
        cells = (some - low) // step
        order = np.lexsort((-some.sum(axis=0), *cells))
        fresh = np.ones(len(order), dtype=np.bool_)
        fresh[1:] = (cells[:, order[1:]] != cells[:, order[:-1]]).any(axis=0)
        if int(fresh.sum()) <= most:
            break
        step += step // 4 + 1
    home = order[fresh][np.cumsum(fresh) - 1]
    return places[order[fresh]], int((some[:, order] - some[:, home]).max())
