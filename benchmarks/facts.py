"""Facts of auction theory, each simulated with the library's own rules: ``python -m benchmarks.facts`` writes the page.

Values are uniform on [0, 1], as integers of 10**-6, from streams seeded by the name of the fact. A figure comes with
the standard error of its mean. The page is ``docs/explanation/auction-facts.md``, its pictures lie in ``docs/images``;
both are committed, and the same seed gives the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from pathlib import Path
from random import Random
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from benchmarks.theory import ASSERTED, DRAWS, ONE, bilateral, draws, more, price
from negotiate import registry
from negotiate.arena.auctions.metrics import equilibrium, smith_alpha
from negotiate.arena.report.marks import Frame, frame, legend, mark, stroke
from negotiate.arena.report.scale import Scale, around
from negotiate.arena.report.svg import Markup, group, picture, polyline
from negotiate.domain.markets import Market, load_market
from negotiate.domain.values import Schedule, line
from negotiate.host import hold
from negotiate.markets import stakes_of
from negotiate.protocols.clearing.exchange import Sides, mcafee
from negotiate.protocols.clearing.posted import Uniform, myerson_optimal
from negotiate.protocols.clearing.sealed import all_pay, first_price, second_price
from negotiate.protocols.clearing.units import uniform_price
from negotiate.protocols.continuous import ContinuousMarket, OpenMarket

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from negotiate.bidder import Stake

FLOOR = ContinuousMarket(single=True)  # one order each, as in the experiments
LONG = ContinuousMarket(single=True, time_limit=500_000)  # until nobody can trade any more
DOCS = Path(__file__).resolve().parents[1] / "docs"


@dataclass(frozen=True)
class Fact:
    """A formula and what the simulation gave.

    Attributes:
        name: in words.
        formula: as text.
        expected: its value.
        found: mean of the simulation.
        error: its standard error.
        source: of the formula.
    """

    name: str
    formula: str
    expected: float
    found: float
    error: float
    source: str

    @property
    def off(self) -> float:
        """The distance in standard errors."""
        return abs(self.found - self.expected) / self.error if self.error else 0.0


def mean(found: Sequence[float]) -> tuple[float, float]:
    """Mean and standard error; of a single exact figure 0."""
    if len(found) == 1:
        return found[0], 0.0
    return fmean(found), stdev(found) / sqrt(len(found))


def revenue_first(n: int, times: int = DRAWS, reserve: float = 0.0) -> list[float]:
    """First price, with the equilibrium bids ``(n-1)v/n + r**n / (n v**(n-1))``."""
    floor = int(reserve * ONE)

    def bid(value: int) -> int:
        more = 0 if not floor else floor**n // (n * value ** (n - 1))
        return value * (n - 1) // n + more

    return [
        price(first_price([(b, bid(v)) for b, v in row if v >= max(floor, 1)], floor))
        for row in draws(f"first {n} {reserve}", n, times)
    ]


def revenue_second(n: int, times: int = DRAWS, reserve: float = 0.0) -> list[float]:
    """Second price, with truthful bids."""
    floor = int(reserve * ONE)
    return [price(second_price(row, floor)) for row in draws(f"second {n} {reserve}", n, times)]


def revenue_all_pay(n: int, times: int = DRAWS) -> list[float]:
    """All-pay, with the equilibrium bids ``(n-1) v**n / n``."""

    def bid(value: int) -> int:
        return value**n * (n - 1) // (n * ONE ** (n - 1))

    return [
        sum(float(due) for due in all_pay([(b, bid(v)) for b, v in row])[1].values()) / ONE
        for row in draws(f"all-pay {n}", n, times)
    ]


def revenue_unequal(times: int = DRAWS) -> list[float]:
    """The optimal auction, to one bidder on [0, 1] and one on [0, 2]."""
    return [
        price(myerson_optimal([Uniform(a, x, 0, ONE), Uniform(b, 2 * y, 0, 2 * ONE)]))
        for (a, x), (b, y) in draws("unequal", 2, times)
    ]


def mcafee_shares(count: int, times: int = 1000) -> list[float]:
    """The share of the possible gains, with ``count`` truthful traders on either side."""
    shares: list[float] = []
    for row in draws(f"mcafee {count}", 2 * count, times):
        buyers, sellers = row[:count], row[count:]
        sides, worth = Sides.of(buyers, sellers), dict(row)
        k, found = sides.trades, mcafee(sides)
        best = sum(int(sides.buyers[i][1]) - int(sides.sellers[i][1]) for i in range(k))
        if found is not None and best:
            kept = sum(worth[b] for b in found.buyers) - sum(worth[s] for s in found.sellers)
            shares.append(kept / best)
    return shares


def reduced(times: int = DRAWS) -> list[float]:
    """Uniform price, two units, two truthful bidders with flat demand."""
    return [
        2 * float(uniform_price([(b, [v, v]) for b, v in row], 2).price or 0) / ONE
        for row in draws("demand", 2, times)
    ]


def days(
    trader: str, market: Market, number: int, run: int, rules: ContinuousMarket = FLOOR
) -> tuple[list[float], list[float]]:
    """Efficiency and Smith's alpha of each day of a market, the same traders on all of them."""
    drawn = market.draw(lambda *names: Random(f"{run} {names}"))
    stakes = stakes_of(drawn)
    seats = [(f"{n}", registry.bidder(trader).make()) for n in range(len(stakes))]
    values = [stake.values[0] for stake in stakes if stake.side == "buy"]
    costs = [stake.values[0] for stake in stakes if stake.side == "sell"]
    even = equilibrium(values, costs)
    best = sum(
        v - c for v, c in zip(sorted(values)[::-1], sorted(costs), strict=False) if v > c
    )
    found: tuple[list[float], list[float]] = [], []
    for day in range(number):
        seed = int.from_bytes(f"{trader} {market.name} {run} {day}".encode()) % 2**64
        host = hold(rules, market.domain, seats, stakes, seed=seed, bounds=market.bounds)
        state, result = host.negotiation, host.negotiation.result
        units = getattr(result, "units", (0,) * len(stakes))
        kept = sum(_gained(stake, got) for stake, got in zip(stakes, units, strict=True))
        found[0].append(kept / best)
        trades = state.trades if isinstance(state, OpenMarket) else []
        prices = [Fraction(trade.price) for trade in trades for _ in range(trade.qty)]
        found[1].append(smith_alpha(prices, even.price or 1) or 0.0)
    return found


