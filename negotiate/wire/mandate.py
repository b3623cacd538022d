"""Mandates: what a principal allows an agent's key to sign, and how that narrows from holder to holder.

A mandate is signed by its issuer for one holder's key. A chain starts at a principal; each further link is issued by
the holder of the one before and must be inside it on every axis. A constraint that a child leaves out is still its
parent's: what holds is the intersection. Constraints are a closed vocabulary; one that is unknown, or that cannot be
evaluated on a deal, denies.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar, cast

from pydantic import Field, ValidationError, model_validator

from negotiate.errors import LocalError
from negotiate.show import quote, safe
from negotiate.wire import codec
from negotiate.wire.bodies import Bytes32, Closed, Identifier, Millis, Plain
from negotiate.wire.envelope import VERSION, split
from negotiate.wire.envelope import wrap as wrap_frame
from negotiate.wire.faults import Fault
from negotiate.wire.keys import MANDATE, check_public, did_key, framed, verifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.wire.keys import PrivateKey

MAX_DEPTH = 8
MAX_MANDATE = 16_384
_HASH = b"negotiate-kit mandate hash v1\n"
_Listed = TypeVar("_Listed", str, bytes)

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}\z")]


class Sum(Closed):
    """An amount of money in minor units."""

    amount: Annotated[int, Field(ge=0, le=codec.MAX_INT)]
    currency: Currency
    scale: Annotated[int, Field(ge=0, le=9)]


class Bound(Closed):
    """Values that an issue may have: a range with both ends, or a set."""

    low: Plain | None = None
    high: Plain | None = None
    set: Annotated[list[Plain], Field(min_length=1, max_length=256)] | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Bound:
        ranged = self.low is not None or self.high is not None
        if ranged == (self.set is not None):
            raise ValueError("a bound is a range (low, high or both) or a set")
        ends = [end for end in (self.low, self.high) if end is not None]
        if len({type(end) for end in ends}) > 1:
            raise ValueError("low and high are of two types")
        return self


class Constraints(Closed):
    """The closed vocabulary. What is absent here is not constrained by this link."""

    budget: Sum | None = None
    deal: Sum | None = None
    currencies: Annotated[list[Currency], Field(min_length=1, max_length=32)] | None = None
    categories: Annotated[list[Identifier], Field(min_length=1, max_length=64)] | None = None
    counterparties: Annotated[list[Bytes32], Field(min_length=1, max_length=64)] | None = None
    issues: Annotated[dict[Identifier, Bound], Field(min_length=1, max_length=64)] | None = None
    deals: Annotated[int, Field(ge=1, lt=2**32)] | None = None
    jurisdictions: Annotated[list[Identifier], Field(min_length=1, max_length=64)] | None = None


class Grant(Closed):
    """What a mandate says.

    Attributes:
        iss: key of the issuer: a principal, or the holder of the parent.
        sub: key of the holder.
        machine: whether the holder is a machine.
        role: the role that the holder may take.
        depth: how many further links may follow.
        nbf, exp: valid while ``nbf <= now < exp``.
        constraints: see :class:`Constraints`.
        salt: 32 random bytes, so that two mandates never share a hash.
        aud: the counterparty (its key, or its principal's) that this is for; absent: any.
        parent: hash of the parent; absent in a principal's own mandate.
        principal: digest of the principal's name; there and only there.
    """

    v: Literal[1]
    kind: Literal["mandate"]
    iss: Bytes32
    sub: Bytes32
    machine: bool
    role: Identifier
    depth: Annotated[int, Field(ge=0, le=MAX_DEPTH)]
    nbf: Millis
    exp: Millis
    constraints: Constraints
    salt: Bytes32
    aud: Bytes32 | None = None
    parent: Bytes32 | None = None
    principal: Bytes32 | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Grant:
        if self.nbf >= self.exp:
            raise ValueError("nbf is not before exp")
        if (self.parent is None) != (self.principal is not None):
            raise ValueError(
                "a root has the digest of its principal's name, and a child has a parent"
            )
        return self


class Mandate:
    """A signed grant, read and verified.

    Attributes:
        frame: the bytes.
        hash: its name in messages and in children.
        grant: what it says.
    """

    __slots__ = ("frame", "grant", "hash")

    def __init__(self, frame: bytes, payload: bytes, grant: Grant) -> None:
        self.frame = frame
        self.grant = grant
        self.hash = hashlib.sha256(_HASH + payload).digest()

    def __repr__(self) -> str:
        return f"<mandate {self.hash.hex()[:8]} for {did_key(self.grant.sub)}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mandate) and other.frame == self.frame

    def __hash__(self) -> int:
        return hash(self.frame)


def issue(key: PrivateKey, grant: Grant, parent: Mandate | None = None) -> Mandate:
    """Sign a mandate.

    Args:
        key: of the issuer.
        grant: what to allow; ``iss`` must be the key.
        parent: the issuer's own mandate, to narrow it.

    Raises:
        LocalError: the issuer is another key, or the child is not inside its parent.
    """
    if grant.iss != key.public:
        raise LocalError("the issuer of a mandate is the key that signs it", code="key")
    if (grant.parent or b"") != (parent.hash if parent else b""):
        raise LocalError("the parent's hash does not stand in the child", code="mandate-chain")
    try:
        _check_keys(grant)
        if parent is not None:
            check_link(parent, grant)
    except Fault as fault:
        raise LocalError(str(fault), code=fault.code) from None
    payload = codec.encode(grant.model_dump(exclude_none=True))
    mandate = Mandate(
        wrap_frame(payload, key.sign(MANDATE, "mandate", payload)), payload, grant
    )
    if len(mandate.frame) > MAX_MANDATE:
        raise LocalError(f"a mandate of more than {MAX_MANDATE:,} bytes", code="size")
    return mandate


def narrow(key: PrivateKey, parent: Mandate, grant: Grant) -> Mandate:
    """Issue a child of ``parent``: offline, with the holder's key alone."""
    full = grant.model_copy(
        update={"iss": key.public, "parent": parent.hash, "principal": None}
    )
    return issue(key, full, parent)


@lru_cache(maxsize=1024)
def read_mandate(frame: bytes) -> Mandate:
    """A mandate from bytes: canonical, closed, its keys sound and its signature the issuer's.

    Raises:
        Fault: any of that does not hold.
    """
    if len(frame) > MAX_MANDATE:
        raise Fault(
            f"a mandate of {len(frame):,} bytes; at most {MAX_MANDATE:,} are read", code="size"
        )
    payload, signature = split(frame)
    value = codec.decode(payload)
    grant = _grant(value)
    _check_keys(grant)
    verifier(grant.iss).verify(signature, framed(MANDATE, "mandate", payload))
    return Mandate(frame, payload, grant)


def _grant(value: object) -> Grant:
    version = cast("dict[str, object]", value).get("v") if isinstance(value, dict) else None
    if type(version) is not int or version != VERSION:
        raise Fault(f"a mandate of version {quote(version)}; supported: 1", code="version")
    try:
        return Grant.model_validate(value)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, problem["loc"]))
        code = "constraint" if problem["loc"][:1] == ("constraints",) else "mandate"
        raise Fault(
            f"a mandate that does not read @ $.{safe(place)}: {problem['msg']}", code=code
        ) from None


