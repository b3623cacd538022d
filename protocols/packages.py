"""Closing an auction of packages: the winners, what they pay, and what happens when that is too hard to find."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeAlias

from negotiate.errors import LocalError
from negotiate.protocol import Reason
from negotiate.protocols.clearing.combinatorial import (
    Market,
    combinatorial_first_price,
    vcg_combinatorial,
)
from negotiate.protocols.clearing.core import core_nearest_vcg
from negotiate.protocols.items import ItemRules, dot
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.moves import Party
    from negotiate.protocols.clearing.amounts import Amount
    from negotiate.protocols.clearing.combinatorial import Atom

Pricing: TypeAlias = Literal["bid", "vcg", "core"]


class PackageSale(Rounds):
    """The running state of an auction of packages.

    Attributes:
        chosen: the winning bids; none before the close.
        due: what each winner owes or gets by the rule, before opening prices.
    """

    chosen: tuple[Atom, ...] = ()
    due: Mapping[Party, Amount] = MappingProxyType({})

    def _sell(self, rules: ItemRules, market: Market, price: Pricing) -> None:
        """Close: who wins, and what each pays."""
        try:
            found = _cleared(market, price)
        except LocalError as error:
            if error.code not in ("too-hard", "too-large"):
                raise
            self._fail(Reason.UNSOLVED)
            return
        if found is None:
            self._fail(Reason.NO_SALE)
            return
        chosen, due = found
        self._award(rules, market, chosen, due)

    def _award(
        self,
        rules: ItemRules,
        market: Market,
        chosen: tuple[int, ...],
        due: Mapping[str, Amount],
    ) -> None:
        sign = -1 if market.reverse else 1
        self.chosen = tuple(market.atoms[place] for place in chosen)
        self.due = {int(name): owed for name, owed in due.items()}
        goods: dict[Party, tuple[int, ...]] = dict.fromkeys(self._all, (0,) * len(rules.items))
        for atom in self.chosen:
            held = goods[int(atom.bidder)]
            goods[int(atom.bidder)] = tuple(
                count + sign * atom.items.count(item)
                for count, item in zip(held, rules.items, strict=True)
            )
        least = {
            party: 0 if market.reverse else dot(rules.openings, g) for party, g in goods.items()
        }
        paid = {p: sign * max(owed, least[p]) for p, owed in self.due.items()}
        self._allocate({party: sum(units) for party, units in goods.items()}, paid, goods)


def _cleared(
    market: Market, price: Pricing
) -> tuple[tuple[int, ...], Mapping[str, Amount]] | None:
    """Winning bids and what winners pay or get; None when buying is impossible."""
    if price == "core":
        point = core_nearest_vcg(market)
        return point.chosen, point.payments
    clear = combinatorial_first_price if price == "bid" else vcg_combinatorial
    found = clear(market)
    if found is None:
        return None
    own = market.worth(found.chosen)
    return found.chosen, {
        name: own[name] if due is None else due for name, due in found.payments.items()
    }
