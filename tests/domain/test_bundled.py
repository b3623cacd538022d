"""The bundled scenarios keep their promises, and their page in the docs tells the truth.

Run as a script, this file writes the figures of docs/reference/scenarios.md anew.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from negotiate.domain.formats import read, save
from negotiate.domain.preferences import SCALE, Linear, LinearAdditive, PiecewiseLinear, Table
from negotiate.domain.scenario import Scenario, bundled, load

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "scenarios.md"
BEGIN = "<!-- figures: python tests/domain/test_bundled.py writes them anew -->\n"
END = "<!-- end of figures -->\n"

PROMISED = {
    "ad-slot",
    "cloud-capacity",
    "ev-charging",
    "freight",
    "insurance-renewal",
    "laptop-fleet",
    "milk",
    "print-licence",
    "printer-toner",
    "spare-part",
    "steel-coils",
    "washing-powder",
}
TIGHT = "spot-chips"

each_scenario = pytest.mark.parametrize("name", bundled())
scenario_of = cache(load)


def utilities_of(own: LinearAdditive) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Utility of every outcome, in outcome order, added up apart from the library."""
    sizes = own.domain.sizes
    total = np.zeros(sizes, dtype=np.int64)
    for i, table in enumerate(own.tables):
        total += np.asarray(table).reshape([-1 if i == j else 1 for j in range(len(sizes))])
    for group in own.groups:
        shape = [size if j in group.issues else 1 for j, size in enumerate(sizes)]
        total += np.asarray(group.contributions).reshape(shape)
    return total.ravel()


class Figures:
    """What a scenario offers to its parties, from a look at every outcome."""

    def __init__(self, scenario: Scenario) -> None:
        self.utilities = [utilities_of(own) for own in scenario.preferences]
        gains = [
            u - own.reservation
            for u, own in zip(self.utilities, scenario.preferences, strict=True)
        ]
        rational = np.all([gain >= 0 for gain in gains], axis=0)
        self.zone = int(rational.sum())
        # Whole numbers of any size: the product of three gains does not fit into 64 bits.
        kept = [gain[rational].astype(object) for gain in gains]
        best = int(np.argmax(np.prod(kept, axis=0))) if self.zone else 0
        self.nash = [int(u[rational][best]) for u in self.utilities] if self.zone else []
        losses = [(SCALE - u) / SCALE for u in self.utilities]
        self.opposition = float(np.sqrt(sum(loss**2 for loss in losses)).min())


@cache
def figures_of(name: str) -> Figures:
    return Figures(scenario_of(name))


@cache
def raw(name: str) -> dict[str, Any]:
    file = resources.files("negotiate.domain") / "bundled" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)


def also(scenario: Scenario) -> str:
    """What stands out: terms over several issues, and shrinking utilities."""
    found = ["interdependent issues"] if any(own.groups for own in scenario.preferences) else []
    if any(own.discount < 1 for own in scenario.preferences):
        discounts = " / ".join(f"{float(own.discount):g}" for own in scenario.preferences)
        found.append(f"discount {discounts}")
    return ", ".join(found)


def row(name: str) -> str:
    scenario, figures = scenario_of(name), figures_of(name)
    cells = [
        f"`{name}`",
        ", ".join(role.name for role in scenario.roles),
        ", ".join(issue.name for issue in scenario.domain.issues),
        f"{scenario.domain.size:,}",
        f"{figures.zone / scenario.domain.size:.1%}",
        " / ".join(f"{utility / SCALE:.2f}" for utility in figures.nash),
        f"{figures.opposition:.2f}",
        also(scenario),
    ]
    return f"| {' | '.join(cells)} |"


def block() -> str:
    """The part of the page between its two marks."""
    table = [
        "| name | roles | issues | outcomes | zone | Nash point | opposition | also |",
        "|---|---|---|--:|--:|---|--:|---|",
        *map(row, bundled()),
    ]
    stories = [f"`{name}`\n: {scenario_of(name).description}\n" for name in bundled()]
    return "\n".join([BEGIN, *table, "", "## Who the parties are", "", *stories, END])


def rewritten(page: str) -> str:
    """The page with the figures of today."""
    head, _, rest = page.partition(BEGIN)
    return head + block() + rest.partition(END)[2]


# --- each scenario --------------------------------------------------------------------------


@each_scenario
def test_reads_under_the_name_of_its_file(name: str) -> None:
    assert scenario_of(name).name == name


@each_scenario
def test_has_two_to_eight_issues(name: str) -> None:
    assert 2 <= len(scenario_of(name).domain.issues) <= 8


@each_scenario
def test_has_from_20_to_a_million_outcomes(name: str) -> None:
    assert 20 <= scenario_of(name).domain.size <= 10**6


