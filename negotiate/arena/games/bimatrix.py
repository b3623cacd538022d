"""Nash equilibria of the game of two seats, where who moves first matters. Needs the extra ``games`` (nashpy)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

from negotiate.arena.games.nash import TOLERANCE
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from negotiate.arena.statistics import Floats

MOST = 7
"""Strategies a seat, after removal of dominated ones, of which all equilibria are listed."""


@dataclass(frozen=True, eq=False)
class Pair:
    """An equilibrium of a bimatrix game.

    Attributes:
        first: the mix of the first seat.
        second: the mix of the second seat.
        values: what the two earn.
    """

    first: Floats
    second: Floats
    values: tuple[float, float]


@dataclass(frozen=True)
class Pairs:
    """Equilibria of a bimatrix game.

    Attributes:
        found: in a fixed order, by falling welfare.
        complete: whether all corners of the set of equilibria are there, or only those that some paths led to.
        degenerate: whether their number is even, which it never is in a game without ties (Wilson 1971).
    """

    found: tuple[Pair, ...]
    complete: bool
    degenerate: bool


class _Game(Protocol):
    """What is used of ``nashpy.Game``."""

    def vertex_enumeration(self) -> Iterator[tuple[Floats, Floats]]: ...
    def support_enumeration(self) -> Iterator[tuple[Floats, Floats]]: ...
    def lemke_howson(self, initial_dropped_label: int) -> tuple[Floats, Floats]: ...


def bimatrix_equilibria(first: Floats, second: Floats) -> Pairs:
    """Nash equilibria of a game of two players.

    Strictly dominated strategies are removed first, which loses no equilibrium. All are listed by vertex enumeration
    (Avis, Rosenberg, Savani & von Stengel 2010) where at most :data:`MOST` strategies a seat remain; else those that
    the paths of Lemke & Howson (1964) lead to, one start for each strategy.

    Args:
        first: ``(n, m)``, payoffs of the first player, who chooses the row.
        second: likewise of the second, who chooses the column.

    Raises:
        ArenaError: the shapes differ, a number is not finite, or nashpy is not installed.
    """
    if first.shape != second.shape or first.ndim != 2 or not np.isfinite([first, second]).all():
        raise ArenaError(
            f"payoffs of shapes {first.shape} and {second.shape}; two alike, of finite numbers, are expected",
            code="games",
        )
    rows, columns = undominated(first, second)
    one, other = first[np.ix_(rows, columns)], second[np.ix_(rows, columns)]
    complete = max(one.shape) <= MOST
    pairs = [
        _widened(pair, (rows, columns), first, second) for pair in _listed(one, other, complete)
    ]
    found = tuple(_distinct([pair for pair in pairs if _holds(pair, first, second)]))
    return Pairs(found, complete, complete and len(found) % 2 == 0)


def undominated(first: Floats, second: Floats) -> tuple[list[int], list[int]]:
    """Rows and columns left when what is strictly worse than another pure strategy is removed, again and again."""
    rows, columns = list(range(first.shape[0])), list(range(first.shape[1]))
    while True:
        one, other = first[np.ix_(rows, columns)], second[np.ix_(rows, columns)].T
        kept = [r for r, fine in zip(rows, _best_somewhere(one), strict=True) if fine]
        left = [c for c, fine in zip(columns, _best_somewhere(other), strict=True) if fine]
        if len(kept) == len(rows) and len(left) == len(columns):
            return rows, columns
        rows, columns = kept, left


def _best_somewhere(payoffs: Floats) -> list[bool]:
    return [not (payoffs > own + TOLERANCE).all(axis=1).any() for own in payoffs]


def _listed(one: Floats, other: Floats, complete: bool) -> Iterator[tuple[Floats, Floats]]:
    game = _game(one, other)
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about degenerate games, of which `Pairs.degenerate` tells
        if not complete:
            starts = range(sum(one.shape))
            yield from (game.lemke_howson(initial_dropped_label=start) for start in starts)
            return
        if min(one.shape) == 1:  # polytopes of one dimension are not for qhull
            yield from game.support_enumeration()
            return
        try:
            yield from list(game.vertex_enumeration())
        except Exception:  # qhull refuses what is too flat, with an error of its own
            yield from game.support_enumeration()


def _game(one: Floats, other: Floats) -> _Game:
    try:
        nashpy = import_module("nashpy")
    except ModuleNotFoundError:
        raise ArenaError(
            "equilibria of the game of two seats need nashpy, which is not installed",
            code="extra",
            help='pip install "negotiate-kit[games]"',
        ) from None
    return cast("_Game", nashpy.Game(one, other))


def _widened(
    pair: tuple[Floats, Floats],
    places: tuple[list[int], list[int]],
    first: Floats,
    second: Floats,
) -> Pair:
    """An equilibrium of what remained, with zeros for what was removed."""
    whole: list[Floats] = []
    for mix, kept, size in zip(pair, places, first.shape, strict=True):
        wide = np.zeros(size)
        if len(mix) == len(kept):  # a path that gave up gives something else
            wide[kept] = mix
        whole.append(wide)
    x, y = whole
    return Pair(x, y, (float(x @ first @ y), float(x @ second @ y)))


def _holds(pair: Pair, first: Floats, second: Floats) -> bool:
    """Whether it is one: what a solver of floats returns is looked at again."""
    mixes = np.concatenate([pair.first, pair.second])
    if not np.isfinite(mixes).all() or (mixes < -1e-7).any():
        return False
    if abs(pair.first.sum() - 1) > 1e-6 or abs(pair.second.sum() - 1) > 1e-6:
        return False
    gains = (
        (first @ pair.second).max() - pair.values[0],
        (pair.first @ second).max() - pair.values[1],
    )
    return bool(max(gains) <= 1e-6 * max(1.0, float(np.abs([first, second]).max())))


def _distinct(pairs: Iterable[Pair]) -> list[Pair]:
    kept: list[Pair] = []
    for pair in pairs:
        mixes = np.concatenate([pair.first, pair.second])
        if not any(
            np.abs(mixes - np.concatenate([other.first, other.second])).max() < 1e-6
            for other in kept
        ):
            kept.append(pair)
    return sorted(
        kept,
        key=lambda p: (
            -round(sum(p.values), 9),
            np.round(-p.first, 6).tolist(),
            np.round(-p.second, 6).tolist(),
        ),
    )
