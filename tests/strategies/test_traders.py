# pyright: reportOptionalMemberAccess=false
"""What each trader quotes, hears and learns, by hand."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Literal

import pytest

from negotiate.bidder import BidderBrief, MarketView, Stake
from negotiate.domain import Domain, Money
from negotiate.errors import StrategyError
from negotiate.moves import Cancel, Order
from negotiate.protocols.continuous import ContinuousMarket, OpenMarket
from negotiate.strategies.trading.adaptive import AdaptiveAggressive
from negotiate.strategies.trading.belief import History
from negotiate.strategies.trading.gd import GDX, GjerstadDickhaut
from negotiate.strategies.trading.simple import Giveaway, Kaplan, Shaver
from negotiate.strategies.trading.trader import Trader, since
from negotiate.strategies.trading.zero_intelligence import Unconstrained, ZeroIntelligence
from negotiate.strategies.trading.zip import ZeroIntelligencePlus
from tests.strategies.floor import trade

if TYPE_CHECKING:
    from negotiate.bidder import News
    from tests.strategies.floor import Maker

DOMAIN = Domain((Money("unit", 0, 200),))
SINGLE = ContinuousMarket(single=True, time_limit=1000)
KINDS = [
    ZeroIntelligence, Unconstrained, ZeroIntelligencePlus, GjerstadDickhaut, GDX, AdaptiveAggressive, Kaplan,
    Giveaway, Shaver,
]  # fmt: skip


def seated(
    trader: Trader,
    *limits: int,
    side: Literal["buy", "sell"] = "buy",
    rules: ContinuousMarket = SINGLE,
) -> OpenMarket:
    """A market, with ``trader`` in its first seat and two empty chairs."""
    names = ("t", "x", "y")
    stake = Stake(side, limits)
    trader.begin(BidderBrief(0, names, DOMAIN, rules, stake, bounds=(0, 200), seed=1))
    return rules.start(DOMAIN, names)


def quotes(trader: Trader, market: OpenMarket, at: int = 0) -> int | None:
    """The price that the trader quotes now; the order is put into the market."""
    market.advance(at)
    move = trader.respond(market.view(0))
    if move is None:
        return None
    market.push(0, move, at)
    assert isinstance(move, Order)
    assert move.qty == 1
    return move.price


def put(market: OpenMarket, side: Literal["buy", "sell"], *prices: int, seat: int = 1) -> None:
    """Orders of a chair of their own in a market where each order stands."""
    for price in prices:
        market.push(
            seat, Order(f"{market.book.live.keys()}{price}"[-200:], side, price, 1), market.now
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "rules", [{}, {"single": True}, {"single": True, "improve": True}, {"clear": True}]
)
def test_no_trader_makes_an_illegal_move_or_a_loss(kind: Maker, rules: dict[str, bool]) -> None:
    stakes = [Stake("buy", (150, 90)), Stake("buy", (120,)), Stake("buy", (200, 200, 0))]
    stakes += [
        Stake("sell", (40, 60)),
        Stake("sell", (0, 150)),
        Stake("sell", ()),
        Stake("buy", ()),
    ]
    market = ContinuousMarket.model_validate(rules)
    for seed in range(3):
        traders = [kind() for _ in stakes]
        for day in range(2):
            held = trade(traders, stakes, seed + day, ticks=40, bounds=(0, 200), rules=market)
            assert {receipt.code for receipt in held.host.receipts} <= {""}
            if kind is not Unconstrained:
                assert min(held.profits) >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_moves(kind: Maker) -> None:
    stakes = [Stake("buy", (150, 90))] * 3 + [Stake("sell", (40, 60))] * 3

    def receipts(seed: int) -> list[object]:
        day = trade([kind() for _ in stakes], stakes, seed, ticks=30, bounds=(0, 200))
        return [*day.host.receipts, day.profits]

    assert receipts(5) == receipts(5)


def test_a_limit_out_of_bounds_is_told() -> None:
    with pytest.raises(StrategyError):
        seated(Giveaway(), 201)


def test_an_order_is_withdrawn_before_the_next_where_both_would_stand() -> None:
    trader = ZeroIntelligence()
    market = seated(trader, 50, rules=ContinuousMarket())
    first = trader.respond(market.view(0))
    assert isinstance(first, Order)
    market.push(0, first)
    assert trader.respond(market.view(0)) == Cancel(first.id)
    market.push(0, Cancel(first.id))
    third = trader.respond(market.view(0))
    assert isinstance(third, Order)
    assert third.id != first.id


def test_with_nothing_left_to_trade_there_is_nothing_to_say() -> None:
    trader = Giveaway()
    market = seated(trader, 50)
    put(market, "sell", 40)
    assert quotes(trader, market) == 50
    assert (market.view(0).position, quotes(trader, market)) == (1, None)


def test_giveaway_shaver_and_their_limits() -> None:
    giveaway = Giveaway()
    assert quotes(giveaway, seated(giveaway, 70, side="sell")) == 70
    shaver = Shaver()
    market = seated(shaver, 70)
    assert quotes(shaver, market) == 0
    put(market, "buy", 30)
    assert quotes(shaver, market) == 31
    assert quotes(shaver, market) is None
    put(market, "buy", 70)
    assert quotes(shaver, market) == 70


# -- Kaplan --------------------------------------------------------------------------------------------


def test_kaplan_waits_for_a_small_spread() -> None:
    trader = Kaplan()
    market = seated(trader, 100)
    assert quotes(trader, market) is None
    put(market, "sell", 80)
    put(market, "buy", 60, seat=2)
    assert quotes(trader, market) is None
    put(market, "buy", 73, seat=2)
    assert quotes(trader, market) == 80


def test_kaplan_does_not_take_what_gains_nearly_nothing_until_time_is_nearly_out() -> None:
    trader = Kaplan()
    market = seated(trader, 100)
    put(market, "sell", 99)
    put(market, "buy", 98, seat=2)
    assert quotes(trader, market, 899) is None
    assert quotes(trader, market, 900) == 99


def test_kaplan_takes_what_is_cheaper_than_the_day_before() -> None:
    trader = Kaplan()
    market = seated(trader, 100, 100)
    for price in (50, 60):
        put(market, "sell", price)
        put(market, "buy", price, seat=2)
    assert quotes(trader, market) is None
    market = seated(trader, 100, 100)
    put(market, "sell", 51)
    assert quotes(trader, market) is None
    put(market, "sell", 50)
    assert quotes(trader, market) == 50


# -- ZIP -----------------------------------------------------------------------------------------------


def zip_buyer() -> ZeroIntelligencePlus:
    """Learns at rate 1 and without noise: its price becomes the shout's."""
    return ZeroIntelligencePlus(1.0, 1.0, 0.0, 0.2, 0.2, 0.0)


