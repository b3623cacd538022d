"""The benchmark's two strategies in a hand-written loop, without any library.

The same decisions on the same sorted lists, made turn by turn: no objects, no checks, and a plain list for a log.
The library overtakes it only where it keeps the plans of an earlier match.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from itertools import product
from typing import TypeAlias

Prepared: TypeAlias = tuple[dict[tuple[int, ...], int], list[float], list[tuple[int, ...]]]


def prepare(table: list[list[int]]) -> Prepared:
    """Utilities by outcome, and utilities (negated) and outcomes best first."""
    outcomes = list(product(*(range(len(values)) for values in table)))
    worth = {o: sum(values[p] for values, p in zip(table, o, strict=True)) for o in outcomes}
    outcomes.sort(key=lambda o: -worth[o])
    return worth, [float(-worth[o]) for o in outcomes], outcomes


def negotiate(
    a: Prepared, b: Prepared, rounds: int, x: float
) -> tuple[int, tuple[int, ...] | None]:
    """The round of agreement, and the agreement; both sides play NegMAS's form of time-dependence."""
    worth_a, falling_a, outcomes_a = a
    worth_b, falling_b, outcomes_b = b
    high_a, low_a = -falling_a[0], -falling_a[-1]
    high_b, low_b = -falling_b[0], -falling_b[-1]
    span_a, span_b = high_a - low_a, high_b - low_b
    log: list[tuple[int, tuple[int, ...]]] = []
    standing: tuple[int, ...] | None = None
    for k in range(1, rounds + 1):
        share = 1 - (k / (rounds + 1)) ** x - 1e-4
        target = max(low_a + span_a * share, low_a)
        if standing is not None and worth_a[standing] >= target:
            return k, standing
        level = falling_a[bisect_right(falling_a, -target) - 1]
        standing = outcomes_a[bisect_left(falling_a, level)]
        log.append((0, standing))
        share = 1 - (k / (rounds + 1)) ** x - 1e-4
        target = max(low_b + span_b * share, low_b)
        if worth_b[standing] >= target:
            return k, standing
        level = falling_b[bisect_right(falling_b, -target) - 1]
        standing = outcomes_b[bisect_left(falling_b, level)]
        log.append((1, standing))
    return rounds, None
