"""Alternating offers, for two parties and, stacked, for more.

The parties move in turn, seat 0 first; a *round* is one turn of each. A party makes an offer, which replaces
whatever stood before, or accepts the standing offer, or walks away. The proposer counts as agreeing to its own
offer. Under ``unanimity`` an offer is agreed when every other party has accepted it in turn. Under ``majority``
it is agreed as soon as more than half of all parties stand behind it; there a party may also reject, which
leaves the offer to the parties after it, and when all have answered without a majority the offer falls.
Whoever walks ends the negotiation for all.

The table below is the protocol:

    phase      offer      accept             reject             walk
    open       standing   -                  -                  done
    standing   standing   standing or done   standing or open   done

At the end of each round, where the rules give a probability of breakdown, chance moves: it proceeds or breaks
down. After the last round, or when time is up, the negotiation ends without agreement.

Relative time is ``round / (rounds + 1)`` where rounds are limited, elapsed time over the limit where time is,
and the larger of the two where both are.

Sources: Rubinstein (1982) for two parties; Aydogan, Festen, Hindriks & Jonker (2017) for the stacked form;
Binmore, Rubinstein & Wolinsky (1986) for breakdown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from negotiate.domain.issues import Domain, Outcome
from negotiate.errors import DomainError, IllegalMove, LocalError
from negotiate.moves import CHANCE, Accept, Breakdown, Move, Offer, Party, Proceed, Reject, Walk
from negotiate.protocol import (
    Agreement,
    Entry,
    Negotiation,
    NoAgreement,
    Protocol,
    Reason,
    Result,
    View,
)
from negotiate.show import quote

if TYPE_CHECKING:
    from random import Random

Phase = Literal["open", "standing", "done"]

TABLE: dict[tuple[str, str], tuple[Phase, ...]] = {
    ("open", "offer"): ("standing",),
    ("open", "walk"): ("done",),
    ("standing", "offer"): ("standing",),
    ("standing", "accept"): ("standing", "done"),
    ("standing", "reject"): ("standing", "open"),
    ("standing", "walk"): ("done",),
}
"""Phase and kind of move to the phases that may follow; what is not here is illegal."""

_ROUNDS = 1_000_000


class AlternatingOffers(Protocol):
    """The rules.

    Attributes:
        rounds: most rounds; None for no limit on rounds.
        time_limit: most time in milliseconds; None for no limit on time. One of the two is needed.
        breakdown: probability, in millionths, that chance ends the negotiation after a round.
        consent: who has to agree.
        discounting: how the discount factor ``d`` of a party shrinks an agreement: ``relative``, by ``d**t``
            at relative time t (GENIUS); ``round``, by ``d**(k-1)`` in round k (Rubinstein); or ``none``.
    """

    name: Literal["alternating-offers"] = "alternating-offers"
    rounds: int | None = Field(default=100, ge=1, le=_ROUNDS)
    time_limit: int | None = Field(default=None, ge=1)
    breakdown: int = Field(default=0, ge=0, le=1_000_000)
    consent: Literal["unanimity", "majority"] = "unanimity"
    discounting: Literal["relative", "round", "none"] = "relative"

    @model_validator(mode="after")
    def _must_end(self) -> AlternatingOffers:
        if self.rounds is None and self.time_limit is None:
            raise ValueError("a negotiation must end: give rounds, or a time limit, or both")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> AlternatingNegotiation:
        """A new negotiation between two or more parties with distinct names."""
        if len(parties) < 2 or len(set(parties)) != len(parties):
            raise LocalError(
                f"parties are {quote(tuple(parties))}; two or more with distinct names are expected",
                code="parties",
            )
        return AlternatingNegotiation(self, domain, len(parties), at)

    @property
    def needs_clock(self) -> bool:
        """Whether time is limited."""
        return self.time_limit is not None

    def chance(self, stream: Random) -> Move:
        """Breakdown with the probability of the rules, else proceed."""
        broke = stream.random() * 1_000_000 < self.breakdown
        return Breakdown() if broke else Proceed()

    def age(self, result: Agreement) -> float:
        """The exponent of the discount factor for this agreement."""
        if self.discounting == "none":
            return 0.0
        return result.time if self.discounting == "relative" else float(result.round - 1)


class AlternatingNegotiation(Negotiation):
    """The running state: a phase, the standing offer, and how many agree to it."""

    __slots__ = (
        "_at", "_began", "_seats", "_steady", "_valid", "_views", "agreed", "answered", "domain", "last", "legal",
        "parties", "phase", "result", "round", "rules", "standing", "to_move",
    )  # fmt: skip

    def __init__(self, rules: AlternatingOffers, domain: Domain, parties: int, at: int) -> None:
        self.rules = rules
        self.domain = domain
        self.parties = parties
        self.phase: Phase = "open"
        self.legal = _legal("open", rules)
        self.round = 0
        self.result = None
        self.standing: Outcome | None = None
        self.agreed = self.answered = 0
        self.last = None
        self._began = self._at = at
        self._valid: dict[int, Outcome] = {}
        self._seats: tuple[tuple[Party, ...], ...] = tuple((party,) for party in range(parties))
        self._views = tuple(View(party, rules.rounds) for party in range(parties))
        self._steady = rules.time_limit is None  # time passes with rounds only
        self.to_move = self._seats[0]
        self._next_round()

    # -- the rules -------------------------------------------------------------------------------

    def check(self, party: Party, move: Move, at: int = 0) -> None:
        """Raise IllegalMove, with a code, if the rules do not allow this now; change nothing."""
        if self.result is not None:
            raise IllegalMove("the negotiation is over; no move is allowed", code="over")
        if at < self._at:
            raise IllegalMove(f"time ran back, from {self._at} to {at} ms", code="clock")
        if self._late(at):
            raise IllegalMove("the time limit has passed; no move is allowed", code="late")
        if type(move) not in _MOVES:
            raise IllegalMove(
                f"{quote(move)} is not a move; allowed now: {', '.join(self.legal)}", code="not-a-move"
            )
        if party not in self.to_move:
            raise IllegalMove(
                f"party {quote(party)} is not to move; to move: {_names(self.to_move)}", code="turn"
            )
        if move.kind not in self.legal:
            raise IllegalMove(
                f"{move.kind} is not allowed {_WHEN[self.phase]}; allowed now: {', '.join(self.legal)}",
                code="phase",
            )
        if type(move) is Offer:
            self._check_outcome(move.outcome)

    def push(self, party: Party, move: Move, at: int = 0) -> None:
        """Check, then apply."""
        if type(move) is Offer:
            outcome = move.outcome
            # The common case, tested inline because it decides the speed of the reference loop: an offer, in
            # turn, of an outcome seen before. Whoever is to move may always offer.
            if not (
                self._steady
                and self._valid.get(id(outcome)) is outcome
                and self.to_move
                and self.to_move[0] == party
            ):
                self.check(party, move, at)
                self._at = at
            self.standing = outcome
            self.agreed, self.answered = 1, 0
            if self.phase != "standing":
                self._enter("standing")
            self.last = _entry((self.round, party, "offer", outcome, self.last))
            self._next(party)
            return
        self.check(party, move, at)
        self._at = at
        self.last = _entry((self.round, party, move.kind, None, self.last))
        if type(move) is Accept:
            self._accept(party)
        elif type(move) is Reject:
            self._answer(party)
        elif type(move) is Walk:
            self._end(NoAgreement(Reason.WALK, party, self.round))
        elif type(move) is Breakdown:
            self._end(NoAgreement(Reason.BREAKDOWN, None, self.round))
        else:
            self._next_round()

    def advance(self, at: int) -> None:
        """End the negotiation by deadline if the time limit has passed."""
        if self.result is None and self._late(at):
            self._end(NoAgreement(Reason.DEADLINE, None, self.round))
        self._at = max(self._at, at)

    # -- what moves do ---------------------------------------------------------------------------

    def _accept(self, party: Party) -> None:
        self.agreed += 1
        needed = self.parties if self.rules.consent == "unanimity" else self.parties // 2 + 1
        if self.standing is not None and self.agreed >= needed:
            self._end(Agreement(self.standing, party, self.round, self._time()))
        else:
            self._answer(party)

    def _answer(self, party: Party) -> None:
        self.answered += 1
        if self.answered == self.parties - 1:  # all have answered, and it was not enough
            self.standing = None
            self._enter("open")
        self._next(party)

    def _next(self, party: Party) -> None:
        if party + 1 < self.parties:
            self.to_move = self._seats[party + 1]
        elif self.rules.breakdown:
            self.to_move = (CHANCE,)
            self.legal = ("proceed", "breakdown")
        else:
            self._next_round()

    def _next_round(self) -> None:
        if self.round == self.rules.rounds:
            self._end(NoAgreement(Reason.DEADLINE, None, self.round))
            return
        self.round += 1
        self.to_move = self._seats[0]
        if self.rules.breakdown:
            self.legal = _legal(self.phase, self.rules)
        time = self._time()
        for view in self._views:
            view.round = self.round
            view.time = time

    def _enter(self, phase: Phase) -> None:
        self.phase = phase
        self.legal = _legal(phase, self.rules)

    def _end(self, result: Result) -> None:
        self.result = result
        self.phase = "done"
        self.to_move = self.legal = ()

    # -- what can be asked -----------------------------------------------------------------------

    def view(self, party: Party) -> View:
        """What ``party`` may see: everything but the other parties' preferences."""
        view = self._views[party]
        view.standing = self.standing
        view.legal = self.legal
        view.last = self.last
        if not self._steady:
            view.time = self._time()
        return view

    def _time(self) -> float:
        rounds, limit = self.rules.rounds, self.rules.time_limit
        by_rounds = self.round / (rounds + 1) if rounds is not None else 0.0
        by_clock = min((self._at - self._began) / limit, 1.0) if limit is not None else 0.0
        return max(by_rounds, by_clock)

    def _late(self, at: int) -> bool:
        return self.rules.time_limit is not None and at - self._began >= self.rules.time_limit

    def _check_outcome(self, outcome: Outcome) -> None:
        if self._valid.get(id(outcome)) is outcome:
            return
        try:
            self.domain.check(outcome)
        except DomainError as error:
            raise IllegalMove(f"the offer is not an outcome: {error}", code="off-domain") from None
        # Tuples of integers never change, and this reference keeps the id from being used again.
        self._valid[id(outcome)] = outcome


_entry = partial(tuple.__new__, Entry)  # a named tuple's own constructor costs twice as much
_MOVES = frozenset({Offer, Accept, Reject, Walk, Proceed, Breakdown})
_WHEN = {"open": "before an offer", "standing": "now", "done": "any more"}


def _legal(phase: Phase, rules: AlternatingOffers) -> tuple[str, ...]:
    kinds = tuple(kind for (at, kind) in TABLE if at == phase)
    return kinds if rules.consent == "majority" else tuple(k for k in kinds if k != "reject")


def _names(parties: tuple[Party, ...]) -> str:
    return ", ".join("chance" if p == CHANCE else str(p) for p in parties)
