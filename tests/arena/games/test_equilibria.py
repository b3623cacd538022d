"""Nash equilibria, stability and regret of games whose answers are known, and of random ones."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.arena.games.bimatrix import bimatrix_equilibria
from negotiate.arena.games.nash import MOST, many_equilibria, symmetric_equilibria
from negotiate.arena.games.stability import (
    against,
    evolutionarily_stable,
    regret,
    regrets,
    strictly_copositive,
    worst_regrets,
)
from negotiate.errors import ArenaError

HAWK_DOVE = np.array([[-1.0, 4.0], [0.0, 2.0]])  # value 4, cost 6
PRISONERS = np.array([[3.0, 0.0], [5.0, 1.0]])
STAG_HUNT = np.array([[4.0, 0.0], [3.0, 3.0]])
ROCK = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
TWINS = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.5]])


def random_games(size: int, count: int, seed: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).random((count, size, size))


def mixes(payoffs: np.ndarray) -> list[list[float]]:
    return [np.round(one.mix, 6).tolist() for one in symmetric_equilibria(payoffs).found]


def test_the_equilibria_of_text_book_games() -> None:
    assert mixes(HAWK_DOVE) == [[0.666667, 0.333333]]
    assert mixes(PRISONERS) == [[0, 1]]
    assert mixes(STAG_HUNT) == [[1, 0], [0, 1], [0.75, 0.25]]
    assert mixes(ROCK) == [[0.333333] * 3]


def test_the_first_equilibrium_is_the_one_of_greatest_value() -> None:
    values = [one.value for one in symmetric_equilibria(STAG_HUNT).found]
    assert values == sorted(values, reverse=True)
    assert values[0] == 4


def test_a_degenerate_game_gives_its_corners_and_says_so() -> None:
    found = symmetric_equilibria(TWINS)
    assert found.degenerate
    assert [1, 0, 0] in mixes(TWINS)
    assert [0, 1, 0] in mixes(TWINS)
    nothing = symmetric_equilibria(np.zeros((4, 4)))
    assert nothing.degenerate
    assert len(nothing.found) == 4
    assert not symmetric_equilibria(HAWK_DOVE).degenerate


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 3), st.integers(0, 10**6))
def test_every_game_has_an_equilibrium_and_nobody_gains_by_leaving_it(
    size: int, grain: int, seed: int
) -> None:
    payoffs = np.random.default_rng(seed).integers(0, grain + 1, (size, size)).astype(float)
    found = symmetric_equilibria(payoffs).found
    assert found
    for one in found:
        assert regret(payoffs, one.mix) < 1e-7
        assert one.mix.sum() == pytest.approx(1)
        assert against(payoffs, one.mix).min() > -1e-7


def test_symmetric_equilibria_are_those_that_nashpy_finds() -> None:
    nashpy = pytest.importorskip("nashpy")
    for payoffs in random_games(4, 12):
        theirs = [
            np.round(x, 5).tolist()
            for x, y in nashpy.Game(payoffs, payoffs.T).vertex_enumeration()
            if np.abs(x - y).max() < 1e-6
        ]
        ours = [np.round(one.mix, 5).tolist() for one in symmetric_equilibria(payoffs).found]
        assert sorted(theirs) == sorted(ours)


def test_many_games_at_once_are_solved_as_each_alone() -> None:
    games = random_games(5, 7)
    for payoffs, together in zip(games, many_equilibria(games), strict=True):
        alone = symmetric_equilibria(payoffs)
        assert [e.support for e in together.found] == [e.support for e in alone.found]


def test_too_many_strategies_and_what_is_no_game_are_told() -> None:
    with pytest.raises(ArenaError, match="supports"):
        symmetric_equilibria(np.zeros((MOST + 1, MOST + 1)))
    for wrong in (np.zeros((2, 3)), np.array([[np.nan]]), np.zeros((0, 0))):
        with pytest.raises(ArenaError, match="square of finite numbers"):
            symmetric_equilibria(wrong)


def test_stability_of_text_book_games() -> None:
    third = np.full(3, 1 / 3)
    assert evolutionarily_stable(HAWK_DOVE, np.array([2 / 3, 1 / 3]))
    assert evolutionarily_stable(PRISONERS, np.array([0.0, 1.0]))
    assert not evolutionarily_stable(PRISONERS, np.array([1.0, 0.0]))  # no equilibrium
    assert not evolutionarily_stable(STAG_HUNT, np.array([0.75, 0.25]))
    assert not evolutionarily_stable(ROCK, third)  # neutral: everybody may drift in
    assert evolutionarily_stable(ROCK - 0.1 * np.eye(3), third)  # ties cost: stable
    assert not evolutionarily_stable(ROCK + 0.1 * np.eye(3), third)
    assert not evolutionarily_stable(TWINS, np.array([1.0, 0.0, 0.0]))


def test_a_best_reply_outside_the_support_decides_by_how_it_fares_against_itself() -> None:
    for own, stable in ((0.5, True), (1.0, False), (1.5, False)):
        payoffs = np.array([[1.0, 1.0], [1.0, own]])
        assert evolutionarily_stable(payoffs, np.array([1.0, 0.0])) is stable


def test_no_invader_beats_a_stable_mix() -> None:
    stream = np.random.default_rng(3)
    seen = 0
    for payoffs in random_games(4, 30):
        for one in symmetric_equilibria(payoffs).found:
            if evolutionarily_stable(payoffs, one.mix):
                seen += 1
                invaders = stream.dirichlet(np.ones(4), 50)
                mixed = 0.999 * one.mix + 0.001 * invaders
                gain = ((one.mix - invaders) * (mixed @ payoffs.T)).sum(axis=1)
                assert gain.min() > 0
    assert seen > 5


def test_copositive_is_positive_for_all_mixes_and_no_more() -> None:
    assert strictly_copositive(np.zeros((0, 0)))
    assert strictly_copositive(np.array([[1.0, 5.0], [5.0, 1.0]]))  # not positive definite
    assert not strictly_copositive(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    assert not strictly_copositive(np.array([[0.0]]))


def test_regrets_of_pure_strategies() -> None:
    assert regrets(PRISONERS).tolist() == [2, 0]
    assert worst_regrets(PRISONERS).tolist() == [2, 0]
    assert worst_regrets(STAG_HUNT).tolist() == [3, 1]
    assert regret(ROCK, np.array([1.0, 0.0, 0.0])) == 1


def test_the_game_of_two_seats_has_the_equilibria_of_the_battle_of_the_sexes() -> None:
    pytest.importorskip("nashpy")
    found = bimatrix_equilibria(np.array([[3.0, 0], [0, 2]]), np.array([[2.0, 0], [0, 3]]))
    assert found.complete
    assert not found.degenerate
    mixed = [
        (np.round(p.first, 4).tolist(), np.round(p.second, 4).tolist()) for p in found.found
    ]
    assert sorted(mixed) == [([0, 1], [0, 1]), ([0.6, 0.4], [0.4, 0.6]), ([1, 0], [1, 0])]


def test_degenerate_games_of_two_seats_raise_nothing_but_what_is_taught() -> None:
    pytest.importorskip("nashpy")
    warnings.simplefilter("error")
    for first in (np.zeros((3, 3)), np.ones((1, 1)), TWINS, np.array([[1.0, 1.0], [0.0, 1.0]])):
        found = bimatrix_equilibria(first, first.T)
        assert found.found
        for pair in found.found:
            assert (first @ pair.second).max() <= pair.values[0] + 1e-6
    with pytest.raises(ArenaError, match="two alike"):
        bimatrix_equilibria(np.zeros((2, 2)), np.zeros((2, 3)))


def test_where_qhull_gives_up_supports_are_gone_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nashpy = pytest.importorskip("nashpy")

    def flat(_: object) -> None:
        raise ValueError("initial simplex is flat")

    monkeypatch.setattr(nashpy.Game, "vertex_enumeration", flat)
    assert len(bimatrix_equilibria(STAG_HUNT, STAG_HUNT.T).found) == 3


def test_without_nashpy_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nashpy", None)
    with pytest.raises(ArenaError, match="nashpy") as caught:
        bimatrix_equilibria(STAG_HUNT, STAG_HUNT.T)
    assert "negotiate-kit[games]" in caught.value.help


def test_large_games_of_two_seats_give_some_equilibria_and_say_so() -> None:
    pytest.importorskip("nashpy")
    first, second = random_games(9, 2)
    found = bimatrix_equilibria(first, second)
    assert found.found
    assert not found.complete
