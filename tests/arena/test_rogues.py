"""A strategy that misbehaves loses its own cells and nothing else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from negotiate.arena import Results, Tournament, run
from negotiate.errors import ArenaError
from negotiate.strategies.time_dependent import TimeDependent
from tests.arena.conftest import played, scenario, tournament

if TYPE_CHECKING:
    from pathlib import Path

HONEST = ("genius-boulware", "random")

PLAIN = {
    "Raises": ("error", "ValueError: I am <object object at 0x…>"),
    "RaisesAtTheBeginning": ("error", "ValueError: no"),
    "SysExits": ("error", "SystemExit: 3"),
    "Interrupts": ("error", "KeyboardInterrupt"),
    "OwnException": ("error", "BaseException: not an Exception"),
    "ReturnsNone": ("illegal-move", "not-a-move: None is not a move"),
    "OffersNonsense": ("illegal-move", "off-domain: "),
}
SLOW = {
    "Sleeps": ("timeout", "took more than 0.5 s for one move"),
    "SleepsAtTheBeginning": ("timeout", "took more than 1 s to begin"),
    "Loops": ("timeout", "took more than 0.5 s for one move"),
    "SleepsOnce": ("timeout", "took more than 0.5 s for one move"),
}
DEADLY = {
    "Exits": ("error", "its process ended with status 7"),
    "KillsItself": ("error", "its process was killed by signal 9"),
    "Swallows": ("timeout", "took more than 0.5 s for one move"),
    "StuckInC": ("timeout", "took more than 0.5 s for one move"),
}
HARMLESS = ("ChangesItsView", "Prints")

pytestmark = [
    pytest.mark.usefixtures("rogues"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs timers of POSIX"),
]


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The tournament of the honest alone."""
    return played(tmp_path_factory.mktemp("honest"), [scenario("one")], HONEST)


def check(results: Results, without: Results, expected: dict[str, tuple[str, str]]) -> None:
    """Rows of the honest are untouched; every other row has the fault where it belongs."""
    rows = {row.key: row for row in results}
    assert all(rows[row.key] == row for row in without)
    for row in results:
        guilty = [i for i, seat in enumerate(row.seats) if seat.startswith("rogues:")]
        if guilty:
            assert row.fault in guilty
            reason, error = expected[row.seats[row.fault].removeprefix("rogues:")]
            assert row.reason == reason
            assert row.error is not None
            assert row.error.startswith(error)
            assert row.utilities == (200_000_000, 200_000_000)
            assert results.moves(row.key) is not None
    board = {one.strategy: one for one in results.standings.standings}
    for one in without.standings.standings:
        assert board[one.strategy].mean_utility == one.mean_utility
    assert all(
        one.mean_utility == 0.2 for name, one in board.items() if name.startswith("rogues:")
    )


def test_plain_misbehaviour(tmp_path: Path, without: Results) -> None:
    names = [f"rogues:{name}" for name in PLAIN]
    check(played(tmp_path, [scenario("one")], [*HONEST, *names], workers=2), without, PLAIN)


@pytest.mark.parametrize("name", SLOW)
def test_overruns(tmp_path: Path, without: Results, name: str) -> None:
    strategies = [*HONEST, f"rogues:{name}"]
    results = played(tmp_path, [scenario("one")], strategies, self_play=False, workers=2)
    for row in results:
        if f"rogues:{name}" in row.seats:
            assert row.fault == row.seats.index(f"rogues:{name}")
            assert (row.reason, row.error) == SLOW[name]
    rows = {row.key: row for row in results}
    assert all(rows[row.key] == row for row in without if row.key in rows)


def test_whoever_ends_the_process_is_found(tmp_path: Path, without: Results) -> None:
    names = [f"rogues:{name}" for name in ("Exits", "KillsItself")]
    results = played(tmp_path, [scenario("one")], [*HONEST, *names], workers=2)
    check(results, without, DEADLY)
    exits = next(row for row in results if row.seats == ("rogues:Exits", "random"))
    assert (exits.rounds, exits.turns) == (3, 4)
    moves = results.moves(exits.key)
    assert moves is not None
    assert [(number, party, kind) for number, party, kind, _ in moves] == [
        (1, 0, "offer"), (1, 1, "offer"), (2, 0, "offer"), (2, 1, "offer")
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Swallows", "StuckInC"])
def test_whoever_cannot_be_stopped_is_ended(tmp_path: Path, name: str) -> None:
    strategies = ["genius-boulware", f"rogues:{name}"]
    results = played(tmp_path, [scenario("one")], strategies, self_play=False, workers=1)
    assert [(row.reason, row.error) for row in results] == [DEADLY[name]] * 2
    assert [row.seats[row.fault or 0] for row in results] == [f"rogues:{name}"] * 2


def test_a_failure_after_the_deal_is_told_and_the_deal_stands(tmp_path: Path) -> None:
    strategies = ["genius-conceder", "rogues:RaisesInTheEnd"]
    results = played(tmp_path, [scenario("one")], strategies, self_play=False, workers=1)
    for row in results:
        assert row.reason == "accept"
        assert row.seats[row.fault or 0] == "rogues:RaisesInTheEnd"
        assert row.error == "in end(): ValueError: no"
    assert results.failed == 0


@pytest.mark.parametrize("name", HARMLESS)
def test_what_harms_nobody_wins_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    results = played(tmp_path, [scenario("one")], ["random", f"rogues:{name}"], workers=1)
    honest = played(tmp_path / "h", [scenario("one")], ["random", TimeDependent])
    theirs = {row.seats: row for row in results}
    for row in honest:
        seats = tuple("random" if seat == "random" else f"rogues:{name}" for seat in row.seats)
        assert theirs[seats].digest == row.digest
    assert capfd.readouterr().out == ""  # our output may be JSON


def test_a_local_class_plays_here_and_cannot_travel(tmp_path: Path) -> None:
    class Mine(TimeDependent):
        pass

    plan = tournament([scenario("one")], [Mine, "random"])
    with pytest.raises(ArenaError, match=r"top level of a module.*workers=0"):
        run(plan, tmp_path, workers=1)
    assert run(plan, tmp_path, workers=0).played == 4


def test_rules_that_ask_several_at_once_are_told(tmp_path: Path) -> None:
    plan = Tournament([scenario("one")], ["random"], repetitions=1)
    assert run(plan, tmp_path, workers=0).played == 1
