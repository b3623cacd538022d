"""Alternating offers, for two parties and, stacked, for more.

The parties move in turn, seat 0 first; a *round* is one turn of each. A party makes an offer, which replaces
whatever stood before, or accepts the standing offer, or walks away. The proposer counts as agreeing to its own
offer. Under ``unanimity`` an offer is agreed when every other party has accepted it in turn. Under ``majority``
it is agreed as soon as more than half of all parties stand behind it; there a party may also reject, which
leaves the offer to the parties after it, and when all have answered without a majority the offer falls.
Whoever walks ends the negotiation for all.

The table below is the protocol:

    phase      offer      accept                   reject             walk   proceed            breakdown
    open       standing   -                        -                  done   -                  -
    standing   standing   standing, open or done   standing or open   done   -                  -
    chance     -          -                        -                  -      open or standing   done

At the end of each round, where the rules give a probability of breakdown, the phase is ``chance``: chance moves,
and lets the parties proceed or breaks off. After the last round, or when time is up, the negotiation ends without
agreement. Where time is not limited, nobody looks at the clock.

Relative time is ``round / (rounds + 1)`` where rounds are limited, elapsed time over the limit where time is,
and the larger of the two where both are.

Sources: Rubinstein (1982) for two parties; Aydogan, Festen, Hindriks & Jonker (2017) for the stacked form;
Binmore, Rubinstein & Wolinsky (1986) for breakdown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from pydantic import Field, model_validator

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
    relative_time,
)
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from negotiate.domain.issues import Domain, Outcome

Phase = Literal["open", "standing", "chance", "done"]

TABLE: dict[tuple[str, str], tuple[Phase, ...]] = {
    ("open", "offer"): ("standing",),
    ("open", "walk"): ("done",),
    ("standing", "offer"): ("standing",),
    ("standing", "accept"): ("standing", "open", "done"),
    ("standing", "reject"): ("standing", "open"),
    ("standing", "walk"): ("done",),
    ("chance", "proceed"): ("open", "standing"),
    ("chance", "breakdown"): ("done",),
}
"""Phase and kind of move to the phases that may follow; what is not here is illegal.

