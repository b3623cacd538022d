"""Our Boulware and Conceder make, move for move, the offers of the original Java agents.

The recorded runs lie beside the checkout and are not part of it; without them these tests are skipped. Each file
is 200 rounds of an agent (side 0) against Boulware (side 1), with t = round / 201. Where several outcomes have the
same utility for whoever offers, the originals' choice among them follows their internal order, so own utilities
are compared and not outcomes.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from negotiate import load, play, registry
from negotiate.domain import SCALE, Outcome, Scenario
from negotiate.moves import Accept, Move
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.strategy import Brief, Strategy, View
from negotiate.testing import Scripted

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "traces"
FILES = sorted(FOLDER.glob("*.tsv"))
RULES = AlternatingOffers(rounds=200, discounting="none")

pytestmark = pytest.mark.skipif(not FILES, reason="the recorded runs are not here")


@cache
def scenario() -> Scenario:
    return load(FOLDER)


class Step(NamedTuple):
    """A recorded offer, or the end: then ``side`` accepted ``outcome``, or nobody did."""

    round: int
    side: int
    outcome: Outcome | None
    utilities: tuple[float, ...]


class Trace(NamedTuple):
    steps: list[Step]
    end: Step

    def of(self, side: int) -> list[Step]:
        return [step for step in self.steps if step.side == side]


@cache
def trace(file: Path) -> Trace:
    steps: list[Step] = []
    for line in file.read_text().splitlines():
        cells = line.split("\t")
        ended = cells[0] == "END"
        round_, side, values, *utilities = cells[ended:]
        agreed = values != "-"
        step = Step(
            int(round_),
            int(side),
            _outcome(values) if agreed else None,
            tuple(float(u) for u in utilities if u) if agreed else (),
        )
        if ended:
            return Trace(steps, step)
        steps.append(step)
    raise AssertionError(f"{file} has no end")


def _outcome(values: str) -> Outcome:
    issues = scenario().domain.issues
    return tuple(i.position(v) for i, v in zip(issues, values.split("|"), strict=True))


class Follower(Strategy):
    """Answers as ``inner`` would, writes the answers down, and makes the recorded moves.

    The original chose between outcomes that are alike to it; following the record keeps both games the same.
    """

    def __init__(self, inner: Strategy, script: list[Move | Outcome]) -> None:
        self.inner = inner
        self.answers: list[Move] = []
        self.recorded = Scripted(script)

    def begin(self, brief: Brief) -> None:
        self.brief = brief
        self.inner.begin(brief)

    def respond(self, view: View) -> Move:
        self.answers.append(self.inner.respond(view))
        return self.recorded.respond(view)


def script(run: Trace, side: int) -> list[Move | Outcome]:
    moves: list[Move | Outcome] = [s.outcome for s in run.of(side) if s.outcome is not None]
    return [*moves, Accept()] if run.end.side == side else moves


def follow(file: Path, side: int, name: str) -> None:
    """Whether the strategy would have done at each turn what is recorded."""
    run = trace(file)
    follower = Follower(registry.strategy(name).make(), script(run, side))
    players: list[Strategy] = [Scripted(script(run, p)) for p in range(2)]
    players[side] = follower
    match = play(RULES, scenario(), players)
    own = scenario().preferences[side]
    answers = [
        "accept" if isinstance(move, Accept) else own.utility(move.outcome)  # type: ignore[union-attr]
        for move in follower.answers
    ]
    expected: list[str | int] = [own.utility(s.outcome) for s in run.of(side) if s.outcome]
    if run.end.side == side:
        expected.append("accept")
    assert answers == expected
    assert (match.rounds, match.agreement) == (run.end.round, run.end.outcome)


def test_all_recorded_runs_are_here() -> None:
    assert len(FILES) == 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_scenario_reads_as_the_originals_saw_it(file: Path) -> None:
    for step in (*trace(file).steps, trace(file).end):
        if step.outcome is not None:
            ours = [own.utility(step.outcome) / SCALE for own in scenario().preferences]
            assert ours == pytest.approx(step.utilities, abs=2e-9)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_boulware_answers_every_agent_as_the_original_did(file: Path) -> None:
    follow(file, 1, "genius-boulware")


@pytest.mark.parametrize(
    "file", [f for f in FILES if f.stem.startswith("Boulware")], ids=lambda file: file.stem
)
def test_boulware_opens_as_the_original_did(file: Path) -> None:
    follow(file, 0, "genius-boulware")


@pytest.mark.parametrize(
    "file", [f for f in FILES if f.stem.startswith("Conceder")], ids=lambda file: file.stem
)
def test_conceder_answers_as_the_original_did(file: Path) -> None:
    follow(file, 0, "genius-conceder")


@pytest.mark.parametrize("run", ["1", "2"])
@pytest.mark.parametrize("name", ["Boulware", "Conceder"])
def test_a_whole_negotiation_goes_as_the_originals_went(name: str, run: str) -> None:
    recorded = trace(FOLDER / f"{name}.{run}.tsv")
    names = (f"genius-{name.lower()}", "genius-boulware")
    match = play(RULES, scenario(), [registry.strategy(n).make() for n in names])
    offers = [turn for turn in match.moves if turn.outcome is not None]
    for turn, step in zip(offers, recorded.steps, strict=True):
        own = scenario().preferences[turn.party]
        assert (turn.round, turn.party) == (step.round, step.side)
        assert turn.outcome is not None
        mine = own.utility(turn.outcome) / SCALE
        assert mine == pytest.approx(step.utilities[step.side], abs=2e-9)
        assert turn.outcome == step.outcome  # on this domain our rule for ties is theirs, too
    assert (match.rounds, match.ended_by) == (recorded.end.round, recorded.end.side)
    assert [u / SCALE for u in match.utilities] == pytest.approx(
        recorded.end.utilities, abs=2e-9
    )
