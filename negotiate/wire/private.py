"""Private limits: values that refuse to be printed, logged, compared by text, pickled or copied.

A reservation value or a weight on the wire is a negotiation lost. What is wrapped in :class:`Private` leaves it only
by :meth:`Private.reveal`, which is easy to search for.
"""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar

from negotiate.errors import LocalError

T = TypeVar("T")


class Private(Generic[T]):
    """Holds a value that must not get out by accident."""

    __slots__ = ("__value",)

    def __init__(self, value: T) -> None:
        self.__value = value

    def reveal(self) -> T:
        """The value. Whoever calls this answers for where it goes."""
        return self.__value

    def __repr__(self) -> str:
        return "<private>"

    def __format__(self, spec: str) -> str:
        return "<private>"

    def _refuse(self) -> NoReturn:
        raise LocalError("a private value is not serialised, copied or iterated", code="secret")

    def __reduce__(self) -> NoReturn:
        self._refuse()

    def __copy__(self) -> NoReturn:
        self._refuse()

    def __deepcopy__(self, memo: object) -> NoReturn:
        self._refuse()

    def __iter__(self) -> NoReturn:
        self._refuse()
