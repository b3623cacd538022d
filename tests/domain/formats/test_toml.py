"""What our own format means. The reference is docs/reference/scenario-format.md."""

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from negotiate.domain import Choice, Date, Integer, Money, Quantity, Scenario
from negotiate.domain.formats import read
from negotiate.domain.formats.toml import read as read_bytes
from negotiate.errors import FormatError

HEAD = 'format = "negotiate-scenario"\nversion = 1\nname = "shop"\n'
ISSUES = """
[[issues]]
name = "price"
kind = "money"
currency = "EUR"
low = 0.90
high = 1.10
[[issues]]
name = "colour"
kind = "choice"
values = ["red", "blue"]
[[issues]]
name = "energy"
kind = "quantity"
unit = "kWh"
scale = 1
low = 5.0
high = 6.0
step = 0.5
[[issues]]
name = "days"
kind = "integer"
low = 1
high = 10
[[issues]]
name = "pickup"
kind = "date"
low = 2026-12-01
high = 2026-12-05
step = 2
"""
BUYER = """
[[roles]]
name = "buyer"
who = "a fridge"
reservation = 0.35
discount = 0.98
[roles.issues.price]
weight = 0.6
low = 1.0
high = 0.0
[roles.issues.colour]
weight = 0.2
values = { red = 1.0, blue = "1/3" }
[roles.issues.days]
weight = 0.2
points = [[1, 1.0], [3, 0.8], [10, 0.1]]
[roles.issues.pickup]
weight = 0.1
points = [[2026-12-01, 0], [2026-12-05, 1]]
[[roles.groups]]
issues = ["days", "colour"]
weight = 0.1
otherwise = 0.2
rows = [[1, "red", 1.0], [2, "blue", 0.5]]
"""
SELLER = '\n[[roles]]\nname = "seller"\n'
SHOP = (
    HEAD + 'title = "A shop"\ndescription = "Two lines\\nof text."\n' + ISSUES + BUYER + SELLER
)


def of(text: str) -> Scenario:
    return read_bytes(text.encode(), "shop.toml")


def utility(**values: object) -> int:
    scenario = of(SHOP)
    start: dict[str, object] = {
        "price": 110,
        "colour": "blue",
        "energy": 50,
        "days": 10,
        "pickup": date(2026, 12, 1),
    }
    outcome = scenario.domain.outcome(start | values)
    return scenario.preferences[0].utility(outcome)


BASE = 66_666_667 + 20_000_000 + 20_000_000  # blue, ten days, and the group's "otherwise"


def test_a_file_reads_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(SHOP)
    assert read(path).source == str(path)


def test_each_kind_of_issue_becomes_what_it_says() -> None:
    assert of(SHOP).domain.issues == (
        Money("price", 90, 110, 1, currency="EUR", scale=2),
        Choice("colour", ("red", "blue")),
        Quantity("energy", 50, 60, 5, unit="kWh", scale=1),
        Integer("days", 1, 10, 1),
        Date("pickup", date(2026, 12, 1), date(2026, 12, 5), 2),
    )


def test_the_title_is_the_name_of_the_domain() -> None:
    assert of(SHOP).domain.name == "A shop"


def test_texts_come_as_written() -> None:
    scenario = of(SHOP)
    assert (scenario.name, scenario.description) == ("shop", "Two lines\nof text.")
    assert [(role.name, role.who) for role in scenario.roles] == [
        ("buyer", "a fridge"),
        ("seller", ""),
    ]


def test_reservation_and_discount_default_to_none() -> None:
    buyer, seller = of(SHOP).preferences
    assert (buyer.reservation, buyer.discount) == (350_000_000, Fraction(98, 100))
    assert (seller.reservation, seller.discount) == (0, 1)


def test_issues_that_a_role_leaves_out_are_worth_nothing() -> None:
    assert of(SHOP).preferences[1].tables[0] == (0,) * 21


