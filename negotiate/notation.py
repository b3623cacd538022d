"""Names with parameters in brackets: ``time_dependent[e=0.2]``."""

from __future__ import annotations

import ast
import re
import warnings
from math import isinf
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Mapping

Parameter: TypeAlias = int | float | str | bool | None


def parse(text: str) -> tuple[str, dict[str, Parameter]]:
    """Split ``name[key=value,key=value]`` into the name and its parameters.

    Raises:
        StrategyError: the notation does not read.
    """
    found = re.fullmatch(r"\s*([^\[\]\s]+)\s*(?:\[([^\[\]]*)\])?\s*", text)
    if found is None:
        raise StrategyError(
            f"{quote(text)} does not read as a strategy",
            code="notation",
            help="write name, name[key=value,key=value] or package.module:Class",
        )
    parameters: dict[str, Parameter] = {}
    for pair in filter(None, map(str.strip, (found[2] or "").split(","))):
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not key.isidentifier():
            raise StrategyError(
                f"{quote(pair)} in {quote(text)} is not of the form key=value", code="notation"
            )
        if key in parameters:
            raise StrategyError(f"{quote(text)} gives {quote(key)} twice", code="notation")
        parameters[key] = _literal(value)
    return found[1], parameters


def _literal(text: str) -> Parameter:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in what may be no Python at all
            value: object = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float, str, bool, type(None))) else text


def written(base: str, given: Mapping[str, Parameter]) -> str:
    """The notation of a name with parameters, in a fixed order; the name alone if there are none."""
    if not given:
        return base
    return f"{base}[{','.join(f'{key}={_show(given[key])}' for key in sorted(given))}]"


def _show(value: Parameter) -> str:
    if isinstance(value, float) and isinf(value):
        return "1e999" if value > 0 else "-1e999"  # as Python would read it back
    # Quoted only where it would read as something else without: '1' is a text, 1 is not.
    return value if isinstance(value, str) and _literal(value) == value else repr(value)
