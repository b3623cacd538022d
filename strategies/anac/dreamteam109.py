"""DreamTeam109, winner of ANL 2022."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.protocol import Agreement
from negotiate.strategies.anac.seat import Choice, Seat
from negotiate.strategies.memory import Encounter, Memory, require_memory
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.protocol import Result
    from negotiate.strategy import Brief

_SHARES = (1 / 300, 1 / 100, 1 / 30)
_LAST_TURNS = (0.0, 0.0, 1.0, 1.1)
_LATE_TURNS = (0.0, 5.0, 5.5)


@dataclass
class DreamTeam109(Seat):
    """Offers random ones of its very best outcomes, and yields only to opponents with whom it failed before.

    It offers one of the best ``max(5, share * N)`` of N outcomes and accepts what is worth at least the worst of these.
    The share is 1/300, 1/100 or 1/30 after 0, 1 or more encounters that brought less than 0.5. With k turns to go,
    where k is 0, 0, 1 or 1.1 by the number of encounters without agreement, it accepts anything; with 0, 5 or 5.5 to
    go it makes the opponent's best offer and accepts what is among the best fifth. A turn is as long as its last three
    were on average.

    Source: DreamTeam109, Delft University of Technology, winner of the Automated Negotiation League 2022 in individual
    utility and in social welfare.

    Attributes:
        memory: earlier encounters with this opponent; None to learn nothing.
    """

    memory: Memory | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require_memory(self.memory)

    def begin(self, brief: Brief) -> None:
        """Learn from earlier encounters how far to go."""
        super().begin(brief)
        past = [] if self.memory is None else self.memory.encounters
        failed = sum(e.utility == 0 for e in past)
        poor = sum(e.utility < 0.5 for e in past)
        size = self.space.size
        top = max(5.0, size * _SHARES[min(poor, 2)])
        self.count = max(int(size / 2 if size < top else top), 1)
        self.last, self.late = _LAST_TURNS[min(failed, 3)], _LATE_TURNS[min(failed, 2)]
        self.least, self.fifth = 0.9, self.u(self.space.kth(max(size // 5 - 1, 0)))
        self.worst = self.u(self.space.kth(self.count - 1))
        self.turns: list[float] = []

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Accept by the worst of the best, or because time is up; else offer one of the best."""
        self.turns = [*self.turns[-3:], time]
        ends, late = self._thresholds()
        if standing is not None:
            u = self.u(standing)
            if u >= self.least or time >= ends or (time > late and u >= self.fifth):
                return ACCEPT
        best = self.history.best
        if best is None:
            return self.best
        if time > late:
            return best.outcome
        self.least = self.worst
        if self.pool.vast:
            return self.sample(self.worst, self.high) or self.best
        return self.space.kth(int(self.random() * self.count))

    def _thresholds(self) -> tuple[float, float]:
        if len(self.turns) < 2:
            return 0.98, 0.95
        turn = (self.turns[-1] - self.turns[0]) / 3
        return 1 - self.last * turn, 1 - self.late * turn

    def end(self, result: Result) -> None:
        """Remember what this encounter brought."""
        if self.memory is None:
            return
        if isinstance(result, Agreement):
            self.memory.add(Encounter(self.u(result.outcome), agreed=True, time=result.time))
        else:
            self.memory.add(Encounter(0.0, agreed=False))
