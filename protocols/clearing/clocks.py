"""Dutch and Japanese auctions for one object: a clock moves on a grid of prices.

*Dutch*: the clock starts high and steps down; it visits only prices of the grid that are not below the floor. The
first acceptance wins at the clock; of several at the same tick, the earliest. Past the floor there is no sale.

*Japanese*: the clock starts low and steps up; a bidder is in while the clock is at or below its limit, and leaves
for good. When exactly one is left it wins and pays the clock (rule ``clock``), or the last price that somebody
else accepted too (rule ``last_common``; the continuous limit of this is the second price). When the last ones
leave together, the earliest of them wins at the last price they all accepted.

Both are computed from the limits in closed form, so that a fine grid costs nothing.

Sources: Shoham & Leyton-Brown, *Multiagent Systems* (2009), section 11.1; Milgrom & Weber (1982).
"""

from __future__ import annotations

from math import ceil, floor
from typing import TYPE_CHECKING, Literal, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio, whole
from negotiate.protocols.clearing.sealed import Sale

if TYPE_CHECKING:
    from negotiate.protocols.clearing.sealed import Bids


class Stop(NamedTuple):
    """Where a Dutch clock stopped."""

    winner: str
    price: Amount
    tick: int


def dutch(bids: Bids, start: Amount, decrement: Amount, floor_price: Amount = 0) -> Stop | None:
    """The sale when each bidder accepts as soon as the clock is at or below its amount; None without one.

    Args:
        bids: bidder, and the highest clock price that it accepts.
        start: first price of the clock.
        decrement: how far it falls at each tick; positive.
        floor_price: the clock shows no price below it.
    """
    best: Stop | None = None
    for bidder, accepts in bids:
        tick = max(0, ceil(ratio(start - accepts, decrement)))
        price = whole(start - tick * decrement)
        if price >= floor_price and (best is None or tick < best.tick):
            best = Stop(bidder, price, tick)
    return best


def japanese(
    bids: Bids,
    start: Amount,
    increment: Amount,
    rule: Literal["clock", "last_common"] = "clock",
) -> Sale | None:
    """The sale when each bidder stays in while the clock is at or below its limit; None without one.

    Args:
        bids: bidder and limit.
        start: first price of the clock.
        increment: how far it rises at each tick; positive.
        rule: what the last bidder pays.
    """
    last = [(bidder, floor(ratio(limit - start, increment))) for bidder, limit in bids]
    stays = [(bidder, tick) for bidder, tick in last if tick >= 0]
    if not stays:
        return None
    winner, longest = max(stays, key=lambda stay: stay[1])
    rival = max((tick for bidder, tick in stays if bidder != winner), default=-1)
    tick = max(0, rival) if rule == "last_common" or rival < 0 else min(rival + 1, longest)
    return Sale(winner, whole(start + tick * increment))
