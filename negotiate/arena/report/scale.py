"""Numbers to places on an axis, and the ticks that a reader expects there."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Scale:
    """A straight axis.

    Attributes:
        low: the value at ``start``.
        high: the value at ``end``.
        start: where ``low`` is drawn.
        end: where ``high`` is drawn.
    """

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Where a value is drawn."""
        return self.start + (value - self.low) / (self.high - self.low) * (
            self.end - self.start
        )

    def ticks(self, most: int = 6) -> list[float]:
        """Round values on the axis, at most about ``most`` of them."""
        step = round_step(self.high - self.low, most)
        first = -floor(-self.low / step + 1e-9)
        last = floor(self.high / step + 1e-9)
        return [i * step for i in range(first, last + 1)]

    def tick_text(self, value: float, most: int = 6) -> str:
        """A tick's label, with as many decimals as its neighbours need."""
        step = round_step(self.high - self.low, most)
        decimals = max(0, -floor(log10(step) + 1e-9))
        return minus(f"{value:.{decimals}f}")

    @property
    def plain(self) -> str:
        """The four numbers, for a script that moves things along the axis."""
        return " ".join(f"{number:g}" for number in (self.low, self.high, self.start, self.end))


def minus(text: str) -> str:
    """A number's text with a proper minus sign, and without one before zero."""
    return text.lstrip("-") if not text.strip("-0.") else text.replace("-", MINUS)


def round_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, … that cuts ``span`` into at most ``most`` pieces."""
    power = 10.0 ** floor(log10(span / most))
    return next(power * k for k in (1, 2, 5, 10, 20) if span <= power * k * most * (1 + 1e-9))


def around(values: Iterable[float], most: int = 6) -> tuple[float, float]:
    """Round ends that hold all values, a little apart even if there is one value or none."""
    known = [value for value in values if isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    if high - low < 1e-6:
        low, high = low - 0.05, high + 0.05
    step = round_step(high - low, most)
    return floor(low / step + 1e-9) * step, -floor(-high / step + 1e-9) * step


def unit(values: Iterable[float]) -> tuple[float, float]:
    """From 0 to 1, as utilities mostly are, or wider if a value lies outside."""
    return around([0.0, 1.0, *values], 5)
