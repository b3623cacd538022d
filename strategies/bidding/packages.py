"""Straightforward bidding on several units or items: at the prices of each round, what is worth most.

Sources: Milgrom (2000) for the name; Demange, Gale & Sotomayor (1986); Ausubel, Cramton & Milgrom (2006).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from negotiate.moves import Demand, ItemBid, PackageBid, Pass, Prefer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import ItemsView, Stake
    from negotiate.moves import AnyMove


class Wants:
    """What a stake makes one want.

    Args:
        stake: values of packages; or, where the items are alike, of a first unit, a second, and so on.
    """

    def __init__(self, stake: Stake) -> None:
        self.stake = stake
        self._round = 0
        self._plan: deque[AnyMove] = deque()
        self._last = (
            frozenset[str](),
            0,
        )  # what the last clock round made one want, and its price

    def respond(self, view: ItemsView) -> AnyMove | None:
        """The next move of this round."""
        if "demand" in view.kinds:
            return Demand(view.round, self._demand(view))
        if "prefer" in view.kinds:
            return self._prefer(view)
        if "pass" not in view.kinds:
            return None
        if view.round != self._round:
            self._round = view.round
            bids = self._item_bids(view) if "item-bid" in view.kinds else self._package_bids()
            self._plan = deque([*bids, Pass(view.round)])
        return self._plan.popleft() if self._plan else None

    def _demand(self, view: ItemsView) -> tuple[int, ...]:
        """Units of each item; one kind of units may be wanted several times."""
        if len(view.items) == 1 and not self.stake.packages:
            worth = sum(value >= view.prices[0] for value in self.stake.values)
            return (max(min(worth, view.supply[0]), *view.held, 0),)
        best = self._best(view.items, view.prices)
        prices = dict(zip(view.items, view.prices, strict=True))
        self._last = best, sum(prices[item] for item in best)
        return tuple(int(item in best) for item in view.items)

    def _prefer(self, view: ItemsView) -> AnyMove | None:
        prices = dict(zip(view.items, view.prices, strict=True))
        gains = {item: self._value(frozenset((item,))) - prices[item] for item in view.items}
        most = max(gains.values())
        if most < 0:
            return None
        liked = tuple(item for item in view.items if gains[item] == most)
        return Prefer(view.round, liked, or_nothing=most == 0)

    def _item_bids(self, view: ItemsView) -> list[AnyMove]:
        """New bids on what is wanted and not held."""
        held = dict(zip(view.items, view.held, strict=True))
        least = dict(zip(view.items, view.minimum, strict=True))
        costs = [
            price if held[item] else least[item]
            for item, price in zip(view.items, view.prices, strict=True)
        ]
        best = self._best(view.items, costs)
        return [
            ItemBid(item, least[item]) for item in view.items if item in best and not held[item]
        ]

    def _package_bids(self) -> list[AnyMove]:
        """All packages; first that of the last clock round, which caps the others."""
        last, price = self._last
        packages = sorted(self.stake.packages, key=lambda package: package[0] != last)
        return [
            PackageBid(tuple(sorted(items)), value)
            for items, value in packages
            if value > (price if items == last else 0)
        ]

    def _value(self, items: frozenset[str]) -> int:
        if not self.stake.packages:
            return self.stake.worth(len(items))
        return max((v for package, v in self.stake.packages if package <= items), default=0)

    def _best(self, items: Sequence[str], costs: Sequence[int]) -> frozenset[str]:
        """The package of the largest gain, the first of equals; empty if none gains."""
        cost = dict(zip(items, costs, strict=True))
        cheapest = sorted(items, key=lambda item: cost[item])
        packages = [package for package, _ in self.stake.packages] or [
            frozenset(cheapest[: count + 1]) for count in range(len(self.stake.values))
        ]
        best, most = frozenset[str](), 0
        for package in packages:
            if package <= cost.keys():
                gain = self._value(package) - sum(cost[item] for item in package)
                if gain > most:
                    best, most = package, gain
        return best
