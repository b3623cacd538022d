"""Every strategy that has a name keeps the rules that every strategy keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from negotiate import registry
from negotiate.checks import check_strategy
from negotiate.checks.processes import digests
from negotiate.strategies.acceptance import AcCombi, AcConst, AcNext, AcPrevious, AcTime
from negotiate.strategies.offering import Composed
from negotiate.strategies.random_offers import RandomAboveReservation
from negotiate.strategies.time_dependent import TimeDependent

if TYPE_CHECKING:
    from collections.abc import Callable

CLASSES = [name for name, target in registry.STRATEGIES.items() if ":" in target]
PRESETS = [name for name, target in registry.STRATEGIES.items() if ":" not in target]


@pytest.mark.parametrize("name", CLASSES)
def test_a_strategy_keeps_the_rules_on_a_hundred_scenarios(name: str) -> None:
    report = check_strategy(name)
    assert report.findings == (), str(report)
    assert report.facts["deterministic"]
    assert report.facts["largest_domain"] == 10**12


def test_every_strategy_makes_the_same_moves_in_processes_that_hash_text_differently() -> None:
    first, second = digests(CLASSES, seed=0)
    assert len(first) == len(CLASSES)
    assert [n for n, a, b in zip(CLASSES, first, second, strict=True) if a != b] == []


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_the_rules(name: str) -> None:
    report = check_strategy(name, seed=1)
    assert report.findings == (), str(report)


COMPOSED: dict[str, Callable[[], Composed]] = {
    "next": lambda: Composed(TimeDependent(e=2.0), AcNext()),
    "previous": lambda: Composed(TimeDependent(), AcPrevious(a=1.02, b=0.01)),
    "constant": lambda: Composed(RandomAboveReservation(), AcConst(0.5)),
    "time": lambda: Composed(TimeDependent(e=0.0), AcTime(0.8)),
    "combi": lambda: Composed(RandomAboveReservation(), AcCombi(t=0.5)),
}


@pytest.mark.parametrize("name", COMPOSED)
def test_what_is_composed_keeps_the_rules(name: str) -> None:
    class Joined(Composed):
        def __init__(self) -> None:
            parts = COMPOSED[name]()
            super().__init__(parts.offering, parts.acceptance)

    report = check_strategy(Joined, count=10)
    assert [f for f in report.findings if f.rule != "pickle"] == [], str(report)


@pytest.mark.parametrize("name", CLASSES)
def test_a_strategy_says_what_it_does_and_where_it_is_from(name: str) -> None:
    text = registry.strategy(name).cls.__doc__ or ""
    assert text.splitlines()[0].endswith(".")
    assert "Source: " in text


@pytest.mark.parametrize("name", [*CLASSES, *PRESETS])
def test_two_made_from_one_name_are_two(name: str) -> None:
    spec = registry.strategy(name)
    assert spec.make() is not spec.make()
