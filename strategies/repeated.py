"""Strategies that learn from one encounter with an opponent to the next, by an explicit memory handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import exp, inf, log, sqrt
from random import Random
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.preferences import SCALE
from negotiate.errors import StrategyError
from negotiate.protocol import Agreement
from negotiate.show import quote
from negotiate.strategies.anac.hardheaded import HardHeaded
from negotiate.strategies.memory import Encounter, Memory, require_memory
from negotiate.strategies.micro import Micro
from negotiate.strategies.offering import Offering
from negotiate.strategies.time_dependent import TimeDependent
from negotiate.strategies.tit_for_tat import NaiveTitForTat
from negotiate.strategy import Brief, Strategy, View

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome
    from negotiate.moves import Move
    from negotiate.protocol import Result

Arm: TypeAlias = Callable[[], Strategy]
"""Makes a fresh instance of one of the strategies in a portfolio."""

ARMS: tuple[Arm, ...] = (
    TimeDependent,
    Micro,
    NaiveTitForTat,
    HardHeaded,
    partial(TimeDependent, e=1.0),
)
"""The portfolio if none is given: Boulware, MiCRO, tit for tat, HardHeaded, linear."""


@dataclass
class Ratchet(Offering):
    """Concedes over time to a floor that rises with what earlier encounters brought.

    The target is ``floor + (best - floor)(1 - t**(1/e))``. By ``agreed`` the floor is what the last agreement brought;
    by ``received`` the best that the opponent ever offered, agreed or not. Each encounter without an agreement since
    then takes half of what the floor stands above the reservation value: two that both ratchet would else never agree
    again. Without memory the floor is the reservation value.

    Source: CaduceusDC16 (floor at the past agreement) and Rubick (highest received), ANAC 2017; the halving is ours.

    Attributes:
        by: ``agreed`` or ``received``.
        e: concession exponent; below 1 Boulware.
        memory: earlier encounters with this opponent; None to learn nothing.
    """

    by: str = "agreed"
    e: float = 0.2
    memory: Memory | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require_memory(self.memory)
        if self.by not in ("agreed", "received") or not 0 < self.e < 1e300:
            raise StrategyError(
                f"ratchet with by={quote(self.by)}, e={self.e!r}; 'agreed' or 'received' and e > 0 are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Set the floor."""
        super().begin(brief)
        self.space = brief.preferences.space
        self.best_received = 0.0
        self.heard = 0
        least = max(self.space.min_utility, self.reservation)
        raised = 0.0 if self.memory is None else self._learnt(self.memory) * SCALE
        above = max(min(raised, self.space.max_utility) - least, 0.0)
        self.floor = least + above * 0.5 ** self._failures()

    def _learnt(self, memory: Memory) -> float:
        if self.by == "received":
            return max(
                (e.notes.get("received", e.utility) for e in memory.encounters), default=0.0
            )
        return next((e.utility for e in reversed(memory.encounters) if e.agreed), 0.0)

    def _failures(self) -> int:
        """Encounters without an agreement since the last with one."""
        past = [] if self.memory is None else self.memory.encounters
        return next((i for i, e in enumerate(reversed(past)) if e.agreed), len(past))

    def respond(self, view: View) -> Move:
        """Note what is offered, and play."""
        for outcome in view.received[self.heard :]:
            self.best_received = max(self.best_received, self.utility(outcome) / SCALE)
        self.heard = len(view.received)
        return super().respond(view)

    def propose(self, view: View) -> Outcome:
        """The least outcome at or above the target."""
        share: float = view.time ** (1 / self.e)
        target = self.floor + (self.space.max_utility - self.floor) * (1 - share)
        return self.space.lowest_at_or_above(target) or self.space.kth(0)

    def end(self, result: Result) -> None:
        """Remember what it brought, and the best that was offered."""
        if self.memory is not None:
            notes = {"received": self.best_received}
            self.memory.add(encounter_of(self.brief, result, notes))


