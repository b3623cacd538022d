"""Frequency models: what is offered often is liked, and an issue that stays the same matters.

All of them are misled by an opponent that concedes quickly, for then the values offered most often are the ones it
likes least: on the recorded conceder their rank correlation with the truth is about -0.6. See
:class:`~negotiate.strategies.models.bayesian.ScalableBayesian` for a model that is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import eq
from typing import TYPE_CHECKING

from negotiate.strategies.models.base import OpponentModel, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome


@dataclass
class HardHeadedFrequency(OpponentModel):
    """Raises the weight of issues that did not change between two offers, and counts the values offered.

    The first offer is only kept. From the second on, with n issues of which k did not change, ``g = rate / n`` and
    ``S = 1 + g * k``: an unchanged issue whose weight is below ``1 - n * g / S`` gets ``(w + g) / S``, any other
    ``w / S``; the counts of the values offered, which start at 1, rise by ``step``. A value is worth its count divided
    by the largest count of its issue.

    Source: van Krimpen, Looije & Hajizadeh (2013), "HardHeaded"; the GENIUS model of that name.

    Attributes:
        rate: how fast weights move.
        step: how much a value's count rises.
        levelling: 0 for the rule as published. GENIUS brings the sum of weights back to 1 each time that one of them
            is set, taking from weight w in proportion to ``w + 0.05``; with 0.05 so does this model.
    """

    rate: float = 0.2
    step: float = 1.0
    levelling: float = 0.0

    def begin(self, domain: Domain) -> None:
        """Start with equal weights and values."""
        super().begin(domain)
        self.weights = [1 / len(self.sizes)] * len(self.sizes)
        self.counts = [[1.0] * size for size in self.sizes]
        self.last: Outcome | None = None

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent."""
        last, self.last = self.last, outcome
        if last is None:
            return
        same = list(map(eq, outcome, last))
        gain = self.rate / len(same)
        total = 1 + gain * sum(same)
        cap = 1 - self.rate / total
        for j, kept in enumerate(same):
            w = self.weights[j]
            self.weights[j] = (w + gain) / total if kept and w < cap else w / total
            if self.levelling:
                self._level()
        for counts, value in zip(self.counts, outcome, strict=True):
            counts[value] += self.step
        self.changed()

    def _level(self) -> None:
        total = sum(self.weights)
        part = (total - 1) / (total + self.levelling * len(self.weights))
        self.weights = [max(w - part * (w + self.levelling), 0.0) for w in self.weights]

    def learn_tables(self) -> Tables:
        """Weight times count over largest count."""
        return [_shares(counts, w) for counts, w in zip(self.counts, self.weights, strict=True)]


class SmithFrequency(OpponentModel):
    """Counts the values offered; an issue weighs as much as its most frequent value is frequent.

    A value is worth its count over the largest count of its issue; weights are in proportion to the largest count.

    Source: van Galen Last (2012), "Agent Smith: opponent model estimation in bilateral multi-issue negotiation".
    """

    def begin(self, domain: Domain) -> None:
        """Start with nothing counted."""
        super().begin(domain)
        self.counts = [[0.0] * size for size in self.sizes]

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent."""
        for counts, value in zip(self.counts, outcome, strict=True):
            counts[value] += 1
        self.changed()

    def learn_tables(self) -> Tables:
        """Weight times count over largest count."""
        largest = [max(counts) for counts in self.counts]
        total = sum(largest) or 1.0
        return [
            _shares(counts, top / total)
            for counts, top in zip(self.counts, largest, strict=True)
        ]


class EarlyOffers(SmithFrequency):
    """Counts the values of distinct offers, the n-th of them with weight 1/n; an issue weighs as in Smith's model.

    What is offered first is liked most, and that stays true of an opponent that concedes quickly.

    Source: the frequency models above, with the discount that makes them hold for conceders; ours.
    """

    def begin(self, domain: Domain) -> None:
        """Start with nothing counted."""
        super().begin(domain)
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent; a repeated one tells nothing new."""
        if outcome in self.seen:
            return
        self.seen.add(outcome)
        share = 1 / len(self.seen)
        for counts, value in zip(self.counts, outcome, strict=True):
            counts[value] += share
        self.changed()


class DiscountedFrequency(SmithFrequency):
    """Counts the values offered, each offer with weight ``1 - t``; an issue weighs as in Smith's model.

    Late offers are concessions and say little. An opponent that concedes quickly misleads it all the same, for by
    then half of the time has not passed; see :class:`EarlyOffers`.

    Source: the frequency models above, with a discount by time; ours.
    """

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent."""
        share = 1 - time
        for counts, value in zip(self.counts, outcome, strict=True):
            counts[value] += share
        self.changed()


@dataclass
class CuhkFrequency(SmithFrequency):
    """Counts the values offered until a number of distinct offers is known; all issues count alike.

    An outcome is worth the sum of the counts of its values, over the largest such sum.

    Source: Hao & Leung (2014), "CUHKAgent: an adaptive negotiation strategy for bilateral negotiations over multiple
    items"; the GENIUS model of that name.

    Attributes:
        limit: distinct offers after which it stops to learn.
    """

    limit: int = 100

    def begin(self, domain: Domain) -> None:
        """Start with nothing counted."""
        super().begin(domain)
        self.seen: set[Outcome] = set()

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Learn from an offer of the opponent."""
        self.seen.add(outcome)
        if len(self.seen) <= self.limit:
            super().update(outcome, time)

    def learn_tables(self) -> Tables:
        """Counts over the largest sum of counts."""
        total = sum(map(max, self.counts)) or 1.0
        return [[count / total for count in counts] for counts in self.counts]


def _shares(counts: list[float], weight: float) -> list[float]:
    factor = weight / (max(counts) or 1.0)
    return [count * factor for count in counts]
