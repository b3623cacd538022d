"""Personal fields as salted digests, with their disclosures outside of what is signed.

A name or an address is signed as ``SHA-256(label ‖ salt ‖ len(field) ‖ field ‖ value)``. Whoever may know it gets the
disclosure: field, salt and value. Deleting the disclosure deletes the datum; the digest alone cannot be guessed
because the salt is 32 random bytes, and chain, signatures and verdict stay as they are.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import TYPE_CHECKING

from negotiate.errors import LocalError
from negotiate.show import quote
from negotiate.wire.faults import Fault

if TYPE_CHECKING:
    from negotiate.wire import codec

_LABEL = b"negotiate-kit field v1\n"
_FIELDS = ("contact", "principal")
MAX_VALUE = 500
REDACTED = "redacted"


@dataclass(frozen=True)
class Disclosure:
    """What stands behind a digest.

    Attributes:
        field: ``principal`` (whom a party acts for) or ``contact`` (where they can be reached).
        salt: 32 random bytes.
        value: the personal datum.
    """

    field: str
    salt: bytes = attribute(repr=False)
    value: str = attribute(repr=False)

    def __post_init__(self) -> None:
        if self.field not in _FIELDS or len(self.salt) != 32:
            raise LocalError(
                f"a disclosure has a field ({', '.join(_FIELDS)}) and a salt of 32 bytes",
                code="disclosure",
            )
        if not 0 < len(self.value) <= MAX_VALUE:
            raise LocalError(
                f"the {self.field} has {len(self.value):,} characters; 1 to {MAX_VALUE} are expected",
                code="disclosure",
            )

    @property
    def digest(self) -> bytes:
        """What is signed in place of the value."""
        name = self.field.encode()
        head = (_LABEL, self.salt, len(name).to_bytes(1, "big"), name)
        return hashlib.sha256(b"".join((*head, self.value.encode()))).digest()

    def to_wire(self) -> list[codec.Value]:
        """As it is sent and stored."""
        return [self.field, self.salt, self.value]


def read_disclosure(value: object) -> Disclosure:
    """A disclosure from what :meth:`Disclosure.to_wire` wrote; Fault if it does not read."""
    match value:
        case [str(name), bytes(salt), str(text)]:
            try:
                return Disclosure(name, salt, text)
            except LocalError as error:
                raise Fault(str(error), code="disclosure") from None
        case _:
            raise Fault(f"{quote(value)} is not a disclosure", code="disclosure")


class Disclosed:
    """The disclosures at hand, looked up by digest. Each was checked against a digest that was asked for."""

    def __init__(self) -> None:
        self._by_digest: dict[tuple[str, bytes], Disclosure] = {}
        self._wanted: set[tuple[str, bytes]] = set()

    def want(self, name: str, digest: bytes) -> None:
        """A signed message has this digest for this field."""
        self._wanted.add((name, digest))

    def learn(self, disclosure: Disclosure) -> None:
        """Take a disclosure.

        Raises:
            Fault: no signed message has its digest for its field, or it was given before.
        """
        key = (disclosure.field, disclosure.digest)
        if key not in self._wanted:
            raise Fault(
                f"no signed message has this digest as {disclosure.field}", code="disclosure"
            )
        if key in self._by_digest:
            raise Fault(
                f"the disclosure of one {disclosure.field} is listed twice", code="disclosure"
            )
        self._by_digest[key] = disclosure

    def value(self, name: str, digest: bytes) -> str | None:
        """The disclosed value, or None if it is not disclosed (or was erased)."""
        found = self._by_digest.get((name, digest))
        return None if found is None else found.value

    def all(self) -> tuple[Disclosure, ...]:
        """What is disclosed, in a fixed order."""
        return tuple(self._by_digest[key] for key in sorted(self._by_digest))
