"""Run every Python code block of README.md and docs/ as a test.

The blocks of one page share their names, from top to bottom, and run in an empty folder. A block
with `>>>` is compared with the output it shows; any other must run without an exception. To leave
one out, put `<!-- skip: next "why" -->` before it.
"""

import os
import tempfile
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from typing import Any

from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

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


def pages(folder: str, *patterns: str, excludes: tuple[str, ...] = ()) -> Sybil:
    """Return the runner for the pages of one folder."""
    blocks = PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE)
    return Sybil(
        parsers=[blocks, SkipParser()],
        path=folder,
        patterns=patterns,
        excludes=excludes,
        setup=enter_empty_folder,
        teardown=leave_folder,
    )


_top = pages(".", "README.md", "CONTRIBUTING.md", excludes=("*/*",))
_docs = pages("docs", "*.md")
pytest_collect_file = (_top + _docs).pytest()
