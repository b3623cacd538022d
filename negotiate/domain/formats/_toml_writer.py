"""Writes a scenario in our own format, so that reading it back gives the same numbers.

What was written by hand comes back as written; tables of foreign formats become ``values`` and ``points``. A
number with a short decimal form is written as a decimal, any other as a fraction in quotes.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from negotiate.domain.formats.toml import FORMAT, VERSION, read
from negotiate.domain.formats.toml_text import key, text
from negotiate.domain.issues import Choice, Date, Integer, Issue, Money, Quantity
from negotiate.domain.preferences import SCALE, Linear, PiecewiseLinear, ValueFunction
from negotiate.errors import FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from negotiate.domain.issues import Domain
    from negotiate.domain.preferences import Group, LinearAdditive
    from negotiate.domain.scenario import Role, Scenario

_MOST_DECIMALS = 40


def write(scenario: Scenario) -> str:
    """The scenario as text of our own format.

    Raises:
        FormatError: an issue of a kind of your own, or tables too large for a file.
    """
    written = "\n".join(_lines(scenario)) + "\n"
    try:
        read(written.encode(), "")
    except FormatError as error:  # too large, or with texts that are too long
        message = f"scenario {quote(scenario.name)} has no text form that reads back: {error}"
        raise FormatError(message, code=error.code) from None
    return written


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"format = {text(FORMAT)}"
    yield f"version = {VERSION}"
    yield f"name = {text(scenario.name)}"
    if scenario.domain.name:
        yield f"title = {text(scenario.domain.name)}"
    if scenario.description:
        yield f"description = {text(scenario.description)}"
    for issue in scenario.domain.issues:
        yield from _issue(issue)
    for role in scenario.roles:
        yield from _role(role, scenario.domain)


def _issue(issue: Issue) -> Iterator[str]:
    yield ""
    yield "[[issues]]"
    yield f"name = {text(issue.name)}"
    yield f"kind = {text(issue.kind)}"
    if type(issue) is Choice:
        yield f"values = [{', '.join(map(text, issue.values))}]"
        return
    if type(issue) not in (Integer, Quantity, Money, Date):
        raise FormatError(
            f"issue {quote(issue.name)} is of class {type(issue).__name__}, which has no text form"
        )
    if isinstance(issue, Money):
        yield f"currency = {text(issue.currency)}"
    if isinstance(issue, Quantity):
        yield f"unit = {text(issue.unit)}"
    if isinstance(issue, (Money, Quantity)):
        yield f"scale = {issue.scale}"
    yield f"low = {_value(issue, 0)}"
    yield f"high = {_value(issue, issue.size - 1)}"
    if isinstance(issue, (Integer, Date)):
        yield f"step = {_amount(issue, issue.step)}"


def _role(role: Role, domain: Domain) -> Iterator[str]:
    own = role.preferences
    yield ""
    yield "[[roles]]"
    yield f"name = {text(role.name)}"
    if role.who:
        yield f"who = {text(role.who)}"
    yield f"reservation = {_number(Fraction(own.reservation, SCALE))}"
    yield f"discount = {_number(own.discount)}"
    for issue in domain.issues:
        if issue.name in own.terms:
            yield from _term(issue, *own.terms[issue.name])
    for group in own.groups:
        yield from _group(group, own)


def _term(issue: Issue, weight: Fraction, function: ValueFunction) -> Iterator[str]:
    yield f"[roles.issues.{key(issue.name)}]"
    yield f"weight = {_number(weight)}"
    if isinstance(function, Linear):
        yield f"low = {_number(function.low)}"
        yield f"high = {_number(function.high)}"
    elif isinstance(function, PiecewiseLinear):
        yield _points(issue, function.points)
    elif isinstance(issue, Choice):
        pairs = zip(issue.values, function.values, strict=True)
        yield f"values = {{ {', '.join(f'{key(v)} = {_number(x)}' for v, x in pairs)} }}"
    else:
        yield _points(issue, tuple(enumerate(function.values)))


def _points(issue: Issue, points: tuple[tuple[int, Fraction], ...]) -> str:
    shown = ", ".join(f"[{_value(issue, place)}, {_number(value)}]" for place, value in points)
    return f"points = [{shown}]"


def _group(group: Group, own: LinearAdditive) -> Iterator[str]:
    issues = [own.domain.issues[i] for i in group.issues]
    common = Counter(group.contributions).most_common(1)[0][0]
    yield "[[roles.groups]]"
    yield f"issues = [{', '.join(text(issue.name) for issue in issues)}]"
    yield "weight = 1"
    yield f"otherwise = {_number(Fraction(common, SCALE))}"
    yield "rows = ["
    places = product(*(range(issue.size) for issue in issues))
    for positions, value in zip(places, group.contributions, strict=True):
        if value != common:
            cells = [_value(i, place) for i, place in zip(issues, positions, strict=True)]
            yield f"  [{', '.join(cells)}, {_number(Fraction(value, SCALE))}],"
    yield "]"


def _value(issue: Issue, position: int) -> str:
    value = issue.value(position)
    if isinstance(value, int):
        return _amount(issue, value)
    return text(value) if isinstance(value, str) else value.isoformat()


def _amount(issue: Issue, units: int) -> str:
    """A whole number of smallest units, in major units."""
    scale = issue.scale if isinstance(issue, (Money, Quantity)) else 0
    return _decimal(units, scale)


def _number(value: Fraction) -> str:
    """A number: a decimal where there is a short one, else a fraction in quotes."""
    if value.denominator == 1:
        return str(value.numerator)
    places = _decimals(value.denominator)
    if places is not None:
        return _decimal(value.numerator * 10**places // value.denominator, places)
    return f'"{value.numerator}/{value.denominator}"'


def _decimal(units: int, places: int) -> str:
    """A whole number of ``10**-places``, written out; arithmetic of decimals would round it."""
    digits = str(abs(units)).rjust(places + 1, "0")
    sign = "-" if units < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _decimals(denominator: int) -> int | None:
    """How many decimals a fraction with this denominator needs; None if too many or endless."""
    for places in range(_MOST_DECIMALS + 1):
        if 10**places % denominator == 0:
            return places
    return None
