"""What theory says of every auction and market, on random bids."""

# pyright: reportOptionalMemberAccess=false, reportOptionalIterable=false, reportArgumentType=false, reportOptionalSubscript=false, reportCallIssue=false
from __future__ import annotations

from fractions import Fraction
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.protocols.clearing import clear
from negotiate.protocols.clearing.amounts import decimal_text, exact
from negotiate.protocols.clearing.assignment import dgs_ascending
from negotiate.protocols.clearing.clinching import clinching
from negotiate.protocols.clearing.clocks import dutch, japanese
from negotiate.protocols.clearing.combinatorial import Atom, Market, vcg_combinatorial
from negotiate.protocols.clearing.english import proxy
from negotiate.protocols.clearing.exchange import (
    Sides,
    k_double_auction,
    mcafee,
    sbba,
    trade_reduction,
    vcg_double_auction,
)
from negotiate.protocols.clearing.greedy import Single, los_greedy
from negotiate.protocols.clearing.paths import Edge, path_vcg
from negotiate.protocols.clearing.positions import Ad, gsp, vcg_position
from negotiate.protocols.clearing.sealed import all_pay, first_price, second_price, third_price
from negotiate.protocols.clearing.units import discriminatory, uniform_price, vickrey

NAMES = "ABCDEFG"
money = st.integers(0, 12)
bids = st.lists(money, max_size=6).map(lambda amounts: list(zip(NAMES, amounts, strict=False)))
some_bids = st.lists(money, min_size=1, max_size=6).map(
    lambda a: list(zip(NAMES, a, strict=False))
)
demand = st.lists(
    st.lists(money, max_size=4).map(lambda a: sorted(a, reverse=True)), min_size=1, max_size=4
).map(lambda rows: list(zip(NAMES, rows, strict=False)))
settings.register_profile("clearing", max_examples=150, deadline=None)
settings.load_profile("clearing")


@given(bids, st.none() | money)
def test_second_price_is_the_best_of_the_others(bids, reserve) -> None:
    sale = second_price(bids, reserve)
    valid = sorted((a for _, a in bids if reserve is None or a >= reserve), reverse=True)
    assert (sale is None) == (not valid)
    if sale is not None:
        assert sale.price == max([*valid[1:2], reserve or 0])
        assert sale.winner == next(b for b, a in bids if a == valid[0])
        assert first_price(bids, reserve) == (sale.winner, valid[0])
        assert third_price(bids, reserve) == (sale.winner, max([*valid[2:3], reserve or 0]))


@given(some_bids, st.none() | money)
def test_reverse_is_forward_with_the_sign_turned(bids, ceiling) -> None:
    turned = [(bidder, 12 - amount) for bidder, amount in bids]
    back = second_price(turned, None if ceiling is None else 12 - ceiling)
    sale = second_price(bids, ceiling, reverse=True)
    assert (sale is None) == (back is None)
    if sale is not None and (ceiling is not None or len(bids) > 1):
        assert (sale.winner, sale.price) == (back.winner, 12 - back.price)
    elif sale is not None:
        assert sale.price == bids[0][1]


@given(some_bids, st.integers(1, 9))
def test_the_winner_cannot_move_its_price(bids, more) -> None:
    sale = second_price(bids)
    raised = [(b, a + more if b == sale.winner else a) for b, a in bids]
    assert second_price(raised) == sale


@given(st.lists(st.tuples(st.sampled_from("AB"), money), min_size=1, max_size=8))
def test_own_bids_never_set_the_price(bids) -> None:
    sale = second_price(bids)
    rivals = [amount for bidder, amount in bids if bidder != sale.winner]
    assert sale.price == max(rivals, default=0)


@given(some_bids)
def test_one_object_is_the_same_everywhere(bids) -> None:
    sale = second_price(bids)
    rows = [(bidder, [amount]) for bidder, amount in bids]
    assert vickrey(rows, 1).payments[sale.winner] == sale.price
    assert clinching(rows, 1, 0, 1).payments[sale.winner] == sale.price
    assert japanese(bids, 0, 1, "last_common") == sale
    atoms = tuple(Atom(bidder, ("x",), amount) for bidder, amount in bids)
    if dict(bids)[sale.winner]:
        assert vcg_combinatorial(Market(atoms, {})).payments == {sale.winner: sale.price}
        values = [(bidder, {"x": amount}) for bidder, amount in bids]
        assert dgs_ascending(values) == ({sale.winner: "x"}, {"x": sale.price})


