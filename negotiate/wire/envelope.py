"""The envelope: a frame ``[1, payload, signature]`` around one closed, canonical map.

The receiver keeps, hashes and verifies the bytes that came, never a re-serialisation. The head of a payload is
checked by hand because every message pays for it; :class:`Head` is the same schema as a model, for the published
schemas and for the test that holds the two together.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict, cast

from pydantic import Field, ValidationError

from negotiate.errors import LocalError
from negotiate.show import quote
from negotiate.wire import codec
from negotiate.wire.bodies import ANSWERS, BODIES, Body, Bytes32, Closed, Count, Millis
from negotiate.wire.faults import Fault
from negotiate.wire.keys import MESSAGE, framed, verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.wire.keys import PrivateKey, Verifier

VERSION = 1
VERSIONS = (VERSION,)
MAX_FRAME = codec.MAX_BYTES
MAX_TIME = 4_102_444_800_000  # the year 2100
GENESIS = bytes(32)
"""``prev`` of an opening."""

_ID = hashlib.sha256(b"negotiate-kit message id v1\n")
_TAIL = b"\xc4\x40"  # header of a bin of 64 bytes

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


class Message:
    """A frame that reads: structure, canonical form and schema have passed; the signature has not been looked at.

    Attributes:
        frame: the bytes as they came.
        payload: the signed bytes within.
        signature: 64 bytes.
        id: the message id.
        fields: the payload as a map. Read only.
        genuine: whether the signature has been found to be the sender's.
    """

    __slots__ = (
        "_body",
        "fields",
        "frame",
        "genuine",
        "id",
        "kind",
        "payload",
        "sender",
        "seq",
        "signature",
    )

    def __init__(
        self, frame: bytes, payload: bytes, signature: bytes, read: tuple[Fields, Body | None]
    ) -> None:
        self.frame = frame
        self.payload = payload
        self.signature = signature
        fields, self._body = read
        self.fields = fields
        self.kind = fields["kind"]
        self.seq = fields["seq"]
        self.sender = fields["from"]
        digest = _ID.copy()
        digest.update(payload)
        self.id = digest.digest()
        self.genuine = False

    @property
    def sid(self) -> bytes:
        """The session id: of an opening, its own hash."""
        return self.fields.get("sid") or hashlib.sha256(self.payload).digest()

    @property
    def re(self) -> bytes:
        """The id of the message answered; empty in kinds that answer none."""
        return self.fields.get("re", b"")

    @property
    def body(self) -> Body:
        """The body as a model; made when it is first asked for."""
        if self._body is None:
            self._body = _body(self.kind, self.fields["body"])
        return self._body

    def verify(self, key: Verifier | None = None) -> None:
        """Raise Fault unless the signature is the sender's."""
        if not self.genuine:
            (key or verifier(self.sender)).verify(
                self.signature, framed(MESSAGE, self.kind, self.payload)
            )
            self.genuine = True

    def __repr__(self) -> str:
        return f"<{self.kind} {self.id.hex()[:8]} seq={self.seq}>"


def seal(key: PrivateKey, fields: Mapping[str, object]) -> Message:
    """Sign a payload and put it into a frame.

    Raises:
        LocalError: fields that the schema does not allow, or a key that is not the sender's.
    """
    return sign(key, draft(fields))


def draft(fields: Mapping[str, object]) -> Message:
    """A message that is not signed yet: its frame and signature are empty.

    Raises:
        LocalError: fields that the schema does not allow.
    """
    body = fields.get("body")
    whole = {name: fields[name] for name in sorted(fields)}
    if fields.get("kind") == "offer" and _only_terms(body):
        whole["body"] = {"terms": dict(cast("dict[str, dict[str, object]]", body)["terms"])}
    else:
        whole["body"] = codec.ordered(body)
    try:
        read = _fields(whole)
    except Fault as fault:
        raise LocalError(f"not a message: {fault}", code=fault.code) from None
    return Message(b"", codec.pack_any(whole), b"", read)


