"""The game of a run: what a few independent lines compute from the store, and what cannot be played."""

from __future__ import annotations

import json
import sqlite3
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from negotiate.arena.games import analyse, game_of
from negotiate.arena.games.analysis import analysed
from negotiate.arena.games.bimatrix import bimatrix_equilibria
from negotiate.arena.games.payoffs import Game, role_payoffs
from negotiate.arena.report import games, render
from negotiate.errors import ArenaError
from negotiate.match import derive_seed
from tests.arena.conftest import played, scenario, three
from tests.arena.games.test_equilibria import STAG_HUNT, TWINS
from tests.arena.reading import Page

if TYPE_CHECKING:
    from pathlib import Path

    from negotiate.arena import Results

FIELD = ("genius-boulware", "genius-conceder", "genius-hardliner", "micro")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    scenarios = [scenario(f"s{i}", (10 - i, i, 3), floor=i) for i in range(5)]
    return played(tmp_path_factory.mktemp("game"), [*scenarios, three("t")], FIELD)


def by_scenario(folder: Path) -> np.ndarray:
    """What each strategy earned against each on each scenario, ``(n, n, scenarios)``, straight from the store."""
    base = sqlite3.connect(folder / "results.sqlite")
    rows = base.execute("SELECT scenario, seats, utilities FROM cells").fetchall()
    base.close()
    names = sorted({name for name, _, _ in rows})
    seen: dict[tuple[int, int, int], list[int]] = {}
    for name, seats, utilities in rows:
        who = [sorted(FIELD).index(one) for one in json.loads(seats)]
        for i, utility in enumerate(json.loads(utilities)):
            for other in who[:i] + who[i + 1 :]:
                seen.setdefault((who[i], other, names.index(name)), []).append(utility)
    table = np.zeros((len(FIELD), len(FIELD), len(names)))
    for place, found in seen.items():
        table[place] = sum(found) / len(found) / 1e9
    return table


def equilibrium(payoffs: np.ndarray) -> tuple[tuple[int, ...], np.ndarray]:
    """The symmetric equilibrium of greatest value, and its support, by trying all supports."""
    found: list[tuple[float, tuple[int, ...], Any]] = []
    size = len(payoffs)
    for k in range(1, size + 1):
        for support in combinations(range(size), k):
            rows = [[*payoffs[i, list(support)], -1.0] for i in support] + [[1.0] * k + [0.0]]
            try:
                *shares, value = np.linalg.solve(np.array(rows), [0.0] * k + [1.0])
            except np.linalg.LinAlgError:
                continue
            mix = np.zeros(size)
            mix[list(support)] = shares
            if min(shares) > 1e-9 and (payoffs @ mix).max() < value + 1e-9:
                found.append((value, support, mix))
    _, support, mix = max(found, key=lambda one: one[0])
    return support, mix


def test_equilibria_of_the_run_are_those_of_a_few_lines_on_the_store(results: Results) -> None:
    table = by_scenario(results.folder)
    found = analyse(results, resamples=40)
    np.testing.assert_allclose(found.game.payoffs, table.mean(axis=2), atol=1e-12)
    np.testing.assert_allclose(
        found.game.errors, table.std(axis=2, ddof=1) / np.sqrt(table.shape[2]), atol=1e-12
    )
    support, mix = equilibrium(table.mean(axis=2))
    assert found.equilibria.found[0].support == support
    np.testing.assert_allclose(found.equilibria.found[0].mix, mix, atol=1e-8)


def test_equilibria_over_bootstrap_matrices_are_those_of_a_few_lines(results: Results) -> None:
    table = by_scenario(results.folder)
    stream = np.random.Generator(np.random.PCG64(derive_seed(0, "games", table.shape[2])))
    draws = stream.integers(table.shape[2], size=(40, table.shape[2]))
    solved = [equilibrium(table[:, :, draw].mean(axis=2)) for draw in draws]
    found = analyse(results, resamples=40).uncertain
    assert found is not None
    assert found.samples == 40
    mean = np.mean([mix for _, mix in solved], axis=0)
    np.testing.assert_allclose([one.mean for one in found.mixture], mean, atol=1e-8)
    low = np.quantile([mix for _, mix in solved], 0.025, axis=0)
    np.testing.assert_allclose([one.low for one in found.mixture], low, atol=1e-8)
    shares = dict(found.supports)
    for support in {support for support, _ in solved}:
        assert shares[support] >= sum(s == support for s, _ in solved) / 40 - 1e-12


