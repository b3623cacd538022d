"""Moves and views on the wire: any dataclass move by its fields, any view by its attributes.

A move is the map of its kind and its fields. A field that is None stays out, so each move has one form; a field that
is absent is None where its type allows that, and missing elsewhere. Values are integers, texts, truth values, bytes,
tuples and dataclasses of such. What comes from the wire is held against the declared type of each field before the
move is made, so that no protocol is handed a value of a type that it does not expect.

What has no bound on its number of elements (a view, a result) travels *packed*: as one byte string of plain msgpack.
"""

from __future__ import annotations

import types
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import lru_cache
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from negotiate.errors import LocalError
from negotiate.show import quote
from negotiate.wire import codec
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from negotiate.bidder import AuctionView
    from negotiate.moves import AnyMove
    from negotiate.protocol import Entry, Result

_NAMES: dict[str, object] = {"Outcome": tuple[int, ...]}  # imported for type checkers alone
_MOST = 1_000_000  # elements in what is packed; its bytes are bounded by the frame


class _Misfit(Exception):  # noqa: N818 - it never leaves this module
    """A value of another type than its field."""


# -- moves ---------------------------------------------------------------------------------------------


def move_to_wire(move: object) -> dict[str, codec.Value]:
    """A move as it is signed.

    Raises:
        LocalError: it is no move, or holds what the wire does not carry.
    """
    if not is_dataclass(move) or isinstance(move, type) or not hasattr(type(move), "kind"):
        raise LocalError(f"{quote(move)} is not a move", code="not-a-move")
    wire = cast("dict[str, codec.Value]", _wire(move))
    wire["kind"] = cast("Any", type(move)).kind
    codec.encode(wire)  # says what is wrong where something is
    return wire


def _wire(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        given = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _wire(given[name]) for name in sorted(given) if given[name] is not None}
    if isinstance(value, (tuple, list)):
        return [_wire(item) for item in cast("Iterable[object]", value)]
    return value


def move_from_wire(wire: Mapping[str, object], classes: Iterable[type]) -> AnyMove:
    """The move of a signed map, of one of the given classes.

    Raises:
        Fault: no such kind here, a field missing, unknown, or of another type (code ``move``).
    """
    kind = wire.get("kind")
    cls = next((one for one in classes if getattr(one, "kind", None) == kind), None)
    if cls is None:
        raise Fault(f"{quote(kind)} is not a move of these rules", code="move")
    try:
        made = _make(cls, {name: item for name, item in wire.items() if name != "kind"})
    except _Misfit as error:
        raise Fault(f"not a move of kind {kind}: {error}", code="move") from None
    return cast("AnyMove", made)


def _make(cls: type, given: Mapping[str, object]) -> object:
    hints = _hints(cls)
    unknown = sorted(set(given) - set(hints))
    if unknown:
        raise _Misfit(f"it has no {quote(', '.join(unknown))}")
    made = {name: _read(given.get(name), hint, name) for name, hint in hints.items()}
    try:
        return cls(**made)
    except (
        TypeError,
        ValueError,
        ArithmeticError,
    ) as error:  # a class may check its own fields
        raise _Misfit(quote(str(error), 100)) from None


@lru_cache(maxsize=256)
def _hints(cls: type) -> dict[str, object]:
    hints = get_type_hints(cls, localns=dict(_NAMES))
    return {field.name: hints[field.name] for field in fields(cast("Any", cls))}


