"""Which differences between strategies are more than chance, which ranks are earned, and what would tell more.

Every two strategies are compared unit by unit (scenario by scenario): a test of signs for whether the paired difference
is nothing, adjusted by Holm over all pairs, and a bootstrap interval for how large it is. A difference is *earned* if
its adjusted p-value is at most one less the level. A strategy's ranks run from one more than the number of strategies
with an earned lead over it to the number that it has no earned lead over: with the level's confidence the true ranks of
all strategies lie in them together.

Source: Holm (1979); ranks as in Mogstad, Romano, Shaikh & Wilhelm (2024), "Inference for ranks with applications to
mobility across neighbourhoods and academic achievement across countries", from pairwise tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2, log10
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.bootstrap import ByUnit, added, known, percentile, sign_flips

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.bootstrap import Floats

MOST = 1_000_000
"""Units beyond which nobody is advised to play."""

_NORMAL = NormalDist()
_SURE = 1e-12  # a p-value is a ratio of counts; what it is compared with is not


@dataclass(frozen=True)
class Pair:
    """By how much one strategy is ahead of another, where both are known; to nine decimals.

    Attributes:
        one: the one that ranks higher.
        other: the one that ranks lower.
        mean: mean difference over units.
        low: lower end of its interval, for this pair alone; None with fewer than two units.
        high: upper end.
        p: p-value of the test of signs, for this pair alone.
        adjusted: the same, adjusted by Holm over all pairs.
        earned: whether the difference is more than chance, over all pairs.
        more: how many more units would probably (4 times in 5) tell a difference of this size from nothing, to two
            digits; None if it is earned, or if the two are too close for any number up to :data:`MOST`.
    """

    one: str
    other: str
    mean: float
    low: float | None
    high: float | None
    p: float
    adjusted: float
    earned: bool
    more: int | None

    @property
    def reach(self) -> float | None:
        """Half the length of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def pairs(
    sample: ByUnit,
    order: Sequence[tuple[int, str]],
    seed: int | str,
    resamples: int,
    level: float,
) -> tuple[Pair, ...]:
    """Every two strategies.

    Args:
        sample: utilities by strategy and unit.
        order: rows of the sample and ids, best first.
        seed: root of the draws.
        resamples: number of bootstrap resamples.
        level: confidence level.
    """
    each = sample.each
    both = [
        (one, other)
        for n, one in enumerate(order)
        for other in order[n + 1 :]
        if not np.isnan(each[one[0]] - each[other[0]]).all()
    ]
    if not both:
        return ()
    gaps = np.stack([each[one] - each[other] for (one, _), (other, _) in both])
    taken = ByUnit.of(gaps)
    means = taken.mean
    p = sign_flips(gaps, seed)
    adjusted = holm(p)
    low, high = percentile(taken, seed, resamples, level)
    alphas = _alphas(p, level)
    return tuple(
        Pair(
            one=one,
            other=other,
            mean=round(float(means[n]), 9) + 0.0,
            low=known(low[n]),
            high=known(high[n]),
            p=float(p[n]),
            adjusted=float(adjusted[n]),
            earned=_earned(float(adjusted[n]), level),
            more=None if _earned(float(adjusted[n]), level) else _more(gaps[n], alphas[n]),
        )
        for n, ((_, one), (_, other)) in enumerate(both)
    )


def ranks(order: Sequence[str], found: Sequence[Pair], size: int) -> dict[str, tuple[int, int]]:
    """The best and the worst rank that the data leave open for each strategy, of ``size`` strategies."""
    ahead, behind = dict.fromkeys(order, 1), dict.fromkeys(order, size)
    for pair in found:
        if pair.earned:
            winner, loser = (pair.one, pair.other) if pair.mean > 0 else (pair.other, pair.one)
            ahead[loser] += 1
            behind[winner] -= 1
    return {name: (ahead[name], behind[name]) for name in order}


def span(places: tuple[int, int]) -> str:
    """Ranks as people write them: ``2``, or ``1-3`` where the order is not earned."""
    return str(places[0]) if places[0] == places[1] else f"{places[0]}-{places[1]}"


def advice(pair: Pair | None, unit: str | None, count: int, what: str = "scenario") -> str:
    """A sentence on the top two: whether the lead is earned, and if not, how much more would tell.

    Args:
        pair: the top two.
        unit: what was resampled.
        count: how many pairs there were, over which Holm adjusted.
        what: what the tournament is played on.
    """
    if pair is None or unit is None:
        return ""
    size = f"{abs(pair.mean):.3f}"
    if pair.reach is not None:
        size = f"{size} +- {pair.reach:.3f}"
    over = "" if count == 1 else f" over {count:,} pairs"
    if pair.earned:
        text = f"the lead of {size} is earned (p = {p_text(pair.adjusted)} by Holm{over})"
    elif pair.more is None:
        return f"the top two differ by {size}: too close to tell"
    else:
        noun = what if unit == "scenario" else unit
        plural = "" if pair.more == 1 else "s"
        text = f"the top two differ by {size}: {pair.more:,} more {noun}{plural} would tell"
    if unit == "scenario" or unit == "repetition":
        return text
    alone = f"from a single {what} nobody can tell whether that holds on others"
    return f"{text.partition(':')[0]}: {alone}" if not pair.earned else f"{text} here; {alone}"


def holm(p: Floats) -> Floats:
    """p-values adjusted so that over all of them, a false one is below the level as seldom as the level says.

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    adjusted = np.zeros(len(p))
    greatest = 0.0
    for place, i in enumerate(np.argsort(p, kind="stable").tolist()):
        greatest = max(greatest, min((len(p) - place) * float(p[i]), 1.0))
        adjusted[i] = greatest
    return adjusted


def needed(spread: float, size: float, alpha: float, power: float = 0.8) -> int:
    """Units after which a paired difference would be told from nothing with some probability.

    ``((z(1 - alpha / 2) + z(power)) * spread / size) ** 2``, and at least as many as a test of signs needs to reach
    ``alpha`` at all. Source: Cohen (1988), *Statistical Power Analysis for the Behavioral Sciences*.

    Args:
        spread: standard deviation of the differences.
        size: their mean, greater than 0.
        alpha: level of the test.
        power: that probability.
    """
    reach = _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(power)
    least = int(np.ceil(log2(2 / alpha)))
    return max(int(np.ceil((reach * spread / size) ** 2)), least)


def p_text(p: float) -> str:
    """A p-value as people write it."""
    return f"{p:.3f}" if p >= 0.001 else "less than 0.001"


def _earned(adjusted: float, level: float) -> bool:
    return adjusted <= 1 - level + _SURE


def _alphas(p: Floats, level: float) -> list[float]:
    """The level that each pair would have to reach, those with smaller p-values being earned already."""
    alphas = [0.0] * len(p)
    for place, i in enumerate(np.argsort(p, kind="stable").tolist()):
        alphas[i] = (1 - level) / (len(p) - place)
    return alphas


def _more(gaps: Floats, alpha: float) -> int | None:
    found = gaps[~np.isnan(gaps)]
    mean = float(added(found[None, :])[0]) / len(found)
    if len(found) < 2 or known(mean) == 0:
        return None
    apart = found - mean
    spread = float(np.sqrt(added((apart * apart)[None, :])[0] / (len(found) - 1)))
    more = max(needed(spread, abs(mean), alpha) - len(found), 1)
    return _upwards(more) if more <= MOST else None


def _upwards(number: int) -> int:
    """Rounded up to two digits."""
    step: int = 10 ** max(ceil(log10(number + 1)) - 2, 0)
    return -(-number // step) * step
