"""Every worked case, by its id. The cases lie beside the checkout, and are skipped where they do not."""

# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportArgumentType=false, reportOptionalSubscript=false, reportCallIssue=false
from __future__ import annotations

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from negotiate.protocols.clearing import clear

NAME = Path("vectors") / "auctions.json"
PLACES = [
    Path(os.environ.get("NEGOTIATE_SHARED", "nowhere")),
    *(folder / "shared" for folder in Path(__file__).resolve().parents),
    *(folder / "shared" for folder in Path.cwd().resolve().parents),
]
FOUND = next((place / NAME for place in PLACES if (place / NAME).is_file()), None)
CASES: list[dict[str, Any]] = [] if FOUND is None else json.loads(FOUND.read_text())


def number(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [number(entry) for entry in value]
    if isinstance(value, dict):
        return {key: number(entry) for key, entry in value.items()}
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Fraction(str(value))
    if isinstance(value, str):
        try:
            return Fraction(value)
        except ValueError:
            return value
    return value


@pytest.mark.skipif(FOUND is None, reason="the worked cases are not here")
def test_the_cases_are_all_there() -> None:
    assert len(CASES) == 92


@pytest.mark.parametrize("case", [pytest.param(case, id=case["id"]) for case in CASES])
def test_case(case: dict[str, Any]) -> None:
    found = clear(case["protocol"], case["params"], case["bids"])
    assert number(found) == number(case["expected"])
    assert json.loads(json.dumps(found)) == case["expected"]
