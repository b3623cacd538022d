"""What the other side wrote is shown so that it can neither lie nor break the message."""

from __future__ import annotations

import unicodedata
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

from negotiate.show import cell, one_line, quote, safe

POISON = {
    "escape sequence": "\x1b[31mred\x1b[0m",
    "carriage return": "good\rbad",
    "line feed": "a\nb",
    "tab": "a\tb",
    "null": "a\x00b",
    "delete": "a\x7fb",
    "C1 control": "a\x9bb",
    "right-to-left override": "a\u202eb",
    "isolate": "a\u2066b",
    "zero width": "a\u200bb",
    "byte order mark": "\ufeffa",
    "soft hyphen": "a\u00adb",
    "line separator": "a\u2028b",
    "paragraph separator": "a\u2029b",
    "half a surrogate": "a\ud800b",
    "private use": "a\ue000b",
    "unassigned": "a\U000e0fffb",
    "tag": "a\U000e0041b",
}


@pytest.mark.parametrize("text", POISON.values(), ids=POISON)
def test_hidden_characters_become_visible(text: str) -> None:
    shown = safe(text)
    assert shown.isprintable()
    assert "\\" in shown


@pytest.mark.parametrize("text", ["plain", "Größe 5 €", "mañana", "価格", "👍 naïve"])
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text


@given(st.text())
def test_whatever_is_shown_can_be_printed_and_encoded(text: str) -> None:
    shown = safe(text)
    shown.encode()
    assert not any(unicodedata.category(c)[0] == "C" for c in shown)


@given(st.text(), st.integers(10, 100))
def test_a_quotation_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(quote(text, limit)) <= limit


def test_a_text_is_quoted() -> None:
    assert quote("it's") == "'it\\'s'"


def test_a_long_text_is_cut_with_a_mark() -> None:
    assert quote("x" * 1000, 20) == "'" + "x" * 18 + "…"


def test_a_huge_number_is_described() -> None:
    assert quote(1 << 4_000_000) == "an integer of 4000001 bits"


def test_a_long_list_is_described() -> None:
    assert quote(list(range(1_000_000))) == "a list of 1000000 items"


def test_what_a_repr_returns_is_made_safe() -> None:
    class Painted:
        def __repr__(self) -> str:
            return "\x1b[31m" + "x" * 10_000

    assert quote(Painted()).isprintable()
    assert len(quote(Painted())) == 80


def boom(*_: object) -> NoReturn:
    raise SystemExit(3)


class LyingText(str):
    """A text whose methods lie, or raise."""

    __len__ = __getitem__ = __iter__ = isascii = isprintable = __str__ = boom  # type: ignore[assignment]


class Meta(type):
    __name__ = property(boom)  # type: ignore[assignment]


def nested(depth: int) -> object:
    found: list[Any] = []
    for _ in range(depth):
        found = [found]
    return found


HOSTILE: dict[str, object] = {
    "repr exits": type("Thing", (), {"__repr__": boom})(),
    "repr is no text": type("Thing", (), {"__repr__": lambda _: 3})(),
    "repr is a lying text": type("Thing", (), {"__repr__": lambda _: LyingText("ok")})(),
    "class lies": type("Thing", (), {"__class__": property(boom)})(),
    "length exits": type("Thing", (list,), {"__len__": boom})(),
    "bit_length exits": type("Thing", (int,), {"bit_length": boom})(3),
    "lying text": LyingText("poison"),
    "class has no name": Meta("Thing", (), {"__repr__": boom})(),
    "nested too deep": nested(100_000),
}


@pytest.mark.parametrize("name", HOSTILE)  # by name: the values would break pytest
def test_a_hostile_value_cannot_break_a_message(name: str) -> None:
    shown = quote(HOSTILE[name])
    assert type(shown) is str
    assert shown.isprintable()
    assert 0 < len(shown) <= 80


def test_somebody_at_the_keyboard_can_always_interrupt() -> None:
    def interrupt(_: object) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        quote(type("Thing", (), {"__repr__": interrupt})())


def test_an_exception_is_one_line() -> None:
    assert one_line(ValueError("not\nthat")) == "ValueError: not\\x0athat"
    assert one_line(ValueError()) == "ValueError"
    assert len(one_line(ValueError("x" * 9999))) < 250


def test_an_exception_that_cannot_be_shown_is_named() -> None:
    cls = type("Weird", (Exception,), {"__str__": boom})
    assert one_line(cls()) == "Weird: (its message cannot be shown)"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_spreadsheet_does_not_run_a_cell(text: str) -> None:
    assert cell(text) == "'" + text


def test_a_harmless_cell_stays_as_it_is() -> None:
    assert cell("micro") == "micro"
