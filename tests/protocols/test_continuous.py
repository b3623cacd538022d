# pyright: reportOptionalMemberAccess=false
"""The rules of experimental markets, the news that all see, and a market that nobody has closed yet."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from negotiate.domain import Domain, Money
from negotiate.errors import IllegalMove
from negotiate.host import Host
from negotiate.moves import Cancel, Order
from negotiate.protocols.continuous import ContinuousMarket, OpenMarket

if TYPE_CHECKING:
    from negotiate.bidder import News

DOMAIN = Domain((Money("unit", 0, 200),))
THREE = ["a", "b", "c"]


def opened(**rules: bool) -> OpenMarket:
    return ContinuousMarket.model_validate(rules).start(DOMAIN, THREE)


def told(news: News | None) -> list[tuple[str, int, int]]:
    entries = []
    while news is not None:
        entries.append(news[:3])
        news = news[3]
    return entries[::-1]


def test_everybody_sees_better_prices_and_trades_and_nothing_else() -> None:
    market = opened()
    market.push(0, Order("1", "buy", 50, 2))
    market.push(1, Order("1", "buy", 49, 2))
    market.push(1, Order("2", "sell", 60, 1))
    market.push(2, Order("1", "sell", 50, 3))
    market.push(0, Order("2", "buy", None, 1))
    market.push(1, Cancel("1"))
    assert told(market.view(2).news) == [
        ("bid", 50, 2),
        ("ask", 60, 1),
        ("sell", 50, 2),
        ("ask", 50, 1),
        ("buy", 50, 1),
    ]
    assert market.view(0).news is market.view(1).news
    assert market.view(0).tape == [(50, 2), (50, 1)]


def test_the_tape_of_a_snapshot_stays() -> None:
    market = opened()
    taken, trades = market.view(0), 0
    for n in range(1500):
        market.push(n % 2, Order(str(n), "buy" if n % 2 else "sell", 50 + n % 7, 1))
        if n == 700:
            taken, trades = market.view(0).snapshot(), len(market.trades)
            assert len(market.view(0).tape) == trades
    expected = [(trade.price, trade.qty) for trade in market.trades]
    assert taken.tape == expected[:trades]
    assert market.view(0).tape == expected == market.view(1).tape


def test_a_tape_is_the_newest_thousand() -> None:
    market = opened()
    for n in range(2600):
        market.push(n % 2, Order(str(n), "buy" if n % 2 else "sell", n, 1))
    expected = [(trade.price, trade.qty) for trade in market.trades[-1000:]]
    assert len(market.trades) > 1000
    assert market.view(2).tape == expected


def test_a_single_order_is_replaced_by_the_next() -> None:
    market = opened(single=True)
    market.push(0, Order("1", "buy", 50, 1))
    market.push(0, Order("2", "buy", 45, 1))
    assert (market.view(1).bid, market.view(0).mine, market.view(1).mine) == (45, 45, None)
    with pytest.raises(IllegalMove, match="no order"):
        market.push(0, Cancel("1"))
    market.push(0, Order("3", "sell", 70, 1))
    assert (market.view(1).bid, market.view(1).ask) == (None, 70)


def test_an_order_rests_only_if_it_betters_the_best() -> None:
    market = opened(improve=True)
    market.push(0, Order("1", "buy", 50, 1))
    market.push(0, Order("2", "sell", 60, 1))
    for order in (Order("1", "buy", 50, 1), Order("1", "sell", 61, 1)):
        with pytest.raises(IllegalMove) as caught:
            market.push(1, order)
        assert caught.value.code == "improve"
    market.push(1, Order("1", "sell", 59, 1))
    market.push(1, Order("2", "buy", 40, 1, "IOC"))
    market.push(2, Order("1", "buy", None, 1))
    assert market.view(2).position == 1
    assert market.view(2).ask == 60


def test_a_trade_clears_the_book() -> None:
    market = opened(clear=True)
    market.push(0, Order("1", "buy", 50, 1))
    market.push(1, Order("1", "buy", 51, 1))
    market.push(2, Order("1", "sell", 40, 3))
    assert [(trade.price, trade.qty) for trade in market.trades] == [(51, 1), (50, 1)]
    assert (market.view(0).bid, market.view(0).ask, market.view(2).mine) == (None, None, None)


@pytest.mark.parametrize("single", [False, True])
def test_what_the_view_shows_is_what_the_book_holds(single: bool) -> None:
    random, market = Random(f"shown {single}"), opened(single=single)
    for n in range(600):
        party, side = random.randrange(3), random.choice(("buy", "sell"))
        price = random.choice((None, *range(40, 60)))
        life = random.choice(("GTC", "GTC", "IOC", "FOK"))
        market.push(party, Order(str(n), side, price, random.randint(1, 3), life), n)
        view = market.view(random.randrange(3))
        live = market.book.live.values()
        assert view.bid == max((o.price for o in live if o.side == "buy"), default=None)
        assert view.ask == min((o.price for o in live if o.side == "sell"), default=None)
        if single:
            owners = [order.bidder for order in live]
            assert len(owners) == len(set(owners))


def test_an_order_after_the_close_is_late_however_long_the_market_was() -> None:
    host = Host(ContinuousMarket(time_limit=10_000).start(DOMAIN, THREE))
    for n in range(4000):
        assert not host.receive(
            n % 3, Order(str(n), "buy" if n % 2 else "sell", 100, 1), n
        ).code
    with pytest.raises(IllegalMove) as caught:
        host.negotiation.check(0, Order("late", "buy", 1, 1), 10_000)
    assert (caught.value.code, host.negotiation.result) == ("late", None)
