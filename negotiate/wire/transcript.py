"""The transcript: one file with everything an arbiter needs.

A deterministic msgpack map, not signed as a whole because every part of it is: the frames and revocation lists in the
order in which they took effect (mandates and disclosure statements are inside the frames), and the disclosures of
personal fields, which can be taken out without breaking anything.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from negotiate.errors import LocalError
from negotiate.wire import codec
from negotiate.wire.faults import Fault
from negotiate.wire.privacy import Disclosure, read_disclosure
from negotiate.wire.store import FRAME, LIST, Entry

FORMAT = "negotiate-kit transcript"
MAX_TRANSCRIPT = 256 * 1024 * 1024
MAX_ENTRIES = 1_000_000
_TAGS = (FRAME, LIST)


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
            value = codec.unpack_any(data, MAX_ENTRIES)
        except Exception as error:  # the unpacker raises many kinds
            raise Fault(f"not a transcript: {type(error).__name__}", code="evidence") from None
        transcript = _read(value)
        if transcript.to_bytes() != data:
            raise Fault("not the one form of this transcript", code="evidence")
        return transcript

    def save(self, path: str | Path) -> None:
        """Write the file."""
        try:
            Path(path).write_bytes(self.to_bytes())
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


def _read(value: object) -> Transcript:
    found = cast("dict[object, object]", value) if isinstance(value, dict) else {}
    log, given = found.get("log"), found.get("disclosures")
    if found.get("format") != FORMAT or found.get("version") != 1:
        raise Fault("not a transcript of a format that is known here", code="evidence")
    if not isinstance(log, list) or not isinstance(given, list):
        raise Fault("a transcript without its log or its disclosures", code="evidence")
    entries = tuple(map(_entry, cast("list[object]", log)))
    return Transcript(entries, tuple(map(read_disclosure, cast("list[object]", given))))


def _entry(value: object) -> Entry:
    match value:
        case [int(tag), bytes(data)] if tag in (0, 1) and len(data) <= codec.MAX_BYTES:
            return Entry(_TAGS[tag], data)
        case _:
            raise Fault("a log entry that does not read", code="evidence")
