"""Plays cells of one game, whatever kind of game it is, and boils each down to the row that is kept."""

from __future__ import annotations

import hashlib
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from negotiate.arena.cells import Cell
    from negotiate.arena.watchdog import Guard, Limits
    from negotiate.domain.issues import Outcome
    from negotiate.moves import Turn
    from negotiate.protocol import Protocol, Reason, View
    from negotiate.registry import AnySpec

LONG = 2000
"""Turns of a failed match up to which its moves are kept."""

ENOUGH = 1.0
"""Seconds after which a batch is handed in even if some of its cells are not played yet."""


class Row(NamedTuple):
    """What is kept of a cell.

    Attributes:
        cell: which.
        utilities: of each party, in units of 1e-9.
        outcome: what was agreed on; None without an agreement.
        reason: why it ended.
        ended_by: who accepted, walked, or was at fault; None for a deadline or a breakdown.
        fault: the party at fault; None in an honest match.
        error: what it did, in one line; None in an honest match.
        rounds: rounds begun.
        turns: moves made by parties.
        digest: SHA-256 of the moves, as JSON text.
        moves: that text, where it is kept; else None.
        measured: what only who played it could measure; the kind of game knows what it is.
    """

    cell: Cell
    utilities: tuple[int, ...]
    outcome: Outcome | None
    reason: str
    ended_by: int | None
    fault: int | None
    error: str | None
    rounds: int
    turns: int
    digest: str
    moves: str | None
    measured: tuple[object, ...] = ()


@dataclass(frozen=True)
class Kit:
    """What all cells of a tournament have in common.

    Attributes:
        rules: the protocol.
        specs: the strategies or bidders by id.
        seed: root of all random streams.
        limits: guards on time.
        audited: keys of cells that both engines play, which must agree; None to use the reference alone.
        signed: whether every move is signed, carried as bytes, and verified.
    """

    rules: Protocol
    specs: Mapping[str, AnySpec]
    seed: int | str
    limits: Limits
    audited: frozenset[str] | None = None
    signed: bool = False


Tell: TypeAlias = "Callable[[str, int, View | None], None]"
"""Told the stage, the seat, and what the strategy in it is about to see."""


class Ended(NamedTuple):
    """How the process ended in which a cell was played.

    Attributes:
        reason: why.
        why: in a line.
        party: whose code ran; None if nobody's.
        rounds: rounds begun.
        moves: what happened before.
    """

    reason: Reason
    why: str
    party: int | None
    rounds: int
    moves: Sequence[Turn]


class BasePlayer(ABC):
    """Plays cells of one game.

    Attributes:
        kit: what all cells have in common.
        contained: whether nothing but a strategy can raise KeyboardInterrupt in this process.
        tell: told before each call of a strategy; None to tell nobody.
    """

    kit: Kit
    contained: bool
    tell: Tell | None

    @abstractmethod
    def played(self, cell: Cell, sampled: bool, guard: Guard) -> Row:
        """Play one cell, whatever its strategies do.

        Args:
            cell: of this game.
            sampled: whether its moves are kept in any case.
            guard: watches over the strategies.
        """

    @abstractmethod
    def obituary(self, cell: Cell, ended: Ended) -> Row:
        """The row of a cell that ended the process in which it was played."""

    def warm(self) -> None:  # noqa: B027 - most games have nothing to prepare
        """Work out what every child of this process would otherwise work out for itself."""

    def play(self, cells: Sequence[Cell], sampled: frozenset[str], guard: Guard) -> list[Row]:
        """Play ``cells`` one after the other, as far as :data:`ENOUGH` allows.

        Args:
            cells: of this game.
            sampled: keys of those whose moves are kept; those of failures are kept in any case.
            guard: watches over the strategies.
        """
        rows: list[Row] = []
        began = time.monotonic()
        for cell in cells:
            rows.append(self.played(cell, cell.key in sampled, guard))
            guard.rest()
            if time.monotonic() - began > ENOUGH:
                break
        return rows


def digest_of(moves: str) -> str:
    """SHA-256 of the moves."""
    return hashlib.sha256(moves.encode()).hexdigest()


def milliseconds() -> int:
    """The clock of the arena."""
    return time.monotonic_ns() // 1_000_000
