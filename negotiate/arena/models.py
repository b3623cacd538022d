"""How well opponent models understand: they watch recorded offers, and are compared with the truth over time.

A model's worth to an agent depends on everything else that the agent does. Here models play nothing: each watches
what a strategy offered, as its opponent would have seen it, and at several times says what every outcome is worth to
that strategy. That is compared with the preferences which the strategy had: by Spearman's and Kendall's rank
correlations, for many agents need no more than an order, and by the root mean squared error.

Source: Baarslag, Hendrikx, Hindriks & Jonker (2013), "Predicting the performance of opponent models in automated
negotiation".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate import registry
from negotiate.arena import correlation
from negotiate.arena.bootstrap import Estimate, estimates
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.match import derive_seed
from negotiate.strategies.models import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from negotiate.arena.watched import Watched
    from negotiate.domain.scenario import Scenario
    from negotiate.strategies.models import OpponentModel

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]

WATCHERS = (
    "bayesian",
    "bayesian-early",
    "bayesian-conflict",
    "conflict_based",
    "early_offers",
    "discounted_frequency",
    "smith",
    "cuhk",
    "hardheaded_frequency",
    "windowed",
    "opposite",
)
"""The models that are compared by default: those that take any domain, and a baseline."""

TIMES = tuple(k / 10 for k in range(1, 11))
LIMIT = 10_000
"""Spaces of up to so many outcomes are compared whole; of larger ones so many random outcomes."""

MEASURES = ("spearman", "kendall", "rmse")


@dataclass(frozen=True)
class Score:
    """How well a model understood at one time.

    Attributes:
        model: its name.
        strategy: whose offers it watched; None for all of them.
        time: relative time up to which it had listened.
        sessions: how many it watched.
        spearman: rank correlation with the truth.
        kendall: Kendall's tau-b with the truth.
        rmse: root mean squared error of utilities, which lie in [0, 1].
    """

    model: str
    strategy: str | None
    time: float
    sessions: int
    spearman: Estimate
    kendall: Estimate
    rmse: Estimate


@dataclass(frozen=True)
class Evaluation:
    """What was found.

    Attributes:
        scores: by model, then by strategy (all of them together first), then by time.
        scenarios: how many there were; they are what is resampled.
        level: confidence level of the intervals.
    """

    scores: tuple[Score, ...]
    scenarios: int
    level: float

    def at(self, model: str, strategy: str | None = None, time: float = 1.0) -> Score:
        """The score of a model against a strategy at a time.

        Raises:
            ArenaError: there is none.
        """
        for score in self.scores:
            if (score.model, score.strategy, score.time) == (model, strategy, time):
                return score
        raise ArenaError(f"no score of {model} against {strategy} at {time}", code="models")

    @property
    def misled(self) -> tuple[tuple[str, str], ...]:
        """Pairs of model and strategy where, at the last time, the model orders outcomes the wrong way round."""
        last = max(score.time for score in self.scores)
        return tuple(
            (score.model, score.strategy)
            for score in self.scores
            if score.strategy is not None
            and score.time == last
            and (score.spearman.mean or 0.0) < 0
        )


def evaluate(
    sessions: Iterable[Watched],
    models: Sequence[str] = WATCHERS,
    *,
    times: Sequence[float] = TIMES,
    seed: int | str = 0,
    limit: int = LIMIT,
    level: float = 0.95,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Let models watch sessions, and compare what they believe with the truth.

    A session that ends early keeps counting: at later times a model is judged by what it knew at the end.

    Args:
        sessions: what is watched; see :mod:`negotiate.arena.watched`.
        models: names, with parameters in brackets if wanted.
        times: relative times at which to compare, in (0, 1].
        seed: root of the random outcomes of large spaces, and of the bootstrap.
        limit: spaces of up to so many outcomes are compared whole.
        level: confidence level of the intervals.
        progress: told how many sessions were watched, of how many.

    Raises:
        ArenaError: nothing to watch, or no time to compare at.
        NegotiateError: a name that is no model's, or a model that does not take a scenario.
    """
    checked = tuple(sorted(set(times)))
    if not checked or not 0 < checked[0] <= checked[-1] <= 1:
        raise ArenaError("times between 0 (excluded) and 1 are expected", code="times")
    if limit < 2:
        raise ArenaError(f"a limit of {limit} outcomes; 2 or more are expected", code="limit")
    watched = [session for session in sessions if session.offers]
    if not watched or not models:
        raise ArenaError("no offers to watch, or no model to watch them", code="models")
    board = _Board(watched, tuple(models), checked)
    yardsticks: dict[tuple[str, int], _Yardstick] = {}
    for place, session in enumerate(watched):
        key = (session.scenario.digest, session.party)
        if key not in yardsticks:
            yardsticks[key] = _Yardstick(session.scenario, session.party, seed, limit)
        board.fill(place, session, yardsticks[key])
        if progress is not None:
            progress(place + 1, len(watched))
    return board.evaluation(seed, level)


