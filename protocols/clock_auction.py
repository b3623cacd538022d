"""Dutch and Japanese auctions: a clock shows a price, and moves by itself.

*Dutch*: the price starts high and falls by the step at each tick. The first party to accept wins at the price on
the clock. Below the floor there is no sale.

*Japanese*: the price starts low and rises by the step at each tick. A party is in until it walks, which cannot be
undone. When one is left at the end of a tick it wins: at the clock, or at the last price that somebody else
accepted too (``last_common``). When the last ones leave at the same price, the first seat of them wins at the
price before, the last that they all accepted; if it was the first price, there is no sale. At the ceiling the
clock stops, and the first seat of those left wins.

A round is one tick; everybody sees the clock and how many are in.

The table:

    phase      accept   walk
    falling    done     falling
    rising     -        rising or done

Sources: Shoham & Leyton-Brown (2009), section 11.1; Milgrom & Weber (1982).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.moves import Accept, Walk
from negotiate.protocols.hosted import LARGEST, HostedNegotiation, HostedRules, Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("falling", "accept"): ("done",),
    ("falling", "walk"): ("falling", "done"),
    ("rising", "walk"): ("rising", "done"),
}

_MOST_TICKS = 1_000_000


def _end(data: Mapping[str, object], high: str) -> int:
    """The end of the clock's way that is not given: the high one for the form ``high``."""
    return 100 if data["form"] == high else 0


class ClockAuction(HostedRules):
    """The rules.

    Attributes:
        form: ``dutch`` falls, ``japanese`` rises.
        opening: first price; by default 100 of a falling, 0 of a rising clock.
        step: how far the price moves at each tick.
        last: the floor of a falling, the ceiling of a rising clock; by default the other way round.
        tick: milliseconds from one price to the next.
        pays: what the winner of a rising clock pays.
    """

    name: Literal["clock-auction"] = "clock-auction"
    form: Literal["dutch", "japanese"] = "dutch"
    opening: int = Field(default_factory=lambda data: _end(data, "dutch"), ge=0, le=LARGEST)
    step: int = Field(default=1, ge=1, le=LARGEST)
    last: int = Field(default_factory=lambda data: _end(data, "japanese"), ge=0, le=LARGEST)
    tick: int = Field(default=1000, ge=1)
    pays: Literal["clock", "last_common"] = "clock"

    @model_validator(mode="after")
    def _the_right_way(self) -> ClockAuction:
        way = self.opening - self.last if self.form == "dutch" else self.last - self.opening
        if not 0 <= way <= self.step * _MOST_TICKS:
            moves, which = ("falls", "most") if self.form == "dutch" else ("rises", "least")
            raise ValueError(
                f"a {self.form} clock {moves}: last, {self.last}, must be at {which} opening, "
                f"{self.opening}, and a million steps from it at most"
            )
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> RunningClock:
        """A new auction among one or more bidders."""
        return RunningClock(self, domain, parties, at)


class RunningClock(HostedNegotiation):
    """The running state: the tick, and who is in."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Accept, Walk)

    def __init__(
        self, rules: ClockAuction, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "falling" if rules.form == "dutch" else "rising", at)
        self.rules = rules
        self._out: dict[Party, int] = {}  # the price at which each left

    @property
    def price(self) -> int:
        """What the clock shows."""
        moved = (self.round - 1) * self.rules.step
        return self.rules.opening + (-moved if self.rules.form == "dutch" else moved)

    def _inside(self) -> list[Party]:
        return [party for party in self._all if party not in self._out]

    def _may(self, party: Party) -> bool:
        return party not in self._out

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        """What the table allows is allowed."""

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        self._note(party, move.kind, (self.price,), self._all)
        if isinstance(move, Accept):
            self._sell(party, self.price)
            return
        self._out[party] = self.price
        left = self._inside()
        if self.rules.form == "dutch":
            if not left:
                self._allocate({}, {})
        elif not left:
            self._together()

    def _together(self) -> None:
        """The last ones left at the same price."""
        if self.round == 1:
            self._allocate({}, {})
        else:
            last = min(party for party, price in self._out.items() if price == self.price)
            self._sell(last, self.price - self.rules.step)

    def _event(self) -> int:
        return self.round * self.rules.tick

    def _due(self, now: int) -> None:
        left = self._inside()
        if self.rules.form == "japanese" and len(left) == 1:
            rivals = [price for party, price in self._out.items() if party != left[0]]
            # Who left at a price did not accept it: the last common price is the one before.
            common = max(rivals, default=self.rules.opening) - self.rules.step
            pays = self.price if self.rules.pays == "clock" else max(common, self.rules.opening)
            self._sell(left[0], pays)
            return
        step, price = self.rules.step, self.price
        past = (
            price - step < self.rules.last
            if self.rules.form == "dutch"
            else price + step > self.rules.last
        )
        if not past:
            self.round += 1
        elif self.rules.form == "dutch":
            self._allocate({}, {})
        else:
            self._sell(left[0], price)

    def _sell(self, party: Party, price: int) -> None:
        self._allocate({party: 1}, {party: price})

    def _show(self, view: AuctionView) -> None:
        view.price = view.least = self.price
        view.leading = self._inside() == [view.party]
        view.close = self._event()
