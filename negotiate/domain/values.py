"""What a lot is worth to whom: value models, as data, that draw the stakes of a market.

A draw gives each seat what it knows and what is true; they differ where values are common or interdependent. All
randomness comes from *named* streams, which the caller gives: one for what is common and one for each seat, so that
one more seat changes nothing of the others'.

* :class:`PrivateValues`: independent private values; one distribution for all, or one for each seat. With several units
  each is drawn, and sorted. Source: Vickrey (1961); Krishna (2010), chapter 2.
* :class:`Common`: the lot is worth the same to all, and each sees it with an error of its own. Source: Wilson
  (1969, 1977), the mineral rights model.
* :class:`Affiliated`: a signal is a common part plus an own part; what the lot is worth is the own signal, mixed
  with the mean of all. Source: after Milgrom & Weber (1982).
* :class:`Schedule`: limits of buyers and sellers, given or along a line. Source: Smith (1962).
* :class:`TwoSided`: limits of buyers and sellers, drawn. Source: Myerson & Satterthwaite (1983).
* :class:`Packages`: values of sets of items, additive with a synergy. Source: after the CATS distributions of
  Leyton-Brown, Pearson & Shoham (2000), in the simplest form.

:mod:`negotiate.domain.tenders` has the model of purchases where quality counts, :mod:`negotiate.domain.arrivals` that
of buyers who come one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from random import Random
from typing import TYPE_CHECKING, Literal, TypeAlias

from negotiate.domain.distributions import (
    Distribution,
    Sample,
    Uniform,
    draw,
)
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.arrivals import Arrivals
    from negotiate.domain.tenders import Costs, Tenders

Side: TypeAlias = Literal["buy", "sell"]
Form: TypeAlias = Literal["sale", "procurement", "two-sided", "packages", "tender", "arrivals"]
Streams: TypeAlias = Callable[..., Random]
"""A random stream by its names; the same names give a stream that begins anew."""

Values: TypeAlias = tuple[int, ...]
Bundles: TypeAlias = tuple[tuple[frozenset[str], int], ...]

_PRIOR = 2001  # draws that stand for a distribution without a closed form


@dataclass(frozen=True)
class Draw:
    """What one play of a market is about.

    Attributes:
        sides: who buys and who sells, seat by seat.
        known: what each party knows of the worth of its first unit, second unit and so on; costs, to a seller.
        true: what they are worth; the same where values are private.
        packages: values of sets of items, where items differ.
        costs: of the levels of each quality, where quality counts.
    """

    sides: tuple[Side, ...]
    known: tuple[Values, ...]
    true: tuple[Values, ...]
    packages: tuple[Bundles, ...] = ()
    costs: tuple[Costs, ...] = ()


@dataclass(frozen=True)
class PrivateValues:
    """Independent private values.

    Attributes:
        values: one distribution for all seats, or one for each.
        side: ``sell`` draws costs, of a procurement.
        units: how many each wants.
    """

    values: tuple[Distribution, ...]
    side: Side = "buy"
    units: int = 1

    def __post_init__(self) -> None:
        if not self.values:
            raise DomainError("no distribution; one, or one for each seat is expected")
        if not 1 <= self.units <= 1000:
            raise DomainError(f"{self.units} units; 1 to 1000 are expected")

    @property
    def form(self) -> Form:
        """What kind of auction it is for."""
        return "sale" if self.side == "buy" else "procurement"

    @property
    def seats(self) -> int | None:
        """How many seats it fits; None for any number."""
        return None if len(self.values) == 1 else len(self.values)

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest value."""
        return min(one.low for one in self.values), max(one.high for one in self.values)

    @property
    def prior(self) -> Distribution | None:
        """What is commonly known of a rival; None where rivals differ."""
        return self.values[0] if len(self.values) == 1 else None

    def draw(self, seats: int, streams: Streams) -> Draw:
        """Values of each seat, from its stream."""
        drawn: list[Values] = []
        for seat in range(seats):
            stream, own = streams("value", seat), self.values[seat % len(self.values)]
            marginal = [draw(own, stream) for _ in range(self.units)]
            drawn.append(tuple(sorted(marginal, reverse=self.side == "buy")))
        sides: tuple[Side, ...] = (self.side,) * seats
        return Draw(sides, tuple(drawn), tuple(drawn))


