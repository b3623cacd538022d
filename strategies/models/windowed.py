"""A frequency model by windows: issues that stay the same while the opponent concedes elsewhere matter to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, exp, gamma, sqrt
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError
from negotiate.strategies.models.base import OpponentModel, Tables

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain, Outcome

_UNLIKELY = 0.05
_POWER = 0.25

Counts: TypeAlias = "list[dict[int, int]]"


@dataclass
class WindowedFrequency(OpponentModel):
    """Compares windows of offers: when values changed in some issues to the opponent's loss, the others gain weight.

    Every ``window`` offers, the Laplace-smoothed counts of each issue are compared with those of the window before by
    a chi-square test in which the new window is what is expected; p above 0.05 means unchanged. If an issue changed
    and its expected value fell, the opponent conceded: each unchanged issue gains ``alpha * (1 - t**beta)``, and the
    weights are brought back to a sum of 1. A value is worth the fourth root of its count over the largest of its
    issue; counts start at 1.

    The textbook test is on numbers of offers. With ``proportions``, as NegoLog has it, the statistic is divided by
    the size of the window: then hardly anything counts as changed, and the weights stay nearly equal; on the recorded
    runs that understands opponents better. NegoLog (preset ``negolog-windowed``) takes windows of 48 offers,
    proportions, and leaves the weights as they are after t = 0.8.

    Source: Tunali, Aydogan & Sanchez-Anguix (2017), "Rethinking frequency opponent modeling in automated negotiation",
    PRIMA; the form of NegoLog.

    Attributes:
        window: offers in a window.
        proportions: whether to test proportions rather than numbers of offers.
        alpha: weight gained at the start.
        beta: how late the gain falls off.
        until: relative time after which weights no longer change.
    """

    window: int = 10
    proportions: bool = False
    alpha: float = 10.0
    beta: float = 5.0
    until: float = 1.0

    def __post_init__(self) -> None:
        if self.window < 1:
            raise StrategyError(
                f"a window of {self.window!r} offers; 1 or more are expected", code="parameter"
            )

    def begin(self, domain: Domain) -> None:
        """Start with equal weights and values."""
        super().begin(domain)
        self.weights = [1 / len(self.sizes)] * len(self.sizes)
        self.seen = [[1.0] * size for size in self.sizes]
        self.before: Counts | None = None
        self._restart()

    def _restart(self) -> None:
        # Only what is above the 1 that every count starts at: windows are short, and issues may be long.
        self.now: Counts = [{} for _ in self.sizes]
        self.filled = 0

    def update(self, outcome: Outcome, time: float = 0.0) -> None:
        """Count the values; at the end of a window, compare it with the one before."""
        for seen, now, value in zip(self.seen, self.now, outcome, strict=True):
            seen[value] += 1
            now[value] = now.get(value, 0) + 1
        self.filled += 1
        if self.filled == self.window:
            if self.before is not None and time <= self.until:
                self._compare(self.before, time)
            self.before = self.now
            self._restart()
        self.changed()

    def _compare(self, before: Counts, time: float) -> None:
        steady: list[bool] = []
        conceded = False
        for old, new, seen in zip(before, self.now, self.seen, strict=True):
            # Values that neither window holds change neither the statistic nor the expected value.
            pairs = [(value, old.get(value, 0), new.get(value, 0)) for value in {**old, **new}]
            steady.append(self._steady(pairs, len(seen)))
            if not steady[-1]:
                # Up to a factor above 0, the largest count of the issue, this is the change of the expected value.
                conceded |= sum((n - o) * seen[value] ** _POWER for value, o, n in pairs) < 0
        if conceded:
            gain = self.alpha * (1 - time**self.beta)
            raised = [w + gain * kept for w, kept in zip(self.weights, steady, strict=True)]
            total = sum(raised)
            self.weights = [w / total for w in raised]

    def _steady(self, pairs: list[tuple[int, int, int]], values: int) -> bool:
        scale = 1 / (self.window + values) if self.proportions else 1.0
        statistic = scale * sum((n - o) ** 2 / (n + 1) for _, o, n in pairs)
        return chi_square_tail(statistic, values - 1) > _UNLIKELY

    def learn_tables(self) -> Tables:
        """Weight times value."""
        return [
            [weight * value for value in _roots(seen)]
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
    return [(count / top) ** _POWER for count in counts]
