# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false
"""Bidders in the auctions that they play: what they bid, what they win, and what they pay."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from statistics import fmean
from typing import TYPE_CHECKING

import pytest

from negotiate.bidder import Stake
from negotiate.domain import Domain, Money
from negotiate.host import Host, hold
from negotiate.protocol import Allocation, NoAgreement
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.english import English
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.protocols.unit_demand import UnitDemand
from negotiate.strategies.bidding.linear import LinearDouble
from negotiate.strategies.bidding.pricing import (
    Exp3Price,
    GradientPrice,
    MonopolyPrice,
    Pricer,
    UcbPrice,
)
from negotiate.strategies.bidding.shading import AllPayEquilibrium, FirstPriceEquilibrium
from negotiate.strategies.bidding.truthful import DemandReduction, Proxy, Sniper, Truthful

if TYPE_CHECKING:
    from negotiate.bidder import Bidder, Prior
    from negotiate.protocol import Protocol

DOMAIN = Domain((Money("price", 0, 1000),))


@dataclass(frozen=True)
class UniformPrior:
    low: float
    high: float

    def cdf(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


def held(
    protocol: Protocol,
    bidders: list[Bidder],
    stakes: list[Stake],
    prior: Prior | None = None,
    seed: int = 1,
) -> Host:
    seats = [(f"b{n}", bidder) for n, bidder in enumerate(bidders)]
    return hold(protocol, DOMAIN, seats, stakes, seed=seed, prior=prior, bounds=(0, 1000))


def buyers(*values: int) -> list[Stake]:
    return [Stake(values=(value,)) for value in values]


def sellers(*costs: int) -> list[Stake]:
    return [Stake("sell", (cost,)) for cost in costs]


def truthful(protocol: Protocol, stakes: list[Stake]) -> Host:
    host = held(protocol, [Truthful() for _ in stakes], stakes)
    assert {receipt.code for receipt in host.receipts} <= {""}
    return host


FORWARD: dict[str, tuple[Protocol, int]] = {
    "second price": (SealedBid(price="second"), 70),
    "commit and reveal": (SealedBid(price="second", commit_reveal=True), 70),
    "first price": (SealedBid(price="first"), 90),
    "japanese": (ClockAuction(form="japanese", opening=0, last=200, pays="last_common"), 70),
    "dutch": (ClockAuction(form="dutch", opening=200), 90),
    "ascending clock": (AscendingClock(units=1, last=200, pays="last_common"), 70),
    "vickrey of one unit": (MultiUnit(units=1, price="vickrey"), 70),
}


@pytest.mark.parametrize(("protocol", "paid"), FORWARD.values(), ids=FORWARD)
def test_the_truth_wins_for_the_highest_value(protocol: Protocol, paid: int) -> None:
    result = truthful(protocol, buyers(50, 90, 70)).negotiation.result
    assert (result.units, result.payments) == ((0, 1, 0), (0, paid, 0))


@pytest.mark.parametrize("form", ["outcry", "proxy"])
def test_open_outcry_ends_a_raise_above_the_second_value(form: str) -> None:
    rules = English.model_validate({"form": form, "increment": 5})
    result = truthful(rules, buyers(50, 90, 70)).negotiation.result
    assert result.units == (0, 1, 0)
    assert 65 <= result.payments[1] <= 75


def test_a_proxy_is_told_once() -> None:
    host = held(
        English(form="proxy", increment=5), [Proxy() for _ in range(3)], buyers(50, 90, 70)
    )
    assert host.negotiation.result == Allocation((0, 1, 0), (0, 75, 0), 1)
    assert max(Counter(receipt.party for receipt in host.receipts).values()) == 1


def test_sellers_compete_with_their_costs() -> None:
    for rules, paid in (
        (SealedBid(price="second", side="reverse"), -40),
        (ContractNet(), -30),
        (ContractNet(rounds=3), -30),
    ):
        result = truthful(rules, sellers(60, 30, 40)).negotiation.result
        assert result.payments == (0, paid, 0)


def test_who_wants_nothing_walks() -> None:
    for rules in (SealedBid(), SealedBid(commit_reveal=True), MultiUnit(), PostedPrice()):
        result = truthful(rules, [Stake(), Stake()]).negotiation.result
        assert isinstance(result, NoAgreement)


def test_several_units() -> None:
    stakes = [Stake(values=(90, 60)), Stake(values=(80, 70)), Stake(values=(50, 10))]
    for rules, due in (
        (MultiUnit(units=3, price="uniform"), (60, 120, 0)),
        (MultiUnit(units=3, price="vickrey"), (50, 110, 0)),
        (AscendingClock(units=3, last=200, pays="last_common"), (50, 110, 0)),
    ):
        result = truthful(rules, stakes).negotiation.result
        assert (result.units, result.payments) == ((1, 2, 0), due)


def test_reduced_demand_shares_for_nothing() -> None:
    stakes = [Stake(values=(90, 90)), Stake(values=(80, 80))]
    rules = MultiUnit(units=2, price="uniform")
    result = held(rules, [DemandReduction(), DemandReduction()], stakes).negotiation.result
    assert result == Allocation((1, 1), (0, 0), 1)
    assert truthful(rules, stakes).negotiation.result.payments == (160, 0)


def packages(**values: int) -> Stake:
    return Stake(packages=tuple((frozenset(name), value) for name, value in values.items()))


def test_items_go_to_those_who_value_them() -> None:
    stakes = [packages(A=60, B=20), packages(A=50, B=45)]
    for rules in (
        SimultaneousAscending(),
        UnitDemand(),
        Combinatorial(price="vcg"),
        CombinatorialClock(),
    ):
        result = truthful(rules, stakes).negotiation.result
        assert result.goods == ((1, 0), (0, 1)), rules
        assert sum(result.payments) <= 105


def test_a_package_beats_its_parts() -> None:
    stakes = [packages(AB=100), packages(A=30), packages(B=40)]
    result = truthful(Combinatorial(price="vcg"), stakes).negotiation.result
    assert (result.goods[0], result.payments) == ((1, 1), (70, 0, 0))


def test_alike_items_cost_as_little_as_there_is() -> None:
    stakes = [Stake(values=(60, 50)), Stake(values=(40,))]
    result = truthful(SimultaneousAscending(), stakes).negotiation.result
    assert sum(result.goods[0]) == 2
    assert 78 <= sum(result.payments) <= 84


def test_markets_and_positions_take_the_truth() -> None:
    traders = [*buyers(90, 40), *sellers(30, 80)]
    for rules in (CallMarket(), ContinuousMarket(), DoubleAuction()):
        result = truthful(rules, traders).negotiation.result
        assert (result.units[0], result.units[2]) == (1, -1)
    slots = truthful(PositionAuction(clicks=(10, 5)), buyers(4, 8)).negotiation.result
    assert slots.goods == ((2,), (1,))


def test_a_posted_price_is_taken_by_those_whom_it_suits() -> None:
    result = truthful(PostedPrice(price=50, units=3), buyers(49, 50, 90)).negotiation.result
    assert result.units == (0, 1, 1)


# -- equilibrium ---------------------------------------------------------------------------------------


def first_bid(bidder: Bidder, rules: Protocol, stake: Stake, prior: Prior | None = None) -> int:
    host = held(
        rules, [bidder, *(Truthful() for _ in range(2))], [stake, Stake(), Stake()], prior
    )
    return abs(int(host.negotiation.result.payments[0]))


SHADED: list[tuple[Bidder, Protocol, Stake, int]] = [
    (FirstPriceEquilibrium(), SealedBid(), Stake(values=(600,)), 400),
    (FirstPriceEquilibrium(rho=0.5), SealedBid(), Stake(values=(600,)), 480),
    (FirstPriceEquilibrium(), SealedBid(reserve=500), Stake(values=(600,)), 515),
    (FirstPriceEquilibrium(), ClockAuction(opening=1000), Stake(values=(600,)), 400),
    (FirstPriceEquilibrium(), ContractNet(), Stake("sell", (400,)), 600),
    (FirstPriceEquilibrium(), SealedBid(side="reverse"), Stake("sell", (400,)), 600),
    (AllPayEquilibrium(), SealedBid(price="all-pay"), Stake(values=(600,)), 144),
]  # fmt: skip


@pytest.mark.parametrize(("bidder", "rules", "stake", "expected"), SHADED)
def test_equilibrium_bids(bidder: Bidder, rules: Protocol, stake: Stake, expected: int) -> None:
    assert abs(first_bid(bidder, rules, stake) - expected) <= 1
    assert abs(first_bid(bidder, rules, stake, UniformPrior(0, 1000)) - expected) <= 1


def test_at_second_price_the_equilibrium_is_the_truth() -> None:
    for bidder in (FirstPriceEquilibrium(), AllPayEquilibrium()):
        host = held(SealedBid(price="second"), [bidder, Truthful()], buyers(600, 700))
        assert host.negotiation.result.payments == (0, 600)


def test_below_the_reserve_nobody_bids() -> None:
    for bidder, price in ((FirstPriceEquilibrium(), "first"), (AllPayEquilibrium(), "all-pay")):
        rules = SealedBid.model_validate({"price": price, "reserve": 500})
        host = held(rules, [bidder, Truthful()], [Stake(values=(400,)), Stake()])
        assert isinstance(host.negotiation.result, NoAgreement)


def test_all_pay_with_a_reserve_starts_where_it_breaks_even() -> None:
    rules = SealedBid(price="all-pay", reserve=160)
    bids = [first_bid(AllPayEquilibrium(), rules, Stake(values=(v,))) for v in (550, 1000)]
    least = (160 * 1000**2) ** (1 / 3)
    expected = 1000 - (1000**3 - least**3) / 3 / 1000**2
    assert abs(bids[0] - 164) <= 8
    assert abs(bids[1] - expected) <= 1


def test_the_linear_equilibrium_of_two() -> None:
    rules = DoubleAuction()
    for value, cost, price in ((900, 300, 567), (600, 300, None), (300, 900, None)):
        stakes = [Stake(values=(value,)), Stake("sell", (cost,))]
        result = held(rules, [LinearDouble(), LinearDouble()], stakes).negotiation.result
        if price is None:
            assert isinstance(result, NoAgreement) == (value < cost + 250)
        else:
            assert abs(float(result.payments[0]) - price) <= 1


# -- the close -----------------------------------------------------------------------------------------


def snipes(rules: English, success: float = 1.0) -> list[int]:
    """How often a sniper of value 70 wins against one that answers, and of value 90."""
    return [
        held(
            rules, [Sniper(success=success), Truthful()], buyers(70, 90), seed=seed
        ).negotiation.result.units[0]
        for seed in range(60)
    ]


def test_sniping_pays_against_a_hard_close_and_not_against_a_soft_one() -> None:
    hard = sum(snipes(English(end=10_000)))
    assert 15 <= hard <= 45  # half of the time the other one is asked after it
    assert sum(snipes(English(end=10_000, window=2000, extension=3000))) == 0
    assert sum(snipes(English(end=10_000), success=0.0)) == 0


def test_a_sniper_gives_its_proxy_all_it_has() -> None:
    host = held(English(form="proxy"), [Sniper(), Proxy()], buyers(90, 70))
    assert host.negotiation.result == Allocation((1, 0), (71, 0), 1)
    assert [receipt.at for receipt in host.receipts if receipt.party == 0] == [59_000]


# -- posted prices -------------------------------------------------------------------------------------


def sold(pricer: Pricer, sales: int, seed: int = 3, count: int = 25) -> tuple[float, float]:
    """Mean gain a buyer, and mean price paid, with values uniform on 0 to 1000 and a cost of 200."""
    random, gain, prices = Random(seed), 0.0, list[int]()
    rules = PostedPrice(seller=True, units=count, arrival=10, time_limit=20 * count)
    seats: list[tuple[str, Bidder]] = [("seller", pricer)]
    seats += [(f"b{n}", Truthful()) for n in range(count)]
    for sale in range(sales):
        values = [random.randrange(1001) for _ in range(count)]
        stakes = [Stake("sell", (200,)), *buyers(*values)]
        host = hold(rules, DOMAIN, seats, stakes, seed=seed + sale, bounds=(0, 1000), tick=10)
        assert {receipt.code for receipt in host.receipts} == {""}
        result = host.negotiation.result
        if isinstance(result, Allocation):
            prices += [int(paid) for paid in result.payments[1:] if paid]
            gain -= float(result.payments[0]) - 200 * result.units[0]
    return gain / count / sales, fmean(prices)


def test_a_monopolist_that_knows_demand_posts_the_best_price() -> None:
    gain, price = sold(MonopolyPrice(), 20)
    assert price == 600
    assert gain == pytest.approx(160, abs=30)


@pytest.mark.parametrize("pricer", [UcbPrice(c=0.2), Exp3Price(gamma=0.2), GradientPrice()])
def test_learners_come_near_the_best_price(pricer: Pricer) -> None:
    sold(pricer, 60)  # what they learn stays
    gain, price = sold(pricer, 20, seed=9)
    assert gain > 0.75 * 160
    assert 400 < price < 800
