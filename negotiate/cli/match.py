"""``nego match``: one negotiation, move by move."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from negotiate.cli.output import Json, Names, Rules, decimal, print_json, table
from negotiate.errors import LocalError
from negotiate.show import safe

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.domain.scenario import Scenario
    from negotiate.match import Match
    from negotiate.moves import Turn


def match(
    scenario: str,
    /,
    *,
    strategies: Names = None,
    rules: Rules | None = None,
    seed: int = 0,
    signed: str | None = None,
    json: Json = False,
) -> None:
    """Play one negotiation and show it move by move.

    Example: nego match milk --strategies genius-boulware micro --rounds 50

    Args:
        scenario: a bundled name, or a file or folder in a format that we read.
        strategies: one for each role, in the order of the scenario; the first moves first.
        rules: see below.
        seed: root of all random streams.
        signed: file for a signed transcript of the match, which `nego verify` reads.
        json: print JSON for machines.
    """
    from negotiate.domain import load  # noqa: PLC0415
    from negotiate.match import play  # noqa: PLC0415
    from negotiate.registry import strategy  # noqa: PLC0415

    read = load(scenario)
    specs = [strategy(name) for name in strategies or ()]
    if len(specs) != len(read.roles):
        roles = ", ".join(role.name for role in read.roles)
        raise LocalError(
            f"{len(specs)} strategies for {len(read.roles)} roles ({roles}); one for each is needed",
            code="seats",
            help="such as --strategies "
            + " ".join(["genius-boulware", "micro", "tit_for_tat"][: len(read.roles)]),
        )
    protocol = (rules or Rules()).protocol()
    clock = _milliseconds if protocol.needs_clock else None
    players = [spec.make() for spec in specs]
    if signed is None:
        played = play(protocol, read, players, seed=seed, clock=clock)
    else:
        from negotiate.wire.signed import play_signed  # noqa: PLC0415

        if Path(signed).exists():
            raise LocalError(
                f"{signed} exists",
                code="file",
                help="give another name, or remove the file first",
            )

        both = play_signed(protocol, read, players, seed=seed, clock=clock)
        both.transcript.save(signed)
        played = both.match
    if json:
        print_json(as_json(read, played))
    else:
        _print(read, [spec.id for spec in specs], played)


def _milliseconds() -> int:
    return time.monotonic_ns() // 1_000_000


def as_json(scenario: Scenario, played: Match) -> dict[str, object]:
    """A match as ``nego match --json`` prints it."""
    agreed = played.agreement
    return {
        "agreement": None if agreed is None else scenario.domain.plain(agreed),
        "utilities": [decimal(utility) for utility in played.utilities],
        "rounds": played.rounds,
        "turns": played.turns,
        "ended_by": played.ended_by,
        "reason": played.reason.value,
        "error": played.error,
        "moves": [_move(scenario, turn) for turn in played.moves],
    }


def _move(scenario: Scenario, turn: Turn) -> dict[str, object]:
    offered = turn.outcome
    return {
        "round": turn.round,
        "party": turn.party,
        "move": turn.kind,
        "outcome": None if offered is None else scenario.domain.plain(offered),
        "utilities": None if offered is None else _worth(scenario, offered),
    }


def _worth(scenario: Scenario, outcome: Outcome) -> list[float]:
    return [decimal(own.utility(outcome)) for own in scenario.preferences]


def _print(scenario: Scenario, names: list[str], played: Match) -> None:
    roles = [role.name for role in scenario.roles]
    print(
        safe(
            f"{scenario.name}: "
            + ", ".join(f"{r} plays {n}" for r, n in zip(roles, names, strict=True))
        )
    )
    head = ["round", "party", "move", "outcome", *(f"u({role})" for role in roles)]
    table(head, (_row(scenario, turn) for turn in played.moves), numbers=len(roles))
    print(safe(_verdict(scenario, played)))
    if played.error:
        print(safe(played.error))


def _row(scenario: Scenario, turn: Turn) -> list[str]:
    who = "chance" if turn.party < 0 else scenario.roles[turn.party].name
    if turn.outcome is None:
        return [str(turn.round), who, turn.kind, "", *("" for _ in scenario.roles)]
    worth = [f"{utility:.3f}" for utility in _worth(scenario, turn.outcome)]
    return [str(turn.round), who, turn.kind, scenario.domain.show(turn.outcome), *worth]


def _verdict(scenario: Scenario, played: Match) -> str:
    worth = ", ".join(
        f"{role.name} {decimal(u):.3f}"
        for role, u in zip(scenario.roles, played.utilities, strict=True)
    )
    by = "" if played.ended_by is None else f" by {scenario.roles[played.ended_by].name}"
    if played.agreement is not None:
        return f"agreed in round {played.rounds}{by}: {scenario.domain.show(played.agreement)}; worth {worth}"
    return f"no agreement after round {played.rounds}: {played.reason.value}{by}; worth {worth}"