def _only_terms(body: object) -> bool:
    """Whether a body is that of a plain offer, whose terms stand in canonical order already."""
    if not isinstance(body, dict) or list(cast("dict[object, object]", body)) != ["terms"]:
        return False
    return isinstance(cast("dict[str, object]", body)["terms"], dict)


def sign(key: PrivateKey, message: Message) -> Message:
    """Sign a draft, in place.

    Raises:
        LocalError: the key is not the sender's, or the frame is too large.
    """
    if message.sender != key.public:
        raise LocalError("the sender of a message is the key that signs it", code="key")
    signature = key.sign(MESSAGE, message.kind, message.payload)
    frame = wrap(message.payload, signature)
    if len(frame) > MAX_FRAME:
        raise LocalError(
            f"a frame of {len(frame):,} bytes; at most {MAX_FRAME:,} are allowed", code="size"
        )
    message.frame, message.signature = frame, signature
    return message


def read(frame: bytes) -> Message:
    """A message from bytes; says nothing yet about its signature.

    Raises:
        Fault: too large, malformed, not canonical, an unknown version or kind, or off the schema.
    """
    if len(frame) > MAX_FRAME:
        raise Fault(
            f"a frame of {len(frame):,} bytes; at most {MAX_FRAME:,} are read", code="size"
        )
    payload, signature = split(frame)
    return Message(frame, payload, signature, _fields(codec.unpack(payload)))


def wrap(payload: bytes, signature: bytes) -> bytes:
    """The frame ``[1, payload, signature]``."""
    return b"".join((b"\x93\x01", _bin(len(payload)), payload, _TAIL, signature))


def verify_ahead(messages: Sequence[Message]) -> None:
    """Verify signatures in one stretch, which is quicker than each between other work; bad ones are told later."""
    work = [
        (verifier(m.sender), m.signature, framed(MESSAGE, m.kind, m.payload)) for m in messages
    ]
    for message, (key, signature, data) in zip(messages, work, strict=True):
        message.genuine = key.fits(signature, data)


def split(frame: bytes) -> tuple[bytes, bytes]:
    """Payload and signature of a frame ``[1, payload, signature]`` in its shortest form."""
    if type(frame) is not bytes:  # what can change after it was checked is no record
        raise LocalError(f"a frame is bytes, not {type(frame).__name__}", code="type")
    if frame[:3] == b"\x93\x01\xc5" and frame[-66:-64] == _TAIL:  # as most are
        length = frame[3] << 8 | frame[4]
        if length > 255 and length + 71 == len(frame):
            return frame[5:-66], frame[-64:]
    if frame[:1] != b"\x93":
        raise Fault(
            "not a frame: an array of version, payload and signature is expected",
            code="malformed",
        )
    if frame[1:2] != b"\x01":
        raise Fault("an unsupported frame version; supported: 1", code="version")
    payload, signature = frame[_start(frame) : -66], frame[-64:]
    if (
        len(frame) < 70
        or frame[2 : -66 - len(payload)] != _bin(len(payload))
        or frame[-66:-64] != _TAIL
    ):
        raise Fault(
            "not a frame: payload and a signature of 64 bytes are expected", code="malformed"
        )
    return payload, signature


def _start(frame: bytes) -> int:
    return {b"\xc4": 4, b"\xc5": 5}.get(frame[2:3], 7)


def _bin(length: int) -> bytes:
    if length < 256:
        return b"\xc4" + length.to_bytes(1, "big")
    if length < 65_536:
        return b"\xc5" + length.to_bytes(2, "big")
    return b"\xc6" + length.to_bytes(4, "big")


# -- the head ------------------------------------------------------------------------------------------


