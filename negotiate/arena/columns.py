"""A tournament of tables in columns: no rows, no files, nothing but the numbers.

For questions that need very many negotiations and of each only its result: how concession exponents fare on ten
thousand random domains, say. All strategies must have tables (:meth:`~negotiate.strategy.Strategy.lower`); every
sweep plays a sample of its negotiations through the reference loop as well, and one difference fails it.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from negotiate.arena.cells import seed_of
from negotiate.arena.engine import LEAST, lowers
from negotiate.arena.lowering import (
    Deck,
    Ends,
    ends,
    result_of,
    rounds_of,
    table_of,
    utilities_of,
)
from negotiate.arena.metrics import Yardstick
from negotiate.domain.preferences import SCALE
from negotiate.errors import ArenaError
from negotiate.match import derive_seed, payoffs, play
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.domain.blocks import Floats, Ints
    from negotiate.domain.scenario import Scenario
    from negotiate.registry import Spec
    from negotiate.strategy import Lowered


@dataclass(frozen=True, eq=False)
class Sweep:
    """Results in columns; entry i of each is negotiation i.

    Attributes:
        scenarios: names.
        strategies: ids.
        scenario: place in ``scenarios``.
        seats: places in ``strategies``, ``(negotiations, 2)``.
        rounds: in which round it ended.
        agreed: whether with an agreement.
        utilities: of both seats in units of 1e-9, ``(negotiations, 2)``.
        welfare: sum of utilities, in units of 1e-9.
        nash_product: product of gains over the reservation values.
        nash_distance: distance to the Nash point; NaN where there is none.
        pareto_distance: distance to the frontier.
        audited: negotiations that the reference played too.
    """

    scenarios: tuple[str, ...]
    strategies: tuple[str, ...]
    scenario: Ints
    seats: Ints
    rounds: Ints
    agreed: np.ndarray[tuple[int], np.dtype[np.bool_]]
    utilities: Ints
    welfare: Ints
    nash_product: Floats
    nash_distance: Floats
    pareto_distance: Floats
    audited: int

    def __len__(self) -> int:
        return len(self.rounds)

    def mean_utility(self) -> dict[str, float]:
        """Mean utility of each strategy over scenarios and rivals, each scenario and seat weighing the same."""
        total = np.zeros(len(self.strategies))
        for seat in (0, 1):
            total += np.bincount(
                self.seats[:, seat], self.utilities[:, seat] / SCALE, len(self.strategies)
            )
        count = np.bincount(self.seats.ravel(), minlength=len(self.strategies))
        return dict(zip(self.strategies, (total / count).tolist(), strict=True))


@dataclass(frozen=True)
class _Part:
    """One scenario's share of the columns."""

    ends: Ends
    utilities: Ints
    metrics: tuple[Ints, Floats, Floats, Floats]


def sweep(
    scenarios: Iterable[Scenario],
    strategies: Sequence[str | Spec],
    *,
    rules: AlternatingOffers | None = None,
    seed: int | str = 0,
) -> Sweep:
    """Play every ordered pair of strategies, each also against itself, on every scenario.

    Args:
        scenarios: bilateral, with outcomes that can be listed.
        strategies: registered names or specs of strategies that have tables.
        rules: alternating offers where only rounds are limited; by default 100 rounds.
        seed: root of the strategies' random streams, and of the choice of the sample.

    Raises:
        ArenaError: a strategy has no table here, the rules have no closed form, or the reference disagrees.
    """
    agreed_rules = rules or AlternatingOffers()
    specs = [strategy(one) if isinstance(one, str) else one for one in strategies]
    every = range(len(specs))
    pairs = [(one, other) for one in every for other in every]
    played = list(scenarios)
    if not played or not specs:
        raise ArenaError("nothing to play: no scenarios or no strategies", code="scenarios")
    parts = [_part(one, specs, pairs, agreed_rules, seed) for one in played]
    both = np.array(pairs, dtype=np.int64)
    audited = _audit(parts, played, specs, pairs, (agreed_rules, seed))
    metrics = [
        np.concatenate(column) for column in zip(*(p.metrics for p in parts), strict=True)
    ]
    return Sweep(
        scenarios=tuple(one.name for one in played),
        strategies=tuple(spec.id for spec in specs),
        scenario=np.repeat(np.arange(len(played)), len(pairs)),
        seats=np.tile(both, (len(played), 1)),
        rounds=np.concatenate([part.ends.rounds for part in parts]),
        agreed=np.concatenate([part.ends.by for part in parts]) >= 0,
        utilities=np.concatenate([part.utilities for part in parts]),
        welfare=metrics[0],
        nash_product=metrics[1],
        nash_distance=metrics[2],
        pareto_distance=metrics[3],
        audited=audited,
    )