def test_low_and_high_are_the_values_at_both_ends_of_the_grid() -> None:
    assert [utility(price=p) - BASE for p in (90, 100, 110)] == [600_000_000, 300_000_000, 0]


def test_a_table_values_each_choice() -> None:
    assert utility(colour="red") - utility(colour="blue") == 200_000_000 - 66_666_667


def test_points_are_joined_by_straight_lines() -> None:
    worth = [utility(days=d, colour="blue") - BASE for d in (3, 10)]
    assert worth == [140_000_000, 0]
    assert utility(days=8) - BASE == 40_000_000  # 2/7 of the way from 0.1 to 0.8, weighted


def test_days_are_points_too() -> None:
    assert utility(pickup=date(2026, 12, 3)) - BASE == 50_000_000


def test_a_group_values_combinations_and_the_rest_otherwise() -> None:
    first = utility(days=1, colour="red") - utility(days=1, colour="blue")
    assert first == 133_333_333 + 80_000_000  # a table's difference, and 0.1 * (1.0 - 0.2)


def test_the_order_of_issues_in_a_group_is_free() -> None:
    turned = SHOP.replace('["days", "colour"]', '["colour", "days"]').replace(
        '[[1, "red", 1.0], [2, "blue", 0.5]]', '[["red", 1, 1.0], ["blue", 2, 0.5]]'
    )
    assert of(turned).digest == of(SHOP).digest


def test_decimals_are_exact() -> None:
    tiny = SHOP.replace("weight = 0.6", "weight = 0.1").replace("low = 1.0", "low = 3")
    weight, _ = of(tiny).preferences[0].terms["price"]
    assert weight == Fraction(1, 10)


def test_a_comment_changes_nothing() -> None:
    assert of(SHOP.replace("low = 1.0", "low = 1.0 # best")).digest == of(SHOP).digest


def test_a_byte_order_mark_is_ignored() -> None:
    assert read_bytes(b"\xef\xbb\xbf" + SHOP.encode(), "x").digest == of(SHOP).digest


# What is wrong with a file: a change to the shop, the place that the error names, and words of it.
Change = Callable[[str], str]


def change(old: str, new: str) -> Change:
    assert old in SHOP
    return lambda text: text.replace(old, new, 1)


