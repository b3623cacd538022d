"""A chart as an SVG file of its own, for commands and notebooks."""

from __future__ import annotations

from importlib import resources

from negotiate.arena.report.svg import Markup, tag

_NAMESPACE = "http://www.w3.org/2000/svg"


def standalone(chart: Markup) -> str:
    """The text of an SVG file: a chart with its styles inside, light or dark as the reader's system is."""
    inside = tag("style", {}, Markup(style()))
    head, body = chart.split(">", 1)
    return f'{head} xmlns="{_NAMESPACE}" style="background:var(--chart-back)">{inside}{body}\n'


def style() -> str:
    """The style sheet of the charts."""
    return (resources.files("negotiate.arena.report") / "assets" / "chart.css").read_text(
        "utf-8"
    )
