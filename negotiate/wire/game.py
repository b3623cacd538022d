"""The negotiation inside a session: signed messages become moves of the protocol, held against mandates.

The protocol's own fold decides what may be said when. Around it stand the rules of signed offers: an answer names the
standing offer, an offer can be accepted until it expires, and every offer and acceptance is inside the mandates of
those whom it binds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from negotiate.errors import IllegalMove
from negotiate.moves import Accept, Move, Reject, Walk
from negotiate.wire.faults import Fault
from negotiate.wire.opening import check_critical
from negotiate.wire.revocation import Revocations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.domain.issues import Outcome
    from negotiate.protocol import Negotiation, Protocol
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.parties import Deal, Party
    from negotiate.wire.trust import Trust

_MOVES: dict[str, Move] = {
    "accept": Accept(),
    "reject": Reject(),
    "walk": Walk(),
    "revoke": Walk(),
}
_CODES = {
    "over": "closed",
    "late": "expired",
    "off-domain": "terms",
    "clock": "clock",
    "turn": "turn",
}


@dataclass(frozen=True)
class Frame:
    """What a game is held against, fixed for the session.

    Attributes:
        sid: the session.
        protocol: the rules.
        deal: domain, amount, subject and parties.
        trust: of the relying party.
        revocations: the lists that it knows.
        ledger: where the deal is counted.
    """

    sid: bytes
    protocol: Protocol
    deal: Deal
    trust: Trust
    revocations: Revocations
    ledger: Ledger


class Game:
    """The running negotiation.

    Attributes:
        negotiation: the protocol's state.
        standing: the offer that may be accepted now.
    """

    def __init__(self, frame: Frame, known: Mapping[bytes, Message], at: int) -> None:
        self._sid, self._deal, self._trust = frame.sid, frame.deal, frame.trust
        self._revocations, self._ledger, self._protocol = (
            frame.revocations,
            frame.ledger,
            frame.protocol,
        )
        self._known = known
        self._began = at
        self.standing: Message | None = None
        self.negotiation: Negotiation = self._fresh()

    def _fresh(self) -> Negotiation:
        names = [str(party.seat) for party in self._deal.parties]
        return self._protocol.start(self._deal.wire.domain, names, self._began)

    def play(self, message: Message, party: Party, at: int) -> None:
        """Apply an answer or a withdrawal that stands in its place and is signed.

        Raises:
            Fault: it may not be; nothing changed.
        """
        kind = message.kind
        if kind in _MOVES:
            self._answer(message, party, at)
        elif kind == "withdraw":
            self._withdraw(message, party, at)
        elif kind in ("join", "close", "lapse"):
            raise Fault(f"{kind} while the negotiation runs", code="order")
        else:
            raise Fault(f"{kind} has no place in a negotiation by turns", code="kind")

    def offer(self, message: Message, party: Party, at: int) -> None:
        """Apply an offer; as :meth:`play`."""
        body = message.fields["body"]
        if len(body) > 1:
            check_critical(message, self._trust.policy)
        terms: Any = body["terms"]
        offer = self._deal.wire.offer(terms)
        scope = party.scope
        if scope is not None and scope.chain:
            scope.check_offer(offer.outcome, at, self._revocations)
        negotiation = self.negotiation
        negotiation.vouch(offer.outcome)
        try:
            negotiation.push(party.seat, offer, at)
        except IllegalMove as error:
            raise _illegal(error) from None
        self.standing = message

    def _answer(self, message: Message, party: Party, at: int) -> None:
        check_critical(message, self._trust.policy)
        move = _MOVES[message.kind]
        if message.kind in ("accept", "reject"):
            self._check_answer(message)
        if message.kind == "revoke":
            self._check_revoke(message)
        try:
            self.negotiation.check(party.seat, move, at)
        except IllegalMove as error:
            raise _illegal(error) from None
        if message.kind == "accept":
            self._check_accept(party, at)
        self.negotiation.push(party.seat, move, at)

    def _check_answer(self, message: Message) -> None:
        standing, named = self.standing, message.re
        if standing is None or named != standing.id:
            known = self._known.get(named)
            what = (
                "an offer that no longer stands"
                if known and known.kind == "offer"
                else "no offer"
            )
            raise Fault(f"{message.kind} of {what}", code="answer")
        if standing.sender == message.sender:
            raise Fault("an answer to one's own offer", code="own-offer")

    def _check_accept(self, party: Party, at: int) -> None:
        standing = cast("Message", self.standing)
        ends = standing.fields["exp"]
        if at >= ends:
            raise Fault(
                f"the offer expired at {ends}; the acceptance is of {at}", code="expired"
            )
        outcome = self.outcome_of(standing)
        need = self._trust.policy.revocation == "deny"
        for bound in (party, self._party(standing.sender)):
            scope = bound.scope
            if scope is not None:
                scope.check_time(at)
                scope.check_revoked(self._revocations, at, need_current=need)
                scope.check_terms(outcome)
        self._hold(outcome)

    def _hold(self, outcome: Outcome) -> None:
        """Count the deal against the mandates of all parties; raises if one is used up."""
        found = [
            use
            for party in self._deal.parties
            if party.scope
            for use in party.scope.uses(outcome)
        ]
        if found:
            self._ledger.hold(self._sid, found)

    def _check_revoke(self, message: Message) -> None:
        listed = cast("bodies.Revoke", message.body).list
        revocations = Revocations(self._trust.revocations)
        revocations.learn(listed)
        at = message.fields["iat"]
        for party in self._deal.parties:
            try:
                revocations.check(party.chain, at, need_current=False)
            except Fault:
                return
        raise Fault("the list revokes no mandate of this session", code="revocation")

    def _withdraw(self, message: Message, party: Party, at: int) -> None:
        check_critical(message, self._trust.policy)
        if self.standing is None or message.re != self.standing.id:
            raise Fault("a withdrawal of no standing offer", code="answer")
        try:
            self.negotiation.withdraw(party.seat, at)
        except IllegalMove as error:
            raise _illegal(error) from None
        self.standing = None

    def outcome_of(self, offer: Message) -> Outcome:
        """The outcome that an offer is about."""
        terms: Any = offer.fields["body"]["terms"]
        return self._deal.wire.outcome(terms)

    def _party(self, key: bytes) -> Party:
        return next(party for party in self._deal.parties if party.key == key)

    def snapshot(self) -> tuple[Negotiation, Message | None]:
        """What :meth:`restore` needs."""
        return (self.negotiation, self.standing)

    def restore(self, before: tuple[Negotiation, Message | None]) -> None:
        """Go back to a snapshot that was taken before :meth:`rebuild`."""
        self.negotiation, self.standing = before

    def rebuild(self, chain: Sequence[Message]) -> int:
        """Run the protocol again over these messages, which have been admitted before; gives the last time."""
        self.negotiation, self.standing = self._fresh(), None
        time = self._began
        for message in chain:
            party = self._party(message.sender)
            time = max(time, message.fields["iat"])
            if message.kind == "withdraw":
                self.negotiation.withdraw(party.seat, time)
                self.standing = None
            elif message.kind == "offer":
                terms: Any = message.fields["body"]["terms"]
                self.negotiation.push(party.seat, self._deal.wire.offer(terms), time)
                self.standing = message
            else:
                self.negotiation.push(party.seat, _MOVES[message.kind], time)
        return time


def _illegal(error: IllegalMove) -> Fault:
    return Fault(str(error), code=_CODES.get(error.code, "phase"))
