"""Speed of auctions and markets, beside bare loops, other packages and solvers, in one run.

    python benchmarks/auctions.py [--peer-python PATH] [--bse FOLDER] [--repeats N]

The two sides take turns and medians are compared. Figures beside peers need their environment (`make markets`
makes it); the Bristol Stock Exchange is in no package index, so its figure needs the folder of its BSE.py. What is not
there gives no figure.
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

from benchmarks.peer import Peer
from negotiate.bidder import Stake
from negotiate.domain import Domain, Money
from negotiate.errors import IllegalMove
from negotiate.host import hold
from negotiate.moves import Cancel, Order
from negotiate.protocols.clearing.book import Book
from negotiate.protocols.clearing.sealed import second_price
from negotiate.protocols.clearing.winners import Package, determine
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.strategies.trading.zip import ZeroIntelligencePlus

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


def volume(events: list[Event]) -> int:
    """Quantity that our book trades, to compare with the peers'."""
    book, done = Book(), 0
    for name, bidder, side, price, qty in events:
        if side == "buy" or side == "sell":
            done += sum(trade.qty for trade in book.submit(name, bidder, side, price, qty))
        else:
            book.cancel(name)
    return done


Moves = list[tuple[int, Order | Cancel]]


def as_moves(events: list[Event]) -> Moves:
    """The events as moves of parties; a cancel comes from who sent the order."""
    owners: dict[str, int] = {}
    moves: Moves = []
    for name, bidder, side, price, qty in events:
        if side == "buy" or side == "sell":
            owners[name] = int(bidder[1:])
            moves.append((owners[name], Order(name, side, price, qty)))
        else:
            moves.append((owners[name], Cancel(name)))
    return moves


def folded(moves: Moves) -> int:
    """Trades that the protocol makes of the moves: checked, logged, settled, and shown as news."""
    names = [f"t{n}" for n in range(40)]
    rules = ContinuousMarket(self_trade="allow")
    market = rules.start(Domain((Money("unit", 0, 200),)), names)
    for party, move in moves:
        try:
            market.push(party, move)
        except IllegalMove:  # a cancel of what has traded already
            continue
    return len(market.trades)


def session(seed: int) -> int:
    """180 s of forty ZIP traders: six days of 30 s, each trader with one unit a day, asked once a second."""
    limits = [50 + round(100 * n / 19) for n in range(20)]
    stakes = [Stake(side, (limit,)) for side in ("buy", "sell") for limit in limits]
    seats = [(f"t{n}", ZeroIntelligencePlus()) for n in range(40)]
    rules, trades = ContinuousMarket(time_limit=30_000, single=True), 0
    for day in range(6):
        host = hold(
            rules,
            Domain((Money("unit", 0, 500),)),
            seats,
            stakes,
            seed=6 * seed + day,
            bounds=(1, 500),
        )
        trades += sum(not receipt.code for receipt in host.receipts)
    return trades


def show_books(events: list[Event], repeats: int) -> None:
    """The book, and the whole protocol, beside a bare book."""
    assert ours(events) == bare(events)
    speed, took = ratio(lambda: ours(events), lambda: bare(events), repeats)
    print(
        f"order book / bare book: {speed:.2f} (target 0.5), {EVENTS / took:,.0f} events a second"
    )
    moves = as_moves(events)
    speed, took = ratio(lambda: folded(moves), lambda: bare(events), repeats)
    print(
        f"whole continuous market / bare book: {speed:.2f}, {EVENTS / took:,.0f} events a second"
    )


def show_second_price(peer: Peer | None, repeats: int) -> None:
    """Five bids, beside a bare pass and auctionsi."""
    bids = [("a", 10), ("b", 7), ("c", 9), ("d", 3), ("e", 8)]
    many = range(50_000)
    speed, took = ratio(
        lambda: [second_price(bids) for _ in many],
        lambda: [bare_second(bids) for _ in many],
        repeats,
    )
    print(f"second price / bare pass: {speed:.2f}, {len(many) / took:,.0f} a second")
    if peer is not None:
        answers = [peer.ask(do="second_price", times=len(many)) for _ in range(repeats)]
        show_peer("second price / auctionsi", "target 2", answers, took)


