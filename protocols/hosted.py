"""What auctions and markets share: a host, seats that may all move at once, a clock, and views that hide.

A negotiation of this kind has no single mover. Whoever may move does so when it likes; the order in which the host
pushes the moves is the order of arrival. Time is the host's: :meth:`HostedNegotiation.advance` lets deadlines take
effect, so that a silent bidder never holds up a close. A party's view has a log of its own, which holds what that
party may see and nothing else.

A protocol gives a table of phases and moves, a check of one move and what the move does.

The common words of auctions, and where they are here: *announce* is the rules with their domain, *register* the
parties; a *bid* or a *revision* is a move, *ack* and *reject* with its code are the host's receipt or the
IllegalMove; a *quote* is a view; a *round* opens and closes with ``round`` and ``close`` of the view; the *award* is
the result. :class:`Stage` is the common course of all of them.
"""

from __future__ import annotations

from abc import abstractmethod
from copy import deepcopy
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, TypeAlias, cast

from negotiate.bidder import AuctionView
from negotiate.errors import IllegalMove, LocalError
from negotiate.protocol import (
    Allocation,
    Entry,
    Negotiation,
    NoAgreement,
    Protocol,
    Reason,
    Result,
)
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.moves import AnyMove, Party

Table: TypeAlias = "dict[tuple[str, str], tuple[str, ...]]"
"""Phase and kind of move to the phases that may follow; what is not here is illegal."""

LARGEST = 10**18
"""Amounts and quantities are at most this."""


class Stage(StrEnum):
    """How far an auction or a market is. It closes and is cleared in one step, and is settled elsewhere."""

    OPEN = "open"
    """Moves are taken; :attr:`HostedNegotiation.round` counts the rounds."""
    CLEARED = "cleared"
    """It closed, and the result says who gets and pays what."""
    FAILED = "failed"
    """It closed without a sale."""
    CANCELLED = "cancelled"
    """The host called it off."""


class HostedRules(Protocol):
    """Rules of an auction or a market."""

    @property
    def needs_clock(self) -> bool:
        """It closes by time."""
        return True


