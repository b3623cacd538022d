"""Runs the command line in this process: what it prints, and its exit status."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from negotiate.cli.app import run


@dataclass
class Done:
    """A finished command."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output, read as one JSON document."""
        return json.loads(self.out)


Nego = Callable[..., Done]


@pytest.fixture
def nego(capsys: pytest.CaptureFixture[str]) -> Nego:
    def call(*words: str) -> Done:
        status = run([*words])
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return call
