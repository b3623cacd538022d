"""What a tournament is: scenarios, strategies, rules, and how often. Playing it is ``runner.py``."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from negotiate import registry
from negotiate.arena.cells import Cell, Names, assignments
from negotiate.domain.scenario import Scenario, load_all
from negotiate.errors import ArenaError
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import Spec
from negotiate.show import quote
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from negotiate.protocol import Protocol

Entrant: TypeAlias = "str | Spec | type[Strategy]"
"""A strategy by its registered name, ready to be made, or as a class that is made without arguments."""

SAMPLE = 6
"""Negotiations of each scenario whose moves are kept."""


@dataclass(frozen=True)
class Tournament:
    """Every strategy in every seat against every other, on every scenario; see :func:`~negotiate.arena.run`.

    Attributes:
        scenarios: scenarios, bundled names, files or folders.
        strategies: names, specs or classes.
        rules: the protocol.
        repetitions: how often each cell is played, each time with other random streams.
        seed: root of all random streams.
        self_play: whether each strategy also meets itself.
        signed: whether every move is signed and verified on its way, in sessions as in business. The results are the
            same, so it is no part of what the store keeps; it shows that what was ranked can be signed.
    """

    scenarios: Sequence[Scenario | str | Path]
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
    def loaded(self) -> tuple[Scenario, ...]:
        """The scenarios, in the order of their names.

        Raises:
            ArenaError: two have the same name.
            NegotiateError: one does not load.
        """
        found: dict[str, Scenario] = {}
        for scenario in _scenarios(self.scenarios):
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
    def specs(self) -> tuple[Spec, ...]:
        """The strategies, in the order of their ids.

        Raises:
            ArenaError: two have the same id, or one is no strategy.
            NegotiateError: a name does not resolve.
        """
        found: dict[str, Spec] = {}
        for given in self.strategies:
            spec = _spec(given)
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

    def _cells_of(self, scenario: Scenario) -> Iterable[Cell]:
        names = Names(self.rules, scenario, self.specs, self.seed)
        ids = [spec.id for spec in self.specs]
        seats = list(assignments(ids, len(scenario.roles), self_play=self.self_play))
        return (
            names.cell(seated, repetition)
            for repetition in range(self.repetitions)
            for seated in seats
        )


def _scenarios(given: Iterable[Scenario | str | Path]) -> Iterable[Scenario]:
    for one in given:
        if isinstance(one, Scenario):
            yield one
        else:
            yield from load_all(one)


def _spec(given: object) -> Spec:
    if isinstance(given, str):
        return registry.strategy(given)
    if isinstance(given, Spec):
        return given
    if inspect.isclass(given) and issubclass(given, Strategy):
        home = "" if given.__module__ == "__main__" else f"{given.__module__}:"
        spec = Spec(f"{home}{given.__qualname__}", given)
        spec.make()  # what cannot be made is told now, not in the middle of a tournament
        return spec
    raise ArenaError(
        f"{quote(given)} is not a strategy",
        code="strategies",
        help="give a name, a class, or Spec(id, cls, parameters); an instance plays one negotiation only",
    )
