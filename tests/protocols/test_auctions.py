# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""Auctions and markets as folds: every phase and move, what each party sees, and who cannot hold up a close."""

from __future__ import annotations

import threading
from contextlib import suppress
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from negotiate.domain import Domain, Money
from negotiate.errors import IllegalMove, LocalError
from negotiate.host import Host, run
from negotiate.moves import Accept, Bid, Cancel, Commit, Order, Proceed, Reject, Reveal, Walk
from negotiate.protocol import Allocation, NoAgreement, Reason
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clearing.clocks import dutch, japanese
from negotiate.protocols.clearing.english import Outcry, TimedBid, open_outcry, proxy
from negotiate.protocols.clearing.sealed import first_price, second_price
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid, commitment

DOMAIN = Domain([Money("lot", 0, 100)])
THREE = ("ann", "bob", "cyd")

STARTS = {
    "sealed": SealedBid(),
    "commit": SealedBid(commit_reveal=True),
    "english": English(),
    "proxy": English(form="proxy"),
    "dutch": ClockAuction(),
    "japanese": ClockAuction(form="japanese", opening=0, last=100),
    "continuous": ContinuousMarket(),
    "call": CallMarket(),
    "contract net": ContractNet(),
    "posted": PostedPrice(),
}
MOVES = {
    "bid": Bid(5), "commit": Commit("0" * 64), "reveal": Reveal(5, "s"), "walk": Walk(), "accept": Accept(),
    "order": Order("1", "buy", 5, 1), "cancel": Cancel("1"), "proceed": Proceed(), "reject": Reject(),
}  # fmt: skip


def code_of(negotiation, party, move, at=0) -> str:
    with pytest.raises(IllegalMove) as caught:
        negotiation.push(party, move, at)
    return caught.value.code


@pytest.mark.parametrize("rules", STARTS.values(), ids=STARTS)
def test_every_move_that_the_table_does_not_have_is_refused(rules) -> None:
    auction = rules.start(DOMAIN, THREE)
    for kind, move in MOVES.items():
        if (auction.phase, kind) not in auction.table:
            assert code_of(auction, 0, move) == "phase"
    assert code_of(auction, 0, "bid") == "phase"
    assert code_of(auction, 7, Bid(1)) == "turn"
    assert code_of(auction, True, Bid(1)) == "turn"
    assert auction.to_move == (0, 1, 2)
    assert auction.mover is None
    assert auction.last is None


@pytest.mark.parametrize("rules", STARTS.values(), ids=STARTS)
def test_silence_never_holds_up_the_close(rules) -> None:
    auction = rules.start(DOMAIN, THREE, 1000)
    auction.advance(10**9)
    assert auction.result is not None
    assert auction.to_move == ()
    for move in MOVES.values():
        assert code_of(auction, 0, move, 10**9) == "late"


@pytest.mark.parametrize("rules", STARTS.values(), ids=STARTS)
def test_a_check_changes_nothing_even_after_a_deadline(rules) -> None:
    auction = rules.start(DOMAIN, THREE)
    before = (auction.phase, auction.round, auction.now)
    for at in (0, 500, 10**9):
        for move in MOVES.values():
            with suppress(IllegalMove):
                auction.check(0, move, at)
            assert (auction.phase, auction.round, auction.now) == before
    assert auction.result is None


@pytest.mark.parametrize("rules", STARTS.values(), ids=STARTS)
def test_rules_are_values(rules) -> None:
    again = type(rules).model_validate_json(rules.model_dump_json())
    assert again == rules
    assert hash(again) == hash(rules)


@pytest.mark.parametrize("amount", [-1, 10**18 + 1, 1.5, True, "5", None])
def test_what_is_no_amount_is_refused(amount) -> None:
    assert code_of(SealedBid().start(DOMAIN, THREE), 0, Bid(amount)) == "amount"
    assert code_of(English().start(DOMAIN, THREE), 0, Bid(amount)) == "amount"


def test_names_must_differ() -> None:
    with pytest.raises(LocalError):
        SealedBid().start(DOMAIN, ("ann", "ann"))


# -- sealed bids -------------------------------------------------------------------------------------


def test_sealed_bids_clear_when_all_have_answered() -> None:
    auction = SealedBid(price="second", reserve=3).start(DOMAIN, THREE)
    auction.push(1, Bid(10), 1)
    auction.push(0, Bid(10), 2)
    assert code_of(auction, 1, Bid(99), 3) == "phase"
    auction.push(2, Walk(), 4)
    assert auction.result == Allocation((0, 1, 0), (0, 10, 0), 1)


