"""Additive preferences of one or more parties as a list of independent blocks.

A *block* is one issue, or a set of issues that some party's groups tie together. Within a block anything may
happen, so its options are enumerated; between blocks utilities simply add. Whatever folds over issues folds over
blocks: the frontier, counts, the search for a level.

Options of a block stand in outcome order. An outcome is named by its *key*: its place in outcome order, which is
additive over blocks too. Keys are split into limbs that fit 64 bits, so that domains of any size have them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

from negotiate.domain.issues import MAX_VALUES
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import Group, LinearAdditive

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Numbers: TypeAlias = (
    "Sequence[int] | Sequence[float] | npt.NDArray[np.int64] | npt.NDArray[np.float64]"
)

_LIMB = 2**62


@dataclass(frozen=True, eq=False)
class Term:
    """A group of issues and what it contributes, in an array."""

    issues: tuple[int, ...]
    contributions: Ints


@dataclass(frozen=True, eq=False)
class Additive:
    """What a block is made of: one party's tables, and the groups that tie issues together."""

    tables: Sequence[Ints]
    groups: Sequence[Term] = ()


def as_arrays(party: Additive | LinearAdditive) -> Additive:
    """Preferences in arrays."""
    if isinstance(party, Additive):
        return party
    tables = [np.asarray(table, dtype=np.int64) for table in party.tables]
    return Additive(tables, [as_term(group) for group in party.groups])


def as_term(group: Group) -> Term:
    """A group in an array."""
    return Term(group.issues, np.frombuffer(group.packed, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class Block:
    """Issues that must be looked at together.

    Attributes:
        issues: their places in the domain, rising.
        sizes: their numbers of values.
        utilities: what each option gives each party, ``(parties, options)``, options in outcome order.
    """

    issues: tuple[int, ...]
    sizes: tuple[int, ...]
    utilities: Ints

    @property
    def options(self) -> int:
        """Number of options."""
        return int(self.utilities.shape[1])

    def positions(self, option: int) -> list[int]:
        """The grid position of each issue of the block in an option."""
        found: list[int] = []
        for size in reversed(self.sizes):
            option, position = divmod(option, size)
            found.append(position)
        return found[::-1]

    def option(self, outcome: Outcome) -> int:
        """The option that an outcome takes."""
        found = 0
        for issue, size in zip(self.issues, self.sizes, strict=True):
            found = found * size + outcome[issue]
        return found


def blocks_of(domain: Domain, parties: Sequence[Additive | LinearAdditive]) -> list[Block]:
    """The blocks of a domain for these parties, by their first issue.

    Raises:
        DomainError: groups tie together more combinations than can be enumerated.
    """
    arrays = [as_arrays(party) for party in parties]
    return [_block(domain, issues, arrays) for issues in _components(domain, arrays)]


def _components(domain: Domain, parties: Sequence[Additive]) -> list[list[int]]:
    home = list(range(len(domain.issues)))  # each issue points at the first issue of its block
    for party in parties:
        for group in party.groups:
            for left, right in pairwise(group.issues):
                a, b = sorted((home[left], home[right]))
                home = [a if h == b else h for h in home]
    return [[i for i, h in enumerate(home) if h == first] for first in sorted(set(home))]


def _block(domain: Domain, issues: list[int], parties: Sequence[Additive]) -> Block:
    sizes = tuple(domain.sizes[i] for i in issues)
    if len(issues) > 1 and prod(sizes) > MAX_VALUES:
        raise DomainError(
            f"groups tie {len(issues)} issues together into {prod(sizes):,} combinations; "
            f"at most {MAX_VALUES:,} can be enumerated",
            code="domain-size",
            help="use smaller groups, or larger steps",
        )
    utilities = np.empty((len(parties), prod(sizes)), dtype=np.int64)
    for row, party in zip(utilities, parties, strict=True):
        _contribute(party, issues, sizes, row)
    return Block(tuple(issues), sizes, utilities)


def _contribute(
    party: Additive, issues: Sequence[int], sizes: tuple[int, ...], row: Ints
) -> None:
    """Fill ``row`` with what each combination of the issues' values is worth."""
    if len(issues) == 1:
        row[:] = party.tables[issues[0]]
        return
    total = np.zeros(1, dtype=np.int64)
    for issue in issues:
        total = np.add.outer(total, party.tables[issue]).ravel()
    row[:] = total
    shaped = row.reshape(sizes)
    for group in party.groups:
        if group.issues[0] in issues:
            inside = [s if i in group.issues else 1 for i, s in zip(issues, sizes, strict=True)]
            shaped += group.contributions.reshape(inside)


def enumerated(preferences: Additive | LinearAdditive) -> Ints:
    """Utility of every combination of the issues' values, in outcome order."""
    party = as_arrays(preferences)
    sizes = tuple(len(table) for table in party.tables)
    row = np.empty(prod(sizes), dtype=np.int64)
    _contribute(party, range(len(sizes)), sizes, row)
    return row


class Keys:
    """Places in outcome order, as one or more int64 limbs, the most significant first.

    Args:
        domain: the domain whose outcomes are named.
    """

    def __init__(self, domain: Domain) -> None:
        self._runs: list[range] = []
        self._sizes = domain.sizes
        start = 0
        for i in range(1, len(domain.sizes) + 1):
            if i == len(domain.sizes) or prod(domain.sizes[start : i + 1]) > _LIMB:
                self._runs.append(range(start, i))
                start = i

    def of(self, block: Block, options: Ints) -> Ints:
        """What some options of a block add to a key: ``(limbs, options)``."""
        added = np.zeros((len(self._runs), len(options)), dtype=np.int64)
        for issue, size in zip(reversed(block.issues), reversed(block.sizes), strict=True):
            options, position = np.divmod(options, size)
            limb = next(i for i, run in enumerate(self._runs) if issue in run)
            added[limb] += position * prod(self._sizes[issue + 1 : self._runs[limb].stop])
        return added

    def outcome(self, key: Sequence[int]) -> Outcome:
        """The outcome of a key."""
        positions: list[int] = []
        for place, run in zip(reversed(key), reversed(self._runs), strict=True):
            for issue in reversed(run):
                place, position = divmod(place, self._sizes[issue])
                positions.append(position)
        return tuple(reversed(positions))
