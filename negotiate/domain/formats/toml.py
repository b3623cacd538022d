"""Our own format: one TOML file a scenario. ``docs/reference/scenario-format.md`` is its reference.

Numbers are exact: a decimal is read as a decimal, never through a float, and a number that has no finite
decimal form may be written as a fraction in quotes (``"1/3"``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.domain.formats._build import finished
from negotiate.domain.formats._node import Node, Problems, built, described, near
from negotiate.domain.formats._toml_roles import roles_of
from negotiate.domain.formats._toml_values import integer_at, parse, scaled, text_at
from negotiate.domain.issues import (
    MAX_ISSUES,
    Choice,
    Date,
    Domain,
    Integer,
    Issue,
    Money,
    Quantity,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.scenario import Scenario

FORMAT = "negotiate-scenario"
VERSION = 1

_TOP = ("format", "version", "name", "title", "description", "issues", "roles")


def read(data: bytes, file: str) -> Scenario:
    """The scenario in a file of our own format.

    Raises:
        FormatError: all that is wrong with the file, each with its place.
    """
    root = parse(data, file)
    _check_format(root)
    problems = Problems(file)
    problems.attempt(root.only, _TOP)
    name = problems.attempt(text_at, root, "name", None)
    title = problems.attempt(text_at, root, "title", "")
    about = problems.attempt(text_at, root, "description", "")
    domain = _domain(root, title or "", problems)
    roles = roles_of(root, domain, problems)
    problems.check()
    return finished(name or "", domain, roles, file, about or "")


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
    name = node.need("name").text()
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
    return built(node, Date, name, low, high, integer_at(node, "step", 1))


def _whole(node: Node, name: str) -> Issue:
    return built(node, Integer, name, *_grid(node, 0))


def _quantity(node: Node, name: str) -> Issue:
    scale = _scale(node, 0)
    unit = text_at(node, "unit", None)
    return built(node, lambda: Quantity(name, *_grid(node, scale), unit=unit, scale=scale))


def _money(node: Node, name: str) -> Issue:
    scale = _scale(node, 2)
    currency = text_at(node, "currency", None)
    return built(node, lambda: Money(name, *_grid(node, scale), currency=currency, scale=scale))


_KINDS: dict[str, tuple[tuple[str, ...], Callable[[Node, str], Issue]]] = {
    "choice": (("values",), _choice),
    "integer": (("low", "high", "step"), _whole),
    "quantity": (("unit", "scale", "low", "high", "step"), _quantity),
    "money": (("currency", "scale", "low", "high", "step"), _money),
    "date": (("low", "high", "step"), _date),
}


def _scale(node: Node, default: int) -> int:
    scale = integer_at(node, "scale", default)
    if not 0 <= scale <= 9:
        raise node.need("scale").wrong("0 to 9")
    return scale


def _grid(node: Node, scale: int) -> tuple[int, int, int]:
    step = node.get("step")
    by = 1 if step is None else scaled(step, scale)
    return scaled(node.need("low"), scale), scaled(node.need("high"), scale), by
