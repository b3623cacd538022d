"""A signed auction gives what the unsigned host gives for the same programs at the same times."""

from __future__ import annotations

import itertools
import json
from importlib import import_module
from typing import Any

import pytest

from negotiate import moves, registry
from negotiate.domain.issues import Domain, Money
from negotiate.errors import LocalError
from negotiate.host import Host, run
from negotiate.moves import Accept, Bid, Cancel, Order, Reject, Reveal, Walk
from negotiate.protocol import Allocation, NoAgreement
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid, commitment
from negotiate.wire.hosted.play import play_signed_auction
from negotiate.wire.hosted.rules import is_hosted
from negotiate.wire.prose import tell
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify

DOMAIN = Domain((Money("price", 0, 100, 1, currency="EUR"),))
ANY = Trust(policy=Policy(unverified="allow", revocation="allow"))
VALUES = (30, 70, 50)


class Truthful:
    """Bids its value, by whatever move the rules have."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.name = ""
        self.sent = 0

    def seated(self, name: str) -> None:
        self.name = name

    def __call__(self, view: Any) -> Any:
        for kind in view.kinds:
            move = getattr(self, kind)(view)
            if move is not None:
                return move
        return None

    def bid(self, view: Any) -> Any:
        if view.least is None:
            return Bid(self.value)
        return Bid(view.least) if view.least <= self.value and not view.leading else None

    def commit(self, view: Any) -> Any:
        from negotiate.moves import Commit

        return Commit(commitment(self.name, self.value, f"salt {self.value}"))

    def reveal(self, view: Any) -> Any:
        return Reveal(self.value, f"salt {self.value}") if self.value != 30 else None

    def accept(self, view: Any) -> Any:
        return Accept() if view.price <= self.value else None

    def walk(self, view: Any) -> Any:
        return Walk() if view.phase == "rising" and view.price > self.value else None

    def reject(self, view: Any) -> Any:
        return Reject()

    def order(self, view: Any) -> Any:
        self.sent += 1
        if self.sent > 3:
            return Cancel("1") if self.sent == 4 else None
        side = "buy" if self.value > 40 else "sell"
        return Order(str(self.sent), side, self.value + self.sent, 2)

    def cancel(self, view: Any) -> Any:
        return None


class Broken(Truthful):
    def __call__(self, view: Any) -> Any:
        raise RuntimeError("a program of somebody else")


class Odd(Truthful):
    def __call__(self, view: Any) -> Any:
        return "not a move"


def clock(step: int = 7) -> Any:
    ticks = itertools.count(0, step)
    return lambda: next(ticks)


def unsigned(protocol: Any, programs: list[Any], ticks: Any) -> Any:
    """The unsigned host under the schedule of the signed runner."""
    names = [f"seat {n}" for n in range(len(programs))]
    ticks()
    at = ticks()
    host = Host(protocol.start(DOMAIN, names, at))
    for name, program in zip(names, programs, strict=True):
        program.seated(name)
    while host.advance(at) is None:
        for party in host.negotiation.to_move:
            at = ticks()
            if host.advance(at) is not None:
                continue
            move = programs[party](host.negotiation.view(party).snapshot())
            if move is not None:
                host.receive(party, move, at)
        at = ticks()
    return host


RULES: dict[str, Any] = {
    **{f"sealed {p}": SealedBid(price=p, time_limit=500) for p in ("first", "second", "third", "all-pay")},
    **{f"committed {p}": SealedBid(price=p, commit_reveal=True, time_limit=90, reveal_time=90)
       for p in ("first", "second", "third", "all-pay")},
    "reverse": SealedBid(price="second", side="reverse", reserve=60, time_limit=500),
    "no sale": SealedBid(reserve=90, time_limit=500),
    "english": English(end=900, increment=3, opening=5),
    "english, soft, seen": English(end=300, window=50, extension=40, identities=True),
    "proxy": English(form="proxy", end=300, opening=10, increment=2),
    "dutch": ClockAuction(opening=100, step=10, tick=60),
    "japanese": ClockAuction(form="japanese", opening=0, last=100, step=10, tick=60),
    "continuous": ContinuousMarket(time_limit=300),
    "call": CallMarket(time_limit=300),
    "posted": PostedPrice(price=45, units=2, time_limit=300),
    "contract net": ContractNet(deadline=200, ceiling=60),
    "iterated contract net": ContractNet(rounds=3, deadline=100),
}  # fmt: skip


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_a_signed_auction_gives_what_the_unsigned_host_gives(rules: Any) -> None:
    programs = [Truthful(value) for value in VALUES]
    host = unsigned(rules, [Truthful(value) for value in VALUES], clock())
    signed = play_signed_auction(
        rules, DOMAIN, [(f"seat {n}", p) for n, p in enumerate(programs)], clock=clock()
    )
    assert signed.result == host.negotiation.result
    assert signed.refused == [(r.party, r.code) for r in host.receipts if r.code]
    assert signed.complaints == [[], [], []]
    assert not signed.failed
    found = verify(signed.transcript, ANY)
    assert found.valid, found.fault
    assert found.auction is not None
    assert found.auction.negotiation.result == signed.result
    for party, bidder in enumerate(signed.bidders):
        assert found.auction.negotiation.view(party).turns[: len(bidder.view.turns)] == bidder.view.turns  # type: ignore[union-attr]  # fmt: skip


@pytest.mark.parametrize("name", ["sealed second", "english", "posted"])
def test_the_threaded_host_agrees(name: str) -> None:
    programs = [(f"seat {n}", Truthful(value)) for n, value in enumerate(VALUES)]
    ran = run(RULES[name], DOMAIN, programs, clock=clock(3), pause=1).negotiation.result
    signed = play_signed_auction(RULES[name], DOMAIN, programs, clock=clock()).result
    assert isinstance(ran, Allocation)
    assert isinstance(signed, Allocation)
    assert ran.units == signed.units or name == "posted"


def test_every_kind_of_auction_had_a_result_worth_comparing() -> None:
    results = {name: unsigned(rules, [Truthful(v) for v in VALUES], clock()).negotiation.result
               for name, rules in RULES.items()}  # fmt: skip
    assert {name for name, found in results.items() if isinstance(found, NoAgreement)} == {
        "no sale"
    }


def test_who_raises_or_answers_nonsense_is_not_asked_again() -> None:
    programs = [("a", Broken(10)), ("b", Truthful(20)), ("c", Odd(30))]
    signed = play_signed_auction(SealedBid(time_limit=200), DOMAIN, programs, clock=clock())
    assert signed.failed == [0, 2]
    assert signed.result == Allocation((0, 1, 0), (0, 20, 0), 1)


def test_a_clock_that_stands_still_is_told() -> None:
    with pytest.raises(LocalError, match="stands still"):
        play_signed_auction(ContractNet(), DOMAIN, [("a", lambda view: None)], clock=lambda: 5)


def test_rules_with_one_mover_have_no_signed_auction() -> None:
    with pytest.raises(LocalError) as caught:
        play_signed_auction(
            AlternatingOffers(rounds=3), DOMAIN, [("a", Truthful(1))], clock=clock()
        )
    assert caught.value.code == "rules"


# -- every registered protocol ---------------------------------------------------------------------------

HOSTED = [name for name in registry.PROTOCOLS if is_hosted(name)]
SAMPLES: dict[str, tuple[tuple[Any, ...], ...]] = {
    "Bid": ((0,), (5,), (9,)), "Ask": ((3,),), "Accept": ((),), "Walk": ((),), "Reject": ((),),
    "Commit": (("0" * 64,),),
    "Marginals": (((9, 5),),), "Demand": ((1, (1,)), (1, (1, 1)), (2, (1,))), "Prefer": ((1, ("A",)), (1, ("B",))),
    "ItemBid": (("A", 3), ("B", 4)), "PackageBid": ((("A", "B"), 7), (("A",), 3)), "Pass": ((1,), (2,)),
    "Withdraw": (("A",),), "Inform": ((True,),), "Offer": (((3,),), ((5,),)),
    "Order": (("1", "buy", 5, 2), ("2", "sell", 4, 1)), "Cancel": (("1",),),
}  # fmt: skip
MOVES = [
    getattr(moves, kind)(*given)
    for kind, all_ in SAMPLES.items()
    if hasattr(moves, kind)
    for given in all_
]


class Busybody:
    """Tries every move that the rules have, one after the other, right or wrong."""

    def __init__(self, first: int) -> None:
        self.turn = first

    def seated(self, name: str) -> None:
        """It commits to nothing that it could open."""

    def __call__(self, view: Any) -> Any:
        known = [move for move in MOVES if move.kind in view.kinds]
        self.turn += 1
        return known[self.turn % len(known)] if known else None


@pytest.mark.parametrize("name", HOSTED)
def test_every_registered_auction_and_market_can_be_signed(name: str) -> None:
    module, _, cls = registry.PROTOCOLS[name].partition(":")
    rules = getattr(import_module(module), cls)()
    host = unsigned(rules, [Busybody(n) for n in range(3)], clock(997))
    programs = [(f"seat {n}", Busybody(n)) for n in range(3)]
    signed = play_signed_auction(rules, DOMAIN, programs, clock=clock(997))
    assert signed.result == host.negotiation.result
    assert signed.refused == [(r.party, r.code) for r in host.receipts if r.code]
    assert signed.complaints == [[], [], []]
    assert not signed.failed
    found = verify(signed.transcript, ANY)
    assert found.valid, found.fault
    assert tell(found)
    assert json.dumps(found.to_json())
