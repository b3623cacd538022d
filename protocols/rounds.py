"""Calls that are answered in secret: what sealed auctions and auctions in rounds share.

The host calls; all who are asked answer; nobody sees another's answer before the round ends. It ends when all who
were asked have answered for good, or when its time is up: who is silent then has said nothing. A sealed auction is
one such round.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from negotiate.errors import IllegalMove
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import Party


class Rounds(HostedNegotiation):
    """The running state: who is asked, and until when."""

    def __init__(
        self, domain: Domain, parties: Sequence[str], phase: str, at: int, span: int
    ) -> None:
        super().__init__(domain, parties, phase, at)
        self._asked: set[Party] = set(self._all)
        self._ends = span

    @abstractmethod
    def _end_round(self, now: int) -> None:
        """All have answered, or time is up: call again, or close."""

    def _call(self, asked: Iterable[Party], now: int, span: int) -> None:
        """Open another round, which ends after ``span`` milliseconds."""
        self.round += 1
        self._asked, self._ends = set(asked), now + span

    def _answered(self, party: Party, now: int) -> None:
        """The party has nothing more to say in this round."""
        self._asked.discard(party)
        if not self._asked:
            self._end_round(now)

    def _refuse_round(self, number: object) -> None:
        """Answers name their round, so that one that comes late does not count for the next."""
        if type(number) is not int or number != self.round:
            raise IllegalMove(
                f"round {quote(number)} is not this one, which is {self.round}", code="round"
            )

    def _may(self, party: Party) -> bool:
        return party in self._asked

    def _event(self) -> int:
        return self._ends

    def _due(self, now: int) -> None:
        self._end_round(now)

    def _show(self, view: AuctionView) -> None:
        view.close = self._ends
