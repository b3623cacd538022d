"""Our own format: one TOML file a scenario. ``docs/reference/scenario-format.md`` is its reference.

Numbers are exact: a decimal is read as a decimal, never through a float, and a number that has no finite
decimal form may be written as a fraction in quotes (``"1/3"``).
"""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import check_room, finished
from negotiate.domain.formats._files import check_marks, text_of
from negotiate.domain.formats._node import Node, Problems, built, decimal, described, near
from negotiate.domain.issues import (
    MAX_ISSUES,
    MAX_VALUES,
    Choice,
    Date,
    Domain,
    Integer,
    Issue,
    Money,
    Quantity,
)
from negotiate.domain.preferences import (
    Group,
    Linear,
    LinearAdditive,
    PiecewiseLinear,
    Table,
    ValueFunction,
    exact,
    fixed,
)
from negotiate.domain.scenario import Role, Scenario
from negotiate.errors import FormatError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT = "negotiate-scenario"
VERSION = 1
MAX_BYTES = 2 * 2**20

_TOP = ("format", "version", "name", "title", "description", "issues", "roles")
_ROLE = ("name", "who", "reservation", "discount", "issues", "groups")
_TERM = ("weight", "low", "high", "values", "points")
_GROUP = ("issues", "weight", "otherwise", "rows")
_FRACTION = re.compile(r"\s*([+-]?\d{1,2000})\s*/\s*(\d{1,2000})\s*", re.ASCII)
_LONG_KEY = re.compile(
    rb"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}"""
)
_ABOUT = 4096  # characters of a description


def read(data: bytes, file: str) -> Scenario:
    """The scenario in a file of our own format.

    Raises:
        FormatError: all that is wrong with the file, each with its place.
    """
    root = parse(data, file)
    _check_format(root)
    problems = Problems(file)
    problems.attempt(root.only, _TOP)
    name = problems.attempt(_text, root, "name", None)
    title = problems.attempt(_text, root, "title", "")
    about = problems.attempt(_text, root, "description", "")
    domain = _domain(root, title or "", problems)
    roles = _roles(root, domain, problems)
    problems.check()
    return finished(name or "", domain, roles, file, about or "")


def parse(data: bytes, file: str) -> Node:
    """The tables of a TOML file, as they stand."""
    if len(data) > MAX_BYTES:
        raise FormatError(f"larger than {MAX_BYTES:,} bytes", file=file, code="too-large")
    check_marks(data, b"[{,\n=", file)
    if _LONG_KEY.search(data):  # the parser takes quadratic time for a key of many parts
        raise FormatError("a dotted key of more than 32 parts", file=file)
    try:
        return Node(tomllib.loads(text_of(data, file), parse_float=decimal), file)
    except RecursionError:
        raise FormatError("nested too deeply", file=file) from None
    except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
        raise FormatError(f"not TOML: {safe(str(error))[:200]}", file=file) from None


def _check_format(root: Node) -> None:
    found = root.get("format")
    if found is None or found.value != FORMAT:
        what = "nothing" if found is None else described(found.value)
        raise root.error(f"format is {what}; {FORMAT!r} is expected")
    version = root.need("version")
    if version.value != VERSION or type(version.value) is not int:
        raise version.error(
            f"version {described(version.value)}; this library reads version {VERSION}",
            help="a newer version of negotiate-kit may read it",
        )


def _text(node: Node, key: str, default: str | None) -> str:
    found = node.need(key) if default is None else node.get(key)
    if found is None:
        return default or ""
    text = found.text(_ABOUT)
    if default is None and not text.strip():
        raise found.wrong("a name")
    return text


def number(node: Node) -> Fraction:
    """A number, or a fraction in quotes."""
    if isinstance(node.value, str):
        match = _FRACTION.fullmatch(node.value)
        if match is None or int(match[2]) == 0:
            raise node.wrong('a number, or a fraction such as "1/3",')
        return built(node, exact, Fraction(int(match[1]), int(match[2])))
    return node.number()


def _number(node: Node, key: str, default: int) -> Fraction:
    found = node.get(key)
    return Fraction(default) if found is None else number(found)


def _integer(node: Node, key: str, default: int) -> int:
    found = node.get(key)
    return default if found is None else found.integer()


# Issues


