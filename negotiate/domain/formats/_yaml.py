"""YAML within bounds, from the event stream of PyYAML: no objects, few aliases, no deep nesting.

PyYAML's own loaders build values recursively and expand aliases; this one sees each event before anything is
built of it. Plain scalars mean what they mean to PyYAML, which wrote the files that are read here.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from negotiate.domain.formats._files import check_marks, text_of
from negotiate.domain.formats._node import Node, decimal, whole
from negotiate.errors import FormatError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from types import ModuleType

MAX_BYTES = 2 * 2**20
_MAX_DEPTH = 32
_MAX_ALIASES = 100
_MAX_NODES = 150_000
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_CONSTANTS = {".inf": "Infinity", "+.inf": "Infinity", "-.inf": "-Infinity", ".nan": "NaN"}
_YES = {"yes", "true", "on"}


def parse(data: bytes, file: str) -> Node:
    """The value of a YAML document.

    Raises:
        FormatError: not YAML, a tag that makes objects, or more than a scenario has; or PyYAML is missing.
    """
    if len(data) > MAX_BYTES:
        raise FormatError(f"larger than {MAX_BYTES:,} bytes", file=file, code="too-large")
    check_marks(data, b"[{,:-\n", file)
    text = text_of(data, file)
    yaml = _library(file)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(file, yaml)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, FormatError):
            raise
        raise _not_yaml(error, file) from None
    return Node(builder.root, file)


def _library(file: str) -> ModuleType:
    try:
        return import_module("yaml")  # an extra, loaded when a YAML file is read
    except ImportError:
        raise FormatError(
            "reading YAML needs PyYAML",
            file=file,
            code="missing-extra",
            help='pip install "negotiate-kit[formats]"',
        ) from None


def _not_yaml(error: Exception, file: str) -> FormatError:
    mark = getattr(error, "problem_mark", None)
    place = f"line {mark.line + 1} column {mark.column + 1}" if mark is not None else ""
    reason = str(getattr(error, "problem", None) or "it does not parse")
    return FormatError(f"not YAML: {safe(reason)[:200]}", file=file, place=place)


@dataclass(slots=True)
class _Frame:
    """A list or table that is being built."""

    value: list[object] | dict[object, object]
    anchor: str | None
    start: int
    key: object = None
    has_key: bool = False


class _Builder:
    """Makes values of events, one by one, and counts them."""

    def __init__(self, file: str, yaml: Any) -> None:
        self.file = file
        self.root: object = None
        self._yaml = yaml
        self._resolver = yaml.resolver.Resolver()
        self._frames: list[_Frame] = []
        self._anchors: dict[str, tuple[object, int]] = {}
        self._nodes = 0
        self._aliases = 0
        self._documents = 0
        self._line = 0

    def take(self, event: Any) -> None:
        """Take the next event."""
        yaml = self._yaml
        self._line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), event.anchor, 1)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor)
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._open([] if isinstance(event, yaml.SequenceStartEvent) else {}, event)
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._close()
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._error("a second document; a scenario file holds one")

    def _error(self, message: str) -> FormatError:
        return FormatError(message, file=self.file, place=f"line {self._line}")

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > _MAX_NODES:
            raise self._error(f"more than {_MAX_NODES:,} values, aliases written out")

    def _open(self, value: list[object] | dict[object, object], event: Any) -> None:
        if event.tag not in (None, "!", f"{_TAG}seq", f"{_TAG}map"):
            raise self._bad_tag(event.tag)
        if len(self._frames) >= _MAX_DEPTH:
            raise self._error(f"nested more than {_MAX_DEPTH} levels deep")
        self._frames.append(_Frame(value, event.anchor, self._nodes))

    def _close(self) -> None:
        frame = self._frames.pop()
        self._put(frame.value, frame.anchor, 1, self._nodes - frame.start)

    def _alias(self, anchor: str) -> None:
        self._aliases += 1
        if anchor not in self._anchors:
            raise self._error(f"alias {quote(anchor)} to nothing that is complete")
        if self._aliases > _MAX_ALIASES:
            raise self._error(f"more than {_MAX_ALIASES} aliases")
        value, size = self._anchors[anchor]
        self._put(value, None, size)

    def _put(self, value: object, anchor: str | None, nodes: int, inside: int = 0) -> None:
        """Put a finished value where it belongs; ``inside`` of its nodes are counted already."""
        self._count(nodes)
        if anchor is not None:
            self._anchors[anchor] = (value, nodes + inside)
        if not self._frames:
            self.root = value
            return
        frame = self._frames[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
        elif not frame.has_key:
            self._set_key(frame, value)
        else:
            frame.value[frame.key] = value
            frame.has_key = False

    def _set_key(self, frame: _Frame, key: object) -> None:
        if isinstance(key, list):
            key = tuple(cast("list[object]", key))
        try:
            twice = isinstance(frame.value, dict) and key in frame.value
        except TypeError:
            message = "a table or nested list as a key, where a text or number is expected"
            raise self._error(message) from None
        if twice:
            raise self._error(f"key {quote(key)} is given twice")
        frame.key, frame.has_key = key, True

    def _scalar(self, event: Any) -> object:
        text: str = event.value
        tag: str | None = event.tag
        if tag is None or tag == "!":
            if not event.implicit[0]:
                return text  # quoted
            tag = self._resolver.resolve(self._yaml.ScalarNode, text, (True, False))
            return _resolved(str(tag).removeprefix(_TAG), text)
        name = tag.removeprefix(_TAG)
        if name == "binary":
            return self._binary(text)
        if name not in ("str", "int", "float", "bool", "null"):
            raise self._bad_tag(tag)
        return _resolved(name, text)

    def _binary(self, text: str) -> bytes:
        try:
            return base64.b64decode("".join(text.split()), validate=True)
        except (binascii.Error, ValueError):
            raise self._error("binary data that is not base64") from None

    def _bad_tag(self, tag: str) -> FormatError:
        return self._error(f"tag {quote(tag)}, which makes objects; only plain values are read")


def _resolved(tag: str, text: str) -> object:
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in _YES
    if tag == "int" and _INTEGER.fullmatch(text):
        return whole(text)
    if tag == "float" and ":" not in text:
        return decimal(_CONSTANTS.get(text.lower(), text))
    return text
