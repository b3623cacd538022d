"""How many values each issue gets, so that there are so many outcomes."""

from __future__ import annotations

from math import isqrt

from negotiate.domain.issues import MAX_ISSUES
from negotiate.domain.kinds import MAX_VALUES
from negotiate.errors import DomainError

_NEAR = 1000  # numbers on either side that are tried for the message


def sizes_of(outcomes: int, issues: int | None = None) -> tuple[int, ...]:
    """Issue sizes, as equal as can be and the larger ones first, whose product is ``outcomes``.

    Args:
        outcomes: how many outcomes.
        issues: over how many issues of two values or more; by default about one for each power of ten, or fewer
            where the number has too few factors.

    Raises:
        DomainError: no such sizes; the message has the nearest number that has some.
    """
    if not 1 <= outcomes <= 10**15:
        raise DomainError(
            f"{outcomes:,} outcomes; from 1 to 10^15 are expected", code="generate"
        )
    if issues is None:
        most = max(len(str(outcomes)) - 1, 1)
        found = next((s for k in range(most, 0, -1) if (s := _split(outcomes, k))), None)
    elif 1 <= issues <= MAX_ISSUES:
        found = _split(outcomes, issues)
    else:
        raise DomainError(f"{issues} issues; 1 to {MAX_ISSUES} are expected", code="generate")
    if found is None:
        raise DomainError(
            f"{outcomes:,} outcomes do not spread over {issues or 'any number of'} issues",
            code="generate",
            help=_nearest(outcomes, issues or 1),
        )
    return found


def _nearest(outcomes: int, issues: int) -> str:
    """A number nearby that spreads evenly, for people: not one whose issues are of 2 and of 80 values."""
    for gap in range(1, _NEAR):
        for number in (outcomes - gap, outcomes + gap):
            found = _split(number, issues) if number > 0 else None
            if found and found[0] <= 3 * found[-1]:
                return f"{number:,} do: {' x '.join(map(str, found))}"
    return "give the sizes of the issues themselves"


def _split(number: int, parts: int) -> tuple[int, ...] | None:
    """Factors of ``number``, none of them 1 unless it is alone: each the one nearest to an equal share."""
    if parts == 1:
        return (number,) if number <= MAX_VALUES else None
    factors = _primes(number)
    if len(factors) < parts:
        return None
    # The largest primes are dealt out first, each to the smallest product so far: as equal as a greedy deal gets.
    products = [1] * parts
    for factor in sorted(factors, reverse=True):
        products[products.index(min(products))] *= factor
    return tuple(sorted(products, reverse=True)) if max(products) <= MAX_VALUES else None


def _primes(number: int) -> list[int]:
    found: list[int] = []
    divisor = 2
    while divisor <= isqrt(number):
        while number % divisor == 0:
            found.append(divisor)
            number //= divisor
        divisor += 1
    return found + [number] * (number > 1)
