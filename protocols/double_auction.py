"""Sealed double auction: buyers bid, sellers ask, one unit each, and all trades clear at once.

Each party sends one bid (to buy) or one ask (to sell), or walks; nobody else sees it before the close, when all
have answered or time is up.

The table:

    phase    bid            ask            walk
    open     open or done   open or done   open or done

Who trades, and at what price, is the rule of :mod:`negotiate.protocols.clearing.exchange`: the k-double auction at
``weight`` between the lowest and the highest equilibrium price (with one buyer and one seller, at
``k b + (1 - k) s``), McAfee, trade reduction, SBBA, or VCG. What the buyers pay more than the sellers get stays
with the host; under VCG the host pays what is missing.

Sources: Chatterjee & Samuelson (1983); Satterthwaite & Williams (1989); McAfee (1992).
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, model_validator

from negotiate.moves import Ask, Bid, Walk
from negotiate.protocols.clearing.exchange import (
    Exchanged,
    Sides,
    k_double_auction,
    mcafee,
    sbba,
    trade_reduction,
    vcg_double_auction,
)
from negotiate.protocols.hosted import HostedRules, Table, amount_of
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {
    ("open", "bid"): ("open", "done"),
    ("open", "ask"): ("open", "done"),
    ("open", "walk"): ("open", "done"),
}


class DoubleAuction(HostedRules):
    """The rules of a sealed double auction.

    Attributes:
        rule: who trades, and at what price.
        weight: where between the lowest and the highest equilibrium price, as numerator and denominator.
        seed: of the draw by which SBBA leaves a seller out.
        time_limit: milliseconds to the close.
    """

    name: Literal["double-auction"] = "double-auction"
    rule: Literal["k", "mcafee", "trade-reduction", "sbba", "vcg"] = "k"
    weight: tuple[int, int] = (1, 2)
    seed: int = 0
    time_limit: int = Field(default=60_000, ge=1)

    @model_validator(mode="after")
    def _share(self) -> DoubleAuction:
        over, under = self.weight
        if not 0 <= over <= under <= 10**9 or not under:
            raise ValueError("weight must be a share from 0 to 1, such as (1, 2)")
        return self

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> TwoSides:
        """A new auction among one or more traders."""
        return TwoSides(self, domain, parties, at)


class TwoSides(Rounds):
    """The running state: bids and asks that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Bid, Ask, Walk)

    def __init__(
        self, rules: DoubleAuction, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        self._bids: dict[Party, int] = {}  # in the order in which they came
        self._asks: dict[Party, int] = {}

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, (Bid, Ask)):
            amount_of(move.amount)

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, (Bid, Ask)):
            (self._bids if isinstance(move, Bid) else self._asks)[party] = move.amount
        value = (move.amount,) if isinstance(move, (Bid, Ask)) else None
        self._note(party, move.kind, value, [party])
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        found = self._clear(
            Sides.of(
                [(str(party), amount) for party, amount in self._bids.items()],
                [(str(party), amount) for party, amount in self._asks.items()],
            )
        )
        if found is None:
            self._allocate({}, {})
            return
        buyers, sellers = map(int, found.buyers), list(map(int, found.sellers))
        units, due = dict.fromkeys(sellers, -1), dict.fromkeys(sellers, -found.seller_price)
        for buyer in buyers:
            units[buyer], due[buyer] = 1, found.buyer_price
        self._allocate(units, due)

    def _clear(self, sides: Sides) -> Exchanged | None:
        rules = self.rules
        if rules.rule == "k":
            return k_double_auction(sides, Fraction(*rules.weight))
        if rules.rule == "sbba":
            return sbba(sides, rules.seed)
        if rules.rule == "mcafee":
            return mcafee(sides)
        return (
            trade_reduction(sides)
            if rules.rule == "trade-reduction"
            else vcg_double_auction(sides)
        )

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view.mine = self._bids.get(view.party, self._asks.get(view.party))
