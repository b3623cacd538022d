# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false
"""What theory predicts of markets, reproduced by the clearing functions on seeded random values.

Values are integers of 10**-6. A mean must lie within three standard errors of the formula.
"""

from __future__ import annotations

from fractions import Fraction
from math import sqrt
from random import Random
from statistics import fmean, stdev

import pytest

from negotiate.protocols.clearing.clocks import dutch, japanese
from negotiate.protocols.clearing.exchange import Sides, k_double_auction, mcafee
from negotiate.protocols.clearing.positions import Ad, gsp, vcg_position
from negotiate.protocols.clearing.posted import Uniform, myerson_optimal
from negotiate.protocols.clearing.sealed import all_pay, first_price, second_price
from negotiate.protocols.clearing.splits import rubinstein, rubinstein_finite
from negotiate.protocols.clearing.units import uniform_price

ONE = 10**6
DRAWS = 8000


def draws(seed: str, count: int, times: int = DRAWS) -> list[list[tuple[str, int]]]:
    random = Random(seed)
    names = [str(n) for n in range(count)]
    return [[(name, random.randrange(ONE + 1)) for name in names] for _ in range(times)]


def assert_mean(found: list[float], expected: float) -> None:
    error = stdev(found) / sqrt(len(found))
    assert abs(fmean(found) - expected) <= 3 * error, (fmean(found), expected, error)


def assert_above(found: list[float], least: float) -> None:
    assert fmean(found) - 3 * stdev(found) / sqrt(len(found)) > least


def price(sale) -> float:
    return 0.0 if sale is None else float(sale.price) / ONE


