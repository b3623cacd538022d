"""Speed of clearing: an order book beside a bare one, sealed bids beside a bare pass, winner determination.

    python benchmarks/auctions.py [--repeats N]

The two sides take turns and medians are compared. The first two figures are ratios; winner determination is given
in milliseconds of this machine, since its peers are solvers that need not be installed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from negotiate.protocols.clearing.book import Book
from negotiate.protocols.clearing.sealed import second_price
from negotiate.protocols.clearing.winners import Package, determine

if TYPE_CHECKING:
    from collections.abc import Callable

EVENTS = 50_000
Event = tuple[str, str, str, int, int]
"""Order id, bidder, side (empty for a cancel), price, quantity."""


def flow(seed: int) -> list[Event]:
    """Random orders around one price, a quarter of the events cancels."""
    random = Random(seed)
    events: list[Event] = []
    orders = 0
    for _ in range(EVENTS):
        if orders and random.random() < 0.25:
            events.append((str(random.randrange(orders)), "", "", 0, 0))
            continue
        side = random.choice(("buy", "sell"))
        price = 100 + round(random.gauss(0, 10))
        events.append(
            (str(orders), f"t{random.randrange(40)}", side, price, random.randint(1, 10))
        )
        orders += 1
    return events


def ours(events: list[Event]) -> int:
    """Trades that the book of this library makes of the events."""
    book, trades = Book(), 0
    for name, bidder, side, price, qty in events:
        if side == "buy" or side == "sell":
            trades += len(book.submit(name, bidder, side, price, qty))
        else:
            book.cancel(name)
    return trades


def bare(events: list[Event]) -> int:
    """The same with two heaps and a dict, and nothing else: no records, no rules, no checks."""
    heaps: dict[str, list[tuple[int, int, list[int]]]] = {"buy": [], "sell": []}
    live: dict[str, list[int]] = {}
    trades = 0
    for number, (name, _, side, price, qty) in enumerate(events):
        if not side:
            if name in live:
                live.pop(name)[0] = 0
            continue
        sign = 1 if side == "sell" else -1
        other = heaps["buy" if side == "sell" else "sell"]
        while qty and other:
            best, _, order = other[0]
            if not order[0]:
                heappop(other)
                continue
            if sign * (-sign * best) < sign * price:
                break
            done = min(qty, order[0])
            order[0] -= done
            qty -= done
            trades += 1
        if qty:
            live[name] = rest = [qty]
            heappush(heaps[side], (sign * price, number, rest))
    return trades


def bare_second(bids: list[tuple[str, int]]) -> tuple[str, int]:
    """One pass, no reserve, no sides."""
    who, best, second = "", -1, 0
    for bidder, amount in bids:
        if amount > best:
            who, best, second = bidder, amount, max(best, 0)
        elif amount > second:
            second = amount
    return who, second


def packages(seed: int, bids: int, items: int, bidders: int) -> tuple[list[Package], list[int]]:
    """XOR bids on one to five items, worth 80 to 120 an item."""
    random = Random(seed)
    made: list[Package] = []
    for _ in range(bids):
        wants = random.sample(range(items), random.randint(1, 5))
        owner = items + random.randrange(bidders)
        amount = int(len(wants) * random.uniform(80, 120))
        made.append(Package((*((item, 1) for item in wants), (owner, 1)), amount))
    return made, [1] * (items + bidders)


def seconds(run: Callable[[], object]) -> float:
    """How long a call takes."""
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def ratio(
    left: Callable[[], object], right: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """How fast ``left`` is measured against ``right``, and the median seconds of ``left``."""
    times = [(seconds(left), seconds(right)) for _ in range(repeats)]
    mine = statistics.median(pair[0] for pair in times)
    return statistics.median(pair[1] for pair in times) / mine, mine


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5)
    repeats: int = parser.parse_args().repeats
    events = flow(1)
    assert ours(events) == bare(events)
    speed, took = ratio(lambda: ours(events), lambda: bare(events), repeats)
    print(
        f"order book / bare book: {speed:.2f} (target 0.5), {EVENTS / took:,.0f} events a second"
    )
    bids = [("a", 10), ("b", 7), ("c", 9), ("d", 3), ("e", 8)]
    many = range(100_000)
    speed, took = ratio(
        lambda: [second_price(bids) for _ in many],
        lambda: [bare_second(bids) for _ in many],
        repeats,
    )
    print(f"second price / bare pass: {speed:.2f}, {len(many) / took:,.0f} a second")
    for size, items, bidders in ((50, 10, 12), (100, 20, 25), (200, 30, 40)):
        times: list[float] = []
        for seed in range(10):
            case = packages(seed, size, items, bidders)
            times.append(seconds(lambda case=case: determine(*case)) * 1000)
        print(
            f"winners of {size} XOR bids: median {statistics.median(times):.2f} ms, worst {max(times):.1f} ms"
        )


if __name__ == "__main__":
    main()
