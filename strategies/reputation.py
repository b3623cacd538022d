"""How far to trust an opponent to keep what it agreed to, from what it kept and broke before."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import isfinite, sqrt

from negotiate.errors import StrategyError
from negotiate.show import quote


@dataclass(frozen=True)
class Reputation:
    """What is known of one opponent's faith: a Beta(1 + kept, 1 + broken) belief, which fades.

    Between two events each count is multiplied by ``decay ** (time between them)``: what was long ago counts less, and
    who is not heard of for long is a stranger again. A value; :meth:`after` gives the next one.

    Source: Jøsang & Ismail (2002), "The beta reputation system", with exponential forgetting.

    Attributes:
        kept: agreements kept, faded.
        broken: agreements broken, faded.
        at: time of the last event, in any unit.
        decay: what remains of a count after one unit of time, in (0, 1].
    """

    kept: float = 0.0
    broken: float = 0.0
    at: float = 0.0
    decay: float = 0.99

    def __post_init__(self) -> None:
        numbers = (self.kept, self.broken, self.at, self.decay)
        if not (
            all(map(isfinite, numbers)) and min(self.kept, self.broken) >= 0 < self.decay <= 1
        ):
            raise StrategyError(
                f"{self!r} makes no sense: counts at least 0 and 0 < decay <= 1 are expected",
                code="parameter",
            )

    def after(self, *, kept: bool, at: float) -> Reputation:
        """The reputation once another agreement was kept, or broken, at time ``at``.

        Raises:
            StrategyError: that is before the last event.
        """
        now = self.faded(at)
        return Reputation(now.kept + kept, now.broken + (not kept), at, self.decay)

    def faded(self, at: float) -> Reputation:
        """The reputation as it stands at time ``at`` if nothing happens until then."""
        if not at >= self.at:
            raise StrategyError(
                f"time runs back, from {self.at!r} to {at!r}", code="reputation"
            )
        share: float = self.decay ** (at - self.at)
        return Reputation(self.kept * share, self.broken * share, at, self.decay)

    @property
    def trust(self) -> float:
        """The chance that the next agreement is kept: ``(1 + kept) / (2 + kept + broken)``."""
        return (1 + self.kept) / (2 + self.kept + self.broken)

    @property
    def deviation(self) -> float:
        """Standard deviation of the belief: large for a stranger."""
        a, b = 1 + self.kept, 1 + self.broken
        variance: float = a * b / ((a + b) ** 2 * (a + b + 1))
        return sqrt(variance)

    def to_json(self) -> str:
        """The reputation as JSON text; :meth:`from_json` reads it."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Reputation:
        """The reputation that :meth:`to_json` wrote.

        Raises:
            StrategyError: the text does not read.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError, StrategyError) as error:
            raise StrategyError(
                f"{quote(text)} does not read as a reputation", code="memory"
            ) from error
