"""Hostile bidders, in every registered auction and market: whatever they send is refused with a code, or counts.

Nothing else than IllegalMove may come of a move, a refused one changes nothing, and nobody holds up a close.
"""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from negotiate import registry
from negotiate.domain import Choice, Domain, Money
from negotiate.errors import IllegalMove
from negotiate.host import Host, Program, run
from negotiate.moves import (
    Accept,
    Ask,
    Bid,
    Cancel,
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
    Proceed,
    Reject,
    Reveal,
    Walk,
    Withdraw,
)
from tests.protocols.drive import NAMES, seen

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView

DOMAIN = Domain((Money("price", 0, 200_000), Choice("delivery", ("slow", "fast"))))

# A legal first move in each, from which the hostile ones are made.
LEGAL: dict[str, Any] = {
    "sealed-bid": Bid(5), "sealed-bid[price=all-pay]": Bid(5), "sealed-bid[side=reverse]": Bid(5),
    "sealed-bid[commit_reveal=True]": Commit("0" * 64), "english": Bid(5), "english[form=proxy]": Bid(5),
    "clock-auction": Accept(), "clock-auction[form=japanese]": Walk(), "contract-net": Bid(5),
    "position": Bid(5), "double-auction": Ask(5), "multi-unit": Marginals((5,)),
    "ascending-clock": Demand(1, (1,)), "simultaneous-ascending": ItemBid("A", 5),
    "unit-demand": Prefer(1, ("A",)), "combinatorial": PackageBid(("A",), 5),
    "combinatorial-clock": Demand(1, (1, 1)), "scoring": Offer((5, 1)), "posted-price": Accept(),
    "posted-price[seller=True]": Bid(5), "call-market": Order("1", "buy", 5, 1),
    "continuous-market": Order("1", "buy", 5, 1),
}  # fmt: skip

ODD: dict[str, Any] = {
    "negative": -1, "huge": 10**18 + 1, "endless": 10**4000, "fraction": 1.5, "no number": float("nan"),
    "truth": True, "nothing": None, "text": "5", "money": "5 USD", "currency": ("USD", 5), "decimal": Decimal(5),
    "bytes": b"5", "list": [5], "object": object(), "twice": ("A", "A"), "unknown": "no such item",
    "unknown items": ("A", "no such item"), "many": (1,) * 100_000, "long": "x" * 100_000, "empty": (),
    "negatives": (-1,), "huges": (10**18 + 1,), "floats": (1.0,), "rising": (1, 2), "nested": ((1,),),
}  # fmt: skip

# What may stand there, odd as it looks: an order without a price, an id that is a text, nothing wanted.
FINE = {
    ("order", "price", "nothing"), ("order", "id", "text"), ("order", "id", "money"), ("order", "id", "unknown"),
    ("prefer", "items", "empty"), ("prefer", "or_nothing", "truth"),
}  # fmt: skip

every = pytest.mark.parametrize("name", LEGAL)


def opened(name: str) -> Any:
    return registry.protocol(name).start(DOMAIN, NAMES[:3])


def stands(state: Any) -> object:
    """All that a refused move must leave as it was."""
    return (
        state.phase, state.round, state.result, state.to_move, state.last,
        [seen(state.view(party)) for party in range(3)],
    )  # fmt: skip


def test_every_protocol_is_here() -> None:
    assert {name.partition("[")[0] for name in LEGAL} == set(registry.PROTOCOLS) - {
        "alternating-offers"
    }


@every
def test_odd_values_are_refused_with_a_code_and_change_nothing(name: str) -> None:
    state, legal = opened(name), LEGAL[name]
    before = stands(state)
    for field in fields(legal):
        for what, value in ODD.items():
            if (legal.kind, field.name, what) in FINE:
                continue
            move = replace(legal, **{field.name: value})
            try:
                state.push(0, move, 1)
            except IllegalMove as error:
                told = error
            else:
                pytest.fail(f"{field.name} may be {what}")
            assert told.code, (field.name, what)
            assert len(str(told)) < 1000
            assert stands(state) == before, (field.name, what)
    state.push(0, legal, 1)  # and the legal one is legal


