"""What a caller hands to an endpoint: bytes that came, and a time. Anything else is the caller's own fault."""

from __future__ import annotations

from typing import cast

from negotiate.errors import LocalError
from negotiate.show import quote


def frame_of(data: object) -> bytes:
    """The bytes of a frame; LocalError if they are none."""
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise LocalError(f"a frame is bytes, not {type(data).__name__}", code="type")
    return bytes(cast("bytes", data))


def moment(at: object) -> None:
    """Raise LocalError unless this is a time."""
    if type(at) is not int:
        raise LocalError(
            f"{quote(at)} is not a time; milliseconds are expected, as an integer", code="type"
        )


def span(valid: object) -> None:
    """Raise LocalError unless this says how long a message is valid; None leaves it to the session's limit."""
    if valid is not None and (type(valid) is not int or valid < 1):
        raise LocalError(
            f"{quote(valid)} is not how long a message is valid; milliseconds are expected",
            code="type",
        )
