"""Dots and whiskers for the rows of a table.

Places are per cent of the width, so that the drawing stretches with its column and its text does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.arena.report.scale import Scale, around
from negotiate.arena.report.svg import Attribute, Markup, tag, title

if TYPE_CHECKING:
    from collections.abc import Sequence

_EDGE = 4  # per cent kept free on both sides
_MOST = 4


def strip_scale(values: Sequence[float]) -> Scale:
    """An axis in per cent that holds all values."""
    return Scale(*around(values, _MOST), _EDGE, 100 - _EDGE)


def axis_svg(scale: Scale) -> Markup:
    """The tick labels, for the head of the column."""
    labels = [
        tag(
            "text",
            {"x": _share(scale(t)), "y": "85%", "text-anchor": "middle"},
            scale.tick_text(t, _MOST),
        )
        for t in scale.ticks(_MOST)
    ]
    return _strip("utility", *labels)


def whisker_svg(scale: Scale, mean: float, low: float, high: float, text: str) -> Markup:
    """A mean with its interval."""
    return _strip(
        text,
        *_grid(scale),
        _level(scale(low), scale(high), "range"),
        _dot(scale(mean), "mean", 5),
    )


def dots_svg(scale: Scale, values: Sequence[tuple[str, float]], text: str) -> Markup:
    """Several means, the first of them filled."""
    spots = [
        _dot(scale(value), "rest" if i else "mean", 3.5 if i else 5, f"{name}: {value:.3f}")
        for i, (name, value) in enumerate(values)
    ]
    return _strip(text, *_grid(scale), *reversed(spots))


def _strip(text: str, *children: Markup) -> Markup:
    return tag("svg", {"role": "img", "aria-label": text}, *children)


def _grid(scale: Scale) -> list[Markup]:
    return [
        tag("line", {"class": "grid", "x1": place, "x2": place, "y1": "0", "y2": "100%"})
        for place in (_share(scale(t)) for t in scale.ticks(_MOST))
    ]


def _level(start: float, end: float, css: str) -> Markup:
    return tag(
        "line", {"class": css, "x1": _share(start), "x2": _share(end), "y1": "50%", "y2": "50%"}
    )


def _dot(place: float, css: str, size: float, tip: str = "") -> Markup:
    spot: dict[str, Attribute] = {"class": css, "cx": _share(place), "cy": "50%", "r": size}
    return tag("circle", spot, *([title(tip)] if tip else []))


def _share(place: float) -> str:
    return f"{place:.2f}%"
