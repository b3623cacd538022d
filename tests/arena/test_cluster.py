"""A run on a real Dask cluster: processes that talk over TCP, and die."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from negotiate import __version__, registry
from negotiate.arena import cluster as cluster_module
from negotiate.arena.cluster import connect
from negotiate.cli.app import run as nego
from negotiate.errors import ArenaError
from tests.arena.conftest import HERE, ROOT, driven, driving, sha

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")


class Local:
    """A scheduler and workers, each a process."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[str]] = []
        self.address = "tcp://127.0.0.1:0"
        scheduler = self._start("scheduler", "--host", self.address, "--no-jupyter")
        found = _says(scheduler, r"Scheduler at:\s+(\S+)")
        self.address = found

    def worker(self) -> subprocess.Popen[str]:
        """One more worker, with one thread."""
        worker = self._start(
            "worker", self.address, "--no-nanny", "--nthreads", "1", "--memory-limit", "0"
        )
        _says(worker, r"(Registered to)")
        return worker

    def close(self) -> None:
        for process in self._all:
            process.kill()
            process.communicate()

    def _start(self, what: str, *options: str) -> subprocess.Popen[str]:
        search = os.pathsep.join([str(ROOT), str(HERE)])
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{what}", *options, "--no-dashboard"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": search},
            start_new_session=True,
        )
        self._all.append(process)
        return process


def _says(process: subprocess.Popen[str], pattern: str) -> str:
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if found := re.search(pattern, line):
            return found[1]
    raise AssertionError("".join(lines))


@pytest.fixture(scope="module")
def local() -> Generator[Local]:
    cluster = Local()
    cluster.worker()
    yield cluster
    cluster.close()


def test_a_worker_killed_in_mid_run_loses_no_batch_and_no_cell_counts_twice(
    tmp_path: Path, local: Local, files: list[str]
) -> None:
    victim = local.worker()
    settings: dict[str, Any] = {
        "scenarios": files,
        "strategies": ["rogues:Slow", "micro", "random"],
        "repetitions": 4,
    }
    process = driving(tmp_path / "a", {**settings, "cluster": local.address})
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    victim.send_signal(signal.SIGKILL)
    text, _ = process.communicate(timeout=60)
    told = [first, *map(json.loads, text.splitlines())]
    assert first[0] < first[1] == 72
    done = [line[0] for line in told[:-1]]
    assert done == sorted(set(done))
    assert done[-1] == 72
    assert told[-1] == ["finished", 72, 0]
    driven(tmp_path / "b", {**settings, "workers": 0})
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


def test_the_command_line_plays_on_it(
    tmp_path: Path, local: Local, capsys: pytest.CaptureFixture[str]
) -> None:
    few = ["arena", "milk", "-s", "micro", "genius-linear", "--rounds", "9", "--json", "--out"]
    assert nego([*few, str(tmp_path / "a"), "--executor", local.address]) == 0
    assert json.loads(capsys.readouterr().out)["played"] == 12
    assert nego([*few, str(tmp_path / "b")]) == 0
    assert sha(tmp_path / "a") == sha(tmp_path / "b")


@pytest.mark.usefixtures("rogues")
def test_a_strategy_that_the_workers_do_not_have_as_it_is_here_is_told_before_the_play(
    tmp_path: Path, local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "only_here.py"
    here.write_text("from negotiate.strategies.time_dependent import TimeDependent as Mine\n")
    here.write_text(here.read_text() + "class Own(Mine): pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    own = registry.strategy("only_here:Own")
    wrong = "cannot import 'only_here': ModuleNotFoundError"
    with pytest.raises(ArenaError, match=wrong), connect(local.address, [own]):
        pass
    rogue = registry.strategy("rogues:Slow")
    with connect(local.address, [rogue]) as cluster:
        assert cluster.workers >= 1
    monkeypatch.setattr(cluster_module.inspect, "getsourcefile", lambda module: str(here))
    wrong = r"'rogues' on worker .* is not what it is on this"
    with pytest.raises(ArenaError, match=wrong), connect(local.address, [rogue]):
        pass


def test_workers_with_another_version_are_told(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_module, "__version__", "99.0")
    with (
        pytest.raises(ArenaError, match=f"has negotiate {__version__}, this machine 99.0"),
        connect(local.address),
    ):
        pass


def test_workers_without_the_library_are_told(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    def foreign(modules: object) -> None: ...

    foreign.__module__ = "nowhere_else"
    foreign.__qualname__ = "probe"
    monkeypatch.setitem(sys.modules, "nowhere_else", SimpleNamespace(probe=foreign))
    monkeypatch.setattr(cluster_module, "probe", foreign)
    with (
        pytest.raises(ArenaError, match="a worker has no negotiate of version"),
        connect(local.address),
    ):
        pass


def test_a_scheduler_without_workers_is_told() -> None:
    empty = Local()
    try:
        with (
            pytest.raises(ArenaError, match="has no workers"),
            connect(empty.address, patience=0.5),
        ):
            pass
    finally:
        empty.close()


@pytest.mark.parametrize(
    "address", ["here", "tcp://here", "http://h:1", "tcp://h:x", "tcp://:1"]
)
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(ArenaError, match="is no address of a scheduler"), connect(address):
        pass


def test_a_scheduler_that_is_not_there_is_told() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(ArenaError, match=r"no scheduler at .*refused"), connect(address):
            pass


def test_whoever_listens_there_and_is_no_scheduler_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with (
            pytest.raises(ArenaError, match=r"no scheduler at .*timed out"),
            connect(address, patience=0.2),
        ):
            pass


def test_without_dask_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(ArenaError, match=r"negotiate-kit\[cluster\]") as told,
        connect("tcp://127.0.0.1:1"),
    ):
        pass
    assert told.value.code == "extra"
