"""What a bidder may have to pay at most: the figure that its mandate is held against.

A mandate must cover the worst case of everything that a bidder has said and not taken back: that is checked before a
bid is signed, and by the host and the auditor when it is taken. Where the worst case cannot be told the answer is
None, which a capped mandate denies. The table::

    sealed bid, English   the highest amount; a commitment nothing yet, its reveal the amount
    proxy                 the secret maximum
    Dutch clock           the price on the clock when the acceptance is taken
    Japanese clock        the ceiling, from joining on: silence stays in
    posted price          the price
    markets               live buying orders in full, and what has been paid; a market order: unknown
    double auction        the bid; an ask nothing
    several units         the sum of the amounts: no rule charges more for the units that win
    rising clock          each unit at the highest price at which it was wanted
    several items         the highest bid on each, summed: also what a bid taken back may cost
    one of several items  the dearest item named in the newest round
    packages              the highest bid (XOR) or the sum of all (OR); a demand its worth at its round's prices
    positions             the bid for every click of the first slot
    procurement           nothing: the bidder is paid; unless it offers to pay, by a price below zero
    other rules           amount times quantity of each move, summed; unknown where a move has no amount
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from negotiate.errors import DomainError
from negotiate.moves import (
    Accept,
    Bid,
    Cancel,
    Commit,
    Demand,
    ItemBid,
    Marginals,
    Offer,
    Order,
    PackageBid,
    Prefer,
    Reject,
    Reveal,
    Walk,
)
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.english import English
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.protocols.unit_demand import UnitDemand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain, Money
    from negotiate.moves import AnyMove
    from negotiate.protocol import Protocol
    from negotiate.protocols.items import ItemRules

_FREE = (Walk, Reject, Cancel, Commit)


def silent(protocol: Protocol) -> int:
    """What a party that has joined may have to pay without saying anything."""
    rising = isinstance(protocol, ClockAuction) and protocol.form == "japanese"
    return protocol.last if rising and isinstance(protocol, ClockAuction) else 0


def exposure(
    protocol: Protocol,
    moves: Sequence[AnyMove],
    view: AuctionView | None,
    domain: Domain | None = None,
) -> int | None:
    """The most that a bidder may have to pay.

    Args:
        protocol: the rules.
        moves: the bidder's accepted moves, and the one in question last.
        view: what the bidder sees now; None if it has seen nothing yet.
        domain: what the auction is about, where offers are outcomes.
    """
    match protocol:
        case ContractNet() | SealedBid(side="reverse") | Combinatorial(side="reverse"):
            return 0
        case ClockAuction(form="dutch"):
            return _accepted(moves, _number(view, "price"))
        case ClockAuction():
            return silent(protocol)
        case PostedPrice():
            return _accepted(moves, protocol.price)
        case ContinuousMarket():
            return _orders(moves, _number(view, "cash"))
        case CallMarket():
            return _orders(moves, 0)
        case SealedBid() | English() | DoubleAuction():
            return max(map(_bid, moves), default=0)
        case _:
            return _of_several(protocol, moves, view, domain)


def _of_several(
    protocol: Protocol,
    moves: Sequence[AnyMove],
    view: AuctionView | None,
    domain: Domain | None,
) -> int | None:
    match protocol:
        case MultiUnit():
            return sum(sum(move.amounts) for move in moves if isinstance(move, Marginals))
        case AscendingClock():
            return _clock(protocol, moves)
        case SimultaneousAscending():
            return _items(moves)
        case UnitDemand():
            return _preferred(protocol, moves, view)
        case Combinatorial():
            bids = [move.amount for move in moves if isinstance(move, PackageBid)]
            return max(bids, default=0) if protocol.language == "xor" else sum(bids)
        case CombinatorialClock():
            return _packages(protocol, moves, view)
        case PositionAuction():
            return max(map(_bid, moves), default=0) * protocol.clicks[0]
        case ScoringAuction():
            return _tendered(protocol, moves, domain)
        case _:
            return _amounts(moves)


def _bid(move: AnyMove) -> int:
    return move.amount if isinstance(move, (Bid, Reveal)) else 0


def _clock(rules: AscendingClock, moves: Sequence[AnyMove]) -> int:
    """Each unit at the highest price at which it was wanted: it is sold at that, or clinched before."""
    demands = [move for move in moves if isinstance(move, Demand)]
    total = counted = 0
    for demand in sorted(demands, key=lambda move: -move.round):
        more = max(0, sum(demand.units[:1]) - counted)
        total += more * (rules.opening + (demand.round - 1) * rules.step)
        counted += more
    return total


def _items(moves: Sequence[AnyMove]) -> int:
    """The highest bid on each item: of bids taken back and made again, that is what they cost together at most."""
    highest: dict[str, int] = {}
    for move in moves:
        if isinstance(move, ItemBid):
            highest[move.item] = max(move.amount, highest.get(move.item, 0))
    return sum(highest.values())


def _prices(
    rules: ItemRules, steps: Sequence[int], in_round: int, view: AuctionView | None
) -> list[int]:
    """The most that a unit of each item can have cost in a round: prices rise by a step, and never fall."""
    most = [
        price + (in_round - 1) * step for price, step in zip(rules.openings, steps, strict=True)
    ]
    shown: object = getattr(view, "prices", None)
    if not isinstance(shown, tuple) or len(cast("tuple[object, ...]", shown)) != len(most):
        return most
    pairs = zip(most, cast("tuple[object, ...]", shown), strict=True)
    return [min(bound, price) if type(price) is int else bound for bound, price in pairs]


def _preferred(rules: UnitDemand, moves: Sequence[AnyMove], view: AuctionView | None) -> int:
    """The dearest item named in the newest round: earlier answers bind no more."""
    named = [move for move in moves if isinstance(move, Prefer)][-1:]
    if not named or not named[0].items:
        return 0
    prices = _prices(rules, [rules.step] * len(rules.items), named[0].round, view)
    return max(
        (
            price
            for name, price in zip(rules.items, prices, strict=True)
            if name in named[0].items
        ),
        default=0,
    )


def _packages(
    rules: CombinatorialClock, moves: Sequence[AnyMove], view: AuctionView | None
) -> int:
    """The highest of all package bids and demands: at most one of them wins."""
    steps = rules.step or (1,) * len(rules.items)
    worst = 0
    for move in moves:
        if isinstance(move, PackageBid):
            worst = max(worst, move.amount)
        elif isinstance(move, Demand):
            prices = _prices(rules, steps, move.round, view)
            worst = max(worst, sum(p * n for p, n in zip(prices, move.units, strict=False)))
    return worst


def _tendered(
    rules: ScoringAuction, moves: Sequence[AnyMove], domain: Domain | None
) -> int | None:
    """A seller is paid at least its price; a price below zero is what it pays."""
    offers = [move for move in moves if isinstance(move, Offer)]
    if not offers:
        return 0
    if domain is None:
        return None
    place = domain.issue_index(rules.price)
    try:
        prices = [_price(domain, place, offer) for offer in offers]
    except DomainError:
        return None
    return max(0, *(-price for price in prices))


def _price(domain: Domain, place: int, offer: Offer) -> int:
    domain.check(offer.outcome)
    return cast("Money", domain.issues[place]).value(offer.outcome[place])


def _number(view: AuctionView | None, name: str) -> int | None:
    """What a view says, if that is a number: a host may have quoted anything."""
    found: object = getattr(view, name, None)
    return found if type(found) is int else None


def _accepted(moves: Sequence[AnyMove], price: int | None) -> int | None:
    return price if any(isinstance(move, Accept) for move in moves) else 0


def _orders(moves: Sequence[AnyMove], cash: int | None) -> int | None:
    """Live buying orders in full, and what has been paid net: orders that were filled may count twice."""
    gone = {move.id for move in moves if isinstance(move, Cancel)}
    buys = [move for move in moves if isinstance(move, Order) and move.side == "buy"]
    total = 0
    for order in buys:
        if order.id not in gone:
            if order.price is None:
                return None
            total += order.price * order.qty
    if not buys:
        return 0
    return None if cash is None and gone else total + max(0, -(cash or 0))


def _amounts(moves: Sequence[AnyMove]) -> int | None:
    """Of rules that are not known here: everything that was said, summed."""
    costs = [_cost(move) for move in moves]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _cost(move: AnyMove) -> int | None:
    if isinstance(move, _FREE):
        return 0
    amount: object = getattr(move, "amount", None)
    quantity: object = getattr(move, "quantity", getattr(move, "qty", 1))
    if type(amount) is not int or type(quantity) is not int:
        return None
    return amount * abs(quantity)
