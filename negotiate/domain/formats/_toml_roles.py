"""The roles of our own format: value functions, groups, reservation value and discount."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import check_room, table
from negotiate.domain.formats._node import Node, Problems, built, near
from negotiate.domain.formats._toml_values import number, number_at, position, text_at
from negotiate.domain.issues import Choice, Domain, Issue
from negotiate.domain.preferences import (
    Group,
    Linear,
    LinearAdditive,
    PiecewiseLinear,
    Table,
    ValueFunction,
    fixed,
)
from negotiate.domain.scenario import Role
from negotiate.show import quote

if TYPE_CHECKING:
    from fractions import Fraction

MAX_GROUPED = 2**20
"""Most combinations of all groups of a file together."""

_ROLE = ("name", "who", "reservation", "discount", "issues", "groups")
_TERM = ("weight", "low", "high", "values", "points")
_GROUP = ("issues", "weight", "otherwise", "rows")


def roles_of(root: Node, domain: Domain, problems: Problems) -> list[Role]:
    """The roles of a file; what is wrong with them is in ``problems``."""
    nodes = root.need("roles").items("a list of tables, [[roles]],")
    check_room(domain, len(nodes), root.file)
    _check_groups(nodes, domain)
    found = [problems.attempt(_role, node, domain, problems) for node in nodes]
    return [role for role in found if role is not None]


def _role(node: Node, domain: Domain, problems: Problems) -> Role:
    problems.attempt(node.only, _ROLE)
    name = text_at(node, "name", None)
    who = text_at(node, "who", "")
    terms = _terms(node, domain, problems)
    groups = _groups(node, domain, problems)
    reservation, discount = number_at(node, "reservation", 0), number_at(node, "discount", 1)
    make = partial(LinearAdditive, groups=groups, reservation=reservation, discount=discount)
    return Role(name, built(node, make, domain, terms), who)


def _terms(
    node: Node, domain: Domain, problems: Problems
) -> dict[str, tuple[Fraction, ValueFunction]]:
    terms: dict[str, tuple[Fraction, ValueFunction]] = {}
    issues = node.get("issues")
    for name, term in issues.mapping().items() if issues else ():
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
    return table(node, issue, number)


def _points(node: Node, issue: Issue) -> PiecewiseLinear:
    points: list[tuple[int, Fraction]] = []
    for item in node.items():
        pair = item.items("a pair [x, value]")
        if len(pair) != 2:
            raise item.wrong("a pair [x, value]")
        points.append((position(issue, pair[0]), number(pair[1])))
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


def _check_groups(roles: list[Node], domain: Domain) -> None:
    """Raise FormatError if the groups of all roles together have too many combinations."""
    sizes = {issue.name: issue.size for issue in domain.issues}
    cells = 0
    for role in roles:
        groups = role.get("groups")
        for group in groups.items() if groups else ():
            names = group.need("issues").items()
            cells += prod(sizes.get(name.text(), 1) for name in names[: len(sizes)])
            if cells > MAX_GROUPED:
                raise group.error(f"groups of more than {MAX_GROUPED:,} combinations together")


def _group(node: Node, domain: Domain) -> Group:
    node.only(_GROUP)
    names = [item.text() for item in node.need("issues").items()]
    issues = [_issue_called(node, name, domain) for name in names]
    if len(set(names)) != len(names) or len(names) < 2:
        raise node.need("issues").error("a group needs at least two different issues")
    size = prod(issue.size for issue in issues)
    weight = number(node.need("weight"))
    filled = [built(node, fixed, weight * number_at(node, "otherwise", 0))] * size
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
        place = place * issues[i].size + position(issues[i], cells[i])
    return place, number(cells[-1])