@dataclass(frozen=True)
class Common:
    """One value for all, seen with errors.

    Attributes:
        value: distribution of what the lot is worth.
        error: largest error of a signal, which is uniform around the value.
    """

    value: Distribution
    error: int
    form: Form = field(default="sale", init=False)
    seats: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 0 < self.error <= self.value.high:
            raise DomainError(
                f"error is {self.error}; 1 to the largest value, {self.value.high}, is expected"
            )

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest signal."""
        return max(self.value.low - self.error, 0), self.value.high + self.error

    @cached_property
    def prior(self) -> Distribution:
        """The distribution of a signal, by a sample that is always the same."""
        return _sampled(self)

    def draw(self, seats: int, streams: Streams) -> Draw:
        """The value from the common stream, signals from those of the seats."""
        worth = draw(self.value, streams("common"))
        known: list[Values] = []
        for seat in range(seats):
            off = round(self.error * (2 * streams("value", seat).random() - 1))
            known.append((max(worth + off, 0),))
        return Draw(_buyers(seats), tuple(known), ((worth,),) * seats)


@dataclass(frozen=True)
class Affiliated:
    """Signals that move together, and values that depend on all of them.

    Attributes:
        common: distribution of the common part of the signals.
        own: distribution of each seat's own part.
        weight: of the mean of all signals in what the lot is worth, from 0 (private) to 1 (common).
    """

    common: Distribution
    own: Distribution
    weight: Fraction = Fraction(0)
    form: Form = field(default="sale", init=False)
    seats: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1:
            raise DomainError(f"weight is {self.weight}; 0 to 1 is expected")

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest signal."""
        return self.common.low + self.own.low, self.common.high + self.own.high

    @cached_property
    def prior(self) -> Distribution:
        """The distribution of a signal, by a sample that is always the same."""
        return _sampled(self)

    def draw(self, seats: int, streams: Streams) -> Draw:
        """The common part from the common stream, own parts from those of the seats."""
        base = draw(self.common, streams("common"))
        signals = [base + draw(self.own, streams("value", seat)) for seat in range(seats)]
        mean = Fraction(sum(signals), seats)
        true = tuple(((round((1 - self.weight) * x + self.weight * mean)),) for x in signals)
        return Draw(_buyers(seats), tuple((x,) for x in signals), true)


@dataclass(frozen=True)
class Schedule:
    """Limits of buyers and sellers.

    Attributes:
        buyers: what a unit is worth to each.
        sellers: what a unit costs each.
        units: how many each trades at its limit.
        twins: traders with each limit; an even number can be shared evenly between two strategies.
    """

    buyers: Values
    sellers: Values
    units: int = 1
    twins: int = 2
    form: Form = field(default="two-sided", init=False)
    prior: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not self.buyers or not self.sellers:
            raise DomainError("a market needs buyers and sellers")
        if min(self.buyers + self.sellers) < 0 or not 1 <= self.units <= 1000:
            raise DomainError("limits are 0 or more, and units 1 to 1000")
        if not 1 <= self.twins <= 100:
            raise DomainError(f"{self.twins} twins; 1 to 100 are expected")

    @property
    def seats(self) -> int:
        """How many traders there are."""
        return (len(self.buyers) + len(self.sellers)) * self.twins

    @property
    def bounds(self) -> tuple[int, int]:
        """From nothing to once and a half the largest limit, so that no trader sits at the edge."""
        return 0, max(self.buyers + self.sellers) * 3 // 2 + 1

    def draw(self, seats: int, streams: Streams) -> Draw:
        """The schedule; nothing in it is drawn. Twins sit side by side."""
        sides: list[Side] = []
        limits: list[Values] = []
        both: tuple[tuple[Side, Values], ...] = (("buy", self.buyers), ("sell", self.sellers))
        for side, line in both:
            for limit in line:
                sides.extend(side for _ in range(self.twins))
                limits += [(limit,) * self.units] * self.twins
        return Draw(tuple(sides), tuple(limits), tuple(limits))


