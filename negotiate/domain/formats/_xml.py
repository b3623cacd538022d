"""XML within bounds, by the standard library's expat: no document type, no entities, nothing fetched.

An entity can only be declared in a document type declaration, so refusing that closes entity bombs, quadratic
blow-up and external entities at once. Genius files never have one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn
from xml.parsers import expat

from negotiate.domain.formats._files import check_marks
from negotiate.domain.formats._node import Node, decimal, whole
from negotiate.errors import FormatError
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

_MAX_DEPTH = 32
_NUMERAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MAX_ELEMENTS = 50_000


@dataclass(slots=True)
class Element:
    """An element with its attributes, children and the line where it starts.

    Attributes:
        tag: its name.
        attributes: its attributes; text content is dropped, Genius has none that counts.
        file: the file as the caller named it.
        line: where it starts, from 1.
        above: the element that holds it.
        children: the elements in it.
    """

    tag: str
    attributes: dict[str, str]
    file: str
    line: int
    above: Element | None
    children: list[Element] = field(default_factory=lambda: [])

    @property
    def path(self) -> str:
        """Names of the elements above it and its own: ``/utility_space/objective``."""
        return f"{self.above.path}/{self.tag}" if self.above else self.tag

    def iter(self, tag: str) -> Iterator[Element]:
        """Every element called ``tag`` below this one, in the order of the file."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.iter(tag)

    def first(self, tag: str) -> Element | None:
        """The first element called ``tag`` below this one."""
        return next(self.iter(tag), None)

    def error(self, message: str, help: str = "") -> FormatError:
        """An error at this element."""
        place = f"{self.path} (line {self.line})"
        return FormatError(message, file=self.file, place=place, help=help)

    def get(self, name: str) -> Node | None:
        """An attribute, or None."""
        if name not in self.attributes:
            return None
        return Node(self.attributes[name], self.file, f"{self.path}/@{name} (line {self.line})")

    def need(self, name: str) -> Node:
        """An attribute; FormatError if it is missing."""
        found = self.get(name)
        if found is None:
            raise self.error(f"attribute {quote(name)} is missing")
        return found

    def number(self, name: str) -> Fraction:
        """A number in an attribute, exactly."""
        node = self.need(name)
        return Node(_numeral(node), node.file, node.place).number()

    def integer(self, name: str) -> int:
        """A whole number in an attribute."""
        node = self.need(name)
        text = str(node.value).strip()
        digits = text[1:] if text[:1] in "+-" else text
        if not (digits.isascii() and digits.isdecimal()):
            raise node.wrong("a whole number")
        return Node(whole(text), node.file, node.place).integer()


def parse(data: bytes, file: str) -> Element:
    """The root element of an XML document.

    Raises:
        FormatError: not well-formed, a document type declaration, or more than a scenario has.
    """
    check_marks(data, b"<=", file)
    builder = _Builder(file)
    try:
        builder.parser.Parse(data, True)
    except FormatError:
        raise
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        where = f"line {error.lineno} column {error.offset + 1}"
        raise FormatError(f"not XML: {reason}", file=file, place=where) from None
    except (ValueError, LookupError, UnicodeError):  # an encoding that expat does not know
        raise FormatError(
            "not XML: an unknown encoding", file=file, help="save it as UTF-8"
        ) from None
    return builder.root.children[0]


class _Builder:
    """Makes elements of the parser's events."""

    def __init__(self, file: str) -> None:
        self.root = Element("", {}, file, 0, None)
        self.open = [self.root]
        self.count = 0
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.EntityDeclHandler = self.doctype

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        above = self.open[-1]
        line = self.parser.CurrentLineNumber
        self.count += 1
        if len(self.open) > _MAX_DEPTH:
            raise above.error(f"more than {_MAX_DEPTH} elements inside each other")
        if self.count > _MAX_ELEMENTS:
            raise above.error(
                f"more than {_MAX_ELEMENTS:,} elements, far more than a scenario has"
            )
        if len(tag) > 64:
            raise above.error(f"element {quote(tag)} is none of Genius")
        element = Element(tag, attributes, above.file, line, above)
        above.children.append(element)
        self.open.append(element)

    def end(self, tag: str) -> None:
        """An element ends."""
        self.open.pop()

    def doctype(self, *_: object) -> NoReturn:
        """A document type begins; in it entities could be declared."""
        raise FormatError(
            "a document type declaration, which could hide an entity bomb",
            file=self.root.file,
            place=f"line {self.parser.CurrentLineNumber}",
            help="remove the <!DOCTYPE …> from the file",
        )


def _numeral(node: Node) -> object:
    """The number that an attribute spells, or its text if it spells none."""
    text = str(node.value).strip()
    return decimal(text) if _NUMERAL.fullmatch(text) else node.value
