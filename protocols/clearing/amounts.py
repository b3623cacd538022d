"""Amounts: integers and fractions, read exactly and given back in the form they came in.

An amount comes as an integer, as text (``"12.50"``, ``"10/19"``) or as a Decimal. Binary floats are refused:
``0.1`` is not a tenth.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, TypeAlias, cast

from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

Amount: TypeAlias = int | Fraction
"""An exact number; a whole one is always an int."""

Shown: TypeAlias = int | str | Decimal
"""An amount as a case holds it."""

LARGEST = 10**18
"""Amounts are at most this far from zero; their denominators are at most this, too."""

_DECIMAL = re.compile(r"[+-]?\d{1,24}(\.\d{1,18})?", re.ASCII)
_RATIO = re.compile(r"[+-]?\d{1,24}/\d{1,24}", re.ASCII)


class NotAnAmountError(ValueError):
    """A value that is no amount.

    Attributes:
        code: which rule it breaks.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def exact(value: object) -> Amount:
    """The number that ``value`` stands for.

    Raises:
        NotAnAmountError: it is not an integer, a decimal or a fraction, or it is out of range.
    """
    if type(value) is int:
        return _bounded(value, value)
    if isinstance(value, str):
        return _bounded(_read(value), value)
    if isinstance(value, Decimal):
        return _bounded(_finite(value), value)
    if isinstance(value, Fraction):
        return _bounded(whole(value), value)
    if isinstance(value, float):
        raise NotAnAmountError(
            f"{quote(value)} is a binary float; write amounts as integers or as text such as '12.50'",
            "float",
        )
    raise NotAnAmountError(
        f"{quote(value)} is not an amount; an integer, or text such as '12.50' or '10/19', is expected",
        "not-an-amount",
    )


def whole(value: Amount) -> Amount:
    """The same number, an int where it is whole."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def ratio(over: Amount, under: Amount) -> Amount:
    """``over / under``, exactly."""
    return whole(Fraction(over) / under)


def scaled(amounts: Iterable[Amount]) -> tuple[list[int], int]:
    """All amounts as integers of one common unit, and how many units make 1."""
    values = list(amounts)
    unit = lcm(*(value.denominator for value in values)) if values else 1
    return [int(value * unit) for value in values], unit


def decimal_text(value: Amount) -> str | None:
    """``value`` as a decimal, such as ``4.5``; None when its digits never end."""
    value = Fraction(value)
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        return None
    places = max(twos, fives)
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    cut = len(digits) - places
    sign = "-" if value.numerator < 0 else ""
    return sign + digits[:cut] + ("." + digits[cut:] if places else "")


class Forms:
    """How the amounts of one case were written, so that results are written alike."""

    def __init__(self) -> None:
        self._seen: dict[Amount, Shown] = {}
        self._decimals = False

    def read(self, value: object) -> Amount:
        """:func:`exact`, remembering the form."""
        number = exact(value)
        if isinstance(value, Decimal):
            self._decimals = True
        self._seen.setdefault(number, cast("Shown", value))
        return number

    def came(self, number: Amount) -> bool:
        """Whether this amount stood in the case."""
        return number in self._seen

    def show(self, number: Amount) -> Shown:
        """``number`` as it came in; else as an integer, a decimal or a fraction, whichever it is first."""
        seen = self._seen.get(number)
        if seen is not None:
            return seen
        if number.denominator == 1:
            return int(number)
        text = decimal_text(number)
        if text is None:
            return f"{number.numerator}/{number.denominator}"
        return Decimal(text) if self._decimals else text


def _read(text: str) -> Amount:
    if _DECIMAL.fullmatch(text):
        return whole(Fraction(text))
    if _RATIO.fullmatch(text) and int(text.partition("/")[2]):
        return whole(Fraction(text))
    raise NotAnAmountError(
        f"{quote(text)} is not an amount; digits such as '12.50' (18 decimals at most) or '10/19' are expected",
        "not-an-amount",
    )


def _finite(value: Decimal) -> Amount:
    if not value.is_finite():
        raise NotAnAmountError(f"{value} is not a finite number", "not-an-amount")
    if not -18 <= value.adjusted() <= 24 or int(value.as_tuple().exponent) < -18:
        raise _too_large(value)
    return whole(Fraction(value))


def _bounded(number: Amount, came: object) -> Amount:
    if not -LARGEST <= number <= LARGEST or number.denominator > LARGEST:
        raise _too_large(came)
    return number


def _too_large(came: object) -> NotAnAmountError:
    return NotAnAmountError(
        f"{quote(str(came) if isinstance(came, Decimal) else came)} is out of range; "
        "at most 10**18 with at most 18 decimals is expected",
        "out-of-range",
    )