def test_nobody_sees_a_bid_before_the_close() -> None:
    auction = SealedBid().start(DOMAIN, THREE)
    auction.push(0, Bid(77), 1)
    other, own = auction.view(1), auction.view(0)
    assert (other.last, other.mine, other.price, other.leading) == (None, None, None, False)
    assert (own.mine, own.turns[0].outcome) == (77, (77,))


def test_all_pay_and_reverse() -> None:
    auction = SealedBid(price="all-pay").start(DOMAIN, THREE)
    for party, amount in enumerate((3, 5, 1)):
        auction.push(party, Bid(amount))
    assert auction.result == Allocation((0, 1, 0), (3, 5, 1), 1)
    auction = SealedBid(price="second", side="reverse").start(DOMAIN, THREE)
    for party, amount in enumerate((90, 70, 75)):
        auction.push(party, Bid(amount))
    assert auction.result == Allocation((0, -1, 0), (0, -75, 0), 1)


def test_without_a_valid_bid_there_is_no_sale() -> None:
    auction = SealedBid(reserve=50).start(DOMAIN, ("ann",))
    auction.push(0, Bid(49))
    assert auction.result == NoAgreement(Reason.NO_SALE, None, 1)


def test_commit_and_reveal() -> None:
    auction = SealedBid(price="second", commit_reveal=True).start(DOMAIN, THREE)
    digests = [
        commitment(name, amount, name * 3)
        for name, amount in zip(THREE, (7, 9, 8), strict=True)
    ]
    auction.push(0, Commit(digests[0]), 1)
    assert code_of(auction, 1, Commit(digests[0]), 2) == "copied"
    assert code_of(auction, 1, Commit("xyz"), 2) == "digest"
    assert code_of(auction, 0, Reveal(7, "annannann"), 2) == "phase"
    auction.push(1, Commit(digests[1]), 2)
    assert auction.view(2).turns[1].outcome is None
    auction.advance(60_000)  # cyd is silent
    assert auction.to_move == (0, 1)
    assert code_of(auction, 2, Reveal(8, "x"), 60_001) == "phase"
    assert code_of(auction, 0, Reveal(9, "annannann"), 60_001) == "not-committed"
    auction.push(0, Reveal(7, "ann" * 3), 60_002)
    auction.push(1, Reveal(9, "bob" * 3), 60_003)
    assert auction.result == Allocation((0, 1, 0), (0, 7, 0), 2)


def test_a_copied_commitment_does_not_open_under_another_name() -> None:
    assert commitment("ann", 7, "salt") != commitment("bob", 7, "salt")


def test_who_does_not_reveal_has_not_bid() -> None:
    auction = SealedBid(commit_reveal=True).start(DOMAIN, THREE)
    for party, name in enumerate(THREE):
        auction.push(party, Commit(commitment(name, 5 + party, "s")))
    auction.push(0, Reveal(5, "s"), 10)
    auction.advance(60_000)
    assert auction.result == Allocation((1, 0, 0), (5, 0, 0), 2)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.permutations(range(5)))
@settings(max_examples=100, deadline=None)
def test_a_sealed_auction_is_its_clearing_function(amounts, order) -> None:
    names = "abcde"[: len(amounts)]
    seats = [party for party in order if party < len(amounts)]
    for price, rule in (("first", first_price), ("second", second_price)):
        auction = SealedBid(price=price).start(DOMAIN, names)
        for party in seats:
            auction.push(party, Bid(amounts[party]))
        sale = rule([(names[party], amounts[party]) for party in seats])
        assert auction.result.payments[names.index(sale.winner)] == sale.price
        assert auction.result.units[names.index(sale.winner)] == 1


# -- English -----------------------------------------------------------------------------------------


def test_a_refused_bid_never_extends_a_soft_close() -> None:
    auction = English(opening=5, increment=5, end=100, window=10, extension=20).start(
        DOMAIN, THREE
    )
    auction.push(0, Bid(5), 50)
    assert code_of(auction, 1, Bid(9), 95) == "low"
    assert code_of(auction, 0, Bid(10), 95) == "standing"
    assert auction.view(0).close == 100
    auction.push(1, Bid(10), 96)
    assert auction.view(0).close == 116
    assert code_of(auction, 0, Bid(15), 116) == "late"
    auction.advance(116)
    assert auction.result == Allocation((0, 1, 0), (0, 10, 0), 1)


