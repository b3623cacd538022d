"""Kinds of games: the seam between a tournament and what is played in it.

A tournament knows cells, keys, seeds, workers, the store and the statistics. What it is played on, who can take
part, who sits where, how a cell is played and what is measured is the business of a :class:`Kind`: bargaining over
scenarios (:mod:`negotiate.arena.bargaining`), or auctions and markets (:mod:`negotiate.arena.auctions`).
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from negotiate.domain.issues import Domain, Money
from negotiate.errors import ArenaError, NegotiateError
from negotiate.protocols.hosted import HostedNegotiation, HostedRules
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from negotiate.arena.player import BasePlayer, Kit, Row
    from negotiate.domain.markets import Market
    from negotiate.domain.scenario import Scenario
    from negotiate.protocol import Protocol as Rules
    from negotiate.registry import AnySpec


Game: TypeAlias = "Scenario | Market"
"""What cells are played on. Each has a name, a source and a digest."""


class Kind(ABC):
    """A kind of game, for one tournament.

    Attributes:
        name: what the store calls it.
        columns: SQL columns of what is measured, with their types.
    """

    name: ClassVar[str]
    columns: ClassVar[Mapping[str, str]]

    def __init__(self, rules: Rules) -> None:
        self.given = rules

    @abstractmethod
    def load(self, source: object) -> Iterable[Game]:
        """The games that are meant by a bundled name, a path, or the game itself."""

    @abstractmethod
    def entrant(self, given: object) -> AnySpec:
        """Who is meant by a name, a specification or a class; see :func:`entrant`."""

    @abstractmethod
    def seatings(
        self, game: Game, ids: Sequence[str], repetition: int, *, self_play: bool
    ) -> Iterable[tuple[str, ...]]:
        """Who sits where, in each cell of a repetition."""

    def rules(self, game: Game) -> Rules:
        """The rules as they are played on a game."""
        return self.given

    def about_rules(self) -> dict[str, object]:
        """What the store says of the rules besides class and parameters, or instead."""
        return {}

    @abstractmethod
    def player(self, kit: Kit, game: Game, *, contained: bool = False) -> BasePlayer:
        """Plays cells of a game."""

    @abstractmethod
    def measures(self, game: Game, row: Row) -> tuple[object, ...]:
        """What is measured of a cell, in the order of :attr:`columns`."""

    @abstractmethod
    def describe(self, game: Game, known: dict[str, object] | None) -> dict[str, object]:
        """What the store says of a game.

        Args:
            game: the game.
            known: what it says already.
        """


def kind_of(rules: Rules) -> Kind:
    """The kind of game that rules are for."""
    if is_hosted(rules):
        from negotiate.arena.auctions.kind import Auctions  # noqa: PLC0415 - loads what it needs

        return Auctions(rules)
    from negotiate.arena.bargaining import Bargaining  # noqa: PLC0415

    return Bargaining(rules)


def is_hosted(rules: Rules) -> bool:
    """Whether the rules are of an auction or a market, where everybody may move at any time."""
    if isinstance(rules, HostedRules):
        return True
    try:
        begun = rules.start(Domain((Money("price", 0, 1),)), ("a", "b"))
    except NegotiateError:  # rules about particular issues
        return False
    return isinstance(begun, HostedNegotiation)


def class_id(given: object, base: type) -> str | None:
    """What a class is called that was not given by a name; None if it is no class of this kind."""
    if not (inspect.isclass(given) and issubclass(given, base)):
        return None
    home = "" if given.__module__ == "__main__" else f"{given.__module__}:"
    return f"{home}{given.__qualname__}"


def no_entrant(given: object, what: str, other: type) -> ArenaError:
    """What is said of something that cannot take part."""
    wrong = isinstance(given, other) or (inspect.isclass(given) and issubclass(given, other))
    return ArenaError(
        f"{quote(given)} is not a {what}",
        code="strategies",
        help="give a name, a class, or a specification (id, cls, parameters); an instance plays one game only"
        if not wrong
        else f"these rules are played by a {what}; see `nego list` with strategies or bidders",
    )


def path_or_name(given: object) -> str | Path:
    """A source that a loader takes."""
    from pathlib import Path  # noqa: PLC0415

    if isinstance(given, (str, Path)):
        return given
    raise ArenaError(f"{quote(given)} is nothing that can be loaded", code="scenarios")
