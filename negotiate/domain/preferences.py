"""What an outcome is worth to one party: additive preferences in fixed point.

Utility is the sum of one contribution for each issue, ``weight * value(position)``, plus one for each group of
interdependent issues. Each contribution is rounded once, half to even, to an integer number of ``1e-9``, from
exact rational arithmetic; utilities are sums of these integers. Two engines that add the same integers agree to
the last bit, on any machine. ``utility / SCALE`` is the float that people see.

Source of the additive model: Keeney & Raiffa (1976), *Decisions with Multiple Objectives*.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from math import prod
from operator import getitem
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias, cast

from negotiate.domain.issues import MAX_VALUES, Domain, Issue, Outcome
from negotiate.errors import DomainError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from negotiate.domain.space import Space

SCALE = 10**9
"""Utilities are integers in units of one billionth."""

MAX_UTILITY = 1000 * SCALE
"""No utility, reservation value or contribution may be larger than this in size."""

_REMEMBER = (
    2**16
)  # outcomes; beyond, remembering utilities would cost more memory than it is worth

Number: TypeAlias = int | Fraction | Decimal | float


def fixed(number: Number) -> int:
    """A number as fixed point: the nearest integer number of 1e-9, half to even.

    Raises:
        DomainError: not finite, or larger than 1000 in size.
    """
    return _fixed(exact(number))


def exact(number: object) -> Fraction:
    """A number as an exact fraction; DomainError if it is not finite or is absurdly large."""
    try:
        if isinstance(number, bool) or not isinstance(number, (int, float, Fraction, Decimal)):
            raise TypeError
        if isinstance(number, Decimal) and not -400 < number.adjusted() < 40:
            # Decimal("1e999999999") is short to write and gigabytes as a fraction.
            number = (
                Decimal(0) if number.is_finite() and number.adjusted() < 0 else Decimal("NaN")
            )
        value = Fraction(number)
    except (ValueError, OverflowError, TypeError):
        raise DomainError(f"{quote(number)} is not a finite number", code="number") from None
    if abs(value) > 10**18 or value.denominator.bit_length() > 4096:
        raise DomainError(
            f"{quote(number)} is out of range; at most 1e18 is allowed", code="number"
        )
    return value


def _fixed(value: Fraction) -> int:
    units = round(value * SCALE)
    if abs(units) > MAX_UTILITY:
        raise DomainError(
            f"a contribution of {float(value):g} is out of range; at most 1000 is allowed",
            code="number",
        )
    return units


@dataclass(frozen=True)
class Table:
    """A value for each grid position, in order."""

    values: tuple[Fraction, ...]

    def contributions(self, issue: Issue, weight: Fraction) -> Sequence[int]:
        """``weight * value`` at each position, in units of 1e-9."""
        if len(self.values) != issue.size:
            raise DomainError(
                f"issue {issue.name!r} has {issue.size} values but {len(self.values)} are valued"
            )
        return _products(weight, self.values)


@dataclass(frozen=True)
class Linear:
    """A straight line over the grid: ``low`` at the first position, ``high`` at the last."""

    low: Fraction
    high: Fraction

    def contributions(self, issue: Issue, weight: Fraction) -> Sequence[int]:
        """``weight * value`` at each position, in units of 1e-9."""
        return _line(weight * self.low, weight * self.high, issue.size)


@dataclass(frozen=True)
class PiecewiseLinear:
    """Straight lines between ``(position, value)`` points; positions rise from the first to the last."""

    points: tuple[tuple[int, Fraction], ...]

    def contributions(self, issue: Issue, weight: Fraction) -> Sequence[int]:
        """``weight * value`` at each position, in units of 1e-9."""
        places = [position for position, _ in self.points]
        if places[:1] != [0] or places[-1] != issue.size - 1 or places != sorted(set(places)):
            raise DomainError(
                f"the points for issue {issue.name!r} must rise from its first value to its last"
            )
        filled: list[int] = []
        for (left, a), (right, b) in zip(self.points, self.points[1:], strict=False):
            filled += _line(weight * a, weight * b, right - left + 1)[:-1]
        filled.append(_fixed(weight * self.points[-1][1]))
        return filled

    def at(self, position: int) -> Fraction:
        """The value at a position, exactly."""
        places = [place for place, _ in self.points]
        i = min(max(bisect_right(places, position) - 1, 0), max(len(places) - 2, 0))
        (left, a), (right, b) = self.points[i], self.points[min(i + 1, len(places) - 1)]
        return a if left == right else a + (b - a) * Fraction(position - left, right - left)


ValueFunction: TypeAlias = Table | Linear | PiecewiseLinear


def _products(weight: Fraction, values: Sequence[Fraction]) -> list[int]:
    """``weight * value`` in units of 1e-9, rounded half to even, exactly.

    With integers: products of Fractions would take most of the time that making preferences takes.
    """
    rise, bottom = weight.numerator * SCALE, weight.denominator
    products: list[int] = []
    for value in values:
        under = bottom * value.denominator
        whole, rest = divmod(rise * value.numerator, under)
        twice = 2 * rest
        whole += twice > under or (twice == under and whole & 1)
        if abs(whole) > MAX_UTILITY:
            _fixed(weight * value)  # says what is wrong
        products.append(whole)
    return products


def _line(first: Fraction, last: Fraction, count: int) -> list[int]:
    """``count`` points on a straight line in units of 1e-9, each rounded half to even, exactly."""
    ends = [_fixed(first), _fixed(last)]  # their range check covers the points between
    if count == 1:
        return ends[:1]
    slope = (last - first) / (count - 1)
    bottom = first.denominator * slope.denominator
    start = first.numerator * slope.denominator * SCALE
    rise = slope.numerator * first.denominator * SCALE
    points: list[int] = []
    for i in range(
        count
    ):  # integers only: a Fraction a point would cost seconds on long price grids
        whole, rest = divmod(start + i * rise, bottom)
        twice = 2 * rest
        points.append(whole + (twice > bottom or (twice == bottom and whole & 1)))
    return points


@dataclass(frozen=True)
class Group:
    """A term over several issues together: what one is worth depends on the others.

    Attributes:
        issues: places of at least two issues in the domain, rising.
        contributions: weighted value of every combination, in outcome order, in units of 1e-9.
        packed: the same as 64-bit integers, which arrays read without a copy.
    """

    issues: tuple[int, ...]
    contributions: tuple[int, ...] = field(repr=False)
    packed: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            packed = array("q", self.contributions).tobytes()
        except (TypeError, OverflowError):
            raise DomainError(
                "the contributions of a group are integers, in units of 1e-9"
            ) from None
        object.__setattr__(self, "packed", packed)


class LinearAdditive:
    """Additive preferences of one party over a domain.

    Args:
        domain: what is negotiated.
        terms: for each issue by name a pair ``(weight, value function)``; issues left out contribute nothing.
        groups: terms over several issues together.
        reservation: utility of no agreement (default 0).
        discount: factor in (0, 1] by which utility shrinks over the whole negotiation; at relative time t
            utility is multiplied by ``discount ** t``.

    Weights need not sum to one: utility is the plain sum, nothing is normalised.

    Raises:
        DomainError: an unknown issue, a number that is not finite, a value function that does not fit.
    """

    def __init__(
        self,
        domain: Domain,
        terms: Mapping[str, tuple[Number, ValueFunction]],
        *,
        groups: Sequence[Group] = (),
        reservation: Number = 0,
        discount: Number = 1,
    ) -> None:
        self.domain = domain
        self.terms: Mapping[str, tuple[Fraction, ValueFunction]] = MappingProxyType(
            {
                domain.issues[domain.issue_index(name)].name: (exact(weight), function)
                for name, (weight, function) in terms.items()
            }
        )
        self.groups = tuple(groups)
        self.reservation = fixed(reservation)
        self.discount = exact(discount)
        if not 0 < self.discount <= 1:
            raise DomainError(f"discount factor {float(self.discount):g} is not in (0, 1]")
        self.tables: tuple[Sequence[int], ...] = tuple(
            self._table(issue) for issue in domain.issues
        )
        for group in self.groups:
            self._check_group(group)
        self.__dict__["_sealed"] = True

    def __setattr__(self, name: str, value: object) -> None:
        # A strategy is handed this object, and the arena computes its payoff from it.
        if "_sealed" in self.__dict__:
            raise AttributeError(f"preferences do not change; {name!r} cannot be set")
        super().__setattr__(name, value)

    def __reduce__(self) -> tuple[object, ...]:
        # Tables and the cached space are rebuilt: small on the wire between processes.
        scaled = (self.reservation, self.discount)
        return (_rebuild, (self.domain, dict(self.terms), self.groups, *scaled))

    def __repr__(self) -> str:
        # Weights and the reservation value are private: they must not reach a log by accident.
        return f"<LinearAdditive over {len(self.domain.issues)} issues>"

    def _table(self, issue: Issue) -> Sequence[int]:
        if issue.name not in self.terms:
            return _packed([0] * issue.size)
        weight, function = self.terms[issue.name]
        return _packed(function.contributions(issue, weight))

    def _check_group(self, group: Group) -> None:
        places = list(group.issues)
        inside = all(0 <= place < len(self.domain.issues) for place in places)
        if len(places) < 2 or places != sorted(set(places)) or not inside:
            raise DomainError(
                "a group needs at least two different issues, in the order of the domain"
            )
        sizes = [self.domain.sizes[place] for place in places]
        if len(group.contributions) != prod(sizes):
            raise DomainError(
                f"a group of {prod(sizes)} combinations has {len(group.contributions)} values"
            )

    @cached_property
    def utility(self) -> Callable[[Outcome], int]:
        """``utility(outcome)``: in units of 1e-9, not discounted.

        On domains of moderate size it remembers what it was asked, which is several times as fast.
        """
        if self.domain.size > _REMEMBER:
            return self._sum
        return _Memory(self._sum).__getitem__

    def _sum(self, outcome: Outcome) -> int:
        total = sum(map(getitem, self.tables, outcome))
        if self.groups:
            total += sum(self._group_utility(group, outcome) for group in self.groups)
        return total

    def _group_utility(self, group: Group, outcome: Outcome) -> int:
        place = 0
        for issue in group.issues:
            place = place * self.domain.sizes[issue] + outcome[issue]
        return group.contributions[place]

    @cached_property
    def notes(self) -> dict[Hashable, object]:
        """What was worked out from these preferences alone and helps the next match over them, by key.

        It lives here, and not in a table of all preferences, because that would lead from one party's to another's.
        """
        return {}

    def twin(self, domain: Domain) -> LinearAdditive:
        """The same preferences in another object, over ``domain``, which equals this one's."""
        twin = object.__new__(LinearAdditive)
        kept = ("terms", "groups", "reservation", "discount", "tables", "_sealed")
        twin.__dict__.update({name: self.__dict__[name] for name in kept}, domain=domain)
        return twin

    def discounted(self, utility: int, time: float) -> int:
        """``utility * discount ** time``, in units of 1e-9, rounded half to even."""
        return utility if self.discount == 1 else round(utility * float(self.discount) ** time)

    @cached_property
    def space(self) -> Space:
        """Queries on this party's outcome space; made once."""
        from negotiate.domain.space import Space  # noqa: PLC0415 - loads numpy, only when asked

        return Space(self)


