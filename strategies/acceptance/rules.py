"""The acceptance rules of Baarslag, Hindriks & Jonker (2013)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.domain.preferences import SCALE

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.strategy import Brief, View


class _Rule:
    """Keeps the own utility function."""

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""
        self.utility = brief.preferences.utility


@dataclass
class AcNext(_Rule):
    """Accept if ``a * u(standing) + b`` reaches the utility of the own next offer.

    Source: AC_next of Baarslag, Hindriks & Jonker (2013), "Acceptance conditions in automated negotiation".

    Attributes:
        a: factor on the standing offer.
        b: what is added to it, in [0, 1].
    """

    a: float = 1.0
    b: float = 0.0

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return self.a * self.utility(standing) + self.b * SCALE >= self.utility(proposal)


@dataclass
class AcPrevious(_Rule):
    """Accept if ``a * u(standing) + b`` reaches the utility of the own last offer; never before one was made.

    Source: AC_prev of Baarslag, Hindriks & Jonker (2013).

    Attributes:
        a: factor on the standing offer.
        b: what is added to it, in [0, 1].
    """

    a: float = 1.0
    b: float = 0.0

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        if not view.sent:
            return False
        return self.a * self.utility(standing) + self.b * SCALE >= self.utility(view.sent[-1])


@dataclass
class AcConst(_Rule):
    """Accept whatever is worth at least ``c``.

    Source: AC_const of Baarslag, Hindriks & Jonker (2013).

    Attributes:
        c: least utility to accept, in [0, 1].
    """

    c: float = 0.9

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return self.utility(standing) >= self.c * SCALE


@dataclass
class AcTime(_Rule):
    """Accept anything from relative time ``t`` on, unless it is below the reservation value.

    Source: AC_time of Baarslag, Hindriks & Jonker (2013).

    Attributes:
        t: relative time from which everything is accepted, in [0, 1].
    """

    t: float = 0.99

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return view.time >= self.t


@dataclass
class AcGap(_Rule):
    """Accept if the standing offer comes within ``c`` of the own last offer; never before one was made.

    Source: AC_gap of Baarslag, Hindriks & Jonker (2013).

    Attributes:
        c: the largest difference of utility that it bridges, in [0, 1].
    """

    c: float = 0.1

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        if not view.sent:
            return False
        return self.utility(standing) + self.c * SCALE >= self.utility(view.sent[-1])


@dataclass
class AcNextOrTime(AcNext):
    """AC_next; or anything from relative time ``t`` on; GENIUS calls this one ``AC_Combi``.

    The rule that the paper calls AC_combi is :class:`~negotiate.strategies.acceptance.combined.AcCombi`.

    Source: the disjunction of AC_next and AC_time, Baarslag, Hindriks & Jonker (2013).

    Attributes:
        t: relative time from which everything is accepted, in [0, 1].
    """

    t: float = 0.99

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return view.time >= self.t or super().accepts(view, standing, proposal)


@dataclass
class AcAspiration(_Rule):
    """Accept what exceeds ``1 - (1 - r) t**e``, r being the reservation value; in the last round what exceeds r.

    Source: common among agents of the Automated Negotiation League 2024, with e from 17 to 50.

    Attributes:
        e: exponent of time; the larger, the later it yields.
    """

    e: float = 50.0

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""
        super().begin(brief)
        self.reservation = brief.preferences.reservation

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        worth = self.utility(standing)
        if view.rounds_left == 1 and worth > self.reservation:
            return True
        least: float = SCALE - (SCALE - self.reservation) * view.time**self.e
        return worth > least
