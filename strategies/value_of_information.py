"""A buyer who asks its principal the question that is worth most, while a question is worth more than it costs.

:class:`~negotiate.strategies.elicitation.PandoraBuyer` opens a box when its index is best, and learns all that is in
it; this one weighs questions of two kinds, of which the cheaper tells less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.moves import Move, Offer
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.issues import Outcome
    from negotiate.strategies.elicitation import Ask

Compare: TypeAlias = "Callable[[Outcome, float], bool]"
"""The principal, asked less: whether an outcome is worth at least a utility."""


class Belief(NamedTuple):
    """A utility that may lie anywhere from ``low`` to ``high``, evenly."""

    low: float
    high: float

    @property
    def mean(self) -> float:
        """What is expected."""
        return (self.low + self.high) / 2


def expected_best(belief: Belief, other: float) -> float:
    """``E max(U, other)`` for U drawn evenly from the range of the belief: to learn U and then choose."""
    low, high = belief
    if other <= low:
        return belief.mean
    if other >= high:
        return other
    return (other * (other - low) + (high * high - other * other) / 2) / (high - low)


def value_of_asking(belief: Belief, other: float) -> float:
    """What the best choice gains on average from learning the utility, where the best alternative is worth ``other``.

    Source: the value of information (Howard 1966), as in Mohammad & Nakadai (2019), "Optimal value of information based
    elicitation during negotiation", AAMAS.
    """
    return expected_best(belief, other) - max(belief.mean, other)


def value_of_comparing(belief: Belief, other: float) -> float:
    """The same for learning only in which half of its range the utility lies."""
    low, high = belief
    halves = Belief(low, belief.mean), Belief(belief.mean, high)
    return sum(max(half.mean, other) for half in halves) / 2 - max(belief.mean, other)


@dataclass
class InformedBuyer(Strategy):
    """Asks while the best question is worth more than it costs, then offers what it expects to be best.

    Each of the ``considered`` outcomes with the best estimates may be worth anything within ``width`` of its estimate.
    Of the two kinds of question, what an outcome is worth and whether it is worth at least the middle of its range, it
    asks the one with the largest ``E[best choice after] - best choice now - cost``, again and again while that is above
    0; then it offers the outcome with the largest expected utility that it has not offered, and repeats the best when
    all are offered. Before it accepts it asks about the standing offer, where the answer may matter. It offers and
    accepts nothing that it expects to be below the reservation value.

    Source: Mohammad & Nakadai (2019), "Optimal value of information based elicitation during negotiation", AAMAS.

    Attributes:
        ask: the principal, asked what an outcome is worth.
        compare: the principal, asked whether it is worth at least so much; None if that is not asked.
        cost: what it costs to ask for a value, a utility.
        compare_cost: what it costs to compare, a utility.
        width: how far an estimate may be off, a utility.
        considered: how many outcomes it considers.
    """

    ask: Ask
    compare: Compare | None = None
    cost: float = 0.005
    compare_cost: float = 0.002
    width: float = 0.1
    considered: int = 100

    def __post_init__(self) -> None:
        least = min(self.cost, self.compare_cost, self.width)
        if not (least >= 0 and self.considered >= 1):
            raise StrategyError(
                f"cost={self.cost!r}, compare_cost={self.compare_cost!r}, width={self.width!r}, "
                f"considered={self.considered!r}: at least 0, 0, 0 and 1 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Start from the estimates."""
        super().begin(brief)
        space = brief.preferences.space
        self.reserve = brief.preferences.reservation / SCALE
        self.asked = self.compared = 0
        self.beliefs: dict[Outcome, Belief] = {}
        self.open = [space.kth(k) for k in range(min(self.considered, space.size))]
        self.offered: list[Outcome] = []

    @property
    def spent(self) -> float:
        """What the questions cost so far, a utility."""
        return self.asked * self.cost + self.compared * self.compare_cost

    def believed(self, outcome: Outcome) -> Belief:
        """What the outcome may be worth."""
        if outcome not in self.beliefs:
            estimate = self.brief.preferences.utility(outcome) / SCALE
            self.beliefs[outcome] = Belief(estimate - self.width, estimate + self.width)
        return self.beliefs[outcome]

    def respond(self, view: View) -> Move:
        """Ask what is worth asking; accept what is as good as the best offer, or make it."""
        self._ask_about(self.open, self.reserve)
        plan = max(self.open, key=self._expected, default=None)
        fresh = plan is not None and self._expected(plan) >= self.reserve
        if not fresh:
            plan = max(self.offered, key=self._expected, default=None)
        if plan is None:
            return WALK
        least = self._expected(plan) if fresh else min(map(self._expected, self.offered))
        standing = view.standing
        if standing is not None:
            self._ask_about([standing], least)
            if self._expected(standing) >= max(least, self.reserve):
                return ACCEPT
        if fresh:
            self.open.remove(plan)
            self.offered.append(plan)
        return Offer(plan)

    def _ask_about(self, outcomes: list[Outcome], otherwise: float) -> None:
        """Ask about some outcomes, of which one is chosen, or else something worth ``otherwise``."""
        while True:
            ranked = sorted(outcomes, key=self._expected, reverse=True)[:2]
            first = ranked[0] if ranked else None
            second = max([otherwise, *map(self._expected, ranked[1:])])
            best = max([otherwise, *map(self._expected, ranked[:1])])
            # Of the alternatives to an outcome the best counts: the second for the first, the first for all others.
            questions = [
                question
                for outcome in outcomes
                if self.believed(outcome).high > (other := second if outcome == first else best)
                for question in self._questions(outcome, other)
            ]
            gain, exact, outcome = max(
                questions, key=lambda q: q[0], default=(0.0, False, None)
            )
            if outcome is None or gain <= 0:
                return
            self._learn(outcome, exact=exact)

    def _questions(self, outcome: Outcome, other: float) -> list[tuple[float, bool, Outcome]]:
        """What each kind of question gains, its cost paid."""
        belief = self.believed(outcome)
        asking = [(value_of_asking(belief, other) - self.cost, True, outcome)]
        if self.compare is None:
            return asking
        return [
            *asking,
            (value_of_comparing(belief, other) - self.compare_cost, False, outcome),
        ]

    def _learn(self, outcome: Outcome, *, exact: bool) -> None:
        low, high = self.believed(outcome)
        if exact or self.compare is None:
            self.asked += 1
            low = high = self.ask(outcome)
        else:
            self.compared += 1
            middle = (low + high) / 2
            low, high = (middle, high) if self.compare(outcome, middle) else (low, middle)
        self.beliefs[outcome] = Belief(low, high)

    def _expected(self, outcome: Outcome) -> float:
        return self.believed(outcome).mean
