"""The lookout blames a strategy for what it calls, and for nothing else."""

import gc
import time

from negotiate.checks.lookout import Lookout


def test_a_call_of_a_clock_is_noted() -> None:
    lookout = Lookout()
    with lookout:
        time.perf_counter()
    assert [rule for rule, _ in lookout.contacts] == ["wall-clock"]


def test_what_others_do_at_a_collection_is_not_the_strategy_s_doing() -> None:
    def reads_the_clock(_phase: str, _info: dict[str, int]) -> None:
        time.perf_counter()

    gc.callbacks.append(reads_the_clock)
    threshold = gc.get_threshold()
    gc.set_threshold(10)
    lookout = Lookout()
    try:
        with lookout:
            kept = [[i] for i in range(1000)]
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(reads_the_clock)
    assert len(kept) == 1000
    assert lookout.contacts == []
    assert gc.isenabled()
