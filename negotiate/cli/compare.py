"""``nego compare``: did a change make a strategy better?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json, table
from negotiate.errors import LocalError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from negotiate.arena.comparison import Change, Comparison, Difference

_SHOWN = 20  # differences of the descriptions


def compare(
    first: Path,
    second: Path,
    /,
    *,
    renamed: Annotated[list[str] | None, Parameter(consume_multiple=True, negative="")] = None,
    json: Json = False,
) -> None:
    """Compare two stored runs: what differs, and which strategies do better or worse in the second.

    Example: nego compare runs/before runs/after

    Args:
        first: folder of the run before a change.
        second: folder of the run after it.
        renamed: strategies that have another name in the second run, as OLD NEW, one pair or several.
        json: print JSON for machines.
    """
    from negotiate.arena import Results  # noqa: PLC0415
    from negotiate.arena.comparison import compare as compared  # noqa: PLC0415

    names = renamed or []
    if len(names) % 2:
        raise LocalError(
            f"{quote(names[-1])} has no other name", code="usage", help="--renamed OLD NEW"
        )
    pairs = dict(zip(names[::2], names[1::2], strict=True))
    found = compared(Results(first), Results(second), renamed=pairs)
    if json:
        print_json(_as_json(found))
    else:
        _print(found)


def _as_json(found: Comparison) -> dict[str, object]:
    return {
        "differences": [
            {"what": one.what, "first": one.first, "second": one.second}
            for one in found.differences
        ],
        "cells": {
            "equal": found.equal,
            "different": found.different,
            "only_first": found.only_first,
            "only_second": found.only_second,
        },
        "scenarios": found.scenarios,
        "strategies": [
            {
                "strategy": one.strategy,
                "first": one.first,
                "second": one.second,
                "difference": one.difference,
                "low": one.low,
                "high": one.high,
                "verdict": one.verdict,
                "observations": one.observations,
            }
            for one in found.changes
        ],
        "note": found.note,
    }


def _print(found: Comparison) -> None:
    for one in found.differences[:_SHOWN]:
        print(safe(_told(one)))
    if len(found.differences) > _SHOWN:
        print(f"and {len(found.differences) - _SHOWN} more differences")
    print(
        f"negotiations in common: {found.equal + found.different:,}, of which {found.different:,} "
        f"went otherwise; in the first run only: {found.only_first:,}; in the second: {found.only_second:,}"
    )
    if found.changes:
        head = ["strategy", "first", "second", "difference", "95% interval", "verdict"]
        table(head, map(_row, found.changes), numbers=5)
    if found.note:
        print(found.note)


def _told(one: Difference) -> str:
    shown = ["nothing" if value is None else str(value) for value in (one.first, one.second)]
    return f"{one.what}: {shown[0]} before, {shown[1]} after"


def _row(one: Change) -> list[str]:
    interval = "-" if one.low is None else f"{one.low:+.4f} to {one.high:+.4f}"
    numbers = (f"{one.first:.4f}", f"{one.second:.4f}", f"{one.difference:+.4f}")
    return [one.strategy, *numbers, interval, one.verdict]
