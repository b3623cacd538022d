"""Reads a page as a browser would: its tables, its texts, and every address in it."""

import re
from html.parser import HTMLParser
from typing import NamedTuple

_VOID = {"meta", "link", "input", "br", "img"}


class Cell(NamedTuple):
    text: str
    attributes: dict[str, str]


class Page(HTMLParser):
    """``tables`` by the id of the section they stand in, each a list of rows of cells."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[list[Cell]]]] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: dict[str, list[str]] = {}
        self._section = ""
        self._open: list[str] = []
        self._cell: tuple[list[str], dict[str, str]] | None = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in own.items()]
        if tag == "section":
            self._section = own["id"]
        elif tag == "table":
            self.tables.setdefault(self._section, []).append([])
        elif tag == "tr":
            self.tables[self._section][-1].append([])
        elif tag in {"td", "th"}:
            self._end_cell()
            self._cell = ([], own)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th", "tr"}:
            self._end_cell()
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts.setdefault(tag, []).append(data)
        if self._cell is not None:
            self._cell[0].append(data)

    def _end_cell(self) -> None:
        if self._cell is not None:
            text = re.sub(r"\s+", " ", "".join(self._cell[0])).strip()
            self.tables[self._section][-1][-1].append(Cell(text, self._cell[1]))
            self._cell = None

    def rows(self, section: str, table: int = 0) -> list[list[str]]:
        """The texts of a table, without its head."""
        return [[cell.text for cell in row] for row in self.tables[section][table][1:]]

    def text(self, tag: str) -> str:
        """All text inside elements of a kind."""
        return re.sub(r"\s+", " ", "".join(self.texts.get(tag, []))).strip()

    def addresses(self) -> list[str]:
        """Whatever a browser might fetch or follow, in attributes and in styles."""
        kinds = {
            "href",
            "src",
            "srcset",
            "action",
            "formaction",
            "data",
            "poster",
            "background",
            "xlink:href",
        }
        found = [value for _, name, value in self.attributes if name in kinds]
        styles = "".join(self.texts.get("style", [])) + "".join(
            value for _, name, value in self.attributes if name == "style"
        )
        return [
            *found,
            *re.findall(r"url\(([^)]*)\)", styles),
            *re.findall(r"@import[^;]*", styles),
        ]
