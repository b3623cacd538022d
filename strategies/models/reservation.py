"""What the opponent's reservation value is, from how it concedes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from negotiate.errors import StrategyError

_COARSE = np.geomspace(0.05, 40.0, 60)
_FINE = 20  # halvings of the step around the best exponent


class Concession(NamedTuple):
    """A fitted curve ``u(t) = (u0 - rv) * (1 - t**e) + rv``.

    Attributes:
        reservation: rv, in [0, 1].
        exponent: e; above 1 it concedes late, below 1 early.
        error: root mean square of what the curve misses.
    """

    reservation: float
    exponent: float
    error: float


@dataclass
class ReservationFit:
    """Fits a curve that ends at the reservation value to the utilities of an opponent's offers.

    Utilities are the opponent's own, in [0, 1]: known, or of a model. Each distinct utility counts once, at the time
    when it first appeared, for what is repeated says nothing of where the curve leads. With u0, the first utility,
    and an exponent given, the best reservation value is a linear least-squares estimate; the exponent is found by
    search on a grid, refined around the best. The reservation value is kept in [0, u0].

    Source: after the fit of reservation values in the skeleton of the Automated Negotiation League 2024 (Mohammad
    et al.).
    """

    def __post_init__(self) -> None:
        self.times: list[float] = []
        self.utilities: list[float] = []

    def update(self, utility: float, time: float) -> None:
        """Take note of an offer.

        Args:
            utility: what it is worth to its author, in [0, 1].
            time: relative time, in [0, 1].
        """
        if not (0 <= utility <= 1 and 0 <= time <= 1):
            raise StrategyError(
                f"a utility of {utility!r} at time {time!r}; both are expected between 0 and 1",
                code="parameter",
            )
        if utility not in self.utilities:
            self.utilities.append(utility)
            self.times.append(time)

    def fit(self) -> Concession | None:
        """The curve; None while there are fewer than three distinct utilities."""
        if len(self.utilities) < 3:
            return None
        step = float(_COARSE[1] / _COARSE[0])
        best = min(map(self._at, _COARSE.tolist()), key=_by_error)
        for _ in range(_FINE):
            step **= 0.5
            near = (self._at(best.exponent / step), best, self._at(best.exponent * step))
            best = min(near, key=_by_error)
        return best

    def _at(self, exponent: float) -> Concession:
        """The best reservation value for an exponent."""
        u = np.array(self.utilities)
        share = np.array(self.times) ** exponent
        start = self.utilities[0]
        weight = float(share @ share)
        found = float(share @ (u - start * (1 - share))) / weight if weight > 0 else start
        reservation = min(max(found, 0.0), start)
        missed = u - start * (1 - share) - reservation * share
        return Concession(reservation, exponent, float(np.sqrt(np.mean(missed**2))))


def _by_error(fitted: Concession) -> float:
    return fitted.error
