"""One negotiation for the page: its outcome space, its concessions, and its moves in words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from math import gcd
from operator import itemgetter
from typing import TYPE_CHECKING

from negotiate.arena.report.concession import Concessions, concession_svg
from negotiate.arena.report.space import Offered, Point, Space, outcome_space_svg
from negotiate.arena.report.text import label, utility
from negotiate.domain.bargaining import Frontier, solve
from negotiate.domain.preferences import SCALE
from negotiate.moves import CHANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.arena.report.svg import Markup
    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import LinearAdditive
    from negotiate.domain.scenario import Scenario
    from negotiate.moves import Turn

MOST_OUTCOMES = 5000
"""Outcomes that are drawn; of larger domains a sample of this size."""

MOST_MOVES = 200
"""Moves that the table holds; of longer negotiations the first and the last."""

_VERBS = {
    "offer": "offers",
    "accept": "accepts",
    "reject": "rejects the offer",
    "walk": "walks away",
    "proceed": "lets it go on",
    "breakdown": "ends it",
}


@dataclass(frozen=True)
class Played:
    """A negotiation that was played.

    Attributes:
        scenario: on what.
        seats: the strategies, by role.
        moves: everything that happened, oldest first.
        agreement: what was agreed, or None.
        utilities: what each got, in units of 1e-9.
        reason: why it ended.
        ended_by: who ended it; None if nobody did.
        rounds: rounds begun.
    """

    scenario: Scenario
    seats: tuple[str, ...]
    moves: Sequence[Turn]
    agreement: Outcome | None
    utilities: tuple[int, ...]
    reason: str
    ended_by: int | None
    rounds: int


@dataclass(frozen=True)
class Step:
    """A move in words. ``utilities`` are those of the offer on the table after it."""

    number: int
    round: int
    party: int
    who: str
    verb: str
    text: str
    utilities: tuple[float | None, ...]


@dataclass(frozen=True)
class Replay:
    """A negotiation as the page shows it."""

    scenario: str
    roles: tuple[str, ...]
    who: str
    ending: str
    note: str
    space: Markup
    concessions: Markup
    moves: tuple[Step, ...]
    total: int


def replay(played: Played) -> Replay:
    """Everything the page shows of one negotiation."""
    roles = tuple(label(role.name, 40) for role in played.scenario.roles)
    seats = [label(seat) for seat in played.seats]
    return Replay(
        scenario=label(played.scenario.name),
        roles=roles,
        who=", ".join(f"{seat} as {role}" for seat, role in zip(seats, roles, strict=True)),
        ending=ending(played, roles),
        note=_note(played.scenario, roles),
        space=outcome_space_svg(_space(played, roles)),
        concessions=concession_svg(_concessions(played, roles)),
        moves=_steps(played, roles),
        total=len(played.moves),
    )


def ending(played: Played, roles: Sequence[str]) -> str:
    """How it ended, in a few words."""
    if played.agreement is not None:
        worth = " / ".join(utility(u / SCALE) for u in played.utilities)
        return f"agreement in round {played.rounds:,}, worth {worth}"
    who = "" if played.ended_by is None else f" by {roles[played.ended_by]}"
    return f"no agreement: {label(played.reason)}{who} in round {played.rounds:,}"


def _note(scenario: Scenario, roles: Sequence[str]) -> str:
    notes: list[str] = []
    if len(roles) > 2:
        notes.append(
            f"The outcome space shows two of the {len(roles)} parties: {roles[0]} and {roles[1]}."
        )
    if any(own.discount != 1 for own in scenario.preferences):
        notes.append("Utilities of offers are shown before the discount for time.")
    return " ".join(notes)


def _worth(preferences: Sequence[LinearAdditive], outcome: Outcome) -> tuple[float, ...]:
    return tuple(own.utility(outcome) / SCALE for own in preferences)


def sample(domain: Domain, most: int = MOST_OUTCOMES) -> list[Outcome]:
    """All outcomes, or ``most`` of them, spread evenly and the same every time.

    A walk around the outcomes in golden steps: successive multiples of the golden ratio fill an interval
    evenly (Weyl 1916).
    """
    if domain.size <= most:
        return list(domain.outcomes())
    step = domain.size * 618_033_988_749 // 10**12
    while gcd(step, domain.size) != 1:  # then no outcome comes twice
        step += 1
    return [domain.at(i * step % domain.size) for i in range(most)]


def scene(scenario: Scenario) -> Space:
    """The outcome space of a scenario's first two parties, without offers."""
    both = scenario.preferences[:2]
    points: dict[str, Point] = {}
    line: list[Point] = []
    if len(scenario.preferences) == 2:
        frontier = Frontier(both)
        line = [(x / SCALE, y / SCALE) for x, y in frontier.utilities.tolist()]
        found = solve(both, frontier=frontier)
        named = {
            "Nash": found.nash,
            "Kalai": found.kalai,
            "Kalai-Smorodinsky": found.kalai_smorodinsky,
        }
        points = {
            name: _pair(_worth(both, s.outcome)) for name, s in named.items() if s is not None
        }
    return Space(
        roles=(label(scenario.roles[0].name, 40), label(scenario.roles[1].name, 40)),
        outcomes=[_pair(_worth(both, outcome)) for outcome in sample(scenario.domain)],
        total=scenario.domain.size,
        frontier=line,
        points=points,
        reservation=(both[0].reservation / SCALE, both[1].reservation / SCALE),
    )