def _part(
    scenario: Scenario,
    specs: Sequence[Spec],
    pairs: Sequence[tuple[int, int]],
    rules: AlternatingOffers,
    seed: int | str,
) -> _Part:
    if not rounds_of(rules, scenario):
        raise ArenaError(
            f"the rules, or the {len(scenario.roles)} roles of {quote(scenario.name)}, have no closed form",
            code="lowered",
            help="two parties, rounds and no other limit, no breakdown; `run` plays everything",
        )
    stream = seed_of(seed, scenario.digest, 0)
    decks = [
        Deck(
            [_table(spec, rules, scenario, seat, stream) for spec in specs],
            utilities_of(scenario, 1 - seat),
        )
        for seat in (0, 1)
    ]
    ended = ends(decks[0], decks[1], pairs)
    utilities = _utilities(scenario, rules, ended)
    return _Part(ended, utilities, _measured(scenario, utilities))


def _table(
    spec: Spec, rules: AlternatingOffers, scenario: Scenario, seat: int, seed: int
) -> Lowered:
    table = table_of(spec.make(), rules, scenario, seat, seed) if lowers(spec) else None
    if table is None:
        raise ArenaError(
            f"{quote(spec.id)} has no table on {quote(scenario.name)}",
            code="lowered",
            help="only strategies that depend on the round alone have one; `run` plays all others",
        )
    return table


def _utilities(scenario: Scenario, rules: AlternatingOffers, ended: Ends) -> Ints:
    """What both got, ``(negotiations, 2)``."""
    if rules.discounting == "none" or all(own.discount == 1 for own in scenario.preferences):
        columns = [
            np.where(ended.by < 0, own.reservation, utilities_of(scenario, seat)[ended.places])
            for seat, own in enumerate(scenario.preferences)
        ]
        return np.stack(columns, axis=1)
    rounds = rounds_of(rules, scenario)
    found = [payoffs(rules, scenario, result_of(scenario, rounds, end)) for end in ended.each()]
    return np.array(found, dtype=np.int64)


def _measured(scenario: Scenario, utilities: Ints) -> tuple[Ints, Floats, Floats, Floats]:
    """Welfare, Nash product, distance to Nash and to the frontier, as :mod:`~negotiate.arena.metrics` defines them."""
    solutions = Yardstick(scenario).solutions
    shares = utilities / SCALE
    least = np.array([own.reservation for own in scenario.preferences]) / SCALE
    nash = solutions.nash
    to_nash = (
        np.full(len(shares), np.nan)
        if nash is None
        else np.hypot(*(shares - np.array(nash.utilities) / SCALE).T)
    )
    kinds, which = np.unique(utilities, axis=0, return_inverse=True)
    gaps = (solutions.frontier.utilities[None, :, :] - kinds[:, None, :]) / SCALE
    to_frontier = np.sqrt((gaps * gaps).sum(axis=2).min(axis=1))[which.ravel()]
    return (
        utilities.sum(axis=1),
        np.maximum(shares - least, 0).prod(axis=1),
        to_nash,
        to_frontier,
    )


def _audit(
    parts: Sequence[_Part],
    scenarios: Sequence[Scenario],
    specs: Sequence[Spec],
    pairs: Sequence[tuple[int, int]],
    game: tuple[AlternatingOffers, int | str],
) -> int:
    """Play a sample through the reference; how many. ArenaError names the first that differs."""
    rules, seed = game
    total = len(scenarios) * len(pairs)
    count = min(total, max(LEAST, -(-total // 100)))
    stream = random.Random(derive_seed(seed, "audit"))  # noqa: S311 - play, not secrets
    for place in sorted(stream.sample(range(total), count)):
        which, pair = divmod(place, len(pairs))
        scenario, part = scenarios[which], parts[which]
        seats = [specs[one] for one in pairs[pair]]
        match = play(
            rules,
            scenario,
            [spec.make() for spec in seats],
            seed=seed_of(seed, scenario.digest, 0),
        )
        by = -1 if match.ended_by is None else match.ended_by
        fast = (part.ends.rounds[pair], part.ends.by[pair], *part.utilities[pair])
        if fast != (match.rounds, by, *match.utilities) or match.fault is not None:
            raise ArenaError(
                f"the fast engine and the reference disagree about "
                f"{quote(' against '.join(spec.id for spec in seats), 200)} on {quote(scenario.name)}",
                code="parity",
                help="the lower() of one of them does not say what its respond() does",
            )
    return count
