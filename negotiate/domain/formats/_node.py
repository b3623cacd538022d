"""A value of a parsed file together with its place, so that every error can say where.

Readers never touch parsed data directly: they walk it by :class:`Node`, which checks each type on the way and
knows the path (``$.roles[0].issues.price.weight``). :class:`Problems` lets a reader go on after an error, so
that one message lists all that is wrong with a file.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar, cast

from negotiate.domain.preferences import exact
from negotiate.errors import DomainError, FormatError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from fractions import Fraction

T = TypeVar("T")

_MAX_DIGITS = 4000  # longer numbers are hostile; Python's own limit for integers is near
_MAX_POWER = 19
_MAX_TEXT = 256
_MAX_SHOWN = 12
_MAX_FOUND = 12  # problems of one file; a hostile one may have a hundred thousand
_MAX_COMPARED = 500


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and where it stands.

    Attributes:
        value: what the parser gave: text, int, Decimal, bool, date, None, list or dict.
        file: the file as the caller named it.
        place: path inside the file.
    """

    value: object
    file: str
    place: str = "$"

    def error(self, message: str, help: str = "") -> FormatError:
        """An error at this place."""
        return FormatError(message, file=self.file, place=self.place, help=help)

    def wrong(self, expected: str) -> FormatError:
        """An error that says what stands here and what was expected."""
        return self.error(f"{described(self.value)} where {expected} is expected")

    def child(self, key: str | int, value: object) -> Node:
        """A value inside this one."""
        return Node(value, self.file, _inside(self.place, key))

    def mapping(self, what: str = "a table") -> dict[str, Node]:
        """The entries of a table whose keys are texts."""
        found: dict[str, Node] = {}
        for key, value in self.pairs(what):
            if not isinstance(key, str):
                raise self.error(f"{described(key)} as a key, where a text is expected")
            found[key] = self.child(key, value)
        return found

    def pairs(self, what: str = "a table") -> list[tuple[object, object]]:
        """The entries of a table, whatever its keys are."""
        return list(self._table(what).items())

    def items(self, what: str = "a list") -> list[Node]:
        """The items of a list."""
        value = self.value
        if not isinstance(value, list):
            raise self.wrong(what)
        values = cast("list[object]", value)
        return [self.child(i, value) for i, value in enumerate(values)]

    def get(self, key: str) -> Node | None:
        """The entry of a table, or None if there is none."""
        table = self._table("a table")
        return self.child(key, table[key]) if key in table else None

    def need(self, key: str) -> Node:
        """The entry of a table; FormatError if it is missing."""
        found = self.get(key)
        if found is None:
            raise self.error(f"{quote(key)} is missing")
        return found

    def only(self, known: Iterable[str]) -> None:
        """Raise FormatError at the first key that is not known, with the nearest one that is."""
        names = tuple(known)
        for key in self.mapping():
            if key not in names:
                raise self.error(
                    f"unknown key {quote(key)}", help=near(key, names, "known here")
                )

    def text(self, limit: int = _MAX_TEXT) -> str:
        """A text of at most ``limit`` characters."""
        if not isinstance(self.value, str):
            raise self.wrong("a text")
        if len(self.value) > limit:
            raise self.error(
                f"a text of {len(self.value):,} characters; at most {limit:,} are allowed"
            )
        return self.value

    def integer(self) -> int:
        """A whole number."""
        if type(self.value) is not int:
            raise self.wrong("a whole number")
        return self.value

    def number(self) -> Fraction:
        """A finite number, exactly."""
        if isinstance(self.value, bool) or not isinstance(self.value, (int, Decimal)):
            raise self.wrong("a number")
        if isinstance(self.value, Decimal) and not (
            self.value.is_finite() and self.value.adjusted() < _MAX_POWER
        ):
            raise self.wrong("a number of at most 1e18")
        return built(self, exact, self.value)

    def date(self) -> datetime.date:
        """A day."""
        if type(self.value) is not datetime.date:  # a datetime is a date, too, but not a day
            raise self.wrong("a day such as 2026-12-31")
        return self.value

    def _table(self, what: str) -> dict[object, object]:
        value = self.value
        if not isinstance(value, dict):
            raise self.wrong(what)
        return cast("dict[object, object]", value)


def built(node: Node, make: Callable[..., T], *args: object) -> T:
    """``make(*args)``, with a DomainError turned into a FormatError at ``node``."""
    try:
        return make(*args)
    except DomainError as error:
        message = str(error).removesuffix(f"; {error.help}") if error.help else str(error)
        code = None if error.code == DomainError.default_code else error.code
        raise FormatError(
            message, file=node.file, place=node.place, help=error.help, code=code
        ) from None


class Problems:
    """Errors found so far in one file, raised together."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: list[FormatError] = []

    def attempt(self, read: Callable[..., T], *args: object) -> T | None:
        """``read(*args)``, or None with its FormatError kept for :meth:`check`."""
        try:
            return read(*args)
        except FormatError as error:
            self._found.append(error)
            if len(self._found) == _MAX_FOUND:
                self.check()
            return None

    def check(self) -> None:
        """Raise what was found, as one error."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            lines = "".join(f"\n  {self._line(error)}" for error in self._found)
            count = (
                f"the first {_MAX_FOUND}"
                if len(self._found) == _MAX_FOUND
                else len(self._found)
            )
            raise FormatError(f"{count} problems:{lines}", file=self.file)

    def _line(self, error: FormatError) -> str:
        return str(error).removeprefix(f"{self.file} @ ").removeprefix(f"{self.file}: ")


def decimal(token: str) -> Decimal:
    """The number that a parser met; not a number if it is absurdly long or large."""
    try:
        return Decimal(token) if len(token) <= _MAX_DIGITS else Decimal("Infinity")
    except InvalidOperation:
        return Decimal("Infinity")


def whole(token: str) -> int | Decimal:
    """The whole number that a parser met; infinite if it is absurdly long."""
    return int(token) if len(token) <= _MAX_DIGITS else Decimal("Infinity")


def near(word: str, known: Iterable[str], what: str) -> str:
    """Advice for a name that is not known: the nearest one that is, or a list."""
    names = list(known)[:_MAX_COMPARED]
    found = get_close_matches(word[:_MAX_TEXT], names, n=1)
    if found:
        return f"did you mean {quote(found[0])}?"
    listed = ", ".join(quote(name) for name in names[:_MAX_SHOWN])
    more = ", …" if len(names) > _MAX_SHOWN else ""
    return f"{what}: {listed}{more}" if names else ""


def described(value: object) -> str:
    """A value for an error message: short, safe, and without the types of Python."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return safe(str(value))[:40]
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "nothing" if value is None else quote(value)


def _inside(place: str, key: str | int) -> str:
    if isinstance(key, int):
        return f"{place}[{key}]"
    return (
        f"{place}.{key}" if re.fullmatch(r"[\w-]{1,64}", key) else f"{place}[{quote(key, 40)}]"
    )
