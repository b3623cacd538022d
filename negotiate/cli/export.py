"""``nego export``: the cells of a stored run as CSV or Parquet."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from negotiate.cli.output import Json, print_json
from negotiate.errors import LocalError

if TYPE_CHECKING:
    from negotiate.arena import Results

Format = Literal["csv", "parquet"]


def export(
    run_dir: Path,
    /,
    *,
    format: Format | None = None,  # noqa: A002 - the name of the option
    out: Annotated[Path | None, Parameter(name=["--out", "-o"])] = None,
    json: Json = False,
) -> None:
    """Write one row for each negotiation of a stored run, for other programs.

    Example: nego export runs/arena -o cells.parquet

    Args:
        run_dir: the folder that holds results.sqlite.
        format: csv or parquet; by default what the name of the file says, else csv.
        out: the file; CSV goes to standard output if none is named.
        json: print JSON for machines; needs --out.
    """
    from negotiate.arena.results import opened  # noqa: PLC0415

    results = opened(run_dir)
    chosen = format or ("parquet" if out is not None and out.suffix == ".parquet" else "csv")
    if out is None:
        if json or chosen == "parquet":
            raise LocalError("no file to write to", code="export", help="name one: -o FILE")
        results.write_csv(sys.stdout)
        return
    _write(results, chosen, out)
    if json:
        print_json({"file": str(out), "format": chosen, "rows": len(results)})
    else:
        print(out)


def _write(results: Results, chosen: Format, out: Path) -> None:
    from negotiate.arena.frames import unwritable  # noqa: PLC0415

    if chosen == "parquet":
        results.write_parquet(out)
        return
    try:
        with out.open("w", encoding="utf-8", newline="") as stream:
            results.write_csv(stream)
    except OSError as error:
        raise unwritable(out, error) from None
