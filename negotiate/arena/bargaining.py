"""Bargaining, as a kind of game: scenarios, strategies, every ordered pair, and the metrics of agreements."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from negotiate import registry
from negotiate.arena.cells import assignments, canonical
from negotiate.arena.description import described_scenario
from negotiate.arena.kinds import Game, Kind, class_id, no_entrant, path_or_name
from negotiate.arena.metrics import COLUMNS, Yardstick
from negotiate.arena.play import Player
from negotiate.bidder import Bidder
from negotiate.domain.scenario import Scenario, load_all
from negotiate.registry import Spec
from negotiate.strategy import Strategy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from negotiate.arena.player import Kit, Row
    from negotiate.protocol import Protocol


class Bargaining(Kind):
    """Scenarios, and strategies that move in turn."""

    name: ClassVar[str] = "bargaining"
    columns: ClassVar[Mapping[str, str]] = COLUMNS

    def __init__(self, rules: Protocol) -> None:
        super().__init__(rules)
        self._yardsticks: dict[str, Yardstick] = {}

    def load(self, source: object) -> Iterable[Game]:
        """Scenarios: as they are, by bundled name, from a file or folder."""
        return (source,) if isinstance(source, Scenario) else load_all(path_or_name(source))

    def entrant(self, given: object) -> Spec:
        """A strategy."""
        if isinstance(given, str):
            return registry.strategy(given)
        if isinstance(given, Spec):
            return given
        name = class_id(given, Strategy)
        if name is None:
            raise no_entrant(given, "strategy", Bidder)
        spec = Spec(name, cast("type[Strategy]", given))
        spec.make()  # what cannot be made is told now, not in the middle of a tournament
        return spec

    def seatings(
        self, game: Game, ids: Sequence[str], repetition: int, *, self_play: bool
    ) -> Iterable[tuple[str, ...]]:
        """Every strategy in every seat against every other."""
        return assignments(ids, len(_scenario(game).roles), self_play=self_play)

    def player(self, kit: Kit, game: Game, *, contained: bool = False) -> Player:
        """Plays negotiations."""
        return Player(kit, _scenario(game), contained=contained)

    def measures(self, game: Game, row: Row) -> tuple[object, ...]:
        """Welfare, Nash product, distances and advantages."""
        found = self._yardstick(game).measure(row.utilities)
        return (*found[:-1], canonical(found.advantages))

    def describe(self, game: Game, known: dict[str, object] | None) -> dict[str, object]:
        """Issues, roles and solution points."""
        return described_scenario(_scenario(game), self._yardstick(game), known)

    def _yardstick(self, game: Game) -> Yardstick:
        found = self._yardsticks.get(game.name)
        if found is None:
            found = self._yardsticks[game.name] = Yardstick(_scenario(game))
        return found


def _scenario(game: Game) -> Scenario:
    return cast("Scenario", game)
