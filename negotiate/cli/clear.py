"""``nego clear``: the allocation and the payments of an auction or market."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from negotiate.cli.output import Json, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST_BYTES = 200_000_000


def clear(
    case: Path,
    /,
    *,
    solver: Literal["auto", "own", "highs", "cpsat"] | None = None,
    json: Json = False,
) -> None:
    """Clear an auction: who gets what, and who pays what, exactly.

    Example: nego clear case.json, where case.json holds {"protocol": "second_price_sealed_bid", "params": {},
    "bids": [{"bidder": "A", "amount": 7}, {"bidder": "B", "amount": 10}]}

    Args:
        case: a JSON file with protocol, params and bids; /dev/stdin for one in a pipe.
        solver: who determines the winners of package bids: the own search, HiGHS or CP-SAT (extras milp and
            cpsat); auto takes a solver that is installed where the own search is not enough.
        json: print JSON for machines.
    """
    from negotiate.protocols.clearing import clear as run  # noqa: PLC0415

    protocol, params, bids = read(case)
    given = cast("object", params)  # of a file, so it may be anything
    if solver is not None and isinstance(given, Mapping):
        params = {**params, "solver": solver}
    result = run(protocol, params, bids)
    if json:
        print_json(_plain(result))
    else:
        for line in lines(result):
            print(line)


def read(case: Path) -> tuple[str, Mapping[str, object], Sequence[object]]:
    """Protocol, params and bids of a case file.

    Raises:
        FormatError: the file does not read, or is not a case.
    """
    import json  # noqa: PLC0415

    from negotiate.errors import FormatError  # noqa: PLC0415
    from negotiate.show import quote  # noqa: PLC0415

    name = str(case)
    try:
        data: object = json.loads(
            _text(case), parse_float=Decimal, parse_constant=Decimal, object_pairs_hook=_once
        )
    except (OSError, ValueError, RecursionError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise FormatError(f"it does not read: {why}", file=name, code="unreadable") from None
    if not isinstance(data, dict):
        raise FormatError(f"{quote(data)} is not an object", file=name, place="$")
    entries = cast("dict[str, Any]", data)
    protocol = entries.get("protocol")
    if not isinstance(protocol, str) or "bids" not in entries:
        raise FormatError(
            "a case has the fields protocol, params and bids",
            file=name,
            place="$",
            code="missing",
        )
    return protocol, entries.get("params", {}), entries["bids"]


def _text(case: Path) -> str:
    with case.open(encoding="utf-8") as file:
        return file.read(_MOST_BYTES)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object without doubled keys, of which readers would keep different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has a key twice")
    return found


def _plain(value: Any) -> Any:
    """For JSON: a decimal as the number it was where a float holds it exactly, else as text."""
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        return {key: _plain(entry) for key, entry in entries.items()}
    if isinstance(value, list):
        return [_plain(entry) for entry in cast("list[object]", value)]
    if isinstance(value, Decimal):
        return float(value) if Decimal(str(float(value))) == value else str(value)
    return value


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result for people: a line for each key, in words."""
    from negotiate.show import safe  # noqa: PLC0415

    return [safe(f"{key.replace('_', ' ')}: {_words(value)}") for key, value in result.items()]


def _words(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return ", ".join(f"{key} {_words(entry)}" for key, entry in entries.items()) or "none"
    if isinstance(value, list):
        entries_ = cast("list[object]", value)
        return ", ".join(_inner(entry) for entry in entries_) or "none"
    return str(value)


def _inner(value: object) -> str:
    text = _words(value)
    return f"({text})" if isinstance(value, (list, dict)) else text
