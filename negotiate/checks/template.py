"""A strategy of your own: rename it, change what it does, and run ``nego check my_strategy:MyStrategy``."""

from __future__ import annotations

from dataclasses import dataclass

from negotiate import Accept, Brief, Move, Offer, Strategy, View, Walk


@dataclass
class MyStrategy(Strategy):
    """Concedes in a curve over time, down to its reservation value.

    Source: where the idea is from.

    Attributes:
        e: concession exponent; below 1 it gives way late, above 1 early.
    """

    # A parameter: `nego match milk --strategies my_strategy:MyStrategy[e=2] micro`
    e: float = 0.5

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn. Make lists and dictionaries here, not in the class."""
        super().begin(brief)
        self.own = brief.preferences  # mine; the other side's are nowhere to be found
        self.space = self.own.space  # best first: kth, lowest_at_or_above, nearest, sample
        self.floor = max(self.own.reservation, self.space.min_utility)

    def respond(self, view: View) -> Move:
        """Called at every turn; the answer must be a legal move."""
        best = self.space.max_utility
        if best < self.own.reservation:
            return Walk()  # nothing here is better than no agreement
        share: float = view.time ** (1 / self.e)  # time runs from 0 to 1
        target = best - (best - self.floor) * share  # utilities are integers, in billionths
        standing = view.standing  # what is on the table; None before the first offer
        if standing is not None and self.own.utility(standing) >= target:
            return Accept()
        # For chance, draw from self.brief.random; for what was offered before, look at view.received.
        return Offer(self.space.lowest_at_or_above(target) or self.space.kth(0))
