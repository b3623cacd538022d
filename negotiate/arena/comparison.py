"""Two runs compared: what differs in what was played, and which strategies did better or worse.

Cells of two runs are *in common* if scenario (name and content), seats and repetition are the same; whether rules,
seeds or the strategies behind the names are the same is told beside. Both runs draw the same random streams where the
root seed is the same, so the difference within a cell is due to what was changed.

For each strategy the difference, the second run less the first, is averaged over its seats in the cells in common,
within each scenario and then over scenarios; the interval is a paired bootstrap with the scenario as the resampling
unit (percentiles), as in :mod:`negotiate.arena.bootstrap`. As on the
leaderboard, a cell that a rival's failure ended does not count.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import numpy as np

from negotiate.arena.bootstrap import FIRM, intervals
from negotiate.arena.results import FAILED
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from negotiate.arena.results import Record, Results

Verdict: TypeAlias = Literal["better", "worse", "same", "unclear"]
_Place: TypeAlias = tuple[str, tuple[str, ...], int]

_NOTHING = {
    "complete",
    "strategies",
    "scenarios",
}  # of a description: told otherwise, or not at all


@dataclass(frozen=True)
class Difference:
    """Something that the descriptions of the runs say otherwise.

    Attributes:
        what: where, such as ``rules.parameters.rounds``.
        first: what the first run says; None if it says nothing.
        second: what the second says.
    """

    what: str
    first: object
    second: object


@dataclass(frozen=True)
class Change:
    """How a strategy fared in the second run, against the first; utilities to nine decimals.

    Attributes:
        strategy: its id in the second run.
        first: its mean utility in the first run, over the cells in common.
        second: in the second.
        difference: second less first.
        low: lower end of the interval of the difference; None where only one scenario is in common.
        high: upper end.
        verdict: whether the interval is above zero (better), below (worse), just zero (same), or else unclear.
        observations: seats in cells in common.
    """

    strategy: str
    first: float
    second: float
    difference: float
    low: float | None
    high: float | None
    verdict: Verdict
    observations: int


@dataclass(frozen=True)
class Comparison:
    """Two runs compared.

    Attributes:
        differences: of their descriptions.
        equal: cells in common that were played move for move alike.
        different: cells in common that were not.
        only_first: cells of the first run alone.
        only_second: cells of the second run alone.
        changes: one for each strategy that sits in cells in common, in the order of the ids.
        scenarios: how many scenarios the cells in common are of.
        note: what to keep in mind when reading; may be empty.
    """

    differences: tuple[Difference, ...]
    equal: int
    different: int
    only_first: int
    only_second: int
    changes: tuple[Change, ...]
    scenarios: int
    note: str


def compare(
    first: Results, second: Results, *, renamed: Mapping[str, str] | None = None
) -> Comparison:
    """Compare two runs.

    Args:
        first: the run before a change.
        second: the run after it.
        renamed: strategies of the first run that have another id in the second: old id to new.

    Raises:
        ArenaError: a renamed strategy is in neither run, or two become one.
    """
    names = _names(first, second, renamed or {})
    before, after = _placed(first, names), _placed(second, {})
    same = {
        name for name, digest in _digests(first).items() if _digests(second).get(name) == digest
    }
    both = sorted(place for place in before.keys() & after.keys() if place[0] in same)
    pairs = [(before[place], after[place]) for place in both]
    equal = sum(one.digest == other.digest for one, other in pairs)
    differences = tuple(_differences(first.description, second.description, names))
    scenarios = sorted({place[0] for place in both})
    return Comparison(
        differences=differences,
        equal=equal,
        different=len(pairs) - equal,
        only_first=len(before) - len(pairs),
        only_second=len(after) - len(pairs),
        changes=tuple(_changes(pairs, scenarios, second.description["seed"])),
        scenarios=len(scenarios),
        note=_note(len(scenarios), {one.what for one in differences}),
    )


def _names(first: Results, second: Results, renamed: Mapping[str, str]) -> dict[str, str]:
    for old, new in renamed.items():
        for name, run, which in ((old, first, "first"), (new, second, "second")):
            if name not in run.strategies:
                raise ArenaError(
                    f"no strategy {quote(name)} in the {which} run",
                    code="strategies",
                    help="it has " + ", ".join(map(quote, run.strategies)),
                )
    names = [renamed.get(name, name) for name in first.strategies]
    if len(set(names)) < len(names):
        raise ArenaError(
            "two strategies of the first run would have the same name",
            code="strategies",
            help="rename the other one, too",
        )
    return dict(renamed)


def _placed(run: Results, names: Mapping[str, str]) -> dict[_Place, Record]:
    """The cells by what makes them comparable."""
    return {
        (row.scenario, tuple(names.get(name, name) for name in row.seats), row.repetition): row
        for row in run.rows
    }


def _digests(run: Results) -> dict[str, str]:
    return {str(entry["name"]): str(entry["digest"]) for entry in run.description["scenarios"]}


def _changes(
    pairs: list[tuple[Record, Record]], scenarios: list[str], seed: int | str
) -> Iterator[Change]:
    """What each strategy gained; sums of integers, so that no order of adding shows."""
    seen: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for one, other in pairs:
        for seat, name in enumerate(other.seats):
            if _counts(one, seat) and _counts(other, seat):
                of = seen.setdefault(name, {}).setdefault(one.scenario, [])
                of.append((one.utilities[seat], other.utilities[seat]))
    names = sorted(seen)
    table = np.full((3 * len(names), len(scenarios)), np.nan)
    for row, name in enumerate(names):
        for column, scenario in enumerate(scenarios):
            if got := seen[name].get(scenario):
                before, after = (sum(values) for values in zip(*got, strict=True))
                sums = (before, after, after - before)
                table[3 * row : 3 * row + 3, column] = [
                    total / len(got) / SCALE for total in sums
                ]
    means, low, high = intervals(table, seed)
    for row, name in enumerate(names):
        first, second, gain = (round(float(mean), 9) for mean in means[3 * row : 3 * row + 3])
        ends = _known(low[3 * row + 2]), _known(high[3 * row + 2])
        count = sum(map(len, seen[name].values()))
        yield Change(name, first, second, gain, *ends, _verdict(*ends), count)


def _counts(row: Record, seat: int) -> bool:
    return row.reason not in FAILED or row.fault == seat


def _known(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 9)


def _verdict(low: float | None, high: float | None) -> Verdict:
    if low is None or high is None:
        return "unclear"
    if low == high == 0:
        return "same"
    return "better" if low > 0 else "worse" if high < 0 else "unclear"


def _differences(
    first: Mapping[str, Any], second: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[Difference]:
    """What the descriptions say otherwise, down to single parameters."""
    plain = [{key: run[key] for key in run if key not in _NOTHING} for run in (first, second)]
    yield from _unlike("", *plain)
    entries = [
        {
            names.get(entry["id"], entry["id"]) if run is first else entry["id"]: {
                "version": entry["version"], "parameters": entry["parameters"],
            }
            for entry in run["strategies"]
        }
        for run in (first, second)
    ]  # fmt: skip
    yield from _unlike("strategies", *entries)
    games = [
        {one["name"]: one["digest"] for one in run["scenarios"]} for run in (first, second)
    ]
    yield from _unlike("scenarios", *games)


def _unlike(what: str, first: object, second: object) -> Iterator[Difference]:
    if first == second:
        return
    one, other = _table(first), _table(second)
    if one is None or other is None:
        yield Difference(what, first, second)
        return
    for key in sorted({*one, *other}):
        yield from _unlike(f"{what}.{key}" if what else key, one.get(key), other.get(key))


def _table(said: object) -> dict[str, object] | None:
    return cast("dict[str, object]", said) if isinstance(said, dict) else None


def _note(scenarios: int, differ: set[str]) -> str:
    if not scenarios:
        return "no cells in common: nothing can be compared"
    notes: list[str] = []
    if scenarios == 1:
        notes.append("one scenario in common: no interval")
    elif scenarios < FIRM:
        notes.append(f"{scenarios} scenarios in common: the intervals are rough")
    if any(what.startswith("rules") for what in differ):
        notes.append("the rules differ, too")
    if "seed" in differ:
        notes.append("the seeds differ, so that luck does, too")
    return "; ".join(notes)
