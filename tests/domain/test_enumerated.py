"""Two ways to sort a small space, and what a small match costs to import."""

import subprocess
import sys
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from negotiate.domain import Choice, Domain, LinearAdditive, Table
from negotiate.domain.enumerated import ordered
from negotiate.domain.sorting import ordered_by_arrays

TABLES = st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=6), min_size=1, max_size=4)

SMALL_MATCH = """
import sys
from negotiate import load, play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
play(AlternatingOffers(rounds=9), load("milk"), [strategy("genius-boulware").make(), strategy("negmas-linear").make()])
print("numpy" in sys.modules)
"""


@given(TABLES)
def test_a_small_space_is_sorted_as_a_large_one_would_be(tables: list[list[int]]) -> None:
    domain = Domain(
        tuple(
            Choice(f"i{place}", tuple(f"v{value}" for value in range(len(table))))
            for place, table in enumerate(tables)
        )
    )
    own = LinearAdditive(
        domain,
        {
            f"i{place}": (1, Table(tuple(map(Fraction, table))))
            for place, table in enumerate(tables)
        },
    )
    order, falling = ordered(own)
    assert (list(order), list(falling)) == tuple(map(list, ordered_by_arrays(own, 2**17)))


def test_a_small_match_loads_no_numpy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SMALL_MATCH], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
