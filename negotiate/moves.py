"""Moves: the small values that parties exchange. What each means is the protocol's business."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple, TypeAlias

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


@dataclass(frozen=True, slots=True)
class Bid:
    """I offer this much; in units of the rules' smallest amount."""

    kind: ClassVar[str] = "bid"
    amount: int


@dataclass(frozen=True, slots=True)
class Commit:
    """I am bound to a bid that only its hash shows yet."""

    kind: ClassVar[str] = "commit"
    digest: str


@dataclass(frozen=True, slots=True)
class Reveal:
    """This is the bid that I committed to, and the salt that hid it."""

    kind: ClassVar[str] = "reveal"
    amount: int
    salt: str


@dataclass(frozen=True, slots=True)
class Order:
    """I want to buy or sell; without a price, at any."""

    kind: ClassVar[str] = "order"
    id: str
    side: Literal["buy", "sell"]
    price: int | None
    qty: int
    life: Literal["GTC", "IOC", "FOK"] = "GTC"


@dataclass(frozen=True, slots=True)
class Cancel:
    """Take my order out of the book."""

    kind: ClassVar[str] = "cancel"
    id: str


@dataclass(frozen=True, slots=True)
class Ask:
    """I sell for this much, or more; in units of the rules' smallest amount."""

    kind: ClassVar[str] = "ask"
    amount: int


@dataclass(frozen=True, slots=True)
class Marginals:
    """I offer this much for a first unit, for a second one, and so on; never rising."""

    kind: ClassVar[str] = "marginals"
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """At the prices of this round I want so many units of each item, in the order of the rules."""

    kind: ClassVar[str] = "demand"
    round: int
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Prefer:
    """At the prices of this round these are the items that I like best; I want one of them, or as soon nothing."""

    kind: ClassVar[str] = "prefer"
    round: int
    items: tuple[str, ...]
    or_nothing: bool = False


@dataclass(frozen=True, slots=True)
class ItemBid:
    """I offer this much for one of several items."""

    kind: ClassVar[str] = "item-bid"
    item: str
    amount: int


@dataclass(frozen=True, slots=True)
class PackageBid:
    """I offer this much for these items together; an item that I want twice stands in it twice."""

    kind: ClassVar[str] = "package-bid"
    items: tuple[str, ...]
    amount: int


@dataclass(frozen=True, slots=True)
class Withdraw:
    """I take back my standing bid for an item."""

    kind: ClassVar[str] = "withdraw"
    item: str


@dataclass(frozen=True, slots=True)
class Pass:
    """I send nothing more in this round."""

    kind: ClassVar[str] = "pass"
    round: int = 1


@dataclass(frozen=True, slots=True)
class Inform:
    """The work that I was awarded is done; or it has failed."""

    kind: ClassVar[str] = "inform"
    done: bool


Move: TypeAlias = Offer | Accept | Reject | Walk | Proceed | Breakdown
"""Moves of bargaining."""

MarketMove: TypeAlias = (
    Bid | Commit | Reveal | Order | Cancel
    | Ask | Marginals | Demand | Prefer | ItemBid | PackageBid | Withdraw | Pass | Inform
)  # fmt: skip
"""Moves of auctions and markets alone."""

AnyMove: TypeAlias = Move | MarketMove
"""Everything that an auction or a market may be handed."""


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
