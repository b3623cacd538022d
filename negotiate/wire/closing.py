"""The closing record: what all parties sign at the end, the same for each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from negotiate.wire import codec, merkle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.wire.envelope import Message
    from negotiate.wire.parties import Party

NO_MANDATE = bytes(32)
_TERMS = b"negotiate-kit terms v1\n"


def terms_hash(terms: codec.Value) -> bytes:
    """The hash of terms, as the closing record has it."""
    return hashlib.sha256(_TERMS + codec.encode(terms)).digest()


def record(
    chain: Sequence[Message], outcome: str, terms: codec.Value | None, parties: Sequence[Party]
) -> dict[str, codec.Value]:
    """The body of ``close`` for this chain, which ends with the message that ended the negotiation."""
    body: dict[str, codec.Value] = {
        "outcome": outcome,
        "count": len(chain),
        "head": chain[-1].id,
        "root": merkle.root([message.id for message in chain]),
        "mandates": [party.man or NO_MANDATE for party in parties],
        "principals": [party.principal for party in parties],
    }
    if terms is not None:
        body["terms"] = terms_hash(terms)
    return dict(sorted(body.items()))
