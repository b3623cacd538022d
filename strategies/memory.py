"""What a strategy may remember of earlier encounters with the same opponent: explicit, small, and off by default.

A strategy that learns over encounters takes a :class:`Memory`, reads it in ``begin`` and adds to it in ``end``. Nothing
else is kept between negotiations, and nothing is written anywhere: whoever runs the negotiations hands the memory in
and may store :meth:`Memory.to_json`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from inspect import signature
from typing import TYPE_CHECKING, cast

from negotiate.errors import StrategyError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable


def remembers(strategy: Callable[..., object]) -> bool:
    """Whether a strategy can be made with a memory."""
    return "memory" in signature(strategy).parameters


def require_memory(given: object) -> None:
    """Raise StrategyError unless it is a memory, or None."""
    if given is not None and not isinstance(given, Memory):
        raise StrategyError(
            f"memory is {quote(given)}; a Memory or None is expected",
            code="parameter",
            help="it cannot be written in brackets; hand it in with negotiate.arena.play_sequence",
        )


@dataclass(frozen=True)
class Encounter:
    """How one negotiation went.

    Attributes:
        utility: what it brought me, in [0, 1], not discounted; 0 without an agreement.
        agreed: whether there was an agreement.
        time: relative time of the agreement; 1 without one.
        notes: numbers that a strategy keeps for itself.
    """

    utility: float
    agreed: bool
    time: float = 1.0
    notes: dict[str, float] = field(default_factory=lambda: cast("dict[str, float]", {}))


@dataclass
class Memory:
    """Encounters with one opponent, oldest first.

    Attributes:
        encounters: one for each finished negotiation.
    """

    encounters: list[Encounter] = field(default_factory=lambda: cast("list[Encounter]", []))

    def add(self, encounter: Encounter) -> None:
        """Remember an encounter."""
        self.encounters.append(encounter)

    def to_json(self) -> str:
        """The memory as JSON text; :meth:`from_json` reads it."""
        return json.dumps([asdict(encounter) for encounter in self.encounters])

    @classmethod
    def from_json(cls, text: str) -> Memory:
        """The memory that :meth:`to_json` wrote.

        Raises:
            StrategyError: the text does not read.
        """
        try:
            return cls([Encounter(**entry) for entry in json.loads(text)])
        except (ValueError, TypeError) as error:
            raise StrategyError(
                f"{quote(text)} does not read as a memory", code="memory"
            ) from error
