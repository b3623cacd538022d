"""Winner determination beside solvers: the own search, HiGHS and CP-SAT, each in its own process, in one run.

    python benchmarks/winners.py [--repeats N] [--seeds N] [--only 50,100] [--highs PYTHON] [--cpsat PYTHON]

The instances are XOR bids after published distributions (seeded): *random* and *decay* of Sandholm (2002), *regions*
in the manner of Leyton-Brown, Pearson & Shoham (2000), and *pairs*, bids on up to five items at nearly the sum of
their prices, of which many bidders send two or three. ``--highs`` and ``--cpsat`` name interpreters of environments
that have the solver (extras ``milp`` and ``cpsat``); the two cannot be loaded into one process. Without them this
interpreter is asked, and what is not installed is left out.

A solver's own time is that of its call alone: one search for the greatest value with the model built, no ties
resolved. The library's time is from the packages to the canonical choice. The sides take turns; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import IO, TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from negotiate.errors import LocalError
from negotiate.protocols.clearing import solvers
from negotiate.protocols.clearing.winners import Package, determine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
SIZES = {50: (20, 25), 100: (30, 40), 200: (50, 80)}
"""Bids: items and bidders."""
TARGETS = {50: "1 ms", 100: "50 ms", 200: "1.2 of a solver's own time"}


class Case(NamedTuple):
    """Packages and the supply of their rows."""

    packages: list[Package]
    supply: list[int]


def _random(random: Random, items: int) -> tuple[list[int], float]:
    """Any number of items, any price."""
    wants = random.sample(range(items), random.randint(1, items // 3))
    return wants, random.random() * 1000


def _decay(random: Random, items: int) -> tuple[list[int], float]:
    """One more item with probability 0.75, a price for each item."""
    count = 1
    while count < items and random.random() < 0.75:
        count += 1
    return random.sample(range(items), count), random.random() * 1000 * count


def _regions(random: Random, items: int) -> tuple[list[int], float]:
    """Neighbours on a grid, worth a little more together."""
    width = max(2, round(items**0.5))
    wants = [random.randrange(items)]
    while random.random() < 0.7:
        near = [wants[-1] + step for step in (1, -1, width, -width)]
        free = [item for item in near if 0 <= item < items and item not in wants]
        if not free:
            break
        wants.append(random.choice(free))
    return wants, sum(random.uniform(50, 150) for _ in wants) + 20 * len(wants) ** 1.2


def _pairs(random: Random, items: int) -> tuple[list[int], float]:
    """One to five items at 80 to 120 each."""
    wants = random.sample(range(items), random.randint(1, 5))
    return wants, len(wants) * random.uniform(80, 120)


KINDS: dict[str, Callable[[Random, int], tuple[list[int], float]]] = {
    "random": _random,
    "decay": _decay,
    "regions": _regions,
    "pairs": _pairs,
}


def case(kind: str, bids: int, seed: int) -> Case:
    """One seeded instance; amounts are whole."""
    items, bidders = SIZES[bids]
    random = Random(f"{kind} {bids} {seed}")
    packages: list[Package] = []
    for _ in range(bids):
        wants, amount = KINDS[kind](random, items)
        owner = items + random.randrange(bidders)
        rows = (*((item, 1) for item in sorted(wants)), (owner, 1))
        packages.append(Package(rows, 1 + int(amount)))
    return Case(packages, [1] * (items + bidders))


# -- a solver in its own process -----------------------------------------------------------------------


def answer(name: solvers.Installed, lines: IO[str]) -> None:
    """Read instances, and print the value and the seconds of the solver's own search, and of the library with it."""
    for line in lines:
        kind, bids, seed = json.loads(line)
        packages, supply = case(kind, bids, seed)
        weights = [int(package.amount) for package in packages]
        model = solvers.Model(weights, [package.rows for package in packages], supply)
        began = time.perf_counter()
        chosen = solvers.best(name, model, 10**9, canonical=False) or []
        bare = time.perf_counter() - began
        began = time.perf_counter()
        through = determine(packages, supply, nodes=10**9, solver=name)
        took = time.perf_counter() - began
        assert through.value == sum(weights[place] for place in chosen)
        print(json.dumps([bare, took, list(through.chosen)]), flush=True)


class Peer:
    """A process that answers with one solver."""

    def __init__(self, name: solvers.Installed, python: str) -> None:
        self._process = subprocess.Popen(
            [python, str(Path(__file__).resolve()), "--answer", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, kind: str, bids: int, seed: int) -> tuple[float, float, list[int]]:
        """Seconds of the solver, seconds of the library with it, and the packages chosen."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([kind, bids, seed]) + "\n")
        self._process.stdin.flush()
        bare, took, chosen = json.loads(self._process.stdout.readline())
        return bare, took, chosen

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def has(name: solvers.Installed, python: str) -> bool:
    """Whether that interpreter can load the solver."""
    module = {"highs": "highspy", "cpsat": "ortools.sat.python.cp_model"}[name]
    run = subprocess.run([python, "-c", f"import {module}"], capture_output=True, check=False)
    return run.returncode == 0


def measure(
    kind: str, bids: int, seeds: int, repeats: int, peers: dict[solvers.Installed, Peer]
) -> str:
    """A line of figures: the own search, and its ratio to each solver."""
    own: list[float] = []
    theirs: dict[solvers.Installed, list[tuple[float, float]]] = {name: [] for name in peers}
    cut = 0
    for seed in range(seeds):
        packages, supply = case(kind, bids, seed)
        times: list[float] = []
        for _ in range(repeats):
            began = time.perf_counter()
            try:
                found: tuple[int, ...] | None = determine(packages, supply, solver="own").chosen
            except LocalError:
                found = None
            times.append(time.perf_counter() - began)
            for name, peer in peers.items():
                bare, took, chosen = peer.ask(kind, bids, seed)
                theirs[name].append((bare, took))
                assert found is None or list(found) == chosen, (kind, bids, seed, name)
        cut += found is None
        own.append(statistics.median(times))
    mine = statistics.median(own)
    text = f"{bids:4} {kind:8} own {mine * 1000:7.1f} ms, worst {max(own) * 1000:7.1f}"
    for name, pairs in theirs.items():
        bare = statistics.median(pair[0] for pair in pairs)
        took = statistics.median(pair[1] for pair in pairs)
        text += f" | {name} {bare * 1000:7.1f} ms, own/{name} {mine / bare:5.2f}, solver={name} {took / bare:5.2f}"
    return text + (f" | {cut} too hard" if cut else "")


def main(arguments: Sequence[str] | None = None) -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--only", default=",".join(map(str, SIZES)))
    parser.add_argument("--highs", default=sys.executable)
    parser.add_argument("--cpsat", default=sys.executable)
    parser.add_argument("--answer", choices=("highs", "cpsat"), help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.answer:
        answer(given.answer, sys.stdin)
        return
    pythons: dict[solvers.Installed, str] = {"highs": given.highs, "cpsat": given.cpsat}
    peers = {name: Peer(name, python) for name, python in pythons.items() if has(name, python)}
    for name, peer in peers.items():
        peer.ask("pairs", 50, 0)  # loads the solver
        print(f"{name}: {pythons[name]}")
    for bids in map(int, given.only.split(",")):
        print(f"{bids} XOR bids (target {TARGETS[bids]})")
        for kind in KINDS:
            print(measure(kind, bids, given.seeds, given.repeats, peers), flush=True)
    for peer in peers.values():
        peer.close()


if __name__ == "__main__":
    main()
