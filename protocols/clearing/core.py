"""Core-selecting payments: nobody outside could have offered the seller more.

The efficient choice is made. Payments are in the core when no coalition could do better together with the seller:
for every set of bidders, what the winners in it pay less than they bid, plus what the seller gets, is at least
what the set's best choice is worth. Of the core points with the least revenue the one nearest (Euclidean) to the
VCG payments is taken. Constraints are generated: at given payments, one winner determination with the winners'
bids lowered by their gains finds the coalition that blocks most.

Sources: Day & Raghavan (2007); Day & Cramton (2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.errors import LocalError
from negotiate.protocols.clearing.amounts import Amount, whole
from negotiate.protocols.clearing.combinatorial import Market, vcg_combinatorial
from negotiate.protocols.clearing.projection import Row, least_sum, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.protocols.clearing.winners import Package


class CorePoint(NamedTuple):
    """The choice with its VCG payments and its core payments."""

    welfare: Amount
    chosen: tuple[int, ...]
    vcg: dict[str, Amount]
    payments: dict[str, Amount]

    @property
    def revenue(self) -> Amount:
        """The least revenue of the core."""
        return whole(sum(self.payments.values()))


def core_nearest_vcg(market: Market) -> CorePoint:
    """The minimum-revenue core payments nearest to VCG.

    Raises:
        LocalError: the market buys, or its bids are not XOR; or its winners are too hard to determine.
    """
    offered = not market.reverse and market.language == "xor"
    found = vcg_combinatorial(market) if offered else None
    if found is None:
        raise LocalError(
            "the core rule is for selling, and for XOR bids",
            code="not-offered",
            help="take VCG, or pay as bid",
        )
    worth = market.worth(found.chosen)
    vcg = {bidder: due or 0 for bidder, due in found.payments.items()}
    payments = dict(vcg)
    rows: dict[frozenset[int], Amount] = {}
    while (row := _blocking(market, worth, vcg, payments)) is not None:
        members, need = row
        rows[members] = max(need, rows.get(members, 0))
        payments = _cheapest(list(rows.items()), worth, vcg)
    return CorePoint(found.welfare, found.chosen, vcg, payments)


def _blocking(
    market: Market,
    worth: Mapping[str, Amount],
    vcg: Mapping[str, Amount],
    payments: Mapping[str, Amount],
) -> Row | None:
    """What the winners outside the strongest coalition must pay more than VCG; None if none blocks."""
    names = list(worth)
    best = market.solve(_lowered(market, worth, payments))
    if best is None or best.value <= sum(payments.values()):
        return None
    inside = {market.atoms[place].bidder for place in best.chosen}
    outside = [name for name in names if name not in inside]
    paid = sum(payments[name] for name in names if name in inside)
    need = best.value - paid - sum(vcg[name] for name in outside)
    return frozenset(names.index(name) for name in outside), whole(need)


def _lowered(
    market: Market, worth: Mapping[str, Amount], payments: Mapping[str, Amount]
) -> Sequence[Package]:
    """Winners join another coalition only if it leaves them what they gain now.

    Each winner's gain is taken off all its bids. That is exact where a winner can win one bid only (XOR).
    """
    gains = {name: worth[name] - payments[name] for name in worth}
    return [
        package._replace(amount=whole(package.amount - gains.get(atom.bidder, 0)))
        for package, atom in zip(market.packages, market.atoms, strict=True)
    ]


def _cheapest(
    rows: Sequence[Row], worth: Mapping[str, Amount], vcg: Mapping[str, Amount]
) -> dict[str, Amount]:
    top = [worth[name] - vcg[name] for name in worth]
    total = least_sum(rows, top)
    above = nearest(rows, top, total)
    return {name: whole(vcg[name] + more) for name, more in zip(worth, above, strict=True)}
