"""Talks to the peer that runs in NegMAS's own environment."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any


class Peer:
    """A process of NegMAS's interpreter that answers requests."""

    def __init__(self, python: str, script: str = "negmas_peer.py") -> None:
        self.process = subprocess.Popen(
            [python, "-W", "ignore", str(Path(__file__).with_name(script))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, **request: object) -> dict[str, Any]:
        """One request, one answer."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(request), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the NegMAS process ended; its message stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
