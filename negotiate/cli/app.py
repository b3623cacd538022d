"""The application: its commands, and what happens to errors."""

from __future__ import annotations

import shlex
import signal
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import cyclopts
from cyclopts import App, CycloptsError

from negotiate import __version__
from negotiate.arena.progress import Interrupted
from negotiate.cli import (
    analyse,
    arena,
    check,
    clear,
    compare,
    export,
    games,
    generate,
    humans,
    key,
    listing,
    mandate,
    match,
    models,
    report,
    verify,
)
from negotiate.errors import NegotiateError
from negotiate.show import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

BAD_INPUT = 2
INTERRUPTED = 128 + signal.SIGINT

_EPILOGUE = """
Try: `nego arena` plays the bundled strategies on the bundled scenarios;
`nego match milk --strategies genius-boulware micro` shows one negotiation, move by move.
"""

app = App(
    name="nego",
    help="Machines that bargain: play, compare and examine negotiation strategies.",
    help_epilogue=_EPILOGUE,
    version=__version__,
    version_flags=["--version"],
)
app.command(arena.arena)
app.command(match.match)
app.command(analyse.analyse)
app.command(clear.clear)
app.command(listing.app)
app.command(check.check)
app.command(report.report)
app.command(compare.compare)
app.command(export.export)
app.command(models.models)
app.command(games.games)
app.command(generate.generate)
app.command(humans.humans)
app.command(verify.verify)
app.command(key.app)
app.command(mandate.app)


def run(words: Sequence[str]) -> int:
    """Run one command line.

    Args:
        words: the arguments, without the program's name; ``--debug`` anywhere shows tracebacks.

    Returns:
        Exit status: 0 done, 1 checked and it does not hold, 2 bad input, 130 interrupted.
    """
    sys.path.insert(0, str(Path.cwd()))  # `mine:MyStrategy` is found where the user stands
    debug = "--debug" in words
    words = [word for word in words if word != "--debug"]
    try:
        status = app(
            words, exit_on_error=False, print_error=False, result_action="return_value"
        )
    except CycloptsError as error:
        return _fail(
            "usage",
            _usage(error),
            "`nego --help` lists the commands, `nego COMMAND --help` the options",
        )
    except Interrupted as error:
        resume = shlex.join(["nego", *words])
        return _fail(
            error.code, error.args[0], f"they are kept; go on with: {resume}", INTERRUPTED
        )
    except NegotiateError as error:
        if debug:
            traceback.print_exc()
        return _fail(error.code, error.args[0], error.help)
    except BrokenPipeError:  # whoever reads has seen enough; no error
        raise
    except OSError as error:
        if debug:
            traceback.print_exc()
        where = "" if error.filename is None else f"{error.filename}: "
        return _fail(
            "system",
            f"{where}{error.strerror or error}",
            "look whether the disk is full, and whether you may read and write there",
        )
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    return status if isinstance(status, int) else 0


def _usage(error: CycloptsError) -> str:
    text = " ".join(str(error).split())
    if isinstance(error, cyclopts.UnknownCommandError):
        return text.partition(" Available commands")[0]
    return text


def _fail(code: str, message: object, help: str, status: int = BAD_INPUT) -> int:
    print(f"error[{code}]: {safe(str(message))}", file=sys.stderr)
    if help:
        print(f"help: {safe(help)}", file=sys.stderr)
    return status
