"""What a seller offers where quality counts: the quality at which both together gain most, at a price of its choice.

Where the score is worth less price, the quality that wins most for a given profit does not depend on the rivals: it is
the one at which the buyer's worth less the seller's cost is largest, its *surplus*. What is left to choose is how much
of the surplus to hand over, as the score. Source: Che (1993), lemma 1; of several qualities, Asker & Cantillon (2008).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from negotiate.moves import Offer

if TYPE_CHECKING:
    from negotiate.bidder import BidderBrief
    from negotiate.domain.issues import Domain, Outcome


class _Scored(Protocol):
    """Rules that say what quality is worth."""

    price: str

    def quality(self, domain: Domain, outcome: Outcome) -> int: ...


class BestOffer:
    """What a seller can do best.

    Attributes:
        worth: of the quality, to the buyer.
        cost: of it, to me.
    """

    def __init__(self, brief: BidderBrief) -> None:
        """Choose each quality by itself, since worth and cost are sums over the qualities.

        Args:
            brief: of an auction whose rules score quality; the stake gives the costs.
        """
        rules, self._domain = cast("_Scored", brief.rules), brief.domain
        self._price = brief.domain.issue_index(rules.price)
        costs = dict(brief.stake.costs)
        chosen = [0] * len(brief.domain.issues)
        self.cost = brief.stake.values[0] if brief.stake.values else 0
        for place, issue in enumerate(brief.domain.issues):
            if place == self._price:
                continue
            own = costs.get(issue.name, (0,) * issue.size)
            gains: list[int] = []
            for level in range(issue.size):
                tried = (*chosen[:place], level, *chosen[place + 1 :])
                gains.append(rules.quality(brief.domain, tried) - own[level])
            chosen[place] = gains.index(max(gains))
            self.cost += own[chosen[place]]
        self.worth = rules.quality(brief.domain, tuple(chosen))
        self._quality = tuple(chosen)

    @property
    def surplus(self) -> int:
        """What there is to share with the buyer: worth less cost."""
        return self.worth - self.cost

    def scoring(self, score: int) -> Offer | None:
        """The offer that reaches a score; None if no price of the domain does."""
        issue, price = self._domain.issues[self._price], self.worth - score
        step = int(getattr(issue, "step", 1))
        low = int(cast("int", issue.value(0)))
        position = min((price - low) // step, issue.size - 1)  # off the grid: the price below
        if position < 0:
            return None
        return Offer(
            (*self._quality[: self._price], position, *self._quality[self._price + 1 :])
        )
