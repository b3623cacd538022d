"""What NegMAS 0.16 writes means here what it means there. (The files below follow what it writes.)"""

from __future__ import annotations

import base64
import pickle
import sys
from typing import TYPE_CHECKING

import pytest

from negotiate.domain import SCALE, Choice, Integer
from negotiate.domain.formats import read
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.domain.formats.conftest import Folder

DOMAIN = """issues:
- name: size
  type: DiscreteCardinalIssue
  values:
  - 1
  - 2
  - 4
- name: days
  type: ContiguousIssue
  values:
  - 0
  - 4
- name: colour
  type: CategoricalIssue
  values:
  - red
  - 'yes'
  - 1.5
name: trade
path: null
type: DiscreteCartesianOutcomeSpace
"""
TABLES = """name: first
reserved_outcome: null
reserved_value: 0.2
stability: 2047
type: LinearAdditiveUtilityFunction
values:
- mapping:
    1: 0.1
    2: 0.5
    4: 1.0
  type: TableFun
- bias: 1.0
  slope: -0.1
  type: AffineFun
- mapping:
    1.5: 0.25
    red: 1.0
    'yes': 0.5
  type: TableFun
weights:
- 0.5
- 0.3
- 0.2
"""
LINE = "bias: 1.0\n  slope: -0.1\n  type: AffineFun\n"
LONG = f"type: PolynomialFun\n  bias: 0\n  coefficients: {[0] * 33}\n"
HILL = "type: TriangularFun\n  start: 3\n  middle: 2\n  end: 1\n  bias: 0\n  scale: 1\n"
OF_COLOURS = TABLES[TABLES.rindex("- mapping") : TABLES.index("weights")]
CURVES = """name: second
reserved_outcome: null
reserved_value: -.inf
stability: 2047
type: LinearAdditiveUtilityFunction
values:
- type: IdentityFun
- slope: 2.0e-01
  type: LinearFun
- bias: 0.4
  type: ConstFun
weights: [0.5, 0.3, 0.2]
"""
FILES = {
    "trade.yml": DOMAIN,
    "b.yml": TABLES,
    "a.yml": CURVES,
    "_stats.yaml": "- [",
    "x.webp": b"\0",
}
ROUND = (
    "name: round\ntype: {kind}\nweights: [1.0, -2.0, 0.5]\nbias: 0.25\nreserved_value: {kept}\n"
)


def one_issue(values: str, kind: str, function: str) -> dict[str, str]:
    """A scenario of one issue whose first party has one value function with weight 1."""
    domain = (
        f"issues:\n- name: n\n  type: {kind}\n  values: {values}\ntype: CartesianOutcomeSpace\n"
    )
    ufun = f"type: LinearAdditiveUtilityFunction\nvalues: [{function}]\nweights: [1.0]\n"
    other = ufun.replace(function, "{type: ConstFun, bias: 0.5}")
    return {"domain.yml": domain, "a.yml": ufun, "b.yml": other}


def worth(place: Path) -> list[float]:
    return [value / SCALE for value in read(place).preferences[0].tables[0]]


def test_each_type_of_issue_becomes_a_grid(folder: Folder) -> None:
    assert read(folder(FILES)).domain.issues == (
        Choice("size", ("1", "2", "4")),  # not evenly spaced
        Integer("days", 0, 4),
        Choice("colour", ("red", "yes", "1.5")),
    )


def test_evenly_spaced_numbers_become_an_integer_issue(folder: Folder) -> None:
    even = folder(one_issue("[1, 3, 5]", "DiscreteCardinalIssue", "{type: IdentityFun}"))
    assert read(even).domain.issues == (Integer("n", 1, 5, 2),)


def test_roles_are_called_after_their_files_in_the_order_of_names(folder: Folder) -> None:
    scenario = read(folder(FILES))
    assert [role.name for role in scenario.roles] == ["a", "b"]
    assert (scenario.name, scenario.domain.name) == ("case", "trade")


def test_tables_and_lines_are_weighted(folder: Folder) -> None:
    curves, tables = read(folder(FILES)).preferences
    assert tables.tables == (
        (50_000_000, 250_000_000, 500_000_000),
        (300_000_000, 270_000_000, 240_000_000, 210_000_000, 180_000_000),
        (200_000_000, 100_000_000, 50_000_000),
    )
    assert curves.tables[0] == (500_000_000, 1_000_000_000, 2_000_000_000)
    assert curves.tables[1] == (0, 60_000_000, 120_000_000, 180_000_000, 240_000_000)
    assert curves.tables[2] == (80_000_000,) * 3


