"""Genius XML: a folder with one template and a utility space per party.

What the numbers mean (Genius 10; Lin, Kraus, Baarslag, Tykhonov, Hindriks & Jonker 2014, *Computational
Intelligence* 30):

- Utility is the sum of ``weight * evaluation`` over the issues. Weights are taken as they are and belong to
  issues by ``index``; those that belong to no issue are ignored, as Genius does.
- *Discrete* issues: each evaluation is divided by the largest of its issue; if that is 0, all are worth 0.
- *Integer* issues: ``slope * (value - lowerbound) + offset``, cut off below 0 and above 1, and not divided.
- *Real* issues: ``parameter1 * value + parameter0``, cut off likewise. Genius negotiates a real issue on 21
  evenly spaced values, from the lower to the upper bound; so do we.
- *Price* evaluators (the car domain of Jonker & Treur 2001): what is left of a price after the costs of the
  chosen items, ``(price - costs - lowerbound) / (upperbound - lowerbound - largest costs)``, cut off likewise.
  It depends on all issues, so it becomes a group term.
- A discount factor that is not in (0, 1] means none. Reservation value and discount default to none.

``type="UNCERTAIN"`` profiles are additive, too; their elicitation parameters are ignored. Roles are called
after the files of their profiles, in the order of the file names.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import product
from math import lcm, prod
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import amount, check_room, clipped, cut, finished, numeric
from negotiate.domain.formats._node import Node, Problems, built, near
from negotiate.domain.formats._xml import Element, parse
from negotiate.domain.issues import MAX_ISSUES, Choice, Domain, Integer, Issue
from negotiate.domain.preferences import (
    Group,
    Linear,
    LinearAdditive,
    Table,
    ValueFunction,
    fixed,
)
from negotiate.domain.scenario import Role, Scenario
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATE = "negotiation_template"
PROFILE = "utility_space"
REAL_VALUES = 21
"""On how many values Genius negotiates a real issue."""

_NO_EVALUATION = Fraction(1, 100_000)  # Genius divides by no largest evaluation below this
_MAX_COMBINATIONS = 2**18
_TYPES = ("discrete", "integer", "real")


def read(
    name: str, template: tuple[str, bytes], profiles: Mapping[str, tuple[str, bytes]]
) -> Scenario:
    """The scenario of a template and its profiles.

    Args:
        name: of the scenario.
        template: its file, and its content.
        profiles: for each role its file and its content, in order.

    Raises:
        FormatError: all that is wrong with the first file that is wrong.
    """
    file, data = template
    root = parse(data, file)
    issues = _issues(root)
    objective = root.first("objective")
    title = objective.attributes.get("name", "") if objective else ""
    domain = built(_whole(root), Domain, tuple(issues.values()), title[:256])
    check_room(domain, len(profiles), file)
    roles = [
        Role(role, _preferences(parse(content, path), domain, issues))
        for role, (path, content) in profiles.items()
    ]
    return finished(name, domain, roles, file, f"Genius domain {quote(title)}, read from XML.")


def _whole(element: Element) -> Node:
    return Node(None, element.file, f"{element.path} (line {element.line})")


# The template


def _issues(root: Element) -> dict[int, Issue]:
    """The issues of a template by index, in the order of their indices."""
    elements = sorted(_by_index(root, "issue").items())
    if not 1 <= len(elements) <= MAX_ISSUES:
        raise root.error(f"{len(elements)} issues; between 1 and {MAX_ISSUES} are allowed")
    problems = Problems(root.file)
    found = {index: problems.attempt(_issue, element) for index, element in elements}
    problems.check()
    return {index: issue for index, issue in found.items() if issue is not None}


def _by_index(root: Element, tag: str) -> dict[int, Element]:
    found: dict[int, Element] = {}
    for element in root.iter(tag):
        index = element.integer("index")
        if index in found:
            raise element.error(f"a second {tag} with index {index}")
        found[index] = element
    return found


def _issue(element: Element) -> Issue:
    name = element.need("name").text()
    kind = _type(element)
    if kind == "discrete":
        values = tuple(
            item.need("value").text() for item in element.children if item.tag == "item"
        )
        return built(_whole(element), Choice, name, values)
    if kind == "integer":
        low, high = (_bounds(element).integer(side) for side in ("lowerbound", "upperbound"))
        return built(_whole(element), Integer, name, low, high)
    if kind == "real":
        bottom, top = (_bounds(element).number(side) for side in ("lowerbound", "upperbound"))
        step = (top - bottom) / (REAL_VALUES - 1)
        return built(_whole(element), numeric, name, bottom, top, step)
    raise element.error(f"issue type {quote(kind)}", help=near(kind, _TYPES, "known are"))


def _type(element: Element) -> str:
    """What kind of issue or evaluator this is: the first of three attributes that Genius has used for it."""
    names = (element.attributes.get(key) for key in ("type", "etype", "vtype"))
    return next((name for name in names if name), "discrete").lower()


def _bounds(element: Element) -> Element:
    """The element that holds the bounds of a numeric issue: itself, or a ``range`` in it."""
    inner = element.first("range")
    return inner if inner is not None and "lowerbound" not in element.attributes else element


# The profiles


def _preferences(root: Element, domain: Domain, issues: Mapping[int, Issue]) -> LinearAdditive:
    kind = root.attributes.get("type", "").lower()
    if "nonlinear" in kind or "constraint" in kind:
        raise root.error(f"utility space of type {quote(kind)}; only additive ones are read")
    problems = Problems(root.file)
    weights = {
        index: element.number("value") for index, element in _by_index(root, "weight").items()
    }
    elements = _by_index(root, "issue")
    terms: dict[str, tuple[Fraction, ValueFunction]] = {}
    groups: list[Group] = []
    for index, issue in issues.items():
        part = problems.attempt(_term, root, elements.get(index), index, issue, weights)
        if part is None:
            continue
        element, weight = part
        if _type(element) == "price":
            found = problems.attempt(_profit, element, weight, index, issues, elements)
            groups += [found] if found else []
            continue
        function = problems.attempt(_function, element, issue)
        if function is not None:
            terms[issue.name] = (weight, function)
    discount = _setting(root, "discount_factor", 1)
    reservation = _setting(root, "reservation", 0)
    problems.check()
    return built(
        _whole(root),
        lambda: LinearAdditive(
            domain,
            terms,
            groups=groups,
            reservation=reservation,
            discount=discount if 0 < discount <= 1 else 1,
        ),
    )


def _setting(root: Element, tag: str, default: int) -> Fraction:
    element = root.first(tag)
    return Fraction(default) if element is None else element.number("value")


def _term(
    root: Element,
    element: Element | None,
    index: int,
    issue: Issue,
    weights: Mapping[int, Fraction],
) -> tuple[Element, Fraction]:
    """The element that evaluates an issue, and its weight."""
    if element is None:
        raise root.error(f"issue {index} {quote(issue.name)} of the template is missing")
    name = element.need("name")
    if name.value != issue.name:
        raise name.error(
            f"issue {index} is called {quote(name.value)} here, {quote(issue.name)} in the template"
        )
    if index not in weights:
        raise root.error(f"no weight has index {index}, of issue {quote(issue.name)}")
    return element, weights[index]


def _function(element: Element, issue: Issue) -> ValueFunction:
    kind = _type(element)
    if isinstance(issue, Choice):
        return _discrete(element, issue)
    if not isinstance(issue, Integer):  # no template makes any other
        raise element.error(f"issue type {quote(kind)}")
    evaluator = element.first("evaluator")
    if evaluator is None:
        raise element.error("an evaluator is missing")
    if kind == "integer":
        slope, offset = evaluator.number("slope"), evaluator.number("offset")
        low = _lowerbound(element, issue)
        return clipped(lambda place: slope * (issue.value(place) - low) + offset, issue.size)
    if kind == "real":
        return _real(evaluator, issue)
    raise element.error(
        f"evaluator of type {quote(kind)}", help=near(kind, _TYPES, "known are")
    )


def _discrete(element: Element, issue: Choice) -> Table:
    found: dict[str, Fraction] = {}
    known = set(issue.values)
    for item in (child for child in element.children if child.tag == "item"):
        value = item.need("value").text()
        if value not in known:
            raise item.error(
                f"{quote(value)} is no value in the template",
                help=near(value, issue.values, "it has"),
            )
        if value in found:
            raise item.error(f"{quote(value)} is evaluated twice")
        found[value] = item.number("evaluation")
    missing = [value for value in issue.values if value not in found]
    if missing:
        raise element.error(f"no evaluation of {', '.join(map(quote, missing[:8]))}")
    largest = max(found.values())
    scale = 1 / largest if largest >= _NO_EVALUATION else Fraction(0)
    return Table(tuple(found[value] * scale for value in issue.values))


def _lowerbound(element: Element, issue: Integer) -> int:
    holder = _bounds(element)
    return holder.integer("lowerbound") if "lowerbound" in holder.attributes else issue.low


def _real(evaluator: Element, issue: Integer) -> ValueFunction:
    kind = evaluator.need("ftype").text()
    constant = evaluator.number("parameter0")
    if kind == "constant":
        return Linear(constant, constant)
    if kind != "linear":
        raise evaluator.error(
            f"evaluator function {quote(kind)}", help="known are: 'linear', 'constant'"
        )
    slope = evaluator.number("parameter1")
    return clipped(lambda place: slope * amount(issue, place) + constant, issue.size)


# The price evaluator


def _profit(
    element: Element,
    weight: Fraction,
    index: int,
    issues: Mapping[int, Issue],
    elements: Mapping[int, Element],
) -> Group:
    """What is left of a price after the costs of the items, as a term over all issues."""
    low, high = (_bounds(element).number(side) for side in ("lowerbound", "upperbound"))
    issue = issues[index]
    if not isinstance(issue, Integer):
        raise element.error(f"a price evaluator for {quote(issue.name)}, which is not numeric")
    if prod(issue.size for issue in issues.values()) > _MAX_COMBINATIONS or len(issues) < 2:
        raise element.error(
            f"a price evaluator over more than {_MAX_COMBINATIONS:,} outcomes, or over one issue"
        )
    place = list(issues).index(index)
    columns = [_costs(elements.get(i), other) for i, other in issues.items()]
    margin = high - low - sum(max(column) for column in columns)
    if margin <= 0:
        raise element.error("the costs of the items leave no room below the upper bound")
    columns[place] = [-amount(issue, position) for position in range(issue.size)]
    return Group(tuple(range(len(issues))), _margins(columns, low, margin, weight))


def _margins(
    columns: list[list[Fraction]], low: Fraction, margin: Fraction, weight: Fraction
) -> tuple[int, ...]:
    """``weight * -(low + one of each column) / margin``, cut off, for every combination."""
    fine = lcm(low.denominator, *(cost.denominator for column in columns for cost in column))
    whole = [[int(cost * fine) for cost in column] for column in columns]
    start = int(low * fine)

    @cache  # few different sums; a fraction for each combination would take seconds
    def worth(total: int) -> int:
        return fixed(weight * cut(-total / (margin * fine)))

    return tuple(worth(sum(cells, start)) for cells in product(*whole))


def _costs(element: Element | None, issue: Issue) -> list[Fraction]:
    """What each value of an issue costs the party; nothing where the file says nothing."""
    if element is None or not isinstance(issue, Choice):
        return [Fraction(0)] * issue.size
    items = [child for child in element.children if child.tag == "item"]
    costs = {
        i.attributes.get("value", ""): i.number("cost") for i in items if "cost" in i.attributes
    }
    return [costs.get(value, Fraction(0)) for value in issue.values]
