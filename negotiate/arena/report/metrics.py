"""Every metric of every strategy, as tables of text: for the page, and for the terminal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.behaviour import STEPS, TIMES, behaviour
from negotiate.arena.exploitability import exploitability, of_each
from negotiate.arena.quality import ENDINGS, POINTS
from negotiate.arena.report.scale import minus
from negotiate.arena.report.text import NONE, label, one, percent, utility
from negotiate.arena.watched import of_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.behaviour import Behaviour
    from negotiate.arena.bootstrap import Estimate
    from negotiate.arena.exploitability import Exploit
    from negotiate.arena.quality import Merit
    from negotiate.arena.results import Results

_POINTS = ("Nash", "Kalai", "Kalai-Smorodinsky", "egalitarian", "utilitarian")
_WORTH = {
    "advantage": "advantage",
    "welfare": "welfare",
    "nash_product": "Nash product",
    "pareto_distance": "to the frontier",
    "agreed": "agreed",
    "rounds": "rounds",
}
_ENDS = ("accepted", "was accepted", "walked", "was left", "deadline", "breakdown", "failed")
_SHOWN = (0.1, 0.5, 0.9, 1.0)


@dataclass(frozen=True)
class MetricTable:
    """A table: what it shows, and text in cells; the first column names strategies."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def metric_tables(
    results: Results, moves: Sequence[Behaviour] | None = None
) -> tuple[MetricTable, ...]:
    """All tables.

    Args:
        results: of a run.
        moves: how the strategies moved; by default by the negotiations whose moves were kept.
    """
    merits = results.metrics
    watched = behaviour(of_run(results, kept=True)) if moves is None else moves
    places = {merit.strategy: n for n, merit in enumerate(merits)}
    ordered = sorted(watched, key=lambda one: places[one.strategy])
    return (
        _plain(
            merits,
            "What they got, and what both got",
            "Advantage: the share of what there was to gain. Welfare is the sum of utilities.",
            _WORTH,
        ),
        _plain(
            merits,
            "Distance to solution points",
            "Euclidean, in utilities; smaller is nearer.",
            {f"{point}_distance": name for point, name in zip(POINTS, _POINTS, strict=True)},
        ),
        _plain(
            merits,
            "As a share of solution points",
            "What the point makes greatest, as a share of what it is there: Nash the product of gains, Kalai the "
            "smallest gain, Kalai-Smorodinsky the smallest gain by the ideal one, egalitarian the smallest utility, "
            "utilitarian the sum.",
            {f"{point}_ratio": name for point, name in zip(POINTS, _POINTS, strict=True)},
        ),
        _plain(
            merits,
            "How it ended",
            "Shares of the negotiations that count for the strategy.",
            dict(zip(ENDINGS, _ENDS, strict=True)),
        ),
        _steps(ordered),
        _concessions(ordered),
        _exploits(results, merits),
    )


def _plain(
    merits: Sequence[Merit], title: str, note: str, names: dict[str, str]
) -> MetricTable:
    rows = tuple(
        (label(merit.strategy), *(_text(name, merit.metrics[name]) for name in names))
        for merit in merits
    )
    return MetricTable(title, note, ("strategy", *names.values()), rows)


def _steps(moves: Sequence[Behaviour]) -> MetricTable:
    rows = tuple(
        (
            label(one.strategy),
            *(percent(one.steps[name].mean) for name in STEPS),
            utility(one.sensitivity),
            f"{one.sessions:,}",
        )
        for one in moves
    )
    return MetricTable(
        "Steps from offer to offer",
        "Fortunate: better for both; selfish: better for itself alone; concession: worse for itself, not for the "
        "other; unfortunate: worse for the other and no better for itself; nice: better for the other alone; silent: "
        "the same (Hindriks, Jonker & Tykhonov 2007). Sensitivity: fortunate, nice and concession over the rest.",
        ("strategy", *STEPS, "sensitivity", "watched"),
        rows,
    )


def _concessions(moves: Sequence[Behaviour]) -> MetricTable:
    rows = tuple(
        (
            label(one.strategy),
            utility(one.concession_rate.mean),
            *(utility(one.demands[TIMES.index(time)].mean) for time in _SHOWN),
        )
        for one in moves
    )
    return MetricTable(
        "Concessions",
        "Rate: how far it came down from its best to what the other side's best leaves it (Baarslag et al. 2011). "
        "Demand: what its latest offer is worth to itself, by relative time.",
        ("strategy", "rate", *(f"demand at {time:g}" for time in _SHOWN)),
        rows,
    )


def _exploits(results: Results, merits: Sequence[Merit]) -> MetricTable:
    found = of_each(results.payoffs)
    rows = [(label(merit.strategy), *_answer(found[merit.strategy])) for merit in merits]
    size = len(results.strategies)
    rows.append(
        ("all in equal shares", *_answer(exploitability(results.payoffs, [1 / size] * size)))
    )
    return MetricTable(
        "How far they can be exploited",
        "Who, of those that played, answers it best, and how much more that one gets than the strategy gets against "
        "itself. Without intervals: the best of several means is a little too high.",
        ("everybody plays", "best answer", "gets", "gain"),
        tuple(rows),
    )


def _answer(found: Exploit | None) -> tuple[str, str, str]:
    if found is None:
        return NONE, NONE, NONE
    return label(found.by), utility(found.gets), utility(found.gain)


def _text(name: str, estimate: Estimate) -> str:
    if name == "rounds":
        return one(estimate.mean)
    if name == "nash_product":
        return NONE if estimate.mean is None else minus(f"{estimate.mean:.4f}")
    if name == "agreed" or name in ENDINGS:
        return percent(estimate.mean)
    return utility(estimate.mean)