def _read(value: object, hint: Any, name: str) -> object:
    """The value, if it is of the declared type; arrays become tuples."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Union or origin is types.UnionType:
        return _read_union(value, args, name)
    if hint is type(value) or (hint is type(None) and value is None):
        return value
    if origin is Literal and any(type(value) is type(one) and value == one for one in args):
        return value
    if origin is tuple and type(value) is list:
        return _read_tuple(cast("list[object]", value), args, name)
    if is_dataclass(hint) and type(value) is dict:
        return _make(cast("type", hint), cast("dict[str, object]", value))
    raise _Misfit(f"{name} is {'missing' if value is None else quote(value)}")


def _read_union(value: object, args: tuple[Any, ...], name: str) -> object:
    for one in args:
        try:
            return _read(value, one, name)
        except _Misfit:
            continue
    raise _Misfit(f"{name} is {'missing' if value is None else quote(value)}")


def _read_tuple(value: list[object], args: tuple[Any, ...], name: str) -> object:
    if args[-1:] == (Ellipsis,):
        return tuple(_read(item, args[0], name) for item in value)
    if len(value) != len(args):
        raise _Misfit(f"{name} has {len(value)} entries; {len(args)} are expected")
    return tuple(_read(item, arg, name) for item, arg in zip(value, args, strict=True))


# -- packed values -------------------------------------------------------------------------------------


def pack(value: object) -> bytes:
    """Any plain value as bytes: the same bytes for the same value.

    Raises:
        LocalError: a type that cannot be packed.
    """
    return codec.pack_any(_plain(value))


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str, bytes, float)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return value if codec.MIN_INT <= value <= codec.MAX_INT else {"int": str(value)}
    if isinstance(value, Fraction):
        return {"ratio": [_plain(value.numerator), _plain(value.denominator)]}
    if isinstance(value, tuple):
        return [_plain(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, list):
        return {"list": [_plain(item) for item in cast("list[object]", value)]}
    if isinstance(value, dict):
        pairs = cast("dict[object, object]", value).items()
        return {"map": [[_plain(key), _plain(item)] for key, item in pairs]}
    raise LocalError(f"{quote(value)} cannot be packed", code="type")


def unpack(data: bytes) -> object:
    """What :func:`pack` packed.

    Raises:
        Fault: it does not read.
    """
    try:
        return _value(codec.unpack_any(data, _MOST), 0)
    except Exception as error:  # the unpacker raises many kinds
        raise Fault(
            f"packed bytes that do not read: {type(error).__name__}", code="malformed"
        ) from None


def _value(value: object, depth: int) -> object:
    if depth > codec.MAX_DEPTH:
        raise ValueError
    if isinstance(value, list):
        return tuple(_value(item, depth + 1) for item in cast("list[object]", value))
    if not isinstance(value, dict):
        return value
    match cast("dict[str, Any]", value):
        case {"int": str(digits), **rest} if not rest and len(digits) < 400:
            return int(digits)
        case {"ratio": [top, bottom], **rest} if not rest:
            return Fraction(cast("int", _value(top, depth)), cast("int", _value(bottom, depth)))
        case {"list": [*items], **rest} if not rest:
            return [_value(item, depth + 1) for item in items]
        case {"map": [*pairs], **rest} if not rest:
            return {_value(key, depth + 1): _value(item, depth + 1) for key, item in pairs}
        case _:
            raise ValueError


# -- views ---------------------------------------------------------------------------------------------


MOST_TURNS = 400
"""Turns in one quote; a longer history takes several."""

MOST_BYTES = 50_000
"""A quote whose turns take more has half as many, and so on."""


def attributes(view: AuctionView) -> list[str]:
    """Names of what a view shows, besides its log."""
    slots = [name for cls in type(view).__mro__ for name in getattr(cls, "__slots__", ())]
    return sorted(name for name in slots if not name.startswith("_") and name != "last")


def view_to_wire(view: AuctionView, known: Entry | None) -> tuple[bytes, Entry | None]:
    """A view as bytes, with the turns after ``known``; and the newest turn that it holds."""
    found: list[Entry] = []
    entry = view.last
    while entry is not known and entry is not None:
        found.append(entry)
        entry = entry[4]
    shown = {name: getattr(view, name) for name in attributes(view)}
    told = found[::-1][:MOST_TURNS]
    while True:
        turns = tuple((one[0], one[1], one[2], one[3]) for one in told)
        packed = pack((shown, turns, len(found) > len(told)))
        if len(packed) <= MOST_BYTES or len(told) < 2:
            return packed, (told[-1] if told else known)
        told = told[: len(told) // 2]


def view_from_wire(data: bytes, view: AuctionView) -> bool:
    """Bring a view up to date; whether more of its log follows.

    Raises:
        Fault: the bytes are no view of this kind.
    """
    read: Any = unpack(data)
    if type(read) is not tuple or [type(part) for part in cast("Any", read)] != [
        dict,
        tuple,
        bool,
    ]:
        raise Fault("not a view", code="malformed")
    given, turns, more = cast("tuple[dict[str, object], tuple[Any, ...], bool]", read)
    if sorted(map(str, given)) != attributes(view):
        raise Fault("a view of other rules than these", code="malformed")
    last = view.last
    for turn in turns:
        match turn:
            case (int(), int(), str(), tuple() | None):
                last = (*cast("tuple[int, int, str, Any]", turn), last)
            case _:
                raise Fault("a log that does not read", code="malformed")
    for name, value in given.items():
        setattr(view, name, value)
    view.last = last
    return more


# -- results -------------------------------------------------------------------------------------------


def result_to_plain(result: Result) -> dict[str, object]:
    """A result as a map of plain values, with its type."""
    given = {field.name: getattr(result, field.name) for field in fields(result)}
    return {"type": type(result).__name__, **given}
