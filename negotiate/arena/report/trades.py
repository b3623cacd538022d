"""Prices in the order of trading, against competitive equilibrium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.report.marks import Frame, frame, legend, legend_height, mark, stroke
from negotiate.arena.report.scale import Scale, around
from negotiate.arena.report.svg import Markup, group, line, picture, polyline

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _LEFT, _TOP, _ACROSS, _UP = 460, 60, 12, 386, 240


@dataclass(frozen=True)
class Prices:
    """What to draw.

    Attributes:
        names: of the lines; at most four can be told apart.
        lines: for each the mean price of the first trade, of the second, and so on.
        equilibrium: least and largest equilibrium price; empty if there is none.
    """

    names: Sequence[str]
    lines: Sequence[Sequence[float]]
    equilibrium: Sequence[float]


def prices_svg(prices: Prices) -> Markup:
    """The chart: trades to the right, prices upwards."""
    longest = max((len(points) for points in prices.lines), default=1)
    known = [price for points in prices.lines for price in points] + list(prices.equilibrium)
    axes = Frame(
        Scale(1, max(longest, 2), _LEFT + 8, _LEFT + _ACROSS - 8),
        Scale(*around(known), _TOP + _UP, _TOP),
        "trade",
        "price",
    )
    ticks = [(t, f"{t:,.0f}") for t in axes.across.ticks() if t == round(t)]
    entries = [
        (group(stroke(f"own p{n % 4}", 0, 0), mark(n, 0, 0, 3.4)), name[:24])
        for n, name in enumerate(prices.names)
    ]
    if prices.equilibrium:
        entries.append((stroke("floor", 0, 0), "competitive equilibrium"))
    bottom = _TOP + _UP + 60
    return picture(
        _WIDTH,
        bottom + legend_height(entries, _ACROSS),
        "Mean price of each trade, in the order of trading",
        frame(axes, ticks),
        *(
            line((_LEFT, axes.up(price)), (_LEFT + _ACROSS, axes.up(price)), "floor")
            for price in sorted(set(prices.equilibrium))
        ),
        *(_line(n, points, axes) for n, points in enumerate(prices.lines)),
        legend(entries, _LEFT, bottom, _LEFT + _ACROSS),
    )


def _line(number: int, points: Sequence[float], axes: Frame) -> Markup:
    placed = [axes.at((float(n), price)) for n, price in enumerate(points, 1)]
    joined = polyline(placed, f"own p{number % 4}") if len(placed) > 1 else Markup()
    return group(joined, *(mark(number, x, y, 2.4) for x, y in placed))