def _domain(root: Node, title: str, problems: Problems) -> Domain:
    nodes = root.need("issues").items("a list of tables, [[issues]],")
    if len(nodes) > MAX_ISSUES:
        raise root.error(f"{len(nodes)} issues; at most {MAX_ISSUES} are allowed")
    found = [problems.attempt(_issue, node) for node in nodes]
    problems.check()  # the roles make no sense without the issues
    issues = tuple(issue for issue in found if issue is not None)
    return built(root.need("issues"), Domain, issues, title)


def _issue(node: Node) -> Issue:
    name = _text(node, "name", None)
    kind = node.need("kind")
    if not isinstance(kind.value, str) or kind.value not in _KINDS:
        raise kind.error(
            f"{described(kind.value)} is no kind of issue",
            help=near(str(kind.value)[:80], _KINDS, "the kinds are"),
        )
    keys, make = _KINDS[kind.value]
    node.only(("name", "kind", *keys))
    return make(node, name)


def _choice(node: Node, name: str) -> Issue:
    values = tuple(value.text() for value in node.need("values").items())
    return built(node, Choice, name, values)


def _date(node: Node, name: str) -> Issue:
    low, high = node.need("low").date(), node.need("high").date()
    return built(node, Date, name, low, high, _integer(node, "step", 1))


def _whole(node: Node, name: str) -> Issue:
    return built(node, Integer, name, *_grid(node, 0))


def _quantity(node: Node, name: str) -> Issue:
    scale = _scale(node, 0)
    unit = _text(node, "unit", None)
    return built(node, lambda: Quantity(name, *_grid(node, scale), unit=unit, scale=scale))


def _money(node: Node, name: str) -> Issue:
    scale = _scale(node, 2)
    currency = _text(node, "currency", None)
    return built(node, lambda: Money(name, *_grid(node, scale), currency=currency, scale=scale))


_KINDS: dict[str, tuple[tuple[str, ...], Callable[[Node, str], Issue]]] = {
    "choice": (("values",), _choice),
    "integer": (("low", "high", "step"), _whole),
    "quantity": (("unit", "scale", "low", "high", "step"), _quantity),
    "money": (("currency", "scale", "low", "high", "step"), _money),
    "date": (("low", "high", "step"), _date),
}


def _scale(node: Node, default: int) -> int:
    scale = _integer(node, "scale", default)
    if not 0 <= scale <= 9:
        raise node.need("scale").wrong("0 to 9")
    return scale


def _grid(node: Node, scale: int) -> tuple[int, int, int]:
    step = node.get("step")
    by = 1 if step is None else _scaled(step, scale)
    return _scaled(node.need("low"), scale), _scaled(node.need("high"), scale), by


def _scaled(node: Node, scale: int) -> int:
    """A number in major units as a whole number of the smallest units."""
    value: Fraction = number(node) * 10**scale
    if value.denominator != 1:
        expected = f"at most {scale} decimals" if scale else "a whole number"
        raise node.error(f"{described(node.value)} where {expected} is expected")
    return value.numerator


def _position(issue: Issue, node: Node) -> int:
    """The grid position of a value written in the issue's own units."""
    if isinstance(issue, Integer):
        scale = issue.scale if isinstance(issue, (Quantity, Money)) else 0
        return built(node, issue.position, _scaled(node, scale))
    return built(node, issue.position, node.date() if isinstance(issue, Date) else node.text())


# Roles


def _roles(root: Node, domain: Domain, problems: Problems) -> list[Role]:
    nodes = root.need("roles").items("a list of tables, [[roles]],")
    check_room(domain, len(nodes), root.file)
    found = [problems.attempt(_role, node, domain, problems) for node in nodes]
    return [role for role in found if role is not None]


def _role(node: Node, domain: Domain, problems: Problems) -> Role:
    problems.attempt(node.only, _ROLE)
    name = _text(node, "name", None)
    who = _text(node, "who", "")
    terms = _terms(node, domain, problems)
    groups = _groups(node, domain, problems)
    reservation, discount = _number(node, "reservation", 0), _number(node, "discount", 1)
    make = partial(LinearAdditive, groups=groups, reservation=reservation, discount=discount)
    return Role(name, built(node, make, domain, terms), who)


