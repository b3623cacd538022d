"""Buyers who come one after another to a seller that posts a price and has to learn what they pay.

The seller is the one party under study; the buyers come with the market, and take a price that is not above their
value. Source: Kleinberg & Leighton (2003).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.domain.distributions import draw
from negotiate.domain.values import Draw
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from negotiate.domain.distributions import Distribution
    from negotiate.domain.values import Form, Side, Streams, Values

MOST_BUYERS = 700
"""The host asks everybody at every tick, a million times at most in all."""


@dataclass(frozen=True)
class Arrivals:
    """One seller, and buyers with independent private values who come in turn.

    Attributes:
        value: distribution of a buyer's value; the seller's ``prior``.
        buyers: how many come.
        cost: of a unit, to the seller.
    """

    value: Distribution
    buyers: int
    cost: int = 0
    form: Form = field(default="arrivals", init=False)

    def __post_init__(self) -> None:
        if not 1 <= self.buyers <= MOST_BUYERS:
            raise DomainError(f"{self.buyers} buyers; 1 to {MOST_BUYERS} are expected")
        if not 0 <= self.cost < self.value.high:
            raise DomainError(
                f"cost is {self.cost}; 0 to less than the largest value, {self.value.high}, is expected"
            )

    @property
    def seats(self) -> int:
        """The seller, and the buyers."""
        return self.buyers + 1

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and largest value; the cost too."""
        return min(self.value.low, self.cost), self.value.high

    @property
    def prior(self) -> Distribution:
        """What is known of a buyer."""
        return self.value

    def draw(self, seats: int, streams: Streams) -> Draw:
        """The seller first, then each buyer's value from its stream."""
        values = (draw(self.value, streams("value", seat)) for seat in range(self.buyers))
        known: tuple[Values, ...] = (
            (self.cost,) * self.buyers,
            *((value,) for value in values),
        )
        seller: tuple[Side, ...] = ("sell",)
        buyer: tuple[Side, ...] = ("buy",)
        return Draw(seller + buyer * self.buyers, known, known)
