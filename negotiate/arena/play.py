"""Plays negotiations: cells of a scenario."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from negotiate.arena.cells import seed_of
from negotiate.arena.player import (
    ENOUGH,
    LONG,
    BasePlayer,
    Ended,
    Row,
    Tell,
    digest_of,
    milliseconds,
)
from negotiate.arena.player import Kit as Kit
from negotiate.errors import StrategyError
from negotiate.match import Match, Overrun, Table, payoffs
from negotiate.moves import CHANCE
from negotiate.protocol import NoAgreement, Reason
from negotiate.registry import Spec
from negotiate.show import safe
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.arena.cells import Cell
    from negotiate.arena.engine import Engine
    from negotiate.arena.watchdog import Guard
    from negotiate.domain.issues import Outcome
    from negotiate.domain.scenario import Scenario
    from negotiate.moves import Move
    from negotiate.protocol import Entry, Result
    from negotiate.strategy import Brief, View

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{4,}")


class _Told(Strategy):
    """Stands between the match and a strategy, and tells of every call before it is made."""

    def __init__(self, inner: Strategy, seat: int, tell: Tell) -> None:
        self.inner = inner
        self.seat = seat
        self.tell = tell

    def begin(self, brief: Brief) -> None:
        self.tell("begin", self.seat, None)
        self.inner.begin(brief)

    def respond(self, view: View) -> Move:
        self.tell("respond", self.seat, view)
        return self.inner.respond(view)

    def end(self, result: Result) -> None:
        self.tell("end", self.seat, None)
        self.inner.end(result)


@dataclass
class Player(BasePlayer):
    """Plays cells of one scenario.

    Attributes:
        kit: what all cells have in common.
        scenario: the scenario.
        contained: whether nothing but a strategy can raise KeyboardInterrupt in this process.
        tell: told before each call of a strategy; None to tell nobody.
    """

    kit: Kit
    scenario: Scenario
    contained: bool = False
    tell: Tell | None = None
    _texts: Texts = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._texts = texts_of(len(self.scenario.roles))

    def warm(self) -> None:
        """The best outcome of each role."""
        for own in self.scenario.preferences:
            own.space.max_utility  # noqa: B018 - worked out once, for all children

    def played(self, cell: Cell, sampled: bool, guard: Guard) -> Row:
        """Play one cell, whatever its strategies do."""
        return self.row(cell, self.match(cell, guard), sampled)

    def obituary(self, cell: Cell, ended: Ended) -> Row:
        """Nobody agreed; the party whose code ran is at fault."""
        result = NoAgreement(ended.reason, ended.party, ended.rounds)
        last: Entry | None = None
        for turn in ended.moves:
            last = (turn.round, turn.party, turn.kind, turn.outcome, last)
        moves, turns = written(last, self._texts)
        return Row(
            cell=cell,
            utilities=payoffs(self.kit.rules, self.scenario, result),
            outcome=None,
            reason=ended.reason.value,
            ended_by=ended.party,
            fault=ended.party,
            error=ended.why,
            rounds=ended.rounds,
            turns=turns,
            digest=digest_of(moves),
            moves=moves if turns <= LONG else None,
        )

    @cached_property
    def _engine(self) -> Engine:
        from negotiate.arena.engine import Engine  # noqa: PLC0415 - it writes rows, as this does

        return Engine(self.kit, self.scenario, self._texts)

    def play(self, cells: Sequence[Cell], sampled: frozenset[str], guard: Guard) -> list[Row]:
        """Play ``cells`` one after the other, as far as :data:`ENOUGH` allows; those that need no match, at once."""
        rows: list[Row] = []
        began = time.monotonic()
        fast = self._fast(cells, sampled, guard)
        for cell in cells:
            rows.append(fast.get(cell.key) or self._slow(cell, sampled, guard))
            if time.monotonic() - began > ENOUGH:
                break
        return rows

    def _slow(self, cell: Cell, sampled: frozenset[str], guard: Guard) -> Row:
        row = self.row(cell, self.match(cell, guard), cell.key in sampled)
        guard.rest()
        return row

    def _fast(
        self, cells: Sequence[Cell], sampled: frozenset[str], guard: Guard
    ) -> dict[str, Row]:
        """Rows of the cells that need no match, some of which are played all the same, to compare."""
        if self.kit.audited is None or self.tell is not None:
            return {}
        rows = self._engine.play(cells, sampled, guard)
        for cell in cells:
            if cell.key in rows and cell.key in self.kit.audited:
                self._engine.compare(rows[cell.key], self._slow(cell, sampled, guard))
        return rows

    def match(self, cell: Cell, guard: Guard) -> Match:
        """Play one cell, whatever its strategies do."""
        guard.fresh()
        made: list[Strategy] = []
        table: Table | None = None
        try:
            for seat, name in enumerate(cell.seats):
                guard.watch(lambda seat=seat: ("begin", seat, None))  # type: ignore[misc]
                made.append(self._make(name, seat))
            table = self._table(cell, made, guard)
            guard.watch(_looking_at(table))
            match = table.play()
        except Overrun as late:  # while it was made, or just as its call ended
            match = self._forfeit(table, guard.caught or 0, Reason.TIMEOUT, str(late))
        except KeyboardInterrupt:
            if not self.contained:
                raise
            by = len(made) if table is None else table.whom or 0
            match = self._forfeit(table, by, Reason.ERROR, "KeyboardInterrupt")
        except StrategyError as error:
            match = self._forfeit(table, len(made), Reason.ERROR, str(error))
        if guard.caught is not None and match.fault is None:  # it swallowed the exception
            if guard.stage == "end":  # the deal stands
                return replace(match, fault=guard.caught, error=f"in end(): {guard.why}")
            return self._forfeit(table, guard.caught, Reason.TIMEOUT, guard.why)
        return match

    def row(self, cell: Cell, match: Match, sampled: bool) -> Row:
        """What is kept of a match."""
        moves, turns = written(match.last, self._texts)
        kept = sampled or (match.error is not None and turns <= LONG)
        return Row(
            cell=cell,
            utilities=match.utilities,
            outcome=match.agreement,
            reason=match.reason.value,
            ended_by=match.ended_by,
            fault=match.fault,
            error=None if match.error is None else repeatable(match.error),
            rounds=match.rounds,
            turns=turns,
            digest=digest_of(moves),
            moves=moves if kept else None,
        )

    def _make(self, name: str, seat: int) -> Strategy:
        spec = self.kit.specs[name]
        if not isinstance(spec, Spec):
            raise StrategyError(f"{safe(name)} is not a strategy", code="not-a-strategy")
        if self.tell is None:
            return spec.make()
        self.tell("begin", seat, None)
        return _Told(spec.make(), seat, self.tell)

    def _table(self, cell: Cell, made: Sequence[Strategy], guard: Guard) -> Table:
        timed = not guard.ticking
        table = Table(
            self.kit.rules,
            self.scenario,
            made,
            seed=seed_of(self.kit.seed, self.scenario.digest, cell.repetition),
            clock=milliseconds if timed or self.kit.rules.needs_clock else None,
            move_limit=round(self.kit.limits.move * 1000) if timed else None,
        )
        if self.kit.signed:
            from negotiate.wire.signed import sign  # noqa: PLC0415 - most runs do without

            sign(table, cell.key)
        return table

    def _forfeit(self, table: Table | None, by: int, reason: Reason, why: str) -> Match:
        if table is not None:
            return table.forfeit(by, reason, why)
        result = NoAgreement(reason, by, 0)
        utilities = payoffs(self.kit.rules, self.scenario, result)
        return Match(result, utilities, rounds=0, last=None, fault=by, error=safe(why))


def repeatable(error: str) -> str:
    """An error's text without what differs from run to run: addresses in memory."""
    return _ADDRESS.sub("0x…", error).removeprefix("Overrun: ")


