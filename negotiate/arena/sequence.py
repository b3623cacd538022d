"""Repeated encounters: the same parties negotiate again and again, and may remember.

Memory is off unless it is handed in. It is explicit: one :class:`~negotiate.strategies.memory.Memory` for each seat,
which its strategy reads before a negotiation and adds to after it. What was in the memories is part of each key, so
an encounter is not mistaken for one that was played with other memories, or with none.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from negotiate.arena.cells import Names, canonical, seed_of
from negotiate.arena.player import milliseconds
from negotiate.domain.scenario import Scenario
from negotiate.errors import ArenaError
from negotiate.match import Match, play
from negotiate.registry import Spec
from negotiate.strategies.memory import remembers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.arena.cells import Cell
    from negotiate.arena.tournament import Tournament
    from negotiate.strategies.memory import Memory
    from negotiate.strategy import Strategy


@dataclass(frozen=True)
class Meeting:
    """One negotiation of a sequence.

    Attributes:
        key: the cell's key, or with memory one that depends on what was remembered.
        match: the negotiation.
    """

    key: str
    match: Match


def play_sequence(
    tournament: Tournament,
    seats: Sequence[str],
    *,
    memories: Sequence[Memory | None] | None = None,
) -> tuple[Meeting, ...]:
    """Play ``tournament.repetitions`` negotiations between the same parties, one after the other.

    Without memories these are the cells that the tournament would play. With them the k-th is the same cell, but the
    strategies know of the ones before; the memories are changed in place, and can be stored and handed in again.

    Args:
        tournament: its one scenario, rules, seed, and the strategies that may take a seat.
        seats: ids of the strategies, in the order of the scenario's roles.
        memories: for each seat what it remembers of the others, None for a seat without memory; None for no memory.

    Raises:
        ArenaError: there are several scenarios, seats and roles differ, a seat is not one of the tournament's
            strategies, or one with a memory takes none.
    """
    if len(tournament.loaded) != 1:
        raise ArenaError("a sequence is played on one scenario", code="scenarios")
    (scenario,) = tournament.loaded
    if not isinstance(scenario, Scenario):
        raise ArenaError("a sequence is of negotiations, on a scenario", code="scenarios")
    given = [None] * len(seats) if memories is None else list(memories)
    if not len(seats) == len(given) == len(scenario.roles):
        raise ArenaError(
            f"{len(seats)} seats and {len(given)} memories for {len(scenario.roles)} roles; one for each is needed",
            code="seats",
        )
    specs = {spec.id: spec for spec in tournament.specs if isinstance(spec, Spec)}
    unknown = [seat for seat in seats if seat not in specs]
    if unknown:
        raise ArenaError(f"{unknown[0]!r} is no strategy of the tournament", code="seats")
    names = Names(tournament.rules, scenario, tournament.specs, tournament.seed)
    played: list[Meeting] = []
    for repetition in range(tournament.repetitions):
        key = _key(names.cell(tuple(seats), repetition), given)
        agents = [_made(specs[seat], memory) for seat, memory in zip(seats, given, strict=True)]
        match = play(
            tournament.rules,
            scenario,
            agents,
            seed=seed_of(tournament.seed, scenario.digest, repetition),
            clock=milliseconds if tournament.rules.needs_clock else None,
        )
        played.append(Meeting(key, match))
    return tuple(played)


def _key(cell: Cell, memories: Sequence[Memory | None]) -> str:
    if all(memory is None for memory in memories):
        return cell.key
    known = canonical([None if memory is None else memory.to_json() for memory in memories])
    return hashlib.sha256(f"{cell.key}\n{known}".encode()).hexdigest()


def _made(spec: Spec, memory: Memory | None) -> Strategy:
    if memory is None:
        return spec.make()
    if not remembers(spec.cls):
        raise ArenaError(
            f"{spec.id!r} takes no memory", code="memory", help="hand in None for its seat"
        )
    make = cast("Callable[..., Strategy]", spec.cls)
    return make(**dict(spec.parameters), memory=memory)
