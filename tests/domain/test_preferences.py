"""Utilities are exact: sums of contributions, each rounded once to a billionth, half to even."""

from __future__ import annotations

import pickle
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.domain import (
    SCALE,
    Choice,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    PiecewiseLinear,
    Table,
    group_of,
)
from negotiate.domain.preferences import Group, exact, fixed
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.preferences import Number, ValueFunction

DOMAIN = Domain(
    (Integer("price", 0, 10), Choice("colour", ("red", "blue")), Integer("days", 1, 3))
)
ZERO, ONE = Fraction(0), Fraction(1)
LINE = Linear(ZERO, ONE)

fractions = st.fractions(-9, 9, max_denominator=10**6)


def rounded(value: Fraction) -> int:
    """The reference: a fraction in billionths, half to even."""
    return round(value * SCALE)


# Numbers


@pytest.mark.parametrize(
    ("number", "units"),
    [
        (0.5, 500_000_000),
        (1, SCALE),
        (Decimal("0.1"), 100_000_000),
        (Fraction(1, 3), 333_333_333),
        (Decimal("0.0000000005"), 0),
        (Decimal("0.0000000015"), 2),
        (Decimal("-0.0000000025"), -2),
        (Decimal("1e-500"), 0),
        (-1000, -1000 * SCALE),
    ],
)
def test_a_number_is_rounded_once_half_to_even(number: Number, units: int) -> None:
    assert fixed(number) == units


@pytest.mark.parametrize(
    "number",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1e999999999"),
        Decimal(1).scaleb(30),
        10**400,
        Fraction(1, 2**5000),
        1001,
        True,
        "1",
        None,
    ],
    ids=str,
)
def test_a_number_that_is_not_finite_or_is_absurd_is_refused(number: Number) -> None:
    with pytest.raises(DomainError) as caught:
        fixed(number)
    assert caught.value.code == "number"
    assert len(str(caught.value)) < 200


def test_a_float_is_the_number_that_it_is() -> None:
    assert exact(0.1) == Fraction(3602879701896397, 2**55)


# Value functions


@given(st.integers(1, 60), fractions, fractions, fractions)
def test_a_line_is_straight_to_the_last_billionth(
    size: int, weight: Fraction, low: Fraction, high: Fraction
) -> None:
    own = LinearAdditive(Domain((Integer("x", 1, size),)), {"x": (weight, Linear(low, high))})
    step = (high - low) / (size - 1) if size > 1 else 0
    assert list(own.tables[0]) == [rounded(weight * (low + i * step)) for i in range(size)]


@given(st.lists(fractions, min_size=1, max_size=8), fractions)
def test_a_table_is_weighted_value_by_value(values: list[Fraction], weight: Fraction) -> None:
    domain = Domain((Integer("x", 1, len(values)),))
    own = LinearAdditive(domain, {"x": (weight, Table(tuple(values)))})
    assert list(own.tables[0]) == [rounded(weight * value) for value in values]


@given(
    st.dictionaries(st.integers(1, 19), fractions, max_size=5), fractions, fractions, fractions
)
def test_points_are_joined_by_straight_lines(
    inner: dict[int, Fraction], first: Fraction, last: Fraction, weight: Fraction
) -> None:
    function = PiecewiseLinear(tuple(sorted({0: first, **inner, 20: last}.items())))
    own = LinearAdditive(Domain((Integer("x", 0, 20),)), {"x": (weight, function)})
    assert list(own.tables[0]) == [rounded(weight * function.at(i)) for i in range(21)]


def test_points_are_met_exactly() -> None:
    function = PiecewiseLinear(((0, ONE), (2, Fraction(1, 2)), (10, ZERO)))
    assert [function.at(i) for i in (0, 1, 2, 6, 10)] == [
        1,
        Fraction(3, 4),
        Fraction(1, 2),
        Fraction(1, 4),
        0,
    ]


def test_a_long_grid_is_kept_small_and_reads_alike() -> None:
    own = LinearAdditive(Domain((Integer("x", 0, 10_000),)), {"x": (1, LINE)})
    assert own.tables[0][5_000] == SCALE // 2
    assert own.utility((10_000,)) == SCALE


WRONG: dict[str, tuple[str, ValueFunction, str]] = {
    "a short table": ("colour", Table((ONE,)), "has 2 values but 1 are valued"),
    "no points": ("price", PiecewiseLinear(()), "must rise from its first value to its last"),
    "points that begin late": ("price", PiecewiseLinear(((1, ONE), (10, ONE))), "must rise"),
    "points that end early": ("price", PiecewiseLinear(((0, ONE), (9, ONE))), "must rise"),
    "points that turn": (
        "price",
        PiecewiseLinear(((0, ONE), (5, ONE), (5, ONE), (10, ONE))),
        "rise",
    ),
    "an unknown issue": ("prise", LINE, "no issue is called 'prise'"),
    "a huge value": ("price", Linear(ZERO, Fraction(1001)), "at most 1000 is allowed"),
    "a huge table": ("colour", Table((ZERO, Fraction(-1001))), "at most 1000 is allowed"),
}


