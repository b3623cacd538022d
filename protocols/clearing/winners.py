"""Winner determination: which packages to accept, exactly.

A package uses rows: the items it asks for and, where its bidder may win only one, a row of the bidder. The value
accepted is maximised; of equal values the choice with fewest packages, and of these the one whose packages stand
earliest (comparing positions from the first).

Who searches is a choice, but what is found is not: the library's own search (:mod:`branching`), or a solver
(:mod:`solvers`), which is an extra: ``highs`` (install ``negotiate-kit[milp]``) or ``cpsat``
(``negotiate-kit[cpsat]``). ``auto`` searches by itself, and hands over to a solver that is installed past a number
of packages or of nodes. A search that reaches its limit raises; it never guesses.

Source: Sandholm (2002); Lehmann, Müller & Sandholm in Cramton, Shoham & Steinberg (2006).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from negotiate.errors import LocalError
from negotiate.protocols.clearing import solvers
from negotiate.protocols.clearing.amounts import Amount, ratio, scaled
from negotiate.protocols.clearing.branching import Search
from negotiate.protocols.clearing.relaxation import Packing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.protocols.clearing.relaxation import Uses
    from negotiate.protocols.clearing.solvers import Solver

T = TypeVar("T")

NODES = 5_000_000
"""Nodes that a search may visit unless told otherwise."""

FIRST = 500_000
"""Nodes of the own search before ``auto`` hands over to a solver that is installed."""

MANY = 1000
"""Packages from which ``auto`` does not try the own search if a solver is installed."""


class Package(NamedTuple):
    """Rows that a bid uses, how much of each, and what it offers for them."""

    rows: Uses
    amount: Amount


class Winners(NamedTuple):
    """The packages accepted, by position, and their value."""

    value: Amount
    chosen: tuple[int, ...]


def determine(
    packages: Sequence[Package],
    supply: Sequence[int],
    *,
    nodes: int = NODES,
    solver: Solver = "auto",
) -> Winners:
    """The canonical choice of greatest value.

    Args:
        packages: the bids; an amount of 0 or less is never accepted.
        supply: of each row.
        nodes: how much work the search may be: nodes of the own one; a solver's limits are set in proportion.
        solver: who searches.

    Raises:
        LocalError: the search would be more work (``too-hard``), the solver is not there (``no-solver``), or the
            amounts are too large for it to be exact (``too-large``); nothing is guessed.
    """
    return _solve(packages, supply, nodes, solver, canonical=True)


def greatest_value(
    packages: Sequence[Package],
    supply: Sequence[int],
    *,
    nodes: int = NODES,
    solver: Solver = "auto",
) -> Amount:
    """The greatest value alone, which is faster. Arguments and errors as in :func:`determine`."""
    return _solve(packages, supply, nodes, solver, canonical=False).value


def _solve(
    packages: Sequence[Package],
    supply: Sequence[int],
    nodes: int,
    solver: Solver,
    *,
    canonical: bool,
) -> Winners:
    useful = [place for place, package in enumerate(packages) if _useful(package, supply)]
    values, unit = scaled(packages[place].amount for place in useful)
    few = len(useful) + 1  # values times this, less one for each: fewest packages win ties
    packing = Packing(
        list(range(len(useful))),
        [value * few - 1 for value in values],
        [packages[place].rows for place in useful],
        list(supply),
    )

    def own(most: int) -> Sequence[int]:
        search = Search(most)
        return (search.canonical if canonical else search.greatest)(packing).places

    def other(name: solvers.Installed) -> Sequence[int]:
        model = solvers.Model(packing.values, packing.uses, packing.supply)
        return solvers.best(name, model, nodes, canonical=canonical) or ()

    chosen = search_with(solver, own, other, nodes, len(useful))
    return Winners(
        ratio(sum(values[index] for index in chosen), unit),
        tuple(useful[index] for index in chosen),
    )


def search_with(
    solver: Solver,
    own: Callable[[int], T],
    other: Callable[[solvers.Installed], T],
    nodes: int,
    size: int,
) -> T:
    """What the search asked for finds; ``auto`` changes from the own one to a solver where it should."""
    if solver == "own":
        return own(nodes)
    if solver != "auto":
        return other(solvers.require(solver))
    ready = solvers.ready()
    if ready is None:
        return own(nodes)
    if size < MANY:
        try:
            return own(min(nodes, FIRST))
        except LocalError as error:
            if error.code != "too-hard" or nodes <= FIRST:
                raise
    return other(ready)


def _useful(package: Package, supply: Sequence[int]) -> bool:
    return package.amount > 0 and all(count <= supply[row] for row, count in package.rows)
