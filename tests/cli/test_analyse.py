"""``nego analyse``: the JSON that others rely on."""

from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest

from negotiate import load
from tests.cli.conftest import Nego


def test_json_has_the_published_keys(nego: Nego) -> None:
    data = nego("analyse", "milk", "--json").data
    published = {
        "outcomes", "issues", "roles", "frontier", "frontier_size", "nash", "kalai",
        "kalai_smorodinsky", "egalitarian", "utilitarian", "opposition",
    }  # fmt: skip
    assert published <= set(data)
    assert {"utilities", "product", "outcome"} == set(data["nash"])
    assert {"utilities", "outcome"} == set(data["kalai"])


@pytest.mark.parametrize("name", ["milk", "washing-powder", "home-battery"])
def test_points_are_those_of_brute_force(nego: Nego, name: str) -> None:
    scenario = load(name)
    own = scenario.preferences
    worth = [
        tuple(p.utility(outcome) for p in own)
        for outcome in product(*map(range, scenario.domain.sizes))
    ]
    floor = tuple(p.reservation for p in own)
    rational = [w for w in worth if all(u >= r for u, r in zip(w, floor, strict=True))]
    data = nego("analyse", name, "--json").data
    nash = max((w[0] - floor[0]) * (w[1] - floor[1]) for w in rational) / 1e18
    assert data["nash"]["product"] == pytest.approx(nash, abs=1e-12)
    assert sum(data["utilitarian"]["utilities"]) == pytest.approx(max(map(sum, worth)) / 1e9)
    assert min(data["egalitarian"]["utilities"]) == pytest.approx(max(map(min, worth)) / 1e9)
    frontier = {
        w for w in worth if not any(v != w and v[0] >= w[0] and v[1] >= w[1] for v in worth)
    }
    assert data["frontier_size"] == len(frontier)
    assert data["frontier"] == [[a / 1e9, b / 1e9] for a, b in sorted(frontier, reverse=True)]


def test_people_see_the_points(nego: Nego) -> None:
    done = nego("analyse", "milk")
    assert "kalai-smorodinsky" in done.out
    assert "opposition" in done.out


def test_a_plot_shows_frontier_points_and_offers(nego: Nego, tmp_path: Path) -> None:
    plain, played = tmp_path / "plain.svg", tmp_path / "played.svg"
    assert nego("analyse", "milk", "--plot", str(plain), "--json").data["outcomes"] == 24
    nego("analyse", "milk", "--plot", str(played), "--strategies", "micro", "genius-linear")
    assert "Nash" in plain.read_text(encoding="utf-8")
    assert "offers of buyer" not in plain.read_text(encoding="utf-8")
    assert "offers of buyer" in played.read_text(encoding="utf-8")
    ElementTree.fromstring(played.read_text(encoding="utf-8"))  # noqa: S314
