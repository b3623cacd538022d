"""Moves: the small values that parties exchange. What each means is the protocol's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from negotiate.domain.issues import Outcome

Party: TypeAlias = int
"""A seat at the table, from 0 in the order of moving."""

CHANCE: Party = -1
"""The seat of nature, which moves where a protocol has a random event."""


@dataclass(frozen=True, slots=True)
class Offer:
    """I would sign this outcome; whatever stood before is off the table."""

    kind: ClassVar[str] = "offer"
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Accept:
    """I agree to the standing offer."""

    kind: ClassVar[str] = "accept"


@dataclass(frozen=True, slots=True)
class Reject:
    """I do not agree to the standing offer, and make none of my own."""

    kind: ClassVar[str] = "reject"


@dataclass(frozen=True, slots=True)
class Walk:
    """I leave; the negotiation ends without agreement."""

    kind: ClassVar[str] = "walk"


@dataclass(frozen=True, slots=True)
class Proceed:
    """Chance lets the negotiation go on."""

    kind: ClassVar[str] = "proceed"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Chance ends the negotiation without agreement."""

    kind: ClassVar[str] = "breakdown"


Move: TypeAlias = Offer | Accept | Reject | Walk | Proceed | Breakdown


class Turn(NamedTuple):
    """What happened in one turn, as kept in histories.

    Attributes:
        round: from 1.
        party: who moved.
        kind: the move's kind, such as ``offer``.
        outcome: what was offered; None for other moves.
    """

    round: int
    party: Party
    kind: str
    outcome: Outcome | None
