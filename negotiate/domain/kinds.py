"""The kinds of issues: named lists of values on a declared grid.

No negotiable value is ever a float: a choice is a text, an integer is an integer, a quantity is an integer number
of ``10**-scale`` units, money is an integer number of minor units, a date is a day.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, TypeAlias

from negotiate.errors import DomainError
from negotiate.show import quote

Value: TypeAlias = str | int | datetime.date
"""What stands at a grid position: text of a choice, integer of a number, day of a date."""

MAX_VALUES = 2**21
"""Most values that one issue may have: a price to 20,000.00 in cents fits."""

_MAX_NUMBER = 2**53  # beyond it JSON readers of other languages lose digits
_MAX_TEXT = 256


@dataclass(frozen=True)
class Issue:
    """One thing to agree on. Use a subclass: Choice, Integer, Quantity, Money, Date.

    Attributes:
        name: not empty, at most 256 characters, no control characters.
        size: number of values.
    """

    kind: ClassVar[str] = "issue"

    name: str
    size: int = field(init=False, repr=False)

    def _set_size(self, size: int) -> None:
        _check_text(self.name, "an issue's name")
        if size < 1:
            raise DomainError(f"issue {self.name!r} has no values; at least one is needed")
        if size > MAX_VALUES:
            raise DomainError(
                f"issue {self.name!r} has {size:,} values; at most {MAX_VALUES:,} are allowed",
                code="domain-size",
                help="use a larger step",
            )
        object.__setattr__(self, "size", size)

    def value(self, position: int) -> Value:
        """The value at a grid position."""
        raise NotImplementedError

    def position(self, value: object) -> int:
        """The grid position of a value; DomainError if it is not on the grid."""
        raise NotImplementedError

    def show(self, position: int) -> str:
        """The value as people write it; :meth:`parse` reads it back."""
        return str(self.value(position))

    def parse(self, text: str) -> int:
        """The position of the value that :meth:`show` wrote as ``text``."""
        raise NotImplementedError

    def plain(self, position: int) -> str | int:
        """The value as JSON holds it: text, or an integer (money in minor units), or an ISO day."""
        value = self.value(position)
        return value.isoformat() if isinstance(value, datetime.date) else value

    def _off_grid(self, value: object) -> DomainError:
        first, last = self.show(0), self.show(self.size - 1)
        return DomainError(
            f"{quote(value)} is not a value of issue {self.name!r}, which runs from {first} to {last}",
            code="off-grid",
        )


@dataclass(frozen=True)
class Choice(Issue):
    """One of several named values, in the order given."""

    kind = "choice"

    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        self._set_size(len(self.values))
        for value in self.values:
            _check_text(value, f"a value of issue {self.name!r}")
        if len(self._positions) != self.size:
            double = next(v for i, v in enumerate(self.values) if self._positions[v] != i)
            raise DomainError(f"issue {self.name!r} lists {double!r} twice")

    @cached_property
    def _positions(self) -> dict[str, int]:
        return {value: i for i, value in enumerate(self.values)}

    def value(self, position: int) -> str:
        """The text at a grid position."""
        return self.values[position]

    def position(self, value: object) -> int:
        """The grid position of a text."""
        found = self._positions.get(value) if isinstance(value, str) else None
        if found is None:
            shown = ", ".join(self.values[:8]) + (", …" if self.size > 8 else "")
            raise DomainError(
                f"{quote(value)} is not a value of issue {self.name!r}, which has: {shown}",
                code="off-grid",
            )
        return found

    def parse(self, text: str) -> int:
        """The position of the value that :meth:`show` wrote as ``text``."""
        return self.position(text)


@dataclass(frozen=True)
class Integer(Issue):
    """Whole numbers from ``low`` to ``high``, both included, ``step`` apart."""

    kind = "integer"

    low: int = 0
    high: int = 0
    step: int = 1

    def __post_init__(self) -> None:
        for name in ("low", "high", "step"):
            number = getattr(self, name)
            if type(number) is not int or abs(number) > _MAX_NUMBER:
                raise DomainError(
                    f"{name} of issue {self.name!r} is {quote(number)}; "
                    f"an integer of at most {_MAX_NUMBER:,} is expected"
                )
        if self.step < 1:
            raise DomainError(
                f"step of issue {self.name!r} is {self.step}; it must be positive"
            )
        if self.high < self.low or (self.high - self.low) % self.step:
            raise DomainError(
                f"issue {self.name!r} runs from {self.low} to {self.high} by {self.step}; "
                "high must be low plus a whole number of steps"
            )
        self._set_size((self.high - self.low) // self.step + 1)

    def value(self, position: int) -> int:
        """The number at a grid position (in minor units or scaled units, where there are any)."""
        if not 0 <= position < self.size:
            raise IndexError(position)
        return self.low + position * self.step

    def position(self, value: object) -> int:
        """The grid position of a number."""
        if type(value) is not int or not self.low <= value <= self.high:
            raise self._off_grid(value)
        steps, rest = divmod(value - self.low, self.step)
        if rest:
            raise self._off_grid(value)
        return steps

    def parse(self, text: str) -> int:
        """The position of the value that :meth:`show` wrote as ``text``."""
        return self.position(_scaled(text.split()[0] if text.split() else "", 0, self.name))


@dataclass(frozen=True)
class Quantity(Integer):
    """An amount of something: integers in units of ``10**-scale`` of ``unit``.

    ``Quantity("energy", low=50, high=600, step=5, unit="kWh", scale=1)`` runs from 5.0 to 60.0 kWh.
    """

    kind = "quantity"

    unit: str = ""
    scale: int = 0

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.name)
        _check_text(self.unit, f"the unit of issue {self.name!r}")
        super().__post_init__()

    def show(self, position: int) -> str:
        """The amount with its unit: ``12.5 kWh``."""
        return f"{_decimal(self.value(position), self.scale)} {self.unit}"

    def parse(self, text: str) -> int:
        """The position of the amount that :meth:`show` wrote as ``text``."""
        number = text.removesuffix(self.unit).strip()
        return self.position(_scaled(number, self.scale, self.name))


@dataclass(frozen=True)
class Money(Integer):
    """A price in integer minor units: ``Money("price", 90, 190, 1, currency="EUR")`` is 0.90 to 1.90 EUR."""

    kind = "money"

    currency: str = "EUR"
    scale: int = 2

    def __post_init__(self) -> None:
        _check_scale(self.scale, self.name)
        if not re.fullmatch(r"[A-Z]{3}", self.currency):
            raise DomainError(
                f"currency of issue {self.name!r} is {quote(self.currency)}; "
                "three capital letters (ISO 4217) are expected"
            )
        super().__post_init__()

    def show(self, position: int) -> str:
        """The price with its currency: ``1.29 EUR``."""
        return f"{_decimal(self.value(position), self.scale)} {self.currency}"

    def parse(self, text: str) -> int:
        """The position of the price that :meth:`show` wrote as ``text``."""
        number = text.removesuffix(self.currency).strip()
        return self.position(_scaled(number, self.scale, self.name))


@dataclass(frozen=True)
class Date(Issue):
    """Days from ``low`` to ``high``, both included, ``step`` days apart."""

    kind = "date"

    low: datetime.date = datetime.date.min
    high: datetime.date = datetime.date.min
    step: int = 1

    def __post_init__(self) -> None:
        for day in (self.low, self.high):
            if type(day) is not datetime.date:
                raise DomainError(
                    f"issue {self.name!r} has {quote(day)} where a day is expected"
                )
        if type(self.step) is not int or self.step < 1:
            raise DomainError(f"step of issue {self.name!r} must be a positive number of days")
        span = (self.high - self.low).days
        if span < 0 or span % self.step:
            raise DomainError(
                f"issue {self.name!r} runs from {self.low} to {self.high} by {self.step} days; "
                "high must be low plus a whole number of steps"
            )
        self._set_size(span // self.step + 1)

    def value(self, position: int) -> datetime.date:
        """The day at a grid position."""
        if not 0 <= position < self.size:
            raise IndexError(position)
        return self.low + datetime.timedelta(days=position * self.step)

    def position(self, value: object) -> int:
        """The grid position of a day, given as a date or as ISO text."""
        if isinstance(value, str):
            try:
                value = datetime.date.fromisoformat(value)
            except ValueError:
                raise self._off_grid(value) from None
        if type(value) is not datetime.date or not self.low <= value <= self.high:
            raise self._off_grid(value)
        steps, rest = divmod((value - self.low).days, self.step)
        if rest:
            raise self._off_grid(value)
        return steps

    def parse(self, text: str) -> int:
        """The position of the day that :meth:`show` wrote as ``text``."""
        return self.position(text)


def _check_text(text: object, what: str) -> None:
    if not isinstance(text, str) or not text.strip() or len(text) > _MAX_TEXT:
        raise DomainError(
            f"{what} is {quote(text)}; a text of 1 to {_MAX_TEXT} characters is expected"
        )
    if not text.isprintable():
        raise DomainError(f"{what} is {quote(text)}; control characters are not allowed")


def _check_scale(scale: object, name: str) -> None:
    if type(scale) is not int or not 0 <= scale <= 9:
        raise DomainError(f"scale of issue {name!r} is {quote(scale)}; 0 to 9 is expected")


def _decimal(number: int, scale: int) -> str:
    return f"{Decimal(number).scaleb(-scale):f}" if scale else str(number)


def _scaled(text: str, scale: int, name: str) -> int:
    """The integer of ``10**-scale`` units that a decimal text stands for, exactly."""
    try:
        number = Decimal(text) if len(text) <= 40 else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    # A short text may stand for a number of gigabytes, and arithmetic of decimals would round.
    if number.is_finite() and abs(number.adjusted()) <= 40:
        units: Fraction = Fraction(number) * 10**scale
        if units.denominator == 1:
            return units.numerator
    raise DomainError(
        f"{quote(text)} is not a number with at most {scale} decimals, as issue {name!r} needs",
        code="off-grid",
    )
