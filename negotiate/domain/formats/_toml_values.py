"""TOML within bounds, and the values of our own format: numbers, texts, grid values."""

from __future__ import annotations

import re
import tomllib
from fractions import Fraction

from negotiate.domain.formats._files import check_marks, text_of
from negotiate.domain.formats._node import Node, built, decimal, described
from negotiate.domain.issues import Date, Integer, Issue, Money, Quantity
from negotiate.domain.preferences import exact
from negotiate.errors import FormatError
from negotiate.show import safe

MAX_BYTES = 2**20

_FRACTION = re.compile(r"\s*([+-]?\d{1,2000})\s*/\s*(\d{1,2000})\s*", re.ASCII)
_LONG_KEY = re.compile(
    rb"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}"""
)
_LONG_WORD = re.compile(rb"(?<![\w-])[\w-]{4001}")
_ABOUT = 4000  # characters of a description


def parse(data: bytes, file: str) -> Node:
    """The tables of a TOML file, as they stand."""
    if len(data) > MAX_BYTES:
        raise FormatError(f"larger than {MAX_BYTES:,} bytes", file=file, code="too-large")
    check_marks(data, b"[{,\n=", file)
    if _LONG_KEY.search(data) or _LONG_WORD.search(
        data
    ):  # quadratic time and memory for the parser
        raise FormatError(
            "a key of more than 32 parts, or a word of more than 4,000 letters", file=file
        )
    text = text_of(data, file)
    try:
        return Node(tomllib.loads(text, parse_float=decimal), file)
    except RecursionError:
        raise FormatError("nested too deeply", file=file) from None
    except ValueError as error:  # TOMLDecodeError, and what it leaves as it is
        raise FormatError(f"not TOML: {safe(str(error))[:200]}", file=file) from None


def text_at(node: Node, key: str, default: str | None) -> str:
    """A text in a table; without a default it must be there and not be empty."""
    found = node.need(key) if default is None else node.get(key)
    if found is None:
        return default or ""
    text = found.text(_ABOUT)
    if default is None and not text.strip():
        raise found.wrong("a name")
    return text


def number(node: Node) -> Fraction:
    """A number, or a fraction in quotes."""
    if isinstance(node.value, str):
        match = _FRACTION.fullmatch(node.value)
        if match is None or int(match[2]) == 0:
            raise node.wrong('a number, or a fraction such as "1/3",')
        return built(node, exact, Fraction(int(match[1]), int(match[2])))
    return node.number()


def number_at(node: Node, key: str, default: int) -> Fraction:
    """A number in a table."""
    found = node.get(key)
    return Fraction(default) if found is None else number(found)


def integer_at(node: Node, key: str, default: int) -> int:
    """A whole number in a table."""
    found = node.get(key)
    return default if found is None else found.integer()


def scaled(node: Node, scale: int) -> int:
    """A number in major units as a whole number of the smallest units."""
    value: Fraction = number(node) * 10**scale
    if value.denominator != 1:
        expected = f"at most {scale} decimals" if scale else "a whole number"
        raise node.error(f"{described(node.value)} where {expected} is expected")
    return value.numerator


def position(issue: Issue, node: Node) -> int:
    """The grid position of a value written in the issue's own units."""
    if isinstance(issue, Integer):
        scale = issue.scale if isinstance(issue, (Quantity, Money)) else 0
        return built(node, issue.position, scaled(node, scale))
    return built(node, issue.position, node.date() if isinstance(issue, Date) else node.text())
