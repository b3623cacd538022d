"""Cells whose strategies are tables, played by the closed form of ``lowering.py``.

The rows are those of the reference loop, to the byte. Nobody needs to believe that: every run plays a sample of
these cells (:func:`audited`) through the reference as well, and one difference fails the run and names the cell.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from negotiate.arena.cells import seed_of
from negotiate.arena.lowering import (
    Deck,
    ends,
    result_of,
    rounds_of,
    table_of,
    utilities_of,
)
from negotiate.arena.player import Kit, Row
from negotiate.errors import ArenaError
from negotiate.match import Overrun, payoffs
from negotiate.protocol import Agreement
from negotiate.show import quote
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from negotiate.arena.cells import Cell
    from negotiate.arena.play import Texts
    from negotiate.arena.watchdog import Guard
    from negotiate.domain.scenario import Scenario
    from negotiate.protocol import Result
    from negotiate.registry import AnySpec
    from negotiate.strategy import Lowered

LEAST = 64
"""Cells that are played both ways in each run, or one in a hundred if that is more."""


def audited(cells: Iterable[Cell], specs: Mapping[str, AnySpec]) -> frozenset[str]:
    """Keys of the cells that are to be played both ways: those with the smallest keys, which are hashes."""
    keys = sorted(cell.key for cell in cells if all(lowers(specs[name]) for name in cell.seats))
    return frozenset(keys[: max(LEAST, -(-len(keys) // 100))])


def lowers(spec: AnySpec) -> bool:
    """Whether the class itself says so; one that it derives from cannot know what it has changed."""
    return "lower" in vars(spec.cls)


class _Seated(NamedTuple):
    """One strategy in one seat: its table, and its offers as they are written."""

    table: Lowered
    texts: list[str]


class Engine:
    """Plays cells of one scenario.

    Args:
        kit: what all cells have in common.
        scenario: the scenario.
        texts: writes offers; see ``play.py``.
    """

    def __init__(self, kit: Kit, scenario: Scenario, texts: Texts) -> None:
        self.kit = kit
        self.scenario = scenario
        self._texts = texts
        self._rounds = rounds_of(kit.rules, scenario)
        self._seated: dict[tuple[int, str], _Seated | None] = {}
        self._pieces: tuple[dict[int, str], dict[int, str]] = ({}, {})
        self._results: dict[tuple[int, int, int], tuple[Result, tuple[int, ...]]] = {}

    def play(
        self, cells: Sequence[Cell], sampled: frozenset[str], guard: Guard
    ) -> dict[str, Row]:
        """Rows, by key, of those cells whose strategies are all tables.

        Args:
            cells: of the scenario.
            sampled: keys of those whose moves are kept.
            guard: watches over strategies that say what they will do.
        """
        found = [cell for cell in cells if self._rounds and self._all_lowered(cell, guard)]
        if not found:
            return {}
        names = [sorted({cell.seats[seat] for cell in found}) for seat in (0, 1)]
        places = [{name: place for place, name in enumerate(some)} for some in names]
        pairs = [(places[0][cell.seats[0]], places[1][cell.seats[1]]) for cell in found]
        ended = ends(self._deck(0, names[0]), self._deck(1, names[1]), pairs)
        return {
            cell.key: self._row(cell, end, cell.key in sampled)
            for cell, end in zip(found, ended.each(), strict=True)
        }

    def compare(self, fast: Row, reference: Row) -> None:
        """Raise ArenaError if the two engines disagree about a cell."""
        names = [
            name for name in Row._fields if getattr(fast, name) != getattr(reference, name)
        ]
        if names:
            cell = fast.cell
            who = quote(" against ".join(cell.seats), 200)
            raise ArenaError(
                f"the fast engine and the reference disagree about the {', '.join(names)} of cell "
                f"{cell.key}: {who} on {quote(cell.scenario)}, repetition {cell.repetition}",
                code="parity",
                help="the lower() of one of them does not say what its respond() does",
            )

    # -- strategies ------------------------------------------------------------------------------

    def _all_lowered(self, cell: Cell, guard: Guard) -> bool:
        if not all(lowers(self.kit.specs[name]) for name in cell.seats):
            return False
        return all(self._seat(seat, name, cell, guard) for seat, name in enumerate(cell.seats))

    def _seat(self, seat: int, name: str, cell: Cell, guard: Guard) -> _Seated | None:
        key = seat, name
        if key not in self._seated:
            table = self._table(seat, name, cell, guard)
            self._seated[key] = table and _Seated(table, self._written(seat, table))
        return self._seated[key]

    def _table(self, seat: int, name: str, cell: Cell, guard: Guard) -> Lowered | None:
        """The table of a strategy; None for one that has none, or whatever else it does instead."""
        seed = seed_of(self.kit.seed, self.scenario.digest, cell.repetition)
        guard.fresh()
        guard.watch(lambda: ("begin", seat, None))
        try:
            strategy = self.kit.specs[name].make()
            if not isinstance(strategy, Strategy):
                return None
            table = table_of(strategy, self.kit.rules, self.scenario, seat, seed)
        except (Exception, Overrun):  # the reference will tell what is wrong with it
            return None
        finally:
            guard.rest()
        return table if guard.caught is None else None

    def _deck(self, seat: int, names: Sequence[str]) -> Deck:
        seated = [self._seated[seat, name] for name in names]
        tables = [one.table for one in seated if one is not None]
        return Deck(tables, utilities_of(self.scenario, 1 - seat))

    # -- rows ------------------------------------------------------------------------------------

    def _written(self, seat: int, table: Lowered) -> list[str]:
        """The offers of all rounds as ``play.py`` writes them."""
        known, texts, domain = self._pieces[seat], self._texts[seat], self.scenario.domain
        places = table.offers.tolist()
        for place in set(places).difference(known):
            known[place] = texts[domain.at(place)]
        return [f"[{k}{known[place]}" for k, place in enumerate(places, 1)]

    def _row(self, cell: Cell, end: tuple[int, int, int], kept: bool) -> Row:
        result, utilities = self._result(end)
        moves, turns = self._moves(cell, end)
        return Row(
            cell=cell,
            utilities=utilities,
            outcome=result.outcome if isinstance(result, Agreement) else None,
            reason="accept" if isinstance(result, Agreement) else result.reason.value,
            ended_by=result.by,
            fault=None,
            error=None,
            rounds=end[0],
            turns=turns,
            digest=hashlib.sha256(moves.encode()).hexdigest(),
            moves=moves if kept else None,
        )

    def _result(self, end: tuple[int, int, int]) -> tuple[Result, tuple[int, ...]]:
        found = self._results.get(end)
        if found is None:
            result = result_of(self.scenario, self._rounds, end)
            utilities = payoffs(self.kit.rules, self.scenario, result)
            found = self._results[end] = result, utilities
        return found

    def _moves(self, cell: Cell, end: tuple[int, int, int]) -> tuple[str, int]:
        """All moves as text, and how many there are."""
        rounds, by, _ = end
        seated = [self._seated[seat, name] for seat, name in enumerate(cell.seats)]
        first, second = ([] if one is None else one.texts for one in seated)
        offers = rounds - (by == 0)  # of seat 0; of seat 1 one less where somebody accepted
        answers = rounds - (by >= 0)
        parts = [""] * (offers + answers)
        parts[0::2], parts[1::2] = first[:offers], second[:answers]
        if by >= 0:
            parts.append(f'[{rounds},{by},"accept",null]')
        return f"[{','.join(parts)}]", len(parts)