def test_a_reserved_value_is_the_reservation_value(folder: Folder) -> None:
    assert read(folder(FILES)).preferences[1].reservation == 200_000_000


@pytest.mark.parametrize("reserved", ["-.inf", "null"])
def test_no_reserved_value_means_that_any_agreement_is_as_good(
    folder: Folder, reserved: str
) -> None:
    files = FILES | {"a.yml": CURVES.replace("-.inf", reserved)}
    assert read(folder(files)).preferences[0].reservation == 0


def test_no_reserved_value_is_the_worst_outcome_if_that_is_below_0(folder: Folder) -> None:
    low = FILES | {"a.yml": CURVES.replace("weights: [0.5", "weights: [-0.5")}
    assert read(folder(low)).preferences[0].reservation == -2_000_000_000 + 80_000_000


@pytest.mark.parametrize("kind", ["AffineUtilityFunction", "LinearUtilityFunction"])
def test_linear_functions_of_all_issues_read_and_a_bias_is_added(
    folder: Folder, kind: str
) -> None:
    numbers = DOMAIN.replace("- red\n  - 'yes'", "- 3\n  - 2")
    ufun = ROUND.format(kind=kind, kept=0.5)
    scenario = read(folder({"domain.yml": numbers, "a.yml": ufun, "b.yml": ufun}))
    outcome = scenario.domain.outcome({"size": "4", "days": 3, "colour": "1.5"})
    assert scenario.preferences[0].utility(outcome) / SCALE == 4 - 2 * 3 + 0.5 * 1.5 + 0.25


def test_a_constant_function_reads(folder: Folder) -> None:
    files = FILES | {"a.yml": "type: ConstUtilityFunction\nvalue: 0.5\nreserved_value: 0.0\n"}
    scenario = read(folder(files))
    assert {scenario.preferences[0].utility(o) for o in scenario.domain.outcomes()} == {
        SCALE // 2
    }


def test_a_discount_over_relative_time_reads(folder: Folder) -> None:
    inner = TABLES.replace("\n", "\n  ").rstrip()
    discounted = f"""type: ExpDiscountedUFun
discount: 0.9
factor: relative_time
reserved_value: 0.1
ufun:
  {inner}
"""
    own = read(folder(FILES | {"a.yml": discounted})).preferences[0]
    assert (float(own.discount), own.reservation) == (0.9, 100_000_000)
    assert own.tables[0] == (50_000_000, 250_000_000, 500_000_000)


# (value function, its values at 0 to 6); as NegMAS computes them
CURVED = {
    "quadratic": ("{type: QuadraticFun, a2: 1, a1: 2, bias: 3}", [3, 6, 11, 18, 27, 38, 51]),
    "polynomial": (
        "{type: PolynomialFun, coefficients: [1, 2, 3], bias: 0.5}",
        [0.5, 6.5, 34.5, 102.5, 228.5, 430.5, 726.5],
    ),
    "triangular": (
        "{type: TriangularFun, start: 1, middle: 3, end: 5, bias: 0.5, scale: 2}",
        [0.5, 0.5, 1.5, 2.5, 1.5, 0.5, 0.5],
    ),
    "trapezoidal": (
        "{type: TrapezoidalFun, start: 0, rise_end: 2, fall_start: 4, end: 6, bias: 0.5, scale: 3}",
        [0.5, 2.0, 3.5, 3.5, 3.5, 2.0, 0.5],
    ),
}


@pytest.mark.parametrize(("function", "values"), CURVED.values(), ids=CURVED)
def test_curves_are_computed_at_each_value(
    folder: Folder, function: str, values: list[float]
) -> None:
    assert worth(folder(one_issue("[0, 6]", "ContiguousIssue", function))) == values


def test_numbers_in_a_list_are_numbers_for_a_function(folder: Folder) -> None:
    place = folder(
        one_issue("[0.5, 1.0, 2.25]", "DiscreteOrdinalIssue", "{type: LinearFun, slope: 2}")
    )
    assert worth(place) == [1.0, 2.0, 4.5]


