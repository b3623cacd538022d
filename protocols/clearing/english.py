"""English auctions for one object: open outcry, and proxy bidding.

*Open outcry*: a bid is accepted if it is in time, is at least the start (the first one) or the standing bid plus
the increment, and comes from another than the standing bidder. The reserve is checked at the close. The close is
*hard* (at ``end``), *soft* (an accepted bid within ``window`` before the close moves it to its own time plus
``extension``, never nearer), or after ``quiet`` time without an accepted bid. A bid at the time of the close is
late. A refused bid changes nothing, and never extends.

*Proxy*: each bidder gives its maximum in secret. The highest maximum wins, the earlier of equals, at the second
bidder's maximum plus the increment or its own maximum if that is less; a lone bidder pays the start. A higher
maximum of the same bidder replaces its own and leaves the price; a lower one is ignored.

Sources: Shoham & Leyton-Brown (2009), section 11.1; Roth & Ockenfels (2002); Lucking-Reiley (2000).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from negotiate.protocols.clearing.amounts import Amount, whole
from negotiate.protocols.clearing.sealed import Sale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from negotiate.protocols.clearing.sealed import Bids


class TimedBid(NamedTuple):
    """A call at a time."""

    bidder: str
    amount: Amount
    time: Amount = 0


@dataclass(frozen=True)
class Outcry:
    """Rules of an open outcry.

    Attributes:
        start: least first bid.
        increment: least raise; positive.
        reserve: least price at which the object is sold; None for none.
        end: time of the close; None for no close by the clock.
        window: length of the period before the close in which an accepted bid extends; None for a hard close.
        extension: how long after such a bid the close is, at least.
        quiet: the auction closes when no bid was accepted for this long; None for no such rule.
    """

    start: Amount
    increment: Amount
    reserve: Amount | None = None
    end: Amount | None = None
    window: Amount | None = None
    extension: Amount = 0
    quiet: Amount | None = None


class Floor:
    """The state of an open outcry: who stands, at what, until when."""

    __slots__ = ("_rules", "bidder", "close", "price")

    def __init__(self, rules: Outcry, began: Amount = 0) -> None:
        self._rules = rules
        self.bidder: str | None = None
        self.price: Amount = rules.start
        quiet = None if rules.quiet is None else began + rules.quiet
        self.close = (
            rules.end
            if quiet is None
            else quiet
            if rules.end is None
            else min(quiet, rules.end)
        )

    @property
    def least(self) -> Amount:
        """The least amount that would be accepted now."""
        return self.price if self.bidder is None else whole(self.price + self._rules.increment)

    def refusal(self, bid: TimedBid) -> str | None:
        """Why the bid is not accepted: ``late``, ``standing`` or ``low``; None if it is."""
        if self.close is not None and bid.time >= self.close:
            return "late"
        if bid.bidder == self.bidder:
            return "standing"
        return "low" if bid.amount < self.least else None

    def accept(self, bid: TimedBid) -> None:
        """Let an accepted bid stand, and move the close as the rules say."""
        rules = self._rules
        self.bidder, self.price = bid.bidder, bid.amount
        if rules.quiet is not None:
            self.close = bid.time + rules.quiet
            if rules.end is not None:
                self.close = min(self.close, rules.end)
        elif (
            self.close is not None
            and rules.window is not None
            and self.close - bid.time <= rules.window
        ):
            self.close = max(self.close, whole(bid.time + rules.extension))

    @property
    def sale(self) -> Sale | None:
        """The sale if it closed now; None below the reserve."""
        if self.bidder is None or (
            self._rules.reserve is not None and self.price < self._rules.reserve
        ):
            return None
        return Sale(self.bidder, self.price)


class Hammer(NamedTuple):
    """How an open outcry went."""

    accepted: tuple[bool, ...]
    sale: Sale | None
    close: Amount | None


def open_outcry(bids: Iterable[TimedBid], rules: Outcry) -> Hammer:
    """Run all bids, in the order of their times, through the rules."""
    floor = Floor(rules)
    accepted: list[bool] = []
    for bid in bids:
        fine = floor.refusal(bid) is None
        if fine:
            floor.accept(bid)
        accepted.append(fine)
    return Hammer(tuple(accepted), floor.sale, floor.close)


def proxy(
    maxima: Bids, start: Amount, increment: Amount, reserve: Amount | None = None
) -> Sale | None:
    """The sale among secret maxima, in the order in which they came; None without one.

    Args:
        maxima: bidder and maximum; a bidder may come again with a higher one.
        start: least first bid; what a lone bidder pays.
        increment: how far the price is put above the second maximum.
        reserve: least price at which the object is sold; a winner whose maximum reaches it pays at least this.
    """
    live: dict[str, Amount] = {}
    for bidder, maximum in maxima:
        if maximum >= start and maximum > live.get(bidder, -1):
            live.pop(bidder, None)  # a raised maximum counts from when it came
            live[bidder] = maximum
    if not live:
        return None
    winner = max(live, key=lambda bidder: live[bidder])
    own = live.pop(winner)
    if reserve is not None and own < reserve:
        return None
    price = min(own, whole(max(live.values()) + increment)) if live else start
    return Sale(winner, price if reserve is None else max(price, reserve))
