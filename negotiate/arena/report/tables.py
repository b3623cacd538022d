"""Whether the best is better than the next by more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.statistics import RESAMPLES
from negotiate.match import derive_seed

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Lead:
    """By how much one strategy is ahead of another.

    Attributes:
        mean: mean difference over scenarios.
        low: lower end of its interval.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def earned(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0


def lead(
    one: Sequence[float], other: Sequence[float], seed: int | str, level: float
) -> Lead | None:
    """The paired difference of two strategies, scenario by scenario; None with fewer than two scenarios.

    A bootstrap with the scenario as the resampling unit and percentile intervals, as for the leaderboard.
    """
    gaps = [a - b for a, b in zip(one, other, strict=True) if not np.isnan(a - b)]
    if len(gaps) < 2:
        return None
    stream = np.random.Generator(np.random.PCG64(derive_seed(seed, "lead", len(gaps))))
    draws = stream.integers(len(gaps), size=(len(gaps), RESAMPLES))
    total = np.zeros(RESAMPLES)
    for line in draws:  # added in a fixed order: the same bits on every machine
        total += np.asarray(gaps)[line]
    low, high = np.quantile(total / len(gaps), [(1 - level) / 2, (1 + level) / 2]).tolist()
    return Lead(sum(gaps) / len(gaps), low, high)
