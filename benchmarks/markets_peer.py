"""Runs in the environment of the market peers and answers requests, one JSON line each.

Uses the peers through their public interfaces only. A peer that is not there, or that breaks on the work, answers
with what went wrong and no figure. CP-SAT and HiGHS cannot share a process: ask each in one of its own.

    {"do": "book", "package": ..., "events": [[id, bidder, side, price, quantity], ...]}
    {"do": "second_price", "times": ...}
    {"do": "winners", "solver": "cpsat" or "highs", "packages": [[[[item, count], ...], amount], ...], "supply": [...]}
    {"do": "bse", "path": folder of BSE.py, "traders": ...}
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import logging
import os
import sys
import tempfile
import time
from decimal import Decimal
from importlib import metadata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

logging.disable(logging.CRITICAL)


def akhil4n(events: list[Any]) -> int:
    """Volume traded by the book of akhil4n-orderbook."""
    books = importlib.import_module("orderbook")
    book, ids = books.OrderBook(), {}
    side_of = {"buy": books.OrderSide.BID, "sell": books.OrderSide.ASK}
    for name, _, side, price, qty in events:
        if side:
            order = books.Order(side_of[side], price, qty)
            ids[name] = order.order_id
            book.add_limit_order(order)
        else:
            book.cancel_order(ids[name])
    return sum(trade.quantity_filled for trade in book.trade_log)


def lightmatchingengine(events: list[Any]) -> int:
    """Volume traded by LightMatchingEngine."""
    engines = importlib.import_module("lightmatchingengine.lightmatchingengine")
    engine, ids, volume = engines.LightMatchingEngine(), {}, 0
    for name, _, side, price, qty in events:
        if side:
            order, trades = engine.add_order("unit", price, qty, 1 if side == "buy" else 2)
            ids[name] = order.order_id
            volume += sum(trade.trade_qty for trade in trades)
        else:
            with contextlib.suppress(AssertionError):  # it stumbles over what is filled
                engine.cancel_order(ids[name], "unit")
    return volume // 2  # both sides are reported


def pyorderbook(events: list[Any]) -> int:
    """Volume traded by pyorderbook."""
    books = importlib.import_module("pyorderbook.book")
    orders = importlib.import_module("pyorderbook.order")
    book, known, volume = books.Book(), {}, 0
    for name, _, side, price, qty in events:
        if side:
            known[name] = order = (orders.bid if side == "buy" else orders.ask)(
                "unit", price, qty
            )
            volume += sum(trade.fill_quantity for trade in book.match(order).trades)
        else:
            with contextlib.suppress(KeyError):
                book.cancel(known[name])
    return volume


def fastlob(events: list[Any]) -> int:
    """Volume traded by fastlob."""
    books = importlib.import_module("fastlob")
    side_of = {"buy": books.OrderSide.BID, "sell": books.OrderSide.ASK}
    ids: dict[str, str] = {}
    total = 0
    with books.Orderbook("unit") as book:
        for name, _, side, price, qty in events:
            if side:
                total += qty
                params = books.OrderParams(
                    side=side_of[side], price=price, quantity=qty, otype=books.OrderType.GTC
                )
                ids[name] = book(params).orderid()
            else:
                found = book.get_status(ids[name])
                if found is not None and book.cancel(ids[name]).success():
                    total -= int(found[1])
        left = book.bids_volume() + book.asks_volume()
    return (total - int(Decimal(left))) // 2


def manticore(events: list[Any]) -> int:
    """Volume traded by manticore-orderbook."""
    books = importlib.import_module("manticore_orderbook.core.orderbook")
    book = books.OrderBook("unit", max_trade_history=10**6, enable_logging=False)
    for name, _, side, price, qty in events:
        if side:
            book.add_order(side, price, qty, order_id=name)
        else:
            book.cancel_order(name)
    return round(sum(trade["quantity"] for trade in book.get_trade_history(10**6)))


BOOKS: dict[str, Callable[[list[Any]], int]] = {
    "akhil4n-orderbook": akhil4n,
    "lightmatchingengine": lightmatchingengine,
    "pyorderbook": pyorderbook,
    "fastlob": fastlob,
    "manticore-orderbook": manticore,
}


def book(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds, volume and version."""
    run = BOOKS[request["package"]]
    began = time.perf_counter()
    volume = run(request["events"])
    took = time.perf_counter() - began
    return {"seconds": took, "volume": volume, "version": metadata.version(request["package"])}


