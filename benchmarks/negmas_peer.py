"""Runs in NegMAS's own environment and answers requests on standard input, one JSON line each.

Uses NegMAS through its public interface only. Requests: {"do": "match", ...}, {"do": "tournament", ...}.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

from negmas.inout import Scenario  # type: ignore[import-not-found]  # noqa: E402
from negmas.outcomes import make_issue, make_os  # type: ignore[import-not-found]  # noqa: E402
from negmas.preferences import (  # type: ignore[import-not-found]  # noqa: E402
    LinearAdditiveUtilityFunction,
)
from negmas.sao import (  # type: ignore[import-not-found]  # noqa: E402
    AspirationNegotiator,
    BoulwareTBNegotiator,
    ConcederTBNegotiator,
    LinearTBNegotiator,
    MiCRONegotiator,
    NaiveTitForTatNegotiator,
    RandomNegotiator,
    SAOMechanism,
    ToughNegotiator,
)
from negmas.tournaments.neg import (  # type: ignore[import-not-found]  # noqa: E402
    cartesian_tournament,
)

KINDS = {
    "negmas-boulware": BoulwareTBNegotiator,
    "negmas-linear": LinearTBNegotiator,
    "negmas-conceder": ConcederTBNegotiator,
    "negmas-hardliner": ToughNegotiator,
    "aspiration[x=2.0]": AspirationNegotiator,
    "micro": MiCRONegotiator,
    "naive_tit_for_tat": NaiveTitForTatNegotiator,
    "random": RandomNegotiator,
}


def spaces(tables: list[list[list[float]]], name: str = "s") -> tuple[object, list[object]]:
    """An outcome space of choice issues, and a utility function for each table."""
    issues = [
        make_issue([f"v{j}" for j in range(len(values))], f"i{i}")
        for i, values in enumerate(tables[0])
    ]
    outcome_space = make_os(issues, name=name)
    ufuns = [
        LinearAdditiveUtilityFunction(
            {
                issue.name: dict(zip(issue.values, values, strict=True))
                for issue, values in zip(issues, table, strict=True)
            },
            weights=[1.0] * len(issues),
            outcome_space=outcome_space,
        )
        for table in tables
    ]
    return outcome_space, ufuns


def match(request: dict) -> dict:
    """One negotiation; ``seconds`` is the run alone, ``prepared`` includes making and sorting the spaces."""
    began = time.perf_counter()
    outcome_space, ufuns = spaces(request["tables"])
    mechanism = SAOMechanism(outcome_space=outcome_space, n_steps=request["rounds"])
    for name, ufun in zip(request["strategies"], ufuns, strict=True):
        mechanism.add(KINDS[name](ufun=ufun))
    ready = time.perf_counter()
    mechanism.run()
    done = time.perf_counter()
    agreement = mechanism.state.agreement
    return {
        "rounds": mechanism.state.step,
        "agreement": None if agreement is None else [int(value[1:]) for value in agreement],
        "seconds": done - ready,
        "prepared": done - began,
    }


def tournament(request: dict) -> dict:
    """A tournament of all pairs on all scenarios, in one process; ``seconds`` are of its processor time."""
    scenarios = []
    for number, tables in enumerate(request["scenarios"]):
        outcome_space, ufuns = spaces(tables, f"s{number}")
        scenarios.append(Scenario(outcome_space=outcome_space, ufuns=tuple(ufuns)))
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        began = time.process_time()
        results = cartesian_tournament(
            competitors=[KINDS[name] for name in request["strategies"]],
            scenarios=scenarios,
            n_steps=request["rounds"],
            n_repetitions=request["repetitions"],
            rotate_ufuns=False,
            njobs=-1,
            verbosity=0,
            path=Path(folder) / "t",
            save_stats=False,
            save_scenario_figs=False,
            randomize_runs=False,
        )
        seconds = time.process_time() - began
    return {"cells": len(results.scores) // 2, "seconds": seconds}


def main() -> None:
    """Answer until standard input ends."""
    answers = {"match": match, "tournament": tournament}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answers[request["do"]](request)), flush=True)


if __name__ == "__main__":
    main()