def _gained(stake: Stake, units: int) -> int:
    return stake.worth(units) if units > 0 else -stake.worth(-units)


PIT = Market("facts", Schedule(line(325, 75, 11), line(75, 325, 11), twins=1), 22)


def facts() -> Iterator[Fact]:
    """All facts with a formula."""
    krishna, myerson = "Krishna (2010), ch. 2, 3", "Myerson (1981)"
    for n in (2, 5):
        for rule, play in (
            ("first price", revenue_first),
            ("second price", revenue_second),
            ("all-pay", revenue_all_pay),
        ):
            yield Fact(
                f"revenue at {rule}, n = {n}", "(n-1)/(n+1)", (n - 1) / (n + 1),
                *mean(play(n)), krishna,
            )  # fmt: skip
    for n in (2, 3):
        yield Fact(
            f"revenue at the best reserve, 1/2, n = {n}", "(n-1)/(n+1) + 2^-n/(n+1)",
            (n - 1) / (n + 1) + 2**-n / (n + 1), *mean(revenue_second(n, reserve=0.5)), myerson,
        )  # fmt: skip
    yield Fact(
        "first price with reserve 1/2, n = 3", "17/32", 17 / 32,
        *mean(revenue_first(3, reserve=0.5)), "Riley & Samuelson (1981)",
    )  # fmt: skip
    yield Fact(
        "optimal auction, [0, 1] against [0, 2]", "31/48", 31 / 48,
        *mean(revenue_unequal(2 * DRAWS)), myerson,
    )  # fmt: skip
    traded, gains, _ = bilateral(Fraction(1, 2))
    cs = "Chatterjee & Samuelson (1983)"
    yield Fact("bilateral trade, k = 1/2: share that trades", "9/32", 9 / 32, *mean(traded), cs)
    yield Fact("bilateral trade, k = 1/2: gains", "9/64", 9 / 64, *mean(gains), cs)
    yield Fact(
        "two units, uniform price, truthful: revenue", "2/3", 2 / 3, *mean(reduced()),
        "Ausubel & Cramton (2002)",
    )  # fmt: skip
    for name, formula, expected, found, source in more():
        yield Fact(name, formula, expected, *mean(found), source)


