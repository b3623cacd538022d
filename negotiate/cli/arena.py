"""``nego arena``: a tournament; the main job."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.cli.output import Flag, Json, Names, Rules, print_json, table

if TYPE_CHECKING:
    from collections.abc import Generator

    from negotiate.arena import Progress, Results, Standing, Tournament
    from negotiate.arena.cluster import Cluster

FIELD = (
    "genius-boulware",
    "genius-linear",
    "genius-conceder",
    "genius-hardliner",
    "negmas-boulware",
    "negolog-boulware",
    "tit_for_tat",
    "micro",
    "random",
)
"""Who plays by default: one of each kind that comes with the library."""


def arena(
    *scenarios: str,
    strategies: Names = None,
    rules: Rules | None = None,
    repetitions: int = 3,
    seed: int = 0,
    out: Path | None = None,
    workers: int | None = None,
    executor: str | None = None,
    move_limit: float = 2.0,
    signed: Flag = False,
    json: Json = False,
) -> None:
    """Play a tournament: every strategy in every seat against every other, on every scenario.

    Leaves results.sqlite and report.html in the folder; run again, it plays only what is missing.
    Example: nego arena milk ev-charging --strategies micro genius-boulware tit_for_tat

    Args:
        scenarios: bundled names, files or folders; all bundled scenarios if none is given.
        strategies: registered names, with parameters as in time_dependent[e=0.2], or package.module:Class.
        rules: see below.
        repetitions: how often each pair plays, each time with other random streams.
        seed: root of all random streams.
        out: folder for the results; by default one under runs/ that depends on the arguments.
        workers: processes; by default one a core.
        executor: scheduler of a Dask cluster that plays instead, such as tcp://10.0.0.1:8786.
        move_limit: seconds that a strategy may take for a move.
        signed: sign every move and verify it on its way; the results are the same, and it takes longer.
        json: print JSON for machines.
    """
    from negotiate.arena import Limits, Tournament, run  # noqa: PLC0415
    from negotiate.arena.report import write  # noqa: PLC0415
    from negotiate.domain import bundled  # noqa: PLC0415

    tournament = Tournament(
        scenarios=scenarios or bundled(),
        strategies=tuple(strategies or FIELD),
        rules=(rules or Rules()).protocol(),
        repetitions=repetitions,
        seed=seed,
        signed=signed,
    )
    folder = out or Path("runs") / _name(tournament)
    with _cluster(executor, tournament) as cluster, _bar() as progress:
        results = run(
            tournament,
            folder,
            workers=workers if cluster is None or workers is not None else cluster.workers,
            executor=None if cluster is None else cluster.executor,
            limits=Limits(move=move_limit),
            progress=progress,
        )
    page = write(folder)
    if json:
        print_json(results.summary())
    else:
        _print(results, folder, page)


def _name(tournament: Tournament) -> str:
    """The same arguments, the same folder."""
    from negotiate.arena.cells import canonical, entrant  # noqa: PLC0415

    described = [
        tournament.rules.model_dump(mode="json"),
        [[scenario.name, scenario.digest] for scenario in tournament.loaded],
        [entrant(spec) for spec in tournament.specs],
        tournament.repetitions,
        tournament.seed,
    ]
    return "arena-" + hashlib.sha256(canonical(described).encode()).hexdigest()[:8]


@contextmanager
def _cluster(address: str | None, tournament: Tournament) -> Generator[Cluster | None]:
    """The cluster at this address, if there is one."""
    if address is None:
        yield None
        return
    from negotiate.arena.cluster import connect  # noqa: PLC0415 - Dask

    with connect(address, tournament.specs) as cluster:
        yield cluster


@contextmanager
def _bar() -> Generator[Progress]:
    """A progress bar on standard error; nothing where that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (
        BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]:,.0f}/s"), TimeRemainingColumn(),
    )  # fmt: skip
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None, rate=0.0)

        def show(done: int, total: int, rate: float) -> None:
            bar.update(task, completed=done, total=total, rate=rate)

        yield show


def _print(results: Results, folder: Path, page: Path) -> None:
    board = results.standings
    head = [
        "rank",
        "strategy",
        "mean utility",
        f"{board.level:.0%} interval",
        "best in",
        "agreed",
        "to Nash",
    ]
    table(head, [_row(standing) for standing in board.standings], numbers=5)
    if board.note:
        print(board.note)
    failed = f", {results.failed:,} failed" if results.failed else ""
    print(
        f"{results.cells:,} negotiations{failed}; {results.played:,} played now in {results.seconds:.1f} s"
    )
    print(f"report: {page}")


def _row(standing: Standing) -> list[str]:
    interval = "-" if standing.low is None else f"{standing.low:.3f} to {standing.high:.3f}"
    return [
        str(standing.rank),
        standing.strategy,
        _number(standing.mean_utility, ".3f"),
        interval,
        _number(standing.best, ".0%"),
        _number(standing.agreement_rate, ".0%"),
        _number(standing.nash_distance, ".3f"),
    ]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
