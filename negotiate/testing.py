"""For tests of your own: hypothesis strategies for what is negotiated, and opponents that do as they are told.

    from hypothesis import given
    from negotiate.testing import Scripted, scenarios

    @given(scenarios())
    def test_my_strategy_never_walks(scenario): ...

Needs hypothesis, which the library itself does not.
"""

from __future__ import annotations

import datetime
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from negotiate.domain import (
    Choice,
    Date,
    Domain,
    Integer,
    Linear,
    LinearAdditive,
    Money,
    PiecewiseLinear,
    Quantity,
    Role,
    Scenario,
    Table,
    group_of,
)
from negotiate.moves import Accept, Move, Offer, Walk
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from negotiate.domain import Issue, Outcome
    from negotiate.domain.preferences import Group, ValueFunction
    from negotiate.strategy import View

# -- what is negotiated ----------------------------------------------------------------------------


def issues(name: str, *, max_values: int = 5) -> SearchStrategy[Issue]:
    """An issue of any kind, with up to ``max_values`` values."""
    sizes = st.integers(1, max_values)
    numbers = st.tuples(st.integers(-50, 50), st.integers(1, 7), sizes)
    start = datetime.date(2026, 1, 1)

    def dates(step: int, size: int) -> Date:
        return Date(name, start, start + datetime.timedelta(days=step * (size - 1)), step)

    return st.one_of(
        sizes.map(lambda size: Choice(name, tuple(f"v{i}" for i in range(size)))),
        numbers.map(lambda n: Integer(name, n[0], n[0] + n[1] * (n[2] - 1), n[1])),
        numbers.map(lambda n: Money(name, n[0], n[0] + n[1] * (n[2] - 1), n[1])),
        numbers.map(
            lambda n: Quantity(name, n[0], n[0] + n[1] * (n[2] - 1), n[1], unit="kg", scale=1)
        ),
        st.builds(dates, st.integers(1, 30), sizes),
    )


@st.composite
def domains(draw: DrawFn, *, max_issues: int = 3, max_values: int = 5) -> Domain:
    """A domain of up to ``max_issues`` issues of any kinds."""
    count = draw(st.integers(1, max_issues))
    return Domain(tuple(draw(issues(f"i{i}", max_values=max_values)) for i in range(count)))


def outcomes(domain: Domain) -> SearchStrategy[Outcome]:
    """An outcome of a domain."""
    return st.tuples(*(st.integers(0, size - 1) for size in domain.sizes))


# -- what it is worth ------------------------------------------------------------------------------


def shares() -> SearchStrategy[Fraction]:
    """A number in [0, 1] with few digits, so that ties are common."""
    return st.integers(0, 20).map(lambda n: Fraction(n, 20))


@st.composite
def value_functions(draw: DrawFn, issue: Issue) -> ValueFunction:
    """A table, a straight line, or straight lines between points."""
    kind = draw(st.sampled_from(("table", "line", "lines")))
    if kind == "table" or issue.size < 2:
        return Table(tuple(draw(shares()) for _ in range(issue.size)))
    if kind == "line" or issue.size < 3:
        return Linear(draw(shares()), draw(shares()))
    middle = draw(st.integers(1, issue.size - 2))
    places = (0, middle, issue.size - 1)
    return PiecewiseLinear(tuple((place, draw(shares())) for place in places))


@st.composite
def preferences(
    draw: DrawFn, domain: Domain, *, reservation: SearchStrategy[Fraction] | None = None
) -> LinearAdditive:
    """Additive preferences over a domain; now and then two issues are tied together.

    Args:
        draw: given by hypothesis.
        domain: what is negotiated.
        reservation: the reservation value; from 0 to 1 unless given, so that often nothing is acceptable.
    """
    weights = [draw(st.integers(0, 5)) for _ in domain.issues]
    total = max(sum(weights), 1)
    terms = {
        issue.name: (Fraction(weight, total), draw(value_functions(issue)))
        for issue, weight in zip(domain.issues, weights, strict=True)
    }
    return LinearAdditive(
        domain,
        terms,
        groups=_groups(draw, domain),
        reservation=draw(shares() if reservation is None else reservation),
        discount=draw(st.sampled_from((Fraction(1), Fraction(9, 10), Fraction(1, 2)))),
    )


def _groups(draw: DrawFn, domain: Domain) -> list[Group]:
    if len(domain.issues) < 2 or not draw(st.booleans()):
        return []
    names = [issue.name for issue in domain.issues[:2]]
    places = st.tuples(*(st.integers(0, size - 1) for size in domain.sizes[:2]))
    return [group_of(domain, names, Fraction(1, 4), draw(st.dictionaries(places, shares())))]


@st.composite
def scenarios(
    draw: DrawFn, *, min_parties: int = 2, max_parties: int = 2, max_issues: int = 3
) -> Scenario:
    """A domain with preferences of two or more parties."""
    domain = draw(domains(max_issues=max_issues))
    count = draw(st.integers(min_parties, max_parties))
    roles = (Role(f"r{i}", draw(preferences(domain))) for i in range(count))
    return Scenario("drawn", domain, tuple(roles))


@st.composite
def alternating_offers(draw: DrawFn, *, max_rounds: int = 12) -> AlternatingOffers:
    """Rules of alternating offers of all variants, with a limit on rounds, on time, or on both."""
    limits = draw(st.sampled_from(("rounds", "time", "both")))
    return AlternatingOffers(
        rounds=None if limits == "time" else draw(st.integers(1, max_rounds)),
        time_limit=None if limits == "rounds" else draw(st.integers(1, 200)),
        breakdown=draw(st.sampled_from((0, 0, 200_000, 1_000_000))),
        consent=draw(st.sampled_from(("unanimity", "majority"))),
        discounting=draw(st.sampled_from(("relative", "round", "none"))),
    )


# -- opponents that do as they are told ------------------------------------------------------------


class Seen(NamedTuple):
    """What a scripted opponent saw at a turn."""

    round: int
    time: float
    standing: Outcome | None
    legal: tuple[str, ...]


class Scripted(Strategy):
    """Makes the given moves one after the other, legal or not.

    Args:
        script: moves; an outcome stands for its offer.
        then: what to do when the script is over.

    Attributes:
        seen: what it saw at each of its turns.
    """

    def __init__(self, script: Iterable[Move | Outcome] = (), then: Move | None = None) -> None:
        moves = [Offer(step) if isinstance(step, tuple) else step for step in script]
        self.left = iter(moves)
        self.then = Walk() if then is None else then
        self.seen: list[Seen] = []

    def respond(self, view: View) -> Move:
        """The next move of the script."""
        self.seen.append(Seen(view.round, view.time, view.standing, view.legal))
        return next(self.left, self.then)


class Insists(Strategy):
    """Offers the same outcome again and again, and accepts nothing else.

    Args:
        outcome: what it wants; its best outcome if not given.
    """

    def __init__(self, outcome: Outcome | None = None) -> None:
        self.outcome = outcome

    def respond(self, view: View) -> Move:
        """The offer."""
        wanted = self.brief.preferences.space.kth(0) if self.outcome is None else self.outcome
        return Accept() if view.standing == wanted else Offer(wanted)


class Agrees(Strategy):
    """Accepts whatever stands; where nothing does, offers its best outcome."""

    def respond(self, view: View) -> Move:
        """Accept, or make an offer to begin with."""
        if view.standing is not None:
            return Accept()
        return Offer(self.brief.preferences.space.kth(0))
