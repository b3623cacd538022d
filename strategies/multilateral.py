"""Strategies for three and more parties, where an offer must please several others at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.errors import StrategyError
from negotiate.strategies.anac.pool import Pool
from negotiate.strategies.models import EarlyOffers, OpponentModel
from negotiate.strategies.offering import ACCEPT, WALK, Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.moves import Move, Party
    from negotiate.strategies.anac.pool import Band, Floats
    from negotiate.strategy import Brief, View


class Backing:
    """Who has stood behind which outcome, by an offer of it or by accepting it.

    Args:
        own: the party that keeps this; what it does itself is left out.
    """

    def __init__(self, own: Party) -> None:
        self.own = own
        self.backers: dict[Outcome, set[Party]] = {}
        self._read = 0
        self._tabled: Outcome | None = None

    def read(self, view: View) -> list[tuple[Party, Outcome]]:
        """Take note of what happened since the last time; the new offers of others, oldest first."""
        fresh: list[tuple[Party, Outcome]] = []
        for _, party, kind, outcome in view.turns[self._read :]:
            if outcome is not None:
                self._tabled = outcome
            if party == self.own or self._tabled is None or kind not in ("offer", "accept"):
                continue
            self.backers.setdefault(self._tabled, set()).add(party)
            if outcome is not None:
                fresh.append((party, outcome))
        self._read = len(view.turns)
        return fresh

    def of(self, outcome: Outcome) -> int:
        """How many others have stood behind an outcome."""
        return len(self.backers.get(outcome, ()))


@dataclass
class Consensus(Offering):
    """Concedes over time and serves, at its own price, the least satisfied of those whose consent it needs.

    The target is ``floor + (best - floor)(1 - t**(1/e))``, the floor being the reservation value. There is a model of
    each opponent. Of the outcomes at or above the target it offers the one whose k-th largest modelled utility is
    largest, k being how many others the rules need: the least satisfied of all under unanimity, of the easiest
    majority under majority. An outcome that k others have stood behind, by an offer or by accepting it, goes first if
    it reaches the target. In the last ``closing`` turns it proposes what most others have stood behind, the best of
    these first, none twice. It accepts what is worth at least its next offer, and in the last round anything above
    the floor.

    Source: lists of supported offers as in Atlas3 (Mori & Ito 2017) and Rubick (ANAC 2017), the least satisfied as in
    the egalitarian solution (Rawls 1971; Kalai 1977); the curve of Faratin et al. (1998); ours.

    Attributes:
        e: concession exponent; below 1 Boulware.
        closing: turns at the end in which supported outcomes are proposed.
    """

    e: float = 0.2
    closing: int = 3

    def __post_init__(self) -> None:
        if not (0 < self.e < 1e300 and self.closing >= 0):
            raise StrategyError(
                f"consensus with e={self.e!r}, closing={self.closing!r}; e > 0 and closing >= 0 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """A model for each opponent, and nothing supported yet."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.pool = Pool(brief.preferences, brief.random)
        self.needed = min(brief.rules.quorum(len(brief.parties)), len(brief.parties)) - 1
        self.backing = Backing(brief.party)
        self.models: dict[Party, OpponentModel] = {}
        for party in range(len(brief.parties)):
            if party != brief.party:
                self.models[party] = EarlyOffers()
                self.models[party].begin(brief.domain)
        self.turns = 0
        self.closed: set[Outcome] = set()

    def respond(self, view: View) -> Move:
        """Learn, then accept or offer."""
        self.turns += 1
        for party, outcome in self.backing.read(view):
            self.models[party].update(outcome, view.time)
        if self.hopeless:
            return WALK
        last, standing = view.rounds_left == 1, view.standing
        if last and standing is not None and self.utility(standing) >= self.reservation:
            return ACCEPT
        return super().respond(view)

    def propose(self, view: View) -> Outcome:
        """What is due: to close, what is supported already, or what the least satisfied would like most."""
        if self._left(view) <= self.closing:
            supported = self._most_supported()
            if supported is not None:
                self.closed.add(supported)
                return supported
        least = max(self.space.min_utility, self.reservation)
        share: float = view.time ** (1 / self.e)
        target = int(least + (self.space.max_utility - least) * (1 - share))
        agreed = [o for o in self.backing.backers if self.backing.of(o) >= self.needed]
        best = max(agreed, key=lambda o: (self.utility(o), o), default=None)
        if best is not None and self.utility(best) >= target:
            return best
        return self._favoured(target)

    def _left(self, view: View) -> float:
        """Own turns left, this one included; estimated where no rounds are counted."""
        if view.rounds_left is not None and not view.elapsed:
            return view.rounds_left
        return (1 - view.time) * self.turns / view.time if view.time > 0 else float("inf")

    def _most_supported(self) -> Outcome | None:
        worthy = [
            outcome
            for outcome in self.backing.backers
            if self.utility(outcome) >= self.reservation and outcome not in self.closed
        ]
        return max(
            worthy,
            key=lambda o: (min(self.backing.of(o), self.needed), self.utility(o), o),
            default=None,
        )

    def _favoured(self, target: int) -> Outcome:
        top = self.space.utility_at(0)
        band = self.pool.band(min(target, top))
        if not band.outcomes:
            return self.space.kth(0)
        # Rounded: sums that differ in the last bit only are equal on paper. Of equals the best for me comes first.
        return band.outcomes[int(np.argmax(self._worth_to_others(band).round(12)))]

    def _worth_to_others(self, band: Band) -> Floats:
        """What each outcome is worth to the k-th best served of the others."""
        scores = np.sort([band.scores(model) for model in self.models.values()], axis=0)
        worth: Floats = scores[len(scores) - self.needed] if self.needed else scores[-1]
        return worth
