"""Distributions of values, as data: their CDF, draws in integer minor units, and the best reserve price.

A draw is a quantile at a uniform random number, rounded to the nearest integer; so all distributions on one stream
are monotone in the same luck. The virtual value of v is ``v - (1 - F(v)) / f(v)`` (Myerson 1981); the best reserve
of a seller with cost c is the price p that maximises ``(p - c) (1 - F(p))``, where the virtual value is c.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from statistics import NormalDist
from typing import TYPE_CHECKING, Protocol

from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

LARGEST = 10**15
"""Values are at most this."""

_GRID = 2000  # prices among which the best reserve is looked for at a time
_EDGE = 1e-12
_REGULAR = 200  # points at which the revenue curve is looked at


class Distribution(Protocol):
    """What is known of a value before it is drawn."""

    @property
    def low(self) -> int:
        """The least value."""
        ...

    @property
    def high(self) -> int:
        """The largest value."""
        ...

    def cdf(self, value: float) -> float:
        """The chance that it is at most ``value``."""
        ...

    def quantile(self, chance: float) -> float:
        """The least value whose :meth:`cdf` reaches ``chance``."""
        ...


def draw(distribution: Distribution, random: Random) -> int:
    """One value in minor units, from ``random``'s next number."""
    found = round(distribution.quantile(random.random()))
    return min(max(found, distribution.low), distribution.high)


@dataclass(frozen=True)
class Uniform:
    """Every value between two bounds alike."""

    low: int
    high: int

    def __post_init__(self) -> None:
        _check_bounds(self.low, self.high)

    def cdf(self, value: float) -> float:
        """Straight from 0 to 1."""
        return _share(value, self.low, self.high)

    def quantile(self, chance: float) -> float:
        """Straight from low to high."""
        return self.low + chance * (self.high - self.low)


@dataclass(frozen=True)
class Power:
    """``F(v) = ((v - low) / (high - low)) ** exponent``; high values are frequent where the exponent is above 1."""

    low: int
    high: int
    exponent: float

    def __post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        _check_positive("exponent", self.exponent)

    def cdf(self, value: float) -> float:
        """The share of the way, to the power."""
        chance: float = _share(value, self.low, self.high) ** self.exponent
        return chance

    def quantile(self, chance: float) -> float:
        """The inverse of :meth:`cdf`."""
        share: float = chance ** (1 / self.exponent)
        return self.low + share * (self.high - self.low)


@dataclass(frozen=True)
class Normal:
    """The normal distribution, cut at two bounds.

    Attributes:
        mean: before it is cut.
        deviation: standard deviation before it is cut.
        low: least value.
        high: largest value.
    """

    mean: float
    deviation: float
    low: int
    high: int

    def __post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        _check_positive("deviation", self.deviation)
        if self._ends[1] - self._ends[0] < 1e-6:
            raise DomainError("the bounds leave nothing of the distribution")

    @cached_property
    def _normal(self) -> NormalDist:
        return NormalDist(self.mean, self.deviation)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return self._normal.cdf(self.low), self._normal.cdf(self.high)

    def cdf(self, value: float) -> float:
        """The share of what the bounds leave."""
        least, most = self._ends
        inside = min(max(value, self.low), self.high)
        return (self._normal.cdf(inside) - least) / (most - least)

    def quantile(self, chance: float) -> float:
        """The inverse of :meth:`cdf`."""
        least, most = self._ends
        return self._normal.inv_cdf(_open(least + chance * (most - least)))


@dataclass(frozen=True)
class Lognormal:
    """The logarithm is normal; cut at two bounds.

    Attributes:
        median: half of the values are below, before it is cut.
        sigma: standard deviation of the logarithm.
        low: least value, 1 or more.
        high: largest value.
    """

    median: float
    sigma: float
    low: int
    high: int

    def __post_init__(self) -> None:
        _check_bounds(self.low, self.high)
        _check_positive("median", self.median)
        _check_positive("sigma", self.sigma)
        if self.low < 1:
            raise DomainError(f"low is {self.low}; a lognormal value is 1 or more")
        if self._ends[1] - self._ends[0] < 1e-6:
            raise DomainError("the bounds leave nothing of the distribution")

    @cached_property
    def _normal(self) -> NormalDist:
        return NormalDist(log(self.median), self.sigma)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return self._normal.cdf(log(self.low)), self._normal.cdf(log(self.high))

    def cdf(self, value: float) -> float:
        """The share of what the bounds leave."""
        least, most = self._ends
        inside = min(max(value, self.low), self.high)
        return (self._normal.cdf(log(inside)) - least) / (most - least)

    def quantile(self, chance: float) -> float:
        """The inverse of :meth:`cdf`."""
        least, most = self._ends
        return exp(self._normal.inv_cdf(_open(least + chance * (most - least))))


