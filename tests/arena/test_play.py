"""Playing single cells, in this process."""

from __future__ import annotations

import multiprocessing
import sys
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.arena import Interrupted, Limits, run
from negotiate.arena.play import Kit, Player, Row
from negotiate.arena.quarantine import _alone, _Heard
from negotiate.arena.watchdog import CUT, Guard
from negotiate.errors import StrategyError
from negotiate.protocol import Reason
from negotiate.registry import Spec
from negotiate.strategies.time_dependent import TimeDependent
from tests.arena.conftest import scenario, tournament

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.arena.cells import Cell

pytestmark = [
    pytest.mark.usefixtures("rogues"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs timers of POSIX"),
]
LIMITS = Limits(move=0.2, begin=0.4)


def seated(one: Any, other: Any) -> tuple[Player, Cell]:
    plan = tournament([scenario("one")], list({id(x): x for x in (one, other)}.values()))
    specs = {spec.id: spec for spec in plan.specs}
    player = Player(Kit(plan.rules, specs, 0, LIMITS), scenario("one"), contained=True)
    first, second = (x.id if isinstance(x, Spec) else x for x in (one, other))
    return player, next(cell for cell in plan.cells if cell.seats == (first, second))


def row_of(one: Any, other: Any) -> Row:
    player, cell = seated(one, other)
    with Guard(LIMITS) as guard:
        return player.play([cell], frozenset(), guard)[0]


@pytest.mark.parametrize("seat", [0, 1])
@pytest.mark.parametrize(
    ("name", "reason", "error"),
    [
        ("Interrupts", Reason.ERROR, "KeyboardInterrupt"),
        ("Sleeps", Reason.TIMEOUT, "took more than 0.2 s for one move"),
        ("SleepsAtTheBeginning", Reason.TIMEOUT, "took more than 0.4 s to begin"),
        ("SleepsOnce", Reason.TIMEOUT, "took more than 0.2 s for one move"),
        ("Raises", Reason.ERROR, "ValueError: I am <object object at 0x…>"),
    ],
)
def test_the_fault_is_that_of_the_seat(
    seat: int, name: str, reason: Reason, error: str
) -> None:
    pair = ["random", "random"]
    pair[seat] = f"rogues:{name}"
    row = row_of(*pair)
    assert (row.reason, row.fault, row.ended_by, row.error) == (reason, seat, seat, error)
    assert row.moves is not None


def test_a_strategy_that_sleeps_in_the_end_keeps_its_deal() -> None:
    for name in ("SleepsInTheEnd", "SwallowsInTheEnd"):
        row = row_of(f"rogues:{name}", "genius-conceder")
        assert (row.reason, row.fault) == ("accept", 0)
        assert row.error is not None
        assert "took more than 0.2 s to end" in row.error


class Unmakeable(TimeDependent):
    made = 0

    def __post_init__(self) -> None:
        if Unmakeable.made:
            raise StrategyError("not twice")


def test_a_strategy_that_cannot_be_made_is_at_fault() -> None:
    player, cell = seated("random", Spec("un", Unmakeable))
    Unmakeable.made = 1
    with Guard(LIMITS) as guard:
        row = player.play([cell], frozenset(), guard)[0]
    assert (row.reason, row.fault, row.error, row.rounds) == ("error", 1, "not twice", 0)


def test_ctrl_c_is_not_taken_for_a_failure_in_this_process(tmp_path: Path) -> None:
    plan = tournament([scenario("one")], ["rogues:Interrupts"])
    with pytest.raises(Interrupted):
        run(plan, tmp_path, workers=0)


def test_a_long_batch_is_handed_in_early(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("negotiate.arena.play.ENOUGH", 0.0)
    player, cell = seated("random", "random")
    with Guard(LIMITS) as guard:
        assert len(player.play([cell] * 5, frozenset(), guard)) == 1


def test_without_ticks_a_move_is_timed_after_it_was_made() -> None:
    player, cell = seated("rogues:SleepsALittle", "random")
    guard = Guard(LIMITS)  # not entered: as in a thread, or without timers
    row = player.play([cell], frozenset(), guard)[0]
    assert (row.reason, row.fault) == ("timeout", 0)


def test_a_child_announces_every_call_and_then_hands_in_the_row() -> None:
    player, cell = seated("genius-conceder", "genius-conceder")
    ours, theirs = multiprocessing.Pipe(duplex=False)
    _alone(player, cell, True, theirs)
    player.tell = None
    said: list[Any] = []
    while not said or not isinstance(said[-1], Row):
        said.append(ours.recv())
    assert said[-1] == row_of("genius-conceder", "genius-conceder")._replace(
        moves=said[-1].moves
    )
    stages = [stage for stage, _, _, _ in said[:-1]]
    assert stages[:4] == ["begin"] * 4
    assert stages[-2:] == ["end"] * 2
    heard = [turn for _, _, _, moves in said[:-1] for turn in moves]
    assert [turn.kind for turn in heard] == ["offer"] * (said[-1].turns - 1)


def test_silence_is_an_overrun_and_a_status_tells_the_rest() -> None:
    player, cell = seated("random", "random")
    ours, _theirs = multiprocessing.Pipe(duplex=False)
    heard = _Heard(Limits(move=0.01, begin=0.01))
    heard.grace = 0.01
    assert heard.listen(ours) is None
    assert heard.silent
    heard.seat, heard.stage = 1, "respond"
    late = heard.obituary(player, cell, -9)
    assert (late.reason, late.error) == ("timeout", "took more than 0.01 s for one move")
    heard.silent = False
    assert heard.obituary(player, cell, CUT).reason == "timeout"
    killed = heard.obituary(player, cell, -11)
    assert (killed.reason, killed.error) == ("error", "its process was killed by signal 11")
    assert heard.obituary(player, cell, 3).error == "its process ended with status 3"
