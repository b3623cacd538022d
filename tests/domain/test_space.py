"""A listed space answers as a look at every outcome does, and quickly."""

from __future__ import annotations

import math
import pickle
import random
import timeit
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings

from negotiate.domain import SCALE, Domain, Integer, LinearAdditive, Table, enumerated
from negotiate.domain.space import MAX_ENUMERATED, Space
from negotiate.errors import DomainError
from tests.domain.drawn import Ordered, additive, assert_answers, large, marks_of, parties


@given(parties(most=1))
@settings(max_examples=300, deadline=None)
def test_every_answer_equals_brute_force(preferences: list[LinearAdditive]) -> None:
    (own,) = preferences
    assert own.space.method == "enumerated"
    assert_answers(own.space, own, marks_of(own))


@given(parties(most=1, largest=100))
@settings(max_examples=200, deadline=None)
def test_arrays_answer_as_lists_do(preferences: list[LinearAdditive]) -> None:
    (own,) = preferences
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(enumerated, "_LISTED", 0)
        assert_answers(Space(own), own, marks_of(own))


def test_utilities_too_far_apart_for_one_integer_key_are_sorted_too() -> None:
    own = additive([[-900 * SCALE, 900 * SCALE]] * 19)
    assert own.space.kth(0) == (1,) * 19
    assert own.space.kth(1) == (0,) + (1,) * 18
    assert own.space.rank((0,) * 19) == 2**19 - 1
    assert own.space.min_utility == -19 * 900 * SCALE


@pytest.mark.parametrize(
    ("mark", "expected"),
    [
        (60, (1, 0)),  # of the level at 60, the last
        (60.5, (0, 0)),  # now that level is below: its first
        (55, (1, 0)),  # as near to 50 as to 60: the upper
        (54, (0, 1)),  # of the level below, the first
        (45, (1, 1)),  # a level above gives its last
        (99, (1, 2)),
        (-5, (2, 2)),
    ],
)
def test_nearest_follows_the_rule_of_genius(mark: float, expected: tuple[int, int]) -> None:
    own = additive([[0, 0, 0], [0, 0, 0]], [((0, 1), [60, 50, 50, 60, 50, 70, 0, 0, 0])])
    assert own.space.nearest(mark) == Ordered(own).nearest(mark) == expected


def test_samples_are_uniform_over_the_band() -> None:
    own = additive([list(range(8)), list(range(8))])
    stream = random.Random(1)
    drawn = Counter(own.space.sample(5, 9, stream) for _ in range(6000))
    inside = [o for o in own.domain.outcomes() if 5 <= own.utility(o) <= 9]
    assert set(drawn) == set(inside)
    expected = 6000 / len(inside)
    assert sum((n - expected) ** 2 / expected for n in drawn.values()) < 2 * len(inside)


def test_an_empty_band_has_no_sample() -> None:
    own = additive([[0, 10]])
    assert own.space.sample(1, 9, random.Random(1)) is None
    assert own.space.sample(9, 1, random.Random(1)) is None


def test_samples_come_from_the_given_stream_alone() -> None:
    own = additive([list(range(50)), list(range(50))])
    one, two = random.Random(7), random.Random(7)
    assert [own.space.sample(20, 60, one) for _ in range(20)] == [
        own.space.sample(20, 60, two) for _ in range(20)
    ]


@pytest.mark.parametrize("rank", [-1, 4, 10**30])
def test_a_rank_outside_the_space_is_told(rank: int) -> None:
    space = additive([[1, 2], [3, 4]]).space
    with pytest.raises(DomainError, match="ranks run from 0, the best, to 3"):
        space.kth(rank)
    with pytest.raises(DomainError, match="ranks run from 0"):
        space.utility_at(rank)


def test_the_rank_of_what_is_no_outcome_is_told() -> None:
    with pytest.raises(DomainError, match="is not a position"):
        additive([[1, 2], [3, 4]]).space.rank((0, 2))


def test_a_space_goes_into_a_pickle_and_comes_back() -> None:
    own = additive([[1, 2], [3, 4]])
    own.space.kth(0)
    again = pickle.loads(pickle.dumps(own))
    assert again.space.method == "enumerated"
    assert again.space.kth(3) == own.space.kth(3)


def test_the_method_follows_the_size() -> None:
    small, big = large(6, 10, 0.0)[0], large(7, 10, 0.0)[0]
    assert small.domain.size <= MAX_ENUMERATED < big.domain.size
    assert (small.space.method, big.space.method) == ("enumerated", "implicit")


def test_hot_queries_take_well_under_ten_microseconds() -> None:
    # The point is an order of magnitude (they take a third of a microsecond), not this machine's mood.
    domain = Domain(tuple(Integer(f"i{n}", 1, 10) for n in range(3)))
    stream = random.Random(2)
    terms = {
        issue.name: (Fraction(1, 3), Table(tuple(Fraction(stream.random()) for _ in range(10))))
        for issue in domain.issues
    }
    names: dict[str, object] = {"space": LinearAdditive(domain, terms).space}
    marks = [stream.uniform(0, SCALE) for _ in range(500)]
    names["marks"] = marks
    for name in ("nearest", "lowest_at_or_above", "count_at_or_above"):
        calls = f"[space.{name}(mark) for mark in marks]"
        best = min(timeit.repeat(calls, globals=names, number=1, repeat=9))
        assert best / len(marks) < 10e-6


@pytest.mark.parametrize("utility", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("issues", [2, 12])
def test_nothing_is_near_what_is_not_finite(issues: int, utility: float) -> None:
    space = additive([[0, 1, 2, 3, 4, 5]] * issues).space
    with pytest.raises(DomainError, match="a finite number is expected"):
        space.nearest(utility)
    with pytest.raises(DomainError, match="a finite number is expected"):
        space.lowest_at_or_above(utility)


@pytest.mark.parametrize("issues", [2, 12])
def test_bands_may_be_open(issues: int) -> None:
    space = additive([[0, 1, 2, 3, 4, 5]] * issues).space
    assert space.count_at_or_above(-math.inf) == space.size
    assert space.count_at_or_above(math.inf) == 0
    assert space.sample(-math.inf, math.inf, random.Random(1)) is not None
    assert space.sample(space.max_utility + 0.5, math.inf, random.Random(1)) is None
