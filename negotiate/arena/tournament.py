"""What a tournament is: scenarios, strategies, rules, and how often. Playing it is ``runner.py``."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from negotiate.arena.cells import Cell, Names
from negotiate.arena.kinds import kind_of
from negotiate.errors import ArenaError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from negotiate.arena.kinds import Game, Kind
    from negotiate.bidder import Bidder
    from negotiate.domain.markets import Market
    from negotiate.domain.scenario import Scenario
    from negotiate.protocol import Protocol
    from negotiate.registry import AnySpec
    from negotiate.strategy import Strategy

Entrant: TypeAlias = "str | AnySpec | type[Strategy] | type[Bidder]"
"""A strategy or bidder by its registered name, ready to be made, or as a class that is made without arguments."""

SAMPLE = 6
"""Negotiations of each scenario whose moves are kept."""


@dataclass(frozen=True)
class Tournament:
    """Every strategy against every other, on every scenario; see :func:`~negotiate.arena.run`.

    The rules decide what it is a tournament of. Bargaining is played on scenarios by strategies, each in every seat.
    Auctions and markets are held on markets among bidders; :mod:`negotiate.arena.auctions` says who sits where.

    Attributes:
        scenarios: scenarios or markets, bundled names, files or folders.
        strategies: names, specs or classes, of strategies or of bidders.
        rules: the protocol.
        repetitions: how often each cell is played, each time with other random streams.
        seed: root of all random streams.
        self_play: whether each strategy also meets itself.
        signed: whether every move is signed and verified on its way, in sessions as in business. The results are the
            same, so it is no part of what the store keeps; it shows that what was ranked can be signed.
    """

    scenarios: Sequence[Scenario | Market | str | Path]
    strategies: Sequence[Entrant]
    rules: Protocol = field(default_factory=AlternatingOffers)
    repetitions: int = 1
    seed: int | str = 0
    self_play: bool = True
    signed: bool = False

    def __post_init__(self) -> None:
        for name in ("scenarios", "strategies"):
            given = getattr(self, name)
            if isinstance(given, str) or not given:
                raise ArenaError(
                    f"{name} are {quote(given)}; a sequence of at least one is expected",
                    code=name,
                )
        if self.repetitions < 1:
            raise ArenaError(
                f"{self.repetitions} repetitions; 1 or more are expected", code="repetitions"
            )

    @cached_property
    def kind(self) -> Kind:
        """What kind of game it is; the rules decide."""
        return kind_of(self.rules)

    @cached_property
    def loaded(self) -> tuple[Game, ...]:
        """The scenarios or markets, in the order of their names.

        Raises:
            ArenaError: two have the same name.
            NegotiateError: one does not load.
        """
        found: dict[str, Game] = {}
        for scenario in (one for given in self.scenarios for one in self.kind.load(given)):
            other = found.setdefault(scenario.name, scenario)
            if other.digest != scenario.digest:
                raise ArenaError(
                    f"two scenarios are called {quote(scenario.name)}: "
                    f"{quote(other.source)} and {quote(scenario.source)}",
                    code="scenarios",
                    help="names must differ; rename one",
                )
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def specs(self) -> tuple[AnySpec, ...]:
        """The strategies, in the order of their ids.

        Raises:
            ArenaError: two have the same id, or one is no strategy.
            NegotiateError: a name does not resolve.
        """
        found: dict[str, AnySpec] = {}
        for given in self.strategies:
            spec = self.kind.entrant(given)
            other = found.setdefault(spec.id, spec)
            if other != spec:
                raise ArenaError(
                    f"two strategies are called {quote(spec.id)}",
                    code="strategies",
                    help="give one of them another id: Spec(id=..., cls=...)",
                )
        return tuple(found[name] for name in sorted(found))

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All negotiations, scenario by scenario."""
        return tuple(cell for scenario in self.loaded for cell in self._cells_of(scenario))

    @cached_property
    def sampled(self) -> frozenset[str]:
        """Keys of the cells whose moves are kept: of each scenario those with the smallest keys.

        Adding strategies or repetitions adds cells, so that a sample of the larger tournament holds no cell of
        the smaller one that was not in its sample already.
        """
        chosen: dict[str, list[tuple[bool, str]]] = {}
        for cell in self.cells:
            alone = (
                len(set(cell.seats)) == 1
            )  # a strategy against itself is shown only for want of others
            chosen.setdefault(cell.scenario, []).append((alone, cell.key))
        return frozenset(key for keys in chosen.values() for _, key in sorted(keys)[:SAMPLE])

    def _cells_of(self, game: Game) -> Iterable[Cell]:
        names = Names(self.kind.rules(game), game, self.specs, self.seed)
        ids = [spec.id for spec in self.specs]
        return (
            names.cell(seated, repetition)
            for repetition in range(self.repetitions)
            for seated in self.kind.seatings(game, ids, repetition, self_play=self.self_play)
        )
