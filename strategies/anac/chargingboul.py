"""ChargingBoul, second of ANL 2022."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.protocol import Agreement
from negotiate.strategies.anac.seat import Choice, Received, Seat
from negotiate.strategies.memory import Encounter, Memory, require_memory
from negotiate.strategies.models import SmithFrequency
from negotiate.strategies.offering import ACCEPT

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.issues import Outcome
    from negotiate.protocol import Result
    from negotiate.strategy import Brief

_MODEST, _FRUGAL = (
    0.3,
    0.6,
)  # it settles for an offer worth more to me than this, and less than that to the opponent


@dataclass
class ChargingBoul(Seat):
    """Concedes late to a half, in offers that spread as time passes, and takes back what it was once offered.

    The goal is ``least + (1 - least)(1 - t**(1/e))`` with e 0.1 and least 0.5. It offers a random outcome within
    ``(3 t + 1) d`` of the goal, d being the smallest gap between best and second-best value of an issue; if the
    opponent ever offered something as good, it offers that instead, each once. It accepts what reaches its offer.

    With a memory it judges the opponent: UBI is how often the set of distinct offers keeps growing as the history is
    halved, AUI the same for their mean utility to me. UBI of 5 or more (Boulware): ``e = 0.2 * 2**(5 - UBI)``, and
    after ``1 - 2**-min(UBI, 10)`` it may settle for the opponent's best offer; else AUI above 2 (conceder): least
    0.4. In the league the original looked for its memory too early and never found it, so the default is to play
    without.

    Source: ChargingBoul, second of the Automated Negotiation League 2022.

    Attributes:
        memory: earlier encounters with this opponent; None to learn nothing.
    """

    memory: Memory | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        require_memory(self.memory)

    def begin(self, brief: Brief) -> None:
        """Judge the opponent by the last encounter."""
        super().begin(brief)
        self.model = self.learning(SmithFrequency())
        self.least, self.e, self.settles = 0.5, 0.1, 2.0
        self.kept: list[Received] = []
        if self.memory is not None and self.memory.encounters:
            self._judge(self.memory.encounters[-1].notes)
        own = brief.preferences
        gaps = [_gap(list(table)) for table in own.tables if len(table) > 1]
        self.step = min([1.0, *gaps])

    def _judge(self, notes: dict[str, float]) -> None:
        ubi = notes.get("ubi", 0.0)
        if ubi >= 5:
            self.e, self.settles = 0.2 * 2 ** (5 - ubi), 1 - 0.5 ** min(ubi, 10)
        elif notes.get("aui", 0.0) > 2:
            self.least = 0.4

    def hear(self, received: Received) -> None:
        """Keep the offer, to take it back later."""
        super().hear(received)
        self.kept.append(received)

    def decide(self, time: float, standing: Outcome | None) -> Choice:
        """Plan an offer, prefer what was offered before, and accept what is as good."""
        offer = self._bid(time)
        best = max(self.kept, key=lambda r: r.utility, default=None)
        if best is not None and best.utility >= self.u(offer):
            self.kept.remove(best)
            offer = best.outcome
        if standing is not None and self.u(standing) >= self.u(offer):
            return ACCEPT
        return offer

    def _bid(self, time: float) -> Outcome:
        best = self.history.best
        if time > self.settles and best is not None:
            self.least = _MODEST
            if best.utility > _MODEST and self.model.utility(best.outcome) < _FRUGAL:
                return best.outcome
        goal = 1 - (1 - self.least) * time ** (1 / self.e)
        width = self.step + 3 * time * self.step
        return (
            self.sample(goal - width, goal + width)
            or self.sample(1 - width, 1 + width)
            or self.nearest(goal)
        )

    def end(self, result: Result) -> None:
        """Remember how the opponent's offers developed."""
        if self.memory is None:
            return
        offers = self.history.all
        notes = {
            "ubi": float(_growth(offers, lambda part: len({r.outcome for r in part}))),
            "aui": float(
                _growth(offers, lambda part: sum(r.utility for r in part) / len(part))
            ),
        }
        agreed = isinstance(result, Agreement)
        utility = self.u(result.outcome) if isinstance(result, Agreement) else 0.0
        time = result.time if isinstance(result, Agreement) else 1.0
        self.memory.add(Encounter(utility, agreed, time, notes))


def _gap(values: list[int]) -> float:
    first, second, *_ = sorted(values, reverse=True)
    return (first - second) / 1e9


def _growth(offers: list[Received], measure: Callable[[list[Received]], float]) -> int:
    """How often the measure is larger in the later half, halving the rest each time."""
    half = round(len(offers) / 2)
    early, late = offers[:half], offers[half:]
    grows = bool(early and late) and measure(early) < measure(late)
    return 1 + _growth(late, measure) if grows else 0
