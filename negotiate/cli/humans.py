"""``nego humans``: strategies beside people who negotiated the same."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.cli.output import Json, Names, Rules, print_json, table

if TYPE_CHECKING:
    from negotiate.arena.humans import Compared, Comparison


def humans(
    file: Path,
    /,
    *,
    strategies: Names = None,
    rules: Rules | None = None,
    seed: int = 0,
    json: Json = False,
) -> None:
    """Compare what strategies reach with what people reached on the same tables.

    The file holds CaSiNo dialogues as JSON lines. Two copies of each strategy negotiate what the two people of each
    dialogue did. Example: nego humans casino.jsonl --strategies micro genius-boulware

    Args:
        file: the dialogues.
        strategies: registered names, with parameters as in time_dependent[e=0.2], or package.module:Class.
        rules: see below.
        seed: root of all random streams.
        json: print JSON for machines.
    """
    from negotiate.arena.humans import compare  # noqa: PLC0415
    from negotiate.cli.arena import FIELD  # noqa: PLC0415

    found = compare(file, strategies or FIELD, (rules or Rules()).protocol(), seed=seed)
    if json:
        print_json(asdict(found))
    else:
        _print(found)


def _print(found: Comparison) -> None:
    head = [
        "who",
        "mean utility",
        "points",
        "less the people",
        f"{found.level:.0%} interval",
        "agreed",
        "Pareto-optimal",
        "apart",
        "failed",
    ]
    table(head, [_row(one) for one in found.rows], numbers=8)
    print(f"{found.dialogues:,} dialogues; every strategy negotiates with a copy of itself")


def _row(one: Compared) -> list[str]:
    return [
        one.who,
        f"{one.mean_utility:.3f}",
        f"{one.points:.2f}",
        "" if one.difference is None else f"{one.difference:+.3f}",
        "" if one.low is None or one.high is None else f"{one.low:+.3f} to {one.high:+.3f}",
        f"{one.agreement_rate:.0%}",
        f"{one.pareto_share:.0%}",
        f"{one.inequality:.3f}",
        str(one.failed),
    ]
