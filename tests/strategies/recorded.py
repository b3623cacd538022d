"""Recorded runs of original agents, where the checkout lies beside them; tests that need them are skipped elsewhere."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from negotiate.domain import formats
from negotiate.domain.issues import Outcome
from negotiate.domain.preferences import SCALE
from negotiate.domain.scenario import Scenario
from negotiate.match import play
from negotiate.moves import Offer
from negotiate.protocol import Agreement
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.strategy import Brief

_ROOT = Path(__file__).parents[2]
TRACES = Path(os.environ.get("NEGOTIATE_SHARED", _ROOT.parent / "shared")) / "traces"
ROUNDS = 200
RULES = AlternatingOffers(rounds=ROUNDS)

needs_traces = pytest.mark.skipif(not TRACES.is_dir(), reason=f"no recorded runs in {TRACES}")


@dataclass(frozen=True)
class Run:
    """One recorded run: offers of both sides by round, utilities of side 0, and how it ended."""

    mine: dict[int, tuple[int, ...]]
    theirs: dict[int, tuple[int, ...]]
    utilities: list[float]
    ended: int
    by: int


@cache
def scenario() -> Scenario:
    """The domain d500 with both profiles."""
    return formats.read(TRACES)


@cache
def run(name: str, number: int) -> Run:
    """One of the two runs of an agent."""
    mine: dict[int, tuple[int, ...]] = {}
    theirs: dict[int, tuple[int, ...]] = {}
    utilities: list[float] = []
    for line in (TRACES / f"{name}.{number}.tsv").read_text().splitlines():
        first, second, values, *worth = line.split("\t")
        if first == "END":
            return Run(mine, theirs, utilities, int(second), int(values))
        outcome = tuple(int(value[1:]) for value in values.split("|"))
        (theirs if second == "1" else mine)[int(first)] = outcome
        if second == "0":
            utilities.append(float(worth[0]))
    raise AssertionError("the run has no end")


def replayed(name: str, recorded: Run, seed: int = 0) -> tuple[list[float], int, str]:
    """Own utilities of what a strategy offers when fed the recorded opponent; the round and manner of its end."""
    agent, negotiation = strategy(name).make(), RULES.start(scenario().domain, ("a", "b"))
    own = scenario().preferences[0]
    agent.begin(Brief(0, "a", ("a", "b"), scenario().domain, own, RULES, seed))
    made: list[float] = []
    for k in range(1, ROUNDS + 1):
        move = agent.respond(negotiation.view(0))
        if not isinstance(move, Offer):
            return made, k, move.kind
        made.append(own.utility(move.outcome) / SCALE)
        negotiation.push(0, move)
        if k not in recorded.theirs:
            return made, k, "opponent"
        negotiation.push(1, Offer(recorded.theirs[k]))
    return made, ROUNDS, "deadline"


def played(name: str, seed: int) -> tuple[list[float], int, float]:
    """Own utilities of a strategy's offers against the recorded rival, the last round, and the agreement's utility."""
    match = play(
        RULES,
        scenario(),
        [strategy(name).make(), strategy("genius-boulware").make()],
        seed=seed,
    )
    own = scenario().preferences[0]
    made = [
        own.utility(turn.outcome) / SCALE
        for turn in match.moves
        if turn.party == 0 and turn.outcome is not None
    ]
    ended = match.result.round if isinstance(match.result, Agreement) else ROUNDS
    return made, ended, match.utilities[0] / SCALE


def led(name: str, recorded: Run, seed: int = 0) -> Iterator[tuple[int, Any, Any, Outcome]]:
    """A named agent that is made to send what was recorded: round, agent, its own move, and the recorded offer.

    At each of its turns it knows what the original knew, so that every single decision can be compared.
    """
    agent: Any = strategy(name).make()
    negotiation = RULES.start(scenario().domain, ("a", "b"))
    agent.begin(
        Brief(0, "a", ("a", "b"), scenario().domain, scenario().preferences[0], RULES, seed)
    )
    for k, offer in recorded.mine.items():
        move = agent.respond(negotiation.view(0))
        yield k, agent, move, offer
        sent: list[Outcome] = agent.sent
        sent[len(sent) - isinstance(move, Offer) :] = [offer]
        negotiation.push(0, Offer(offer))
        if k in recorded.theirs:
            negotiation.push(1, Offer(recorded.theirs[k]))
