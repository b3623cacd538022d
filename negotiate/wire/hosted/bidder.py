"""A bidder's endpoint: the host's bytes and a time in, events out; moves in, signed bids out.

While the auction runs a bidder holds the host's chain, its own bids with their receipts, and the views that the host
signed for it. After the award it is shown the bids under the seals, and :func:`negotiate.wire.hosted.review.review`
holds everything against everything.

A bid stands until it has a receipt: there is one at a time, it is stored before it is given out, and it is sent again
as it is. A bid that never gets a receipt cannot be proved to have been sent; see
:func:`negotiate.wire.hosted.complaints.unanswered` for what is left.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from negotiate.errors import LocalError
from negotiate.moves import Commit
from negotiate.protocols.sealed_bid import commitment
from negotiate.show import quote
from negotiate.wire import codec, envelope
from negotiate.wire.faults import Fault
from negotiate.wire.given import frame_of, moment, span
from negotiate.wire.hosted import caps, values
from negotiate.wire.hosted.chain import Chain
from negotiate.wire.hosted.codes import ACCEPTED, unseal
from negotiate.wire.hosted.endpoint import OWN, QUOTE, Keeper, deal_of, share_of
from negotiate.wire.hosted.sight import Sight
from negotiate.wire.store import DISCLOSURE, FRAME, LIST, Entry

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView
    from negotiate.moves import AnyMove
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.papers import Papers
    from negotiate.wire.parties import Party
    from negotiate.wire.privacy import Disclosure
    from negotiate.wire.store import Store
    from negotiate.wire.trust import Trust

MAX_WAITING = 256


@dataclass(frozen=True, slots=True)
class Told:
    """What one message of the host means to me.

    Attributes:
        kind: of the message: ``open``, ``receipt``, ``begin``, ``tick``, ``quote``, ``award``, ``cancel``; ``known``
            if it came before, ``waiting`` if it came before its predecessor.
        seq: its place.
        mine: the id of my message that it is a receipt of; empty for others.
        code: with which that was refused; empty if it was accepted.
    """

    kind: str
    seq: int
    mine: bytes = b""
    code: str = ""


class Bidder(Keeper):
    """One bidder of one signed auction or market.

    Args:
        papers: who I am.
        trust: whom I know.
        store: where the log is kept; in memory by default.
        ledger: where my budgets and numbers of deals are counted; in memory by default.

    Attributes:
        chain: the host's chain so far. Read only.
        receipts: for each of my messages that has one, by id: the record, and the code of a refusal.
        sight: what the host showed me.
        refused_award: an award that does not fit the chain that I was shown.
    """

    def __init__(
        self,
        papers: Papers,
        trust: Trust,
        *,
        store: Store | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        super().__init__(papers, store, ledger)
        self.trust = trust
        self.chain = Chain(trust)
        self.receipts: dict[bytes, tuple[Message, str]] = {}
        self.sight = Sight()
        self.refused_award: Message | None = None
        self._mine: list[Message] = []
        self._moves: list[AnyMove] = []
        self._refs: dict[str, tuple[AnyMove, bytes]] = {}
        self._waiting: dict[int, Message] = {}

    # -- receiving -----------------------------------------------------------------------------------

    def receive(self, data: bytes, at: int) -> list[Told]:
        """Take a message of the host.

        Raises:
            Fault: it breaks a rule; nothing changed, except that two histories, two quotes or a wrong award are kept
                as evidence.
            LocalError: my own store failed; nothing changed.
        """
        message = envelope.read(frame_of(data))
        moment(at)
        skew = self.chain.limits.skew if self.sid else self.trust.policy.skew
        if message.fields["iat"] > at + skew:
            raise Fault("dated later than the clocks may differ", code="future")
        if message.kind == "quote":
            return [self._quote(message, store=True)]
        try:
            told = [self._record(message, store=True)]
        except Fault as fault:
            if fault.code != "gap" or len(self._waiting) >= MAX_WAITING:
                raise
            self._waiting[message.seq] = message
            return [Told("waiting", message.seq)]
        while (next_ := self._waiting.pop(len(self.chain.records), None)) is not None:
            told.append(self._record(next_, store=True))
        return told

    def _record(self, record: Message, *, store: bool) -> Told:
        opening = self.chain.phase == "opening"
        trial = Chain(self.trust) if opening else self.chain
        try:
            added = trial.admit(record)
        except Fault as fault:
            if fault.code == "award":
                self.refused_award = record
            raise
        if not added:
            return Told("known", record.seq)
        if opening:
            if trial.party(self.key) in (None, trial.host):
                raise Fault("an opening that has no seat for me", code="stranger")
            if store and self.store.load(record.sid):
                raise Fault("a session with this opening exists", code="session-taken")
            self.chain, self.sid = trial, record.sid
        if store:
            self._keep_record(record)
        return self._told(record)

    def _keep_record(self, record: Message) -> None:
        try:
            self.keep(Entry(FRAME, record.frame))
        except BaseException:  # the chain has it and the log has not: make the chain again
            self._again()
            raise

    def _again(self) -> None:
        self.chain = Chain(self.trust)
        self.receipts = {}
        for entry in self.log:
            if entry.tag == FRAME:
                message = envelope.read(entry.data)
                self.chain.admit(message)
                self._told(message)
        if self.chain.phase == "opening":
            self.sid = b""

    def _told(self, record: Message) -> Told:
        if record.kind in ("award", "cancel"):
            self._over(record)
        if record.kind != "receipt":
            return Told(record.kind, record.seq)
        body = cast("bodies.Receipt", record.body)
        for message in [one for one in self._mine if one.id not in self.receipts]:
            code = unseal(body.seal, message.id)
            if code is not None:
                self.receipts[message.id] = (record, code)
                self._answered(message, code)
                return Told("receipt", record.seq, message.id, code)
        return Told("receipt", record.seq)

    def _answered(self, message: Message, code: str) -> None:
        if message.kind == "bid" and code == ACCEPTED:
            self._moves.append(self._move(message))

    def _move(self, message: Message) -> AnyMove:
        wire = cast("dict[str, object]", message.fields["body"]["move"])
        return values.move_from_wire(wire, self.chain.negotiation.moves)

    def _quote(self, message: Message, *, store: bool) -> Told:
        chain = self.chain
        if not self.sid:
            raise Fault("a quote before the opening", code="order")
        if message.sender != chain.host.key or message.fields.get("sid") != self.sid:
            raise Fault("not a quote of this host in this session", code="stranger")
        if message.fields["to"] != self.key or self.key not in [p.key for p in chain.seated]:
            raise Fault("a quote for somebody else, or before the beginning", code="audience")
        message.verify(chain.host.verifier)
        view = self.sight.see(message, self._mine[0].id, chain.negotiation.view(self.me))
        if view is None:
            return Told("known", message.seq)
        if store:
            self.keep(Entry(QUOTE, message.frame))
        self.sight.keep(message, view)
        return Told("quote", message.seq)

    @property
    def view(self) -> AuctionView | None:
        """What I may see, as the host last showed it; None before the first quote."""
        return self.sight.view

    @property
    def quotes(self) -> list[Message]:
        """The host's quotes to me, in order."""
        return self.sight.quotes

    # -- joining and bidding -------------------------------------------------------------------------

    @property
    def seat(self) -> Party:
        """My seat in the opening."""
        found = self.chain.party(self.key)
        if found is None:
            raise LocalError("there is no opening with a seat for me", code="order")
        return found

    @property
    def me(self) -> int:
        """My number among the bidders, as the protocol counts."""
        return [party.key for party in self.chain.seated].index(self.key)

    @property
    def name(self) -> str:
        """What the rules call me; a commitment is made under this name."""
        return self.chain.name(self.key)

    def commit(self, amount: int, salt: str) -> Commit:
        """The commitment to an amount, for this auction and this key alone; ``salt`` is long and random."""
        return Commit(commitment(self.name, amount, salt))

    def join(self, at: int, nonce: bytes) -> bytes:
        """Take my seat; ``nonce`` is 32 random bytes. Once joined, the same bytes again."""
        moment(at)
        if self._mine:
            return self._mine[0].frame
        if self.chain.phase != "joining":
            raise LocalError("there is no opening to join", code="order")
        seat = self.papers.seat(nonce)
        message = self._sealed({"kind": "join", "seq": 0, "prev": self.sid, "body": seat}, at)
        try:
            self.chain.check_join(message, at)
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None
        return self._give(message, "")

    def send(
        self, move: AnyMove, at: int, salt: bytes, *, ref: str = "", valid: int | None = None
    ) -> bytes:
        """Sign a move.

        Args:
            move: any move of the rules.
            at: now.
            salt: 32 random bytes; they keep the bid from being guessed behind its seal.
            ref: my own name for this call: a second call with the same name and move gives the same bytes.
            valid: how long the bid is valid, in milliseconds; the session's limit by default.

        Raises:
            LocalError: it has not begun or is over, my last bid has no receipt yet, the move is none of these rules,
                or my mandate or ledger does not allow it. Nothing was signed.
        """
        moment(at)
        span(valid)
        if ref in self._refs:
            known, frame = self._refs[ref]
            if known != move:
                raise LocalError(f"{quote(ref)} was used for another move", code="conflict")
            return frame
        self._check_ready()
        body: dict[str, object] = {"move": values.move_to_wire(move), "salt": salt}
        if self.chain.deal.amount.currency:
            body["currency"] = self.chain.deal.amount.currency
        head: dict[str, object] = {
            "kind": "bid", "seq": self._mine[-1].seq + 1, "prev": self._mine[-1].id, "body": body,
        }  # fmt: skip
        self._check_mandate(move, at)
        frame = self._give(self._sealed(head, at, valid), ref)
        if ref:
            self._refs[ref] = (move, frame)
        return frame

    def _check_ready(self) -> None:
        chain = self.chain
        if chain.phase != "bidding" or self.key not in [p.key for p in chain.seated]:
            raise LocalError(f"no bid now: the auction is {chain.phase}", code="phase")
        if self.pending():
            raise LocalError(
                "my last bid has no receipt yet",
                code="pending",
                help="send pending() again until the host answers",
            )
        if len(self._mine) > chain.share:
            raise LocalError(f"my share of {chain.share:,} messages is used up", code="limit")
        if self.trust.policy.undisclosed == "refuse":
            digest = chain.host.name_digest
            if digest is None or chain.disclosed.value("principal", digest) is None:
                raise LocalError("the host has not disclosed its principal", code="undisclosed")

    def _check_mandate(self, move: AnyMove, at: int) -> None:
        scope = self.seat.scope
        try:
            known = self.chain.negotiation.moves
            checked = values.move_from_wire(values.move_to_wire(move), known)
            if scope is None or not scope.chain:
                return
            scope.check_time(at)
            need = self.trust.policy.revocation == "deny"
            scope.check_revoked(self.chain.revocations, at, need_current=need)
            domain = self.chain.deal.wire.domain
            moves = [*self._moves, checked]
            worst = caps.exposure(self.chain.protocol, moves, self.view, domain)
            scope.check_amount(worst)
            if scope.counted:
                self.ledger.hold(deal_of(self.sid, self.key), scope.uses_of(worst or 0))
        except Fault as fault:
            raise LocalError(str(fault), code=fault.code) from None

    def _sealed(self, head: dict[str, object], at: int, valid: int | None = None) -> Message:
        limits = self.chain.limits
        exp = min(at + min(valid or limits.ttl, limits.ttl), envelope.MAX_TIME)
        fields = {"sid": self.sid, "to": self.chain.host.key, "iat": at, "exp": exp}
        return self.seal({**head, **fields})

    def _give(self, message: Message, ref: str) -> bytes:
        self.keep(Entry(OWN, message.frame, ref))
        self._mine.append(message)
        return message.frame

    def pending(self) -> list[bytes]:
        """My messages without a receipt: to send again as they are."""
        return [m.frame for m in self._mine if m.id not in self.receipts]

    # -- the end -------------------------------------------------------------------------------------

    def _over(self, last: Message) -> None:
        """Count the cost of the award for good, or free what was held; what does not read leaves it held."""
        if self.key not in [party.key for party in self.chain.seated]:
            return
        if last.kind == "cancel":
            self.settle(self.seat, self.sid, None)
            return
        with suppress(Fault):
            result = values.unpack(cast("bodies.Award", last.body).result)
            self.settle(self.seat, self.sid, share_of(result, self.me))

    def learn(self, thing: bytes | Disclosure) -> None:
        """Take a signed revocation list, or a disclosure of a party's personal field."""
        if isinstance(thing, bytes):
            if self.chain.revocations.learn(thing):
                self.keep(Entry(LIST, thing))
            return
        self.chain.disclosed.learn(thing)
        self.keep(Entry(DISCLOSURE, codec.encode(thing.to_wire())))

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
    ) -> Bidder:
        """The bidder as it was when its last entry was stored; what it signed before it never signs otherwise.

        Raises:
            LocalError: the store has no such session.
        """
        bidder = cls(papers, trust, store=store, ledger=ledger)
        for entry in bidder.load(sid):
            bidder._replay(entry)
        return bidder

    def _replay(self, entry: Entry) -> None:
        if entry.tag == LIST:
            self.chain.revocations.learn(entry.data)
        elif entry.tag == DISCLOSURE:
            self.learn_again(self.chain.disclosed, entry.data)
        elif entry.tag == QUOTE:
            self._quote(envelope.read(entry.data), store=False)
        elif entry.tag == FRAME:
            self._record(envelope.read(entry.data), store=False)
        else:
            message = envelope.read(entry.data)
            self._mine.append(message)
            if entry.ref:
                self._refs[entry.ref] = (self._move(message), entry.data)