@given(demand, st.integers(1, 6))
def test_clinching_is_vickrey(rows, units) -> None:
    found, sealed = clinching(rows, units, 0, 1), vickrey(rows, units)
    positive = {b: sum(v > 0 for v in values[: found.allocation[b]]) for b, values in rows}
    assert sum(found.allocation.values()) <= units
    assert found.payments == sealed.payments
    if all(value > 0 for _, values in rows for value in values):
        assert found.allocation == sealed.allocation == positive


@given(demand, st.integers(1, 6), st.none() | money)
def test_units_go_to_the_highest_and_nobody_loses(rows, units, reserve) -> None:
    results = [rule(rows, units, reserve) for rule in (discriminatory, uniform_price, vickrey)]
    results.append(uniform_price(rows, units, reserve, "lowest_accepted"))
    valid = sorted((a for _, r in rows for a in r if a >= (reserve or 0)), reverse=True)
    for found in results:
        won = [a for b, r in rows for a in r[: found.allocation[b]]]
        assert sorted(won, reverse=True) == valid[:units]
        for bidder, row in rows:
            count = found.allocation[bidder]
            assert count * (reserve or 0) <= found.payments[bidder] <= sum(row[:count])


@given(some_bids, st.integers(1, 4), money)
def test_a_finer_japanese_clock_never_sells_below_the_second(bids, step, start) -> None:
    sale = japanese(bids, start, step)
    if sale is None:
        assert all(limit < start for _, limit in bids)
        return
    assert start <= sale.price <= dict(bids)[sale.winner]
    assert (sale.price - start) % step == 0
    common = japanese(bids, start, step, "last_common")
    assert sale.price - step <= common.price <= sale.price


@given(some_bids, st.integers(1, 5), money)
def test_dutch_sells_on_the_grid_at_or_below_the_limit(bids, step, floor) -> None:
    found = dutch(bids, 12, step, floor)
    grid = [p for p in range(12, -1, -step) if p >= floor]
    takes = [(grid.index(p), n) for n, (_, a) in enumerate(bids) for p in grid if p <= a]
    if found is None:
        assert not takes
    else:
        tick, first = min(takes)
        assert found == (bids[first][0], grid[tick], tick)


@given(some_bids, st.integers(1, 5), money)
def test_proxy_price_is_between_the_second_maximum_and_the_first(maxima, step, start) -> None:
    sale = proxy(maxima, start, step)
    live = sorted((a for _, a in maxima if a >= start), reverse=True)
    assert (sale is None) == (not live)
    if sale is not None:
        assert sale.price == (min(live[0], live[1] + step) if len(live) > 1 else start)


@given(bids)
def test_all_pay_pays_all(bids) -> None:
    assert all_pay(bids)[1] == dict(bids)


@given(
    some_bids,
    st.lists(money, min_size=1, max_size=4).map(lambda c: sorted(c, reverse=True)),
    money,
)
def test_positions_never_cost_more_than_the_bid(bids, clicks, reserve) -> None:
    ads = [Ad(bidder, amount, 1 + n % 3) for n, (bidder, amount) in enumerate(bids)]
    worth = dict(bids)
    for mine, pivotal in zip(
        gsp(ads, clicks, reserve), vcg_position(ads, clicks, reserve), strict=True
    ):
        assert reserve <= mine.price_per_click <= worth[mine.bidder]
        assert mine.bidder == pivotal.bidder
        assert pivotal.payment <= mine.payment


sides = st.tuples(st.lists(money, max_size=5), st.lists(money, max_size=5)).map(
    lambda s: (list(zip("ABCDE", s[0], strict=False)), list(zip("VWXYZ", s[1], strict=False)))
)


@given(sides, st.fractions(0, 1, max_denominator=4))
def test_double_auctions(two, weight) -> None:
    ranked = Sides.of(*two)
    values = {**dict(two[0]), **dict(two[1])}
    best = max(
        (
            sum(b) - sum(s)
            for n in range(6)
            for b in [sorted(dict(two[0]).values())[-n or 9 :]]
            for s in [sorted(dict(two[1]).values())[:n]]
            if len(b) == len(s) == n
        ),
        default=0,
    )
    for rule in (
        lambda r: k_double_auction(r, weight),
        mcafee,
        trade_reduction,
        sbba,
        vcg_double_auction,
    ):
        found = rule(ranked)
        if found is None:
            assert ranked.trades == 0
            continue
        assert len(found.buyers) == len(found.sellers) >= ranked.trades - 1
        assert all(values[b] >= found.buyer_price for b in found.buyers)
        assert all(values[s] <= found.seller_price for s in found.sellers)
    if ranked.trades:
        low, high = ranked.interval
        assert low <= high
        single = k_double_auction(ranked, weight)
        assert low <= single.buyer_price == single.seller_price <= high
        gain = sum(values[b] for b in single.buyers) - sum(values[s] for s in single.sellers)
        assert gain == best
        assert mcafee(ranked).surplus >= 0 == sbba(ranked).surplus
        assert vcg_double_auction(ranked).surplus <= 0
        assert (
            mcafee(ranked).surplus <= trade_reduction(ranked).surplus
            or mcafee(ranked).surplus == 0
        )


