"""The protocol interface: rules plus a sequence of moves give a state; nothing else does.

A :class:`Protocol` is the rules: immutable, serialisable, hashable, and agreed before the first move. Its
:meth:`~Protocol.start` gives a :class:`Negotiation`, the running state, which changes only by
:meth:`~Negotiation.push` and :meth:`~Negotiation.advance`. The arena, a signed session, an audit and a replay
all run this same fold.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.moves import Move, Party, Turn


class Reason(StrEnum):
    """Why a negotiation ended."""

    ACCEPT = "accept"
    """As many parties as the rules ask for signed the same outcome."""
    DEADLINE = "deadline"
    """Rounds or time ran out."""
    WALK = "walk"
    """A party left."""
    BREAKDOWN = "breakdown"
    """Chance ended it (Binmore, Rubinstein & Wolinsky 1986)."""
    ILLEGAL_MOVE = "illegal-move"
    """A party made a move that the rules do not allow; recorded by whoever runs the negotiation."""
    ERROR = "error"
    """A party's program raised an exception; recorded by whoever runs the negotiation."""
    TIMEOUT = "timeout"
    """A party took longer than the runner allows; recorded by whoever runs the negotiation."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """The parties agreed.

    Attributes:
        outcome: on what.
        by: whose acceptance completed it.
        round: in which round, from 1.
        time: relative time in [0, 1], for discounting.
    """

    outcome: Outcome
    by: Party
    round: int
    time: float


@dataclass(frozen=True, slots=True)
class NoAgreement:
    """It ended without an agreement.

    Attributes:
        reason: why.
        by: who caused it; None for a deadline or a breakdown.
        round: in which round, from 1.
    """

    reason: Reason
    by: Party | None
    round: int


Result: TypeAlias = Agreement | NoAgreement


class View:
    """What one party may see. It belongs to that party: the same object each turn, brought up to date.

    Changing it changes nothing in the negotiation. Nothing in it leads to the running state or to what
    another party keeps private.

    Attributes:
        party: my seat.
        round: the current round, from 1.
        time: relative time in [0, 1]: ``round / (rounds + 1)``, or elapsed time over the limit.
        rounds_left: rounds that remain, this one included; None without a limit on rounds.
        standing: the outcome on the table that I may accept; None if there is none.
        standing_by: who offered it.
        received: what the others offered, oldest first.
        sent: what I offered, oldest first.
        turns: everything that happened, oldest first, as ``(round, party, kind, outcome)``.
        legal: kinds of the moves that I may make now.
    """

    __slots__ = (
        "legal",
        "party",
        "received",
        "round",
        "rounds_left",
        "sent",
        "standing",
        "standing_by",
        "time",
        "turns",
    )

    def __init__(self, party: Party, rounds_left: int | None = None) -> None:
        self.party = party
        self.round = 1
        self.time = 0.0
        self.rounds_left = rounds_left
        self.standing: Outcome | None = None
        self.standing_by: Party | None = None
        self.received: list[Outcome] = []
        self.sent: list[Outcome] = []
        self.turns: list[Turn | tuple[int, Party, str, Outcome | None]] = []
        self.legal: tuple[str, ...] = ()


class Negotiation(ABC):
    """The running state of one negotiation.

    Attributes:
        to_move: the parties that may move now; empty when it is over.
        result: how it ended; None while it runs.
        round: the current round, from 1.
        turns: number of moves made by parties (not by chance).
    """

    to_move: tuple[Party, ...]
    result: Result | None
    round: int
    turns: int

    @abstractmethod
    def check(self, party: Party, move: Move, at: int = 0) -> None:
        """Raise IllegalMove (with a code) if ``party`` may not make ``move`` at time ``at``; change nothing.

        Args:
            party: who moves.
            move: the move.
            at: milliseconds on the caller's clock; never earlier than the last one.
        """

    @abstractmethod
    def push(self, party: Party, move: Move, at: int = 0) -> None:
        """Check, then apply. A move that is not legal raises IllegalMove and changes nothing."""

    @abstractmethod
    def advance(self, at: int) -> None:
        """Let time pass until ``at`` (milliseconds): deadlines that are due take effect."""

    @abstractmethod
    def view(self, party: Party) -> View:
        """What ``party`` may see now."""


class Protocol(BaseModel, ABC):
    """The rules of a game: a frozen pydantic model, published and signed before the first move."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @abstractmethod
    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Negotiation:
        """A new negotiation over ``domain`` between the named parties, begun at ``at`` milliseconds."""
