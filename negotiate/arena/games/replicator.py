"""The replicator dynamics: strategies that earn more than the average grow.

``x_i' = x_i ((A x)_i - x A x)``. Source: Taylor & Jonker (1978), *Evolutionarily stable strategies and game
dynamics*. Integrated by the fourth-order rule of Runge and Kutta, many starts at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.games.nash import MOST, TOLERANCE, checked, equalisers
from negotiate.errors import ArenaError
from negotiate.match import derive_seed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.statistics import Bools, Floats

_STEP = 0.1  # of time, where payoffs are scaled to a range of one
_STILL = 1e-8


@dataclass(frozen=True, eq=False)
class Rest:
    """A state in which no share changes.

    Attributes:
        mix: the state.
        stable: whether all small deviations die out, to first order.
        saturated: whether no strategy that is missing would grow, which makes it an equilibrium.
    """

    mix: Floats
    stable: bool
    saturated: bool


@dataclass(frozen=True, eq=False)
class Basin:
    """Where a share of the starts ends.

    Attributes:
        mix: mean of the last states.
        share: of the starts.
        settled: whether they came to rest; else they were still moving, as in a cycle.
    """

    mix: Floats
    share: float
    settled: bool


def replicate(payoffs: Floats, start: Floats, times: Sequence[float]) -> Floats:
    """The states at given times, ``(times, n)``, from one state at the first of them.

    Args:
        payoffs: ``(n, n)``.
        start: shares, adding up to one.
        times: rising.

    Raises:
        ArenaError: the shares are none, or time runs back.
    """
    game, state = checked(payoffs), _shares(start, len(payoffs))[None]
    states = [state]
    fastest = float(np.ptp(game)) or 1.0
    for before, after in pairwise(times):
        if after < before:
            raise ArenaError(f"time {after:g} comes after {before:g}", code="games")
        steps = max(int(np.ceil((after - before) * fastest / _STEP)), 1)
        for _ in range(steps):
            state = _stepped(game, state, (after - before) / steps)
        states.append(state)
    return np.concatenate(states)


def rest_points(payoffs: Floats) -> tuple[Rest, ...]:
    """The isolated states of rest: for each set of strategies the one inside it, if there is one.

    Raises:
        ArenaError: too many strategies; see :data:`~negotiate.arena.games.nash.MOST`.
    """
    game = checked(payoffs)
    if len(game) > MOST:
        raise ArenaError(
            f"{len(game)} strategies; at most {MOST} are gone through", code="games"
        )
    found: list[Rest] = []
    for k in range(1, len(game) + 1):
        supports = np.array(list(combinations(range(len(game)), k)), dtype=np.int64)
        mixes, _, singular = equalisers(game[None], supports)
        inside = np.take_along_axis(mixes[0], supports, axis=1) > TOLERANCE
        for place in np.flatnonzero(inside.all(axis=1) & ~singular[0]).tolist():
            found.append(_rest(game, mixes[0, place]))
    return tuple(found)


def basins(
    payoffs: Floats, *, starts: int = 256, seed: int | str = 0, horizon: float = 2000.0
) -> tuple[Basin, ...]:
    """Where the dynamics lead from random states, spread evenly over all mixes; the largest basin first.

    Args:
        payoffs: ``(n, n)``.
        starts: how many.
        seed: of the states.
        horizon: time after which one that still moves is taken to cycle, in units of one over the payoffs' range.
    """
    game = checked(payoffs)
    span = float(np.ptp(game)) or 1.0
    stream = np.random.Generator(np.random.PCG64(derive_seed(seed, "basins", len(game))))
    cuts = np.sort(stream.random((starts, len(game) - 1)), axis=1)
    edges = np.concatenate([np.zeros((starts, 1)), cuts, np.ones((starts, 1))], axis=1)
    state: Floats = np.diff(edges, axis=1)
    moving = np.ones(starts, dtype=np.bool_)
    step = 5 * _STEP
    for _ in range(int(horizon / step / 50)):
        going = state[moving]
        for _ in range(50):
            going = _stepped(game / span, going, step)
        moved = np.abs(_flow(game / span, going)).max(axis=1)
        state[moving] = going
        moving[np.flatnonzero(moving)[moved < _STILL]] = False
        if not moving.any():
            break
    return _grouped(state, moving)


def _shares(start: Floats, size: int) -> Floats:
    shares: Floats = np.asarray(start, dtype=np.float64)
    if shares.shape != (size,) or (shares < 0).any() or abs(shares.sum() - 1) > 1e-6:
        raise ArenaError(
            f"a start of shape {shares.shape}; {size} shares that add up to one are expected",
            code="games",
        )
    return shares


def _flow(game: Floats, state: Floats) -> Floats:
    earned = state @ game.T
    flow: Floats = state * (earned - (state * earned).sum(axis=1, keepdims=True))
    return flow


def _stepped(game: Floats, state: Floats, step: float) -> Floats:
    one = _flow(game, state)
    two = _flow(game, state + step / 2 * one)
    three = _flow(game, state + step / 2 * two)
    four = _flow(game, state + step * three)
    moved = np.maximum(state + step / 6 * (one + 2 * two + 2 * three + four), 0.0)
    moved /= moved.sum(axis=1, keepdims=True)
    return moved


def _rest(game: Floats, mix: Floats) -> Rest:
    """Linearise at a state of rest, along the simplex."""
    earned = game @ mix
    average = float(mix @ earned)
    jacobian = mix[:, None] * (game - (earned + game.T @ mix)[None, :]) + np.diag(
        earned - average
    )
    tangent = np.linalg.qr(np.eye(len(mix)) - 1 / len(mix))[0][:, : len(mix) - 1]
    inner = tangent.T @ jacobian @ tangent
    stable = not inner.size or float(np.linalg.eigvals(inner).real.max()) < -TOLERANCE
    return Rest(mix, stable, bool(earned.max() <= average + TOLERANCE))


def _grouped(state: Floats, moving: Bools) -> tuple[Basin, ...]:
    groups: list[list[int]] = []
    for place in np.flatnonzero(~moving).tolist():
        near = (g for g in groups if np.abs(state[g[0]] - state[place]).max() < 1e-3)
        group = next(near, None)
        if group is None:
            groups.append([place])
        else:
            group.append(place)
    found = [
        Basin(state[group].mean(axis=0), len(group) / len(state), True) for group in groups
    ]
    if moving.any():
        found.append(Basin(state[moving].mean(axis=0), float(moving.mean()), False))
    return tuple(sorted(found, key=lambda basin: -basin.share))
