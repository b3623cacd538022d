"""Moves are small values: equal when they say the same, and not to be changed."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from typing import get_args

import pytest

from negotiate.moves import Accept, Move, Offer, Turn

MOVES: tuple[type[Move], ...] = get_args(Move)


def made(cls: type[Move]) -> Move:
    return Offer((1, 2)) if cls is Offer else cls()  # type: ignore[call-arg]


each_move = pytest.mark.parametrize("cls", MOVES, ids=lambda cls: cls.__name__)


@each_move
def test_moves_that_say_the_same_are_equal(cls: type[Move]) -> None:
    assert made(cls) == made(cls)
    assert hash(made(cls)) == hash(made(cls))


def test_offers_of_different_outcomes_differ() -> None:
    assert Offer((1, 2)) != Offer((2, 1))


@each_move
def test_a_move_cannot_be_changed(cls: type[Move]) -> None:
    move = made(cls)
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
        move.outcome = (3, 3)  # type: ignore[misc, union-attr]
    with pytest.raises((dataclasses.FrozenInstanceError, AttributeError, TypeError)):
        move.kind = "accept"  # type: ignore[misc]


@each_move
def test_a_move_survives_copying_and_pickling(cls: type[Move]) -> None:
    assert copy.deepcopy(made(cls)) == made(cls)
    assert pickle.loads(pickle.dumps(made(cls))) == made(cls)


def test_every_kind_of_move_has_its_own_name() -> None:
    assert len({cls.kind for cls in MOVES}) == len(MOVES)


def test_a_move_is_shown_as_it_is_written() -> None:
    assert repr(Offer((1, 2))) == "Offer(outcome=(1, 2))"
    assert repr(Accept()) == "Accept()"


def test_a_turn_says_who_did_what_when() -> None:
    turn = Turn(round=3, party=1, kind="offer", outcome=(0, 1))
    assert (turn.round, turn.party, turn.kind, turn.outcome) == (3, 1, "offer", (0, 1))
