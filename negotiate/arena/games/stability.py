"""What a mix leaves on the table, and whether it withstands invaders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.games.nash import TOLERANCE, many_equilibria

if TYPE_CHECKING:
    from negotiate.arena.statistics import Floats


def regret(payoffs: Floats, mix: Floats) -> float:
    """What the best reply to a mix earns more than the mix itself: ``max(A x) - x A x``; 0 in an equilibrium.

    It is the exploitability of the mix within the pool, for one player (Lanctot et al. 2017, *A unified
    game-theoretic approach to multiagent reinforcement learning*, whose NashConv is the sum over players).
    """
    earned = payoffs @ mix
    return max(float(earned.max() - mix @ earned), 0.0)


def regrets(payoffs: Floats) -> Floats:
    """The exploitability of each pure strategy: :func:`regret` of everybody playing it."""
    found: Floats = payoffs.max(axis=0) - payoffs.diagonal()
    return found


def worst_regrets(payoffs: Floats) -> Floats:
    """For each strategy the most by which it misses the best reply to any pure strategy of the pool.

    Source: Savage (1951), *The theory of statistical decision*, minimax regret.
    """
    found: Floats = (payoffs.max(axis=0)[None, :] - payoffs).max(axis=1)
    return found


def against(payoffs: Floats, mix: Floats) -> Floats:
    """What each strategy loses when it plays alone against a mix in which everybody else plays: ``x A x - A x``.

    Against an equilibrium that is its Nash regret: 0 in the support, never negative. Source: Jordan, Kiekintveld &
    Wellman (2007), *Empirical game-theoretic analysis of the TAC supply chain game*.
    """
    earned = payoffs @ mix
    return float(mix @ earned) - earned


def evolutionarily_stable(payoffs: Floats, mix: Floats) -> bool:
    """Whether a mix is an evolutionarily stable strategy: no small share of any other mix can invade.

    Source: Maynard Smith & Price (1973), *The logic of animal conflict*. It is decided exactly, up to rounding, by
    the criterion of Haigh (1975) as completed by Abakuks (1980): a quadratic form is strictly positive for all moves
    towards best replies, those outside the support only gaining.
    """
    earned = payoffs @ mix
    if regret(payoffs, mix) > 1e-7:
        return False
    support = np.flatnonzero(mix > 1e-7)
    replies = np.flatnonzero(earned >= earned.max() - 1e-7)
    base, free = support[0], support[1:]
    gaining = np.setdiff1d(replies, support)
    order = np.concatenate([free, gaining]).astype(np.int64)
    if not len(order):
        return True
    form = (
        payoffs[order, base][:, None]
        + payoffs[base, order][None, :]
        - payoffs[np.ix_(order, order)]
        - payoffs[base, base]
    )
    form = (form + form.T) / 2
    inner, mixed, outer = (
        form[: len(free), : len(free)],
        form[: len(free), len(free) :],
        form[len(free) :, len(free) :],
    )
    if len(free):
        if np.linalg.eigvalsh(inner).min() <= TOLERANCE:
            return False
        outer = outer - mixed.T @ np.linalg.solve(inner, mixed)
    return strictly_copositive(outer)


def strictly_copositive(form: Floats) -> bool:
    """Whether ``y' M y > 0`` for all ``y >= 0`` other than 0, of a symmetric matrix; true of an empty one.

    The least value over mixes is taken in a symmetric equilibrium of the game with payoffs ``-M``, because these are
    its stationary points (Bomze 1998, *On standard quadratic optimization problems*).
    """
    if not form.size:
        return True
    values = [one.value for one in many_equilibria(-form[None])[0].found]
    return max(values) < -TOLERANCE
