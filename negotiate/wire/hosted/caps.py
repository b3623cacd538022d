"""What a bidder may have to pay at most: the figure that its mandate is held against.

A mandate must cover the worst case of everything that a bidder has said and not taken back: that is checked before a
bid is signed, and by the host and the auditor when it is taken. Where the worst case cannot be told the answer is
None, which a capped mandate denies.

    sealed bid, English   the highest amount; a commitment nothing yet, its reveal the amount
    proxy                 the secret maximum
    Dutch clock           the price on the clock when the acceptance is taken
    Japanese clock        the ceiling, from joining on: silence stays in
    posted price          the price
    markets               live buying orders in full, and what has been paid; a market order: unknown
    procurement           nothing: the bidder is paid
    other rules           amount times quantity of each move, summed; unknown where a move has no amount
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.moves import Accept, Cancel, Commit, Order, Reject, Walk
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.moves import AnyMove
    from negotiate.protocol import Protocol

_FREE = (Walk, Reject, Cancel, Commit)


def silent(protocol: Protocol) -> int:
    """What a party that has joined may have to pay without saying anything."""
    rising = isinstance(protocol, ClockAuction) and protocol.form == "japanese"
    return protocol.last if rising and isinstance(protocol, ClockAuction) else 0


def exposure(
    protocol: Protocol, moves: Sequence[AnyMove], view: AuctionView | None
) -> int | None:
    """The most that a bidder may have to pay.

    Args:
        protocol: the rules.
        moves: the bidder's accepted moves, and the one in question last.
        view: what the bidder sees now; None if it has seen nothing yet.
    """
    match protocol:
        case ContractNet():
            return 0
        case SealedBid(side="reverse"):
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
        case _:
            return _amounts(protocol, moves)


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


def _amounts(protocol: Protocol, moves: Sequence[AnyMove]) -> int | None:
    costs = [_cost(move) for move in moves]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        return None
    one = getattr(protocol, "name", "") in ("sealed-bid", "english")
    return max(known, default=0) if one else sum(known)


def _cost(move: AnyMove) -> int | None:
    if isinstance(move, _FREE):
        return 0
    amount: object = getattr(move, "amount", None)
    quantity: object = getattr(move, "quantity", getattr(move, "qty", 1))
    if type(amount) is not int or type(quantity) is not int:
        return None
    return amount * abs(quantity)