@pytest.mark.parametrize(("name", "function", "words"), WRONG.values(), ids=WRONG)
def test_a_value_function_that_does_not_fit_is_refused(
    name: str, function: ValueFunction, words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        LinearAdditive(DOMAIN, {name: (1, function)})


# Preferences

OWN = LinearAdditive(
    DOMAIN,
    {"price": (Decimal("0.6"), LINE), "colour": (0.25, Table((ONE, ZERO)))},
    groups=[
        group_of(
            DOMAIN, ["days", "colour"], Decimal("0.1"), {(0, 0): 1, (2, 1): Fraction(1, 3)}
        )
    ],
    reservation=Decimal("0.35"),
    discount=Decimal("0.9"),
)


def test_utility_is_the_sum_of_contributions() -> None:
    assert OWN.utility((5, 0, 1)) == 300_000_000 + 250_000_000
    assert OWN.utility((5, 0, 0)) == 300_000_000 + 250_000_000 + 100_000_000
    assert OWN.utility((10, 1, 2)) == 600_000_000 + 33_333_333


def test_it_is_the_same_when_asked_again() -> None:
    assert {OWN.utility((5, 0, 0)) for _ in range(3)} == {650_000_000}


def test_on_a_large_domain_too() -> None:
    large = Domain((Integer("x", 0, 9999), Integer("y", 0, 9999)))
    own = LinearAdditive(large, {"x": (1, LINE), "y": (1, LINE)})
    assert own.utility((9999, 0)) == own.utility((0, 9999)) == SCALE


def test_issues_left_out_contribute_nothing() -> None:
    assert OWN.tables[2] == (0, 0, 0)


def test_reservation_and_discount_are_exact() -> None:
    assert (OWN.reservation, OWN.discount) == (350_000_000, Fraction(9, 10))


@pytest.mark.parametrize("discount", [0, -1, Fraction(11, 10), 2])
def test_a_discount_outside_0_to_1_is_refused(discount: Number) -> None:
    with pytest.raises(DomainError, match=r"is not in \(0, 1\]"):
        LinearAdditive(DOMAIN, {}, discount=discount)


@pytest.mark.parametrize(
    ("time", "worth"), [(0, SCALE), (1, 900_000_000), (0.5, round(0.9**0.5 * SCALE))]
)
def test_discounting_shrinks_utility_over_time(time: float, worth: int) -> None:
    assert OWN.discounted(SCALE, time) == worth


def test_without_a_discount_time_changes_nothing() -> None:
    assert LinearAdditive(DOMAIN, {}).discounted(123_456_789, 0.7) == 123_456_789


def test_preferences_do_not_change() -> None:
    with pytest.raises(AttributeError, match="preferences do not change"):
        OWN.reservation = 0
    with pytest.raises(TypeError):
        OWN.terms["days"] = (ONE, LINE)  # type: ignore[index]


def test_preferences_are_the_same_after_a_pickle() -> None:
    again = pickle.loads(pickle.dumps(OWN))
    assert [list(table) for table in again.tables] == [list(table) for table in OWN.tables]
    assert (again.groups, again.reservation, again.discount) == (
        OWN.groups,
        OWN.reservation,
        OWN.discount,
    )


def test_weights_do_not_show_in_a_log() -> None:
    assert repr(OWN) == "<LinearAdditive over 3 issues>"


# Groups


def test_a_group_is_filled_in_the_order_of_the_domain() -> None:
    assert OWN.groups[0] == Group((1, 2), (100_000_000, 0, 0, 0, 0, 33_333_333))


IMPOSSIBLE: dict[str, tuple[Callable[[], object], str]] = {
    "one issue": (lambda: Group((0,), (0,) * 11), "at least two different issues"),
    "an issue twice": (lambda: Group((1, 1), (0,) * 4), "at least two different issues"),
    "issues backwards": (lambda: Group((1, 0), (0,) * 22), "in the order of the domain"),
    "an issue outside": (lambda: Group((1, 9), (0,) * 4), "at least two different issues"),
    "an issue before the first": (lambda: Group((-1, 1), (0,) * 6), "at least two different"),
    "too few values": (
        lambda: Group((1, 2), (0,) * 5),
        "a group of 6 combinations has 5 values",
    ),
    "an unknown issue": (
        lambda: group_of(DOMAIN, ["days", "size"], 1, {}),
        "no issue is called 'size'",
    ),
}


@pytest.mark.parametrize(("make", "words"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_an_impossible_group_is_refused(make: Callable[[], Group], words: str) -> None:
    with pytest.raises(DomainError, match=words):
        LinearAdditive(DOMAIN, {}, groups=[make()])


def test_a_group_of_too_many_combinations_is_refused() -> None:
    domain = Domain((Integer("x", 1, 2000), Integer("y", 1, 2000)))
    with pytest.raises(DomainError, match="a group of 4,000,000 combinations"):
        group_of(domain, ["x", "y"], 1, {})
