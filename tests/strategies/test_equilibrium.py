"""Equilibrium bids against their formulas."""

from __future__ import annotations

from random import Random

import pytest

from negotiate.errors import StrategyError
from negotiate.strategies.bidding.equilibrium import Rivals, all_pay_bid, first_price_bid

VALUES = [0.1, 0.35, 0.6, 0.8, 1.0]


def uniform(value: float) -> float:
    return min(max(value, 0.0), 1.0)


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_uniform_values_have_the_known_bids(n: int) -> None:
    rivals = Rivals(uniform, n)
    for v in VALUES:
        assert first_price_bid(v, rivals) == pytest.approx((n - 1) * v / n, abs=1e-6)
        assert all_pay_bid(v, rivals) == pytest.approx((n - 1) * v**n / n, abs=1e-6)
        if v >= 0.5:
            expected = (n - 1) * v / n + 0.5**n / (n * v ** (n - 1))
            assert first_price_bid(v, rivals, 0.5) == pytest.approx(expected, abs=1e-6)
        for rho in (0.5, 0.8):
            averse = first_price_bid(v, rivals, risk=rho)
            assert averse == pytest.approx((n - 1) * v / (n - 1 + rho), abs=1e-4)


def test_no_bid_below_the_reserve() -> None:
    rivals = Rivals(uniform, 2)
    assert first_price_bid(0.4, rivals, 0.5) is None
    assert all_pay_bid(0.4, rivals, 0.5) is None
    assert first_price_bid(0.5, rivals, 0.5) == 0.5


def test_a_sample_stands_for_its_distribution() -> None:
    random = Random(1)
    rivals = Rivals.sampled([random.random() for _ in range(20_000)], 3)
    for v in VALUES:
        assert first_price_bid(v, rivals) == pytest.approx(2 * v / 3, abs=0.02)
        assert all_pay_bid(v, rivals) == pytest.approx(2 * v**3 / 3, abs=0.02)


def test_a_sample_of_two_by_hand() -> None:
    rivals = Rivals.sampled([4.0, 2.0], 2)
    assert first_price_bid(3.0, rivals) == 3 - 0.5 * 1 / 0.5
    assert first_price_bid(5.0, rivals) == 5 - (0.5 * 2 + 1 * 1)
    assert first_price_bid(1.0, rivals) == 0.0


def test_rivals_must_be_there() -> None:
    with pytest.raises(StrategyError):
        Rivals(uniform, 1)
    with pytest.raises(StrategyError):
        Rivals.sampled([], 2)