def _check_keys(grant: Grant) -> None:
    for raw in (
        grant.iss,
        grant.sub,
        *filter(None, [grant.aud]),
        *(grant.constraints.counterparties or ()),
    ):
        check_public(raw)


# -- chains --------------------------------------------------------------------------------------------


def read_chain(frames: Sequence[bytes], holder: bytes) -> tuple[Mandate, ...]:
    """The mandates from the principal's to the holder's, each link inside the one before.

    Raises:
        Fault: a mandate that does not read, a link that widens, or another holder.
    """
    chain = tuple(map(read_mandate, frames))
    if not chain:
        return ()
    if chain[0].grant.parent is not None:
        raise Fault("the chain of mandates does not start at a principal", code="mandate-chain")
    for parent, child in pairwise(chain):
        check_link(parent, child.grant)
    if chain[-1].grant.sub != holder:
        raise Fault(
            f"a mandate for {did_key(chain[-1].grant.sub)}, shown by {did_key(holder)}",
            code="mandate-holder",
        )
    return chain


def check_link(parent: Mandate, child: Grant) -> None:
    """Raise Fault unless ``child`` is inside ``parent`` on every axis."""
    above = parent.grant
    if child.parent != parent.hash or child.iss != above.sub:
        raise Fault(
            "a link that was not made for this parent by its holder", code="mandate-chain"
        )
    if child.depth >= above.depth:
        raise Fault(
            f"depth {child.depth} under a parent of depth {above.depth}", code="mandate-depth"
        )
    problems = [name for name, holds in _axes(above, child).items() if not holds]
    problems += _wider(above.constraints, child.constraints)
    if problems:
        raise Fault(
            f"the child is not inside its parent in: {', '.join(problems)}",
            code="mandate-chain",
        )


def _axes(above: Grant, child: Grant) -> dict[str, bool]:
    return {
        "role": child.role == above.role,
        "nbf": child.nbf >= above.nbf,
        "exp": child.exp <= above.exp,
        "aud": above.aud is None or child.aud in (None, above.aud),
    }


def _wider(above: Constraints, child: Constraints) -> list[str]:
    """Names of the constraints in which the child allows more than its parent."""
    inside = {
        "budget": _sum_inside(above.budget, child.budget),
        "deal": _sum_inside(above.deal, child.deal),
        "currencies": _listed_inside(above.currencies, child.currencies),
        "categories": _listed_inside(above.categories, child.categories),
        "counterparties": _listed_inside(above.counterparties, child.counterparties),
        "jurisdictions": _listed_inside(above.jurisdictions, child.jurisdictions),
        "deals": above.deals is None or child.deals is None or child.deals <= above.deals,
        "issues": all(
            _bound_inside(bound, (child.issues or {}).get(name))
            for name, bound in (above.issues or {}).items()
        ),
    }
    return [name for name, holds in inside.items() if not holds]


def _sum_inside(above: Sum | None, child: Sum | None) -> bool:
    if above is None or child is None:
        return True
    same = (above.currency, above.scale) == (child.currency, child.scale)
    return same and child.amount <= above.amount


def _listed_inside(above: list[_Listed] | None, child: list[_Listed] | None) -> bool:
    return above is None or child is None or set(child) <= set(above)


def _bound_inside(above: Bound, child: Bound | None) -> bool:
    if child is None:
        return True
    if child.set is not None:
        return all(allows(above, value) for value in child.set)
    if above.set is not None:
        return False
    low = above.low is None or (child.low is not None and _not_above(above.low, child.low))
    high = above.high is None or (child.high is not None and _not_above(child.high, above.high))
    return low and high


def allows(bound: Bound, value: str | int) -> bool:
    """Whether a value is inside a bound; a value of another type is not."""
    if bound.set is not None:
        return any(type(value) is type(allowed) and value == allowed for allowed in bound.set)
    low = bound.low is None or _not_above(bound.low, value)
    return low and (bound.high is None or _not_above(value, bound.high))


def _not_above(lower: str | int, upper: str | int) -> bool:
    if isinstance(lower, int) and isinstance(upper, int):
        return lower <= upper
    return isinstance(lower, str) and isinstance(upper, str) and lower <= upper
