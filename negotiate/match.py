"""The reference loop: plays one negotiation in process, and records what happened.

Strategies are foreign code. One that raises, answers with something that is not a legal move, or overruns its
time ends its own match; the match records it as the party at fault, and nothing else suffers.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal

from negotiate.errors import IllegalMove, LocalError
from negotiate.moves import CHANCE
from negotiate.protocol import Agreement, NoAgreement, Reason, Result, unfold
from negotiate.show import one_line, quote
from negotiate.strategy import Brief, Strategy

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.domain.scenario import Scenario
    from negotiate.moves import Move, Party, Turn
    from negotiate.protocol import Entry, Protocol, View

Clock = Callable[[], int]
"""Milliseconds, from any origin, never running back."""


class Overrun(BaseException):
    """Raised by a watchdog inside a strategy that takes too long. Not an Exception: strategies catch those."""


def derive_seed(*names: object) -> int:
    """A 128-bit seed from names: the same names give the same stream, on any machine and in any order of play."""
    # Each with its length before it, so that no two lists of names give the same text.
    text = "".join(f"{len(name)}:{name}" for name in map(str, names))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:16], "big")


@dataclass(frozen=True)
class Match:
    """One negotiation, played.

    Attributes:
        result: agreement or none, and why.
        utilities: of each party, in units of 1e-9: discounted utility of the agreement, or reservation value.
        rounds: rounds begun.
        last: the newest entry of the log.
        fault: the party that broke a rule, raised, or overran its time; None in an honest match.
        error: what it did, in one line; None in an honest match.
    """

    result: Result
    utilities: tuple[int, ...]
    rounds: int
    last: Entry | None = field(repr=False)
    fault: Party | None = None
    error: str | None = None

    @cached_property
    def moves(self) -> tuple[Turn, ...]:
        """Everything that happened, oldest first."""
        return tuple(unfold(self.last))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Match) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, self._compared())

    def _compared(
        self,
    ) -> tuple[Result, tuple[int, ...], int, tuple[Turn, ...], Party | None, str | None]:
        # Not the chain of the log: comparing and pickling would follow it, one call deeper a turn.
        return (self.result, self.utilities, self.rounds, self.moves, self.fault, self.error)

    @property
    def turns(self) -> int:
        """Number of moves made by parties."""
        return sum(turn.party != CHANCE for turn in self.moves)

    @property
    def agreement(self) -> Outcome | None:
        """The outcome agreed on, or None."""
        return self.result.outcome if isinstance(self.result, Agreement) else None

    @property
    def reason(self) -> Reason:
        """Why it ended."""
        return Reason.ACCEPT if isinstance(self.result, Agreement) else self.result.reason

    @property
    def ended_by(self) -> Party | None:
        """Who accepted, walked, or was at fault; None for a deadline or a breakdown."""
        return self.result.by


def _rebuild(
    result: Result,
    utilities: tuple[int, ...],
    rounds: int,
    moves: tuple[Turn, ...],
    fault: Party | None,
    error: str | None,
) -> Match:
    last: Entry | None = None
    for turn in moves:
        last = (turn.round, turn.party, turn.kind, turn.outcome, last)
    return Match(result, utilities, rounds, last, fault, error)


def play(
    protocol: Protocol,
    scenario: Scenario,
    strategies: Sequence[Strategy],
    *,
    seed: int | str = 0,
    clock: Clock | None = None,
    move_limit: int | None = None,
) -> Match:
    """Play one negotiation to its end.

    Args:
        protocol: the rules.
        scenario: the domain, and the preferences of each role; strategies take the roles in order.
        strategies: fresh instances, one for each role.
        seed: root of all random streams of this match.
        clock: needed when the rules limit time, or with ``move_limit``.
        move_limit: milliseconds that a strategy may take for a move (checked after the move).

    Raises:
        LocalError: the number of strategies does not fit the scenario, one instance sits in two seats, or a clock
            is missing.
    """
    table = Table(protocol, scenario, strategies, seed=seed, clock=clock, move_limit=move_limit)
    return table.play()


class Table:
    """One match in progress. :func:`play` is all that most callers need; see there for the arguments.

    The attributes are for a watchdog, which looks in from a signal handler.

    Attributes:
        negotiation: the running state.
        began: what the clock said at the start; 0 without a clock.
        stage: which of the strategies' methods is being called.
        asked: the party being called, in ``begin`` and ``end``; else :attr:`whom` knows.
    """

    def __init__(
        self,
        protocol: Protocol,
        scenario: Scenario,
        strategies: Sequence[Strategy],
        *,
        seed: int | str = 0,
        clock: Clock | None = None,
        move_limit: int | None = None,
    ) -> None:
        _check_seats(scenario, strategies)
        if clock is None and (move_limit is not None or protocol.needs_clock):
            raise LocalError("a limit on time needs a clock; pass clock=...", code="clock")
        self.roles = tuple(role.name for role in scenario.roles)
        self.began = self._now = clock() if clock else 0
        # Judged by the twin, which no strategy is handed: scribbling over what it is handed wins nothing.
        self.negotiation = protocol.start(scenario.twin.domain, self.roles, self._now)
        self.stage: Literal["begin", "respond", "end"] = "begin"
        self.asked: Party = 0
        self.protocol = protocol
        self.scenario = scenario
        self.strategies = strategies
        self.seed = seed
        self.clock = clock
        self.move_limit = move_limit
        self.fault: Party | None = None
        self.error: str | None = None
        self._begun = 0

    def play(self) -> Match:
        """Play to the end."""
        result = self._begin() or self._loop()
        self._finish(replace(result))
        return self._record(result)

    @property
    def whom(self) -> Party | None:
        """The party whose code is running, or was the last to run."""
        return self.negotiation.mover if self.stage == "respond" else self.asked

    def forfeit(self, party: Party, reason: Reason, why: str) -> Match:
        """The match as it stands, lost by ``party``: for whoever cuts it short from outside."""
        return self._record(self._at_fault(party, reason, why))

    def _begin(self) -> Result | None:
        for party, strategy in enumerate(self.strategies):
            self.asked = party
            brief = self._brief(party)
            try:
                strategy.begin(brief)
            except BaseException as error:
                return self._failed(party, error)
            self._begun += 1
        self.stage = "respond"
        return None

    def _brief(self, party: Party) -> Brief:
        return Brief(
            party=party,
            role=self.roles[party],
            parties=self.roles,
            domain=self.scenario.domain,
            preferences=self.scenario.roles[party].preferences,
            rules=copy(self.protocol),
            seed=derive_seed(self.seed, "party", self.roles[party]),
        )

    def _loop(self) -> Result:
        """Ask, check, apply, until it is over. This is the hot loop."""
        negotiation, clock = self.negotiation, self.clock
        respond = [self._respond(party) for party in range(len(self.strategies))]
        views = [negotiation.view(party) for party in range(len(respond))]
        push = negotiation.push
        at = 0
        while (party := negotiation.mover) is not None:
            if party < 0:
                self._chance()
                continue
            if clock is not None:
                at = self._advance()
                if negotiation.result is not None:
                    break
                negotiation.view(party)
            try:
                move = respond[party](views[party])
            except BaseException as error:
                return self._failed(party, error)
            if clock is not None:
                if late := self._overran(party, at):
                    return late
                at = self._now
            try:
                push(party, move, at)
            except IllegalMove as error:
                if negotiation.result is not None:  # after the deadline; nobody is at fault
                    break
                return self._at_fault(party, Reason.ILLEGAL_MOVE, f"{error.code}: {error}")
        if negotiation.result is None:
            raise LocalError(
                f"{type(negotiation).__name__} has several parties to move at once; "
                "this loop asks one at a time",
                code="concurrent",
            )
        return negotiation.result

    def _respond(self, party: Party) -> Callable[[View], Move]:
        try:
            return self.strategies[party].respond
        except (
            Exception
        ) as error:  # no such method, or a property that raises: told at its turn
            return partial(_raise, error)

    def _advance(self) -> int:
        """Read the clock; deadlines that are due take effect. A clock that runs back stands still instead."""
        if self.clock is not None:
            self._now = max(self._now, self.clock())
            self.negotiation.advance(self._now)
        return self._now

    def _overran(self, party: Party, began: int) -> Result | None:
        took = self._advance() - began
        if self.move_limit is None or took <= self.move_limit:
            return None
        why = f"took more than {self.move_limit} ms for one move"
        return self._at_fault(party, Reason.TIMEOUT, why)

    def _chance(self) -> None:
        at = self._advance()
        if self.negotiation.result is None:
            self.negotiation.push(CHANCE, self.protocol.chance(self.stream), at)

    @cached_property
    def stream(self) -> random.Random:
        """The protocol's own random stream, made only when chance moves."""
        return random.Random(derive_seed(self.seed, "chance"))  # noqa: S311 - play, not secrets

    def _failed(self, party: Party, error: BaseException) -> Result:
        if isinstance(error, KeyboardInterrupt):  # somebody at the keyboard wants to stop
            raise error
        reason = Reason.TIMEOUT if isinstance(error, Overrun) else Reason.ERROR
        return self._at_fault(party, reason, one_line(error))

    def _at_fault(self, party: Party, reason: Reason, why: str) -> Result:
        self.fault, self.error = party, why
        return NoAgreement(reason, party, self.negotiation.round)

    def _finish(self, result: Result) -> None:
        self.stage = "end"
        for party, strategy in enumerate(self.strategies[: self._begun]):
            self.asked = party
            try:
                strategy.end(result)
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                if self.error is None:  # the deal stands; the failure is still told
                    self.fault, self.error = party, f"in end(): {one_line(error)}"

    def _record(self, result: Result) -> Match:
        return Match(
            result=result,
            utilities=payoffs(self.protocol, self.scenario.twin, result),
            rounds=self.negotiation.round,
            last=self.negotiation.last,
            fault=self.fault,
            error=self.error,
        )


def payoffs(protocol: Protocol, scenario: Scenario, result: Result) -> tuple[int, ...]:
    """What a result is worth to each party, in units of 1e-9.

    An agreement is worth its utility, discounted as the rules say; no agreement is worth the reservation value.
    """
    if not isinstance(result, Agreement):
        return tuple(own.reservation for own in scenario.preferences)
    age = protocol.age(result)
    return tuple(
        own.discounted(own.utility(result.outcome), age) for own in scenario.preferences
    )


def _check_seats(scenario: Scenario, strategies: Sequence[Strategy]) -> None:
    if len(strategies) != len(scenario.roles):
        roles = ", ".join(role.name for role in scenario.roles)
        raise LocalError(
            f"{len(strategies)} strategies for the {len(scenario.roles)} roles of "
            f"{quote(scenario.name)} ({roles}); one for each is needed",
            code="seats",
        )
    if len({id(strategy) for strategy in strategies}) != len(strategies):
        raise LocalError(
            "one strategy instance sits in two seats",
            code="seats",
            help="make an instance for each",
        )


def _raise(error: Exception, _: View) -> Move:
    raise error