The end of a round may put ``chance`` in between, and a deadline ``done``.
"""

_ROUNDS = 1_000_000
_REMEMBERED = 2**16  # outcomes of a domain that were checked


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

    def start(
        self, domain: Domain, parties: Sequence[str], at: int = 0
    ) -> AlternatingNegotiation:
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

    @property
    def steady_rounds(self) -> int | None:
        """The limit on rounds where there is none on time; else None."""
        return self.rounds if self.time_limit is None else None

    def quorum(self, parties: int) -> int:
        """All, or more than half."""
        return parties if self.consent == "unanimity" else parties // 2 + 1

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
    """The running state: the round, the standing offer, and the log."""

    __slots__ = (
        "_at", "_began", "_legal", "_rounds", "_steady", "_valid", "_views", "domain", "last", "mover", "parties",
        "result", "round", "rules", "standing",
    )  # fmt: skip

    def __init__(self, rules: AlternatingOffers, domain: Domain, parties: int, at: int) -> None:
        self.rules = rules
        self.domain = domain
        self.parties = parties
        self.round = 0
        self.result: Result | None = None
        self.standing: Outcome | None = None
        self.last: Entry | None = None
        self._began = self._at = at
        self._legal = _LEGAL[rules.consent]
        moves = (self._legal["open"], self._legal["standing"])
        self._rounds = rules.rounds
        self._valid = domain.checked
        self._views = tuple(View(party, moves, rules.rounds) for party in range(parties))
        self._steady = (
            rules.time_limit is None and not rules.breakdown
        )  # only parties' moves count
        self.mover: Party | None = 0
        self._next_round()

    @property
    def phase(self) -> Phase:
        """Where in the table the negotiation stands."""
        if self.result is not None:
            return "done"
        if self.mover == CHANCE:
            return "chance"
        return "open" if self.standing is None else "standing"

    @property
    def legal(self) -> tuple[str, ...]:
        """Kinds of the moves that may be made now."""
        return self._legal[self.phase]

    # -- the rules -------------------------------------------------------------------------------

    def check(self, party: Party, move: Move, at: int = 0) -> None:
        """Raise IllegalMove, with a code, if the rules do not allow this now; change nothing."""
        if self.result is not None:
            raise IllegalMove("the negotiation is over; no move is allowed", code="over")
        if self.rules.time_limit is not None and at < self._at:
            raise IllegalMove(f"time ran back, from {self._at} to {at} ms", code="clock")
        if self._late(at):
            raise IllegalMove("the time limit has passed; no move is allowed", code="late")
        legal = self.legal
        kind = _kind(move)
        if kind is None:
            raise IllegalMove(
                f"{quote(move)} is not a move; allowed now: {', '.join(legal)}",
                code="not-a-move",
            )
        if type(party) is not int or party != self.mover:
            to_move = "chance" if self.mover == CHANCE else self.mover
            raise IllegalMove(
                f"party {quote(party)} is not to move; to move: {to_move}", code="turn"
            )
        if kind not in legal:
            raise IllegalMove(
                f"{kind} is not allowed {_WHEN[self.phase]}; allowed now: {', '.join(legal)}",
                code="phase",
            )
        if type(move) is Offer:
            self._check_outcome(getattr(move, "outcome", ()))

    def push(self, party: Party, move: Move, at: int = 0) -> None:
        """Check, then apply."""
        if type(move) is Offer:
            # Written out because it decides the speed of the reference loop: whoever is to move may always
            # offer, and most offers are of an outcome that was checked before.
            try:
                outcome = move.outcome
            except AttributeError:  # made without its constructor
                outcome = ()
            steady = self._steady
            if not (steady and party is self.mover and id(outcome) in self._valid):
                self.check(party, move, at)
                self._at = at
            self.standing = outcome
            self.last = last = (self.round, party, "offer", outcome, self.last)
            if not steady or (party + 1 == self.parties and self.round == self._rounds):
                self._next(party)
                return
            party += 1
            if party == self.parties:
                party = 0
                self.round += 1
            self.mover = party
            view = self._views[party]
            view.round, view.standing, view.last = self.round, outcome, last
            return
        self.check(party, move, at)
        self._at = at
        self.last = (self.round, party, move.kind, None, self.last)
        if type(move) is Walk:
            self._end(NoAgreement(Reason.WALK, party, self.round))
        elif type(move) is Breakdown:
            self._end(NoAgreement(Reason.BREAKDOWN, None, self.round))
        elif type(move) is Proceed:
            self._next_round()
        else:
            self._answer(party)

    def vouch(self, outcome: Outcome) -> None:
        """The caller made this outcome from the domain itself, so it need not be checked again."""
        if len(self._valid) < _REMEMBERED:
            self._valid[id(outcome)] = outcome

    def withdraw(self, party: Party, at: int = 0) -> None:
        """The proposer takes back its standing offer, out of turn; whoever is to move stays to move."""
        if self.result is not None:
            raise IllegalMove("the negotiation is over; no move is allowed", code="over")
        if self.standing is None:
            raise IllegalMove("there is no standing offer to withdraw", code="phase")
        if self.view(party).standing_by != party:
            raise IllegalMove(f"the standing offer is not by party {quote(party)}", code="turn")
        self._at = max(self._at, at)
        self.standing = None
        self.last = (self.round, party, "withdraw", None, self.last)

    def advance(self, at: int) -> None:
        """End the negotiation by deadline if the time limit has passed."""
        if self.result is None and self._late(at):
            self._end(NoAgreement(Reason.DEADLINE, None, self.round))
        self._at = max(self._at, at)

    # -- what moves do ---------------------------------------------------------------------------

    def _answer(self, party: Party) -> None:
        """An accept or a reject: count the answers to the standing offer."""
        answers = self._answers()
        agreed = 1 + answers.count("accept")  # the proposer stands behind its own offer
        if self.standing is not None and agreed >= self.rules.quorum(self.parties):
            self._end(Agreement(self.standing, party, self.round, self._time()))
            return
        if len(answers) == self.parties - 1:  # all have answered, and it was not enough
            self.standing = None
        self._next(party)

    def _answers(self) -> list[str]:
        answers: list[str] = []
        entry = self.last
        while entry is not None and entry[2] != "offer":
            if entry[1] != CHANCE:
                answers.append(entry[2])
            entry = entry[4]
        return answers

    def _next(self, party: Party) -> None:
        if party + 1 < self.parties:
            self.mover = party + 1
            self.view(party + 1)
        elif self.rules.breakdown:
            self.mover = CHANCE
        else:
            self._next_round()

    def _next_round(self) -> None:
        if self.round == self._rounds:
            self._end(NoAgreement(Reason.DEADLINE, None, self.round))
            return
        self.round += 1
        self.mover = 0
        view = self._views[0]
        view.round, view.standing, view.last = self.round, self.standing, self.last

    def _end(self, result: Result) -> None:
        self.result = result
        self.mover = None
        self._steady = False  # nothing is quick any more: every move is refused

    # -- what can be asked -----------------------------------------------------------------------

    def view(self, party: Party) -> View:
        """What ``party`` may see: everything but the other parties' preferences."""
        view = self._views[party]
        view.round = self.round
        view.standing = self.standing
        view.last = self.last
        view.elapsed = self._elapsed()
        return view

    def _elapsed(self) -> float:
        limit = self.rules.time_limit
        return 0.0 if limit is None else min((self._at - self._began) / limit, 1.0)

    def _time(self) -> float:
        # Never read off a view: a view belongs to its party, which may write what it likes into it.
        return relative_time(self.round, self._rounds, self._elapsed())

    def _late(self, at: int) -> bool:
        return self.rules.time_limit is not None and at - self._began >= self.rules.time_limit

    def _check_outcome(self, outcome: Outcome) -> None:
        if id(outcome) in self._valid:
            return
        try:
            self.domain.check(outcome)
        except DomainError as error:
            raise IllegalMove(
                f"the offer is not an outcome: {error}", code="off-domain"
            ) from None
        if len(self._valid) < _REMEMBERED:
            # Tuples of integers never change, and this reference keeps the id from being used again.
            self._valid[id(outcome)] = outcome


_MOVES = (Offer, Accept, Reject, Walk, Proceed, Breakdown)
_WHEN = {
    "open": "before an offer",
    "standing": "now",
    "chance": "while chance is to move",
    "done": "any more",
}


def _kind(move: object) -> str | None:
    # By identity of the class: a foreign class may claim to equal one of ours.
    return next((cls.kind for cls in _MOVES if type(move) is cls), None)


def _kinds(phase: Phase, consent: str) -> tuple[str, ...]:
    """Kinds of the moves that the table allows in a phase."""
    kinds = tuple(kind for (at, kind) in TABLE if at == phase)
    return kinds if consent == "majority" else tuple(k for k in kinds if k != Reject.kind)


_LEGAL: dict[str, dict[Phase, tuple[str, ...]]] = {
    consent: {phase: _kinds(phase, consent) for phase in get_args(Phase)}
    for consent in ("unanimity", "majority")
}
