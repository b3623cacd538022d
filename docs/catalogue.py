"""What a strategy's page shows beside its docstring: its curve, its row in the reference tournament, its checks."""

import re
from functools import cache
from pathlib import Path

from negotiate import load, play, registry
from negotiate.arena.reference import COMMAND, ROUNDS, SCENARIOS, reference
from negotiate.arena.report.concession import Concessions, concession_svg
from negotiate.arena.report.standalone import standalone
from negotiate.domain.preferences import SCALE
from negotiate.match import Match
from negotiate.protocol import Agreement
from negotiate.protocols.alternating_offers import AlternatingOffers

SCENARIO, OPPONENT, TURNS = "printer-toner", "genius-boulware", 60
TESTS = Path(__file__).parents[1] / "tests" / "strategies"

CURVE = """
## Concession curve

![What the offers of {name} are worth to it, by round]({name}.svg)

{name} and `{opponent}` on the bundled scenario `{scenario}` over {turns} rounds, each offer at what it is worth to the
party that makes it. Where chance plays a part this is one run of many.
"""
ROW = """
## In the reference tournament

| rank | mean utility | 95 % interval | agreements | distance to Nash |
|---|---|---|---|---|
| {rank} of {of} | {mean_utility:.3f} | {low:.3f} to {high:.3f} | {agreement_rate:.0%} | {nash_distance:.3f} |

{negotiations:,} negotiations over {rounds} rounds: each of {of} strategies with its default parameters in each seat
against each, on {scenarios}. `{command}` plays it again; `nego arena` plays the same with strategies of your choice.
"""
CHECKED = """
## What was checked

- `check_strategy`: {matches} matches on 100 random scenarios and on corner cases, with two to five parties where it
  plays with more than two: {findings}. {dice}
- A move took {us_per_move:g} µs at the median, on the machine that made this table; the largest domain it was
  played on has {largest_domain:.0e} outcomes.
{more}"""
RECORDED = {
    "cuhkagent": "makes the offers of two recorded runs of the original one for one",
    "thefawkes": "makes the offers of two recorded runs of the original one for one",
    "time_dependent": "makes the offers of all recorded runs of Boulware and Conceder of GENIUS one for one",
    "agentk": "its mean curve and the round of agreement follow two recorded runs of the original",
    "hardheaded": "its mean curve and the round of agreement follow two recorded runs of the original",
    "nice_tit_for_tat": "its mean curve and the round of agreement follow two recorded runs of the original",
    "atlas3": "its mean curve and the round of agreement follow two recorded runs of the original",
    "agreeable": "its mean curve and the round of agreement follow two recorded runs of the original",
    "ponpoko": "one of its patterns follows each of two recorded runs of the original",
}
"""Comparisons with recorded runs, made by `test_recorded_agents.py` and `test_traces.py` where the runs are there."""


def sections(name: str) -> str:
    """Return the generated part of a strategy's page."""
    return "".join(part(name) for part in (curve_section, row_section, checked_section))


def mean(name: str) -> str:
    """Return its mean utility in the reference tournament, or a dash."""
    row = reference()["standings"].get(name)
    return f"{row['mean_utility']:.3f}" if row else "-"


def curve_section(name: str) -> str:
    """Return the picture; nothing for what does not play this protocol."""
    if curve(name) is None:
        return ""
    return CURVE.format(name=name, opponent=OPPONENT, scenario=SCENARIO, turns=TURNS)


def row_section(name: str) -> str:
    """Return the row; nothing for what did not take part."""
    found = reference()
    row = found["standings"].get(name)
    if row is None:
        return ""
    listed = ", ".join(f"`{scenario}`" for scenario in SCENARIOS)
    return ROW.format(
        **row,
        of=len(found["standings"]),
        negotiations=found["negotiations"],
        rounds=ROUNDS,
        scenarios=listed,
        command=COMMAND,
    )


def checked_section(name: str) -> str:
    """Return what is known to hold."""
    facts = reference()["checked"].get(name)
    if facts is None:
        return ""
    known = RECORDED.get(name)
    more = f"- Recorded runs: it {known}.\n" if known else ""
    tests = ", ".join(f"`{path}`" for path in tests_of(name, registry.STRATEGIES[name]))
    return CHECKED.format(
        matches=facts["matches"],
        findings=f"{facts['findings']} findings" if facts["findings"] else "no finding",
        dice="It draws on its own random stream."
        if facts["uses_its_random_stream"]
        else "It makes no use of chance.",
        us_per_move=facts["us_per_move"],
        largest_domain=facts["largest_domain"],
        more=more + (f"- Tests that name it: {tests}.\n" if tests else ""),
    ).replace("e+", "e")


def tests_of(name: str, target: str) -> list[str]:
    """Return the files of tests that name a strategy or part, by its registered name or its class."""
    words = re.compile(rf"\b{target.rpartition(':')[2]}\b|\"{name}\b")
    every = {"test_conformance.py"}  # runs through all of them
    paths = sorted(path for path in TESTS.glob("test_*.py") if path.name not in every)
    return [path.name for path in paths if words.search(path.read_text())]


@cache
def curve(name: str) -> str | None:
    """Return the concession curve as an SVG file; None for a strategy that does not play this protocol."""
    scenario = load(SCENARIO)
    players = [registry.strategy(each).make() for each in (name, OPPONENT)]
    match = play(AlternatingOffers(rounds=TURNS), scenario, players, seed="catalogue")
    if match.fault is not None:
        return None
    worth = [own.utility for own in scenario.preferences]
    drawn = Concessions(
        roles=(name, OPPONENT),
        own=[_offers(match, party, worth[party]) for party in range(2)],
        received=[],
        reservation=[own.reservation / SCALE for own in scenario.preferences],
        agreement=_agreement(match, worth),
        rounds=match.rounds,
    )
    return standalone(concession_svg(drawn))


def _offers(match: Match, party: int, worth) -> list[tuple[int, float]]:
    return [
        (turn.round, worth(turn.outcome) / SCALE)
        for turn in match.moves
        if turn.party == party and turn.outcome is not None
    ]


def _agreement(match: Match, worth) -> tuple[int, list[float]] | None:
    if not isinstance(match.result, Agreement):
        return None
    return match.rounds, [one(match.result.outcome) / SCALE for one in worth]
