"""What each kind of message says: one closed model a kind. The published JSON Schemas are made from these.

Every body may also carry a ``note`` for people, which no decision reads, and extensions under ``ext``; names listed
in ``critical`` must be understood by the receiver, or the message is refused.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias, cast

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from negotiate.wire.codec import MAX_INT, MIN_INT

Identifier: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}\z")]
Name: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}\z")]
Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=256)]
Bytes32: TypeAlias = Annotated[bytes, Field(min_length=32, max_length=32)]
Signed: TypeAlias = Annotated[bytes, Field(min_length=1, max_length=16_384)]
Int64: TypeAlias = Annotated[int, Field(ge=MIN_INT, le=MAX_INT)]
Count: TypeAlias = Annotated[int, Field(ge=0, lt=2**32)]
Millis: TypeAlias = Annotated[int, Field(ge=1, le=4_102_444_800_000)]
Plain: TypeAlias = Annotated[str, Field(max_length=256)] | Int64
Terms: TypeAlias = Annotated[dict[Identifier, Plain], Field(min_length=1, max_length=64)]
Packed: TypeAlias = Annotated[bytes, Field(min_length=1, max_length=60_000)]
_Leaf: TypeAlias = bool | Int64 | Annotated[str, Field(max_length=4_096)]
_Key: TypeAlias = Annotated[str, Field(min_length=1, max_length=256)]
_Low: TypeAlias = _Leaf | list[_Leaf] | dict[_Key, _Leaf]
_Mid: TypeAlias = _Leaf | list[_Low] | dict[_Key, _Low]
_Shape: TypeAlias = _Leaf | list[_Mid] | dict[_Key, _Mid]


def _nested(value: object, depth: int = 0) -> object:
    """The rule of :data:`Nested`, by hand: a model of nested unions tells each misfit once for every branch."""
    kind = type(value)
    if kind is bool or (kind is int and MIN_INT <= cast("int", value) <= MAX_INT):
        return value
    if kind is str and len(cast("str", value)) <= 4_096:
        return value
    if depth < 3 and kind is list:
        for item in cast("list[object]", value):
            _nested(item, depth + 1)
        return value
    if depth < 3 and kind is dict:
        for key, item in cast("dict[object, object]", value).items():
            if type(key) is not str or not 0 < len(key) <= 256:
                raise ValueError("a name of 1 to 256 characters is expected")
            _nested(item, depth + 1)
        return value
    raise ValueError(
        "a truth value, a number, a text, or an array or a map of such is expected"
    )


Nested: TypeAlias = Annotated[object, PlainValidator(_nested, json_schema_input_type=_Shape)]
"""What a move or a rule may hold, four levels deep; the codec bounds the number of elements."""
Extension: TypeAlias = (
    bool
    | Int64
    | Annotated[str, Field(max_length=4_096)]
    | Annotated[bytes, Field(max_length=4_096)]
)


class Closed(BaseModel):
    """Strict, frozen, and closed: no coercion, no unknown field."""

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )


class Body(Closed):
    """What every body may carry besides its own fields."""

    note: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    ext: Annotated[dict[Identifier, Extension], Field(min_length=1, max_length=16)] | None = (
        None
    )
    critical: Annotated[list[Identifier], Field(min_length=1, max_length=16)] | None = None


class Issue(Closed):
    """One issue of the domain. ``title`` is what people call it, where that is no identifier."""

    kind: Name
    name: Identifier
    title: Text | None = None
    values: Annotated[list[Text], Field(min_length=1, max_length=1_024)] | None = None
    low: Plain | None = None
    high: Plain | None = None
    step: Int64 | None = None
    unit: Text | None = None
    scale: Annotated[int, Field(ge=0, le=9)] | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}\z")] | None = None


class Seat(Closed):
    """A party, in the order of moving."""

    key: Bytes32
    role: Identifier


class Subject(Closed):
    """What the deal is about, as far as mandates ask.

    ``amount`` says how the amount of money of a deal follows from its terms: a sum of products of issues. A total is
    always derived, never sent.
    """

    amount: Annotated[
        list[Annotated[list[Identifier], Field(min_length=1, max_length=4)]],
        Field(max_length=16),
    ]
    category: Identifier | None = None
    jurisdiction: Identifier | None = None


class Limits(Closed):
    """Bounds of the session: clock skew and longest validity (ms), end (ms), and number of messages."""

    skew: Annotated[int, Field(ge=0, le=600_000)]
    ttl: Annotated[int, Field(ge=1, le=31_622_400_000)]
    until: Millis
    messages: Annotated[int, Field(ge=4, le=1_000_000)]


class Statement(Closed):
    """Who speaks: a machine or a person, for whom, and who answers for it. Names travel as salted digests."""

    machine: bool
    principal: Bytes32
    contact: Bytes32


class Open(Body):
    """The opening fixes everything: rules, issues, parties, limits. Its hash is the session id."""

    nonce: Bytes32
    versions: Annotated[
        list[Annotated[int, Field(ge=1, le=65_535)]], Field(min_length=1, max_length=16)
    ]
    title: Text | None = None
    issues: Annotated[list[Issue], Field(min_length=1, max_length=64)]
    protocol: Name
    rules: Annotated[dict[Identifier, Nested], Field(max_length=64)]
    rules_hash: Bytes32 | None = Field(default=None, description="in auctions, and only there")
    parties: Annotated[list[Seat], Field(min_length=2, max_length=128)]
    subject: Subject
    limits: Limits
    statement: Statement
    mandates: Annotated[list[Signed], Field(max_length=9)]


class Join(Body):
    """Another party takes its seat."""

    nonce: Bytes32
    versions: Annotated[
        list[Annotated[int, Field(ge=1, le=65_535)]], Field(min_length=1, max_length=16)
    ]
    statement: Statement
    mandates: Annotated[list[Signed], Field(max_length=9)]


class Offer(Body):
    """I would sign these terms; firm until this message expires."""

    terms: Terms


class Accept(Body):
    """I agree to the offer named in ``re``. There are no terms here: another term is another offer."""


class Reject(Body):
    """I do not agree to the offer named in ``re``."""


class Withdraw(Body):
    """I take back my offer named in ``re``, unless it has been accepted."""


class Walk(Body):
    """I leave; there is no agreement."""


class Revoke(Body):
    """I leave because a mandate was revoked; here is the principal's signed list."""

    list: Signed


