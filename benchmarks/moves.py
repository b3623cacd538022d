"""What a move costs: each registered strategy, and each opponent model, on a domain of 1,000 outcomes.

    python benchmarks/moves.py [--rounds N] [--repeats N] [NAME...]

Time is that of the strategy alone, without the match around it; the median over all its moves, in the best of several
runs, so that a busy machine disturbs little. Figures are microseconds. Models are fed offers on several domains of
about 1,000 outcomes, of few issues with many values and of many with few; the worst of them counts, in processor time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

from benchmarks.run import random_tables, scenario_of
from negotiate import play
from negotiate.errors import StrategyError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import MODELS, STRATEGIES, model, strategy
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from negotiate.domain import Scenario
    from negotiate.moves import Move
    from negotiate.strategy import View

RIVAL = "genius-boulware"
SHAPES = ((10, 10, 10), (5, 5, 5, 8), (2,) * 10, (32, 32), (1000,))
SILENT = {"perfect", "worst"}  # these must be told the opponent's preferences
WATCHERS = [name for name in MODELS if name not in SILENT]
BUDGETS = {"time_dependent": 2.0, "aspiration": 2.0, "bezier": 2.0} | dict.fromkeys(
    WATCHERS, 20.0
)


class Timed(Strategy):
    """Plays as another strategy does and notes how long each move took."""

    def __init__(self, inner: Strategy) -> None:
        self.inner, self.begin, self.end = inner, inner.begin, inner.end  # type: ignore[method-assign]
        self.took: list[int] = []

    def respond(self, view: View) -> Move:
        """Time one move."""
        began = time.perf_counter_ns()
        move = self.inner.respond(view)
        self.took.append(time.perf_counter_ns() - began)
        return move


def cost_of_move(name: str, scenario: Scenario, rounds: int, repeats: int) -> float:
    """Microseconds a move, median over a match, best of the repeats."""
    best = float("inf")
    for seed in range(repeats):
        timed = Timed(strategy(name).make())
        play(
            AlternatingOffers(rounds=rounds),
            scenario,
            [timed, strategy(RIVAL).make()],
            seed=seed,
        )
        best = min(best, statistics.median(timed.took) / 1000)
    return best


def costs_of_model(name: str, repeats: int) -> tuple[float, float]:
    """Microseconds an update with an offer not seen before, and to read the tables after 200 of them.

    Each the best of the repeats, in the worst of the domains of about 1,000 outcomes. Some models do their work when
    the tables are read, which agents do once a move.
    """
    costs = [
        cost
        for sizes in SHAPES
        if (cost := _costs_on(name, scenario_of(random_tables(1, sizes), "shape"), repeats))
    ]
    return max(update for update, _ in costs), max(read for _, read in costs)


def _costs_on(name: str, scenario: Scenario, repeats: int) -> tuple[float, float] | None:
    """The same on one domain; None if the model says that it is too large."""
    random, domain = Random(1), scenario.domain
    offers = [domain.at(k) for k in random.sample(range(domain.size), 200)]
    update = read = float("inf")
    for _ in range(8 * repeats):
        watcher = model(name)
        watcher.know(scenario.preferences[0])
        try:
            watcher.begin(domain)
        except StrategyError:
            return None
        began = time.thread_time_ns()
        for outcome in offers:
            watcher.update(outcome)
        heard = time.thread_time_ns()
        _ = watcher.tables
        update = min(update, (heard - began) / 1000 / len(offers))
        read = min(read, (time.thread_time_ns() - heard) / 1000)
    return update, read


def main() -> int:
    """Print the table; 1 if something costs more than its budget."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="strategies; all built-in ones by default")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    scenario = scenario_of(random_tables(1), "moves")
    names = asked.names or [name for name, target in STRATEGIES.items() if ":" in target]
    costs = {n: cost_of_move(n, scenario, asked.rounds, asked.repeats) for n in names}
    reads: dict[str, float] = {}
    if not asked.names:
        for n in WATCHERS:
            costs[n], reads[n] = costs_of_model(n, asked.repeats)
    over = {name for name, cost in costs.items() if cost > BUDGETS.get(name, float("inf"))}
    for name, cost in costs.items():
        budget = f"  of {BUDGETS[name]:g}" if name in BUDGETS else ""
        read = f"  and {reads[name]:.1f} to read the tables" if name in reads else ""
        print(f"{name:24} {cost:9.2f} us{budget}{read}{'  over' if name in over else ''}")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())
