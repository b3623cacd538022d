"""Finds the scenarios in a file or folder, and hands each to the reader of its format."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.formats._files import (
    MAX_BYTES,
    UTF16,
    beginning,
    entries,
    read_bytes,
    shown,
    text_of,
)
from negotiate.domain.formats._recognise import Kind, kind_of
from negotiate.errors import FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from negotiate.domain.formats import Members
    from negotiate.domain.scenario import Scenario

MAX_TOTAL = 32 * 2**20
"""Most bytes of all files of one folder."""

Found: TypeAlias = dict[Kind, dict["Path", bytes]]

_KNOWN = (
    "our own TOML, Genius XML, GeniusWeb JSON, NegoLog JSON, NegMAS YAML, "
    "CaSiNo JSON lines, Magentic YAML"
)

_FORMATS = {
    "Genius XML": (Kind.TEMPLATE, Kind.SPACE),
    "GeniusWeb JSON": (Kind.WEB_DOMAIN, Kind.WEB_PROFILE),
    "NegoLog JSON": (Kind.LOG_PROFILE,),
    "NegMAS YAML": (Kind.MAS_DOMAIN, Kind.MAS_UFUN),
    "TOML": (Kind.TOML,),
    "CaSiNo JSON lines": (Kind.DIALOGUES,),
}
_MARKET = ("businesses", "customers")
_PARTS = (Kind.SPACE, Kind.WEB_PROFILE, Kind.LOG_PROFILE, Kind.MAS_UFUN, Kind.MARKET)
_DOMAINS = (Kind.TEMPLATE, Kind.WEB_DOMAIN, Kind.MAS_DOMAIN)


def members(place: Path) -> Members:
    """The scenarios in a file or folder, by name.

    Raises:
        FormatError: none is recognised, or what is recognised is incomplete.
    """
    try:
        if place.is_dir():
            return _folder(place) or _folders(place)
        if not place.exists():
            raise FormatError("no such file or folder", file=shown(place), code="no-such-file")
    except (OSError, ValueError) as error:
        if isinstance(error, FormatError):
            raise
        reason = getattr(error, "strerror", None) or "not a path"
        raise FormatError(str(reason), file=shown(place)) from None
    return _file(place)


# One file


def _file(place: Path) -> Members:
    data = read_bytes(place)
    kind = kind_of(data)
    if kind is Kind.DIALOGUES:
        from negotiate.domain.formats import casino

        return casino.members(data, shown(place))
    if kind in _DOMAINS:
        return _by_domain(place, kind)
    if kind in _PARTS:
        folder = place.parent.parent if kind is Kind.MARKET else place.parent
        raise FormatError(
            f"{kind.value}, one part of a scenario",
            file=shown(place),
            help=f"give the folder that holds all parts, {quote(shown(folder), 200)}",
        )
    if kind is Kind.TOML or place.suffix == ".toml":  # the reader says what its mark is
        return _tomls({place: data})
    text_of(data, shown(place))  # the encoding may be why nothing was recognised
    what = "not a scenario in a format that we read" if data.strip() else "an empty file"
    raise FormatError(what, file=shown(place), help=f"formats: {_KNOWN}")


def _by_domain(place: Path, kind: Kind) -> Members:
    """A domain given as a file: its profiles are those of the folder, which holds no other domain."""
    found = _sorted_out(place.parent)
    kinds = next(kinds for kinds in _FORMATS.values() if kind in kinds)
    return _assembled({k: found[k] for k in kinds if k in found}, place.stem, shown(place))


# Folders


def _folder(place: Path) -> Members:
    """The scenarios in the files of a folder; none if no file is recognised."""
    below = {entry.name: entry for entry in entries(place)}
    if all(name in below and below[name].is_dir() for name in _MARKET):
        from negotiate.domain.formats import magentic

        businesses, customers = (_contents(below[name]) for name in _MARKET)
        return magentic.members(shown(place), customers, businesses)
    found = _sorted_out(place)
    used = [name for name, kinds in _FORMATS.items() if any(kind in found for kind in kinds)]
    if len(used) > 1:
        raise FormatError(
            f"holds files of several formats: {', '.join(used)}", file=shown(place)
        )
    return _assembled(found, place.resolve().name or "scenario", shown(place)) if used else {}


def _folders(place: Path) -> Members:
    """The scenarios in the folders of a folder; only one level down, so that links cannot form a loop."""
    found: dict[str, Callable[[], Scenario]] = {}
    for folder in (entry for entry in entries(place) if entry.is_dir()):
        inner = _folder(folder)
        if not inner:
            raise _nothing(folder)
        for name, make in inner.items():
            called = folder.name if len(inner) == 1 else f"{folder.name}-{name}"
            found[called] = partial(_changed, make, name=called)
    if not found:
        raise _nothing(place)
    return found


def _nothing(place: Path) -> FormatError:
    return FormatError("no scenario in it", file=shown(place), help=f"formats: {_KNOWN}")


def _contents(folder: Path) -> list[tuple[str, bytes]]:
    files = [path for path in entries(folder) if path.suffix in (".yaml", ".yml")]
    return [(shown(path), data) for path, data in _read(files).items()]


def _sorted_out(folder: Path) -> Found:
    """The files of a folder that are part of a scenario, by kind and then by name."""
    found: Found = {}
    files = [path for path in entries(folder) if path.is_file() and not _large_and_other(path)]
    for path, data in _read(files).items():
        kind = kind_of(data)
        if data.startswith(UTF16):  # what cannot be recognised must not be left out in silence
            text_of(data, shown(path))
        if kind is not None and kind is not Kind.MARKET:
            found.setdefault(kind, {})[path] = data
    return found


def _large_and_other(path: Path) -> bool:
    """Whether a file is too large to read, and is nothing that we would read: a picture, a table."""
    return path.stat().st_size > MAX_BYTES and kind_of(beginning(path)) is None


def _read(files: list[Path]) -> dict[Path, bytes]:
    total = 0
    found: dict[Path, bytes] = {}
    for path in files:
        found[path] = read_bytes(path)
        total += len(found[path])
        if total > MAX_TOTAL:
            raise FormatError(
                f"files of more than {MAX_TOTAL:,} bytes",
                file=shown(path.parent),
                code="too-large",
            )
    return found


# Putting the files of one folder together


def _assembled(found: Found, name: str, place: str) -> Members:
    if Kind.TOML in found:
        return _tomls(found[Kind.TOML])
    if Kind.DIALOGUES in found:
        return _dialogues(found[Kind.DIALOGUES])
    return {name: partial(_changed, _reader(found, name, place), source=place)}


def _reader(found: Found, name: str, place: str) -> Callable[[], Scenario]:
    """Reads the scenario whose domain and parties are files of their own. Parsers load when needed."""
    if Kind.LOG_PROFILE in found:
        from negotiate.domain.formats import negolog

        return partial(negolog.read, name, _parts(found, Kind.LOG_PROFILE, place))
    if Kind.TEMPLATE in found or Kind.SPACE in found:
        from negotiate.domain.formats import genius

        template = _domain(found, Kind.TEMPLATE, place)
        if template is None:
            raise FormatError("Genius utility spaces without their template", file=place)
        return partial(genius.read, name, template, _parts(found, Kind.SPACE, place))
    if Kind.WEB_DOMAIN in found or Kind.WEB_PROFILE in found:
        from negotiate.domain.formats import geniusweb

        profiles = _parts(found, Kind.WEB_PROFILE, place)
        return partial(geniusweb.read, name, _domain(found, Kind.WEB_DOMAIN, place), profiles)
    from negotiate.domain.formats import negmas

    ufuns = _parts(found, Kind.MAS_UFUN, place)
    return partial(negmas.read, name, _domain(found, Kind.MAS_DOMAIN, place), ufuns)


def _tomls(files: dict[Path, bytes]) -> Members:
    from negotiate.domain.formats import toml

    return {path.stem: partial(toml.read, data, shown(path)) for path, data in files.items()}


def _dialogues(files: dict[Path, bytes]) -> Members:
    from negotiate.domain.formats import casino

    if len(files) == 1:
        return next(casino.members(data, shown(path)) for path, data in files.items())
    found: dict[str, Callable[[], Scenario]] = {}
    for path, data in files.items():
        for name, make in casino.members(data, shown(path)).items():
            found[f"{path.stem}-{name}"] = partial(_changed, make, name=f"{path.stem}-{name}")
    return found


def _domain(found: Found, kind: Kind, place: str) -> tuple[str, bytes] | None:
    """The one domain file, or None if there is none."""
    files = found.get(kind, {})
    if len(files) > 1:
        names = ", ".join(quote(path.name) for path in list(files)[:4])
        raise FormatError(
            f"the folder holds {len(files)} domains, {names}; whose profiles are whose cannot be told",
            file=place,
            help="give each its own folder",
        )
    return next(((shown(path), data) for path, data in files.items()), None)


def _parts(found: Found, kind: Kind, place: str) -> dict[str, tuple[str, bytes]]:
    """The files of the parties by role: the file's stem, or its whole name where two have the same stem."""
    files = found.get(kind, {})
    if len(files) < 2:
        raise FormatError(
            f"{'only one' if files else 'no'} file with {kind.value}; a scenario needs two or more",
            file=place,
            help="give the folder that holds the domain and the file of each party",
        )
    stems = [path.stem for path in files]
    return {
        path.stem if stems.count(path.stem) == 1 else path.name: (shown(path), data)
        for path, data in files.items()
    }


def _changed(make: Callable[[], Scenario], name: str = "", source: str = "") -> Scenario:
    scenario = make()
    return replace(scenario, name=name or scenario.name, source=source or scenario.source)
