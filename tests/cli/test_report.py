"""``nego report`` and ``nego check``."""

from pathlib import Path

import pytest

from negotiate import Move, Offer, Strategy, View
from tests.cli.conftest import Nego
from tests.cli.test_arena import FEW


def test_the_report_of_a_stored_run_is_built_again(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    page = tmp_path / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert nego("report", str(tmp_path), "--json").data == {"report": str(page)}
    assert page.read_bytes() == before


def test_a_folder_without_results_is_told(nego: Nego, tmp_path: Path) -> None:
    done = nego("report", str(tmp_path))
    assert done.status == 2
    assert "results.sqlite" in done.err


def test_check_passes_a_built_in_strategy(nego: Nego) -> None:
    done = nego("check", "genius-boulware")
    assert done.status == 0, done.out


def test_check_fails_a_strategy_that_offers_nonsense(nego: Nego) -> None:
    done = nego("check", "tests.cli.test_report:Nonsense", "--json")
    assert done.status == 1
    assert done.data["findings"]


class Nonsense(Strategy):
    """Offers what no domain has."""

    def respond(self, view: View) -> Move:
        return Offer((99,) * 50)


def test_check_writes_a_template_that_keeps_the_rules(
    nego: Nego, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    done = nego("check", "--template", "lamb.py")
    assert (done.status, done.out) == (0, "next: nego check lamb:MyStrategy\n")
    assert "nego check lamb:MyStrategy" in Path("lamb.py").read_text()
    checked = nego("check", "lamb:MyStrategy")
    assert checked.status == 0, checked.out


def test_check_does_not_overwrite_a_file_with_its_template(nego: Nego, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("mine")
    done = nego("check", "--template", str(mine))
    assert (done.status, mine.read_text()) == (2, "mine")
    assert "is there already" in done.err


def test_check_of_nothing_says_what_to_name(nego: Nego) -> None:
    done = nego("check")
    assert done.status == 2
    assert "--template" in done.err
