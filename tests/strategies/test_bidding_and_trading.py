# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false, reportOptionalOperand=false
"""Equilibrium bids against their formulas, and zero intelligence against Gode & Sunder."""

from __future__ import annotations

from random import Random
from statistics import fmean

import pytest

from negotiate.domain import Domain, Money
from negotiate.errors import StrategyError
from negotiate.host import Host
from negotiate.moves import Cancel, Order
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.strategies.bidding.equilibrium import Rivals, all_pay_bid, first_price_bid
from negotiate.strategies.trading.zic import ZeroIntelligence

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


BUYERS = [tuple(range(195 - 5 * n, 60, -50)) for n in range(6)]
SELLERS = [tuple(range(5 + 5 * n, 140, 50)) for n in range(6)]
DOMAIN = Domain([Money("unit", 0, 200)])


def session(seed: int) -> tuple[Host, list[ZeroIntelligence]]:
    random = Random(seed)
    traders = [ZeroIntelligence("buy", limits, random) for limits in BUYERS]
    traders += [ZeroIntelligence("sell", limits, random) for limits in SELLERS]
    names = [f"t{n}" for n in range(len(traders))]
    host = Host(ContinuousMarket().start(DOMAIN, names))
    for at in range(1500):
        party = random.randrange(len(traders))
        move = traders[party](host.negotiation.view(party))
        if move is not None:
            assert not host.receive(party, move, at).code
    host.advance(180_000)
    return host, traders


def efficiency(host: Host, traders: list[ZeroIntelligence]) -> float:
    values = sorted((v for t in traders if t.side == "buy" for v in t.limits), reverse=True)
    costs = sorted(c for t in traders if t.side == "sell" for c in t.limits)
    most = sum(v - c for v, c in zip(values, costs, strict=False) if v > c)
    gain = 0
    for trader, units in zip(traders, host.negotiation.result.units, strict=True):
        done = trader.limits[: abs(units)]
        gain += sum(done) if trader.side == "buy" else -sum(done)
    return gain / most


def test_zero_intelligence_is_nearly_efficient_and_never_loses() -> None:
    shares = []
    for seed in range(100):
        host, traders = session(seed)
        shares.append(efficiency(host, traders))
        result = host.negotiation.result
        for trader, units, paid in zip(traders, result.units, result.payments, strict=True):
            worth = sum(trader.limits[: abs(units)])
            assert (worth if trader.side == "buy" else -worth) >= paid
    assert fmean(shares) > 0.97


def test_it_quotes_within_the_limit_and_withdraws_before_it_quotes_again() -> None:
    trader = ZeroIntelligence("buy", [50], Random(1))
    market = ContinuousMarket().start(DOMAIN, ["a", "b"])
    first, second = trader(market.view(0)), trader(market.view(0))
    assert isinstance(first, Order)
    assert first.price <= 50
    assert second == Cancel(first.id)
    with pytest.raises(StrategyError):
        ZeroIntelligence("buy", [201], Random(1))
