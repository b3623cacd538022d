"""Ascending clock for several identical units: one price for all, or Ausubel's clinching.

A round shows a price, and each party says how many units it wants at it: never more than in the round before, and
under clinching never fewer than it has clinched. Who is silent wants no more than it is bound to. While all
together want more than the supply, the clock rises by the step. It stops when they do not.

*Clinching*: whenever the others together leave some of the supply over, a party has clinched so many units at the
price of that moment. *Uniform*: all units are sold at the one price where the clock stopped.

``pays`` says which price that is: ``clock``, the one on the clock; or ``last_common``, the one before it, the last
at which there was more demand than supply. With ``last_common``, and parties that want a unit as long as it is
worth the price to them, clinching is the Vickrey auction of several units, and uniform is the sealed uniform-price
auction (highest rejected amount).

*Overshoot*: where the last step leaves units over, they go at the price before to those who wanted more at it, in
the order in which their demands came; the one price of all is then that price too. At the ceiling the clock stops,
and what it has not sold goes at that price to those who want it, in the same order.

The table:

    phase    demand
    clock    clock or done

Source: Ausubel (2004); Ausubel & Cramton (2004) for the demand that may not rise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.bidder import AuctionView, ItemsView
from negotiate.errors import IllegalMove
from negotiate.moves import Demand
from negotiate.protocols.hosted import LARGEST, HostedRules, Table, amounts_of
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("clock", "demand"): ("clock", "done")}

_MOST_TICKS = 1_000_000


class AscendingClock(HostedRules):
    """The rules of an ascending clock for several identical units.

    Attributes:
        units: the supply.
        form: ``clinching`` or ``uniform``.
        pays: the price on the clock, or the one before.
        opening: first price.
        step: how far the price rises from round to round.
        last: the ceiling.
        tick: milliseconds to the end of a round.
        show_demand: whether all see what all together wanted in the last round.
    """

    name: Literal["ascending-clock"] = "ascending-clock"
    units: int = Field(default=2, ge=1, le=10_000)
    form: Literal["clinching", "uniform"] = "clinching"
    pays: Literal["clock", "last_common"] = "clock"
    opening: int = Field(default=0, ge=0, le=LARGEST)
    step: int = Field(default=1, ge=1, le=LARGEST)
    last: int = Field(default=100, ge=0, le=LARGEST)
    tick: int = Field(default=1000, ge=1)
    show_demand: bool = True

    @model_validator(mode="after")
    def _upwards(self) -> AscendingClock:
        if not 0 <= self.last - self.opening <= self.step * _MOST_TICKS:
            raise ValueError(
                "a clock must rise from opening to last, in a million steps at most"
            )
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> RisingClock:
        """A new auction among one or more bidders."""
        return RisingClock(self, domain, parties, at)


class RisingClock(Rounds):
    """The running state: the price, what each wants, and what it has clinched."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Demand,)

    def __init__(
        self, rules: AscendingClock, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "clock", at, rules.tick)
        self.rules = rules
        self._views = tuple(ItemsView(p, ("unit",), (rules.units,)) for p in self._all)
        self._before = dict.fromkeys(self._all, rules.units)  # demand one round ago
        self._wanted: dict[Party, int] = {}  # demand in this round, in the order of arrival
        self._clinched: dict[Party, list[int]] = {party: [] for party in self._all}
        self._shown: tuple[int, ...] = ()

    @property
    def price(self) -> int:
        """What the clock shows."""
        return self.rules.opening + (self.round - 1) * self.rules.step

    def clinched(self, party: Party) -> tuple[int, ...]:
        """Prices of the units that are the party's already."""
        return tuple(self._clinched[party])

    @property
    def _earlier(self) -> int:
        """The price one round before."""
        return max(self.price - self.rules.step, self.rules.opening)

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if not isinstance(move, Demand):
            return
        self._refuse_round(move.round)
        units = amounts_of(move.units, 1)[0]
        if units > self._before[party]:
            raise IllegalMove(f"demand may not rise above {self._before[party]}", code="rising")
        if units < len(self._clinched[party]):
            raise IllegalMove(
                f"{len(self._clinched[party])} units are yours already", code="clinched"
            )

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Demand):
            self._wanted[party] = move.units[0]
            self._note(party, "demand", move.units, [party])
            self._answered(party, now)

    def _end_round(self, now: int) -> None:
        bound = {party: len(prices) for party, prices in self._clinched.items()}
        wanted = {**self._wanted, **{p: n for p, n in bound.items() if p not in self._wanted}}
        total = sum(wanted.values())
        if total <= self.rules.units:
            self._stop(wanted)
        elif self.price + self.rules.step > self.rules.last:
            self._sell(wanted, self.price)
            self._settle(self.price)
        else:
            self._rise(wanted, total, now)

    def _rise(self, wanted: dict[Party, int], total: int, now: int) -> None:
        if self.rules.form == "clinching":
            for party, own in wanted.items():
                self._sell({party: self.rules.units - (total - own)}, self._charged)
        self._before, self._wanted, self._shown = wanted, {}, (total,)
        asked = [p for p, own in wanted.items() if own > len(self._clinched[p])]
        self._call(asked, now, self.rules.tick)

    @property
    def _charged(self) -> int:
        return self.price if self.rules.pays == "clock" else self._earlier

    def _stop(self, wanted: Mapping[Party, int]) -> None:
        self._sell(wanted, self._charged)
        over = self.rules.units - sum(wanted.values())
        if over and self.round > 1:
            self._sell(self._before, self._earlier)
        self._settle(self._earlier if over else self._charged)

    def _sell(self, most: Mapping[Party, int], price: int) -> None:
        """Bring everybody up to so many units at this price, as far as the supply goes."""
        left = self.rules.units - sum(map(len, self._clinched.values()))
        for party, count in most.items():
            more = min(left, max(0, count - len(self._clinched[party])))
            self._clinched[party] += [price] * more
            left -= more

    def _settle(self, price: int) -> None:
        uniform = self.rules.form == "uniform"
        won = {party: len(prices) for party, prices in self._clinched.items()}
        due = {p: price * won[p] if uniform else sum(self._clinched[p]) for p in self._all}
        self._allocate(won, due)

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        if isinstance(view, ItemsView):
            view.price, view.prices = self.price, (self.price,)
            view.held = (len(self._clinched[view.party]),)
            view.mine = self._wanted.get(view.party)
            view.demand = self._shown if self.rules.show_demand else ()