values = st.lists(
    st.dictionaries(st.sampled_from("xyz"), money, max_size=3), min_size=1, max_size=4
).map(lambda rows: list(zip(NAMES, rows, strict=False)))


@given(values)
def test_least_equilibrium_prices_are_vcg(rows) -> None:
    found = dgs_ascending(rows)
    atoms = tuple(Atom(b, (item,), v) for b, row in rows for item, v in row.items())
    market = Market(atoms, {})
    sold = vcg_combinatorial(market)
    pairs = {atoms[place].bidder: atoms[place].items[0] for place in sold.chosen}
    assert found.assignment == pairs
    assert {b: found.prices[item] for b, item in pairs.items()} == sold.payments
    for bidder, row in rows:  # nobody would rather have something else
        own = found.assignment.get(bidder)
        gain = 0 if own is None else row[own] - found.prices[own]
        assert gain >= max([0, *(v - found.prices[i] for i, v in row.items())])
    assert all(not price for i, price in found.prices.items() if i not in pairs.values())


packages = st.lists(
    st.tuples(st.frozensets(st.sampled_from("abcd"), min_size=1), st.integers(0, 20)),
    max_size=6,
).map(lambda rows: [Single(n, items, a) for n, (items, a) in zip(NAMES, rows, strict=False)])


@given(packages, st.sampled_from([0, 1, 2]), st.integers(1, 9))
def test_greedy_payments_are_thresholds(singles, power, more) -> None:
    found = los_greedy(singles, power)
    for place, single in enumerate(singles):
        due = found.get(single.bidder)
        if due is None:
            continue
        assert due <= single.amount
        for amount, wins in ((due + Fraction(1, 1000), True), (due - Fraction(1, 1000), False)):
            changed = [*singles[:place], single._replace(amount=amount), *singles[place + 1 :]]
            assert amount < 0 or (single.bidder in los_greedy(changed, power)) is wins
        raised = [
            *singles[:place],
            single._replace(amount=single.amount + more),
            *singles[place + 1 :],
        ]
        assert los_greedy(raised, power)[single.bidder] == due


@given(
    st.lists(st.tuples(st.sampled_from("stuv"), st.sampled_from("stuv"), money), max_size=8),
    st.booleans(),
)
def test_path_is_cheapest_and_pays_the_externality(rows, directed) -> None:
    edges = [Edge(f"e{n}", *row) for n, row in enumerate(rows)]

    def cheapest(edges):
        best = None
        for size in range(min(len(edges), 3) + 1):
            for some in permutations(edges, size):
                at = "s"
                for edge in some:
                    ends = [(edge.tail, edge.head)] + (
                        [] if directed else [(edge.head, edge.tail)]
                    )
                    at = next((head for tail, head in ends if tail == at), None)
                if at == "t":
                    cost = sum(edge.cost for edge in some)
                    best = cost if best is None else min(best, cost)
        return best

    found = path_vcg(edges, "s", "t", directed=directed)
    assert (None if found is None else found.cost) == cheapest(edges)
    for edge in edges:
        if found is not None and edge.bidder in found.path:
            other = cheapest([e for e in edges if e is not edge])
            assert found.payments[edge.bidder] == (
                other if other is None else other - found.cost + edge.cost
            )


@given(st.fractions(0, 1000, max_denominator=1000))
def test_decimal_texts_read_back(value) -> None:
    text = decimal_text(value)
    assert text is None or exact(text) == value


@given(some_bids, st.integers(0, 9))
def test_ties_by_name_and_by_draw_do_not_depend_on_arrival(bids, seed) -> None:
    case = [{"bidder": b, "amount": a} for b, a in bids]
    for ties in ("lexicographic", "random"):
        params = {"ties": ties, "seed": seed}
        one = clear("second_price_sealed_bid", params, case)
        assert one == clear("second_price_sealed_bid", params, case[::-1])
