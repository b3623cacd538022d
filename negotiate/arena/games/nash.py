"""Symmetric Nash equilibria of a symmetric game: mixes that are best replies to themselves.

A symmetric game of finitely many strategies has one (Nash 1951, *Non-cooperative games*). They are found by support
enumeration: for each set of strategies, the mix that makes all of them earn the same, if it is one and no other
strategy earns more. Games are solved many at a time, because uncertainty about payoffs is told by many games.

Where a set of strategies has no single such mix, the game is degenerate: equilibria then come in segments or faces,
and what is found are their corners. At least one is always found: it is the solution of a set whose system has just
one, by the argument of Lemke & Howson (1964) with lexicographic perturbation.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from negotiate.arena.statistics import Bools, Floats, Ints

MOST = 14
"""Strategies of which all supports are gone through."""

TOLERANCE = 1e-9
"""Of utilities and of shares; payoffs are means of utilities, known to much less."""

_TOGETHER = 2**20  # numbers worked on at a time
_SINGULAR = 1e-11


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A symmetric equilibrium.

    Attributes:
        mix: share of each strategy.
        value: what everybody earns.
    """

    mix: Floats
    value: float

    @property
    def support(self) -> tuple[int, ...]:
        """Places of the strategies with a positive share."""
        return tuple(np.flatnonzero(self.mix > 1e-7).tolist())


@dataclass(frozen=True)
class Equilibria:
    """All symmetric equilibria that are corners of the set of equilibria.

    Attributes:
        found: by falling value, then by the number of strategies mixed.
        degenerate: whether some set of strategies had no single solution, so that there may be others between.
    """

    found: tuple[Equilibrium, ...]
    degenerate: bool


def symmetric_equilibria(payoffs: Floats) -> Equilibria:
    """The symmetric equilibria of one game, ``(n, n)``.

    Raises:
        ArenaError: not a square of finite numbers, or more than :data:`MOST` strategies.
    """
    return many_equilibria(checked(payoffs)[None])[0]


def many_equilibria(games: Floats) -> list[Equilibria]:
    """The symmetric equilibria of several games, ``(games, n, n)``."""
    count, size = len(games), games.shape[-1]
    if size > MOST:
        raise ArenaError(
            f"{size} strategies have {2**size - 1:,} supports; at most {MOST} strategies are gone through",
            code="games",
            help="analyse fewer strategies; alpha-rank and the replicator take any number",
        )
    mixes: list[list[Equilibrium]] = [[] for _ in range(count)]
    degenerate = np.zeros(count, dtype=np.bool_)
    for k in range(1, size + 1):
        supports = np.array(list(combinations(range(size), k)), dtype=np.int64)
        step = max(_TOGETHER // (len(supports) * size * size), 1)
        for start in range(0, count, step):
            part = games[start : start + step]
            degenerate[start : start + step] |= _solve(part, supports, start, mixes)
    return [
        Equilibria(_distinct(one), bool(flag))
        for one, flag in zip(mixes, degenerate, strict=True)
    ]


def checked(payoffs: npt.ArrayLike) -> Floats:
    """Payoffs as a square array of finite numbers; ArenaError if they are none."""
    array: Floats = np.asarray(payoffs, dtype=np.float64)
    if (
        array.ndim != 2
        or array.shape[0] != array.shape[1]
        or not array.size
        or not np.isfinite(array).all()
    ):
        raise ArenaError(
            f"payoffs of shape {array.shape}; a square of finite numbers is expected",
            code="games",
        )
    return array


def _solve(games: Floats, supports: Ints, first: int, mixes: list[list[Equilibrium]]) -> Bools:
    """Add the equilibria on these supports, all of one size; which games have singular systems."""
    mix, value, singular = equalisers(games, supports)
    earned = np.einsum("gij,gsj->gsi", games, mix)
    scale = np.maximum(np.abs(games).max(axis=(1, 2)), 1.0)[:, None]
    right = (mix >= -TOLERANCE).all(axis=2) & ~singular
    right &= earned.max(axis=2) <= value + TOLERANCE * scale
    for game, support in np.argwhere(right).tolist():
        shares = np.maximum(mix[game, support], 0.0)
        shares = np.where(shares < TOLERANCE, 0.0, shares)
        shares /= shares.sum()
        mixes[first + game].append(Equilibrium(shares, float(shares @ games[game] @ shares)))
    degenerate: Bools = np.logical_or.reduce(singular, axis=1)
    return degenerate


def equalisers(games: Floats, supports: Ints) -> tuple[Floats, Floats, Bools]:
    """For each game and each support of k strategies the shares, adding up to one, that make them earn the same.

    Args:
        games: ``(games, n, n)``.
        supports: ``(supports, k)``.

    Returns:
        Shares ``(games, supports, n)``, which may be negative; what they earn; and where there is no single solution.
    """
    k = supports.shape[1]
    shape = (len(games), len(supports), k + 1, k + 1)
    system = np.zeros(shape)
    system[..., :k, :k] = games[:, supports[:, :, None], supports[:, None, :]]
    system[..., :k, k] = -1.0
    system[..., k, :k] = 1.0
    size = np.maximum(np.abs(system[..., :k, :k]).max(axis=(2, 3)), 1e-300)
    system[..., :k, :k] /= size[..., None, None]
    singular = np.abs(np.linalg.det(system)) < _SINGULAR
    system[singular] = np.eye(k + 1)
    right = np.zeros(shape[:3])
    right[..., k] = 1.0
    solved = np.linalg.solve(system, right[..., None])[..., 0]
    shares = np.zeros((len(games), len(supports), games.shape[-1]))
    np.put_along_axis(
        shares, np.broadcast_to(supports, (*shape[:2], k)), solved[..., :k], axis=2
    )
    return shares, solved[..., k] * size, singular


def _distinct(found: list[Equilibrium]) -> tuple[Equilibrium, ...]:
    """Each once: a degenerate one solves several supports."""
    kept: list[Equilibrium] = []
    for one in found:
        if not any(np.abs(one.mix - other.mix).max() < 1e-6 for other in kept):
            kept.append(one)
    return tuple(
        sorted(kept, key=lambda one: (-round(one.value, 9), len(one.support), one.support))
    )