def _keys(kind: str, man: bool) -> tuple[str, ...]:
    names = ["body", "exp", "from", "iat", "kind", "prev", "seq", "to", "v"]
    names += ["sid"] * (kind != "open") + ["re"] * (kind in ANSWERS) + ["man"] * man
    return tuple(sorted(names))


_SHAPES: dict[str, frozenset[tuple[str, ...]]] = {
    kind: frozenset((_keys(kind, False), _keys(kind, True))) for kind in BODIES
}
_IDS: dict[tuple[str, ...], tuple[str, ...]] = {
    keys: tuple(name for name in keys if name in {"from", "man", "prev", "re", "sid", "to"})
    for shapes in _SHAPES.values()
    for keys in shapes
}


def _fields(value: object) -> tuple[Fields, Body | None]:
    """``value`` if it is a payload: keys, their order, types and ranges, and the body's schema."""
    of: type[object] = type(value)
    if of is not dict:
        raise Fault("the payload is not a map", code="malformed")
    head: Any = value
    version, kind = head.get("v"), head.get("kind")
    if type(version) is not int or version != VERSION:
        raise _version_fault(head, version)
    keys: tuple[str, ...] = tuple(head)
    if type(kind) is not str or keys not in _SHAPES.get(kind, ()):
        raise _shape_fault(head, kind)
    for name in _IDS[keys]:
        identifier = head[name]
        if type(identifier) is not bytes or len(identifier) != 32:
            raise Fault(f"{name} is {quote(identifier)}; 32 bytes are expected", code="type")
    _check_numbers(head)
    return head, _check_body(kind, head["body"])


def _check_numbers(head: Fields) -> None:
    seq, iat, exp = head["seq"], head["iat"], head["exp"]
    if type(seq) is not int or not 0 <= seq < 2**32:
        raise Fault(f"seq is {quote(seq)}; an integer of 32 bits is expected", code="type")
    if type(iat) is not int or type(exp) is not int:
        raise Fault("iat and exp are integers (milliseconds)", code="type")
    if not 0 < iat < exp <= MAX_TIME:
        raise Fault(
            f"iat {iat} and exp {exp} are not times in order, up to the year 2100",
            code="lifetime",
        )


def _check_body(kind: str, given: object) -> Body | None:
    if not isinstance(given, dict):
        raise Fault("the body is not a map", code="type")
    body = cast("dict[str, object]", given)
    if kind == "offer" and len(body) == 1 and "terms" in body:
        _check_terms(body["terms"])
    elif body or kind not in _BARE:
        codec.check(body, 1)
        return _body(kind, body)
    return None  # the model is made when it is first asked for


_BARE = frozenset(
    kind
    for kind, model in BODIES.items()
    if not any(f.is_required() for f in model.model_fields.values())
)


def _check_terms(given: object) -> None:
    """Terms as every offer has them; whether they are an outcome is for the domain to say."""
    if not isinstance(given, dict) or not given:
        raise Fault("terms are no map with a value for each issue", code="type")
    terms = cast("dict[object, object]", given)
    last = ""
    for name, value in terms.items():
        if type(name) is not str or not codec.is_name(name):
            raise Fault(f"{quote(name)} is not the name of an issue", code="type")
        if name <= last:
            raise Fault(f"issue {name!r} stands after {last!r}", code="not-canonical")
        last = name
        if type(value) is int:
            if not codec.MIN_INT <= value <= codec.MAX_INT:
                raise Fault(f"the value of {name!r} does not fit into 64 bits", code="type")
        elif type(value) is not str or len(value) > 256:
            raise Fault(
                f"{name!r} is {quote(value)}; an integer or a text is expected", code="type"
            )


def _body(kind: str, body: dict[str, object]) -> Body:
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


def _version_fault(head: Fields, version: object) -> Fault:
    if "v" not in head:
        return Fault("v is missing", code="missing")
    return Fault(f"unsupported version {quote(version)}; supported: 1", code="version")


def _shape_fault(head: Fields, kind: object) -> Fault:
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