def test_the_game_of_two_seats_leaves_out_scenarios_of_more(results: Results) -> None:
    first, second = role_payoffs(results.columns)
    rows = [
        r for r in results.rows if len(r.seats) == 2 and r.seats == ("micro", "genius-boulware")
    ]
    micro, boulware = (sorted(FIELD).index(name) for name in ("micro", "genius-boulware"))
    assert first[micro, boulware] == pytest.approx(
        np.mean([r.utilities[0] for r in rows]) / 1e9
    )
    assert second[micro, boulware] == pytest.approx(
        np.mean([r.utilities[1] for r in rows]) / 1e9
    )
    pytest.importorskip("nashpy")
    assert bimatrix_equilibria(first, second).found


def test_the_analysis_is_plain_json_and_repeats_itself(results: Results) -> None:
    one, same = (json.dumps(analyse(results, resamples=20).to_json()) for _ in range(2))
    assert one == same
    plain = json.loads(one)
    assert set(plain["alpha_rank"]) == set(FIELD)
    assert sum(plain["alpha_rank"].values()) == pytest.approx(1)
    assert plain["bootstrap"]["samples"] == 20


def test_one_scenario_has_a_game_and_no_word_on_how_sure_it_is(tmp_path: Path) -> None:
    found = analyse(played(tmp_path, [scenario("one")], FIELD[:2]))
    assert found.uncertain is None
    assert np.isnan(found.game.errors).all()
    assert found.to_json()["bootstrap"] is None


def test_pairs_that_never_met_are_told(tmp_path: Path) -> None:
    alone = played(tmp_path, [scenario("one")], FIELD[:2], self_play=False)
    with pytest.raises(ArenaError, match="against 'genius-boulware' is not known"):
        game_of(alone.columns, 0)


def test_three_parties_alone_have_no_game_of_two_seats(tmp_path: Path) -> None:
    many = played(tmp_path, [three("t")], FIELD[:2])
    with pytest.raises(ArenaError, match="no scenario has two parties"):
        role_payoffs(many.columns)


def test_the_report_has_a_section_on_the_game(results: Results) -> None:
    pytest.importorskip("jinja2")
    text = render(results)
    rows = Page(text).rows("games")
    found = analyse(results, resamples=200)
    order = [one.strategy for one in results.standings.standings]
    assert [row[0] for row in rows] == order
    for name, share, _, rank, _, regret, _ in rows:
        place = found.game.strategies.index(name)
        assert share == f"{100 * found.equilibria.found[0].mix[place]:.0f} %"
        assert rank == f"{100 * found.alpha_rank[place]:.0f} %"
        assert regret == f"{found.regrets[place]:.3f}"
    assert "In equilibrium: " in text
    assert text == render(results)


def test_the_report_leaves_the_section_out_where_there_is_no_game(tmp_path: Path) -> None:
    pytest.importorskip("jinja2")
    alone = played(tmp_path, [scenario("one")], FIELD[:2], self_play=False)
    assert 'id="games"' not in render(alone)


def game(payoffs: np.ndarray) -> Game:
    none = np.zeros((0, *payoffs.shape))
    names = tuple("abc"[: len(payoffs)])
    return Game(names, payoffs, np.full_like(payoffs, np.nan), none, 1)


def test_several_equilibria_and_ties_are_told_in_words() -> None:
    text = " ".join(games._sentences(analysed(game(STAG_HUNT))))
    assert "In equilibrium: 100 % a. Everybody then earns 4.00; it withstands" in text
    assert "There are 2 other symmetric equilibria" in text
    text = " ".join(games._sentences(analysed(game(TWINS))))
    assert "does not withstand" in text
    assert "earn exactly the same" in text
    assert games._supports(analysed(game(TWINS))) == ()
