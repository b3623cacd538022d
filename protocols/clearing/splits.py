"""Dividing a pie between two: Rubinstein's alternating offers, and Nash's solution.

The first mover's equilibrium share is ``(1 - d2) / (1 - d1 d2)`` without end. With T periods the last proposer
takes all, and every proposer before offers the other just what it could get by waiting. Nash's solution gives each
its disagreement payoff and half of what is left.

Sources: Rubinstein (1982); Stahl (1972); Nash (1950).
"""

from __future__ import annotations

from fractions import Fraction

from negotiate.protocols.clearing.amounts import Amount, ratio, whole


def rubinstein(first: Amount, second: Amount) -> Amount:
    """The first mover's share with discount factors ``first`` and ``second``, not both 1."""
    return ratio(1 - second, 1 - first * second)


def rubinstein_finite(first: Amount, second: Amount, periods: int) -> Amount:
    """The first mover's share when there are ``periods`` proposals, the first mover's first."""
    share = (
        1,
        1,
    )  # the last proposer's, as numerator and denominator; reduced once, at the end
    for period in range(periods - 1, 0, -1):
        waits = Fraction(
            second if period % 2 else first
        )  # the factor of who answers in this period
        over, under = share
        share = (
            under * waits.denominator - over * waits.numerator,
            under * waits.denominator,
        )
    return whole(Fraction(*share))


def nash_split(pie: Amount, first: Amount, second: Amount) -> tuple[Amount, Amount]:
    """Payoffs of the two; the disagreement payoffs when the pie is too small for them."""
    left = pie - first - second
    if left < 0:
        return first, second
    return whole(first + ratio(left, 2)), whole(second + ratio(left, 2))