WRONG: dict[str, tuple[Change, str, str]] = {
    "no format": (change('format = "negotiate-scenario"', ""), "$", "format is nothing"),
    "another format": (change("negotiate-scenario", "other"), "$", "'negotiate-scenario' is exp"),
    "a later version": (change("version = 1", "version = 2"), "$.version", "reads version 1"),
    "no name": (change('name = "shop"', ""), "$", "'name' is missing"),
    "an empty name": (change('name = "shop"', 'name = " "'), "$.name", "a name is expected"),
    "a name that is a number": (change('name = "shop"', "name = 1"), "$.name", "1 where a text"),
    "an unknown key": (change("version", 'titel = "x"\nversion'), "$", "did you mean 'title'?"),
    "no issues": (lambda _: HEAD, "$", "'issues' is missing"),
    "an issue that is no table": (lambda _: HEAD + "issues = [1]", "$.issues[0]", "a table is"),
    "no kind": (change('kind = "money"', ""), "$.issues[0]", "'kind' is missing"),
    "an unknown kind": (change('"money"', '"mony"'), "$.issues[0].kind", "did you mean 'money'"),
    "a kind that is a list": (change('"money"', "[]"), "$.issues[0].kind", "a list is no kind"),
    "a key of another kind": (change('currency = "EUR"', "values = []"), "$.issues[0]", "'values'"),
    "no currency": (change('currency = "EUR"', ""), "$.issues[0]", "'currency' is missing"),
    "a long currency": (change('"EUR"', '"euro"'), "$.issues[0]", "three capital letters"),
    "cents of cents": (change("0.90", "0.905"), "$.issues[0].low", "at most 2 decimals"),
    "half a day": (change("low = 1\n", "low = 1.5\n"), "$.issues[3].low", "a whole number is"),
    "high below low": (change("high = 1.10", "high = 0.10"), "$.issues[0]", "high must be low plus"),
    "high off the grid": (change("step = 0.5", "step = 0.3"), "$.issues[2]", "high must be low plus"),
    "a step of nothing": (change("step = 0.5", "step = 0"), "$.issues[2]", "must be positive"),
    "a scale of 12": (change("scale = 1", "scale = 12"), "$.issues[2].scale", "0 to 9"),
    "a text for a number": (change("low = 5.0", 'low = "a"'), "$.issues[2].low", "a number"),
    "a division by 0": (change("low = 5.0", 'low = "1/0"'), "$.issues[2].low", "a number"),
    "infinity": (change("high = 6.0", "high = inf"), "$.issues[2].high", "Infinity where"),
    "not a number": (change("high = 6.0", "high = nan"), "$.issues[2].high", "NaN where"),
    "a time for a day": (
        change("2026-12-01", "2026-12-01T10:00:00"),
        "$.issues[4].low",
        "a day such as",
    ),
    "a choice of numbers": (change('["red", "blue"]', "[1, 2]"), "$.issues[1].values[0]", "a text"),
    "a choice of nothing": (change('["red", "blue"]', "[]"), "$.issues[1]", "has no values"),
    "a choice twice": (change('"blue"]', '"red"]'), "$.issues[1]", "lists 'red' twice"),
    "two issues of one name": (change('"colour"', '"price"'), "$.issues", "two issues are called"),
    "no roles": (lambda _: HEAD + ISSUES, "$", "'roles' is missing"),
    "one role": (lambda text: text.replace(SELLER, ""), "", "two are needed"),
    "two roles of one name": (change('"seller"', '"buyer"'), "", "names a role twice"),
    "a role without a name": (change('name = "seller"', ""), "$.roles[1]", "'name' is missing"),
    "an unknown key of a role": (change("reservation", "resevation"), "$.roles[0]", "'reservation'"),
    "an unknown issue": (change("roles.issues.price", "roles.issues.prize"), "$.roles[0]", "'price'?"),
    "no weight": (change("weight = 0.6", ""), "$.roles[0].issues.price", "'weight' is missing"),
    "a weight that is true": (
        change("weight = 0.6", "weight = true"),
        "$.roles[0].issues.price.weight",
        "true where a number",
    ),
    "a weight of a million": (change("weight = 0.6", "weight = 1e6"), "$.roles[0]", "at most 1000"),
    "an absurd weight": (
        change("weight = 0.6", "weight = 1e999999999"),
        "$.roles[0].issues.price.weight",
        "at most 1e18",
    ),
    "low without high": (change("high = 0.0", ""), "$.roles[0].issues.price", "low where one of"),
    "no value function": (
        change("low = 1.0\nhigh = 0.0", ""),
        "$.roles[0].issues.price",
        "none of them where one of 'low and high', 'values' or 'points'",
    ),
    "two value functions": (
        change("high = 0.0", "high = 0.0\npoints = []"),
        "$.roles[0].issues.price",
        "low and high and points where one of",
    ),
    "a choice without a value": (change(', blue = "1/3"', ""), ".colour.values", "'blue'"),
    "a value of no choice": (change("blue =", "bleu ="), ".colour.values", "did you mean 'blue'?"),
    "a table for a number": (
        change("points = [[1, 1.0], [3, 0.8], [10, 0.1]]", "values = { 1 = 1 }"),
        ".days.values",
        "is of kind integer",
    ),
    "points that do not begin at the low end": (change("[[1, 1.0], [3", "[[3"), ".days.points", "'1'"),
    "points that fall": (change("[3, 0.8]", "[1, 0.8]"), ".days.points", "must rise from '1' to '10'"),
    "a point off the grid": (change("[3, 0.8]", "[11, 0.8]"), ".days.points[1][0]", "runs from 1"),
    "a point of three numbers": (change("[3, 0.8]", "[3, 0, 8]"), ".days.points[1]", "a pair"),
    "a discount of 2": (change("discount = 0.98", "discount = 2"), "$.roles[0]", "is not in (0, 1]"),
    "a group of one issue": (change('["days", "colour"]', '["days"]'), ".groups[0].issues", "two"),
    "a group of one issue twice": (
        change('["days", "colour"]', '["days", "days"]'),
        ".groups[0].issues",
        "two different issues",
    ),
    "a group of an unknown issue": (change('["days", "c', '["day", "c'), ".groups[0]", "'days'?"),
    "a row of two entries": (change('[1, "red", 1.0]', '[1, "red"]'), ".rows[0]", "2 entries"),
    "a row twice": (change('[2, "blue", 0.5]', '[1, "red", 0.5]'), ".rows[1]", "valued twice"),
    "a row off the grid": (change('[2, "blue", 0.5]', '[2, "bleu", 0.5]'), ".rows[1][1]", "red, blue"),
    "a long name": (change('"colour"', '"' + "c" * 300 + '"'), "$.issues[1].name", "at most 256"),
    "a hidden character": (change('"colour"', '"a\\u202eb"'), "$.issues[1]", "control characters"),
}  # fmt: skip


