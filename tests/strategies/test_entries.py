"""Entries of a search tree, held while they are removed."""

from hypothesis import given
from hypothesis import strategies as st

from negotiate.strategies.anac.entries import as_held

FALLING = [
    (k,) for k in range(40)
]  # place in the order: the successor, next above, has the number one less


def test_five_candidates_come_out_as_they_were_recorded():
    a, b, c, d, e = FALLING[:5]
    assert as_held([a, b, c, d, e], [d, b, e, a, c]) == [c, a, e, a, c]


@given(st.integers(0, 39))
def test_the_best_and_the_worst_have_no_two_children_and_stay_themselves(extra):
    falling = FALLING[: extra + 1]
    assert as_held(falling, [falling[-1]]) == [falling[-1]]
    assert as_held(falling, [falling[0]]) == [falling[0]]


@given(st.integers(1, 40), st.data())
def test_an_entry_removed_alone_reads_itself_or_its_successor(size, data):
    falling = FALLING[:size]
    gone = data.draw(st.sampled_from(falling))
    (held,) = as_held(falling, [gone])
    assert gone[0] - held[0] in {0, 1}


@given(st.permutations(range(12)))
def test_all_can_be_removed_in_any_order(order):
    falling = FALLING[:12]
    held = as_held(falling, [falling[k] for k in order])
    assert len(held) == 12
    assert all(outcome <= falling[k] for k, outcome in zip(order, held, strict=True))
