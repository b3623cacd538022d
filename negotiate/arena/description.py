"""What the store says of a tournament: everything that its cells were made of, as plain JSON.

Strategies stand in the order of their ids and scenarios in that of their names, whatever the order on the command
line, so that the same tournament gives the same file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from negotiate import __version__
from negotiate.arena.cells import ENGINE
from negotiate.domain.formats import write
from negotiate.domain.scenario import bundled
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.arena.metrics import Yardstick
    from negotiate.arena.tournament import Tournament
    from negotiate.arena.watchdog import Limits
    from negotiate.domain.bargaining import Solution
    from negotiate.domain.scenario import Role, Scenario
    from negotiate.protocol import Protocol

_TEXT = 2**18  # characters of a scenario's file up to which it is kept in the store

_POINTS = ("nash", "kalai", "kalai_smorodinsky", "egalitarian", "utilitarian")


def describe(
    tournament: Tournament,
    limits: Limits,
    before: Mapping[str, object],
) -> dict[str, object]:
    """The description of a tournament.

    Args:
        tournament: the tournament.
        limits: the guards on time it was run with.
        before: the description that the folder has; what it says of the same scenario is not worked out anew.
    """
    known = known_scenarios(before) if before.get("library") == __version__ else {}
    kind = tournament.kind
    return {
        "game": kind.name,
        "engine": ENGINE,
        "library": __version__,
        "rules": {**rules(tournament.rules), **kind.about_rules()},
        "seed": tournament.seed,
        "repetitions": tournament.repetitions,
        "self_play": tournament.self_play,
        "limits": limits_of(limits),
        "strategies": [
            {"id": spec.id, "version": spec.version, "parameters": dict(spec.parameters)}
            for spec in tournament.specs
        ],
        "scenarios": [
            kind.describe(game, known.get(game.digest)) for game in tournament.loaded
        ],
    }


def limits_of(limits: Limits) -> dict[str, float]:
    """The guards on time."""
    return {"move": limits.move, "begin": limits.begin}


def rules(protocol: Protocol) -> dict[str, object]:
    """A protocol's class and parameters."""
    kind = type(protocol)
    return {
        "class": f"{kind.__module__}:{kind.__qualname__}",
        "parameters": protocol.model_dump(mode="json"),
    }


def known_scenarios(description: Mapping[str, object]) -> dict[str, dict[str, object]]:
    """The scenarios of a description, by digest."""
    entries = cast("Sequence[dict[str, object]]", description.get("scenarios", ()))
    return {str(entry["digest"]): entry for entry in entries}


def described_scenario(
    scenario: Scenario, yardstick: Yardstick, known: dict[str, object] | None
) -> dict[str, object]:
    """What the store says of a scenario; what it says already of the same one is not worked out anew."""
    about: dict[str, object] = {
        "name": scenario.name,
        "digest": scenario.digest,
        "title": scenario.domain.name,
        "description": scenario.description,
        "source": source_of(scenario),
        "outcomes": scenario.domain.size,
        "issues": [issue.name for issue in scenario.domain.issues],
        "roles": [_role(role) for role in scenario.roles],
        "text": text_of(scenario),
    }
    if known is not None:
        return {**about, "best": known["best"], "solutions": known["solutions"]}
    return {**about, "best": list(yardstick.best), "solutions": _solutions(yardstick)}


def _role(role: Role) -> dict[str, object]:
    own = role.preferences
    return {
        "name": role.name,
        "who": role.who,
        "reservation": own.reservation,
        "discount": str(own.discount),
    }


def _solutions(yardstick: Yardstick) -> dict[str, object]:
    found = yardstick.solutions
    points: dict[str, object] = {name: _point(getattr(found, name)) for name in _POINTS}
    ideal = None if found.ideal is None else list(found.ideal)
    return {
        **points,
        "ideal": ideal,
        "opposition": found.opposition,
        "frontier_size": len(found.frontier),
    }


def _point(solution: Solution | None) -> dict[str, object] | None:
    if solution is None:
        return None
    return {"outcome": list(solution.outcome), "utilities": list(solution.utilities)}


def source_of(scenario: Scenario) -> str:
    """Where it can be loaded from: a bundled scenario by its name, wherever the library is installed."""
    path = Path(scenario.source)
    if path.stem in bundled() and path.parts[-4:-1] == ("negotiate", "domain", "bundled"):
        return path.stem
    return scenario.source


def text_of(scenario: Scenario) -> str | None:
    """The scenario in our own format, so that the store can be read without the file; None if it is long."""
    if sum(scenario.domain.sizes) * len(scenario.roles) > _TEXT // 8:
        return None
    try:
        text = write(scenario)
    except FormatError:
        return None
    return text if len(text) <= _TEXT else None
