"""Sellers with stock, buyers who replenish, and one buyer at several desks."""

import pytest

from negotiate.checks import check_strategy
from negotiate.errors import LocalError, StrategyError
from negotiate.match import play
from negotiate.moves import Accept, Offer, Walk
from negotiate.protocol import Agreement
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.commerce import ReplenishingBuyer, StockSeller, marginal_value
from negotiate.strategies.outside import Belief, Desk, expected_best
from negotiate.strategy import Brief
from tests.strategies.test_named import DOMAIN, preferences, scenario


@pytest.mark.parametrize("name", ["stock_seller", "replenishing_buyer"])
def test_it_passes_the_checker(name):
    report = check_strategy(name, count=20)
    assert report, str(report)


def test_with_one_period_a_unit_is_worth_its_expected_revenue():
    assert marginal_value(1, [1.0] * 1, 0.0, 1.0) == pytest.approx(0.25)


def test_without_periods_a_unit_is_worth_nothing():
    assert marginal_value(3, [1.0] * 0, 0.0, 1.0) == 0


def test_stock_makes_units_cheaper_and_demand_dearer():
    assert marginal_value(5, [0.5] * 10, 0, 1) < marginal_value(1, [0.5] * 10, 0, 1)
    assert marginal_value(1, [0.5] * 20, 0, 1) > marginal_value(1, [0.5] * 10, 0, 1)


def test_a_unit_is_worth_more_before_demand_rises_than_before_it_falls():
    rising, falling = StockSeller(trend=1.2, arrival=0.3), StockSeller(trend=0.8, arrival=0.3)
    assert rising.demand()[:2] == pytest.approx([0.3, 0.36])
    assert max(StockSeller(trend=3.0).demand()) == 1.0
    assert rising.business_floor() > falling.business_floor()


@pytest.mark.parametrize("arrivals", [[0.3, 0.9], [0.9, 0.3], [0.5, 0.0, 0.7]])
def test_the_value_of_stock_is_what_trying_all_prices_finds(arrivals):
    def value(x: int, n: int) -> float:
        if x == 0 or n == len(arrivals):
            return 0.0
        sold, kept = value(x - 1, n + 1), value(x, n + 1)
        prices = [i / 100 for i in range(101)]
        return max(
            f * (p + sold) + (1 - f) * kept for p in prices for f in [arrivals[n] * (1 - p)]
        )

    for units in (1, 2):
        expected = value(units, 0) - value(units - 1, 0)
        assert marginal_value(units, arrivals, 0.0, 1.0) == pytest.approx(expected, abs=2e-3)


def test_a_seller_asks_more_for_its_last_unit():
    def ends_at(units: int) -> int:
        agents = [StockSeller(units=units), strategy("genius-hardliner").make()]
        match = play(AlternatingOffers(rounds=50), scenario(), agents)
        own = scenario().preferences[0].utility
        return min(own(t.outcome) for t in match.moves if t.party == 0 and t.outcome)

    assert ends_at(1) > ends_at(10)


def test_a_buyer_with_little_stock_concedes_earlier():
    def ended(stock: float) -> int:
        agents = [ReplenishingBuyer(stock=stock), strategy("genius-linear").make()]
        return play(AlternatingOffers(rounds=50), scenario(), agents).rounds

    assert ended(2.0) < ended(100.0)


def test_no_urgency_lowers_the_mandate():
    agents = [ReplenishingBuyer(stock=0.0, mandate=0.6), strategy("genius-hardliner").make()]
    match = play(AlternatingOffers(rounds=50), scenario(), agents)
    own = scenario().preferences[0].utility
    assert all(own(t.outcome) >= 0.6e9 for t in match.moves if t.party == 0 and t.outcome)


@pytest.mark.parametrize(
    "text", ["stock_seller[units=0]", "stock_seller[low=2.0]", "replenishing_buyer[daily=0.0]"]
)
def test_a_business_that_makes_no_sense_is_refused(text):
    with pytest.raises(StrategyError, match="makes no sense"):
        strategy(text)


@pytest.mark.parametrize(
    ("ranges", "best"),
    [
        ([], 0.0),
        ([(0.2, 0.4)], 0.3),
        ([(0, 1), (0, 1)], 2 / 3),
        ([(0, 1), (5, 6)], 5.5),
        ([(3, 3)], 3),
    ],
)
def test_the_mean_of_the_best_of_several(ranges, best):
    assert expected_best([Belief(*ends) for ends in ranges]) == pytest.approx(best, abs=1e-4)


RULES = AlternatingOffers(rounds=30)


def bargain(desk, sellers, rules=RULES):
    """Play one negotiation for each seller, a round of each in turn; the results."""
    table = []
    for name in sellers:
        buyer, seller = desk.thread(strategy("genius-linear").make()), strategy(name).make()
        for seat, (agent, own) in enumerate(
            zip((buyer, seller), scenario().preferences, strict=True)
        ):
            agent.begin(Brief(seat, "ab"[seat], ("a", "b"), DOMAIN, own, rules))
        table.append((buyer, seller, rules.start(DOMAIN, ("a", "b"))))
    while any(n.result is None for _, _, n in table):
        for buyer, seller, negotiation in table:
            for seat, agent in enumerate((buyer, seller)):
                if negotiation.result is None:
                    negotiation.push(seat, agent.respond(negotiation.view(seat)))
            if negotiation.result is not None:
                buyer.end(negotiation.result)
    return [n.result for _, _, n in table]


@pytest.mark.parametrize("deals", [1, 2])
def test_a_buyer_with_three_sellers_never_commits_more_often_than_it_wants(deals):
    results = bargain(
        Desk(deals=deals), ["genius-conceder", "genius-linear", "genius-conceder"]
    )
    assert sum(isinstance(result, Agreement) for result in results) == deals


def test_several_sellers_serve_a_buyer_better_than_one():
    def brought(sellers) -> int:
        own = scenario().preferences[0].utility
        results = bargain(Desk(), sellers)
        return max(own(r.outcome) for r in results if isinstance(r, Agreement))

    assert brought(["genius-linear", "genius-conceder"]) >= brought(["genius-linear"])


def begun(desk, number=2):
    threads = [desk.thread(strategy("genius-conceder").make()) for _ in range(number)]
    for thread in threads:
        thread.begin(Brief(0, "a", ("a", "b"), DOMAIN, preferences(1), RULES))
    return threads


def offered(outcome):
    negotiation = RULES.start(DOMAIN, ("a", "b"))
    negotiation.push(0, Offer((7, 7, 7)))
    negotiation.push(1, Offer(outcome))
    return negotiation


def test_a_thread_does_not_accept_less_than_another_was_offered():
    first, second = begun(Desk())
    first._note(offered((7, 7, 6)).view(0))
    move = second.respond(offered((7, 7, 5)).view(0))
    assert isinstance(move, Offer)


def test_switching_has_its_price():
    desk = Desk(switching=0.5)
    first, second = begun(desk)
    first._note(offered((7, 7, 6)).view(0))
    assert desk.outside(second, last=True) == first.standing - 0.5e9


def test_an_open_offer_elsewhere_is_the_runners_fault():
    first, second = begun(Desk())
    first.respond(RULES.start(DOMAIN, ("a", "b")).view(0))
    with pytest.raises(LocalError, match="still open"):
        second.respond(RULES.start(DOMAIN, ("a", "b")).view(0))


def test_once_signed_the_other_threads_walk():
    first, second = begun(Desk())
    assert first.respond(offered((7, 7, 7)).view(0)) == Accept()
    assert second.respond(offered((7, 7, 7)).view(0)) == Walk()
