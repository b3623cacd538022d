"""A space that is never listed answers as the listed one does."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.domain import (
    SCALE,
    Domain,
    Integer,
    LinearAdditive,
    bands,
    implicit,
    levels,
    quantised,
    ranking,
)
from negotiate.domain.enumerated import EnumeratedSpace
from negotiate.domain.implicit import ImplicitSpace
from negotiate.errors import DomainError
from tests.domain.drawn import additive, assert_answers, large, marks_of, parties

WAYS = {
    "as it is": {},
    "no pages": {"DEEPEST": 0},
    "small pages": {"_FIRST_PAGE": 1, "_LARGEST_PAGE": 4},
    "pages that overflow": {"_FIRST_PAGE": 3, "_MOST_ON_PAGE": 3, "_KEPT": 1},
}


def in_order(own: LinearAdditive) -> bool:
    """Whether ties stand in outcome order: no group skips an issue."""
    return all(b - a == 1 for group in own.groups for a, b in pairwise(group.issues))


@pytest.mark.parametrize("way", WAYS)
@given(own=parties(most=1, largest=80), cells=st.sampled_from([3, 20, 200, 2**14]))
@settings(max_examples=150, deadline=None)
def test_every_answer_equals_brute_force(
    way: str, own: list[LinearAdditive], cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantised, "CELLS", cells)
        for name, value in WAYS[way].items():
            patch.setattr(ranking, name, value)
        if in_order(own[0]):
            assert_answers(ImplicitSpace(own[0]), own[0], marks_of(own[0]))


@given(own=parties(most=1, largest=80), cells=st.sampled_from([3, 20, 2**14]))
@settings(max_examples=150, deadline=None)
def test_two_layers_count_exactly(own: list[LinearAdditive], cells: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantised, "CELLS", cells)
        patch.setattr(ranking, "DEEPEST", 0)
        patch.setattr(levels, "_LARGE", 12)
        space = ImplicitSpace(own[0])
        if in_order(own[0]) and space.exact:
            assert_answers(space, own[0], marks_of(own[0]))


@pytest.mark.parametrize("scattered", [-1.0, 16.0, math.inf])
@given(own=parties(most=1, largest=80, groups=False), cells=st.sampled_from([3, 20, 2**14]))
@settings(max_examples=150, deadline=None)
def test_many_layers_find_levels_exactly(
    scattered: float, own: list[LinearAdditive], cells: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quantised, "CELLS", cells)
        patch.setattr(levels, "_LARGE", 6)
        patch.setattr(levels, "_SMALL", 4)
        patch.setattr(implicit, "_SCATTERED", scattered)
        assert_answers(ImplicitSpace(own[0]), own[0], marks_of(own[0]))


@given(own=parties(most=1, largest=80))
@settings(max_examples=150, deadline=None)
def test_apart_from_the_order_of_ties_any_groups_do(own: list[LinearAdditive]) -> None:
    (own_,) = own
    space = ImplicitSpace(own_)
    order = [space.kth(k) for k in range(space.size)]
    assert sorted(order) == list(own_.domain.outcomes())
    utilities = [own_.utility(outcome) for outcome in order]
    assert utilities == sorted(utilities, reverse=True)
    assert [space.rank(outcome) for outcome in order] == list(range(space.size))
    for mark in marks_of(own_):
        assert abs(own_.utility(space.nearest(mark)) - mark) == min(
            abs(u - mark) for u in utilities
        )


@pytest.fixture(scope="module")
def million() -> LinearAdditive:
    return large(6, 10, 0.0)[0]


def test_a_million_outcomes_have_one_order(million: LinearAdditive) -> None:
    listed, space = EnumeratedSpace(million), ImplicitSpace(million)
    ranks = [*range(2000), *range(2000, 10**6, 50_021)]
    assert [space.kth(k) for k in ranks] == [listed.kth(k) for k in ranks]
    stream = random.Random(3)
    for _ in range(200):
        mark = stream.uniform(space.min_utility, space.max_utility)
        assert space.nearest(mark) == listed.nearest(mark)
        assert space.lowest_at_or_above(mark) == listed.lowest_at_or_above(mark)
        assert space.count_at_or_above(mark) == listed.count_at_or_above(mark)


def test_a_price_in_cents_beside_other_issues() -> None:
    price = [k * k // 5 for k in range(30_000)]
    own = additive([[0, 7_000_003, 5_000_011], price, [0, 1_000_003, 999_999, 4]])
    listed, space = EnumeratedSpace(own), ImplicitSpace(own)
    ranks = range(0, own.domain.size, 9_973)
    assert [space.kth(k) for k in ranks] == [listed.kth(k) for k in ranks]
    for mark in range(0, own.space.max_utility, 3_000_017):
        assert space.nearest(mark) == listed.nearest(mark)
        assert space.count_at_or_above(mark) == listed.count_at_or_above(mark)
    stream = random.Random(4)
    for _ in range(50):
        outcome = space.sample(9_000_000, 9_100_000, stream)
        assert outcome is not None
        assert 9_000_000 <= own.utility(outcome) <= 9_100_000


@pytest.mark.parametrize("band", [(0.2, 0.8), (0.5, 0.51), (0.93, 1.0), (0.0, 0.1)])
def test_samples_are_uniform_over_the_band(band: tuple[float, float]) -> None:
    own = large(3, 7, 0.0)[0]
    span = own.space.max_utility - own.space.min_utility
    low, high = (own.space.min_utility + share * span for share in band)
    inside = [o for o in own.domain.outcomes() if low <= own.utility(o) <= high]
    space, stream = ImplicitSpace(own), random.Random(5)
    drawn = Counter(space.sample(low, high, stream) for _ in range(20 * len(inside)))
    assert set(drawn) <= set(inside)
    counts = [drawn[outcome] for outcome in inside]
    chi = sum((n - 20) ** 2 / 20 for n in counts)
    freedom = len(inside) - 1
    assert abs(chi - freedom) <= 5 * math.sqrt(2 * freedom + 1)


@pytest.mark.parametrize("large_", [2**20, 12, 4])
def test_samples_of_a_narrow_band_are_uniform(
    large_: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A level of 36 outcomes, far narrower than a cell: two layers, then more, answer exactly.
    monkeypatch.setattr(levels, "_LARGE", large_)
    monkeypatch.setattr(levels, "_SMALL", 4)
    monkeypatch.setattr(implicit, "_TRIES", 200)
    monkeypatch.setattr(quantised, "CELLS", 4)
    monkeypatch.setattr(ranking, "DEEPEST", 0)
    own = additive([[0, 1_000_003, 5, 1_000_003]] * 4)
    level = 2_000_006
    inside = [o for o in own.domain.outcomes() if level <= own.utility(o) <= level + 3]
    space, stream = ImplicitSpace(own), random.Random(6)
    drawn = Counter(space.sample(level, level + 3, stream) for _ in range(30 * len(inside)))
    assert set(drawn) == set(inside)
    chi = sum((n - 30) ** 2 / 30 for n in drawn.values())
    assert chi < len(inside) + 6 * math.sqrt(2 * len(inside))


def test_a_narrow_band_near_the_top_is_drawn_from_the_pages() -> None:
    own = large(20, 10, 0.0)[0]
    top = [own.space.utility_at(k) for k in range(3000)]
    drawn = {own.space.sample(top[2999], top[2990], random.Random(n)) for n in range(200)}
    assert drawn == {own.space.kth(k) for k in range(2990, 3000)}


def test_an_empty_band_has_no_sample() -> None:
    own = large(12, 10, 0.0)[0]
    first, second = own.space.utility_at(0), own.space.utility_at(1)
    stream = random.Random(8)
    assert own.space.sample(second + 1, first - 1, stream) is None
    assert own.space.sample(first + 1, math.inf, stream) is None
    assert own.space.sample(6e8, 5e8, stream) is None
    assert own.space.sample(first, math.inf, stream) == own.space.kth(0)


@pytest.fixture(scope="module")
def twelve() -> LinearAdditive:
    return large(12, 10, 0.9)[0]


class TestTenToTheTwelve:
    def test_ranks_and_outcomes_are_inverse(self, twelve: LinearAdditive) -> None:
        space = twelve.space
        assert space.size == 10**12
        for k in (0, 1, 70_000, 10**7 + 1, 10**12 // 2, 10**12 - 1):
            assert space.rank(space.kth(k)) == k
            assert twelve.utility(space.kth(k)) == space.utility_at(k)

    def test_counts_agree_with_ranks(self, twelve: LinearAdditive) -> None:
        level = twelve.utility(twelve.space.kth(123_456_789))
        above, from_ = (
            twelve.space.count_at_or_above(level + 1),
            twelve.space.count_at_or_above(level),
        )
        assert above <= 123_456_789 < from_

    def test_nothing_is_nearer_than_the_nearest(self, twelve: LinearAdditive) -> None:
        space, stream = twelve.space, random.Random(9)
        for _ in range(30):
            mark = stream.uniform(space.min_utility, space.max_utility)
            away = abs(twelve.utility(space.nearest(mark)) - mark)
            closer = space.count_at_or_above(math.floor(mark - away) + 1)
            assert closer == space.count_at_or_above(math.ceil(mark + away))


@pytest.fixture(scope="module")
def twenty() -> LinearAdditive:
    return large(20, 10, 0.9)[0]


class TestTenToTheTwenty:
    def test_the_best_are_exact(self, twenty: LinearAdditive) -> None:
        space = twenty.space
        utilities = [space.utility_at(k) for k in range(5000)]
        assert utilities == sorted(utilities, reverse=True)
        assert len({space.kth(k) for k in range(5000)}) == 5000
        assert [space.rank(space.kth(k)) for k in range(0, 5000, 97)] == list(
            range(0, 5000, 97)
        )
        assert space.count_at_or_above(utilities[-1]) >= 5000

    def test_counts_in_the_middle_are_close_estimates(self, twenty: LinearAdditive) -> None:
        space = twenty.space
        stream = np.random.Generator(np.random.PCG64(10))
        tables = [np.asarray(table) for table in twenty.tables]
        sums = sum(table[stream.integers(0, 10, 10**5)] for table in tables)
        for share in (0.05, 0.3, 0.6, 0.9):
            mark = int(np.quantile(sums, share))
            count = space.count_at_or_above(mark) / space.size
            assert abs(count - (1 - share)) < 0.01
        assert not space.exact

    def test_a_rank_in_the_middle_is_met_closely(self, twenty: LinearAdditive) -> None:
        k = twenty.space.size // 3
        assert abs(twenty.space.rank(twenty.space.kth(k)) - k) < twenty.space.size // 10**4
        assert (
            abs(twenty.utility(twenty.space.kth(k)) - twenty.space.utility_at(k))
            < SCALE // 10**6
        )

    @pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99])
    def test_the_nearest_is_next_to_the_mark(
        self, twenty: LinearAdditive, share: float
    ) -> None:
        space = twenty.space
        mark = space.min_utility + share * (space.max_utility - space.min_utility)
        near, lowest = space.nearest(mark), space.lowest_at_or_above(mark)
        assert lowest is not None
        assert twenty.utility(lowest) >= mark
        assert abs(twenty.utility(near) - mark) <= twenty.utility(lowest) - mark

    @pytest.mark.parametrize("end", ["top", "bottom"])
    def test_what_is_one_in_10_to_the_17_is_drawn_too(
        self, twenty: LinearAdditive, end: str
    ) -> None:
        space, stream = twenty.space, random.Random(12)
        low, high = space.min_utility, space.min_utility + 15_000_000
        if end == "top":
            low, high = space.max_utility - 15_000_000, space.max_utility
        drawn = [space.sample(low, high, stream) for _ in range(20)]
        assert all(low <= twenty.utility(outcome) <= high for outcome in drawn if outcome)
        assert None not in drawn
        assert len(set(drawn)) > 10

    def test_samples_lie_in_the_band(self, twenty: LinearAdditive) -> None:
        stream = random.Random(11)
        for low, width in ((3e8, 1e7), (5e8, 1e5), (5e8, 3), (4e8, 0)):
            outcome = twenty.space.sample(low, low + width, stream)
            assert outcome is not None
            assert low <= twenty.utility(outcome) <= low + width


def test_coarse_utilities_are_exact_at_any_size() -> None:
    grain = SCALE // 1000
    random_ = np.random.Generator(np.random.PCG64(12))
    own = additive([(random_.integers(0, 26, 10) * grain).tolist() for _ in range(40)])
    space = own.space
    assert space.size == 10**40
    assert space.exact
    for k in (0, 10**6, 10**20 + 7, 10**40 // 3, 10**40 - 1):
        assert space.rank(space.kth(k)) == k
    assert space.count_at_or_above(space.min_utility + 1) < space.size
    assert space.utility_at(10**40 // 2) % grain == 0


def test_issues_that_do_not_matter_make_ties_in_outcome_order() -> None:
    random_ = np.random.Generator(np.random.PCG64(13))
    tables = random_.integers(0, SCALE, (12, 10)).tolist()
    for dull in (1, 4, 7, 11):
        tables[dull] = [0] * 10
    own = additive(tables)
    top = [own.space.kth(k) for k in range(3)]
    assert [outcome[11] for outcome in top] == [0, 1, 2]
    assert {own.utility(outcome) for outcome in top} == {own.space.max_utility}
    assert own.space.kth(10**4)[1::3] != top[0][1::3]
    assert own.space.nearest(own.space.max_utility) == own.space.kth(10**4 - 1)


def test_a_flat_space_is_in_outcome_order() -> None:
    domain = Domain(tuple(Integer(f"i{n}", 1, 10) for n in range(12)))
    own = additive([[0] * 10] * 12, domain=domain)
    assert own.space.kth(123_456_789_012) == (1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2)
    assert own.space.rank((9,) * 12) == 10**12 - 1
    assert own.space.nearest(5) == (0,) * 12
    assert own.space.sample(0, 0, random.Random(1)) is not None


def test_a_rank_outside_the_space_is_told() -> None:
    space = large(12, 10, 0.0)[0].space
    with pytest.raises(DomainError, match="rank 1000000000000 of a space"):
        space.kth(10**12)


def test_bands_that_are_too_long_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [np.arange(10) * 7**n for n in range(6)]
    listed = bands.Bands(numbers)
    assert listed.outcomes(0, 10**9, 10**6 - 1) is None
    monkeypatch.setattr(bands, "_HALF", 99)
    assert listed.outcomes(0, 10**9, 10**6) is None


PROGRAM = """
import json, random
from tests.domain.drawn import large
from negotiate.domain.bargaining import Frontier, Joint
def peak():
    with open("/proc/self/status") as file:  # getrusage would count what ran before exec
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
own, other = large(12, 10, 0.9)
before = peak()
Frontier([own, other])
Joint(own, other.tables).best_at_or_above(5e8)
space, stream = own.space, random.Random(1)
for k in range(20_000):
    space.kth(k)
for _ in range(100):
    space.sample(5e8, 5.1e8, stream)
    space.nearest(stream.uniform(1e8, 9e8))
space.count_at_or_above(5e8)
print(json.dumps(peak() - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is read the way of Linux")
def test_10_to_the_12_outcomes_take_less_than_100_megabytes() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert 0 < json.loads(done.stdout) < 100
