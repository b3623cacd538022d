"""What is measured of one auction or market, as columns of the store."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from negotiate.arena.auctions.metrics import (
    Sealed,
    best_gains,
    bundle_worth,
    efficiency,
    equilibrium,
    market_gains,
    optimal_purchase,
    optimal_sale,
    optimal_unequal,
    sealed_regret,
    smith_alpha,
    winners_curse,
)
from negotiate.domain.arrivals import Arrivals
from negotiate.domain.distributions import (
    Uniform,
    best_ceiling,
    best_reserve,
    is_regular,
)
from negotiate.domain.preferences import SCALE
from negotiate.domain.tenders import Tenders
from negotiate.domain.values import PrivateValues
from negotiate.protocol import Allocation
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.sealed_bid import SealedBid

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.arena.auctions.metrics import Amount, Equilibrium
    from negotiate.domain.issues import Outcome
    from negotiate.domain.markets import Market
    from negotiate.domain.values import Draw, Model
    from negotiate.protocol import Negotiation, Protocol, Result

RUIN = 1000
"""Profits and losses count up to so many times the span of the market: one bid of 10**18 must not drown all else."""

MOST_PRICES = 1000
"""Prices of trades that a row holds."""

COLUMNS: dict[str, str] = {
    "units": "TEXT NOT NULL",  # JSON: what each seat got; negative for what it gave
    "payments": "TEXT NOT NULL",  # JSON: what each paid; integers, or fractions as texts
    "profits": "TEXT NOT NULL",  # JSON: true profit of each, likewise
    "revenue": "REAL NOT NULL",  # all payments together, and what quality is worth; what a seller that posts took in
    "gains": "REAL NOT NULL",  # gains from trade, in minor units
    "best_gains": "REAL NOT NULL",  # the greatest possible
    "efficiency": "REAL",
    "best_revenue": "REAL",  # of the optimal auction, at the same values
    "regrets": "TEXT",  # JSON: ex post regret of each seat; sealed bids only
    "trades": "INTEGER NOT NULL",  # units that changed hands
    "prices": "TEXT NOT NULL",  # JSON: of the trades, in order
    "equilibrium": "TEXT",  # JSON: quantity, lowest and highest price; two-sided markets only
    "alpha": "REAL",  # Smith's
    "curse": "REAL",  # share of winners who lost by winning; where values are not private
}
"""What is measured of an auction or a market; see :mod:`negotiate.arena.auctions.metrics`."""

PROFITS = list(COLUMNS).index("profits")


@dataclass(frozen=True)
class Held:
    """An auction or market that was held.

    Attributes:
        market: what it was about.
        rules: as it was held.
        drawn: the stakes.
        result: how it ended.
        negotiation: the closed state, for what the result does not tell; None if there is none.
    """

    market: Market
    rules: Protocol
    drawn: Draw
    result: Result
    negotiation: Negotiation | None

    @property
    def allocation(self) -> Allocation:
        """Who got and paid what; nobody anything without a sale."""
        if isinstance(self.result, Allocation):
            return self.result
        nothing = (0,) * len(self.drawn.sides)
        return Allocation(nothing, nothing, 1)

    @property
    def sign(self) -> int:
        """1 where the auctioneer sells, -1 where it buys, 0 where it does neither."""
        signs = {"sale": 1, "packages": 1, "procurement": -1, "tender": -1}
        return signs.get(self.market.form, 0)


def measured(held: Held) -> tuple[object, ...]:
    """The values of :data:`COLUMNS`."""
    found = held.allocation
    worths = [_worth(held, party) for party in range(len(found.units))]
    profits = [w - p for w, p in zip(worths, found.payments, strict=True)]
    given = held.sign * sum(_goods(held, party) for party in range(len(found.units)))
    gains = sum(worths) - held.sign * given * held.market.outside + _quality(held)
    best = _best(held)
    prices = _prices(held)
    even = _equilibrium(held)
    alone = None if even is None or even.price is None else smith_alpha(prices, even.price)
    regrets = _regrets(held)
    private = held.drawn.known == held.drawn.true
    return (
        exact(found.units),
        exact(found.payments),
        exact(profits),
        _revenue(held),
        float(gains),
        float(best),
        efficiency(gains, best),
        _best_revenue(held),
        None if regrets is None else exact(regrets),
        sum(abs(_goods(held, party)) for party in range(len(found.units)))
        // (1 if held.sign else 2),
        exact(prices[:MOST_PRICES]),
        None if even is None else json.dumps(list(even)),
        alone,
        None if private else winners_curse(profits, found.units),
    )


def utilities(market: Market, found: Sequence[object], culprit: int | None) -> tuple[int, ...]:
    """Profits as shares of the market's span, in units of 1e-9; to a party at fault its losses only.

    A seller to many who come in turn: per buyer that came.
    """
    lots = market.model.buyers if isinstance(market.model, Arrivals) else 1
    span, most = market.span * lots, RUIN * SCALE
    shares = [round(profit * SCALE / span) for profit in read(str(found[PROFITS]))]
    kept = [min(share, 0) if n == culprit else share for n, share in enumerate(shares)]
    return tuple(min(max(share, -most), most) for share in kept)


def exact(amounts: Iterable[Amount]) -> str:
    """Amounts as JSON: integers, and fractions as texts."""
    plain = [int(a) if Fraction(a).denominator == 1 else str(Fraction(a)) for a in amounts]
    return json.dumps(plain, separators=(",", ":"))


def read(text: str) -> list[Fraction]:
    """What :func:`exact` wrote."""
    return [Fraction(amount) for amount in cast("list[int | str]", json.loads(text))]


def supply(rules: Protocol) -> int:
    """Units that the auctioneer sells or buys."""
    return int(getattr(rules, "units", 1))


# The parts


def _worth(held: Held, party: int) -> int:
    """What a party got is truly worth to it; negative for what it gave."""
    if held.market.form == "packages":
        return bundle_worth(dict(held.drawn.packages[party]), _bundle(held, party))
    units, values = held.allocation.units[party], held.drawn.true[party]
    if isinstance(
        held.rules, PositionAuction
    ):  # units are clicks, and a value is of each click
        return units * values[0]
    total = sum(values[: abs(units)]) + _extra(held, party)
    return total if units >= 0 else -total


def _levels(held: Held, party: int) -> Outcome | None:
    """The quality that a party is to deliver, as an outcome; None for none."""
    goods = held.allocation.goods
    return (goods[party] or None) if goods and held.market.form == "tender" else None


def _extra(held: Held, party: int) -> int:
    """What the quality that a party is to deliver costs it."""
    levels = _levels(held, party)
    if levels is None:
        return 0
    issue = held.market.domain.issue_index
    return sum(own[levels[issue(name)]] for name, own in held.drawn.costs[party])


def _quality(held: Held) -> int:
    """What the quality that was bought is worth to the buyer."""
    model, issue = held.market.model, held.market.domain.issue_index
    if not isinstance(model, Tenders):
        return 0
    bought = [levels for p in range(len(held.drawn.sides)) if (levels := _levels(held, p))]
    return sum(own[levels[issue(name)]] for levels in bought for name, own in model.points)


def _revenue(held: Held) -> float:
    """What is left with the auctioneer; with a seller that posts prices, what it took in."""
    payments = held.allocation.payments
    if held.market.form == "arrivals":
        return float(-payments[0])
    return float(sum(payments) + _quality(held))


def _bundle(held: Held, party: int) -> frozenset[str]:
    goods, items = held.allocation.goods, _items(held)
    if not goods or not goods[party]:
        return frozenset()
    return frozenset(item for item, units in zip(items, goods[party], strict=True) if units)


def _items(held: Held) -> tuple[str, ...]:
    return tuple(getattr(held.market.model, "items", ()))


def _goods(held: Held, party: int) -> int:
    """How many units a party got."""
    if held.market.form == "packages":
        return len(_bundle(held, party))
    return held.allocation.units[party]


def _side(held: Held, side: str, values: Sequence[tuple[int, ...]]) -> list[int]:
    """The unit values, or costs, of all who came to buy, or to sell."""
    return [
        v for s, own in zip(held.drawn.sides, values, strict=True) if s == side for v in own
    ]


def _best(held: Held) -> int:
    """The greatest possible gains."""
    form, true, outside = held.market.form, held.drawn.true, held.market.outside
    if form == "packages":
        return _best_packages(held.drawn.packages, _items(held))
    if isinstance(held.market.model, Tenders):
        sellers = zip(true, held.drawn.costs, strict=True)
        return max(0, *(held.market.model.surplus(own[0], costs) for own, costs in sellers))
    if form in ("two-sided", "arrivals"):
        return market_gains(_side(held, "buy", true), _side(held, "sell", true))
    if form == "procurement":
        costs = _side(held, "sell", true)
        return best_gains([-cost for cost in costs], supply(held.rules), -outside)
    if isinstance(held.rules, PositionAuction):
        ranked = sorted((own[0] for own in true if own), reverse=True)
        pairs = zip(held.rules.clicks, ranked, strict=False)
        return sum(clicks * max(value - outside, 0) for clicks, value in pairs)
    return best_gains(_side(held, "buy", true), supply(held.rules), outside)


@lru_cache(4)
def _best_packages(
    packages: tuple[tuple[tuple[frozenset[str], int], ...], ...], items: tuple[str, ...]
) -> int:
    """The greatest total value of disjoint packages, one for each party: a table over sets of items."""
    best: dict[frozenset[str], int] = {frozenset(items): 0}  # by the items that are left
    for wanted in packages:
        fresh = dict(best)
        for left, worth in best.items():
            for package, value in wanted:
                if package <= left:
                    rest = left - package
                    fresh[rest] = max(fresh.get(rest, 0), worth + value)
        best = fresh
    return max(best.values())


def _equilibrium(held: Held) -> Equilibrium | None:
    if held.market.form != "two-sided":
        return None
    known = held.drawn.known
    return equilibrium(_side(held, "buy", known), _side(held, "sell", known))


def _prices(held: Held) -> list[Amount]:
    """What was paid for each unit, in order; for lots of several units or items, on average over the lot."""
    trades = getattr(held.negotiation, "trades", None)
    if isinstance(trades, list):
        return [
            price
            for trade in cast("list[tuple[object, ...]]", trades)
            for price in _of_trade(trade)
        ]
    found = held.allocation
    prices: list[Amount] = []
    for party, paid in enumerate(found.payments):
        units = _goods(held, party)
        if units and (units > 0 or held.sign < 0):
            prices += [Fraction(paid) / units] * abs(units)
    return prices


def _of_trade(trade: tuple[object, ...]) -> list[Amount]:
    price, quantity = getattr(trade, "price", 0), getattr(trade, "qty", 1)
    return [Fraction(price)] * int(quantity)


def _regrets(held: Held) -> list[Amount] | None:
    """Ex post regret of each seat of a sealed-bid auction."""
    if not isinstance(held.rules, SealedBid) or held.negotiation is None:
        return None
    bids: dict[int, int] = {}
    order: list[int] = []
    last = held.negotiation.last
    while last is not None:
        _, party, kind, value, last = last
        if kind in ("bid", "reveal") and value is not None:
            bids.setdefault(party, value[0])
        if kind in ("bid", "commit"):
            order.append(party)
    placed = tuple((party, bids[party]) for party in reversed(order) if party in bids)
    auction = Sealed(held.rules.price, held.rules.reserve, held.rules.side == "reverse", placed)
    worth = [values[0] if values else 0 for values in held.drawn.true]
    return [sealed_regret(auction, party, worth[party]) for party in range(len(worth))]


def _best_revenue(held: Held) -> float | None:
    """What the optimal auction would have left with the auctioneer, at the same values; None where it is unknown."""
    model, outside = held.market.model, held.market.outside
    if isinstance(model, Arrivals):
        price = best_reserve(model.value, model.cost)
        return float(sum(price for own in held.drawn.true[1:] if own[0] >= price))
    several = supply(held.rules) != 1 or isinstance(held.rules, PositionAuction)
    if several or not isinstance(model, PrivateValues) or model.units != 1:
        return None
    values = [own[0] for own in held.drawn.true if own]
    if model.side == "sell":
        ceiling = _ceiling(model, outside)
        paid = None if ceiling is None else optimal_purchase(values, ceiling)
        return None if ceiling is None else float(-(paid or 0))
    if len(model.values) == 1:
        reserve = _reserve(model, outside)
        return None if reserve is None else float(optimal_sale(values, reserve))
    bounds = [(one.low, one.high) for one in model.values if isinstance(one, Uniform)]
    if outside or len(bounds) < len(model.values):
        return None
    return float(optimal_unequal(values, bounds))


@lru_cache(64)
def _reserve(model: Model, outside: int) -> int | None:
    if not isinstance(model, PrivateValues) or not is_regular(model.values[0]):
        return None
    return best_reserve(model.values[0], outside)


@lru_cache(64)
def _ceiling(model: Model, outside: int) -> int | None:
    if not isinstance(model, PrivateValues):
        return None
    first, *others = model.values
    regular = not others and is_regular(first, costs=True)
    return best_ceiling(first, outside) if regular else None
