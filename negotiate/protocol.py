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
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict

from negotiate.errors import IllegalMove, LocalError
from negotiate.moves import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction
    from random import Random

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.moves import Move, Party


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
    NO_SALE = "no-sale"
    """An auction closed without a valid bid."""
    UNSOLVED = "unsolved"
    """An auction closed, and who wins could not be determined within the work that its rules allow."""
    FAILED = "failed"
    """Who was awarded the work did not do it."""
    CANCELLED = "cancelled"
    """The host called it off."""


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


@dataclass(frozen=True, slots=True)
class Allocation:
    """An auction or market closed, and this is who gets and who pays.

    Attributes:
        units: what each party gets; negative for what it gives.
        payments: what each party pays; negative for what it receives.
        round: in which round, from 1.
        goods: where items differ, what each party gets of each, in the order of the rules; in a scoring auction,
            the outcome that the winner is to deliver. Empty where ``units`` says it all.
        reason: why it closed; always ``accept``.
        by: nobody in particular.
    """

    units: tuple[int, ...]
    payments: tuple[int | Fraction, ...]
    round: int
    goods: tuple[tuple[int, ...], ...] = ()

    def __repr__(self) -> str:
        goods = f", goods={self.goods}" if self.goods else ""
        return f"Allocation(units={self.units}, payments={self.payments}, round={self.round}{goods})"

    reason: ClassVar[Reason] = Reason.ACCEPT
    by: ClassVar[None] = None


Result: TypeAlias = Agreement | NoAgreement | Allocation


Entry: TypeAlias = "tuple[int, Party, str, Outcome | None, Entry | None]"
"""One turn, linked to the turn before it: round, party, kind of move, outcome offered or None, entry before.

The log of a negotiation is a chain of these. It is immutable, so the running state, every view and every record
share it without a copy, and nobody can change another's. :func:`unfold` gives it as a list.
"""


def unfold(last: Entry | None, until: Entry | None = None) -> list[Turn]:
    """The turns of a log, oldest first, from the one after ``until`` to ``last``."""
    turns: list[Turn] = []
    while last is not until and last is not None:
        turns.append(Turn(last[0], last[1], last[2], last[3]))
        last = last[4]
    turns.reverse()
    return turns


def relative_time(in_round: int, rounds: int | None, elapsed: float) -> float:
    """Time in [0, 1]: ``round / (rounds + 1)``, or the elapsed share of the time limit, if that is larger."""
    if rounds is None:
        return elapsed
    by_rounds = in_round / (rounds + 1)
    return by_rounds if by_rounds >= elapsed else elapsed


class View:
    """What one party may see. It belongs to that party: the same object each turn, brought up to date.

    Changing it changes nothing in the negotiation. Nothing in it leads to the running state or to what
    another party keeps private.

    Attributes:
        party: my seat.
        round: the current round, from 1.
        elapsed: share of the time limit that has passed; 0 without a limit on time.
        rounds: most rounds of the negotiation; None without a limit on rounds.
        standing: the outcome on the table that I may accept; None if there is none.
        last: the newest entry of the log.
    """

    __slots__ = (
        "_moves", "_received", "_seen", "_sent", "_turns", "elapsed", "last", "party", "round", "rounds", "standing"
    )  # fmt: skip

    def __init__(
        self,
        party: Party,
        moves: tuple[tuple[str, ...], tuple[str, ...]],
        rounds: int | None = None,
    ) -> None:
        self.party = party
        self._moves = moves
        self.round = 1
        self.rounds = rounds
        self.elapsed = 0.0
        self.standing: Outcome | None = None
        self.last: Entry | None = None
        self._seen: Entry | None = None
        self._turns: list[Turn] = []
        self._received: list[Outcome] = []
        self._sent: list[Outcome] = []

    @property
    def time(self) -> float:
        """Relative time in [0, 1]; see :func:`relative_time`."""
        return relative_time(self.round, self.rounds, self.elapsed)

    @property
    def legal(self) -> tuple[str, ...]:
        """Kinds of the moves that I may make when it is my turn."""
        return self._moves[self.standing is not None]

    @property
    def rounds_left(self) -> int | None:
        """Rounds that remain, this one included; None without a limit on rounds."""
        return None if self.rounds is None else self.rounds - self.round + 1

    @property
    def turns(self) -> list[Turn]:
        """Everything that happened, oldest first."""
        self._catch_up()
        return self._turns

    @property
    def received(self) -> list[Outcome]:
        """What the others offered, oldest first."""
        self._catch_up()
        return self._received

    @property
    def sent(self) -> list[Outcome]:
        """What I offered, oldest first."""
        self._catch_up()
        return self._sent

    @property
    def standing_by(self) -> Party | None:
        """Who offered what stands; None if nothing does."""
        entry = self.last if self.standing is not None else None
        while entry is not None and entry[2] != "offer":
            entry = entry[4]
        return None if entry is None else entry[1]

    def _catch_up(self) -> None:
        # Histories are built only for strategies that look at them, and each turn is read once.
        if self._seen is self.last:
            return
        fresh = unfold(self.last, self._seen)
        self._turns += fresh
        me, sent, received = self.party, self._sent, self._received
        for _, party, _, outcome in fresh:
            if outcome is not None:
                (sent if party == me else received).append(outcome)
        self._seen = self.last


class Negotiation(ABC):
    """The running state of one negotiation.

    Attributes:
        mover: the one party that is to move, CHANCE for nature; None when several may, or it is over.
        result: how it ended; None while it runs.
        round: the current round, from 1.
        last: the newest entry of the log; None before the first move.
    """

    mover: Party | None
    result: Result | None
    round: int
    last: Entry | None

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

    def vouch(self, outcome: Outcome) -> None:  # noqa: B027 - most protocols have no use for it
        """The caller made this outcome from the domain itself, so it need not be checked again."""

    def withdraw(self, party: Party, at: int = 0) -> None:
        """Take back ``party``'s own standing offer, out of turn; IllegalMove where the rules have no such thing."""
        raise IllegalMove("these rules have no withdrawal of an offer", code="phase")

    @abstractmethod
    def advance(self, at: int) -> None:
        """Let time pass until ``at`` (milliseconds): deadlines that are due take effect."""

    @abstractmethod
    def view(self, party: Party) -> View:
        """What ``party`` may see now: the same object each time, up to date also whenever it is to move."""

    @property
    def to_move(self) -> tuple[Party, ...]:
        """The parties that may move now; empty when it is over."""
        return () if self.mover is None else (self.mover,)


class Protocol(BaseModel, ABC):
    """The rules of a game: a frozen pydantic model, published and signed before the first move."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @abstractmethod
    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Negotiation:
        """A new negotiation over ``domain`` between the named parties, begun at ``at`` milliseconds."""

    @property
    def needs_clock(self) -> bool:
        """Whether the rules depend on time, so that whoever runs them must pass a clock."""
        return False

    @property
    def steady_rounds(self) -> int | None:
        """Number of rounds where relative time in round k is ``k / (rounds + 1)`` and nothing else; else None."""
        return None

    def quorum(self, parties: int) -> int:
        """How many of the parties must stand behind an outcome, its proposer among them."""
        return parties

    def chance(self, stream: Random) -> Move:
        """Nature's move, where the rules have one; drawn by whoever runs the negotiation."""
        raise LocalError(f"{type(self).__name__} has no random event", code="chance")

    def age(self, result: Agreement) -> float:
        """The exponent of a party's discount factor for this agreement; 0 means no discounting."""
        return 0.0
