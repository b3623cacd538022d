"""What a session keeps: the fold, the log behind it, and the way back when something fails.

Every entry goes into the store before its effect leaves the endpoint. If the store or a hook raises after the fold has
changed, the fold is made again from what is stored; so it is after a crash.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any, Self

from negotiate.errors import LocalError
from negotiate.moves import Offer
from negotiate.wire import codec, envelope
from negotiate.wire.faults import Fault
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.privacy import read_disclosure
from negotiate.wire.record import Record
from negotiate.wire.store import DISCLOSURE, FRAME, LIST, PROOF, Entry, MemoryStore
from negotiate.wire.transcript import Transcript

if TYPE_CHECKING:
    from negotiate.protocol import View
    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.papers import Papers
    from negotiate.wire.parties import Party
    from negotiate.wire.privacy import Disclosure
    from negotiate.wire.store import Store
    from negotiate.wire.trust import Trust

_KEEP = 31 * 86_400_000  # closing records are valid for a month; they prove, they do not bind


def printed(kind: str, offer: Offer | None) -> str:
    """A move as text, to compare it with one that was made under the same name."""
    return kind if offer is None else f"{kind} {offer.outcome}"


class Endpoint:
    """What a session keeps, and how it gives out and takes back.

    Args:
        papers: who I am.
        trust: whom I know.
        store: where the log is kept; all sessions of a key share one. An opening that comes a second time is then
            refused, where it would otherwise be joined, and signed, twice.
        ledger: where budgets and numbers of deals are counted.

    Attributes:
        key: my public key.
        record: the fold over the messages so far. Read only.
        counters: ``received``, ``refused`` and so on, for rate limits.
    """

    def __init__(
        self,
        papers: Papers,
        trust: Trust,
        *,
        store: Store | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self.papers = papers
        self.key = papers.key.public
        self._man = papers.man
        self.trust = trust
        self.store: Store = store if store is not None else MemoryStore()
        self.ledger: Ledger = ledger if ledger is not None else MemoryLedger()
        self.record = Record(trust, self.ledger)
        self.counters: Counter[str] = Counter()
        self.expired = False
        self._log: list[Entry] = []
        self._place = 0
        self._refs: dict[str, tuple[str, bytes]] = {}
        self._waiting: dict[tuple[int, bytes, bytes], Message] = {}
        self._told: set[bytes] = set()
        self._alone = _Alone()

    # -- what else can be learnt ---------------------------------------------------------------------

    def learn(self, thing: bytes | Disclosure) -> None:
        """Take a signed revocation list, or a disclosure of a party's personal field.

        Raises:
            Fault: it does not read, or fits nothing that was signed.
        """
        with self._alone:
            if isinstance(thing, bytes):
                if self.record.revocations.learn(thing):
                    self._keep(Entry(LIST, thing))
                return
            self.record.disclosed.learn(thing)
            self._keep(Entry(DISCLOSURE, codec.encode(thing.to_wire())))

    # -- what can be asked ---------------------------------------------------------------------------

    @property
    def me(self) -> Party:
        """My seat."""
        party = self.record.seat(self.key)
        if party is None:
            raise LocalError("I have no seat in this session", code="stranger")
        return party

    @property
    def to_move(self) -> bool:
        """Whether it is my move."""
        playing = (
            self.record.phase == "playing" and not self.expired and self.record.proof is None
        )
        return playing and self.record.negotiation.mover == self.me.seat

    def view(self) -> View:
        """What I may see of the negotiation, as a strategy gets it."""
        return self.record.negotiation.view(self.me.seat)

    @property
    def status(self) -> str:
        """``open``, ``frozen``, ``expired``, ``pending`` (accepted, unconfirmed by the offerer), or the outcome."""
        record = self.record
        if record.outcome == "agreed" and record.agreed is not None:
            closed = {message.sender for message in record.chain if message.kind == "close"}
            mine = record.agreed.sender == self.key
            return "agreed" if mine or record.agreed.sender in closed else "pending"
        if record.outcome:
            return record.outcome
        return "frozen" if record.proof else "expired" if self.expired else "open"

    def unanswered(self) -> list[bytes]:
        """My frames after the last word of the other side: to send again when no answer comes."""
        tail: list[bytes] = []
        for message in reversed(self.record.chain):
            if message.sender != self.key:
                break
            tail.insert(0, message.frame)
        return tail

    def transcript(self) -> Transcript:
        """Everything signed so far, with what was disclosed to me and the lists that I relied on."""
        log = tuple(entry for entry in self._log if entry.tag in (FRAME, LIST))
        lists = tuple(Entry(LIST, frame) for frame in self.trust.revocations)
        return Transcript((*lists, *log), self.record.disclosed.all())

    # -- recovery ------------------------------------------------------------------------------------

    @classmethod
    def recover(
        cls,
        sid: bytes,
        papers: Papers,
        trust: Trust,
        *,
        store: Store,
        ledger: Ledger | None = None,
    ) -> Self:
        """The session as it was when its last entry was stored.

        Raises:
            LocalError: the store has no such session.
        """
        session = cls(papers, trust, store=store, ledger=ledger)
        entries = store.load(sid)
        if not entries:
            raise LocalError(f"no session {sid.hex()[:16]} in this store", code="session")
        session._log = [entry for _, entry in entries]
        session._place = entries[-1][0] + 1
        session._replay()
        return session

    def _replay(self) -> None:
        self.record = Record(self.trust, self.ledger)
        self._refs.clear()
        for entry in self._log:
            if entry.tag in (FRAME, PROOF):
                self._replay_frame(entry)
            elif entry.tag == LIST:
                self.record.revocations.learn(entry.data)
            elif entry.tag == DISCLOSURE:
                self.record.disclosed.learn(read_disclosure(codec.decode(entry.data)))
            else:
                self.expired = True

    def _replay_frame(self, entry: Entry) -> None:
        message = envelope.read(entry.data)
        try:
            self.record.admit(message)
        except Fault as fault:
            if fault.code != "equivocation":
                raise
        if entry.ref:
            offer = message.kind == "offer"
            move = Offer(self.record.outcome_of(message)) if offer else None
            self._refs[entry.ref] = (printed(message.kind, move), entry.data)

    # -- inside --------------------------------------------------------------------------------------

    def _next(
        self, kind: str, at: int, body: object, valid: int | None = None, *, re: bytes = b""
    ) -> dict[str, Any]:
        """The fields of my next message in the chain."""
        record = self.record
        if record.phase == "opening":
            raise LocalError(f"no {kind} before the session is open", code="order")
        limits = record.limits
        exp = min(at + min(valid or limits.ttl, limits.ttl), limits.until)
        if kind in ("accept", "reject", "withdraw"):
            standing = record.standing
            if standing is None:
                raise LocalError(f"no {kind}: there is no standing offer", code="phase")
            re = standing.id
            exp = min(exp, standing.fields["exp"]) if kind == "accept" else exp
        elif kind in ("close", "lapse"):
            exp = min(at + _KEEP, envelope.MAX_TIME)
        fields = self._fields(kind, at, exp, body)
        fields["prev"] = record.chain[-1].id
        if re:
            fields["re"] = re
        fields["seq"] = len(record.chain)
        fields["sid"] = record.sid
        fields["to"] = self.me.next_key
        fields["v"] = envelope.VERSION
        return fields

    def _fields(self, kind: str, at: int, exp: int, body: object) -> dict[str, Any]:
        """The first fields of a message, in the order of their keys, up to the place in the chain."""
        fields: dict[str, Any] = {
            "body": body, "exp": exp, "from": self.key, "iat": at, "kind": kind,
        }  # fmt: skip
        if self._man:
            fields["man"] = self._man
        return fields

    def _give(self, fields: dict[str, Any], ref: str = "", *, plain: bool = False) -> Message:
        """Check my own message as the other side will, sign it, store it."""
        if fields["exp"] <= fields["iat"]:
            raise LocalError("its time is over before it begins", code="expired")
        make = envelope.plain_offer if plain else envelope.draft
        message = make(fields)
        before = self._mark()
        try:
            try:
                self.record.admit_own(message)
            except Fault as fault:
                raise LocalError(str(fault), code=fault.code) from None
            envelope.sign(self.papers.key, message)
            self._keep(Entry(FRAME, message.frame, ref))
        except BaseException:
            self._undo(before)
            raise
        if self.record.outcome:
            self._settle()
        return message

    def _keep(self, entry: Entry) -> None:
        self.store.append(self.record.sid, self._place, entry)
        self._place += 1
        self._log.append(entry)

    def _undo(self, before: tuple[int, int, int]) -> None:
        """If the fold has changed and nothing was stored, bring it back to what is stored."""
        now = self._mark()
        if now[2] == before[2] and now != before:
            sid = self.record.sid
            self._replay()
            self._hold_again(sid)

    def _mark(self) -> tuple[int, int, int]:
        return (len(self.record.chain), len(self.record.crossed), len(self._log))

    def _hold(self, offer: Offer) -> None:
        """An offer is firm: what it would cost is held before it is signed."""
        scope = self.me.scope
        if scope is None or not scope.counted:
            return
        found = scope.uses(offer.outcome)
        try:
            self.ledger.hold(self.record.sid, found)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None

    def _settle(self) -> None:
        if self.record.outcome == "agreed":
            if self.record.phase == "closed":
                self.ledger.commit(self.record.sid)
        elif self.record.outcome:
            self.ledger.release(self.record.sid)

    def _hold_again(self, sid: bytes) -> None:
        if not self.record.outcome:
            self.ledger.release(sid)
        if self.record.standing is not None and self.record.standing.sender == self.key:
            self._hold(Offer(self.record.outcome_of(self.record.standing)))


class _Alone:
    """One call at a time: other threads wait, and a call from inside a store or hook is refused."""

    __slots__ = ("_acquire", "_busy", "_release")

    def __init__(self) -> None:
        lock = threading.RLock()
        self._acquire, self._release = lock.acquire, lock.release
        self._busy = False

    def __enter__(self) -> None:
        self._acquire()
        if self._busy:
            self._release()
            raise LocalError(
                "the session was called from inside its own store or hook", code="reentrant"
            )
        self._busy = True

    def __exit__(self, *_: object) -> None:
        self._busy = False
        self._release()
