"""The payoff matrix of the meta-game, with standard errors, and bootstrap matrices.

The entry for (row, column) is the mean over scenarios of what the row's strategy earned within each when the
column's sat at the table, in any seat; see :mod:`negotiate.arena.statistics` for what counts. A bootstrap matrix is
the same mean over scenarios drawn with replacement, the same draw for all entries.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.statistics import Bools, Floats, payoff_matrix
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.match import derive_seed
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.arena.statistics import Columns

SAMPLES = 1000
"""Bootstrap matrices by default."""


@dataclass(frozen=True, eq=False)
class Game:
    """A symmetric game of two players who choose among the same strategies.

    Attributes:
        strategies: ids.
        payoffs: ``(n, n)``, what the row earns against the column.
        errors: standard error of each entry over scenarios; NaN with fewer than two.
        samples: ``(resamples, n, n)`` bootstrap matrices; none with fewer than two scenarios.
        scenarios: how many there are.
        seed: root of the draws.
    """

    strategies: tuple[str, ...]
    payoffs: Floats
    errors: Floats
    samples: Floats
    scenarios: int
    seed: int | str = 0


def game_of(columns: Columns, seed: int | str, *, resamples: int = SAMPLES) -> Game:
    """The meta-game of a run.

    Args:
        columns: its cells.
        seed: root of the draws.
        resamples: number of bootstrap matrices.

    Raises:
        ArenaError: a pair of strategies never met in a negotiation that counts.
    """
    matrix = payoff_matrix(columns)
    _check(columns.strategies, matrix.mean)
    scenarios = matrix.by_scenario.shape[2]
    samples = _resampled(matrix.by_scenario, seed, resamples if scenarios > 1 else 0)
    return Game(columns.strategies, matrix.mean, matrix.error, samples, scenarios, seed)


def role_payoffs(columns: Columns) -> tuple[Floats, Floats]:
    """The bimatrix game of the two seats: ``(n, n)`` payoffs of the first and of the second mover.

    Rows are strategies in the first seat, columns in the second; each entry is a mean over scenarios of the mean
    within each, over scenarios of two parties alone.

    Raises:
        ArenaError: no scenario has two parties, or a pair never met in these seats.
    """
    there: Bools = columns.seats >= 0
    two: Bools = np.logical_and(there[:, :2].all(axis=1), ~there[:, 2:].any(axis=1))
    if not two.any():
        raise ArenaError(
            "no scenario has two parties, so there is no game of two seats", code="games"
        )
    found = [_seat_means(columns, seat, two) for seat in (0, 1)]
    for matrix in found:
        _check(columns.strategies, matrix)
    return found[0], found[1]


def _seat_means(columns: Columns, seat: int, two: Bools) -> Floats:
    size, scenarios = len(columns.strategies), len(columns.scenarios)
    counts = two & (~columns.spoilt | (columns.fault == seat))
    place = (columns.seats[counts, 0], columns.seats[counts, 1], columns.scenario[counts])
    total = np.zeros((size, size, scenarios))
    number = np.zeros((size, size, scenarios))
    np.add.at(total, place, columns.utilities[counts, seat] / SCALE)
    np.add.at(number, place, 1)
    within = np.where(number > 0, total / np.maximum(number, 1), 0.0)
    known = (number > 0).sum(axis=2)
    return np.where(known > 0, within.sum(axis=2) / np.maximum(known, 1), np.nan)


def _resampled(table: Floats, seed: int | str, resamples: int) -> Floats:
    """Means over drawn scenarios; a matrix that lacks an entry is left out."""
    scenarios = table.shape[2]
    stream = np.random.Generator(np.random.PCG64(derive_seed(seed, "games", scenarios)))
    draws = (
        stream.integers(scenarios, size=(resamples, scenarios))
        if resamples
        else np.zeros((0, scenarios))
    )
    times = np.zeros((len(draws), scenarios))
    np.add.at(times, (np.arange(len(draws))[:, None], draws.astype(np.int64)), 1)
    known = ~np.isnan(table)
    total = np.einsum("rs,ijs->rij", times, np.where(known, table, 0.0))
    number = np.einsum("rs,ijs->rij", times, known.astype(np.float64))
    whole = (number > 0).all(axis=(1, 2))
    means: Floats = total[whole] / number[whole]
    return means


def _check(strategies: tuple[str, ...], payoffs: Floats) -> None:
    missing: list[list[int]] = np.argwhere(np.isnan(payoffs)).tolist()
    if missing:
        one, other = (strategies[place] for place in missing[0])
        raise ArenaError(
            f"what {quote(one)} earns against {quote(other)} is not known",
            code="games",
            help="a game needs every pair, each strategy against itself too: play with self_play, without failures",
        )
