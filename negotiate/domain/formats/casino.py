"""CaSiNo: numbers of human dialogues as JSON lines, one scenario a dialogue, ``dialogue-<id>``.

Two camp-site neighbours divide three packages each of food, water and firewood. A package is worth 5, 4 or 3
points to a person, by that person's priorities, so 36 points are the most that one can get; utilities are
points divided by 36. Each issue is the number of packages that go to the first person; the second gets the
rest. Who walks away gets 5 points, and so does the other (the two dialogues of the corpus sample that end so
record 5 points for each), so the reservation value is 5/36 for both.

Source: Chawla, Ramirez, Clever, Lucas, May & Gratch (2021), *CaSiNo*, NAACL.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import finished
from negotiate.domain.formats._files import check_marks, read_bytes, shown
from negotiate.domain.formats._json import parse
from negotiate.domain.formats._node import Node, built
from negotiate.domain.formats._recognise import Kind, kind_of
from negotiate.domain.issues import Domain, Integer
from negotiate.domain.preferences import SCALE, Linear, LinearAdditive
from negotiate.domain.scenario import Role, Scenario
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.issues import Outcome

PEOPLE = ("mturk_agent_1", "mturk_agent_2")
WALK_AWAY = 5
"""Points of each person if there is no agreement."""

_ZERO, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Dialogue:
    """What two people did.

    Attributes:
        scenario: their domain and preferences.
        outcome: the division they agreed on; None if they did not agree.
        points: of each; 5 without an agreement.
        most: points that a utility of 1 stands for, of each.
    """

    scenario: Scenario
    outcome: Outcome | None
    points: tuple[int, int]
    most: tuple[int, int]


def dialogues(path: str | Path) -> tuple[Dialogue, ...]:
    """The dialogues of a file, with what the people reached, in the order of the file.

    Raises:
        FormatError: the file does not read, holds no dialogues, or points that are not those of the division.
    """
    file = shown(Path(path))
    data = read_bytes(Path(path))
    if kind_of(data) is not Kind.DIALOGUES:
        raise FormatError(
            "no CaSiNo dialogues",
            file=file,
            help="JSON lines are expected, one dialogue each, with the points that the people got",
        )
    made = members(data, file).values()
    lines = [(n, line) for n, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    return tuple(
        _dialogue(make(), parse(line, file, number))
        for make, (number, line) in zip(made, lines, strict=True)
    )


def _dialogue(scenario: Scenario, root: Node) -> Dialogue:
    people = [root.need(who) for who in PEOPLE]
    points = [person.need("points").integer() for person in people]
    most = [_most(person, scenario.domain) for person in people]
    outcome = _division(root, scenario.domain) if root.need("accepted").value is True else None
    if outcome is not None:
        for person, own, got, full in zip(
            people, scenario.preferences, points, most, strict=True
        ):
            worth = round(Fraction(own.utility(outcome) * full, SCALE))
            if worth != got:
                raise person.need("points").error(
                    f"{got} points, where the division is worth {worth}"
                )
    return Dialogue(scenario, outcome, (points[0], points[1]), (most[0], most[1]))


def _most(person: Node, domain: Domain) -> int:
    values = person.need("values")
    return sum((i.size - 1) * values.need(i.name).integer() for i in domain.issues)


def _division(root: Node, domain: Domain) -> Outcome:
    by, gets = root.need("final_offer_by"), root.need("final_offer_by_gets")
    if by.value not in PEOPLE:
        raise by.wrong(" or ".join(PEOPLE))
    places: list[int] = []
    for issue in domain.issues:
        number = gets.need(issue.name).integer()
        if not 0 <= number < issue.size:
            raise gets.need(issue.name).wrong(f"a number of packages up to {issue.size - 1}")
        places.append(number if by.value == PEOPLE[0] else issue.size - 1 - number)
    return tuple(places)


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
