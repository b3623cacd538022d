"""A mandate covers the worst case of what a bidder has said; the award is what is consumed."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.domain.issues import Domain, Money
from negotiate.errors import LocalError
from negotiate.moves import Accept, Bid, Cancel, Commit, Order, Reveal, Walk
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire.faults import Fault
from negotiate.wire.hosted import caps, values
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.endpoint import deal_of, share_of
from negotiate.wire.hosted.host import Host
from negotiate.wire.keys import did_key
from negotiate.wire.ledger import MemoryLedger, Use
from negotiate.wire.mandate import Bound
from negotiate.wire.store import FRAME, Entry
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Policy
from tests.wire.auctions.kit import (
    BIDDERS,
    HOST,
    KNOWN,
    Room,
    accused,
    bidder_papers,
    euros,
    proposal,
    verdict,
)
from tests.wire.kit import DAY, MINUTE, NOW, current_list, key, seed, trust

DESK = did_key(HOST.key.public)
DOMAIN = Domain((Money("lot", 0, 100),))
CAPPED = {**BIDDERS, "Weber": bidder_papers("Weber", deal=euros(50))}
BUDGET = {**BIDDERS, "Weber": bidder_papers("Weber", budget=euros(100), deals=2)}


def view(rules: Any, at: int = 0) -> Any:
    started = rules.start(DOMAIN, ("a", "b"))
    started.advance(at)
    return started.view(0)


def order(name: str, side: Any, price: int | None, qty: int) -> Order:
    return Order(name, side, price, qty)


EXPOSURES: dict[str, tuple[Any, list[Any], int | None]] = {
    "a sealed bid": (SealedBid(), [Bid(70)], 70),
    "a commitment": (SealedBid(commit_reveal=True), [Commit("0" * 64)], 0),
    "its reveal": (SealedBid(commit_reveal=True), [Commit("0" * 64), Reveal(70, "s")], 70),
    "a walk": (SealedBid(), [Walk()], 0),
    "a supplier": (SealedBid(side="reverse"), [Bid(70)], 0),
    "a proposal": (ContractNet(), [Bid(70)], 0),
    "the highest of several": (English(), [Bid(5), Bid(70)], 70),
    "a falling clock": (ClockAuction(opening=90), [Accept()], 90),
    "silence under a falling clock": (ClockAuction(opening=90), [Walk()], 0),
    "a rising clock": (ClockAuction(form="japanese", opening=0, last=80), [Walk()], 80),
    "a posted price": (PostedPrice(price=7), [Accept()], 7),
    "no purchase": (PostedPrice(price=7), [Walk()], 0),
    "live orders": (ContinuousMarket(), [order("1", "buy", 5, 2), order("2", "buy", 3, 1)], 13),
    "a sale": (ContinuousMarket(), [order("1", "sell", 5, 2)], 0),
    "a cancelled order": (ContinuousMarket(), [order("1", "buy", 5, 2), Cancel("1"), order("2", "buy", 3, 1)], 3),
    "a market order": (ContinuousMarket(), [order("1", "buy", None, 2)], None),
    "an order for a call": (CallMarket(), [order("1", "buy", 5, 2)], 10),
}  # fmt: skip


@pytest.mark.parametrize("case", EXPOSURES.values(), ids=EXPOSURES)
def test_the_worst_case_of_what_was_said(case: Any) -> None:
    rules, moves, worst = case
    assert caps.exposure(rules, moves, view(rules)) == worst


def test_the_worst_case_without_a_view_is_not_guessed() -> None:
    assert caps.exposure(ClockAuction(), [Accept()], None) is None
    assert (
        caps.exposure(ContinuousMarket(), [order("1", "buy", 5, 2), Cancel("1")], None) is None
    )
    assert caps.exposure(ContinuousMarket(), [order("1", "buy", 5, 2)], None) == 10


class Foreign:
    name = "of somebody else"


def test_moves_of_other_rules_cost_amount_times_quantity_or_cannot_be_told() -> None:
    rules: Any = Foreign()
    assert caps.exposure(rules, [Bid(5), Bid(7)], None) == 12
    assert caps.exposure(rules, [Bid(5), Accept()], None) is None
    assert caps.exposure(rules, [Walk()], None) == 0


def test_what_was_paid_counts_beside_live_orders() -> None:
    rules = ContinuousMarket()
    market = rules.start(DOMAIN, ("a", "b"))
    market.push(1, order("1", "sell", 5, 2))
    market.push(0, order("1", "buy", 6, 2))
    market.push(0, order("2", "buy", 3, 1))
    moves = [order("1", "buy", 6, 2), Cancel("1"), order("2", "buy", 3, 1)]
    assert caps.exposure(rules, moves, market.view(0)) == 13  # 10 paid, 3 live


def test_a_bid_above_the_cap_is_neither_signed_nor_taken() -> None:
    room = Room(papers=CAPPED)
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Bid(51))
    assert caught.value.code == "mandate-limit"
    bad = room.raw("Weber", {"kind": "bid", "amount": 51})
    assert room.deliver(bad) == "mandate-limit"
    lenient = Room(papers=CAPPED)
    log = [
        *lenient.host.transcript().log,
        Entry(FRAME, bad),
        Entry(FRAME, lenient.receipt(bad)),
    ]
    assert accused(Transcript(tuple(log))) == ("receipt", DESK)
    assert room.bid("Huber", Bid(51)) == ""
    room.award()
    assert verdict(room.host.transcript()).valid


def test_a_capped_bidder_accepts_a_falling_clock_only_at_a_price_that_it_has_seen() -> None:
    room = Room(ClockAuction(opening=100, step=10), papers=CAPPED)
    with pytest.raises(LocalError):
        room.bid("Weber", Accept())
    room.at(1000)
    room.quote("Weber")
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Accept())
    assert caught.value.code == "mandate-limit"
    room.at(5500)
    room.quote("Weber")
    assert room.bid("Weber", Accept()) == ""


def test_who_joins_a_rising_clock_must_be_able_to_pay_its_ceiling() -> None:
    with pytest.raises(LocalError) as caught:
        Room(ClockAuction(form="japanese", opening=0, last=51), papers=CAPPED)
    assert caught.value.code == "mandate-limit"
    Room(ClockAuction(form="japanese", opening=0, last=50), papers=CAPPED)


def test_bounds_on_issues_cannot_be_told_of_a_bid_and_deny() -> None:
    bounded = {**BIDDERS, "Weber": bidder_papers("Weber", issues={"lot": Bound(low=0, high=9)})}
    with pytest.raises(LocalError) as caught:
        Room(papers=bounded)
    assert caught.value.code == "constraint"


def test_a_mandate_that_ends_before_the_bid_does_not_hold() -> None:
    room = Room()
    room.now = NOW + 31 * DAY
    bad = room.raw("Weber")
    assert room.deliver(bad) in {"late", "mandate-time"}
    with pytest.raises(LocalError) as caught:
        room["Huber"].send(Bid(5), room.now, room.salt())
    assert caught.value.code == "mandate-time"


def test_a_revoked_mandate_is_refused_from_then_on() -> None:
    room = Room()
    weber = BIDDERS["Weber"]
    assert room.bid("Huber", Bid(5)) == ""
    listed = current_list("Weber", {weber.man: NOW - 1}, iat=NOW - 1)
    room.host.learn(listed)
    room.host.learn(listed)  # known
    assert room.deliver(room.raw("Weber")) == "revoked"
    room["Maier"].learn(listed)
    room["Weber"].learn(listed)
    with pytest.raises(LocalError) as caught:
        room["Weber"].send(Bid(5), room.now, room.salt())
    assert caught.value.code in {"revoked", "pending"}
    room.award()
    assert verdict(room.host.transcript()).valid
    log = room.host.transcript().log
    without = Transcript(tuple(entry for entry in log if entry.tag == FRAME))
    fault = verdict(without).fault
    assert fault is not None
    assert fault.code == "revoked"


def test_without_a_current_list_the_default_policy_denies() -> None:
    strict = trust(principals=dict(KNOWN.principals), revocations=(), policy=Policy())
    room = Room(known=strict)
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Bid(5))
    assert caught.value.code == "revocation"
    assert room.deliver(room.raw("Weber")) == "revocation"
    listed = trust(
        principals=dict(KNOWN.principals), revocations=(current_list("Weber"),), policy=Policy()
    )
    assert Room(known=listed).bid("Weber", Bid(5)) == ""


# -- consumption ---------------------------------------------------------------------------------------


def left(ledger: MemoryLedger, budget: int = 100, deals: int = 2) -> int:
    """The largest amount that can still be held."""
    man = BUDGET["Weber"].man
    for amount in range(budget, -1, -1):
        try:
            ledger.hold(b"probe", [Use(man, amount, budget, deals)])
        except Fault:
            continue
        ledger.release(b"probe")
        return amount
    return -1


def test_the_award_is_consumed_and_what_was_held_beyond_is_free_again() -> None:
    own, hosts = MemoryLedger(), MemoryLedger()
    room = Room(
        papers=BUDGET, bidder_options={"Weber": {"ledger": own}}, host_options={"ledger": hosts}
    )
    room.bid("Weber", Bid(90))
    room.bid("Huber", Bid(30))
    assert (left(own), left(hosts)) == (10, 10)
    room.award()
    assert (left(own), left(hosts)) == (70, 70)


def test_who_loses_consumes_nothing() -> None:
    own, hosts = MemoryLedger(), MemoryLedger()
    room = Room(
        papers=BUDGET, bidder_options={"Weber": {"ledger": own}}, host_options={"ledger": hosts}
    )
    room.bid("Weber", Bid(90))
    room.bid("Huber", Bid(95))
    room.award()
    assert (left(own), left(hosts)) == (100, 100)
    empty = Room(
        papers=BUDGET,
        bidder_options={"Weber": {"ledger": own}},
        options={"until": NOW + 50 * MINUTE},
    )
    empty.award()
    assert left(own) == 100


def test_a_budget_that_is_used_up_elsewhere_is_refused_by_bidder_and_host() -> None:
    own, hosts = MemoryLedger(), MemoryLedger()
    man = BUDGET["Weber"].man
    for ledger in (own, hosts):
        ledger.hold(b"another deal", [Use(man, 80, 100, 2)])
    room = Room(
        papers=BUDGET, bidder_options={"Weber": {"ledger": own}}, host_options={"ledger": hosts}
    )
    with pytest.raises(LocalError) as caught:
        room.bid("Weber", Bid(30))
    assert caught.value.code == "consumed"
    assert room.deliver(room.raw("Weber", {"kind": "bid", "amount": 30})) == "consumed"
    room.award()
    assert verdict(
        room.host.transcript()
    ).valid  # the host's word, where only its ledger can tell
    other = Room()
    bid = other.raw("Weber")
    log = [
        *other.host.transcript().log,
        Entry(FRAME, bid),
        Entry(FRAME, other.receipt(bid, "consumed")),
    ]
    assert accused(Transcript(tuple(log))) == ("receipt", DESK)  # this mandate counts nothing


def test_each_bidder_of_an_auction_is_counted_by_itself() -> None:
    assert deal_of(seed("a"), key("x").public) != deal_of(seed("a"), key("y").public)
    assert deal_of(seed("a"), key("x").public) != deal_of(seed("b"), key("x").public)


@pytest.mark.parametrize(
    "result",
    [
        (),
        {"type": "Allocation"},
        {"units": (), "payments": ()},
        {"units": (1,), "payments": ("5",)},
        {"units": 5},
    ],
)
def test_a_result_that_does_not_read_frees_nothing(result: Any) -> None:
    with pytest.raises(Fault):
        share_of(result, 0)
    own = MemoryLedger()
    room = Room(papers=BUDGET, bidder_options={"Weber": {"ledger": own}})
    room.bid("Weber", Bid(90))
    room.at(MINUTE)
    body = {**room.host.book.award_body(room.now), "result": values.pack(result)}
    assert room["Weber"].receive(room.forge("award", body), room.now)[0].kind == "award"
    assert left(own) == 10


def test_who_is_not_seated_is_quoted_nothing_and_pays_nothing() -> None:
    papers = {"Huber": BIDDERS["Huber"], "Weber": BIDDERS["Weber"]}
    host = Host(HOST, KNOWN)
    opened = host.open(proposal(SealedBid(time_limit=MINUTE), papers), NOW, seed("n"))
    huber, weber = (Bidder(own, KNOWN) for own in papers.values())
    for bidder in (huber, weber):
        bidder.receive(opened, NOW)
    weber.join(NOW, seed("w"))  # which never arrives
    for frame in (host.receive(huber.join(NOW, seed("h")), NOW).frame, host.begin(NOW)):
        weber.receive(frame, NOW)
    with pytest.raises(LocalError) as caught:
        weber.send(Bid(5), NOW, seed("s"))
    assert caught.value.code == "phase"
    weber.receive(host.award(NOW + MINUTE), NOW + MINUTE)
    assert weber.chain.award is not None
    assert share_of({"units": (0, 1), "payments": (0, 5)}, 1) == 5
    assert share_of({"units": (0, 1), "payments": (0, 5)}, 0) is None


def test_a_host_that_quotes_nonsense_does_not_widen_a_mandate() -> None:
    seen = view(ClockAuction())
    seen.price = "free"
    assert caps.exposure(ClockAuction(), [Accept()], seen) is None