def test_json_reads_like_yaml(folder: Folder) -> None:
    issue = '{"name": "n", "type": "ContiguousIssue", "values": [0, 2]}'
    domain = f'{{"issues": [{issue}], "type": "DiscreteCartesianOutcomeSpace"}}'
    table = '{"type": "TableFun", "mapping": {"0": 0.5, "1": 0.25, "2": 1}}'
    kind = '"type": "LinearAdditiveUtilityFunction"'
    ufun = f'{{"reserved_value": -Infinity, {kind}, "values": [{table}], "weights": [1.0]}}'
    assert worth(folder({"domain.json": domain, "a.json": ufun, "b.json": ufun})) == [
        0.5,
        0.25,
        1,
    ]


def test_functions_that_embed_their_domain_need_no_other(folder: Folder) -> None:
    inner = DOMAIN.replace("\n", "\n  ").replace("type: ", "type: negmas.outcomes.").rstrip()
    files = {
        f"{n}.yml": f"outcome_space:\n  {inner}\n{t}" for n, t in (("a", CURVES), ("b", TABLES))
    }
    assert read(folder(files)).digest == read(folder(FILES)).digest


def pickled(value: object) -> str:
    data = b"__CLOUDPICKLE_START__:" + pickle.dumps(value, 5)
    return "!!binary " + base64.b64encode(data).decode()


def test_a_pickled_range_reads(folder: Folder) -> None:
    files = one_issue(pickled(range(-3, 20, 5)), "DiscreteCardinalIssue", "{type: IdentityFun}")
    assert read(folder(files)).domain.issues == (Integer("n", -3, 17, 5),)


class Trap:
    def __reduce__(self) -> tuple[object, ...]:
        return (pytest.fail, ("a pickle was run",))


@pytest.mark.parametrize(
    "value", [Trap(), [1, 2], range(5, 1), 7], ids=["code", "list", "empty", "int"]
)
def test_any_other_pickle_stays_closed(folder: Folder, value: object) -> None:
    place = folder(one_issue(pickled(value), "DiscreteCardinalIssue", "{type: IdentityFun}"))
    with pytest.raises(FormatError, match=r"pickled data, which is not opened|does not rise"):
        read(place)


WRONG: dict[str, tuple[str, str, str, str, str]] = {
    "a continuous issue": ("trade.yml", "ContiguousIssue", "ContinuousIssue", "issues[1]", "no grid"),
    "an issue without a name": ("trade.yml", "- name: days\n  ", "- ", "issues[1]", "'name' is missing"),
    "an issue without a type": ("trade.yml", "  type: ContiguousIssue\n", "", "issues[1]", "__python"),
    "three ends": ("trade.yml", "  - 0\n  - 4\n", "  - 0\n  - 4\n  - 5\n", ".values", "a pair"),
    "a billion days": ("trade.yml", "  - 0\n  - 4", "  - 0\n  - 1000000000", "issues[1]", "000,001 v"),
    "values that are lists": ("trade.yml", "- red", "- [red, 1]", ".values[0]", "a text or a number"),
    "a value twice": ("trade.yml", "- 1.5", "- red", "issues[2].values", "lists 'red' twice"),
    "another function": ("b.yml", "LinearAdditiveU", "HyperRectangleU", "$", "'HyperRectangleUtil"),
    "a function with code": ("b.yml", "AffineFun", "LambdaFun", ".values[1]", "'LambdaFun', which is"),
    "a function of text": ("b.yml", OF_COLOURS, "- type: IdentityFun\n", ".values[2]", "of 'red'"),
    "a value missing": ("b.yml", "    red: 1.0\n", "", ".values[2].mapping", "no value for 'red'"),
    "a weight missing": ("b.yml", "- 0.2\n", "", ".weights", "2 entries for 3 issues"),
    "a weight of text": ("b.yml", "- 0.3\n", "- many\n", ".weights[1]", "'many' where a number"),
    "a polynomial of 33": ("b.yml", LINE, LONG, ".values[1]", "more than 32"),
    "corners that turn": ("b.yml", LINE, HILL, ".values[1]", "corners that do not rise"),
    "no slope": ("b.yml", "  slope: -0.1\n", "", ".values[1]", "'slope' is missing"),
    "an endless reserve": ("b.yml", "reserved_value: 0.2", "reserved_value: .inf", ".reserved_value", "Inf"),
    "a reserved outcome": (
        "a.yml",
        "reserved_outcome: null",
        "reserved_outcome: [1, 0, red]",
        ".reserved_outcome",
        "give reserved_value",
    ),
    "a discount by rounds": (
        "b.yml",
        TABLES,
        "type: ExpDiscountedUFun\nfactor: step\ndiscount: 0.9\nufun: {type: ConstUtilityFunction}\n",
        ".factor",
        "only 'relative_time'",
    ),
    "a key twice": ("b.yml", "    2: 0.5\n", "    1: 0.5\n", "line 9", "key 1 is given twice"),
    "an object": ("b.yml", "weights:", "weights: !!python/tuple", "line 20", "makes objects"),
    "two documents": ("b.yml", "name: first", "--- {}\n---\nname: first", "line 2", "second document"),
    "not YAML": ("b.yml", "weights:", "weights: [", "line 2", "not YAML"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "place", "words"), WRONG.values(), ids=WRONG)
