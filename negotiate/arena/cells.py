"""Cells: the single negotiations of a tournament, their names and their seeds.

A cell is (rules, scenario, strategies in the order of the seats, repetition). Its *key* is the SHA-256 of four
lines of JSON, each compact, with sorted keys and in ASCII::

    [engine version, name of the protocol's class, its parameters, root seed]
    [name of the scenario, its digest]
    [[strategy id, its version, its parameters], …]
    repetition

Seeds are derived from names and from nothing else: root seed, digest of the scenario, repetition, and (inside the
match) the role. The names of the rivals are not among them, so that all pairs meet the same streams: a paired
design, whose differences have far smaller standard errors. Adding a strategy changes no other cell.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, NamedTuple

from negotiate.match import derive_seed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from negotiate.arena.kinds import Game
    from negotiate.protocol import Protocol
    from negotiate.registry import AnySpec

ENGINE = 1
"""Raised when the same cell would be played differently; results of the old engine stay apart."""


class Cell(NamedTuple):
    """One negotiation of a tournament.

    Attributes:
        scenario: the scenario's name.
        seats: ids of the strategies, in the order of the scenario's roles.
        repetition: from 0.
        key: name of this cell among all cells of all tournaments.
    """

    scenario: str
    seats: tuple[str, ...]
    repetition: int
    key: str


def canonical(value: object) -> str:
    """JSON that is the same text for the same value: compact, sorted keys, ASCII, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def seed_of(root: int | str, digest: str, repetition: int) -> int:
    """The seed of a match, common to all pairs that meet in this scenario and repetition."""
    return derive_seed(root, digest, repetition)


def assignments(
    strategies: Sequence[str], roles: int, *, self_play: bool = True
) -> Iterator[tuple[str, ...]]:
    """Who sits where: each strategy in each seat, against each other strategy in all the other seats.

    For two roles these are all ordered pairs. For more they are part of the full product, which would grow with
    the number of strategies to the power of the number of roles: this part grows with its square, seats every
    strategy equally often in every role, and keeps what it has when a strategy is added.

    Args:
        strategies: ids.
        roles: number of seats.
        self_play: whether each strategy also plays against itself, once.
    """
    for field in strategies:
        for one in strategies:
            if one == field:
                if self_play:
                    yield (one,) * roles
            elif roles == 2:  # the other seat is the turn of the other strategy
                yield (one, field)
            else:
                for seat in range(roles):
                    yield (*(field,) * seat, one, *(field,) * (roles - seat - 1))


class Names:
    """Gives the cells of one scenario their keys.

    Args:
        rules: the protocol.
        scenario: the scenario.
        strategies: all that may take a seat.
        seed: root seed of the tournament.
    """

    def __init__(
        self, rules: Protocol, scenario: Game, strategies: Sequence[AnySpec], seed: int | str
    ) -> None:
        rules_line = canonical(
            [ENGINE, type(rules).__name__, rules.model_dump(mode="json"), seed]
        )
        scenario_line = canonical([scenario.name, scenario.digest])
        self._head = hashlib.sha256(f"{rules_line}\n{scenario_line}\n".encode())
        self._entrants = {spec.id: canonical(entrant(spec)) for spec in strategies}
        self._scenario = scenario.name

    def cell(self, seats: tuple[str, ...], repetition: int) -> Cell:
        """The cell with these seats."""
        hasher = self._head.copy()
        entrants = ",".join([self._entrants[seat] for seat in seats])
        hasher.update(f"[{entrants}]\n{repetition}".encode())
        return Cell(self._scenario, seats, repetition, hasher.hexdigest())


def entrant(spec: AnySpec) -> list[object]:
    """What tells a strategy from another one: id, version, parameters."""
    return [spec.id, spec.version, dict(spec.parameters)]