# The page

Line = tuple[str, list[tuple[float, float]]]
_WIDTH, _LEFT, _TOP, _ACROSS, _UP = 460, 56, 12, 390, 240
_STYLE = (DOCS.parent / "negotiate/arena/report/assets/chart.css").read_text("utf-8")


def chart(
    label: str, axes: tuple[str, str], lines: Sequence[Line], dots: Sequence[Line]
) -> str:
    """A picture with lines of theory and dots of simulation."""
    points = [point for _, found in (*lines, *dots) for point in found]
    low, high = around([x for x, _ in points])
    scaled = Frame(
        Scale(low, high, _LEFT, _LEFT + _ACROSS),
        Scale(*around([y for _, y in points]), _TOP + _UP, _TOP),
        *axes,
    )
    entries = [(stroke(f"own p{n}", 0, 0), name) for n, (name, _) in enumerate(lines)]
    entries += [(mark(n, 0, 0, 3.4), name) for n, (name, _) in enumerate(dots)]
    drawn = [
        polyline([scaled.at(p) for p in found], f"own p{n}")
        for n, (_, found) in enumerate(lines)
    ]
    drawn += [
        group(*(mark(n, *scaled.at(p)) for p in found)) for n, (_, found) in enumerate(dots)
    ]
    bottom = _TOP + _UP + 60
    made = picture(
        _WIDTH, bottom + 22, label, frame(scaled), *drawn,
        legend(entries, _LEFT, bottom, _LEFT + _ACROSS),
    )  # fmt: skip
    style = Markup(f"<style>{_STYLE}</style>")
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" width="{_WIDTH}"'
    alone = made.replace('<svg class="chart"', head, 1)
    return alone.replace(">", f">{style}", 1) + "\n"


def reserve_picture() -> str:
    """Revenue by the reserve, for two and three bidders."""

    def theory(n: int, r: float) -> float:
        return (n - 1) / (n + 1) + r**n - 2 * n * r ** (n + 1) / (n + 1)

    lines: list[Line] = [
        (f"formula, n = {n}", [(r / 40, theory(n, r / 40)) for r in range(41)]) for n in (2, 3)
    ]
    dots: list[Line] = [
        (f"simulated, n = {n}", [(r / 10, fmean(revenue_second(n, 4000, r / 10))) for r in range(11)])
        for n in (2, 3)
    ]  # fmt: skip
    return chart("Revenue by the reserve", ("reserve", "revenue"), lines, dots)


def alphas(trader: str, runs: int = 10, number: int = 10) -> list[float]:
    """Mean of Smith's alpha on each day."""
    found = [days(trader, PIT, number, run)[1] for run in range(runs)]
    return [fmean(day) for day in zip(*found, strict=True)]


def alpha_picture(by_day: Sequence[tuple[str, list[float]]]) -> str:
    """Convergence of prices, by day."""
    dots: list[Line] = [
        (name, [(float(day), alpha) for day, alpha in enumerate(found, 1)])
        for name, found in by_day
    ]
    return chart("Smith's alpha by day", ("day", "alpha, per cent"), [], dots)


def efficiencies(
    trader: str, names: Sequence[str], runs: int = 60
) -> list[tuple[str, float, float]]:
    """Mean efficiency and its standard error, on bundled markets."""
    return [
        (name, *mean([days(trader, load_market(name), 1, n, LONG)[0][0] for n in range(runs)]))
        for name in names
    ]


