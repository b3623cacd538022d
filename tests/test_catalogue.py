"""The generated pages of strategies: complete, and the same each time."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from negotiate.arena.reference import reference
from negotiate.registry import STRATEGIES

if TYPE_CHECKING:
    from types import ModuleType

DOCS = Path(__file__).parents[1] / "docs"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("catalogue", DOCS / "catalogue.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["catalogue"] = module
    spec.loader.exec_module(module)
    return module


catalogue = _load()


@pytest.mark.parametrize("name", ["micro", "ponpoko", "consensus"])
def test_a_curve_is_drawn_the_same_each_time(name: str) -> None:
    first = catalogue.curve(name)
    catalogue.curve.cache_clear()
    assert catalogue.curve(name) == first
    drawn = ElementTree.fromstring(first)  # noqa: S314 - we made it a moment ago
    assert drawn.tag.endswith("svg")
    assert f"offers of {name}" in first


def test_a_page_shows_curve_row_and_checks() -> None:
    text = catalogue.sections("cuhkagent")
    row = reference()["standings"]["cuhkagent"]
    assert "![What the offers of cuhkagent are worth to it, by round](cuhkagent.svg)" in text
    assert (
        f"| {row['rank']} of {len(reference()['standings'])} | {row['mean_utility']:.3f} |"
        in text
    )
    assert "no finding" in text
    assert "makes the offers of two recorded runs of the original one for one" in text
    assert "`test_recorded_agents.py`" in text


def test_what_took_no_part_has_no_row() -> None:
    assert catalogue.row_section("genius-boulware") == ""
    assert catalogue.mean("genius-boulware") == "-"


def test_tests_are_found_by_name_and_by_class() -> None:
    assert "test_micro.py" in catalogue.tests_of("micro", STRATEGIES["micro"])
    assert "test_repeated.py" in catalogue.tests_of("ratchet", STRATEGIES["ratchet"])
