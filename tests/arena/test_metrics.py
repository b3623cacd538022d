from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.arena.metrics import Yardstick, advantage, distance, nash_product, welfare
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from tests.arena.conftest import scenario, three

UNIT = 10**9
utilities = st.integers(-(10**9), 2 * 10**9)


def test_advantage_is_the_share_of_what_there_was_to_gain() -> None:
    assert advantage(60, 40, 80) == 0.5
    assert advantage(40, 40, 80) == 0
    assert advantage(30, 40, 80) == -0.25
    assert advantage(40, 40, 40) is None


def test_welfare_is_the_sum() -> None:
    assert welfare((3, 4, 5)) == 12


def test_the_nash_product_counts_no_loss_as_a_gain() -> None:
    assert nash_product((8 * UNIT // 10, 6 * UNIT // 10), (2 * UNIT // 10, UNIT // 10)) == 0.3
    assert nash_product((0, 0), (UNIT, UNIT)) == 0


@given(st.lists(utilities, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_distance_is_euclidean(one: list[int], chance: object) -> None:
    other = [utility // 2 for utility in one]
    assert distance(one, one) == 0
    assert distance(one, other) == distance(other, one)
    expected = math.dist([u / UNIT for u in one], [u / UNIT for u in other])
    assert distance(one, other) == pytest.approx(expected)


@pytest.mark.parametrize("played", [scenario("two"), three("three")])
def test_distances_agree_with_enumeration(played: Scenario) -> None:
    own = played.preferences
    points = {tuple(p.utility(o) for p in own) for o in played.domain.outcomes()}
    frontier = [
        p for p in points if not any(q != p and all(a >= b for a, b in zip(q, p, strict=True)) for q in points)
    ]  # fmt: skip
    reservations = [p.reservation for p in own]
    rational = [p for p in points if all(a >= r for a, r in zip(p, reservations, strict=True))]
    nash = max(rational, key=lambda p: (nash_product(p, reservations), sum(p)))
    yardstick = Yardstick(played)
    assert yardstick.best == tuple(max(p[i] for p in points) for i in range(len(own)))
    for point in points:
        found = yardstick.measure(point)
        nearest = min(math.dist(point, other) for other in frontier) / UNIT
        assert found.pareto_distance == pytest.approx(nearest)
        assert (found.pareto_distance == 0) == (point in frontier)
        assert found.nash_distance == pytest.approx(math.dist(point, nash) / UNIT)
        assert found.welfare == sum(point)
        assert found.advantages == pytest.approx(
            [
                (u - r) / (b - r)
                for u, r, b in zip(point, reservations, yardstick.best, strict=True)
            ]
        )


def test_without_a_rational_outcome_there_is_no_nash_point() -> None:
    domain = Domain((Choice("c", ("x", "y")),))
    roles = [
        Role(
            name, LinearAdditive(domain, {"c": (1, Table(values))}, reservation=Fraction(9, 10))
        )
        for name, values in (
            ("a", (Fraction(1), Fraction(0))),
            ("b", (Fraction(0), Fraction(1))),
        )
    ]
    found = Yardstick(Scenario("none", domain, tuple(roles))).measure(
        (900_000_000, 900_000_000)
    )
    assert found.nash_distance is None
    assert found.nash_product == 0


def test_measuring_twice_is_measuring_once() -> None:
    yardstick = Yardstick(scenario("one"))
    for point in product((200_000_000, 500_000_000), repeat=2):
        assert yardstick.measure(point) is yardstick.measure(point)