class HostedNegotiation(Negotiation):
    """The running state of an auction or a market."""

    table: ClassVar[Table]
    moves: ClassVar[tuple[type, ...]]

    def __init__(self, domain: Domain, parties: Sequence[str], phase: str, at: int) -> None:
        self.domain = domain
        self.names = _checked(parties)
        self.phase = phase
        self.round = 1
        self.mover: Party | None = None
        self.result: Result | None = None
        self.last: Entry | None = None
        self._began = self._at = at
        self._views = tuple(AuctionView(party) for party in range(len(self.names)))

    # -- what a protocol gives -------------------------------------------------------------------

    @abstractmethod
    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        """Raise IllegalMove if the move, which the table allows, is not allowed; ``now`` is since the beginning."""

    @abstractmethod
    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        """Do what the move, which is legal, does."""

    @abstractmethod
    def _event(self) -> int | None:
        """When, since the beginning, the next deadline takes effect by itself; None for never."""

    @abstractmethod
    def _due(self, now: int) -> None:
        """Let the deadline of :meth:`_event` take effect."""

    @abstractmethod
    def _show(self, view: AuctionView) -> None:
        """Bring what the information policy lets this party see up to date."""

    def _may(self, party: Party) -> bool:
        """Whether the party may still move at all."""
        return True

    # -- the interface ---------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Milliseconds since the beginning."""
        return self._at - self._began

    @property
    def to_move(self) -> tuple[Party, ...]:
        """All that may move now."""
        if self.result is not None:
            return ()
        return tuple(party for party in range(len(self.names)) if self.legal(party))

    def legal(self, party: Party) -> tuple[str, ...]:
        """Kinds of the moves that the party may make now."""
        if self.result is not None or not self._may(party):
            return ()
        return tuple(kind for (phase, kind) in self.table if phase == self.phase)

    def check(self, party: Party, move: AnyMove, at: int = 0) -> None:
        """Raise IllegalMove, with a code, if the rules do not allow this now; change nothing."""
        if self.result is not None:
            raise IllegalMove("it is closed; no move is allowed", code="late")
        if at < self._at:
            raise IllegalMove(f"time ran back, from {self._at} to {at} ms", code="clock")
        if not self._quiet(at):
            # A deadline has passed that nobody has let take effect yet. The logs are chains of any length, immutable,
            # and shared: copying them would follow them, one call deeper an entry.
            later = deepcopy(self, {id(chain): chain for chain in self._chains()})
            later.advance(at)
            later._check(party, move, at)
            return
        self._check(party, move, at)

    def _check(self, party: Party, move: AnyMove, at: int) -> None:
        """:meth:`check`, where all that is due by then has taken effect."""
        if self.result is not None:
            raise IllegalMove("it is closed; no move is allowed", code="late")
        if type(party) is not int or not 0 <= party < len(self.names):
            raise IllegalMove(f"party {quote(party)} has no seat here", code="turn")
        legal = self.legal(party)
        if type(move) not in self.moves or move.kind not in legal:
            shown = getattr(type(move), "kind", quote(move))
            allowed = ", ".join(legal) or "nothing"
            raise IllegalMove(f"{shown} is not allowed; allowed now: {allowed}", code="phase")
        self._refuse(party, move, at - self._began)

    def push(self, party: Party, move: AnyMove, at: int = 0) -> None:
        """Check, then apply."""
        if self._quiet(at):  # the usual case: check() would look the same up again
            self._check(party, move, at)
            self._at = at
        else:
            self.check(party, move, at)
            self.advance(at)
        self._apply(party, move, at - self._began)

    def _quiet(self, at: int) -> bool:
        """Whether it is open, time does not run back, and nothing is due by then."""
        if self.result is not None or at < self._at:
            return False
        event = self._event()
        return event is None or at - self._began < event

    def advance(self, at: int) -> None:
        """Let time pass until ``at``: what is due takes effect, each at its own time."""
        while self.result is None and (event := self._event()) is not None:
            if at - self._began < event:
                break
            self._due(event)
        self._at = max(self._at, at)

    @property
    def stage(self) -> Stage:
        """How far it is."""
        if self.result is None:
            return Stage.OPEN
        if isinstance(self.result, NoAgreement):
            called_off = self.result.reason is Reason.CANCELLED
            return Stage.CANCELLED if called_off else Stage.FAILED
        return Stage.CLEARED

    def cancel(self, at: int) -> None:
        """The host calls it off, at its own time: nobody gets or pays anything. What is over stays as it is."""
        self.advance(at)
        if self.result is None:
            self._fail(Reason.CANCELLED)

    def examples(self, party: Party) -> Sequence[AnyMove]:
        """Moves that a program which tries things out could not guess, such as the opening of a commitment."""
        return ()

    def view(self, party: Party) -> AuctionView:
        """What ``party`` may see now."""
        view = self._views[party]
        view.party = party  # by which _show() knows whose secrets it may tell, whatever a bidder has made of it
        view.phase, view.round, view.now = self.phase, self.round, self.now
        view.kinds = self.legal(party)
        self._show(view)
        return view

    def _chains(self) -> list[object]:
        """The newest entries of all logs."""
        return [self.last, *(view.last for view in self._views)]

    # -- for protocols ---------------------------------------------------------------------------

    def _note(
        self, party: Party, kind: str, value: Outcome | None, seen_by: Sequence[Party]
    ) -> None:
        """Write a move into the log, and into the logs of those who may see it."""
        self.last = (self.round, party, kind, value, self.last)
        for other in seen_by:
            view = self._views[other]
            view.last = (self.round, party, kind, value, view.last)

    @property
    def _all(self) -> range:
        return range(len(self.names))

    def _allocate(
        self,
        units: Mapping[Party, int],
        payments: Mapping[Party, int | Fraction],
        goods: Mapping[Party, tuple[int, ...]] | None = None,
    ) -> None:
        """Close with a result; parties that are not named get and pay nothing."""
        self.phase = "done"
        got = tuple(units.get(party, 0) for party in self._all)
        paid = tuple(payments.get(party, 0) for party in self._all)
        if not any(got) and not any(paid):
            self._fail(Reason.NO_SALE)
            return
        of_each = tuple((goods or {}).get(party, ()) for party in self._all) if goods else ()
        self.result = Allocation(got, paid, self.round, of_each)

    def _fail(self, reason: Reason, by: Party | None = None) -> None:
        """Close without a result."""
        self.phase = "done"
        self.result = NoAgreement(reason, by, self.round)


def amount_of(value: object) -> int:
    """An amount of a bid; IllegalMove if it is none."""
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise IllegalMove(
            f"{quote(value)} is not an amount; an integer from 0 to 10**18 is expected",
            code="amount",
        )
    return value


def tuple_of(values: object, least: int, most: int) -> tuple[object, ...]:
    """A tuple of ``least`` to ``most`` entries; IllegalMove if it is none."""
    if not _is_tuple(values, least, most):
        raise IllegalMove(
            f"{quote(values)} is not a tuple of {least} to {most} entries", code="length"
        )
    return cast("tuple[object, ...]", values)


def amounts_of(values: object, most: int) -> tuple[int, ...]:
    """A tuple of one to ``most`` amounts; IllegalMove if it is none."""
    return tuple(amount_of(value) for value in tuple_of(values, 1, most))


def _is_tuple(values: object, least: int, most: int) -> bool:
    return type(values) is tuple and least <= len(cast("tuple[object, ...]", values)) <= most


def _checked(parties: Sequence[str]) -> tuple[str, ...]:
    names = tuple(parties)
    if not names or len(set(names)) != len(names):
        raise LocalError(
            f"parties are {quote(names)}; one or more with distinct names are expected",
            code="parties",
        )
    return names
