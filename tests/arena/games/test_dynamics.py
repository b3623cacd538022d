"""Replicator dynamics, alpha-rank and evolutionary tournaments."""

from __future__ import annotations

import numpy as np
import pytest

from negotiate.arena.games import alpharank
from negotiate.arena.games.alpharank import (
    alpha_rank,
    alpha_rank_profiles,
    many_alpha_rank,
)
from negotiate.arena.games.evolution import evolve
from negotiate.arena.games.nash import symmetric_equilibria
from negotiate.arena.games.replicator import basins, replicate, rest_points
from negotiate.errors import ArenaError
from tests.arena.games.alpharank_published import CASES
from tests.arena.games.test_equilibria import (
    HAWK_DOVE,
    PRISONERS,
    ROCK,
    STAG_HUNT,
    random_games,
)


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_alpha_rank_is_that_of_openspiel(case: dict) -> None:
    options = {
        key: case[key] for key in ("alpha", "population", "selection", "noise") if key in case
    }
    payoffs = [np.array(one) for one in case["payoffs"]]
    if case["kind"] == "single":
        ours = alpha_rank(payoffs[0], **options)
    else:
        ours = alpha_rank_profiles(payoffs, **options).ravel()
    np.testing.assert_allclose(ours, case["pi"], atol=2e-9)


def test_infinite_global_selection_is_the_limit_of_strong_selection() -> None:
    ahead = alpharank._advantages(random_games(4, 8, seed=8), 30, "global")
    strong = alpharank._fixation(1e5 * ahead)
    off = ~np.eye(4, dtype=bool)
    np.testing.assert_allclose(
        alpharank._unbounded(ahead, 1e-9)[:, off], strong[:, off], atol=1e-6
    )


def test_alpha_rank_of_text_book_games() -> None:
    assert alpha_rank(PRISONERS).round(3).tolist() == [0, 1]
    np.testing.assert_allclose(alpha_rank(ROCK), 1 / 3)
    np.testing.assert_allclose(alpha_rank(np.zeros((4, 4))), 1 / 4)
    assert alpha_rank(np.array([[0.5]])).tolist() == [1]


def test_a_mutant_that_gains_only_against_the_resident_takes_over_by_local_selection_alone() -> (
    None
):
    payoffs = np.array(
        [[1.0, 0.0], [0.5, 0.0]]
    )  # the second wins the duel, and starves by itself
    assert alpha_rank(payoffs, selection="local").argmax() == 1
    assert alpha_rank(payoffs, selection="global").argmax() == 0


def test_alpha_rank_of_many_games_is_that_of_each() -> None:
    games = random_games(5, 4)
    for payoffs, together in zip(games, many_alpha_rank(games), strict=True):
        np.testing.assert_array_equal(together, alpha_rank(payoffs))


def test_alpha_rank_refuses_what_it_cannot_rank() -> None:
    with pytest.raises(ArenaError, match="population of 1"):
        alpha_rank(ROCK, population=1)
    with pytest.raises(ArenaError, match="alpha of -1"):
        alpha_rank(ROCK, alpha=-1.0)
    with pytest.raises(ArenaError, match="noise of 0"):
        alpha_rank(ROCK, noise=0.0)
    with pytest.raises(ArenaError, match="selection is so strong"):
        alpha_rank(STAG_HUNT, alpha=1e6)
    with pytest.raises(ArenaError, match="one array"):
        alpha_rank_profiles([ROCK])
    with pytest.raises(ArenaError, match="profiles"):
        alpha_rank_profiles([np.zeros((70, 70))] * 2)


def test_the_replicator_is_that_of_nashpy() -> None:
    nashpy = pytest.importorskip("nashpy")
    times = np.linspace(0, 12, 7)
    for payoffs in random_games(4, 5):
        start = np.array([0.1, 0.2, 0.3, 0.4])
        theirs = nashpy.Game(payoffs).replicator_dynamics(y0=start, timepoints=times)
        np.testing.assert_allclose(replicate(payoffs, start, times.tolist()), theirs, atol=1e-5)


def test_the_replicator_keeps_to_the_simplex_and_refuses_other_starts() -> None:
    states = replicate(STAG_HUNT, np.array([0.7, 0.3]), [0.0, 5.0, 50.0])
    np.testing.assert_allclose(states.sum(axis=1), 1)
    assert states[-1].round(6).tolist() == [0, 1]
    with pytest.raises(ArenaError, match="add up to one"):
        replicate(STAG_HUNT, np.array([0.7, 0.7]), [0.0, 1.0])
    with pytest.raises(ArenaError, match="comes after"):
        replicate(STAG_HUNT, np.array([0.5, 0.5]), [1.0, 0.0])


def test_rest_points_and_their_basins() -> None:
    rest = {
        tuple(r.mix.round(4).tolist()): (r.stable, r.saturated) for r in rest_points(STAG_HUNT)
    }
    assert rest == {(1, 0): (True, True), (0, 1): (True, True), (0.75, 0.25): (False, True)}
    found = basins(STAG_HUNT, starts=400, seed=1)
    assert [b.mix.round(3).tolist() for b in found] == [[0, 1], [1, 0]]
    assert found[0].share == pytest.approx(0.75, abs=0.07)
    assert all(b.settled for b in found)


def test_a_cycle_is_no_rest() -> None:
    found = basins(ROCK, starts=20, horizon=100)
    assert [b.settled for b in found] == [False]
    assert [r.stable for r in rest_points(ROCK)] == [False] * 4


def test_stable_rest_points_inside_are_equilibria() -> None:
    for payoffs in random_games(4, 10):
        mixes = [one.mix for one in symmetric_equilibria(payoffs).found]
        for rest in rest_points(payoffs):
            if rest.stable:
                assert min(np.abs(rest.mix - mix).max() for mix in mixes) < 1e-6


def test_evolution_drives_out_what_earns_less() -> None:
    for by in ("proportional", "logit", "moran"):
        shares = evolve(PRISONERS, 150, by=by, intensity=3.0, seed=2)
        assert shares.shape == (151, 2)
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        assert shares[0].tolist() == [0.5, 0.5]
        assert shares[-1][1] > 0.9


def test_evolution_settles_where_hawks_and_doves_earn_the_same() -> None:
    shares = evolve(HAWK_DOVE + 2, 300)
    assert shares[-1].round(3).tolist() == [0.667, 0.333]


def test_moran_repeats_itself_by_seed_and_by_nothing_else() -> None:
    one, same, other = (evolve(HAWK_DOVE, 20, by="moran", seed=s) for s in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_evolution_refuses_what_has_no_meaning() -> None:
    with pytest.raises(ArenaError, match="needs them positive"):
        evolve(HAWK_DOVE, 5)
    with pytest.raises(ArenaError, match="at least one of each"):
        evolve(HAWK_DOVE, 5, by="moran", population=1)
