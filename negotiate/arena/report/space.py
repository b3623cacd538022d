"""The outcome space of a negotiation: what every outcome is worth to two parties, and what was offered.

Plain data in, SVG out: the report draws it, and so can anybody with utilities at hand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from negotiate.arena.report.marks import (
    Frame,
    frame,
    label_near,
    legend,
    legend_height,
    mark,
    shape,
    star,
    stroke,
)
from negotiate.arena.report.scale import Scale, unit
from negotiate.arena.report.svg import Markup, group, line, picture, polyline, tag, title, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Point: TypeAlias = tuple[float, float]
"""Utility of the first party, utility of the second."""

_WIDTH, _LEFT, _TOP, _SIDE = 460, 52, 12, 394
_CLOUD = 4  # steps a pixel: outcomes that would be drawn nearer to each other become one dot


@dataclass(frozen=True)
class Offered:
    """An offer to draw.

    Attributes:
        point: what it is worth to the two.
        text: what a resting pointer is told.
        move: number of the move, from 1.
    """

    point: Point
    text: str
    move: int


@dataclass(frozen=True)
class Space:
    """What to draw.

    Attributes:
        roles: what the two parties are called.
        outcomes: utilities of the outcomes, or of a sample of them.
        total: how many outcomes there are.
        frontier: the Pareto frontier, by falling utility of the first party.
        points: solution points by name.
        reservation: what no agreement is worth to each; None to leave it out.
        offers: for each party its offers, in order.
        agreement: the point agreed on, with its text; None without one.
    """

    roles: tuple[str, str]
    outcomes: Sequence[Point]
    total: int
    frontier: Sequence[Point] = ()
    points: Mapping[str, Point] = field(default_factory=dict[str, Point])
    reservation: Point | None = None
    offers: Sequence[Sequence[Offered]] = ()
    agreement: tuple[Point, str] | None = None


def outcome_space_svg(space: Space) -> Markup:
    """The chart: first party to the right, second party upwards."""
    axes = _axes(space)
    entries = _entries(space)
    bottom = _TOP + _SIDE + 60
    height = bottom + legend_height(entries, _SIDE)
    return picture(
        _WIDTH,
        height,
        f"What outcomes are worth to {space.roles[0]} (to the right) and {space.roles[1]} (upwards)",
        frame(axes),
        _cloud(space, axes),
        _reservation(space, axes),
        _frontier(space, axes),
        *(_offers(party, offers, axes) for party, offers in enumerate(space.offers)),
        _solutions(space, axes),
        star(*axes.at(space.agreement[0]), space.agreement[1]) if space.agreement else Markup(),
        tag("circle", {"class": "now", "r": 7, "cx": -20, "cy": -20})
        if space.offers
        else Markup(),
        legend(entries, _LEFT, bottom, _LEFT + _SIDE),
        data=axes.data,
    )


def _axes(space: Space) -> Frame:
    known = [*space.outcomes, *space.frontier, *space.points.values()]
    known += [offer.point for offers in space.offers for offer in offers]
    known += [space.reservation] if space.reservation else []
    known += [space.agreement[0]] if space.agreement else []
    across, up = unit(x for x, _ in known), unit(y for _, y in known)
    first, second = space.roles
    return Frame(
        Scale(*across, _LEFT, _LEFT + _SIDE),
        Scale(*up, _TOP + _SIDE, _TOP),
        f"utility of {_short(first, 30)}",
        f"utility of {_short(second, 30)}",
    )


def _cloud(space: Space, axes: Frame) -> Markup:
    """All outcomes as one path of dots: a few bytes each."""
    spots = sorted(
        {
            (round(axes.across(x) * _CLOUD), round(axes.up(y) * _CLOUD))
            for x, y in space.outcomes
        }
    )
    if not spots:
        return Markup()
    steps = [f"m{b[0] - a[0]} {b[1] - a[1]}z" for a, b in pairwise(spots)]
    path = f"M{spots[0][0]} {spots[0][1]}z" + "".join(steps)
    few = " few" if len(spots) <= 400 else ""
    scale = f"scale({1 / _CLOUD:g})"
    return tag("path", {"class": f"cloud{few}", "transform": scale, "d": path})


def _frontier(space: Space, axes: Frame) -> Markup:
    drawn = list(dict.fromkeys(map(axes.at, space.frontier)))
    dots = drawn if len(drawn) <= 60 else []
    return group(
        polyline(drawn, "frontier") if len(drawn) > 1 else Markup(),
        *(tag("circle", {"class": "optimal", "cx": x, "cy": y, "r": 2.6}) for x, y in dots),
    )


def _reservation(space: Space, axes: Frame) -> Markup:
    if space.reservation is None:
        return Markup()
    x, y = axes.at(space.reservation)
    return group(
        line((x, axes.up.start), (x, axes.up.end), "floor"),
        line((axes.across.start, y), (axes.across.end, y), "floor"),
    )


def _offers(party: int, offers: Sequence[Offered], axes: Frame) -> Markup:
    path = [axes.at(offer.point) for offer in offers]
    spots = [
        shape(party, x, y, 3.2, offer.text, offer.move)
        for (x, y), offer in zip(path, offers, strict=True)
    ]
    trail = polyline(path, f"trail p{party % 4}") if path else Markup()
    return group(trail, group(*spots, css=f"mark p{party % 4}"), css="offers")


def _solutions(space: Space, axes: Frame) -> Markup:
    """Solution points as crosses with their names; points that coincide share one."""
    names: dict[Point, list[str]] = {}
    for name, point in space.points.items():
        names.setdefault(point, []).append(name)
    spots = [(*axes.at(point), ", ".join(shared)) for point, shared in names.items()]
    crosses = [
        tag(
            "path",
            {"class": "solution", "d": f"M{x - 5:.1f} {y:.1f}h10m-5 -5v10"},
            title(_tip(p, n)),
        )
        for (p, n), (x, y, _) in zip(names.items(), spots, strict=True)
    ]
    room = (axes.across.start, axes.up.end, axes.across.end, axes.up.start)
    labels = [
        words(x, y, text, "halo", anchor) for x, y, text, anchor in label_near(spots, room)
    ]
    return group(*crosses, *labels)


def _tip(point: Point, names: Sequence[str]) -> str:
    return f"{', '.join(names)}: {point[0]:.3f} / {point[1]:.3f}"


def _entries(space: Space) -> list[tuple[Markup, str]]:
    shown = len(space.outcomes)
    text = (
        f"{space.total:,} outcomes"
        if shown >= space.total
        else f"{shown:,} of {space.total:,} outcomes"
    )
    entries = [(tag("circle", {"class": "sample", "r": 2.5}), text)] if shown else []
    if space.frontier:
        entries.append((stroke("frontier", 0, 0), "Pareto frontier"))
    if space.reservation:
        entries.append((stroke("floor", 0, 0), "no agreement"))
    for party, role in enumerate(space.roles if space.offers else ()):
        entries.append((mark(party, 0, 0, 4), f"offers of {_short(role, 18)}"))
    if space.agreement:
        entries.append((star(0, 0, "agreement"), "agreement"))
    return entries


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
