"""GeniusWeb JSON means what GeniusWeb computes."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.domain import SCALE, Choice, Integer, Quantity
from negotiate.domain.formats import read
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

DOMAIN: dict[str, Any] = {
    "name": "party",
    "issuesValues": {
        "food": {"values": ["nuts", "cake", "both"]},
        "guests": {"range": {"low": 10, "high": 20, "step": 5}},
        "litres": {"range": ["0.5", "2.1", "0.5"]},
    },
}
SPACE: dict[str, Any] = {
    "name": "host",
    "domain": DOMAIN,
    "issueWeights": {"food": 0.5, "guests": 0.3, "litres": 0.2},
    "issueUtilities": {
        "food": {
            "DiscreteValueSetUtilities": {
                "valueUtilities": {"both": 1.0, "cake": 0.25, "nuts": 0}
            }
        },
        "guests": {
            "NumberValueSetUtilities": {
                "lowValue": 10,
                "lowUtility": 0.2,
                "highValue": 20,
                "highUtility": 1.0,
            }
        },
        "litres": {
            "numberutils": {
                "lowValue": "0.5",
                "lowUtility": "1",
                "highValue": "2.1",
                "highUtility": "0",
            }
        },
    },
}


def profile(**changes: Any) -> str:
    return json.dumps({"LinearAdditiveUtilitySpace": deepcopy(SPACE) | changes})


FILES = {
    "party.json": json.dumps(DOMAIN),
    "profileA.json": profile(),
    "profileB.json": profile(reservationBid={"issuevalues": {"food": "cake", "guests": 15}}),
    "specials.json": '{"size": 27, "nash": {"bid": {}}}',
}


def test_issues_stand_in_the_order_of_the_domain(folder: Folder) -> None:
    assert read(folder(FILES)).domain.issues == (
        Choice("food", ("nuts", "cake", "both")),
        Integer("guests", 10, 20, 5),
        Quantity("litres", 5, 20, 5, unit="units", scale=1),  # 2.1 is not on the grid
    )


def test_roles_are_called_after_their_files(folder: Folder) -> None:
    scenario = read(folder(FILES))
    assert [role.name for role in scenario.roles] == ["profileA", "profileB"]
    assert (scenario.name, scenario.domain.name) == ("case", "party")


def test_values_are_tables_and_lines_with_weights(folder: Folder) -> None:
    food, guests, litres = read(folder(FILES)).preferences[0].tables
    assert food == (0, 125_000_000, 500_000_000)
    assert guests == (60_000_000, 180_000_000, 300_000_000)
    assert [u / SCALE for u in litres] == pytest.approx(
        [0.2 * (2.1 - x) / 1.6 for x in (0.5, 1, 1.5, 2)]
    )


def test_the_older_spelling_of_tables_reads(folder: Folder) -> None:
    older = profile().replace("DiscreteValueSetUtilities", "discreteutils")
    assert read(folder(FILES | {"profileA.json": older})).digest == read(folder(FILES)).digest


def test_the_reservation_value_is_the_utility_of_the_reservation_bid(folder: Folder) -> None:
    reservations = [p.reservation for p in read(folder(FILES)).preferences]
    assert reservations == [0, 125_000_000 + 180_000_000]


def test_profiles_alone_bring_their_domain(folder: Folder) -> None:
    alone = {name: text for name, text in FILES.items() if name.startswith("profile")}
    assert read(folder(alone)).digest == read(folder(FILES)).digest


def test_the_domain_may_be_given_instead_of_its_folder(folder: Folder) -> None:
    place = folder(FILES)
    assert read(place / "party.json").digest == read(place).digest


def space(path: str, value: Any) -> str:
    """The profile with the entry at ``path`` set, or removed if the value is None."""
    root: Any = deepcopy(SPACE)
    *above, last = path.split("/")
    inner = root
    for key in above:
        inner = inner[key]
    inner[last] = value
    if value is None:
        del inner[last]
    return json.dumps({"LinearAdditiveUtilitySpace": root})


TABLE = "issueUtilities/food/DiscreteValueSetUtilities/valueUtilities"
LINE = "issueUtilities/guests/NumberValueSetUtilities"
WRONG: dict[str, tuple[str, str, str]] = {
    "not JSON": ('{"LinearAdditiveUtilitySpace": }', "line 1 column 32", "Expecting value"),
    "another utility space": ('{"SumOfGroupsUtilitySpace": {}}', "$", "'SumOfGroupsUtilitySpace'"),
    "a key twice": (profile().replace('"cake": 0.25', '"nuts": 0.25'), "$", "'nuts' is given twice"),
    "no weights": (space("issueWeights", None), ".LinearAdd", "'issueWeights' is missing"),
    "a weight missing": (space("issueWeights/food", None), ".issueWeights", "'food' is missing"),
    "a weight that is text": (space("issueWeights/food", "a"), ".issueWeights.food", "'a' where"),
    "a weight that is null": (
        profile().replace('"food": 0.5', '"food": null'),
        ".issueWeights.food",
        "nothing where a number",
    ),
    "an endless weight": (
        profile().replace('"food": 0.5', '"food": 1e99999999'),
        ".issueWeights.food",
        "at most 1e18",
    ),
    "an issue missing": (space("issueUtilities/food", None), ".issueUtilities", "'food' is missing"),
    "a value missing": (space(f"{TABLE}/cake", None), ".valueUtilities", "no number for 'cake'"),
    "a value unknown": (space(f"{TABLE}/pie", 1), ".valueUtilities.pie", "'pie' is no value"),
    "a line for a choice": (
        space("issueUtilities/food", SPACE["issueUtilities"]["guests"]),
        ".issueUtilities.food",
        "DiscreteValueSetUtilities is expected",
    ),
    "a table for a range": (
        space("issueUtilities/guests", SPACE["issueUtilities"]["food"]),
        ".issueUtilities.guests",
        "NumberValueSetUtilities is expected",
    ),
    "a line that ends early": (space(f"{LINE}/highValue", 15), ".NumberValueSetU", "run from 10 to 20"),
    "a line without an end": (space(f"{LINE}/highValue", None), ".NumberValueSetU", "'highValue'"),
    "another domain": (
        space("domain/issuesValues/food", {"values": ["nuts", "pie", "both"]}),
        ".domain",
        "another domain",
    ),
    "a bid for nothing": (
        profile(reservationBid={"issuevalues": {"drink": "x"}}),
        ".reservationBid.issuevalues.drink",
        "no issue is called 'drink'",
    ),
    "a bid off the grid": (
        profile(reservationBid={"issuevalues": {"guests": 11}}),
        ".reservationBid.issuevalues.guests",
        "is not a value of issue 'guests'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    folder: Folder, content: str, place: str, words: str
) -> None:
    case = folder(FILES | {"profileB.json": content})
    with pytest.raises(FormatError) as caught:
        read(case)
    assert caught.value.file == str(case / "profileB.json")
    assert place in caught.value.place
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("values", "words"),
    {
        "a billion values": ({"range": [1, 1e9, 1]}, "1,000,000,000 values"),
        "a step of 0": ({"range": [1, 2, 0]}, "must be positive"),
        "a falling range": ({"range": [2, 1, 1]}, "high must be low plus"),
        "a pair for a range": ({"range": [2, 1]}, "a range of low, high and step"),
        "numbers too fine": ({"range": [0, 1, 1e-12]}, "more than nine decimals"),
        "neither": ({"valeus": []}, "'range' is missing"),
        "a number as a value": ({"values": [1]}, "a text is expected"),
    }.values(),
)
def test_an_impossible_issue_is_an_error(folder: Folder, values: Any, words: str) -> None:
    domain = {"name": "party", "issuesValues": DOMAIN["issuesValues"] | {"guests": values}}
    with pytest.raises(FormatError, match=r"party\.json @ \$\.issuesValues\.guests") as caught:
        read(folder(FILES | {"party.json": json.dumps(domain)}))
    assert words in str(caught.value)


@pytest.mark.parametrize("number", ["00", "07", "14", "21", "28", "35", "42", "49"])
def test_domains_of_other_people_are_worth_what_their_specials_say(
    shared: Path, number: str
) -> None:
    place = shared / "scenarios" / "geniusweb" / f"domain{number}"
    scenario = read(place)
    specials = json.loads((place / "specials.json").read_text())
    assert scenario.domain.size == specials["size"]
    points = [specials["nash"], specials["kalai"], specials["social_welfare"]]
    for point in points + specials["pareto_front"]:
        outcome = scenario.domain.outcome(point["bid"])
        found = [preferences.utility(outcome) / SCALE for preferences in scenario.preferences]
        assert found == pytest.approx(point["utility"], abs=1e-8)
