"""How strategies move: classes of steps, and how far and when they concede.

A *step* leads from one of a party's offers to its next. By what it changes for the party itself and for the other side
it is one of six (Hindriks, Jonker & Tykhonov 2007), which leave nothing out::

    step         for itself         for the other side
    fortunate    better             better
    selfish      better             worse or the same
    concession   worse              better or the same
    unfortunate  worse or the same  worse
    nice         the same           better
    silent       the same           the same

*Sensitivity* to the other side's preferences is the share of fortunate, nice and concession steps over that of selfish,
unfortunate and silent ones (likewise). With several other parties their sum stands for the other side.

The *concession rate* of a negotiation says how far a party came down from its best to what the other side's best would
leave it, by its lowest offer: 0 for not at all, 1 for all the way (Baarslag, Hindriks & Jonker 2011, "Towards a
quantitative concession-based classification method of negotiation strategies"). The *demand* at a time is the utility
to itself of its latest offer by then; after the end its last offer goes on counting.

Utilities are without discount. Moves are not in the rows of a run: sessions are those whose moves were kept, or are
played again; see :mod:`negotiate.arena.watched`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.bootstrap import Estimate, estimates
from negotiate.arena.metrics import Yardstick
from negotiate.domain.preferences import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from negotiate.arena.bootstrap import Floats
    from negotiate.arena.watched import Watched
    from negotiate.domain.scenario import Scenario

STEPS: tuple[str, ...] = ("fortunate", "selfish", "concession", "unfortunate", "nice", "silent")
TIMES = tuple(k / 10 for k in range(1, 11))
"""Relative times at which demands are looked at."""

_KIND = ("fortunate", "nice", "concession")
_RATE = len(STEPS)
_SIZE = len(STEPS) + 1 + len(TIMES)


@dataclass(frozen=True)
class Behaviour:
    """How one strategy moved; means over scenarios of the means within each.

    Attributes:
        strategy: its id.
        sessions: seats that were watched, with at least one offer.
        steps: share of each class of steps; None without a step.
        sensitivity: share of steps towards the other side over the others; None where there are no others.
        concession_rate: how far it came down; None where nothing could be conceded.
        demands: utility to itself of its latest offer, at each of :data:`TIMES`.
    """

    strategy: str
    sessions: int
    steps: Mapping[str, Estimate]
    sensitivity: float | None
    concession_rate: Estimate
    demands: tuple[Estimate, ...]


def step(own: int, others: int) -> str:
    """The class of a step, by the change of the utility to the party and to the other side."""
    if own > 0:
        return "fortunate" if others > 0 else "selfish"
    if others < 0:
        return "unfortunate"
    if own < 0:
        return "concession"
    return "nice" if others > 0 else "silent"


def steps(own: Sequence[int], others: Sequence[int]) -> Counter[str]:
    """How often each class of step occurs in a row of offers.

    Args:
        own: what each offer is worth to the party.
        others: what it is worth to the other side.
    """
    changes = zip(own, own[1:], others, others[1:], strict=False)
    return Counter(step(b - a, d - c) for a, b, c, d in changes)


def concession_rate(own: Sequence[int], best: int, yielded: int) -> float | None:
    """How far a party came down.

    Args:
        own: what each of its offers is worth to it.
        best: the most that any outcome is worth to it.
        yielded: what the outcome that the other side likes best is worth to it.

    Returns:
        A share in [0, 1]; None if there is nothing to concede, or no offer.
    """
    if not own or best <= yielded:
        return None
    return min(max((best - min(own)) / (best - yielded), 0.0), 1.0)


def demands(offers: Sequence[tuple[float, int]]) -> list[float]:
    """The utility of the latest offer at each of :data:`TIMES`; NaN before the first.

    Args:
        offers: relative time, and what the offer is worth to the party that makes it.
    """
    found: list[float] = []
    for time in TIMES:
        made = [worth for at, worth in offers if at <= time + 1e-12]
        found.append(made[-1] / SCALE if made else np.nan)
    return found


def behaviour(
    sessions: Iterable[Watched], *, seed: int | str = 0, level: float = 0.95
) -> tuple[Behaviour, ...]:
    """How strategies moved, by their ids.

    Args:
        sessions: what is looked at.
        seed: root of the bootstrap over scenarios.
        level: confidence level of the intervals.
    """
    ends: dict[str, list[tuple[int, int]]] = {}
    seen: dict[tuple[str, str], list[list[float]]] = {}
    names: dict[str, None] = {}
    for one in sessions:
        names[one.scenario.name] = None
        if one.scenario.name not in ends:
            ends[one.scenario.name] = _ends(one.scenario)
        if one.offers:
            line = _measured(one, ends[one.scenario.name][one.party])
            seen.setdefault((one.strategy, one.scenario.name), []).append(line)
    played = sorted({strategy for strategy, _ in seen})
    return tuple(
        _behaviour(
            strategy, [seen.get((strategy, name), []) for name in sorted(names)], seed, level
        )
        for strategy in played
    )


def _measured(one: Watched, ends: tuple[int, int]) -> list[float]:
    """Shares of steps, concession rate and demands of one session."""
    worth = [
        [own.utility(outcome) for own in one.scenario.preferences] for _, outcome in one.offers
    ]
    own = [line[one.party] for line in worth]
    counts = steps(own, [sum(line) - line[one.party] for line in worth])
    total = counts.total()
    rate = concession_rate(own, *ends)
    times = [time for time, _ in one.offers]
    return [
        *(counts[name] / total if total else np.nan for name in STEPS),
        np.nan if rate is None else rate,
        *demands(list(zip(times, own, strict=True))),
    ]


def _ends(scenario: Scenario) -> list[tuple[int, int]]:
    """For each role the most it can get, and what it gets from the outcome that the others like best."""
    yardstick = Yardstick(scenario)
    points = yardstick.solutions.frontier.utilities
    found: list[tuple[int, int]] = []
    for party, best in enumerate(yardstick.best):
        others = np.add.reduce(points, axis=1) - points[:, party]
        found.append((best, int(points[others == others.max(), party].max())))
    return found


def _behaviour(
    strategy: str, lines: Sequence[Sequence[Sequence[float]]], seed: int | str, level: float
) -> Behaviour:
    table = np.full((_SIZE, len(lines)), np.nan)
    for scenario, some in enumerate(lines):
        for measure, values in enumerate(zip(*some, strict=True)):
            table[measure, scenario] = _mean(np.array(values))
    found = estimates(table, seed, level=level)
    shares = dict(zip(STEPS, found, strict=False))
    return Behaviour(
        strategy=strategy,
        sessions=sum(map(len, lines)),
        steps=shares,
        sensitivity=_sensitivity(shares),
        concession_rate=found[_RATE],
        demands=tuple(found[_RATE + 1 :]),
    )


def _mean(values: Floats) -> float:
    there = values[~np.isnan(values)]
    return float(there.sum()) / len(there) if len(there) else np.nan


def _sensitivity(shares: Mapping[str, Estimate]) -> float | None:
    kind = sum(shares[name].mean or 0.0 for name in _KIND)
    others = sum(shares[name].mean or 0.0 for name in STEPS if name not in _KIND)
    return round(kind / others, 9) if others > 0 else None
