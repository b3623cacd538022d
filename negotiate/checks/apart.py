"""Checks a strategy in a process of its own, so that one that hangs, sleeps or dies ends in a finding too."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from negotiate import registry
from negotiate.checks.bounds import SWALLOWED, TimeBounds
from negotiate.checks.report import Notebook, Report
from negotiate.checks.strategies import RULES, Plan, examine
from negotiate.errors import NegotiateError, StrategyError, UnknownName

if TYPE_CHECKING:
    from collections.abc import Mapping

CALL = 2.0
"""Seconds that one call of a strategy may last; the arena allows as much for a move."""

_GRACE = 10.0  # seconds after which a process that does not end by itself is ended
_CHILD = (
    "import sys; sys.path[:] = {path!r}; "
    "from negotiate.checks.apart import examine_here; "
    "examine_here({name!r}, {seed!r}, {limit!r}, {folder!r})"
)


def check_apart(name: str, *, seed: int = 0, limit: float = 60.0) -> Report:
    """What ``check_strategy`` finds, in a process of its own and in bounded time.

    A call that lasts longer than :data:`CALL` is interrupted and ends the check, with a finding; so does a strategy
    that is so slow that ``limit`` is not enough. What the strategy prints goes to standard error.

    Args:
        name: a registered name, or ``package.module:Class``.
        seed: of the random scenarios and of all matches.
        limit: seconds for the whole check.

    Raises:
        UnknownName: no such name.
        StrategyError: the name is not one of a strategy, or its parameters do not fit.
    """
    with tempfile.TemporaryDirectory(prefix="nego-check-") as folder:
        status = _run(
            _CHILD.format(path=sys.path, name=name, seed=seed, limit=limit, folder=folder),
            limit,
        )
        answer = Path(folder, "report.json")
        if answer.exists():
            return _read(json.loads(answer.read_text(encoding="utf-8")))
        place = Path(folder, "place")
        where = place.read_text(encoding="utf-8") if place.exists() else "while it was loaded"
        return _lost(name, status, where)


def _run(code: str, limit: float) -> int | None:
    """Exit status of an interpreter that runs this; None if it had to be ended."""
    child = subprocess.Popen(  # noqa: S603 - this interpreter, and our own code
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, stdout=2, start_new_session=True
    )
    try:
        return child.wait(limit + _GRACE)
    except subprocess.TimeoutExpired:
        return None
    finally:  # with the interpreters that it may have started; also when the user gives up waiting
        if child.poll() is None:
            _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    if hasattr(os, "killpg"):
        os.killpg(child.pid, signal.SIGKILL)
    else:
        child.kill()
    child.wait()


def examine_here(name: str, seed: int, limit: float, folder: str) -> None:
    """In the child: check, and leave the report, or the error, as a file."""
    place, answer = Path(folder, "place"), Path(folder, "report.json")
    place.write_text("while it was loaded", encoding="utf-8")
    bounds = TimeBounds(CALL, limit, lambda where: _overwrite(place, where))
    found: dict[str, object]
    try:
        with bounds.call():
            spec = registry.strategy(name)
        found = {
            "report": examine(spec, Plan(seed=seed, processes=True, bounds=bounds)).as_dict()
        }
    except NegotiateError as error:
        kind = "unknown-name" if isinstance(error, UnknownName) else "strategy"
        found = {"error": kind, "text": error.args[0], "code": error.code, "help": error.help}
    _overwrite(answer, json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # threads of the strategy must not hold it up


def _overwrite(path: Path, text: str) -> None:
    """Whole or not at all: the process may be ended at any moment."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def _read(found: Mapping[str, object]) -> Report:
    if "report" in found:
        return Report.from_dict(cast("Mapping[str, Any]", found["report"]))
    raised = UnknownName if found["error"] == "unknown-name" else StrategyError
    raise raised(str(found["text"]), code=str(found["code"]), help=str(found["help"]))


def _lost(name: str, status: int | None, where: str) -> Report:
    notes = Notebook(RULES)
    if status is None:
        notes.add("slow", f"never returned from a call, {where}")
    elif status == SWALLOWED:
        notes.add(
            "slow",
            f"took more than {CALL:g} s for one call and would not be interrupted, {where}",
        )
    else:
        notes.add("died", f"ended the process with status {status}, {where}")
    return Report(name, notes.findings, {})
