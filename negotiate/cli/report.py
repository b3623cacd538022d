"""``nego report``: build the HTML report of a stored run again."""

from __future__ import annotations

from pathlib import Path

from negotiate.cli.output import Json, print_json


def report(run_dir: Path, /, *, json: Json = False) -> None:
    """Build report.html of a stored run, again or for the first time.

    Example: nego report runs/arena

    Args:
        run_dir: the folder that holds results.sqlite.
        json: print JSON for machines.
    """
    from negotiate.arena.report import write  # noqa: PLC0415

    page = write(run_dir)
    if json:
        print_json({"report": str(page)})
    else:
        print(page)
