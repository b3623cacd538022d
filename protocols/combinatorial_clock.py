"""Combinatorial clock auction: clock rounds with a price for each item, then package bids, then core prices.

*Clock rounds*: each item has a price, and each party says how many units of each it wants at these prices; who is
silent wants nothing. While some item is wanted more than there is supply, its price rises by its step and another
round is called; otherwise the clock stops.

*Activity*, as the rules choose: ``eligibility``, a party never wants a package of more points than the one that
it wanted in the round before; or ``revealed-preference``: between any two rounds, what a party wants more of in the
later one has not become dearer than what it wants less of, ``(p[t] - p[s]) (x[t] - x[s]) <= 0``.

*Supplementary round*: each party may send package bids, and raise them. Together with its demands of the clock
rounds, each worth its price then, they are XOR bids. A bid must be above the party's own on the same package, and
reach the opening prices. The final cap: with x the package that the party wanted in the last clock round, p the
prices of that round and b(x) its highest bid on x, a bid on another package y is at most ``b(x) + p (y - x)``.

The winners are the bids of greatest value together; they pay the core prices nearest to VCG, and at least the
opening prices. If the winners cannot be determined within ``nodes`` steps of search, there is no sale.

The table:

    phase           demand                   package-bid     pass
    clock           clock or supplementary   -               -
    supplementary   -                        supplementary   supplementary or done

Sources: Ausubel, Cramton & Milgrom (2006); Ausubel & Baranov (2014); Day & Cramton (2012).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from negotiate.bidder import AuctionView, ItemsView
from negotiate.errors import IllegalMove
from negotiate.moves import Demand, PackageBid, Pass
from negotiate.protocols.clearing.combinatorial import Atom, Market
from negotiate.protocols.clearing.solvers import require
from negotiate.protocols.hosted import Table, amount_of, amounts_of
from negotiate.protocols.items import Count, ItemRules, Price, dot
from negotiate.protocols.packages import PackageSale, Pricing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("clock", "demand"): ("clock", "supplementary"),
    ("supplementary", "package-bid"): ("supplementary",),
    ("supplementary", "pass"): ("supplementary", "done"),
}

Units: TypeAlias = tuple[int, ...]


class CombinatorialClock(ItemRules):
    """The rules of a combinatorial clock auction.

    Attributes:
        step: how far the price of an item rises; empty for 1.
        points: of a unit of each item; empty for 1.
        activity: which rule binds demands to those of earlier rounds.
        price: what winners pay.
        show_demand: whether all see what all together wanted in the last round.
        round_time: milliseconds to the end of a clock round.
        rounds: the clock stops after so many rounds at the latest.
        supplementary_time: milliseconds for package bids.
        most_bids: package bids of one party.
        nodes: how much work a search for the winners may be.
        solver: who searches: the own search, or a solver that all who check the result must have.
    """

    name: Literal["combinatorial-clock"] = "combinatorial-clock"
    step: tuple[Price, ...] = ()
    points: tuple[Count, ...] = ()
    activity: Literal["eligibility", "revealed-preference"] = "revealed-preference"
    price: Pricing = "core"
    show_demand: bool = True
    round_time: int = Field(default=60_000, ge=1)
    rounds: int = Field(default=200, ge=1, le=10_000)
    supplementary_time: int = Field(default=60_000, ge=1)
    most_bids: int = Field(default=200, ge=1, le=10_000)
    nodes: int = Field(default=500_000, ge=1, le=10**9)
    solver: Literal["own", "highs", "cpsat"] = "own"

    @model_validator(mode="after")
    def _upwards(self) -> CombinatorialClock:
        if self.step and (len(self.step) != len(self.items) or not all(self.step)):
            raise ValueError("step must have one positive entry for each of the items, or none")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> PackageClock:
        """A new auction among one or more bidders.

        Raises:
            LocalError: the solver that the rules name is not there.
        """
        if self.solver != "own":
            require(self.solver)
        return PackageClock(self, domain, parties, at)


class PackageClock(PackageSale):
    """The running state: prices, what each wanted at which, and the package bids."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Demand, PackageBid, Pass)

    def __init__(
        self, rules: CombinatorialClock, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "clock", at, rules.round_time)
        self.rules = rules
        self._views = rules.views(self._all)
        self._nothing: Units = (0,) * len(rules.items)
        self._prices = [rules.openings]  # of each round
        self._wanted: list[list[Units]] = [[] for _ in self._all]  # in each round that is over
        self._now: dict[Party, Units] = {}  # in this round
        self._bids: dict[tuple[Party, Units], int] = {}  # highest of each package, as they came
        self._sent = [0 for _ in self._all]
        self._demand: Units = ()

    # -- moves -------------------------------------------------------------------------------------

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Demand):
            self._refuse_round(move.round)
            self._refuse_demand(party, amounts_of(move.units, len(self._nothing)))
        elif isinstance(move, Pass):
            self._refuse_round(move.round)
        elif isinstance(move, PackageBid):
            if self._sent[party] >= self.rules.most_bids:
                raise IllegalMove(
                    f"{self.rules.most_bids:,} bids are the most", code="too-many"
                )
            self._refuse_bid(party, self.rules.package(move.items), amount_of(move.amount))

    def _refuse_demand(self, party: Party, units: Units) -> None:
        rules = self.rules
        if len(units) != len(self._nothing):
            raise IllegalMove(f"{len(self._nothing)} items are asked for", code="length")
        if any(count > most for count, most in zip(units, rules.supplies, strict=True)):
            raise IllegalMove("more is wanted than there is supply", code="supply")
        history = self._wanted[party]
        if rules.activity == "eligibility":
            most = self._eligibility(party)
            if dot(self._points, units) > most:
                raise IllegalMove(f"you are eligible for {most} points", code="eligibility")
            return
        for before, had in zip(self._prices, history, strict=False):
            dearer = dot(self._prices[-1], units) - dot(before, units)
            if dearer > dot(self._prices[-1], had) - dot(before, had):
                raise IllegalMove(
                    f"at prices {before} you wanted {had}, which has become dearer by less",
                    code="activity",
                )

    def _refuse_bid(self, party: Party, units: Units, amount: int) -> None:
        held = self._bids.get((party, units), -1)
        if amount <= held:
            raise IllegalMove(f"your bid on this package is {held} already", code="low")
        if amount < dot(self.rules.openings, units):
            raise IllegalMove(
                "the bid is below the opening prices of its items", code="reserve"
            )
        final, prices = self._wanted[party][-1], self._prices[-1]
        if units != final:
            cap = self._bids.get((party, final), 0) + dot(prices, units) - dot(prices, final)
            if amount > cap:
                raise IllegalMove(f"the final cap on this package is {cap}", code="cap")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Demand):
            self._now[party] = move.units
            self._note(party, move.kind, move.units, [party])
            self._answered(party, now)
        elif isinstance(move, PackageBid):
            units = self.rules.package(move.items)
            self._sent[party] += 1
            self._bids[party, units] = move.amount
            self._note(party, move.kind, (*units, move.amount), [party])
        elif isinstance(move, Pass):
            self._note(party, move.kind, None, [party])
            self._answered(party, now)

    # -- rounds ------------------------------------------------------------------------------------

    @property
    def _points(self) -> Units:
        return self.rules.points or (1,) * len(self._nothing)

    def _eligibility(self, party: Party) -> int:
        history = self._wanted[party]
        return dot(self._points, history[-1] if history else self.rules.supplies)

    def _end_round(self, now: int) -> None:
        if self.phase == "supplementary":
            self._close()
            return
        prices, rules = self._prices[-1], self.rules
        for party, history in enumerate(self._wanted):
            units = self._now.get(party, self._nothing)
            history.append(units)
            if any(units):
                key, worth = (party, units), dot(prices, units)
                self._bids[key] = max(worth, self._bids.get(key, 0))
        self._demand = tuple(map(sum, zip(*(h[-1] for h in self._wanted), strict=True)))
        self._now = {}
        over = [want > most for want, most in zip(self._demand, rules.supplies, strict=True)]
        if any(over) and self.round < rules.rounds:
            steps = rules.step or (1,) * len(prices)
            self._prices.append(
                tuple(p + s * more for p, s, more in zip(prices, steps, over, strict=True))
            )
            self._call(self._all, now, rules.round_time)
        else:
            self.phase = "supplementary"
            self._call(self._all, now, rules.supplementary_time)

    def _close(self) -> None:
        rules = self.rules
        atoms = tuple(
            Atom(str(party), rules.names(units), amount)
            for (party, units), amount in self._bids.items()
        )
        supply = dict(zip(rules.items, rules.supplies, strict=True))
        market = Market(atoms, supply, nodes=rules.nodes, solver=rules.solver)
        self._sell(rules, market, rules.price)

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        if isinstance(view, ItemsView):
            view.prices = self._prices[-1]
            view.demand = self._demand if self.rules.show_demand else ()
            bound = self.phase == "clock" and self.rules.activity == "eligibility"
            view.eligibility = self._eligibility(view.party) if bound else None
