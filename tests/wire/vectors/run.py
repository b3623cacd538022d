"""Hold any implementation of the wire against the vectors: `python run.py COMMAND...`.

COMMAND is a program that reads a case a line (JSON) from standard input and writes an answer a line: an object with
``ok``, and whatever the operation gives besides. This file needs nothing but Python.
"""

import json
import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).with_name("vectors.jsonl")
ASKED = {"id", "op", "key", "message", "signature", "text", "data", "entries", "root", "path", "index", "count",
         "entry", "principals", "frames"}  # fmt: skip
GIVEN_BACK = {
    "ed25519": (), "key": ("thumbprint",), "did": ("key",), "decode": ("again",), "mandate": ("hash",),
    "frame": ("message", "kind"), "root": (), "path": (), "session": ("state", "complete"),
}  # fmt: skip


def split(line: str) -> tuple[dict[str, object], dict[str, object]]:
    """The question and the expected answer of a vector."""
    vector = json.loads(line)
    back = GIVEN_BACK[vector["op"]]
    asked = {
        name: value for name, value in vector.items() if name in ASKED and name not in back
    }
    wanted = {name: vector[name] for name in ("ok", *back) if name in vector}
    return asked, wanted


def main(command: list[str]) -> int:
    """Run the program over all vectors; the number that differ is printed, and is the failure."""
    cases = [split(line) for line in FILE.read_text().splitlines()]
    given = "".join(json.dumps(asked) + "\n" for asked, _ in cases)
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    if len(answers) != len(cases):
        print(f"{len(answers)} answers to {len(cases)} cases\n{done.stderr}", file=sys.stderr)
        return 1
    wrong = 0
    for (asked, wanted), got in zip(cases, answers, strict=True):
        if {name: got.get(name) for name in wanted} != wanted:
            wrong += 1
            print(f"{asked['id']}: expected {wanted}, got {got}", file=sys.stderr)
    print(f"{len(cases) - wrong} passed, {wrong} failed")
    return int(wrong > 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} COMMAND...")
    sys.exit(main(sys.argv[1:]))