@dataclass(frozen=True)
class Sample:
    """Values that were seen, each as likely as it was frequent."""

    values: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.values:
            raise DomainError("a sample is empty; one value or more are expected")
        object.__setattr__(self, "values", tuple(sorted(self.values)))
        _check_bounds(self.low, self.high + 1)

    @property
    def low(self) -> int:
        """The least of them."""
        return self.values[0]

    @property
    def high(self) -> int:
        """The largest of them."""
        return self.values[-1]

    def cdf(self, value: float) -> float:
        """The share of the sample that is at most ``value``."""
        return bisect_right(self.values, value) / len(self.values)

    def quantile(self, chance: float) -> float:
        """One of the sample."""
        return self.values[min(int(chance * len(self.values)), len(self.values) - 1)]


@dataclass(frozen=True)
class Curve:
    """Any CDF, given by points that straight lines join.

    Attributes:
        points: value and the chance to be at most that, both rising; the chances run from 0 to 1.
    """

    points: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        values, chances = (list(column) for column in zip(*self.points, strict=True))
        rising = sorted(set(values)) == values and sorted(chances) == chances
        if len(values) < 2 or not rising or chances[0] != 0 or chances[-1] != 1:
            raise DomainError(
                "the points of a CDF are two or more, rise in value and chance, and run from 0 to 1"
            )
        _check_bounds(self.low, self.high)

    @property
    def low(self) -> int:
        """Where it leaves 0."""
        return self.points[0][0]

    @property
    def high(self) -> int:
        """Where it reaches 1."""
        return self.points[-1][0]

    def cdf(self, value: float) -> float:
        """On the line between two points."""
        if value <= self.low:
            return 0.0
        if value >= self.high:
            return 1.0
        place = bisect_right([at for at, _ in self.points], value)
        (x0, p0), (x1, p1) = self.points[place - 1], self.points[place]
        return p0 + (p1 - p0) * (value - x0) / (x1 - x0)

    def quantile(self, chance: float) -> float:
        """The inverse of :meth:`cdf`; the least value where that is flat."""
        place = max(bisect_left([at for _, at in self.points], chance), 1)
        (x0, p0), (x1, p1) = self.points[place - 1], self.points[place]
        return x0 + (x1 - x0) * (chance - p0) / (p1 - p0) if p1 > p0 else x0


def best_reserve(distribution: Distribution, cost: int = 0) -> int:
    """The take-it-or-leave-it price that earns most from one buyer; the least one of equals.

    With buyers whose values are drawn independently from a regular distribution it is also the best reserve of an
    auction, however many they are. Source: Myerson (1981); Riley & Samuelson (1981).
    """

    def earned(price: int) -> float:
        return (price - cost) * (1 - distribution.cdf(price - _EDGE * max(price, 1)))

    return _largest(earned, max(distribution.low, cost), max(distribution.high, cost))


def best_ceiling(distribution: Distribution, worth: int) -> int:
    """The take-it-or-leave-it price that saves most with one seller; see :func:`best_reserve`."""

    def saved(price: int) -> float:
        return (worth - price) * distribution.cdf(price)

    return _largest(saved, min(distribution.low, worth), min(distribution.high, worth))


def is_regular(distribution: Distribution, *, costs: bool = False) -> bool:
    """Whether virtual values rise with values (with ``costs``: virtual costs with costs), seen on a grid.

    That is so where the revenue ``q v(1 - q)``, in the quantity q that is sold, is concave, and the outlay ``q c(q)``
    convex. Source: Bulow & Roberts (1989).
    """
    shares = [step / _REGULAR for step in range(1, _REGULAR)]
    if costs:
        curve = [-share * distribution.quantile(share) for share in shares]
    else:
        curve = [share * distribution.quantile(1 - share) for share in shares]
    slack = 1e-9 * max(abs(point) for point in curve) + 1e-12
    bends = zip(curve, curve[1:], curve[2:], strict=False)
    return all(left + right <= 2 * middle + slack for left, middle, right in bends)


def _largest(earned: Callable[[int], float], low: int, high: int) -> int:
    """The price between two bounds that earns most: on a grid, then on a finer one around the best."""
    while True:
        step = max((high - low) // _GRID, 1)
        best = max(range(low, high + 1, step), key=earned)
        if step == 1:
            return best
        low, high = max(best - step, low), min(best + step, high)


def _share(value: float, low: int, high: int) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _open(chance: float) -> float:
    """A chance that has a quantile."""
    return min(max(chance, _EDGE), 1 - _EDGE)


def _check_bounds(low: int, high: int) -> None:
    if not 0 <= low < high <= LARGEST:
        raise DomainError(f"values from {low} to {high}; 0 <= low < high <= 10**15 is expected")


def _check_positive(name: str, value: float) -> None:
    if not value > 0:
        raise DomainError(f"{name} is {value!r}; a positive number is expected")