@dataclass
class Portfolio(Strategy):
    """Plays one of several strategies, and learns over encounters which of them does best against this opponent.

    By ``ucb1`` it takes the strategy with the largest ``mean + sqrt(2 ln n / n_k)`` of its utilities, after each once;
    by ``exp3`` it draws one with probability ``(1 - g) w_k / W + g / K``, where after each encounter the weight of the
    one played is multiplied by ``exp(g u / (p K))``. Draws come from a stream of its own, so that they do not depend
    on what the strategies draw. Without memory it plays the first of them.

    Source: Auer, Cesa-Bianchi & Fischer (2002) for UCB1, Auer, Cesa-Bianchi, Freund & Schapire (2002) for Exp3;
    LuckyAgent2022 of ANL 2022 for the use here.

    Attributes:
        rule: ``ucb1`` or ``exp3``.
        exploration: g of Exp3, in (0, 1].
        memory: earlier encounters with this opponent; None to learn nothing.
        arms: the strategies; None for :data:`ARMS`.
    """

    rule: str = "ucb1"
    exploration: float = 0.2
    memory: Memory | None = field(default=None, repr=False)
    arms: Sequence[Arm] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require_memory(self.memory)
        fits = self.rule in ("ucb1", "exp3") and 0 < self.exploration <= 1
        self.portfolio = ARMS if self.arms is None else tuple(self.arms)
        if not (fits and self.portfolio and all(map(callable, self.portfolio))):
            raise StrategyError(
                f"portfolio with rule={quote(self.rule)}, exploration={self.exploration!r}, arms={quote(self.arms)}; "
                "'ucb1' or 'exp3', 0 < exploration <= 1 and at least one arm are expected",
                code="parameter",
            )

    def begin(self, brief: Brief) -> None:
        """Choose."""
        super().begin(brief)
        past = [] if self.memory is None else self.memory.encounters
        played = [
            (int(e.notes["arm"]), e)
            for e in past
            if 0 <= e.notes.get("arm", -1) < len(self.portfolio)
        ]
        self.chance = 1.0
        self.arm = 0
        if self.memory is not None:
            self.arm = self._confident(played) if self.rule == "ucb1" else self._drawn(played)
        self.inner = self.portfolio[self.arm]()
        self.inner.begin(brief)

    def _confident(self, played: Sequence[tuple[int, Encounter]]) -> int:
        brought: list[list[float]] = [[] for _ in self.portfolio]
        for arm, encounter in played:
            brought[arm].append(encounter.utility)

        def bound(arm: int) -> float:
            own = brought[arm]
            return sum(own) / len(own) + sqrt(2 * log(len(played)) / len(own)) if own else inf

        return max(range(len(self.portfolio)), key=bound)  # of equals the first

    def _drawn(self, played: Sequence[tuple[int, Encounter]]) -> int:
        g, k = self.exploration, len(self.portfolio)
        logs = [0.0] * k
        for arm, encounter in played:
            gain = min(max(encounter.utility, 0.0), 1.0)
            logs[arm] += g * gain / ((encounter.notes.get("chance") or 1 / k) * k)
        weights = [exp(x - max(logs)) for x in logs]
        chances = [(1 - g) * w / sum(weights) + g / k for w in weights]
        stream = Random(f"portfolio {self.brief.seed}")  # noqa: S311 - play, not secrets
        arm = stream.choices(range(k), chances)[0]
        self.chance = chances[arm]
        return arm

    def respond(self, view: View) -> Move:
        """As the one chosen."""
        return self.inner.respond(view)

    def end(self, result: Result) -> None:
        """Remember who played, and what it brought."""
        self.inner.end(result)
        if self.memory is not None:
            notes = {"arm": float(self.arm), "chance": self.chance}
            self.memory.add(encounter_of(self.brief, result, notes))


def encounter_of(brief: Brief, result: Result, notes: dict[str, float]) -> Encounter:
    """What to remember of a negotiation that has ended."""
    if not isinstance(result, Agreement):
        return Encounter(0.0, agreed=False, notes=notes)
    utility = brief.preferences.utility(result.outcome) / SCALE
    return Encounter(utility, agreed=True, time=result.time, notes=notes)
