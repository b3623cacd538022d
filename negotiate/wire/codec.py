"""One value, one byte form: deterministic msgpack with a bounded, strict decoder.

Allowed are bool, int64, str, bin, array and map with str keys. There is no float, no nil and no ext. Integers and
lengths have their shortest form, map keys rise by their UTF-8 bytes, and nothing follows the value. The check is
done by re-packing: what :func:`decode` returns packs to exactly the bytes that came.

Limits: 64 KiB, 16 levels, 64 entries a map, 2,048 elements in all. They hold before memory is spent.
"""

from __future__ import annotations

import re
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from negotiate.errors import LocalError
from negotiate.show import quote
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Value: TypeAlias = "bool | int | str | bytes | Sequence[Value] | Mapping[str, Value]"
"""What the wire can carry."""

MAX_BYTES = 65_536
MAX_DEPTH = 16
MAX_ENTRIES = 64
MAX_ELEMENTS = 2_048
MAX_INT = 2**63 - 1
MIN_INT = -(2**63)

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]{0,63}")
_QUICK = 2_048  # bytes; below, even the worst input cannot hold many elements

_msgpack: Any = import_module("msgpack")  # it has no types
_pack: Callable[[object], bytes] = _msgpack.Packer(autoreset=True).pack
_unpackb: Callable[[bytes], object] = _msgpack.unpackb
_unpack: Callable[[bytes], object] = partial(
    _msgpack.unpackb,
    max_map_len=MAX_ENTRIES, max_array_len=MAX_ELEMENTS, max_ext_len=0, timestamp=0,
)  # fmt: skip


def pack_any(value: object) -> bytes:
    """Plain msgpack, without limits; for files of our own."""
    return _pack(value)


def unpack_any(data: bytes, entries: int) -> object:
    """Plain msgpack of our own making, with at most this many entries an array; raises what the unpacker raises."""
    value: object = _msgpack.unpackb(data, max_ext_len=0, timestamp=0, max_array_len=entries)
    return value


def is_identifier(text: object) -> bool:
    """Whether ``text`` is a name of the wire: ``[a-z][a-z0-9_]{0,63}``."""
    return isinstance(text, str) and IDENTIFIER.fullmatch(text) is not None


def encode(value: Value) -> bytes:
    """The one byte form of a value.

    Raises:
        LocalError: a type or a size that the wire does not carry.
    """
    try:
        data = _pack(_ordered(value, 0))
    except UnicodeEncodeError:
        raise LocalError(
            "a text holds a lone surrogate, which UTF-8 cannot carry", code="type"
        ) from None
    if len(data) > MAX_BYTES:
        raise LocalError(f"{len(data):,} bytes; at most {MAX_BYTES:,} are allowed", code="size")
    return data


def ordered(value: object) -> object:
    """A copy in canonical order, of allowed types alone; LocalError for others."""
    return _ordered(value, 1)


def _ordered(value: object, depth: int) -> object:
    kind = type(value)
    if kind is bool or kind is str or kind is bytes:
        return value
    if kind is int:
        if MIN_INT <= cast("int", value) <= MAX_INT:
            return value
        raise LocalError(f"{quote(value)} does not fit into 64 bits", code="type")
    if depth >= MAX_DEPTH:
        raise LocalError(f"nested deeper than {MAX_DEPTH} levels", code="size")
    if kind is list or kind is tuple:
        return [_ordered(item, depth + 1) for item in cast("Sequence[object]", value)]
    if kind is dict:
        return _ordered_map(cast("dict[object, object]", value), depth)
    raise LocalError(
        f"{quote(value)} is a {kind.__name__}; the wire carries bool, int, str, bytes, list and dict",
        code="type",
    )


def _ordered_map(value: dict[object, object], depth: int) -> dict[str, object]:
    if len(value) > MAX_ENTRIES:
        raise LocalError(
            f"a map of {len(value)} entries; at most {MAX_ENTRIES} fit", code="size"
        )
    for key in value:
        if type(key) is not str:
            raise LocalError(f"map key {quote(key)} is not a text", code="type")
    keys = sorted(cast("dict[str, object]", value))
    return {key: _ordered(value[key], depth + 1) for key in keys}


def decode(data: bytes) -> object:
    """The value of ``data``, if ``data`` is its one byte form.

    Raises:
        Fault: too large, not msgpack, a type that is not allowed, or another byte form.
    """
    value = unpack(data)
    check(value)
    return value


