"""How good results are: every metric of a result, as columns over the cells of a run and as means of each strategy.

Nothing here is stored: all of it follows from what the rows and the run's description hold. Points are the solution
points of :class:`negotiate.domain.bargaining.Solutions`, without discount; utilities are those of the rows, discounted
as the rules say, and reservation values where there was no agreement. A gain is what a party gets above its reservation
value. ::

    utility                what the strategy got
    advantage              (u - r) / (max - r); Mohammad et al. (2019)
    welfare                sum of utilities; Harsanyi (1955)
    nash_product           product of gains; Nash (1950)
    pareto_distance        Euclidean distance to the frontier; Hindriks & Tykhonov (2008)
    nash_distance, ...     Euclidean distance to the point; Hindriks & Tykhonov (2008) for Nash and Kalai-Smorodinsky
    nash_ratio, ...        what the point makes greatest, as a share of what it is there; see criterion()
    agreed                 agreement rate
    rounds                 rounds begun
    accepted               the strategy accepted, and that ended it
    was_accepted           another party's acceptance ended it
    walked, was_left       the strategy walked away, or another one did
    deadline, breakdown    rounds or time ran out, or chance ended it
    failed                 the strategy was at fault; where another one was, the negotiation does not count for it

The shares of endings, from ``accepted`` on, add up to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from negotiate.arena.bootstrap import Estimate, Floats, Ints, estimates
from negotiate.arena.statistics import by_scenario
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.protocol import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.arena.results import Record, Results

POINTS = ("nash", "kalai", "kalai_smorodinsky", "egalitarian", "utilitarian")
"""The solution points, as the run's description names them."""

ENDINGS = ("accepted", "was_accepted", "walked", "was_left", "deadline", "breakdown", "failed")
"""Who or what ended it, as seen from a seat."""

_ENDED = {
    Reason.ACCEPT.value: ("accepted", "was_accepted"),
    Reason.WALK.value: ("walked", "was_left"),
    Reason.DEADLINE.value: ("deadline", "deadline"),
    Reason.BREAKDOWN.value: ("breakdown", "breakdown"),
}
"""What a reason is called by the party that ended it, and by the others."""


@dataclass(frozen=True)
class Merit:
    """What the results of one strategy were like.

    Attributes:
        strategy: its id.
        metrics: mean over scenarios of the mean within each, and its interval, by the names listed above.
    """

    strategy: str
    metrics: Mapping[str, Estimate]


def criterion(
    point: str, utilities: Floats, reservations: Floats, ideal: Floats | None
) -> Floats:
    """What a solution point makes greatest, for each of some results; NaN where it is not defined.

    Nash: the product of gains. Kalai: the smallest gain. Kalai-Smorodinsky: the smallest gain relative to the ideal
    gain, over parties that have one. Egalitarian: the smallest utility. Utilitarian: the sum. Losses count as no gain.
    As a share of its value at the point, the last is the inverse of what the price of anarchy bounds (Koutsoupias
    & Papadimitriou 1999); the others are its analogues.

    Args:
        point: one of :data:`POINTS`.
        utilities: ``(results, roles)``, as decimals.
        reservations: of each role.
        ideal: the most that each role gains in a rational outcome; None where it is not known.
    """
    gains = np.maximum(utilities - reservations, 0)
    found: Floats
    if point == "nash":
        found = np.multiply.reduce(gains, axis=1)
    elif point == "kalai":
        found = np.min(gains, axis=1)
    elif point == "egalitarian":
        found = np.min(utilities, axis=1)
    elif point == "utilitarian":
        found = np.add.reduce(utilities, axis=1)
    elif ideal is None or not (ideal > 0).any():
        found = np.full(len(utilities), np.nan)
    else:
        found = np.min(gains[:, ideal > 0] / ideal[ideal > 0], axis=1)
    return found


