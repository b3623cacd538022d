"""The results of a run of auctions or markets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from negotiate.arena.auctions.kind import Auctions
from negotiate.arena.auctions.measure import COLUMNS, read
from negotiate.arena.cells import Cell
from negotiate.arena.player import Kit
from negotiate.arena.replay import checked_specs, rules_of
from negotiate.arena.results import FAILED, Record, Results
from negotiate.arena.statistics import Columns, across, by_scenario
from negotiate.arena.store import COMMON
from negotiate.arena.watchdog import Guard, Limits
from negotiate.domain.markets import load_market
from negotiate.errors import ArenaError, NegotiateError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from fractions import Fraction

    from negotiate.arena.bootstrap import Floats
    from negotiate.arena.player import Row
    from negotiate.domain.markets import Market
    from negotiate.registry import BidderSpec


class Sale(NamedTuple):
    """What was measured of a cell; see :data:`negotiate.arena.auctions.measure.COLUMNS`.

    Attributes:
        units: what each seat got; negative for what it gave.
        payments: what each paid, in minor units.
        profits: true profit of each, in minor units.
        revenue: all payments together.
        gains: from trade.
        best_gains: the greatest possible.
        efficiency: the share of them; None if there were none to have.
        best_revenue: of the optimal auction at the same values; None where it is unknown.
        regrets: ex post, of each seat; None but for sealed bids.
        trades: units that changed hands.
        prices: of the trades, in order.
        equilibrium: quantity, least and largest price; None but for markets with two sides.
        alpha: Smith's, in per cent.
        curse: share of winners who lost by winning; None where values are private.
    """

    units: tuple[int, ...]
    payments: tuple[Fraction, ...]
    profits: tuple[Fraction, ...]
    revenue: float
    gains: float
    best_gains: float
    efficiency: float | None
    best_revenue: float | None
    regrets: tuple[Fraction, ...] | None
    trades: int
    prices: tuple[Fraction, ...]
    equilibrium: tuple[int, int | None, int | None] | None
    alpha: float | None
    curse: float | None


@dataclass(frozen=True)
class Merit:
    """What the leaderboard says of one bidder besides its utility; None where there is nothing to say.

    Attributes:
        profit: mean true profit in minor units, over markets of the mean on each.
        won: share of the cells in which it traded.
        efficiency: where all play it, gains as a share of the possible ones, over all cells of a market together.
        revenue: where all play it, mean of what is left with the auctioneer.
        revenue_ratio: that, as a share of what the optimal auction earns at the same values.
        regret: the most that another bidder of the run would have got more on average, where all others play it.
        ex_post_regret: mean ex post regret in minor units, of sealed bids.
        curse: share of its wins that were losses, where values are not private.
        alpha: Smith's, where all play it.
    """

    profit: float | None
    won: float | None
    efficiency: float | None
    revenue: float | None
    revenue_ratio: float | None
    regret: float | None
    ex_post_regret: float | None
    curse: float | None
    alpha: float | None


class AuctionResults(Results):
    """A finished run of auctions or markets."""

    @property
    def what(self) -> str:
        """What it is played on, in a word."""
        return "market"

    @cached_property
    def rows(self) -> list[Record]:
        """All cells, in the order of their keys, as far as all kinds of games have the same."""
        found: list[Record] = []
        for raw in self._raw:
            common = dict(zip(COMMON, raw, strict=False))
            common["seats"] = tuple(json.loads(str(common["seats"])))
            utilities = common["utilities"] = tuple(json.loads(str(common["utilities"])))
            found.append(
                Record(
                    **common,  # type: ignore[arg-type]
                    welfare=sum(utilities),
                    nash_product=None,
                    nash_distance=None,
                    pareto_distance=None,
                    advantages=(None,) * len(utilities),
                )
            )
        return found

    @cached_property
    def sales(self) -> list[Sale]:
        """What was measured of each cell, in the same order."""
        return [_sale(raw[len(COMMON) :]) for raw in self._raw]

    @cached_property
    def columns(self) -> Columns:
        """The cells as arrays; which seats are studied is said in :mod:`negotiate.arena.auctions`."""
        who = {name: place for place, name in enumerate(self.strategies)}
        where = {name: place for place, name in enumerate(self.scenarios)}
        width = max((len(row.seats) for row in self.rows), default=0)
        seats = np.full((len(self.rows), width), -1, dtype=np.int64)
        utilities = np.zeros((len(self.rows), width), dtype=np.int64)
        field = np.full((len(self.rows), width), -1, dtype=np.int64)
        for i, row in enumerate(self.rows):
            count = len(row.seats)
            seats[i, :count] = [who[name] for name in row.seats]
            utilities[i, :count] = row.utilities
            for seat, rival in self._studied(row):
                field[i, seat] = who[rival]
        return Columns(
            strategies=self.strategies,
            scenarios=self.scenarios,
            scenario=np.array([where[row.scenario] for row in self.rows], dtype=np.int64),
            repetition=np.array([row.repetition for row in self.rows], dtype=np.int64),
            seats=seats,
            utilities=utilities,
            agreed=np.array([sale.trades > 0 for sale in self.sales], dtype=np.bool_),
            spoilt=np.array([row.reason in FAILED for row in self.rows], dtype=np.bool_),
            fault=np.array(
                [-1 if row.fault is None else row.fault for row in self.rows], dtype=np.int64
            ),
            nash_distance=np.full(len(self.rows), np.nan),
            field=field,
            drawn=True,
        )

    def _studied(self, row: Record) -> list[tuple[int, str]]:
        """The seats that are studied, each with whom its own bidder meets."""
        about = self.about(row.scenario)
        if about["form"] != "two-sided":
            seat = row.repetition % len(row.seats)
            others = [name for n, name in enumerate(row.seats) if n != seat]
            return [(seat, others[0] if others else row.seats[seat])]
        names = sorted(set(row.seats))
        other = {names[0]: names[-1], names[-1]: names[0]}
        return [(seat, other[name]) for seat, name in enumerate(row.seats)]

    @cached_property
    def merits(self) -> dict[str, Merit]:
        """What is known of each bidder besides its utility."""
        seat = self._by_seat
        profit = across(seat(lambda sale, n: float(sale.profits[n])))
        won = across(seat(lambda sale, n: float(sale.units[n] != 0)))
        late = across(
            seat(lambda sale, n: None if sale.regrets is None else float(sale.regrets[n]))
        )
        cursed = across(seat(_cursed))
        regret = self._pool_regret()
        found: dict[str, Merit] = {}
        for i, name in enumerate(self.strategies):
            alone = self.alone(name)
            found[name] = Merit(
                profit=profit[i],
                won=won[i],
                efficiency=_over_markets(alone, _efficiency),
                revenue=_over_markets(alone, _revenue),
                revenue_ratio=_over_markets(alone, _revenue_ratio),
                regret=regret[i],
                ex_post_regret=late[i],
                curse=cursed[i],
                alpha=_over_markets(alone, _alpha),
            )
        return found

    def alone(self, bidder: str) -> dict[str, list[Sale]]:
        """The cells in which all seats play one bidder and none failed, by market."""
        found: dict[str, list[Sale]] = {}
        for row, sale in zip(self.rows, self.sales, strict=True):
            if set(row.seats) == {bidder} and row.reason not in FAILED:
                found.setdefault(row.scenario, []).append(sale)
        return found

    def summary(self) -> dict[str, object]:
        """What ``nego arena --json`` prints."""
        found = super().summary()
        ranking = [{**row, **vars(self.merits[str(row["strategy"])])} for row in self.ranking()]
        return {**found, "ranking": ranking}

    def market(self, name: str) -> Market:
        """A market of this run, as it was played.

        Raises:
            ArenaError: it cannot be had from where it came.
        """
        about = self.about(name)
        try:
            found = load_market(str(about["source"]))
        except NegotiateError as error:
            raise ArenaError(
                f"market {quote(name)} does not load: {error}", code="scenario"
            ) from None
        if found.digest != about["digest"]:
            raise ArenaError(
                f"market {quote(name)} is not what it was when it was played", code="scenario"
            )
        return found

    def replayed(self, key: str, strategies: Sequence[BidderSpec] = ()) -> Row:
        """Hold a cell's auction again, and check that the moves are the same.

        Args:
            key: of the cell, or how it begins.
            strategies: bidders that cannot be found by their ids.

        Raises:
            ArenaError: the moves differ, or a bidder has another version now.
        """
        row = self.row(key)
        kind = Auctions(rules_of(self.description["rules"]))
        given = {spec.id: spec for spec in strategies}
        specs = {name: given.get(name) or kind.entrant(name) for name in set(row.seats)}
        checked_specs(self.description, specs)
        limits = Limits(**self.description["limits"])
        kit = Kit(kind.given, specs, self.description["seed"], limits)
        cell = Cell(row.scenario, row.seats, row.repetition, row.key)
        with Guard(limits) as guard:
            again = kind.player(kit, self.market(row.scenario)).played(cell, True, guard)
        if again.digest != row.digest:
            raise ArenaError(
                f"cell {row.key[:12]} ended otherwise when it was played again",
                code="replay",
                help="a bidder that draws from the clock or from outside its own stream cannot be replayed",
            )
        return again

    def _by_seat(self, of: Callable[[Sale, int], float | None]) -> Floats:
        """The mean of something over the studied seats, by bidder and market."""
        columns = self.columns
        values = np.full(columns.seats.shape, np.nan)
        for i, (row, sale) in enumerate(zip(self.rows, self.sales, strict=True)):
            for seat, _ in self._studied(row):
                found = of(sale, seat)
                values[i, seat] = np.nan if found is None else found
        return by_scenario(columns, values)

    def _pool_regret(self) -> list[float | None]:
        """For each bidder, the most that another gets more when it comes to a field of it; 0 if none does."""
        mean = self.payoffs.mean.tolist()
        found: list[float | None] = []
        for i in range(len(mean)):
            gaps = [row[i] - mean[i][i] for row in mean]
            known = [gap for gap in gaps if not isnan(gap)]
            alone = len(known) == 1 < len(mean)  # it met nobody of the pool
            found.append(round(max(known), 9) if known and not alone else None)
        return found


def _sale(raw: Sequence[Any]) -> Sale:
    found: dict[str, Any] = dict(zip(COLUMNS, raw, strict=True))
    for name in ("payments", "profits", "prices", "regrets"):
        found[name] = None if found[name] is None else tuple(read(found[name]))
    for name in ("units", "equilibrium"):
        found[name] = None if found[name] is None else tuple(json.loads(found[name]))
    return Sale(**found)


def _cursed(sale: Sale, seat: int) -> float | None:
    if sale.curse is None or not sale.units[seat]:
        return None
    return float(sale.profits[seat] < 0)


def _over_markets(
    alone: dict[str, list[Sale]], of: Callable[[list[Sale]], float | None]
) -> float | None:
    """The mean over markets of something of all their cells together."""
    known = [found for sales in alone.values() if (found := of(sales)) is not None]
    return round(sum(known) / len(known), 9) if known else None


def _efficiency(sales: list[Sale]) -> float | None:
    best = sum(sale.best_gains for sale in sales)
    return sum(sale.gains for sale in sales) / best if best > 0 else None


def _revenue(sales: list[Sale]) -> float | None:
    return sum(sale.revenue for sale in sales) / len(sales)


def _revenue_ratio(sales: list[Sale]) -> float | None:
    known = [
        (sale.revenue, sale.best_revenue) for sale in sales if sale.best_revenue is not None
    ]
    best = sum(optimum for _, optimum in known)
    return sum(revenue for revenue, _ in known) / best if best else None


def _alpha(sales: list[Sale]) -> float | None:
    known = [sale.alpha for sale in sales if sale.alpha is not None]
    return sum(known) / len(known) if known else None
