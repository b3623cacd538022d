"""The payoff matrix as the cells of a table, each with its colour and the ink that can be read on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.report.colour import ink, shade

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STEPS = 12


@dataclass(frozen=True)
class Payoff:
    """What one strategy gets against another.

    Attributes:
        mean: mean utility.
        error: its standard error; None where it is not known.
        count: negotiations.
    """

    mean: float
    error: float | None
    count: int


@dataclass(frozen=True)
class Cell:
    """A cell of the heat map; ``mean`` is None where no negotiation counts."""

    mean: float | None
    back: str
    ink: str
    tip: str
    own: bool


@dataclass(frozen=True)
class Row:
    """What one strategy gets against each of the others."""

    strategy: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Heat:
    """The heat map: one row and one column a strategy, and its colours from low to high."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    low: float
    high: float
    ramp: tuple[str, ...]


def heat_map(names: Sequence[str], payoffs: Mapping[tuple[str, str], Payoff]) -> Heat:
    """The heat map of the payoffs of (row, column); a pair that is missing has no negotiation that counts."""
    means = [payoff.mean for payoff in payoffs.values()]
    low, high = min(means, default=0.0), max(means, default=1.0)
    span = high - low or 1.0
    rows = tuple(
        Row(
            row,
            tuple(
                _cell(row, column, payoffs.get((row, column)), low, span) for column in names
            ),
        )
        for row in names
    )
    ramp = tuple(shade(i / (_STEPS - 1)) for i in range(_STEPS)) if means and high > low else ()
    return Heat(tuple(names), rows, low, high, ramp)


def _cell(row: str, column: str, payoff: Payoff | None, low: float, span: float) -> Cell:
    pair = f"{row} against {column}"
    if payoff is None:
        return Cell(None, "", "", f"{pair}: no negotiation that counts", row == column)
    back = shade((payoff.mean - low) / span)
    error = "" if payoff.error is None else f", standard error {payoff.error:.3f}"
    tip = f"{pair}: {payoff.mean:.3f}{error}; {payoff.count:,} negotiations"
    return Cell(payoff.mean, back, ink(back), tip, row == column)
