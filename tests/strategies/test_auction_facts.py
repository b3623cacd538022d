# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""What theory predicts of bidders, reproduced by them in the protocols themselves; means at three standard errors.

Values are uniform from 0 to a million, and known to be so by all.
"""

from __future__ import annotations

from functools import cache
from math import sqrt
from random import Random
from statistics import fmean, stdev
from typing import TYPE_CHECKING

import pytest

from negotiate.bidder import Stake
from negotiate.domain import Domain, Money
from negotiate.host import hold
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.english import English
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.strategies.bidding.equilibrium import Rivals, first_price_bid
from negotiate.strategies.bidding.linear import LinearDouble
from negotiate.strategies.bidding.shading import AllPayEquilibrium, FirstPriceEquilibrium
from negotiate.strategies.bidding.truthful import DemandReduction, Proxy, Truthful

if TYPE_CHECKING:
    from negotiate.protocol import Protocol
    from tests.strategies.floor import Maker

ONE = 10**6
DOMAIN = Domain((Money("price", 0, ONE),))
SESSIONS = 300


def assert_mean(found: list[float], expected: float) -> None:
    error = stdev(found) / sqrt(len(found))
    assert abs(fmean(found) - expected) <= 3 * error, (fmean(found), expected, error)


def earned(
    rules: Protocol, maker: Maker, n: int, tick: int = 1000, units: int = 1
) -> list[float]:
    """What the seller earns, session for session."""
    random, found = Random(f"{rules} {n}"), list[float]()
    for seed in range(SESSIONS):
        values = [random.randrange(ONE + 1) for _ in range(n)]
        seats = [(f"b{place}", maker()) for place in range(n)]
        stakes = [Stake(values=(value,) * units) for value in values]
        host = hold(rules, DOMAIN, seats, stakes, seed=seed, bounds=(0, ONE), tick=tick)
        result = host.negotiation.result
        found.append(float(sum(getattr(result, "payments", (0,)))) / ONE)
    return found


SAME: dict[str, tuple[Protocol, Maker, int]] = {
    "first price": (SealedBid(), FirstPriceEquilibrium, 1000),
    "second price": (SealedBid(price="second"), Truthful, 1000),
    "committed": (SealedBid(price="second", commit_reveal=True), Truthful, 1000),
    "all-pay": (SealedBid(price="all-pay"), AllPayEquilibrium, 1000),
    "dutch": (ClockAuction(opening=ONE, step=ONE // 100), FirstPriceEquilibrium, 1000),
    "proxy": (English(form="proxy", end=2000), Proxy, 1000),
    "japanese": (
        ClockAuction(form="japanese", opening=0, step=ONE // 100, last=ONE, pays="last_common"),
        Truthful, 1000,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "maker", "tick"), SAME.values(), ids=SAME)
def test_every_standard_auction_earns_the_same(
    rules: Protocol, maker: Maker, tick: int
) -> None:
    """On a clock with steps of d, within d / 2 of it."""
    shift = {"dutch": -0.005, "japanese": -0.005}.get(str(rules.model_dump().get("form")), 0.0)
    assert_mean([one - shift for one in earned(rules, maker, 3, tick)], 1 / 2)


def test_a_reserve_of_a_half_earns_what_theory_says() -> None:
    expected = 0.53125
    reserve = ONE // 2
    assert_mean(earned(SealedBid(reserve=reserve), FirstPriceEquilibrium, 3), expected)
    assert_mean(earned(SealedBid(price="second", reserve=reserve), Truthful, 3), expected)


def test_risk_averse_bidders_pay_more_at_first_price() -> None:
    for rho, n in ((0.5, 3), (0.8, 2)):
        expected = (n - 1) / (n - 1 + rho) * n / (n + 1)
        assert_mean(
            earned(SealedBid(), lambda rho=rho: FirstPriceEquilibrium(rho=rho), n), expected
        )


def test_reduced_demand_leaves_the_seller_nothing() -> None:
    rules = MultiUnit(units=2, price="uniform")
    assert_mean(earned(rules, Truthful, 2, units=2), 2 / 3)
    assert set(earned(rules, DemandReduction, 2, units=2)) == {0.0}


@cache
def rivals(n: int) -> Rivals:
    return Rivals(lambda value: min(max(value, 0.0), 1.0), n)


def gains(n: int, value: float, bids: list[float]) -> list[float]:
    """Mean gain of each bid against n - 1 rivals in equilibrium at first price."""
    random = Random(f"response {n} {value}")
    most = [(n - 1) / n * max(random.random() for _ in range(n - 1)) for _ in range(20_000)]
    return [(value - bid) * sum(bid > other for other in most) / len(most) for bid in bids]


@pytest.mark.parametrize(("n", "value"), [(2, 0.6), (3, 0.9), (5, 0.5)])
def test_the_equilibrium_bid_is_the_best_answer(n: int, value: float) -> None:
    bids = [step / 40 * value for step in range(41)]
    found = gains(n, value, bids)
    best = bids[found.index(max(found))]
    expected = first_price_bid(value, rivals(n))
    assert expected is not None
    assert best == pytest.approx(expected, abs=0.06)
    assert max(found) - gains(n, value, [expected])[0] < 0.002


def test_the_best_answer_of_the_risk_averse_is_to_bid_more() -> None:
    n, value, rho = 2, 0.8, 0.5
    bids = [step / 100 for step in range(80)]
    chances = [g / (value - b) for g, b in zip(gains(n, value, bids), bids, strict=True)]
    # Against rivals who shade as the risk averse do, the chance to win with a bid is that of a risk-neutral bid
    # smaller by the same factor.
    factor = (n - 1) / n / ((n - 1) / (n - 1 + rho))
    worth = [
        (value - bid / factor) ** rho * chance if bid / factor < value else 0.0
        for bid, chance in zip(bids, chances, strict=True)
    ]
    best = bids[worth.index(max(worth))] / factor
    assert best == pytest.approx(first_price_bid(value, rivals(n), risk=rho), abs=0.04)


def test_what_a_value_expects_to_pay_does_not_depend_on_the_rule() -> None:
    n, value = 3, 0.8
    random = Random("interim")
    rows = [[random.random() for _ in range(n - 1)] for _ in range(20_000)]
    expected = (n - 1) * value**n / n
    bid = first_price_bid(value, rivals(n))
    assert bid is not None
    assert_mean([bid if max(row) < value else 0.0 for row in rows], expected)
    assert_mean([max(row) if max(row) < value else 0.0 for row in rows], expected)


def test_the_linear_equilibrium_trades_in_the_protocol() -> None:
    random, traded, gained = Random("linear"), list[float](), list[float]()
    for seed in range(2 * SESSIONS):
        v, c = random.randrange(ONE + 1), random.randrange(ONE + 1)
        seats = [("b", LinearDouble()), ("s", LinearDouble())]
        stakes = [Stake(values=(v,)), Stake("sell", (c,))]
        host = hold(DoubleAuction(), DOMAIN, seats, stakes, seed=seed, bounds=(0, ONE))
        done = bool(getattr(host.negotiation.result, "units", ()))
        traded.append(float(done))
        gained.append((v - c) / ONE if done else 0.0)
    assert_mean(traded, 9 / 32)
    assert_mean(gained, 9 / 64)


def test_the_best_answer_in_the_bilateral_double_auction() -> None:
    """A buyer of value 0.7 against the linear seller: the best bid of a grid is 2 v / 3 + 1 / 12 = 0.55."""
    random = Random("bilateral")
    asks = [2 * random.random() / 3 + 1 / 4 for _ in range(20_000)]
    bids = [step / 50 for step in range(51)]
    worth = [sum(0.7 - (bid + ask) / 2 for ask in asks if ask <= bid) for bid in bids]
    assert bids[worth.index(max(worth))] == pytest.approx(0.55, abs=0.03)