class _Memory(dict[Outcome, int]):
    """A dictionary that computes what it lacks: its own look-up is the fastest memory Python has."""

    def __init__(self, compute: Callable[[Outcome], int]) -> None:
        super().__init__()
        self.compute = compute

    def __missing__(self, outcome: Outcome) -> int:
        self[outcome] = found = self.compute(outcome)
        return found


def _packed(contributions: Sequence[int]) -> Sequence[int]:
    # Tuples are the fastest to index; arrays keep a price grid of a million cents at eight bytes a value.
    if len(contributions) <= 4096:
        return tuple(contributions)
    # Over bytes, because behind a view of an array the array itself could be reached, and changed.
    return cast("Sequence[int]", memoryview(array("q", contributions).tobytes()).cast("q"))


def _rebuild(
    domain: Domain,
    terms: Mapping[str, tuple[Fraction, ValueFunction]],
    groups: tuple[Group, ...],
    reservation: int,
    discount: Fraction,
) -> LinearAdditive:
    return LinearAdditive(
        domain,
        terms,
        groups=groups,
        reservation=Fraction(reservation, SCALE),
        discount=discount,
    )


def group_of(
    domain: Domain,
    names: Sequence[str],
    weight: Number,
    values: Mapping[tuple[int, ...], Number],
) -> Group:
    """A group term from the values of some combinations; combinations left out are worth nothing.

    Args:
        domain: the domain.
        names: the issues of the group.
        weight: factor on every value.
        values: for a tuple of positions, in the order of ``names``, its value.
    """
    order = sorted(range(len(names)), key=lambda i: domain.issue_index(names[i]))
    issues = tuple(domain.issue_index(names[i]) for i in order)
    sizes = [domain.sizes[i] for i in issues]
    if prod(sizes) > MAX_VALUES:
        raise DomainError(
            f"a group of {prod(sizes):,} combinations; at most {MAX_VALUES:,} are allowed",
            code="domain-size",
        )
    filled = [0] * prod(sizes)
    for positions, value in values.items():
        place = 0
        for i, size in zip(order, sizes, strict=True):
            place = place * size + positions[i]
        filled[place] = _fixed(exact(weight) * exact(value))
    return Group(issues, tuple(filled))
