"""Explicit memory of earlier encounters."""

import pytest

from negotiate import registry
from negotiate.errors import StrategyError
from negotiate.strategies.memory import Encounter, Memory, remembers


def test_a_memory_reads_back_what_it_wrote():
    memory = Memory()
    memory.add(Encounter(0.5, agreed=True, time=0.25, notes={"ubi": 3.0}))
    assert Memory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize("text", ["", "[1]", '[{"utility": 1}]', "{}x"])
def test_what_is_not_a_memory_is_refused(text):
    with pytest.raises(StrategyError, match="does not read as a memory"):
        Memory.from_json(text)


@pytest.mark.parametrize("name", ["ratchet", "portfolio", "dreamteam109", "chargingboul"])
def test_a_memory_is_handed_in_and_not_written_in_brackets(name):
    assert registry.strategy(f"{name}[memory=None]").make()
    with pytest.raises(StrategyError, match="a Memory or None is expected") as raised:
        registry.strategy(f"{name}[memory=3]")
    assert "play_sequence" in raised.value.help


def test_only_those_that_take_a_memory_remember():
    assert remembers(registry.strategy("dreamteam109").cls)
    assert not remembers(registry.strategy("micro").cls)
