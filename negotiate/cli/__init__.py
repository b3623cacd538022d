"""The command line, ``nego``. It loads what a command needs when the command runs."""

from __future__ import annotations

import os
import sys

CURE = 'pip install "negotiate-kit[all]"'


def main() -> None:
    """Run ``nego`` with the arguments of this process, and exit with its status."""
    try:
        from negotiate.cli.app import run  # noqa: PLC0415 - the core install has no command line
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "negotiate":
            raise
        print(
            f"error[extra]: nego needs {error.name}, which is not installed\nhelp: {CURE}",
            file=sys.stderr,
        )
        sys.exit(2)
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except OSError as error:  # what was printed could not be written
        print(f"error[system]: standard output: {error.strerror or error}", file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 2
    sys.exit(status)
