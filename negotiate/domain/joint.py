"""One's own preferences beside what one believes of the other: the best offers for both.

A strategy that models its opponent asks one question at every turn: of the outcomes worth at least so much to me,
which is best for them? All answers lie on the frontier of (own, modelled) utilities, so each is one bisection.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.blocks import Additive, Ints, Keys, as_arrays, as_term
from negotiate.domain.frontier import fold
from negotiate.domain.preferences import SCALE
from negotiate.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.blocks import Numbers
    from negotiate.domain.issues import Outcome
    from negotiate.domain.minkowski import Points
    from negotiate.domain.preferences import Group, LinearAdditive


class Joint:
    """The frontier of one's own preferences and a model of the opponent's, made anew when the model has changed.

    Args:
        own: one's own preferences.
        model: for each issue what the model gives each value: integers in units of 1e-9, or floats, which are
            rounded to that. Until :meth:`update` all zero, if left out.
        groups: terms of the model over several issues together; rarely known.
    """

    def __init__(
        self,
        own: LinearAdditive,
        model: Sequence[Numbers] | None = None,
        *,
        groups: Sequence[Group] = (),
    ) -> None:
        self._domain = own.domain
        self._own = as_arrays(own)
        self._keys = Keys(own.domain)
        self._points: Points | None = None
        self._falling: list[int] = []
        self._outcomes: dict[int, Outcome] = {}
        self.update(
            model or [np.zeros(n, dtype=np.int64) for n in own.domain.sizes], groups=groups
        )

    def update(self, model: Sequence[Numbers], *, groups: Sequence[Group] = ()) -> None:
        """Change the model; nothing is computed before the next question.

        Raises:
            DomainError: not one number for each value of each issue, or a number that is not finite.
        """
        tables = [_table(column) for column in model]
        sizes = [len(table) for table in tables]
        if sizes != list(self._domain.sizes):
            raise DomainError(
                f"a model with tables of {sizes} values; "
                f"{list(self._domain.sizes)} are expected, one table for each issue"
            )
        self._model = Additive(tables, [as_term(group) for group in groups])
        self._points = None

    @property
    def points(self) -> Points:
        """The frontier of (own, modelled) utilities; folded when first asked for after an update."""
        if self._points is None:
            self._points = fold(self._domain, (self._own, self._model))
            self._falling = (-self._points.utilities[0]).tolist()
            self._outcomes = {}
        return self._points

    @property
    def error(self) -> int:
        """0 if answers are exact; else nothing worth this much more to both sides was missed."""
        return self.points.error

    def best_at_or_above(self, utility: float) -> Outcome | None:
        """The outcome best for the model among those worth at least ``utility`` to oneself; None if none is.

        Of several that are equally good for the model, the one best for oneself; then the first in outcome
        order.
        """
        points = self._points or self.points
        place = bisect_right(self._falling, -utility) - 1
        if place < 0:
            return None
        found = self._outcomes.get(place)
        if found is None:
            found = self._keys.outcome(points.keys[:, place].tolist())
            self._outcomes[place] = found
        return found


def _table(column: Numbers) -> Ints:
    numbers = np.asarray(column)
    if numbers.dtype.kind == "f" and bool(np.isfinite(numbers).all()):
        numbers = np.rint(numbers * SCALE)
    elif numbers.dtype.kind not in "iu":
        raise DomainError("a model's tables hold something else than finite numbers")
    table: Ints = numbers.astype(np.int64)
    return table
