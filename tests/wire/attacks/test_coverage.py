"""Every attack of the shared list is a test named by its id."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]


def covered() -> set[str]:
    """The ids in the names of the tests of this folder."""
    text = "\n".join(path.read_text() for path in HERE.glob("test_*.py"))
    return {
        f"{kind.upper()}-{number}"
        for kind, number in re.findall(r"def test_([a-z]{3})_(\d\d)_", text)
    }


def listed() -> set[str]:
    """The ids of the list, where it lies beside the checkout."""
    for folder in (ROOT.parent / "shared", ROOT.parent.parent / "shared"):
        path = folder / "attacks" / "attacks.json"
        if path.is_file():
            return {attack["id"] for attack in json.loads(path.read_text())}
    pytest.skip("the list of attacks is not beside this checkout")


def test_every_listed_attack_is_covered_and_no_other() -> None:
    assert covered() == listed()


def test_a_hundred_attacks_are_covered() -> None:
    assert len(covered()) == 100
