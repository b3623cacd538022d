"""A frequency model by windows: issues that stay the same while the opponent concedes elsewhere matter to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, gamma, sqrt
from typing import TYPE_CHECKING

from negotiate.strategies.models.base import OpponentModel, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome

_UNLIKELY = 0.05


@dataclass
class WindowedFrequency(OpponentModel):
    """Compares windows of offers: when values changed in some issues to the opponent's loss, the others gain weight.

    Every ``window`` offers, the Laplace-smoothed frequencies of each issue are compared with those of the window
    before by a chi-square test; p above 0.05 means unchanged. If an issue changed and its expected value fell, the
    opponent conceded, and each unchanged issue gains ``alpha * (1 - t**beta)`` of weight. A value is worth the fourth
    root of its count over the largest of its issue; counts start at 1.

    With ``counts`` the test is the textbook one, on numbers of offers. Without, as NegoLog has it, it is on
    proportions, which divides the statistic by the size of the window: then hardly anything counts as changed, and
    the weights stay nearly equal; on the recorded runs that understands opponents better.

    Source: Tunali, Aydogan & Sanchez-Anguix (2017), "Rethinking frequency opponent modeling in automated negotiation",
    PRIMA; the form of NegoLog.

    Attributes:
        window: offers in a window.
        counts: whether to test numbers of offers rather than proportions.
        alpha: weight gained at the start.
        beta: how late the gain falls off.
    """

    window: int = 10
    counts: bool = False
    alpha: float = 10.0
    beta: float = 5.0

    def begin(self, domain: Domain) -> None:
        """Start with equal weights and values."""
        super().begin(domain)
        self.weights = [1 / len(self.sizes)] * len(self.sizes)
        self.seen = [[1.0] * size for size in self.sizes]
        self.before: list[list[float]] | None = None
        self._restart()

    def _restart(self) -> None:
        self.now = [[1.0] * size for size in self.sizes]
        self.filled = 0

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Count the values; at the end of a window, compare it with the one before."""
        for seen, now, value in zip(self.seen, self.now, outcome, strict=True):
            seen[value] += 1
            now[value] += 1
        self.filled += 1
        if self.filled == self.window:
            if self.before is not None:
                self._compare(self.before, time)
            self.before = self.now
            self._restart()
        self.changed()

    def _compare(self, before: list[list[float]], time: float) -> None:
        pairs = list(zip(before, self.now, strict=True))
        steady = [self._steady(old, new) for old, new in pairs]
        lost = (
            sum((n - o) * v for o, n, v in zip(*pair, _roots(seen), strict=True)) < 0
            for pair, seen, kept in zip(pairs, self.seen, steady, strict=True)
            if not kept
        )
        if any(lost):
            gain = self.alpha * (1 - time**self.beta)
            self.weights = [
                w + gain * kept for w, kept in zip(self.weights, steady, strict=True)
            ]

    def _steady(self, old: list[float], new: list[float]) -> bool:
        scale = 1.0 if self.counts else 1 / sum(old)
        statistic = scale * sum((n - o) ** 2 / o for o, n in zip(old, new, strict=True))
        return chi_square_tail(statistic, len(old) - 1) > _UNLIKELY

    def learn_tables(self) -> Tables:
        """Share of weight times value."""
        total = sum(self.weights)
        return [
            [weight / total * value for value in _roots(seen)]
            for weight, seen in zip(self.weights, self.seen, strict=True)
        ]


def chi_square_tail(statistic: float, freedom: int) -> float:
    """The chance that a chi-square variable exceeds the statistic; 1 without degrees of freedom."""
    if freedom < 1:
        return 1.0
    half = statistic / 2
    even = freedom % 2 == 0
    total = exp(-half) if even else erfc(sqrt(half))
    # Each two degrees of freedom add one term half**s exp(-half) / gamma(s + 1).
    s = 1.0 if even else 0.5
    term = half**s * exp(-half) / gamma(s + 1)
    for _ in range((freedom - 1) // 2 if even else freedom // 2):
        total += term
        s += 1
        term *= half / s
    return total


def _roots(counts: list[float]) -> list[float]:
    top = max(counts)
    return [(count / top) ** 0.25 for count in counts]
