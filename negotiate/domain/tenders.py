"""What a tender is worth to whom: a purchase where quality counts, from sellers with costs of their own.

The buyer says what each level of each quality is worth to it. A level takes some effort, and a unit of effort costs
each seller something else; on top comes the cost of the plain work. What the best offer that a seller can make is
worth to the buyer, less what it costs the seller, is the seller's *surplus*: the one number that its bidding turns on,
what a value is in a sale.

Source: Che (1993), where the cost of quality is private; of several qualities, additive, Asker & Cantillon (2008), who
call the surplus the pseudotype.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.distributions import Sample, draw
from negotiate.domain.issues import Choice
from negotiate.domain.values import Draw
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from negotiate.domain.distributions import Distribution
    from negotiate.domain.values import Form, Side, Streams

Costs: TypeAlias = tuple[tuple[str, tuple[int, ...]], ...]
"""Of each quality by name, what each of its levels costs."""

_PRIOR = 2001  # draws that stand for the distribution of the surplus


@dataclass(frozen=True)
class Quality:
    """Something that counts besides the price, such as delivery or CO2.

    Attributes:
        name: of the issue.
        levels: in words, in their order.
        worth: of each level, to the buyer, in minor units.
        effort: units of effort that each level takes.
        cost: distribution of what a unit of effort costs a seller.
    """

    name: str
    levels: tuple[str, ...]
    worth: tuple[int, ...]
    effort: tuple[int, ...]
    cost: Distribution

    def __post_init__(self) -> None:
        if not len(self.levels) == len(self.worth) == len(self.effort):
            raise DomainError(
                f"quality {self.name!r} has {len(self.levels)} levels, {len(self.worth)} worths and "
                f"{len(self.effort)} efforts; as many of each are expected"
            )
        if min((*self.worth, *self.effort), default=-1) < 0 or self.name == "price":
            raise DomainError(
                f"quality {self.name!r}: one level or more, and worth and effort of 0 or more, are "
                "expected, and another name than 'price'"
            )


@dataclass(frozen=True)
class Tenders:
    """Sellers with private costs of work and of quality.

    Attributes:
        base: distribution of the cost of the plain work.
        qualities: what counts besides the price.
    """

    base: Distribution
    qualities: tuple[Quality, ...]
    form: Form = field(default="tender", init=False)
    seats: None = field(default=None, init=False)

    def __post_init__(self) -> None:
        names = [quality.name for quality in self.qualities]
        if not names or len(set(names)) != len(names):
            raise DomainError("one quality or more with distinct names is expected")

    @property
    def bounds(self) -> tuple[int, int]:
        """From nothing to the largest cost, or to what the best quality is worth if that is more."""
        dearest = sum(max(one.effort) * one.cost.high for one in self.qualities)
        return 0, max(self.base.high + dearest, sum(max(one.worth) for one in self.qualities))

    @property
    def issues(self) -> tuple[Choice, ...]:
        """The qualities, as issues of the domain."""
        return tuple(Choice(one.name, one.levels) for one in self.qualities)

    @property
    def points(self) -> Costs:
        """What each level of each quality is worth to the buyer."""
        return tuple((one.name, one.worth) for one in self.qualities)

    @cached_property
    def prior(self) -> Sample:
        """The distribution of a rival's surplus, by a sample that is always the same; a negative one counts as 0."""
        found: list[int] = []
        for play in range(_PRIOR):
            drawn = self.draw(1, _numbered(play))
            found.append(max(self.surplus(drawn.known[0][0], drawn.costs[0]), 0))
        return Sample(tuple(found))

    def surplus(self, base: int, costs: Costs) -> int:
        """What the best offer of a seller is worth to the buyer, less what it costs."""
        gains = (
            max(worth - cost for worth, cost in zip(quality.worth, own, strict=True))
            for quality, (_, own) in zip(self.qualities, costs, strict=True)
        )
        return sum(gains) - base

    def draw(self, seats: int, streams: Streams) -> Draw:
        """The costs of each seat, from its stream."""
        known: list[tuple[int, ...]] = []
        costs: list[Costs] = []
        for seat in range(seats):
            stream = streams("value", seat)
            known.append((draw(self.base, stream),))
            rates = [(one, draw(one.cost, stream)) for one in self.qualities]
            costs.append(
                tuple(
                    (one.name, tuple(units * rate for units in one.effort))
                    for one, rate in rates
                )
            )
        side: Side = "sell"
        return Draw((side,) * seats, tuple(known), tuple(known), costs=tuple(costs))


def _numbered(play: int) -> Streams:
    """The streams of one draw of the prior."""
    return lambda *names: Random(f"prior {play} {names}")  # noqa: S311 - play, not secrets
