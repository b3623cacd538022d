"""Explicit memory of earlier encounters."""

import pytest

from negotiate.errors import StrategyError
from negotiate.strategies.memory import Encounter, Memory


def test_a_memory_reads_back_what_it_wrote():
    memory = Memory()
    memory.add(Encounter(0.5, agreed=True, time=0.25, notes={"ubi": 3.0}))
    assert Memory.from_json(memory.to_json()) == memory


@pytest.mark.parametrize("text", ["", "[1]", '[{"utility": 1}]', "{}x"])
def test_what_is_not_a_memory_is_refused(text):
    with pytest.raises(StrategyError, match="does not read as a memory"):
        Memory.from_json(text)