class _Yardstick:
    """Compares models with the truth about one role of one scenario."""

    def __init__(self, scenario: Scenario, party: int, seed: int | str, limit: int) -> None:
        self.scenario = scenario
        self.truth = scenario.preferences[party]
        self.modeller = scenario.preferences[(party + 1) % len(scenario.preferences)]
        domain = scenario.domain
        self.outcomes: Ints = (
            np.indices(domain.sizes).reshape(len(domain.sizes), -1).T.astype(np.int64)
            if domain.size <= limit
            else _drawn(scenario, seed, limit)
        )
        rows: list[list[int]] = self.outcomes.tolist()
        self.worth = np.array([self.truth.utility(tuple(row)) for row in rows]) / SCALE
        self.order = correlation.Order(self.worth)

    def begun(self, name: str) -> OpponentModel:
        """A model that is about to watch."""
        model = registry.model(name)
        model.know(self.modeller)
        if isinstance(model, Told) and model.hidden:
            model.learn(self.truth)
        model.begin(self.scenario.domain)
        return model

    def measure(self, model: OpponentModel) -> tuple[float, float, float]:
        """Spearman, Kendall, error; NaN for a correlation that is not defined."""
        believed = model.utilities(self.outcomes)
        order = correlation.Order(believed)
        ranked = correlation.spearman(order, self.order)
        paired = correlation.kendall(order, self.order)
        return (
            np.nan if ranked is None else ranked,
            np.nan if paired is None else paired,
            correlation.rmse(believed, self.worth),
        )


def _drawn(scenario: Scenario, seed: int | str, count: int) -> Ints:
    """Random outcomes, the same for all models and sessions."""
    stream = np.random.Generator(
        np.random.PCG64(derive_seed(seed, "outcomes", scenario.digest))
    )
    columns = [stream.integers(size, size=count) for size in scenario.domain.sizes]
    return np.stack(columns, axis=1).astype(np.int64)


class _Board:
    """The measures of every session, model and time."""

    def __init__(
        self, sessions: list[Watched], models: tuple[str, ...], times: tuple[float, ...]
    ) -> None:
        self.models, self.times = models, times
        self.strategies = sorted({session.strategy for session in sessions})
        digests = sorted({session.scenario.digest for session in sessions})
        self.scenarios = len(digests)
        self.who = np.array([self.strategies.index(session.strategy) for session in sessions])
        self.where = np.array([digests.index(session.scenario.digest) for session in sessions])
        shape = (len(sessions), len(models), len(times), len(MEASURES))
        self.values: Floats = np.full(shape, np.nan)
        self.known: dict[object, Floats] = {}

    def fill(self, place: int, session: Watched, yardstick: _Yardstick) -> None:
        """Let every model watch a session; one that was seen before, offer for offer, is not watched again."""
        key = (session.scenario.digest, session.party, session.offers)
        if key not in self.known:
            self.known[key] = np.array(
                [
                    _watch(yardstick.begun(name), session, self.times, yardstick)
                    for name in self.models
                ]
            )
        self.values[place] = self.known[key]

    def evaluation(self, seed: int | str, level: float) -> Evaluation:
        """Means and intervals."""
        scores: list[Score] = []
        for m, model in enumerate(self.models):
            for strategy in (None, *self.strategies):
                chosen = (
                    np.ones(len(self.who), dtype=bool)
                    if strategy is None
                    else self.who == self.strategies.index(strategy)
                )
                columns = [self._estimates(chosen, m, k, seed, level) for k in range(3)]
                scores += [
                    Score(model, strategy, time, int(chosen.sum()), *(c[t] for c in columns))
                    for t, time in enumerate(self.times)
                ]
        return Evaluation(tuple(scores), self.scenarios, level)

    def _estimates(
        self,
        chosen: npt.NDArray[np.bool_],
        model: int,
        measure: int,
        seed: int | str,
        level: float,
    ) -> list[Estimate]:
        """One for each time."""
        table = np.full((len(self.times), self.scenarios), np.nan)
        for scenario in range(self.scenarios):
            values = self.values[chosen & (self.where == scenario), model, :, measure]
            for t, column in enumerate(values.T):
                known = column[~np.isnan(column)]
                if len(known):
                    table[t, scenario] = known.mean()
        return estimates(table, seed, level=level)


def _watch(
    model: OpponentModel, session: Watched, times: tuple[float, ...], yardstick: _Yardstick
) -> list[tuple[float, float, float]]:
    """The measures at each time, of a model that watches one session."""
    found: list[tuple[float, float, float]] = []
    heard, measured = 0, (-1, (np.nan, np.nan, np.nan))
    for time in times:
        while heard < len(session.offers) and session.offers[heard][0] <= time + 1e-12:
            at, outcome = session.offers[heard]
            model.update(outcome, at)
            heard += 1
        if measured[0] != model.revision:
            measured = (model.revision, yardstick.measure(model))
        found.append(measured[1])
    return found
