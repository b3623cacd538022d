"""How good is each strategy, and how sure are we.

An *observation* is one seat of one cell: what its strategy got. Where a party was at fault (illegal move, error,
time-out) the observation counts for that party, which has its reservation value there, and not for the others:
nobody gains or loses by the rival's failure.

A strategy's mean is the mean over scenarios of its mean within the scenario, so that no scenario weighs more than
another. Its interval is a paired bootstrap with the scenario as the resampling unit (:mod:`negotiate.arena.bootstrap`):
it answers how the mean would vary over other scenarios of the same kind. With a single scenario no such answer can be
given; then the observations are resampled rival by rival, or repetition by repetition if there is but one rival, and
:attr:`Leaderboard.unit` says so. The mean is the same in either case.

Which differences are more than chance, and which ranks are therefore earned, is :mod:`negotiate.arena.ranking`'s.
Sums of utilities are integers and all else is summed in a fixed order: the same cells give the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.arena import ranking
from negotiate.arena.bootstrap import FIRM, LEAST, Bounds, ByUnit, bounds, known, mean_of
from negotiate.arena.bootstrap import RESAMPLES as RESAMPLES
from negotiate.arena.bootstrap import Floats as Floats
from negotiate.arena.bootstrap import Ints as Ints
from negotiate.arena.bootstrap import intervals as intervals
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from negotiate.arena.ranking import Pair

Bools: TypeAlias = npt.NDArray[np.bool_]
Unit: TypeAlias = Literal["scenario", "rival", "repetition"]


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
        ranks: the best and the worst rank that the data leave open; all strategies lie in theirs with the board's
            level. Two strategies whose ranks overlap make a tie group: their order is not earned.
        strategy: its id.
        mean_utility: mean own utility.
        low: lower end of the interval of the mean.
        high: upper end.
        bca: both ends of the BCa interval, which corrects more for skewness.
        best: probability of being best: the share of the resamples in which its mean is the greatest; ties share.
        agreement_rate: share of agreements.
        nash_distance: mean distance of the result to the Nash point.
        observations: how many seats of how many cells it was computed from.
    """

    rank: int
    ranks: tuple[int, int]
    strategy: str
    mean_utility: float | None
    low: float | None
    high: float | None
    bca: tuple[float, float] | None
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
        pairs: the paired difference of every two strategies, the better one first.
    """

    standings: tuple[Standing, ...]
    unit: Unit | None
    units: int
    level: float
    note: str
    pairs: tuple[Pair, ...]

    @property
    def lead(self) -> Pair | None:
        """How far the first is ahead of the second; None where that is not known."""
        names = [one.strategy for one in self.standings[:2]]
        return self.pair(*names) if len(names) == 2 else None

    def pair(self, one: str, other: str) -> Pair | None:
        """The paired difference of two strategies; None where it is not known."""
        wanted = {one, other}
        return next((pair for pair in self.pairs if {pair.one, pair.other} == wanted), None)


@dataclass(frozen=True, eq=False)
class PayoffMatrix:
    """What the row's strategy gets when the column's sits at the table.

    Attributes:
        strategies: ids of rows and of columns.
        mean: mean utility, over scenarios of the mean within each; NaN where they never met.
        error: standard error of that mean over scenarios; NaN with fewer than two.
        count: observations.
        by_scenario: mean utility within each scenario, ``(rows, columns, scenarios)``.
    """

    strategies: tuple[str, ...]
    mean: Floats
    error: Floats
    count: Ints
    by_scenario: Floats


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
        level: confidence level, between 0 and 1.

    Raises:
        ArenaError: the level is none.
    """
    if not 0 < level < 1:
        raise ArenaError(f"a level of {level:g}; between 0 and 1 is expected", code="level")
    unit, sample = _sample(columns)
    found = bounds(sample, seed, resamples, level)
    means = mean_of(by_scenario(columns))
    worse: Floats = np.where(np.isnan(means), np.inf, -means)
    order: list[int] = np.argsort(worse, kind="stable").tolist()
    listed = [(i, columns.strategies[i]) for i in order if not np.isnan(means[i])]
    pairs = ranking.pairs(sample, listed, seed, resamples, level) if unit else ()
    places = ranking.ranks([name for _, name in listed], pairs, len(means))
    facts = _facts(columns)
    standings = tuple(
        _standing(columns.strategies[i], int(rank), float(means[i]), places, (found, i), facts)
        for i, rank in zip(order, _ranks(means)[order], strict=True)
    )
    units = sample.units if unit else 0
    return Leaderboard(standings, unit, units, level, _note(unit, units), pairs)


