"""The host of an auction or market: takes moves as they come, stamps them, and never waits for anybody.

:class:`Host` does no input or output: it is handed moves and times, and gives a receipt for each move, accepted or
refused. There are two loops around it for bidders in this process:

* :func:`hold` is for the arena: simulated time, seats asked in an order drawn from a seed, the same to the byte every
  time;
* :func:`run` is for real time: every bidder thinks in a thread of its own; one that hangs is not asked again, and the
  auction closes when the rules say so.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from copy import copy
from random import Random
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from negotiate.bidder import AuctionView, BidderBrief
from negotiate.errors import IllegalMove, LocalError
from negotiate.match import derive_seed
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.bidder import Bidder, Prior, Stake
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
        code: empty if the move was accepted, else which rule it broke; ``error`` for a program that raised.
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
        self.negotiation.advance(at)  # what is due comes first, whatever becomes of the move
        try:
            self.negotiation.push(party, move, at)
        except IllegalMove as error:
            code = error.code
        receipt = Receipt(
            len(self.receipts) + 1, party, str(getattr(type(move), "kind", "?")), at, code
        )
        self.receipts.append(receipt)
        return receipt

    def fault(self, party: Party, at: int) -> Receipt:
        """Note that a party's program raised an exception."""
        receipt = Receipt(len(self.receipts) + 1, party, "", at, "error")
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


def hold(
    protocol: Protocol,
    domain: Domain,
    seats: Sequence[tuple[str, Bidder]],
    stakes: Sequence[Stake],
    *,
    seed: int,
    prior: Prior | None = None,
    bounds: tuple[int, int] = (0, 10**18),
    tick: int = 1000,
) -> Host:
    """Hold an auction or market in simulated time, from its beginning to its close.

    At time 0 and after every tick each seat that may move is asked once, in an order drawn anew from the seed, and
    what it answers is put to the rules before the next one is asked. If a new round or phase has opened meanwhile,
    all are asked again at the same time. Nothing else decides what happens: the same arguments give the same
    receipts and the same result.

    Bidders are handed copies of rules, domain, stake and prior, each its own. A bidder that raises is not asked again;
    a move that the rules refuse is lost. Both leave a receipt with a code, and cost nobody else anything. After
    :data:`MOST_QUESTIONS` questions nobody is asked any more, and deadlines close what is open.

    Args:
        protocol: the rules; of an auction or a market.
        domain: what it is about.
        seats: name and bidder of each seat. An instance that is handed in again keeps what it has learnt: that is
            how a market runs for several days.
        stakes: what it is worth to each seat.
        seed: root of the order and of each bidder's own random stream.
        prior: what is commonly known of one party's value.
        bounds: least and largest price that is commonly known to make sense.
        tick: simulated milliseconds from one round of questions to the next.

    Returns:
        The host, with the receipts and the closed negotiation.

    Raises:
        LocalError: the protocol is not of this kind, stakes and seats differ in number, one bidder has two seats,
            or the tick is not positive.
    """
    _check_seats(seats, stakes, tick)
    names = tuple(name for name, _ in seats)
    host = _open(protocol, domain, names, 0)
    asked: list[Party] = []
    for party, (name, bidder) in enumerate(seats):
        own = derive_seed(seed, "bidder", name)
        # Copies of its own: what it scribbles over them changes nothing for the host, nor for any other.
        brief = BidderBrief(
            party, names, domain.twin(), copy(protocol), copy(stakes[party]), copy(prior), bounds,
            seed=own,
        )  # fmt: skip
        try:
            bidder.begin(brief)
            asked.append(party)
        except Exception:  # foreign code may raise anything
            host.fault(party, 0)
    bidders = [bidder for _, bidder in seats]
    _simulate(host, bidders, asked, Random(derive_seed(seed, "order")), tick)  # noqa: S311 - play
    return host


MOST_QUESTIONS = 1_000_000
"""Questions that :func:`hold` asks in one session; a tick counts for one as well."""

_ENDLESS = 10**30
"""Later than any deadline."""


def _simulate(
    host: Host, bidders: Sequence[Bidder], asked: list[Party], order: Random, tick: int
) -> None:
    """Ask, tick after tick, until it is closed; then tell everybody who is still listening."""
    at, left, negotiation = 0, MOST_QUESTIONS, host.negotiation
    while left > 0 and host.advance(at) is None:
        opened = ("", 0)
        while left > 0 and opened != (negotiation.phase, negotiation.round):
            opened = (negotiation.phase, negotiation.round)
            order.shuffle(asked)
            left -= 1 + len(asked)
            _ask_round(host, bidders, asked, at)
        at += tick
    result = host.advance(_ENDLESS)
    if result is None:
        return
    for party in sorted(asked):
        try:
            bidders[party].end(result)
        except Exception:  # foreign code may raise anything
            host.fault(party, at)


def _ask_round(host: Host, bidders: Sequence[Bidder], asked: list[Party], at: int) -> None:
    """Ask each once; who raises leaves the list."""
    negotiation = host.negotiation
    for party in tuple(asked):
        view = negotiation.view(party)
        if not view.kinds:
            continue
        try:
            move = bidders[party].respond(view)
        except Exception:  # foreign code may raise anything
            asked.remove(party)
            host.fault(party, at)
            continue
        if move is not None:
            host.receive(party, move, at)


def _check_seats(
    seats: Sequence[tuple[str, Bidder]], stakes: Sequence[Stake], tick: int
) -> None:
    if len(seats) != len(stakes):
        raise LocalError(
            f"there are {len(seats)} seats and {len(stakes)} stakes; one for each is expected",
            code="stakes",
        )
    if len({id(bidder) for _, bidder in seats}) != len(seats):
        raise LocalError("one bidder sits in two seats", code="bidders", help="make one a seat")
    if tick < 1:
        raise LocalError(f"tick is {tick}; 1 ms or more is expected", code="tick")


def _open(protocol: Protocol, domain: Domain, names: Sequence[str], at: int) -> Host:
    negotiation = protocol.start(domain, names, at)
    if not isinstance(negotiation, HostedNegotiation):
        raise LocalError(
            f"{quote(type(protocol).__name__)} has one mover at a time; play it with negotiate.play",
            code="concurrent",
        )
    return Host(negotiation)


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
    host = _open(protocol, domain, [name for name, _ in bidders], clock())
    negotiation = host.negotiation
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
