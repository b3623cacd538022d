"""Buying a path: each seller owns an edge, the cheapest path is bought, and VCG pays its edges.

An edge on the path is paid its cost and what the path would have cost more without it. An edge that every path
needs has no such price: its payment is None. Of equally cheap paths the one with fewest edges is bought, then the
one whose edges stand earliest among the bids.

Source: Nisan & Ronen (2001); Nisan in *Algorithmic Game Theory* (2007), section 9.3.5.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, whole

if TYPE_CHECKING:
    from collections.abc import Sequence


class Edge(NamedTuple):
    """A seller's edge from ``tail`` to ``head``, and its cost."""

    bidder: str
    tail: str
    head: str
    cost: Amount


class Bought(NamedTuple):
    """The path, its cost, and what each of its edges is paid; None for one that cannot be replaced."""

    path: list[str]
    cost: Amount
    payments: dict[str, Amount | None]


def path_vcg(
    edges: Sequence[Edge], source: str, target: str, *, directed: bool = True
) -> Bought | None:
    """Buy the cheapest path from ``source`` to ``target``; None when there is none."""
    found = _cheapest(edges, source, target, directed, None)
    if found is None:
        return None
    cost, path = found
    payments: dict[str, Amount | None] = {}
    for index in path:
        other = _cheapest(edges, source, target, directed, index)
        rise = None if other is None else whole(other[0] - cost + edges[index].cost)
        payments[edges[index].bidder] = rise
    return Bought([edges[index].bidder for index in path], cost, payments)


def _cheapest(
    edges: Sequence[Edge], source: str, target: str, directed: bool, without: int | None
) -> tuple[Amount, tuple[int, ...]] | None:
    """Cost and edges of the canonical cheapest path (Dijkstra)."""
    leaving: dict[str, list[tuple[int, str]]] = {}
    for index, edge in enumerate(edges):
        if index != without:
            leaving.setdefault(edge.tail, []).append((index, edge.head))
            if not directed:
                leaving.setdefault(edge.head, []).append((index, edge.tail))
    heap: list[tuple[Amount, int, tuple[int, ...], str]] = [(0, 0, (), source)]
    reached: set[str] = set()
    while heap:
        cost, hops, path, node = heappop(heap)
        if node == target:
            return cost, path
        if node in reached:
            continue
        reached.add(node)
        for index, head in leaving.get(node, ()):
            if head not in reached:
                heappush(
                    heap, (whole(cost + edges[index].cost), hops + 1, (*path, index), head)
                )
    return None
