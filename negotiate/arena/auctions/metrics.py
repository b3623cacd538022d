"""Metrics of one auction or market: definitions, and the sources they come from.

Amounts are integers in minor units, or fractions of them; everything here is exact but the ratios and roots.
*Gains* are gains from trade: what the lots are truly worth to those who got them, less what they cost those who
gave them. *True* worth is private worth where values are private; where they are common or interdependent it is what
the lot turns out to be worth, whatever the bidder thought.
"""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from negotiate.protocols.clearing.posted import Uniform, myerson_optimal
from negotiate.protocols.clearing.sealed import (
    all_pay,
    first_price,
    second_price,
    third_price,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

Amount: TypeAlias = "int | Fraction"

_RULES = {"first": first_price, "second": second_price, "third": third_price}


class Equilibrium(NamedTuple):
    """Competitive equilibrium.

    Attributes:
        quantity: the most units that can be traded with gain.
        low: least price at which supply meets demand; None where nothing bounds it.
        high: largest one; None likewise.
    """

    quantity: int
    low: int | None
    high: int | None

    @property
    def price(self) -> Fraction | None:
        """The middle of the interval; its one end where it has but one."""
        if self.low is None or self.high is None:
            known = self.high if self.low is None else self.low
            return None if known is None else Fraction(known)
        return Fraction(self.low + self.high, 2)


def equilibrium(values: Iterable[int], costs: Iterable[int]) -> Equilibrium:
    """Competitive equilibrium of unit values and unit costs.

    With values from the highest b1, b2, … and costs from the lowest s1, s2, …, the quantity is the largest q with
    ``b[q] >= s[q]``, and the prices are ``[max(s[q], b[q+1]), min(b[q], s[q+1])]``. Source: Smith (1962); the interval
    as in Wurman, Walsh & Wellman (1998).
    """
    bids, asks = sorted(values, reverse=True), sorted(costs)
    quantity = sum(bid >= ask for bid, ask in zip(bids, asks, strict=False))
    below = [*asks[quantity - 1 : quantity][:quantity], *bids[quantity : quantity + 1]]
    above = [*bids[quantity - 1 : quantity][:quantity], *asks[quantity : quantity + 1]]
    return Equilibrium(quantity, max(below, default=None), min(above, default=None))


def smith_alpha(prices: Sequence[Amount], equilibrium_price: Amount) -> float | None:
    """``100 / p0 * sqrt(mean((p - p0) ** 2))``: how far prices are from equilibrium, in per cent of it.

    None without a trade, or where p0 is 0. Source: Smith (1962).
    """
    if not prices or not equilibrium_price:
        return None
    squares = sum(Fraction(price - equilibrium_price) ** 2 for price in prices)
    return 100 * sqrt(squares / len(prices)) / float(equilibrium_price)


def efficiency(gains: Amount, best: Amount) -> float | None:
    """Allocative efficiency: the share of the greatest possible gains that was realised; None if there are none.

    Source: Plott & Smith (1978); for auctions Krishna (2010), section 1.4.
    """
    return float(Fraction(gains) / Fraction(best)) if best > 0 else None


def best_gains(marginal: Iterable[int], supply: int, outside: int = 0) -> int:
    """The greatest gains of a sale: the ``supply`` highest marginal values, as far as they are above ``outside``."""
    return sum(max(value - outside, 0) for value in sorted(marginal, reverse=True)[:supply])


def market_gains(values: Iterable[int], costs: Iterable[int]) -> int:
    """The greatest gains of a market with two sides: the area between demand and supply."""
    pairs = zip(sorted(values, reverse=True), sorted(costs), strict=False)
    return sum(max(value - cost, 0) for value, cost in pairs)


def optimal_sale(values: Sequence[int], reserve: int) -> int:
    """What the revenue-optimal auction earns from symmetric bidders with these values: second price at the reserve.

    Source: Myerson (1981); the reserve is :func:`negotiate.domain.distributions.best_reserve`, and the distribution is
    regular.
    """
    sale = second_price([(str(n), value) for n, value in enumerate(values)], reserve)
    return 0 if sale is None else int(sale.price)


def optimal_purchase(costs: Sequence[int], ceiling: int) -> int | None:
    """What the cost-optimal procurement pays to symmetric sellers with these costs; None if it does not buy."""
    sale = second_price([(str(n), cost) for n, cost in enumerate(costs)], ceiling, reverse=True)
    return None if sale is None else int(sale.price)


def optimal_unequal(values: Sequence[int], bounds: Sequence[tuple[int, int]]) -> Fraction:
    """What the optimal auction earns from bidders with uniform values between bounds of their own.

    Source: Myerson (1981).
    """
    bids = [
        Uniform(str(n), value, low, high)
        for n, (value, (low, high)) in enumerate(zip(values, bounds, strict=True))
    ]
    sale = myerson_optimal(bids)
    return Fraction(0) if sale is None else Fraction(sale.price)


class Sealed(NamedTuple):
    """A sealed-bid auction that was held.

    Attributes:
        price: its rule: first, second, third or all-pay.
        reserve: floor, or ceiling when buying.
        reverse: whether it buys.
        bids: party and amount, those that win ties first.
    """

    price: str
    reserve: int | None
    reverse: bool
    bids: tuple[tuple[int, int], ...]


def sealed_profit(auction: Sealed, party: int, worth: int) -> Amount:
    """What the auction brings a party to whom the lot is worth, or costs, this much."""
    bids = [(str(bidder), amount) for bidder, amount in auction.bids]
    if auction.price == "all-pay":
        winner, due = all_pay(bids, auction.reserve)
        return (worth if winner == str(party) else 0) - Fraction(due.get(str(party), 0))
    sale = _RULES[auction.price](bids, auction.reserve, reverse=auction.reverse)
    if sale is None or sale.winner != str(party):
        return 0
    gain = Fraction(sale.price) - worth if auction.reverse else worth - Fraction(sale.price)
    return int(gain) if gain.denominator == 1 else gain


def sealed_regret(auction: Sealed, party: int, worth: int) -> Amount:
    """Ex post regret: how much more the best bid would have brought than the one that was made, the others' unchanged.

    Against fixed bids of others what a bid brings changes only where it passes one of them, or the reserve; so it is
    enough to try those amounts, one more and one less of each, and no bid. Source: the ex post Nash gap, as regret in
    Dütting et al. (2019).
    """
    others = [amount for bidder, amount in auction.bids if bidder != party]
    edges = {0, *others, *(() if auction.reserve is None else (auction.reserve,))}
    tries = sorted({max(edge + step, 0) for edge in edges for step in (-1, 0, 1)})
    now = sealed_profit(auction, party, worth)
    placed = any(bidder == party for bidder, _ in auction.bids)
    best: Amount = max(now, 0)
    for amount in tries:
        bids = tuple((b, amount if b == party else a) for b, a in auction.bids)
        again = auction._replace(bids=bids if placed else (*bids, (party, amount)))
        best = max(best, sealed_profit(again, party, worth))
    return best - now


def winners_curse(profits: Sequence[Amount], units: Sequence[int]) -> float | None:
    """The share of winners who lost by winning; None if nobody won.

    Source: Capen, Clapp & Campbell (1971); Wilson (1977).
    """
    won = [profit for profit, count in zip(profits, units, strict=True) if count]
    return sum(profit < 0 for profit in won) / len(won) if won else None


def bundle_worth(packages: Mapping[frozenset[str], int], got: frozenset[str]) -> int:
    """What a set of items is worth to whom these packages are: the best package in it."""
    return max((worth for wanted, worth in packages.items() if wanted <= got), default=0)
