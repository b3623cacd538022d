"""The exact Pareto frontier of two or more additive preferences, without enumeration.

The frontier of a sum is among the sums of frontiers: an outcome with a dominated part is itself dominated. So the
blocks (issues, or groups of issues) are folded in one at a time: add every option to every point (a Minkowski
sum), drop what is dominated, keep for each point the key of its outcome. 10^12 outcomes take milliseconds. The
same idea, for paths: Martins (1984), *On a multicriteria shortest path problem*; for sums: Nemhauser & Ullmann
(1969), *Discrete dynamic programming and capital allocation*.

Exactly opposed preferences make every outcome Pareto optimal, and the frontier as large as the integer grid. Past
``most`` points a partial frontier is thinned; each thinning loses at most a known amount for every party, losses
add up over the fold, and their sum is :attr:`Frontier.error`. Points are always those of real outcomes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.blocks import Additive, Block, Ints, Keys, blocks_of
from negotiate.domain.dominance import ridge, thinned, undominated
from negotiate.domain.minkowski import Points, added
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain, Outcome
    from negotiate.domain.preferences import LinearAdditive

MOST_TWO = 2**16
"""Points that a frontier of two parties may have before it is thinned."""

MOST_MANY = 2**13
"""The same for three and more parties, where dropping dominated points costs far more."""

_LONG = 2**10  # options; from here on it pays to look whether they need sorting at all


class Frontier:
    """The Pareto frontier of preferences over one domain.

    Args:
        preferences: of two or more parties, over the same domain.
        most: points allowed before the frontier is thinned; by default 65,536 for two parties and 8,192 for
            more.

    Attributes:
        utilities: the utilities of each point, ``(points, parties)``, by falling utility of the first party
            (then of the second, and so on). Outcomes with equal utilities are one point.
        error: every outcome has a point that gives no party less than it minus this, in units of 1e-9.
    """

    def __init__(
        self, preferences: Sequence[LinearAdditive], *, most: int | None = None
    ) -> None:
        if len(preferences) < 2:
            raise DomainError(
                f"a frontier of {len(preferences)} preferences; two or more are needed"
            )
        domain = preferences[0].domain
        if any(other.domain != domain for other in preferences[1:]):
            raise DomainError("a frontier needs preferences over one and the same domain")
        self._keys = Keys(domain)
        self._points = fold(domain, preferences, most=most)
        self.error = self._points.error
        self.utilities: Ints = np.ascontiguousarray(self._points.utilities.T)
        self.utilities.flags.writeable = False

    @property
    def exact(self) -> bool:
        """Whether this is the whole frontier: nothing was thinned."""
        return self.error == 0

    def __len__(self) -> int:
        return len(self._points)

    def outcome(self, i: int) -> Outcome:
        """The outcome of a point; of several with the same utilities, the first in outcome order."""
        return self._keys.outcome(self._points.keys[:, i].tolist())


def fold(
    domain: Domain, parties: Sequence[Additive | LinearAdditive], *, most: int | None = None
) -> Points:
    """The frontier as points with keys, by folding blocks, small ones first."""
    if most is None:
        most = MOST_TWO if len(parties) == 2 else MOST_MANY
    if most < 2:
        raise DomainError(
            f"a frontier of at most {most} points; 2 are the least that make sense"
        )
    keys = Keys(domain)
    parts = [_part(block, keys, most) for block in blocks_of(domain, parties)]
    parts.sort(key=len)
    total = parts[0]
    for part in parts[1:]:
        total = added(total, part, most)
    return total


def _part(block: Block, keys: Keys, most: int) -> Points:
    """The frontier of one block. Its options stand in outcome order, so they are keys enough."""
    utilities = block.utilities
    run = ridge(utilities) if block.options >= _LONG and len(utilities) == 2 else None
    if run is not None:
        kept, loss = (
            thinned(utilities[:, run], most) if len(run) > most else (np.arange(len(run)), 0)
        )
        kept = run[kept]
    else:
        kept, loss = undominated(utilities, lambda options: options[None, :], most)
    return Points(utilities[:, kept], keys.of(block, kept), loss)
