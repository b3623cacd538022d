"""MiCRO: minimal concession, made only in answer to a new offer."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

from negotiate.moves import Move, Offer
from negotiate.strategies.offering import ACCEPT, WALK
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome


class Micro(Strategy):
    """Walks down its own outcomes one by one, a step for each new offer of the other side, and never faster.

    Let m be the number of distinct offers made, n of distinct offers received (the least over all opponents).
    If m <= n and the next best outcome is worth the reservation value, it offers that; else it repeats a random
    earlier offer. It accepts what is worth at least the offer that it would concede to, when it is ready to
    concede, else at least its lowest offer so far. Among equally good next outcomes it prefers one that the
    other side has offered (the author's tie rule). It has no parameters.

    Source: de Jonge (2022), "An analysis of the linear bilateral ANAC domains using the MiCRO benchmark
    strategy", IJCAI; for several opponents de Jonge (2025).
    """

    def begin(self, brief: Brief) -> None:
        """Start at the top of the own outcome space."""
        super().begin(brief)
        self.utility = brief.preferences.utility
        self.reservation = brief.preferences.reservation
        self.space = brief.preferences.space
        self.cursor = (
            0  # the next place in the sorted space that may hold an outcome not yet offered
        )
        self.made: list[Outcome] = []
        self.made_set: set[Outcome] = set()
        self.lowest = self.space.max_utility
        self.seen = 0
        others = [p for p in range(len(brief.parties)) if p != brief.party]
        self.received: dict[int, set[Outcome]] = {party: set() for party in others}
        self.open_at: dict[int, list[Outcome]] = {}  # received, not yet offered, by own utility

    def respond(self, view: View) -> Move:
        """Concede one step if the others made as many new offers; else repeat."""
        self._listen(view)
        candidate = self._next() if len(self.made) <= self._distinct_received() else None
        threshold = self.lowest if candidate is None else self.utility(candidate)
        standing = view.standing
        if standing is not None and self.utility(standing) >= max(threshold, self.reservation):
            return ACCEPT
        if candidate is None and not self.made:
            return WALK  # not even the best outcome is worth the reservation value
        if candidate is None:
            return Offer(self.made[int(self.brief.random.random() * len(self.made))])
        self._make(candidate)
        return Offer(candidate)

    def _listen(self, view: View) -> None:
        turns, me = view.turns, self.brief.party
        for _, party, _, outcome in turns[self.seen :]:
            if outcome is None or party == me or outcome in self.received[party]:
                continue
            self.received[party].add(outcome)
            equals = self.open_at.setdefault(self.utility(outcome), [])
            if outcome not in self.made_set and outcome not in equals:
                insort(equals, outcome)
        self.seen = len(turns)

    def _distinct_received(self) -> int:
        return min(map(len, self.received.values()))

    def _next(self) -> Outcome | None:
        """The best outcome not yet offered, by the tie rule; None if it is below the reservation value."""
        while self.cursor < self.space.size and self.space.kth(self.cursor) in self.made_set:
            self.cursor += 1
        if self.cursor == self.space.size:
            return None
        worth = self.space.utility_at(self.cursor)
        if worth < self.reservation:
            return None
        preferred = self.open_at.get(worth)
        return preferred[0] if preferred else self.space.kth(self.cursor)

    def _make(self, outcome: Outcome) -> None:
        self.made.append(outcome)
        self.made_set.add(outcome)
        self.lowest = self.utility(outcome)
        equals = self.open_at.get(self.lowest)
        if equals and equals[0] == outcome:
            equals.pop(0)
