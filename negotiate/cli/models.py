"""``nego models``: how well opponent models understand what a run's strategies want."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json, table
from negotiate.show import safe

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from negotiate.arena.bootstrap import Estimate
    from negotiate.arena.models import Evaluation, Score
    from negotiate.arena.watched import Watched


def models(
    source: Path,
    /,
    *more: Path,
    models: Annotated[
        list[str] | None,
        Parameter(name=["--models", "-m"], consume_multiple=True, negative=""),
    ] = None,
    scenario: str | None = None,
    rounds: int = 200,
    seed: int = 0,
    limit: int = 10_000,
    each: int = 3,
    json: Json = False,
) -> None:
    """Let opponent models watch what strategies offered, and compare what they believe with the truth.

    Prints rank correlations and the error, per model and per strategy that it watched, over time.
    Example: nego models runs/arena --models bayesian smith

    Args:
        source: the folder of a stored run; or, with --scenario, a file with recorded offers.
        more: further files.
        models: names as in `nego list models`; by default those that take any domain.
        scenario: what the files are about: a bundled name, a file or a folder.
        rounds: most rounds of the recorded negotiations.
        seed: root of the random outcomes of large domains, and of the bootstrap.
        limit: domains of up to so many outcomes are compared whole, larger ones by so many random outcomes.
        each: how many negotiations of a run to watch of each strategy in each role of each scenario; 0 for all.
        json: print JSON for machines.
    """
    from negotiate.arena.models import WATCHERS, evaluate  # noqa: PLC0415

    sources = (source, *more)
    sessions = (
        _of_runs(sources, each) if scenario is None else _of_traces(sources, scenario, rounds)
    )
    with _bar() as progress:
        found = evaluate(
            sessions, models or WATCHERS, seed=seed, limit=limit, progress=progress
        )
    if json:
        print_json(_plain(found))
    else:
        _print(found)


def _of_runs(folders: tuple[Path, ...], each: int) -> list[Watched]:
    from negotiate.arena import Results  # noqa: PLC0415
    from negotiate.arena.watched import of_run  # noqa: PLC0415

    return [
        session for folder in folders for session in of_run(Results(folder), each=each or None)
    ]


def _of_traces(files: tuple[Path, ...], scenario: str, rounds: int) -> list[Watched]:
    from negotiate.arena.watched import of_trace  # noqa: PLC0415
    from negotiate.domain import load  # noqa: PLC0415

    read = load(scenario)
    return [of_trace(file, read, rounds) for file in files]


@contextmanager
def _bar() -> Generator[Callable[[int, int], None]]:
    """A progress bar on standard error; nothing where that is not a terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("watching", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _plain(found: Evaluation) -> dict[str, object]:
    scores = [
        asdict(score)
        | {name: getattr(score, name)._asdict() for name in ("spearman", "kendall", "rmse")}
        for score in found.scores
    ]
    return {"scenarios": found.scenarios, "level": found.level, "scores": scores}


def _print(found: Evaluation) -> None:
    times = sorted({score.time for score in found.scores})
    middle, last = times[(len(times) - 1) // 2], times[-1]
    head = [
        "model",
        "watched",
        *(f"Spearman at {time:g}" for time in (times[0], middle, last)),
        f"{found.level:.0%} interval",
        "Kendall",
        "RMSE",
    ]
    ends = [score for score in found.scores if score.time == last]
    rows = [_row(found, score, (times[0], middle)) for score in ends]
    table(head, rows, numbers=6)
    if found.scenarios < 2:
        print("one scenario: no interval, and nothing is said of other scenarios")
    for model in dict.fromkeys(model for model, _ in found.misled):
        others = ", ".join(strategy for name, strategy in found.misled if name == model)
        print(safe(f"{model} orders outcomes the wrong way round against {others}"))


def _row(found: Evaluation, score: Score, times: tuple[float, float]) -> list[str]:
    earlier = [found.at(score.model, score.strategy, time).spearman for time in times]
    return [
        score.model,
        score.strategy or "all",
        *map(_mean, (*earlier, score.spearman)),
        _interval(score.spearman),
        _mean(score.kendall),
        _mean(score.rmse),
    ]


def _mean(estimate: Estimate) -> str:
    return "-" if estimate.mean is None else f"{estimate.mean:.2f}"


def _interval(estimate: Estimate) -> str:
    return "-" if estimate.low is None else f"{estimate.low:.2f} to {estimate.high:.2f}"
