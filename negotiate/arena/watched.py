"""Negotiations to watch: one party's offers with their times, from a stored run or from a file."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from negotiate.arena.replay import rules_of
from negotiate.errors import ArenaError, NegotiateError
from negotiate.protocol import relative_time
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from negotiate.arena.results import Results
    from negotiate.domain.issues import Outcome
    from negotiate.domain.scenario import Scenario
    from negotiate.registry import Spec


class Watched(NamedTuple):
    """What one party offered in one negotiation.

    Attributes:
        scenario: where.
        party: the place of its role.
        strategy: who played it.
        offers: relative time in [0, 1] and outcome of each offer, oldest first.
    """

    scenario: Scenario
    party: int
    strategy: str
    offers: tuple[tuple[float, Outcome], ...]


def of_run(
    results: Results,
    strategies: Sequence[Spec] = (),
    *,
    each: int | None = None,
    kept: bool = False,
) -> Iterator[Watched]:
    """Each seat of each cell of a run; cells whose moves were not kept are played again.

    Time is ``round / (rounds + 1)``; where no number of rounds was agreed, the number of rounds played stands for it.

    Args:
        results: the run.
        strategies: those that cannot be found by their ids.
        each: at most so many cells of each strategy in each role of each scenario: those with the first keys, which
            have nothing to do with how they ended.
        kept: play nothing: only cells whose moves were kept for show, which were chosen by their keys too. Failures are
            kept all of them, and left out here.

    Raises:
        ArenaError: a cell cannot be played again as it was.
    """
    agreed = getattr(rules_of(results.description["rules"]), "rounds", None)
    scenarios = {name: results.scenario(name) for name in results.scenarios}
    traced = frozenset(results.traced if kept else ())
    had: Counter[tuple[str, int, str]] = Counter()
    for row in results:
        if kept and (row.key not in traced or row.error is not None):
            continue
        seats = [(row.scenario, party, strategy) for party, strategy in enumerate(row.seats)]
        wanted = [seat for seat in seats if each is None or had[seat] < each]
        if not wanted:
            continue
        moves = results.moves(row.key) or results.replay(row.key, strategies).moves
        rounds = agreed or max((number for number, *_ in moves), default=1)
        for seat in wanted:
            had[seat] += 1
            _, party, strategy = seat
            offers = tuple(
                (relative_time(number, rounds, 0.0), outcome)
                for number, mover, _, outcome in moves
                if mover == party and outcome is not None
            )
            yield Watched(scenarios[row.scenario], party, strategy, offers)


def of_trace(path: Path, scenario: Scenario, rounds: int, party: int = 0) -> Watched:
    """One party's offers from a text file with tab-separated columns: round, party, values joined by ``|``, anything.

    Lines that do not begin with a number, such as a head or an end, are passed over. The strategy's name is that of
    the file up to its first dot.

    Args:
        path: the file.
        scenario: what was negotiated; values read as its issues read them.
        rounds: most rounds that there could have been.
        party: whose offers.

    Raises:
        ArenaError: the file is not readable, or a line does not fit the scenario.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ArenaError(f"{quote(str(path))} does not read: {error}", code="trace") from None
    offers: list[tuple[float, Outcome]] = []
    for number, line in enumerate(lines, 1):
        columns = line.split("\t")
        if not columns[0].isdecimal():
            continue
        if len(columns) < 3 or not columns[1].isdecimal():
            raise _odd(path, number, "round, party and values are expected")
        if int(columns[1]) == party:
            outcome = _outcome(path, number, scenario, columns[2])
            offers.append((relative_time(int(columns[0]), rounds, 0.0), outcome))
    if not offers:
        raise ArenaError(f"{quote(str(path))} holds no offer of party {party}", code="trace")
    if offers[-1][0] > 1:
        raise ArenaError(f"{quote(str(path))} has more than {rounds} rounds", code="trace")
    return Watched(scenario, party, path.name.partition(".")[0], tuple(offers))


def _outcome(path: Path, number: int, scenario: Scenario, text: str) -> Outcome:
    issues, values = scenario.domain.issues, text.split("|")
    if len(values) != len(issues):
        raise _odd(path, number, f"{len(issues)} values are expected")
    try:
        return tuple(issue.parse(value) for issue, value in zip(issues, values, strict=True))
    except NegotiateError as error:
        raise _odd(path, number, str(error)) from None


def _odd(path: Path, number: int, why: str) -> ArenaError:
    return ArenaError(f"{quote(str(path))}, line {number}: {why}", code="trace")