def test_the_price_is_seen_and_the_bidder_is_not() -> None:
    auction = English().start(DOMAIN, THREE)
    auction.push(0, Bid(7), 1)
    seen = auction.view(1)
    assert (seen.price, seen.least, seen.leading, seen.turns) == (7, 8, False, [])
    assert auction.view(0).leading
    auction = English(identities=True).start(DOMAIN, THREE)
    auction.push(0, Bid(7), 1)
    assert auction.view(1).turns[0].party == 0


def test_a_proxy_hides_the_maximum() -> None:
    auction = English(form="proxy", opening=1).start(DOMAIN, THREE)
    auction.push(0, Bid(50), 1)
    seen = auction.view(1)
    assert (seen.price, seen.mine, seen.turns) == (1, None, [])
    auction.push(1, Bid(20), 2)
    assert auction.view(2).price == 21
    assert code_of(auction, 2, Bid(21), 3) == "low"
    assert code_of(auction, 0, Bid(50), 3) == "low"
    auction.push(0, Bid(60), 4)
    assert auction.view(2).price == 21
    auction.advance(60_000)
    assert auction.result == Allocation((1, 0, 0), (21, 0, 0), 1)


def test_an_english_auction_must_end() -> None:
    with pytest.raises(ValidationError, match="must end"):
        English(end=None)
    auction = English(end=None, quiet=10).start(DOMAIN, THREE)
    auction.push(0, Bid(1), 9)
    auction.push(1, Bid(2), 18)
    auction.advance(28)
    assert auction.result == Allocation((0, 1, 0), (0, 2, 0), 1)


calls = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 12)), max_size=12
)


@given(
    calls,
    st.none() | st.integers(1, 20),
    st.none() | st.integers(1, 15),
    st.none() | st.integers(0, 20),
)
@settings(max_examples=200, deadline=None)
def test_an_english_auction_is_its_clearing_function(calls, window, quiet, reserve) -> None:
    rules = English(
        opening=3,
        increment=2,
        end=60,
        window=window,
        extension=12,
        quiet=quiet,
        reserve=reserve,
    )
    auction = rules.start(DOMAIN, THREE)
    now, timed, accepted = 0, [], []
    host = Host(auction)
    for party, amount, wait in calls:
        now += wait
        timed.append(TimedBid(THREE[party], amount, now))
        accepted.append(not host.receive(party, Bid(amount), now).code)
    auction.advance(10**6)
    expected = open_outcry(timed, Outcry(3, 2, reserve, 60, window, 12, quiet))
    assert tuple(accepted) == expected.accepted
    if expected.sale is None:
        assert isinstance(auction.result, NoAgreement)
    else:
        assert auction.result.payments[THREE.index(expected.sale.winner)] == expected.sale.price


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30)), max_size=10))
@settings(max_examples=200, deadline=None)
def test_a_proxy_auction_sells_to_the_greatest_accepted_maximum(maxima) -> None:
    auction = English(form="proxy", opening=3, increment=2).start(DOMAIN, THREE)
    host = Host(auction)
    taken: list[tuple[str, int]] = []
    for p, a in maxima:
        if not host.receive(p, Bid(a), 1).code:
            taken.append((THREE[p], a))
        stands = proxy(taken, 3, 2)
        assert auction.view(0).price == (stands and stands.price)
        assert auction.view(0).leading == (stands is not None and stands.winner == "ann")
    auction.advance(60_000)
    sale = proxy(taken, 3, 2)
    if sale is None:
        assert isinstance(auction.result, NoAgreement)
    else:
        assert auction.result.payments[THREE.index(sale.winner)] == sale.price


# -- clocks ------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(1, 7))
@settings(max_examples=150, deadline=None)
def test_clocks_are_their_clearing_functions(limits, step) -> None:
    names = "abcde"[: len(limits)]
    bids = list(zip(names, limits, strict=True))
    for pays in ("clock", "last_common"):
        rules = ClockAuction(form="japanese", opening=2, step=step, last=60, tick=10, pays=pays)
        auction = rules.start(DOMAIN, names)
        while auction.result is None:
            for party in auction.to_move:
                if auction.result is None and auction.price > limits[party]:
                    auction.push(party, Walk(), auction._at)
            auction.advance(auction._at + 10)
        agrees(auction.result, japanese(bids, 2, step, pays), names)
    auction = ClockAuction(opening=25, step=step, last=4, tick=10).start(DOMAIN, names)
    while auction.result is None:
        takers = [party for party in auction.to_move if auction.price <= limits[party]]
        for party in takers[:1]:
            auction.push(party, Accept(), auction._at)
        auction.advance(auction._at + 10)
    agrees(auction.result, dutch(bids, 25, step, 4), names)


