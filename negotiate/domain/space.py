"""Queries on one party's outcome space, of any size.

``Space(preferences)`` (or ``preferences.space``, which keeps it) chooses the method by size and structure, and
``space.method`` says which one it is: small spaces are listed once, large ones never.

The order of a space is: falling utility; equal utilities in outcome order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from negotiate.errors import DomainError
from negotiate.show import quote

if TYPE_CHECKING:
    import random

    from negotiate.domain.issues import Outcome
    from negotiate.domain.preferences import LinearAdditive

MAX_ENUMERATED = 2**20
"""Spaces of up to so many outcomes are listed."""


class Space:
    """A party's outcomes, best first.

    Args:
        preferences: the party's own preferences.

    Attributes:
        domain: what is negotiated.
        size: number of outcomes.
        method: how queries are answered.
        max_utility: utility of the best outcome.
        min_utility: utility of the worst outcome.
    """

    method: ClassVar[str] = ""
    max_utility: int
    min_utility: int

    def __new__(cls, preferences: LinearAdditive) -> Space:
        """The kind of space that fits; both kinds answer the same questions."""
        return object.__new__(_kind(preferences) if cls is Space else cls)

    def __init__(self, preferences: LinearAdditive) -> None:
        self.preferences = preferences
        self.domain = preferences.domain
        self.size = preferences.domain.size

    def __setattr__(self, name: str, value: object) -> None:
        # A strategy is handed this object, and the next strategy with these preferences is handed it too.
        if name in self.__dict__:
            raise AttributeError(f"a space does not change; {name!r} cannot be set")
        super().__setattr__(name, value)

    def __getnewargs__(self) -> tuple[None]:
        return (None,)  # a pickle knows its class already

    @property
    def exact(self) -> bool:
        """Whether counts and ranks are exact at any depth; the best and the nearest always are."""
        return True

    def kth(self, k: int) -> Outcome:
        """The k-th best outcome, from 0; equal utilities in outcome order.

        Raises:
            DomainError: there is no such rank.
        """
        raise NotImplementedError

    def utility_at(self, k: int) -> int:
        """Utility of the k-th best outcome.

        Raises:
            DomainError: there is no such rank.
        """
        raise NotImplementedError

    def rank(self, outcome: Outcome) -> int:
        """How many outcomes stand before this one: ``kth(rank(outcome)) == outcome``.

        Raises:
            DomainError: not an outcome of the domain.
        """
        raise NotImplementedError

    def count_at_or_above(self, utility: float) -> int:
        """How many outcomes are worth at least ``utility``."""
        raise NotImplementedError

    def nearest(self, utility: float) -> Outcome:
        """The outcome whose utility is nearest to ``utility``.

        Among equals, the one that stands next to ``utility`` in the order of the space: the last of a level at
        or above it, the first of a level below it. Of two levels equally near, the upper. (The rule of GENIUS.)
        """
        raise NotImplementedError

    def lowest_at_or_above(self, utility: float) -> Outcome | None:
        """The outcome of least utility at or above ``utility``, first in outcome order; None if none is."""
        raise NotImplementedError

    def sample(self, low: float, high: float, random: random.Random) -> Outcome | None:
        """An outcome with ``low <= utility <= high``, each equally likely; None if there is none.

        Draws on ``random.random()`` alone.
        """
        raise NotImplementedError

    def _not_finite(self, utility: float) -> DomainError:
        return DomainError(
            f"nothing is near a utility of {quote(utility)}; a finite number is expected",
            code="number",
        )

    def _check_rank(self, k: int) -> int:
        if not 0 <= k < self.size:
            raise DomainError(
                f"rank {quote(k)} of a space with {self.size:,} outcomes",
                code="rank",
                help=f"ranks run from 0, the best, to {self.size - 1:,}",
            )
        return k


def _kind(preferences: LinearAdditive) -> type[Space]:
    # Imported here because both kinds build on this module.
    if preferences.domain.size <= MAX_ENUMERATED:
        from negotiate.domain.enumerated import EnumeratedSpace  # noqa: PLC0415

        return EnumeratedSpace
    from negotiate.domain.implicit import ImplicitSpace  # noqa: PLC0415

    return ImplicitSpace
