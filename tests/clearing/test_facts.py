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
    assert stdev(first) ** 2 == pytest.approx(
        (n - 1) ** 2 / (n * (n + 1) ** 2 * (n + 2)), rel=0.06
    )
    assert stdev(second) ** 2 == pytest.approx(2 * (n - 1) / ((n + 1) ** 2 * (n + 2)), rel=0.06)


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("reserve", [0.25, 0.5, 0.75])
def test_revenue_with_a_reserve(n: int, reserve: float) -> None:
    rows, floor = draws(f"reserve {n} {reserve}", n), int(reserve * ONE)
    expected = (n - 1) / (n + 1) + reserve**n - 2 * n * reserve ** (n + 1) / (n + 1)
    assert_mean([price(second_price(row, floor)) for row in rows], expected)


def test_one_more_bidder_is_worth_more_than_the_best_reserve() -> None:
    for n in (1, 2, 3):
        optimal = fmean(price(second_price(row, ONE // 2)) for row in draws(f"bk {n}", n))
        assert fmean(price(second_price(row)) for row in draws(f"bk+ {n}", n + 1)) > optimal


def test_asymmetric_optimal_auction_earns_31_48ths() -> None:
    found = []
    for (a, x), (b, y) in draws("asymmetric", 2, 3 * DRAWS):
        sale = myerson_optimal([Uniform(a, x, 0, ONE), Uniform(b, 2 * y, 0, 2 * ONE)])
        found.append(price(sale))
    assert_mean(found, 31 / 48)


def test_grids_cost_half_a_step() -> None:
    rows, step = draws("grid", 2), ONE // 10
    halves = [[(b, v // 2) for b, v in row] for row in rows]
    falling = [price(dutch(row, ONE, step)) - price(first_price(row)) for row in halves]
    rising = [price(japanese(row, 0, step)) - price(second_price(row)) for row in rows]
    assert fmean(falling) == pytest.approx(-0.05, abs=0.1)
    assert fmean(rising) == pytest.approx(0.05, abs=0.1)


def test_bilateral_double_auction_reaches_27_32nds() -> None:
    random = Random("chatterjee")
    traded, gains, best = [], [], []
    for _ in range(3 * DRAWS):
        v, c = random.randrange(ONE + 1), random.randrange(ONE + 1)
        bid, ask = 2 * v // 3 + ONE // 12, 2 * c // 3 + ONE // 4
        found = k_double_auction(Sides.of([("b", bid)], [("s", ask)]), Fraction(1, 2))
        traded.append(float(found is not None))
        gains.append((v - c) / ONE if found else 0.0)
        best.append(max(0, v - c) / ONE)
    assert_mean(traded, 9 / 32)
    assert_mean(gains, 9 / 64)
    assert fmean(gains) / fmean(best) == pytest.approx(27 / 32, abs=0.02)


def test_mcafee_loses_one_trade_in_k_at_most() -> None:
    random = Random("mcafee")
    shares = []
    for _ in range(1500):
        buyers = [(f"b{n}", random.randrange(ONE)) for n in range(10)]
        sellers = [(f"s{n}", random.randrange(ONE)) for n in range(10)]
        sides = Sides.of(buyers, sellers)
        worth, k = {**dict(buyers), **dict(sellers)}, sides.trades
        found = mcafee(sides)
        if found is None:
            continue
        first_best = sum(
            b[1] - s[1] for b, s in zip(sides.buyers[:k], sides.sellers[:k], strict=True)
        )
        kept = sum(worth[b] for b in found.buyers) - sum(worth[s] for s in found.sellers)
        assert kept * k >= first_best * (k - 1)
        shares.append(kept / first_best if first_best else 1.0)
    assert fmean(shares) == pytest.approx(0.982, abs=0.006)


def test_finite_bargaining_tends_to_the_endless_one() -> None:
    d1, d2 = Fraction(9, 10), Fraction(4, 5)
    assert float(rubinstein_finite(d1, d2, 2001)) == pytest.approx(
        float(rubinstein(d1, d2)), abs=1e-5
    )
    assert [rubinstein_finite(d1, d1, t) for t in (1, 2, 3)] == [1, 1 - d1, 1 - d1 + d1**2]


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
