"""What can be reached from an object, the way a curious strategy would look around.

Followed: attributes, ``__dict__``, ``__slots__``, properties, closures, defaults, what methods are bound to, the
contents of containers, weak references, frames of generators. Not followed: modules, classes and the globals of
functions, which any code in the process can import anyway.
"""

from __future__ import annotations

import gc
import types
import weakref
from collections import deque
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ATOMS = (
    type(None), int, float, complex, Fraction, Decimal, date, str, bytes, range,
    type, types.ModuleType, types.CodeType, types.GenericAlias, types.UnionType,
)  # fmt: skip
_HIDDEN = (
    "__self__", "__func__", "__wrapped__", "__weakref__", "__callback__", "__closure__", "__defaults__",
    "__kwdefaults__", "cell_contents", "gi_frame", "cr_frame", "ag_frame", "gi_yieldfrom",
    "f_locals", "f_back", "tb_frame", "tb_next", "obj", "base", "func", "args", "keywords", "fget",
)  # fmt: skip
_WEAK = (weakref.ref, weakref.KeyedRef, weakref.WeakMethod)
_MOST = 2_000_000


def reachable(*roots: object) -> Iterator[object]:
    """Every object that can be reached from the roots, each once, nearest first."""
    seen: dict[int, object] = {}  # keeps them alive, so that no two have the same id
    todo = deque(roots)
    while todo and len(seen) < _MOST:
        found = todo.popleft()
        if isinstance(found, _ATOMS) or id(found) in seen or type(found).__module__ == "typing":
            continue
        seen[id(found)] = found
        yield found
        todo += _neighbours(found)


def _neighbours(found: object) -> Iterator[object]:
    call = cast("Callable[[], object]", found)
    if type(found) not in (
        types.FunctionType,
        types.FrameType,
    ):  # their globals would come along
        yield from gc.get_referents(found)
    if type(found) in _WEAK:
        yield call()
    for name in (*_HIDDEN, *_computed(found)):
        try:
            yield getattr(found, name)
        except Exception:  # noqa: S112 - not there, or not to be had
            continue


def _computed(found: object) -> list[str]:
    """Names of what is computed or kept in slots, by classes written in Python."""
    slots = (property, cached_property, types.MemberDescriptorType)
    return [
        name
        for cls in type(found).__mro__
        for name, value in vars(cls).items()
        if isinstance(value, slots) and not cls.__module__.startswith(("builtins", "pydantic"))
    ]
