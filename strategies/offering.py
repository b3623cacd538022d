"""The common shape of most strategies: decide what to propose, then whether the standing offer is as good.

Bidding explains most of how well a strategy does, acceptance less (Baarslag 2016, "What to bid and when to
stop"); keeping them apart lets each be exchanged. :class:`Offering` is the base of strategies that have an
offering rule and accept by AC_next; :class:`Composed` joins any offering rule with any acceptance rule and opponent
model.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

from negotiate.errors import StrategyError
from negotiate.moves import Accept, Move, Offer, Walk
from negotiate.strategies.favour import Favour
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.domain.issues import Outcome
    from negotiate.protocol import Result
    from negotiate.strategies.models import OpponentModel

ACCEPT = Accept()
WALK = Walk()


class Offering(Strategy):
    """A strategy that proposes by a rule and accepts what is worth at least its own next proposal.

    Subclasses define :meth:`propose`. The acceptance rule is AC_next (Baarslag, Hindriks & Jonker 2013), and
    nothing below the reservation value is ever accepted. Where no outcome reaches the reservation value, it walks.
    """

    def begin(self, brief: Brief) -> None:
        """Keep what every turn needs within one look-up."""
        super().begin(brief)
        self.utility = brief.preferences.utility
        self.reservation = brief.preferences.reservation
        self.hopeless = brief.preferences.space.max_utility < self.reservation

    @abstractmethod
    def propose(self, view: View) -> Outcome:
        """The outcome to offer now."""

    def respond(self, view: View) -> Move:
        """Accept the standing offer if it is worth at least the proposal; else make the proposal."""
        if self.hopeless:
            return WALK
        proposal = self.propose(view)
        if view.standing is not None:
            worth = self.utility(view.standing)
            if worth >= self.reservation and worth >= self.utility(proposal):
                return ACCEPT
        return Offer(proposal)


class OfferingRule(Protocol):
    """What :class:`Composed` needs of an offering rule; every :class:`Offering` strategy is one."""

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""

    def propose(self, view: View) -> Outcome:
        """The outcome to offer now."""
        ...

    def end(self, result: Result) -> None:
        """Called once, after the last move."""


class AcceptanceRule(Protocol):
    """What :class:`Composed` needs of an acceptance rule; see ``negotiate.strategies.acceptance``."""

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        ...


@dataclass
class Composed(Strategy):
    """An offering rule, an acceptance rule and, if wanted, an opponent model, plugged together.

    The offering rule says how much to ask for; of all outcomes worth at least its proposal, the opponent model chooses
    the one that the opponent likes best. Of several opponents each has a model of its own, and their mean chooses.

    Source: the BOA framework (Baarslag, Hindriks, Hendrikx, Dirkzwager & Jonker 2014, "Decoupling negotiating agents to
    explore the space of negotiation strategies").

    Attributes:
        offering: proposes; any strategy built on :class:`Offering` serves.
        acceptance: decides on the standing offer. Nothing below the reservation value is accepted; where no
            outcome reaches it, the strategy walks.
        model: chooses among what is as good as the proposal; without one, the proposal is offered.
    """

    parts: ClassVar[Mapping[str, tuple[str, str | None]]] = {
        "offering": ("strategies", "time_dependent"),
        "acceptance": ("acceptance", "ac_next"),
        "model": ("models", None),
    }

    offering: OfferingRule
    acceptance: AcceptanceRule
    model: OpponentModel | None = None
    reservation: int = field(default=0, init=False, repr=False)
    hopeless: bool = field(default=False, init=False, repr=False)
    favour: Favour | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        for name, method in (("offering", "propose"), ("acceptance", "accepts")):
            part: object = getattr(self, name)
            if not hasattr(part, method):
                raise StrategyError(
                    f"{type(part).__name__} has no method {method!r}; it cannot be the {name} of `composed`",
                    code="part",
                )
        if getattr(self.model, "hidden", False):
            raise StrategyError(
                f"{type(self.model).__name__} must be told the opponent's preferences, and no strategy is told them",
                code="part",
                help="it serves as a yardstick in `nego models`",
            )

    def begin(self, brief: Brief) -> None:
        """Begin all parts."""
        super().begin(brief)
        self.offering.begin(brief)
        self.acceptance.begin(brief)
        self.reservation = brief.preferences.reservation
        self.hopeless = brief.preferences.space.max_utility < self.reservation
        self.favour = None if self.model is None else Favour(self.model, brief)

    def respond(self, view: View) -> Move:
        """Ask the offering rule for a proposal, the model for a better one, the acceptance rule for a verdict."""
        if self.hopeless:
            return WALK
        proposal = self.offering.propose(view)
        if self.favour is not None:
            proposal = self.favour.improve(view, proposal)
        standing = view.standing
        if standing is None:
            return Offer(proposal)
        agreed = self.acceptance.accepts(
            view, standing, proposal
        )  # asked always: it may keep count
        if agreed and self.brief.preferences.utility(standing) >= self.reservation:
            return ACCEPT
        return Offer(proposal)

    def end(self, result: Result) -> None:
        """Tell the offering rule."""
        self.offering.end(result)
