"""Two small exact programs over points at or above a corner: least sum, and least distance.

Both are in rational numbers. The rows are ``sum(x[i] for i in row) >= need`` with x >= 0, and ``x <= top``. The
least sum comes from the dual simplex method; the least Euclidean distance to the origin among points of that sum
from the dual active-set method of Goldfarb & Idnani (1983).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.protocols.clearing.amounts import Amount

Row: TypeAlias = tuple[frozenset[int], "Amount"]
"""Coordinates that together must reach an amount."""

_Line: TypeAlias = "tuple[tuple[int, ...], Fraction]"


def least_sum(rows: Sequence[Row], top: Sequence[Amount]) -> Fraction:
    """The least sum of a point that satisfies all rows; there must be one."""
    size = len(top)
    lines = [_line(row, size) for row in rows] + _below(top)
    # Rows ``a x >= b`` as ``-a x + s = -b``: the slacks are feasible for the dual from the start.
    table = [[*(Fraction(-a) for a in line), -need] for line, need in lines]
    prices = [*(Fraction(1) for _ in range(size)), Fraction(0)]
    while (row := _violated(table)) is not None:
        line = table[row]
        ratios = [(-prices[c] / line[c], c) for c in range(size) if line[c] < 0]
        column = min(ratios)[1]
        _pivot(table, prices, row, column)
    return -prices[-1]


def nearest(rows: Sequence[Row], top: Sequence[Amount], total: Amount) -> list[Fraction]:
    """The point nearest to the origin with sum ``total`` that satisfies all rows; there must be one."""
    size = len(top)
    # A point on the line of equal sums; the sum itself holds as an equality, forced first.
    lines = [
        ((1,) * size, Fraction(total)),
        *(_line(row, size) for row in rows),
        *_below(top),
        *((_unit(place, size), Fraction(0)) for place in range(size)),
    ]
    point = [Fraction(total) / size] * size
    active: list[int] = [0]
    duals = [Fraction(total) / size]
    while (new := _worst(lines, point)) is not None:
        _enter(lines, point, active, duals, new)
    return point


def _line(row: Row, size: int) -> _Line:
    return tuple(int(place in row[0]) for place in range(size)), Fraction(row[1])


def _unit(place: int, size: int) -> tuple[int, ...]:
    return tuple(int(other == place) for other in range(size))


def _below(top: Sequence[Amount]) -> list[_Line]:
    """``x <= top`` as ``-x >= -top``."""
    size = len(top)
    return [
        (tuple(-a for a in _unit(place, size)), -Fraction(most))
        for place, most in enumerate(top)
    ]


def _violated(table: Sequence[Sequence[Fraction]]) -> int | None:
    return next((row for row, line in enumerate(table) if line[-1] < 0), None)


def _pivot(table: list[list[Fraction]], prices: list[Fraction], row: int, column: int) -> None:
    """One exchange in the condensed table."""
    pivot = table[row][column]
    line = [entry / pivot for entry in table[row]]
    line[column] = 1 / pivot
    for other in (*table, prices):
        if other is table[row]:
            continue
        factor = other[column]
        if factor:
            for place, entry in enumerate(line):
                other[place] = (
                    -factor / pivot if place == column else other[place] - factor * entry
                )
    table[row][:] = line


def _worst(lines: Sequence[_Line], point: Sequence[Fraction]) -> int | None:
    """The line that the point misses by most; None when it misses none."""
    gaps = [_dot(line, point) - need for line, need in lines[1:]]
    low = min(gaps)
    return None if low >= 0 else gaps.index(low) + 1


def _enter(
    lines: Sequence[_Line],
    point: list[Fraction],
    active: list[int],
    duals: list[Fraction],
    new: int,
) -> None:
    """Bring line ``new`` into the active set, dropping those that get in the way."""
    normal, need = lines[new]
    own = Fraction(0)
    while True:
        share = _least_squares([lines[a][0] for a in active], normal)
        step = [
            Fraction(n) - sum(s * lines[a][0][i] for s, a in zip(share, active, strict=True))
            for i, n in enumerate(normal)
        ]
        length = _dot(normal, step)
        drop, limit = _blocking(duals, share)
        full = None if not length else (need - _dot(normal, point)) / length
        if full is None and limit is None:
            raise ArithmeticError("no point satisfies all rows")
        go = full if limit is None else limit if full is None else min(full, limit)
        assert go is not None  # noqa: S101 - one of the two is there
        for place, part in enumerate(step):
            point[place] += go * part
        duals[:] = [dual - go * part for dual, part in zip(duals, share, strict=True)]
        own += go
        if full is not None and go == full:
            active.append(new)
            duals.append(own)
            return
        del active[drop], duals[drop]


def _blocking(
    duals: Sequence[Fraction], share: Sequence[Fraction]
) -> tuple[int, Fraction | None]:
    """The active line whose multiplier would reach 0 first, and when; the equality never does."""
    best: tuple[int, Fraction | None] = (0, None)
    for place in range(1, len(duals)):
        if share[place] > 0:
            when = duals[place] / share[place]
            if best[1] is None or when < best[1]:
                best = (place, when)
    return best


def _least_squares(normals: Sequence[Sequence[int]], target: Sequence[int]) -> list[Fraction]:
    """Multipliers of the normals that come nearest to the target; the normals are independent."""
    rows = [
        [*(Fraction(_dot(one, other)) for other in normals), Fraction(_dot(one, target))]
        for one in normals
    ]
    size = len(rows)
    for place in range(size):
        pivot = next(r for r in range(place, size) if rows[r][place])
        rows[place], rows[pivot] = rows[pivot], rows[place]
        rows[place] = [entry / rows[place][place] for entry in rows[place]]
        for other in range(size):
            if other != place and rows[other][place]:
                factor = rows[other][place]
                rows[other] = [
                    a - factor * b for a, b in zip(rows[other], rows[place], strict=True)
                ]
    return [row[-1] for row in rows]


def _dot(one: Sequence[int], other: Sequence[int | Fraction]) -> Fraction:
    total = Fraction(0)
    for a, b in zip(one, other, strict=True):
        total += b * a
    return total
