"""Alpha-rank: how often evolution visits each strategy, or each profile of strategies.

A population plays one strategy; now and then a mutant appears, and its strategy either takes over or dies out. The
states of this Markov chain are strategies (or, with one population a role, profiles), its transition probabilities
are those of fixation, and alpha-rank is its stationary distribution. Source: Omidshafiei et al. (2019), *alpha-Rank:
Multi-agent evaluation by evolution*, Scientific Reports 9.

Selection is *global* where a mutant's fitness is what it earns in the whole mixed population, and *local* where it
is what it earns against the resident alone. The strength of selection, alpha, is infinite by default: a mutant that
gains everywhere on the way always takes over, one that loses anywhere never does, up to ``noise``, which keeps the
chain in one piece; as the noise vanishes, the ranking becomes that of the paper's Markov-Conley chains.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from negotiate.arena.games.nash import checked
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.statistics import Floats

Selection: TypeAlias = Literal["global", "local"]

POPULATION = 50
NOISE = 1e-6

_EQUAL = 1e-12  # payoffs closer than this are the same
_MOST = 4096  # states of the chain


def alpha_rank(
    payoffs: Floats,
    *,
    alpha: float | None = None,
    population: int = POPULATION,
    selection: Selection = "global",
    noise: float = NOISE,
) -> Floats:
    """The share of time that each strategy of a symmetric game is the one of the population.

    Args:
        payoffs: ``(n, n)``.
        alpha: strength of selection; None for infinite.
        population: how many individuals.
        selection: whether fitness is earned in the whole population or against the resident alone.
        noise: probability, under infinite selection, that a mutant that should die out takes over, and the reverse.

    Raises:
        ArenaError: the payoffs are none, or a number is out of range, or selection so strong that the chain breaks up.
    """
    ranked: Floats = many_alpha_rank(
        checked(payoffs)[None],
        alpha=alpha,
        population=population,
        selection=selection,
        noise=noise,
    )[0]
    return ranked


def many_alpha_rank(
    games: Floats,
    *,
    alpha: float | None = None,
    population: int = POPULATION,
    selection: Selection = "global",
    noise: float = NOISE,
) -> Floats:
    """:func:`alpha_rank` of several games, ``(games, n, n)`` to ``(games, n)``."""
    _check(alpha, population, noise)
    ahead = _advantages(games, population, selection)
    chance = _unbounded(ahead, noise) if alpha is None else _fixation(alpha * ahead)
    size = games.shape[-1]
    # chance[g, s, r]: r, the mutant, takes over from s. Mutants of all other strategies are equally likely.
    return _stationary(chance / max(size - 1, 1))


def alpha_rank_profiles(
    payoffs: Sequence[Floats],
    *,
    alpha: float | None = None,
    population: int = POPULATION,
    noise: float = NOISE,
) -> Floats:
    """The share of time of each profile of a game with one population a role.

    Args:
        payoffs: of each role, all of the shape ``(n1, n2, …)``: an axis a role.
        alpha: strength of selection; None for infinite.
        population: individuals of each population.
        noise: as for :func:`alpha_rank`.

    Returns:
        An array of the same shape, adding up to one.

    Raises:
        ArenaError: as for :func:`alpha_rank`, or more than 4,096 profiles.
    """
    _check(alpha, population, noise)
    shape = payoffs[0].shape if len(payoffs) else ()
    if (
        len(shape) != len(payoffs)
        or any(p.shape != shape for p in payoffs)
        or not np.isfinite(payoffs).all()
    ):
        raise ArenaError(
            "one array of finite payoffs a role is expected, with an axis a role", code="games"
        )
    states = list(product(*map(range, shape)))
    if len(states) > _MOST:
        raise ArenaError(
            f"{len(states):,} profiles; at most {_MOST:,} are ranked", code="games"
        )
    place = {state: k for k, state in enumerate(states)}
    gains = np.full((len(states), len(states)), np.nan)
    for state in states:
        for role, size in enumerate(shape):
            for other in range(size):
                mutant = (*state[:role], other, *state[role + 1 :])
                if other != state[role]:
                    gains[place[state], place[mutant]] = (
                        payoffs[role][mutant] - payoffs[role][state]
                    )
    known = ~np.isnan(gains)
    ahead = np.where(known, gains, 0.0)[..., None]
    if alpha is None:
        chance = _unbounded(ahead, noise)
    else:  # the gain does not depend on how far the mutant has come
        chance = _fixation(np.broadcast_to(alpha * ahead, (*gains.shape, population - 1)))
    mutants = max(sum(size - 1 for size in shape), 1)
    ranked: Floats = _stationary((np.where(known, chance, 0.0) / mutants)[None])[0]
    return ranked.reshape(shape)


def _check(alpha: float | None, population: int, noise: float) -> None:
    if population < 2:
        raise ArenaError(f"a population of {population}; 2 or more are expected", code="games")
    if alpha is not None and not 0 <= alpha < np.inf:
        raise ArenaError(
            f"an alpha of {alpha:g}; a number of at least 0 is expected",
            code="games",
            help="leave it out for infinite selection",
        )
    if not 0 < noise <= 0.5:
        raise ArenaError(
            f"a noise of {noise:g}; more than 0, up to 0.5, is expected", code="games"
        )


def _advantages(games: Floats, population: int, selection: Selection) -> Floats:
    """By how much mutants r do better than residents s when there are 1 … m-1 of them, ``(games, s, r, m - 1)``."""
    rs = np.swapaxes(games, 1, 2)  # what r earns against s, at [s, r]
    if selection == "local":
        return np.repeat((rs - games)[..., None], population - 1, axis=3)
    own = np.diagonal(games, axis1=1, axis2=2)
    rr, ss = own[:, None, :, None], own[:, :, None, None]
    mutants = np.arange(1, population, dtype=np.float64)
    residents = population - mutants
    of_mutant = (mutants - 1) * rr + residents * rs[..., None]
    of_resident = mutants * games[..., None] + (residents - 1) * ss
    ahead: Floats = (of_mutant - of_resident) / (population - 1)
    return ahead


def _fixation(ahead: Floats) -> Floats:
    """``1 / (1 + sum of exp(-partial sums))``, the probability that one mutant takes over."""
    paths = -np.cumsum(ahead, axis=-1)
    most = np.maximum(paths.max(axis=-1), 0.0)
    total = np.exp(-most) + np.exp(paths - most[..., None]).sum(axis=-1)
    chance: Floats = np.exp(-most) / total
    return chance


def _unbounded(ahead: Floats, noise: float) -> Floats:
    """The same as alpha goes to infinity: it takes over if it is ahead all the way, and may if it is never behind."""
    least = np.cumsum(ahead, axis=-1).min(axis=-1)
    return np.where(np.abs(least) <= _EQUAL, 0.5, np.where(least > 0, 1 - noise, noise))


def _stationary(chance: Floats) -> Floats:
    """Stationary distributions of chains, by elimination without subtraction, exact to rounding however small.

    Source: Grassmann, Taksar & Heyman (1985), *Regenerative analysis and steady state distributions for Markov
    chains*. The diagonal is not read.
    """
    rates = chance.copy()
    size = rates.shape[-1]
    for k in range(size - 1, 0, -1):
        leaving = rates[:, k, :k].sum(axis=1)
        if not (leaving > 0).all():
            raise ArenaError(
                "selection is so strong that some strategies are never left, and the ranking depends on the start",
                code="games",
                help="use a smaller alpha, or leave it out for infinite selection with noise",
            )
        rates[:, :k, k] /= leaving[:, None]
        rates[:, :k, :k] += rates[:, :k, k, None] * rates[:, k, None, :k]
    share = np.zeros(rates.shape[:2])
    share[:, 0] = 1.0
    for k in range(1, size):
        share[:, k] = (share[:, :k] * rates[:, :k, k]).sum(axis=1)
    share /= share.sum(axis=1, keepdims=True)
    return share
