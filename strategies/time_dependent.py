"""Time-dependent tactics: concede as time runs, whatever the other side does.

Three widely used libraries mean three different functions by "Boulware"; each stands here under its own name:
:class:`TimeDependent` (the form of GENIUS), :class:`Aspiration` (NegMAS) and :class:`Bezier` (NegoLog).
Presets such as ``genius-boulware`` are in ``negotiate.registry``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import ceil, exp, log
from typing import TYPE_CHECKING, TypeAlias, cast

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.moves import Move, Offer, Walk
from negotiate.strategies.offering import ACCEPT, WALK, Offering

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, Lowered, View


Plan: TypeAlias = tuple[Offer | Walk, int]
"""What to do at some time: offer (or walk, where nothing is acceptable), and the least utility to accept."""

Schedule: TypeAlias = list[Plan | None]
"""The plan for each round, None where it was not needed yet; place 0 is not used."""

_SCHEDULED = 10_000  # rounds; longer negotiations are computed turn by turn


class Curve(Offering):
    """Offers along a curve of targets that depends on time only.

    Where only rounds pass, the plan for a round depends on nothing else. Of a dataclass, whose fields say all about
    it, each plan is made once for the same preferences, parameters and deadline: a tournament plays them against
    every rival.
    """

    def begin(self, brief: Brief) -> None:
        """Prepare the own outcome space, and the schedule where there can be one."""
        super().begin(brief)
        space = brief.preferences.space
        self.high = space.max_utility
        self.low = max(space.min_utility, self.reservation)
        self.nearest = space.nearest
        self.at_or_above = space.lowest_at_or_above
        self.__dict__.pop("schedule", None)  # of the match before

    @cached_property
    def schedule(self) -> Schedule:
        """The plans made so far, by round; empty where not only rounds pass. Made at the first turn."""
        rounds = self.brief.rules.steady_rounds
        return self._kept(rounds) if rounds and rounds <= _SCHEDULED else []

    def _kept(self, rounds: int) -> Schedule:
        names = vars(type(self)).get("__dataclass_fields__")
        if names is None:  # a subclass may keep what its curve depends on anywhere
            return [None] * (rounds + 1)
        key = (type(self), rounds, *(getattr(self, name) for name in names))
        return cast(
            "Schedule", self.brief.preferences.notes.setdefault(key, [None] * (rounds + 1))
        )

    def _due(self, view: View) -> Plan:
        """The plan for now, made; and kept, where there is a schedule."""
        if not 0 < view.round < len(self.schedule):
            return self.plan(view.time)
        # By the round alone: what is kept serves other matches, and a view can be scribbled over.
        made = self.schedule[view.round] = self.plan(view.round / len(self.schedule))
        return made

    def target(self, time: float) -> float:
        """The utility aimed at, in units of 1e-9, at relative time ``time``."""
        raise NotImplementedError

    def choose(self, target: float) -> Outcome:
        """The outcome to offer for a target: the nearest, but never one below the reservation value."""
        outcome = self.nearest(target)
        # Nearest may fall just short of the reservation value, which the originals do not mind and we do.
        if self.utility(outcome) >= self.reservation:
            return outcome
        return self.at_or_above(self.reservation) or outcome

    def threshold(self, target: float, proposal: Outcome) -> float:
        """The least utility to accept: that of the own proposal (AC_next)."""
        return self.utility(proposal)

    def plan(self, time: float) -> Plan:
        """What to do at relative time ``time``."""
        if self.hopeless:
            return WALK, self.reservation
        target = self.target(time)
        proposal = self.choose(target)
        return Offer(proposal), ceil(self.threshold(target, proposal))

    def propose(self, view: View) -> Outcome:
        """The outcome that is due now."""
        return self.choose(self.target(view.time))

    def respond(self, view: View) -> Move:
        """Accept what reaches the threshold that is due now; else make the offer that is due."""
        plan = self.schedule[view.round] if self.schedule else None
        offer, threshold = plan or self._due(view)
        standing = view.standing
        if standing is not None and self.utility(standing) >= threshold:
            return ACCEPT
        return offer

    def tabulated(self) -> Lowered | None:
        """The plans of all rounds, for :meth:`lower`; None where not only rounds pass, or too many outcomes."""
        from negotiate.strategies.lowering import lowered  # noqa: PLC0415 - numpy

        return lowered(self)


@dataclass
class TimeDependent(Curve):
    """Concedes along a power of time and offers the outcome nearest to its target.

    ``p(t) = pmin + (pmax - pmin) * (1 - F(t))`` with ``F(t) = k + (1 - k) * t**(1/e)``; ``pmax`` is the largest
    utility, ``pmin`` the smallest or the reservation value, whichever is larger. Accepts what is worth at least
    its own next offer.

    Source: Faratin, Sierra & Jennings (1998), in the utility form of GENIUS (Baarslag et al. 2014).

    Attributes:
        e: concession exponent; below 1 Boulware, 1 linear, above 1 conceder, 0 hardliner.
        k: share conceded at the opening, in [0, 1].
    """

    e: float = 0.2
    k: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.e < 1e300 and 0 <= self.k <= 1):
            raise StrategyError(
                f"time_dependent with e={self.e!r}, k={self.k!r}; e >= 0 and 0 <= k <= 1 are expected",
                code="parameter",
            )

    def target(self, time: float) -> float:
        """The utility aimed at, in units of 1e-9, at relative time ``time``."""
        return self.low + (self.high - self.low) * (1 - self.share(time))

    def share(self, time: float) -> float:
        """The share of its range conceded at relative time ``time``."""
        return self.k + (1 - self.k) * float(time ** (1 / self.e)) if self.e else self.k

    def lower(self) -> Lowered | None:
        """Its plans for all rounds."""
        return self.tabulated()


@dataclass
class Exponential(Curve):
    """Concedes along an exponential of time and offers the outcome nearest to its target.

    ``p(t) = pmin + (pmax - pmin) * (1 - F(t))`` with ``F(t) = exp((1 - t)**beta * ln k)``; ``pmax`` is the largest
    utility, ``pmin`` the smallest or the reservation value, whichever is larger. Accepts what is worth at least
    its own next offer. For the same beta it yields later than the polynomial form where beta is below 1, and earlier
    where it is large.

    Source: the exponential tactic of Faratin, Sierra & Jennings (1998), in utility.

    Attributes:
        beta: concession exponent; below 1 Boulware, above 1 conceder.
        k: share conceded at the opening, in (0, 1].
    """

    beta: float = 1.0
    k: float = 0.05

    def __post_init__(self) -> None:
        if not (0 < self.beta < 1e300 and 1e-300 <= self.k <= 1):
            raise StrategyError(
                f"exponential with beta={self.beta!r}, k={self.k!r}; beta > 0 and 0 < k <= 1 are expected",
                code="parameter",
            )

    def target(self, time: float) -> float:
        """The utility aimed at, in units of 1e-9, at relative time ``time``."""
        conceded = exp((1 - time) ** self.beta * log(self.k))
        return self.low + (self.high - self.low) * (1 - conceded)


@dataclass
class Aspiration(Curve):
    """Concedes along ``1 - t**x`` and offers the lowest outcome at or above its target.

    The target lies that share of the way from the worst outcome (or the reservation value, if higher) to the best,
    less a tolerance. Accepts what reaches the target.

    Source: NegMAS (Mohammad et al. 2021), time-based negotiators; the curve is that of Faratin et al. (1998).

    Attributes:
        x: exponent; above 1 Boulware, 1 linear, below 1 conceder.
        tolerance: share of the range by which the target may be missed.
    """

    x: float = 4.0
    tolerance: float = 1e-4

    def __post_init__(self) -> None:
        if not (0 < self.x < 1e300 and 0 <= self.tolerance < 1):
            raise StrategyError(
                f"aspiration with x={self.x!r}, tolerance={self.tolerance!r}; "
                "x > 0 and 0 <= tolerance < 1 are expected",
                code="parameter",
            )

    def target(self, time: float) -> float:
        """The utility aimed at, in units of 1e-9, at relative time ``time``."""
        span = self.high - self.low
        return max(
            self.low + span * (1 - float(time**self.x)) - span * self.tolerance, self.low
        )

    def choose(self, target: float) -> Outcome:
        """The worst outcome that still reaches the target."""
        return self.at_or_above(target) or self.nearest(self.high)

    def threshold(self, target: float, proposal: Outcome) -> float:
        """The target itself."""
        return target

    def lower(self) -> Lowered | None:
        """Its plans for all rounds."""
        return self.tabulated()


@dataclass
class Bezier(Curve):
    """Concedes along a quadratic Bezier curve of absolute utility and offers the outcome nearest to its target.

    ``p(t) = (1-t)**2 * p0 + 2t(1-t) * p1 + t**2 * p2``. A reservation value above ``p2`` replaces it and raises
    ``p1`` in proportion. Accepts what reaches the target, and its best outcome where nothing does.

    Source: Vahidov, Kersten & Yu (2017), in the form of NegoLog (Dogru et al. 2024).

    Attributes:
        p0: opening target, a utility in [0, 1].
        p1: bend of the curve.
        p2: final target.
    """

    p0: float = 1.0
    p1: float = 0.85
    p2: float = 0.4

    def __post_init__(self) -> None:
        if not all(0 <= p <= 1 for p in (self.p0, self.p1, self.p2)):
            raise StrategyError(
                f"bezier with p0={self.p0!r}, p1={self.p1!r}, p2={self.p2!r}; "
                "utilities between 0 and 1 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Fit the curve to the reservation value and prepare the own outcome space."""
        last = max(self.p2, brief.preferences.reservation / SCALE)
        bend, ends = self.p1, self.p0 + self.p2
        if last > self.p2 and ends > 0:
            bend = min(bend * (self.p0 + last) / ends, 1000.0)  # no utility is larger
        self.points = (self.p0 * SCALE, bend * SCALE, last * SCALE)
        super().begin(brief)

    def target(self, time: float) -> float:
        """The utility aimed at, in units of 1e-9, at relative time ``time``."""
        first, bend, last = self.points
        rest = 1 - time
        aim = rest * rest * first + 2 * rest * time * bend + time * time * last
        return max(aim, self.reservation)

    def threshold(self, target: float, proposal: Outcome) -> float:
        """The target itself, or the best outcome where the curve runs above it."""
        return min(target, self.high)

    def lower(self) -> Lowered | None:
        """Its plans for all rounds."""
        return self.tabulated()