@each_scenario
def test_bargains_about_a_price(name: str) -> None:
    domain = scenario_of(name).domain
    assert domain.issues[domain.issue_index("price")].kind == "money"


@each_scenario
def test_the_weights_of_each_role_sum_to_one(name: str) -> None:
    for role in raw(name)["roles"]:
        terms = [*role["issues"].values(), *role.get("groups", [])]
        assert sum(Decimal(term["weight"]) for term in terms) == 1


@each_scenario
def test_the_best_outcome_of_each_role_is_worth_one(name: str) -> None:
    for own, utilities in zip(
        scenario_of(name).preferences, figures_of(name).utilities, strict=True
    ):
        assert utilities.min() >= 0
        best = int(utilities.max())
        assert best == SCALE or (own.groups and 0.97 * SCALE < best < SCALE)


@each_scenario
def test_no_agreement_is_worth_something_to_each_role(name: str) -> None:
    assert all(0 < own.reservation < SCALE for own in scenario_of(name).preferences)


@each_scenario
def test_there_is_a_zone_of_agreement(name: str) -> None:
    share = figures_of(name).zone / scenario_of(name).domain.size
    assert 0 < share < 0.05 if name == TIGHT else share >= 0.05


@each_scenario
def test_each_role_gains_at_the_nash_point(name: str) -> None:
    for own, utility in zip(scenario_of(name).preferences, figures_of(name).nash, strict=True):
        assert own.reservation < utility


@each_scenario
def test_says_who_bargains_and_where_the_numbers_come_from(name: str) -> None:
    description = scenario_of(name).description
    assert len(description) >= 60
    assert "our assumption" in description or "invented" in description
    assert all(role.who for role in scenario_of(name).roles)
    assert raw(name)["title"]


@each_scenario
def test_every_issue_matters_to_somebody(name: str) -> None:
    scenario = scenario_of(name)
    valued = {issue for own in scenario.preferences for issue in own.terms}
    assert valued == {issue.name for issue in scenario.domain.issues}


@each_scenario
def test_written_and_read_again_it_is_the_same(name: str, tmp_path: Path) -> None:
    scenario = scenario_of(name)
    save(scenario, tmp_path / f"{name}.toml")
    again = read(tmp_path / f"{name}.toml")
    assert again.domain == scenario.domain
    assert again.digest == scenario.digest
    assert again.description == scenario.description
    assert [role.who for role in again.roles] == [role.who for role in scenario.roles]


@each_scenario
def test_these_arrays_agree_with_the_library(name: str) -> None:
    scenario = scenario_of(name)
    for place in range(0, scenario.domain.size, scenario.domain.size // 20):
        outcome = scenario.domain.at(place)
        for own, utilities in zip(
            scenario.preferences, figures_of(name).utilities, strict=True
        ):
            assert own.utility(outcome) == utilities[place]


# --- all of them together -------------------------------------------------------------------


def test_the_promised_scenarios_are_there() -> None:
    assert set(bundled()) >= PROMISED


def test_no_two_are_the_same() -> None:
    assert len({scenario_of(name).digest for name in bundled()}) == len(bundled())


def test_every_kind_of_issue_is_met() -> None:
    kinds = {issue.kind for name in bundled() for issue in scenario_of(name).domain.issues}
    assert kinds == {"choice", "integer", "quantity", "money", "date"}


def test_every_kind_of_value_function_is_met() -> None:
    used = {
        type(function)
        for name in bundled()
        for own in scenario_of(name).preferences
        for _, function in own.terms.values()
    }
    assert used == {Table, Linear, PiecewiseLinear}


def test_some_have_interdependent_issues_some_a_discount_and_one_three_roles() -> None:
    scenarios = [scenario_of(name) for name in bundled()]
    assert sum(any(own.groups for own in s.preferences) for s in scenarios) >= 2
    assert sum(any(own.discount < 1 for own in s.preferences) for s in scenarios) >= 2
    assert any(len(s.roles) == 3 for s in scenarios)


def test_sizes_spread_and_most_are_quick() -> None:
    sizes = [scenario_of(name).domain.size for name in bundled()]
    assert min(sizes) < 100
    assert max(sizes) > 500_000
    assert sum(100 <= size <= 50_000 for size in sizes) >= len(sizes) * 2 / 3


def test_some_leave_much_to_trade_and_some_little() -> None:
    oppositions = [figures_of(name).opposition for name in bundled()]
    assert min(oppositions) < 0.2
    assert max(oppositions) > 0.55


def test_the_page_shows_the_figures_of_today() -> None:
    page = PAGE.read_text("utf-8")
    assert page == rewritten(page), "run: python tests/domain/test_bundled.py"


if __name__ == "__main__":
    PAGE.write_text(rewritten(PAGE.read_text("utf-8")), "utf-8")
