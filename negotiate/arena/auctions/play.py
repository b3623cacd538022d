"""Holds auctions and markets: cells of a market.

A bidder that fails is out, and the auction goes on without it, as any host would do; the cell is then marked with what
happened and who is at fault. What the party at fault gained in it does not count, what it lost does. One that takes
too long ends its cell, since nobody can go on waiting.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from negotiate.arena.auctions.measure import Held, measured, utilities
from negotiate.arena.cells import seed_of
from negotiate.arena.play import repeatable, texts_of, written
from negotiate.arena.player import LONG, BasePlayer, Ended, Kit, Row, Tell, digest_of
from negotiate.bidder import Bidder, BidderBrief
from negotiate.errors import StrategyError
from negotiate.host import hold
from negotiate.markets import stakes_of
from negotiate.match import Overrun, derive_seed
from negotiate.protocol import Agreement, NoAgreement, Reason
from negotiate.registry import BidderSpec
from negotiate.show import one_line, safe
from negotiate.strategies.bidding.truthful import Truthful

if TYPE_CHECKING:
    from negotiate.arena.cells import Cell
    from negotiate.arena.watchdog import Guard
    from negotiate.bidder import AuctionView
    from negotiate.domain.markets import Market
    from negotiate.domain.values import Draw
    from negotiate.host import Host
    from negotiate.moves import AnyMove
    from negotiate.protocol import Protocol, Result


class _Failed(Exception):  # noqa: N818 - never leaves the host
    """Stands for whatever a bidder raised."""


class _Desk:
    """What is known of a cell while it is played: which call is being made, and what the first failure was."""

    def __init__(self, tell: Tell | None) -> None:
        self.tell = tell
        self.stage = "begin"
        self.party: int | None = None
        self.calls = 0
        self.failure: tuple[str, int, str] | None = None

    def enter(self, stage: str, party: int, view: AuctionView | None = None) -> None:
        self.stage, self.party = stage, party
        self.calls += 1
        if self.tell is not None:
            self.tell(stage, party, view)

    def failed(self, error: BaseException) -> _Failed:
        if isinstance(error, (KeyboardInterrupt, Overrun)):
            raise error
        if self.failure is None:
            self.failure = (self.stage, self.party or 0, repeatable(one_line(error)))
        return _Failed()

    def look(self) -> tuple[str, int | None, object]:
        return self.stage, self.party, self.calls


class _Seat(Bidder):
    """Stands between the host and a bidder, and notes every call."""

    def __init__(self, inner: Bidder, party: int, desk: _Desk) -> None:
        self.inner, self.party, self.desk = inner, party, desk

    def begin(self, brief: BidderBrief) -> None:
        self.desk.enter("begin", self.party)
        try:
            self.inner.begin(brief)
        except BaseException as error:
            raise self.desk.failed(error) from None

    def respond(self, view: AuctionView) -> AnyMove | None:
        self.desk.enter("respond", self.party, view)
        try:
            return self.inner.respond(view)
        except BaseException as error:
            raise self.desk.failed(error) from None

    def end(self, result: Result) -> None:
        self.desk.enter("end", self.party)
        try:
            self.inner.end(result)
        except BaseException as error:
            raise self.desk.failed(error) from None


@dataclass(frozen=True)
class _Fault:
    """What went wrong, and whose fault it was."""

    party: int
    reason: Reason | None
    why: str


@dataclass
class AuctionPlayer(BasePlayer):
    """Plays cells of one market.

    Attributes:
        kit: what all cells have in common.
        market: the market.
        rules: as they are played on this market.
        contained: whether nothing but a bidder can raise KeyboardInterrupt in this process.
        tell: told before each call of a bidder; None to tell nobody.
    """

    kit: Kit
    market: Market
    rules: Protocol
    contained: bool = False
    tell: Tell | None = None

    def played(self, cell: Cell, sampled: bool, guard: Guard) -> Row:
        """Play one cell, whatever its bidders do."""
        guard.fresh()
        desk = _Desk(self.tell)
        guard.watch(desk.look)
        host: Host | None = None
        fault: _Fault | None = None
        try:
            host = self.hold(cell, desk)
        except Overrun as late:
            fault = _Fault(desk.party or 0, Reason.TIMEOUT, str(late).removeprefix("Overrun: "))
        except KeyboardInterrupt:
            if not self.contained:
                raise
            fault = _Fault(desk.party or 0, Reason.ERROR, "KeyboardInterrupt")
        except StrategyError as error:
            fault = _Fault(desk.party or 0, Reason.ERROR, str(error))
        if guard.caught is not None:  # also where the bidder swallowed the exception
            fault = _Fault(guard.caught, Reason.TIMEOUT, guard.why)
        return self._row(cell, host, fault or _fault_of(desk, host), sampled)

    def obituary(self, cell: Cell, ended: Ended) -> Row:
        """The cell came to nothing; the party whose code ran is at fault."""
        fault = _Fault(ended.party or 0, ended.reason, ended.why)
        row = self._row(cell, None, fault, False)
        return row._replace(fault=ended.party, ended_by=ended.party, rounds=ended.rounds)

    def hold(self, cell: Cell, desk: _Desk | None = None) -> Host:
        """Hold the auction of a cell; without a guard, unless one watches ``desk``."""
        desk = desk or _Desk(None)
        drawn = self.draw(cell)
        seats: list[tuple[str, Bidder]] = []
        for party, name in enumerate(cell.seats):
            desk.enter("begin", party)
            seats.append((f"seat-{party + 1}", _Seat(self._make(name), party, desk)))
        # Where only some are studied, the others come with the market, and say the truth.
        seats += [(f"seat-{n + 1}", Truthful()) for n in range(len(seats), len(drawn.sides))]
        return hold(
            self.rules,
            self.market.domain,
            seats,
            stakes_of(drawn),
            seed=self._seed(cell),
            prior=self.market.model.prior,
            bounds=self.market.bounds,
        )

    def draw(self, cell: Cell) -> Draw:
        """The stakes of a cell."""
        seed = self._seed(cell)
        return self.market.draw(
            lambda *names: Random(derive_seed(seed, "stakes", *names))  # noqa: S311 - play
        )

    def _seed(self, cell: Cell) -> int:
        return seed_of(self.kit.seed, self.market.digest, cell.repetition)

    def _make(self, name: str) -> Bidder:
        spec = self.kit.specs[name]
        if not isinstance(spec, BidderSpec):
            raise StrategyError(f"{safe(name)} is not a bidder", code="not-a-bidder")
        return spec.make()

    def _row(self, cell: Cell, host: Host | None, fault: _Fault | None, sampled: bool) -> Row:
        negotiation = None if host is None else host.negotiation
        result = None if negotiation is None else negotiation.result
        if fault is not None and (result is None or fault.reason is Reason.TIMEOUT):
            result = NoAgreement(fault.reason or Reason.ERROR, fault.party, 0)
        if (
            result is None
        ):  # the host closes everything; a protocol that never closes is at fault itself
            result = NoAgreement(Reason.DEADLINE, None, 0)
        last = None if negotiation is None else negotiation.last
        moves, turns = written(last, texts_of(self.market.seats))
        reason = Reason.ACCEPT if isinstance(result, Agreement) else result.reason
        reason = (None if fault is None else fault.reason) or reason
        closed = (
            negotiation if negotiation is not None and negotiation.result is result else None
        )
        found = measured(Held(self.market, self.rules, self.draw(cell), result, closed))
        culprit = None if fault is None else fault.party
        return Row(
            cell=cell,
            utilities=utilities(self.market, found, culprit)[: len(cell.seats)],
            outcome=None,
            reason=reason.value,
            ended_by=culprit,
            fault=culprit,
            error=None if fault is None else fault.why,
            rounds=0 if negotiation is None else negotiation.round,
            turns=turns,
            digest=digest_of(moves),
            moves=moves if sampled or (fault is not None and turns <= LONG) else None,
            measured=found,
        )


def _fault_of(desk: _Desk, host: Host | None) -> _Fault | None:
    """The first thing that went wrong."""
    receipt = next((r for r in host.receipts if r.code), None) if host is not None else None
    if receipt is None:
        return None
    if receipt.code == "error" and desk.failure is not None:
        stage, party, why = desk.failure
        if stage == "end":  # the deal stands
            return _Fault(party, None, f"in end(): {why}")
        return _Fault(party, Reason.ERROR, why)
    why = f"{receipt.code}: the rules refused its {safe(receipt.kind)}"
    return _Fault(receipt.party, Reason.ILLEGAL_MOVE, why)
