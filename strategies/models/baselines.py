"""Baselines: models that learn nothing, to compare those that do with.

Source: the baselines of the BOA framework (Baarslag, Hendrikx, Hindriks & Jonker 2013, "Predicting the performance of
opponent models in automated negotiation").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import numpy as np

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.strategies.models.base import Floats, OpponentModel, Positions, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import LinearAdditive


class Baseline(OpponentModel):
    """A model that does not listen."""

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Nothing changes."""


class UniformModel(Baseline):
    """Says that every outcome is worth 1/2 to the opponent.

    Source: the uniform model of the BOA framework.
    """

    def learn_tables(self) -> Tables:
        """The same everywhere."""
        return [[0.5 / len(self.sizes)] * size for size in self.sizes]


class DefaultModel(Baseline):
    """Says that all issues weigh the same, and that of each a later value is liked more.

    It is what a modeller may assume that knows nothing but the order in which values were declared, such as prices.

    Source: ours; the framework's default knows no more.
    """

    def learn_tables(self) -> Tables:
        """Equal steps up each issue."""
        weight = 1 / len(self.sizes)
        return [
            [weight * v / (size - 1) if size > 1 else weight for v in range(size)]
            for size in self.sizes
        ]


class Told(Baseline):
    """A model that was told preferences, and takes the opponent's utility to be a line over theirs.

    Attributes:
        slope: 1 if the opponent likes what they like, -1 if it likes the opposite.
        hidden: whether it must be told the opponent's own preferences, which no strategy ever is.
    """

    slope: ClassVar[int]
    hidden: ClassVar[bool] = False

    preferences: LinearAdditive | None = None

    def learn(self, preferences: LinearAdditive) -> None:
        """Be told preferences."""
        self.preferences = preferences

    def begin(self, domain: Domain) -> None:
        """Start; it must have been told by now."""
        if self.preferences is None:
            raise StrategyError(
                f"{type(self).__name__} was not told any preferences",
                code="model",
                help="`learn` or `know` comes before `begin`",
            )
        super().begin(domain)

    def utility(self, outcome: Outcome) -> float:
        """What it is worth by the preferences that it was told, terms over several issues included."""
        assert self.preferences is not None  # noqa: S101 - begin saw to it
        worth = self.preferences.utility(outcome) / SCALE
        return worth if self.slope > 0 else 1 - worth

    def utilities(self, outcomes: Positions) -> Floats:
        """The same for many outcomes."""
        rows: list[list[int]] = outcomes.tolist()
        return np.array([self.utility(tuple(row)) for row in rows])

    def learn_tables(self) -> Tables:
        """Of each issue alone; a term over several issues counts in none of them."""
        assert self.preferences is not None  # noqa: S101 - begin saw to it
        shift = 0.0 if self.slope > 0 else 1 / len(self.sizes)
        return [
            [shift + self.slope * value / SCALE for value in table]
            for table in self.preferences.tables
        ]


class PerfectModel(Told):
    """Knows the opponent's preferences: the best that a model can be. For evaluation only, no strategy is told them.

    Source: the perfect model of the BOA framework.
    """

    slope = 1
    hidden = True


class WorstModel(Told):
    """Knows the opponent's preferences, and says the opposite. For evaluation only, no strategy is told them.

    Source: the worst model of the BOA framework.
    """

    slope = -1
    hidden = True


class OppositeModel(Told):
    """Says that the opponent loses what I gain: one minus my own utility.

    Source: the opposite model of the BOA framework.
    """

    slope = -1

    def know(self, own: LinearAdditive) -> None:
        """Learn from the modeller's own preferences."""
        self.learn(own)
