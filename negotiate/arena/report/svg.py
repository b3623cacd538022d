"""SVG and HTML as small strings, safe by construction.

:func:`tag` escapes every text and attribute it is given; what it returns is :class:`Markup`, which it and the page
template take as it is. A plain string can therefore never become markup by accident.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, TypeAlias

from negotiate.show import safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Attribute: TypeAlias = str | float | None
"""A text, a number of pixels (written with one decimal), or None for an attribute that is left out."""


class Markup(str):
    """Text that is markup already, made by :func:`tag`."""

    __slots__ = ()

    def __html__(self) -> str:
        """The same text: template engines ask for this before they escape."""
        return str(self)


def tag(name: str, attributes: Mapping[str, Attribute], *children: str) -> Markup:
    """An element; children that are not :class:`Markup` are escaped, and so are attributes."""
    given = "".join(
        f' {key}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(map(markup, children))
    return Markup(f"<{name}{given}>{inside}</{name}>" if inside else f"<{name}{given}/>")


def group(*children: str, css: str | None = None) -> Markup:
    """Elements together, in a ``<g>``."""
    return tag("g", {"class": css}, *children)


def title(text: str) -> Markup:
    """The text that appears when the pointer rests on the parent element."""
    return tag("title", {}, text)


def words(
    x: float, y: float, text: str, css: str | None = None, anchor: str | None = None
) -> Markup:
    """A line of text at a point."""
    return tag("text", {"x": x, "y": y, "class": css, "text-anchor": anchor}, text)


def line(
    start: tuple[float, float], end: tuple[float, float], css: str | None = None
) -> Markup:
    """A straight line."""
    (x1, y1), (x2, y2) = start, end
    return tag("line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": css})


def polyline(points: Sequence[tuple[float, float]], css: str) -> Markup:
    """Points joined by straight lines."""
    joined = " ".join(f"{pixels(x)},{pixels(y)}" for x, y in points)
    return tag("polyline", {"points": joined, "class": css})


def markup(text: str) -> Markup:
    """``text`` as markup: escaped, with invisible characters made visible, unless it is markup already."""
    return text if isinstance(text, Markup) else Markup(escape(safe(text)))


def pixels(number: float) -> str:
    """A length for a drawing: one decimal at most, and never ``-0``."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def picture(
    width: float,
    height: float,
    label: str,
    *children: str,
    data: Mapping[str, str] | None = None,
) -> Markup:
    """The root element of a chart, which scales with the page; ``label`` is read to those who cannot see it."""
    root: dict[str, Attribute] = {
        "class": "chart",
        "viewBox": f"0 0 {pixels(width)} {pixels(height)}",
        "role": "img",
        "aria-label": label,
    }
    return tag("svg", root | dict(data or {}), *children)


def _attribute(value: str | float) -> str:
    return escape(safe(value)) if isinstance(value, str) else pixels(value)
