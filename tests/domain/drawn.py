"""Random domains for tests, and the slow, plain answers that the library must equal."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from negotiate.domain import SCALE, Domain, Integer, LinearAdditive, Outcome, Table
from negotiate.domain.preferences import Group

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.domain.space import Space

Numbers: TypeAlias = "Sequence[Any] | npt.NDArray[np.int64]"

GRAINS = (SCALE, SCALE // 2, SCALE // 4, SCALE // 20, 999_983, 7)
"""Steps of utility: the coarse ones make ties and equal outcomes common, the fine ones rare."""


def additive(
    tables: Numbers,
    groups: Sequence[tuple[tuple[int, ...], Numbers]] = (),
    *,
    reservation: int = 0,
    domain: Domain | None = None,
) -> LinearAdditive:
    """Preferences with these contributions, in units of 1e-9."""
    if domain is None:
        domain = Domain(tuple(Integer(f"i{n}", 0, len(t) - 1) for n, t in enumerate(tables)))
    terms = {
        issue.name: (1, Table(tuple(Fraction(int(number), SCALE) for number in table)))
        for issue, table in zip(domain.issues, tables, strict=True)
    }
    made = [Group(issues, tuple(int(n) for n in numbers)) for issues, numbers in groups]
    return LinearAdditive(domain, terms, groups=made, reservation=Fraction(reservation, SCALE))


@st.composite
def parties(
    draw: st.DrawFn, least: int = 1, most: int = 3, largest: int = 400, *, groups: bool = True
) -> list[LinearAdditive]:
    """Preferences of some parties over one domain; few bytes decide about many numbers, so that it is quick."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    while math.prod(sizes) > largest:
        sizes.pop()
    domain = Domain(tuple(Integer(f"i{n}", 1, size) for n, size in enumerate(sizes)))
    found: list[LinearAdditive] = []
    for _ in range(draw(st.integers(least, most))):
        grain = draw(st.sampled_from(GRAINS))
        tied = []
        if groups and len(sizes) > 1 and draw(st.booleans()):
            pair = sorted(draw(st.permutations(range(len(sizes))))[:2])
            tied = [(tuple(pair), _numbers(draw, math.prod(sizes[i] for i in pair), grain))]
        found.append(
            additive(
                [_numbers(draw, size, grain) for size in sizes],
                tied,
                reservation=draw(st.integers(0, 12)) * SCALE // 4,
                domain=domain,
            )
        )
    return found


