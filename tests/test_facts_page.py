"""The page of facts: nothing on it is far from its formula, and it is what its command writes."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from benchmarks.facts import alphas, facts
from benchmarks.theory import ASSERTED

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "auction-facts.md"


def rows() -> list[list[str]]:
    lines = PAGE.read_text("utf-8").splitlines()
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if "±" in line]


def test_no_fact_of_the_page_is_three_standard_errors_off() -> None:
    with_formula = [row for row in rows() if len(row) == 6]
    assert len(with_formula) >= 30
    assert all(float(row[4]) < 3 for row in with_formula)


def test_the_page_is_what_its_command_writes() -> None:
    for fact, row in zip(islice(facts(), 4), rows(), strict=False):
        assert row[0] == fact.name
        assert row[3] == f"{fact.found:.5f} ± {fact.error:.5f}"


def test_every_test_that_the_page_names_is_there() -> None:
    text = PAGE.read_text("utf-8")
    for fact, file, test in ASSERTED:
        assert f"| {fact} | `{file}`: `{test}` |" in text
        assert f"def {test}(" in Path(__file__).with_name(file.split("/")[0]).joinpath(
            *file.split("/")[1:]
        ).read_text("utf-8")


def test_prices_of_zip_converge_and_stay() -> None:
    by_day = alphas("zip", runs=3, number=7)
    assert by_day[0] > 5
    assert by_day[6] < 3
