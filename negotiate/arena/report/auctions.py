"""The page of a run of auctions or markets: the same leaderboard and heat map, and prices for outcome spaces."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from negotiate.arena.report import sections
from negotiate.arena.report.headline import headline, level_text
from negotiate.arena.report.how import entries, intervals
from negotiate.arena.report.intervals import axis_svg, dots_svg, strip_scale, whisker_svg
from negotiate.arena.report.page import Fact, How, Leaders, Source
from negotiate.arena.report.text import count, label, one, percent
from negotiate.arena.report.trades import Prices, prices_svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.arena.auctions.results import AuctionResults, Merit, Sale
    from negotiate.arena.report.heat import Heat
    from negotiate.arena.report.page import Failure, Headline
    from negotiate.arena.report.scale import Scale
    from negotiate.arena.report.svg import Markup

MOST_LINES = 4
"""Bidders in a chart of prices; marks and colours tell so many apart."""

AGAINST = (
    "What the bidder of the row gets on average among bidders of the column: in an auction alone in their midst, in "
    "a market with two sides in half of the seats. Profit as a share of the market's span of prices. A dashed frame "
    "marks a bidder among its like; a larger figure elsewhere in its column is the regret of playing it."
)

_METHOD = (
    "In an auction one seat is under study, which goes round with the repetitions; one bidder sits in it and another, "
    "or the same, in all other seats. In a market with two sides two bidders share the seats evenly, with the same "
    "limits, and then the other way round. Stakes and each seat's own luck depend on the market, the repetition and "
    "the seat alone, so that all pairs meet the same. A bidder's figure is the mean over markets of its mean on each.",
    "Profit is what the lots are truly worth less what was paid. Efficiency: gains from trade as a share of the "
    "greatest possible ones (Plott & Smith 1978). Revenue: all payments; its share: of what the optimal auction earns "
    "at the same values (Myerson 1981), where values are private and regular. Regret: ex post, of sealed bids; and in "
    "the pool, from the payoff matrix. Alpha: the root of the mean squared distance of prices to the equilibrium "
    "price, in per cent of it (Smith 1962). Cursed: wins that were losses (Capen, Clapp & Campbell 1971).",
    "A bidder that fails is out, and the auction goes on without it. In the figures that counts for the bidder at "
    "fault, with its losses but not its gains, and not for the others.",
)


@dataclass(frozen=True)
class Alone:
    """A bidder on a market where all seats play it."""

    bidder: str
    cells: int
    efficiency: float | None
    revenue: float
    share: float | None
    price: float | None
    strip: Markup | str
    alpha: float | None
    cursed: float | None


@dataclass(frozen=True)
class OnMarket:
    """A market: what it is, how all fared on it, and each bidder among its like."""

    name: str
    title: str
    about: str
    best: str
    mean: float | None
    fared: Markup
    axis: Markup
    rows: tuple[Alone, ...]
    chart: Markup | str


@dataclass(frozen=True)
class AuctionPage:
    """The whole page."""

    kicker: str
    against: str
    headline: Headline
    facts: Sequence[Fact]
    leaders: Leaders
    merits: Mapping[str, Merit]
    heat: Heat
    markets: tuple[OnMarket, ...]
    failures: tuple[Failure, ...]
    failures_left_out: int
    how: How


def page_of(results: AuctionResults) -> AuctionPage:
    """The page, from the results of a run."""
    failures, left_out = sections.failures(results)
    return AuctionPage(
        kicker=f"Tournament of bidders: {label(str(results.description['rules']['name']))}",
        against=AGAINST,
        headline=headline(results),
        facts=_facts(results),
        leaders=sections.leaders(results),
        merits={label(name): merit for name, merit in results.merits.items()},
        heat=sections.heat(results),
        markets=_markets(results),
        failures=failures,
        failures_left_out=left_out,
        how=_how(results),
    )


def _facts(results: AuctionResults) -> list[Fact]:
    sold = sum(sale.trades > 0 for sale in results.sales) / max(len(results), 1)
    best = sum(sale.best_gains for sale in results.sales)
    gained = sum(sale.gains for sale in results.sales) / best if best else None
    return [
        Fact("bidders", count(len(results.strategies))),
        Fact("markets", count(len(results.scenarios))),
        Fact("auctions", count(len(results))),
        Fact("ended in a trade", percent(sold)),
        Fact("efficiency", percent(gained)),
        Fact("failed", count(results.failed), bad=results.failed > 0),
    ]


def _markets(results: AuctionResults) -> tuple[OnMarket, ...]:
    rows = sections.scenario_means(results)
    scale = strip_scale([mean for means in rows.values() for _, mean in means])
    return tuple(_market(results, name, means, scale) for name, means in rows.items())


def _market(
    results: AuctionResults, name: str, means: list[tuple[str, float]], scale: Scale
) -> OnMarket:
    about = results.about(name)
    alone = {bidder: results.alone(bidder).get(name, []) for bidder in _in_order(results)}
    known = {bidder: sales for bidder, sales in alone.items() if sales}
    ends = [end for sales in known.values() for end in (_spread(sales) or ())]
    prices = strip_scale(ends)
    best = means[0] if means else ("", None)
    return OnMarket(
        name=label(name),
        title=label(str(about["title"]), 120),
        about=_about(about),
        best=best[0],
        mean=best[1],
        fared=dots_svg(scale, means, f"means of {len(means)} bidders on {label(name)}"),
        axis=axis_svg(prices),
        rows=tuple(_alone(bidder, sales, prices) for bidder, sales in known.items()),
        chart=_chart(known) if about["form"] in ("two-sided", "arrivals") else "",
    )


def _alone(bidder: str, sales: list[Sale], scale: Scale) -> Alone:
    best = sum(sale.best_gains for sale in sales)
    optimum = [s.best_revenue for s in sales]
    total = sum(found for found in optimum if found is not None)
    alphas = [sale.alpha for sale in sales if sale.alpha is not None]
    cursed = [sale.curse for sale in sales if sale.curse is not None]
    spread = _spread(sales)
    revenue = sum(sale.revenue for sale in sales)
    return Alone(
        bidder=label(bidder),
        cells=len(sales),
        efficiency=sum(sale.gains for sale in sales) / best if best else None,
        revenue=revenue / len(sales),
        share=revenue / total if total and None not in optimum else None,
        price=None if spread is None else spread[0],
        strip=""
        if spread is None
        else whisker_svg(scale, *spread, f"{label(bidder)}: prices around {one(spread[0])}"),
        alpha=sum(alphas) / len(alphas) if alphas else None,
        cursed=sum(cursed) / len(cursed) if cursed else None,
    )


def _spread(sales: Sequence[Sale]) -> tuple[float, float, float] | None:
    """Mean price, and the prices that leave out a tenth at either end."""
    prices = sorted(float(price) for sale in sales for price in sale.prices)
    if not prices:
        return None
    low, high = np.quantile(prices, [0.1, 0.9]).tolist()
    return sum(prices) / len(prices), low, high


def _chart(known: Mapping[str, list[Sale]]) -> Markup:
    shown = list(known.items())[:MOST_LINES]
    even = next((s.equilibrium for _, sales in shown for s in sales), None)
    fixed = all(s.equilibrium == even for _, sales in shown for s in sales)
    ends = [float(end) for end in (even or ())[1:] if end is not None] if fixed else []
    return prices_svg(
        Prices(
            [label(bidder) for bidder, _ in shown],
            [_by_trade(sales) for _, sales in shown],
            ends,
        )
    )


def _by_trade(sales: Sequence[Sale]) -> list[float]:
    """Mean price of the first trade, the second and so on, as far as half of the markets got."""
    found: list[float] = []
    for place in range(max((len(sale.prices) for sale in sales), default=0)):
        there = [float(sale.prices[place]) for sale in sales if len(sale.prices) > place]
        if 2 * len(there) < len(sales):
            break
        found.append(sum(there) / len(there))
    return found


def _in_order(results: AuctionResults) -> list[str]:
    return [standing.strategy for standing in results.standings.standings]


def _about(about: Mapping[str, Any]) -> str:
    low, high = about["bounds"]
    return f"{about['model']}, {about['seats']} seats, prices {low:,} to {high:,}"


def _how(results: AuctionResults) -> How:
    about = results.description
    return How(
        version=label(str(about["library"])),
        level=level_text(results.standings),
        scenarios=len(results.scenarios),
        paragraphs=(*_METHOD, intervals(results)),
        entries=tuple(entries(results)),
        command=_command(about),
        scenario_rows=tuple(
            Source(
                label(found["name"]),
                label(found["digest"][:16]),
                label(found["source"] or "made in code", 200),
            )
            for found in about["scenarios"]
        ),
        strategy_rows=tuple(
            (label(found["id"]), str(found["version"])) for found in about["strategies"]
        ),
    )


def _command(about: Mapping[str, Any]) -> str:
    """The command line; empty if the run cannot be had from one."""
    sources = [found["source"] for found in about["scenarios"]]
    notation = about["rules"].get("notation")
    plain = type(about["seed"]) is int and about["self_play"] and notation
    if not plain or not all(sources):
        return ""
    words = ["nego", "arena", *sources, "--protocol", str(notation)]
    words += ["--strategies", *(found["id"] for found in about["strategies"])]
    words += ["--seed", str(about["seed"]), "--repetitions", str(about["repetitions"])]
    words += ["--move-limit", f"{about['limits']['move']:g}"]
    return " ".join(map(shlex.quote, words))
