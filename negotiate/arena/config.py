"""``arena.toml``: a tournament as a file, which every run leaves in its folder and which plays it again.

::

    format = "negotiate-arena"
    version = 1
    scenarios = ["milk", "mine.toml"]          # bundled names, files or folders
    strategies = ["micro", "time_dependent[e=0.2]", "mine:Mine"]
    repetitions = 3
    seed = 0
    self_play = true
    signed = false

    [limits]                                   # seconds
    move = 2.0
    begin = 20.0

    [rules]                                    # the protocol's own parameters
    protocol = "alternating-offers"            # a registered name, or package.module:Class
    rounds = 100
    unset = []                                 # parameters that have no value

    [[scenario]]                               # as a run writes those that are not bundled
    name = "mine"
    source = "mine.toml"
    digest = "…"
    text = '''…'''                             # its file in our own format; not where that would be long

Whatever is left out is left to the reader. Paths are seen from the folder of the file. Where the results go, and on
how many workers, is no part of a tournament, because it changes no result.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from negotiate import __version__, registry
from negotiate.arena.cells import canonical
from negotiate.arena.description import source_of, text_of
from negotiate.arena.kinds import is_hosted
from negotiate.arena.replay import restored
from negotiate.arena.tournament import Tournament
from negotiate.arena.watchdog import Limits
from negotiate.domain.formats._node import Node, decimal
from negotiate.domain.formats.toml_text import key, lines, text, value
from negotiate.domain.markets import bundled_markets, load_market
from negotiate.domain.scenario import Scenario, bundled
from negotiate.errors import ArenaError, FormatError, NegotiateError
from negotiate.protocol import Protocol
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from negotiate.arena.kinds import Game
    from negotiate.domain.markets import Market

FILE = "arena.toml"
FORMAT = "negotiate-arena"
VERSION = 1

_KEYS = (
    "format", "version", "scenarios", "scenario", "strategies", "repetitions", "seed", "self_play", "signed",
    "limits", "rules",
)  # fmt: skip
_SCENARIO = ("name", "source", "digest", "text")


@dataclass(frozen=True)
class Config:
    """What a file says; None, or nothing, where it says nothing.

    Attributes:
        scenarios: names, paths, or scenarios and markets that are described in the file.
        strategies: names.
        rules: the protocol.
        repetitions: how often each cell is played.
        seed: root of all random streams.
        self_play: whether each strategy also meets itself.
        signed: whether every move is signed.
        limits: guards on time.
    """

    scenarios: tuple[Scenario | Market | str, ...] = ()
    strategies: tuple[str, ...] = ()
    rules: Protocol | None = None
    repetitions: int | None = None
    seed: int | str | None = None
    self_play: bool | None = None
    signed: bool | None = None
    limits: Limits | None = None

    def tournament(self) -> Tournament:
        """The tournament, with the defaults of :class:`~negotiate.arena.Tournament` for what is not said.

        Raises:
            ArenaError: it names no scenarios or no strategies.
        """
        said: dict[str, Any] = {
            name: found
            for name in ("rules", "repetitions", "seed", "self_play", "signed")
            if (found := getattr(self, name)) is not None
        }
        return Tournament(self.scenarios, self.strategies, **said)


def is_config(path: Path) -> bool:
    """Whether a file is one of these."""
    if path.suffix != ".toml" or not path.is_file():
        return False
    try:
        return tomllib.loads(path.read_text("utf-8")).get("format") == FORMAT
    except (OSError, ValueError):  # somebody else will say what is wrong with it
        return False


def load(path: str | Path) -> Config:
    """Read a file.

    Raises:
        FormatError: it does not read, or says what cannot be; names the place.
    """
    path = Path(path)
    try:
        found = tomllib.loads(path.read_text("utf-8"), parse_float=decimal)
    except OSError as error:
        why = error.strerror or "cannot be read"
        raise FormatError(why[0].lower() + why[1:], file=str(path)) from None
    except ValueError as error:  # no UTF-8, or no TOML
        raise FormatError(safe(str(error)), file=str(path)) from None
    return _config(Node(found, str(path)), path.parent)


def save(tournament: Tournament, limits: Limits, folder: Path) -> None:
    """Write the file of a run into its folder, if it is not there already just so.

    Raises:
        ArenaError: it cannot be written.
    """
    path, told = folder / FILE, written(tournament, limits).encode()
    try:
        if path.is_file() and path.read_bytes() == told:
            return
        fresh = path.with_name(f"{FILE}.new")
        fresh.write_bytes(told)
        os.replace(fresh, path)
    except OSError as error:
        why = error.strerror or "cannot be written"
        raise ArenaError(f"{safe(str(path))}: {why}", code="store") from None


def written(tournament: Tournament, limits: Limits) -> str:
    """A tournament as the text of a file: the same for the same tournament, whatever the order of its parts.

    Raises:
        FormatError: a name is not Unicode text, or a parameter of the rules has no form in TOML.
    """
    return "\n".join(_lines(tournament, limits)) + "\n"


def _lines(tournament: Tournament, limits: Limits) -> Iterator[str]:
    home = {*bundled(), *bundled_markets()}
    at_home = [_origin(one) for one in tournament.loaded if _origin(one) in home]
    others = [one for one in tournament.loaded if _origin(one) not in home]
    yield f"# Written by negotiate {__version__}. To play it again: nego arena {FILE}"
    yield f"format = {text(FORMAT)}"
    yield f"version = {VERSION}"
    yield f"scenarios = {value(at_home)}"
    yield "strategies = ["
    yield from (f"  {text(spec.id)}," for spec in tournament.specs)
    yield "]"
    yield f"repetitions = {tournament.repetitions}"
    yield f"seed = {value(tournament.seed)}"
    yield f"self_play = {value(tournament.self_play)}"
    yield f"signed = {value(tournament.signed)}"
    yield ""
    yield "[limits]"
    yield f"move = {value(float(limits.move))}"
    yield f"begin = {value(float(limits.begin))}"
    yield from _rules_lines(tournament.rules)
    for one in others:
        yield ""
        yield "[[scenario]]"
        yield f"name = {text(one.name)}"
        yield f"source = {text(one.source)}"
        yield f"digest = {text(one.digest)}"
        if isinstance(one, Scenario) and (own := text_of(one)) is not None:
            yield f"text = {lines(own)}"


def _origin(game: Game) -> str:
    """Where it can be loaded from: a bundled one by its name."""
    return source_of(game) if isinstance(game, Scenario) else game.origin


def _rules_lines(rules: Protocol) -> Iterator[str]:
    """The parameters that were given; the others, with their defaults, as comments."""
    yield ""
    yield "[rules]"
    yield f"protocol = {text(_name(type(rules)))}"
    said = rules.model_dump(mode="json", exclude={"name"})
    given = {name for name in said if name in rules.model_fields_set}
    unset = sorted(name for name in given if said[name] is None)
    for name, found in said.items():
        if found is not None:
            yield f"{'' if name in given else '# '}{key(name)} = {value(found)}"
    if unset:
        yield f"unset = {value(unset)}"


def _name(cls: type[Protocol]) -> str:
    where = f"{cls.__module__}:{cls.__qualname__}"
    return next((name for name, home in registry.PROTOCOLS.items() if home == where), where)


def _config(root: Node, folder: Path) -> Config:
    root.only(_KEYS)
    if (kind := root.need("format")).value != FORMAT:
        raise kind.wrong(f'"{FORMAT}"')
    if (version := root.need("version")).value != VERSION:
        raise version.wrong(f"version {VERSION}")
    limits, said = root.get("limits"), root.get("rules")
    rules = None if said is None else _rules(said)
    read = _market if rules is not None and is_hosted(rules) else _scenario
    named = [_located(one, folder) for one in _items(root, "scenarios")]
    inside = [read(one, folder) for one in _items(root, "scenario")]
    return Config(
        scenarios=(*named, *inside),
        strategies=tuple(one.text(_LONG) for one in _items(root, "strategies")),
        rules=rules,
        repetitions=None if (one := root.get("repetitions")) is None else one.integer(),
        seed=None if (one := root.get("seed")) is None else _seed(one),
        self_play=_truth(root.get("self_play")),
        signed=_truth(root.get("signed")),
        limits=None if limits is None else _limits(limits),
    )


_LONG = 4096  # characters of a strategy with its parameters, or of a path
_TEXT = 2**20  # of a scenario


def _items(node: Node, name: str) -> list[Node]:
    found = node.get(name)
    return [] if found is None else found.items()


def _located(node: Node, folder: Path) -> str:
    said = node.text(_LONG)
    return said if said in {*bundled(), *bundled_markets()} else str(folder / said)


def _scenario(node: Node, folder: Path) -> Scenario:
    node.only(_SCENARIO)
    name, source = node.need("name").text(_LONG), node.need("source").text(_LONG)
    own = node.get("text")
    about = {
        "name": name,
        "source": _nearest(source, folder) if own is None else source,
        "digest": node.need("digest").text(),
        "text": None if own is None else own.text(_TEXT),
    }
    try:
        return replace(restored(about), source=source)
    except ArenaError as error:
        raise node.error(str(error)) from None


def _market(node: Node, folder: Path) -> Market:
    node.only(("name", "source", "digest"))
    source = node.need("source").text(_LONG)
    try:
        found = load_market(_nearest(source, folder))
    except NegotiateError as error:
        raise node.error(f"the market does not load: {error}") from None
    if found.digest != node.need("digest").text():
        raise node.error(f"the market in {quote(source)} is not what it was")
    return replace(found, source=source)


def _nearest(source: str, folder: Path) -> str:
    """Where a file lies, seen from the folder, or else from where we stand, as when it was played."""
    there = folder / source
    return str(there) if Path(str(there).partition("#")[0]).exists() else source


def _seed(node: Node) -> int | str:
    if isinstance(node.value, str):
        return node.text(_LONG)
    return node.integer()


def _truth(node: Node | None) -> bool | None:
    if node is None:
        return None
    if not isinstance(node.value, bool):
        raise node.wrong("true or false")
    return node.value


def _limits(node: Node) -> Limits:
    node.only(("move", "begin"))
    said = {name: float(found.number()) for name, found in node.mapping().items()}
    try:
        return Limits(**said)
    except ArenaError as error:
        raise node.error(str(error)) from None


def _rules(node: Node) -> Protocol:
    name = node.need("protocol")
    try:
        cls, given = registry.class_of("protocols", name.text(_LONG))
    except NegotiateError as error:
        raise name.error(str(error)) from None
    if not issubclass(cls, Protocol):
        raise name.wrong("a protocol")
    fields = [field for field in cls.model_fields if field != "name"]
    node.only(("protocol", "unset", *fields))
    typed = {field: found for field in fields if (found := node.get(field)) is not None}
    said: dict[str, object] = {**given, **{field: _plain(one) for field, one in typed.items()}}
    for one in _items(node, "unset"):
        if one.text() not in fields:
            raise one.wrong("the name of a parameter")
        said[one.text()] = None
    try:
        return cls.model_validate_json(canonical(said))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise node.error(
            f"{place}: {safe(first['msg'])}" if place else safe(first["msg"])
        ) from None


def _plain(node: Node) -> object:
    """A value as JSON has it."""
    if isinstance(node.value, dict):
        return {name: _plain(one) for name, one in node.mapping().items()}
    if isinstance(node.value, list):
        return [_plain(one) for one in node.items()]
    if isinstance(node.value, (str, bool, int)):
        return node.value
    return float(node.number())
