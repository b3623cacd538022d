"""One buyer and many sellers: threads of bilateral negotiation that share what they know, and one budget.

A :class:`Desk` stands behind the threads. Each :class:`Thread` plays one negotiation with a strategy of its own, but
accepts and offers nothing worth less than what the other threads make it hope for, and only one of them may sign.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


def expected_best(ranges: Sequence[tuple[float, float]]) -> float:
    """The mean of the largest of independent numbers, each drawn evenly from its range; 0 without any.

    ``E max = high - integral of the product of the distribution functions``, from the least to the largest end.
    """
    if not ranges:
        return 0.0
    low, high = max(a for a, _ in ranges), max(b for _, b in ranges)
    width = (high - low) / _STEPS
    area = 0.0
    for i in range(_STEPS):
        x, product = low + (i + 0.5) * width, 1.0
        for a, b in ranges:
            product *= 1.0 if x >= b else (x - a) / (b - a)
        area += product * width
    return high - area


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
        return self.deals - sum(thread.signed for thread in self.threads)

    def outside(self, asking: Thread, *, last: bool) -> float:
        """What the other threads are worth to ``asking``, in units of 1e-9.

        That is the best offer standing in another thread, or what is to be expected of the best of them if that is
        more: each may end anywhere between the best it was offered and what it last demanded. In the last round of
        ``asking`` only what stands counts. The cost of switching is taken off.
        """
        others = [
            t for t in self.threads if t is not asking and t.running and t.offered is not None
        ]
        standing = sorted((t.standing for t in others), reverse=True)
        # With several deals to make the best other offers are spoken for.
        best = standing[self.open - 1] if len(standing) >= self.open > 0 else 0
        hoped = 0.0
        if not last and self.open == 1:
            hoped = expected_best(
                [(t.offered or 0.0, max(t.demanded, t.offered or 0.0)) for t in others]
            )
        return max(float(best), hoped) - self.switching * SCALE


class Thread(Strategy):
    """Plays one of several negotiations for the same buyer, as another strategy would, above the outside option.

    Its floor is the reservation value or what the desk says that the other threads are worth, if that is more. It
    accepts only if the desk still wants an agreement, and walks when it does not.

    Source: the outside options of Nguyen & Jennings (2004), "Coordinating multiple concurrent negotiations", AAMAS, and
    Williams, Robu, Gerding & Jennings (2012), "Negotiating concurrently with unknown opponents in complex, real-time
    domains", ECAI.

    Attributes:
        running: whether the negotiation goes on.
        signed: whether it ended in an agreement.
        offered: utility of the best offer received; None before any.
        standing: utility of the offer that stands.
        demanded: utility of the own last offer.
    """

    def __init__(self, desk: Desk, inner: Strategy) -> None:
        self.desk = desk
        self.inner = inner
        self.running = self.signed = False
        self._asked: tuple[View, Entry | None] | None = None
        self.offered: float | None = None
        self.standing = 0
        self.demanded = 0.0

    def begin(self, brief: Brief) -> None:
        """Open the thread."""
        super().begin(brief)
        self.inner.begin(brief)
        self.own = brief.preferences
        self.running, self.signed, self._asked = True, False, None

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
        if self.desk.open <= 0:
            return WALK
        if any(thread.waiting for thread in self.desk.threads):
            raise LocalError(
                "another thread's offer is still open; let its seller answer first",
                code="concurrent",
            )
        floor = max(self.desk.outside(self, last=view.rounds_left == 1), self.own.reservation)
        move = self._above(floor, self.inner.respond(view), view)
        if isinstance(move, Offer):
            self._asked, self.demanded = (
                (view, view.last),
                float(self.own.utility(move.outcome)),
            )
        elif move == ACCEPT:
            self.signed = True
        return move

    def end(self, result: Result) -> None:
        """Close the thread."""
        self.inner.end(result)
        self.running, self._asked = False, None
        self.signed = isinstance(result, Agreement)

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
