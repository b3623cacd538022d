"""A Magentic Marketplace becomes one bargain for each customer and each business that can serve it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from negotiate.domain import SCALE, Money
from negotiate.domain.formats import magentic, read, read_all
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

CUSTOMER = """id: customer_0001
name: Ann
menu_features:
  Taco: 4.00
  Flan: 6.00
amenity_features:
- Parking
"""
BUSINESS = """id: business_0001
name: Casa
menu_features:
  Flan: 5.50
  Taco: 2.50
  Soup: 9.99
amenity_features:
  Parking: true
  Music: false
min_price_factor: 0.75
"""
FILES = {
    "customers/customer_0001.yaml": CUSTOMER,
    "businesses/business_0001.yaml": BUSINESS,
    "businesses/business_0002.yaml": BUSINESS.replace("0001", "0002").replace("Taco", "Tamal"),
    "businesses/business_0003.yaml": BUSINESS.replace("0001", "0003").replace("true", "false"),
    "baseline_utilities.json": "{}",
}


def test_only_businesses_that_sell_everything_are_paired(folder: Folder) -> None:
    assert [s.name for s in read_all(folder(FILES))] == [
        "customer_0001-business_0001",
        "customer_0001-business_0003",
    ]


def test_they_bargain_for_the_price_of_the_basket_up_to_what_the_menu_asks(
    folder: Folder,
) -> None:
    scenario = read_all(folder(FILES))[0]
    assert scenario.domain.issues == (Money("price", 1, 800, 1, currency="USD"),)
    assert [(r.name, r.who) for r in scenario.roles] == [
        ("customer", "Ann"),
        ("business", "Casa"),
    ]


def test_a_customer_gains_twice_its_willingness_to_pay_minus_the_price(folder: Folder) -> None:
    customer = read_all(folder(FILES))[0].preferences[0]
    assert customer.tables[0][799] / SCALE == pytest.approx((2 * 10 - 8) / 20)
    assert customer.reservation == 0


def test_a_customer_only_pays_where_an_amenity_is_missing(folder: Folder) -> None:
    scenario = read_all(folder(FILES))[1]
    assert scenario.preferences[0].tables[0][799] / SCALE == pytest.approx(-8 / 20)
    assert scenario.description.endswith("The restaurant lacks: Parking.")


def test_a_business_gets_a_share_of_its_menu_price_and_keeps_its_minimum(
    folder: Folder,
) -> None:
    business = read_all(folder(FILES))[0].preferences[1]
    assert business.tables[0][399] / SCALE == pytest.approx(0.5)
    assert business.reservation == 750_000_000


def test_one_pair_is_named_behind_a_hash(folder: Folder) -> None:
    place = folder(FILES)
    assert read(f"{place}#customer_0001-business_0003").name == "customer_0001-business_0003"


WRONG: dict[str, tuple[str, str, str, str, str]] = {
    "not YAML": ("customers/customer_0001.yaml", "id:", "id: [", "line 2", "not YAML"),
    "no id": ("customers/customer_0001.yaml", "id: customer_0001", "", "$", "'id' is missing"),
    "an id with a path": ("customers/customer_0001.yaml", "customer_0001", "../x", "$.id", "letters"),
    "a price of text": ("customers/customer_0001.yaml", "4.00", "four", ".Taco", "'four' where"),
    "no prices": ("customers/customer_0001.yaml", "4.00", "-4.00", "menu_features", "above 0"),
    "an endless price": ("customers/customer_0001.yaml", "4.00", ".inf", ".Taco", "Infinity where"),
    "half cents": ("businesses/business_0001.yaml", "2.50", "2.505", "$", "whole cents"),
    "no factor": ("businesses/business_0001.yaml", "min_price_factor", "x", "$", "'min_price_factor'"),
    "the same id": ("businesses/business_0003.yaml", "0003", "0001", "$", "a second pair"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    folder: Folder, name: str, old: str, new: str, place: str, words: str
) -> None:
    case = folder(FILES | {name: FILES[name].replace(old, new, 1)})
    with pytest.raises(FormatError) as caught:
        read_all(case)
    assert caught.value.file == str(case / name)
    assert place in caught.value.place
    assert words in str(caught.value)


def test_a_market_of_too_many_pairs_is_refused(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(magentic, "MAX_PAIRS", 2)
    with pytest.raises(FormatError, match="more than 2 pairs"):
        read_all(folder(FILES))


def test_a_market_where_nobody_can_be_served_is_an_error(folder: Folder) -> None:
    place = folder(FILES | {"customers/customer_0001.yaml": CUSTOMER.replace("Taco", "Pizza")})
    with pytest.raises(FormatError, match="no business sells all that a customer wants"):
        read_all(place)


def test_the_published_baseline_follows_from_the_scenarios(shared: Path) -> None:
    market = shared / "scenarios" / "magentic" / "mexican_3_9"
    published = json.loads((market / "baseline_utilities.json").read_text())
    best: dict[str, float] = {}
    for scenario in read_all(market):
        customer = scenario.name.partition("-")[0]
        (price,) = scenario.domain.issues
        table = scenario.preferences[0].tables[0]
        asked = price.size - 1
        steps = (
            (table[0] - table[asked]) / SCALE / asked
        )  # utility of a cent, 1 / (200 * worth)
        dollars = table[asked] / SCALE / steps / 100
        best[customer] = max(best.get(customer, dollars), dollars)
    assert sum(best.values()) == pytest.approx(
        published["pick_optimal_baseline"]["constant"], abs=1e-4
    )
