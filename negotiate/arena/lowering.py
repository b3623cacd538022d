"""The fast engine: negotiations between strategies that are tables, played without asking anybody.

A strategy that depends on the round alone can say beforehand what it will do; see
:meth:`~negotiate.strategy.Strategy.lower`. Between two such tables alternating offers have a closed form: it ends
at the first turn where the rival's offer reaches the threshold. Thousands of negotiations are a few comparisons of
arrays then.

What the arena makes of it is ``engine.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from negotiate.domain.listing import listing
from negotiate.errors import ArenaError
from negotiate.match import derive_seed
from negotiate.protocol import Agreement, NoAgreement, Reason, Result, relative_time
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.show import quote
from negotiate.strategy import Brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from negotiate.domain.blocks import Ints
    from negotiate.domain.scenario import Scenario
    from negotiate.protocol import Protocol
    from negotiate.strategy import Lowered, Strategy

_TOGETHER = 2**22  # turns of which the answers are compared in one go


class Ends(NamedTuple):
    """How negotiations ended, one entry each.

    Attributes:
        rounds: in which round, from 1.
        by: which seat accepted; -1 for the deadline.
        places: the outcome agreed on, as a place in outcome order; -1 without an agreement.
    """

    rounds: Ints
    by: Ints
    places: Ints

    def each(self) -> Iterator[tuple[int, int, int]]:
        """Round, seat and place of one negotiation after the other."""
        return zip(self.rounds.tolist(), self.by.tolist(), self.places.tolist(), strict=True)


class Deck:
    """The tables of one seat.

    Args:
        tables: of the strategies that may sit there.
        rival: what each outcome is worth to the other seat.
    """

    def __init__(self, tables: Sequence[Lowered], rival: Ints) -> None:
        self.offers: Ints = np.stack([table.offers for table in tables])
        self.thresholds: Ints = np.stack([table.thresholds for table in tables])
        self.given: Ints = rival[self.offers]


def ends(first: Deck, second: Deck, pairs: Sequence[tuple[int, int]]) -> Ends:
    """Play pairs of tables, one of each deck, by alternating offers in which ``first`` moves first."""
    rounds = first.offers.shape[1]
    step = max(_TOGETHER // (2 * rounds), 1)
    parts = [
        _ends(first, second, np.array(pairs[start : start + step], dtype=np.int64))
        for start in range(0, len(pairs), step)
    ]
    return Ends(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _ends(first: Deck, second: Deck, pairs: Ints) -> Ends:
    one, two = pairs[:, 0], pairs[:, 1]
    rounds = first.offers.shape[1]
    # Of the two turns of each round: does seat 0 accept what stands from the round before, does seat 1 the answer?
    accepts = np.zeros((len(pairs), rounds, 2), dtype=np.bool_)
    accepts[:, 1:, 0] = second.given[two, :-1] >= first.thresholds[one, 1:]
    accepts[:, :, 1] = first.given[one] >= second.thresholds[two]
    turns = accepts.reshape(len(pairs), -1)
    turn = turns.argmax(axis=1)
    agreed = turns[np.arange(len(pairs)), turn]
    round_, by = turn // 2, turn % 2
    places = np.where(by == 0, second.offers[two, round_ - 1], first.offers[one, round_])
    return Ends(
        np.where(agreed, round_ + 1, rounds),
        np.where(agreed, by, -1),
        np.where(agreed, places, -1),
    )


def rounds_of(rules: Protocol, scenario: Scenario) -> int:
    """The number of rounds, if these are rules with the closed form; else 0."""
    if type(rules) is not AlternatingOffers or rules.breakdown or len(scenario.roles) != 2:
        return 0
    return rules.steady_rounds or 0


def table_of(
    strategy: Strategy, rules: Protocol, scenario: Scenario, seat: int, seed: int
) -> Lowered | None:
    """Let a fresh strategy begin in a seat and say what it will do.

    Args:
        strategy: the strategy.
        rules: rules with the closed form; see :func:`rounds_of`.
        scenario: the scenario.
        seat: 0 or 1.
        seed: of the match.

    Raises:
        ArenaError: what it gave is no table for this domain and number of rounds.
    """
    roles = tuple(role.name for role in scenario.roles)
    brief = Brief(
        party=seat,
        role=roles[seat],
        parties=roles,
        domain=scenario.domain,
        preferences=scenario.preferences[seat],
        rules=rules,
        seed=derive_seed(seed, "party", roles[seat]),
    )
    strategy.begin(brief)
    table = strategy.lower()
    if table is not None and not _fits(table, rules.steady_rounds or 0, scenario.domain.size):
        raise ArenaError(
            f"lower() of {quote(type(strategy).__name__)} gave no table for "
            f"{rules.steady_rounds} rounds of {scenario.domain.size:,} outcomes",
            code="lowered",
            help="one place in outcome order and one threshold for each round, as arrays of int64",
        )
    return table


def utilities_of(scenario: Scenario, seat: int) -> Ints:
    """What each outcome is worth to a seat, in outcome order; empty where there are too many to list."""
    listed = listing(scenario.preferences[seat])
    return np.zeros(0, dtype=np.int64) if listed is None else listed.utilities


def result_of(scenario: Scenario, rounds: int, end: tuple[int, int, int]) -> Result:
    """The result of one entry of :meth:`Ends.each`, of a negotiation of ``rounds`` rounds."""
    round_, by, place = end
    if by < 0:
        return NoAgreement(Reason.DEADLINE, None, round_)
    return Agreement(scenario.domain.at(place), by, round_, relative_time(round_, rounds, 0.0))


def _fits(table: Lowered, rounds: int, size: int) -> bool:
    columns = table.offers, table.thresholds
    if any(column.shape != (rounds,) or column.dtype != np.int64 for column in columns):
        return False
    return bool((table.offers >= 0).all() and (table.offers < size).all())
