"""All that game theory says of a run, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.arena.games.alpharank import alpha_rank
from negotiate.arena.games.nash import Equilibria, symmetric_equilibria
from negotiate.arena.games.payoffs import SAMPLES, Game, game_of
from negotiate.arena.games.stability import (
    against,
    evolutionarily_stable,
    regrets,
    worst_regrets,
)
from negotiate.arena.games.uncertain import Uncertain, uncertain
from negotiate.errors import ArenaError

if TYPE_CHECKING:
    from negotiate.arena.results import Results
    from negotiate.arena.statistics import Floats


@dataclass(frozen=True, eq=False)
class Analysis:
    """A game, analysed; entries by strategy stand in the order of ``game.strategies``.

    Attributes:
        game: the meta-game.
        equilibria: its symmetric equilibria, by falling value.
        stable: of each equilibrium, whether it is evolutionarily stable.
        alpha_rank: under infinite, global selection.
        regrets: what a lone deviator gains where everybody plays the strategy: its exploitability in the pool.
        worst_regrets: the most by which it misses the best reply to some strategy of the pool.
        nash_regrets: what it loses as the only one to play it, against the first equilibrium.
        uncertain: the same over bootstrap matrices; None with one scenario.
    """

    game: Game
    equilibria: Equilibria
    stable: tuple[bool, ...]
    alpha_rank: Floats
    regrets: Floats
    worst_regrets: Floats
    nash_regrets: Floats
    uncertain: Uncertain | None

    def to_json(self) -> dict[str, object]:
        """As ``nego games --json`` prints it; shares by strategy, without those that are zero."""
        return {
            "strategies": list(self.game.strategies),
            "scenarios": self.game.scenarios,
            "payoffs": self.game.payoffs.tolist(),
            "errors": [
                [None if e != e else e for e in row] for row in self.game.errors.tolist()
            ],
            "equilibria": [
                {"mix": self.mix(one.mix), "value": one.value, "stable": stable}
                for one, stable in zip(self.equilibria.found, self.stable, strict=True)
            ],
            "degenerate": self.equilibria.degenerate,
            "alpha_rank": self._by_name(self.alpha_rank),
            "regret": self._by_name(self.regrets),
            "worst_regret": self._by_name(self.worst_regrets),
            "nash_regret": self._by_name(self.nash_regrets),
            "bootstrap": None if self.uncertain is None else self._bootstrap(self.uncertain),
        }

    def mix(self, shares: Floats) -> dict[str, float]:
        """A mix by strategy, the greatest share first, without those that are zero."""
        named = self._by_name(shares).items()
        return dict(sorted(((n, s) for n, s in named if s > 1e-7), key=lambda pair: -pair[1]))

    def _by_name(self, numbers: Floats) -> dict[str, float]:
        return dict(zip(self.game.strategies, numbers.tolist(), strict=True))

    def _bootstrap(self, found: Uncertain) -> dict[str, object]:
        names = self.game.strategies
        shares = {"mixture": found.mixture, "alpha_rank": found.alpha_rank}
        tables = {
            key: {
                name: {"mean": one.mean, "low": one.low, "high": one.high}
                for name, one in zip(names, column, strict=True)
            }
            for key, column in shares.items()
        }
        supports = [
            {"strategies": [names[k] for k in support], "share": share}
            for support, share in found.supports
        ]
        return {"samples": found.samples, "level": found.level, "supports": supports, **tables}


def analyse(results: Results, *, resamples: int = SAMPLES) -> Analysis:
    """Analyse the meta-game of a run.

    Args:
        results: the run.
        resamples: number of bootstrap matrices.

    Raises:
        ArenaError: it is of auctions or markets, a pair of strategies has no result that counts, or there are too many
            strategies.
    """
    if results.description.get("game", "bargaining") != "bargaining":
        raise ArenaError(
            "this run is of auctions or markets, where a strategy meets many others at once",
            code="games",
            help="a game of two players is made of runs of negotiations",
        )
    return analysed(game_of(results.columns, results.description["seed"], resamples=resamples))


def analysed(game: Game) -> Analysis:
    """Analyse a game."""
    equilibria = symmetric_equilibria(game.payoffs)
    found = equilibria.found
    return Analysis(
        game=game,
        equilibria=equilibria,
        stable=tuple(evolutionarily_stable(game.payoffs, one.mix) for one in found),
        alpha_rank=alpha_rank(game.payoffs),
        regrets=regrets(game.payoffs),
        worst_regrets=worst_regrets(game.payoffs),
        nash_regrets=against(game.payoffs, found[0].mix),
        uncertain=uncertain(game),
    )
