"""The same tournament gives the same bytes, however it came about."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.arena import Interrupted, Limits, Results, Tournament, run
from negotiate.arena.store import Store
from negotiate.errors import ArenaError
from negotiate.protocols.alternating_offers import AlternatingOffers
from tests.arena.conftest import (
    STRATEGIES,
    driven,
    driving,
    played,
    scenario,
    sha,
    three,
    tournament,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain import Scenario

posix = pytest.mark.skipif(sys.platform == "win32", reason="kills and signals of POSIX")


def test_workers_and_hash_seeds_do_not_change_a_byte(tmp_path: Path, files: list[str]) -> None:
    settings: dict[str, Any] = {"scenarios": files, "strategies": [*STRATEGIES, "rogues:Slow"]}
    for name, workers, hash_seed in (("a", 0, "0"), ("b", 1, "1"), ("c", 2, "2")):
        driven(tmp_path / name, {**settings, "workers": workers}, PYTHONHASHSEED=hash_seed)
    assert sha(tmp_path / "a") == sha(tmp_path / "b") == sha(tmp_path / "c")


def test_the_order_of_the_arguments_does_not_change_a_byte(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    played(tmp_path / "a", two, STRATEGIES)
    played(tmp_path / "b", two[::-1], STRATEGIES[::-1])
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_again_plays_nothing_and_leaves_the_file_alone(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    first = played(tmp_path, two)
    before = (tmp_path / "results.sqlite").stat()
    second = played(tmp_path, two)
    assert (first.played, second.played) == (18, 0)
    assert (tmp_path / "results.sqlite").stat().st_mtime_ns == before.st_mtime_ns
    assert sorted(os.listdir(tmp_path)) == ["arena.toml", "results.sqlite"]


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ({"strategies": STRATEGIES[:2]}, {"strategies": STRATEGIES}),
        ({"repetitions": 1}, {"repetitions": 3}),
        ({"scenarios": slice(1, 2)}, {"scenarios": slice(0, 2)}),
    ],
)
def test_a_larger_tournament_keeps_what_is_there_and_ends_as_if_played_at_once(
    tmp_path: Path, two: tuple[Scenario, ...], smaller: dict[str, Any], larger: dict[str, Any]
) -> None:
    def go(folder: Path, *, scenarios: slice = slice(None), **more: Any) -> Results:
        return played(folder, two[scenarios], more.pop("strategies", STRATEGIES), **more)

    before = go(tmp_path / "a", **smaller)
    after = go(tmp_path / "a", **larger)
    assert after.played == len(after) - len(before)
    assert {row.key: row for row in before}.items() <= {row.key: row for row in after}.items()
    go(tmp_path / "b", **larger)
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_cells_that_are_not_asked_for_stay_on_the_shelf(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    large = played(tmp_path, two)
    whole = sha(tmp_path)
    small = played(tmp_path, two, STRATEGIES[:2], repetitions=1)
    assert len(small) == 8
    assert set(small.rows) < set(large.rows)
    assert small.played < 8  # only those of which the moves had not been kept
    assert set(small.strategies) == set(STRATEGIES[:2])
    again = played(tmp_path, two)
    assert (again.played, again.rows) == (0, large.rows)
    assert sha(tmp_path) == whole


def test_other_rules_and_seeds_are_other_cells(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    first = played(tmp_path, two)
    other = played(tmp_path, two, seed=1)
    assert other.played == 18
    assert {row.key for row in first}.isdisjoint(row.key for row in other)
    assert played(tmp_path, two).played == 0


def test_three_parties_play_too(tmp_path: Path) -> None:
    results = played(tmp_path, [three("three"), scenario("one")])
    assert sum(len(row.seats) == 3 for row in results) == 3 * 2 * 3 + 3
    assert results.standings.standings[0].observations == 6 + 7 * 3 - 6 + 6


@posix
def test_killed_in_the_middle_and_started_again_it_plays_only_what_is_missing(
    tmp_path: Path, files: list[str]
) -> None:
    settings = {
        "scenarios": files,
        "strategies": ["rogues:Slow", "micro", "random"],
        "repetitions": 6,
        "workers": 2,
    }
    done, workers = _stopped(tmp_path / "a", settings, signal.SIGKILL)
    assert _gone(workers)
    with pytest.raises(ArenaError, match="not finished"):
        Results(tmp_path / "a")
    lines = driven(tmp_path / "a", settings)
    first, total = lines[0][0], lines[0][1]
    assert done < first <= total == 108
    played_then = lines[-1][1]
    assert lines[-1][0] == "finished"
    assert 0 < played_then <= total - done
    driven(tmp_path / "b", settings)
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


@posix
def test_ctrl_c_keeps_what_is_done(tmp_path: Path, files: list[str]) -> None:
    settings = {
        "scenarios": files,
        "strategies": ["rogues:Slow", "micro", "random"],
        "repetitions": 6,
        "workers": 2,
    }
    process = driving(tmp_path / "a", settings)
    assert process.stdout is not None
    json.loads(process.stdout.readline())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers as well
    text, _ = process.communicate(timeout=30)
    stopped, done, total = json.loads(text.splitlines()[-1])
    assert (stopped, process.returncode, total) == ("interrupted", 130, 108)
    lines = driven(tmp_path / "a", settings)
    assert lines[-1] == ["finished", total - done, 0]


def test_ctrl_c_in_this_process_says_how_to_go_on(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    def stop(done: int, total: int, rate: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match="the same command plays the rest") as caught:
        run(tournament(two), tmp_path, workers=0, progress=stop)
    assert 0 < caught.value.done < caught.value.total == 18
    rest = run(tournament(two), tmp_path, workers=0)
    assert rest.played == 18 - caught.value.done


def test_progress_is_told_after_every_batch(tmp_path: Path, two: tuple[Scenario, ...]) -> None:
    told: list[tuple[int, int, float]] = []

    def tell(done: int, total: int, rate: float) -> None:
        told.append((done, total, rate))

    run(tournament(two), tmp_path, workers=0, progress=tell)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    assert told[-1][:2] == (18, 18)
    assert all(rate > 0 for _, _, rate in told)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ThreadPoolExecutor(2),
        lambda: ProcessPoolExecutor(1, get_context("spawn")),
    ],
)
def test_an_executor_of_the_users_plays_the_same(
    tmp_path: Path, two: tuple[Scenario, ...], make: Callable[[], ProcessPoolExecutor]
) -> None:
    with make() as executor:
        theirs = run(
            tournament(two), tmp_path / "a", executor=executor, limits=Limits(0.5, 1.0)
        )
        assert executor.submit(int).result() == 0  # it is not shut down
    played(tmp_path / "b", two)
    assert theirs.played == 18
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_two_runs_in_one_folder_are_refused(tmp_path: Path, two: tuple[Scenario, ...]) -> None:
    store = Store(tmp_path)
    try:
        with pytest.raises(ArenaError, match="in use") as caught:
            run(tournament(two), tmp_path, workers=0)
    finally:
        store.close()
    assert caught.value.code == "busy"


@pytest.mark.parametrize("content", [b"x" * 5000, b""])
def test_a_file_that_is_none_of_ours(
    tmp_path: Path, two: tuple[Scenario, ...], content: bytes
) -> None:
    (tmp_path / "results.sqlite").write_bytes(content)
    if not content:  # what a kill in the very first moment leaves
        assert played(tmp_path, two).played == 18
        return
    with pytest.raises(ArenaError, match="not a database"):
        played(tmp_path, two)
    assert (tmp_path / "results.sqlite").read_bytes() == content


def test_another_programs_database_is_left_alone(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    base = sqlite3.connect(tmp_path / "results.sqlite")
    base.execute("CREATE TABLE mine (x)")
    base.close()
    before = sha(tmp_path)
    with pytest.raises(ArenaError, match="another program's"):
        played(tmp_path, two)
    assert sha(tmp_path) == before


def test_results_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArenaError, match="no results in"):
        Results(tmp_path)


def test_the_store_knows_no_time_and_no_machine(
    tmp_path: Path, two: tuple[Scenario, ...]
) -> None:
    played(tmp_path, two)
    content = (tmp_path / "results.sqlite").read_bytes()
    assert os.uname().nodename.encode() not in content
    assert str(tmp_path).encode() not in content
    assert time.strftime("%Y-%m").encode() not in content


def test_limits_that_make_no_sense() -> None:
    with pytest.raises(ArenaError, match="limits of 0"):
        Limits(move=0)


def test_workers_that_make_no_sense(tmp_path: Path, two: tuple[Scenario, ...]) -> None:
    with pytest.raises(ArenaError, match="-1 workers"):
        run(tournament(two), tmp_path, workers=-1)


@posix
@pytest.mark.usefixtures("rogues")
def test_who_overran_a_limit_plays_again_under_another(tmp_path: Path) -> None:
    plan = Tournament(
        [scenario("one")],
        ["micro", "rogues:SleepsALittle"],
        AlternatingOffers(rounds=1),
        self_play=False,
    )
    strict = run(plan, tmp_path, workers=0, limits=Limits(move=0.1))
    assert {row.reason for row in strict} == {"timeout"}
    assert run(plan, tmp_path, workers=0, limits=Limits(move=0.1)).played == 0
    mild = run(plan, tmp_path, workers=0, limits=Limits(move=5.0))
    assert (mild.played, mild.failed) == (2, 0)


def test_rules_that_limit_time_are_played_by_the_clock(tmp_path: Path) -> None:
    rules = AlternatingOffers(rounds=None, time_limit=50)
    plan = Tournament([scenario("one")], ["genius-hardliner"], rules)
    results = run(plan, tmp_path, workers=0)
    assert [row.reason for row in results] == ["deadline"]


def _stopped(out: Path, settings: dict[str, Any], how: signal.Signals) -> tuple[int, list[int]]:
    """Start a run, kill it after a few batches; how many cells it had told, and its workers."""
    process = driving(out, settings)
    assert process.stdout is not None
    process.stdout.readline()
    done, total, workers = json.loads(process.stdout.readline())
    process.send_signal(how)
    process.communicate(timeout=30)
    assert 0 < done < total
    return done, workers


def _gone(processes: list[int]) -> bool:
    """Whether processes end within a few seconds."""
    assert processes
    until = time.monotonic() + 10
    while any(map(_alive, processes)):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
