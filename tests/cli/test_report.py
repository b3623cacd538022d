"""``nego report`` and ``nego check``."""

from pathlib import Path

import pytest

from negotiate import Move, Offer, Strategy, View
from negotiate.arena import Tournament, run
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from negotiate.strategies.time_dependent import TimeDependent
from tests.cli.conftest import Nego
from tests.cli.test_arena import FEW


def test_the_report_of_a_stored_run_is_built_again(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    page = tmp_path / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert nego("report", str(tmp_path), "--json").data == {"report": str(page)}
    assert page.read_bytes() == before


def test_metrics_of_a_stored_run_are_printed(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    data = nego("report", str(tmp_path), "--metrics", "--json").data
    assert list(data) == ["report", "level", "metrics", "behaviour", "exploitability"]
    names = {"genius-boulware", "micro"}
    assert {row["strategy"] for row in data["metrics"]} == names
    assert set(data["metrics"][0]["kalai_ratio"]) == {"mean", "low", "high"}
    assert {row["strategy"] for row in data["behaviour"]} == names
    assert set(data["behaviour"][0]["steps"]) == {
        "fortunate", "selfish", "concession", "unfortunate", "nice", "silent"
    }  # fmt: skip
    assert set(data["exploitability"]) == names
    text = nego("report", str(tmp_path), "--metrics").out
    assert "Steps from offer to offer" in text
    assert "As a share of solution points" in text


def test_metrics_use_what_was_kept_where_nothing_can_be_played_again(
    nego: Nego, tmp_path: Path
) -> None:
    specs = [
        Spec("mine", TimeDependent, (("e", 1.0),)),
        Spec("yours", TimeDependent, (("e", 2.0),)),
    ]
    rules = AlternatingOffers(rounds=20)
    run(Tournament(["milk"], specs, rules, repetitions=3), tmp_path, workers=0)
    done = nego("report", str(tmp_path), "--metrics", "--each", "0", "--json")
    assert "only moves that were kept are looked at: no strategy " in done.err
    assert {row["strategy"] for row in done.data["behaviour"]} == {"mine", "yours"}


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
