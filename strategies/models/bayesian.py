"""The scalable Bayesian model: hypotheses about each issue by itself, weighed by how well they explain the offers.

Arrays hold one row an issue. Ragged rows are padded with hypotheses that have no belief, and sums over a row are
products with a matrix of zeros and ones: on arrays so small that is much quicker than to broadcast or to reduce.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import add
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.strategies.models.base import OpponentModel, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome

Floats: TypeAlias = npt.NDArray[np.float64]

_GRID = np.arange(10) / 10  # the eleventh weight, 1, has no prior belief and never gets any
_PRIOR = np.log([(1 - (j + 1) / 11) ** 3 for j in range(10)])
_PEAKS = 30  # inner peaks of one issue; a long grid gets them evenly spread
_SLACK = 300.0  # how far logarithms may fall below 0 before they are brought back


@dataclass
class ScalableBayesian(OpponentModel):
    """Weighs hypotheses on the weight and the shape of each issue by how well they explain each new offer.

    For each issue there are eleven weights 0, 0.1, ..., 1, small ones likelier (prior ``(1 - (j + 1) / 11) ** 3``), and
    shapes over the values in their order: rising, falling, and a peak at each inner value. Every distinct offer is
    taken to be worth ``c`` to its author, where c starts at 1 and falls by ``step`` an offer; a hypothesis that gives
    it utility u (all else at its expectation) gets the likelihood of ``(c - u) / c`` under a normal law around 0 with
    deviation ``sigma``. The first offer changes shapes only. An outcome is worth the sum of expected weight times
    expected value.

    Shapes are few, and values of a choice need not follow their order. The preset ``bayesian-early`` is this model
    averaged with :class:`~negotiate.strategies.models.frequency.EarlyOffers`, which needs no order.

    Beliefs are kept as logarithms and c never falls below ``floor``, so that they stay numbers; the original runs
    into NaN after some hundred offers.

    Source: Hindriks & Tykhonov (2008), "Opponent modelling in automated multi-issue negotiation using Bayesian
    learning"; the scalable form of GENIUS.

    Attributes:
        sigma: deviation of the likelihood.
        step: what the opponent is assumed to concede with each distinct offer.
        floor: least utility that an offer is assumed to have for its author.
    """

    sigma: float = 0.25
    step: float = 0.003
    floor: float = 0.1

    def begin(self, domain: Domain) -> None:
        """Start with the prior beliefs."""
        super().begin(domain)
        n = len(self.sizes)
        self.shapes = [np.array(shapes_of(size)) for size in self.sizes]
        widest = max(map(len, self.shapes))
        self.starts = [sum(self.sizes[:j]) for j in range(n)]
        self.by_value = np.zeros((sum(self.sizes), widest))
        logs = np.full((n, widest), -np.inf)
        for j, (start, shapes) in enumerate(zip(self.starts, self.shapes, strict=True)):
            self.by_value[start : start + self.sizes[j], : len(shapes)] = shapes.T
            logs[j, : len(shapes)] = 0.0
        self.shape_logs = logs.ravel()
        self.weight_logs = np.tile(_PRIOR, n)
        self.grid = np.tile(_GRID, n)
        # From one number an issue to one a hypothesis, and back by summing.
        self.to_shapes, self.to_weights = (
            np.repeat(np.eye(n), count, axis=1) for count in (widest, len(_GRID))
        )
        self.by_shapes = np.ascontiguousarray(self.to_shapes.T)
        self.by_weights = np.ascontiguousarray(self.to_weights.T)
        self.by_moments = self.by_weights * self.grid[:, None]
        self.slack = 0.0
        self._weigh()
        self._shape()
        self.assumed = 1.0
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent; a repeated one tells nothing new."""
        if outcome in self.seen:
            return
        values = self.by_value.take(list(map(add, self.starts, outcome)), 0).ravel()
        expected = (self.likelihood * values).dot(self.by_shapes)
        expected /= self.totals
        precision = 1 / (2 * (self.assumed * self.sigma) ** 2)
        if self.seen:
            change = self.grid - self.weights.dot(self.to_weights)
            change *= expected.dot(self.to_weights)
            self._learn(self.weight_logs, change, expected, precision)
            self._weigh()
        values -= expected.dot(self.to_shapes)
        values *= self.weights.dot(self.to_shapes)
        self._learn(self.shape_logs, values, expected, precision)
        self._shape()
        self.seen.add(outcome)
        self.assumed = max(self.assumed - self.step, self.floor)
        self.changed()

    def _learn(self, logs: Floats, change: Floats, expected: Floats, precision: float) -> None:
        """Bayes' rule, given by how much each hypothesis changes the expected utility of the offer."""
        missing = self.assumed - float(self.weights.dot(expected))
        change -= missing
        change *= change
        change *= precision
        logs -= change
        self.slack += precision * (abs(missing) + 1) ** 2
        if self.slack > _SLACK:
            for each in (self.weight_logs, self.shape_logs):
                rows = each.reshape(len(self.sizes), -1)
                rows -= rows.max(axis=1, keepdims=True)
            self.slack = 0.0

    def _weigh(self) -> None:
        likelihood = np.exp(self.weight_logs)
        self.weights = likelihood.dot(self.by_moments)
        self.weights /= likelihood.dot(self.by_weights)

    def _shape(self) -> None:
        self.likelihood = np.exp(self.shape_logs)
        self.totals = self.likelihood.dot(self.by_shapes)

    def learn_tables(self) -> Tables:
        """Expected weight times expected value."""
        rows = self.likelihood.reshape(len(self.sizes), -1)
        factors = (self.weights / self.totals).tolist()
        return [
            (self.by_value[start : start + size] @ row * factor).tolist()
            for start, size, row, factor in zip(
                self.starts, self.sizes, rows, factors, strict=True
            )
        ]


def shapes_of(size: int) -> list[list[float]]:
    """Rising, falling, and peaked at inner values; each with its best value at 1."""
    last = size - 1
    if last < 1:
        return [[1.0]]
    rising = [j / last for j in range(size)]
    inner = last - 1
    places = (
        range(1, last)
        if inner <= _PEAKS
        else sorted({1 + k * (inner - 1) // (_PEAKS - 1) for k in range(_PEAKS)})
    )
    peaked = [
        [j / k if j < k else (last - j) / (last - k) for j in range(size)] for k in places
    ]
    return [rising, rising[::-1], *peaked]
