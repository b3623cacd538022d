"""The outer search of winner determination: branch where one dive is not enough, with new prices for each part.

A problem is relaxed to prices, and searched at these (see :mod:`~negotiate.protocols.clearing.dive`). Where that
takes too long, the packages that can still matter fall into parts that share no row, each solved alone; or one of
them, half taken by the relaxation and with many rows, is taken or left, and both cases are solved with prices of
their own.

Among choices of one value the search finds the one whose packages stand earliest: it visits those that are as good
as the best known, too. If they are many it stops that, and fixes the earliest package that some best choice holds,
then the next.

Source: branch and bound for winner determination, Sandholm (2002), Sandholm, Suri, Gilpin & Levine (2005).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.errors import LocalError
from negotiate.protocols.clearing.dive import Dive
from negotiate.protocols.clearing.relaxation import SCALE, Packing, relax
from negotiate.protocols.clearing.solvers import advice

if TYPE_CHECKING:
    from collections.abc import Sequence

_DIVE = 4000  # nodes of one dive
_DEPTH = 300  # of branches; below, a dive has no limit of its own
_TIES = 200  # choices as good as the best known that are looked at


class Choice(NamedTuple):
    """A value and the places, rising, that bring it."""

    value: int
    places: list[int]


class Search:
    """Searches of packings that share one allowance of nodes."""

    def __init__(self, nodes: int) -> None:
        self._left, self._ties, self._any = nodes, 0, False

    def greatest(self, packing: Packing) -> Choice:
        """A choice of the greatest value.

        Raises:
            LocalError: the search would visit more nodes than it may.
        """
        return self._solve(packing, 0) or Choice(0, [])

    def canonical(self, packing: Packing, known: Choice | None = None) -> Choice:
        """The choice of the greatest value whose packages stand earliest.

        Args:
            packing: the problem.
            known: a choice of the greatest value, if there is one.

        Raises:
            LocalError: the search would visit more nodes than it may.
        """
        self._ties = _TIES
        found = self._solve(packing, known.value if known else 0) or Choice(0, [])
        return found if self._ties > 0 else self._earliest(packing, found)

    def _solve(self, packing: Packing, least: int, depth: int = 0) -> Choice | None:
        """The best choice worth at least this, or any such; None if there is none."""
        if not packing.values:
            return Choice(0, []) if least <= 0 else None
        self._left -= len(packing.values)
        prices, shares = relax(packing)
        dive = Dive(packing, prices)
        if dive.bound < least * SCALE:
            return None
        best = _Best(self, packing, least)
        losses, values, uses = dive.losses, packing.values, packing.uses
        everything = range(len(values))
        best.take(
            dive.greedy(sorted(everything, key=lambda p: (-round(shares[p], 3), losses[p])))
        )
        best.take(dive.greedy(sorted(everything, key=lambda p: (losses[p], -values[p]))))
        if self._dived(dive, best, _DIVE if depth < _DEPTH else self._left + 1):
            return best.choice
        some = dive.within(best.least)
        if not some:  # what was found since leaves no room for any package
            return best.choice
        parts = _components(packing, some)
        if len(parts) > 1:
            return self._apart(parts, best, depth + 1)
        half = max(some, key=lambda p: (min(shares[p], 0.5) * len(uses[p]), values[p]))
        inside = _with(packing, some, half)
        best.hear(self._solve(inside, best.least - values[half], depth + 1), half)
        if not (self._any and best.choice):
            outside = _part(packing, [p for p in some if p != half])
            best.hear(self._solve(outside, best.least, depth + 1))
        return best.choice

    def _dived(self, dive: Dive, best: _Best, nodes: int) -> bool:
        """Whether one dive, or the first find if any will do, ends the search."""
        dive.prepare(best.least)
        while not (self._any and best.choice):
            if self._left < 0:
                raise too_hard()
            before = nodes
            chosen, nodes = dive.next(best.least, nodes)
            self._left -= before - nodes
            if chosen is None:
                return nodes >= 0
            best.take(chosen)
        return True

    def _apart(self, parts: Sequence[Packing], best: _Best, depth: int) -> Choice | None:
        """Solve parts that share no row; each must bring what the others cannot."""
        most = [_bound(part) for part in parts]
        total = Choice(0, [])
        for place, part in enumerate(parts):
            rest = total.value + sum(most[place + 1 :])
            found = self._solve(part, best.least - rest, depth)
            if found is None:
                return best.choice
            total = Choice(total.value + found.value, total.places + found.places)
        best.hear(total)
        return best.choice

    def tie(self) -> bool:
        """Whether one more choice as good as the best known is to be looked at."""
        self._ties -= 1
        return self._ties > 0

    def _earliest(self, packing: Packing, found: Choice) -> Choice:
        """Fix the earliest package that some choice of this value holds, then the next."""
        self._any = True
        place = {name: at for at, name in enumerate(packing.places)}
        wanted = [place[name] for name in found.places]
        fixed: list[int] = []
        due, rest = found.value, packing
        dive = Dive(packing, relax(packing).prices)
        for at in dive.within(found.value):
            if due == 0:
                break
            inner = {name: n for n, name in enumerate(rest.places)}
            here = inner.get(packing.places[at])
            if here is None:
                continue
            after = list(range(here + 1, len(rest.places)))
            within = _with(rest, after, here)
            if at not in wanted:
                tail = self._solve(within, due - packing.values[at])
                if tail is None:
                    continue
                wanted = [*fixed, at, *(place[name] for name in tail.places)]
            fixed.append(at)
            due, rest = due - packing.values[at], within
        return Choice(found.value, [packing.places[at] for at in fixed])


class _Best:
    """The best choice of one problem so far, and what the next must be worth to matter."""

    def __init__(self, search: Search, packing: Packing, least: int) -> None:
        self._search, self._packing, self.least = search, packing, least
        self.choice: Choice | None = None

    def take(self, chosen: Sequence[int]) -> None:
        """Consider packages of the problem."""
        values, places = self._packing.values, self._packing.places
        value = sum([values[p] for p in chosen])
        if value >= self.least:
            self._keep(Choice(value, sorted([places[p] for p in chosen])))

    def hear(self, found: Choice | None, also: int | None = None) -> None:
        """Consider what a part of the problem brought, together with one more package."""
        if found is not None and also is None:
            self._keep(Choice(found.value, sorted(found.places)))
        elif found is not None and also is not None:
            value = found.value + self._packing.values[also]
            self._keep(Choice(value, sorted([*found.places, self._packing.places[also]])))

    def _keep(self, found: Choice) -> None:
        best = self.choice
        if best is None or found.value > best.value or found.places < best.places:
            self.choice = found
        self.least = found.value + (not self._search.tie())


def _bound(packing: Packing) -> int:
    prices = relax(packing).prices
    return sum([p * most for p, most in zip(prices, packing.supply, strict=True)]) // SCALE


def _part(
    packing: Packing, some: Sequence[int], supply: Sequence[int] | None = None
) -> Packing:
    """Some of the packages, and the rows that these use."""
    supply = packing.supply if supply is None else supply
    number: dict[int, int] = {}
    uses = [
        tuple([(number.setdefault(row, len(number)), count) for row, count in packing.uses[p]])
        for p in some
    ]
    return Packing(
        [packing.places[p] for p in some],
        [packing.values[p] for p in some],
        uses,
        [supply[row] for row in number],
    )


def _with(packing: Packing, some: Sequence[int], one: int) -> Packing:
    """What is left of some packages when one is taken."""
    supply = list(packing.supply)
    for row, count in packing.uses[one]:
        supply[row] -= count
    left = [
        p
        for p in some
        if p != one and all(count <= supply[row] for row, count in packing.uses[p])
    ]
    return _part(packing, left, supply)


def _components(packing: Packing, some: Sequence[int]) -> list[Packing]:
    """The packages in groups that share no row."""
    over: dict[int, int] = {}

    def top(row: int) -> int:
        while over.setdefault(row, row) != row:
            over[row] = over[over[row]]
            row = over[row]
        return row

    for p in some:
        first = top(packing.uses[p][0][0])
        for row, _ in packing.uses[p][1:]:
            over[top(row)] = first
    groups: dict[int, list[int]] = {}
    for p in some:
        groups.setdefault(top(packing.uses[p][0][0]), []).append(p)
    return [_part(packing, group) for group in groups.values()]


def too_hard() -> LocalError:
    """The error of a search that reached its limit."""
    return LocalError(
        "winner determination visited as many nodes as it may", code="too-hard", help=advice()
    )
