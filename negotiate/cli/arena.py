"""``nego arena``: a tournament; the main job."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from negotiate.cli.output import Flag, Json, Names, Rules, print_json, table
from negotiate.errors import LocalError

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from negotiate.arena import Progress, Results, Standing, Tournament
    from negotiate.arena.cluster import Cluster
    from negotiate.arena.config import Config
    from negotiate.protocol import Protocol

T = TypeVar("T")

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
    config: Path | None = None,
    strategies: Names = None,
    rules: Rules | None = None,
    repetitions: int | None = None,
    seed: int | None = None,
    out: Path | None = None,
    workers: int | None = None,
    executor: str | None = None,
    move_limit: float | None = None,
    signed: Flag = False,
    json: Json = False,
) -> None:
    """Play a tournament: every strategy in every seat against every other, on every scenario.

    Leaves results.sqlite and report.html in the folder; run again, it plays only what is missing.
    Example: nego arena milk ev-charging --strategies micro genius-boulware tit_for_tat

    Args:
        scenarios: bundled names, files or folders; all bundled scenarios if none is given. An arena.toml may stand
            here, too.
        config: arena.toml of a run, or one of your own, which says what the options do not.
        strategies: registered names, with parameters as in time_dependent[e=0.2], or package.module:Class.
        rules: see below.
        repetitions: how often each pair plays, each time with other random streams; 3 by default.
        seed: root of all random streams; 0 by default.
        out: folder for the results; by default one under runs/ that depends on the arguments.
        workers: processes; by default one a core.
        executor: scheduler of a Dask cluster that plays instead, such as tcp://10.0.0.1:8786.
        move_limit: seconds that a strategy may take for a move; 2 by default.
        signed: sign every move and verify it on its way; the results are the same, and it takes longer.
        json: print JSON for machines.
    """
    from negotiate.arena import Limits, Tournament, run  # noqa: PLC0415
    from negotiate.arena.report import write  # noqa: PLC0415
    from negotiate.domain import bundled  # noqa: PLC0415

    told, places = _configured(config, scenarios)
    tournament = Tournament(
        scenarios=places or told.scenarios or bundled(),
        strategies=tuple(strategies or told.strategies or FIELD),
        rules=_rules(rules, told.rules),
        repetitions=_first(repetitions, told.repetitions, 3),
        seed=_first(seed, told.seed, 0),
        self_play=_first(told.self_play, True),
        signed=signed or bool(told.signed),
    )
    limits = told.limits or Limits()
    folder = out or Path("runs") / _name(tournament)
    with _cluster(executor, tournament) as cluster, _bar() as progress:
        results = run(
            tournament,
            folder,
            workers=workers if cluster is None or workers is not None else cluster.workers,
            executor=None if cluster is None else cluster.executor,
            limits=limits if move_limit is None else replace(limits, move=move_limit),
            progress=progress,
        )
    page = write(folder)
    if json:
        print_json(results.summary())
    else:
        _print(results, folder, page)


def _configured(
    config: Path | None, scenarios: Sequence[str]
) -> tuple[Config, tuple[str, ...]]:
    """What the file says, and the scenarios that are named beside it."""
    from negotiate.arena.config import Config, is_config, load  # noqa: PLC0415

    files = [one for one in scenarios if is_config(Path(one))]
    named = tuple(one for one in scenarios if one not in files)
    given = [*files, *([] if config is None else [config])]
    if len(given) > 1:
        raise LocalError(
            f"{len(given)} files that describe a tournament; one is expected", code="config"
        )
    return (load(given[0]) if given else Config()), named


def _rules(options: Rules | None, told: Protocol | None) -> Protocol:
    """The rules of the options over those of the file."""
    from negotiate.protocols.alternating_offers import AlternatingOffers  # noqa: PLC0415

    if options is None:
        return told or Rules().protocol()
    if told is not None and not isinstance(told, AlternatingOffers):
        raise LocalError(
            "the file has the rules of another protocol than alternating offers; "
            "options of these do not apply",
            code="rules",
            help="change the parameters in the file",
        )
    return options.protocol(told)


def _first(*found: T | None) -> T:
    """What is given; the last of these always is."""
    return next(one for one in found if one is not None)


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
