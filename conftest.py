"""Run every code block of README.md and docs/ as a test.

The blocks of one page share their names, from top to bottom, and run in an empty folder. A Python
block with `>>>` is compared with the output it shows; any other must run without an exception; one
whose first line is `# name.py` is also saved under that name. Of a console block the lines
`$ nego ...` are run, and must end with status 0. To leave one out, put
`<!-- skip: next "why" -->` before it.
"""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.evaluators.python import PythonEvaluator
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser, SkipParser

_ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parent)}
_FOLDER, _BACK = "_folder_of_this_page", "_folder_before"


def enter_empty_folder(names: dict[str, Any]) -> None:
    """Let a page write files without touching the checkout."""
    names[_BACK] = Path.cwd()
    names[_FOLDER] = tempfile.TemporaryDirectory(prefix="nego-docs-")
    os.chdir(names[_FOLDER].name)


def leave_folder(names: dict[str, Any]) -> None:
    """Go back to where the tests run."""
    os.chdir(names[_BACK])
    names[_FOLDER].cleanup()


class SaveAndRun(PythonEvaluator):
    """Runs a block; saves it first if it names its file, for the commands below it."""

    def __call__(self, example: Example) -> None:
        """Run the block."""
        text = str(example.parsed)
        if named := re.match(r"# (\w+\.py)\n", text):
            Path(named[1]).write_text(text)
        super().__call__(example)


def command_lines(example: Example) -> str | None:
    """Run the lines of a console block that call nego, as a person at a prompt would."""
    for line in str(example.parsed).splitlines():
        if not line.startswith("$ nego "):
            continue
        words = [sys.executable, "-m", "negotiate", *shlex.split(line[7:], comments=True)]
        done = subprocess.run(  # noqa: S603 - our own command
            words, capture_output=True, text=True, check=False, env=_ENVIRONMENT
        )
        if done.returncode:
            return f"{line}\nended with status {done.returncode}:\n{done.stdout}{done.stderr}"
    return None


def pages(folder: str, *patterns: str, excludes: tuple[str, ...] = ()) -> Sybil:
    """Return the runner for the pages of one folder."""
    blocks = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
    blocks.codeblock_parser = CodeBlockParser("python", SaveAndRun())
    console = CodeBlockParser("console", command_lines)
    return Sybil(
        parsers=[blocks, console, SkipParser()],
        path=folder,
        patterns=patterns,
        excludes=excludes,
        setup=enter_empty_folder,
        teardown=leave_folder,
    )


_top = pages(".", "README.md", "CONTRIBUTING.md", excludes=("*/*",))
_docs = pages("docs", "*.md")
pytest_collect_file = (_top + _docs).pytest()
