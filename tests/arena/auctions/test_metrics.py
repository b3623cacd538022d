"""Metrics of auctions and markets, worked by hand."""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.arena import Tournament, run
from negotiate.arena.auctions.metrics import (
    Equilibrium,
    Sealed,
    best_gains,
    bundle_worth,
    efficiency,
    equilibrium,
    market_gains,
    optimal_purchase,
    optimal_sale,
    optimal_unequal,
    sealed_profit,
    sealed_regret,
    smith_alpha,
    winners_curse,
)
from negotiate.arena.auctions.results import AuctionResults
from negotiate.bidder import AuctionView, Bidder
from negotiate.domain.distributions import Sample, Uniform
from negotiate.domain.markets import Market
from negotiate.domain.values import Common, PrivateValues, Schedule
from negotiate.moves import Bid
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.sealed_bid import SealedBid

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.moves import AnyMove

limits = st.lists(st.integers(0, 30), min_size=1, max_size=6)


def test_equilibrium_is_an_interval_of_prices_and_a_quantity() -> None:
    found = equilibrium([10, 8, 6, 3], [1, 4, 5, 9])
    assert found == Equilibrium(3, 5, 6)
    assert found.price == Fraction(11, 2)


def test_without_gains_from_trade_the_quantity_is_nought() -> None:
    assert equilibrium([4, 2], [5, 7]) == Equilibrium(0, 4, 5)


@given(limits, limits)
def test_at_an_equilibrium_price_as_much_is_wanted_as_offered(
    values: list[int], costs: list[int]
) -> None:
    found = equilibrium(values, costs)
    low = 0 if found.low is None else found.low
    for price in {low, low + 1 if found.high is None else found.high}:
        wanted = sum(value > price for value in values), sum(value >= price for value in values)
        offered = sum(cost < price for cost in costs), sum(cost <= price for cost in costs)
        assert max(wanted[0], offered[0]) <= min(wanted[1], offered[1])
        assert max(wanted[0], offered[0]) <= found.quantity


def test_gains_are_the_area_between_demand_and_supply() -> None:
    assert market_gains([10, 8, 6, 3], [1, 4, 5, 9]) == 9 + 4 + 1
    assert best_gains([10, 8, 6], 2, outside=7) == 3 + 1
    assert efficiency(7, 14) == 0.5
    assert efficiency(0, 0) is None


def test_alpha_is_the_root_mean_square_distance_in_per_cent() -> None:
    assert smith_alpha([90, 110, 100], 100) == pytest.approx(100 * sqrt(200 / 3) / 100)
    assert smith_alpha([], 100) is None


def test_the_optimal_auction_is_second_price_at_the_reserve() -> None:
    assert [optimal_sale(values, 50) for values in ([80, 60], [80, 20], [40, 20])] == [
        60,
        50,
        0,
    ]
    assert [optimal_purchase(costs, 70) for costs in ([10, 60], [10, 90], [80])] == [
        60,
        70,
        None,
    ]
    assert optimal_unequal([90, 120], [(0, 100), (0, 200)]) == 70  # virtual values 80 and 40


def sealed(price: str, *bids: int, reserve: int | None = None, reverse: bool = False) -> Sealed:
    return Sealed(price, reserve, reverse, tuple(enumerate(bids)))


@pytest.mark.parametrize(
    ("auction", "worth", "regret"),
    [
        (sealed("first", 70, 60, 20), 100, 10),  # 60 wins, being earlier
        (sealed("first", 50, 60, 20), 100, 40),  # 60 wins, being earlier
        (sealed("first", 50, 60, 20), 55, 0),
        (sealed("second", 100, 60), 100, 0),
        (sealed("second", 10, 60), 100, 40),
        (sealed("second", 100, 60), 40, 20),  # it should have lost
        (sealed("all-pay", 50, 60), 100, 50 + 40),
        (sealed("first", 30, 10, reserve=25), 100, 5),
        (sealed("first", 30, 50, reverse=True), 10, 20),  # it could have asked for 50
    ],
)
def test_regret_is_what_the_best_bid_would_have_brought_more(
    auction: Sealed, worth: int, regret: int
) -> None:
    assert sealed_regret(auction, 0, worth) == regret


@given(
    st.sampled_from(["first", "second", "third", "all-pay"]),
    st.lists(st.integers(0, 12), min_size=1, max_size=4),
    st.integers(0, 12),
    st.one_of(st.none(), st.integers(0, 12)),
)
def test_no_bid_would_have_brought_more_than_the_regret_says(
    price: str, bids: list[int], worth: int, reserve: int | None
) -> None:
    auction = sealed(price, *bids, reserve=reserve)
    best = max(
        0,
        *(
            sealed_profit(sealed(price, bid, *bids[1:], reserve=reserve), 0, worth)
            for bid in range(15)
        ),
    )
    assert sealed_regret(auction, 0, worth) == best - sealed_profit(auction, 0, worth)


