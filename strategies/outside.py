"""One buyer and many sellers: threads of bilateral negotiation that share what they know, and one budget.

A :class:`Desk` stands behind the threads. Each :class:`Thread` plays one negotiation with a strategy of its own, but
accepts and offers nothing worth less than what the other threads make it hope for, and only one of them may sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, cast

from negotiate.domain.preferences import SCALE
from negotiate.errors import LocalError
from negotiate.moves import Move, Offer
from negotiate.protocol import Agreement
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.protocol import Entry, Result

_STEPS = 200


@dataclass(frozen=True)
class Belief:
    """What one thread may finally bring: between ``low`` and ``high``, ``F(x) = ((x - low) / (high - low))**shape``.

    Attributes:
        low: the least.
        high: the most.
        shape: 1 for evenly, above 1 for rather near the top, below 1 for rather near the bottom.
    """

    low: float
    high: float
    shape: float = 1.0

    def cdf(self, x: float) -> float:
        """The chance that it is at most ``x``."""
        if x >= self.high:
            return 1.0
        share = max(x - self.low, 0.0) / (self.high - self.low)
        below: float = share**self.shape
        return below


def expected_best(beliefs: Sequence[Belief]) -> float:
    """The mean of the best of several threads, independent of each other; 0 without any.

    ``E max = high - integral of the product of the F_j``, from the largest of their low ends to the largest high end.
    """
    if not beliefs:
        return 0.0
    low, high = max(b.low for b in beliefs), max(b.high for b in beliefs)
    width = (high - low) / _STEPS
    area = sum(
        prod(belief.cdf(low + (i + 0.5) * width) for belief in beliefs) for i in range(_STEPS)
    )
    return high - area * width


@dataclass
class Desk:
    """What the threads of one buyer share.

    All threads must measure utility on the same scale. Moves are asked for one at a time, and a seller answers before
    the next thread moves; otherwise two open offers could be accepted at once, and that is refused with LocalError.

    Attributes:
        deals: how many agreements the buyer wants.
        switching: what changing to another thread costs, a utility.
        threads: the threads, in the order of their making.
    """

    deals: int = 1
    switching: float = 0.0
    threads: list[Thread] = field(default_factory=lambda: cast("list[Thread]", []))

    def thread(self, inner: Strategy) -> Thread:
        """A seat for one more negotiation, played by ``inner`` under the desk's guard."""
        made = Thread(self, inner)
        self.threads.append(made)
        return made

    @property
    def open(self) -> int:
        """Agreements that are still wanted."""
        return self.deals - len(self.held)

    @property
    def held(self) -> list[Thread]:
        """Threads with an agreement that binds the buyer."""
        return [thread for thread in self.threads if thread.signed and not thread.released]

    def price(self, time: float) -> float | None:
        """What an agreement must be worth to be wanted now, in units of 1e-9; None if nothing is wanted any more."""
        return None if self.open <= 0 else float("-inf")

    def signs(self, thread: Thread, time: float) -> None:
        """Told that ``thread`` has an agreement, made at relative time ``time``."""

    def outside(self, asking: Thread, *, last: bool) -> float:
        """What the other threads are worth to ``asking``, in units of 1e-9.

        ``max(E[best of the others], best standing offer - switching)``, where each of the others may end anywhere
        between the best it was offered and what it last demanded, evenly (:func:`expected_best`). In the last round of
        ``asking`` only what stands counts. With several agreements to make the best other offers are spoken for, and
        only the standing ones count.
        """
        others = [
            t for t in self.threads if t is not asking and t.running and t.offered is not None
        ]
        standing = sorted((t.standing for t in others), reverse=True)
        place = max(self.open, 1) - 1
        best = standing[place] if place < len(standing) else 0
        hoped = 0.0
        if not last and self.deals == 1:
            hoped = expected_best(
                [Belief(t.offered or 0.0, max(t.demanded, t.offered or 0.0)) for t in others]
            )
        return max(best - self.switching * SCALE, hoped)


class Thread(Strategy):
    """Plays one of several negotiations for the same buyer, as another strategy would, above the outside option.

    Its floor is the reservation value or what the desk says that the other threads are worth, if that is more. It
    accepts only if the desk still wants an agreement, and walks when it does not.

    Source: the outside options of Nguyen & Jennings (2004), "Coordinating multiple concurrent negotiations", AAMAS, and
    Williams, Robu, Gerding & Jennings (2012), "Negotiating concurrently with unknown opponents in complex, real-time
    domains", ECAI.

    Attributes:
        running: whether the negotiation goes on.
        signed: whether it ended in an agreement, or has just accepted.
        released: whether the buyer has bought itself out of that agreement.
        worth: utility of the agreement, in units of 1e-9.
        offered: utility of the best offer received; None before any.
        standing: utility of the offer that stands.
        demanded: utility of the own last offer.
    """

    def __init__(self, desk: Desk, inner: Strategy) -> None:
        self.desk = desk
        self.inner = inner
        self.running = self.signed = self.released = False
        self.worth = 0
        self._asked: tuple[View, Entry | None] | None = None
        self.offered: float | None = None
        self.standing = 0
        self.demanded = 0.0

    def begin(self, brief: Brief) -> None:
        """Open the thread."""
        super().begin(brief)
        self.inner.begin(brief)
        self.own = brief.preferences
        self.running, self.signed, self.released = True, False, False
        self._asked = None

    @property
    def waiting(self) -> bool:
        """Whether an own offer is open: made, and not answered yet."""
        if self._asked is None:
            return False
        view, before = self._asked
        return view.last is None or view.last is before or view.last[1] == view.party

    def respond(self, view: View) -> Move:
        """Play as the inner strategy, but never below the outside option, and sign only what is wanted."""
        self._asked = None
        self._note(view)
        price = self.desk.price(view.time)
        if price is None:
            return WALK
        if any(thread.waiting for thread in self.desk.threads):
            raise LocalError(
                "another thread's offer is still open; let its seller answer first",
                code="concurrent",
            )
        outside = self.desk.outside(self, last=view.rounds_left == 1)
        floor = max(outside, self.own.reservation, price)
        move = self._above(floor, self.inner.respond(view), view)
        if isinstance(move, Offer):
            self._asked, self.demanded = (
                (view, view.last),
                float(self.own.utility(move.outcome)),
            )
        elif move == ACCEPT:
            self.signed, self.worth = True, self.standing
        return move

    def end(self, result: Result) -> None:
        """Close the thread."""
        self.inner.end(result)
        self.running, self._asked = False, None
        self.signed = isinstance(result, Agreement)
        if isinstance(result, Agreement):
            self.worth = self.own.utility(result.outcome)
            self.desk.signs(self, result.time)

    def _note(self, view: View) -> None:
        if view.standing is None:
            self.standing = 0
            return
        self.standing = self.own.utility(view.standing)
        self.offered = max(self.offered or float("-inf"), float(self.standing))

    def _above(self, floor: float, move: Move, view: View) -> Move:
        worth = self.own.utility(move.outcome) if isinstance(move, Offer) else self.standing
        if move == WALK or worth >= floor:
            return move
        better = self.own.space.lowest_at_or_above(floor)
        return WALK if better is None else Offer(better)
