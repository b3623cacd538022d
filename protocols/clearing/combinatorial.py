"""Bids on packages of items: first price and VCG, to sell and to buy.

A bidder sends package bids in one of three languages: ``xor``, at most one of its bids wins; ``or``, any of them
that do not collide; ``or_star``, as ``or``, where bids may also name dummy items that only tie the bidder's own
bids together. Selling, the value accepted is maximised and no item is given more often than there is supply;
buying, the cost of getting every wanted item is minimised, and getting one twice does no harm.

Ties: the choice with fewest bids, then the one whose bids came first.

VCG charges each winner what the others lose by its presence, ``W(-i) - (W - v[i])``; a seller that cannot be
replaced has no such price, and is paid None.

Sources: Nisan in Cramton, Shoham & Steinberg (2006); Clarke (1971); Nisan (2007), chapter 9.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from negotiate.protocols.clearing import covering
from negotiate.protocols.clearing.amounts import Amount, whole
from negotiate.protocols.clearing.winners import (
    NODES,
    Package,
    Winners,
    determine,
    greatest_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from negotiate.protocols.clearing.solvers import Solver

Language: TypeAlias = Literal["xor", "or", "or_star"]


class Atom(NamedTuple):
    """One package bid: items and an amount for all of them together."""

    bidder: str
    items: tuple[str, ...]
    amount: Amount


class Sold(NamedTuple):
    """Winning bids, by position in the list of atoms, with value and payments of the winners."""

    welfare: Amount
    chosen: tuple[int, ...]
    payments: Mapping[str, Amount | None]


@dataclass(frozen=True)
class Market:
    """Package bids and what they are on.

    Attributes:
        atoms: all package bids, those that win ties first.
        supply: how much there is of an item; 1 of those not named.
        language: what a bidder's bids mean together.
        dummies: items that are not for sale and only tie bids together.
        reverse: buying instead of selling.
        nodes: how much work a search may be.
        solver: who searches, as in :func:`~negotiate.protocols.clearing.winners.determine`.
    """

    atoms: tuple[Atom, ...]
    supply: Mapping[str, int]
    language: Language = "xor"
    dummies: frozenset[str] = frozenset()
    reverse: bool = False
    nodes: int = NODES
    solver: Solver = "auto"

    @cached_property
    def bidders(self) -> tuple[str, ...]:
        """Bidders in the order of their first bids."""
        return tuple(dict.fromkeys(atom.bidder for atom in self.atoms))

    @cached_property
    def _rows(self) -> tuple[dict[tuple[str, str], int], list[int]]:
        """A row for each item, each dummy of a bidder and, under XOR, each bidder; and their supplies."""
        supply: dict[tuple[str, str], int] = {}
        for atom in self.atoms:
            for item in atom.items:
                supply[self._key(atom.bidder, item)] = self.supply.get(item, 1)
            if self.language == "xor":
                supply["bidder", atom.bidder] = 1
        if self.reverse:
            supply.update({("item", item): count for item, count in self.supply.items()})
        return {key: row for row, key in enumerate(supply)}, list(supply.values())

    def _key(self, bidder: str, item: str) -> tuple[str, str]:
        return (f"dummy {bidder}", item) if item in self.dummies else ("item", item)

    @cached_property
    def packages(self) -> tuple[Package, ...]:
        """The bids in terms of rows."""
        return tuple(self._package(atom) for atom in self.atoms)

    def _package(self, atom: Atom) -> Package:
        places = self._rows[0]
        uses: dict[int, int] = {}
        for item in atom.items:
            row = places[self._key(atom.bidder, item)]
            uses[row] = uses.get(row, 0) + 1
        if self.language == "xor":
            uses[places["bidder", atom.bidder]] = 1
        return Package(tuple(uses.items()), atom.amount)

    def solve(self, among: Iterable[Package] | None = None) -> Winners | None:
        """The canonical choice among these packages, all by default; None when buying is impossible."""
        packages = list(self.packages if among is None else among)
        if not self.reverse:
            return determine(packages, self._rows[1], nodes=self.nodes, solver=self.solver)
        wanted = [row for (kind, _), row in self._rows[0].items() if kind == "item"]
        return covering.determine(
            packages, self._rows[1], wanted, nodes=self.nodes, solver=self.solver
        )

    def value(self, among: Sequence[Package]) -> Amount | None:
        """The value (or cost) of the best choice among these packages; None when buying is impossible."""
        if not self.reverse:
            return greatest_value(among, self._rows[1], nodes=self.nodes, solver=self.solver)
        found = self.solve(among)
        return None if found is None else found.value

    def without(self, bidder: str) -> list[Package]:
        """The packages of all others."""
        pairs = zip(self.packages, self.atoms, strict=True)
        return [package for package, atom in pairs if atom.bidder != bidder]

    def worth(self, chosen: Iterable[int]) -> dict[str, Amount]:
        """What each winner bid for what it won."""
        total: dict[str, Amount] = {}
        for place in chosen:
            atom = self.atoms[place]
            total[atom.bidder] = whole(total.get(atom.bidder, 0) + atom.amount)
        return total

    def allocation(self, chosen: Iterable[int]) -> dict[str, list[str]]:
        """What each winner gets; dummies are left out."""
        given: dict[str, list[str]] = {}
        for place in chosen:
            atom = self.atoms[place]
            items = [item for item in atom.items if item not in self.dummies]
            given.setdefault(atom.bidder, []).extend(items)
        return given


def combinatorial_first_price(market: Market) -> Sold | None:
    """Winners pay (or get) what they bid; None when buying is impossible."""
    found = market.solve()
    if found is None:
        return None
    return Sold(found.value, found.chosen, market.worth(found.chosen))


def vcg_combinatorial(market: Market) -> Sold | None:
    """Winners pay (or get) what their presence costs (or saves) the others; None when buying is impossible."""
    found = market.solve()
    if found is None:
        return None
    payments: dict[str, Amount | None] = {}
    for bidder, own in market.worth(found.chosen).items():
        other = market.value(market.without(bidder))
        rest = found.value - own
        # Selling, others could have had ``other`` and have ``rest``; buying, it is the same with costs.
        payments[bidder] = None if other is None else whole(other - rest)
    return Sold(found.value, found.chosen, payments)