def show_peer(title: str, note: str, answers: list[dict[str, object]], took: float) -> None:
    """One line: how much faster we are, or why that is not known."""
    failed = next((answer["error"] for answer in answers if "error" in answer), None)
    if failed is not None:
        print(f"{title}: not measured, {failed}")
        return
    theirs = statistics.median(float(str(answer["seconds"])) for answer in answers)
    version = f" {answers[0]['version']}" if "version" in answers[0] else ""
    print(f"{title}{version}: {theirs / took:.1f} times as fast ({note})")


BOOKS = (
    "akhil4n-orderbook", "lightmatchingengine", "pyorderbook", "fastlob", "manticore-orderbook"
)  # fmt: skip


def show_peer_books(peer: Peer, events: list[Event], repeats: int) -> None:
    """Our book beside those of pure-Python packages, which must trade as much as we do."""
    traded = volume(events)
    for name in BOOKS:
        times, answers = list[float](), list[dict[str, object]]()
        for _ in range(min(repeats, 3)):
            answers.append(peer.ask(do="book", package=name, events=events))
            times.append(seconds(lambda: ours(events)))
            if answers[-1].get("volume", traded) != traded:
                answers[-1] = {"error": f"it traded {answers[-1]['volume']}, not {traded}"}
        show_peer(f"order book / {name}", "target 3", answers, statistics.median(times))


def show_winners(solvers: dict[str, Peer]) -> None:
    """Winner determination beside solvers; in milliseconds, since the targets are."""
    for size, items, bidders in ((50, 10, 12), (100, 20, 25), (200, 30, 40)):
        times: dict[str, list[float]] = {"ours": []}
        for seed in range(10):
            rows, supply = packages(seed, size, items, bidders)
            began = time.perf_counter()
            value = determine(rows, supply).value
            times["ours"].append(1000 * (time.perf_counter() - began))
            for name, peer in solvers.items():
                answer = peer.ask(do="winners", solver=name, packages=rows, supply=supply)
                if "error" in answer:
                    print(f"{name}: not measured, {answer['error']}")
                    continue
                assert answer["value"] == value, (name, answer, value)
                times.setdefault(name, []).append(1000 * answer["seconds"])
        shown = ", ".join(
            f"{name} median {statistics.median(took):.2f} worst {max(took):.1f}"
            for name, took in times.items()
        )
        print(f"winners of {size} XOR bids, ms: {shown}")


def show_session(bse: str | None, python: str | None, repeats: int) -> None:
    """Forty ZIP traders."""
    took = statistics.median(seconds(lambda n=n: session(n)) for n in range(repeats))
    print(f"40 ZIP traders, 180 s, 7,200 questions: {1000 * took:.0f} ms")
    if bse is None:
        print("40 ZIP traders / BSE: not measured, its folder is not given (--bse)")
        return
    peer = Peer(python or sys.executable, "markets_peer.py")
    answers = [
        peer.ask(do="bse", path=str(Path(bse).resolve()), traders=40) for _ in range(repeats)
    ]
    show_peer("40 ZIP traders / BSE", "target 5", answers, took)
    peer.close()


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--peer-python", help="the interpreter of the peers' environment")
    parser.add_argument("--bse", help="the folder of BSE.py")
    parser.add_argument("--repeats", type=int, default=5)
    given = parser.parse_args()
    python: str | None = given.peer_python
    repeats: int = given.repeats
    events = flow(1)
    show_books(events, repeats)
    peer = None if python is None else Peer(python, "markets_peer.py")
    if peer is not None:
        show_peer_books(peer, events, repeats)
    show_second_price(peer, repeats)
    solvers = (
        {}
        if python is None
        else {n: Peer(python, "markets_peer.py") for n in ("cpsat", "highs")}
    )
    show_winners(solvers)
    show_session(given.bse, python, repeats)
    for other in (peer, *solvers.values()):
        if other is not None:
            other.close()
    if python is None:
        print(
            "other packages and solvers: not measured, their environment is not given (--peer-python)"
        )


if __name__ == "__main__":
    main()
