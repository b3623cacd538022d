"""Scenario files: our own TOML, and five formats of other projects, told apart by their content.

:func:`read` takes a file or a folder and gives the scenario in it. Some hold many (a file of dialogues, a
marketplace, a folder of scenarios): :func:`read_all` gives them all, and ``read("file#name")`` one of them.
:func:`write` and :func:`save` write our own format.

Whatever is wrong with a file is a :class:`~negotiate.errors.FormatError` that names the file, the place in it,
and what was expected there. Hostile files end in one, too, before they cost time or memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import FormatError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from negotiate.domain.scenario import Scenario

__all__ = ["read", "read_all", "save", "write"]

Members: TypeAlias = Mapping[str, "Callable[[], Scenario]"]
"""Scenarios by name, each read when it is called."""


def read(path: str | Path) -> Scenario:
    """The scenario in a file or folder, or ``path#name``, one of those that it holds.

    Raises:
        FormatError: it does not read, or holds several and none is named.
    """
    place, name = _split(Path(path))
    found = _members(place)
    if name is not None:
        return _called(name, found, place)
    if len(found) == 1:
        return next(iter(found.values()))()
    first = ", ".join(quote(key) for key in list(found)[:3])
    one = quote(f"{place}#{next(iter(found))}", 200)
    raise FormatError(
        f"holds {len(found):,} scenarios: {first}, …",
        file=safe(str(path)),
        code="several-scenarios",
        help=f"name one, such as {one}, or read them all",
    )


def read_all(path: str | Path) -> tuple[Scenario, ...]:
    """Every scenario in a file or folder, in its order; their names differ.

    Raises:
        FormatError: it does not read.
    """
    place, name = _split(Path(path))
    found = _members(place)
    if name is not None:
        return (_called(name, found, place),)
    return tuple(make() for make in found.values())


def write(scenario: Scenario) -> str:
    """The scenario as text of our own format; reading it gives the same domain and the same digest.

    Raises:
        FormatError: an issue of a kind of your own, or tables too large for a file.
    """
    from negotiate.domain.formats import _toml_writer  # noqa: PLC0415 - loaded when used

    return _toml_writer.write(scenario)


def save(scenario: Scenario, path: str | Path) -> None:
    """Write the scenario into a file in our own format.

    Raises:
        FormatError: it cannot be written.
    """
    text = write(scenario)
    try:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "cannot be written"
        raise FormatError(str(reason), file=safe(str(path))) from None


def _members(place: Path) -> Members:
    from negotiate.domain.formats import _find  # noqa: PLC0415 - the parsers load when used

    return _find.members(place)


def _split(path: Path) -> tuple[Path, str | None]:
    """A path and the name behind ``#``; a ``#`` may also be part of a file's own name."""
    place, mark, name = str(path).rpartition("#")
    if not mark or not place or not name or _exists(path):
        return path, None
    return Path(place), name


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _called(name: str, found: Members, place: Path) -> Scenario:
    if name not in found:
        from negotiate.domain.formats._node import near  # noqa: PLC0415 - only for the message

        raise FormatError(
            f"no scenario {quote(name)} in it",
            file=safe(str(place)),
            help=near(name, found, "it has"),
        )
    return found[name]()
