"""GeniusWeb JSON: a folder with a domain and a profile per party, or profiles alone, which embed the domain.

Utility is the sum of ``weight * utility of the value`` (``LinearAdditiveUtilitySpace``), nothing is
normalised. ``DiscreteValueSetUtilities`` are tables; ``NumberValueSetUtilities`` are straight lines from
``lowValue`` to ``highValue``, over the grid of the domain's ``range`` (``low``, ``high``, ``step``). The
reservation value is the utility of ``reservationBid``; issues that it leaves out count nothing. Both spellings
that GeniusWeb has used (``discreteutils``, ``numberutils``) read. Source: the GeniusWeb project of TU Delft.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import amount, check_room, finished, numeric, table, units
from negotiate.domain.formats._json import parse
from negotiate.domain.formats._node import Node, Problems, built, decimal
from negotiate.domain.issues import Choice, Domain, Integer, Issue
from negotiate.domain.preferences import SCALE, Linear, LinearAdditive, ValueFunction
from negotiate.domain.scenario import Role, Scenario
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

SPACE = "LinearAdditiveUtilitySpace"
_DISCRETE = ("DiscreteValueSetUtilities", "discreteutils")
_NUMBERS = ("NumberValueSetUtilities", "numberutils")


def read(
    name: str, domain_file: tuple[str, bytes] | None, profiles: Mapping[str, tuple[str, bytes]]
) -> Scenario:
    """The scenario of a domain and its profiles.

    Args:
        name: of the scenario.
        domain_file: the domain's file and content; None to take what the first profile embeds.
        profiles: for each role its file and content, in order.

    Raises:
        FormatError: all that is wrong with the first file that is wrong.
    """
    spaces = {role: _space(parse(data, file)) for role, (file, data) in profiles.items()}
    first = next(iter(spaces.values()))
    node = parse(domain_file[1], domain_file[0]) if domain_file else first.need("domain")
    domain = _domain(node)
    check_room(domain, len(spaces), node.file)
    roles = [Role(role, _preferences(space, domain)) for role, space in spaces.items()]
    about = f"GeniusWeb domain {quote(domain.name)}, read from JSON."
    return finished(name, domain, roles, node.file, about)


def _space(root: Node) -> Node:
    kinds = list(root.mapping("a profile"))
    if kinds != [SPACE]:
        came = quote(kinds[0]) if kinds else "nothing"
        raise root.error(f"a profile of type {came}; {SPACE} is read")
    return root.need(SPACE)


# The domain


def _domain(node: Node) -> Domain:
    name = node.get("name")
    issues = node.need("issuesValues").mapping("a table of issues")
    problems = Problems(node.file)
    found = [problems.attempt(_issue, name, values) for name, values in issues.items()]
    problems.check()
    title = name.text() if name else ""
    return built(node, Domain, tuple(issue for issue in found if issue is not None), title)


def _issue(name: str, node: Node) -> Issue:
    values = node.get("values")
    if values is not None:
        return built(node, Choice, name, tuple(value.text() for value in values.items()))
    return built(node, numeric, name, *_range(node.need("range")))


def _range(node: Node) -> tuple[Fraction, Fraction, Fraction]:
    """Low, high and step, in either way that GeniusWeb has written them."""
    if isinstance(node.value, dict):
        low, high, step = (node.need(key) for key in ("low", "high", "step"))
    else:
        parts = node.items("a range of low, high and step")
        if len(parts) != 3:
            raise node.wrong("a range of low, high and step")
        low, high, step = parts
    return _number(low), _number(high), _number(step)


def _number(node: Node) -> Fraction:
    """A number, which older versions wrote in quotes."""
    if (
        isinstance(node.value, str)
        and node.value.strip()[-1:].isdigit()
        and "_" not in node.value
    ):
        return Node(decimal(node.value.strip()), node.file, node.place).number()
    return node.number()


# A profile


def _preferences(space: Node, domain: Domain) -> LinearAdditive:
    problems = Problems(space.file)
    problems.attempt(_check_domain, space, domain)
    weights = space.need("issueWeights").mapping()
    utilities = space.need("issueUtilities").mapping()
    terms: dict[str, tuple[Fraction, ValueFunction]] = {}
    for issue in domain.issues:
        found = problems.attempt(_term, space, issue, weights, utilities)
        if found is not None:
            terms[issue.name] = found
    problems.check()
    plain = built(space, LinearAdditive, domain, terms)
    bid = space.get("reservationBid")
    if bid is None or bid.value is None:
        return plain
    reservation = Fraction(_worth(bid.need("issuevalues"), plain), SCALE)
    return built(space, lambda: LinearAdditive(domain, terms, reservation=reservation))


def _check_domain(space: Node, domain: Domain) -> None:
    node = space.get("domain")
    if node is not None and _domain(node).issues != domain.issues:
        raise node.error("another domain than that of the scenario's other files")


def _term(
    space: Node, issue: Issue, weights: Mapping[str, Node], utilities: Mapping[str, Node]
) -> tuple[Fraction, ValueFunction]:
    for key, entries in (("issueWeights", weights), ("issueUtilities", utilities)):
        if issue.name not in entries:
            raise space.need(key).error(f"issue {quote(issue.name)} is missing")
    return weights[issue.name].number(), _function(utilities[issue.name], issue)


def _function(node: Node, issue: Issue) -> ValueFunction:
    entries = node.mapping("utilities of the values")
    kind, inner = next(iter(entries.items()), ("", node))
    if len(entries) == 1 and kind in _DISCRETE and isinstance(issue, Choice):
        return table(inner.need("valueUtilities"), issue)
    if len(entries) == 1 and kind in _NUMBERS and isinstance(issue, Integer):
        return _line(inner, issue)
    expected = _DISCRETE[0] if isinstance(issue, Choice) else _NUMBERS[0]
    raise node.error(
        f"{quote(kind)} where {expected} is expected, for issue {quote(issue.name)}"
    )


def _line(node: Node, issue: Integer) -> Linear:
    low, high = _number(node.need("lowValue")), _number(node.need("highValue"))
    bottom, top = _number(node.need("lowUtility")), _number(node.need("highUtility"))
    first, last = amount(issue, 0), amount(issue, issue.size - 1)
    if low >= high or not low <= first <= last <= high:
        raise node.error(
            f"utilities from {float(low):g} to {float(high):g}, where the values run from "
            f"{float(first):g} to {float(last):g}"
        )
    slope = (top - bottom) / (high - low)
    return Linear(bottom + slope * (first - low), bottom + slope * (last - low))


def _worth(bid: Node, preferences: LinearAdditive) -> int:
    """Utility of a bid that need not be complete."""
    total = 0
    for name, value in bid.mapping("values by issue").items():
        index = built(value, preferences.domain.issue_index, name)
        total += preferences.tables[index][_position(preferences.domain.issues[index], value)]
    return total


def _position(issue: Issue, node: Node) -> int:
    if isinstance(issue, Choice):
        return built(node, issue.position, node.text())
    value = _number(node)
    return built(
        node, issue.position, units(issue, value) if isinstance(issue, Integer) else value
    )
