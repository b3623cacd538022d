"""The curves of :mod:`~negotiate.strategies.time_dependent` for all rounds at once, in arrays.

What a curve does in a round depends on the round alone, so that all it will ever do is a table; engines that play
thousands of negotiations read tables instead of asking. Each rule stands here a second time, for arrays, and gives
the same integers: sums and products of floats are the same in arrays, powers are computed by Python itself.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from negotiate.domain.listing import listing
from negotiate.strategies.time_dependent import Aspiration, Bezier, TimeDependent
from negotiate.strategy import Lowered

if TYPE_CHECKING:
    from negotiate.domain.blocks import Floats, Ints
    from negotiate.domain.listing import Listing
    from negotiate.strategies.time_dependent import Curve


def lowered(curve: Curve) -> Lowered | None:
    """The table of a curve that has begun; None for subclasses, uncounted rounds, and spaces that are not listed."""
    rounds = curve.brief.rules.steady_rounds
    if rounds is None or curve.hopeless:
        return None
    listed = listing(curve.brief.preferences)
    if listed is None:
        return None
    if type(curve) is TimeDependent:
        offers = _offers(curve, listed, _aims(curve, rounds))
        return Lowered(offers, listed.utilities[offers])
    if type(curve) is Aspiration:
        targets = np.array([curve.target(time) for time in _times(rounds)])
        return Lowered(_reaching(curve, listed, targets), _ceilings(targets))
    if type(curve) is Bezier:
        targets = np.array([curve.target(time) for time in _times(rounds)])
        thresholds = _ceilings(np.minimum(targets, curve.high))
        return Lowered(_offers(curve, listed, targets), thresholds)
    return None


def _offers(curve: Curve, listed: Listing, targets: Floats) -> Ints:
    """:meth:`~negotiate.strategies.time_dependent.Curve.choose` for each target."""
    places = listed.nearest(targets)
    short = listed.utilities[places] < curve.reservation
    if not short.any():
        return places
    least = listed.lowest_at_or_above(np.array([float(curve.reservation)]))
    return np.where(short, least, places)


def _reaching(curve: Aspiration, listed: Listing, targets: Floats) -> Ints:
    """:meth:`~negotiate.strategies.time_dependent.Aspiration.choose` for each target."""
    places = listed.lowest_at_or_above(targets)
    return np.where(places < 0, listed.nearest(np.array([float(curve.high)])), places)


def _aims(curve: TimeDependent, rounds: int) -> Floats:
    """:meth:`~negotiate.strategies.time_dependent.TimeDependent.target` for each round."""
    return curve.low + (curve.high - curve.low) * (1 - _shares(curve.e, curve.k, rounds))


@lru_cache(256)
def _shares(e: float, k: float, rounds: int) -> Floats:
    curve = TimeDependent(e, k)
    return np.array([curve.share(time) for time in _times(rounds)])


def _times(rounds: int) -> list[float]:
    return [k / (rounds + 1) for k in range(1, rounds + 1)]


def _ceilings(targets: Floats) -> Ints:
    ceilings: Ints = np.ceil(targets).astype(np.int64)
    return ceilings
