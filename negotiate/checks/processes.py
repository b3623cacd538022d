"""Plays in fresh interpreters, where text hashes differently."""

from __future__ import annotations

import os
import subprocess
import sys

_PLAY = (
    "import sys; sys.path[:] = {path!r}; "
    "from negotiate.checks.strategies import moves_digest; "
    "print(moves_digest({name!r}, {seed!r}))"
)


def digests(name: str, seed: int) -> list[str] | str:
    """The digest of a strategy's moves in two interpreters with different hash seeds; or what went wrong."""
    if not name:
        return "it has no name there"
    found: list[str] = []
    for hash_seed in ("1", "2"):
        run = subprocess.run(  # noqa: S603 - this interpreter, and a name that resolved in it
            [sys.executable, "-c", _PLAY.format(path=sys.path, name=name, seed=seed)],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            return (run.stderr.strip().splitlines() or ["it died"])[-1]
        found.append(run.stdout.strip().splitlines()[-1])
    return found
