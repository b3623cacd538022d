"""Random scenarios: what is asked for is what comes, and the same comes everywhere."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.domain.bargaining import solve
from negotiate.domain.formats import write
from negotiate.domain.formats.toml import read
from negotiate.domain.generate import KINDS, Design, balance_of, generate
from negotiate.domain.preferences import SCALE
from negotiate.domain.sizes import sizes_of
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from negotiate.domain.scenario import Scenario


GOLDEN = "d3051ec520aafabd19fe8415f815fb725e8aefe8c81d3284f9949888ca4334ef"


def one(design: Design | None = None, seed: int = 0) -> Scenario:
    return next(generate(design, seed=seed))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 8) | st.none())
def test_sizes_multiply_to_the_number_of_outcomes(outcomes: int, issues: int | None) -> None:
    try:
        sizes = sizes_of(outcomes, issues)
    except DomainError:  # see below
        assert issues is not None
        return
    assert prod(sizes) == outcomes
    assert issues in (None, len(sizes))
    assert len(sizes) == 1 or min(sizes) > 1


def test_a_thousand_outcomes_are_three_issues_of_ten() -> None:
    assert sizes_of(1000) == (10, 10, 10)
    assert sizes_of(1000, 2) == (40, 25)
    assert one().domain.size == 1000


def test_numbers_without_such_factors_are_told_with_one_that_has_them() -> None:
    with pytest.raises(DomainError, match="997 outcomes do not spread over 3 issues") as caught:
        sizes_of(997, 3)
    assert "1,000 do: 10 x 10 x 10" in caught.value.help
    for wrong in (0, 10**16):
        with pytest.raises(DomainError):
            sizes_of(wrong)


def test_the_same_seed_gives_the_same_bytes_for_ever() -> None:
    design = Design(
        kinds=KINDS, sizes=(3, 4, 2, 5, 3), opposition=0.4, balance=0.05, reservation=(0, 0.4)
    )
    text = "".join(write(scenario) for scenario in generate(design, count=3, seed="golden"))
    assert hashlib.sha256(text.encode()).hexdigest() == GOLDEN


def test_a_scenario_depends_on_its_number_and_not_on_how_many_there_are() -> None:
    few, many = list(generate(count=2, seed=1)), list(generate(count=5, seed=1))
    assert [s.digest for s in few] == [s.digest for s in many[:2]]
    assert len({s.digest for s in many}) == 5
    assert one(seed=2).digest != one(seed=1).digest


@pytest.mark.parametrize("target", [0.1, 0.3, 0.5, 0.68])
def test_opposition_and_balance_come_near_their_targets(target: float) -> None:
    for scenario in generate(Design(opposition=target, balance=-0.1), count=3, seed=4):
        assert solve(scenario.preferences).opposition == pytest.approx(target, abs=0.01)
        assert balance_of(scenario.preferences) == pytest.approx(-0.1, abs=1e-4)
        assert "Opposition 0." in scenario.description


def test_opposition_of_three_parties_is_controlled_too() -> None:
    found = solve(one(Design(outcomes=125, parties=3, opposition=0.4)).preferences)
    assert found.opposition == pytest.approx(0.4, abs=0.01)


def test_what_is_out_of_reach_is_told_with_the_nearest() -> None:
    with pytest.raises(DomainError, match=r"out of reach; 0\.70\d+ is the nearest") as caught:
        one(Design(opposition=0.95))
    assert caught.value.code == "out-of-reach"
    with pytest.raises(DomainError, match=r"balance of 0\.99 is out of reach"):
        one(Design(balance=0.99))
    with pytest.raises(DomainError, match="out of reach"):
        one(Design(sizes=(1,), balance=0.1))


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.lists(st.sampled_from(KINDS), min_size=1, max_size=5),
    st.integers(2, 4),
    st.integers(0, 10**9),
)
def test_every_party_gets_from_nothing_to_one_and_files_read_back(
    sizes: list[int], kinds: list[str], parties: int, seed: int
) -> None:
    scenario = one(Design(sizes=tuple(sizes), kinds=tuple(kinds), parties=parties), seed)
    assert scenario.domain.sizes == tuple(sizes)
    for own in scenario.preferences:
        assert own.space.max_utility == SCALE
        assert max(sizes) == 1 or own.space.min_utility >= 0
        assert sum(weight for weight, _ in own.terms.values()) == 1
    assert read(write(scenario).encode(), "x.toml").digest == scenario.digest


def test_numbers_and_days_are_valued_in_order() -> None:
    for own in one(Design(sizes=(7, 7, 7, 7), kinds=KINDS[1:])).preferences:
        for table in own.tables:
            assert list(table) in (sorted(table), sorted(table, reverse=True))


def test_reservation_and_discount_lie_between_their_ends() -> None:
    design = Design(reservation=(Fraction(1, 10), Fraction(3, 10)), discount=(0.5, 0.5))
    owners = [own for s in generate(design, count=4) for own in s.preferences]
    assert all(0.1 * SCALE <= own.reservation <= 0.3 * SCALE for own in owners)
    assert len({own.reservation for own in owners}) > 4
    assert {own.discount for own in owners} == {Fraction(1, 2)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kinds": ("colour",)},
        {"kinds": ()},
        {"parties": 1},
        {"parties": 3, "balance": 0.0},
        {"opposition": -0.1},
        {"reservation": (1, 0)},
    ],
    ids=str,
)
def test_designs_without_meaning_are_told(wrong: dict[str, Any]) -> None:
    with pytest.raises(DomainError):
        Design(**wrong)