@dataclass(frozen=True)
class TwoSided:
    """Limits of buyers and sellers, drawn anew for each play.

    Attributes:
        values: distribution of what a unit is worth to a buyer.
        costs: distribution of what it costs a seller.
        buyers: how many limits of buyers are drawn.
        sellers: how many of sellers.
        twins: traders with each limit.
    """

    values: Distribution
    costs: Distribution
    buyers: int
    sellers: int
    twins: int = 2
    form: Form = field(default="two-sided", init=False)

    def __post_init__(self) -> None:
        if min(self.buyers, self.sellers, self.twins) < 1:
            raise DomainError("a market needs buyers and sellers")

    @property
    def seats(self) -> int:
        """How many traders there are."""
        return (self.buyers + self.sellers) * self.twins

    @property
    def bounds(self) -> tuple[int, int]:
        """From nothing to the largest value or cost."""
        return 0, max(self.values.high, self.costs.high)

    @property
    def prior(self) -> Distribution | None:
        """The distribution of a limit, where both sides have the same."""
        return self.values if self.values == self.costs else None

    def draw(self, seats: int, streams: Streams) -> Draw:
        """Each limit from a stream of its own."""
        values = tuple(draw(self.values, streams("value", i)) for i in range(self.buyers))
        costs = tuple(draw(self.costs, streams("cost", i)) for i in range(self.sellers))
        return Schedule(values, costs, twins=self.twins).draw(seats, streams)


@dataclass(frozen=True)
class Packages:
    """Values of sets of items: the items' values together, and a share more for each item beyond the first.

    Attributes:
        items: names.
        value: distribution of one item's value to one party.
        synergy: the share; negative where items replace each other.
        wanted: most items of a set; larger sets are worth nothing more.
    """

    items: tuple[str, ...]
    value: Distribution
    synergy: Fraction = Fraction(0)
    wanted: int = 0
    form: Form = field(default="packages", init=False)
    seats: None = field(default=None, init=False)
    prior: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.items) <= 8 or len(set(self.items)) != len(self.items):
            raise DomainError("1 to 8 items with distinct names are expected")
        if self.synergy <= -1:
            raise DomainError(f"synergy is {self.synergy}; above -1 is expected")

    @property
    def bounds(self) -> tuple[int, int]:
        """From nothing to the most that all items can be worth."""
        count = len(self.items)
        share = max(1 + self.synergy * (count - 1), Fraction(1))
        return 0, round(self.value.high * count * share)

    def draw(self, seats: int, streams: Streams) -> Draw:
        """Each seat's items from its stream; all sets of up to ``wanted`` items."""
        packages: list[Bundles] = []
        most = self.wanted or len(self.items)
        for seat in range(seats):
            stream = streams("value", seat)
            worth = {item: draw(self.value, stream) for item in self.items}
            packages.append(
                tuple(
                    (frozenset(chosen), self._worth([worth[item] for item in chosen]))
                    for count in range(1, most + 1)
                    for chosen in combinations(self.items, count)
                )
            )
        nothing = ((),) * seats
        return Draw(_buyers(seats), nothing, nothing, tuple(packages))

    def _worth(self, values: Sequence[int]) -> int:
        return max(round(sum(values) * (1 + self.synergy * (len(values) - 1))), 0)


Model: TypeAlias = (
    "PrivateValues | Common | Affiliated | Schedule | TwoSided | Packages | Tenders | Arrivals"
)


def line(first: int, last: int, count: int) -> Values:
    """``count`` limits at equal distances from ``first`` to ``last``; a flat side of a market if they are equal."""
    if not 1 <= count <= 10_000:
        raise DomainError(f"{count} limits; 1 to 10,000 are expected")
    return tuple(
        round(Fraction(last - first) * i / max(count - 1, 1) + first) for i in range(count)
    )


def _buyers(seats: int) -> tuple[Side, ...]:
    side: Side = "buy"
    return (side,) * seats


def _sampled(model: Common | Affiliated) -> Distribution:
    """The distribution of one signal, each with its own draw of what is common."""

    def streams(play: int) -> Streams:
        return lambda *names: Random(f"prior {play} {names}")  # noqa: S311 - play, not secrets

    signals = tuple(model.draw(1, streams(play)).known[0][0] for play in range(_PRIOR))
    return Sample(signals) if len(set(signals)) > 1 else Uniform(signals[0], signals[0] + 1)
