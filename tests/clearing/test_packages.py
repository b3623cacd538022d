"""Package auctions against brute force on thousands of small random cases."""

# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportArgumentType=false, reportOptionalSubscript=false, reportCallIssue=false
from __future__ import annotations

from fractions import Fraction
from itertools import chain, combinations
from random import Random

import numpy as np
import pytest

from negotiate.errors import LocalError
from negotiate.protocols.clearing import clear
from negotiate.protocols.clearing.combinatorial import (
    Atom,
    Market,
    combinatorial_first_price,
    vcg_combinatorial,
)
from negotiate.protocols.clearing.core import core_nearest_vcg
from negotiate.protocols.clearing.projection import least_sum, nearest
from negotiate.protocols.clearing.winners import Package, determine, greatest_value

CASES = 1500


def subsets(count):
    return chain.from_iterable(combinations(range(count), size) for size in range(count + 1))


def fits(market: Market, chosen) -> bool:
    used: dict[object, int] = {}
    for place in chosen:
        atom = market.atoms[place]
        for item in atom.items:
            key = (atom.bidder, item) if item in market.dummies else item
            used[key] = used.get(key, 0) + 1
        if market.language == "xor":
            key = ("bidder", atom.bidder)
            used[key] = used.get(key, 0) + 1
    if market.reverse:
        one_each = all(n == 1 for key, n in used.items() if isinstance(key, tuple))
        return one_each and all(used.get(i, 0) >= n for i, n in market.supply.items())
    return all(n <= market.supply.get(str(key), 1) for key, n in used.items())


def brute(market: Market):
    """Best by value, then fewest, then earliest."""
    sign = 1 if market.reverse else -1
    best = None
    for chosen in subsets(len(market.atoms)):
        if fits(market, chosen):
            total = sum(market.atoms[place].amount for place in chosen)
            key = (sign * total, len(chosen), chosen)
            best = key if best is None or key < best else best
    return None if best is None else (sign * best[0], best[2])


def random_market(
    random: Random, *, reverse: bool = False, language=None, xor_only=False
) -> Market:
    items = "abcd"[: random.randint(1, 4)]
    bidders = "PQRS"[: random.randint(1, 4)]
    language = language or random.choice(["xor", "or", "or_star"])
    dummies = frozenset({"z"}) if language == "or_star" else frozenset()
    top = random.choice([2, 5, 30])
    atoms = []
    for _ in range(random.randint(0, 7)):
        wants = random.sample(items, random.randint(1, len(items)))
        if dummies and random.random() < 0.6:
            wants.append("z")
        amount = Fraction(random.randint(0, top), random.choice([1, 1, 2]))
        atoms.append(Atom(random.choice(bidders), tuple(wants), amount))
    if reverse:
        supply = dict.fromkeys(items, 1)
        atoms = [a._replace(amount=a.amount + 1) for a in atoms]
    else:
        supply = {item: random.choice([1, 1, 1, 2, 3]) for item in items}
    return Market(tuple(atoms), supply, language, dummies, reverse)


def without(market: Market, bidder: str) -> Market:
    left = tuple(atom for atom in market.atoms if atom.bidder != bidder)
    return Market(left, market.supply, market.language, market.dummies, market.reverse)


def test_the_choice_is_the_canonical_best() -> None:
    random = Random(1)
    for _ in range(CASES):
        market = random_market(random)
        assert (market.solve().value, market.solve().chosen) == brute(market)


