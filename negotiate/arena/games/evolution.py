"""Evolutionary tournaments: populations of strategies that reproduce by what they earn, generation after generation."""

from __future__ import annotations

import random
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from negotiate.arena.games.nash import checked
from negotiate.errors import ArenaError
from negotiate.match import derive_seed

if TYPE_CHECKING:
    from negotiate.arena.statistics import Floats

Reproduction: TypeAlias = Literal["proportional", "logit", "moran"]


def evolve(
    payoffs: Floats,
    generations: int = 200,
    *,
    by: Reproduction = "proportional",
    intensity: float = 10.0,
    population: int = 100,
    seed: int | str = 0,
) -> Floats:
    """Shares of the strategies, ``(generations + 1, n)``, from equal shares on.

    Args:
        payoffs: ``(n, n)``.
        generations: how many.
        by: how a generation makes the next one. ``proportional``: a strategy's share grows with what it earns, over
            the average (Maynard Smith 1982; Axelrod 1984). ``logit``: a tenth reconsiders and chooses by the logit of
            what strategies earn (Fudenberg & Levine 1998). ``moran``: as many times as there are individuals, one
            reproduces, more likely the more it earns, and one dies at random (Moran 1958; Nowak et al. 2004).
        intensity: of selection: what payoffs are multiplied by before they are exponents, in logit and Moran.
        population: individuals, in Moran; at least one of each strategy.
        seed: of the random stream of Moran; the other two draw nothing.

    Raises:
        ArenaError: a number is out of range, or proportional reproduction of negative payoffs.
    """
    game = checked(payoffs)
    if generations < 0 or intensity < 0 or population < len(game):
        raise ArenaError(
            f"{generations} generations of {population} at intensity {intensity:g}; none may be negative, and "
            f"the population holds at least one of each of the {len(game)} strategies",
            code="games",
        )
    if by == "moran":
        return _moran(game, generations, intensity, population, seed)
    if by == "proportional" and game.min() < 0:
        raise ArenaError(
            f"a payoff of {game.min():g}; reproduction in proportion to payoffs needs them positive",
            code="games",
            help="use logit or moran",
        )
    step = _proportional if by == "proportional" else _logit
    shares = [np.full(len(game), 1 / len(game))]
    for _ in range(generations):
        shares.append(step(game, shares[-1], intensity))
    return np.array(shares)


def _proportional(game: Floats, shares: Floats, _: float) -> Floats:
    grown: Floats = shares * (game @ shares)
    total = float(grown.sum())
    return grown / total if total > 0 else shares


def _logit(game: Floats, shares: Floats, intensity: float) -> Floats:
    exponent = intensity * (game @ shares)
    choice: Floats = np.exp(exponent - exponent.max())
    moved: Floats = 0.9 * shares + 0.1 * choice / choice.sum()
    return moved


def _moran(
    game: Floats, generations: int, intensity: float, population: int, seed: int | str
) -> Floats:
    size = len(game)
    stream = random.Random(derive_seed(seed, "moran", size, population))  # noqa: S311 - a game
    counts = [population // size + (k < population % size) for k in range(size)]
    states = [list(counts)]
    for _ in range(generations):
        for _ in range(population):
            born = _drawn(_fitness(game, counts, intensity), stream)
            dead = _drawn([float(count) for count in counts], stream)
            counts[born] += 1
            counts[dead] -= 1
        states.append(list(counts))
    return np.array(states) / population


def _fitness(game: Floats, counts: list[int], intensity: float) -> list[float]:
    """Of each strategy as a whole; an individual does not meet itself."""
    number: Floats = np.array(counts, dtype=np.float64)
    earned = (game @ number - game.diagonal()) / max(number.sum() - 1, 1)
    weights: Floats = np.exp(intensity * (earned - earned[number > 0].max())) * number
    return [float(weight) for weight in weights]


def _drawn(weights: list[float], stream: random.Random) -> int:
    sums = list(accumulate(weights))
    place = bisect_right(sums, stream.random() * sums[-1])
    return min(place, max(k for k, weight in enumerate(weights) if weight > 0))
