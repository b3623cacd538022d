"""What a payload must be: keys and their order, types, ranges, and the schema of the body.

Every message pays for this check, so the rule stands here by hand: :func:`check` asks it at once, and only when the
answer is no does :func:`_misfit` look for what to say. :class:`Head` is the same schema as a model, for the published
schemas; a test holds the three together.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Literal,
    NamedTuple,
    NotRequired,
    TypedDict,
    cast,
)

from pydantic import Field, ValidationError

from negotiate.show import quote
from negotiate.wire import codec
from negotiate.wire.bodies import ANSWERS, BODIES, Body, Bytes32, Closed, Count, Millis
from negotiate.wire.codec import MAX_INT, MIN_INT
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

VERSION = 1
MAX_TIME = 4_102_444_800_000  # the year 2100
MAX_SEQ = 2**32 - 1
_LENGTHS = {32}  # of all ids

Fields = TypedDict(
    "Fields",
    {
        "body": "dict[str, object]", "exp": int, "from": bytes, "iat": int, "kind": str,
        "man": "NotRequired[bytes]", "prev": bytes, "re": "NotRequired[bytes]", "seq": int,
        "sid": "NotRequired[bytes]", "to": bytes, "v": int,
    },
)  # fmt: skip
"""A payload as it is on the wire."""


class Head(Closed):
    """The fields of every payload but the body (which depends on the kind)."""

    v: Literal[1]
    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}\z")]
    sid: Bytes32 | None = Field(default=None, description="absent in open alone")
    seq: Count
    prev: Bytes32
    sender: Bytes32 = Field(alias="from")
    to: Bytes32
    iat: Millis
    exp: Millis
    man: Bytes32 | None = Field(default=None, description="absent without a mandate")
    re: Bytes32 | None = Field(default=None, description="in answers, and only there")


class _Shape(NamedTuple):
    """What goes with one sequence of keys: the type of each value, which are ids, and for which kinds it is."""

    types: tuple[type, ...]
    ids: tuple[str, ...]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]  # the ids
    kinds: frozenset[str]


_TYPES: dict[str, type] = {
    "body": dict,
    "kind": str,
    "exp": int,
    "iat": int,
    "seq": int,
    "v": int,
}  # others: bytes


def _keys(kind: str, man: bool) -> tuple[str, ...]:
    names = ["body", "exp", "from", "iat", "kind", "prev", "seq", "to", "v"]
    names += ["sid"] * (kind != "open") + ["re"] * (kind in ANSWERS) + ["man"] * man
    return tuple(sorted(names))


def _shape(keys: tuple[str, ...]) -> _Shape:
    ids = tuple(name for name in keys if name not in _TYPES)
    return _Shape(
        tuple(_TYPES.get(name, bytes) for name in keys),
        ids,
        itemgetter(*ids),
        frozenset(kind for kind in BODIES if keys in (_keys(kind, False), _keys(kind, True))),
    )


SHAPES: dict[tuple[str, ...], _Shape] = {
    keys: _shape(keys) for kind in BODIES for keys in (_keys(kind, False), _keys(kind, True))
}
"""Each sequence of keys that a payload can have."""


def check(value: object) -> tuple[Fields, Body | None]:
    """``value`` if it is a payload, and its body as a model where making one was the check.

    Raises:
        Fault: keys, their order, types or ranges are others, or the body does not fit its kind.
    """
    if type(value) is not dict:
        raise Fault("the payload is not a map", code="malformed")
    head = cast("Fields", value)
    if not _fits(head):
        raise _misfit(head)
    return head, _check_body(head["kind"], head["body"])


def _fits(head: Mapping[str, Any]) -> bool:
    """The rule."""
    shape = SHAPES.get(tuple(head))
    if shape is None or tuple(map(type, head.values())) != shape.types:
        return False
    return (
        set(map(len, shape.pick(head))) == _LENGTHS
        and head["v"] == VERSION
        and head["kind"] in shape.kinds
        and 0 <= head["seq"] <= MAX_SEQ
        and 0 < head["iat"] < head["exp"] <= MAX_TIME
    )


def check_times(iat: object, exp: object) -> None:
    """Raise Fault unless these are times of one message."""
    if type(iat) is not int or type(exp) is not int:
        raise Fault("iat and exp are integers (milliseconds)", code="type")
    if not 0 < iat < exp <= MAX_TIME:
        raise Fault(
            f"iat {iat} and exp {exp} are not times in order, up to the year 2100",
            code="lifetime",
        )


# -- what is wrong with a head -----------------------------------------------------------------------------


def _misfit(head: Mapping[str, Any]) -> Fault:
    """Which part of the rule is broken."""
    if "v" not in head:
        return Fault("v is missing", code="missing")
    version, kind = head["v"], head.get("kind")
    if type(version) is not int or version != VERSION:
        return Fault(f"unsupported version {quote(version)}; supported: 1", code="version")
    if type(kind) is not str or kind not in BODIES or kind not in _kinds(head):
        return _shape_fault(head, kind)
    for name in SHAPES[tuple(head)].ids:
        if type(head[name]) is not bytes or len(head[name]) != 32:
            return Fault(f"{name} is {quote(head[name])}; 32 bytes are expected", code="type")
    seq = head["seq"]
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        return Fault(f"seq is {quote(seq)}; an integer of 32 bits is expected", code="type")
    check_times(head["iat"], head["exp"])
    return Fault("the body is not a map", code="type")


def _kinds(head: Mapping[str, Any]) -> frozenset[str]:
    """The kinds that have these keys in this order."""
    shape = SHAPES.get(tuple(head))
    return shape.kinds if shape else frozenset()


def _shape_fault(head: Mapping[str, Any], kind: object) -> Fault:
    """Say what is wrong with the keys of a payload."""
    codec.check(head)
    if "kind" not in head:
        return Fault("kind is missing", code="missing")
    if type(kind) is not str or kind not in BODIES:
        return Fault(f"{quote(kind)} is not a kind of message", code="kind")
    needed = set(_keys(kind, False))
    missing = sorted(needed - set(head))
    if missing:
        return Fault(f"{kind} without {', '.join(missing)}", code="missing")
    extra = sorted(set(head) - needed - {"man"})
    return Fault(f"{kind} with unknown {quote(', '.join(extra))}", code="unknown-field")


# -- the body ----------------------------------------------------------------------------------------------


def _check_body(kind: str, body: dict[str, object]) -> Body | None:
    if kind == "offer" and len(body) == 1 and "terms" in body:
        _check_terms(body["terms"])
    elif body or kind not in _BARE:
        codec.check(body, 1)
        return model(kind, body)
    return None  # the model is made when it is first asked for


_BARE = frozenset(
    kind
    for kind, model in BODIES.items()
    if not any(f.is_required() for f in model.model_fields.values())
)


def _check_terms(given: object) -> None:
    """Terms as every offer has them; whether they are an outcome is for the domain to say."""
    if type(given) is not dict or not given:
        raise Fault("terms are no map with a value for each issue", code="type")
    terms = cast("dict[object, object]", given)
    _check_names(tuple(terms))
    for value in terms.values():
        if type(value) is int:
            if not MIN_INT <= value <= MAX_INT:
                raise Fault(f"{quote(value)} does not fit into 64 bits", code="type")
        elif type(value) is not str or len(value) > 256:
            raise Fault(
                f"terms with {quote(value)}; an integer or a text is expected", code="type"
            )


@lru_cache(maxsize=256)
def _check_names(names: tuple[object, ...]) -> None:
    """Raise Fault unless these are names of issues, in order. Only good ones are kept: their size is bounded."""
    if len(names) > codec.MAX_ENTRIES:
        raise Fault(
            f"terms of {len(names)} issues; at most {codec.MAX_ENTRIES} are read", code="size"
        )
    last = ""
    for name in names:
        if not codec.is_identifier(name):
            raise Fault(f"{quote(name)} is not the name of an issue", code="type")
        if cast("str", name) <= last:
            raise Fault(f"issue {name!r} stands after {last!r}", code="not-canonical")
        last = cast("str", name)


def model(kind: str, body: dict[str, object]) -> Body:
    """The body as a model; Fault if it does not fit."""
    try:
        return BODIES[kind].model_validate(body)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        codes = {"extra_forbidden": "unknown-field", "missing": "missing"}
        told = "; ".join(
            f"@ $.body.{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
            for problem in problems[:4]
        )
        code = codes.get(problems[0]["type"], "type")
        raise Fault(f"the body of {kind} does not fit: {quote(told, 400)}", code=code) from None
