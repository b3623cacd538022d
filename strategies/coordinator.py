"""A buyer that coordinates several negotiations, gives each a tactic, and may buy itself out of an agreement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering
from negotiate.strategies.outside import Desk, Thread

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.moves import Move
    from negotiate.strategy import Brief, View

_KNOWN = 3  # offers of a seller that show what it is


class Assigned(Offering):
    """Concedes as ``low + (best - low)(1 - t**(1/e))``, with an exponent that its coordinator sets.

    Attributes:
        e: concession exponent; below 1 Boulware.
    """

    def __init__(self, e: float) -> None:
        self.e = e

    def begin(self, brief: Brief) -> None:
        """Prepare the own outcome space."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.least = max(self.space.min_utility, self.reservation)

    def propose(self, view: View) -> Outcome:
        """The least outcome at or above the target."""
        share: float = view.time ** (1 / self.e)
        target = self.least + (self.space.max_utility - self.least) * (1 - share)
        return self.space.lowest_at_or_above(target) or self.space.kth(0)


@dataclass
class Coordinator(Desk):
    """A desk that classes each seller, changes the tactic of its thread, and may leave a deal for a better one.

    A seller whose offers have risen, from the first to the last, by more than ``conceding`` times what a straight line
    to the buyer's best at the deadline would have brought by now is a conceder: against it the thread is ``tough``,
    against any other it is ``mild``. An agreement may be left at a fee of ``rho(t)`` times its worth, ``rho(t) = fee +
    (last_fee - fee) t``; a new one is wanted only if it is worth more than the one held plus that fee. There is never
    more than one agreement that binds.

    Source: Nguyen & Jennings (2004), "Coordinating multiple concurrent negotiations", AAMAS; (2005), "Managing
    commitments in multiple concurrent negotiations", *Electronic Commerce Research and Applications* 4.

    Attributes:
        fee: share of the worth of an agreement that leaving it costs at the start; above 1 it is never left.
        last_fee: the same at the deadline.
        conceding: share of a straight line that makes a conceder.
        tough: concession exponent against conceders.
        mild: concession exponent against the others.
        paid: fees paid so far, a utility.
    """

    fee: float = 0.1
    last_fee: float = 0.5
    conceding: float = 0.5
    tough: float = 0.2
    mild: float = 1.0
    paid: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        numbers = self.fee >= 0 and self.last_fee >= 0 and self.tough > 0 and self.mild > 0
        if not (numbers and self.deals == 1):
            raise StrategyError(
                f"{self!r} makes no sense: one deal, fees of at least 0 and exponents above 0 are expected",
                code="parameter",
            )

    def seat(self) -> Thread:
        """A seat for one more negotiation, played by a tactic that the coordinator chooses."""
        made = Coordinated(self)
        self.threads.append(made)
        return made

    def rho(self, time: float) -> float:
        """The fee at a time, a share of the worth of the agreement that is left."""
        return self.fee + (self.last_fee - self.fee) * time

    def price(self, time: float) -> float:
        """More than the agreement held and the fee for leaving it."""
        held = max((thread.worth for thread in self.held), default=None)
        return float("-inf") if held is None else held + max(held, 0) * self.rho(time) + 1

    def signs(self, thread: Thread, time: float) -> None:
        """Leave the agreement held before, and pay for it."""
        for other in self.held:
            if other is not thread:
                other.released = True
                self.paid += self.rho(time) * max(other.worth, 0) / SCALE


class Coordinated(Thread):
    """A thread whose tactic follows the kind of its seller.

    Attributes:
        conceder: whether the seller is one; None until enough offers are known.
    """

    def __init__(self, desk: Coordinator) -> None:
        self.tactic = Assigned(desk.mild)
        super().__init__(desk, self.tactic)
        self.coordinator = desk
        self.conceder: bool | None = None
        self.seen = cast("list[tuple[float, int]]", [])

    def begin(self, brief: Brief) -> None:
        """Nothing is known of the seller."""
        super().begin(brief)
        self.conceder = None
        self.seen.clear()

    def respond(self, view: View) -> Move:
        """Class the seller, choose the tactic, and play it."""
        if view.standing is not None:
            self.seen.append((view.time, self.own.utility(view.standing)))
        if len(self.seen) >= _KNOWN:
            self.conceder = self._concedes()
            of = self.coordinator
            self.tactic.e = of.tough if self.conceder else of.mild
        return super().respond(view)

    def _concedes(self) -> bool:
        (began, first), (now, last) = self.seen[0], self.seen[-1]
        line = (self.own.space.max_utility - first) * (now - began) / max(1 - began, 1e-9)
        return last - first > self.coordinator.conceding * line