@dataclass(frozen=True, eq=False)
class _Facts:
    """What else a row says, by strategy."""

    agreed: Floats
    near: Floats
    count: Ints


def _facts(columns: Columns) -> _Facts:
    width = columns.seats.shape[1]
    agreed = np.repeat(columns.agreed.astype(np.float64)[:, None], width, axis=1)
    near = np.repeat(columns.nash_distance[:, None], width, axis=1)
    ones = _seen(columns)
    return _Facts(
        mean_of(by_scenario(columns, agreed)),
        mean_of(by_scenario(columns, near)),
        np.bincount(ones.who[ones.counts], minlength=len(columns.strategies)).astype(np.int64),
    )


def _standing(
    name: str,
    rank: int,
    mean: float,
    places: dict[str, tuple[int, int]],
    ends: tuple[Bounds, int],
    facts: _Facts,
) -> Standing:
    found, i = ends
    corrected = known(found.bca[0][i]), known(found.bca[1][i])
    first, last = places.get(name, (1, len(found.low)))
    return Standing(
        rank=rank,
        ranks=(min(first, rank), max(last, rank)),
        strategy=name,
        mean_utility=known(mean),
        low=known(found.low[i]),
        high=known(found.high[i]),
        bca=None if corrected[0] is None or corrected[1] is None else corrected,  # type: ignore[arg-type]
        best=known(found.best[i]),
        agreement_rate=known(facts.agreed[i]),
        nash_distance=known(facts.near[i]),
        observations=int(facts.count[i]),
    )


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
        mean_of(table).reshape(size, size),
        _error(table).reshape(size, size),
        count.astype(np.int64).reshape(size, size),
        table.reshape(size, size, -1),
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
    there = seen.counts & ~np.isnan(found)
    return _means(seen.who, places, np.nan_to_num(found), there, shape)


def across(table: Floats) -> list[float | None]:
    """The mean of each row of such a table, over the columns that are known."""
    return [known(mean) for mean in mean_of(table)]


def _sample(columns: Columns) -> tuple[Unit | None, ByUnit]:
    """What is resampled: the name of the unit, and the utilities by strategy and unit."""
    unit, seen, places, units = _units(columns)
    if unit == "scenario":
        return unit, ByUnit.of(by_scenario(columns))
    shape = (len(columns.strategies), units)
    values = columns.utilities[seen.cell, seen.seat]
    total, number = _sums(seen.who, places, values, seen.counts, shape)
    return unit, ByUnit(total / SCALE, number)


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
    total, number = _sums(who, unit, values, counts, shape)
    return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _sums(
    who: Ints, unit: Ints, values: Ints | Floats, counts: Bools, shape: tuple[int, int]
) -> tuple[Ints | Floats, Ints]:
    """Sum of the values of each (who, unit), and how many count."""
    number = np.zeros(shape, dtype=np.int64)
    whole = np.issubdtype(values.dtype, np.integer)
    total: Ints | Floats = np.zeros(shape, dtype=np.int64) if whole else np.zeros(shape)
    np.add.at(total, (who[counts], unit[counts]), values[counts])
    np.add.at(number, (who[counts], unit[counts]), 1)
    return total, number


def _error(table: Floats) -> Floats:
    """Standard error of the mean of each row, over the columns that are known."""
    mean = mean_of(table)
    squares = (table - mean[:, None]) ** 2
    number: Ints = np.sum(~np.isnan(table), axis=1)
    variance = mean_of(squares) * number / np.maximum(number - 1, 1)
    return np.where(number > 1, np.sqrt(variance / np.maximum(number, 1)), np.nan)


def _ranks(means: Floats) -> Ints:
    """1 for the greatest, equals alike; what is not known comes last."""
    filled = np.where(np.isnan(means), -np.inf, means)
    return np.array([1 + int(np.sum(filled > one)) for one in filled], dtype=np.int64)


def _note(unit: Unit | None, units: int) -> str:
    if unit is None:
        return "no interval: one scenario, one strategy, one repetition"
    few = ""
    if units < LEAST:
        few = (
            f"from only {units} {unit}s no interval can be had without assuming a normal distribution, "
            f"as those shown do (Student's); from {LEAST} on there are others, and from {FIRM} on they hold"
        )
    elif units < FIRM:
        few = f"intervals from only {units} {unit}s are rough: the level holds from {FIRM} on"
    if unit == "scenario":
        return few
    alone = (
        f"one scenario: intervals are over {units} {unit}s, and say nothing of other scenarios"
    )
    return f"{alone}; {few}" if few else alone