def agrees(result, sale, names) -> None:
    if sale is None:
        assert isinstance(result, NoAgreement)
    else:
        assert result.payments[names.index(sale.winner)] == sale.price


def test_a_clock_must_run_the_right_way() -> None:
    for rules in ({"opening": 1, "last": 2}, {"form": "japanese", "opening": 2, "last": 1}):
        with pytest.raises(ValidationError, match=r"must be at (most|least) opening"):
            ClockAuction(**rules)


def test_leaving_cannot_be_undone() -> None:
    auction = ClockAuction(form="japanese", opening=0, last=9).start(DOMAIN, THREE)
    auction.push(0, Walk())
    assert code_of(auction, 0, Walk()) == "phase"
    assert auction.to_move == (1, 2)


# -- the continuous market ---------------------------------------------------------------------------


def test_money_and_goods_are_conserved_under_random_flow() -> None:
    random = Random(1)
    market = ContinuousMarket().start(DOMAIN, THREE)
    host = Host(market)
    for n in range(3000):
        party = random.randrange(3)
        if random.random() < 0.25:
            move = Cancel(str(random.randrange(n + 1)))
        else:
            price = None if random.random() < 0.1 else random.randint(90, 110)
            move = Order(str(n), random.choice(("buy", "sell")), price, random.randint(1, 5))
        host.receive(party, move, n)
        views = [market.view(seat) for seat in range(3)]
        assert sum(view.position for view in views) == 0 == sum(view.cash for view in views)
        bid, ask = views[0].bid, views[0].ask
        assert bid is None or ask is None or bid < ask
    market.advance(180_000)
    assert market.trades
    assert sum(market.result.units) == 0 == sum(market.result.payments)


def test_orders_belong_to_their_party() -> None:
    market = ContinuousMarket().start(DOMAIN, THREE)
    market.push(0, Order("1", "sell", 10, 5), 1)
    assert code_of(market, 1, Cancel("1"), 2) == "unknown-order"
    market.push(1, Order("1", "buy", 12, 2), 2)
    assert market.view(2).tape == [(10, 2)]
    assert (market.view(1).position, market.view(1).cash) == (2, -20)
    assert market.view(1).turns == [(1, 1, "order", (True, 2, 12))]
    assert code_of(market, 0, Order("1", "sell", 9, 1), 3) == "duplicate-order"


BAD_ORDERS = {
    "side": (Order("x", "up", 1, 1), "order"),
    "life": (Order("x", "buy", 1, 1, "DAY"), "order"),
    "price": (Order("x", "buy", -1, 1), "amount"),
    "nothing": (Order("x", "buy", 1, 0), "amount"),
    "part": (Order("x", "buy", 1, 0.5), "amount"),
    "id": (Order(7, "buy", 1, 1), "order"),
}


