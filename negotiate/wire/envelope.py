"""The envelope: a frame ``[1, payload, signature]`` around one closed, canonical map.

The receiver keeps, hashes and verifies the bytes that came, never a re-serialisation. What may stand in the map is in
:mod:`negotiate.wire.head`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import LocalError
from negotiate.wire import codec, head
from negotiate.wire.faults import UNPROVEN, Fault
from negotiate.wire.head import MAX_TIME as MAX_TIME
from negotiate.wire.head import VERSION as VERSION
from negotiate.wire.head import Fields as Fields
from negotiate.wire.keys import MESSAGE, framed, verifier

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.wire.bodies import Body
    from negotiate.wire.keys import PrivateKey, Verifier

VERSIONS = (VERSION,)
MAX_FRAME = codec.MAX_BYTES
GENESIS = bytes(32)
"""``prev`` of an opening."""

_ID = hashlib.sha256(b"negotiate-kit message id v1\n")
_TAIL = b"\xc4\x40"  # header of a bin of 64 bytes


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
        self.fields, self._body = fields, _ = read
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
            self._body = head.model(self.kind, self.fields["body"])
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
    whole = dict(fields)
    if tuple(whole) not in head.SHAPES:
        whole = {name: fields[name] for name in sorted(fields)}
    whole["body"] = codec.ordered(whole.get("body"))
    try:
        read = head.check(whole)
    except Fault as fault:
        raise LocalError(f"not a message: {fault}", code=fault.code) from None
    return Message(b"", codec.pack_any(whole), b"", read)


def plain_offer(fields: dict[str, Any]) -> Message:
    """A draft of an offer without a note, from fields that a session made itself in the order of their keys.

    Keys and place come from messages that were checked, and the terms from the domain; only the times are the caller's.

    Raises:
        LocalError: times that cannot be.
    """
    try:
        head.check_times(fields["iat"], fields["exp"])
    except Fault as fault:
        raise LocalError(f"not a message: {fault}", code=fault.code) from None
    return Message(b"", codec.pack_any(fields), b"", (cast("Fields", fields), None))


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
    return Message(frame, payload, signature, head.check(codec.unpack(payload)))


def wrap(payload: bytes, signature: bytes) -> bytes:
    """The frame ``[1, payload, signature]``."""
    return b"".join((b"\x93\x01", _bin(len(payload)), payload, _TAIL, signature))


def verify_ahead(messages: Sequence[Message]) -> None:
    """Verify signatures in one stretch, which is quicker than each between other work; bad ones are told later."""
    work: list[tuple[Message, Verifier, bytes]] = []
    for message in messages:
        try:
            key = verifier(message.sender)
        except Fault:
            continue  # a key that is refused: told when the message is admitted
        work.append((message, key, framed(MESSAGE, message.kind, message.payload)))
    for message, key, data in work:
        message.genuine = key.fits(message.signature, data)


def blamed(fault: Fault, message: object, *, begun: bool) -> bytes:
    """Whose fault a refused message is: its signer's, where nobody else can have made it look so."""
    if not isinstance(message, Message) or fault.code in UNPROVEN:
        return b""
    if not (begun or message.kind == "open") or message.kind == "quote":
        return b""  # cut at the front, or moved
    try:
        message.verify()
    except Fault:
        return b""
    return message.sender


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