SIDES: list[tuple[Literal["buy", "sell"], int]] = [("buy", 80), ("sell", 120)]


def test_zip_quotes_its_limit_and_margin() -> None:
    for side, price in SIDES:
        trader = zip_buyer()
        assert quotes(trader, seated(trader, 100, side=side)) == price


@pytest.mark.parametrize(
    ("side", "news", "price"),
    [
        ("buy", ("bid", 90), 90),  # refused, and better than mine: I must pay more
        ("buy", ("bid", 70), 80),
        ("buy", ("ask", 90), 80),
        ("buy", ("buy", 70), 70),  # traded below my price: I need not pay so much
        ("buy", ("sell", 70), 70),
        ("buy", ("buy", 90), 90),  # an ask above my price was taken
        ("buy", ("sell", 90), 80),
        ("sell", ("ask", 110), 110),
        ("sell", ("ask", 130), 120),
        ("sell", ("bid", 110), 120),
        ("sell", ("buy", 130), 130),
        ("sell", ("sell", 110), 110),
        ("sell", ("buy", 110), 120),
    ],
)
def test_zip_moves_its_margin_as_cliff_and_bruten_say(
    side: Literal["buy", "sell"], news: tuple[str, int], price: int
) -> None:
    trader = zip_buyer()
    seated(trader, 100, side=side)
    view = MarketView(0)
    view.news = (*news, 1, None)
    trader.hear(view, [view.news], 100)
    assert trader.quote(view, 100) == price


def test_zip_without_units_lowers_no_margin_and_may_raise_it() -> None:
    trader = zip_buyer()
    seated(trader, 100)
    view = MarketView(0)
    trader.hear(view, [("bid", 90, 1, None), ("buy", 90, 1, None)], None)
    assert trader.quote(view, 100) == 80
    trader.hear(view, [("sell", 60, 1, None)], None)
    assert trader.quote(view, 100) == 60


def test_zip_never_quotes_beyond_its_limit_and_remembers_its_margin_the_next_day() -> None:
    trader = zip_buyer()
    seated(trader, 100)
    view = MarketView(0)
    trader.hear(view, [("bid", 150, 1, None)], 100)
    assert trader.quote(view, 100) == 100
    seated(trader, 50)
    assert trader.quote(view, 50) == 50


def test_zip_in_a_book_that_stands_still_comes_to_terms() -> None:
    stakes = [Stake("buy", (110,)), Stake("sell", (100,))]
    for seed in range(10):
        day = trade(
            [ZeroIntelligencePlus(), ZeroIntelligencePlus()],
            stakes,
            seed,
            ticks=200,
            bounds=(0, 200),
        )
        assert day.efficiency == 1


# -- GD and GDX ----------------------------------------------------------------------------------------


def told(*entries: tuple[str, int]) -> list[News]:
    newest: News | None = None
    for kind, price in entries:
        newest = (kind, price, 1, newest)
    return since(newest, None)


def test_belief_by_hand() -> None:
    history = History(1, 5)
    history.add(
        told(("bid", 50), ("bid", 60), ("ask", 90), ("sell", 60), ("bid", 70), ("ask", 80))
    )
    belief = history.belief(0, 200)
    found = {price: belief.chance(price) for price in (0, 50, 60, 70, 80, 90, 200)}
    # taken: 60; asks: 80, 90; refused bids: 50, 70
    assert found == {0: 0, 50: 0, 60: 1 / 2, 70: 1 / 2, 80: 1, 90: 1, 200: 1}
    assert belief.chance(55) == pytest.approx(1 / 4)
    assert belief.chance(52) == pytest.approx(0.5 * (3 * 0.2**2 - 2 * 0.2**3))


