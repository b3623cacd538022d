"""More facts of auction theory for the page of :mod:`benchmarks.facts`, and where each fact is asserted by a test."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING

from negotiate.protocols.clearing.clocks import dutch, japanese
from negotiate.protocols.clearing.exchange import Sides, k_double_auction
from negotiate.protocols.clearing.positions import Ad, gsp, vcg_position
from negotiate.protocols.clearing.sealed import first_price, second_price
from negotiate.protocols.clearing.splits import rubinstein, rubinstein_finite
from negotiate.strategies.bidding.equilibrium import Rivals, first_price_bid

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ONE = 10**6
DRAWS = 20_000

Row = tuple[str, str, float, "Sequence[float]", str]
"""Name, formula, expected value, simulated values (one if it is exact), source."""


def draws(seed: str, count: int, times: int = DRAWS) -> Iterator[list[tuple[str, int]]]:
    """Values of ``count`` bidders, ``times`` times."""
    random = Random(seed)
    names = [str(n) for n in range(count)]
    for _ in range(times):
        yield [(name, random.randrange(ONE + 1)) for name in names]


def price(sale: object) -> float:
    """The price of a sale; 0 without one."""
    return 0.0 if sale is None else float(getattr(sale, "price", 0)) / ONE


def bilateral(
    k: Fraction, times: int = 2 * DRAWS
) -> tuple[list[float], list[float], list[float]]:
    """One buyer and one seller in the linear equilibrium at weight k: traded, gains, possible gains."""
    traded: list[float] = []
    gains: list[float] = []
    best: list[float] = []
    for (_, v), (_, c) in draws(
        "bilateral" if k == Fraction(1, 2) else f"bilateral {k}", 2, times
    ):
        bid = Fraction(v) / (1 + k) + ONE * k * (1 - k) / (2 * (1 + k))
        ask = Fraction(c) / (2 - k) + ONE * (1 - k) / 2
        found = k_double_auction(Sides.of([("b", bid)], [("s", ask)]), k)
        traded.append(float(found is not None))
        gains.append((v - c) / ONE if found else 0.0)
        best.append(max(0, v - c) / ONE)
    return traded, gains, best


def more() -> Iterator[Row]:
    """The rows that follow those on revenue."""
    yield from _revenue()
    yield from _bids()
    yield from _grids()
    yield from _bargains()


def _revenue() -> Iterator[Row]:
    krishna, n = "Krishna (2010), 2.4", 3
    rows = list(draws("variance", n))
    first = [price(first_price([(b, v * 2 // 3) for b, v in row])) for row in rows]
    second = [price(second_price(row)) for row in rows]
    for name, formula, found, expected in (
        ("first", "(n-1)^2/(n(n+1)^2(n+2))", first, 4 / 240),
        ("second", "2(n-1)/((n+1)^2(n+2))", second, 4 / 80),
    ):
        squares = [(one - 1 / 2) ** 2 for one in found]
        yield f"variance of revenue at {name} price, n = 3", formula, expected, squares, krishna
    for n in (1, 2, 3):
        rows = list(draws(f"one more {n}", n + 1))
        gap = [
            price(second_price(row)) - price(second_price(row[:n], ONE // 2)) for row in rows
        ]
        expected = n / (n + 2) - ((n - 1) / (n + 1) + 2**-n / (n + 1))
        yield (
            f"one more bidder against the best reserve, n = {n}", "n/(n+2) - R*", expected, gap,
            "Bulow & Klemperer (1996)",
        )  # fmt: skip
    plain = [price(second_price([(a, x), (b, 2 * y)])) for (a, x), (b, y) in draws("plain", 2)]
    yield "second price, [0, 1] against [0, 2]", "5/12", 5 / 12, plain, "Krishna (2010), 4.3"


def _bids() -> Iterator[Row]:
    n, value = 3, 0.8
    rivals = Rivals(lambda x: min(max(x, 0.0), 1.0), n)
    bid = first_price_bid(value, rivals) or 0.0
    others = [max(v for _, v in row) / ONE for row in draws("interim", n - 1)]
    for name, found in (
        ("first", [bid if other < value else 0.0 for other in others]),
        ("second", [other if other < value else 0.0 for other in others]),
    ):
        yield (
            f"what a value of 0.8 expects to pay at {name} price, n = 3", "(n-1) v^n / n",
            (n - 1) * value**n / n, found, "Krishna (2010), 2.3",
        )  # fmt: skip
    best = [max(v for _, v in row) / ONE for row in draws("averse", n, 2000)]
    paid = [first_price_bid(v, rivals, risk=0.5) or 0.0 for v in best]
    yield (
        "revenue from bidders of utility x^(1/2), n = 3", "(n-1)/(n-1+rho) n/(n+1)",
        2 / 2.5 * 3 / 4, paid, "Krishna (2010), 4.1",
    )  # fmt: skip


def _grids() -> Iterator[Row]:
    rows, steps = list(draws("grid", 2, 3000)), 100
    halves = [[(b, v // 2) for b, v in row] for row in rows]
    falling = [
        (price(dutch(row, ONE, ONE // steps)) - price(first_price(row))) * steps
        for row in halves
    ]
    rising = [
        (price(japanese(row, 0, ONE // steps)) - price(second_price(row))) * steps
        for row in rows
    ]
    source = "rounding to the clock"
    yield "Dutch less first price, in steps of 0.01", "-1/2", -1 / 2, falling, source
    # Where both leave at one tick, which happens with chance d, the price is the one before.
    expected = 1 / 2 - 5 / 6 / steps
    yield "English clock less second price, in steps", "1/2 - 5d/6", expected, rising, source


def _bargains() -> Iterator[Row]:
    cs = "Chatterjee & Samuelson (1983)"
    for k, gains in (
        (Fraction(0), 1 / 8),
        (Fraction(1, 4), 0.8203125 / 6),
        (Fraction(1), 1 / 8),
    ):
        formula = "1/8" if k != Fraction(1, 4) else "105/768"
        yield f"bilateral trade, k = {k}: gains", formula, gains, bilateral(k)[1], cs
    d1, d2 = Fraction(9, 10), Fraction(4, 5)
    yield (
        "Rubinstein's split, 0.9 and 0.8, in 2001 rounds", "(1-d2)/(1-d1 d2)",
        float(rubinstein(d1, d2)), [float(rubinstein_finite(d1, d2, 2001))], "Rubinstein (1982)",
    )  # fmt: skip
    delay = Fraction(1, 10**6)
    split = float(rubinstein(1 - delay, 1 - 2 * delay))
    yield (
        "the same without delay, rates 1 and 2", "r2/(r1+r2)", 2 / 3, [round(split, 5)],
        "Binmore, Rubinstein & Wolinsky (1986)",
    )  # fmt: skip
    ads = [Ad("1", 10), Ad("2", 4), Ad("3", 2)]
    vcg = [float(slot.payment) for slot in vcg_position(ads, [200, 100])]
    envy_free = [ads[0], Ad("2", Fraction(int(vcg[0]), 200)), ads[2]]
    paid = [float(slot.payment) for slot in gsp(envy_free, [200, 100])]
    for place, (one, due) in enumerate(zip(paid, vcg, strict=True), 1):
        yield (
            f"lowest envy-free GSP, position {place}", "its VCG payment", due, [one],
            "Edelman, Ostrovsky & Schwarz (2007)",
        )  # fmt: skip


FORMS = "arena/auctions/test_forms.py"
CLEARING, BIDDERS, TRADERS = (
    "clearing/test_facts.py", "strategies/test_auction_facts.py", "strategies/test_trader_facts.py"
)  # fmt: skip

ASSERTED: tuple[tuple[str, str, str], ...] = (
    ("revenue equivalence, by the rules", CLEARING, "test_revenue_equivalence"),
    ("revenue equivalence, by bidders in the protocols", BIDDERS, "test_every_standard_auction_earns_the_same"),
    ("variance of revenue", CLEARING, "test_revenue_varies_less_at_first_price"),
    ("best response at first price", BIDDERS, "test_the_equilibrium_bid_is_the_best_answer"),
    ("interim payment", BIDDERS, "test_what_a_value_expects_to_pay_does_not_depend_on_the_rule"),
    ("revenue with a reserve, the best reserve", CLEARING, "test_revenue_with_a_reserve"),
    ("first price with a reserve", BIDDERS, "test_a_reserve_of_a_half_earns_what_theory_says"),
    ("one more bidder (Bulow & Klemperer)", CLEARING, "test_one_more_bidder_is_worth_more_than_the_best_reserve"),
    ("asymmetric optimal auction", CLEARING, "test_asymmetric_optimal_auction_earns_31_48ths"),
    ("risk-averse bidders: revenue", BIDDERS, "test_risk_averse_bidders_pay_more_at_first_price"),
    ("risk-averse bidders: best response", BIDDERS, "test_the_best_answer_of_the_risk_averse_is_to_bid_more"),
    ("Dutch and English on a grid, within the step", CLEARING, "test_grids_cost_half_a_step"),
    ("bilateral trade at k = 0, 1/4, 1/2, 1", CLEARING, "test_bilateral_double_auctions_reach_what_theory_says"),
    ("bilateral trade by bidders in the protocol", BIDDERS, "test_the_linear_equilibrium_trades_in_the_protocol"),
    ("bilateral trade: best response", BIDDERS, "test_the_best_answer_in_the_bilateral_double_auction"),
    ("McAfee: 1 - 1/k in every instance, and the means", CLEARING, "test_mcafee_loses_one_trade_in_k_at_most"),
    ("Rubinstein, finite and endless", CLEARING, "test_finite_bargaining_tends_to_the_endless_one"),
    ("Rubinstein without delay", CLEARING, "test_bargaining_without_delay_tends_to_the_rates_of_impatience"),
    ("GSP and VCG positions", CLEARING, "test_the_lowest_envy_free_positions_pay_vcg"),
    ("demand reduction, by the rules", CLEARING, "test_demand_reduction_takes_all_revenue"),
    ("demand reduction, by bidders", BIDDERS, "test_reduced_demand_leaves_the_seller_nothing"),
    ("first and second score leave the buyer the same", FORMS, "test_first_and_second_score_leave_the_buyer_the_same"),
    ("ZI-C above 0.97 in a symmetric market", TRADERS, "test_zero_intelligence_is_nearly_efficient_and_never_loses"),
    ("ZI-U below ZI-C", TRADERS, "test_without_its_constraint_zero_intelligence_gains_less"),
    ("ZIP: Smith's alpha falls, below 3 % from day 6 on", TRADERS, "test_prices_of_zip_converge_by_the_day"),
    ("ZIP: efficiency above 0.99", TRADERS, "test_markets_of_zip_become_efficient"),
    ("ZIP, AA and GDX each beat ZI-C", TRADERS, "test_traders_that_learn_beat_zero_intelligence"),
    ("GDX at least equals ZIP", TRADERS, "test_gdx_gains_at_least_as_much_as_zip"),
)  # fmt: skip
"""Each fact, and the test that asserts it; below ``tests``."""