def _pair(worth: Sequence[float]) -> Point:
    return worth[0], worth[1]


def _space(played: Played, roles: Sequence[str]) -> Space:
    base = scene(played.scenario)
    both = played.scenario.preferences[:2]
    agreement = None
    if played.agreement is not None:
        point = _pair(_worth(both, played.agreement))
        text = label(played.scenario.domain.show(played.agreement), 200)
        agreement = (point, f"agreement: {text} ({_slashed(point)})")
    return Space(
        roles=base.roles,
        outcomes=base.outcomes,
        total=base.total,
        frontier=base.frontier,
        points=base.points,
        reservation=base.reservation,
        offers=[_offers(played, party, role) for party, role in enumerate(roles)],
        agreement=agreement,
    )


def _offers(played: Played, party: int, role: str) -> list[Offered]:
    """The offers of a party; one that is repeated at once is drawn once."""
    both, domain = played.scenario.preferences[:2], played.scenario.domain
    made = [
        (i, turn.round, turn.outcome)
        for i, turn in enumerate(played.moves, 1)
        if turn.party == party and turn.outcome is not None
    ]
    drawn: list[Offered] = []
    for outcome, run in groupby(made, key=itemgetter(2)):
        turns = list(run)
        first, last = turns[0][1], turns[-1][1]
        when = f"round {first}" if first == last else f"rounds {first} to {last}"
        point = _pair(_worth(both, outcome))
        text = f"{role}, {when}: {label(domain.show(outcome), 200)} ({_slashed(point)})"
        drawn.append(Offered(point, text, turns[0][0]))
    return (
        drawn
        if len(drawn) <= MOST_MOVES
        else [*drawn[: MOST_MOVES // 2], *drawn[-MOST_MOVES // 2 :]]
    )


def _slashed(point: Sequence[float]) -> str:
    return " / ".join(map(utility, point))


def _concessions(played: Played, roles: Sequence[str]) -> Concessions:
    preferences = played.scenario.preferences
    own: list[list[tuple[int, float]]] = [[] for _ in roles]
    received: list[list[tuple[int, float]]] = [[] for _ in roles]
    for turn in played.moves:
        if turn.outcome is None or turn.party == CHANCE:
            continue
        worth = _worth(preferences, turn.outcome)
        own[turn.party].append((turn.round, worth[turn.party]))
        if len(roles) == 2:
            other = 1 - turn.party
            received[other].append((turn.round, worth[other]))
    agreement = None
    if played.agreement is not None:
        agreement = (played.rounds, _worth(preferences, played.agreement))
    floors = [each.reservation / SCALE for each in preferences]
    thin = [[_thinned(points) for points in side] for side in (own, received)]
    return Concessions(roles, thin[0], thin[1], floors, agreement, played.rounds)


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Points without those that lie level between their neighbours; a long plateau is one line."""
    return [
        point
        for i, point in enumerate(points)
        if i in {0, len(points) - 1} or not points[i - 1][1] == point[1] == points[i + 1][1]
    ]


def _steps(played: Played, roles: Sequence[str]) -> tuple[Step, ...]:
    preferences = played.scenario.preferences
    numbered = list(enumerate(played.moves, 1))
    if len(numbered) > MOST_MOVES:
        numbered = [*numbered[: MOST_MOVES // 2], *numbered[-MOST_MOVES // 2 :]]
    steps: list[Step] = []
    for number, turn in numbered:
        worth: tuple[float | None, ...] = (None,) * len(roles)
        text = ""
        if turn.outcome is not None:
            worth = _worth(preferences, turn.outcome)
            text = label(played.scenario.domain.show(turn.outcome), 400)
        who = "chance" if turn.party == CHANCE else roles[turn.party]
        verb = _VERBS.get(turn.kind, label(turn.kind))
        steps.append(Step(number, turn.round, turn.party, who, verb, text, worth))
    return tuple(steps)
