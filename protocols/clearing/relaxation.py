"""Prices of the rows of a packing or covering problem: the linear relaxation, repaired exactly.

Any non-negative prices bound the value of every packing: what the rows are worth at these prices, plus what each
package is worth above its rows. The closer to the solution of the linear relaxation, the tighter. So the
relaxation is solved in floating point, its prices are rounded to integers, and raised where a package is still
worth more than its rows; the bound that results is exact whatever the floating point did. Buying, prices bound the
cost from below in the same way, and are lowered where an offer costs less than its rows.

Source: linear prices as bounds of winner determination, Sandholm (2002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

SCALE = 2**20
"""Prices and losses are in units of 1/SCALE of a unit of value."""

_LARGEST = 1_000_000  # cells of the dense table
_TINY = 1e-9
_PATIENCE = 20  # pivots for each row

Uses: TypeAlias = tuple[tuple[int, int], ...]
"""Rows that a package uses, and how much of each."""


class Packing(NamedTuple):
    """Packages, by the places that they have elsewhere, and the rows that they share.

    Attributes:
        places: of the packages, rising.
        values: of the packages, positive.
        uses: of each package, never empty.
        supply: of each row.
    """

    places: list[int]
    values: list[int]
    uses: list[Uses]
    supply: list[int]


class Relaxed(NamedTuple):
    """Prices of the rows, in units of 1/SCALE, and how much of each package the relaxation takes."""

    prices: list[int]
    shares: list[float]


def relax(packing: Packing) -> Relaxed:
    """Prices at which no package is worth more than its rows; as low as the relaxation can make them."""
    height, width = len(packing.supply), len(packing.values)
    prices, shares = [0.0] * height, [0.0] * width
    if height * width <= _LARGEST:
        unit = float(max(packing.values))
        table = np.zeros((height + 1, width + 1))
        for column, uses in enumerate(packing.uses):
            for row, count in uses:
                table[row, column] = count
        table[:-1, -1] = packing.supply
        table[-1, :-1] = [-(value / unit) for value in packing.values]
        levels, costs = _pivot_to_end(table)
        shares = levels[:width]
        prices = [price * unit * SCALE for price in costs[width:]]
    return Relaxed(_raised(packing, prices), shares)


def _raised(packing: Packing, floats: Sequence[float]) -> list[int]:
    supply = packing.supply
    prices = [max(0, round(price)) for price in floats]
    # Dearest package first: a price raised for it also serves the others that use the row.
    for value, uses in sorted(zip(packing.values, packing.uses, strict=True), reverse=True):
        missing = value * SCALE
        for row, count in uses:
            missing -= prices[row] * count
        if missing > 0:
            row, count = min(uses, key=lambda use: supply[use[0]] / use[1])
            prices[row] += -(-missing // count)
    return prices


def cover_prices(
    costs: Sequence[int], uses: Sequence[Uses], supply: Sequence[int], wanted: Sequence[int]
) -> list[int]:
    """Prices of wanted rows, and charges for the others, at which no offer costs less than its rows bring.

    The rows wanted are worth their prices, an offer pays the charges of the other rows that it uses; what is
    wanted, at its prices, less all charges is then at most the cost of any choice that brings it.

    Args:
        costs: of the offers, not negative.
        uses: of each offer.
        supply: of wanted rows, how much is wanted; of the others, how often they may be used.
        wanted: the rows to be filled.
    """
    height, width = len(costs), len(supply)
    prices = [0] * width
    sign = [-1] * width
    for row in wanted:
        sign[row] = 1
    if 0 < height * width <= _LARGEST:
        unit = float(max(costs)) or 1.0
        table = np.zeros((height + 1, width + 1))
        for place, rows in enumerate(uses):
            for row, count in rows:
                table[place, row] = count * sign[row]
        table[:-1, -1] = [cost / unit for cost in costs]
        table[-1, :-1] = [-float(most * s) for most, s in zip(supply, sign, strict=True)]
        levels, _ = _pivot_to_end(table)
        prices = [max(0, round(level * unit * SCALE)) for level in levels[:width]]
    for cost, rows in zip(costs, uses, strict=True):
        over = sum([prices[row] * count * sign[row] for row, count in rows]) - cost * SCALE
        for row, count in rows:
            if over > 0 and sign[row] > 0:
                less = min(prices[row], -(-over // count))
                prices[row] -= less
                over -= less * count
    return prices


def _pivot_to_end(table: npt.NDArray[np.float64]) -> tuple[list[float], list[float]]:
    """Pivot until no column improves, or patience ends; any stop leaves usable figures.

    The table is condensed: basic variables are its rows, the others its columns; its last column holds the levels
    of the basic ones, its last line what the others would lose. Variables are numbered: columns first, then the
    slacks of the rows.

    Returns:
        The level of every variable, and what each would lose.
    """
    height, width = table.shape[0] - 1, table.shape[1] - 1
    basic, free = list(range(width, width + height)), list(range(width))
    for _ in range(_PATIENCE * (height + 10)):
        column = int(table[-1, :-1].argmin())
        if table[-1, column] >= -_TINY:
            break
        entries = table[:-1, column]
        ups = (entries > _TINY).nonzero()[0]
        if not len(ups):
            break
        row = int(ups[(table[ups, -1] / entries[ups]).argmin()])
        pivot = table[row, column]
        line = table[row] / pivot
        side: npt.NDArray[np.float64] = table[:, column].copy()
        table -= side[:, None] * line
        table[row] = line
        table[:, column] = -side / pivot
        table[row, column] = 1 / pivot
        basic[row], free[column] = free[column], basic[row]
    levels, costs = [0.0] * (height + width), [0.0] * (height + width)
    for label, level in zip(basic, table[:-1, -1].tolist(), strict=True):
        levels[label] = level
    for label, cost in zip(free, table[-1, :-1].tolist(), strict=True):
        costs[label] = cost
    return levels, costs
