"""Prices that the seller sets: posted price, Myerson's optimal auction; and the pivotal vote on a project.

* posted price: the buyers come one after another; each that values the object at least at the price takes one
  unit, until none is left;
* optimal auction: the highest virtual value wins if it is not negative, and pays the least value with which it
  would still have won. For a value uniform on [lo, hi] the virtual value is ``2 v - hi``. It need not be the
  highest value that wins;
* public project: it is done if the values together reach its cost. Whose vote changes the decision pays what the
  others lose by that (the Clarke tax). With ``equal`` shares each counts its value less its share of the cost.

Sources: Myerson (1981); Clarke (1971); Nisan in *Algorithmic Game Theory* (2007), chapter 9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, ratio, whole
from negotiate.protocols.clearing.sealed import Sale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.protocols.clearing.sealed import Bids


class Uniform(NamedTuple):
    """A value known to be uniform between two bounds."""

    bidder: str
    value: Amount
    lo: Amount
    hi: Amount

    @property
    def virtual(self) -> Amount:
        """Virtual value."""
        return whole(2 * self.value - self.hi)

    def least(self, virtual: Amount) -> Amount:
        """The least possible value whose virtual value reaches ``virtual``."""
        return max(self.lo, ratio(virtual + self.hi, 2))


class Project(NamedTuple):
    """Whether it is done, and each one's tax."""

    build: bool
    tax: dict[str, Amount]


def posted_price(bids: Bids, price: Amount, units: int) -> list[str]:
    """Who buys, in the order of coming."""
    return [bidder for bidder, value in bids if value >= price][:units]


def myerson_optimal(bids: Sequence[Uniform]) -> Sale | None:
    """The revenue-optimal sale to bidders with uniform values; None without one."""
    winner = max(bids, key=lambda bid: bid.virtual, default=None)
    if winner is None or winner.virtual < 0:
        return None
    others = [bid.virtual for bid in bids if bid is not winner]
    return Sale(winner.bidder, winner.least(max([0, *others])))


def public_project(
    bids: Bids, cost: Amount, share: Literal["none", "equal"] = "none"
) -> Project:
    """Decide, and tax the pivotal."""
    part = ratio(cost, len(bids)) if share == "equal" and bids else 0
    fixed = 0 if share == "equal" else cost
    net = {bidder: whole(value - part) for bidder, value in bids}
    total = whole(sum(net.values()) - fixed)
    tax: dict[str, Amount] = {}
    for bidder, own in net.items():
        others = whole(total - own)
        pivotal = (others >= 0) != (total >= 0)
        tax[bidder] = max(others, -others) if pivotal else 0
    return Project(total >= 0, tax)
