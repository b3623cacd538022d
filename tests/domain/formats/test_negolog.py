"""NegoLog JSON means what NegoLog computes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.domain import SCALE, Choice
from negotiate.domain.formats import read
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

A: dict[str, Any] = {
    "reservationValue": 0.25,
    "issueWeights": {"x": 0.7, "y": 0.4},
    "issues": {"x": {"low": 0.1, "high": 0.9}, "y": {"b": 1.0, "a": 0.5}},
}
B: dict[str, Any] = {
    "issueWeights": {"y": 0.2, "x": 0.8},
    "issues": {"y": {"a": 0.3, "b": 0.4}, "x": {"high": 0.1, "low": 1.0}},
}
SPECS = '{"Name": "Domain9", "NumberOfBids": 4, "NashBid": {"x": "low"}}'


def files(a: Any = A, b: Any = B) -> dict[str, str]:
    return {"profileA.json": json.dumps(a), "profileB.json": json.dumps(b), "specs.json": SPECS}


def test_issues_and_values_stand_in_the_order_of_the_first_profile(folder: Folder) -> None:
    assert read(folder(files())).domain.issues == (
        Choice("x", ("low", "high")),
        Choice("y", ("b", "a")),
    )


def test_utility_is_the_sum_of_weight_times_value(folder: Folder) -> None:
    first, second = read(folder(files())).preferences
    assert first.tables == ((70_000_000, 630_000_000), (400_000_000, 200_000_000))
    assert second.tables == ((800_000_000, 80_000_000), (80_000_000, 60_000_000))


def test_the_reservation_value_defaults_to_none(folder: Folder) -> None:
    assert [p.reservation for p in read(folder(files())).preferences] == [250_000_000, 0]


def test_roles_are_called_after_their_files(folder: Folder) -> None:
    scenario = read(folder(files()))
    assert [role.name for role in scenario.roles] == ["profileA", "profileB"]
    assert scenario.name == "case"


def other(**changes: Any) -> Any:
    return B | changes


WRONG: dict[str, tuple[Any, str, str]] = {
    "an issue missing": (other(issues={"y": B["issues"]["y"]}), "$.issues", "issue 'x' is missing"),
    "an issue unknown": (
        other(issues=B["issues"] | {"xx": {"a": 1}}),
        "$.issues.xx",
        "did you mean 'x'?",
    ),
    "a value missing": (other(issues=B["issues"] | {"y": {"a": 1}}), "$.issues.y", "for 'b'"),
    "a value unknown": (
        other(issues=B["issues"] | {"y": {"a": 1, "b": 1, "c": 1}}),
        "$.issues.y.c",
        "'c' is no value",
    ),
    "a weight missing": (other(issueWeights={"x": 1}), "$.issues.y", "has no weight"),
    "a weight of text": (other(issueWeights={"x": 1, "y": "1"}), "$.issueWeights.y", "a number"),
    "a reservation of text": (other(reservationValue="a"), "$.reservationValue", "a number"),
    "values in a list": (other(issues=B["issues"] | {"y": [1]}), "$.issues.y", "a table of values"),
}  # fmt: skip


@pytest.mark.parametrize(("profile", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    folder: Folder, profile: Any, place: str, words: str
) -> None:
    case = folder(files(b=profile))
    with pytest.raises(FormatError) as caught:
        read(case)
    assert caught.value.file == str(case / "profileB.json")
    assert place in caught.value.place
    assert words in str(caught.value)


@pytest.mark.parametrize("number", [0, 1, 13, 2, 21, 3, 34, 5, 55, 8])
def test_domains_of_other_people_are_worth_the_sum_of_weight_times_value(
    shared: Path, number: int
) -> None:
    place = shared / "scenarios" / "negolog" / f"domain{number}"
    scenario = read(place)
    specs = json.loads((place / "specs.json").read_text())
    profiles = [json.loads((place / f"profile{p}.json").read_text()) for p in "AB"]
    welfare = 0.0
    for outcome in scenario.domain.outcomes():
        values = scenario.domain.values(outcome)
        total = 0.0
        for preferences, raw in zip(scenario.preferences, profiles, strict=True):
            want = sum(raw["issueWeights"][i] * raw["issues"][i][v] for i, v in values.items())
            found = preferences.utility(outcome) / SCALE
            assert found == pytest.approx(want, abs=1e-8)
            total += found
        welfare = max(welfare, total)
    assert scenario.domain.size == specs["NumberOfBids"]
    assert welfare == pytest.approx(specs["Social Welfare"], abs=1e-8)
