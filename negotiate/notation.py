"""Names with parameters, as people type them: ``time_dependent[e=0.2]``, and parts within parts."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from functools import lru_cache
from math import isinf
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

Parameter: TypeAlias = int | float | str | bool | None

_DEEPEST = 8  # parts within parts
_QUOTED = re.compile(r": '([^']*)'")  # annotations that are not evaluated


def parse(text: str) -> tuple[str, dict[str, Parameter]]:
    """Split ``name[key=value,key=value]`` into the name and its parameters.

    Raises:
        StrategyError: the notation does not read.
    """
    found = re.fullmatch(r"\s*([^\[\]\s]+)\s*(?:\[(.*)\])?\s*", text, re.DOTALL)
    pairs = None if found is None else _pairs(found[2] or "")
    if found is None or pairs is None:
        raise StrategyError(
            f"{quote(text)} does not read as a name with parameters",
            code="notation",
            help="write name, name[key=value,key=value] or package.module:Class",
        )
    parameters: dict[str, Parameter] = {}
    for pair in filter(None, map(str.strip, pairs)):
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not key.isidentifier():
            raise StrategyError(
                f"{quote(pair)} in {quote(text)} is not of the form key=value", code="notation"
            )
        if key in parameters:
            raise StrategyError(f"{quote(text)} gives {quote(key)} twice", code="notation")
        parameters[key] = _literal(value)
    return found[1], parameters


def _pairs(text: str) -> list[str] | None:
    """What stands between commas outside all brackets; None if a bracket is amiss."""
    pieces, depth = [""], 0
    for word in re.split(r"([\[\],])", text):
        if word == "," and not depth:
            pieces.append("")
            continue
        if word == "[" and not re.search(r"=\s*[^\s=,'\"]+\s*$", pieces[-1]):
            return None  # a value in brackets without a name before them is no part
        depth += (word == "[") - (word == "]")
        if not 0 <= depth <= _DEEPEST:
            return None
        pieces[-1] += word
    return None if depth else pieces


def _literal(text: str) -> Parameter:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in what may be no Python at all
            value: object = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float, str, bool, type(None))) else text


def notation(base: str, given: Mapping[str, Parameter]) -> str:
    """The text that :func:`parse` reads back, parameters in alphabetical order."""
    if not given:
        return base
    return f"{base}[{','.join(f'{key}={_show(given[key])}' for key in sorted(given))}]"


def _show(value: Parameter) -> str:
    if isinstance(value, float) and isinf(value):
        return "1e999" if value > 0 else "-1e999"  # as Python would read it back
    # Quoted only where it would read as something else without: '1' is a text, 1 is not.
    return value if isinstance(value, str) and _literal(value) == value else repr(value)


@lru_cache(maxsize=1024)  # a tournament makes thousands of each
def misfit(cls: type, parameters: tuple[tuple[str, Parameter], ...]) -> str:
    """What is wrong with parameters at first sight: an unknown name, or a word for a number; empty if nothing is."""
    try:
        takes = inspect.signature(cls).parameters
    except (TypeError, ValueError):  # some classes do not tell
        return ""
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in takes.values()):
        return ""
    for key, value in parameters:
        if key not in takes:
            return f"it has no parameter {quote(key)}"
        if isinstance(value, str) and takes[key].annotation in {"float", "int", float, int}:
            return f"{key} is {quote(value)}; a number is expected"
    return ""


def signature(cls: type) -> str:
    """The parameters of a class, as a message shows them."""
    try:
        shown = str(inspect.signature(cls)).removesuffix(" -> None")
        return safe(_QUOTED.sub(r": \1", shown))
    except Exception:  # defaults of foreign code show themselves as they like
        return "unknown parameters"
