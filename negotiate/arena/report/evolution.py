"""Shares of strategies over generations, as lines that carry their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.arena.report.marks import Frame, frame, legend, legend_height, stroke
from negotiate.arena.report.scale import Scale
from negotiate.arena.report.svg import Markup, group, picture, polyline, title, words

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _LEFT, _TOP, _ACROSS, _UP = 640, 52, 12, 470, 230
_NAMED = 0.03  # shares at the end from which on a line carries its name
_APART = 14
_POINTS = 200


def evolution_svg(names: Sequence[str], shares: Sequence[Sequence[float]]) -> Markup:
    """The chart.

    Args:
        names: of the strategies.
        shares: of each generation, one for each strategy.
    """
    last = max(len(shares) - 1, 1)
    axes = Frame(
        Scale(0, last, _LEFT, _LEFT + _ACROSS),
        Scale(0, 1, _TOP + _UP, _TOP),
        "generation",
        "share",
    )
    lines = [_line(k, name, shares, axes) for k, name in enumerate(names)]
    entries = [(stroke(_css(k), 0, 0), name) for k, name in enumerate(names)]
    bottom = _TOP + _UP + 60
    return picture(
        _WIDTH,
        bottom + legend_height(entries, _WIDTH - _LEFT),
        "Shares of the strategies, generation by generation",
        frame(axes),
        *lines,
        *_labels(names, shares[-1], axes),
        legend(entries, _LEFT, bottom, _WIDTH),
    )


def _css(strategy: int) -> str:
    # Four colours, and full or dotted lines; the names at the ends tell the rest.
    return f"{'own' if strategy % 8 < 4 else 'other'} p{strategy % 4}"


def _line(strategy: int, name: str, shares: Sequence[Sequence[float]], axes: Frame) -> Markup:
    step = max(len(shares) // _POINTS, 1)
    points = [axes.at((k, row[strategy])) for k, row in enumerate(shares) if k % step == 0]
    return group(
        title(f"{name}: {shares[-1][strategy]:.3f} at the end"),
        polyline(points, _css(strategy)),
    )


def _labels(names: Sequence[str], last: Sequence[float], axes: Frame) -> list[Markup]:
    """Names at the ends of the lines, moved apart."""
    named = sorted(
        (axes.up(share), name)
        for name, share in zip(names, last, strict=True)
        if share >= _NAMED
    )
    placed: list[Markup] = []
    free = float(_TOP)
    for y, name in named:
        spot = max(y + 4, free)
        free = spot + _APART
        placed.append(words(axes.across.end + 6, spot, name[:18], "halo"))
    return placed
