"""The conflict-based model: which values and issues win when two offers are compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.strategies.models.base import Floats, OpponentModel, Positions, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome


@dataclass
class ConflictBased(OpponentModel):
    """Orders the values of each issue, and the issues, by comparing every two offers of the opponent.

    An opponent concedes in the long run, so of two distinct offers the earlier is taken to be worth at least as much
    to it. First the values: where the offers differ in k issues, each value of the earlier beats that of the later
    one in the same issue, with weight ``1/k``, for the fewer issues differ, the surer is which one mattered. A value
    is worth the rank of its wins less losses. Then the issues: where by those ranks the earlier offer is better in
    some issues and worse in others, that is a conflict, and the issues in which it is better win against those in
    which it is worse. Weights are in proportion to the rank of an issue's wins less losses.

    It needs few offers, and is not misled by an opponent that concedes quickly. Comparing costs the square of the
    number of distinct offers and happens when somebody asks for the tables.

    Source: after Keskin, Buzcu & Aydogan (2023), "Conflict-based negotiation strategy for human-agent negotiation",
    *Applied Intelligence* 53; how conflicting comparisons are weighed and ranks become utilities is ours.

    Attributes:
        kept: distinct offers that are compared: the first ones, which say most.
    """

    kept: int = 100

    def begin(self, domain: Domain) -> None:
        """Start with no offers."""
        super().begin(domain)
        self.offers: list[Outcome] = []
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Keep the offer; a repeated one tells nothing new."""
        if outcome in self.seen or len(self.offers) >= self.kept:
            return
        self.seen.add(outcome)
        self.offers.append(outcome)
        self.changed()

    def learn_tables(self) -> Tables:
        """Rank of the issue times rank of the value."""
        offers: Positions = np.array(self.offers, dtype=np.int64).reshape(-1, len(self.sizes))
        earlier, later = (offers[places] for places in np.triu_indices(len(offers), 1))
        differ = earlier != later
        sure = 1 / np.maximum(differ.sum(axis=1), 1)
        values = [
            _valued(size, earlier[:, j], later[:, j], sure * differ[:, j], offers[:, j])
            for j, size in enumerate(self.sizes)
        ]
        weights = self._weigh(values, earlier, later)
        return [
            (weight * value).tolist() for weight, value in zip(weights, values, strict=True)
        ]

    def _weigh(self, values: list[Floats], earlier: Positions, later: Positions) -> list[float]:
        gained = np.stack(
            [
                value[a] - value[b]
                for value, a, b in zip(values, earlier.T, later.T, strict=True)
            ]
        )
        better, worse = (gained > 0).astype(float), (gained < 0).astype(float)
        beats = better @ worse.T
        ranks = _ranks((beats - beats.T).sum(axis=1)) + 1
        weights: list[float] = (ranks / ranks.sum()).tolist()
        return weights


def _valued(
    size: int, winner: Positions, loser: Positions, weight: Floats, offered: Positions
) -> Floats:
    """The values of an issue, in [0, 1], by rank of wins less losses; one never offered comes last."""
    won, lost = (np.bincount(values, weight, size) for values in (winner, loser))
    balance = np.subtract(won, lost, dtype=np.float64)
    absent = np.bincount(offered, minlength=size) == 0
    balance[absent] = balance.min() - 1
    ranks = _ranks(balance)
    return ranks / max(float(ranks.max()), 1.0)


def _ranks(numbers: Floats) -> Floats:
    """How many are smaller, and half of the others that are equal."""
    rounded = numbers.round(9)
    rising = np.sort(rounded)
    below, through = (np.searchsorted(rising, rounded, side) for side in ("left", "right"))
    ranks: Floats = np.divide(below + through - 1, 2, dtype=np.float64)
    return ranks