def test_vcg_pays_the_externality() -> None:
    random = Random(2)
    for _ in range(CASES // 2):
        market = random_market(random)
        found = vcg_combinatorial(market)
        worth = market.worth(found.chosen)
        for bidder, due in found.payments.items():
            other = brute(without(market, bidder))[0]
            assert due == other - (found.welfare - worth[bidder])
            assert due is not None
            assert 0 <= due <= worth[bidder]


def test_buying_covers_at_least_cost_and_pays_the_externality() -> None:
    random = Random(3)
    bought = 0
    for _ in range(CASES // 2):
        market = random_market(random, reverse=True, language="xor")
        expected = brute(market)
        found = vcg_combinatorial(market)
        if expected is None:
            assert found is None
            continue
        bought += 1
        assert (found.welfare, found.chosen) == expected
        for bidder, paid in found.payments.items():
            other = brute(without(market, bidder))
            own = market.worth(found.chosen)[bidder]
            assert paid == (None if other is None else other[0] - found.welfare + own)
            assert paid is None or paid >= own
    assert bought > 50


def test_first_price_pays_the_bids() -> None:
    random = Random(4)
    for _ in range(200):
        found = combinatorial_first_price(random_market(random))
        assert sum(found.payments.values()) == found.welfare


def coalition_values(market: Market) -> dict[frozenset[str], Fraction]:
    names = market.bidders
    values = {}
    for members in subsets(len(names)):
        inside = frozenset(names[i] for i in members)
        atoms = tuple(atom for atom in market.atoms if atom.bidder in inside)
        values[inside] = brute(Market(atoms, market.supply))[0]
    return values


def test_core_payments_satisfy_every_coalition_at_least_revenue() -> None:
    random = Random(5)
    for _ in range(CASES // 3):
        market = random_market(random, language="xor")
        found = core_nearest_vcg(market)
        worth = market.worth(found.chosen)
        rows, names = [], list(worth)
        for inside, value in coalition_values(market).items():
            outside = [name for name in names if name not in inside]
            kept = sum(worth[name] for name in names if name in inside)
            paid = sum(found.payments[name] for name in outside)
            assert paid >= value - kept
            vcg = sum(found.vcg[name] for name in outside)
            if value - kept - vcg > 0:
                rows.append((frozenset(names.index(n) for n in outside), value - kept - vcg))
        top = [worth[name] - found.vcg[name] for name in names]
        assert found.revenue == sum(found.vcg.values()) + (least_sum(rows, top) if names else 0)
        if names:  # and no core point of this revenue is nearer to VCG
            all_rows = nearest(rows, top, found.revenue - sum(found.vcg.values()))
            assert [found.payments[n] - found.vcg[n] for n in names] == all_rows


def test_least_sum_and_nearest_point_by_hand() -> None:
    rows = [(frozenset({0, 1}), 6), (frozenset({1, 2}), 4)]
    assert least_sum(rows, [10, 10, 10]) == 6
    assert nearest(rows, [10, 10, 10], Fraction(6)) == [2, 4, 0]


def test_the_nearest_point_when_rows_leave_the_active_set() -> None:
    rows = [(frozenset({2}), 6), (frozenset({0, 1, 2}), 10)]
    assert nearest(rows, [1, 2, 7], Fraction(10)) == [1, 2, 7]
    rows = [
        (frozenset({0, 1, 3, 4}), 1),
        (frozenset({0, 1, 3}), 2),
        (frozenset({1, 2, 3, 4}), 9),
        (frozenset({0, 1, 2, 3, 4}), 19),
        (frozenset({2}), 1),
        (frozenset({0, 1, 2, 3}), 3),
        (frozenset({1}), 6),
    ]
    half = Fraction(11, 2)
    assert nearest(rows, [6, 6, 1, 1, 9], Fraction(19)) == [half, 6, 1, 1, half]


def test_symmetric_ties_do_not_explode() -> None:
    packages = [
        Package(((item, 1), (12 + bidder, 1)), 5) for bidder in range(12) for item in range(12)
    ]
    found = determine(packages, [1] * 24)
    assert found.value == 60
    assert found.chosen == tuple(13 * place for place in range(12))


def test_a_search_that_is_cut_raises_and_never_guesses() -> None:
    random = Random(6)
    rows = [tuple((i, 1) for i in random.sample(range(30), 4)) for _ in range(200)]
    packages = [Package(uses, random.randint(95, 105)) for uses in rows]
    with pytest.raises(LocalError) as caught:
        greatest_value(packages, [1] * 30, nodes=10)
    assert caught.value.code == "too-hard"


def test_amounts_beyond_the_precision_of_floats_are_told_apart() -> None:
    packages = [
        Package(((0, 1),), 10**18),
        Package(((0, 1),), 10**18 + 1),
        Package(((1, 1),), 1),
    ]
    assert determine(packages, [1, 1]).chosen == (1, 2)


def test_the_nearest_point_is_nearest() -> None:
    random = Random(7)
    checked = 0
    for _ in range(300):
        size = random.randint(1, 4)
        top = [random.randint(1, 9) for _ in range(size)]
        rows = []
        for _ in range(random.randint(0, 5)):
            members = frozenset(random.sample(range(size), random.randint(1, size)))
            rows.append((members, random.randint(0, sum(top[i] for i in members))))
        total = least_sum(rows, top)
        point = nearest(rows, top, total)
        assert sum(point) == total
        assert all(0 <= x <= most for x, most in zip(point, top, strict=True))
        assert all(sum(point[i] for i in members) >= need for members, need in rows)
        lines = [([float(i in members) for i in range(size)], need) for members, need in rows]
        lines += [([float(i == j) for i in range(size)], 0) for j in range(size)]
        lines += [([-float(i == j) for i in range(size)], -top[j]) for j in range(size)]
        best = None
        for some in subsets(len(lines)):
            if len(some) >= size:
                continue
            matrix = np.array([[1.0] * size] + [lines[i][0] for i in some])
            wanted = np.array([float(total)] + [float(lines[i][1]) for i in some])
            x = np.linalg.pinv(matrix) @ wanted
            exact_enough = np.allclose(matrix @ x, wanted)
            if exact_enough and all(np.dot(a, x) >= need - 1e-9 for a, need in lines):
                best = min(best or 1e9, float(x @ x))
        if best is not None:
            checked += 1
            assert abs(float(sum(x * x for x in point)) - best) < 1e-6
    assert checked > 250


def test_a_seller_that_cannot_be_replaced_has_no_price() -> None:
    offers = [{"bidder": "A", "bids": [{"items": ["x"], "amount": 3}]}]
    found = clear("vcg_combinatorial", {"side": "reverse"}, offers)
    assert found == {
        "cost": 3,
        "allocation": {"A": ["x"]},
        "payments": {"A": None},
        "revenue": None,
    }
    wanted = {"side": "reverse", "items": ["x", "y"]}
    assert clear("vcg_combinatorial", wanted, offers) == {"allocation": None}


def test_greedy_with_a_root() -> None:
    bids = [
        {"bidder": "Red", "items": ["a"], "amount": 10},
        {"bidder": "Green", "items": ["a", "b"], "amount": 19},
        {"bidder": "Blue", "items": ["b"], "amount": 8},
    ]
    found = clear("los_greedy", {"exponent": "1/2"}, bids)
    assert found == {"winners": ["Green"], "payments": {"Green": 14.1421}}
    assert clear("los_greedy", {"exponent": 0.5}, bids) == found
    four = [
        {"bidder": "P", "items": list("abcd"), "amount": 30},
        {"bidder": "Q", "items": ["a"], "amount": 7},
    ]
    assert clear("los_greedy", {"exponent": "0.5"}, four)["payments"] == {"P": 14}
    assert clear("los_greedy", {"exponent": "1/3"}, four)["payments"] == {"P": 11.1118}


def test_a_pie_too_small_leaves_both_where_they_are() -> None:
    assert clear("nash_split", {"pie": 10, "d1": 8, "d2": "4.50"}, []) == {
        "u1": 8,
        "u2": "4.50",
    }
