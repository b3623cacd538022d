"""The vectors are what the library says, enough of them, and another program can be held against them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.wire.vectors.make import FILE, lines

ROOT = Path(__file__).parents[2]


def test_the_vectors_are_made_again_to_the_byte() -> None:
    assert "\n".join(lines()) + "\n" == FILE.read_text()


def test_there_are_two_thousand_good_and_bad() -> None:
    cases = [json.loads(line) for line in FILE.read_text().splitlines()]
    counted = Counter((case["op"], case["ok"]) for case in cases)
    assert len(cases) >= 2_000
    assert len({case["id"] for case in cases}) == len(cases)
    for op in ("ed25519", "key", "did", "decode", "frame", "mandate", "path", "session"):
        assert counted[op, True]
        assert counted[op, False]
    assert FILE.stat().st_size < 3_000_000


def test_the_runner_needs_no_library_and_passes() -> None:
    runner = FILE.with_name("run.py")
    assert "import negotiate" not in runner.read_text()
    assert "from negotiate" not in runner.read_text()
    command = [
        sys.executable,
        "-I",
        str(runner),
        sys.executable,
        "-m",
        "tests.wire.vectors.adapter",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert ", 0 failed" in done.stdout
