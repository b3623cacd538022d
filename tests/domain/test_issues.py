"""Issues are values on a declared grid; outcomes are positions on it."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.domain import Choice, Date, Domain, Integer, Issue, Money, Quantity
from negotiate.domain.issues import MAX_VALUES
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

COLOUR = Choice("colour", ("red", "sky blue", "a=b"))
DAYS = Integer("days", 3, 30, 3)
ENERGY = Quantity("energy", 50, 600, 5, unit="kWh", scale=1)
PRICE = Money("price", 90, 190, 1, currency="EUR")
START = Date("start", date(2026, 12, 1), date(2026, 12, 15), 7)
KINDS: list[Issue] = [COLOUR, DAYS, ENERGY, PRICE, START]
each_kind = pytest.mark.parametrize("issue", KINDS, ids=lambda issue: issue.kind)

SHOP = Domain((COLOUR, PRICE, START), "shop")


# Kinds


@pytest.mark.parametrize(
    ("issue", "size"), [(COLOUR, 3), (DAYS, 10), (ENERGY, 111), (PRICE, 101), (START, 3)]
)
def test_the_size_is_the_number_of_values(issue: Issue, size: int) -> None:
    assert issue.size == size


@each_kind
def test_a_position_is_that_of_its_value(issue: Issue) -> None:
    assert [issue.position(issue.value(i)) for i in range(issue.size)] == list(
        range(issue.size)
    )


@each_kind
def test_what_is_shown_is_parsed(issue: Issue) -> None:
    assert [issue.parse(issue.show(i)) for i in range(issue.size)] == list(range(issue.size))


@each_kind
def test_an_issue_can_be_pickled(issue: Issue) -> None:
    assert pickle.loads(pickle.dumps(issue)) == issue


@each_kind
def test_an_issue_does_not_change(issue: Issue) -> None:
    with pytest.raises(AttributeError):
        issue.name = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("issue", "shown"),
    [
        (COLOUR, "sky blue"),
        (DAYS, "6"),
        (ENERGY, "5.5 kWh"),
        (PRICE, "0.91 EUR"),
        (START, "2026-12-08"),
    ],
)
def test_values_are_shown_as_people_write_them(issue: Issue, shown: str) -> None:
    assert issue.show(1) == shown


@pytest.mark.parametrize(
    ("issue", "plain"),
    [(COLOUR, "sky blue"), (DAYS, 6), (ENERGY, 55), (PRICE, 91), (START, "2026-12-08")],
)
def test_plain_values_are_what_json_holds(issue: Issue, plain: object) -> None:
    assert issue.plain(1) == plain


@pytest.mark.parametrize(
    ("issue", "text", "position"),
    [
        (PRICE, "0.9", 0),
        (PRICE, "1 EUR", 10),
        (PRICE, "1.000", 10),
        (ENERGY, "5.5kWh", 1),
        (DAYS, "6 days", 1),
    ],
)
def test_other_ways_to_write_a_value_are_parsed(issue: Issue, text: str, position: int) -> None:
    assert issue.parse(text) == position


def test_a_day_may_be_given_as_text() -> None:
    assert START.position("2026-12-08") == 1


@pytest.mark.parametrize(
    ("issue", "value"),
    [
        (COLOUR, "green"),
        (COLOUR, 1),
        (COLOUR, None),
        (DAYS, 4),
        (DAYS, 0),
        (DAYS, 33),
        (DAYS, 6.0),
        (DAYS, True),
        (DAYS, "6"),
        (PRICE, 89),
        (ENERGY, 51),
        (START, date(2026, 12, 2)),
        (START, date(2027, 1, 1)),
        (START, "2026-12-32"),
        (START, 3),
    ],
)
def test_a_value_that_is_not_on_the_grid_is_refused(issue: Issue, value: object) -> None:
    with pytest.raises(DomainError, match=f"is not a value of issue '{issue.name}'") as caught:
        issue.position(value)
    assert caught.value.code == "off-grid"


DEEP = (
    "0.9000000000000000000000000000000001"  # decimals that arithmetic of 28 digits would lose
)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0.905",
        "nan",
        "Infinity",
        "1e99999999",
        "1e-99999999",
        "9" * 100,
        "0.91 USD",
        "--1",
        DEEP,
    ],
)
def test_a_text_that_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(DomainError) as caught:
        PRICE.parse(text)
    assert caught.value.code == "off-grid"


@pytest.mark.parametrize("position", [-1, 10])
def test_there_is_no_value_outside_the_grid(position: int) -> None:
    with pytest.raises(IndexError):
        DAYS.value(position)


IMPOSSIBLE: dict[str, tuple[Callable[[], Issue], str]] = {
    "no name": (lambda: Integer("", 0, 1), "an issue's name is ''"),
    "a blank name": (lambda: Integer("  ", 0, 1), "a text of 1 to 256 characters"),
    "a hidden character": (
        lambda: Integer("a\u202eb", 0, 1),
        "control characters are not allowed",
    ),
    "a long name": (lambda: Integer("a" * 257, 0, 1), "a text of 1 to 256 characters"),
    "no values": (lambda: Choice("a", ()), "has no values"),
    "a value twice": (lambda: Choice("a", ("x", "y", "x")), "lists 'x' twice"),
    "an empty value": (lambda: Choice("a", ("",)), "a value of issue 'a' is ''"),
    "a value with a line": (lambda: Choice("a", ("x\ny",)), "control characters"),
    "high below low": (lambda: Integer("a", 1, 0), "high must be low plus"),
    "high off the grid": (lambda: Integer("a", 0, 5, 2), "high must be low plus"),
    "a step of 0": (lambda: Integer("a", 0, 5, 0), "it must be positive"),
    "a float": (lambda: Integer("a", 0, 1.0), "high of issue 'a' is 1.0"),  # type: ignore[arg-type]
    "a truth": (lambda: Integer("a", False, 1), "low of issue 'a' is False"),
    "a huge number": (lambda: Integer("a", 0, 10**400), "an integer of 1329 bits"),
    "a billion values": (lambda: Integer("a", 1, 10**9), "at most 2,097,152 are allowed"),
    "no unit": (lambda: Quantity("a", 0, 1), "the unit of issue 'a'"),
    "a scale of 10": (lambda: Quantity("a", 0, 1, unit="m", scale=10), "0 to 9 is expected"),
    "a scale below 0": (lambda: Money("a", 0, 1, scale=-1), "0 to 9 is expected"),
    "a long currency": (lambda: Money("a", 0, 1, currency="euro"), "three capital letters"),
    "days that are texts": (lambda: Date("a", "2026-01-01", "2026-01-02"), "a day is expected"),  # type: ignore[arg-type]
    "days that are backwards": (
        lambda: Date("a", date(2026, 1, 2), date(2026, 1, 1)),
        "high must",
    ),
    "no step between days": (
        lambda: Date("a", date(2026, 1, 1), date(2026, 1, 1), 0),
        "a positive number of days",
    ),
}


@pytest.mark.parametrize(("make", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_issue_is_refused(make: Callable[[], Issue], words: str) -> None:
    with pytest.raises(DomainError) as caught:
        make()
    assert words in str(caught.value)


def test_a_long_list_with_a_double_is_refused_at_once() -> None:
    values = [str(i) for i in range(200_000)]
    with pytest.raises(DomainError, match="lists '1' twice"):
        Choice("a", (*values, "1"))


# Domains


def test_outcomes_go_from_values_to_positions_and_back() -> None:
    values = {"colour": "sky blue", "price": 129, "start": date(2026, 12, 15)}
    outcome = SHOP.outcome(values)
    assert outcome == (1, 39, 2)
    assert SHOP.values(outcome) == values
    assert SHOP.plain(outcome) == values | {"start": "2026-12-15"}


def test_an_outcome_is_shown_in_the_notation_that_is_parsed() -> None:
    text = "colour='sky blue' price='1.29 EUR' start=2026-12-15"
    assert SHOP.show((1, 39, 2)) == text
    assert SHOP.parse(text) == (1, 39, 2)


def test_the_order_of_words_is_free() -> None:
    assert SHOP.parse("price=0.9 start=2026-12-01 colour=red") == (0, 0, 0)


@given(st.data())
def test_every_outcome_is_parsed_from_what_is_shown(data: st.DataObject) -> None:
    word = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=6)
    names = data.draw(st.lists(word, min_size=1, max_size=3, unique=True))
    choices = st.lists(word, min_size=1, max_size=3, unique=True)
    domain = Domain(tuple(Choice(name, tuple(data.draw(choices))) for name in names))
    outcome = tuple(data.draw(st.integers(0, size - 1)) for size in domain.sizes)
    assert domain.parse(domain.show(outcome)) == outcome


@given(st.integers(0, SHOP.size - 1))
def test_places_in_outcome_order_go_back_and_forth(place: int) -> None:
    assert SHOP.index(SHOP.at(place)) == place


def test_outcomes_come_in_outcome_order() -> None:
    assert list(SHOP.outcomes()) == sorted(SHOP.outcomes())
    assert [SHOP.index(outcome) for outcome in SHOP.outcomes()] == list(range(SHOP.size))


@pytest.mark.parametrize("place", [-1, SHOP.size])
def test_there_is_no_outcome_outside(place: int) -> None:
    with pytest.raises(DomainError, match="a domain with 909 outcomes"):
        SHOP.at(place)


@pytest.mark.parametrize(
    "outcome",
    [
        (0, 0),
        (0, 0, 0, 0),
        (0, 0, 3),
        (-1, 0, 0),
        (True, 0, 0),
        (0.0, 0, 0),
        [0, 0, 0],
        None,
        {"colour": "red"},
        (10**400, 0, 0),
    ],
)
def test_only_positions_of_the_domain_are_outcomes(outcome: object) -> None:
    assert not SHOP.contains(outcome)
    with pytest.raises(DomainError) as caught:
        SHOP.check(outcome)
    assert caught.value.code == "off-domain"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"colour": "red", "price": 90}, "missing-issue"),
        ({"colour": "red", "price": 90, "start": "2026-12-01", "x": 1}, "unknown-issue"),
        ({"colour": "red", "price": 1.29, "start": "2026-12-01"}, "off-grid"),
    ],
)
def test_values_that_make_no_outcome_are_refused(values: dict[str, object], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        SHOP.outcome(values)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("colour=red", "missing-issue"),
        ("colour=red colour=red price=1 start=2026-12-01", "notation"),
        ("colour='red", "notation"),
        ("prize=1", "unknown-issue"),
        ("red", "unknown-issue"),
        ("colour=green price=1 start=2026-12-01", "off-grid"),
    ],
)
def test_text_that_is_no_outcome_is_refused(text: str, code: str) -> None:
    with pytest.raises(DomainError) as caught:
        SHOP.parse(text)
    assert caught.value.code == code


def test_the_name_of_an_issue_may_hold_an_equals_sign() -> None:
    domain = Domain((Choice("a=b", ("c=d", "e")),))
    assert domain.parse(domain.show((0,))) == (0,)


def test_an_unknown_issue_is_told_the_known_ones() -> None:
    with pytest.raises(
        DomainError, match="no issue is called 'prise'; the issues are: colour, price, start"
    ):
        SHOP.issue_index("prise")


@pytest.mark.parametrize(
    ("issues", "words"),
    [
        ((), "between 1 and 64"),
        (tuple(Integer(f"i{i}", 0, 1) for i in range(65)), "between 1 and 64"),
        ((DAYS, Choice("days", ("a",))), "two issues are called 'days'"),
        (tuple(Integer(f"i{i}", 1, MAX_VALUES) for i in range(3)), "values together"),
    ],
    ids=["none", "65", "one name twice", "too many values"],
)
def test_an_impossible_domain_is_refused(issues: tuple[Issue, ...], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        Domain(issues)


def test_domains_with_the_same_issues_and_name_are_equal() -> None:
    assert Domain((DAYS, PRICE), "x") == Domain((DAYS, PRICE), "x")
    assert hash(Domain((DAYS,))) == hash(Domain((DAYS,)))
    assert Domain((DAYS, PRICE)) != Domain((PRICE, DAYS))


def test_a_copy_of_a_domain_remembers_no_checked_outcomes() -> None:
    domain = Domain((Choice("colour", ("red", "blue")),))
    outcome = domain.at(1)
    domain.checked[id(outcome)] = outcome
    for copied in (
        pickle.loads(pickle.dumps(domain)),
        copy.copy(domain),
        copy.deepcopy(domain),
    ):
        assert copied == domain
        assert copied.checked == {}
