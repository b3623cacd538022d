"""Two sides, one unit each: double auctions that clear once.

Buyers are ranked from the highest bid, sellers from the lowest ask, the earlier first among equals; k is the
largest number with ``b[k] >= s[k]``, the efficient number of trades.

* k-double auction: the k best trade at ``lo + weight (hi - lo)`` in the interval of equilibrium prices
  ``[max(s[k], b[k+1]), min(b[k], s[k+1])]``; weight 1 is the M-th price, weight 0 the (M+1)-st;
* McAfee: at ``(b[k+1] + s[k+1]) / 2`` if that lies in ``[s[k], b[k]]``; otherwise one trade less, buyers paying
  ``b[k]`` and sellers getting ``s[k]``;
* trade reduction: always one trade less, at ``b[k]`` and ``s[k]``;
* SBBA: at ``s[k+1]`` if that is at most ``b[k]``, all k trade; otherwise at ``b[k]`` one trade less, and a seller
  drawn from the seed among the k sits out; no money is left over;
* VCG: buyers pay ``max(s[k], b[k+1])``, sellers get ``min(b[k], s[k+1])``; the deficit is the host's.

Sources: Chatterjee & Samuelson (1983); Wurman, Walsh & Wellman (1998); Satterthwaite & Williams (1989);
McAfee (1992); Segal-Halevi, Hassidim & Aumann (2016); Myerson & Satterthwaite (1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio, whole
from negotiate.protocols.clearing.ties import by_priority

if TYPE_CHECKING:
    from negotiate.protocols.clearing.sealed import Bids


class Exchanged(NamedTuple):
    """Who trades, and the two prices.

    Attributes:
        surplus: what the buyers pay more than the sellers get; negative for a deficit.
    """

    buyers: list[str]
    sellers: list[str]
    buyer_price: Amount
    seller_price: Amount

    @property
    def surplus(self) -> Amount:
        """What is left with the host."""
        return whole(len(self.buyers) * (self.buyer_price - self.seller_price))


@dataclass(frozen=True)
class Sides:
    """Both sides, ranked.

    Attributes:
        buyers: highest bid first.
        sellers: lowest ask first.
    """

    buyers: tuple[tuple[str, Amount], ...]
    sellers: tuple[tuple[str, Amount], ...]

    @classmethod
    def of(cls, buyers: Bids, sellers: Bids) -> Sides:
        """Rank what came; what stands earlier wins ties."""
        return cls(
            tuple(sorted(buyers, key=lambda bid: bid[1], reverse=True)),
            tuple(sorted(sellers, key=lambda ask: ask[1])),
        )

    @cached_property
    def trades(self) -> int:
        """The efficient number of trades."""
        pairs = zip(self.buyers, self.sellers, strict=False)
        return sum(bid[1] >= ask[1] for bid, ask in pairs)

    def bid(self, place: int) -> Amount | None:
        """The bid in a place of the ranking, from 1; None past the end."""
        return self.buyers[place - 1][1] if 0 < place <= len(self.buyers) else None

    def ask(self, place: int) -> Amount | None:
        """The ask in a place of the ranking, from 1; None past the end."""
        return self.sellers[place - 1][1] if 0 < place <= len(self.sellers) else None

    @property
    def interval(self) -> tuple[Amount, Amount]:
        """The equilibrium prices; there is at least one trade."""
        k = self.trades
        low = max(x for x in (self.ask(k), self.bid(k + 1)) if x is not None)
        high = min(x for x in (self.bid(k), self.ask(k + 1)) if x is not None)
        return low, high

    def first(self, count: int, buyer_price: Amount, seller_price: Amount) -> Exchanged:
        """The ``count`` best of each side trade."""
        buyers = [name for name, _ in self.buyers[:count]]
        sellers = [name for name, _ in self.sellers[:count]]
        return Exchanged(buyers, sellers, buyer_price, seller_price)

    def reduced(self) -> Exchanged:
        """One trade less, each side paying what the excluded one bid."""
        k = self.trades
        return self.first(k - 1, self.buyers[k - 1][1], self.sellers[k - 1][1])


def k_double_auction(sides: Sides, weight: Amount) -> Exchanged | None:
    """All efficient trades at one price of the interval; None without one."""
    if not sides.trades:
        return None
    low, high = sides.interval
    price = whole(low + weight * (high - low))
    return sides.first(sides.trades, price, price)


def mcafee(sides: Sides) -> Exchanged | None:
    """Truthful and never at a loss, at the cost of one trade at most; None without one."""
    k = sides.trades
    if not k:
        return None
    bid, ask = sides.bid(k + 1), sides.ask(k + 1)
    if bid is not None and ask is not None:
        price = ratio(bid + ask, 2)
        if sides.sellers[k - 1][1] <= price <= sides.buyers[k - 1][1]:
            return sides.first(k, price, price)
    return sides.reduced()


def trade_reduction(sides: Sides) -> Exchanged | None:
    """Always one trade less; None without one."""
    return sides.reduced() if sides.trades else None


def sbba(sides: Sides, seed: int | str = 0) -> Exchanged | None:
    """Truthful, and all money stays with the traders; None without a trade."""
    k = sides.trades
    if not k:
        return None
    ask = sides.ask(k + 1)
    price = sides.buyers[k - 1][1]
    if ask is not None and ask <= price:
        return sides.first(k, ask, ask)
    drawn = by_priority(sides.sellers[:k], lambda ask: ask[0], "random", seed)[0][0]
    lucky = [name for name, _ in sides.sellers[:k] if name != drawn]
    return Exchanged([name for name, _ in sides.buyers[: k - 1]], lucky, price, price)


def vcg_double_auction(sides: Sides) -> Exchanged | None:
    """Efficient and truthful; the host bears the deficit; None without a trade."""
    if not sides.trades:
        return None
    low, high = sides.interval
    return sides.first(sides.trades, low, high)
