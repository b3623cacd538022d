"""Files and folders, read within bounds.

A scenario file is a few kilobytes. Whatever is far larger, is not a regular file, or is not text does not get
as far as a parser, so that a hostile file costs neither time nor memory.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from negotiate.errors import FormatError
from negotiate.show import safe

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 4 * 2**20
"""Most bytes of one file."""

MAX_MARKS = 150_000
"""Most brackets, commas and the like in one file: a bound on the values that a parser would build."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")

MAX_FILES = 1000
"""Most entries of one folder."""


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file of at most ``limit`` bytes.

    Raises:
        FormatError: it cannot be opened, is no regular file, or is larger.
    """
    try:
        if not stat.S_ISREG(
            path.stat().st_mode
        ):  # opening a pipe or a device could wait for ever
            raise FormatError("not a regular file", file=shown(path))
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        raise FormatError(error.strerror or "cannot be read", file=shown(path)) from None
    if len(data) > limit:
        raise FormatError(f"larger than {limit:,} bytes", file=shown(path), code="too-large")
    return data


def beginning(path: Path) -> bytes:
    """The first bytes of a file, enough to tell what it is."""
    try:
        with path.open("rb") as stream:
            return stream.read(2**16)
    except OSError as error:
        raise FormatError(error.strerror or "cannot be read", file=shown(path)) from None


def entries(folder: Path) -> list[Path]:
    """Files and folders in ``folder`` by name, without those whose name starts with ``.`` or ``_``.

    Raises:
        FormatError: it cannot be listed, or has more than 1,000 entries.
    """
    found: list[str] = []
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                found.append(entry.name)
                if len(found) > MAX_FILES:
                    raise FormatError(
                        f"holds more than {MAX_FILES:,} files; a scenario folder holds a few",
                        file=shown(folder),
                        code="too-large",
                    )
    except OSError as error:
        raise FormatError(error.strerror or "cannot be read", file=shown(folder)) from None
    return [folder / name for name in sorted(found) if name[0] not in "._"]


def text_of(data: bytes, file: str) -> str:
    """``data`` as UTF-8 text, without a byte order mark.

    Raises:
        FormatError: another encoding, or binary data.
    """
    if data.startswith(UTF16):
        raise FormatError(
            "UTF-16 text where UTF-8 is expected", file=file, help="save it as UTF-8"
        )
    if b"\0" in data:
        raise FormatError("binary data where text is expected", file=file)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = f"byte {error.start}"
        raise FormatError(
            f"byte {data[error.start]:#04x} is not UTF-8",
            file=file,
            place=place,
            help="save it as UTF-8",
        ) from None


def check_marks(data: bytes, marks: bytes, file: str) -> None:
    """Raise FormatError if ``data`` has so many structural characters that parsing would take long."""
    if sum(data.count(mark) for mark in marks) > MAX_MARKS:
        raise FormatError(
            f"more than {MAX_MARKS:,} values, far more than a scenario has",
            file=file,
            code="too-large",
        )


def shown(path: Path) -> str:
    """The path as the caller named it, safe to print."""
    return safe(str(path))
