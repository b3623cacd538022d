"""A match whose every move is signed: the arena's signed mode, and ``nego match --signed``.

Strategies, loop and result are those of :func:`negotiate.match.play`. The running state that the loop sees is made
of the parties' own sessions: a move is signed by its party's session, carried as bytes, and taken by the others'.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from negotiate.errors import IllegalMove, LocalError
from negotiate.match import Match, Table, derive_seed
from negotiate.protocol import Negotiation
from negotiate.wire import codec
from negotiate.wire.events import Answer
from negotiate.wire.faults import Fault
from negotiate.wire.keys import PrivateKey
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.session import Session
from negotiate.wire.trust import Policy, Trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.scenario import Scenario
    from negotiate.match import Clock
    from negotiate.moves import Move, Party
    from negotiate.protocol import Entry, Protocol, Result, View
    from negotiate.strategy import Strategy
    from negotiate.wire.transcript import Transcript

EPOCH = 1_767_225_600_000
"""Where the clock of a signed match starts (2026-01-01), unless the caller says otherwise."""

_DAY = 86_400_000
_PLAY = Trust(policy=Policy(unverified="allow", revocation="allow"))


@dataclass(frozen=True)
class SignedMatch:
    """A match and the record that anybody can verify.

    Attributes:
        match: exactly what the unsigned loop gives.
        transcript: of the first party.
    """

    match: Match
    transcript: Transcript


def play_signed(
    protocol: Protocol,
    scenario: Scenario,
    strategies: Sequence[Strategy],
    *,
    seed: int | str = 0,
    clock: Clock | None = None,
    epoch: int = EPOCH,
) -> SignedMatch:
    """Play one negotiation through one session a party.

    Args:
        protocol: the rules.
        scenario: the domain and the preferences.
        strategies: fresh instances, one for each role.
        seed: root of all random streams, and of the keys: these are for play, not for business.
        clock: needed when the rules limit time.
        epoch: milliseconds at which the match begins, whatever its own clock says.

    Raises:
        LocalError: as :func:`negotiate.match.play`, or the rules or the domain have no signed form.
    """
    table = Table(protocol, scenario, strategies, seed=seed, clock=clock)
    sessions = sign(table, seed, epoch=epoch)
    match = table.play()
    return SignedMatch(match, sessions[0].transcript())


def sign(table: Table, seed: int | str, *, epoch: int = EPOCH) -> tuple[Session, ...]:
    """Have every move of a match signed that has not begun; gives a session for each role.

    Args:
        table: the match.
        seed: of the keys and nonces; matches that differ in anything should differ in it.
        epoch: milliseconds at which the match begins, whatever its own clock says.

    Raises:
        LocalError: the rules or the domain have no signed form.
    """
    sessions = seated(table.protocol, table.scenario, seed, epoch)
    table.negotiation = SignedNegotiation(sessions, epoch - table.began)
    return sessions


def seated(
    protocol: Protocol, scenario: Scenario, seed: int | str, epoch: int = EPOCH
) -> tuple[Session, ...]:
    """A session for each role, opened and joined, with keys made from the seed.

    Raises:
        LocalError: the rules or the domain have no signed form.
    """
    try:
        return _seated(protocol, scenario, seed, epoch)
    except Fault as fault:  # nobody else has a part in this
        raise LocalError(str(fault), code=fault.code) from None


def _seated(
    protocol: Protocol, scenario: Scenario, seed: int | str, epoch: int
) -> tuple[Session, ...]:
    names = [_role(role.name, seat) for seat, role in enumerate(scenario.roles)]
    papers = [_papers(scenario.roles[seat].name, seed) for seat in range(len(names))]
    seats = tuple((own.key.public, name) for own, name in zip(papers, names, strict=True))
    proposal = Proposal(
        scenario.domain, protocol, seats, epoch + 360 * _DAY, ttl=360 * _DAY, messages=1_000_000
    )
    sessions = tuple(Session(own, _PLAY) for own in papers)
    frame = sessions[0].open(proposal, epoch, _bytes(seed, "nonce", 0))
    _carry(sessions, 0, frame, epoch)
    for seat in range(1, len(sessions)):
        joined = sessions[seat].join(epoch, _bytes(seed, "nonce", seat))
        _carry(sessions, seat, joined, epoch)
    return sessions


class SignedNegotiation(Negotiation):
    """The running state of a match, held by the sessions of its parties.

    Args:
        sessions: of the parties, in the order of the seats.
        shift: milliseconds from the match's clock to the sessions'.
    """

    __slots__ = ("_shift", "_states", "sessions")

    def __init__(self, sessions: tuple[Session, ...], shift: int) -> None:
        self.sessions = sessions
        self._shift = shift
        self._states = tuple(session.record.negotiation for session in sessions)

    @property
    def mover(self) -> Party | None:  # type: ignore[override]
        """The party that is to move."""
        return self._states[0].mover

    @property
    def result(self) -> Result | None:  # type: ignore[override]
        """How it ended; None while it runs."""
        return self._states[0].result

    @property
    def round(self) -> int:  # type: ignore[override]
        """The current round."""
        return self._states[0].round

    @property
    def last(self) -> Entry | None:  # type: ignore[override]
        """The newest entry of the log."""
        return self._states[0].last

    def check(self, party: Party, move: Move, at: int = 0) -> None:
        """Raise IllegalMove if the rules do not allow the move; change nothing."""
        self._states[0].check(party, move, self._shift + at)

    def push(self, party: Party, move: Move, at: int = 0) -> None:
        """Sign the move, carry it to the others, and have them take it."""
        self.check(party, move, at)
        try:
            frame = self.sessions[party].send(move, self._shift + at)
        except LocalError as error:
            raise IllegalMove(str(error), code=error.code) from None
        _carry(self.sessions, party, frame, self._shift + at)

    def advance(self, at: int) -> None:
        """Deadlines that are due take effect, in every party's state."""
        for state in self._states:
            state.advance(self._shift + at)

    def view(self, party: Party) -> View:
        """What the party may see: from its own session."""
        return self._states[party].view(party)


def _carry(sessions: Sequence[Session], sender: int, frame: bytes, at: int) -> None:
    """Deliver a frame to everybody else, and every answer likewise."""
    for seat, session in enumerate(sessions):
        if seat != sender:
            for event in session.receive(frame, at):
                if isinstance(event, Answer):
                    _carry(sessions, seat, event.frame, at)


def _role(name: str, seat: int) -> str:
    return name if codec.is_identifier(name) else f"seat_{seat}"


def _bytes(seed: int | str, *names: object) -> bytes:
    return hashlib.sha256(str(derive_seed(seed, "signed", *names)).encode()).digest()


def _papers(role: str, seed: int | str) -> Papers:
    principal = Disclosure("principal", _bytes(seed, "name", role), role[:256])
    contact = Disclosure("contact", _bytes(seed, "contact", role), "a match, not a business")
    return Papers(PrivateKey(_bytes(seed, "key", role)), principal, contact)
