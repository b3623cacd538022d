"""The market-driven agent: time, competition and the number of others to trade with set how much it concedes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError
from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View

Elsewhere: TypeAlias = "Callable[[], Sequence[float]]"
"""What the last offers of all other partners are worth, in units of 1e-9."""


def opportunity(own: float, offers: Sequence[float], conflict: float) -> float:
    """Chance of a deal at one's own terms: ``O = 1 - prod_j (1 - (v - w_j)/(v - c))``.

    Args:
        own: v, what the own last offer is worth.
        offers: w_j, what the last offers of the partners are worth.
        conflict: c, what no agreement is worth.
    """
    if own <= conflict:
        return 0.0
    shares = ((own - max(min(offer, own), conflict)) / (own - conflict) for offer in offers)
    return 1 - prod(1 - share for share in shares)


def competition(competitors: int, partners: int) -> float:
    """Chance to be the first choice of at least one partner: ``C = 1 - ((m - 1)/m)**n`` among m on the own side."""
    return 1.0 - ((competitors - 1) / competitors) ** partners


@dataclass
class MarketDriven(Offering):
    """Narrows the gap between its own offer and the best it was offered, as far as the market makes it.

    The next gap is ``O C T E`` times the present one: opportunity O (:func:`opportunity`), competition C
    (:func:`competition`), time ``T = 1 - t**lambda``, and eagerness E. It offers the least outcome that leaves this
    gap, none below the reservation value, and its best until it has been offered anything. Where a desk runs several
    negotiations, ``elsewhere`` tells what the other partners offered last.

    Source: Sim (2002), "A market-driven model for designing negotiation agents", *Computational Intelligence* 18;
    Sim & Choi (2003), "Agents that react to changing market situations", *IEEE Transactions on SMC B* 33.

    Attributes:
        competitors: m, how many want the same, itself included.
        partners: n, how many it may trade with.
        patience: lambda; the larger, the later it concedes.
        eagerness: E in [0, 1]; 1 for no hurry.
        elsewhere: last offers of the other partners; None if there are none.
    """

    competitors: int = 1
    partners: int = 1
    patience: float = 5.0
    eagerness: float = 1.0
    elsewhere: Elsewhere | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        counts = self.competitors >= 1 and self.partners >= 1
        if not (counts and 0 < self.patience < 1e300 and 0 <= self.eagerness <= 1):
            raise StrategyError(
                f"{self!r} makes no sense: competitors >= 1, partners >= 1, patience > 0 and 0 <= eagerness <= 1 are "
                "expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Ask for the best."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.conflict = max(self.space.min_utility, self.reservation)
        self.asked = float(self.space.max_utility)

    def propose(self, view: View) -> Outcome:
        """The least outcome that leaves the next gap."""
        offers = [] if self.elsewhere is None else [*self.elsewhere()]
        if view.received:
            offers.append(self.utility(view.received[-1]))
        if offers:
            self.asked = min(self.asked, max(self._shrunk(view.time, offers), self.conflict))
        return self.space.lowest_at_or_above(self.asked) or self.space.kth(0)

    def _shrunk(self, time: float, offers: Sequence[float]) -> float:
        best = min(max(offers), self.asked)
        kept: float = (
            opportunity(self.asked, offers, self.conflict)
            * competition(self.competitors, self.partners)
            * (1 - time**self.patience)
            * self.eagerness
        )
        return best + kept * (self.asked - best)
