"""Prices of the rows of a packing problem: the linear relaxation, solved approximately and repaired exactly.

Any non-negative prices bound the value of every packing: what the rows are worth at these prices, plus what each
package is worth above its rows. The closer to the solution of the linear relaxation, the tighter. So the
relaxation is solved in floating point, its prices are rounded to integers, and raised where a package is still
worth more than its rows; the bound that results is exact whatever the floating point did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

SCALE = 2**20
"""Prices and losses are in units of 1/SCALE of a unit of value."""

_LARGEST = 1_000_000  # cells of the dense table
_TINY = 1e-9


def row_prices(
    values: Sequence[int], rows: Sequence[Sequence[tuple[int, int]]], supply: Sequence[int]
) -> list[int]:
    """Integer prices, in units of 1/SCALE, at which no package is worth more than its rows.

    Args:
        values: of the packages, positive.
        rows: of each package, which rows it uses and how much of each; never empty.
        supply: of each row.
    """
    floats = _simplex(values, rows, supply)
    prices = [max(0, round(price)) for price in floats]
    # Dearest package first: a price raised for it also serves the others that use the row.
    for value, uses in sorted(zip(values, rows, strict=True), reverse=True):
        missing = value * SCALE - sum(prices[row] * count for row, count in uses)
        if missing > 0:
            row, count = min(uses, key=lambda use: supply[use[0]] / use[1])
            prices[row] += -(-missing // count)
    return prices


def _simplex(
    values: Sequence[int], rows: Sequence[Sequence[tuple[int, int]]], supply: Sequence[int]
) -> list[float]:
    """Dual prices in units of 1/SCALE by the condensed primal simplex; zeros where it is too large to try."""
    height, width = len(supply), len(values)
    if height * width > _LARGEST:
        return [0.0] * height
    unit = float(max(values))
    table: npt.NDArray[np.float64] = np.zeros((height + 1, width + 1))
    for column, uses in enumerate(rows):
        for row, count in uses:
            table[row, column] = count
    table[:height, width] = supply
    table[height, :width] = [-(value / unit) for value in values]
    labels = list(range(width, width + height)), list(range(width))
    _pivot_to_end(table, *labels)
    prices = [0.0] * height
    for column, label in enumerate(labels[1]):
        if label >= width:
            prices[label - width] = float(table[height, column]) * unit * SCALE
    return prices


def _pivot_to_end(table: npt.NDArray[np.float64], basic: list[int], free: list[int]) -> None:
    """Pivot until no column improves, or patience ends; any stop leaves usable prices."""
    height, width = len(basic), len(free)
    for _ in range(20 * (height + 10)):
        column = int(table[height, :width].argmin())
        if table[height, column] >= -_TINY:
            return
        entries = table[:height, column]
        ups = np.flatnonzero(entries > _TINY)
        if not len(ups):
            return
        row = int(ups[(table[ups, width] / entries[ups]).argmin()])
        pivot = table[row, column]
        line = table[row] / pivot
        side: npt.NDArray[np.float64] = table[:, column].copy()
        table -= side[:, None] * line
        table[row] = line
        table[:, column] = -side / pivot
        table[row, column] = 1 / pivot
        basic[row], free[column] = free[column], basic[row]
