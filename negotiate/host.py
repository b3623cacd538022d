"""The host of an auction or market: takes moves as they come, stamps them, and never waits for anybody.

:class:`Host` does no input or output: it is handed moves and times, and gives a receipt for each move, accepted or
refused. :func:`run` is the loop around it for bidders in this process. Every bidder thinks in a thread of its own;
one that hangs is not asked again, and the auction closes when the rules say so.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from negotiate.bidder import AuctionView
from negotiate.errors import IllegalMove, LocalError
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party
    from negotiate.protocol import Protocol, Result

Program: TypeAlias = Callable[[AuctionView], "AnyMove | None"]
"""Answers a view with a move, or with None for nothing now."""

Clock: TypeAlias = Callable[[], int]
"""Milliseconds, from any origin, never running back."""


class Receipt(NamedTuple):
    """What the host did with one move.

    Attributes:
        number: place in the order of arrival, from 1.
        party: who moved.
        kind: of the move.
        at: the host's time.
        code: empty if the move was accepted, else which rule it broke.
    """

    number: int
    party: Party
    kind: str
    at: int
    code: str


class Host:
    """One auction or market in progress.

    Attributes:
        negotiation: the running state.
        receipts: of all moves, in the order of arrival.
    """

    def __init__(self, negotiation: HostedNegotiation) -> None:
        self.negotiation = negotiation
        self.receipts: list[Receipt] = []

    def receive(self, party: Party, move: AnyMove, at: int) -> Receipt:
        """Put a move to the rules; a refused one changes nothing but the list of receipts."""
        code = ""
        try:
            self.negotiation.push(party, move, at)
        except IllegalMove as error:
            code = error.code
        receipt = Receipt(
            len(self.receipts) + 1, party, str(getattr(type(move), "kind", "?")), at, code
        )
        self.receipts.append(receipt)
        return receipt

    def advance(self, at: int) -> Result | None:
        """Let time pass; the result once it is closed."""
        self.negotiation.advance(at)
        return self.negotiation.result


class _Seat:
    """A bidder and its thread."""

    def __init__(self, party: Party, bidder: Program, answers: queue.Queue[_Answer]) -> None:
        self.party, self.bidder, self.answers = party, bidder, answers
        self.asked = False
        self.failed = False
        self._views: queue.SimpleQueue[AuctionView | None] = queue.SimpleQueue()
        threading.Thread(target=self._think, daemon=True).start()

    def ask(self, view: AuctionView) -> None:
        self.asked = True
        self._views.put(view.snapshot())

    def stop(self) -> None:
        self._views.put(None)

    def _think(self) -> None:
        while (view := self._views.get()) is not None:
            try:
                self.answers.put(_Answer(self.party, self.bidder(view), ""))
            except Exception as error:  # foreign code may raise anything
                self.answers.put(_Answer(self.party, None, type(error).__name__))


class _Answer(NamedTuple):
    party: Party
    move: AnyMove | None
    error: str


def run(
    protocol: Protocol,
    domain: Domain,
    bidders: Sequence[tuple[str, Program]],
    *,
    clock: Clock,
    pause: int = 20,
) -> Host:
    """Hold an auction or market among bidders of this process, to its close.

    Args:
        protocol: the rules; of an auction or a market.
        domain: what it is about.
        bidders: name and program of each seat.
        clock: the host's clock.
        pause: milliseconds after which bidders that had nothing to do are asked again.

    Raises:
        LocalError: the protocol is not of this kind.
    """
    negotiation = protocol.start(domain, [name for name, _ in bidders], clock())
    if not isinstance(negotiation, HostedNegotiation):
        raise LocalError(
            f"{quote(type(protocol).__name__)} has one mover at a time; play it with negotiate.play",
            code="concurrent",
        )
    host = Host(negotiation)
    answers: queue.Queue[_Answer] = queue.Queue()
    seats = [_Seat(party, bidder, answers) for party, (_, bidder) in enumerate(bidders)]
    while host.advance(clock()) is None:
        _ask(negotiation, seats)
        _collect(host, seats, answers, clock, pause)
    for seat in seats:
        seat.stop()
    return host


def _ask(negotiation: HostedNegotiation, seats: Sequence[_Seat]) -> None:
    """Show the auction to everybody who may move and is not thinking already."""
    for party in negotiation.to_move:
        seat = seats[party]
        if not seat.asked and not seat.failed:
            seat.ask(negotiation.view(party))


def _collect(
    host: Host, seats: Sequence[_Seat], answers: queue.Queue[_Answer], clock: Clock, pause: int
) -> None:
    """Take the answers that are there, in the order in which they came."""
    wait = pause / 1000
    while True:
        try:
            answer = answers.get(timeout=wait)
        except queue.Empty:
            return
        wait = 0.0
        seat = seats[answer.party]
        seat.asked = False
        seat.failed = bool(answer.error)
        if answer.move is not None:
            host.receive(answer.party, answer.move, clock())
