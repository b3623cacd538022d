"""Strategies beside people: both sit at the same tables, and what they reach is compared, table by table.

In each recorded dialogue two people divided things that they valued differently. Two copies of a strategy then
negotiate about the same things with the same preferences, the first person's copy first. A dialogue is the unit that
is resampled: the difference of a strategy and the people is a mean over dialogues of the difference in each.

Source of the dialogues that are read: Chawla et al. (2021), *CaSiNo*, NAACL; see
:mod:`negotiate.domain.formats.casino`. The people talked, and were told nothing of the other's priorities beforehand,
as strategies are told nothing; but they met once, wrote what they liked, and also wanted to be content.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.metrics import Yardstick
from negotiate.arena.statistics import RESAMPLES, intervals
from negotiate.domain.formats.casino import dialogues
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.match import derive_seed, play
from negotiate.registry import strategy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from negotiate.arena.statistics import Floats
    from negotiate.domain.formats.casino import Dialogue
    from negotiate.protocol import Protocol
    from negotiate.registry import Spec

PEOPLE = "people"
"""What the people are called among the strategies."""


@dataclass(frozen=True)
class Compared:
    """A strategy, or the people; every mean is over dialogues.

    Attributes:
        who: id of the strategy, or :data:`PEOPLE`.
        mean_utility: of both parties; the points that one gets, divided by the most that there are.
        difference: of the mean utility from that of the people; None for the people.
        low: lower end of its interval; None for the people, and with a single dialogue.
        high: upper end.
        points: mean points of a party.
        agreement_rate: share of dialogues that ended in agreement.
        pareto_share: share of dialogues that ended in a Pareto-optimal agreement.
        inequality: mean distance of the two parties' utilities.
        failed: dialogues that a failure of the strategy ended.
    """

    who: str
    mean_utility: float
    difference: float | None
    low: float | None
    high: float | None
    points: float
    agreement_rate: float
    pareto_share: float
    inequality: float
    failed: int


@dataclass(frozen=True)
class Comparison:
    """Strategies beside people.

    Attributes:
        rows: the people first, then strategies by falling mean utility.
        dialogues: how many.
        level: of the intervals.
    """

    rows: tuple[Compared, ...]
    dialogues: int
    level: float


@dataclass(frozen=True)
class _Reached:
    """By dialogue: utilities of both, whether they agreed, and whether on the frontier."""

    utilities: Floats
    agreed: Floats
    optimal: Floats
    failed: int


def compare(
    file: str | Path,
    strategies: Sequence[str | Spec],
    rules: Protocol,
    *,
    seed: int | str = 0,
    resamples: int = RESAMPLES,
    level: float = 0.95,
) -> Comparison:
    """Let strategies negotiate what people negotiated, and compare.

    Args:
        file: dialogues with what the people reached.
        strategies: registered names or specs; each plays against a copy of itself.
        rules: the protocol, with a limit on rounds.
        seed: root of the random streams and of the bootstrap.
        resamples: number of bootstrap resamples.
        level: of the intervals.

    Raises:
        ArenaError: there are no dialogues.
        NegotiateError: the file does not read, or a name does not resolve.
    """
    recorded = dialogues(file)
    specs = [strategy(one) if isinstance(one, str) else one for one in strategies]
    if not recorded:
        raise ArenaError("no dialogues to compare with", code="scenarios")
    yardsticks = [Yardstick(one.scenario) for one in recorded]
    people = _people(recorded, yardsticks)
    reached = {spec.id: _played(spec, rules, (recorded, yardsticks), seed) for spec in specs}
    mine = people.utilities.mean(axis=1)
    gaps = np.array([one.utilities.mean(axis=1) - mine for one in reached.values()]).reshape(
        -1, len(mine)
    )
    mean, low, high = intervals(gaps, seed, resamples=resamples, level=level)
    most = np.array([one.most for one in recorded], dtype=np.float64)
    rows = [
        _row(name, one, most, (mean[k], low[k], high[k]))
        for k, (name, one) in enumerate(reached.items())
    ]
    rows.sort(key=lambda row: -row.mean_utility)
    return Comparison((_row(PEOPLE, people, most, None), *rows), len(recorded), level)


def _people(recorded: Sequence[Dialogue], yardsticks: Sequence[Yardstick]) -> _Reached:
    utilities = [
        tuple(own.reservation for own in one.scenario.preferences)
        if one.outcome is None
        else tuple(own.utility(one.outcome) for own in one.scenario.preferences)
        for one in recorded
    ]
    agreed = [one.outcome is not None for one in recorded]
    return _reached(utilities, agreed, yardsticks, 0)


def _played(
    spec: Spec,
    rules: Protocol,
    tables: tuple[Sequence[Dialogue], Sequence[Yardstick]],
    seed: int | str,
) -> _Reached:
    recorded, yardsticks = tables
    matches = [
        play(
            rules,
            one.scenario,
            [spec.make(), spec.make()],
            seed=derive_seed(seed, one.scenario.digest, one.scenario.name),
        )
        for one in recorded
    ]
    utilities = [match.utilities for match in matches]
    agreed = [match.agreement is not None for match in matches]
    failed = sum(match.fault is not None for match in matches)
    return _reached(utilities, agreed, yardsticks, failed)


def _reached(
    utilities: Sequence[tuple[int, ...]],
    agreed: Sequence[bool],
    yardsticks: Sequence[Yardstick],
    failed: int,
) -> _Reached:
    optimal = [
        deal and yardstick.pareto_distance(worth) == 0
        for worth, deal, yardstick in zip(utilities, agreed, yardsticks, strict=True)
    ]
    return _Reached(
        np.array(utilities, dtype=np.float64) / SCALE,
        np.array(agreed, dtype=np.float64),
        np.array(optimal, dtype=np.float64),
        failed,
    )


def _row(
    who: str, reached: _Reached, most: Floats, gap: tuple[float, float, float] | None
) -> Compared:
    mean, low, high = (None, None, None) if gap is None else tuple(map(_known, gap))
    return Compared(
        who=who,
        mean_utility=float(reached.utilities.mean()),
        difference=mean,
        low=low,
        high=high,
        points=float((reached.utilities * most).mean()),
        agreement_rate=float(reached.agreed.mean()),
        pareto_share=float(reached.optimal.mean()),
        inequality=float(np.abs(np.diff(reached.utilities, axis=1)).mean()),
        failed=reached.failed,
    )


def _known(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
