"""One tree of errors.

Every error that leaves the library is a :class:`NegotiateError`. It carries a stable, machine-readable
``code``; its text says what came, what was expected, and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class NegotiateError(Exception):
    """Root of the tree.

    Attributes:
        code: stable identifier of the rule that was broken, for programs.
        help: what to do about it, one sentence; empty when the message says it all.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None, help: str = "") -> None:
        super().__init__(message)
        self.code: str = code or self.default_code
        self.help: str = help

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}; {self.help}" if self.help else text

    def __reduce__(self) -> tuple[object, ...]:
        # Errors travel between worker processes; the keyword arguments must survive the pickle.
        return (_rebuild, (type(self), super().__str__(), self.code, self.help, self.__dict__))


def _rebuild(
    kind: type[NegotiateError], message: str, code: str, help: str, state: dict[str, object]
) -> NegotiateError:
    error = kind.__new__(kind)
    Exception.__init__(error, message)
    error.__dict__.update(state, code=code, help=help)
    return error


class LocalError(NegotiateError):
    """The caller broke a rule of the interface."""

    default_code = "local"


class PeerError(NegotiateError):
    """The other side broke a rule; nothing of ours changed."""

    default_code = "peer"


class DomainError(LocalError, ValueError):
    """A domain, an outcome or a preference that cannot be."""

    default_code = "domain"


class FormatError(LocalError, ValueError):
    """A file that does not read: names the file, the place in it, and what was expected there.

    Attributes:
        file: the file as the caller named it.
        place: path inside the file (``$.issues[2].low``, ``/utility_space/objective``, ``line 3``).
    """

    default_code = "format"

    def __init__(
        self,
        message: str,
        *,
        file: str = "",
        place: str = "",
        code: str | None = None,
        help: str = "",
    ) -> None:
        where = " @ ".join(part for part in (file, place) if part)
        super().__init__(f"{where}: {message}" if where else message, code=code, help=help)
        self.file = file
        self.place = place


class IllegalMove(PeerError):  # noqa: N818 - the field's term
    """A move that the protocol does not allow now. The state is what it was before."""

    default_code = "illegal-move"


class UnknownName(LocalError, LookupError):  # noqa: N818 - says what it is
    """A name that no registered strategy, protocol or scenario has."""

    default_code = "unknown-name"


class StrategyError(LocalError):
    """A strategy that cannot be loaded or built from what was given."""

    default_code = "strategy"


class ArenaError(LocalError):
    """A tournament that cannot be run, stored or resumed as asked."""

    default_code = "arena"
