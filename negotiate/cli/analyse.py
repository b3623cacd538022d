"""``nego analyse``: size, frontier, solution points and opposition of a scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from negotiate.cli.output import Json, Names, Rules, decimal, print_json, save_picture, table
from negotiate.errors import LocalError

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
    plot: Path | None = None,
    strategies: Names = None,
    rounds: int = 100,
    json: Json = False,
) -> None:
    """Examine a scenario: its size, Pareto frontier, solution points and opposition.

    Example: nego analyse freight --plot freight.svg --strategies micro genius-boulware

    Args:
        scenario: a bundled name, or a file or folder in a format that we read.
        every: the whole frontier, not the first 1,000 points.
        plot: an SVG file for a picture of the outcome space with frontier and solution points.
        strategies: one for each role; their offers are drawn too.
        rounds: most rounds of that negotiation.
        json: print JSON for machines.
    """
    from negotiate.domain import load  # noqa: PLC0415
    from negotiate.domain.bargaining import solve  # noqa: PLC0415

    if strategies and plot is None:
        raise LocalError(
            "strategies, but no picture to draw their offers into",
            code="usage",
            help="name one: --plot FILE.svg; or see the moves: nego match",
        )
    read = load(scenario)
    solved = solve(read.preferences)
    if plot is not None:
        chart = _chart(read) if not strategies else _chart_of_match(read, strategies, rounds)
        save_picture(plot, chart)
    if json:
        print_json(as_json(read, solved, every=every))
    else:
        _print(read, solved)


def _chart(scenario: Scenario) -> str:
    from negotiate.arena.report.replay import scene  # noqa: PLC0415
    from negotiate.arena.report.space import outcome_space_svg  # noqa: PLC0415
    from negotiate.arena.report.standalone import standalone  # noqa: PLC0415

    return standalone(outcome_space_svg(scene(scenario)))


def _chart_of_match(scenario: Scenario, strategies: list[str], rounds: int) -> str:
    from negotiate.arena.report.replay import Played, replay  # noqa: PLC0415
    from negotiate.arena.report.standalone import standalone  # noqa: PLC0415
    from negotiate.match import play  # noqa: PLC0415
    from negotiate.registry import strategy  # noqa: PLC0415

    specs = [strategy(name) for name in strategies]
    match = play(Rules(rounds=rounds).protocol(), scenario, [spec.make() for spec in specs])
    played = Played(
        scenario=scenario,
        seats=tuple(spec.id for spec in specs),
        moves=match.moves,
        agreement=match.agreement,
        utilities=match.utilities,
        reason=match.reason.value,
        ended_by=match.ended_by,
        rounds=match.rounds,
    )
    return standalone(replay(played).space)


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
