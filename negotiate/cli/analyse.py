"""``nego analyse``: size, frontier, solution points and opposition of a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from negotiate.cli.output import Json, decimal, print_json, table

if TYPE_CHECKING:
    from negotiate.domain.bargaining import Solution, Solutions
    from negotiate.domain.frontier import Frontier
    from negotiate.domain.scenario import Scenario

POINTS = ("nash", "kalai", "kalai_smorodinsky", "egalitarian", "utilitarian")
_SHOWN = 1000


def analyse(
    scenario: str,
    /,
    *,
    every: Annotated[bool, Parameter(name="--all", negative="")] = False,
    json: Json = False,
) -> None:
    """Examine a scenario: its size, Pareto frontier, solution points and opposition.

    Example: nego analyse steel-coils

    Args:
        scenario: a bundled name, or a file or folder in a format that we read.
        every: the whole frontier, not the first 1,000 points.
        json: print JSON for machines.
    """
    from negotiate.domain import load  # noqa: PLC0415
    from negotiate.domain.bargaining import solve  # noqa: PLC0415

    read = load(scenario)
    solved = solve(read.preferences)
    if json:
        print_json(as_json(read, solved, every=every))
    else:
        _print(read, solved)


def as_json(scenario: Scenario, solved: Solutions, *, every: bool = False) -> dict[str, object]:
    """The analysis as ``nego analyse --json`` prints it."""
    frontier = solved.frontier
    points = {name: _solution(scenario, getattr(solved, name)) for name in POINTS}
    nash = points["nash"]
    if nash is not None:
        nash["product"] = _product(scenario, solved)
    return {
        "outcomes": scenario.domain.size,
        "issues": len(scenario.domain.issues),
        "roles": [role.name for role in scenario.roles],
        "frontier": _frontier(frontier, len(frontier) if every else _SHOWN),
        "frontier_size": len(frontier),
        "frontier_exact": frontier.exact,
        **points,
        "opposition": solved.opposition,
    }


def _frontier(frontier: Frontier, most: int) -> list[list[float]]:
    return [[decimal(int(u)) for u in row] for row in frontier.utilities[:most]]


def _solution(scenario: Scenario, found: Solution | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "utilities": [decimal(utility) for utility in found.utilities],
        "outcome": scenario.domain.plain(found.outcome),
    }


def _product(scenario: Scenario, solved: Solutions) -> float:
    product = 1.0
    if solved.nash is not None:
        for utility, own in zip(solved.nash.utilities, scenario.preferences, strict=True):
            product *= decimal(utility - own.reservation)
    return product


def _print(scenario: Scenario, solved: Solutions) -> None:
    size = f"{scenario.domain.size:,} outcomes of {len(scenario.domain.issues)} issues"
    exact = "" if solved.frontier.exact else " (approximate: it was capped)"
    print(f"{scenario.name}: {size}; {len(solved.frontier):,} on the Pareto frontier{exact}")
    print(f"opposition {solved.opposition:.4f}")
    head = ["point", "outcome", *(f"u({role.name})" for role in scenario.roles)]
    table(
        head,
        [_row(scenario, name, getattr(solved, name)) for name in POINTS],
        numbers=len(scenario.roles),
    )


def _row(scenario: Scenario, name: str, found: Solution | None) -> list[str]:
    title = name.replace("_", "-")
    if found is None:
        return [
            title,
            "none: no outcome is worth more than the reservation values",
            *("" for _ in scenario.roles),
        ]
    worth = [f"{decimal(utility):.4f}" for utility in found.utilities]
    return [title, scenario.domain.show(found.outcome), *worth]
