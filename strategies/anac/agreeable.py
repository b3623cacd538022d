"""AgreeableAgent, ANAC 2018."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from negotiate.domain.kinds import Choice as ChoiceIssue
from negotiate.strategies.anac.seat import Choice, Seat, units
from negotiate.strategies.models import OpponentModel, SmithFrequency, Tables
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief

_PATIENCE = 0.2
_LEAST = 0.8
_WIDTH = 0.05


class SpreadFrequency(SmithFrequency):
    """Counts the values offered; an issue weighs as much as the counts of its values differ.

    A value is worth the share of offers that had it; weights are in proportion to the standard deviation of an
    issue's counts.

    Source: AgreeableAgent of ANAC 2018 (Mirzayi, Taghiyareh & Nassiri-Mofakham 2022).
    """

    def learn_tables(self) -> Tables:
        """Weight times share of offers."""
        offers = sum(self.counts[0]) or 1.0
        spreads = [_deviation(counts) for counts in self.counts]
        total = sum(spreads) or 1.0
        return [
            [spread / total * count / offers for count in counts]
            for counts, spread in zip(self.counts, spreads, strict=True)
        ]


class Agreeable(Seat):
    """Demands the best for a fifth of the time, then yields late, never below 0.8, among what the others like.

    The target is 1 until t = 0.2, then ``min + (max - min)(1 - s**10)`` where s runs from 0 to 1 over the rest, at
    least 0.8. From t = 0.2 on (0.3 in domains of 1,000 outcomes or more, 0.4 from 10,000), where all issues are
    choices, it draws among the outcomes within ``0.05 (1 - (min + (max - min)(1 - t**10)))`` of the target, each in
    proportion to its worth in a frequency model of each opponent; before, it offers the outcome nearest to the target.
    It accepts what reaches its own next offer, and from t = 0.99 anything.

    Source: Mirzayi, Taghiyareh & Nassiri-Mofakham (2022), "An opponent-adaptive strategy to increase utility and
    fairness in agents' negotiation", *Applied Intelligence*; the agent of ANAC 2018.
    """

    def begin(self, brief: Brief) -> None:
        """Choose when to use the models, and prepare one for each opponent."""
        super().begin(brief)
        size = brief.domain.size
        self.learnt_at = 0.2 if size < 1000 else 0.3 if size < 10_000 else 0.4
        if not all(isinstance(issue, ChoiceIssue) for issue in brief.domain.issues):
            self.learnt_at = 2.0
        self.models: dict[int, OpponentModel] = {}

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept what reaches the next offer; else make it."""
        if standing is None:
            return self.best
        offer = self._next(time)
        u = self.u(standing)
        return ACCEPT if u >= self.u(offer) or time >= 0.99 else offer

    def _next(self, time: float) -> Outcome:
        rest = (time - _PATIENCE) / (1 - _PATIENCE)
        target = 1.0 if time < _PATIENCE else self._fallen(rest)
        target = max(target, _LEAST)
        if time < self.learnt_at:
            return self.nearest(target)
        width = _WIDTH * (1 - self._fallen(time)) if time >= _PATIENCE else 0.0
        return self._drawn(target - width, target + width)

    def _fallen(self, time: float) -> float:
        return self.low + (self.high - self.low) * (1 - time**10)

    def _drawn(self, low: float, high: float) -> Outcome:
        """A roulette over the band, by what the models think of each outcome."""
        band = self.pool.band(units(low), units(high))
        if len(band.outcomes) == 1:
            return band.outcomes[0]
        self._learn()
        worth = sum(
            (band.scores(model) for model in self.models.values()), 0.0 * band.rows[:, 0]
        )
        total = float(worth.sum())
        if not total > 0:
            return self.best
        place = int(worth.cumsum().searchsorted(self.random() * total))
        return band.outcomes[min(place, len(band.outcomes) - 1)]

    def _learn(self) -> None:
        for turn in self.view.turns[self._learnt :]:
            if turn.outcome is not None and turn.party != self.brief.party:
                self._of(turn.party).update(turn.outcome)
        self._learnt = len(self.view.turns)

    _learnt = 0

    def _of(self, party: int) -> OpponentModel:
        if party not in self.models:
            self.models[party] = model = SpreadFrequency()
            model.begin(self.brief.domain)
        return self.models[party]


def _deviation(counts: list[float]) -> float:
    mean = sum(counts) / len(counts)
    return sqrt(sum((count - mean) ** 2 for count in counts) / len(counts))
