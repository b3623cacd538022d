"""The transcript: one file with everything an arbiter needs.

A deterministic msgpack map, not signed as a whole because every part of it is: the frames and revocation lists in the
order in which they took effect (mandates and disclosure statements are inside the frames), and the disclosures of
personal fields, which can be taken out without breaking anything.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from pathlib import Path

from negotiate.errors import LocalError
from negotiate.wire import codec
from negotiate.wire.faults import Fault
from negotiate.wire.privacy import Disclosure, read_disclosure
from negotiate.wire.store import FRAME, LIST, Entry

FORMAT = "negotiate-kit transcript"
MAX_TRANSCRIPT = 256 * 1024 * 1024
MAX_ENTRIES = 1_000_000
_TAGS = (FRAME, LIST)
_UINT16, _UINT32 = struct.Struct(">H"), struct.Struct(">I")


@dataclass(frozen=True)
class Transcript:
    """Frames and revocation lists in order, and disclosures.

    Attributes:
        log: entries with the tags ``frame`` and ``list``.
        disclosures: of personal fields.
    """

    log: tuple[Entry, ...]
    disclosures: tuple[Disclosure, ...] = ()

    @property
    def frames(self) -> tuple[bytes, ...]:
        """The frames, in order."""
        return tuple(entry.data for entry in self.log if entry.tag == FRAME)

    def erased(self, *fields: str) -> Transcript:
        """Without the disclosures of these fields, or of all when none is named."""
        kept = tuple(d for d in self.disclosures if fields and d.field not in fields)
        return replace(self, disclosures=kept)

    def to_bytes(self) -> bytes:
        """The file's content."""
        return codec.pack_any(
            {
                "disclosures": [disclosure.to_wire() for disclosure in self.disclosures],
                "format": FORMAT,
                "log": [[_TAGS.index(entry.tag), entry.data] for entry in self.log],
                "version": 1,
            }
        )

    @classmethod
    def from_bytes(cls, data: bytes) -> Transcript:
        """Read a file's content.

        Raises:
            Fault: it is not a transcript in its one form (code ``evidence``).
        """
        if len(data) > MAX_TRANSCRIPT:
            raise Fault(f"a transcript of {len(data):,} bytes is too large", code="size")
        try:
            transcript = _read(data)
        except (IndexError, struct.error):
            raise Fault("a transcript that ends in the middle", code="evidence") from None
        if transcript.to_bytes() != data:
            raise Fault("not the one form of this transcript", code="evidence")
        return transcript

    def save(self, path: str | Path) -> None:
        """Write a new file.

        Raises:
            LocalError: it exists, since what may be somebody's evidence is not written over; or it cannot be written.
        """
        try:
            with Path(path).open("xb") as file:
                file.write(self.to_bytes())
        except FileExistsError:
            raise LocalError(
                f"{path} exists",
                code="file",
                help="give another name, or remove the file first",
            ) from None
        except OSError as error:
            raise LocalError(
                f"{path} cannot be written: {error.strerror}", code="file"
            ) from None

    @classmethod
    def load(cls, path: str | Path) -> Transcript:
        """Read a file.

        Raises:
            LocalError: there is no such file.
            Fault: it is not a transcript.
        """
        try:
            return cls.from_bytes(Path(path).read_bytes())
        except OSError as error:
            raise LocalError(f"{path} cannot be read: {error.strerror}", code="file") from None


# The file is walked by hand: its form is fixed, so that the first byte out of place ends the reading, before
# anything is built that a hostile file asks for. That lengths are the shortest is seen when it is written again.

_FIRST = b"\x84\xabdisclosures"
_THEN = b"\xa6format" + codec.pack_any(FORMAT) + b"\xa3log"
_LAST = b"\xa7version\x01"


def _read(data: bytes) -> Transcript:
    place = _expect(data, 0, _FIRST)
    count, place = _count(data, place)
    disclosures: list[Disclosure] = []
    for _ in range(count):
        disclosure, place = _disclosure(data, place)
        disclosures.append(disclosure)
    count, place = _count(data, _expect(data, place, _THEN))
    log: list[Entry] = []
    for _ in range(count):
        if data[place] != 0x92 or data[place + 1] > 1:
            raise Fault("a log entry that does not read", code="evidence")
        start, end = _bin(data, place + 2)
        log.append(Entry(_TAGS[data[place + 1]], data[start:end]))
        place = end
    if data[place:] != _LAST:
        raise Fault("not a transcript of a format that is known here", code="evidence")
    return Transcript(tuple(log), tuple(disclosures))


def _expect(data: bytes, place: int, wanted: bytes) -> int:
    if not data.startswith(wanted, place):
        raise Fault("not a transcript of a format that is known here", code="evidence")
    return place + len(wanted)


def _count(data: bytes, place: int) -> tuple[int, int]:
    """How many elements the array at ``place`` has, and where they begin."""
    first = data[place]
    if 0x90 <= first <= 0x9F:
        return first & 0x0F, place + 1
    if first not in (0xDC, 0xDD):
        raise Fault("a transcript without its log or its disclosures", code="evidence")
    form = _UINT16 if first == 0xDC else _UINT32
    count: int = form.unpack_from(data, place + 1)[0]
    if count > MAX_ENTRIES:
        raise Fault(f"a transcript of {count:,} entries is too large", code="size")
    return count, place + 1 + form.size


def _bin(data: bytes, place: int) -> tuple[int, int]:
    """Where the bytes of the bin at ``place`` begin and end."""
    first = data[place]
    if first == 0xC5:
        size, start = data[place + 1] << 8 | data[place + 2], place + 3
    elif first == 0xC4:
        size, start = data[place + 1], place + 2
    elif first == 0xC6:
        size, start = _UINT32.unpack_from(data, place + 1)[0], place + 5
    else:
        raise Fault("a log entry that does not read", code="evidence")
    if size > codec.MAX_BYTES:
        raise Fault("a log entry that is too large", code="evidence")
    return start, start + size


def _disclosure(data: bytes, place: int) -> tuple[Disclosure, int]:
    """An array of three values that hold no others."""
    end = place + 1
    try:
        for _ in range(3):
            skip, inside = codec.header(data, end)
            end += skip
            if inside:
                raise Fault("a value that holds others", code="type")
        value = codec.unpack(data[place:end])
    except Fault as fault:
        raise Fault(f"a disclosure that does not read: {fault}", code="evidence") from None
    return read_disclosure(value), end
