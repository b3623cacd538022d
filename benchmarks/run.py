"""Ratios against NegMAS and against physical limits, measured in one run.

    make bench
    python benchmarks/run.py --negmas-python PATH [--only match,import,size,tournament,sweep] [--repeats N]

The two sides take turns (A B A B …) and medians are compared, so that a machine whose speed drifts cannot favour
one. Every figure is a ratio; absolute times are printed only to show their size.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

from benchmarks import bare
from benchmarks.peer import Peer
from negotiate import play
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategies.time_dependent import Aspiration

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 1000
PAIR = ("negmas-boulware", "negmas-boulware")
TARGETS = {
    "match": 150.0,
    "bare": 0.5,
    "import": 0.5,
    "size": 120.0,
}


class Planning(Aspiration):
    """NegMAS's Boulware as the registry has it, but its plans are never kept: each match computes all its targets.

    A strategy that depends on time only keeps its plans with the preferences, so in a tournament it pays for them
    once. The peer and the bare loop compute them in every match; so does this.
    """


def random_tables(seed: int, sizes: tuple[int, ...] = (10, 10, 10)) -> list[list[list[float]]]:
    """Two parties' weighted values, multiples of 1e-9 so that both libraries hold the same numbers."""
    random = Random(seed)
    share = 10**9 // len(sizes)
    return [
        [[random.randrange(share) / 10**9 for _ in range(size)] for size in sizes]
        for _ in range(2)
    ]


def scenario_of(tables: list[list[list[float]]], name: str) -> Scenario:
    """The same domain and preferences in our terms."""
    domain = Domain(
        tuple(
            Choice(f"i{i}", tuple(f"v{j}" for j in range(len(values))))
            for i, values in enumerate(tables[0])
        )
    )
    roles = tuple(
        Role(
            role,
            LinearAdditive(
                domain,
                {
                    f"i{i}": (
                        1,
                        Table(tuple(Fraction(round(v * 10**9), 10**9) for v in values)),
                    )
                    for i, values in enumerate(table)
                },
            ),
        )
        for role, table in zip(("a", "b"), tables, strict=True)
    )
    return Scenario(name, domain, roles)


