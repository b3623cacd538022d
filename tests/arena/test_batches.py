from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from negotiate.arena.batches import BATCH, Queue
from negotiate.arena.cells import Cell


def cells(*counts: int) -> list[Cell]:
    return [
        Cell(f"s{i}", ("a", "b"), r, f"{i}-{r}")
        for i, count in enumerate(counts)
        for r in range(count)
    ]


@given(
    st.lists(st.integers(0, 40), max_size=4),
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(1, 50), st.floats(0, 1)), max_size=60),
)
def test_every_cell_is_handed_out_once(
    counts: list[int], slots: int, done: list[tuple[int, float]]
) -> None:
    given_cells = cells(*counts)
    queue = Queue(given_cells, slots)
    played: list[Cell] = []
    steps = iter(done)
    while batch := queue.take():
        assert len({cell.scenario for cell in batch}) == 1
        some, seconds = next(steps, (50, 0.1))
        played += batch[:some]
        queue.put_back(batch[some:])
        queue.timed(batch[0].scenario, len(batch[:some]), seconds)
        assert queue.seconds >= 0
    assert sorted(played) == sorted(given_cells)
    assert len(queue) == 0


def test_batches_grow_to_the_length_that_is_wanted() -> None:
    queue = Queue(cells(5000))
    first = queue.take()
    queue.timed("s0", len(first), len(first) * BATCH / 100)
    assert len(first) < len(queue.take()) <= 101


def test_batches_shrink_towards_the_end_so_that_all_have_work() -> None:
    queue = Queue(cells(40), slots=4)
    queue.timed("s0", 1, 1e-6)
    assert len(queue.take()) == 10


def test_nothing_is_known_before_the_first_batch() -> None:
    assert Queue(cells(3)).seconds == float("inf")
