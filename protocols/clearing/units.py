"""Several identical units: discriminatory, uniform-price and Vickrey auctions.

Each bidder gives its marginal values, highest first: one amount for each further unit. The highest ``units``
amounts that are not below the reserve win; among equals those of the earlier bidder.

* discriminatory: each pays its own winning amounts;
* uniform price: all pay the highest rejected amount that is valid, or the lowest accepted one; where there is none,
  the reserve, or 0;
* Vickrey: who wins k units pays the k highest losing amounts of the *others*, each at least the reserve.

Source: Krishna, *Auction Theory* (2nd ed., 2010), chapter 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from negotiate.protocols.clearing.amounts import Amount

Demand: TypeAlias = Sequence[tuple[str, Sequence["Amount"]]]
"""Distinct bidders with their marginal values, not increasing; those that win ties first."""


class Units(NamedTuple):
    """Units won and amounts due, of every bidder.

    Attributes:
        price: the one price, where the rule has one.
    """

    allocation: dict[str, int]
    payments: dict[str, Amount]
    price: Amount | None = None


def discriminatory(bids: Demand, units: int, reserve: Amount | None = None) -> Units:
    """The highest amounts win and pay themselves."""
    won, _ = _ranked(bids, units, reserve)
    return Units(won, {bidder: sum(amounts[: won[bidder]]) for bidder, amounts in bids})


def uniform_price(
    bids: Demand,
    units: int,
    reserve: Amount | None = None,
    rule: Literal["highest_rejected", "lowest_accepted"] = "highest_rejected",
) -> Units:
    """The highest amounts win; all pay one price."""
    won, losing = _ranked(bids, units, reserve)
    price: Amount = reserve or 0
    if rule == "highest_rejected":
        price = losing[0][1] if losing else price
    else:
        lowest = [amounts[won[bidder] - 1] for bidder, amounts in bids if won[bidder]]
        price = min(lowest, default=price)
    return Units(won, {bidder: price * count for bidder, count in won.items()}, price)


def vickrey(bids: Demand, units: int, reserve: Amount | None = None) -> Units:
    """The highest amounts win; each pays what its units would have been worth to the others."""
    won, losing = _ranked(bids, units, reserve)
    return Units(
        won, {bidder: _displaced(bidder, won[bidder], losing, reserve) for bidder in won}
    )


def _displaced(
    bidder: str, count: int, losing: list[tuple[str, Amount]], reserve: Amount | None
) -> Amount:
    """The highest losing amounts of the others, as many as the bidder won units."""
    due: Amount = 0
    left = count
    for other, amount in losing:
        if not left:
            break
        if other != bidder:
            due, left = due + amount, left - 1
    return due + left * (reserve or 0)


def _ranked(
    bids: Demand, units: int, reserve: Amount | None
) -> tuple[dict[str, int], list[tuple[str, Amount]]]:
    """Units won by each bidder, and the valid losing amounts, highest first."""
    valid = [
        (bidder, amount)
        for bidder, amounts in bids
        for amount in amounts
        if reserve is None or amount >= reserve
    ]
    valid.sort(
        key=lambda entry: entry[1], reverse=True
    )  # stable: the earlier bidder stays first
    won = {bidder: 0 for bidder, _ in bids}
    for bidder, _ in valid[:units]:
        won[bidder] += 1
    return won, valid[units:]
