"""Contract net, and its iterated form: a call for proposals, one answer each, and an award.

The host calls; each party proposes a price (a bid) or refuses, once, before the deadline; a later answer is
refused. When all have answered or the deadline has passed, the cheapest proposal at or below the ceiling is
accepted, the earliest of equals.

With more than one round a round is followed by another call, to those parties only that proposed in it: each may
revise its proposal, downwards or not at all, and one that stays silent stands by its last. The last round is
awarded; so is one in which nobody revised.

With ``perform`` the award is a promise: the winner has that much time to report that the work is done. If it
reports failure or stays silent, nobody is paid.

The table:

    phase     bid                  reject               inform
    call      call, work or done   call, work or done   -
    work      -                    -                    done

An answer is seen by its party and the host only.

Sources: Smith (1980); FIPA Contract Net (SC00029H) and Iterated Contract Net (SC00030H) Interaction Protocols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.errors import IllegalMove
from negotiate.moves import Bid, Inform, Reject
from negotiate.protocol import Reason
from negotiate.protocols.clearing.proposals import Answer, contract_net
from negotiate.protocols.hosted import (
    LARGEST,
    HostedRules,
    Table,
    amount_of,
)
from negotiate.protocols.rounds import Rounds
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("call", "bid"): ("call", "work", "done"),
    ("call", "reject"): ("call", "work", "done"),
    ("work", "inform"): ("done",),
}


class ContractNet(HostedRules):
    """The rules.

    Attributes:
        rounds: calls; 1 for the plain form.
        deadline: milliseconds from each call to its deadline.
        ceiling: the highest price that is accepted; None for any.
        perform: milliseconds for the work; None if the award is the end.
    """

    name: Literal["contract-net"] = "contract-net"
    rounds: int = Field(default=1, ge=1, le=1000)
    deadline: int = Field(default=60_000, ge=1)
    ceiling: int | None = Field(default=None, ge=0, le=LARGEST)
    perform: int | None = Field(default=None, ge=1)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> OpenCall:
        """A new call to one or more parties."""
        return OpenCall(self, domain, parties, at)


class OpenCall(Rounds):
    """The running state: who has answered the call, and what stands."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Bid, Reject, Inform)

    def __init__(
        self, rules: ContractNet, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "call", at, rules.deadline)
        self.rules = rules
        self._standing: dict[Party, int] = {}  # proposals, in the order in which they came
        self._revised = False

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Bid):
            amount = amount_of(move.amount)
            last = self._standing.get(party)
            if last is not None and amount > last:
                raise IllegalMove(
                    f"a revised proposal may not rise above {last}", code="raised"
                )
        elif isinstance(move, Inform) and type(move.done) is not bool:
            raise IllegalMove(f"{quote(move.done)} is not true or false", code="done")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        value = (move.amount,) if isinstance(move, Bid) else None
        self._note(party, move.kind, value, [party])
        if isinstance(move, Inform):
            self._pay(party, done=move.done)
            return
        if isinstance(move, Bid) and self._standing.get(party) != move.amount:
            self._standing.pop(party, None)  # a better price counts from when it came
            self._standing[party] = move.amount
            self._revised = True
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        if self.phase == "work":
            self._fail(Reason.FAILED, next(iter(self._asked)))
        elif self.round < self.rules.rounds and self._revised:
            self._revised = False
            self._call(self._standing, now, self.rules.deadline)
        else:
            self._award(now)

    def _award(self, now: int) -> None:
        answers = (Answer(str(p), "propose", price, 0) for p, price in self._standing.items())
        found = contract_net(answers, ceiling=self.rules.ceiling)
        winner = None if found.accept is None else int(found.accept)
        if winner is None:
            self._allocate({}, {})
        elif self.rules.perform is None:
            self._pay(winner, done=True)
        else:
            self.phase = "work"
            self._call([winner], now, self.rules.perform)

    def _pay(self, winner: Party, *, done: bool) -> None:
        if done:
            self._allocate({winner: -1}, {winner: -self._standing[winner]})
        else:
            self._fail(Reason.FAILED, winner)

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.mine = self._standing.get(view.party)
        view.leading = self.phase == "work" and view.party in self._asked
