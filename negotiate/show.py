"""Text of the other side, made safe before a person or a terminal sees it.

Names, values and messages come from files and peers. Control characters, escape sequences and characters
that reorder text (bidi) could fake what a terminal shows; here they become visible escapes. Every message of
the library that quotes a foreign value passes through this module.
"""

from __future__ import annotations

import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def safe(text: str) -> str:
    r"""``text`` with control, bidi and other invisible characters written as ``\u...`` escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def quote(value: object, limit: int = 80) -> str:
    """A short, safe representation of any value for messages: at most ``limit`` characters."""
    if isinstance(value, str):
        cut = value if len(value) <= limit else value[:limit]
        text = "'" + safe(cut).replace("'", "\\'") + "'"
    else:
        text = safe(_repr(value))
    return text if len(text) <= limit else text[: limit - 1] + "…"


def cell(text: str) -> str:
    """``text`` for a CSV cell: a leading ``= + - @`` would be run as a formula by spreadsheets."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _repr(value: object) -> str:
    # A hostile or broken __repr__, or an integer of a million digits, must not break the message.
    if isinstance(value, int) and value.bit_length() > 256:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, (tuple, list, set, dict, frozenset)) and len(value) > 20:
        return f"a {type(value).__name__} of {len(value)} items"
    try:
        return repr(value)
    except Exception:
        return f"a {type(value).__name__}"


def _escape(character: str) -> str:
    code = ord(character)
    return (
        f"\\x{code:02x}"
        if code < 0x100
        else f"\\u{code:04x}"
        if code < 0x10000
        else f"\\U{code:08x}"
    )
