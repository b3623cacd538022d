"""The scalable Bayesian model: hypotheses about each issue by itself, weighed by how well they explain the offers."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from operator import mul
from typing import TYPE_CHECKING

from negotiate.strategies.models.base import OpponentModel, Tables, rescaled
from negotiate.strategies.models.frequency import EarlyOffers

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome

_GRID = [
    j / 10 for j in range(10)
]  # the eleventh weight, 1, has no prior belief and never gets any
_WEIGHTS = [(w, 3 * log(1 - (j + 1) / 11)) for j, w in enumerate(_GRID)]
_PEAKS = 30  # inner peaks of one issue; a long grid gets them evenly spread


@dataclass
class ScalableBayesian(OpponentModel):
    """Weighs hypotheses on the weight and the shape of each issue by how well they explain each new offer.

    For each issue there are eleven weights 0, 0.1, ..., 1, small ones likelier (prior ``(1 - (j + 1) / 11) ** 3``), and
    shapes over the values in their order: rising, falling, and a peak at each inner value. Every distinct offer is
    taken to be worth ``c`` to its author, where c starts at 1 and falls by ``step`` an offer; a hypothesis that gives
    it utility u (all else at its expectation) gets the likelihood of ``(c - u) / c`` under a normal law around 0 with
    deviation ``sigma``. The first offer changes shapes only. An outcome is worth the sum of expected weight times
    expected value.

    Shapes are few, and values of a choice need not follow their order; so the tables are blended with those of
    :class:`~negotiate.strategies.models.frequency.EarlyOffers`, both brought to [0, 1]. With ``early=0`` the model is
    the original.

    Beliefs are kept as logarithms and c never falls below ``floor``, so that they stay numbers; the original runs
    into NaN after some hundred offers.

    Source: Hindriks & Tykhonov (2008), "Opponent modelling in automated multi-issue negotiation using Bayesian
    learning"; the scalable form of GENIUS.

    Attributes:
        sigma: deviation of the likelihood.
        step: what the opponent is assumed to concede with each distinct offer.
        floor: least utility that an offer is assumed to have for its author.
        early: share of the early offers in the tables, in [0, 1].
    """

    sigma: float = 0.25
    step: float = 0.003
    floor: float = 0.1
    early: float = 0.3

    def begin(self, domain: Domain) -> None:
        """Start with the prior beliefs."""
        super().begin(domain)
        n = len(self.sizes)
        self.shapes = [_shapes(size) for size in self.sizes]
        self.by_value = [list(map(list, zip(*shapes, strict=True))) for shapes in self.shapes]
        self.logs = [[0.0] * len(shapes) for shapes in self.shapes]
        self.beliefs = [_normalised(logs) for logs in self.logs]
        # The logarithm of a weight's likelihood is a parabola over the weight; its coefficients say it all.
        self.linear, self.square = [0.0] * n, [0.0] * n
        self.weights = [_expected_weight(0.0, 0.0)] * n
        self.assumed = 1.0
        self.first = EarlyOffers()
        self.first.begin(domain)
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent; a repeated one tells nothing new."""
        if outcome in self.seen:
            return
        values = [by_value[v] for by_value, v in zip(self.by_value, outcome, strict=True)]
        expected: list[float] = [
            sum(map(mul, b, v)) for b, v in zip(self.beliefs, values, strict=True)
        ]
        precision = 1 / (2 * (self.assumed * self.sigma) ** 2)
        if self.seen:
            self._weigh(expected, precision)
        self._shape(values, expected, precision)
        self.seen.add(outcome)
        if self.early:
            self.first.update(outcome)
        self.assumed = max(self.assumed - self.step, self.floor)
        self.changed()

    def _weigh(self, expected: list[float], precision: float) -> None:
        weights, linear, square = self.weights, self.linear, self.square
        missing = self.assumed - sum(map(mul, weights, expected))
        learnt: list[float] = []
        for j, value in enumerate(expected):
            part = precision * value
            linear[j] += 2 * part * (missing + weights[j] * value)
            square[j] += part * value
            learnt.append(_expected_weight(linear[j], square[j]))
        self.weights = learnt

    def _shape(
        self, values: list[list[float]], expected: list[float], precision: float
    ) -> None:
        missing = self.assumed - sum(map(mul, self.weights, expected))
        for j, weight in enumerate(self.weights):
            left = missing + weight * expected[j]
            self.logs[j] = logs = [
                known - precision * (left - weight * held) ** 2
                for known, held in zip(self.logs[j], values[j], strict=True)
            ]
            self.beliefs[j] = _normalised(logs)

    def learn_tables(self) -> Tables:
        """Expected weight times expected value, blended with the early offers."""
        tables = [
            [weight * sum(map(mul, belief, held)) for held in by_value]
            for weight, belief, by_value in zip(
                self.weights, self.beliefs, self.by_value, strict=True
            )
        ]
        if not self.early:
            return tables
        pairs = zip(rescaled(tables), rescaled(self.first.tables), strict=True)
        return [
            [b + self.early * (e - b) for b, e in zip(believed, early, strict=True)]
            for believed, early in pairs
        ]


def _expected_weight(linear: float, square: float) -> float:
    logs = [prior + w * (linear - w * square) for w, prior in _WEIGHTS]
    top = max(logs)
    likelihood = [exp(known - top) for known in logs]
    weighted: float = sum(map(mul, likelihood, _GRID))
    return weighted / sum(likelihood)


def _normalised(logs: list[float]) -> list[float]:
    top = max(logs)
    likelihood = [exp(known - top) for known in logs]
    total = sum(likelihood)
    return [value / total for value in likelihood]


def _shapes(size: int) -> list[list[float]]:
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
