"""Tournaments where quality counts, and of sellers that post prices to buyers who come in turn."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from negotiate.arena import Tournament, run
from negotiate.arena.auctions.results import AuctionResults
from negotiate.domain.arrivals import Arrivals
from negotiate.domain.distributions import Uniform
from negotiate.domain.markets import Market, load_market
from negotiate.domain.tenders import Quality, Tenders
from negotiate.errors import DomainError
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.scoring_auction import ScoringAuction
from tests.strategies.floor import surely_above

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.protocol import Protocol

SPEED = Quality("speed", ("slow", "fast"), (500, 800), (0, 10), Uniform(10, 50))
WORK = Market("work", Tenders(Uniform(100, 400), (SPEED,)), 3)
SHOP = Market("shop", Arrivals(Uniform(0, 1000), 150, cost=200), 151)


def held(
    tmp: Path, market: Market, rules: Protocol, *bidders: str, repetitions: int = 60
) -> AuctionResults:
    plan = Tournament([market], bidders, rules, repetitions=repetitions)
    results = run(plan, tmp, workers=0)
    assert isinstance(results, AuctionResults)
    assert results.failed == 0
    return results


# Where quality counts


def test_the_quality_that_is_offered_is_worth_more_than_it_costs(tmp_path: Path) -> None:
    results = held(tmp_path, WORK, ScoringAuction(), "truthful")
    assert results.merits["truthful"].efficiency == 1
    assert results.merits["truthful"].profit == 0


def test_first_and_second_score_leave_the_buyer_the_same(tmp_path: Path) -> None:
    """Revenue equivalence, of the surplus: Che (1993), proposition 1."""
    first = held(
        tmp_path / "1", WORK, ScoringAuction(), "first_price_equilibrium", repetitions=300
    )
    second = held(tmp_path / "2", WORK, ScoringAuction(rule="second_score"), "truthful", repetitions=300)  # fmt: skip
    gaps = [a.revenue - b.revenue for a, b in zip(first.sales, second.sales, strict=True)]
    assert not surely_above(gaps, 0)
    assert not surely_above([-gap for gap in gaps], 0)
    # Scores are whole cents, so that almost equal surpluses may tie.
    assert first.merits["first_price_equilibrium"].efficiency == pytest.approx(1, abs=1e-4)
    assert sum(sale.gains for sale in first.sales) > sum(sale.revenue for sale in first.sales)


def test_at_first_score_the_truth_is_regretted_and_at_second_score_not(tmp_path: Path) -> None:
    both = ("truthful", "first_price_equilibrium")
    first = held(tmp_path / "1", WORK, ScoringAuction(), *both)
    second = held(tmp_path / "2", WORK, ScoringAuction(rule="second_score"), *both)
    assert (first.merits["truthful"].regret or 0) > 0
    assert second.merits["truthful"].regret == 0


def test_the_surplus_is_of_the_best_level() -> None:
    model = WORK.model
    assert isinstance(model, Tenders)
    drawn = model.draw(1, lambda *names: Random(str(names)))
    (base,), ((_, own),) = drawn.known[0], drawn.costs[0]
    assert model.surplus(base, drawn.costs[0]) == max(500 - own[0], 800 - own[1]) - base
    assert own[0] == 0
    assert 100 <= own[1] <= 500


# Buyers who come in turn


def test_who_knows_the_demand_earns_what_theory_says_and_learners_less(tmp_path: Path) -> None:
    """The best price is (1000 + 200) / 2, and gains 400 from two buyers in five."""
    learners = ("exp3_price", "gradient_price", "ucb_price")
    results = held(tmp_path, SHOP, PostedPrice(seller=True), "monopoly_price", *learners, repetitions=4)  # fmt: skip
    found = {name: results.merits[name].profit or 0 for name in ("monopoly_price", *learners)}
    assert found["monopoly_price"] == pytest.approx(150 * 160, rel=0.1)
    assert results.merits["monopoly_price"].revenue_ratio == pytest.approx(1, abs=0.02)
    for name in learners:
        assert 0.4 * found["monopoly_price"] < found[name] < found["monopoly_price"]


def test_the_seller_alone_is_under_study(tmp_path: Path) -> None:
    results = held(tmp_path, SHOP, PostedPrice(seller=True), "ucb_price", "exp3_price", repetitions=1)  # fmt: skip
    assert {row.seats for row in results.rows} == {("ucb_price",), ("exp3_price",)}
    assert all(len(row.utilities) == 1 for row in results.rows)
    assert {len(sale.units) for sale in results.sales} == {151}
    assert {merit.regret for merit in results.merits.values()} == {None}


# What cannot be


def test_models_that_cannot_be_are_refused() -> None:
    cost = Uniform(1, 2)
    with pytest.raises(DomainError, match="as many of each"):
        Quality("speed", ("slow", "fast"), (1,), (0, 1), cost)
    with pytest.raises(DomainError, match="another name than 'price'"):
        Quality("price", ("slow",), (1,), (0,), cost)
    with pytest.raises(DomainError, match="distinct names"):
        Tenders(cost, (SPEED, SPEED))
    with pytest.raises(DomainError, match="1 to 700 are expected"):
        Arrivals(cost, 0)
    with pytest.raises(DomainError, match="less than the largest value"):
        Arrivals(cost, 5, cost=2)


def test_bundled_markets_have_these_forms() -> None:
    assert load_market("print-run").form == "tender"
    assert load_market("passing-trade").form == "arrivals"
    assert [issue.name for issue in load_market("print-run").domain.issues] == ["price", "delivery", "CO2"]  # fmt: skip
