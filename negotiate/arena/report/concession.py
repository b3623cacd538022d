"""How the parties give way: what each offer is worth to the party that makes it, round by round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.report.marks import (
    Frame,
    frame,
    legend,
    legend_height,
    mark,
    shape,
    star,
    stroke,
)
from negotiate.arena.report.scale import Scale, unit
from negotiate.arena.report.svg import Markup, group, line, picture, polyline, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH, _LEFT, _TOP, _ACROSS, _UP = 460, 52, 12, 394, 300
_DOTS = 60  # offers of a party up to which each gets a mark


@dataclass(frozen=True)
class Concessions:
    """What to draw.

    Attributes:
        roles: what the parties are called.
        own: for each party ``(round, utility to itself)`` of its offers, in order.
        received: the same for the offers made to it; empty to leave them out.
        reservation: what no agreement is worth to each.
        agreement: the round of the agreement and its utility to each; None without one.
        rounds: the last round played.
    """

    roles: Sequence[str]
    own: Sequence[Sequence[tuple[int, float]]]
    received: Sequence[Sequence[tuple[int, float]]]
    reservation: Sequence[float]
    agreement: tuple[int, Sequence[float]] | None
    rounds: int


def concession_svg(concessions: Concessions) -> Markup:
    """The chart: rounds to the right, utility to the party itself upwards."""
    axes = _axes(concessions)
    entries = _entries(concessions)
    bottom = _TOP + _UP + 60
    parties = range(len(concessions.roles))
    return picture(
        _WIDTH,
        bottom + legend_height(entries, _ACROSS),
        "What the offers are worth to the party that makes them, by round",
        frame(axes, _whole(axes.across)),
        *(_floor(party, concessions.reservation[party], axes) for party in parties),
        *(
            _path(f"other p{party % 4}", points, axes)
            for party, points in enumerate(concessions.received)
        ),
        *(_own(party, points, axes) for party, points in enumerate(concessions.own)),
        _agreement(concessions, axes),
        _veil(axes),
        legend(entries, _LEFT, bottom, _LEFT + _ACROSS),
        data=axes.data,
    )


def _axes(concessions: Concessions) -> Frame:
    known = [u for points in (*concessions.own, *concessions.received) for _, u in points]
    known += concessions.reservation
    known += concessions.agreement[1] if concessions.agreement else []
    return Frame(
        Scale(1, max(concessions.rounds, 2), _LEFT + 8, _LEFT + _ACROSS - 8),
        Scale(*unit(known), _TOP + _UP, _TOP),
        "round",
        "utility to the party itself",
    )


def _whole(axis: Scale) -> list[tuple[float, str]]:
    """Ticks at whole rounds, the first one among them."""
    gap = (axis.high - axis.low) / 14
    later = [tick for tick in axis.ticks() if tick - 1 > gap and tick == round(tick)]
    return [(tick, f"{tick:,.0f}") for tick in (1.0, *later)]


def _floor(party: int, utility: float, axes: Frame) -> Markup:
    y = axes.up(utility)
    return line((_LEFT, y), (_LEFT + _ACROSS, y), f"floor p{party % 4}")


def _path(css: str, points: Sequence[tuple[int, float]], axes: Frame) -> Markup:
    return polyline([axes.at(point) for point in points], css) if len(points) > 1 else Markup()


def _own(party: int, points: Sequence[tuple[int, float]], axes: Frame) -> Markup:
    dots = [axes.at(point) for point in points] if len(points) <= _DOTS else []
    spots = [shape(party, x, y, 2.4) for x, y in dots]
    line_of_offers = _path(f"own p{party % 4}", points, axes)
    return group(line_of_offers, group(*spots, css=f"mark p{party % 4}"))


def _agreement(concessions: Concessions, axes: Frame) -> Markup:
    if concessions.agreement is None:
        return Markup()
    turn, utilities = concessions.agreement
    tips = zip(concessions.roles, utilities, strict=True)
    return group(
        *(star(*axes.at((turn, u)), f"agreement: {u:.3f} to {role}") for role, u in tips)
    )


def _veil(axes: Frame) -> Markup:
    """What the script lays over the rounds that are still to come."""
    return group(
        tag(
            "rect",
            {"class": "veil", "x": axes.across.end, "y": _TOP, "width": 0, "height": _UP},
        ),
        tag("line", {"class": "cursor", "x1": -9, "x2": -9, "y1": _TOP, "y2": _TOP + _UP}),
    )


def _entries(concessions: Concessions) -> list[tuple[Markup, str]]:
    entries: list[tuple[Markup, str]] = []
    for party, role in enumerate(concessions.roles):
        sample = group(stroke(f"own p{party % 4}", 0, 0), mark(party, 0, 0, 3.4))
        entries.append((sample, f"offers of {role[:18]}"))
    if any(concessions.received):
        entries.append((stroke("other", 0, 0), "offers it received"))
    entries.append((stroke("floor", 0, 0), "no agreement"))
    if concessions.agreement:
        entries.append((star(0, 0, "agreement"), "agreement"))
    return entries
