"""What the template is given: every figure of the page, by section, and no decision left to take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.report.games import Games
    from negotiate.arena.report.heat import Heat
    from negotiate.arena.report.metrics import MetricTable
    from negotiate.arena.report.replay import Replay
    from negotiate.arena.report.svg import Markup


@dataclass(frozen=True)
class Headline:
    """The question answered in a sentence, the next best and whether the difference is earned, and a caution."""

    title: str
    answer: str
    lead: str
    caution: str = ""


@dataclass(frozen=True)
class Fact:
    """A figure at the top of the page."""

    what: str
    value: str
    bad: bool = False


@dataclass(frozen=True)
class Leader:
    """A row of the leaderboard."""

    place: int
    ranks: str
    best: float | None
    strategy: str
    mean: float | None
    low: float | None
    high: float | None
    agreement_rate: float | None
    nash_distance: float | None
    negotiations: int
    failed: int
    strip: Markup


@dataclass(frozen=True)
class Leaders:
    """The leaderboard, with the axis of its intervals, and a sentence on its top two."""

    axis: Markup
    rows: tuple[Leader, ...]
    advice: str


@dataclass(frozen=True)
class OnScenario:
    """A row of the table of scenarios."""

    name: str
    title: str
    roles: str
    outcomes: int
    agreement_rate: float | None
    rounds: float | None
    best: str
    mean: float | None
    strip: Markup


@dataclass(frozen=True)
class Scenarios:
    """The table of scenarios, with the axis of its dots."""

    axis: Markup
    rows: tuple[OnScenario, ...]


@dataclass(frozen=True)
class Failure:
    """A kind of failure, how often it happened, and the first negotiation that shows it."""

    strategy: str
    reason: str
    error: str
    times: int
    example: str


@dataclass(frozen=True)
class Source:
    """Where a scenario came from."""

    name: str
    digest: str
    source: str


@dataclass(frozen=True)
class How:
    """How it was computed."""

    version: str
    level: str
    scenarios: int
    paragraphs: tuple[str, ...]
    entries: tuple[tuple[str, str], ...]
    command: str
    scenario_rows: tuple[Source, ...]
    strategy_rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """The whole page."""

    kicker: str
    against: str
    headline: Headline
    facts: Sequence[Fact]
    leaders: Leaders
    heat: Heat
    scenarios: Scenarios
    metrics: tuple[MetricTable, ...]
    replays: tuple[Replay, ...]
    replays_why: str
    failures: tuple[Failure, ...]
    failures_left_out: int
    how: How
    games: Games | None = None
