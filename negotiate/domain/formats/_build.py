"""What several readers need to put a scenario together from numbers of foreign files."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from negotiate.domain.formats._node import Node, near
from negotiate.domain.issues import Choice, Domain, Integer, Money, Quantity
from negotiate.domain.preferences import Linear, PiecewiseLinear, Table, ValueFunction
from negotiate.domain.scenario import Role, Scenario
from negotiate.errors import DomainError, FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
MAX_ROLES = 64
MAX_CELLS = 5_000_000
"""Most values of all issues together, times the number of roles: a bound on time and memory."""

UNIT = "units"
"""Unit of numeric issues of formats that name none."""


def check_room(domain: Domain, roles: int, file: str) -> None:
    """Raise FormatError if preferences of so many roles over ``domain`` would not fit in memory."""
    if roles > MAX_ROLES:
        raise FormatError(f"{roles:,} roles; at most {MAX_ROLES} are allowed", file=file)
    if sum(domain.sizes) * roles > MAX_CELLS:
        raise FormatError(
            f"{sum(domain.sizes):,} values for each of {roles} roles; "
            f"at most {MAX_CELLS:,} are allowed together",
            file=file,
            code="domain-size",
        )


def finished(
    name: str, domain: Domain, roles: Sequence[Role], file: str, description: str
) -> Scenario:
    """The scenario; what makes it impossible becomes a FormatError."""
    try:
        return Scenario(name, domain, tuple(roles), description, file)
    except DomainError as error:
        raise FormatError(str(error), file=file) from None


def numeric(name: str, low: Fraction, high: Fraction, step: Fraction) -> Integer | Quantity:
    """An issue of numbers ``low``, ``low + step``, … up to ``high``: scaled if they are not whole.

    Raises:
        DomainError: the numbers have more than nine decimals, or the grid is impossible.
    """
    for scale in range(10):
        parts = [number * 10**scale for number in (low, high, step)]
        if all(part.denominator == 1 for part in parts):
            first, last, by = (part.numerator for part in parts)
            if by < 1:
                raise DomainError(
                    f"step of issue {name!r} is {float(step):g}; it must be positive"
                )
            last -= (last - first) % by
            if scale == 0:
                return Integer(name, first, last, by)
            return Quantity(name, first, last, by, unit=UNIT, scale=scale)
    raise DomainError(f"the numbers of issue {name!r} have more than nine decimals")


def amount(issue: Integer, position: int) -> Fraction:
    """The number at a position of a numeric issue, in the units that people write."""
    scale = issue.scale if isinstance(issue, (Quantity, Money)) else 0
    return Fraction(issue.value(position), 10**scale)


def units(issue: Integer, value: Fraction) -> int | Fraction:
    """A number that people write, in the whole units of the grid; a fraction if it is between them."""
    scale = issue.scale if isinstance(issue, (Quantity, Money)) else 0
    scaled: Fraction = value * 10**scale
    return scaled.numerator if scaled.denominator == 1 else scaled


def cut(value: Fraction) -> Fraction:
    """A value, cut off below 0 and above 1."""
    return min(max(value, Fraction(0)), Fraction(1))


def clipped(value: Callable[[int], Fraction], size: int) -> ValueFunction:
    """A straight line cut off below 0 and above 1, at each of ``size`` grid positions.

    Args:
        value: the uncut line at a position.
        size: number of positions.
    """
    first, last = value(0), value(size - 1)
    if size == 1:
        return Linear(cut(first), cut(first))
    if min(first, last) >= 0 and max(first, last) <= 1:
        return Linear(first, last)
    # The line meets 0 and 1 between grid positions, so the corners are the positions on either side.
    corners = {0, size - 1}
    if first != last:
        slope = (last - first) / (size - 1)
        for level in (0, 1):
            crossing = (level - first) / slope
            below = crossing.numerator // crossing.denominator
            corners |= {place for place in (below, below + 1) if 0 <= place < size}
    points = [(place, cut(value(place))) for place in sorted(corners)]
    return PiecewiseLinear(tuple(points))


def table(node: Node, issue: Choice, number: Callable[[Node], Fraction] = Node.number) -> Table:
    """A number for each value of a choice, by name; FormatError if one is missing or unknown."""
    entries = node.mapping("a table of values")
    known = set(issue.values)
    for value, entry in entries.items():
        if value not in known:
            raise entry.error(
                f"{quote(value)} is no value of this issue",
                help=near(value, issue.values, "it has"),
            )
    missing = [value for value in issue.values if value not in entries]
    if missing:
        raise node.error(f"no number for {', '.join(map(quote, missing[:8]))}")
    return Table(tuple(number(entries[value]) for value in issue.values))
