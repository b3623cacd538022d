"""JSON within bounds: exact numbers, no key twice, no deep nesting."""

from __future__ import annotations

import json

from negotiate.domain.formats._files import check_marks, text_of
from negotiate.domain.formats._node import Node, decimal, whole
from negotiate.errors import FormatError
from negotiate.show import quote


def parse(data: bytes, file: str, line: int = 0) -> Node:
    """The value of a JSON text.

    Args:
        data: the text, in UTF-8.
        file: the file as the caller named it.
        line: the line on which ``data`` stands in a file of one value a line; 0 for a whole file.

    Raises:
        FormatError: not JSON, a key twice, or more than a scenario has.
    """
    place = f"line {line}" if line else "$"
    check_marks(data, b"[{,", file)
    text = text_of(data, file)
    try:
        return Node(_DECODER.decode(text), file, place)
    except json.JSONDecodeError as error:
        where = f"line {line or error.lineno} column {error.colno}"
        raise FormatError(f"not JSON: {error.msg}", file=file, place=where) from None
    except _TwiceError as error:
        raise FormatError(
            f"key {quote(error.args[0])} is given twice", file=file, place=place
        ) from None
    except RecursionError:
        raise FormatError("nested too deeply", file=file, place=place) from None


class _TwiceError(Exception):
    """A key that stands twice in one object: which of the two counts is anybody's guess."""


def _table(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _TwiceError(key)
            seen.add(key)
    return table


# NaN and Infinity come out as decimals, so that whoever asks for a number there refuses them with their place.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_table, parse_float=decimal, parse_int=whole, parse_constant=decimal
)