@every
def test_moves_of_other_games_and_of_nobody_are_refused(name: str) -> None:
    state, legal = opened(name), LEGAL[name]
    others: list[Any] = [
        *LEGAL.values(), Reveal(5, "s"), Cancel("1"), Withdraw("A"), Pass(), Inform(True), Proceed(), Reject(),
        None, 5, object(), Bid, "bid",
    ]  # fmt: skip
    taken = {
        "accept",
        "walk",
        "reject",
        "pass",
        legal.kind,
        "item-bid",
        "order",
        *state.legal(0),
    }
    before = stands(state)
    for move in others:
        if getattr(move, "kind", "") in taken and not isinstance(move, type):
            continue
        with pytest.raises(IllegalMove):
            state.push(0, move, 1)
    for party in (-1, 3, 10**9, True, None, "0", 0.0):
        with pytest.raises(IllegalMove) as told:
            state.push(party, legal, 1)
        assert told.value.code == "turn"
    assert stands(state) == before


@every
def test_a_move_after_the_close_is_late(name: str) -> None:
    host = Host(opened(name))
    assert host.advance(10**12) is not None
    result = host.negotiation.result
    assert {host.receive(party, LEGAL[name], 10**12).code for party in range(3)} == {"late"}
    assert host.negotiation.result is result


@every
def test_a_silent_bidder_holds_up_no_close(name: str) -> None:
    state = opened(name)
    state.push(0, LEGAL[name], 1)
    state.advance(10**12)
    assert state.result is not None


@every
def test_a_bidder_that_hangs_holds_up_no_close(name: str) -> None:
    stuck, times = threading.Event(), count(0, 30_000)

    def hangs(_: AuctionView) -> None:
        stuck.wait(60)

    def silent(_: AuctionView) -> None:
        return None

    programs: list[tuple[str, Program]] = list(
        zip(NAMES, (hangs, silent, silent), strict=False)
    )
    host = run(registry.protocol(name), DOMAIN, programs, clock=lambda: next(times), pause=1)
    stuck.set()
    assert host.negotiation.result is not None


# What a second equal move of one party is; "" where it may follow the first.
AGAIN = {
    "sealed-bid": "phase", "sealed-bid[price=all-pay]": "phase", "sealed-bid[side=reverse]": "phase",
    "sealed-bid[commit_reveal=True]": "phase", "english": "standing", "english[form=proxy]": "low",
    "clock-auction": "late", "clock-auction[form=japanese]": "phase", "contract-net": "phase",
    "position": "phase", "double-auction": "phase", "multi-unit": "phase", "ascending-clock": "phase",
    "simultaneous-ascending": "duplicate", "unit-demand": "phase", "combinatorial": "duplicate",
    "combinatorial-clock": "phase", "scoring": "phase", "posted-price": "late",
    "posted-price[seller=True]": "", "call-market": "duplicate-order", "continuous-market": "duplicate-order",
}  # fmt: skip


@every
def test_a_duplicate_is_refused_with_a_code(name: str) -> None:
    host = Host(opened(name))
    assert [host.receive(0, LEGAL[name], 1).code for _ in range(2)] == ["", AGAIN[name]]


def nth(legal: Any, n: int) -> Any:
    """Another move of the kind, as far as the kind has any."""
    if isinstance(legal, (Bid, Ask, ItemBid, PackageBid)):
        return replace(legal, amount=n)
    if isinstance(legal, Order):
        return Order(str(n), "buy", n, 1)
    if isinstance(legal, Marginals):
        return Marginals((n,))
    return Offer((n, 1)) if isinstance(legal, Offer) else legal


# These take all bids of one party, or many of them; the others refuse all after the first in the same way.
OPEN = ("continuous-market", "english[form=proxy]", "posted-price[seller=True]")
MANY = (*OPEN, "call-market", "combinatorial", "simultaneous-ascending", "sealed-bid")


@pytest.mark.parametrize("name", [name for name in LEGAL if "[" not in name or name in MANY])
def test_a_hundred_thousand_bids_of_one_are_bounded_and_the_others_go_on(name: str) -> None:
    host, sent = Host(opened(name)), 100_000 if name in MANY else 20_000
    for n in range(sent):
        host.receive(0, nth(LEGAL[name], n), 1)
    refused = sum(bool(receipt.code) for receipt in host.receipts)
    assert refused >= (0 if name in OPEN else sent - 10_000)
    state = host.negotiation
    assert state.result is not None or state.legal(1) or state.legal(2)
    assert host.advance(10**12) is not None
