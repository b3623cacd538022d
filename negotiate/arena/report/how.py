"""How the figures came about: rules, seed, method, versions, and the command that plays it all again."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from negotiate.arena.bootstrap import LEAST, RESAMPLES
from negotiate.arena.report.headline import level_text
from negotiate.arena.report.page import How, Source
from negotiate.arena.report.text import count, label
from negotiate.domain.scenario import bundled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.arena.results import Results

_RULES = "negotiate.protocols.alternating_offers:AlternatingOffers"
_LONGEST = 4000  # characters of a command that anybody would copy

_METHOD = (
    "Every strategy sits in every seat against every other one. All pairs meet the same streams of chance on a "
    "scenario, so that their differences are not blurred by luck. A strategy's figure is the mean over scenarios of "
    "its mean utility on each. Where a party failed, the negotiation counts for that party, which gets its "
    "reservation value, and not for the others.",
    "Distance to the Nash point: the Euclidean distance, in utilities, from what the parties got to the outcome that "
    "maximises the product of their gains (Nash 1950); smaller is better for both together.",
)


def how(results: Results) -> How:
    """The last section of the page."""
    about = results.description
    board = results.standings
    return How(
        version=label(str(about["library"])),
        level=level_text(board),
        scenarios=len(results.scenarios),
        paragraphs=(*_METHOD, intervals(results)),
        entries=tuple(entries(results)),
        command=_command(about),
        scenario_rows=tuple(
            Source(
                label(one["name"]),
                label(one["digest"][:16]),
                label(one["source"] or "made in code", 200),
            )
            for one in about["scenarios"]
        ),
        strategy_rows=tuple(
            (label(one["id"]), str(one["version"])) for one in about["strategies"]
        ),
    )


def intervals(results: Results) -> str:
    """How the intervals came about."""
    board = results.standings
    if board.unit is None:
        return "No intervals: there is nothing to resample."
    return (
        f"Intervals: paired bootstrap with the {board.unit} as the resampling unit; {RESAMPLES:,} times {board.units} "
        f"{board.unit}s are drawn with replacement, the same for all strategies, and {level_text(board)} of the means "
        "lie in the interval, with tails moved out as Student's are (percentile interval; Efron & Tibshirani 1993; "
        f"Hesterberg 2015). From fewer than {LEAST} {board.unit}s they are Student's. A difference is called earned "
        "when a test that flips the signs of the paired differences finds it, adjusted by Holm (1979) over all pairs; "
        "ranks follow from that (Mogstad et al. 2024). "
        "How often a strategy is best is counted over the bootstrap samples."
    )


def entries(results: Results) -> list[tuple[str, str]]:
    """Rules, seed and versions."""
    about = results.description
    return [
        ("Rules", _rules(about["rules"])),
        ("Seed", label(str(about["seed"]))),
        ("Repetitions", count(about["repetitions"])),
        ("Against itself", "each strategy also meets itself" if about["self_play"] else "no"),
        ("Time allowed", _limits(about["limits"])),
        ("Library", f"negotiate {label(str(about['library']))}, engine {about['engine']}"),
        ("Digest of the results", results.digest()),
    ]


def _rules(rules: Mapping[str, Any]) -> str:
    given: Mapping[str, object] = rules["parameters"]
    name = str(rules.get("name") or given.get("name", rules["class"]))
    order = sorted(given, key=lambda key: (key != "rounds", key))
    known = [key for key in order if key != "name" and given[key] is not None]
    rest = [f"{key.replace('_', ' ')} {given[key]}" for key in known]
    return label(f"{name}: {', '.join(rest)}", 400)


def _limits(limits: Mapping[str, float]) -> str:
    return f"{limits['move']:g} s for a move, {limits['begin']:g} s to begin"


def _command(about: Mapping[str, Any]) -> str:
    """The command line; empty if the run cannot be had from one."""
    sources = [one["source"] for one in about["scenarios"]]
    plain = (
        about["rules"]["class"] == _RULES and type(about["seed"]) is int and about["self_play"]
    )
    if not plain or not all(sources):
        return ""
    words = ["nego", "arena", *([] if tuple(sources) == bundled() else sources)]
    words += ["--strategies", *(one["id"] for one in about["strategies"])]
    words += [*_options(about["rules"]["parameters"]), "--seed", str(about["seed"])]
    words += ["--repetitions", str(about["repetitions"])]
    words += ["--move-limit", f"{about['limits']['move']:g}"]
    command = " ".join(map(shlex.quote, words))
    return command if len(command) <= _LONGEST else ""


def _options(given: Mapping[str, Any]) -> list[str]:
    """The options of ``nego arena`` that are not left at their defaults."""
    options = ["--rounds", str(given["rounds"] or 0)]
    if given["time_limit"] is not None:
        options += ["--time-limit", f"{given['time_limit'] / 1000:g}"]
    if given["breakdown"]:
        options += ["--breakdown", f"{given['breakdown'] / 1_000_000:g}"]
    if given["consent"] != "unanimity":
        options += ["--consent", given["consent"]]
    if given["discounting"] != "relative":
        options += ["--discounting", given["discounting"]]
    return options