def unpack(data: bytes) -> object:
    """The value of ``data`` if it packs to ``data`` again; order and types of what is in it are not yet checked."""
    read = _unpackb  # in a short input no length can be large: msgpack bounds lengths by the size of the input
    if len(data) > _QUICK:
        if len(data) > MAX_BYTES:
            raise Fault(f"{len(data):,} bytes; at most {MAX_BYTES:,} are read", code="size")
        _count(data)
        read = _unpack
    try:
        value = read(data)
        same = _pack(value) == data
    except Exception as error:  # the unpacker raises many kinds, on purpose and not
        raise Fault(
            f"not readable as msgpack: {type(error).__name__}", code="malformed"
        ) from None
    if not same:
        raise Fault(
            "the bytes are not the shortest form of what they say", code="not-canonical"
        )
    return value


def check(value: object, depth: int = 0) -> None:
    """Raise Fault unless every part of ``value`` has an allowed type, in its place."""
    kind = type(value)
    if kind is dict:
        _check_map(cast("dict[object, object]", value), depth)
    elif kind is list:
        if depth >= MAX_DEPTH:
            raise Fault(f"nested deeper than {MAX_DEPTH} levels", code="size")
        for item in cast("list[object]", value):
            check(item, depth + 1)
    elif kind is int:
        if not MIN_INT <= cast("int", value) <= MAX_INT:
            raise Fault(f"{quote(value)} does not fit into 64 bits", code="type")
    elif kind is not str and kind is not bytes and kind is not bool:
        raise Fault(f"a {kind.__name__}; floats, nil and ext are not allowed", code="type")


def _check_map(value: dict[object, object], depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise Fault(f"nested deeper than {MAX_DEPTH} levels", code="size")
    if len(value) > MAX_ENTRIES:
        raise Fault(
            f"a map of {len(value)} entries; at most {MAX_ENTRIES} are read", code="size"
        )
    last = ""
    for key, item in value.items():
        if type(key) is not str:
            raise Fault(f"map key {quote(key)} is not a text", code="type")
        if key <= last:  # code points rise as UTF-8 bytes do
            raise Fault(
                f"map key {quote(key)} stands after {quote(last)}", code="not-canonical"
            )
        last = key
        check(item, depth + 1)


def _count(data: bytes) -> None:
    """Walk the headers of a long input and stop where there are too many elements, before memory is spent."""
    place, left, count, size = 0, 1, 0, len(data)
    while left:
        if place >= size:
            raise Fault("the bytes end in the middle of a value", code="malformed")
        count += 1
        if count > MAX_ELEMENTS:
            raise Fault(f"more than {MAX_ELEMENTS:,} elements", code="size")
        skip, inner = header(data, place)
        place += skip
        left += inner - 1
        if left > size:
            raise Fault("a length that is larger than the bytes that follow", code="malformed")
    if place != size:
        raise Fault("the length does not fit the bytes", code="malformed")


def header(data: bytes, place: int) -> tuple[int, int]:
    """Bytes to skip at ``place`` of some msgpack, and how many values follow inside."""
    first = data[place]
    if first < 0x80 or first >= 0xE0:
        return 1, 0
    if first < 0x90:
        return 1, 2 * (first & 0x0F)
    if first < 0xA0:
        return 1, first & 0x0F
    if first < 0xC0:
        return 1 + (first & 0x1F), 0
    width, body, items = _FORMS.get(first, (0, -1, 0))
    if body < 0:
        raise Fault(f"byte 0x{first:02x} starts a type that is not allowed", code="type")
    length = int.from_bytes(data[place + 1 : place + 1 + width], "big")
    return 1 + width + length * body, length * items


# first byte: (bytes of the length field, bytes for each unit of length, values for each unit of length)
_FORMS: dict[int, tuple[int, int, int]] = {
    0xC2: (0, 0, 0), 0xC3: (0, 0, 0),
    0xC4: (1, 1, 0), 0xC5: (2, 1, 0), 0xC6: (4, 1, 0),
    0xCC: (1, 0, 0), 0xCD: (2, 0, 0), 0xCE: (4, 0, 0), 0xCF: (8, 0, 0),
    0xD0: (1, 0, 0), 0xD1: (2, 0, 0), 0xD2: (4, 0, 0), 0xD3: (8, 0, 0),
    0xD9: (1, 1, 0), 0xDA: (2, 1, 0), 0xDB: (4, 1, 0),
    0xDC: (2, 0, 1), 0xDD: (4, 0, 1), 0xDE: (2, 0, 2), 0xDF: (4, 0, 2),
}  # fmt: skip
