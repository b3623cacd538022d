"""What a strategy is checked on: scenarios made from a seed, and the corners where strategies break."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from negotiate.domain import (
    Choice,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    PiecewiseLinear,
    Role,
    Scenario,
    Table,
    group_of,
)
from negotiate.errors import DomainError
from negotiate.match import derive_seed
from negotiate.protocols.alternating_offers import AlternatingOffers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from negotiate.domain import Issue, Outcome
    from negotiate.domain.preferences import Number, ValueFunction

    _Terms = Mapping[str, tuple[Number, ValueFunction]]

RIVALS = ("erratic", "random", "genius-conceder", "micro", "genius-hardliner", "itself")
"""Who sits opposite, in turn; ``erratic`` and ``itself`` are no registered names."""


@dataclass(frozen=True)
class Case:
    """One match to play.

    Attributes:
        name: unique in a check.
        scenario: with as many roles as there are seats.
        protocol: the rules.
        seat: where the strategy sits.
        rivals: who else sits there, in order.
        seed: of the match.
    """

    name: str
    scenario: Scenario
    protocol: AlternatingOffers
    seat: int
    rivals: tuple[str, ...]
    seed: str


def cases(seed: int, count: int, scenarios: Sequence[Scenario] | None = None) -> Iterator[Case]:
    """All cases but the large ones.

    Args:
        seed: root of everything random in them.
        count: scenarios to make, where none are given.
        scenarios: take these instead; the corners are tried nevertheless.
    """
    if scenarios is None:
        scenarios = [random_scenario(seed, i) for i in range(count)]
    for i, scenario in enumerate(scenarios):
        yield _case(seed, i, scenario, AlternatingOffers(rounds=(30, 5, 100)[i % 3]))
    for i, scenario in enumerate(_corners()):
        for seat in range(2):
            yield _case(seed, i, scenario, AlternatingOffers(rounds=20), seat)
    for i, rules in enumerate(_RULES):
        yield _case(seed, i, random_scenario(seed, -1 - i), rules)
    for i in range(max(count // _FEWER, len(_MANY))):
        scenario = random_scenario(seed, -101 - i, parties=3 + i % 3)
        yield _case(seed, i, scenario, _MANY[i % len(_MANY)])


def large(seed: int, outcomes: int) -> Case:
    """A domain with ``outcomes`` outcomes, a power of ten."""
    digits = len(str(outcomes)) - 1
    domain = _Vast(tuple(Choice(f"i{i}", tuple("0123456789")) for i in range(digits)))
    rng = _stream(seed, outcomes)
    roles = tuple(Role(f"r{i}", _preferences(rng, domain, plain=True)) for i in range(2))
    scenario = Scenario(f"large-{outcomes:.0e}".replace("+", ""), domain, roles)
    return Case(
        scenario.name, scenario, AlternatingOffers(rounds=10), 0, ("erratic",), f"{seed}/large"
    )


def random_scenario(seed: int, number: int, parties: int = 2) -> Scenario:
    """A small scenario; the same seed and number give the same one everywhere."""
    rng = _stream(seed, number)
    domain = Domain(tuple(_issue(rng, i) for i in range(rng.randint(1, 4))))
    roles = tuple(Role(f"r{i}", _preferences(rng, domain)) for i in range(parties))
    return Scenario(f"check-{number}", domain, roles)


class _Vast(Domain):
    """A domain that stops whoever enumerates it before memory runs out."""

    def outcomes(self) -> Iterator[Outcome]:
        """The first outcomes, and then an error."""
        for i, outcome in enumerate(super().outcomes()):
            if i > _ENUMERABLE:
                raise DomainError(
                    f"{self.size:,} outcomes are too many to enumerate", code="domain-size"
                )
            yield outcome


_ENUMERABLE = 2_000_000
_RULES = (
    AlternatingOffers(rounds=1),
    AlternatingOffers(rounds=2),
    AlternatingOffers(rounds=3),
    AlternatingOffers(rounds=None, time_limit=400),
    AlternatingOffers(rounds=25, time_limit=600),
    AlternatingOffers(rounds=20_000, time_limit=500),
    AlternatingOffers(rounds=40, breakdown=50_000),
    AlternatingOffers(rounds=40, consent="majority"),
    AlternatingOffers(rounds=40, discounting="round"),
)
_FEWER = 8  # bilateral scenarios for one with more parties
_MANY = (
    AlternatingOffers(rounds=20),
    AlternatingOffers(rounds=20, consent="majority"),
    AlternatingOffers(rounds=None, time_limit=500),
    AlternatingOffers(rounds=1, consent="majority"),
)


def _case(
    seed: int, i: int, scenario: Scenario, protocol: AlternatingOffers, seat: int | None = None
) -> Case:
    parties = len(scenario.roles)
    rivals = tuple(RIVALS[(i + j) % len(RIVALS)] for j in range(parties - 1))
    seat = i % parties if seat is None else seat
    return Case(
        f"{scenario.name} as {scenario.roles[seat].name}",
        scenario,
        protocol,
        seat,
        rivals,
        f"{seed}/{scenario.name}/{seat}",
    )


def _stream(seed: int, number: int) -> Random:
    return Random(derive_seed("checks", seed, number))  # noqa: S311 - play, not secrets


def _corners() -> list[Scenario]:
    only = Domain((Choice("only", ("this",)),))
    pair = Domain((Choice("a", ("x", "y", "z")), Integer("b", 0, 3)))
    rise: tuple[Fraction, ...] = (Fraction(0), Fraction(1, 4), Fraction(1, 2))
    half, third = Fraction(1, 2), Fraction(1, 3)
    worth: _Terms = {"a": (1, Table(rise)), "b": (half, Linear(Fraction(0), Fraction(1)))}
    other: _Terms = {"a": (1, Table(rise[::-1])), "b": (half, Linear(Fraction(1), Fraction(0)))}
    below: _Terms = {"a": (-1, Table(rise)), "b": (-half, Linear(Fraction(0), Fraction(1)))}
    flat: _Terms = {"a": (1, Table((third, third, third)))}
    kinds = {
        "one-outcome": [LinearAdditive(only, {"only": (1, Table((half,)))}) for _ in range(2)],
        "none-acceptable": [LinearAdditive(pair, w, reservation=2) for w in (worth, other)],
        "best-only": [LinearAdditive(pair, w, reservation=1) for w in (worth, other)],
        "all-alike": [LinearAdditive(pair, flat, reservation=r) for r in (0, third)],
        "all-below-zero": [LinearAdditive(pair, below, reservation=-r) for r in (2, third)],
        "exactly-opposed": [LinearAdditive(pair, w, discount=half) for w in (worth, other)],
    }
    return [
        Scenario(name, own[0].domain, (Role("r0", own[0]), Role("r1", own[1])))
        for name, own in kinds.items()
    ]


def _issue(rng: Random, i: int) -> Issue:
    if rng.random() < 0.3:
        return Integer(f"i{i}", 0, rng.randint(0, 12))
    return Choice(f"i{i}", tuple(f"v{j}" for j in range(rng.randint(1, 6))))


def _preferences(rng: Random, domain: Domain, *, plain: bool = False) -> LinearAdditive:
    shares = [rng.randint(1, 9) for _ in domain.issues]
    terms = {
        issue.name: (Fraction(share, sum(shares)), _values(rng, issue))
        for issue, share in zip(domain.issues, shares, strict=True)
    }
    groups = []
    if not plain and len(domain.issues) > 1 and rng.random() < 0.2:
        pair = [issue.name for issue in domain.issues[:2]]
        groups = [group_of(domain, pair, Fraction(1, 10), {(0, 0): 1})]
    return LinearAdditive(
        domain,
        terms,
        groups=groups,
        reservation=Fraction(0 if plain else rng.choice((0, 0, 2, 4, 6)), 10),
        discount=Fraction(rng.choice((10, 10, 9)), 10),
    )


def _values(rng: Random, issue: Issue) -> ValueFunction:
    def any_value() -> Fraction:
        return Fraction(rng.randint(0, 100), 100)

    if issue.kind == "choice" or issue.size < 3:
        return Table(tuple(any_value() for _ in range(issue.size)))
    if rng.random() < 0.5:
        return Linear(any_value(), any_value())
    middle = rng.randint(1, issue.size - 2)
    return PiecewiseLinear(
        ((0, any_value()), (middle, any_value()), (issue.size - 1, any_value()))
    )
