"""What a new user meets first: runs of another kind, files that cannot be written, options that say nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Nego
from tests.cli.test_arena import FEW

FULL = Path("/dev/full")
SALE = (
    *("arena", "private-uniform", "--protocol", "sealed-bid", "--strategies", "truthful"),
    *("--repetitions", "2", "--workers", "0"),
)


@pytest.fixture
def sale(nego: Nego, tmp_path: Path) -> str:
    folder = tmp_path / "sale"
    assert nego(*SALE, "--out", str(folder)).status == 0
    return str(folder)


def test_a_run_of_auctions_is_exported(nego: Nego, sale: str) -> None:
    done = nego("export", sale)
    assert done.status == 0, done.err
    head, *rows = done.out.splitlines()
    assert head.startswith("key,scenario,repetition,seat_0")
    assert len(rows) == 2


@pytest.mark.parametrize("command", ["compare", "models"])
def test_what_needs_negotiations_says_so_of_auctions(
    nego: Nego, sale: str, command: str
) -> None:
    done = nego(command, sale, *([sale] if command == "compare" else []))
    assert done.status == 2
    assert done.err.startswith("error[game]")


def test_a_picture_that_cannot_be_written_is_told(nego: Nego, tmp_path: Path) -> None:
    run, nowhere = str(tmp_path / "run"), str(tmp_path / "none" / "a.svg")
    nego(*FEW, "--out", run)
    for words in (["analyse", "milk"], ["games", run, "--resamples", "0"]):
        done = nego(*words, "--plot", nowhere)
        assert done.status == 2
        assert done.err.startswith("error[file]")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("analyse", "milk", "--strategies", "micro", "micro"), "--plot"),
        (("arena", "milk", "--strategies"), "--strategies"),
        (("generate", "many", "--name", "../out"), "without folders"),
        (("match", "milk", "-s", "micro", "time_dependent[e=x]"), "a number is expected"),
        (("match", "milk", "-s", "micro", "time_dependent[f=1]"), "no parameter 'f'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_nothing_is_ignored_or_guessed(nego: Nego, words: tuple[str, ...], says: str) -> None:
    done = nego(*words)
    assert done.status == 2
    assert says in done.err


def test_what_a_strategy_raised_stands_on_a_line_of_its_own(
    nego: Nego, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "from negotiate import Strategy\nclass Bad(Strategy):\n def respond(self, view):\n  raise ValueError('x')\n"
    (tmp_path / "raises_at_once.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    out = nego("match", "milk", "--strategies", "raises_at_once:Bad", "micro").out
    assert out.splitlines()[-1] == "ValueError: x"


@pytest.mark.parametrize("limit", ["0", "-4", "nan", "1e9"])
def test_a_limit_that_is_none_is_no_finding_about_the_strategy(nego: Nego, limit: str) -> None:
    done = nego("check", "micro", "--limit", limit)
    assert done.status == 2
    assert done.err.startswith("error[limits]")


def test_a_full_disk_is_told_without_a_traceback() -> None:
    if not FULL.exists():
        pytest.skip("no device that is always full")
    with FULL.open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "negotiate", "list", "markets"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error[system]: ")
    assert "Traceback" not in done.stderr
