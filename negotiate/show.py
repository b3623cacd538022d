"""Text of the other side, made safe before a person or a terminal sees it.

Names, values and messages come from files and peers. Control characters, escape sequences and characters
that reorder text (bidi) could fake what a terminal shows; here they become visible escapes. Every message of
the library that quotes a foreign value passes through this module.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sized
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str) -> str:
    r"""``text`` with control, bidi and other invisible characters written as ``\u...`` escapes."""
    text = str.__str__(text)  # a subclass may lie about itself
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def quote(value: object, limit: int = 80) -> str:
    """A short, safe representation of any value for messages: at most ``limit`` characters."""
    try:
        text = _text(value, limit)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a foreign __repr__ may raise anything
        text = f"a {_kind(value)}"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(error: BaseException, limit: int = 200) -> str:
    """What an exception of foreign code says, short and safe: ``ValueError: not that``."""
    try:
        text = safe(str(error)[:limit])
    except KeyboardInterrupt:
        raise
    except BaseException:  # a foreign __str__ too
        text = "(its message cannot be shown)"
    return f"{_kind(error)}: {text}" if text else _kind(error)


def cell(text: str) -> str:
    """``text`` for a CSV cell: a leading ``= + - @`` would be run as a formula by spreadsheets."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else text


def _text(value: object, limit: int) -> str:
    if isinstance(value, str):
        return "'" + safe(str.__str__(value)[:limit]).replace("'", "\\'") + "'"
    # A number of a million digits and a list of a million items are not worth printing.
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, Sized) and len(value) > 20:
        return f"a {_kind(value)} of {len(value)} items"
    return safe(repr(value)[: 2 * limit])


def _kind(value: object) -> str:
    # A metaclass may have a __name__ of its own making; this one is Python's.
    return safe(_NAME(type(value)))


_NAME: Callable[[type], str] = type.__dict__["__name__"].__get__


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
