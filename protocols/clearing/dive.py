"""The inner search of winner determination: depth first, at fixed prices of the rows.

Measured against the bound that the prices give, a package accepted loses what its rows are worth beyond its
value, and a row not used up loses its price. The search looks for the least total loss: it takes the open row that
is dearest to leave, tries each package on it, cheapest loss first, and then leaves it; a branch whose loss passes
the best known is cut. Rows are fields of one integer, so that one subtraction tests whether a package fits.

Source: the branch-on-items search of Sandholm (2002), with bounds by linear prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.protocols.clearing.relaxation import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.protocols.clearing.relaxation import Packing


class Dive:
    """One packing at the prices of its rows; greedy choices, and one search of it."""

    def __init__(self, packing: Packing, prices: list[int]) -> None:
        self.values, self.uses, self.prices = packing.values, packing.uses, prices
        self.losses = [
            sum([prices[row] * count for row, count in uses]) - value * SCALE
            for value, uses in zip(packing.values, packing.uses, strict=True)
        ]
        self.bound = sum(
            price * most for price, most in zip(prices, packing.supply, strict=True)
        )
        self._lay_out(packing.supply)

    def _lay_out(self, supply: Sequence[int]) -> None:
        """Give each row a field as wide as its supply and one guard bit above it."""
        at = 0
        self.shift: list[int] = []
        self.mask: list[int] = []
        self.guard = self.full = 0
        for most in supply:
            width = most.bit_length()
            self.shift.append(at)
            self.mask.append((1 << width) - 1)
            self.full |= most << at
            self.guard |= 1 << (at + width)
            at += width + 1
        self.full |= self.guard
        shift = self.shift
        self.needs = [sum([count << shift[row] for row, count in uses]) for uses in self.uses]

    def within(self, least: int) -> list[int]:
        """Packages that can be in a choice worth at least this."""
        most = self.bound - least * SCALE
        return [place for place, loss in enumerate(self.losses) if loss <= most]

    def greedy(self, order: Iterable[int]) -> list[int]:
        """Each package of the order that still fits."""
        free, guard, chosen = self.full, self.guard, list[int]()
        for place in order:
            rest = free - self.needs[place]
            if rest & guard == guard:
                free = rest
                chosen.append(place)
        return chosen

    def prepare(self, least: int) -> None:
        """Lay out the search for choices worth at least this: which packages stand on which row."""
        on: list[list[int]] = [[] for _ in self.prices]
        for place in sorted(self.within(least), key=self.losses.__getitem__):
            for row, _ in self.uses[place]:
                on[row].append(place)
        prices = self.prices
        dear = sorted((r for r in range(len(prices)) if prices[r]), key=lambda r: -prices[r])
        self.rows = [(self.shift[row], self.mask[row], prices[row], on[row]) for row in dear]
        self.stack: list[tuple[int, int, int, int]] = [(0, 0, self.full, 0)]
        self.chosen: list[int] = []
        self.depths: list[int] = [0]

    def next(self, least: int, nodes: int) -> tuple[list[int] | None, int]:
        """The next choice worth at least this, and how many of the nodes are left.

        None with nodes left over: there is no other; with fewer than none: the search was cut.
        """
        rows, needs, losses, guard = self.rows, self.needs, self.losses, self.guard
        most, last = self.bound - least * SCALE, len(rows)
        place = rest = 0
        # A frame: row, position in its list of packages, free rows, loss; and what was chosen before it.
        stack, chosen, depths = self.stack, self.chosen, self.depths
        while stack:
            level, position, free, spent = stack.pop()
            del chosen[depths.pop() :]
            nodes -= 1
            if nodes < 0:
                return None, nodes
            while level < last:
                shift, mask, price, on = rows[level]
                open_ = (free >> shift) & mask
                if not open_:
                    level, position = level + 1, 0
                    continue
                taken = -1
                for at in range(position, len(on)):
                    place = on[at]
                    if spent + losses[place] > most:
                        break
                    rest = free - needs[place]
                    if rest & guard == guard:
                        taken = at
                        break
                if taken >= 0:
                    stack.append((level, taken + 1, free, spent))
                    depths.append(len(chosen))
                    chosen.append(place)
                    free = rest
                    spent += losses[place]
                    position = taken + 1
                    continue
                spent += open_ * price
                if spent > most:
                    break
                free -= open_ << shift
                level, position = level + 1, 0
            else:
                return list(chosen), nodes
        return None, nodes