@pytest.mark.parametrize(("mutate", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    mutate: Change, place: str, words: str
) -> None:
    with pytest.raises(FormatError) as caught:
        of(mutate(SHOP))
    assert caught.value.file == "shop.toml"
    assert place in caught.value.place
    assert words in str(caught.value)


def test_several_problems_come_in_one_error() -> None:
    broken = SHOP.replace("weight = 0.6", "").replace("discount = 0.98", "discount = 3")
    broken = broken.replace("blue =", "bleu =")
    with pytest.raises(
        FormatError, match=r"(?s)3 problems:.*\n.*price: 'weight'.*\n.*colour.*\n.*disc"
    ):
        of(broken)


def test_the_number_of_problems_told_is_bounded() -> None:
    issues = "".join(f"[roles.issues.x{i}]\nweight = 1\n" for i in range(1000))
    with pytest.raises(FormatError, match="the first 12 problems"):
        of(HEAD + ISSUES + SELLER + issues)


def test_an_error_of_the_syntax_names_the_line() -> None:
    with pytest.raises(FormatError, match=r"shop.toml: not TOML: .*line 2"):
        of(HEAD.replace("version = 1", "version = "))


def test_what_is_hidden_in_a_file_is_made_visible_in_its_error() -> None:
    with pytest.raises(FormatError) as caught:
        of(SHOP.replace("[roles.issues.price]", '[roles.issues."\\u001b[31m"]'))
    assert "\x1b" not in str(caught.value)
    assert "\\x1b" in str(caught.value)


def test_an_issue_of_a_billion_values_is_refused_at_once() -> None:
    with pytest.raises(FormatError, match="1,000,000,000 values") as caught:
        of(SHOP.replace("low = 1\nhigh = 10\n", "low = 1\nhigh = 1_000_000_000\n"))
    assert caught.value.code == "domain-size"


def test_more_than_64_issues_are_refused() -> None:
    issue = '[[issues]]\nname = "a%d"\nkind = "integer"\nlow = 1\nhigh = 2\n'
    with pytest.raises(FormatError, match="65 issues; at most 64"):
        of(HEAD + "".join(issue % i for i in range(65)) + SELLER)


def test_groups_of_too_many_combinations_are_refused_before_they_are_made() -> None:
    long = SHOP.replace("low = 1\nhigh = 10\n", "low = 1\nhigh = 2_000_000\n")
    with pytest.raises(FormatError, match="groups of more than 1,048,576 combinations"):
        of(long.replace("[10, 0.1]", "[2_000_000, 0.1]"))
