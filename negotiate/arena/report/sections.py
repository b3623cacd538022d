"""The sections of the page, from the results of a run."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.ranking import advice, span
from negotiate.arena.report.heat import Payoff, heat_map
from negotiate.arena.report.intervals import axis_svg, dots_svg, strip_scale, whisker_svg
from negotiate.arena.report.metrics import metric_tables
from negotiate.arena.report.page import Failure, Leader, Leaders, OnScenario, Scenarios
from negotiate.arena.report.replay import Played, replay
from negotiate.arena.report.svg import Markup
from negotiate.arena.report.text import NONE, label, utility
from negotiate.arena.results import FAILED
from negotiate.arena.statistics import by_scenario
from negotiate.errors import NegotiateError
from negotiate.moves import Turn

if TYPE_CHECKING:
    from negotiate.arena.report.heat import Heat
    from negotiate.arena.report.metrics import MetricTable
    from negotiate.arena.report.replay import Replay
    from negotiate.arena.report.scale import Scale
    from negotiate.arena.results import Record, Results
    from negotiate.arena.statistics import Standing

MOST_REPLAYS = 16
"""Scenarios of which a negotiation is shown move by move."""

MOST_FAILURES = 100
"""Kinds of failure that are listed."""

_REASONS = {
    "error": "raised an exception",
    "illegal-move": "made an illegal move",
    "timeout": "took too long",
}


def leaders(results: Results) -> Leaders:
    """The leaderboard."""
    standings = results.standings.standings
    ends = [end for one in standings for end in (one.mean_utility, one.low, one.high)]
    scale = strip_scale([end for end in ends if end is not None])
    failed = Counter(_culprit(row) for row in results.rows if row.reason in FAILED)
    rows = tuple(_leader(one, scale, failed[one.strategy]) for one in standings)
    board = results.standings
    said = advice(board.lead, board.unit, len(board.pairs), results.what).replace(
        "+-", "\N{PLUS-MINUS SIGN}"
    )
    return Leaders(axis_svg(scale), rows, said[:1].upper() + said[1:])


def _leader(one: Standing, scale: Scale, failed: int) -> Leader:
    name = label(one.strategy)
    strip = Markup()
    if one.mean_utility is not None:
        low = one.mean_utility if one.low is None else one.low
        high = one.mean_utility if one.high is None else one.high
        text = f"{name}: {utility(one.mean_utility)}, from {utility(one.low)} to {utility(one.high)}"
        strip = whisker_svg(scale, one.mean_utility, low, high, text)
    return Leader(
        place=one.rank,
        ranks=span(one.ranks),
        best=one.best,
        strategy=name,
        mean=one.mean_utility,
        low=one.low,
        high=one.high,
        agreement_rate=one.agreement_rate,
        nash_distance=one.nash_distance,
        negotiations=one.observations,
        failed=failed,
        strip=strip,
    )


def heat(results: Results) -> Heat:
    """The payoff matrix, strategies in the order of the leaderboard."""
    matrix = results.payoffs
    order = [matrix.strategies.index(one.strategy) for one in results.standings.standings]
    found: dict[tuple[str, str], Payoff] = {}
    names = [label(matrix.strategies[i]) for i in order]
    for i, row in zip(order, names, strict=True):
        for j, column in zip(order, names, strict=True):
            mean, error = float(matrix.mean[i, j]), float(matrix.error[i, j])
            if not np.isnan(mean):
                known = None if np.isnan(error) else error
                found[row, column] = Payoff(mean, known, int(matrix.count[i, j]))
    return heat_map(names, found)


def scenario_means(results: Results) -> dict[str, list[tuple[str, float]]]:
    """For each scenario the mean utility of each strategy that has one, best first."""
    names = [label(name) for name in results.strategies]
    columns = by_scenario(results.columns).T.tolist()
    return {
        scenario: sorted(
            (
                (name, mean)
                for name, mean in zip(names, means, strict=True)
                if not np.isnan(mean)
            ),
            key=lambda pair: -pair[1],
        )
        for scenario, means in zip(results.scenarios, columns, strict=True)
    }


def scenarios(results: Results) -> Scenarios:
    """The table of scenarios."""
    means = by_scenario(results.columns)
    scale = strip_scale([mean for mean in means.ravel().tolist() if not np.isnan(mean)])
    names = [label(name) for name in results.strategies]
    rows_of: dict[str, list[Record]] = {name: [] for name in results.scenarios}
    for row in results.rows:
        rows_of[row.scenario].append(row)
    table = tuple(
        _on_scenario(results, name, rows_of[name], list(zip(names, column, strict=True)), scale)
        for name, column in zip(results.scenarios, means.T.tolist(), strict=True)
    )
    return Scenarios(axis_svg(scale), table)


def _on_scenario(
    results: Results,
    name: str,
    rows: list[Record],
    means: list[tuple[str, float]],
    scale: Scale,
) -> OnScenario:
    about = results.about(name)
    known = sorted((pair for pair in means if not np.isnan(pair[1])), key=lambda pair: -pair[1])
    best = known[0] if known else (NONE, None)
    tied = sum(pair[1] == best[1] for pair in known[1:])
    title = label(about["title"], 120)
    return OnScenario(
        name=label(name),
        title="" if title == label(name) else title,
        roles=", ".join(label(role["name"], 40) for role in about["roles"]),
        outcomes=int(about["outcomes"]),
        agreement_rate=sum(row.outcome is not None for row in rows) / len(rows)
        if rows
        else None,
        rounds=sum(row.rounds for row in rows) / len(rows) if rows else None,
        best=f"{best[0]} and {tied} more" if tied else best[0],
        mean=best[1],
        strip=dots_svg(scale, known, f"means of {len(known)} strategies on {label(name)}"),
    )


def shown_metrics(results: Results) -> tuple[MetricTable, ...]:
    """Every metric; how strategies moved only where the scenarios can be had as they were played."""
    try:
        return metric_tables(results)
    except NegotiateError:
        return metric_tables(results, ())


def replays(results: Results) -> tuple[tuple[Replay, ...], str]:
    """A negotiation of each scenario, and a sentence on which they are."""
    made: list[Replay] = []
    missing: list[str] = []
    kept = set(results.traced)
    traced = [
        row for row in results.rows if row.key in kept and row.error is None and row.turns > 0
    ]
    for name in results.scenarios[:MOST_REPLAYS]:
        chosen = _chosen(results, [row for row in traced if row.scenario == name])
        try:
            if chosen is not None:
                made.append(replay(_played(results, chosen)))
        except NegotiateError:
            missing.append(label(name))
    why = "One negotiation of each scenario, of those whose moves were kept: the one whose parties rank highest."
    if len(results.scenarios) > MOST_REPLAYS:
        why = f"{why} Only the first {MOST_REPLAYS} scenarios are shown."
    if missing:
        why = f"{why} Not shown, because the scenario cannot be had as it was played: {', '.join(missing)}."
    return tuple(made), why


def _chosen(results: Results, honest: list[Record]) -> Record | None:
    """Of some negotiations one between two strategies, if possible with an agreement, between high ranks."""
    place = {one.strategy: one.rank for one in results.standings.standings}
    return min(
        honest,
        key=lambda row: (
            len(set(row.seats)) == 1,
            row.outcome is None,
            sum(place[seat] for seat in row.seats),
            row.key,
        ),
        default=None,
    )


def _played(results: Results, row: Record) -> Played:
    return Played(
        scenario=results.scenario(row.scenario),
        seats=row.seats,
        moves=[Turn(*move) for move in results.moves(row.key) or ()],
        agreement=row.outcome,
        utilities=row.utilities,
        reason=row.reason,
        ended_by=row.ended_by,
        rounds=row.rounds,
    )


def failures(results: Results) -> tuple[tuple[Failure, ...], int]:
    """Failures by strategy, kind and words, most frequent first; and how many kinds are left out."""
    kinds: dict[tuple[str, str, str], list[Record]] = {}
    for row in results.rows:
        if row.error is not None:
            kinds.setdefault((_culprit(row), row.reason, row.error), []).append(row)
    order = sorted(kinds.items(), key=lambda item: (-len(item[1]), item[0]))
    listed = tuple(_failure(*kind, rows) for kind, rows in order[:MOST_FAILURES])
    return listed, max(len(order) - MOST_FAILURES, 0)


def _failure(strategy: str, reason: str, error: str, rows: list[Record]) -> Failure:
    first = min(rows, key=lambda row: (row.scenario, row.repetition, row.seats))
    return Failure(
        strategy=label(strategy),
        reason=_REASONS.get(reason, f"failed after the end ({label(reason)})"),
        error=label(error, 300),
        times=len(rows),
        example=f"{label(first.scenario)}: {', '.join(map(label, first.seats))}, round {first.rounds}",
    )


def _culprit(row: Record) -> str:
    return "" if row.fault is None else row.seats[row.fault]