def second_price(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds for clearing five bids at second price so many times, and the price; the faster of its two ways."""
    mechanisms = importlib.import_module("auctionsi.mechanisms")
    bid = importlib.import_module("auctionsi.core.bid").Bid
    task = importlib.import_module("auctionsi.core.task").Task("t", "sale")
    policy = importlib.import_module("auctionsi.selection.policies").LowestPrice()
    bids = [bid(f"b{n}", "t", f"a{n}", "x", price) for n, price in enumerate((10, 7, 9, 3, 8))]
    took: list[float] = []
    for rule in (mechanisms.ForwardAuction("second"), mechanisms.SecondPriceReverseAuction()):
        began = time.perf_counter()
        for _ in range(request["times"]):
            rule.determine_winners(bids, task, policy, {})
        took.append(time.perf_counter() - began)
    return {"seconds": min(took), "version": metadata.version("auctionsi")}


def cpsat(packages: list[Any], supply: list[int]) -> int:
    """The best total by CP-SAT, one worker."""
    model_of = importlib.import_module("ortools.sat.python.cp_model")
    model = model_of.CpModel()
    chosen = [model.new_bool_var("") for _ in packages]
    for item, units in enumerate(supply):
        model.add(
            sum(
                count * var
                for var, (parts, _) in zip(chosen, packages, strict=True)
                for part, count in parts
                if part == item
            )
            <= units
        )
    model.maximize(sum(amount * var for var, (_, amount) in zip(chosen, packages, strict=True)))
    solver = model_of.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == model_of.OPTIMAL
    return round(solver.objective_value)


def highs(packages: list[Any], supply: list[int]) -> int:
    """The best total by HiGHS, gap 0, one thread."""
    highspy = importlib.import_module("highspy")
    model = highspy.Highs()
    model.silent()
    model.setOptionValue("mip_rel_gap", 0.0)
    model.setOptionValue("mip_abs_gap", 0.0)
    model.setOptionValue("threads", 1)
    chosen = [model.addBinary(obj=float(amount)) for _, amount in packages]
    for item, units in enumerate(supply):
        terms = [
            count * var
            for var, (parts, _) in zip(chosen, packages, strict=True)
            for part, count in parts
            if part == item
        ]
        if terms:
            model.addConstr(sum(terms) <= units)
    model.changeObjectiveSense(highspy.ObjSense.kMaximize)
    model.run()
    return round(model.getInfo().objective_function_value)


def winners(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds and the best total."""
    solve = {"cpsat": cpsat, "highs": highs}[request["solver"]]
    began = time.perf_counter()
    value = solve(request["packages"], request["supply"])
    return {"seconds": time.perf_counter() - began, "value": value}


def bse(request: dict[str, Any]) -> dict[str, Any]:
    """Seconds of one session of 180 s of ZIP traders in the Bristol Stock Exchange, whose folder is given."""
    sys.path.insert(0, request["path"])
    exchange = importlib.import_module("BSE")
    side = {"from": 0, "to": 180, "ranges": [(50, 150)], "stepmode": "fixed"}
    schedule = {"sup": [side], "dem": [side], "interval": 30, "timemode": "periodic"}
    half = request["traders"] // 2
    spec = {"sellers": [("ZIP", half)], "buyers": [("ZIP", half)]}
    with tempfile.TemporaryDirectory() as folder, open(os.devnull, "w") as sink:
        os.chdir(folder)  # it writes files where it stands
        flags = {
            f"dump_{what}": False
            for what in ("blotters", "lobs", "strats", "avgbals", "tape", "shvr")
        }
        began = time.perf_counter()
        try:
            exchange.market_session("bench", 0, 180, spec, schedule, flags, False)
        except TypeError:  # earlier editions take a file, and whether to write each trade
            began = time.perf_counter()
            exchange.market_session("bench", 0, 180, spec, schedule, sink, False, False)
        took = time.perf_counter() - began
        os.chdir("/")
    return {"seconds": took}


WORK = {"book": book, "second_price": second_price, "winners": winners, "bse": bse}


def main() -> None:
    """Answer until the requests end."""
    for line in sys.stdin:
        request = json.loads(line)
        with contextlib.redirect_stdout(io.StringIO()):  # peers may print
            try:
                answer = WORK[request["do"]](request)
            except (
                BaseException
            ) as error:  # whatever a peer does, the other figures are printed
                answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
