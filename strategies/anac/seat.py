"""What the named agents share: utilities as floats, a memory of what was received, and a floor under every move."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, cast

from negotiate.domain.preferences import SCALE
from negotiate.moves import Move, Offer
from negotiate.strategies.anac.pool import Pool
from negotiate.strategies.models import OpponentModel
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome

Choice: TypeAlias = "Outcome | Move"
"""What an agent decides: an outcome to offer, or ACCEPT or WALK."""

M = TypeVar("M", bound=OpponentModel)


class Received(NamedTuple):
    """One offer of another party.

    Attributes:
        time: relative time when it was made.
        utility: what it is worth to me, in [0, 1].
        outcome: what was offered.
    """

    time: float
    utility: float
    outcome: Outcome


@dataclass
class History:
    """What the others offered, and the best of it.

    Attributes:
        all: every offer, oldest first.
        best: the first of those with the largest utility to me; None before any.
    """

    all: list[Received] = field(default_factory=lambda: cast("list[Received]", []))
    best: Received | None = None

    def add(self, received: Received) -> None:
        """Take note of an offer."""
        self.all.append(received)
        if self.best is None or received.utility > self.best.utility:
            self.best = received

    def between(self, after: float, until: float) -> list[Received]:
        """Offers made later than ``after`` and not later than ``until``."""
        found: list[Received] = []
        for received in reversed(self.all):
            if received.time <= after:
                break
            if received.time <= until:
                found.append(received)
        return found


class Seat(Strategy):
    """Base of the named agents. They define :meth:`decide`, and :meth:`hear` if they learn from offers.

    Whatever an agent decides, it never accepts less than its reservation value and never offers it: a proposal
    below is replaced by the least outcome at or above the reservation value. Where nothing reaches that value it
    walks. Some originals have no such floor; it changes their moves only there.

    Attributes:
        low: utility of the worst outcome, in [0, 1].
        high: utility of the best outcome.
        reserve: the reservation value.
        discount: the discount factor.
        best: the best outcome.
    """

    def begin(self, brief: Brief) -> None:
        """Prepare the own outcome space and an empty history."""
        super().begin(brief)
        own = brief.preferences
        self.space = own.space
        self.low, self.high = self.space.min_utility / SCALE, self.space.max_utility / SCALE
        self.reserve, self.discount = own.reservation / SCALE, float(own.discount)
        self.best = self.space.kth(0)
        self.random = brief.random.random
        self.pool = Pool(own, brief.random)
        self.history = History()
        self.heard = 0
        self.sent: list[Outcome] = []
        self.learners: list[OpponentModel] = []

    @abstractmethod
    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """What to do at relative time ``time`` about the ``standing`` offer, None if there is none."""

    def hear(self, received: Received) -> None:
        """Learn from an offer of another party; called once for each, in order."""
        for model in self.learners:
            model.update(received.outcome, received.time)

    def learning(self, model: M) -> M:
        """A model of the opponent that has begun, and learns from every offer from now on."""
        model.begin(self.brief.domain)
        self.learners.append(model)
        return model

    def respond(self, view: View) -> Move:
        """Listen, decide, and keep to the floor."""
        if self.space.max_utility < self.brief.preferences.reservation:
            return WALK
        self.view = view
        self._listen(view)
        choice = self.decide(view.time, view.standing)
        if not isinstance(choice, tuple):
            if choice is not ACCEPT or self._acceptable(view.standing):
                return choice
            choice = self.best
        offer = self._floored(choice)
        self.sent.append(offer)
        return Offer(offer)

    def u(self, outcome: Outcome) -> float:
        """What an outcome is worth to me, in [0, 1], not discounted."""
        return self.brief.preferences.utility(outcome) / SCALE

    def _listen(self, view: View) -> None:
        turns = view.turns
        for turn in turns[self.heard :]:
            if turn.outcome is None or turn.party == self.brief.party:
                continue
            received = Received(view.time, self.u(turn.outcome), turn.outcome)
            self.history.add(received)
            self.hear(received)
        self.heard = len(turns)

    def _acceptable(self, standing: Outcome | None) -> bool:
        own = self.brief.preferences
        return standing is not None and own.utility(standing) >= own.reservation

    def _floored(self, offer: Outcome) -> Outcome:
        own = self.brief.preferences
        if own.utility(offer) >= own.reservation:
            return offer
        return self.space.lowest_at_or_above(own.reservation) or self.best

    def sample(self, low: float, high: float) -> Outcome | None:
        """A random outcome with a utility in [low, high]; None if there is none."""
        return self.space.sample(units(low), units(high), self.brief.random)

    def nearest(self, utility: float) -> Outcome:
        """The outcome whose utility is nearest."""
        return self.space.nearest(utility * SCALE)

    def pick(self, outcomes: list[Outcome]) -> Outcome:
        """One of several, each equally likely."""
        return outcomes[int(self.random() * len(outcomes))]


def units(utility: float) -> int:
    """A float as a threshold in fixed point; what rounding blurred below a thousandth of a unit counts as equal."""
    return ceil(utility * SCALE - 1e-3)
