"""NegoLog JSON: a folder with ``profileA.json`` and ``profileB.json``; ``specs.json`` is not needed.

Utility is the sum of ``weight * value``; nothing is normalised. Issues and values stand in the order of the
first profile. Source: Doğru, Keskin, Jonker, Baarslag & Aydoğan (2024), *NegoLog*, IJCAI.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import check_room, finished, table
from negotiate.domain.formats._json import parse
from negotiate.domain.formats._node import Node, Problems, built, near
from negotiate.domain.issues import Choice, Domain
from negotiate.domain.preferences import LinearAdditive, ValueFunction
from negotiate.domain.scenario import Role, Scenario
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping


def read(name: str, profiles: Mapping[str, tuple[str, bytes]]) -> Scenario:
    """The scenario of some profiles.

    Args:
        name: of the scenario.
        profiles: for each role its file and content, in order.

    Raises:
        FormatError: all that is wrong with the first file that is wrong.
    """
    roots = {role: parse(data, file) for role, (file, data) in profiles.items()}
    first = next(iter(roots.values()))
    domain = _domain(first)
    check_room(domain, len(roots), first.file)
    roles = [Role(role, _preferences(root, domain)) for role, root in roots.items()]
    return finished(
        name, domain, roles, first.file, f"NegoLog domain {quote(name)}, read from JSON."
    )


def _domain(root: Node) -> Domain:
    node = root.need("issues")
    problems = Problems(root.file)
    found = [problems.attempt(_issue, name, each) for name, each in node.mapping().items()]
    problems.check()
    return built(node, Domain, tuple(issue for issue in found if issue is not None))


def _issue(name: str, node: Node) -> Choice:
    return built(node, Choice, name, tuple(node.mapping("a table of values")))


def _preferences(root: Node, domain: Domain) -> LinearAdditive:
    weights, values = root.need("issueWeights").mapping(), root.need("issues").mapping()
    problems = Problems(root.file)
    terms: dict[str, tuple[Fraction, ValueFunction]] = {}
    for name, node in values.items():
        found = problems.attempt(_term, node, name, domain, weights)
        if found is not None:
            terms[name] = found
    for issue in domain.issues:
        if issue.name not in values:
            problems.attempt(_missing, root.need("issues"), issue.name)
    kept = root.get("reservationValue")
    reservation = Fraction(0) if kept is None else problems.attempt(kept.number)
    problems.check()
    return built(root, lambda: LinearAdditive(domain, terms, reservation=reservation or 0))


def _missing(node: Node, name: str) -> None:
    raise node.error(f"issue {quote(name)} is missing")


def _term(
    node: Node, name: str, domain: Domain, weights: Mapping[str, Node]
) -> tuple[Fraction, ValueFunction]:
    issues = {issue.name: issue for issue in domain.issues}
    issue = issues.get(name)
    if not isinstance(issue, Choice):
        raise node.error(
            f"no issue is called {quote(name)}",
            help=near(name, issues, "the first profile has"),
        )
    if name not in weights:
        raise node.error("this issue has no weight in issueWeights")
    return weights[name].number(), table(node, issue)
