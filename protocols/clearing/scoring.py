"""Buying quality: offers of price and attributes are scored, and the best score wins.

A score is the weighted sum of the attributes less the price; the earliest of equal scores wins; offers below the
minimum score are not valid. First score: the winner gets its own price. Second score: the price at which its own
quality would tie with the second best score (a lone offer ties with the minimum score, or gets its own price
where there is none).

Source: Che (1993).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Tender(NamedTuple):
    """An offer: a price, and an amount of each attribute."""

    bidder: str
    price: Amount
    attributes: Mapping[str, Amount]


class Scored(NamedTuple):
    """The winner, all scores, and what the winner is paid."""

    winner: str
    scores: dict[str, Amount]
    payment: Amount


def scoring_auction(
    offers: Sequence[Tender],
    weights: Mapping[str, Amount],
    rule: Literal["first_score", "second_score"] = "first_score",
    minimum: Amount | None = None,
) -> Scored | None:
    """Score the offers; None when no offer is valid."""
    scores = {offer.bidder: score(offer, weights) for offer in offers}
    valid = [o for o in offers if minimum is None or scores[o.bidder] >= minimum]
    winner = max(valid, key=lambda offer: scores[offer.bidder], default=None)
    if winner is None:
        return None
    best = scores[winner.bidder]
    second = max((scores[o.bidder] for o in valid if o is not winner), default=minimum)
    payment = winner.price
    if rule == "second_score" and second is not None:
        payment = whole(winner.price + best - second)
    return Scored(winner.bidder, scores, payment)


def score(offer: Tender, weights: Mapping[str, Amount]) -> Amount:
    """Weighted attributes less the price."""
    quality = sum(weight * offer.attributes[name] for name, weight in weights.items())
    return whole(quality - offer.price)
