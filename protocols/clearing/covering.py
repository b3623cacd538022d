"""The buyer's problem: the cheapest set of package offers that brings every wanted row.

Branch and bound on the wanted row with the fewest offers left. Prices of the wanted rows and charges for the
others (see :mod:`~negotiate.protocols.clearing.relaxation`) bound what the rest costs at least; a branch is cut
when that passes the best known. Ties: fewest offers, then the earliest.

Source: the covering form of winner determination, Sandholm, Suri, Gilpin & Levine (2002).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.protocols.clearing import solvers
from negotiate.protocols.clearing.amounts import ratio, scaled
from negotiate.protocols.clearing.branching import too_hard
from negotiate.protocols.clearing.relaxation import SCALE, cover_prices
from negotiate.protocols.clearing.winners import NODES, Package, Winners, search_with

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.protocols.clearing.relaxation import Uses
    from negotiate.protocols.clearing.solvers import Solver


def determine(
    packages: Sequence[Package],
    supply: Sequence[int],
    wanted: Sequence[int],
    *,
    nodes: int = NODES,
    solver: Solver = "auto",
) -> Winners | None:
    """The canonical cheapest choice; None when no choice brings every wanted row.

    Args:
        packages: the offers; amounts are their costs.
        supply: of wanted rows, how much is wanted; of the others, how often they may be used.
        wanted: the rows to be filled; more than is wanted does no harm.
        nodes: how much work the search may be.
        solver: who searches.

    Raises:
        LocalError: as in :func:`negotiate.protocols.clearing.winners.determine`.
    """
    costs, unit = scaled(package.amount for package in packages)
    # Costs times this, and one more for each: fewest offers win ties.
    few = len(packages) + 1
    weights = [cost * few + 1 for cost in costs]
    uses = [package.rows for package in packages]

    def own(most: int) -> Sequence[int] | None:
        search = _Cover(uses, weights, supply, wanted, most)
        search.go(dict.fromkeys(wanted, 0), set(), 0, ())
        return None if search.best is None else search.best[1]

    def other(name: solvers.Installed) -> Sequence[int] | None:
        model = solvers.Model([-w for w in weights], uses, supply, frozenset(wanted))
        return solvers.best(name, model, nodes, canonical=True)

    chosen = search_with(solver, own, other, nodes, len(packages))
    if chosen is None:
        return None
    return Winners(ratio(sum(costs[p] for p in chosen), unit), tuple(chosen))


class _Cover:
    def __init__(
        self,
        uses: Sequence[Uses],
        costs: Sequence[int],
        supply: Sequence[int],
        wanted: Sequence[int],
        nodes: int,
    ) -> None:
        self.costs, self.supply, self.left = costs, supply, nodes
        needed = set(wanted)
        self.brings = [{row: n for row, n in rows if row in needed} for rows in uses]
        self.blocks = [frozenset(row for row, _ in rows if row not in needed) for rows in uses]
        self.offers: dict[int, list[int]] = {row: [] for row in wanted}
        self.prices = cover_prices(costs, uses, supply, wanted)
        self.losses = [
            cost * SCALE
            - sum(n * self.prices[row] * (1 if row in needed else -1) for row, n in rows)
            for cost, rows in zip(costs, uses, strict=True)
        ]
        for place in sorted(range(len(costs)), key=self.losses.__getitem__):
            for row in self.brings[place]:
                self.offers[row].append(place)
        self.charges = sum(
            self.prices[row] * most for row, most in enumerate(supply) if row not in needed
        )
        self.best: tuple[int, tuple[int, ...]] | None = None

    def go(
        self, have: dict[int, int], out: set[int], cost: int, chosen: tuple[int, ...]
    ) -> None:
        """Extend a choice; ``out`` are offers that may no longer be taken."""
        self.left -= 1
        if self.left < 0:
            raise too_hard()
        lack = {
            row: self.supply[row] - count
            for row, count in have.items()
            if count < self.supply[row]
        }
        if not lack:
            self._keep(cost, chosen)
            return
        used = frozenset[int]().union(*(self.blocks[place] for place in chosen))
        spare = self._spare(lack, used, cost)
        if spare is not None and spare < 0:
            return
        free = {
            row: [
                p
                for p in self.offers[row]
                if p not in out and p not in chosen and used.isdisjoint(self.blocks[p])
            ]
            for row in lack
        }
        row = min(lack, key=lambda r: len(free[r]))
        barred = set(out)
        for place in free[row]:
            more = {r: n + self.brings[place].get(r, 0) for r, n in have.items()}
            self.go(more, barred, cost + self.costs[place], (*chosen, place))
            barred.add(place)  # choices with it have all been tried

    def _spare(self, lack: dict[int, int], used: frozenset[int], cost: int) -> int | None:
        """How much more than the bound the rest may cost; None while nothing is known."""
        if self.best is None:
            return None
        least = sum([count * self.prices[row] for row, count in lack.items()]) - self.charges
        least += sum([self.prices[row] * self.supply[row] for row in used])
        return (self.best[0] - cost) * SCALE - least

    def _keep(self, cost: int, chosen: tuple[int, ...]) -> None:
        found = (cost, tuple(sorted(chosen)))
        if self.best is None or found < self.best:
            self.best = found
