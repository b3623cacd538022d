"""Sealed bids for several identical units: discriminatory, uniform price, and Vickrey.

Each party sends its marginal bids once: an amount for a first unit, for a second one, and so on, never rising. They
are final, and nobody else sees them before the close. A party that does not want to bid walks. The auction closes
when all have answered or when time is up, whichever is first; the highest amounts win.

The table:

    phase    marginals      walk
    open     open or done   open or done

Prices and the reserve are those of :mod:`negotiate.protocols.clearing.units`; the earlier bid wins ties.

Source: Krishna (2010), chapter 12.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from negotiate.errors import IllegalMove
from negotiate.moves import Marginals, Walk
from negotiate.protocols.clearing.units import Units, discriminatory, uniform_price, vickrey
from negotiate.protocols.hosted import LARGEST, HostedRules, Table, amounts_of
from negotiate.protocols.rounds import Rounds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.domain.issues import Domain
    from negotiate.moves import AnyMove, Party

TABLE: Table = {("open", "marginals"): ("open", "done"), ("open", "walk"): ("open", "done")}


class MultiUnit(HostedRules):
    """The rules of sealed bids for several identical units.

    Attributes:
        units: how many are sold.
        price: what the winners pay: their own amounts, one price for all, or what they displace.
        uniform: which amount is the one price.
        reserve: least amount for a unit.
        time_limit: milliseconds to the close.
    """

    name: Literal["multi-unit"] = "multi-unit"
    units: int = Field(default=2, ge=1, le=10_000)
    price: Literal["discriminatory", "uniform", "vickrey"] = "uniform"
    uniform: Literal["highest_rejected", "lowest_accepted"] = "highest_rejected"
    reserve: int | None = Field(default=None, ge=0, le=LARGEST)
    time_limit: int = Field(default=60_000, ge=1)

    def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> MultiUnitBidding:
        """A new auction among one or more bidders."""
        return MultiUnitBidding(self, domain, parties, at)


class MultiUnitBidding(Rounds):
    """The running state: the bids that nobody sees."""

    table: ClassVar[Table] = TABLE
    moves: ClassVar[tuple[type, ...]] = (Marginals, Walk)

    def __init__(
        self, rules: MultiUnit, domain: Domain, parties: Sequence[str], at: int
    ) -> None:
        super().__init__(domain, parties, "open", at, rules.time_limit)
        self.rules = rules
        self._bids: dict[Party, tuple[int, ...]] = {}  # in the order in which they came

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        if isinstance(move, Marginals):
            amounts = amounts_of(move.amounts, self.rules.units)
            if any(first < next_ for first, next_ in pairwise(amounts)):
                raise IllegalMove("marginal bids may not rise", code="rising")

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        amounts = move.amounts if isinstance(move, Marginals) else None
        if amounts is not None:
            self._bids[party] = amounts
        self._note(party, move.kind, amounts, [party])
        self._answered(party, now)

    def _end_round(self, now: int) -> None:
        sold = self._clear()
        self._allocate(
            {int(party): count for party, count in sold.allocation.items()},
            {int(party): due for party, due in sold.payments.items()},
        )

    def _clear(self) -> Units:
        bids = [(str(party), amounts) for party, amounts in self._bids.items()]
        rules = self.rules
        if rules.price == "uniform":
            return uniform_price(bids, rules.units, rules.reserve, rules.uniform)
        clear = discriminatory if rules.price == "discriminatory" else vickrey
        return clear(bids, rules.units, rules.reserve)
