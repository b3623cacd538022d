"""Recognises what a file or folder holds, by content, and hands it to the reader of that format."""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.formats import casino, genius, geniusweb, magentic, negmas, negolog, toml
from negotiate.domain.formats._files import entries, read_bytes, shown
from negotiate.errors import FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from negotiate.domain.formats import Members
    from negotiate.domain.scenario import Scenario

MAX_TOTAL = 32 * 2**20
"""Most bytes of all files of one folder."""

Found: TypeAlias = dict["Kind", dict["Path", bytes]]

_KNOWN = "our own TOML, Genius XML, GeniusWeb JSON, NegoLog JSON, NegMAS YAML, CaSiNo JSON lines, Magentic YAML"


class Kind(Enum):
    """What a file is, told by its content."""

    TOML = "our own TOML"
    TEMPLATE = "a Genius template"
    SPACE = "a Genius utility space"
    WEB_DOMAIN = "a GeniusWeb domain"
    WEB_PROFILE = "a GeniusWeb profile"
    LOG_PROFILE = "a NegoLog profile"
    MAS_DOMAIN = "a NegMAS domain"
    MAS_UFUN = "a NegMAS utility function"
    DIALOGUES = "CaSiNo dialogues"
    MARKET = "a customer or business of Magentic Marketplace"


_XML_ROOTS = {b"negotiation_template": Kind.TEMPLATE, b"utility_space": Kind.SPACE}
_ASIDES = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"<!", b">"))
_MAS_TYPE = rb"""(?:type|__python_class__)["']?\s*:\s*["']?[\w.]{0,200}"""
_MAS_UFUN = re.compile(_MAS_TYPE + rb"(?:UtilityFunction|AggregationFunction|UFun)\b")
_MAS_DOMAIN = re.compile(_MAS_TYPE + rb"OutcomeSpace\b")
_FORMATS = {
    "Genius XML": (Kind.TEMPLATE, Kind.SPACE),
    "GeniusWeb JSON": (Kind.WEB_DOMAIN, Kind.WEB_PROFILE),
    "NegoLog JSON": (Kind.LOG_PROFILE,),
    "NegMAS YAML": (Kind.MAS_DOMAIN, Kind.MAS_UFUN),
    "TOML": (Kind.TOML,),
    "CaSiNo JSON lines": (Kind.DIALOGUES,),
}
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


# Telling files apart


def kind_of(data: bytes) -> Kind | None:
    """What the content of a file is, or None if it is nothing that we know."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:1] == b"<":
        return _XML_ROOTS.get(_root(head))
    if f'"{toml.FORMAT}"'.encode() in head:
        return Kind.TOML
    if re.match(rb'[{\[]\s*(["}\]]|$)', head):
        return _json_kind(head)
    return Kind.MARKET if re.search(rb"(?m)^menu_features:", head) else _mas_kind(head)


def _root(head: bytes) -> bytes:
    """The name of an XML document's root element: the first tag that is no comment or declaration."""
    place = 0
    for _ in range(1000):
        ends = [end for start, end in _ASIDES if head.startswith(start, place)]
        if not ends:
            found = re.match(rb"<([\w:.-]{1,64})", head[place : place + 70])
            return found[1] if found else b""
        end = head.find(ends[0], place)
        place = head.find(b"<", end) if end >= 0 else -1
        if place < 0:
            break
    return b""


def _json_kind(head: bytes) -> Kind | None:
    if b'"mturk_agent_1"' in head:
        return Kind.DIALOGUES
    first = re.match(rb'\{\s*"(\w{1,64})"\s*:', head)
    if first and first[1].endswith((b"UtilitySpace", b"Ordering")):
        return Kind.WEB_PROFILE
    if b'"issuesValues"' in head:
        return Kind.WEB_DOMAIN
    if b'"issueWeights"' in head and b'"issues"' in head:
        return Kind.LOG_PROFILE
    return _mas_kind(head)


def _mas_kind(head: bytes) -> Kind | None:
    if _MAS_UFUN.search(head):
        return Kind.MAS_UFUN
    return Kind.MAS_DOMAIN if _MAS_DOMAIN.search(head) else None


# One file


def _file(place: Path) -> Members:
    data = read_bytes(place)
    kind = kind_of(data)
    if kind is Kind.DIALOGUES:
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
    if (
        kind is Kind.TOML or place.suffix == ".toml"
    ):  # without its mark, the reader says what is missing
        return {place.stem: partial(toml.read, data, shown(place))}
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
    if all(name in below and below[name].is_dir() for name in magentic.FOLDERS):
        businesses, customers = (_contents(below[name]) for name in magentic.FOLDERS)
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
    for path, data in _read([path for path in entries(folder) if path.is_file()]).items():
        kind = kind_of(data)
        if kind is not None and kind is not Kind.MARKET:
            found.setdefault(kind, {})[path] = data
    return found


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
        files = found[Kind.TOML].items()
        return {path.stem: partial(toml.read, data, shown(path)) for path, data in files}
    if Kind.DIALOGUES in found:
        return _dialogues(found[Kind.DIALOGUES])
    if Kind.LOG_PROFILE in found:
        make = partial(negolog.read, name, _parts(found, Kind.LOG_PROFILE, place))
    elif Kind.TEMPLATE in found or Kind.SPACE in found:
        template = _domain(found, Kind.TEMPLATE, place)
        if template is None:
            raise FormatError("Genius utility spaces without their template", file=place)
        make = partial(genius.read, name, template, _parts(found, Kind.SPACE, place))
    elif Kind.WEB_DOMAIN in found or Kind.WEB_PROFILE in found:
        profiles = _parts(found, Kind.WEB_PROFILE, place)
        make = partial(geniusweb.read, name, _domain(found, Kind.WEB_DOMAIN, place), profiles)
    else:
        ufuns = _parts(found, Kind.MAS_UFUN, place)
        make = partial(negmas.read, name, _domain(found, Kind.MAS_DOMAIN, place), ufuns)
    return {name: partial(_changed, make, source=place)}


def _dialogues(files: dict[Path, bytes]) -> Members:
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
            f"{len(files)} {'file' if len(files) == 1 else 'files'} with {kind.value}; "
            "a scenario needs two or more",
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
