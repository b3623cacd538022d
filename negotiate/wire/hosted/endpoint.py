"""What host and bidder have in common: a log that is stored before anything is given out, a key, and a ledger."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import LocalError
from negotiate.wire import codec, envelope
from negotiate.wire.faults import Fault
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.privacy import read_disclosure
from negotiate.wire.store import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.papers import Papers
    from negotiate.wire.parties import Party
    from negotiate.wire.privacy import Disclosed
    from negotiate.wire.store import Entry, Store

TAKEN, QUOTE, OWN = "taken", "quote", "own"
"""Tags in the log of an auction: a bid with its receipt, a quote, a bidder's own message."""


def deal_of(sid: bytes, bidder: bytes) -> bytes:
    """The name under which a ledger counts one bidder of one auction."""
    return hashlib.sha256(b"negotiate-kit auction deal v1\n" + sid + bidder).digest()


class Keeper:
    """The log of one endpoint."""

    def __init__(self, papers: Papers, store: Store | None, ledger: Ledger | None) -> None:
        self.papers = papers
        self.store: Store = store if store is not None else MemoryStore()
        self.ledger: Ledger = ledger if ledger is not None else MemoryLedger()
        self.sid = b""
        self.log: list[Entry] = []
        self._place = 0

    @property
    def key(self) -> bytes:
        """My public key."""
        return self.papers.key.public

    def keep(self, entry: Entry) -> None:
        """Store an entry; raises if that fails, and nothing has changed."""
        self.store.append(self.sid, self._place, entry)
        self._place += 1
        self.log.append(entry)

    def load(self, sid: bytes) -> list[Entry]:
        """The stored log of a session, to be replayed."""
        entries = self.store.load(sid)
        if not entries:
            raise LocalError(f"no session {sid.hex()[:16]} in this store", code="session")
        self.sid = sid
        self.log = [entry for _, entry in entries]
        self._place = entries[-1][0] + 1
        return self.log

    def seal(self, fields: Mapping[str, object]) -> Message:
        """A message of mine, signed."""
        man = {"man": self.papers.man} if self.papers.man else {}
        whole = {"v": envelope.VERSION, "from": self.key, **man, **fields}
        return envelope.seal(self.papers.key, whole)

    def settle(self, seat: Party, sid: bytes, amount: int | Fraction | None) -> None:
        """Count what a bidder pays for good; None frees what was held for it."""
        deal, scope = deal_of(sid, seat.key), seat.scope
        if scope is None or not scope.counted:
            return
        if amount is None:
            self.ledger.release(deal)
        else:
            self.ledger.hold(deal, scope.uses_of(max(0, ceil(amount))))
            self.ledger.commit(deal)

    @staticmethod
    def learn_again(disclosed: Disclosed, data: bytes) -> None:
        """A disclosure from the log."""
        disclosed.learn(read_disclosure(codec.decode(data)))


def share_of(result: object, party: int) -> int | Fraction | None:
    """What a party pays by a packed result; None if it neither gets nor pays anything.

    Raises:
        Fault: it is no result.
    """
    read = cast("dict[str, Any]", result) if isinstance(result, dict) else {}
    if read.get("type") == "NoAgreement":
        return None
    try:
        got, pays = read["units"][party], read["payments"][party]
    except (KeyError, IndexError, TypeError):
        raise Fault("a result that does not read", code="malformed") from None
    if not isinstance(pays, (int, Fraction)):
        raise Fault("a payment that is no amount", code="malformed")
    return pays if got or pays else None
