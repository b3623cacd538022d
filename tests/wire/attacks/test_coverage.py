"""Every attack of the shared list is a test named by its id, at both levels or with a word on why not."""

from __future__ import annotations

import ast
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


LIVE = {
    "accept", "agreed", "award", "bid", "learn", "not_joined", "not_opened", "offer", "open", "playing", "receive",
    "recover", "refused", "say", "send",
}  # fmt: skip
OFFLINE = {
    "accused",
    "admit",
    "judge",
    "not_joined",
    "not_opened",
    "refused",
    "verdict",
    "verify",
}


def mounted() -> dict[str, tuple[set[str], str]]:
    """What the tests of each attack call, and what their docstrings say."""
    found: dict[str, tuple[set[str], str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for test in ast.parse(path.read_text()).body:
            named = re.match(r"test_([a-z]{3})_(\d\d)_", getattr(test, "name", ""))
            if named and isinstance(test, ast.FunctionDef):
                calls, words = found.setdefault(f"{named[1].upper()}-{named[2]}", (set(), ""))
                for node in ast.walk(test):
                    if isinstance(node, ast.Call):
                        calls.add(getattr(node.func, "attr", getattr(node.func, "id", "")))
                known = (calls, words + (ast.get_docstring(test) or ""))
                found[f"{named[1].upper()}-{named[2]}"] = known
    return found


def test_every_attack_is_mounted_on_a_session_and_on_the_auditor() -> None:
    for attack, (calls, words) in mounted().items():
        assert (calls & LIVE and calls & OFFLINE) or "session" in words, attack
