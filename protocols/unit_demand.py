"""Ascending auction of different items to parties that each want one: Demange, Gale and Sotomayor.

A round shows a price for each item, and each party names the items that it likes best at these prices: it wants one
of them, or, with ``or_nothing``, as soon nothing. Who is silent wants nothing. If every party that wants an item
can have one that it named, the auction closes; otherwise the prices of a minimal over-demanded set of items rise
by the step, and another round is called.

At the close each party that wants an item gets one that it named, the earlier answers first where there are not
enough (after the last round), and items whose price has risen go, if need be, to those that would as soon have
nothing. With the step at the grid of the values and parties that tell the truth these are the least equilibrium
prices, which are also the VCG payments.

The table:

    phase    prefer
    round    round or done

Source: Demange, Gale & Sotomayor (1986), the exact auction mechanism.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.bidder import AuctionView, ItemsView
from negotiate.errors import IllegalMove
from negotiate.moves import Prefer
from negotiate.protocols.clearing.overdemand import assign, over_demanded
from negotiate.protocols.hosted import LARGEST, Table, tuple_of
from negotiate.protocols.items import ItemRules
from negotiate.protocols.rounds import Rounds
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("round", "prefer"): ("round", "done")}


class UnitDemand(ItemRules):
    """The rules of an ascending auction of different items to parties that each want one.

    Attributes:
        step: how far prices rise from round to round.
        rounds: the auction closes after so many rounds at the latest.
        round_time: milliseconds to the end of a round.
    """

    name: Literal["unit-demand"] = "unit-demand"
    step: int = Field(default=1, ge=1, le=LARGEST)
    rounds: int = Field(default=10_000, ge=1, le=1_000_000)
    round_time: int = Field(default=1000, ge=1)

    @model_validator(mode="after")
    def _one_each(self) -> UnitDemand:
        if self.supply:
            raise ValueError("there is one of each item here; leave supply out")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Preferring:
        """A new auction among one or more bidders."""
        return Preferring(self, domain, parties, at)


class Preferring(Rounds):
    """The running state: the prices, and who likes what best at them."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Prefer,)

    def __init__(
        self, rules: UnitDemand, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "round", at, rules.round_time)
        self.rules = rules
        self._views = rules.views(self._all)
        self._prices = list(rules.openings)
        self._firm: dict[Party, tuple[int, ...]] = {}  # of this round, in the order of arrival
        self._loose: dict[Party, tuple[int, ...]] = {}

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if not isinstance(move, Prefer):
            return
        self._refuse_round(move.round)
        items = tuple_of(move.items, 0, len(self.rules.items))
        places = [self.rules.place(item) for item in items]
        if len(set(places)) != len(places):
            raise IllegalMove("an item is named twice", code="duplicate")
        if type(move.or_nothing) is not bool:
            raise IllegalMove(
                f"{quote(move.or_nothing)} is not true or false", code="or-nothing"
            )

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Prefer):
            places = tuple(self.rules.place(item) for item in move.items)
            if places:
                (self._loose if move.or_nothing else self._firm)[party] = places
            self._note(party, move.kind, places, [party])
            self._answered(party, now)

    def _end_round(self, now: int) -> None:
        dear = over_demanded(self._firm)
        if dear is None or self.round >= self.rules.rounds:
            self._close()
            return
        for place in dear:
            self._prices[place] += self.rules.step
        self._firm, self._loose = {}, {}
        self._call(self._all, now, self.rules.round_time)

    def _close(self) -> None:
        risen = [
            place
            for place, price in enumerate(self._prices)
            if price > self.rules.openings[place]
        ]
        got = assign(self._firm, self._loose, risen)
        self._allocate(
            dict.fromkeys(got, 1),
            {party: self._prices[place] for party, place in got.items()},
            {
                party: tuple(int(got.get(party) == p) for p in range(len(self._prices)))
                for party in self._all
            },
        )

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        if isinstance(view, ItemsView):
            view.prices = tuple(self._prices)
