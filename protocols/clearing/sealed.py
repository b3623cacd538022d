"""Sealed bids for one object: first, second and third price, and all-pay; to sell and to buy.

The best valid bid wins; the earliest among equals. Selling, best is highest and the reserve is a floor; buying
(``reverse``), best is lowest and the reserve is a ceiling. A bid equal to the reserve is valid.

* first price: the winner pays its own bid;
* second price: the second best bid, or the reserve where that is worse for the winner; a lone bidder pays the
  reserve, or 0 when selling without one, or receives its own bid when buying without one;
* third price: the same with the third best bid;
* all-pay: everybody whose bid is valid pays it, and only the best gets the object.

A bidder's own other bids never set its price.

Sources: Vickrey (1961); Krishna, *Auction Theory* (2nd ed., 2010), chapters 2 and 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from negotiate.protocols.clearing.amounts import Amount

Bids: TypeAlias = Sequence[tuple[str, Amount]]
"""Bidder and amount, those that win ties first."""


class Sale(NamedTuple):
    """Who gets the object and for how much."""

    winner: str
    price: Amount


def first_price(
    bids: Bids, reserve: Amount | None = None, *, reverse: bool = False
) -> Sale | None:
    """The best valid bid wins and pays itself; None without one."""
    found = _best_two(bids, reserve, reverse)
    return None if found is None else Sale(found[0], found[1])


def second_price(
    bids: Bids, reserve: Amount | None = None, *, reverse: bool = False
) -> Sale | None:
    """The best valid bid wins and pays the second best, or the reserve; None without one."""
    found = _best_two(bids, reserve, reverse)
    if found is None:
        return None
    winner, best, second = found
    return Sale(winner, _alone(best, reserve, reverse) if second is None else second)


def third_price(
    bids: Bids, reserve: Amount | None = None, *, reverse: bool = False
) -> Sale | None:
    """The best valid bid wins and pays the third best, or the reserve; None without one."""
    found = _best_two(bids, reserve, reverse)
    if found is None:
        return None
    winner, best, _ = found
    others = sorted(
        (
            amount
            for bidder, amount in bids
            if bidder != winner and _valid(amount, reserve, reverse)
        ),
        reverse=not reverse,
    )
    return Sale(winner, others[1] if len(others) > 1 else _alone(best, reserve, reverse))


def all_pay(bids: Bids, reserve: Amount | None = None) -> tuple[str | None, dict[str, Amount]]:
    """The winner, or None, and what each pays: its own bid, or 0 for one below the reserve."""
    sale = first_price(bids, reserve)
    paid: dict[str, Amount] = {}
    for bidder, amount in bids:
        due = amount if _valid(amount, reserve, False) else 0
        paid[bidder] = max(due, paid.get(bidder, 0))
    return (sale.winner if sale else None), paid


def _best_two(
    bids: Bids, reserve: Amount | None, reverse: bool
) -> tuple[str, Amount, Amount | None] | None:
    """Winner, its bid, and the best valid bid of anybody else; one pass."""
    who: str | None = None
    best: Amount | None = None
    second: Amount | None = None
    for bidder, amount in bids:
        if reserve is not None and (amount > reserve if reverse else amount < reserve):
            continue
        if best is None or (amount < best if reverse else amount > best):
            if bidder != who:
                second = best
            who, best = bidder, amount
        elif bidder != who and (
            second is None or (amount < second if reverse else amount > second)
        ):
            second = amount
    return None if who is None or best is None else (who, best, second)


def _valid(amount: Amount, reserve: Amount | None, reverse: bool) -> bool:
    return reserve is None or (amount <= reserve if reverse else amount >= reserve)


def _alone(best: Amount, reserve: Amount | None, reverse: bool) -> Amount:
    """What the winner pays when nobody sets its price."""
    if reserve is not None:
        return reserve
    return best if reverse else 0
