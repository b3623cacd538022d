"""The answer in a sentence: which strategy does best, how sure that is, and whether the lead is earned."""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.arena.ranking import p_text
from negotiate.arena.report.page import Fact, Headline
from negotiate.arena.report.text import count, label, percent, short, utility

if TYPE_CHECKING:
    from negotiate.arena.ranking import Pair
    from negotiate.arena.results import Results
    from negotiate.arena.statistics import Leaderboard, Standing


def headline(results: Results) -> Headline:
    """The headline of a run."""
    board = results.standings
    known = [one for one in board.standings if one.mean_utility is not None]
    if not known:
        return Headline(
            "No result",
            "No strategy brought a negotiation to an end.",
            "All of them failed; see below.",
        )
    first = known[0]
    title = f"{label(first.strategy)} does best"
    if len(known) == 1:
        who = f"{label(first.strategy)}, alone on {_many(len(results.scenarios), results.what)}"
        return Headline(
            "One strategy", f"{who}, gets {_worth(first, board)}.", _first_share(first, board)
        )
    players = _many(len(results.strategies), "strategy")
    field = f"Of {players} on {_many(len(results.scenarios), results.what)}"
    leaders = [one for one in known if one.rank == 1]
    if len(leaders) > 1:
        names = " and ".join(label(one.strategy) for one in leaders[:3])
        more = f" and {len(leaders) - 3} more" if len(leaders) > 3 else ""
        answer = f"{field}, {names}{more} do best, and equally well: {_worth(first, board)}."
        return Headline(
            "A tie", answer, "Their means are the same to the last digit.", _caution(board)
        )
    answer = f"{field}, {label(first.strategy)} does best: {_worth(first, board)}."
    return Headline(title, answer, _next(results, first, known[1]), _caution(board))


def facts(results: Results) -> list[Fact]:
    """The figures at the top of the page."""
    agreed = sum(row.outcome is not None for row in results.rows) / max(len(results), 1)
    return [
        Fact("strategies", count(len(results.strategies))),
        Fact("scenarios", count(len(results.scenarios))),
        Fact("negotiations", count(len(results))),
        Fact("ended in agreement", percent(agreed)),
        Fact("failed", count(results.failed), bad=results.failed > 0),
    ]


def level_text(board: Leaderboard) -> str:
    """The level of the intervals, as people write it."""
    return f"{100 * board.level:g} %"


def _many(number: int, what: str) -> str:
    plural = what[:-1] + "ies" if what.endswith("y") else what + "s"
    return f"{number:,} {what if number == 1 else plural}"


def _worth(one: Standing, board: Leaderboard) -> str:
    if one.low is None or one.high is None:
        return short(one.mean_utility)
    interval = f"{level_text(board)} interval {short(one.low)} to {short(one.high)}"
    return f"{short(one.mean_utility)} ({interval})"


def _next(results: Results, first: Standing, second: Standing) -> str:
    board = results.standings
    text = f"The next, {label(second.strategy)}, gets {short(second.mean_utility)}. "
    return (
        text
        + _verdict(board.pair(first.strategy, second.strategy), results)
        + _first_share(first, board)
    )


def _verdict(ahead: Pair | None, results: Results) -> str:
    board, what = results.standings, results.what
    if board.unit != "scenario" or ahead is None:
        return (
            f"From a single {what} nobody can tell whether the difference would hold on others."
        )
    interval = f"{level_text(board)} interval {utility(ahead.low)} to {utility(ahead.high)}"
    size = f"The difference of {utility(ahead.mean)} ({interval})"
    if ahead.earned:
        return f"{size} is earned: it should hold on other {what}s of this kind."
    if (ahead.low or 0) > 0:
        over = "" if len(board.pairs) == 1 else f" over all {count(len(board.pairs))} pairs"
        why = f"by the test of signs{over} it may be chance (p = {p_text(ahead.adjusted)})"
    else:
        why = f"on other {what}s of this kind it could as well be the other way round"
    tell = "" if ahead.more is None else f" {_many(ahead.more, f'more {what}')} would tell."
    return f"{size} is not earned: {why}.{tell}"


def _first_share(first: Standing, board: Leaderboard) -> str:
    if first.best is None or board.unit != "scenario":
        return ""
    share = "more than 99 %" if 0.99 < first.best < 1 else percent(first.best)
    return f" {label(first.strategy)} comes first in {share} of the bootstrap samples."


def _caution(board: Leaderboard) -> str:
    return f"Mind: {board.note}." if board.note else ""