def _terms(
    node: Node, domain: Domain, problems: Problems
) -> dict[str, tuple[Fraction, ValueFunction]]:
    terms: dict[str, tuple[Fraction, ValueFunction]] = {}
    table = node.get("issues")
    for name, term in table.mapping().items() if table else ():
        issue = problems.attempt(_issue_called, term, name, domain)
        found = None if issue is None else problems.attempt(_term, term, issue)
        if found is not None:
            terms[name] = found
    return terms


def _issue_called(node: Node, name: str, domain: Domain) -> Issue:
    issues = {issue.name: issue for issue in domain.issues}
    if name not in issues:
        raise node.error(
            f"no issue is called {quote(name)}", help=near(name, issues, "the issues are")
        )
    return issues[name]


def _term(node: Node, issue: Issue) -> tuple[Fraction, ValueFunction]:
    node.only(_TERM)
    weight = number(node.need("weight"))
    given = [key for key in _TERM[1:] if node.get(key)]
    if given == ["low", "high"]:
        return weight, Linear(number(node.need("low")), number(node.need("high")))
    if given == ["values"]:
        return weight, _table(node.need("values"), issue)
    if given == ["points"]:
        return weight, _points(node.need("points"), issue)
    came = " and ".join(given) or "none of them"
    raise node.error(f"{came} where one of 'low and high', 'values' or 'points' is expected")


def _table(node: Node, issue: Issue) -> Table:
    if not isinstance(issue, Choice):
        raise node.error(
            f"'values' is for a choice; {quote(issue.name)} is of kind {issue.kind}",
            help="use 'low' and 'high', or 'points'",
        )
    entries = node.mapping()
    for value in entries:
        if value not in issue.values:
            raise node.error(
                f"{quote(value)} is no value of this issue",
                help=near(value, issue.values, "it has"),
            )
    missing = [value for value in issue.values if value not in entries]
    if missing:
        shown = ", ".join(map(quote, missing[:8]))
        raise node.error(f"no value is given for {shown}")
    return Table(tuple(number(entries[value]) for value in issue.values))


def _points(node: Node, issue: Issue) -> PiecewiseLinear:
    points: list[tuple[int, Fraction]] = []
    for item in node.items():
        pair = item.items("a pair [x, value]")
        if len(pair) != 2:
            raise item.wrong("a pair [x, value]")
        points.append((_position(issue, pair[0]), number(pair[1])))
    places = [place for place, _ in points]
    ends = (places[0], places[-1]) if places else (-1, -1)
    if ends != (0, issue.size - 1) or any(a >= b for a, b in pairwise(places)):
        first, last = issue.show(0), issue.show(issue.size - 1)
        raise node.error(f"the points must rise from {quote(first)} to {quote(last)}")
    return PiecewiseLinear(tuple(points))


def _groups(node: Node, domain: Domain, problems: Problems) -> list[Group]:
    nodes = node.get("groups")
    found = [
        problems.attempt(_group, item, domain) for item in (nodes.items() if nodes else ())
    ]
    return [group for group in found if group is not None]


def _group(node: Node, domain: Domain) -> Group:
    node.only(_GROUP)
    names = [item.text() for item in node.need("issues").items()]
    issues = [_issue_called(node, name, domain) for name in names]
    if len(set(names)) != len(names) or len(names) < 2:
        raise node.need("issues").error("a group needs at least two different issues")
    size = prod(issue.size for issue in issues)
    if size > MAX_VALUES:
        raise node.error(
            f"a group of {size:,} combinations; at most {MAX_VALUES:,} are allowed"
        )
    weight = number(node.need("weight"))
    filled = [built(node, fixed, weight * _number(node, "otherwise", 0))] * size
    order = sorted(range(len(names)), key=lambda i: domain.issue_index(names[i]))
    seen: set[int] = set()
    for row in node.need("rows").items():
        place, value = _row(row, issues, order)
        if place in seen:
            raise row.error("this combination is valued twice")
        seen.add(place)
        filled[place] = built(row, fixed, weight * value)
    return Group(tuple(domain.issue_index(names[i]) for i in order), tuple(filled))


def _row(node: Node, issues: list[Issue], order: list[int]) -> tuple[int, Fraction]:
    cells = node.items()
    if len(cells) != len(issues) + 1:
        raise node.error(
            f"{len(cells)} entries; {len(issues)} values and one number are expected"
        )
    place = 0
    for i in order:
        place = place * issues[i].size + _position(issues[i], cells[i])
    return place, number(cells[-1])