@pytest.mark.parametrize("n", [2, 3, 5, 10])
def test_revenue_equivalence(n: int) -> None:
    values = draws(f"equivalence {n}", n)
    expected = (n - 1) / (n + 1)
    shaded = [[(b, v * (n - 1) // n) for b, v in row] for row in values]
    assert_mean([price(first_price(row)) for row in shaded], expected)
    assert_mean([price(second_price(row)) for row in values], expected)
    power = [[(b, v**n * (n - 1) // (n * ONE ** (n - 1))) for b, v in row] for row in values]
    assert_mean([float(sum(all_pay(row)[1].values())) / ONE for row in power], expected)


def test_revenue_varies_less_at_first_price() -> None:
    n, values = 3, draws("variance", 3)
    first = [price(first_price([(b, v * 2 // 3) for b, v in row])) for row in values]
    second = [price(second_price(row)) for row in values]
    for found, variance in (
        (first, (n - 1) ** 2 / (n * (n + 1) ** 2 * (n + 2))),
        (second, 2 * (n - 1) / ((n + 1) ** 2 * (n + 2))),
    ):
        assert_mean([(one - (n - 1) / (n + 1)) ** 2 for one in found], variance)


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("reserve", [0.25, 0.5, 0.75])
def test_revenue_with_a_reserve(n: int, reserve: float) -> None:
    rows, floor = draws(f"reserve {n} {reserve}", n), int(reserve * ONE)
    expected = (n - 1) / (n + 1) + reserve**n - 2 * n * reserve ** (n + 1) / (n + 1)
    assert_mean([price(second_price(row, floor)) for row in rows], expected)


@pytest.mark.parametrize(
    ("n", "optimal", "plain"), [(1, 1 / 4, 1 / 3), (2, 5 / 12, 1 / 2), (3, 0.53125, 0.6)]
)
def test_one_more_bidder_is_worth_more_than_the_best_reserve(
    n: int, optimal: float, plain: float
) -> None:
    rows = draws(f"bulow klemperer {n}", n + 1)
    more = [price(second_price(row)) for row in rows]
    best = [price(second_price(row[:n], ONE // 2)) for row in rows]
    assert_mean(more, plain)
    assert_mean(best, optimal)
    assert_above([one - other for one, other in zip(more, best, strict=True)], 0)


def test_asymmetric_optimal_auction_earns_31_48ths() -> None:
    optimal, plain = [], []
    for (a, x), (b, y) in draws("asymmetric", 2, 3 * DRAWS):
        sale = myerson_optimal([Uniform(a, x, 0, ONE), Uniform(b, 2 * y, 0, 2 * ONE)])
        optimal.append(price(sale))
        plain.append(price(second_price([(a, x), (b, 2 * y)])))
    assert_mean(optimal, 31 / 48)
    assert_mean(plain, 5 / 12)


@pytest.mark.parametrize("steps", [10, 100, 1000])
def test_grids_cost_half_a_step(steps: int) -> None:
    step, times = ONE // steps, 3000 if steps < 1000 else 300
    rows = draws(f"grid {steps}", 2, times)
    halves = [[(b, v // 2) for b, v in row] for row in rows]
    falling = [price(dutch(row, ONE, step)) - price(first_price(row)) for row in halves]
    rising = [price(japanese(row, 0, step)) - price(second_price(row)) for row in rows]
    assert fmean(falling) * steps == pytest.approx(-0.5, abs=0.1)
    assert fmean(rising) * steps == pytest.approx(0.5, abs=0.1)


def linear(k: Fraction, v: int, c: int) -> tuple[float, float, float]:
    """Whether the linear equilibrium of Chatterjee & Samuelson trades, its gain, and the most there is to gain."""
    bid = Fraction(v) / (1 + k) + ONE * k * (1 - k) / (2 * (1 + k))
    ask = Fraction(c) / (2 - k) + ONE * (1 - k) / 2
    found = k_double_auction(Sides.of([("b", bid)], [("s", ask)]), k)
    return float(found is not None), (v - c) / ONE if found else 0.0, max(0, v - c) / ONE


@pytest.mark.parametrize(
    ("k", "gains", "share"),
    [
        (0, 1 / 8, 3 / 4),
        (Fraction(1, 4), None, 0.82031),
        (Fraction(1, 2), 9 / 64, 27 / 32),
        (1, 1 / 8, 3 / 4),
    ],
)
def test_bilateral_double_auctions_reach_what_theory_says(
    k: Fraction, gains: float | None, share: float
) -> None:
    random = Random(f"chatterjee {k}")
    found = [
        linear(Fraction(k), random.randrange(ONE + 1), random.randrange(ONE + 1))
        for _ in range(DRAWS)
    ]
    assert_mean([gain - share * most for _, gain, most in found], 0)
    assert_mean([most for _, _, most in found], 1 / 6)
    if gains is not None:
        assert_mean([gain for _, gain, _ in found], gains)
    if k == Fraction(1, 2):
        assert_mean([traded for traded, _, _ in found], 9 / 32)


@pytest.mark.parametrize(
    ("m", "mean", "kept"), [(5, 0.931, 0.08), (10, 0.982, 0.065), (50, 0.9992, 0.018)]
)
def test_mcafee_loses_one_trade_in_k_at_most(m: int, mean: float, kept: float) -> None:
    random = Random(f"mcafee {m}")
    shares, reduced, surplus, total = [], [], 0.0, 0.0
    for _ in range(20_000 // m):
        buyers = [(f"b{n}", random.randrange(ONE)) for n in range(m)]
        sellers = [(f"s{n}", random.randrange(ONE)) for n in range(m)]
        sides = Sides.of(buyers, sellers)
        worth, k = {**dict(buyers), **dict(sellers)}, sides.trades
        if not k:
            continue
        pairs = zip(sides.buyers[:k], sides.sellers[:k], strict=True)
        best, found = sum(b[1] - s[1] for b, s in pairs), mcafee(sides)
        done = 0 if found is None else len(found.buyers)
        gain = 0
        if found is not None:
            gain = sum(worth[b] for b in found.buyers) - sum(worth[s] for s in found.sellers)
            surplus += done * float(found.buyer_price - found.seller_price)
        assert gain * k >= best * (k - 1)
        total += best
        shares.append(gain / best if best else 1.0)
        reduced.append(float(done < k))
    assert fmean(shares) == pytest.approx(mean, abs=0.006)
    assert 0.4 < fmean(reduced) < 0.54
    assert surplus / total == pytest.approx(kept, abs=0.015)


def test_finite_bargaining_tends_to_the_endless_one() -> None:
    d1, d2 = Fraction(9, 10), Fraction(4, 5)
    assert float(rubinstein_finite(d1, d2, 2001)) == pytest.approx(
        float(rubinstein(d1, d2)), abs=1e-5
    )
    assert [rubinstein_finite(d1, d1, t) for t in (1, 2, 3)] == [1, 1 - d1, 1 - d1 + d1**2]


def test_bargaining_without_delay_tends_to_the_rates_of_impatience() -> None:
    for r1, r2 in ((1, 2), (3, 1)):
        d1, d2 = 1 - Fraction(r1, 10**6), 1 - Fraction(r2, 10**6)
        assert float(rubinstein(d1, d2)) == pytest.approx(r2 / (r1 + r2), abs=1e-5)


def test_the_lowest_envy_free_positions_pay_vcg() -> None:
    values = [Ad("1", 10), Ad("2", 4), Ad("3", 2)]
    vcg = [slot.payment for slot in vcg_position(values, [200, 100])]
    envy_free = [values[0], Ad("2", Fraction(vcg[0], 200)), values[2]]
    assert [slot.payment for slot in gsp(envy_free, [200, 100])] == vcg == [600, 200]


def test_demand_reduction_takes_all_revenue() -> None:
    rows = draws("demand", 2)
    truthful = [uniform_price([(b, [v, v]) for b, v in row], 2).price for row in rows]
    assert_mean([2 * float(p or 0) / ONE for p in truthful], 2 / 3)
    assert all(uniform_price([(b, [v, 0]) for b, v in row], 2).price == 0 for row in rows)