def _looking_at(table: Table) -> Callable[[], tuple[str, int | None, object]]:
    return lambda: (table.stage, table.whom, table.negotiation.last)


class _Texts(dict["Outcome | None", str]):
    """The end of a party's offers as JSON, by outcome: offers come again, within a match and between matches."""

    def __init__(self, party: int) -> None:
        super().__init__()
        self.party = party

    def __missing__(self, outcome: Outcome | None) -> str:
        text = f',{self.party},"offer",{_positions(outcome)}]'
        if len(self) < 2**16:
            self[outcome] = text
        return text


def texts_of(parties: int) -> Texts:
    """What :func:`written` needs for games of so many parties."""
    return tuple(_Texts(party) for party in range(parties))


def written(last: Entry | None, texts: Texts) -> tuple[str, int]:
    """All moves as JSON, ``[[round, party, kind, outcome or null], …]``, and how many parties made."""
    parts: list[str] = []
    chance = 0
    while (
        last is not None
    ):  # costs a fifth of the move itself, so it is done without any function call
        round_, party, kind, outcome, last = last
        if kind == "offer":
            parts.append(f"[{round_}{texts[party][outcome]}")
        else:
            parts.append(f'[{round_},{party},"{kind}",{_positions(outcome)}]')
            chance += party == CHANCE
    parts.reverse()
    return f"[{','.join(parts)}]", len(parts) - chance


Texts: TypeAlias = tuple[_Texts, ...]


def _positions(outcome: Outcome | None) -> str:
    return "null" if outcome is None else f"[{','.join(map(str, outcome))}]"
