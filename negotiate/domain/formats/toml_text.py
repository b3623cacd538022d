"""Values as TOML writes them: the same value, the same text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from negotiate.errors import FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def text(value: str) -> str:
    """A text on one line, in quotes.

    Raises:
        FormatError: it is not Unicode text.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        raise FormatError(f"{quote(value)} is not Unicode text and cannot be written") from None
    return '"' + "".join(_ESCAPES.get(c) or _plain(c) for c in value) + '"'


def lines(value: str) -> str:
    """A text of many lines as people would write it, or else on one line."""
    plain = all(c >= " " and c != "\x7f" for c in value.replace("\n", "").replace("\t", ""))
    if plain and "'''" not in value and not value.endswith("'"):
        text(value)  # told if it is not Unicode
        return f"'''\n{value}'''"
    return text(value)


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else text(name)


def value(of: object) -> str:
    """A text, a number, a truth value, or a list or table of such, on one line.

    Raises:
        FormatError: TOML has no form for it; it has none for null.
    """
    if isinstance(of, bool):
        return "true" if of else "false"
    if isinstance(of, str):
        return text(of)
    if isinstance(of, (int, float)):
        return repr(of)
    if isinstance(of, (list, tuple)):
        return f"[{', '.join(map(value, cast('Sequence[object]', of)))}]"
    if isinstance(of, dict):
        pairs = cast("Mapping[str, object]", of).items()
        return f"{{ {', '.join(f'{key(name)} = {value(one)}' for name, one in pairs)} }}"
    raise FormatError(f"{quote(of)} has no form in TOML")


def _plain(character: str) -> str:
    hidden = character < " " or character == "\x7f"
    return f"\\u{ord(character):04x}" if hidden else character
