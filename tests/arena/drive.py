"""Runs a tournament in a process of its own: ``drive.py OUT SETTINGS_AS_JSON``; tells its progress line by line."""

from __future__ import annotations

import json
import multiprocessing
import signal
import sys
from contextlib import nullcontext
from pathlib import Path

from negotiate.arena import Interrupted, Limits, Tournament, run
from negotiate.arena.cluster import connect
from negotiate.protocols.alternating_offers import AlternatingOffers


def tell(done: int, total: int, rate: float) -> None:
    children = [child.pid for child in multiprocessing.active_children()]
    print(json.dumps([done, total, children]), flush=True)


def main() -> None:
    # A shell starts what runs in its background deaf to Ctrl-C, tests and all.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    settings = json.loads(sys.argv[2])
    tournament = Tournament(
        settings["scenarios"],
        settings["strategies"],
        AlternatingOffers(rounds=settings.get("rounds", 20)),
        repetitions=settings.get("repetitions", 1),
    )
    limits = Limits(move=0.5, begin=1.0)
    cluster = settings.get("cluster")
    try:
        with connect(cluster, tournament.specs) if cluster else nullcontext() as found:
            results = run(
                tournament,
                Path(sys.argv[1]),
                workers=found.workers if found else settings.get("workers"),
                executor=found.executor if found else None,
                limits=limits,
                progress=tell,
            )
    except Interrupted as stop:
        print(json.dumps(["interrupted", stop.done, stop.total]), flush=True)
        sys.exit(130)
    print(json.dumps(["finished", results.played, results.failed]), flush=True)


if __name__ == "__main__":
    main()
