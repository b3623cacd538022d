"""Equilibria over bootstrap matrices: a mean matrix has equilibria that its errors may well do away with.

Each bootstrap matrix is a tournament over other scenarios of the same kind, and is solved for itself. Source of the
idea: Wiedenbeck, Cassell & Wellman (2014), *Bootstrap statistics for empirical games*.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.games.alpharank import many_alpha_rank
from negotiate.arena.games.nash import many_equilibria

if TYPE_CHECKING:
    from negotiate.arena.games.payoffs import Game
    from negotiate.arena.statistics import Floats


@dataclass(frozen=True)
class Share:
    """A share with its interval.

    Attributes:
        mean: over the bootstrap matrices.
        low: lower end.
        high: upper end.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Uncertain:
    """What the bootstrap matrices say.

    Attributes:
        samples: how many there are.
        supports: for each set of strategies, by place, in what share of the matrices it is the support of an
            equilibrium; the most frequent first.
        mixture: of each strategy the share in the equilibrium of greatest value, of each matrix.
        alpha_rank: likewise its alpha-rank.
        level: of the intervals, between percentiles.
    """

    samples: int
    supports: tuple[tuple[tuple[int, ...], float], ...]
    mixture: tuple[Share, ...]
    alpha_rank: tuple[Share, ...]
    level: float


def uncertain(game: Game, *, level: float = 0.95) -> Uncertain | None:
    """Solve all bootstrap matrices of a game; None where there are none.

    Of several equilibria of a matrix, the mixture takes the one in which everybody earns most, as payoff dominance
    would choose (Harsanyi & Selten 1988); all of them count for the supports.
    """
    if not len(game.samples):
        return None
    solved = many_equilibria(game.samples)
    counts = Counter(support for one in solved for support in {e.support for e in one.found})
    mixes = np.array([one.found[0].mix for one in solved])
    share = {support: count / len(solved) for support, count in counts.items()}
    return Uncertain(
        len(solved),
        tuple(sorted(share.items(), key=lambda item: (-item[1], item[0]))),
        _shares(mixes, level),
        _shares(many_alpha_rank(game.samples), level),
        level,
    )


def _shares(drawn: Floats, level: float) -> tuple[Share, ...]:
    ends = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0).T
    means = drawn.mean(axis=0)
    return tuple(
        Share(float(mean), float(low), float(high))
        for mean, (low, high) in zip(means, ends, strict=True)
    )