PAGE = """# Facts of auction theory

Each row is a formula and what the library's own rules gave on seeded random values: the mean and its standard error.
`python -m benchmarks.facts` makes this page anew, to the byte. Values are uniform on [0, 1].

| fact | formula | expected | simulated | off by | source |
|---|---|---|---|---|---|
{rows}

"Off by" is in standard errors; one row in twenty is expected beyond 2.

## The best reserve does not depend on the number of bidders

![Revenue by the reserve](../images/fact-reserve.svg)

Revenue with a reserve r is (n-1)/(n+1) + r^n - 2n r^(n+1)/(n+1); its best r is 1/2 for every n (Myerson 1981). One more
bidder is worth more than the best reserve (Bulow & Klemperer 1996): 1/2 with three bidders and none, 5/12 with two.

## Trade that should take place and does not

In the linear equilibrium of the bilateral double auction the gains are {share:.4f} of the possible ones, where the
formula says 27/32 = 0.84375 (Chatterjee & Samuelson 1983). McAfee's rule is honest and loses at most one trade of k:
with m traders on either side it keeps {mcafee} (McAfee 1992).

## Markets of traders without intelligence

Traders that quote at random within their limits (ZI-C) realise nearly all gains from trade (Gode & Sunder 1993);
without the limit (ZI-U) they do not. Means over 60 sessions of a continuous double auction, with standard errors, where
every trader is asked 500 times:

| market | ZI-C | ZI-U |
|---|---|---|
{markets}

Sessions must be long enough: asked 60 times, ZI-C reaches 0.964 on the symmetric market, asked 180 times 0.971, and
more changes nothing. What is missing then is not lost to time but to units beyond the margin that trade in place of
better ones, so it depends on the market: where the traders have three units each it is above 0.97 by three standard
errors, and that is asserted. Prices are not at the equilibrium on average unless supply and demand are symmetric (Cliff
& Bruten 1997). The order of AA, GDX and ZIP among themselves depends on the market (De Luca & Cliff 2011; Snashall &
Cliff 2019); what is asserted is below.

## Prices converge where traders learn

![Smith's alpha by day](../images/fact-alpha.svg)

Eleven buyers and eleven sellers, each with one unit a day, ten runs. ZIP (Cliff & Bruten 1997) goes from
{first:.1f} % on the first day to {last:.1f} % on the tenth; ZI-C does not learn, and stays where it was.

## Where each fact is asserted

Within three standard errors on seeded draws, or exactly; best responses, grids and McAfee's means within a tolerance
that the test states. The tests lie under `tests`.

| fact | test |
|---|---|
{asserted}
"""


def page() -> dict[str, str]:
    """The files, by their path under ``docs``."""
    rows = "\n".join(
        f"| {f.name} | {f.formula} | {f.expected:.5f} | {f.found:.5f} ± {f.error:.5f} | {f.off:.1f} | {f.source} |"
        for f in facts()
    )
    _, gains, best = bilateral(Fraction(1, 2))
    kept = ", ".join(f"{fmean(mcafee_shares(m)):.3f} for m = {m}" for m in (5, 10, 50))
    names = ("symmetric-market", "steep-supply", "two-sided-uniform")
    pairs = zip(efficiencies("zic", names), efficiencies("ziu", names), strict=True)
    markets = "\n".join(
        f"| {a} | {m:.3f} ± {e:.3f} | {m2:.3f} ± {e2:.3f} |" for (a, m, e), (_, m2, e2) in pairs
    )
    zip_, zic = alphas("zip"), alphas("zic")
    asserted = "\n".join(f"| {fact} | `{file}`: `{test}` |" for fact, file, test in ASSERTED)
    text = PAGE.format(
        asserted=asserted,
        rows=rows, share=sum(gains) / sum(best), mcafee=kept, markets=markets,
        first=zip_[0], last=zip_[-1],
    )  # fmt: skip
    return {
        "explanation/auction-facts.md": text,
        "images/fact-reserve.svg": reserve_picture(),
        "images/fact-alpha.svg": alpha_picture([("ZIP", zip_), ("ZI-C", zic)]),
    }


def main() -> None:
    """Write the page and its pictures."""
    for name, text in page().items():
        (DOCS / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main()
