"""Workers that die, executors that break, and scripts that start worker processes."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

from negotiate.arena import Limits, run
from negotiate.arena import crew as crew_module
from negotiate.arena import dispatch as dispatch_module
from negotiate.arena import quarantine as quarantine_module
from negotiate.arena.crew import Crew
from negotiate.arena.play import Kit
from negotiate.arena.quarantine import Quarantine
from negotiate.arena.worker import Job, packed, play
from negotiate.errors import ArenaError
from tests.arena.conftest import HERE, ROOT, played, scenario, sha, tournament

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.usefixtures("rogues"),
    pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX"),
]
LIMITS = Limits(move=0.5, begin=1.0)

SCRIPT = """
from negotiate.arena import Tournament, run
from negotiate.strategies.time_dependent import TimeDependent

class Mine(TimeDependent):
    pass

def main():
    results = run(Tournament(["milk"], [Mine, "micro"]), {out!r}, workers=1)
    print(results.played, results.failed, *results.strategies)

{start}
"""


def job(*strategies: str, **more: Any) -> Job:
    """The cells of these strategies on a small scenario."""
    one = scenario("one")
    plan = tournament([one], strategies, **more)
    specs = {spec.id: spec for spec in plan.specs}
    kit = Kit(plan.rules, specs, plan.seed, LIMITS)
    return Job(packed(kit), packed(one), plan.cells, frozenset())


def test_quarantine_gives_the_rows_that_any_worker_gives() -> None:
    batch = job("genius-boulware", "random")
    quarantine = Quarantine()
    try:
        assert quarantine.play(batch).rows == play(batch).rows
    finally:
        quarantine.close()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("methods", [["fork", "spawn"], ["spawn"]])
def test_quarantine_finds_the_culprit_with_and_without_fork(
    monkeypatch: pytest.MonkeyPatch, methods: list[str]
) -> None:
    monkeypatch.setattr(
        quarantine_module.multiprocessing, "get_all_start_methods", lambda: methods
    )
    batch = job("rogues:Exits", "random", self_play=False)
    rows, outcasts = quarantine_module._play_each(batch)
    assert outcasts == {"rogues:Exits"}
    for row in rows:
        assert row.fault == row.cell.seats.index("rogues:Exits")
        assert (row.reason, row.rounds) == ("error", 3)


def test_a_keeper_that_dies_is_told() -> None:
    quarantine = Quarantine()
    batch = job("random")
    quarantine.play(batch)
    quarantine.stop()
    with pytest.raises(ArenaError, match="one by one died"):
        quarantine.play(batch)
    quarantine.close()


def test_what_a_worker_cannot_load_is_told() -> None:
    batch = Job(b"not a pickle", b"", (), frozenset())
    with pytest.raises(ArenaError, match="cannot load what it should play"):
        play(batch)
    quarantine = Quarantine()
    try:
        with pytest.raises(ArenaError, match="cannot load what it should play"):
            quarantine.play(batch)
    finally:
        quarantine.close()


def test_a_users_pool_that_breaks_ends_the_run_once(tmp_path: Path) -> None:
    plan = tournament([scenario("one")], ["genius-boulware", "rogues:Exits"])
    with (
        ProcessPoolExecutor(1, get_context("spawn")) as pool,
        pytest.raises(ArenaError, match="the executor broke"),
    ):
        run(plan, tmp_path / "a", executor=pool, limits=LIMITS)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        results = run(plan, tmp_path / "a", executor=pool, limits=LIMITS)
    assert results.failed == 3
    played(tmp_path / "b", [scenario("one")], ["genius-boulware", "rogues:Exits"], workers=1)
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


class Losing(ThreadPoolExecutor):
    """Reports a dead worker in its own way, as executors of clusters do."""

    def submit(self, *call: Any, **more: Any) -> Future[Any]:
        lost: Future[Any] = Future()
        lost.set_exception(RuntimeError("worker lost"))
        return lost


def test_cells_that_an_executor_lost_are_played_in_quarantine(tmp_path: Path) -> None:
    with Losing() as executor:
        results = run(
            tournament([scenario("one")], ["random", "micro"]), tmp_path, executor=executor
        )
    assert (results.played, results.failed) == (4, 0)


def test_workers_that_die_without_a_culprit_are_given_up_and_all_is_played_in_quarantine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Crew, "submit", _broken)
    monkeypatch.setattr(crew_module, "_PATIENCE", 1)
    plan = tournament([scenario("one")], ["random", "rogues:Prints"])
    results = run(plan, tmp_path, workers=1, limits=LIMITS)
    assert (results.played, results.failed) == (4, 0)


def _broken(crew: Crew, job: Job) -> Future[Any]:
    failed: Future[Any] = Future()
    failed.set_exception(BrokenExecutor("dead"))
    return failed


def test_a_job_for_a_broken_pool_comes_back_as_broken() -> None:
    crew = Crew(1)
    try:
        with pytest.raises(BrokenExecutor):
            crew._pool.submit(os._exit, 1).result()
        with pytest.raises(BrokenExecutor):
            crew.submit(job("random")).result()
    finally:
        crew.close(patient=True)


@pytest.mark.parametrize(
    ("start", "status", "says"),
    [
        ('if __name__ == "__main__":\n    main()', 0, "4 0 Mine micro"),
        ("main()", 1, "put what runs under `if __name__ == '__main__':`"),
    ],
)
def test_a_class_of_the_users_own_script(
    tmp_path: Path, start: str, status: int, says: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(out=str(tmp_path / "out"), start=start))
    done = _python(str(script))
    assert done.returncode == status
    assert says in (done.stderr if status else done.stdout)


def test_a_class_that_only_this_process_knows(tmp_path: Path) -> None:
    start = 'if __name__ == "__main__":\n    main()'
    done = _python("-c", SCRIPT.format(out=str(tmp_path / "out"), start=start))
    assert done.returncode == 1
    assert "a worker process cannot load what it should play" in done.stderr
    assert "workers=0" in done.stderr


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    search = os.pathsep.join([str(ROOT), str(HERE)])
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": search},
    )


class Stuck(ThreadPoolExecutor):
    """Never finishes its first job, as a machine that fell silent."""

    stuck: Future[Any] | None = None

    def submit(self, *call: Any, **more: Any) -> Future[Any]:
        if self.stuck is None:
            self.stuck = Future()
            self.stuck.set_running_or_notify_cancel()
            return self.stuck
        return super().submit(*call, **more)


def test_a_batch_that_an_executor_never_finishes_is_played_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_module, "_OVERDUE", 0.1)
    monkeypatch.setattr(dispatch_module, "_GLANCE", 0.1)
    monkeypatch.setattr(dispatch_module, "_SLOWER", 1.0)
    plan = tournament([scenario("one")], ["random", "micro"])
    with Stuck() as executor:
        results = run(plan, tmp_path / "a", executor=executor, limits=Limits(0.5, 0.1))
    assert (results.played, results.failed) == (4, 0)
    run(plan, tmp_path / "b", workers=0, limits=Limits(0.5, 0.1))
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_an_executor_that_takes_no_more_work_ends_the_run_and_what_is_done_is_kept(
    tmp_path: Path,
) -> None:
    plan = tournament([scenario("one")], ["random", "micro"])
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(ArenaError, match="takes no more work: cannot schedule new futures"):
        run(plan, tmp_path, executor=executor)
    assert run(plan, tmp_path, workers=0).played == 4


class Lost(Stuck):
    """Knows that it has lost its cluster, as the executor of a Dask client does."""

    gone = False

    def submit(self, *call: Any, **more: Any) -> Future[Any]:
        self.gone = self.stuck is not None
        return super().submit(*call, **more)


def test_an_executor_that_lost_its_cluster_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch_module, "_GLANCE", 0.1)
    plan = tournament([scenario("one")], ["random", "micro"], repetitions=9)
    with Lost() as executor, pytest.raises(ArenaError, match="has lost its cluster"):
        run(plan, tmp_path, executor=executor)
    assert run(plan, tmp_path, workers=0).failed == 0