def metric_columns(results: Results) -> dict[str, Floats]:
    """Every metric as ``(cells, roles)``, in the order of the rows; NaN where it is not known.

    What belongs to the cell as a whole is the same for each of its seats.

    Raises:
        ArenaError: the run is not one of bargaining.
    """
    if results.description.get("game", "bargaining") != "bargaining":
        raise ArenaError(
            "these metrics are those of bargaining, and this run is none",
            code="metrics",
            help="the leaderboard and report.html hold those of auctions and markets",
        )
    rows = results.rows
    cells = results.columns
    shape = cells.seats.shape
    seated = cells.seats >= 0
    found = {name: np.full(shape, np.nan) for name in _whole()}
    for name, values in _of_cells(rows).items():
        found[name] = np.where(seated, values[:, None], np.nan)
    found["utility"] = np.where(seated, cells.utilities / SCALE, np.nan)
    found["advantage"] = _padded([row.advantages for row in rows], shape)
    for place, name in enumerate(results.scenarios):
        where = np.flatnonzero(cells.scenario == place)
        about = results.about(name)
        roles = len(about["roles"])
        got = cells.utilities[where, :roles]
        for metric, column in _against(about, got).items():
            found[metric][where, :roles] = column[:, None]
    return found | _endings(rows, shape)


def merits(results: Results, *, level: float = 0.95) -> tuple[Merit, ...]:
    """The metrics of each strategy, in the order of the leaderboard."""
    every = results.metric_columns
    tables = {name: by_scenario(results.columns, values) for name, values in every.items()}
    rows = estimates(
        np.concatenate(list(tables.values())), results.description["seed"], level=level
    )
    size = len(results.strategies)
    places = {name: place for place, name in enumerate(results.strategies)}
    return tuple(
        Merit(
            one.strategy,
            {name: rows[n * size + places[one.strategy]] for n, name in enumerate(tables)},
        )
        for one in results.standings.standings
    )


def _whole() -> tuple[str, ...]:
    """Names in the order in which they are shown."""
    return (
        *("utility", "advantage", "welfare", "nash_product", "pareto_distance"),
        *(f"{point}_distance" for point in POINTS),
        *(f"{point}_ratio" for point in POINTS),
        *("agreed", "rounds"),
    )


def _of_cells(rows: Sequence[Record]) -> dict[str, Floats]:
    return {
        "welfare": np.array([row.welfare / SCALE for row in rows]),
        "nash_product": np.array([row.nash_product for row in rows]),
        "pareto_distance": np.array([row.pareto_distance for row in rows]),
        "agreed": np.array([float(row.outcome is not None) for row in rows]),
        "rounds": np.array([float(row.rounds) for row in rows]),
    }


def _against(about: Mapping[str, Any], utilities: Ints) -> dict[str, Floats]:
    """Distances and ratios of some results of a scenario to its solution points."""
    solutions = about["solutions"]
    shares = utilities / SCALE
    floor = np.array([role["reservation"] for role in about["roles"]], dtype=np.int64) / SCALE
    given = solutions.get("ideal")
    ideal = None if given is None else np.array(given, dtype=np.int64) / SCALE
    found: dict[str, Floats] = {}
    for point in POINTS:
        if solutions[point] is None:
            continue
        target = np.array(solutions[point]["utilities"], dtype=np.int64)
        apart = (utilities - target) / SCALE
        found[f"{point}_distance"] = np.sqrt(np.add.reduce(apart * apart, axis=1))
        best = criterion(point, target[None, :] / SCALE, floor, ideal)[0]
        if best > 0:
            found[f"{point}_ratio"] = criterion(point, shares, floor, ideal) / best
    return found


def _endings(rows: Sequence[Record], shape: tuple[int, ...]) -> dict[str, Floats]:
    found = {name: np.full(shape, np.nan) for name in ENDINGS}
    for i, row in enumerate(rows):
        for seat in range(len(row.seats)):
            own, others = _ENDED.get(row.reason, ("failed", "failed"))
            ending = own if row.ended_by == seat else others
            for name in ENDINGS:
                found[name][i, seat] = float(name == ending)
    return found


def _padded(lines: Sequence[Sequence[float | None]], shape: tuple[int, ...]) -> Floats:
    found = np.full(shape, np.nan)
    for i, line in enumerate(lines):
        found[i, : len(line)] = [np.nan if value is None else value for value in line]
    return found
