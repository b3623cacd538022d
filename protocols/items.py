"""What auctions of several different items share: the items, how much of each, and packages of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Self, TypeAlias

from pydantic import Field, StringConstraints, model_validator

from negotiate.bidder import ItemsView
from negotiate.errors import IllegalMove
from negotiate.protocols.hosted import LARGEST, HostedRules, tuple_of
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.moves import Party

ItemName: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Price: TypeAlias = Annotated[int, Field(ge=0, le=LARGEST)]
Count: TypeAlias = Annotated[int, Field(ge=1, le=10_000)]

MOST_ITEMS = 256


class ItemRules(HostedRules):
    """Rules of an auction of several different items.

    Attributes:
        items: their names.
        supply: units of each; empty for one of each.
        opening: least price of a unit of each; empty for 0.
    """

    items: Annotated[tuple[ItemName, ...], Field(min_length=1, max_length=MOST_ITEMS)] = (
        "A",
        "B",
    )
    supply: tuple[Count, ...] = ()
    opening: tuple[Price, ...] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        if len(set(self.items)) != len(self.items):
            raise ValueError("items must have distinct names")
        for name in ("supply", "opening", "points"):
            given = getattr(self, name, ())
            if given and len(given) != len(self.items):
                raise ValueError(f"{name} must have one entry for each of the items, or none")
        return self

    @property
    def supplies(self) -> tuple[int, ...]:
        """Units of each item."""
        return self.supply or (1,) * len(self.items)

    @property
    def openings(self) -> tuple[int, ...]:
        """Least price of a unit of each item."""
        return self.opening or (0,) * len(self.items)

    def views(self, parties: Iterable[Party]) -> tuple[ItemsView, ...]:
        """A view for each party."""
        return tuple(ItemsView(party, self.items, self.supplies) for party in parties)

    def place(self, item: object) -> int:
        """Where an item stands in the rules; IllegalMove if it does not."""
        if type(item) is not str or item not in self.items:
            raise IllegalMove(f"{quote(item)} is not one of the items", code="unknown-item")
        return self.items.index(item)

    def package(self, items: object, dummies: Sequence[str] = ()) -> tuple[int, ...]:
        """Units of each item in a package, dummies left out; IllegalMove if it cannot be had."""
        names = tuple_of(items, 1, sum(self.supplies) + len(dummies))
        units = [0] * len(self.items)
        for item, count in Counter(names).items():
            if item in dummies:
                continue
            place = self.place(item)
            units[place] = count
            if count > self.supplies[place]:
                raise IllegalMove(
                    f"{quote(item)} stands in it more often than there is supply", code="supply"
                )
        if not any(units):
            raise IllegalMove("there is nothing in this package", code="package")
        return tuple(units)

    def names(self, units: Sequence[int]) -> tuple[str, ...]:
        """A package by the names of its items, each as often as it has units."""
        return tuple(
            name for name, count in zip(self.items, units, strict=True) for _ in range(count)
        )


def dot(prices: Sequence[int], units: Sequence[int]) -> int:
    """What so many units of each item cost at these prices."""
    return sum(price * count for price, count in zip(prices, units, strict=True))
