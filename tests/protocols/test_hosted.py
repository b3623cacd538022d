# pyright: reportOptionalMemberAccess=false, reportAttributeAccessIssue=false, reportArgumentType=false
"""What holds for every registered auction and market: silence, floods, being called off, secrets and replay."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from negotiate.checks.reach import reachable
from negotiate.domain import Domain, Money
from negotiate.errors import LocalError
from negotiate.host import Host
from negotiate.moves import (
    Ask,
    Bid,
    Commit,
    Demand,
    Inform,
    ItemBid,
    Marginals,
    Offer,
    Order,
    PackageBid,
    Pass,
    Prefer,
    Reject,
    Reveal,
    Walk,
)
from negotiate.protocol import Allocation, NoAgreement, Reason
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.hosted import HostedNegotiation, Stage
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.registry import PROTOCOLS
from tests.protocols.drive import NAMES, code_of, seen

DOMAIN = Domain((Money("price", 0, 200_000),))


def rules_of(name: str) -> Any:
    module, _, cls = PROTOCOLS[name].partition(":")
    return getattr(import_module(module), cls)()


HOSTED = [name for name in PROTOCOLS if name != "alternating-offers"]
every = pytest.mark.parametrize("name", HOSTED)

FLOODS: dict[str, Any] = {
    "sealed-bid": Bid, "english": Bid, "contract-net": Bid, "position": Bid, "double-auction": Ask,
    "multi-unit": lambda n: Marginals((n,)),
    "ascending-clock": lambda n: Demand(1, (n % 3,)),
    "simultaneous-ascending": lambda n: ItemBid("AB"[n % 2], n % 11),
    "unit-demand": lambda n: Prefer(1, ("AB"[n % 2],)),
    "combinatorial": lambda n: PackageBid(("AB"[n % 2],), n),
    "combinatorial-clock": lambda n: Demand(1, (n % 2, 1)),
    "scoring": lambda n: Offer((n,)),
    "call-market": lambda n: Order(str(n), "buy", n, 1),
}  # fmt: skip


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_one_party_is_refused_or_bounded_and_the_others_go_on(name: str) -> None:
    host = Host(rules_of(name).start(DOMAIN, NAMES[:3]))
    codes = [host.receive(0, FLOODS[name](n), n // 10).code for n in range(1000)]
    taken = codes.count("")
    assert taken <= (1 if name not in ("call-market", "combinatorial") else 1000) + 1
    assert set(codes) <= {
        "",
        "phase",
        "duplicate",
        "standing",
        "eligibility",
        "click-box",
        "low",
    }
    assert 1 in host.negotiation.to_move
    assert host.advance(10**12) is not None


def test_a_proxy_that_raises_itself_all_the_time_stays_cheap() -> None:
    auction = English(form="proxy").start(DOMAIN, NAMES[:2])
    host = Host(auction)
    for amount in range(20_000):
        host.receive(0, Bid(amount), 1)
    assert (auction.view(0).mine, auction.view(1).price) == (19_999, 0)
    assert auction.view(1).turns == []


def test_late_moves_cost_no_copy_of_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    auction = CallMarket().start(DOMAIN, NAMES[:2])
    monkeypatch.setattr("negotiate.protocols.hosted.deepcopy", None)  # would raise
    host = Host(auction)
    assert host.receive(0, Order("1", "buy", 5, 1), 60_000).code == "late"
    assert host.receive(0, Order("1", "buy", 5, 1), 70_000).code == "late"


@every
def test_the_host_may_call_it_off(name: str) -> None:
    state = rules_of(name).start(DOMAIN, NAMES[:3])
    assert state.stage is Stage.OPEN
    state.cancel(5)
    assert state.result == NoAgreement(Reason.CANCELLED, None, 1)
    assert (state.stage, state.to_move) == (Stage.CANCELLED, ())
    assert code_of(state, 0, Bid(1), 6) == "late"


def test_what_is_over_cannot_be_called_off() -> None:
    state = SealedBid().start(DOMAIN, NAMES[:1])
    state.push(0, Bid(5), 1)
    state.cancel(2)
    assert (state.stage, state.result) == (Stage.CLEARED, Allocation((1,), (5,), 1))
    state = SealedBid().start(DOMAIN, NAMES[:1])
    state.cancel(60_000)  # it closed just then
    assert (state.stage, state.result.reason) == (Stage.FAILED, Reason.NO_SALE)


@every
def test_nothing_leads_from_a_view_to_what_is_secret(name: str) -> None:
    state = rules_of(name).start(DOMAIN, NAMES[:3])
    flood = FLOODS.get(name)
    if flood is not None:
        state.push(0, flood(1), 1)
    secret = {
        id(value) for value in vars(state).values() if isinstance(value, (dict, list, set))
    }
    for party in (1, 2):
        found = list(reachable(state.view(party)))
        assert not any(isinstance(o, HostedNegotiation) or id(o) in secret for o in found)


@every
def test_a_snapshot_stays_as_it_was(name: str) -> None:
    state = rules_of(name).start(DOMAIN, NAMES[:2])
    taken = state.view(0).snapshot()
    before = seen(taken)
    state.advance(10**12)
    state.view(0)
    assert seen(taken) == before


# -- the call for proposals, once more -----------------------------------------------------------------


def awarded(**rules: Any) -> Any:
    state = ContractNet(deadline=10, perform=50, **rules).start(DOMAIN, NAMES[:3])
    state.push(0, Bid(40), 1)
    state.push(1, Bid(30), 2)
    state.push(2, Reject(), 3)
    return state


def test_an_award_may_be_a_promise_of_work() -> None:
    state = awarded()
    assert (state.phase, state.to_move, state.result) == ("work", (1,), None)
    assert (state.view(1).leading, state.view(0).leading) == (True, False)
    assert state.view(1).close == 53
    assert code_of(state, 0, Inform(True)) == "phase"
    assert code_of(state, 1, Inform(1)) == "done"
    state.push(1, Inform(True), 20)
    assert state.result == Allocation((0, -1, 0), (0, -30, 0), 2)


def test_work_that_fails_or_is_not_reported_is_not_paid() -> None:
    state = awarded()
    state.push(1, Inform(False), 20)
    assert state.result == NoAgreement(Reason.FAILED, 1, 2)
    state = awarded()
    assert code_of(state, 1, Inform(True), 53) == "late"
    state.advance(53)
    assert state.result == NoAgreement(Reason.FAILED, 1, 2)


def test_without_a_proposal_nobody_works() -> None:
    assert awarded(ceiling=5).result.reason is Reason.NO_SALE


def test_money_that_changed_hands_is_not_lost_when_no_goods_did() -> None:
    state = rules_of("continuous-market").start(DOMAIN, NAMES[:2])
    for n, (party, side, price) in enumerate(
        ((0, "sell", 10), (1, "buy", 10), (1, "sell", 7), (0, "buy", 7))
    ):
        state.push(party, Order(str(n), side, price, 1), n)
    state.advance(180_000)
    assert state.result == Allocation((0, 0), (-3, 3), 1)


def test_a_commitment_can_be_tried_out() -> None:
    state = SealedBid(commit_reveal=True).start(DOMAIN, NAMES[:1])
    commit, reveal = state.examples(0)
    assert isinstance(commit, Commit)
    state.push(0, commit, 1)
    state.push(0, reveal, 2)
    assert state.result == Allocation((1,), (10,), 2)


def test_passing_names_its_round() -> None:
    state = rules_of("combinatorial").start(DOMAIN, NAMES[:1])
    assert code_of(state, 0, Pass(0)) == "round"


# -- what is left to refuse ------------------------------------------------------------------------------

BAD_ORDERS: dict[str, tuple[Any, str]] = {
    "side": (Order("1", "up", 1, 1), "order"),
    "life": (Order("1", "buy", 1, 1, "IOC"), "order"),
    "price": (Order("1", "buy", -1, 1), "amount"),
    "nothing": (Order("1", "buy", 1, 0), "amount"),
    "id": (Order(1, "buy", 1, 1), "order"),
}


@pytest.mark.parametrize(("order", "code"), BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_bad_orders_of_a_call_are_refused(order: Any, code: str) -> None:
    assert code_of(CallMarket().start(DOMAIN, NAMES[:1]), 0, order) == code


def test_a_call_takes_market_orders_and_no_more_than_its_limit() -> None:
    state = CallMarket(most_orders=1).start(DOMAIN, NAMES[:2])
    state.push(0, Order("1", "buy", None, 2), 1)
    assert code_of(state, 0, Order("2", "buy", 1, 1), 2) == "too-many"
    state.push(1, Order("1", "sell", 7, 2), 2)
    state.advance(60_000)
    assert state.result == Allocation((2, -2), (14, -14), 1)


def test_a_salt_is_text() -> None:
    state = SealedBid(commit_reveal=True).start(DOMAIN, NAMES[:1])
    state.push(0, state.examples(0)[0], 1)
    assert code_of(state, 0, Reveal(10, 7), 2) == "salt"


@pytest.mark.parametrize("form", ["dutch", "japanese"])
def test_a_clock_that_all_leave_at_once_sells_nothing(form: Any) -> None:
    opening, last = (9, 0) if form == "dutch" else (0, 9)
    state = ClockAuction(form=form, opening=opening, last=last).start(DOMAIN, NAMES[:2])
    state.push(0, Walk(), 1)
    state.push(1, Walk(), 1)
    assert state.result == NoAgreement(Reason.NO_SALE, None, 1)


def test_packages_give_no_other_error_away_as_too_hard(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise LocalError("a mistake of ours", code="other")

    monkeypatch.setattr("negotiate.protocols.packages.combinatorial_first_price", fails)
    state = rules_of("combinatorial").start(DOMAIN, NAMES[:1])
    with pytest.raises(LocalError, match="a mistake of ours"):
        state.push(0, Pass(), 1)