def test_an_error_names_file_place_and_expectation(
    folder: Folder, name: str, old: str, new: str, place: str, words: str
) -> None:
    content = FILES[name]
    assert isinstance(content, str)
    assert old in content
    case = folder(FILES | {name: content.replace(old, new, 1)})
    with pytest.raises(FormatError) as caught:
        read(case)
    assert caught.value.file == str(case / name)
    assert place in caught.value.place
    assert words in str(caught.value)


def test_a_curve_over_a_long_grid_is_refused(folder: Folder) -> None:
    square = "{type: QuadraticFun, a2: 1, a1: 0, bias: 0}"
    with pytest.raises(FormatError, match="a QuadraticFun over 60,001 values"):
        read(folder(one_issue("[0, 60000]", "ContiguousIssue", square)))


def test_values_and_weights_may_stand_by_the_names_of_issues(folder: Folder) -> None:
    files = one_issue("[0, 1]", "ContiguousIssue", "{type: IdentityFun}")
    named = (
        files["a.yml"].replace("[{", "{n: {").replace("}]", "}}").replace("[1.0]", "{n: 0.5}")
    )
    assert worth(folder(files | {"a.yml": named})) == [0, 0.5]


def test_a_bias_is_added_once(folder: Folder) -> None:
    files = FILES | {"b.yml": TABLES + "bias: 0.5\n"}
    own = read(folder(files)).preferences[1]
    assert own.tables[0] == (550_000_000, 750_000_000, SCALE)


def test_a_discount_of_nothing_is_none(folder: Folder) -> None:
    constant = "{type: ConstUtilityFunction, value: 0.5}"
    text = f"type: ExpDiscountedUFun\nfactor: step\ndiscount: null\nufun: {constant}\n"
    assert read(folder(FILES | {"a.yml": text})).preferences[0].discount == 1


def test_bytes_in_json_have_a_prefix(folder: Folder) -> None:
    values = '"__BYTES__:' + pickled(range(0, 10, 5)).removeprefix("!!binary ") + '"'
    issue = f'{{"name": "n", "type": "DiscreteCardinalIssue", "values": {values}}}'
    kind = '"type": "DiscreteCartesianOutcomeSpace"'
    ufun = '{"type": "ConstUtilityFunction", "value": 1}'
    files = {"d.json": f'{{"issues": [{issue}], {kind}}}', "a.json": ufun, "b.json": ufun}
    assert read(folder(files)).domain.issues == (Integer("n", 0, 5, 5),)
    files["d.json"] = files["d.json"].replace("__:", "__:?")
    with pytest.raises(FormatError, match="base64 data is expected"):
        read(folder(files))


def test_an_embedded_domain_that_differs_is_an_error(folder: Folder) -> None:
    other = DOMAIN.replace("- red", "- blue").replace("\n", "\n  ").rstrip()
    case = folder(FILES | {"b.yml": f"outcome_space:\n  {other}\n{TABLES}"})
    with pytest.raises(FormatError, match=r"b\.yml @ \$\.outcome_space: another domain"):
        read(case)


def test_without_pyyaml_the_error_names_the_extra(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(FormatError, match=r'pip install "negotiate-kit\[formats\]"') as caught:
        read(folder(FILES))
    assert caught.value.code == "missing-extra"
