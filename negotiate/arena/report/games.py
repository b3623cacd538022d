"""The section on games: what everybody would play, if all chose by what strategies earn here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.report.evolution import evolution_svg
from negotiate.arena.report.text import label, percent, short
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from negotiate.arena.games import Analysis
    from negotiate.arena.games.evolution import Reproduction
    from negotiate.arena.games.uncertain import Share
    from negotiate.arena.report.svg import Markup
    from negotiate.arena.results import Results

RESAMPLES = 200
"""Bootstrap matrices solved for the page; ``nego games`` solves more."""

_SUPPORTS = 5  # sets of strategies that are named

_CAPTIONS = {
    "proportional": "Reproduction in proportion to earnings, from equal shares",
    "logit": "A tenth reconsiders in each generation, from equal shares",
}


@dataclass(frozen=True)
class Choice:
    """A row of the table: a strategy in the game."""

    strategy: str
    mix: float
    mixture: str
    alpha_rank: float
    alpha_interval: str
    regret: float
    nash_regret: float


@dataclass(frozen=True)
class Games:
    """The section: sentences, the table, in what share of the bootstrap matrices who mixes, a chart."""

    sentences: tuple[str, ...]
    rows: tuple[Choice, ...]
    supports: tuple[tuple[str, str], ...]
    samples: int
    chart: Markup
    caption: str


def games(results: Results) -> Games | None:
    """The section of a run; None where there is nothing to choose from, or too much."""
    from negotiate.arena.games import analyse  # noqa: PLC0415 - what is not needed is not loaded

    if len(results.strategies) < 2:
        return None
    try:
        found = analyse(results, resamples=RESAMPLES)
    except ArenaError:  # pairs that never met, or too many strategies: the command says so
        return None
    by: Reproduction = "proportional" if found.game.payoffs.min() >= 0 else "logit"
    order = [one.strategy for one in results.standings.standings]
    places = [found.game.strategies.index(name) for name in order]
    return Games(
        sentences=_sentences(found),
        rows=tuple(_row(found, place) for place in places),
        supports=_supports(found),
        samples=found.uncertain.samples if found.uncertain else 0,
        chart=_chart(found, by),
        caption=_CAPTIONS[by],
    )


def _sentences(found: Analysis) -> tuple[str, ...]:
    first = found.equilibria.found[0]
    mix = ", ".join(
        f"{percent(share)} {label(name)}" for name, share in found.mix(first.mix).items()
    )
    stable = "withstands" if found.stable[0] else "does not withstand"
    text = [
        f"In equilibrium: {mix}. Everybody then earns {short(first.value)}; it {stable} small groups of invaders."
    ]
    others = len(found.equilibria.found) - 1
    if others:
        text.append(
            f"There {'is' if others == 1 else 'are'} {others} other symmetric "
            f"{'equilibrium' if others == 1 else 'equilibria'}, in which they earn no more."
        )
    if found.equilibria.degenerate:
        text.append(
            "Some strategies earn exactly the same, so that there may be further mixes between these."
        )
    return tuple(text)


def _row(found: Analysis, place: int) -> Choice:
    loose = found.uncertain
    return Choice(
        strategy=label(found.game.strategies[place]),
        mix=float(found.equilibria.found[0].mix[place]),
        mixture="" if loose is None else _interval(loose.mixture[place]),
        alpha_rank=float(found.alpha_rank[place]),
        alpha_interval="" if loose is None else _interval(loose.alpha_rank[place]),
        regret=float(found.regrets[place]),
        nash_regret=max(float(found.nash_regrets[place]), 0.0),
    )


def _interval(share: Share) -> str:
    return f"{percent(share.low)} to {percent(share.high)}"


def _supports(found: Analysis) -> tuple[tuple[str, str], ...]:
    if found.uncertain is None:
        return ()
    names = found.game.strategies
    return tuple(
        (" + ".join(label(names[k]) for k in support), percent(share))
        for support, share in found.uncertain.supports[:_SUPPORTS]
    )


def _chart(found: Analysis, by: Reproduction) -> Markup:
    from negotiate.arena.games.evolution import evolve  # noqa: PLC0415

    shares = evolve(found.game.payoffs, by=by)
    return evolution_svg([label(name) for name in found.game.strategies], shares.tolist())
