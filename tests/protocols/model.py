"""Alternating offers once more, as plainly as possible: what the docstring says, with no thought for speed.

The tests play the library's negotiation and this one side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from negotiate.moves import CHANCE, Move, Offer
from negotiate.protocols.alternating_offers import TABLE, AlternatingOffers

if TYPE_CHECKING:
    from negotiate.domain import Domain, Outcome


@dataclass
class Model:
    """The state, and the rules that change it."""

    rules: AlternatingOffers
    domain: Domain
    parties: int
    round: int = 1
    mover: int | None = 0
    standing: Outcome | None = None
    behind: set[int] = field(default_factory=set[int])
    against: set[int] = field(default_factory=set[int])
    reason: str | None = None
    agreed: tuple[Outcome | None, int, float] | None = None
    now: int = 0
    log: list[tuple[int, int, str, Outcome | None]] = field(
        default_factory=list[tuple[int, int, str, "Outcome | None"]]
    )

    @property
    def phase(self) -> str:
        if self.reason is not None:
            return "done"
        if self.mover == CHANCE:
            return "chance"
        return "open" if self.standing is None else "standing"

    @property
    def legal(self) -> list[str]:
        kinds = [kind for phase, kind in TABLE if phase == self.phase]
        return [k for k in kinds if k != "reject" or self.rules.consent == "majority"]

    @property
    def time(self) -> float:
        shares = [0.0]
        if self.rules.rounds is not None:
            shares.append(self.round / (self.rules.rounds + 1))
        if self.rules.time_limit is not None:
            shares.append(min(self.now / self.rules.time_limit, 1.0))
        return max(shares)

    def refusal(self, party: object, move: object, at: int) -> str | None:
        """The code with which a move must be refused; None if it is legal."""
        limit = self.rules.time_limit
        if self.reason is not None:
            return "over"
        if limit is not None and at < self.now:
            return "clock"
        if limit is not None and at >= limit:
            return "late"
        if type(move) not in Move.__args__:
            return "not-a-move"
        if type(party) is not int or party != self.mover:
            return "turn"
        if move.kind not in self.legal:  # type: ignore[attr-defined]
            return "phase"
        if isinstance(move, Offer) and move.outcome not in list(self.domain.outcomes()):
            return "off-domain"
        return None

    def wait(self, at: int) -> None:
        self.now = max(self.now, at)
        limit = self.rules.time_limit
        if self.reason is None and limit is not None and self.now >= limit:
            self.end("deadline")

    def push(self, party: int, move: Move, at: int) -> None:
        self.now = max(self.now, at)
        outcome = move.outcome if isinstance(move, Offer) else None
        self.log.append((self.round, party, move.kind, outcome))
        match move.kind:
            case "offer":
                self.standing, self.behind, self.against = outcome, {party}, set()
                self.next_seat(party)
            case "accept":
                self.behind.add(party)
                if len(self.behind) >= self.needed:
                    self.agreed = (self.standing, party, self.time)
                    self.end("accept")
                else:
                    self.answered(party)
            case "reject":
                self.against.add(party)
                self.answered(party)
            case "proceed":
                self.next_round()
            case kind:
                self.end(kind)

    @property
    def needed(self) -> int:
        if self.rules.consent == "unanimity":
            return self.parties
        return next(n for n in range(self.parties + 1) if n > self.parties / 2)

    def answered(self, party: int) -> None:
        if len(self.behind | self.against) == self.parties:
            self.standing = None
        self.next_seat(party)

    def next_seat(self, party: int) -> None:
        if party < self.parties - 1:
            self.mover = party + 1
        elif self.rules.breakdown > 0:
            self.mover = CHANCE
        else:
            self.next_round()

    def next_round(self) -> None:
        if self.round == self.rules.rounds:
            self.end("deadline")
        else:
            self.round, self.mover = self.round + 1, 0

    def end(self, reason: str) -> None:
        self.reason, self.mover = reason, None