class Lapse(Body):
    """The acceptance named in ``re`` reached me after my offer had expired (compare CISG, Art. 21(2))."""

    received: Millis


class Close(Body):
    """The record of the session. All parties sign the same one."""

    outcome: Name
    count: Count
    head: Bytes32
    root: Bytes32
    terms: Bytes32 | None = None
    mandates: Annotated[list[Bytes32], Field(max_length=16)]
    principals: Annotated[list[Bytes32], Field(max_length=16)]


class Begin(Body):
    """The host begins the auction, at the time of this message, among those who have joined."""


class Bid(Body):
    """A bidder's move, of any kind that the rules have. The salt keeps the message's id from being guessed.

    ``move`` has the move's kind and its fields. Whoever names the currency is refused in any other.
    """

    move: Annotated[dict[Identifier, Nested], Field(min_length=1, max_length=64)]
    salt: Bytes32
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}\z")] | None = None


class Receipt(Body):
    """The host has taken a message: at this place, at this time, signed.

    ``seal`` is SHA-256 over the message's id and the code with which it was refused (empty: accepted). A ``frame``
    is there in receipts of ``join`` alone; what was bid stays sealed until the award.
    """

    seal: Bytes32
    frame: Annotated[bytes, Field(min_length=1, max_length=60_000)] | None = None


class Tick(Body):
    """The host lets time pass until the time of this message; what is due takes effect."""


class Cancel(Body):
    """The host calls the auction off, at the time of this message: nobody gets or pays anything."""


class Quote(Body):
    """What one bidder may see, as the rules show it, after the host's message ``head``.

    Quotes to one bidder are a chain of their own. ``view`` is packed: attributes of the view and its new turns.
    """

    head: Bytes32
    view: Packed


class Award(Body):
    """The host's result.

    ``root`` is the Merkle root over the ids of all ``count`` messages of the host before this one; ``bids`` the hash
    of which places hold an accepted bid and which a refused one, with the code; ``result`` and ``grounds`` are packed:
    who gets and pays what, and by which rule and which bids.
    """

    rules: Bytes32
    count: Count
    root: Bytes32
    bids: Bytes32
    accepted: Count
    refused: Count
    result: Packed
    grounds: Packed


BODIES: dict[str, type[Body]] = {
    model.__name__.lower(): model
    for model in (
        Open, Join, Offer, Accept, Reject, Withdraw, Walk, Revoke, Lapse, Close,
        Begin, Bid, Receipt, Tick, Cancel, Quote, Award,
    )
}  # fmt: skip
"""Kind of message to its body."""

ANSWERS = frozenset({"accept", "reject", "withdraw", "lapse"})
"""Kinds that name the message they answer in ``re``; no other kind has ``re``."""
