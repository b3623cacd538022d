"""The parsers behind the formats: what they take, and how much of it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from negotiate.domain.formats import _json, _xml, _yaml
from negotiate.domain.formats._toml_values import parse as parse_toml
from negotiate.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Callable


def yaml(text: str) -> object:
    return _yaml.parse(text.encode(), "f").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("1.50", Decimal("1.50")),
        ("-.inf", Decimal("-Infinity")),
        ("1.0e-05", Decimal("0.000010")),
        ("yes", True),
        ("Off", False),
        ("~", None),
        ("", None),
        ("'yes'", "yes"),
        ('"1"', "1"),
        ("2026-12-01", "2026-12-01"),
        ("12:30", "12:30"),
        ("0x1f", "0x1f"),
        ("010", "010"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("!!float 1", Decimal(1)),
        ("!!binary YQ==", b"a"),
        ("[a, [b]]", ["a", ["b"]]),
        ("{a: {b: 1}}", {"a": {"b": 1}}),
        ("{1: a, 1.5: b, null: d}", {1: "a", Decimal("1.5"): "b", None: "d"}),
        ("? [a, 1]\n: b", {("a", 1): "b"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
        ("- |\n  two\n  lines\n", ["two\nlines\n"]),
    ],
)
def test_yaml_means_what_pyyaml_means_but_with_exact_numbers(text: str, value: object) -> None:
    assert yaml(text) == value
    assert type(yaml(text)) is type(value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &x [1]\n" + "".join(f"b{i}: *x\n" for i in range(101)), "more than 100 aliases"),
        ("a: *x", "alias 'x' to nothing"),
        ("{{a: b}: c}", "a table or nested list as a key"),
        ("{[[a]]: c}", "a table or nested list as a key"),
        ("{a: 1, a: 2}", "key 'a' is given twice"),
        ("{1: a, yes: b}", "key True is given twice"),  # they are equal in Python
        ("!!binary a", "not base64"),
        ("!!set {a, b}", "tag 'tag:yaml.org,2002:set', which makes objects"),
        ("!!timestamp 2026-12-01", "which makes objects"),
        ("!local a", "tag '!local'"),
        ("# " + "x" * 2**21, "larger than 2,097,152 bytes"),
        ("a: b: c", "not YAML: mapping values are not allowed"),
    ],
)
def test_yaml_beyond_plain_values_is_refused(text: str, words: str) -> None:
    with pytest.raises(FormatError) as caught:
        yaml(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Decimal("0.1")),
        ("1e5", Decimal("1e5")),
        ("12", 12),
        ("-Infinity", Decimal("-Infinity")),
        ('"\\u00fc"', "ü"),
        ('\ufeff{"a": [null, true]}', {"a": [None, True]}),
    ],
)
def test_json_numbers_are_exact(text: str, value: object) -> None:
    found = _json.parse(text.encode(), "f").value
    assert found == value
    assert type(found) is type(value)


def test_the_key_that_is_twice_is_named() -> None:
    with pytest.raises(FormatError, match=r"f @ \$: key 'b' is given twice"):
        _json.parse(b'{"a": {"x": 1, "b": 1, "c": 2, "b": 3}}', "f")


def test_elements_know_their_place() -> None:
    root = _xml.parse(b"<a>\n<b><c x=' 0.50 '/></b>\n<b/></a>", "f")
    inner = root.first("c")
    assert inner is not None
    assert (inner.path, inner.line, inner.number("x")) == ("/a/b/c", 2, Decimal("0.5"))
    assert len(list(root.iter("b"))) == 2


@pytest.mark.parametrize(
    "number", ["", "1,5", "0x1", "1_0", "1e", "NaN", "inf", "\u0661", "--1", "1 2"]
)
def test_an_attribute_that_is_no_number_is_refused(number: str) -> None:
    root = _xml.parse(f'<a x="{number}"/>'.encode(), "f")
    for read in (root.number, root.integer):
        with pytest.raises(
            FormatError, match=r"f @ /a/@x \(line 1\): .* where a (whole )?number"
        ):
            read("x")


def test_a_tag_of_a_hundred_letters_is_refused() -> None:
    with pytest.raises(FormatError, match="is none of Genius"):
        _xml.parse(b"<a><" + b"b" * 100 + b"/></a>", "f")


@pytest.mark.parametrize("parse", [_json.parse, _xml.parse, _yaml.parse, parse_toml])
def test_what_is_not_utf8_is_refused(parse: Callable[[bytes, str], object]) -> None:
    with pytest.raises(FormatError, match=r"^f"):
        parse(b"a = \xff", "f")


def test_a_dotted_key_is_read_while_it_is_short() -> None:
    assert parse_toml(b"a.b.c = 1", "f").value == {"a": {"b": {"c": 1}}}