def timed(work: Callable[[], object], times: int = 1) -> float:
    """Seconds a call, over ``times`` calls."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times


def report(label: str, ratio: float, target: str, detail: str) -> None:
    """One line of the result."""
    print(f"{label:<48} {ratio:>10.2f}   target {target:<8} {detail}", flush=True)


def bench_match(peer: Peer, repeats: int) -> None:
    """The same negotiation, agreement and round on both sides; then against the bare loop.

    NegMAS sorts its outcomes inside the run that is timed, which is a twentieth of it at most.
    """
    tables = random_tables(1)
    rules = AlternatingOffers(rounds=ROUNDS)
    specs = [strategy(name) for name in PAIR]
    scenario = scenario_of(tables, "bench")

    def ours() -> object:
        return play(rules, scenario, [spec.make() for spec in specs])

    def planning() -> object:
        return play(rules, scenario, [Planning(), Planning()])

    def cold() -> object:
        fresh = scenario_of(tables, "bench")
        return play(rules, fresh, [spec.make() for spec in specs])

    fixed = [[[round(v * 10**9) for v in values] for values in table] for table in tables]
    prepared = [bare.prepare(table) for table in fixed]

    def hand_written() -> object:
        return bare.negotiate(prepared[0], prepared[1], ROUNDS, 4.0)

    mine = play(rules, scenario, [spec.make() for spec in specs])
    theirs = peer.ask(do="match", tables=tables, rounds=ROUNDS, strategies=PAIR)
    limit = bare.negotiate(prepared[0], prepared[1], ROUNDS, 4.0)
    assert mine.agreement is not None
    assert list(mine.agreement) == theirs["agreement"] == list(limit[1] or ()), (
        "agreements differ"
    )
    assert mine.rounds == theirs["rounds"] == limit[0], "rounds differ"
    assert mine == planning(), "the plans decide"

    warm, planned, first, floor, peers, peers_first = [], [], [], [], [], []
    for _ in range(repeats):
        warm.append(timed(ours, 20))
        planned.append(timed(planning, 5))
        floor.append(timed(hand_written, 20))
        first.append(timed(cold))
        answer = peer.ask(do="match", tables=tables, rounds=ROUNDS, strategies=PAIR)
        peers.append(answer["seconds"])
        peers_first.append(answer["prepared"])
    us, anew, them, least = (statistics.median(x) for x in (warm, planned, peers, floor))
    rate = mine.rounds / us
    report(
        "match, spaces and plans kept: NegMAS / ours", them / us, ">= 150",
        f"{mine.rounds / them:,.0f} and {rate:,.0f} rounds/s; same agreement in round {mine.rounds}",
    )  # fmt: skip
    report(
        "match, spaces kept, plans made: NegMAS / ours", them / anew, "-",
        f"{mine.rounds / anew:,.0f} rounds/s",
    )  # fmt: skip
    report(
        "match, from nothing: NegMAS / ours",
        statistics.median(peers_first) / statistics.median(first), "-",
        f"{statistics.median(peers_first) * 1e3:.1f} and {statistics.median(first) * 1e3:.2f} ms",
    )  # fmt: skip
    report(
        "rounds/s: ours, plans kept / bare loop",
        least / us,
        ">= 0.5",
        f"bare {mine.rounds / least:,.0f} rounds/s, targets computed turn by turn",
    )
    report("rounds/s: ours, plans made / bare loop", least / anew, "-", "")


OURS_IMPORT = """
from negotiate import play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.domain import Choice, Domain, LinearAdditive, Role, Scenario, Table
import negotiate.domain.enumerated  # on first use: a match needs it
strategy("negmas-boulware")
"""
THEIR_IMPORT = """
from negmas.outcomes import make_issue, make_os
from negmas.preferences import LinearAdditiveUtilityFunction
from negmas.sao import BoulwareTBNegotiator, SAOMechanism
"""


def bench_import(python: str, repeats: int) -> None:
    """Whole processes that import what one match needs; the bare interpreter is taken off both."""

    def process(executable: str, code: str) -> float:
        command = [executable, "-W", "ignore", "-c", code]
        return timed(lambda: subprocess.run(command, check=True, cwd=tempfile.gettempdir()))

    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    # Installing writes bytecode, a checkout has none before its first import: nobody's compiler is timed.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    process(sys.executable, OURS_IMPORT)
    process(python, THEIR_IMPORT)
    ours, theirs, nothing = [], [], []
    for _ in range(repeats):
        ours.append(process(sys.executable, OURS_IMPORT))
        theirs.append(process(python, THEIR_IMPORT))
        nothing.append(process(sys.executable, "pass"))
    start = statistics.median(nothing)
    a, b = statistics.median(ours) - start, statistics.median(theirs) - start
    report("import: ours / NegMAS", a / b, "<= 0.5", f"{a * 1e3:.0f} and {b * 1e3:.0f} ms")


SIZE = """
import json, re, sys
from importlib import metadata
def closure(name):
    metadata.distribution(name)  # what is not installed has no size: better no figure than a small one
    seen, queue = {}, [name]
    while queue:
        key = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if key in seen: continue
        try: dist = metadata.distribution(key)
        except metadata.PackageNotFoundError: continue
        files = [f.locate() for f in dist.files or ()]
        seen[key] = sum(f.stat().st_size for f in files if f.is_file())
        for need in dist.requires or ():
            if "extra ==" not in need:
                queue.append(re.match(r"[A-Za-z0-9._-]+", need)[0])
    return seen
