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
    """Accept if ``a * u(standing) + b`` reaches the utility of the own last offer; never before one was made."""

    a: float = 1.0
    b: float = 0.0

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        if not view.sent:
            return False
        return self.a * self.utility(standing) + self.b * SCALE >= self.utility(view.sent[-1])


@dataclass
class AcConst(_Rule):
    """Accept whatever is worth at least ``c``, a utility in [0, 1]."""

    c: float = 0.9

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return self.utility(standing) >= self.c * SCALE


@dataclass
class AcTime(_Rule):
    """Accept anything from relative time ``t`` on."""

    t: float = 0.99

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        return view.time >= self.t


@dataclass
class AcCombi(AcNext):
    """AC_next; or, from time ``t`` on, accept the best that can still be hoped for.

    Hoped for is the best offer received in the window before now that is as long as the time that remains
    (rule MAX_W of the paper; GENIUS ships it as ``AC_CombiMaxInWindow``).

    Attributes:
        t: relative time from which the window counts.
    """

    t: float = 0.98

    def begin(self, brief: Brief) -> None:
        """Called once, before the first turn."""
        super().begin(brief)
        self.times: list[float] = []

    def accepts(self, view: View, standing: Outcome, proposal: Outcome) -> bool:
        """Whether to accept ``standing`` rather than offer ``proposal``."""
        self.times += [view.time] * (len(view.received) - len(self.times))
        if super().accepts(view, standing, proposal):
            return True
        if view.time < self.t:
            return False
        opens = 2 * view.time - 1 - 1e-9  # an offer at the very edge is inside
        earlier = zip(self.times[:-1], view.received[:-1], strict=True)
        hope = max((self.utility(o) for at, o in earlier if at >= opens), default=0)
        return self.utility(standing) >= hope
