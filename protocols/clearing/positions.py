"""Positions: advertisers bid for slots that are clicked differently often.

Bidders are ranked by quality times bid; the earlier first among equals. A bid below the reserve is out. The slot
in place i gets ``clicks[i]``, not increasing.

* generalised second price: a click costs what would have kept the place, ``q[i+1] b[i+1] / q[i]``, and at least
  the reserve;
* VCG: each pays the value that it displaces: over the slots j from its own down, ``(x[j] - x[j+1])`` clicks at the
  price that keeps it above bidder j+1, and at least the reserve.

Sources: Edelman, Ostrovsky & Schwarz (2007); Varian (2007).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio, whole

if TYPE_CHECKING:
    from collections.abc import Sequence


class Ad(NamedTuple):
    """A bid per click."""

    bidder: str
    amount: Amount
    quality: Amount = 1


class Slot(NamedTuple):
    """One slot, sold."""

    bidder: str
    price_per_click: Amount
    payment: Amount


def gsp(bids: Sequence[Ad], clicks: Sequence[Amount], reserve: Amount = 0) -> list[Slot]:
    """Slots from the top; each pays the next bid."""
    ranked = _ranked(bids, reserve)
    slots: list[Slot] = []
    for place, clicked in enumerate(clicks[: len(ranked)]):
        price = _keeps(ranked, place, place + 1, reserve)
        slots.append(Slot(ranked[place].bidder, price, whole(price * clicked)))
    return slots


def vcg_position(
    bids: Sequence[Ad], clicks: Sequence[Amount], reserve: Amount = 0
) -> list[Slot]:
    """Slots from the top; each pays the clicks that it takes from those below."""
    ranked = _ranked(bids, reserve)
    slots: list[Slot] = []
    for place, clicked in enumerate(clicks[: len(ranked)]):
        due: Amount = 0
        for lower in range(place, min(len(ranked), len(clicks))):
            below = clicks[lower + 1] if lower + 1 < len(clicks) else 0
            due += (clicked - below) * _keeps(ranked, place, lower + 1, reserve)
            clicked = below
        own = clicks[place]
        slots.append(Slot(ranked[place].bidder, ratio(due, own) if own else 0, whole(due)))
    return slots


def _ranked(bids: Sequence[Ad], reserve: Amount) -> list[Ad]:
    valid = [bid for bid in bids if bid.amount >= reserve]
    return sorted(valid, key=lambda bid: bid.quality * bid.amount, reverse=True)


def _keeps(ranked: Sequence[Ad], place: int, rival: int, reserve: Amount) -> Amount:
    """The price per click at which the bidder in ``place`` ties with the one in ``rival``."""
    if rival >= len(ranked):
        return reserve
    other = ranked[rival]
    return max(reserve, ratio(other.quality * other.amount, ranked[place].quality))
