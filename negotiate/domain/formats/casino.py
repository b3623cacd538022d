"""CaSiNo: numbers of human dialogues as JSON lines, one scenario a dialogue, ``dialogue-<id>``.

Two camp-site neighbours divide three packages each of food, water and firewood. A package is worth 5, 4 or 3
points to a person, by that person's priorities, so 36 points are the most that one can get; utilities are
points divided by 36. Each issue is the number of packages that go to the first person; the second gets the
rest. Who walks away gets 5 points, and so does the other (the two dialogues of the corpus sample that end so
record 5 points for each), so the reservation value is 5/36 for both.

Source: Chawla, Ramirez, Clever, Lucas, May & Gratch (2021), *CaSiNo*, NAACL.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import finished
from negotiate.domain.formats._files import check_marks
from negotiate.domain.formats._json import parse
from negotiate.domain.formats._node import Node, built
from negotiate.domain.issues import Domain, Integer
from negotiate.domain.preferences import Linear, LinearAdditive
from negotiate.domain.scenario import Role, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

PEOPLE = ("mturk_agent_1", "mturk_agent_2")
WALK_AWAY = 5
"""Points of each person if there is no agreement."""

_ZERO, _ONE = Fraction(0), Fraction(1)


def members(data: bytes, file: str) -> dict[str, Callable[[], Scenario]]:
    """The dialogues of a file by name, each built when it is called.

    Raises:
        FormatError: a line that is not JSON or has no number, or a number twice.
    """
    check_marks(data, b"\n", file)
    found: dict[str, Callable[[], Scenario]] = {}
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        node = parse(line, file, number)
        name = f"dialogue-{node.need('dialogue_id').integer()}"
        if name in found:
            raise node.error(f"a second {name}")
        found[name] = partial(_scenario, name, line, file, number)
    return found


def _scenario(name: str, line: bytes, file: str, number: int) -> Scenario:
    root = parse(line, file, number)
    each = root.need("packages_each").integer()
    issues = [
        built(node, Integer, node.text(), 0, each)
        for node in root.need("issues").items("issue names")
    ]
    domain = built(root.need("issues"), Domain, tuple(issues), "camp-site")
    roles = [
        Role(who, _preferences(root.need(who), domain, each, who == PEOPLE[0]))
        for who in PEOPLE
    ]
    return finished(name, domain, roles, f"{file}#{name}", _description(root))


def _preferences(person: Node, domain: Domain, each: int, first: bool) -> LinearAdditive:
    values = person.need("values")
    points = {issue.name: each * values.need(issue.name).integer() for issue in domain.issues}
    most = sum(points.values())
    if min(points.values()) < 0 or most < 1:
        raise values.wrong("points of at least 0, not all 0,")
    line = Linear(_ZERO, _ONE) if first else Linear(_ONE, _ZERO)
    terms = {name: (Fraction(worth, most), line) for name, worth in points.items()}
    return built(
        person, lambda: LinearAdditive(domain, terms, reservation=Fraction(WALK_AWAY, most))
    )


def _description(root: Node) -> str:
    people = [root.need(who).get("points") for who in PEOPLE]
    points = [node.integer() for node in people if node is not None]
    accepted = root.get("accepted")
    about = (
        "Two camp-site neighbours divide packages of food, water and firewood (CaSiNo corpus)."
    )
    if len(points) < 2 or accepted is None:
        return about
    how = "agreed" if accepted.value is True else "did not agree"
    return f"{about} The two people {how}: {points[0]} and {points[1]} points."
