"""CaSiNo dialogues become scenarios with the points of the game."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.domain import SCALE, Integer
from negotiate.domain.formats import read, read_all
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

DIALOGUE: dict[str, Any] = {
    "dialogue_id": 7,
    "issues": ["Food", "Water", "Firewood"],
    "packages_each": 3,
    "mturk_agent_1": {"values": {"Food": 5, "Water": 4, "Firewood": 3}, "points": 20},
    "mturk_agent_2": {"values": {"Food": 3, "Water": 4, "Firewood": 5}, "points": 19},
    "accepted": True,
}


def lines(*dialogues: dict[str, Any]) -> dict[str, str]:
    return {"talks.jsonl": "\n".join(json.dumps(DIALOGUE | d) for d in dialogues) + "\n\n"}


def test_a_line_is_a_scenario(folder: Folder) -> None:
    found = read_all(folder(lines({}, {"dialogue_id": 9})) / "talks.jsonl")
    assert [scenario.name for scenario in found] == ["dialogue-7", "dialogue-9"]


def test_an_issue_is_the_number_of_packages_that_go_to_the_first_person(folder: Folder) -> None:
    domain = read(folder(lines({}))).domain
    assert domain.issues == tuple(Integer(name, 0, 3) for name in ("Food", "Water", "Firewood"))


def test_utilities_are_points_of_36(folder: Folder) -> None:
    scenario = read(folder(lines({})))
    outcome = scenario.domain.outcome({"Food": 3, "Water": 1, "Firewood": 0})
    points = [p.utility(outcome) / SCALE * 36 for p in scenario.preferences]
    assert points == pytest.approx([19, 8 + 15], abs=1e-6)


def test_walking_away_is_worth_five_points(folder: Folder) -> None:
    reservations = {p.reservation for p in read(folder(lines({}))).preferences}
    assert reservations == {round(Fraction(5, 36) * SCALE)}


def test_the_description_says_what_the_two_people_reached(folder: Folder) -> None:
    assert read(folder(lines({}))).description.endswith(
        "The two people agreed: 20 and 19 points."
    )


def test_without_points_the_description_does_not_speak_of_them(folder: Folder) -> None:
    first = {"mturk_agent_1": {"values": {"Food": 5, "Water": 4, "Firewood": 3}}}
    assert read(folder(lines(first))).description.endswith("(CaSiNo corpus).")


def test_the_source_of_a_dialogue_reads_back(folder: Folder) -> None:
    second = read_all(folder(lines({}, {"dialogue_id": 9})))[1]
    assert read(second.source).digest == second.digest


WRONG: dict[str, tuple[str, str, str]] = {
    "not JSON": ('{"mturk_agent_1": 1', "line 2 column 20", "Expecting ',' delimiter"),
    "no number": ('{"mturk_agent_1": 1}', "line 2", "'dialogue_id' is missing"),
    "a number of text": ('{"dialogue_id": "1"}', "line 2.dialogue_id", "a whole number"),
    "the same number": (json.dumps(DIALOGUE), "line 2", "a second dialogue-7"),
    "no values": (
        json.dumps(DIALOGUE | {"dialogue_id": 9, "mturk_agent_2": {}}),
        "line 2.mturk_agent_2",
        "'values' is missing",
    ),
    "values of nothing": (
        json.dumps(DIALOGUE | {"dialogue_id": 9}).replace(": 5", ": 0").replace(": 4", ": 0").replace("3", "0"),
        "line 2",
        "not all 0",
    ),
    "a billion packages": (
        json.dumps(DIALOGUE | {"dialogue_id": 9, "packages_each": 10**9}),
        "line 2.issues[0]",
        "1,000,000,001 values",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("line", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_the_line(folder: Folder, line: str, place: str, words: str) -> None:
    case = folder({"talks.jsonl": json.dumps(DIALOGUE) + "\n" + line})
    with pytest.raises(FormatError) as caught:
        read_all(case / "talks.jsonl")
    assert place in caught.value.place
    assert words in str(caught.value)


def test_the_points_of_real_people_are_what_their_scenario_says(shared: Path) -> None:
    path = shared / "scenarios" / "human" / "casino_200.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    found = read_all(path)
    assert len(found) == len(rows) == 200
    people = ["mturk_agent_1", "mturk_agent_2"]
    for scenario, row in zip(found, rows, strict=True):
        points = [row[who]["points"] for who in people]
        if not row["accepted"]:
            worth = [p.reservation for p in scenario.preferences]
        else:
            gets = row["final_offer_by_gets"]
            first = row["final_offer_by"] == people[0]
            split = gets if first else {k: 3 - n for k, n in gets.items()}
            worth = [p.utility(scenario.domain.outcome(split)) for p in scenario.preferences]
        assert [u / SCALE * 36 for u in worth] == pytest.approx(points, abs=1e-6)
