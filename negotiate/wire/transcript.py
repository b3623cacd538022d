"""The transcript: one file with everything an arbiter needs.

A deterministic msgpack map, not signed as a whole because every part of it is: the frames and revocation lists in the
order in which they took effect (mandates and disclosure statements are inside the frames), and the disclosures of
personal fields, which can be taken out without breaking anything.
"""

from __future__ import annotations

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
MAX_DISCLOSURES = 1_024  # two a party, of which a hosted session has many
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
            transcript = _read(codec.Walk(data))
        except Fault:
            raise
        except Exception as error:  # the unpacker raises many kinds
            raise Fault(
                f"no transcript, or a damaged one ({type(error).__name__})", code="evidence"
            ) from None
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


def _read(walk: codec.Walk) -> Transcript:
    fields = walk.names(("disclosures", "format", "log", "version"))
    next(fields)
    given = [_disclosure(walk) for _ in range(walk.entries(MAX_DISCLOSURES))]
    next(fields)
    known = walk.value() == FORMAT
    next(fields)
    log = [_entry(walk) for _ in range(walk.entries(MAX_ENTRIES))]
    next(fields)
    if walk.value() != 1 or not known:
        raise Fault("not a transcript of a format that is known here", code="evidence")
    return Transcript(tuple(log), tuple(given))


def _disclosure(walk: codec.Walk) -> Disclosure:
    return read_disclosure([walk.value() for _ in range(walk.entries(3))])


def _entry(walk: codec.Walk) -> Entry:
    match [walk.value() for _ in range(walk.entries(2))]:
        case [int(tag), bytes(data)] if tag in (0, 1) and len(data) <= codec.MAX_BYTES:
            return Entry(_TAGS[tag], data)
        case _:
            raise Fault("a log entry that does not read", code="evidence")
