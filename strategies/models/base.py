"""What every opponent model answers: how much an outcome is worth to the one who makes the offers.

A model is additive: for each issue a table with what each value contributes. Agents ask for one outcome
(:meth:`OpponentModel.utility`) or hand the tables to :class:`negotiate.domain.joint.Joint`, which finds the best offer
for both sides without listing outcomes. Tables are made when they are asked for, so listening stays cheap.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from operator import getitem
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import LinearAdditive

Floats: TypeAlias = npt.NDArray[np.float64]
Positions: TypeAlias = npt.NDArray[np.int64]

Tables: TypeAlias = "list[list[float]]"
"""For each issue what each of its values contributes to the modelled utility."""


class OpponentModel(ABC):
    """Learns from offers what the other side likes. One instance models one opponent in one negotiation.

    Attributes:
        sizes: number of values of each issue.
        revision: rises whenever an update changed the model.
    """

    def begin(self, domain: Domain) -> None:
        """Called once, before the first offer; forget everything."""
        self.sizes: Sequence[int] = domain.sizes
        self.revision = 0
        self._tables: Tables | None = None

    def know(self, own: LinearAdditive) -> None:  # noqa: B027 - most models need not know
        """Called once, before :meth:`begin`, with the modeller's own preferences."""

    @abstractmethod
    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent.

        Args:
            outcome: what it offered.
            time: relative time of the offer, in [0, 1].
        """

    @abstractmethod
    def learn_tables(self) -> Tables:
        """The tables of the model as it stands; :attr:`tables` keeps them until the next change."""

    @property
    def tables(self) -> Tables:
        """For each issue what each value contributes; do not change them."""
        if self._tables is None:
            self._tables = self.learn_tables()
        return self._tables

    def utility(self, outcome: Outcome) -> float:
        """What the model believes that an outcome is worth to the opponent, near [0, 1]."""
        return sum(map(getitem, self.tables, outcome))

    def utilities(self, outcomes: Positions) -> Floats:
        """What the model believes that many outcomes are worth, one row of positions an outcome."""
        found = np.zeros(len(outcomes))
        for column, positions in zip(self.tables, outcomes.T, strict=True):
            found += np.asarray(column, dtype=np.float64)[positions]
        return found

    def changed(self) -> None:
        """Note that the model is another one now."""
        self.revision += 1
        self._tables = None


def rescaled(tables: Tables) -> Tables:
    """The same order of outcomes, with the worst at 0 and the best at 1."""
    lows = [min(column) for column in tables]
    span = sum(map(max, tables)) - sum(lows)
    if span <= 0:
        return [[0.0] * len(column) for column in tables]
    return [
        [(value - low) / span for value in column]
        for column, low in zip(tables, lows, strict=True)
    ]
