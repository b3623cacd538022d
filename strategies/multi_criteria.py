"""A buyer with several criteria, such as price, delivery and emissions, and a rule that says how they are traded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.errors import StrategyError
from negotiate.moves import Move, Offer
from negotiate.show import quote
from negotiate.strategies.offering import ACCEPT, WALK, Offering

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

RULES = ("weights", "targets", "lexicographic")


@dataclass
class MultiCriteriaBuyer(Offering):
    """Concedes over time, by the rule that its principal has for weighing criteria against each other.

    Each issue is a criterion; ``s_j`` is how good its value is, from 0 for the worst to 1 for the best. The level
    falls as ``a(t) = 1 - t**(1/e)``. By ``weights`` it is the published weights of its preferences that count: it
    offers the least outcome worth ``least + a (best - least)`` and accepts as much. By ``targets`` every criterion must
    reach the level: it offers the least value of each issue with ``s_j >= a``, and accepts where all reach it. By
    ``lexicographic`` no gain on a lesser criterion makes up for a loss on a greater one: of n criteria the least
    important gives way first, the one of rank k (0 the greatest) by ``clip(n (1 - a) - (n - 1 - k), 0, 1)``, and it
    accepts what is no worse than its next offer on the first criterion where they differ. Never below the reservation
    value, whatever the rule.

    Source: Keeney & Raiffa (1976) for weights, Wierzbicki (1980), "The use of reference objectives", for targets,
    Fishburn (1974), "Lexicographic orders, utilities and decision rules", for the last; the use in negotiation is ours.

    Attributes:
        rule: ``weights``, ``targets`` or ``lexicographic``.
        order: criteria from the greatest to the least, joined by ``>``; those not named follow by weight.
        e: concession exponent; below 1 Boulware.
    """

    rule: str = "targets"
    order: str = ""
    e: float = 0.5

    def __post_init__(self) -> None:
        if self.rule not in RULES or not 0 < self.e < 1e300:
            raise StrategyError(
                f"multi_criteria_buyer with rule={quote(self.rule)}, e={self.e!r}; one of {', '.join(RULES)} and "
                "e > 0 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Put the criteria on one scale and in order."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.least = max(self.space.min_utility, self.reservation)
        self.levels = [_levels(table) for table in brief.preferences.tables]
        self.ranking = self._ranked(brief)

    def _ranked(self, brief: Brief) -> list[int]:
        """Places of the issues, the greatest criterion first."""
        names = [issue.name for issue in brief.domain.issues]
        named = [name.strip() for name in self.order.split(">") if name.strip()]
        # A name that this domain lacks means nothing here: one buyer buys many things.
        first = [names.index(name) for name in dict.fromkeys(named) if name in names]
        spans = [max(table) - min(table) for table in brief.preferences.tables]
        rest = sorted(set(range(len(names))) - set(first), key=lambda j: (-spans[j], j))
        return first + rest

    def respond(self, view: View) -> Move:
        """Accept by the rule; else make the offer that is due."""
        if self.rule == "weights":
            return super().respond(view)
        if self.hopeless:
            return WALK
        standing = view.standing
        # Not by the acceptance rule of the base, which would trade one criterion for another.
        if standing is not None and self._satisfies(standing, view):
            return ACCEPT
        return Offer(self.propose(view))

    def _satisfies(self, standing: Outcome, view: View) -> bool:
        if self.utility(standing) < self.reservation:
            return False
        if self.rule == "targets":
            level = self._level(view.time)
            return all(
                levels[v] >= level for levels, v in zip(self.levels, standing, strict=True)
            )
        return self._profile(standing) >= self._profile(self.propose(view))

    def _profile(self, outcome: Outcome) -> list[float]:
        """How good it is on each criterion, the greatest first."""
        return [self.levels[j][outcome[j]] for j in self.ranking]

    def propose(self, view: View) -> Outcome:
        """The outcome that is due now."""
        level = self._level(view.time)
        if self.rule == "weights":
            target = self.least + (self.space.max_utility - self.least) * level
            return self.space.lowest_at_or_above(target) or self.space.kth(0)
        wanted = [level] * len(self.levels)
        if self.rule == "lexicographic":
            n = len(self.levels)
            for rank, j in enumerate(self.ranking):
                wanted[j] = 1 - min(max(n * (1 - level) - (n - 1 - rank), 0.0), 1.0)
        offer = tuple(map(_least_reaching, self.levels, wanted))
        if self.utility(offer) >= self.reservation:
            return offer
        return self.space.lowest_at_or_above(self.reservation) or self.space.kth(0)

    def _level(self, time: float) -> float:
        share: float = time ** (1 / self.e)
        return 1 - share


def _levels(table: Sequence[int]) -> list[float]:
    """How good each value is, from 0 for the worst to 1 for the best; 1 where all are alike."""
    low, high = min(table), max(table)
    return [(value - low) / (high - low) if high > low else 1.0 for value in table]


def _least_reaching(levels: Sequence[float], wanted: float) -> int:
    """The worst value that is good enough; of equals the first."""
    return min((v for v, level in enumerate(levels) if level >= wanted), key=levels.__getitem__)
