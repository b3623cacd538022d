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
_CHUNK = 256


def undominated(points: Ints, key_of: KeyOf) -> Ints:
    """Places of the undominated points, by falling utility of the first party."""
    places = np.arange(points.shape[1], dtype=np.int64)
    if points.shape[0] == 2:
        if len(places) >= _BINNED:
            places = _not_below(points[0], points[1])
        return _swept(points, places, key_of)
    return _visited(points, places, key_of)


def _not_below(x: Ints, y: Ints) -> Ints:
    """Places of points that no point in a bin further right reaches in height."""
    low = int(x.min())
    bins = max(2**8, 1 << (len(x).bit_length() - 4))
    shift = max(0, (int(x.max()) - low).bit_length() - bins.bit_length() + 1)
    column = (x - low) >> shift
    tops = np.full(int(column.max()) + 2, np.iinfo(np.int64).min)
    np.maximum.at(tops, column, y)
    beyond = np.maximum.accumulate(tops[::-1])[::-1]
    return np.flatnonzero(y > beyond[column + 1])


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


def _visited(points: Ints, places: Ints, key_of: KeyOf) -> Ints:
    keys = key_of(places)
    order = np.lexsort((*keys[::-1], *points, -points.sum(axis=0)))
    sorted_points = points[:, order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (sorted_points[:, 1:] != sorted_points[:, :-1]).any(axis=0)
    order = order[fresh]
    rest = points[:, order]
    kept = order[:0]
    while len(order):
        # Nothing later dominates the first chunk: once clean itself, it belongs to the frontier.
        head, front = order[:_CHUNK], rest[:, :_CHUNK]
        clean = ~_dominated(front, front)
        head, front = head[clean], front[:, clean]
        kept = np.concatenate((kept, head))
        order, rest = order[_CHUNK:], rest[:, _CHUNK:]
        open_ = ~_dominated(rest, front)
        order, rest = order[open_], rest[:, open_]
    return kept[np.lexsort((*(-points[::-1, kept]),))]


def _dominated(points: Ints, by: Ints) -> npt.NDArray[np.bool_]:
    """Which of ``points`` some different point of ``by`` dominates."""
    found = np.zeros(points.shape[1], dtype=np.bool_)
    for start in range(0, points.shape[1], 2**12):
        part = points[:, start : start + 2**12]
        worse = np.ones((by.shape[1], part.shape[1]), dtype=np.bool_)
        equal = worse.copy()
        for mine, theirs in zip(part, by, strict=True):
            worse &= mine[None, :] <= theirs[:, None]
            equal &= mine[None, :] == theirs[:, None]
        found[start : start + 2**12] = (worse & ~equal).any(axis=0)
    return found


def thinned(points: Ints, most: int) -> tuple[Ints, int]:
    """At most ``most`` of a frontier's points (sorted as :func:`undominated` leaves them), and the error.

    Every point left out has a kept one that gives no party less than it minus the error.
    """
    if points.shape[1] <= most:
        return np.arange(points.shape[1], dtype=np.int64), 0
    return _thinned_two(points, most) if points.shape[0] == 2 else _thinned_many(points, most)


def _thinned_two(points: Ints, most: int) -> tuple[Ints, int]:
    # Along the frontier y - x rises; one point is kept in each equal step of it, and the last.
    x, y = points
    along = y - x
    along = along - along[0]
    step = int(along[-1]) // (most - 1) + 1
    cell = along // step
    keep = np.ones(len(cell), dtype=np.bool_)
    keep[1:-1] = cell[1:-1] != cell[:-2]
    kept = np.flatnonzero(keep)
    after = kept[np.minimum(np.searchsorted(kept, np.arange(len(x))), len(kept) - 1)]
    before = kept[np.searchsorted(kept, np.arange(len(x)), side="right") - 1]
    # A later point is worse by what x falls, an earlier one by what y rises: the better of both counts.
    return kept, int(np.minimum(x - x[after], y - y[before]).max())


def _thinned_many(points: Ints, most: int) -> tuple[Ints, int]:
    low = points.min(axis=1, keepdims=True)
    step = 1
    while True:
        cells = (points - low) // step
        order = np.lexsort((-points.sum(axis=0), *cells))
        fresh = np.ones(len(order), dtype=np.bool_)
        fresh[1:] = (cells[:, order[1:]] != cells[:, order[:-1]]).any(axis=0)
        if int(fresh.sum()) <= most:
            break
        step *= 2
    kept = order[fresh]
    home = kept[np.cumsum(fresh) - 1]
    loss = int((points[:, order] - points[:, home]).max())
    return np.sort(kept), max(loss, 0)
