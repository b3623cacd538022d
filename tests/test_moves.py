"""Moves are small values: equal when they say the same, and not to be changed."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from itertools import combinations
from typing import get_args

import pytest

from negotiate.moves import (
    Accept,
    AnyMove,
    Ask,
    Bid,
    Breakdown,
    Cancel,
    Commit,
    Demand,
    Inform,
    ItemBid,
    Marginals,
    MarketMove,
    Move,
    Offer,
    Order,
    PackageBid,
    Pass,
    Prefer,
    Proceed,
    Reject,
    Reveal,
    Turn,
    Walk,
    Withdraw,
)

MOVES: list[AnyMove] = [
    Offer((1, 2)),
    Accept(),
    Reject(),
    Walk(),
    Proceed(),
    Breakdown(),
    Bid(5),
    Commit("ab"),
    Reveal(5, "salt"),
    Order("1", "buy", 10, 3),
    Cancel("1"),
    Ask(5),
    Marginals((5, 3)),
    Demand(1, (2, 0)),
    Prefer(1, ("a", "b")),
    ItemBid("a", 5),
    PackageBid(("a", "b"), 5),
    Withdraw("a"),
    Pass(1),
    Inform(True),
]
each_move = pytest.mark.parametrize("move", MOVES, ids=lambda move: move.kind)


def test_every_kind_of_move_is_looked_at() -> None:
    assert [type(move) for move in MOVES] == [*get_args(Move), *get_args(MarketMove)]


@each_move
def test_moves_that_say_the_same_are_equal(move: AnyMove) -> None:
    again = dataclasses.replace(move)
    assert again == move
    assert hash(again) == hash(move)


def test_moves_that_say_something_else_differ() -> None:
    assert Offer((1, 2)) != Offer((2, 1))
    assert all(a != b for a, b in combinations(MOVES, 2))


@each_move
@pytest.mark.parametrize("name", ["outcome", "amount", "kind", "note"])
def test_a_move_cannot_be_changed(move: AnyMove, name: str) -> None:
    with pytest.raises((AttributeError, TypeError)):
        setattr(move, name, 3)


@each_move
def test_a_move_survives_copying_and_pickling(move: AnyMove) -> None:
    assert copy.deepcopy(move) == move
    assert pickle.loads(pickle.dumps(move)) == move


def test_every_kind_of_move_has_its_own_name() -> None:
    assert len({move.kind for move in MOVES}) == len(MOVES)


def test_a_move_is_shown_as_it_is_written() -> None:
    assert repr(Offer((1, 2))) == "Offer(outcome=(1, 2))"
    assert repr(Accept()) == "Accept()"


def test_a_turn_says_who_did_what_when() -> None:
    turn = Turn(round=3, party=1, kind="offer", outcome=(0, 1))
    assert (turn.round, turn.party, turn.kind, turn.outcome) == (3, 1, "offer", (0, 1))
