"""Plays in fresh interpreters, where text hashes differently."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAY = (
    "import sys; sys.path[:] = {path!r}; "
    "from {module} import moves_digest; "
    "[print('digest', moves_digest(name, {seed!r})) for name in {names!r}]"
)


def digests(
    names: Sequence[str], seed: int, module: str = "negotiate.checks.strategies"
) -> list[list[str]] | str:
    """The digest of each strategy's moves in two interpreters with different hash seeds; or what went wrong."""
    found: list[list[str]] = []
    code = _PLAY.format(path=sys.path, names=list(names), seed=seed, module=module)
    for hash_seed in ("1", "2"):
        run = subprocess.run(  # noqa: S603 - this interpreter, and names that resolved in it
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            return (run.stderr.strip().splitlines() or ["it died"])[-1]
        # A strategy may print, too.
        found.append([line for line in run.stdout.splitlines() if line.startswith("digest ")])
    return found
