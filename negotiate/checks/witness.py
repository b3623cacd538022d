"""Sits in for a strategy, passes every call on, and notes what the match does not."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from negotiate.checks.lookout import Lookout
from negotiate.moves import Accept, Move, Offer, Reject, Walk
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.checks.bounds import Bounds
    from negotiate.domain import Scenario
    from negotiate.protocol import Result


class Witness(Strategy):
    """A strategy under observation.

    Attributes:
        inner: the strategy.
        views: how many views it got.
        costs: what each answer took, by ``clock``.
        contacts: triples of rule, what was called, and the view.
    """

    def __init__(
        self, inner: Strategy, clock: Callable[[], int], bounds: Bounds, *, watch: bool
    ) -> None:
        self.inner = inner
        self.clock = clock
        self.bounds = bounds
        self.views = 0
        self.costs: list[int] = []
        self.contacts: list[tuple[str, str, int]] = []
        self._lookout = Lookout() if watch else None
        self._before = ""

    def begin(self, brief: Brief) -> None:
        """Take the brief's fingerprint, and pass it on."""
        self.brief = brief
        self._before = fingerprint(brief)
        with self.bounds.call(), self._watch():
            self.inner.begin(brief)
        self._note()

    def respond(self, view: View) -> Move:
        """Pass the view on, and measure the answer."""
        self.views += 1
        began = self.clock()
        with self.bounds.call(), self._watch():
            move = self.inner.respond(view)
        self.costs.append(self.clock() - began)
        self._note()
        return move

    def end(self, result: Result) -> None:
        """Pass the result on."""
        with self.bounds.call(), self._watch():
            self.inner.end(result)
        self._note()

    @property
    def drew(self) -> bool:
        """Whether it has made use of its own random stream."""
        return hasattr(self, "brief") and "random" in vars(self.brief)

    def changed(self, scenario: Scenario) -> bool:
        """Whether what it was handed is not what it was before the match."""
        if not hasattr(self, "brief"):  # a rival failed before it was its turn to begin
            return False
        own, true = self.brief.preferences, scenario.twin.preferences[self.brief.party]
        try:
            outcomes = [own.domain.at(i) for i in range(min(own.domain.size, 50))]
            if any(own.utility(o) != true.utility(o) for o in outcomes):
                return True
            return fingerprint(self.brief) != self._before
        except Exception:  # what was broken need not work
            return True

    def _watch(self) -> Lookout | nullcontext[None]:
        return self._lookout or nullcontext()

    def _note(self) -> None:
        if self._lookout is not None and self._lookout.contacts:
            self.contacts += [(*contact, self.views) for contact in self._lookout.contacts]
            self._lookout.contacts.clear()


class Erratic(Strategy):
    """Offers anything, sensible or not; sometimes accepts, rejects where it may, and rarely walks."""

    def respond(self, view: View) -> Move:
        """Throw dice."""
        dice = self.brief.random.random()
        if dice < 0.003:
            return Walk()
        if view.standing is not None and dice < 0.03:
            return Accept()
        if "reject" in view.legal and dice < 0.3:
            return Reject()
        domain = self.brief.domain
        return Offer(domain.at(int(self.brief.random.random() * domain.size)))


def fingerprint(brief: Brief) -> str:
    """Everything in a brief that must stay as it is."""
    own = brief.preferences
    known = (brief.party, brief.role, brief.parties, brief.seed, brief.domain, own.domain)
    tables = [hash(tuple(table)) for table in own.tables]
    groups = [(group.issues, hash(group.contributions)) for group in own.groups]
    worth = (own.reservation, own.discount, tables, groups, list(own.terms))
    return repr((known, worth, brief.rules.model_dump_json()))
