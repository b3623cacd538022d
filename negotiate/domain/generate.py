"""Random scenarios with controlled size, opposition and balance, the same on every machine.

Each party's weights are a uniform point of the simplex (cuts of a stick, on a grid of 1e-6) and its values are
uniform, stretched to run from 0 to 1 in each issue, so that every party's best outcome is worth 1 and its worst 0.
Issues of numbers and days are valued monotonically, those of choices in any order.

*Opposition* is that of :attr:`~negotiate.domain.bargaining.Solutions.opposition`, the smallest Euclidean distance of
an outcome to (1, …, 1). To reach a target, the other parties' random preferences are blended with the first party's:
mirrored to oppose it, copied to agree with it (with three and more parties, every second one is mirrored and the rest
copied). The share of the blend is found by bisection.

*Balance* is the first party's mean utility over all outcomes minus the second's: 0 where a random outcome is worth
the same to both. To reach a target, values are bent between their ends by ``v + g * v * (1 - v)``, for the first
party with ``g`` and for the second with ``-g``; the difference is linear in ``g``, which is solved for, and bent
again where one bend is not enough. The measure is
our own choice, because it is exact for additive preferences of any size.

Nothing but ``random.Random.random`` is drawn from, whose sequence Python guarantees, and all else is integers.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.issues import Choice, Date, Domain, Integer, Issue, Money, Quantity
from negotiate.domain.preferences import SCALE, LinearAdditive, Number, Table, exact
from negotiate.domain.scenario import Role, Scenario
from negotiate.domain.sizes import sizes_of
from negotiate.errors import DomainError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRAIN = 10**6
"""Weights and values are multiples of one millionth."""

KINDS = ("choice", "integer", "quantity", "money", "date")

_STEPS = 24  # of the bisection: far below what the grid of values can tell apart
_BENDS = 6  # beyond, all values but the best lie at one end
_ONE = Fraction(1)
_FIRST_DAY = date(2027, 1, 1)

_Values: TypeAlias = "list[list[int]]"


@dataclass(frozen=True)
class Design:
    """What the scenarios are to be like.

    Attributes:
        outcomes: how many outcomes, exactly; left out where ``sizes`` are given.
        issues: how many issues they are spread over; by default about one for each power of ten.
        sizes: the number of values of each issue, in place of ``outcomes`` and ``issues``.
        kinds: kinds of the issues, repeated as needed: choice, integer, quantity, money, date.
        parties: how many.
        opposition: what to come near to; None to leave it to chance.
        balance: likewise, for two parties.
        tolerance: how near opposition must come.
        reservation: lowest and highest reservation value; each party's is drawn between them.
        discount: lowest and highest discount factor, likewise.
    """

    outcomes: int = 1000
    issues: int | None = None
    sizes: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ("choice",)
    parties: int = 2
    opposition: float | None = None
    balance: float | None = None
    tolerance: float = 0.01
    reservation: tuple[Number, Number] = (0, 0)
    discount: tuple[Number, Number] = (1, 1)

    def __post_init__(self) -> None:
        unknown = [kind for kind in self.kinds if kind not in KINDS]
        if unknown or not self.kinds:
            raise DomainError(
                f"{quote(unknown[0] if unknown else '')} is no kind of issue",
                code="generate",
                help=f"the kinds are {', '.join(KINDS)}",
            )
        if not 2 <= self.parties <= 64:
            raise DomainError(f"{self.parties} parties; 2 to 64 are expected", code="generate")
        if self.balance is not None and self.parties != 2:
            raise DomainError("balance is defined for two parties", code="generate")
        if self.opposition is not None and not 0 <= self.opposition <= self.parties:
            raise DomainError(
                f"an opposition of {self.opposition:g}; a distance from 0 is expected",
                code="generate",
            )
        for name in ("reservation", "discount"):
            low, high = getattr(self, name)
            if exact(low) > exact(high):
                raise DomainError(
                    f"{name} runs from {low} to {high}; the lower end comes first",
                    code="generate",
                )


def generate(
    design: Design | None = None,
    *,
    count: int = 1,
    seed: int | str = 0,
    name: str = "random",
) -> Iterator[Scenario]:
    """Random scenarios, one after the other; number k depends on design, seed and k alone.

    Args:
        design: what they are to be like; 1,000 outcomes and two parties by default.
        count: how many.
        seed: root of the random streams.
        name: of the scenarios, followed by their numbers.

    Raises:
        DomainError: the design cannot be met; with code ``out-of-reach``, what comes nearest.
    """
    if count < 0:
        raise DomainError(f"{count} scenarios; 0 or more are expected", code="generate")
    made = design or Design()
    sizes = made.sizes or sizes_of(made.outcomes, made.issues)
    domain = Domain(tuple(_issue(k, size, made.kinds) for k, size in enumerate(sizes)))
    digits = max(len(str(count)), 3)
    for number in range(1, count + 1):
        stream = random.Random(f"{seed}/{number}")  # noqa: S311 - a game, not a secret
        yield _Maker(made, domain, stream).scenario(f"{name}-{number:0{digits}}")


def balance_of(preferences: Sequence[LinearAdditive]) -> float:
    """Mean utility over all outcomes of the first party minus that of the second."""
    means = [
        sum(Fraction(sum(table), len(table)) for table in own.tables)
        + sum(Fraction(sum(g.contributions), len(g.contributions)) for g in own.groups)
        for own in preferences[:2]
    ]
    return float((means[0] - means[1]) / SCALE)


def _issue(place: int, size: int, kinds: Sequence[str]) -> Issue:
    kind, name = kinds[place % len(kinds)], f"issue{place + 1}"
    if kind == "choice":
        return Choice(name, tuple(f"value{k}" for k in range(1, size + 1)))
    if kind == "integer":
        return Integer(name, 1, size)
    if kind == "quantity":
        return Quantity(name, 1, size, unit="kg")
    if kind == "money":
        return Money(name, 100, 100 * size, 100)
    return Date(name, _FIRST_DAY, _FIRST_DAY + timedelta(days=size - 1))


@dataclass(frozen=True)
class _Taste:
    """Of one party: a weight for each issue, a value for each of its positions; in millionths."""

    weights: list[int]
    values: _Values

    def mean(self) -> Fraction:
        """Mean utility over all outcomes."""
        return _mean(self.weights, self.values)


class _Maker:
    """Makes one scenario.

    Args:
        design: what it is to be like.
        domain: what is negotiated.
        stream: of its own.
    """

    def __init__(self, design: Design, domain: Domain, stream: random.Random) -> None:
        self._design = design
        self._domain = domain
        self._random = stream.random
        self._drawn = [self._taste() for _ in range(design.parties)]
        self._floors = [self._between(*design.reservation) for _ in self._drawn]
        self._discounts = [self._between(*design.discount) for _ in self._drawn]

    def scenario(self, name: str) -> Scenario:
        """The scenario."""
        if self._design.opposition is None:
            preferences, about = self._preferences(self._balanced(self._drawn)), ""
        else:
            preferences, reached = self._opposed(self._design.opposition)
            about = f" Opposition {reached:.4f}."
        if self._design.balance is not None:
            about += f" Balance {balance_of(preferences):.4f}."
        roles = tuple(Role(f"party{k}", own) for k, own in enumerate(preferences, 1))
        return Scenario(name, self._domain, roles, f"Random scenario.{about}")

    # -- draws -----------------------------------------------------------------------------------

    def _below(self, limit: int) -> int:
        return int(self._random() * limit)

    def _between(self, low: Number, high: Number) -> Fraction:
        bottom = exact(low)
        span = exact(high) - bottom
        return bottom + span * Fraction(self._below(GRAIN + 1), GRAIN) if span else bottom

    def _taste(self) -> _Taste:
        issues = self._domain.issues
        spare = GRAIN - len(issues)  # every weight is at least a millionth
        cuts = sorted(self._below(spare + 1) for _ in issues[1:])
        ends = zip([0, *cuts], [*cuts, spare], strict=True)
        return _Taste([b - a + 1 for a, b in ends], [self._column(i) for i in issues])

    def _column(self, issue: Issue) -> list[int]:
        random_ = self._random
        drawn = [int(random_() * GRAIN) for _ in range(issue.size)]
        if issue.kind != "choice":
            drawn.sort(reverse=bool(self._below(2)))
        return _stretched(drawn)

    # -- aims ------------------------------------------------------------------------------------

    def _opposed(self, target: float) -> tuple[list[LinearAdditive], float]:
        """Preferences of the opposition asked for, and what it is."""
        low, high = -GRAIN, GRAIN
        reached: list[tuple[float, int, float]] = []
        for _ in range(_STEPS):
            middle = (low + high) // 2
            found = self._opposition(middle)
            reached.append((abs(found - target), middle, found))
            low, high = (middle, high) if found < target else (low, middle)
            if reached[-1][0] < self._design.tolerance / 100:
                break
        gap, share, found = min(reached + [self._tried(end, target) for end in (low, high)])
        if gap > self._design.tolerance:
            raise DomainError(
                f"an opposition of {target:g} is out of reach; {found:.4f} is the nearest found",
                code="out-of-reach",
                help="utilities that add up to one are 0.71 apart from the ideal at most; otherwise more outcomes, "
                "a larger tolerance or no balance make it easier",
            )
        return self._preferences(self._balanced(self._blended(share))), found

    def _tried(self, share: int, target: float) -> tuple[float, int, float]:
        found = self._opposition(share)
        return abs(found - target), share, found

    def _opposition(self, share: int) -> float:
        from negotiate.domain.bargaining import solve  # noqa: PLC0415 - numpy, only when asked
        from negotiate.domain.census import nearest_to_ideal  # noqa: PLC0415
        from negotiate.domain.space import MAX_ENUMERATED  # noqa: PLC0415

        preferences = self._preferences(self._balanced(self._blended(share)))
        if self._domain.size <= MAX_ENUMERATED // 8:
            return nearest_to_ideal(preferences)
        return solve(preferences).opposition

    def _blended(self, share: int) -> list[_Taste]:
        """The parties' own tastes mixed with the first one's, mirrored (positive share) or copied."""
        first, *others = self._drawn
        mixed = [first]
        for place, own in enumerate(others):
            mirrored = share > 0 and place % 2 == 0
            values = [
                _stretched(_mix(v, [GRAIN - x for x in f] if mirrored else f, abs(share)))
                for v, f in zip(own.values, first.values, strict=True)
            ]
            weights = _mix(own.weights, first.weights, abs(share))
            weights[-1] += GRAIN - sum(weights)
            mixed.append(_Taste(weights, values))
        return mixed

    def _balanced(self, tastes: list[_Taste]) -> list[_Taste]:
        """The tastes bent so that the difference of their means is what was asked for."""
        if self._design.balance is None:
            return tastes
        target = exact(self._design.balance)
        for _ in range(_BENDS):
            one, other = tastes
            missing = target - (one.mean() - other.mean())
            room = sum(
                _mean(t.weights, [_bulge(column) for column in t.values]) for t in tastes
            )
            if not room:
                break
            bend = max(-_ONE, min(_ONE, missing / room))
            tastes = [_bent(one, bend), _bent(other, -bend)]
            if abs(bend) < 1:
                return tastes
        raise DomainError(
            f"a balance of {self._design.balance:g} is out of reach",
            code="out-of-reach",
            help="issues of more values leave more room",
        )

    def _preferences(self, tastes: Sequence[_Taste]) -> list[LinearAdditive]:
        names = [issue.name for issue in self._domain.issues]
        return [
            LinearAdditive(
                self._domain,
                {
                    name: (_parts(weight), Table(tuple(map(_parts, values))))
                    for name, weight, values in zip(names, t.weights, t.values, strict=True)
                },
                reservation=floor,
                discount=discount,
            )
            for t, floor, discount in zip(tastes, self._floors, self._discounts, strict=True)
        ]


def _parts(millionths: int) -> Fraction:
    return Fraction(millionths, GRAIN)


def _stretched(values: list[int]) -> list[int]:
    """Moved and stretched to run from 0 to one million; a single value is the best there is."""
    low, high = min(values), max(values)
    if low == high:
        return [GRAIN] * len(values)
    return [(value - low) * GRAIN // (high - low) for value in values]


def _mix(own: Sequence[int], other: Sequence[int], share: int) -> list[int]:
    return [(a * (GRAIN - share) + b * share) // GRAIN for a, b in zip(own, other, strict=True)]


def _mean(weights: Sequence[int], values: _Values) -> Fraction:
    pairs = zip(weights, values, strict=True)
    return sum((Fraction(w * sum(v), len(v)) for w, v in pairs), Fraction(0)) / GRAIN**2


def _bulge(values: Sequence[int]) -> list[int]:
    return [value * (GRAIN - value) // GRAIN for value in values]


def _bent(taste: _Taste, bend: Fraction) -> _Taste:
    columns = [
        [v + round(bend * b) for v, b in zip(column, _bulge(column), strict=True)]
        for column in taste.values
    ]
    return _Taste(taste.weights, columns)