def test_truth_has_no_regret_at_second_price() -> None:
    assert all(sealed_regret(sealed("second", v, 5, 9), 0, v) == 0 for v in range(15))


def test_winners_are_cursed_that_lose_by_winning() -> None:
    assert winners_curse([5, -3, -9], [0, 1, 0]) == 1
    assert winners_curse([5, 0], [1, 1]) == 0
    assert winners_curse([0, 0], [0, 0]) is None


def test_a_set_of_items_is_worth_its_best_package() -> None:
    packages = {frozenset("a"): 4, frozenset("ab"): 9, frozenset("c"): 5}
    assert bundle_worth(packages, frozenset("ab")) == 9
    assert bundle_worth(packages, frozenset("ac")) == 5
    assert bundle_worth(packages, frozenset()) == 0


# In a run


def held(tmp: Path, market: Market, rules: SealedBid | CallMarket, *who: str) -> AuctionResults:
    results = run(Tournament([market], who, rules, repetitions=3), tmp, workers=0)
    assert isinstance(results, AuctionResults)
    return results


def test_a_sale_among_known_values(tmp_path: Path) -> None:
    values = (Sample((500, 500)), Sample((800, 800)), Sample((300, 300)))
    market = Market("known", PrivateValues(values), 3, outside=100)
    (sale, *_) = held(tmp_path, market, SealedBid(price="second"), "truthful").sales
    assert sale.units == (0, 1, 0)
    assert sale.payments == (0, 500, 0)
    assert sale.profits == (0, 300, 0)
    assert (sale.revenue, sale.gains, sale.best_gains, sale.efficiency) == (500, 700, 700, 1)
    assert (sale.prices, sale.regrets, sale.trades) == ((500,), (0, 0, 0), 1)


def test_a_call_market_with_a_known_schedule(tmp_path: Path) -> None:
    market = Market("pit", Schedule((100, 60), (20, 40)), 8)
    (sale, *_) = held(tmp_path, market, CallMarket(), "truthful").sales
    assert sale.units == (1, 1, 1, 1, -1, -1, -1, -1)
    assert sale.equilibrium == (4, 40, 60)
    assert sale.prices == (50,) * 4
    assert (sale.alpha, sale.trades, sale.revenue) == (0, 4, 0)
    assert (sale.gains, sale.efficiency) == (80 + 80 + 20 + 20, 1)
    assert sale.profits == (50, 50, 10, 10, 30, 30, 10, 10)


class Believes(Bidder):
    """Takes its estimate for the truth."""

    plays = ("sealed-bid",)

    def respond(self, view: AuctionView) -> AnyMove | None:
        return Bid(self.brief.stake.values[0])


def test_with_a_common_value_who_believes_its_estimate_is_cursed(tmp_path: Path) -> None:
    market = Market("oil", Common(Uniform(1000, 4000), 500), 5)
    tournament = Tournament([market], [Believes], SealedBid(price="second"), repetitions=60)
    results = run(tournament, tmp_path, workers=0)
    assert isinstance(results, AuctionResults)
    merit = results.merits[results.strategies[0]]
    assert merit.profit is not None
    assert merit.profit < 0
    curses = [sale.curse for sale in results.sales if sale.curse is not None]
    assert sum(curses) / len(curses) > 0.6


def test_revenue_is_compared_with_the_optimal_auction_at_the_same_values(
    tmp_path: Path,
) -> None:
    market = Market("lot", PrivateValues((Uniform(0, 1000),)), 2)
    plain = held(tmp_path / "a", market, SealedBid(price="second"), "truthful")
    best = held(tmp_path / "b", market, SealedBid(price="second", reserve=500), "truthful")
    assert best.merits["truthful"].revenue_ratio == 1
    assert all(sale.best_revenue in (0, 500, sale.revenue) for sale in plain.sales)


def test_the_regret_of_a_strategy_is_what_another_would_get_more(tmp_path: Path) -> None:
    market = Market("lot", PrivateValues((Uniform(0, 1000),)), 2)
    rules = SealedBid(price="first")
    tournament = Tournament(
        [market], ["truthful", "first_price_equilibrium"], rules, repetitions=40
    )
    results = run(tournament, tmp_path, workers=0)
    assert isinstance(results, AuctionResults)
    mean = results.payoffs.mean
    assert results.strategies == ("first_price_equilibrium", "truthful")
    assert results.merits["truthful"].regret == pytest.approx(mean[0][1] - mean[1][1])
    assert results.merits["first_price_equilibrium"].regret == 0
    assert results.merits["truthful"].profit == 0
