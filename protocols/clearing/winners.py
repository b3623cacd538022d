"""Winner determination: which packages to accept, exactly, by branch and bound.

A package uses rows: the items it asks for and, where its bidder may win only one, a row of the bidder. The value
accepted is maximised; of equal values the choice with fewest packages, and of these the one whose packages stand
earliest (comparing positions from the first).

Prices of the rows (see :mod:`~negotiate.protocols.clearing.relaxation`) bound what is possible. Measured against
that bound, a package accepted loses what its rows are worth beyond its value, and a row not used up loses its
price. The search looks for the least total loss: it takes the open row that is dearest to leave, tries each
package on it, cheapest loss first, and then leaves it; a branch whose loss passes the best known is cut. Rows are
fields of one integer, so that one subtraction tests whether a package fits.

Source: the branch-on-items search of Sandholm (2002), with bounds by linear prices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.errors import LocalError
from negotiate.protocols.clearing.amounts import Amount, ratio, scaled
from negotiate.protocols.clearing.relaxation import SCALE, row_prices

if TYPE_CHECKING:
    from collections.abc import Sequence

NODES = 5_000_000
"""Nodes that a search may visit unless told otherwise."""


class Package(NamedTuple):
    """Rows that a bid uses, how much of each, and what it offers for them."""

    rows: tuple[tuple[int, int], ...]
    amount: Amount


class Winners(NamedTuple):
    """The packages accepted, by position, and their value."""

    value: Amount
    chosen: tuple[int, ...]


def determine(
    packages: Sequence[Package], supply: Sequence[int], *, nodes: int = NODES
) -> Winners:
    """The canonical choice of greatest value.

    Args:
        packages: the bids; an amount of 0 or less is never accepted.
        supply: of each row.
        nodes: nodes that the search may visit.

    Raises:
        LocalError: the search would visit more; nothing is guessed.
    """
    return _solve(packages, supply, nodes, canonical=True)


def greatest_value(
    packages: Sequence[Package], supply: Sequence[int], *, nodes: int = NODES
) -> Amount:
    """The greatest value alone, which is faster. Arguments and errors as in :func:`determine`."""
    return _solve(packages, supply, nodes, canonical=False).value


def _solve(
    packages: Sequence[Package], supply: Sequence[int], nodes: int, *, canonical: bool
) -> Winners:
    useful = [place for place, package in enumerate(packages) if _useful(package, supply)]
    if not useful:
        return Winners(0, ())
    values, unit = scaled(packages[place].amount for place in useful)
    few = (
        len(useful) + 1
    )  # values times this, less one for each package: fewest packages win ties
    search = _Search(
        [value * few - 1 for value in values],
        [packages[place].rows for place in useful],
        supply,
        nodes,
    )
    chosen = search.best()
    if canonical:
        chosen = search.earliest(chosen)
    return Winners(
        ratio(sum(values[index] for index in chosen), unit),
        tuple(useful[index] for index in chosen),
    )


def _useful(package: Package, supply: Sequence[int]) -> bool:
    return package.amount > 0 and all(count <= supply[row] for row, count in package.rows)


class _Search:
    """One problem, with its prices; several searches of it."""

    def __init__(
        self,
        values: Sequence[int],
        rows: Sequence[tuple[tuple[int, int], ...]],
        supply: Sequence[int],
        nodes: int,
    ) -> None:
        self.values, self.left = values, nodes
        prices = row_prices(values, rows, supply)
        self._lay_out(rows, supply)
        self.losses = [
            sum(prices[row] * count for row, count in uses) - value * SCALE
            for value, uses in zip(values, rows, strict=True)
        ]
        self.bound = sum(price * most for price, most in zip(prices, supply, strict=True))
        dear = [
            row for row in sorted(range(len(supply)), key=lambda r: -prices[r]) if prices[row]
        ]
        on: list[list[int]] = [[] for _ in supply]
        for place in sorted(range(len(values)), key=lambda p: self.losses[p]):
            for row, _ in rows[place]:
                on[row].append(place)
        self.rows = [(self.shift[row], self.mask[row], prices[row], on[row]) for row in dear]

    def _lay_out(
        self, rows: Sequence[tuple[tuple[int, int], ...]], supply: Sequence[int]
    ) -> None:
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
        self.needs = [sum(count << self.shift[row] for row, count in uses) for uses in rows]

    # -- searches --------------------------------------------------------------------------------

    def best(self) -> list[int]:
        """Packages of one choice of the greatest value."""
        chosen = self._greedy()
        while True:  # each round demands one unit of value more than the best known
            most = self.bound - (sum(self.values[p] for p in chosen) + 1) * SCALE
            found = self._improve(most)
            if found is None:
                return chosen
            chosen = found

    def _greedy(self) -> list[int]:
        free, chosen = self.full, list[int]()
        order = sorted(range(len(self.values)), key=lambda p: (self.losses[p], -self.values[p]))
        for place in order:
            rest = free - self.needs[place]
            if rest & self.guard == self.guard:
                free = rest
                chosen.append(place)
        return chosen

    def _improve(self, most: int) -> list[int] | None:
        """The choice of least loss if that is at most ``most``; None if there is none."""
        found: list[int] | None = None
        while most >= 0:
            better = self._dive(self.full, 0, most)
            if better is None:
                break
            found = better
            most = self.bound - (sum(self.values[p] for p in better) + 1) * SCALE
        return found

    def earliest(self, chosen: Sequence[int]) -> list[int]:
        """Among choices as good as ``chosen``, the one whose packages stand earliest."""
        most = self.bound - sum(self.values[place] for place in chosen) * SCALE
        wanted = set(chosen)
        free, fixed, spent = self.full, list[int](), 0
        for place, need in enumerate(self.needs):
            rest = free - need
            if rest & self.guard != self.guard:
                continue
            loss = spent + self.losses[place]
            if place not in wanted:
                tail = None if loss > most else self._dive(rest, loss, most, after=place)
                if tail is None:
                    continue
                wanted = {*fixed, place, *tail}
            free, spent = rest, loss
            fixed.append(place)
        return fixed

    def _dive(self, free: int, spent: int, most: int, after: int = -1) -> list[int] | None:
        """Packages that stand after a position and bring the loss to ``most`` at most; None if none do."""
        rows, needs, losses, guard = self.rows, self.needs, self.losses, self.guard
        last = len(rows)
        # A frame: row, position in its list of packages, free rows, loss; and what was chosen before it.
        stack: list[tuple[int, int, int, int]] = [(0, 0, free, spent)]
        chosen: list[int] = []
        depths: list[int] = [0]
        while stack:
            level, position, free, spent = stack.pop()
            del chosen[depths.pop() :]
            self.left -= 1
            if self.left < 0:
                raise too_hard()
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
                    if place > after and rest & guard == guard:
                        taken = at
                        break
                if taken >= 0:
                    place = on[taken]
                    stack.append((level, taken + 1, free, spent))
                    depths.append(len(chosen))
                    chosen.append(place)
                    free -= needs[place]
                    spent += losses[place]
                    position = taken + 1
                    continue
                spent += open_ * price
                if spent > most:
                    break
                free -= open_ << shift
                level, position = level + 1, 0
            else:
                return chosen
        return None


def too_hard() -> LocalError:
    """The error of a search that reached its limit."""
    return LocalError(
        "winner determination visited as many nodes as it may",
        code="too-hard",
        help="raise nodes=, or send fewer packages",
    )