print(json.dumps(closure(sys.argv[1])))
"""


def bench_size(python: str) -> None:
    """Bytes of the installed files of each distribution and of all it requires, without extras."""

    def installed(executable: str, name: str) -> float:
        command = [executable, "-c", SIZE, name]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd="/")
        return sum(json.loads(done.stdout).values()) / 1e6

    ours, theirs = installed(sys.executable, "negotiate-kit"), installed(python, "negmas")
    package = Path(__file__).resolve().parents[1] / "negotiate"
    own = sum(
        f.stat().st_size
        for f in package.rglob("*")
        if f.is_file() and "__pycache__" not in f.parts
    )
    ours += own / 1e6  # an editable install lists none of its own files
    report(
        "core install: ours / NegMAS",
        ours / theirs,
        "120 MB",
        f"{ours:.0f} and {theirs:.0f} MB",
    )


FIELD = (
    "negmas-boulware",
    "negmas-linear",
    "negmas-conceder",
    "negmas-hardliner",
    "aspiration[x=2.0]",
    "micro",
    "naive_tit_for_tat",
    "random",
)


def bench_tournament(peer: Peer, repeats: int) -> None:
    """640 negotiations of 100 rounds: all ordered pairs of eight strategies on five scenarios, twice; one process each.

    Processor time on both sides: the two take very different times, and a busy machine would tell.
    """
    from negotiate.arena import Tournament, run

    tables = [random_tables(seed) for seed in range(5)]
    scenarios = tuple(scenario_of(t, f"s{n}") for n, t in enumerate(tables))
    tournament = Tournament(
        scenarios=scenarios,
        strategies=tuple(map(strategy, FIELD)),
        rules=AlternatingOffers(rounds=100),
        repetitions=2,
    )
    ours, theirs, cells, theirs_cells = [], [], 0, 0
    # Both load what they need before anything is timed; a peer that is still loading slows us, too.
    peer.ask(
        do="tournament", scenarios=tables[:1], strategies=FIELD[:2], rounds=5, repetitions=1
    )
    with tempfile.TemporaryDirectory() as folder:
        run(tournament, Path(folder), workers=0)
    for _ in range(repeats):
        for _ in range(3):  # a hundredth of the time that the other side takes
            with tempfile.TemporaryDirectory() as folder:
                began = time.process_time()
                cells = run(tournament, Path(folder), workers=0).cells
                ours.append((time.process_time() - began) / cells)
        answer = peer.ask(
            do="tournament", scenarios=tables, strategies=FIELD, rounds=100, repetitions=2
        )
        theirs_cells = answer["cells"]
        theirs.append(answer["seconds"] / theirs_cells)
    a, b = statistics.median(ours), statistics.median(theirs)
    report(
        "tournament, a cell: NegMAS / ours", b / a, ">= 100",
        f"{b * 1e3:.2f} and {a * 1e3:.2f} ms a cell, {theirs_cells} and {cells} cells",
    )  # fmt: skip


def bench_sweep(repeats: int) -> None:
    """200 domains of 1,000 outcomes generated and analysed, 20,000 lowered negotiations of 200 rounds, parity replay.

    Processor time. Against it stand the reference loop on the same cells, by its rate in a sample of them, and what no
    engine can do without: to draw the values, to sort both parties' outcomes, and to compare offers with thresholds.
    """
    import numpy as np

    from negotiate.arena import sweep
    from negotiate.domain.generate import generate

    exponents = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 2.0, 3.0, 5.0)
    specs = [strategy(f"time_dependent[e={e}]") for e in exponents]
    rules = AlternatingOffers(rounds=200)

    def whole() -> int:
        found = sweep(generate(count=200, seed="bench"), specs, rules=rules)
        assert found.audited >= len(found) // 100
        return len(found)

    def reference() -> int:
        scenarios = list(generate(count=4, seed="bench"))
        pairs = [(a, b) for a in specs for b in specs]
        for scenario in scenarios:
            for a, b in pairs:
                play(rules, scenario, [a.make(), b.make()])
        return len(scenarios) * len(pairs)

    def floor() -> int:
        stream = np.random.default_rng(0)
        for _ in range(200):
            worth = stream.integers(0, 10**9, (2, 1000))
            worth.sort(axis=1)
            turns = stream.integers(0, 10**9, (2, 10, 200))
            for offers, thresholds in (turns, turns[::-1]):
                (offers[:, None, :] >= thresholds[None, :, :]).argmax(axis=2)
        return 20_000

    ours, loops, least = [], [], []
    for _ in range(repeats):
        for seconds, work in ((ours, whole), (loops, reference), (least, floor)):
            seconds.append(_cpu(work))
    a, loop, bottom = (statistics.median(x) for x in (ours, loops, least))
    report(
        "sweep of 20,000 from nothing: seconds of CPU", a, "<= 1",
        f"reference loop {loop:.1f} s, arrays alone {bottom:.3f} s",
    )  # fmt: skip
    report("sweep: reference loop / ours", loop / a, "-", "")
    report("sweep: arrays alone / ours", bottom / a, "-", "")


def _cpu(work: Callable[[], int]) -> float:
    """Seconds of processor time for 20,000 of what ``work`` does."""
    began = time.process_time()
    done = work()
    return 20_000 * (time.process_time() - began) / done


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--negmas-python", required=True, help="interpreter with NegMAS 0.16")
    parser.add_argument("--only", default="match,import,size,tournament,sweep")
    parser.add_argument("--repeats", type=int, default=9)
    options = parser.parse_args()
    wanted = set(options.only.split(","))
    if hasattr(
        os, "sched_setaffinity"
    ):  # both sides on one core: they take turns, and share its noise
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    peer = Peer(options.negmas_python)
    try:
        if "match" in wanted:
            bench_match(peer, options.repeats)
        if "import" in wanted:
            bench_import(options.negmas_python, options.repeats)
        if "size" in wanted:
            bench_size(options.negmas_python)
        if "tournament" in wanted:
            bench_tournament(peer, max(options.repeats // 3, 1))
        if "sweep" in wanted:
            bench_sweep(max(options.repeats // 3, 1))
    finally:
        peer.close()


if __name__ == "__main__":
    main()
