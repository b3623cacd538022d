"""What a session tells its host: small immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.moves import Party
    from negotiate.wire.faults import Fault


@dataclass(frozen=True, slots=True)
class Opened:
    """A session was opened to us; answer with ``join``."""

    sid: bytes


@dataclass(frozen=True, slots=True)
class Joined:
    """A party took its seat."""

    seat: Party
    principal: bytes
    verified: bool


class Moved(NamedTuple):
    """A party moved. ``note`` is the other side's words: bounded, untrusted, read by no decision.

    A named tuple and not a dataclass as the others, because nearly every message makes one.
    """

    seat: Party
    kind: str
    id: bytes
    terms: Mapping[str, object] | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes to send to the other parties now: a countersignature, or what was answered before."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """The message came before; nothing changed."""

    id: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that came before its predecessor is kept until that comes."""

    seq: int


@dataclass(frozen=True, slots=True)
class Crossed:
    """A withdrawal lost against a move that it crossed."""

    seq: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The negotiation ended: ``agreed``, or why not."""

    outcome: str
    terms: Mapping[str, object] | None


@dataclass(frozen=True, slots=True)
class Late:
    """An acceptance reached us after our offer had expired; there is no agreement, and we have said so."""

    id: bytes
    code: str = "expired"


@dataclass(frozen=True, slots=True)
class Closed:
    """All parties have signed the closing record."""

    outcome: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Our offer expired without an answer."""

    id: bytes


@dataclass(frozen=True, slots=True)
class Expired:
    """The session's time is over without an agreement. Nobody owes anything."""


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """We accepted, and the other side has said nothing since: the acceptance stands until it does."""

    id: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """A message that had been waiting turned out not to fit."""

    fault: Fault


Event: TypeAlias = (
    Opened | Joined | Moved | Answer | Known | Waiting | Crossed | Ended | Late | Closed | Lapsed | Expired
    | Unconfirmed | Dropped
)  # fmt: skip
