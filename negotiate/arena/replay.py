"""Plays a stored cell again: any negotiation of a run can be looked at move by move."""

from __future__ import annotations

from importlib import import_module
from inspect import isclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from negotiate import registry
from negotiate.arena.cells import Cell, canonical
from negotiate.arena.play import Player
from negotiate.arena.player import Kit
from negotiate.arena.watchdog import Guard, Limits
from negotiate.domain.formats.toml import read
from negotiate.domain.scenario import Scenario, load
from negotiate.errors import ArenaError, NegotiateError
from negotiate.protocol import Protocol
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.arena.results import Record
    from negotiate.match import Match
    from negotiate.registry import AnySpec, Spec


def restored(about: Mapping[str, Any]) -> Scenario:
    """A scenario from what a run's description says of it: its text, or else the place it came from.

    Raises:
        ArenaError: it cannot be had as it was.
    """
    name, source = about["name"], about["source"]
    try:
        found = (
            read(about["text"].encode(), f"{name}.toml")
            if about["text"] is not None
            else load(source)
        )
    except NegotiateError as error:
        raise ArenaError(
            f"scenario {quote(name)} does not load: {error}", code="scenario"
        ) from None
    if found.digest != about["digest"]:
        raise ArenaError(
            f"scenario {quote(name)} in {quote(source)} is not what it was when it was played",
            code="scenario",
        )
    return found


def rules_of(about: Mapping[str, Any]) -> Protocol:
    """The protocol of a run, from its description.

    Raises:
        ArenaError: the class cannot be had, or does not take the parameters.
    """
    module, _, name = str(about["class"]).partition(":")
    try:
        found: object = attrgetter(name)(import_module(module))
        if not (isclass(found) and issubclass(found, Protocol)):
            raise TypeError("it is not a protocol")
        return found.model_validate_json(canonical(about["parameters"]))
    except Exception as error:  # foreign modules may raise anything while they load
        what = quote(about["class"])
        raise ArenaError(
            f"the rules {what} do not load: {safe(str(error))}", code="rules"
        ) from None


def checked_specs(description: Mapping[str, Any], specs: Mapping[str, AnySpec]) -> None:
    """Raise ArenaError if a strategy has another version now than when it was played."""
    for entry in description["strategies"]:
        spec = specs.get(entry["id"])
        if spec is not None and spec.version != entry["version"]:
            raise ArenaError(
                f"{quote(spec.id)} has version {spec.version} now and had {entry['version']}",
                code="replay",
            )


def replay(
    description: Mapping[str, Any], scenario: Scenario, row: Record, strategies: Sequence[Spec]
) -> Match:
    """Play a cell again, and check that the moves are the same.

    Args:
        description: of the run.
        scenario: the cell's.
        row: the cell's.
        strategies: those that cannot be found by their ids.

    Raises:
        ArenaError: the moves differ, or a strategy has another version now.
    """
    given = {spec.id: spec for spec in strategies}
    specs = {name: given.get(name) or registry.strategy(name) for name in set(row.seats)}
    checked_specs(description, specs)
    limits = Limits(**description["limits"])
    kit = Kit(rules_of(description["rules"]), specs, description["seed"], limits)
    player = Player(kit, scenario)
    cell = Cell(row.scenario, row.seats, row.repetition, row.key)
    with Guard(limits) as guard:
        match = player.match(cell, guard)
    if player.row(cell, match, sampled=False).digest != row.digest:
        raise ArenaError(
            f"cell {row.key[:12]} ended otherwise when it was played again",
            code="replay",
            help="a strategy that draws from the clock or from outside its own stream cannot be replayed",
        )
    return match
