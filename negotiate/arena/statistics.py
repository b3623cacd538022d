"""How good is each strategy, and how sure are we.

An *observation* is one seat of one cell: what its strategy got. Where a party was at fault (illegal move, error,
time-out) the observation counts for that party, which has its reservation value there, and not for the others:
nobody gains or loses by the rival's failure.

A strategy's mean is the mean over scenarios of its mean within the scenario, so that no scenario weighs more than
another. Its interval is a paired bootstrap with the scenario as the resampling unit: scenarios are drawn with
replacement, the same draws for all strategies, and the interval runs between percentiles of the means. It answers
how the mean would vary over other scenarios of the same kind. With a single scenario no such answer can be given;
then rivals are drawn instead, or repetitions if there is but one rival, and :attr:`Leaderboard.unit` says so.

Source: Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, percentile interval. Sums of utilities are
integers and all else is summed in a fixed order: the same cells give the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.domain.preferences import SCALE
from negotiate.match import derive_seed

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Unit: TypeAlias = Literal["scenario", "rival", "repetition"]

RESAMPLES = 10_000
FEW = 5
"""Units below which an interval is rough."""

_CHUNK = 1000  # resamples worked on together: bounds memory


@dataclass(frozen=True, eq=False)
class Columns:
    """The cells of a run as arrays, one entry a cell; seats are padded with -1 where a scenario has fewer.

    Attributes:
        strategies: ids; arrays refer to their places.
        scenarios: names; likewise.
        scenario: which.
        repetition: which.
        seats: ``(cells, roles)``, the strategy in each seat.
        utilities: ``(cells, roles)``, in units of 1e-9.
        agreed: whether there was an agreement.
        spoilt: whether a party's failure ended it.
        fault: the seat at fault; -1 for none.
        nash_distance: NaN where there is no Nash point.
        field: ``(cells, roles)``, the strategy that each seat's own is studied against; -1 for a seat that is not
            studied. None where every seat is studied against each other seat.
        drawn: whether each repetition is an independent draw of the game itself.
    """

    strategies: tuple[str, ...]
    scenarios: tuple[str, ...]
    scenario: Ints
    repetition: Ints
    seats: Ints
    utilities: Ints
    agreed: Bools
    spoilt: Bools
    fault: Ints
    nash_distance: Floats
    field: Ints | None = None
    drawn: bool = False


@dataclass(frozen=True)
class Standing:
    """One row of the leaderboard, to nine decimals; None where there is nothing to compute it from.

    Attributes:
        rank: 1 for the greatest mean; equal means share a rank.
        strategy: its id.
        mean_utility: mean own utility.
        low: lower end of the interval of the mean.
        high: upper end.
        best: share of the resamples in which its mean is the greatest; ties share.
        agreement_rate: share of agreements.
        nash_distance: mean distance of the result to the Nash point.
        observations: how many seats of how many cells it was computed from.
    """

    rank: int
    strategy: str
    mean_utility: float | None
    low: float | None
    high: float | None
    best: float | None
    agreement_rate: float | None
    nash_distance: float | None
    observations: int


@dataclass(frozen=True)
class Leaderboard:
    """The strategies, best first.

    Attributes:
        standings: one for each strategy.
        unit: what was resampled; None if there was nothing to resample.
        units: how many of them there are.
        level: confidence level of the intervals.
        note: what to keep in mind when reading the intervals; may be empty.
    """

    standings: tuple[Standing, ...]
    unit: Unit | None
    units: int
    level: float
    note: str


@dataclass(frozen=True, eq=False)
class PayoffMatrix:
    """What the row's strategy gets when the column's sits at the table.

    Attributes:
        strategies: ids of rows and of columns.
        mean: mean utility, over scenarios of the mean within each; NaN where they never met.
        error: standard error of that mean over scenarios; NaN with fewer than two.
        count: observations.
    """

    strategies: tuple[str, ...]
    mean: Floats
    error: Floats
    count: Ints


@dataclass(frozen=True, eq=False)
class _Seen:
    """Observations, one entry each: the cell, who, and who else (seat by seat)."""

    cell: Ints
    who: Ints
    seat: Ints
    rival: Ints
    counts: Bools


def leaderboard(
    columns: Columns, seed: int | str, *, resamples: int = RESAMPLES, level: float = 0.95
) -> Leaderboard:
    """The leaderboard of a run.

    Args:
        columns: its cells.
        seed: root seed of the tournament; the draws depend on it and on the number of units alone.
        resamples: number of bootstrap resamples.
        level: confidence level.
    """
    unit, seen, places, units = _units(columns)
    shape = (len(columns.strategies), units)
    table = _means(
        seen.who, places, columns.utilities[seen.cell, seen.seat], seen.counts, shape
    )
    means = _across(table) / SCALE
    low, high, best = _bootstrap(table / SCALE, seed, resamples, level, unit is not None)
    agreed = _across(
        _means(seen.who, places, columns.agreed[seen.cell].astype(np.int64), seen.counts, shape)
    )
    distance = columns.nash_distance[seen.cell]
    known = seen.counts & ~np.isnan(distance)
    near = _across(_means(seen.who, places, np.nan_to_num(distance), known, shape))
    ones = _seen(columns)
    count = np.bincount(ones.who[ones.counts], minlength=shape[0])
    ranks = _ranks(means)
    standings = [
        Standing(
            rank=int(ranks[i]),
            strategy=name,
            mean_utility=_known(means[i]),
            low=_known(low[i]),
            high=_known(high[i]),
            best=_known(best[i]),
            agreement_rate=_known(agreed[i]),
            nash_distance=_known(near[i]),
            observations=int(count[i]),
        )
        for i, name in enumerate(columns.strategies)
    ]
    standings.sort(key=lambda one: one.rank)  # stable: equals stay in the order of their ids
    return Leaderboard(tuple(standings), unit, units if unit else 0, level, _note(unit, units))


def payoff_matrix(columns: Columns) -> PayoffMatrix:
    """What each strategy gets against each."""
    pairs = _pairs(columns)
    size = len(columns.strategies)
    both = pairs.who * size + pairs.rival
    values = columns.utilities[pairs.cell, pairs.seat]
    shape = (size * size, len(columns.scenarios))
    table = _means(both, columns.scenario[pairs.cell], values, pairs.counts, shape) / SCALE
    count = np.bincount(both[pairs.counts], minlength=size * size)
    return PayoffMatrix(
        columns.strategies,
        _across(table).reshape(size, size),
        _error(table).reshape(size, size),
        count.astype(np.int64).reshape(size, size),
    )


def by_scenario(columns: Columns, values: Floats | None = None) -> Floats:
    """Mean of each strategy (row) on each scenario (column) over what counts; NaN where there is nothing.

    Args:
        columns: the cells of a run.
        values: ``(cells, roles)``, NaN for what is not known; by default utilities, as decimals.
    """
    seen = _seen(columns)
    places = columns.scenario[seen.cell]
    shape = (len(columns.strategies), len(columns.scenarios))
    if values is None:  # integers, whose sums are exact
        taken = columns.utilities[seen.cell, seen.seat]
        return _means(seen.who, places, taken, seen.counts, shape) / SCALE
    found = values[seen.cell, seen.seat]
    known = seen.counts & ~np.isnan(found)
    return _means(seen.who, places, np.nan_to_num(found), known, shape)


def across(table: Floats) -> list[float | None]:
    """The mean of each row of such a table, over the columns that are known."""
    return [_known(mean) for mean in _across(table)]


def intervals(
    table: Floats, seed: int | str, *, resamples: int = RESAMPLES, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """The mean of each row over what is known of it, and the ends of its bootstrap interval.

    Args:
        table: one column a scenario, which is what is resampled; NaN where nothing is known.
        seed: root of the draws.
        resamples: number of bootstrap resamples.
        level: confidence level.

    Returns:
        Means, lower ends, upper ends; the ends are NaN where there are fewer than two columns.
    """
    mean = _across(table)
    if table.shape[1] < 2:
        unknown = np.full(len(table), np.nan)
        return mean, unknown, unknown
    means = _resampled(table, seed, resamples)
    return mean, _quantile(means, (1 - level) / 2), _quantile(means, (1 + level) / 2)


def _units(columns: Columns) -> tuple[Unit | None, _Seen, Ints, int]:
    """The resampling unit: its name, the observations, the unit of each, and how many units there are."""
    ones = _seen(columns)
    if len(columns.scenarios) > 1:
        return "scenario", ones, columns.scenario[ones.cell], len(columns.scenarios)
    repetitions = int(columns.repetition.max(initial=0)) + 1
    if len(columns.strategies) > 1 and not (columns.drawn and repetitions > 1):
        pairs = _pairs(columns)
        return "rival", pairs, pairs.rival, len(columns.strategies)
    unit: Unit | None = "repetition" if repetitions > 1 else None
    return unit, ones, columns.repetition[ones.cell], repetitions


def _seen(columns: Columns) -> _Seen:
    """One observation for each seat of each cell that is studied."""
    cell, seat = np.nonzero((columns.seats if columns.field is None else columns.field) >= 0)
    counts = ~columns.spoilt[cell] | (columns.fault[cell] == seat)
    who = columns.seats[cell, seat]
    rival = np.full_like(who, -1) if columns.field is None else columns.field[cell, seat]
    return _Seen(cell, who, seat, rival, counts)


def _pairs(columns: Columns) -> _Seen:
    """One observation for each seat of each cell and each other seat of it; or its field, where there is one."""
    ones = _seen(columns)
    if columns.field is not None:
        return ones
    width = columns.seats.shape[1]
    others = columns.seats[ones.cell]
    here = ones.seat[:, None] == np.arange(width, dtype=np.int64)[None, :]
    place, other = np.nonzero((others >= 0) & ~here)
    return _Seen(
        ones.cell[place],
        ones.who[place],
        ones.seat[place],
        others[place, other],
        ones.counts[place],
    )


def _means(
    who: Ints, unit: Ints, values: Ints | Floats, counts: Bools, shape: tuple[int, int]
) -> Floats:
    """Mean value of each (who, unit); NaN where nothing counts. Sums of integers are exact."""
    total = np.zeros(shape, dtype=values.dtype)
    number = np.zeros(shape, dtype=np.int64)
    np.add.at(total, (who[counts], unit[counts]), values[counts])
    np.add.at(number, (who[counts], unit[counts]), 1)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _across(table: Floats) -> Floats:
    """The mean of each row, over the columns that are known, added from left to right."""
    every: Ints = np.arange(table.shape[1], dtype=np.int64)[None, :]
    return _ratio(*_sums(table, every))[:, 0]


def _sums(table: Floats, draws: Ints) -> tuple[Floats, Ints]:
    """For each row and each line of ``draws``: the sum of the drawn columns, and how many are known."""
    known = ~np.isnan(table)
    filled = np.where(known, table, 0.0)
    total = np.zeros((len(table), len(draws)))
    number = np.zeros((len(table), len(draws)), dtype=np.int64)
    for column in draws.T:
        total += filled[:, column]
        number += known[:, column]
    return total, number


def _ratio(total: Floats, number: Ints) -> Floats:
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _bootstrap(
    table: Floats, seed: int | str, resamples: int, level: float, able: bool
) -> tuple[Floats, Floats, Floats]:
    """Lower and upper ends of the intervals, and how often each row has the greatest mean."""
    if not able:
        unknown = np.full(len(table), np.nan)
        return unknown, unknown, unknown
    means = _resampled(table, seed, resamples)
    tails = ((1 - level) / 2, (1 + level) / 2)
    low, high = (_quantile(means, tail) for tail in tails)
    return low, high, _winning(means)


def _resampled(table: Floats, seed: int | str, resamples: int) -> Floats:
    """The mean of each row in each resample of the columns."""
    units = table.shape[1]
    stream = np.random.Generator(np.random.PCG64(derive_seed(seed, "bootstrap", units)))
    parts = [
        _ratio(
            *_sums(table, stream.integers(units, size=(min(_CHUNK, resamples - done), units)))
        )
        for done in range(0, resamples, _CHUNK)
    ]
    return np.concatenate(parts, axis=1)


def _quantile(means: Floats, tail: float) -> Floats:
    """A quantile of each row, without what is not known; linear between order statistics."""
    found = np.full(len(means), np.nan)
    for i, row in enumerate(means):
        known = row[~np.isnan(row)]
        if len(known):
            found[i] = np.quantile(known, tail)
    return found


def _winning(means: Floats) -> Floats:
    """Share of the columns in which each row is the greatest; ties share."""
    filled = np.where(np.isnan(means), -np.inf, means)
    first = filled == filled.max(axis=0)
    counts: Ints = first.sum(axis=0)
    return np.array([float(np.sum(row / counts)) / means.shape[1] for row in first])


def _error(table: Floats) -> Floats:
    """Standard error of the mean of each row, over the columns that are known."""
    mean = _across(table)
    squares = (table - mean[:, None]) ** 2
    number: Ints = np.sum(~np.isnan(table), axis=1)
    variance = _across(squares) * number / np.maximum(number - 1, 1)
    return np.where(number > 1, np.sqrt(variance / np.maximum(number, 1)), np.nan)


def _ranks(means: Floats) -> Ints:
    """1 for the greatest, equals alike; what is not known comes last."""
    filled = np.where(np.isnan(means), -np.inf, means)
    return np.array([1 + int(np.sum(filled > one)) for one in filled], dtype=np.int64)


def _note(unit: Unit | None, units: int) -> str:
    if unit is None:
        return "no interval: one scenario, one strategy, one repetition"
    if unit != "scenario":
        return f"one scenario: intervals are over {units} {unit}s, and say nothing of other scenarios"
    return f"intervals from only {units} scenarios are rough" if units < FEW else ""


def _known(number: float) -> float | None:
    return None if np.isnan(number) else round(float(number), 9)
