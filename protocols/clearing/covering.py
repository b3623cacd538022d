"""The buyer's problem: the cheapest set of package offers that brings every wanted row.

Branch and bound on the wanted row with the fewest offers left. A branch is cut when its cost, and for each row
still wanted the cheapest share of an offer in it, reach the best known. Ties: fewest offers, then the earliest.

Source: the covering form of winner determination, Sandholm, Suri, Gilpin & Levine (2002).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from negotiate.protocols.clearing.amounts import ratio, scaled
from negotiate.protocols.clearing.winners import Package, Winners, too_hard

if TYPE_CHECKING:
    from collections.abc import Sequence


def determine(
    packages: Sequence[Package], supply: Sequence[int], wanted: Sequence[int], *, nodes: int
) -> Winners | None:
    """The canonical cheapest choice; None when no choice brings every wanted row.

    Args:
        packages: the offers; amounts are their costs.
        supply: of wanted rows, how much is wanted; of the others, how often they may be used.
        wanted: the rows to be filled; more than is wanted does no harm.
        nodes: nodes that the search may visit.

    Raises:
        LocalError: the search would visit more; nothing is guessed.
    """
    costs, unit = scaled(package.amount for package in packages)
    search = _Cover([package.rows for package in packages], costs, supply, wanted, nodes)
    search.go(dict.fromkeys(wanted, 0), set(), 0, ())
    if search.best is None:
        return None
    cost, _, chosen = search.best
    return Winners(ratio(cost, unit), chosen)


class _Cover:
    def __init__(
        self,
        rows: Sequence[tuple[tuple[int, int], ...]],
        costs: Sequence[int],
        supply: Sequence[int],
        wanted: Sequence[int],
        nodes: int,
    ) -> None:
        self.costs, self.supply, self.left = costs, supply, nodes
        needed = set(wanted)
        self.brings = [{row: n for row, n in uses if row in needed} for uses in rows]
        self.blocks = [frozenset(row for row, _ in uses if row not in needed) for uses in rows]
        self.offers = {
            row: [place for place, brings in enumerate(self.brings) if row in brings]
            for row in wanted
        }
        self.best: tuple[int, int, tuple[int, ...]] | None = None

    def go(
        self, have: dict[int, int], out: set[int], cost: int, chosen: tuple[int, ...]
    ) -> None:
        """Extend a choice; ``out`` are offers that may no longer be taken."""
        self.left -= 1
        if self.left < 0:
            raise too_hard()
        used = frozenset[int]().union(*(self.blocks[place] for place in chosen))
        open_ = [row for row, count in have.items() if count < self.supply[row]]
        if not open_:
            self._keep(cost, chosen)
            return
        free = {
            row: [p for p in self.offers[row] if self._may(p, used, out, chosen)]
            for row in open_
        }
        if not all(free.values()) or self._hopeless(cost, open_, free, have):
            return
        row = min(open_, key=lambda r: len(free[r]))
        barred = set(out)
        for place in sorted(free[row], key=lambda p: self.costs[p]):
            more = {r: n + self.brings[place].get(r, 0) for r, n in have.items()}
            self.go(more, barred, cost + self.costs[place], (*chosen, place))
            barred.add(place)  # choices with it have all been tried

    def _may(
        self, place: int, used: frozenset[int], out: set[int], chosen: tuple[int, ...]
    ) -> bool:
        return place not in out and place not in chosen and used.isdisjoint(self.blocks[place])

    def _hopeless(
        self, cost: int, open_: list[int], free: dict[int, list[int]], have: dict[int, int]
    ) -> bool:
        if self.best is None:
            return False
        least = Fraction(cost)
        for row in open_:
            lack = self.supply[row] - have[row]
            least += lack * min(self._share(place, open_, have) for place in free[row])
        return least > self.best[0]

    def _share(self, place: int, open_: list[int], have: dict[int, int]) -> Fraction:
        """An offer's cost for each unit of what is still wanted."""
        brings = self.brings[place]
        units = sum(min(brings.get(row, 0), self.supply[row] - have[row]) for row in open_)
        return Fraction(self.costs[place], units)

    def _keep(self, cost: int, chosen: tuple[int, ...]) -> None:
        found = (cost, len(chosen), tuple(sorted(chosen)))
        if self.best is None or found < self.best:
            self.best = found
