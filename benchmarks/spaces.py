"""Outcome spaces: every figure that we promise, beside the peer, in one run.

    python benchmarks/spaces.py --negmas-python PATH [--repeats N]

A figure is printed as how many times it is better than promised (at least 1 is kept), and against NegMAS as how
many times faster. NegMAS lists outcomes, so where a space is too large for that it is timed on one of 10^5. The two
sides take turns and medians are compared, so that a machine whose speed drifts cannot favour one.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peer import Peer
from benchmarks.run import scenario_of
from negotiate.domain import SCALE, Domain, Integer, LinearAdditive
from negotiate.domain.bargaining import Frontier, Joint, solve
from negotiate.domain.blocks import enumerated
from negotiate.domain.preferences import Group
from negotiate.domain.space import Space

if TYPE_CHECKING:
    from collections.abc import Callable

Tables = list[list[list[float]]]


def tables_of(issues: int, values: int, opposition: float, seed: int = 1) -> Tables:
    """Two parties' weighted values: the other's are the mirror of one's own so far, the rest is chance."""
    random = np.random.Generator(np.random.PCG64(seed))
    tables: Tables = [[], []]
    for weight in random.dirichlet(np.full(issues, 2.0)).tolist():
        mine = random.random(values)
        theirs = opposition * (1 - mine) + (1 - opposition) * random.random(values)
        for table, numbers in zip(tables, (mine, theirs), strict=True):
            table.append((np.rint(numbers / numbers.max() * weight * SCALE) / SCALE).tolist())
    return tables


def pair(tables: Tables) -> list[LinearAdditive]:
    """The preferences of both parties."""
    return list(scenario_of(tables, "bench").preferences)


def seconds(work: Callable[[], object], times: int = 1) -> float:
    """Seconds a call."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def report(label: str, took: float, promised: float, unit: str, peer: str = "") -> None:
    """One figure: the ratio to what is promised, its size, and the peer."""
    sizes = {"s": 1.0, "ms": 1e3, "us": 1e6, "MB": 1.0}
    size = f"{took * sizes[unit]:.3g} of {promised * sizes[unit]:g} {unit}"
    print(f"{label:<52} {promised / took:>8.1f} x   {size:<20} {peer}", flush=True)


def against(label: str, ratio: float, target: float | None, detail: str) -> None:
    """One ratio of speeds."""
    goal = f"of {target:g}" if target else ""
    print(f"{label:<52} {ratio:>8,.3g} x   {goal:<20} {detail}", flush=True)


class Turns:
    """Ours and the peer's by turns; medians."""

    def __init__(self, peer: Peer | None, repeats: int) -> None:
        self.peer = peer
        self.repeats = repeats

    def ask(self, do: str, tables: Tables) -> dict[str, Any]:
        """An answer of the peer; empty without one."""
        return self.peer.ask(do=do, tables=tables) if self.peer else {}

    def compare(
        self, ours: Callable[[], float], do: str, tables: Tables, key: str
    ) -> tuple[float, float | None]:
        """Medians of our seconds and of the peer's."""
        mine: list[float] = []
        theirs: list[float] = []
        for _ in range(self.repeats):
            mine.append(ours())
            if self.peer:
                theirs.append(self.ask(do, tables)[key])
        return statistics.median(mine), statistics.median(theirs) if theirs else None

    def alone(self, ours: Callable[[], float]) -> float:
        """The median of our seconds."""
        return statistics.median(ours() for _ in range(self.repeats))


def beside(theirs: float | None, ours: float | None = None) -> str:
    """What the peer needs, in words: for the same, or for 10^5 outcomes."""
    if theirs is None:
        return ""
    if ours is None:
        return f"NegMAS, for 10^5: {theirs * 1e6:,.3g} us"
    return f"NegMAS: {theirs * 1e6:,.3g} us, {theirs / ours:,.3g} times as long"


def all_points(one: LinearAdditive, two: LinearAdditive) -> object:
    """What the peer is asked for, too."""
    found = solve([one, two])
    return found.nash, found.kalai, found.kalai_smorodinsky, found.utilitarian


def solved(turns: Turns) -> None:
    """Frontier and solution points of 10^5 outcomes, checked to be the same as the peer's."""
    for opposition in (0.0, 0.5, 0.9):
        tables = tables_of(5, 10, opposition)
        one, two = pair(tables)

        ours = partial(seconds, partial(all_points, one, two), 20)
        answer = turns.ask("solve", tables)
        if answer:
            front = Frontier([one, two]).utilities / SCALE
            if not np.allclose(front, answer["frontier"], rtol=0, atol=1e-8):
                raise SystemExit("the two frontiers differ")
        took, theirs = turns.compare(ours, "solve", tables, "seconds")
        if theirs is not None:
            detail = f"{took * 1e3:.3g} ms against {theirs * 1e3:,.3g} ms"
            against(
                f"solve 10^5 outcomes, opposition {opposition:g}", theirs / took, 500, detail
            )


def folded(turns: Turns) -> None:
    """Frontiers of spaces that nobody lists."""
    tables = tables_of(5, 10, 0.9)
    for issues, promised in ((12, 0.020), (20, 0.100)):
        for opposition in (0.0, 0.5, 0.9):
            preferences = pair(tables_of(issues, 10, opposition))
            ours = partial(seconds, partial(Frontier, preferences), 3)
            took, theirs = turns.compare(ours, "solve", tables, "frontier_seconds")
            label = f"frontier of 10^{issues}, opposition {opposition:g}"
            report(label, took, promised, "ms", beside(theirs))


