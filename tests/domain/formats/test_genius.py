"""Genius XML means what Genius computes."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from negotiate.domain import SCALE, Choice, Integer, Quantity, Scenario
from negotiate.domain.formats import read
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

TEMPLATE = """<?xml version="1.0" encoding="UTF-8"?>
<negotiation_template>
<utility_space number_of_issues="3">
<objective index="0" etype="objective" type="objective" description="" name="car">
<issue index="2" name="doors" vtype="integer" type="integer" etype="integer" lowerbound="2" upperbound="6"/>
<issue index="1" name="colour" vtype="discrete" type="discrete" etype="discrete">
<item index="1" value="red"/><item index="2" value="sky blue"/><item index="3" value="grün"/>
</issue>
<issue index="3" name="price" vtype="real" type="real" etype="real">
<range lowerbound="100" upperbound="200"/>
</issue>
</objective>
</utility_space>
</negotiation_template>
"""
BUYER = """<utility_space>
<objective index="0" etype="objective" type="objective" description="" name="car">
<weight index="1" value="0.5"/>
<weight index="2" value="0.3"/>
<weight index="3" value="0.1"/>
<issue index="1" name="colour" type="discrete">
<item index="1" value="red" evaluation="8"/>
<item index="2" value="sky blue" evaluation="4" cost="10"/>
<item index="3" value="grün" evaluation="0" cost="20"/>
</issue>
<issue index="2" name="doors" type="integer" lowerbound="2" upperbound="6">
<evaluator slope="0.3" offset="0.1" ftype="linear"/>
</issue>
<issue index="3" name="price" type="real">
<range lowerbound="100" upperbound="200"/>
<evaluator ftype="linear" parameter1="-0.02" parameter0="3.5"/>
</issue>
</objective>
<discount_factor value="0.5"/>
<reservation value="0.25"/>
</utility_space>
"""
PRICE = BUYER[BUYER.index('<issue index="3"') : BUYER.index("</objective>")]
SELLER = BUYER.replace("<discount_factor", "<!-- --><discount_factor").replace("0.25", "0.0")
FILES = {"car.xml": TEMPLATE, "buyer.xml": BUYER, "seller.xml": SELLER}


@pytest.fixture
def car(folder: Folder) -> Scenario:
    return read(folder(FILES))


def column(scenario: Scenario, role: int, issue: int) -> list[float]:
    return [value / SCALE for value in scenario.preferences[role].tables[issue]]


def test_issues_stand_in_the_order_of_their_index(car: Scenario) -> None:
    assert [issue.name for issue in car.domain.issues] == ["colour", "doors", "price"]


def test_each_type_of_issue_becomes_a_grid(car: Scenario) -> None:
    assert car.domain.issues == (
        Choice("colour", ("red", "sky blue", "grün")),
        Integer("doors", 2, 6),
        Integer("price", 100, 200, 5),  # 21 evenly spaced values, as Genius itself takes
    )


def test_the_values_of_a_real_issue_are_exact_decimals(folder: Folder) -> None:
    files = {
        name: text.replace('upperbound="200"', 'upperbound="101.5"')
        for name, text in FILES.items()
    }
    price = read(folder(files)).domain.issues[2]
    assert price == Quantity("price", 100_000, 101_500, 75, unit="units", scale=3)


def test_the_scenario_is_called_after_its_folder_and_the_roles_after_their_files(
    car: Scenario,
) -> None:
    assert car.name == "case"
    assert [role.name for role in car.roles] == ["buyer", "seller"]
    assert car.domain.name == "car"


def test_an_evaluation_is_divided_by_the_largest_of_its_issue(car: Scenario) -> None:
    assert column(car, 0, 0) == [0.5, 0.25, 0.0]


def test_evaluations_that_are_all_zero_are_worth_zero(folder: Folder) -> None:
    zero = BUYER.replace('evaluation="8"', 'evaluation="0"').replace(
        'evaluation="4"', 'evaluation="0"'
    )
    assert column(read(folder(FILES | {"buyer.xml": zero})), 0, 0) == [0, 0, 0]


def test_an_integer_issue_is_a_line_from_its_lower_bound_cut_off_at_1(car: Scenario) -> None:
    assert column(car, 0, 1) == pytest.approx([0.03, 0.12, 0.21, 0.3, 0.3])


def test_a_real_issue_is_a_line_over_its_values_cut_off_at_0_and_1(car: Scenario) -> None:
    want = [0.1 * min(max(3.5 - 0.02 * price, 0), 1) for price in range(100, 201, 5)]
    assert column(car, 0, 2) == pytest.approx(want)


def test_a_constant_evaluator_is_worth_the_same_everywhere(folder: Folder) -> None:
    flat = BUYER.replace('"linear" parameter1="-0.02"', '"constant"').replace("3.5", "0.5")
    assert set(column(read(folder(FILES | {"buyer.xml": flat})), 0, 2)) == {0.05}


def test_an_integer_issue_of_one_value_is_cut_off_too(folder: Folder) -> None:
    files = {
        name: text.replace('upperbound="6"', 'upperbound="2"') for name, text in FILES.items()
    }
    high = files["buyer.xml"].replace('offset="0.1"', 'offset="7"')
    assert column(read(folder(files | {"buyer.xml": high})), 0, 1) == [0.3]


def test_a_level_line_above_1_is_cut_off(folder: Folder) -> None:
    level = BUYER.replace('slope="0.3" offset="0.1"', 'slope="0" offset="7"')
    assert set(column(read(folder(FILES | {"buyer.xml": level})), 0, 1)) == {0.3}


def test_weights_are_taken_as_they_are(car: Scenario) -> None:
    best = car.domain.outcome({"colour": "red", "doors": 6, "price": 100})
    assert car.preferences[0].utility(best) == 900_000_000


def test_weights_of_no_issue_are_ignored(folder: Folder) -> None:
    more = BUYER.replace("</objective>", '<weight index="9" value="7"/></objective>')
    assert read(folder(FILES | {"buyer.xml": more})).digest == read(folder(FILES)).digest


def test_reservation_and_discount_come_from_the_profile(car: Scenario) -> None:
    assert [p.reservation for p in car.preferences] == [250_000_000, 0]
    assert [p.discount for p in car.preferences] == [0.5, 0.5]


@pytest.mark.parametrize("value", ["0.0", "-1", "1.5", "1"])
def test_a_discount_factor_outside_0_to_1_means_none(folder: Folder, value: str) -> None:
    other = BUYER.replace('<discount_factor value="0.5"', f'<discount_factor value="{value}"')
    assert read(folder(FILES | {"buyer.xml": other})).preferences[0].discount == 1


def test_a_price_evaluator_is_the_profit_after_the_costs_of_the_items(folder: Folder) -> None:
    evaluator = (
        '<issue index="3" name="price" type="price"><range lowerbound="100" upperbound="200"/>'
    )
    dealer = BUYER.replace(PRICE, evaluator + "</issue>")
    found = read(folder(FILES | {"buyer.xml": dealer}))
    own, domain = found.preferences[0], found.domain
    for colour, cost in (("red", 0), ("sky blue", 10), ("grün", 20)):
        for price in (100, 105, 150, 185, 200):
            outcome = domain.outcome({"colour": colour, "doors": 2, "price": price})
            rest = sum(table[p] for table, p in zip(own.tables, outcome, strict=True))
            profit = min(max((price - cost - 100) / (200 - 100 - 20), 0), 1)
            assert (own.utility(outcome) - rest) / SCALE == pytest.approx(0.1 * profit)


def test_issues_may_stand_in_objectives_inside_each_other(folder: Folder) -> None:
    def nested(text: str) -> str:
        inner = '<objective index="9" name="looks" type="objective" etype="objective">'
        return text.replace('<issue index="1"', inner + '<issue index="1"', 1).replace(
            "</issue>", "</issue></objective>", 1
        )

    files = {name: nested(text) for name, text in FILES.items()}
    assert read(folder(files)).digest == read(folder(FILES)).digest


def test_a_template_may_be_given_instead_of_its_folder(folder: Folder) -> None:
    place = folder(FILES)
    scenario = read(place / "car.xml")
    assert (scenario.name, scenario.digest) == ("car", read(place).digest)
    assert read(scenario.source).digest == scenario.digest


def test_other_files_in_the_folder_do_not_matter(folder: Folder) -> None:
    more = {
        "notes.txt": "text",
        "other.xml": "<html/>",
        ".buyer.xml": BUYER,
        "sub/x.xml": BUYER,
    }
    assert read(folder(FILES | more)).digest == read(folder(FILES)).digest


def test_any_encoding_that_xml_declares_reads(folder: Folder) -> None:
    latin = TEMPLATE.replace("UTF-8", "ISO-8859-1").encode("latin-1")
    assert read(folder(FILES | {"car.xml": latin})).digest == read(folder(FILES)).digest


# What is wrong with a file: the file, a change to it, the place that the error names, and words of it.
WRONG: dict[str, tuple[str, str, str, str, str]] = {
    "not well-formed": ("car.xml", "</utility_space>", "", "line 14", "mismatched tag"),
    "no issues": ("car.xml", TEMPLATE[TEMPLATE.index("<issue") : TEMPLATE.index("</obj")], "", "", "0 issues"),
    "no index": ("car.xml", 'index="1" name', "name", "/issue (line 6)", "'index' is missing"),
    "an index twice": ("car.xml", 'index="2"', 'index="1"', "/issue (line 6)", "a second issue"),
    "an index that is no number": ("car.xml", 'index="1" name', 'index="a" name', "@index", "whole"),
    "no name": ("car.xml", 'name="colour"', "", "/issue (line 6)", "'name' is missing"),
    "no value": ("car.xml", '<item index="1" value="red"/>', "<item/>", "/item (line 7)", "'value'"),
    "a value twice": ("car.xml", "sky blue", "red", "/issue (line 6)", "lists 'red' twice"),
    "an unknown type": ("car.xml", ' type="integer"', ' type="inteher"', "(line 5)", "'integer'?"),
    "no bound": ("car.xml", 'lowerbound="2" ', "", "/issue (line 5)", "'lowerbound' is missing"),
    "a bound that is no number": ("car.xml", '"100"', '"1OO"', "@lowerbound (line 10)", "a number"),
    "bounds that cross": ("car.xml", 'lowerbound="2"', 'lowerbound="8"', "(line 5)", "from 8 to 6"),
    "a billion values": ("car.xml", 'upperbound="6"', 'upperbound="1000000000"', "", "999,999,999"),
    "endless bounds": ("car.xml", '"100"', '"1e9999999"', "@lowerbound (line 10)", "at most 1e18"),
    "an issue missing": ("buyer.xml", 'index="2" name="doors"', 'index="7" name="doors"', "", "'doors'"),
    "an issue misnamed": ("buyer.xml", '"doors"', '"dors"', "@name (line 11)", "'doors' in the"),
    "a weight missing": ("buyer.xml", '<weight index="2" value="0.3"/>', "", "", "index 2"),
    "a weight twice": ("buyer.xml", 'weight index="2"', 'weight index="1"', "(line 4)", "a second"),
    "a weight that is no number": ("buyer.xml", '"0.3"', '"NaN"', "@value (line 4)", "'NaN' where"),
    "an evaluation missing": ("buyer.xml", ' evaluation="4"', "", "/item (line 8)", "'evaluation'"),
    "an evaluation of null": ("buyer.xml", '"4"', '"null"', "@evaluation (line 8)", "'null' where"),
    "a value missing": ("buyer.xml", 'value="red"', 'value="rod"', "/item (line 7)", "'red'?"),
    "a value not evaluated": (
        "buyer.xml",
        '<item index="1" value="red" evaluation="8"/>',
        "",
        "/issue (line 6)",
        "no evaluation of 'red'",
    ),
    "a value evaluated twice": ("buyer.xml", '"sky blue"', '"red"', "(line 8)", "evaluated twice"),
    "no evaluator": ("buyer.xml", "evaluator slope", "e slope", "/issue (line 11)", "an evaluator"),
    "no slope": ("buyer.xml", 'slope="0.3"', "", "/evaluator (line 12)", "'slope' is missing"),
    "an unknown function": ("buyer.xml", '"linear" parameter1', '"triangular" parameter1', "", "'tri"),
    "an evaluator of another type": ("buyer.xml", 'type="integer"', 'type="discrete"', "(line 11)", "'discrete'"),
    "a price of colours": ("buyer.xml", '"colour" type="discrete"', '"colour" type="price"', "(line 6)", "lowerbound"),
    "a constraint space": ("buyer.xml", "<utility_space>", '<utility_space type="nonlinear">', "", "add"),
    "a document type": ("buyer.xml", "<utility_space>", "<!DOCTYPE a><utility_space>", "line 1", "bomb"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    folder: Folder, name: str, old: str, new: str, place: str, words: str
) -> None:
    assert old in FILES[name]
    case = folder(FILES | {name: FILES[name].replace(old, new, 1)})
    with pytest.raises(FormatError) as caught:
        read(case)
    assert caught.value.file == str(case / name)
    assert place in caught.value.place
    assert words in str(caught.value)


def test_costs_that_leave_no_room_for_a_profit_are_an_error(folder: Folder) -> None:
    evaluator = (
        '<issue index="3" name="price" type="price"><range lowerbound="100" upperbound="110"/>'
    )
    dealer = BUYER.replace(PRICE, evaluator + "</issue>")
    with pytest.raises(FormatError, match="leave no room"):
        read(folder(FILES | {"buyer.xml": dealer}))


# Files of other people, against the same computation in floats


def by_floats(place: Path) -> dict[str, dict[str, dict[str, float]]]:
    """For each profile and issue the weighted value of each value, by the formula of Genius."""
    worth: dict[str, dict[str, dict[str, float]]] = {}
    for path in sorted(place.glob("*.xml")):
        root = ET.parse(path).getroot()  # noqa: S314 - files that were given to us
        if root.tag != "utility_space":
            continue
        weights = {w.get("index"): float(w.get("value", "")) for w in root.iter("weight")}
        worth[path.stem] = {}
        for issue in root.iter("issue"):
            items = {
                i.get("value", ""): float(i.get("evaluation", ""))
                for i in issue.findall("item")
            }
            weight = weights[issue.get("index")]
            worth[path.stem][issue.get("name", "")] = {
                value: weight * evaluation / max(items.values())
                for value, evaluation in items.items()
            }
    return worth


DISCRETE = [
    "Amsterdam",
    "Camera",
    "Domain8",
    "EnglandZimbabwe",
    "Grocery",
    "ItexvsCypress",
    "Laptop",
    "NiceOrDie",
    "Travel",
    "partydomain",
]


@pytest.mark.parametrize("name", DISCRETE)
def test_domains_of_other_people_are_worth_what_the_formula_says(
    shared: Path, name: str
) -> None:
    place = shared / "scenarios" / "genius" / name
    scenario = read(place)
    worth = by_floats(place)
    assert [role.name for role in scenario.roles] == list(worth)
    stride = max(1, scenario.domain.size // 500)
    for outcome in islice(scenario.domain.outcomes(), 0, None, stride):
        values = scenario.domain.values(outcome)
        for role in scenario.roles:
            want = sum(worth[role.name][issue][str(value)] for issue, value in values.items())
            assert role.preferences.utility(outcome) / SCALE == pytest.approx(want, abs=1e-8)


def test_the_discount_and_reservation_of_other_people_are_read(shared: Path) -> None:
    laptop = read(shared / "scenarios/genius/Laptop")
    assert float(laptop.preferences[0].discount) == 0.42441038
    party = {r.name: r.preferences for r in read(shared / "scenarios/genius/partydomain").roles}
    assert party["party1_utility100"].reservation == 499_513_000


def test_the_integer_domain_of_other_people(shared: Path) -> None:
    scenario = read(shared / "scenarios/genius/IntegerDomain")
    for outcome in scenario.domain.outcomes():
        x, y = (position for position in outcome)  # both issues run from -5
        first = 0.75 * min(1, 0.08 * x + 0.3) + 0.25 * min(1, 0.1 * y)
        second = 0.25 * min(1, 0.1 * x) + 0.75 * min(1, 0.1 * y)
        assert scenario.preferences[0].utility(outcome) / SCALE == pytest.approx(
            first, abs=1e-8
        )
        assert scenario.preferences[1].utility(outcome) / SCALE == pytest.approx(
            second, abs=1e-8
        )
    assert [p.discount for p in scenario.preferences] == [1, 1]  # the files say 0.0


def test_the_car_of_other_people(shared: Path) -> None:
    scenario = read(shared / "scenarios/genius/2nd_hand_car")
    price = scenario.domain.issues[-1]
    assert (price.show(0), price.show(1), price.size) == ("13000.0 units", "13483.3 units", 21)
    best = dict.fromkeys(["CD player", "Extra speakers"], "good")
    best |= dict.fromkeys(["Airconditioning", "Tow hedge"], "meager")
    buyer, dealer = scenario.preferences
    cheap = scenario.domain.parse(
        " ".join(f"'{k}'={v}" for k, v in best.items()) + " Price='13000.0 units'"
    )
    assert buyer.utility(cheap) == SCALE
    assert dealer.reservation == 306_800_000
    # 0.25*58/70 + 0.08*20/90 + 0.08*20/90 + 0.38*20/100, and a loss counts as no profit
    assert dealer.utility(cheap) / SCALE == pytest.approx(
        0.25 * 58 / 70 + 3.2 / 90 + 0.076, abs=1e-8
    )
    dear = (*cheap[:-1], 20)
    profit = (22666 - 700 - 500 - 1200 - 200 - 13000) / (20600 - 13000 - 700 - 500 - 2000 - 500)
    gain = (dealer.utility(dear) - dealer.utility(cheap)) / SCALE
    assert gain == pytest.approx(0.21 * min(profit, 1), abs=1e-8)


def test_the_recorded_runs_are_worth_what_they_say(shared: Path) -> None:
    scenario = read(shared / "traces" / "d500.xml")
    first, second = scenario.preferences
    names = [issue.name for issue in scenario.domain.issues]
    checked = set[str]()
    for path in sorted((shared / "traces").glob("*.tsv")):
        for line in path.read_text().splitlines():
            *_, values, u, v = line.split("\t")
            if values in checked or values.count("|") != 3:
                continue
            checked.add(values)
            outcome = scenario.domain.outcome(dict(zip(names, values.split("|"), strict=True)))
            assert first.utility(outcome) / SCALE == pytest.approx(float(u), abs=1e-8)
            assert second.utility(outcome) / SCALE == pytest.approx(float(v), abs=1e-8)
    assert len(checked) > 50