def _numbers(draw: st.DrawFn, count: int, grain: int) -> list[int]:
    """Contributions: multiples of ``grain``, from nothing to about 1."""
    levels = max(SCALE // grain, 1) + 1
    bytes_ = draw(st.binary(min_size=2 * count, max_size=2 * count))
    return [
        int.from_bytes(bytes_[i : i + 2]) * 48_271 % levels * grain
        for i in range(0, 2 * count, 2)
    ]


class Listed:
    """All outcomes, and the questions answered by looking at each of them."""

    def __init__(self, preferences: Sequence[LinearAdditive]) -> None:
        self.preferences = preferences
        self.domain = preferences[0].domain
        self.outcomes = list(self.domain.outcomes())
        self.utilities = {
            o: tuple(own.utility(o) for own in preferences) for o in self.outcomes
        }

    @cached_property
    def frontier(self) -> list[tuple[tuple[int, ...], Outcome]]:
        """Undominated utilities, best for the first party first, each with its first outcome."""
        first: dict[tuple[int, ...], Outcome] = {}
        for outcome, utilities in self.utilities.items():
            first.setdefault(utilities, outcome)
        points = np.array(list(first))
        beaten = (points[:, None, :] <= points[None, :, :]).all(axis=2)
        open_ = beaten.sum(axis=1) == 1  # by itself alone
        found = [tuple(row) for row in points[open_].tolist()]
        return [(point, first[point]) for point in sorted(found, reverse=True)]

    @cached_property
    def rational(self) -> list[Outcome]:
        """Outcomes that nobody would refuse."""
        floor = [own.reservation for own in self.preferences]
        return [
            o
            for o in self.outcomes
            if all(u >= r for u, r in zip(self.utilities[o], floor, strict=True))
        ]

    def gains(self, outcome: Outcome) -> list[int]:
        """What each party gets above its reservation value."""
        pairs = zip(self.utilities[outcome], self.preferences, strict=True)
        return [u - own.reservation for u, own in pairs]

    def best(
        self, outcomes: Sequence[Outcome], criterion: Callable[[Outcome], Fraction | int]
    ) -> Outcome | None:
        """The outcome of the greatest criterion, then welfare, then the first."""
        if not outcomes:
            return None
        return min(outcomes, key=lambda o: (-criterion(o), -sum(self.utilities[o]), o))


class Ordered:
    """One party's outcomes in order, and the questions answered by going through them."""

    def __init__(self, own: LinearAdditive) -> None:
        self.order = sorted(own.domain.outcomes(), key=lambda o: (-own.utility(o), o))
        self.utilities = [own.utility(o) for o in self.order]

    def _level(self, utility: int) -> list[Outcome]:
        return [o for o, u in zip(self.order, self.utilities, strict=True) if u == utility]

    def nearest(self, utility: float) -> Outcome:
        """The neighbour in the order of the space, by the rule of GENIUS."""
        above = min((u for u in self.utilities if u >= utility), default=None)
        below = max((u for u in self.utilities if u < utility), default=None)
        if above is None or (below is not None and utility - below < above - utility):
            assert below is not None
            return self._level(below)[0]
        return self._level(above)[-1]

    def lowest(self, utility: float) -> Outcome | None:
        """The first outcome of the lowest level at or above."""
        above = min((u for u in self.utilities if u >= utility), default=None)
        return None if above is None else self._level(above)[0]

    def count(self, utility: float) -> int:
        """How many are worth at least this."""
        return sum(u >= utility for u in self.utilities)


def assert_answers(space: Space, own: LinearAdditive, marks: Sequence[float]) -> None:
    """Every query on a space equals the slow answer."""
    listed = Ordered(own)
    assert (space.size, space.max_utility, space.min_utility) == (
        len(listed.order),
        listed.utilities[0],
        listed.utilities[-1],
    )
    assert [space.kth(k) for k in range(space.size)] == listed.order
    assert [space.utility_at(k) for k in range(space.size)] == listed.utilities
    assert [space.rank(outcome) for outcome in listed.order] == list(range(space.size))
    for mark in marks:
        assert space.nearest(mark) == listed.nearest(mark)
        assert space.lowest_at_or_above(mark) == listed.lowest(mark)
        assert space.count_at_or_above(mark) == listed.count(mark)


def marks_of(own: LinearAdditive) -> list[float]:
    """Utilities worth asking about: levels, just beside them, between them, and far outside."""
    levels = sorted({own.utility(o) for o in own.domain.outcomes()})
    some = [levels[0], levels[len(levels) // 3], levels[len(levels) // 2], levels[-1]]
    beside = [level + step for level in some for step in (-1, -0.5, 0, 0.5, 1)]
    return [*beside, (some[0] + some[1]) / 2, (some[1] + some[2]) / 2, -1e13, 1e13]


def large(issues: int, values: int, opposition: float, seed: int = 1) -> list[LinearAdditive]:
    """Two parties over ``values ** issues`` outcomes, their values opposed so far."""
    random = np.random.Generator(np.random.PCG64(seed))
    domain = Domain(tuple(Integer(f"i{n}", 1, values) for n in range(issues)))
    weights = random.dirichlet(np.full(issues, 2.0))
    one: list[list[int]] = []
    two: list[list[int]] = []
    for weight in weights.tolist():
        mine = random.random(values)
        theirs = opposition * (1 - mine) + (1 - opposition) * random.random(values)
        for table, numbers in ((one, mine), (two, theirs)):
            table.append(np.rint(numbers / numbers.max() * weight * SCALE).astype(int).tolist())
    return [additive(table, domain=domain) for table in (one, two)]
