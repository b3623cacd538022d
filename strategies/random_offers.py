"""Random offers: the floor that every other strategy should beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.strategies.offering import Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


class RandomAboveReservation(Offering):
    """Offers a random outcome worth at least the reservation value, each equally likely.

    Accepts what is worth at least the offer it would make next.

    Source: the zero-intelligence trader with constraint of Gode & Sunder (1993), on outcomes instead of prices.
    """

    def begin(self, brief: Brief) -> None:
        """Prepare the own outcome space."""
        super().begin(brief)
        self.space = brief.preferences.space

    def propose(self, view: View) -> Outcome:
        """A random outcome at or above the reservation value."""
        found = self.space.sample(self.reservation, self.space.max_utility, self.brief.random)
        return found if found is not None else self.space.kth(0)
