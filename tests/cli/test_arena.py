"""``nego arena``: the main job, and the JSON that others rely on."""

import hashlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Nego

FEW = (
    "arena",
    "milk",
    "washing-powder",
    "--strategies",
    "genius-boulware",
    "micro",
    "--rounds",
    "20",
)


def test_json_has_exactly_the_published_keys(nego: Nego, tmp_path: Path) -> None:
    data = nego(*FEW, "--out", str(tmp_path), "--json").data
    assert list(data) == [
        "cells", "played", "failed", "seconds", "ranking", "lead", "note"
    ]  # fmt: skip
    assert list(data["ranking"][0]) == [
        "strategy", "mean_utility", "low", "high", "agreement_rate", "nash_distance",
        "ranks", "best", "bca",
    ]  # fmt: skip
    assert data["cells"] == data["played"] == 2 * 4 * 3


def test_results_and_report_stay_in_the_folder(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    assert (tmp_path / "results.sqlite").exists()
    assert "<html" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_second_run_plays_nothing_and_changes_no_byte(nego: Nego, tmp_path: Path) -> None:
    first = nego(*FEW, "--out", str(tmp_path), "--json").data
    before = {p.name: hashlib.sha256(p.read_bytes()).digest() for p in tmp_path.iterdir()}
    second = nego(*FEW, "--out", str(tmp_path), "--json").data
    assert second["played"] == 0
    assert second["ranking"] == first["ranking"]
    assert before == {
        p.name: hashlib.sha256(p.read_bytes()).digest() for p in tmp_path.iterdir()
    }


def test_one_more_strategy_plays_only_what_is_missing(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    more = nego(
        "arena", "milk", "washing-powder", "--strategies", "genius-boulware", "micro", "random",
        "--rounds", "20", "--out", str(tmp_path), "--json",
    ).data  # fmt: skip
    assert more["cells"] == 2 * 9 * 3
    assert more["played"] == 2 * 5 * 3


def test_the_same_arguments_choose_the_same_folder(
    nego: Nego, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nego(*FEW)
    assert nego(*FEW, "--json").data["played"] == 0
    assert len(list((tmp_path / "runs").iterdir())) == 1


def test_signed_it_leaves_the_same_file(nego: Nego, tmp_path: Path) -> None:
    few = ("arena", "milk", "-s", "micro", "genius-linear", "--rounds", "9", "--out")
    nego(*few, str(tmp_path / "plain"))
    assert nego(*few, str(tmp_path / "signed"), "--signed", "--json").data["played"] == 12
    plain, signed = (
        (tmp_path / name / "results.sqlite").read_bytes() for name in ("plain", "signed")
    )
    assert plain == signed


def test_people_see_the_leaderboard_with_intervals(nego: Nego, tmp_path: Path) -> None:
    done = nego(*FEW, "--out", str(tmp_path))
    assert "interval" in done.out
    assert "genius-boulware" in done.out
    assert "report.html" in done.out
    assert "1-2" in done.out
    assert "the top two differ by" in done.out
    assert "no interval can be had without assuming a normal distribution" in done.out


def test_a_strategy_that_raises_loses_its_own_cells_and_nothing_else(
    nego: Nego, tmp_path: Path
) -> None:
    clean = nego(*FEW, "--out", str(tmp_path / "clean"), "--json").data
    mixed = nego(
        "arena", "milk", "washing-powder", "--strategies", "genius-boulware", "micro",
        "tests.cli.test_match:Raises", "--rounds", "20", "--out", str(tmp_path / "mixed"), "--json",
    ).data  # fmt: skip
    assert mixed["failed"] == 2 * 5 * 3
    honest = {row["strategy"]: row["mean_utility"] for row in clean["ranking"]}
    assert {
        row["strategy"]: row["mean_utility"]
        for row in mixed["ranking"]
        if row["strategy"] in honest
    } == pytest.approx(honest)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("arena", "mlik"), "unknown-name"),
        (("arena", "milk", "--strategies", "micor"), "unknown-name"),
        (("arena", "milk", "--repetitions", "0"), "repetitions"),
        (("arena", "milk", "--rounds", "0"), "rules"),
    ],
)
def test_bad_input_is_told_before_anything_is_written(
    nego: Nego, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    done = nego(*words, "--out", str(tmp_path / "out"))
    assert done.status == 2
    assert done.err.startswith(f"error[{code}]")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_prints_the_command_that_plays_the_rest(tmp_path: Path) -> None:
    """The words are quoted for a shell, and all options are among them."""
    root = str(Path(__file__).parents[2])
    words = [
        "arena", "milk", "ev-charging", "--strategies", "time_dependent[e=0.2]", "random", "tests.arena.rogues:Slow",
        "--repetitions", "15", "--rounds", "20", "--workers", "1", "--out", "a folder's name", "--json",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *words],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    base = tmp_path / "a folder's name" / "results.sqlite-wal"
    while process.poll() is None and not (base.exists() and base.stat().st_size > 60_000):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130, told
    assert told.startswith("error[interrupted]: interrupted with ")
    done = int(re.findall(r"with ([\d,]+) of 270", told)[0].replace(",", ""))
    resume = told.partition("go on with: ")[2].strip()
    assert shlex.split(resume) == ["nego", *words]
    again = subprocess.run(  # noqa: S602 - a person pastes it into a shell
        resume.replace("nego", shlex.join([sys.executable, "-m", "negotiate"]), 1),
        shell=True, cwd=tmp_path, env={**os.environ, "PYTHONPATH": root},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert 0 < done < 270
    assert json.loads(again.stdout)["played"] == 270 - done


INTERRUPTIBLE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background deaf to it
from negotiate.cli.app import run
sys.exit(run(sys.argv[1:]))
"""
