"""Greedy allocation to bidders who each want one package, with critical-value payments.

Packages are ranked by amount over size to a power, the earlier first among equals, and taken when no item is gone.
A winner pays the least amount with which it would still have won: that of the first package which its absence
lets in, scaled by the sizes; 0 if there is none. Truthful for bidders with one package, and within a factor of
the square root of the number of items with exponent 1/2.

Source: Lehmann, O'Callaghan & Shoham (2002).
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACES = Decimal("0.0001")
_PRECISE = Context(prec=60)


class Single(NamedTuple):
    """A bidder with one package."""

    bidder: str
    items: frozenset[str]
    amount: Amount


def los_greedy(bids: Sequence[Single], exponent: Amount) -> dict[str, Amount]:
    """What each winner pays, winners in the order of taking.

    Payments are exact where the sizes' power is rational, and to four decimals otherwise.
    """
    ranked = sorted(bids, key=lambda bid: _rank(bid, exponent), reverse=True)
    winners = _take(ranked)
    return {winner.bidder: _critical(winner, ranked, exponent) for winner in winners}


def _rank(bid: Single, exponent: Amount) -> Fraction:
    """``(amount / size**(p/q)) ** q``, which orders as the norm does and is rational."""
    power, root = exponent.numerator, exponent.denominator
    raised: int = bid.amount.numerator**root
    under: int = bid.amount.denominator**root * len(bid.items) ** power
    return Fraction(raised, under)


def _take(ranked: Sequence[Single], without: Single | None = None) -> list[Single]:
    gone: set[str] = set()
    taken: list[Single] = []
    for bid in ranked:
        if bid is not without and bid.amount > 0 and gone.isdisjoint(bid.items):
            gone |= bid.items
            taken.append(bid)
    return taken


def _critical(winner: Single, ranked: Sequence[Single], exponent: Amount) -> Amount:
    for bid in _take(ranked, without=winner):
        if not winner.items.isdisjoint(bid.items):
            return _scale(bid.amount, Fraction(len(winner.items), len(bid.items)), exponent)
    return 0


def _scale(amount: Amount, sizes: Fraction, exponent: Amount) -> Amount:
    """``amount * sizes ** exponent``."""
    raised = sizes**exponent.numerator
    root = _root(raised, exponent.denominator)
    if root is not None:
        return whole(amount * root)
    power = _PRECISE.divide(Decimal(1), Decimal(exponent.denominator))
    base = _PRECISE.divide(Decimal(raised.numerator), Decimal(raised.denominator))
    value = amount * Fraction(_PRECISE.power(base, power))
    shown = _PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator))
    return whole(Fraction(shown.quantize(_PLACES, ROUND_HALF_EVEN, _PRECISE)))


def _root(value: Fraction, degree: int) -> Fraction | None:
    """The rational root, if there is one; square roots and whole powers are recognised."""
    if degree == 1:
        return value
    if degree == 2:
        over, under = isqrt(value.numerator), isqrt(value.denominator)
        return (
            Fraction(over, under) if (over**2, under**2) == value.as_integer_ratio() else None
        )
    return Fraction(1) if value == 1 else None
