"""``nego report``: build the HTML report of a stored run again, or print every metric."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.cli.output import Json, print_json, table

if TYPE_CHECKING:
    from negotiate.arena.behaviour import Behaviour
    from negotiate.arena.results import Results


def report(
    run_dir: Path, /, *, metrics: bool = False, each: int = 3, json: Json = False
) -> None:
    """Build report.html of a stored run, again or for the first time.

    Example: nego report runs/arena
    Example: nego report runs/arena --metrics

    Args:
        run_dir: the folder that holds results.sqlite.
        metrics: also print every metric of every strategy. Some negotiations are played again, to see how they moved.
        each: how many negotiations of each strategy in each role of each scenario these are; 0 for all.
        json: print JSON for machines.
    """
    from negotiate.arena.report import write  # noqa: PLC0415

    page = write(run_dir)
    found = _metrics(run_dir, each) if metrics else None
    if json:
        print_json({"report": str(page)} | ({} if found is None else _plain(*found)))
        return
    if found is not None:
        _print(*found)
    print(page)


def _metrics(run_dir: Path, each: int) -> tuple[Results, tuple[Behaviour, ...]]:
    from negotiate.arena import Results  # noqa: PLC0415
    from negotiate.arena.behaviour import behaviour  # noqa: PLC0415
    from negotiate.arena.watched import of_run  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415

    results = Results(run_dir)
    _ = results.metrics  # tells of a run that has none, before anything is played
    try:
        return results, behaviour(of_run(results, each=each or None))
    except NegotiateError as error:
        print(f"only moves that were kept are looked at: {error}", file=sys.stderr)
        return results, behaviour(of_run(results, kept=True))


def _print(results: Results, moves: tuple[Behaviour, ...]) -> None:
    from negotiate.arena.report.metrics import metric_tables  # noqa: PLC0415

    for one in metric_tables(results, moves):
        print(one.title)
        table(one.head, one.rows, numbers=len(one.head) - 1)


def _plain(results: Results, moves: tuple[Behaviour, ...]) -> dict[str, object]:
    from negotiate.arena.exploitability import of_each  # noqa: PLC0415

    exploits = of_each(results.payoffs)
    return {
        "level": results.standings.level,
        "metrics": [
            {"strategy": one.strategy}
            | {name: estimate._asdict() for name, estimate in one.metrics.items()}
            for one in results.metrics
        ],
        "behaviour": [_behaviour(one) for one in moves],
        "exploitability": {
            name: None if found is None else found._asdict() for name, found in exploits.items()
        },
    }


def _behaviour(one: Behaviour) -> dict[str, object]:
    from negotiate.arena.behaviour import TIMES  # noqa: PLC0415

    plain: dict[str, object] = asdict(one)
    return plain | {
        "steps": {name: estimate._asdict() for name, estimate in one.steps.items()},
        "concession_rate": one.concession_rate._asdict(),
        "demands": [
            {"time": time} | estimate._asdict()
            for time, estimate in zip(TIMES, one.demands, strict=True)
        ],
    }
