"""Laws of the writer: what it writes reads back as the same domain, worth the same to everybody."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.domain import (
    Choice,
    Date,
    Domain,
    Integer,
    Issue,
    Linear,
    LinearAdditive,
    Money,
    PiecewiseLinear,
    Quantity,
    Role,
    Scenario,
    Table,
    bundled,
    group_of,
    load,
)
from negotiate.domain.formats import read, save, write
from negotiate.domain.formats.toml import read as read_bytes
from negotiate.domain.preferences import Group, ValueFunction
from negotiate.errors import FormatError

texts = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
prose = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
# Numbers as people write them, as floats come, and as Genius makes them by division.
numbers = st.one_of(
    st.decimals(-9, 9, places=3).map(Fraction),
    st.floats(-9, 9).map(Fraction),
    st.fractions(-9, 9, max_denominator=1000),
    st.builds(Fraction, st.integers(-(2**40), 2**40), st.sampled_from([2**37, 2**39, 5**39])),
)


@st.composite
def grids(draw: st.DrawFn) -> tuple[int, int, int]:
    low, step, count = (
        draw(st.integers(-500, 500)),
        draw(st.integers(1, 9)),
        draw(st.integers(0, 6)),
    )
    return low, low + step * count, step


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    name, kind = draw(texts), draw(st.sampled_from([Choice, Integer, Quantity, Money, Date]))
    if kind is Choice:
        return Choice(name, tuple(draw(st.lists(texts, min_size=1, max_size=4, unique=True))))
    low, high, step = draw(grids())
    if kind is Date:
        first = date(2026, 1, 1)
        return Date(name, first, first + timedelta(days=high - low), step)
    scale = draw(st.integers(0, 9))
    if kind is Quantity:
        return Quantity(name, low, high, step, unit=draw(texts), scale=scale)
    return (
        Money(name, low, high, step, "EUR", scale)
        if kind is Money
        else Integer(name, low, high, step)
    )


@st.composite
def functions(draw: st.DrawFn, issue: Issue) -> ValueFunction:
    shape = draw(st.sampled_from(["linear", "table", "points"]))
    if shape == "linear" or (shape == "points" and issue.size < 2):
        return Linear(draw(numbers), draw(numbers))
    if shape == "table":
        return Table(tuple(draw(numbers) for _ in range(issue.size)))
    inner = draw(st.sets(st.integers(0, issue.size - 1)))
    places = sorted({0, issue.size - 1} | inner)
    return PiecewiseLinear(tuple((place, draw(numbers)) for place in places))


@st.composite
def groups(draw: st.DrawFn, domain: Domain) -> list[Group]:
    if len(domain.issues) < 2 or not draw(st.booleans()):
        return []
    names = draw(st.permutations([issue.name for issue in domain.issues]))[:2]
    ranges = [range(domain.issues[domain.issue_index(name)].size) for name in names]
    values = {places: draw(numbers) for places in product(*ranges) if draw(st.booleans())}
    return [group_of(domain, names, draw(numbers), values)]


@st.composite
def preferences(draw: st.DrawFn, domain: Domain) -> LinearAdditive:
    valued = [issue for issue in domain.issues if draw(st.booleans())]
    terms = {issue.name: (draw(numbers), draw(functions(issue))) for issue in valued}
    discount = draw(st.fractions(Fraction(1, 1000), 1))
    grouped = draw(groups(domain))
    return LinearAdditive(
        domain, terms, groups=grouped, reservation=draw(numbers), discount=discount
    )


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    domain = Domain(
        tuple(draw(st.lists(issues(), min_size=1, max_size=4, unique_by=lambda i: i.name))),
        draw(prose),
    )
    names = draw(st.lists(texts, min_size=2, max_size=3, unique=True))
    roles = tuple(Role(name, draw(preferences(domain)), draw(prose)) for name in names)
    return Scenario(draw(texts), domain, roles, draw(prose))


def assert_same(found: Scenario, scenario: Scenario) -> None:
    assert found.domain == scenario.domain
    assert found.digest == scenario.digest
    assert [p.tables for p in found.preferences] == [p.tables for p in scenario.preferences]
    assert [p.groups for p in found.preferences] == [p.groups for p in scenario.preferences]
    assert (found.name, found.description) == (scenario.name, scenario.description)
    assert [role.who for role in found.roles] == [role.who for role in scenario.roles]


@given(scenarios())
@settings(max_examples=150, deadline=None)
def test_what_is_written_reads_back_the_same(scenario: Scenario) -> None:
    assert_same(read_bytes(write(scenario).encode(), "x"), scenario)


@given(scenarios())
@settings(max_examples=30, deadline=None)
def test_what_was_read_is_written_the_same_again(scenario: Scenario) -> None:
    text = write(scenario)
    assert write(read_bytes(text.encode(), "x")) == text


@pytest.mark.parametrize("name", bundled())
def test_bundled_scenarios_read_back_the_same(name: str) -> None:
    scenario = load(name)
    assert_same(read_bytes(write(scenario).encode(), "x"), scenario)


@pytest.mark.parametrize(
    "place",
    ["genius/2nd_hand_car", "genius/partydomain", "geniusweb/domain14", "negolog/domain55"],
)
def test_scenarios_of_other_formats_read_back_the_same(shared: Path, place: str) -> None:
    scenario = read(shared / "scenarios" / place)
    assert_same(read_bytes(write(scenario).encode(), "x"), scenario)


def scenario_of(issue: Issue, function: ValueFunction, weight: object = 1) -> Scenario:
    domain = Domain((issue,))
    own = LinearAdditive(domain, {issue.name: (Fraction(str(weight)), function)})
    return Scenario("s", domain, (Role("a", own), Role("b", own)))


def test_decimals_are_written_as_decimals_and_other_numbers_as_fractions() -> None:
    text = write(scenario_of(Integer("n", 0, 3), Linear(Fraction(1, 8), Fraction(1, 3)), "0.6"))
    assert 'weight = 0.6\nlow = 0.125\nhigh = "1/3"' in text


def test_names_that_are_no_bare_keys_are_quoted() -> None:
    text = write(
        scenario_of(Choice('a "b"', ("no", "it is")), Table((Fraction(0), Fraction(1))))
    )
    assert '[roles.issues."a \\"b\\""]' in text
    assert 'values = { no = 0, "it is" = 1 }' in text


def test_saved_files_read_from_their_path(tmp_path: Path) -> None:
    scenario = load("milk")
    save(scenario, tmp_path / "mine.toml")
    assert read(tmp_path / "mine.toml").digest == scenario.digest


def test_saving_where_nothing_can_be_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no/mine\.toml: No such file or directory"):
        save(load("milk"), tmp_path / "no" / "mine.toml")


def test_tables_too_large_for_a_file_are_not_written() -> None:
    issue = Integer("n", 0, 60_000)
    steps = Table(tuple(Fraction(i % 7, 7) for i in range(issue.size)))
    with pytest.raises(FormatError, match="has no text form that reads back") as caught:
        write(scenario_of(issue, steps))
    assert caught.value.code == "too-large"


def test_an_issue_of_a_kind_of_your_own_is_not_written() -> None:
    class Even(Integer):
        pass

    with pytest.raises(FormatError, match="'n' is of class Even, which has no text form"):
        write(scenario_of(Even("n", 0, 2), Linear(Fraction(0), Fraction(1))))


def test_text_that_is_not_unicode_is_not_written() -> None:
    scenario = scenario_of(Integer("n", 0, 2), Linear(Fraction(0), Fraction(1)))
    odd = Scenario("s", scenario.domain, scenario.roles, "\ud800")
    with pytest.raises(FormatError, match="is not Unicode text"):
        write(odd)
