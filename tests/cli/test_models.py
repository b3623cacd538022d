"""``nego models`` and the lists of parts."""

from pathlib import Path

from tests.cli.conftest import Nego
from tests.cli.test_arena import FEW


def test_models_watch_a_stored_run(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    words = ("models", str(tmp_path), "--models", "smith", "bayesian-early", "--json")
    done = nego(*words)
    assert done.status == 0, done.err
    assert {score["model"] for score in done.data["scores"]} == {"smith", "bayesian-early"}
    assert set(done.data["scores"][0]["spearman"]) == {"mean", "low", "high"}
    assert nego(*words).out == done.out


def test_people_get_a_table_and_a_warning(nego: Nego, tmp_path: Path) -> None:
    nego(*FEW, "--out", str(tmp_path))
    done = nego("models", str(tmp_path), "--models", "worst")
    assert "Kendall" in done.out
    assert "worst orders outcomes the wrong way round against" in done.out


def test_models_watch_recorded_files(nego: Nego, tmp_path: Path) -> None:
    trace = tmp_path / "mine.tsv"
    trace.write_text("1\t0\t1.09 EUR|tonight\n2\t0\t1.19 EUR|tonight\n")
    done = nego("models", str(trace), "--scenario", "milk", "-m", "smith", "--rounds", "10")
    assert done.status == 0, done.err
    assert "mine" in done.out
    assert "one scenario" in done.out


def test_a_folder_without_a_run_is_told(nego: Nego, tmp_path: Path) -> None:
    assert nego("models", str(tmp_path)).status == 2


def test_models_and_acceptance_rules_are_listed(nego: Nego) -> None:
    models = {row["name"]: row for row in nego("list", "models", "--json").data}
    assert "first=bayesian" in models["average"]["parameters"]
    assert models["smith"]["summary"]
    rules = {row["name"] for row in nego("list", "acceptance", "--json").data}
    assert {"ac_next", "ac_combi"} <= rules
