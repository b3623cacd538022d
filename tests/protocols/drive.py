"""Playing hosted auctions in tests: what everybody answers, round after round, and what everybody can see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from negotiate.domain import Domain, Money
from negotiate.errors import IllegalMove

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from negotiate.protocol import View

LOT = Domain((Money("lot", 0, 100),))
NAMES = tuple(f"p{i}" for i in range(9))


def start(rules: Any, parties: int) -> Any:
    return rules.start(LOT, NAMES[:parties])


def sealed(rules: Any, moves: Iterable[Any], order: Iterable[int] | None = None) -> Any:
    """One move of each seat, None for silence, in the given order; then time passes until the close."""
    answers = list(moves)
    state = start(rules, len(answers))
    for party in order if order is not None else range(len(answers)):
        if answers[party] is not None:
            state.push(party, answers[party])
    state.advance(10**12)
    return state.result


def rounds(rules: Any, parties: int, answer: Callable[[Any, int], Iterable[Any]]) -> Any:
    """Everybody that may move answers each round, in the order of the seats; ``answer(state, party)`` gives moves."""
    state = start(rules, parties)
    while state.result is None:
        before = state.round
        for party in state.to_move:
            for move in answer(state, party):
                if state.result is None:
                    state.push(party, move, state._at)
        if state.result is None and state.round == before:
            state.advance(state._at + (state._event() or 0) - state.now)
    return state


def code_of(state: Any, party: Any, move: Any, at: int | None = None) -> str:
    with pytest.raises(IllegalMove) as caught:
        state.push(party, move, state._at if at is None else at)
    return caught.value.code


def seen(view: View) -> dict[str, object]:
    """Everything that a view shows."""
    names = {n for cls in type(view).__mro__ for n in getattr(cls, "__slots__", ())}
    shown = {name: getattr(view, name) for name in names if not name.startswith("_")}
    return {**shown, "turns": list(view.turns), "last": None, "legal": view.legal}
