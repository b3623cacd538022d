"""Several different objects, each bidder wanting one: the least equilibrium prices.

Raising the prices of minimal over-demanded sets ends at the least prices at which every bidder can have an object
that it likes best; they are also the VCG payments. They are found here from the efficient assignment: the least
prices at which nobody envies anybody.

Of several efficient assignments the one with fewest pairs is chosen, and of these the one whose pairs stand
earliest in the order of the bids. A value equal to the reserve is valid: it takes an object that is left over.

Sources: Demange, Gale & Sotomayor (1986); Leonard (1983).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, scaled, whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Assigned(NamedTuple):
    """Who gets what, and the price of every object."""

    assignment: dict[str, str]
    prices: dict[str, Amount]


def dgs_ascending(
    bids: Sequence[tuple[str, Mapping[str, Amount]]], reserve: Amount = 0
) -> Assigned:
    """The efficient assignment at the least equilibrium prices.

    Args:
        bids: bidder, and its value of each object that it would take.
        reserve: least price of every object.
    """
    items = list(dict.fromkeys(item for _, values in bids for item in values))
    gains = [
        {item: value - reserve for item, value in values.items() if value > reserve}
        for _, values in bids
    ]
    chosen = _efficient(gains, items)
    prices = _least_prices(gains, chosen, items)
    _at_reserve(bids, chosen, reserve)
    return Assigned(
        {bids[row][0]: chosen[row] for row in sorted(chosen)},
        {item: whole(reserve + prices[item]) for item in items},
    )


def _at_reserve(
    bids: Sequence[tuple[str, Mapping[str, Amount]]], chosen: dict[int, str], reserve: Amount
) -> None:
    """An object left over goes to the first bidder left over that values it at just the reserve."""
    for row, (_, values) in enumerate(bids):
        if row not in chosen and reserve:
            sold = set(chosen.values())
            left = [item for item in values if values[item] == reserve and item not in sold]
            chosen.update((row, item) for item in left[:1])


def _least_prices(
    gains: Sequence[Mapping[str, Amount]], chosen: Mapping[int, str], items: Sequence[str]
) -> dict[str, Amount]:
    """Raise prices until nobody would rather have another object than its own."""
    prices: dict[str, Amount] = dict.fromkeys(items, 0)
    moved = True
    while moved:
        moved = False
        for row, values in enumerate(gains):
            own = chosen.get(row)
            surplus = 0 if own is None else values[own] - prices[own]
            for item, value in values.items():
                if item != own and value - prices[item] > surplus:
                    prices[item] = value - surplus
                    moved = True
    return prices


def _efficient(gains: Sequence[Mapping[str, Amount]], items: Sequence[str]) -> dict[int, str]:
    """The assignment of greatest value, canonical among equals; rows that get nothing are left out."""
    pairs = [(row, item) for row, values in enumerate(gains) for item in values]
    values, _ = scaled(gains[row][item] for row, item in pairs)
    count = len(pairs)
    place = {item: column for column, item in enumerate(items)}
    weights = [[0] * (len(items) + len(gains)) for _ in gains]
    for rank, ((row, item), value) in enumerate(zip(pairs, values, strict=True)):
        # One integer orders by value, then by fewest pairs, then by the earliest pairs.
        weights[row][place[item]] = ((value * (count + 1) - 1) << count) + (
            1 << (count - 1 - rank)
        )
    columns = _hungarian(weights)
    return {
        row: items[c] for row, c in enumerate(columns) if c < len(items) and weights[row][c] > 0
    }


def _hungarian(weights: Sequence[Sequence[int]]) -> list[int]:
    """The column of each row in an assignment of greatest weight; rows are not more than columns."""
    rows, columns = len(weights), len(weights[0]) if weights else 0
    over_row, over_column = [0] * (rows + 1), [0] * (columns + 1)
    owner = [0] * (
        columns + 1
    )  # row in each column, from 1; column 0 is where a new row enters
    for row in range(1, rows + 1):
        owner[0] = row
        back = _grow(weights, owner, over_row, over_column)
        column = back[0]
        while column:
            before = back[column]
            owner[column] = owner[before]
            column = before
    found = [0] * rows
    for column in range(1, columns + 1):
        if owner[column]:
            found[owner[column] - 1] = column - 1
    return found


def _grow(
    weights: Sequence[Sequence[int]],
    owner: list[int],
    over_row: list[int],
    over_column: list[int],
) -> list[int]:
    """Shortest augmenting path from column 0: the column before each; entry 0 is the free one at its end."""
    columns = len(over_column) - 1
    slack: list[int | None] = [None] * (columns + 1)
    back = [0] * (columns + 1)
    done = [False] * (columns + 1)
    column = 0
    while owner[column]:
        done[column] = True
        row, step, best = owner[column], None, 0
        for c in range(1, columns + 1):
            if done[c]:
                continue
            cost = -weights[row - 1][c - 1] - over_row[row] - over_column[c]
            held = slack[c]
            if held is None or cost < held:
                slack[c], back[c] = cost, column
                held = cost
            if step is None or held < step:
                step, best = held, c
        _shift(step or 0, owner, over_row, over_column, done, slack)
        column = best
    back[0] = column
    return back


def _shift(
    step: int,
    owner: list[int],
    over_row: list[int],
    over_column: list[int],
    done: list[bool],
    slack: list[int | None],
) -> None:
    for column, reached in enumerate(done):
        held = slack[column]
        if reached:
            over_row[owner[column]] += step
            over_column[column] -= step
        else:
            slack[column] = (held or 0) - step
