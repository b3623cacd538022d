"""Any strategy of the arena, signing as it plays.

An :class:`Agent` puts a strategy behind a :class:`~negotiate.wire.session.Session`: frames come in, the strategy
answers through the same view and with the same moves as in the arena, frames go out. The strategy's preferences are
private: they reach no frame, no text and no log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from negotiate.errors import LocalError, NegotiateError, StrategyError
from negotiate.match import derive_seed
from negotiate.protocol import NoAgreement, Reason
from negotiate.show import quote
from negotiate.strategy import Brief
from negotiate.wire.events import Answer, Opened
from negotiate.wire.mandate import Mandate
from negotiate.wire.papers import Papers
from negotiate.wire.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.domain.preferences import LinearAdditive
    from negotiate.moves import Move
    from negotiate.strategy import Strategy
    from negotiate.wire.keys import PrivateKey
    from negotiate.wire.ledger import Ledger
    from negotiate.wire.papers import Proposal
    from negotiate.wire.privacy import Disclosure
    from negotiate.wire.private import Private
    from negotiate.wire.store import Store
    from negotiate.wire.trust import Trust


_Given = TypeVar("_Given")
_UNCERTAIN = frozenset({"open", "pending", "frozen", "expired"})


@dataclass(frozen=True)
class Desk:
    """What an agent works with, besides its strategy, key and mandate.

    Attributes:
        preferences: what outcomes are worth to its principal.
        trust: whom it knows.
        principal: the principal's name, with the salt of the digest in the mandate.
        contact: where the principal can be reached.
        store: where the log is kept; in memory by default.
        ledger: where budgets are counted; in memory by default.
        seed: of the strategy's random stream.
        amount: how the amount of money of a deal follows from its terms, as in a proposal. Whoever opens chooses the
            formula, and a mandate's budget is counted by it: an agent whose mandates limit money joins no session
            that was opened with another formula, or if none is given here.
    """

    preferences: Private[LinearAdditive]
    trust: Trust
    principal: Disclosure
    contact: Disclosure
    store: Store | None = None
    ledger: Ledger | None = None
    seed: int | str = 0
    amount: tuple[tuple[str, ...], ...] | None = None


class Agent:
    """A strategy behind a session.

    Args:
        strategy: a fresh instance, as for one seat of a match.
        key: signs.
        mandate: from the principal's to the agent's own; one, several, or none if it acts for itself.
        desk: what else it needs.

    Attributes:
        session: the endpoint.
        error: what the strategy raised when it was told the end, in one line; the deal stands all the same.
    """

    def __init__(
        self,
        strategy: Strategy,
        key: PrivateKey,
        mandate: Mandate | Sequence[Mandate],
        desk: Desk,
    ) -> None:
        mandates = (mandate,) if isinstance(mandate, Mandate) else tuple(mandate)
        papers = Papers(key, desk.principal, desk.contact, mandates)
        self.session = Session(papers, desk.trust, store=desk.store, ledger=desk.ledger)
        self._strategy = strategy
        self._desk = desk
        self._begun = self._ended = False
        self.error: str | None = None

    def open(self, proposal: Proposal, at: int, nonce: bytes) -> bytes:
        """Open a session; ``nonce`` is 32 random bytes."""
        return self.session.open(proposal, at, nonce)

    def receive(self, data: bytes, at: int, nonce: bytes) -> list[bytes]:
        """Take a frame; gives the frames to send now. ``nonce`` (32 random bytes) is used if it is an opening.

        Raises:
            Fault: the frame breaks a rule; nothing changed.
            StrategyError: the strategy raised, or its move is not allowed; nothing was signed.
        """
        events = self.session.receive(data, at)
        frames = [event.frame for event in events if isinstance(event, Answer)]
        if any(isinstance(event, Opened) for event in events):
            self._check_domain()  # before anything is signed
            self._check_amount()
            frames.append(self.session.join(at, nonce))
        move = self.play(at)
        self._tell()
        return frames + ([move] if move else [])

    def play(self, at: int) -> bytes | None:
        """The strategy's move as a frame, if it is its turn."""
        if not self.session.to_move:
            return None
        move = self._ask()
        try:
            return self.session.send(move, at)
        except LocalError as error:
            raise StrategyError(
                f"the strategy's move cannot be signed: {error}", code=error.code
            ) from None

    def _ask(self) -> Move:
        if not self._begun:
            self._guard(lambda: self._strategy.begin(self._brief()))
            self._begun = True
        return self._guard(lambda: self._strategy.respond(self.session.view()))

    def _guard(self, call: Callable[[], _Given]) -> _Given:
        try:
            return call()
        except Exception as error:
            # Neither the text nor the traceback of foreign code goes on: both may hold private numbers.
            raise StrategyError(
                f"the strategy raised {type(error).__name__}", code="strategy"
            ) from None

    def _brief(self) -> Brief:
        record, seat = self.session.record, self.session.me.seat
        self._check_domain()
        preferences = self._desk.preferences.reveal()
        roles = tuple(party.role for party in record.parties)
        return Brief(
            party=seat,
            role=roles[seat],
            parties=roles,
            domain=preferences.domain,
            preferences=preferences,
            rules=record.protocol,
            seed=derive_seed(self._desk.seed, "party", roles[seat]),
        )

    def _check_domain(self) -> None:
        issues = self.session.record.deal.wire.domain.issues
        if self._desk.preferences.reveal().domain.issues != issues:
            raise LocalError(
                "the session is about another domain than the preferences", code="domain"
            )

    def _check_amount(self) -> None:
        limits = [m.grant.constraints for m in self.session.papers.mandates]
        limited = any(one.budget is not None or one.deal is not None for one in limits)
        formula = tuple(map(tuple, self.session.record.deal.subject.amount))
        if formula != self._desk.amount and (limited or self._desk.amount is not None):
            raise LocalError(
                f"the opening counts a deal as {quote(formula)}, not {quote(self._desk.amount)}",
                code="amount",
                help="say in Desk(amount=...) how the amount of a deal follows from its terms",
            )

    def _tell(self) -> None:
        """Tell the strategy how it ended, once that is certain: a pending acceptance may still turn out late."""
        status = self.session.status
        if self._ended or not self._begun or status in _UNCERTAIN:
            return
        self._ended = True
        negotiation = self.session.record.negotiation
        result = negotiation.result
        if status in ("limit", "late") or result is None:
            result = NoAgreement(Reason.DEADLINE, None, negotiation.round)
        try:
            self._strategy.end(result)
        except Exception as error:
            self.error = f"the strategy raised {type(error).__name__} in end()"

    def __repr__(self) -> str:
        return f"<Agent {self.session.papers.key.did} ({type(self._strategy).__name__})>"

    def __reduce__(self) -> tuple[object, ...]:
        raise NegotiateError(
            "an agent holds private limits and is not serialised", code="secret"
        )
