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
    from negotiate.arena.auctions.results import AuctionResults
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


REPETITIONS = {"bargaining": 3, "auctions": 50, "two-sided": 10, "arrivals": 10}
"""How often each cell is played by default; in auctions luck is large, and a play is short."""


def arena(
    *scenarios: str,
    config: Path | None = None,
    protocol: str | None = None,
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
    Example: nego arena private-uniform --protocol english --strategies truthful sniper

    Args:
        scenarios: bundled names, files or folders; all bundled scenarios if none is given. For auctions and markets:
            bundled markets or files; all that fit the protocol if none is given. An arena.toml may stand here, too.
        config: arena.toml of a run, or one of your own, which says what the options do not.
        protocol: a registered name, with parameters in brackets; alternating-offers by default.
        strategies: registered names, with parameters as in time_dependent[e=0.2], or package.module:Class. For
            auctions and markets all bidders that know the protocol, by default.
        rules: see below.
        repetitions: how often each pair plays, each time with other random streams; 3 by default, 50 in auctions, 10
            in markets with two sides or many buyers in turn.
        seed: root of all random streams; 0 by default.
        out: folder for the results; by default one under runs/ that depends on the arguments.
        workers: processes; by default one a core; 0 plays in this one.
        executor: scheduler of a Dask cluster that plays instead, such as tcp://10.0.0.1:8786.
        move_limit: seconds that a strategy may take for a move; 2 by default.
        signed: sign every move and verify it on its way; the results are the same, and it takes longer.
        json: print JSON for machines.
    """
    from negotiate.arena import Limits, Tournament, run  # noqa: PLC0415
    from negotiate.arena.report import write  # noqa: PLC0415

    told, places = _configured(config, scenarios)
    given_seed: int | str | None = told.seed if seed is None else seed
    played = _rules(protocol, rules, told.rules)
    on, who, often = _defaults(played)
    tournament = Tournament(
        scenarios=places or told.scenarios or on,
        strategies=tuple(strategies or told.strategies or who),
        rules=played,
        repetitions=_first(repetitions, told.repetitions, often),
        seed=0 if given_seed is None else given_seed,
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
        _print(results, page)


def _rules(name: str | None, options: Rules | None, told: Protocol | None) -> Protocol:
    """The rules by their name, or from the options of alternating offers over what the file says."""
    from negotiate import registry  # noqa: PLC0415
    from negotiate.protocols.alternating_offers import AlternatingOffers  # noqa: PLC0415

    found = told if name is None else registry.protocol(name)
    if options is None:
        return found or Rules().protocol()
    if name in (None, "alternating-offers") and isinstance(found, AlternatingOffers | None):
        return options.protocol(found)
    raise LocalError(
        "another protocol and options of alternating offers do not go together",
        code="rules",
        help="give the parameters in brackets, --protocol alternating-offers[rounds=50], or in the file",
    )


def _defaults(rules: Protocol) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """On what, who and how often, where that is not said."""
    from negotiate.arena.kinds import is_hosted  # noqa: PLC0415
    from negotiate.domain import bundled  # noqa: PLC0415

    if not is_hosted(rules):
        return bundled(), FIELD, REPETITIONS["bargaining"]
    from negotiate.markets import bidders_for, form_of, markets_for  # noqa: PLC0415

    often = REPETITIONS.get(form_of(rules), REPETITIONS["auctions"])
    return markets_for(rules), bidders_for(rules), often


def _configured(
    config: Path | None, scenarios: Sequence[str]
) -> tuple[Config, tuple[str, ...]]:
    """What the file says, and the scenarios that are named beside it."""
    from negotiate.arena.config import Config, is_config, load  # noqa: PLC0415

    files = [one for one in scenarios if is_config(Path(one))]
    named = tuple(one for one in scenarios if one not in files)
    given: list[str | Path] = [*files, *([] if config is None else [config])]
    if len(given) > 1:
        raise LocalError(
            f"{len(given)} files that describe a tournament; one is expected", code="config"
        )
    return (load(given[0]) if given else Config()), named


def _first(*found: T | None) -> T:
    """What is given; the last of these always is."""
    return next(one for one in found if one is not None)


def _name(tournament: Tournament) -> str:
    """The same arguments, the same folder."""
    from negotiate.arena.cells import canonical, entrant  # noqa: PLC0415

    described = [
        _described_rules(tournament),
        [[scenario.name, scenario.digest] for scenario in tournament.loaded],
        [entrant(spec) for spec in tournament.specs],
        tournament.repetitions,
        tournament.seed,
    ]
    return "arena-" + hashlib.sha256(canonical(described).encode()).hexdigest()[:8]


def _described_rules(tournament: Tournament) -> object:
    """The rules as given; where they are fitted to each game, also what was given and what was not."""
    given = tournament.rules.model_dump(mode="json")
    if tournament.kind.name == "bargaining":
        return given
    return [given, sorted(tournament.rules.model_fields_set)]


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


def _print(results: Results, page: Path) -> None:
    from negotiate.arena.auctions.results import AuctionResults  # noqa: PLC0415

    if isinstance(results, AuctionResults):
        _print_auctions(results, page)
        return
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
    _print_foot(results, page, "negotiations")


def _print_auctions(results: AuctionResults, page: Path) -> None:
    board = results.standings
    head = [
        "rank",
        "bidder",
        "mean profit",
        "mean utility",
        f"{board.level:.0%} interval",
        "best in",
    ]
    head += ["traded", "regret", "efficiency", "revenue"]
    rows: list[list[str]] = []
    for one in board.standings:
        merit = results.merits[one.strategy]
        rank, name, mean, interval, best, *_ = _row(one)
        rows.append(
            [
                *(rank, name, _number(merit.profit, ".1f"), mean, interval, best),
                _number(merit.won, ".0%"),
                _number(merit.regret, ".3f"),
                _number(merit.efficiency, ".1%"),
                _number(merit.revenue, ".1f"),
            ]
        )
    table(head, rows, numbers=8)
    print(
        "efficiency and revenue: where all seats play it; regret: what another would get more there"
    )
    _print_foot(results, page, "auctions")


def _print_foot(results: Results, page: Path, what: str) -> None:
    from negotiate.arena.ranking import advice  # noqa: PLC0415

    board = results.standings
    said = advice(board.lead, board.unit, len(board.pairs), results.what)
    for line in (said, board.note):
        if line:
            print(line)
    failed = f", {results.failed:,} failed" if results.failed else ""
    print(
        f"{results.cells:,} {what}{failed}; {results.played:,} played now in {results.seconds:.1f} s"
    )
    print(f"report: {page}")


def _row(standing: Standing) -> list[str]:
    from negotiate.arena.ranking import span  # noqa: PLC0415

    interval = "-" if standing.low is None else f"{standing.low:.3f} to {standing.high:.3f}"
    return [
        span(standing.ranks),
        standing.strategy,
        _number(standing.mean_utility, ".3f"),
        interval,
        _number(standing.best, ".0%"),
        _number(standing.agreement_rate, ".0%"),
        _number(standing.nash_distance, ".3f"),
    ]


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
