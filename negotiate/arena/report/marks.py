"""Pieces that several charts share: marks of the parties, axes with names, a legend that wraps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.report.svg import (
    Attribute,
    Markup,
    group,
    line,
    pixels,
    polyline,
    tag,
    title,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.report.scale import Scale

_CHARACTER = 6.9  # width of an average character of the charts' text, in pixels
_ROW = 18


@dataclass(frozen=True)
class Frame:
    """Where a chart draws: two axes with their names.

    Attributes:
        across: the axis to the right.
        up: the axis upwards; its ``start`` is the bottom.
        across_name: with its unit.
        up_name: with its unit.
    """

    across: Scale
    up: Scale
    across_name: str
    up_name: str

    def at(self, point: tuple[float, float]) -> tuple[float, float]:
        """Where a point is drawn."""
        return self.across(point[0]), self.up(point[1])

    @property
    def data(self) -> dict[str, str]:
        """Both scales as attributes, for the script that replays moves."""
        return {"data-across": self.across.plain, "data-up": self.up.plain}


def frame(axes: Frame, ticks: Sequence[tuple[float, str]] | None = None) -> Markup:
    """Grid, tick labels and names of the axes; ``ticks`` are those of the axis to the right, with their text."""
    left, right = axes.across.start, axes.across.end
    bottom, top = axes.up.start, axes.up.end
    across = ticks or [(t, axes.across.tick_text(t)) for t in axes.across.ticks()]
    upright = [(axes.across(tick), text) for tick, text in across]
    level = [(axes.up(tick), axes.up.tick_text(tick)) for tick in axes.up.ticks()]
    return group(
        *(line((x, bottom), (x, top), "grid") for x, _ in upright),
        *(line((left, y), (right, y), "grid") for y, _ in level),
        *(words(x, bottom + 17, text, None, "middle") for x, text in upright),
        *(words(left - 7, y + 4, text, None, "end") for y, text in level),
        words((left + right) / 2, bottom + 36, axes.across_name, "name", "middle"),
        _upright(14, (bottom + top) / 2, axes.up_name),
        css="axes",
    )


def _upright(x: float, y: float, text: str) -> Markup:
    turn = f"translate({pixels(x)} {pixels(y)}) rotate(-90)"
    return tag("text", {"transform": turn, "class": "name", "text-anchor": "middle"}, text)


def mark(party: int, x: float, y: float, size: float = 3.2) -> Markup:
    """The mark of a party's offers, in its colour."""
    return group(shape(party, x, y, size), css=f"mark p{party % 4}")


def shape(
    party: int, x: float, y: float, size: float, tip: str = "", move: int | None = None
) -> Markup:
    """Circle, square, triangle or diamond by party, so that nothing hangs on colour alone.

    Args:
        party: whose.
        x: centre.
        y: centre.
        size: radius.
        tip: what a resting pointer is told.
        move: number of the move, for the script that replays moves.
    """
    tips = [title(tip)] if tip else []
    where = _geometry(party % 4, x, y, size)
    data: dict[str, Attribute] = {"data-m": None if move is None else str(move)}
    return tag(where[0], {**where[1], **data}, *tips)


def _geometry(kind: int, x: float, y: float, size: float) -> tuple[str, dict[str, Attribute]]:
    if kind == 0:
        return "circle", {"cx": x, "cy": y, "r": size}
    if kind == 1:
        half, side = size * 0.9, size * 1.8
        return "rect", {"x": x - half, "y": y - half, "width": side, "height": side}
    corners = [(0.0, -1.3), (1.2, 1.0), (-1.2, 1.0)]
    if kind == 3:
        corners = [(0.0, -1.4), (1.2, 0.0), (0.0, 1.4), (-1.2, 0.0)]
    path = "L".join(f"{pixels(x + a * size)} {pixels(y + b * size)}" for a, b in corners)
    return "path", {"d": f"M{path}z"}


def star(x: float, y: float, tip: str) -> Markup:
    """The mark of an agreement: a ring around a dot."""
    ring = tag("circle", {"cx": x, "cy": y, "r": 8})
    return tag(
        "g", {"class": "deal"}, title(tip), ring, tag("circle", {"cx": x, "cy": y, "r": 3.4})
    )


def stroke(css: str, x: float, y: float) -> Markup:
    """A short line, as a sample in a legend."""
    return polyline([(x - 8, y), (x + 8, y)], css)


def legend(
    entries: Sequence[tuple[Markup, str]], left: float, top: float, right: float
) -> Markup:
    """Samples with their meaning, as many in a row as fit. Samples are drawn around (0, 0)."""
    x, y, placed = left, top, list[Markup]()
    for sample, text in entries:
        width = 24 + len(text) * _CHARACTER + 14
        if x > left and x + width > right:
            x, y = left, y + _ROW
        spot = {"transform": f"translate({pixels(x + 9)} {pixels(y)})"}
        placed.append(tag("g", spot, sample, words(15, 4, text)))
        x += width
    return group(*placed, css="legend")


def legend_height(entries: Sequence[tuple[Markup, str]], width: float) -> float:
    """How much room :func:`legend` takes."""
    x, rows = 0.0, 1
    for _, text in entries:
        needed = 24 + len(text) * _CHARACTER + 14
        if x > 0 and x + needed > width:
            x, rows = 0.0, rows + 1
        x += needed
    return rows * _ROW


def label_near(
    points: Sequence[tuple[float, float, str]], box: tuple[float, float, float, float]
) -> list[tuple[float, float, str, str]]:
    """Where to write a label beside each point, so that labels neither overlap nor leave ``box``.

    Args:
        points: x, y and text of each.
        box: left, top, right and bottom of the room.

    Returns:
        For each point x, y, text and the text's anchor.
    """
    taken: list[tuple[float, float, float, float]] = []
    placed: list[tuple[float, float, str, str]] = []
    for x, y, text in points:
        width = len(text) * _CHARACTER
        tries = [
            (
                x + dx,
                y + dy,
                x + dx - (width if dx < 0 else 0),
                width,
                "end" if dx < 0 else "start",
            )
            for dy in (-9, 18, -24, 33, -39)
            for dx in (9, -9)
        ]
        best = next((t for t in tries if _fits(_area(t), box, taken)), tries[0])
        taken.append(_area(best))
        placed.append((best[0], best[1], text, best[4]))
    return placed


def _area(spot: tuple[float, float, float, float, str]) -> tuple[float, float, float, float]:
    _, y, left, width, _ = spot
    return left, y - 12, left + width, y + 3


def _fits(
    area: tuple[float, float, float, float],
    box: tuple[float, float, float, float],
    taken: Sequence[tuple[float, float, float, float]],
) -> bool:
    left, top, right, bottom = area
    if left < box[0] or top < box[1] or right > box[2] or bottom > box[3]:
        return False
    return all(right < a or left > c or bottom < b or top > d for a, b, c, d in taken)