def test_a_seller_believes_the_mirror_image() -> None:
    entries = [("bid", 50), ("ask", 80), ("buy", 80), ("ask", 70), ("bid", 60)]
    turned = {"bid": "ask", "ask": "bid", "buy": "sell", "sell": "buy"}
    one, other = History(1, 5), History(-1, 5)
    one.add(told(*entries))
    other.add(told(*((turned[kind], 200 - price) for kind, price in entries)))
    for price in range(0, 201, 7):
        mirrored = other.belief(-200, 0).chance(price - 200)
        assert one.belief(0, 200).chance(price) == pytest.approx(mirrored)


def test_only_the_quotes_since_the_memory_th_last_trade_count() -> None:
    history = History(1, 2)
    history.add(told(("bid", 90), ("ask", 95), ("buy", 95)))
    history.add(told(*[("bid", 40), ("sell", 40)] * 2))
    assert history.belief(0, 200).chance(40) == 1
    assert len(history._spans) == 3


def test_the_offers_kept_hold_a_best_one_for_every_value() -> None:
    random = Random(4)
    for _ in range(50):
        history = History(1, 5)
        history.add(
            told(
                *(
                    (random.choice(("bid", "ask", "buy", "sell")), random.randint(40, 90))
                    for _ in range(12)
                )
            )
        )
        belief = history.belief(0, 200)
        kept = belief.offers(45, 80, 81)
        everything = [(p, belief.chance(p)) for p in range(45, 81)] + [(81, 1.0)]
        for value in (50, 70, 90, 150):
            best = max(chance * (value - price) for price, chance in everything)
            found = max(offer.chance * (value - offer.price) for offer in kept)
            assert found == pytest.approx(max(best, found))
            assert found >= best - 1e-9 or best <= 0


def test_gd_takes_an_ask_that_is_better_than_what_it_hopes_for() -> None:
    trader = GjerstadDickhaut()
    market = seated(trader, 100)
    put(market, "sell", 30)
    put(market, "buy", 29, seat=2)
    assert quotes(trader, market) == 30


def test_gdx_waits_for_more_the_more_chances_are_left() -> None:
    prices = []
    for horizon in (1, 5, 20):
        trader = GDX(horizon=horizon)
        market = seated(trader, 100)
        put(market, "sell", 90)
        prices.append(quotes(trader, market))
    assert prices == sorted(prices, reverse=True)
    assert prices[0] > prices[-1]
    last = GDX()
    market = seated(last, 100)
    put(market, "sell", 90)
    near = []
    for at in (0, 100, 900):
        last.hear(market.view(0), [], 100)
        market.advance(at)
        near.append(last._left(market.view(0)))
    assert near == [20, 20, 1]


# -- AA ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["buy", "sell"])
def test_the_target_of_aa_goes_through_equilibrium_and_its_inverse_returns(
    side: Literal["buy", "sell"],
) -> None:
    trader = AdaptiveAggressive()
    seated(trader, 150 if side == "buy" else 50, side=side)
    view = MarketView(0)
    trader.hear(view, [("buy", 100, 1, None)], trader.limits[0])
    most = trader.limits[0] * trader.sign
    for r in (-1, -0.4, 0, 0.7, 1):
        for trader._theta in (-5, 0, 1.5):
            trader._r = r
            target = trader._target(most)
            assert trader._aggressiveness(round(target), most) == pytest.approx(r, abs=0.15)
            if r in (-1, 0, 1):
                far = 0 if side == "buy" else -200
                assert target == {-1: far, 0: 100 * trader.sign, 1: most}[r]


def test_aa_beyond_the_margin_never_aims_above_its_limit() -> None:
    trader = AdaptiveAggressive()
    seated(trader, 80)
    view = MarketView(0)
    trader.hear(view, [("buy", 100, 1, None)], 80)
    trader._r = 0.9
    assert trader._target(80) == 80


def test_aa_becomes_more_aggressive_when_others_pay_more_and_less_when_they_pay_less() -> None:
    for price, up in ((140, True), (60, False)):
        trader = AdaptiveAggressive()
        seated(trader, 150)
        view = MarketView(0)
        trader.hear(view, [("buy", 100, 1, None)], 150)
        before = trader._r = 0.2
        trader.hear(view, [("bid" if up else "buy", price, 1, None)], 150)
        assert (trader._r > before) == up


def test_aa_goes_to_its_target_in_steps_and_takes_what_reaches_it() -> None:
    trader = AdaptiveAggressive()
    market = seated(trader, 90)
    put(market, "buy", 30)
    assert quotes(trader, market) == 50  # before the first trade towards its limit
    trader = AdaptiveAggressive()
    market = seated(trader, 150)
    put(market, "sell", 100)
    put(market, "buy", 100, seat=2)
    put(market, "sell", 20)
    assert quotes(trader, market) == 20
