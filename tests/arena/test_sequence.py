"""Repeated encounters: memory is handed in, changes what is played, and is part of the key."""

from __future__ import annotations

import pytest

from negotiate.arena import Tournament, play_sequence
from negotiate.errors import ArenaError
from negotiate.strategies.memory import Memory


def tournament(*strategies: str, times: int = 4) -> Tournament:
    return Tournament(["milk"], strategies, repetitions=times)


PAIR = ("ratchet", "genius-linear")


def test_without_memory_it_plays_the_cells_of_the_tournament() -> None:
    cells = [cell for cell in tournament(*PAIR).cells if cell.seats == PAIR]
    assert [m.key for m in play_sequence(tournament(*PAIR), PAIR)] == [c.key for c in cells]


def test_with_memory_later_encounters_know_of_earlier_ones() -> None:
    memory = Memory()
    plain = play_sequence(tournament(*PAIR), PAIR)
    learnt = play_sequence(tournament(*PAIR), PAIR, memories=[memory, None])
    assert len(memory.encounters) == 4
    assert learnt[0].match == plain[0].match
    assert learnt[1].match != plain[1].match


def test_what_is_remembered_is_part_of_the_key() -> None:
    plain = play_sequence(tournament(*PAIR), PAIR)
    learnt = play_sequence(tournament(*PAIR), PAIR, memories=[Memory(), None])
    assert len({m.key for m in (*plain, *learnt)}) == 8


def test_a_sequence_can_be_cut_and_taken_up_again_by_what_was_stored() -> None:
    whole = Memory()
    play_sequence(tournament(*PAIR, times=1), PAIR, memories=[whole, None])
    stored = Memory.from_json(whole.to_json())
    again = [
        play_sequence(tournament(*PAIR, times=1), PAIR, memories=[m, None])[0].match
        for m in (whole, stored)
    ]
    assert again[0] == again[1]
    assert whole == stored


def test_each_seat_remembers_for_itself() -> None:
    memories = [Memory(), Memory()]
    seats = ("portfolio", "dreamteam109")
    play_sequence(tournament(*seats), seats, memories=memories)
    assert [len(m.encounters) for m in memories] == [4, 4]
    assert memories[0] != memories[1]


@pytest.mark.parametrize(
    ("seats", "memories", "why"),
    [
        (("ratchet",), None, "1 seats"),
        (PAIR, [None], "1 memories"),
        (PAIR, [None, Memory()], "takes no memory"),
        (("micro", "ratchet"), None, "no strategy of the tournament"),
    ],
)
def test_seats_that_do_not_fit_are_refused(
    seats: tuple[str, ...], memories: list[Memory | None] | None, why: str
) -> None:
    with pytest.raises(ArenaError, match=why):
        play_sequence(tournament(*PAIR), seats, memories=memories)


def test_it_is_played_on_one_scenario() -> None:
    with pytest.raises(ArenaError, match="one scenario"):
        play_sequence(Tournament(["milk", "printer-toner"], PAIR), PAIR)