def listed(turns: Turns) -> None:
    """A million outcomes as one group of interdependent issues: nothing to fold, every number is looked at."""
    tables = tables_of(6, 10, 0.9)
    domain = Domain((Integer("a", 1, 1000), Integer("b", 1, 1000)))
    groups = [Group((0, 1), tuple(enumerated(own).tolist())) for own in pair(tables)]

    def ours() -> float:
        preferences = [LinearAdditive(domain, {}, groups=[group]) for group in groups]
        return seconds(lambda: Frontier(preferences))

    took = turns.alone(ours)
    theirs = turns.ask("solve", tables).get("frontier_seconds")
    report("frontier of 10^6 without structure", took, 0.050, "ms", beside(theirs, took))
    space = pair(tables)[0]
    took = turns.alone(lambda: seconds(lambda: Space(space)))
    theirs = turns.ask("query", tables).get("sort")
    report("listing and sorting 10^6", took, 0.300, "ms", beside(theirs, took))


def asked_alike(turns: Turns) -> None:
    """What strategies ask, of the same 10^5 outcomes on both sides."""
    tables = tables_of(5, 10, 0.9)
    own, other = pair(tables)
    joint, space, stream = Joint(own, other.tables), own.space, Random(1)
    low, high = 0.70 * SCALE, 0.71 * SCALE
    calls: dict[str, Callable[[], object]] = {
        "sort": lambda: Space(own),
        "kth": lambda: [space.kth(k) for k in range(1000)],
        "sample": lambda: [space.sample(low, high, stream) for _ in range(1000)],
        "best_for": lambda: [joint.best_at_or_above(low) for _ in range(1000)],
    }
    for key, call in calls.items():
        call()
        took, theirs = turns.compare(partial(seconds, call), "query", tables, key)
        took /= 1 if key == "sort" else 1000
        if theirs is not None:
            detail = f"{took * 1e6:,.3g} us against {theirs * 1e6:,.3g} us"
            against(f"{key} of 10^5 outcomes", theirs / took, None, detail)


def asked(turns: Turns) -> None:
    """What strategies ask of 10^12 outcomes."""
    small = tables_of(5, 10, 0.9)
    own, other = pair(tables_of(12, 10, 0.9))
    joint, space, stream = Joint(own, other.tables), own.space, Random(1)
    marks = [stream.uniform(0.3, 0.95) * space.max_utility for _ in range(1000)]
    low = 0.7 * space.max_utility

    def best_for() -> float:
        return seconds(lambda: [joint.best_at_or_above(mark) for mark in marks]) / len(marks)

    def refold() -> float:
        joint.update(other.tables)
        return seconds(lambda: joint.best_at_or_above(low))

    def kth() -> float:
        fresh = Space(own)
        return seconds(lambda: [fresh.kth(k) for k in range(20_000)]) / 20_000

    def sample() -> float:
        return seconds(lambda: space.sample(low, low + 0.01 * SCALE, stream), 200)

    def nearest() -> float:
        return seconds(lambda: [space.nearest(mark) for mark in marks[:50]]) / 50

    for warm in (best_for, sample, nearest):
        warm()  # what is made once is made
    for label, ours, promised, key in (
        ("best for the other at or above u, 10^12", best_for, 20e-6, "best_for"),
        ("k-best, an outcome, the first 20,000 of 10^12", kth, 3e-6, "kth"),
        ("sample in a band of 0.01, 10^12", sample, 200e-6, "sample"),
    ):
        took, theirs = turns.compare(ours, "query", small, key)
        report(label, took, promised, "us", beside(theirs))
    print(f"  nearest in 10^12: {turns.alone(nearest) * 1e6:,.0f} us; ", end="")
    print(f"first answer after a new model: {turns.alone(refold) * 1e3:.2f} ms")


PROGRAM = """
from random import Random
from benchmarks.spaces import pair, tables_of
from negotiate.domain.blocks import enumerated
from negotiate.domain.bargaining import Joint, Frontier
def peak():
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmHWM"))
own, other = pair(tables_of(12, 10, 0.9))
before = peak()
Frontier([own, other])
Joint(own, other.tables).best_at_or_above(5e8)
stream = Random(1)
for k in range(20_000):
    own.space.kth(k)
for _ in range(200):
    own.space.sample(5e8, 5.1e8, stream)
    own.space.nearest(stream.uniform(1e8, 9e8))
own.space.count_at_or_above(5e8)
print(peak() - before)
"""


def measured() -> None:
    """Memory of all of it at 10^12 outcomes, in a process of its own; and exactly opposed preferences."""
    if sys.platform == "linux":
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=Path(__file__).resolve().parents[1],
            capture_output=True,
            text=True,
            check=True,
        )
        report("memory, all queries and frontier at 10^12", float(done.stdout), 100.0, "MB")
    own = tables_of(12, 10, 0.0)[0]
    against_it = [[max(table) - value for value in table] for table in own]
    preferences = pair([own, against_it])
    took = seconds(lambda: Frontier(preferences))
    frontier = Frontier(preferences)
    print(
        f"  exactly opposed, 10^12: {took:.2f} s, {len(frontier):,} points, "
        f"exact: {frontier.exact}, error at most {frontier.error / SCALE:.1e}"
    )


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--negmas-python", help="interpreter of an environment with NegMAS")
    parser.add_argument("--repeats", type=int, default=7)
    arguments = parser.parse_args()
    peer = (
        Peer(arguments.negmas_python, script="spaces_peer.py")
        if arguments.negmas_python
        else None
    )
    turns = Turns(peer, arguments.repeats)
    for part in (solved, folded, listed, asked_alike, asked):
        part(turns)
    measured()
    if peer:
        peer.close()


if __name__ == "__main__":
    main()