@pytest.mark.parametrize(("order", "code"), BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_bad_orders(order, code) -> None:
    assert code_of(ContinuousMarket().start(DOMAIN, THREE), 0, order) == code


def test_a_flood_ends_at_the_limit() -> None:
    market = ContinuousMarket(most_orders=10).start(DOMAIN, THREE)
    host = Host(market)
    codes = [host.receive(0, Order(str(n), "buy", 5, 1), n).code for n in range(20)]
    assert codes == [""] * 10 + ["too-many"] * 10
    assert len(host.receipts) == 20


# -- call market, contract net, posted price -----------------------------------------------------------


def test_a_call_market_clears_at_one_price_and_hides_orders() -> None:
    market = CallMarket().start(DOMAIN, THREE)
    market.push(0, Order("1", "buy", 10, 3), 1)
    market.push(1, Order("1", "sell", 7, 2), 2)
    market.push(2, Order("1", "sell", 9, 5), 3)
    market.push(2, Order("2", "sell", 1, 5), 4)
    market.push(2, Cancel("2"), 5)
    assert code_of(market, 2, Cancel("2"), 6) == "unknown-order"
    assert code_of(market, 2, Order("1", "buy", 1, 1), 6) == "duplicate-order"
    assert (market.view(0).price, len(market.view(0).turns)) == (None, 1)
    market.advance(60_000)
    assert market.result == Allocation((3, -2, -1), (27, -18, -9), 1)


def test_contract_net_awards_the_cheapest_and_ignores_the_late() -> None:
    net = ContractNet(deadline=10).start(DOMAIN, THREE)
    net.push(0, Bid(50), 1)
    assert code_of(net, 0, Bid(30), 2) == "phase"
    net.push(1, Reject(), 2)
    assert net.view(1).turns[0].kind == "reject"
    assert net.view(1).mine is None
    assert code_of(net, 2, Bid(1), 10) == "late"
    net.advance(10)
    assert net.result == Allocation((-1, 0, 0), (-50, 0, 0), 1)


def test_contract_net_may_reject_all() -> None:
    net = ContractNet(ceiling=40).start(DOMAIN, THREE)
    for party, price in enumerate((50, 45, 41)):
        net.push(party, Bid(price))
    assert net.result == NoAgreement(Reason.NO_SALE, None, 1)


def test_an_iterated_call_goes_on_while_somebody_revises() -> None:
    net = ContractNet(rounds=5, deadline=10).start(DOMAIN, THREE)
    net.push(0, Bid(50), 1)
    net.push(1, Bid(48), 2)
    net.advance(10)
    assert (net.round, net.to_move) == (2, (0, 1))
    assert code_of(net, 0, Bid(51), 11) == "raised"
    net.push(0, Bid(47), 12)
    net.advance(20)
    assert net.round == 3
    net.advance(30)  # all are silent: what stands is awarded
    assert net.result == Allocation((-1, 0, 0), (-47, 0, 0), 3)


def test_a_shop_sells_until_the_stock_is_gone() -> None:
    shop = PostedPrice(price=50, units=2).start(DOMAIN, ("a", "b", "c", "d"))
    shop.push(2, Accept(), 1)
    assert shop.view(0).left == 1
    shop.push(0, Walk(), 2)
    assert code_of(shop, 0, Accept(), 3) == "phase"
    shop.push(3, Accept(), 3)
    assert shop.result == Allocation((0, 0, 1, 1), (0, 0, 50, 50), 1)


# -- the host ----------------------------------------------------------------------------------------


def test_a_hung_and_a_raising_bidder_do_not_hold_up_the_close() -> None:
    released = threading.Event()
    ticks = iter(range(0, 10**9, 40))

    def hangs(view):
        released.wait(30)

    def raises(view):
        raise ZeroDivisionError

    host = run(
        SealedBid(time_limit=1000), DOMAIN,
        [("hangs", hangs), ("raises", raises), ("bids", lambda view: Bid(5))],
        clock=lambda: next(ticks), pause=1,
    )  # fmt: skip
    released.set()
    assert host.negotiation.result == Allocation((0, 0, 1), (0, 0, 5), 1)
    assert [(r.party, r.kind, r.code) for r in host.receipts] == [(2, "bid", "")]


def test_the_host_runs_an_open_auction() -> None:
    ticks = iter(range(0, 10**9, 1))

    def raiser(most):
        return lambda view: Bid(view.least) if not view.leading and view.least <= most else None

    rules = English(end=400, identities=True)
    host = run(
        rules,
        DOMAIN,
        [("ann", raiser(9)), ("bob", raiser(6))],
        clock=lambda: next(ticks),
        pause=1,
    )
    assert host.negotiation.result.units == (1, 0)
    assert host.negotiation.result.payments[0] in (6, 7)


def test_the_host_refuses_what_has_one_mover() -> None:
    with pytest.raises(LocalError) as caught:
        run(AlternatingOffers(), DOMAIN, [("a", print), ("b", print)], clock=lambda: 0)
    assert caught.value.code == "concurrent"


def test_a_transcript_replays_to_the_same_state() -> None:
    random = Random(3)
    market = ContinuousMarket().start(DOMAIN, THREE)
    sent = []
    for n in range(500):
        sent.append(
            (
                random.randrange(3),
                Order(str(n), random.choice(("buy", "sell")), random.randint(1, 9), 2),
                n,
            )
        )
    host, again = Host(market), Host(ContinuousMarket().start(DOMAIN, THREE))
    for move in sent:
        host.receive(*move)
        again.receive(*move)
    assert host.receipts == again.receipts
    assert market.trades == again.negotiation.trades
