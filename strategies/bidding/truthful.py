"""Truthful bidding: say what it is worth, in every auction; and those that differ from that in one point.

Bidders read the rules as the data that they are published as, and what they may do from their view, so one class
plays every auction that shows that view.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from negotiate.bidder import AuctionView, Bidder, BidderBrief, ItemsView, commitment
from negotiate.moves import (
    Accept,
    Ask,
    Bid,
    Commit,
    Marginals,
    Order,
    Reject,
    Reveal,
    Walk,
)
from negotiate.strategies.bidding.packages import Wants
from negotiate.strategies.bidding.tenders import BestOffer

if TYPE_CHECKING:
    from negotiate.moves import AnyMove


class Truthful(Bidder):
    """Bids what a unit is worth to it; in open auctions, the least that is accepted, up to that.

    In sealed auctions and to a price that stands it says its value, or its cost; on a clock it stays as long as the
    price is right, and takes a falling price that is. Of several units it says what each is worth; of several items it
    wants, at the prices of each round, the package that is worth most to it (straightforward bidding), or sends all
    its packages where they are bid on. In a market it sends an order for each unit, at its limit. Where quality
    counts it offers the one at which worth exceeds cost by most, at its cost.

    A dominant strategy at second price (Vickrey 1961), with VCG payments (Clarke 1971), on an ascending clock
    (Milgrom & Weber 1982; Ausubel 2004); elsewhere the baseline.
    """

    plays: ClassVar[tuple[str, ...]] = (
        "sealed-bid", "english", "clock-auction", "ascending-clock", "multi-unit", "position", "double-auction",
        "contract-net", "posted-price", "call-market", "continuous-market", "combinatorial", "combinatorial-clock",
        "simultaneous-ascending", "unit-demand", "scoring",
    )  # fmt: skip

    def begin(self, brief: BidderBrief) -> None:
        """Read the rules; want everything that the stake says."""
        super().begin(brief)
        self.terms: dict[str, object] = brief.rules.model_dump()
        self.sells = brief.stake.side == "sell"
        self._wants = Wants(brief.stake)
        self._committed = 0
        self._salt = ""
        self._sent = 0

    def amount(self, view: AuctionView) -> int | None:
        """What to bid for one unit; None for nothing."""
        values = self.brief.stake.values
        return values[0] if values else None

    def amounts(self, view: AuctionView) -> tuple[int, ...]:
        """What to bid for a first unit, a second, and so on; never rising."""
        return self.brief.stake.values

    def score(self, surplus: int) -> int:
        """The score to reach where quality counts, of the most that would cost nothing."""
        return surplus

    def respond(self, view: AuctionView) -> AnyMove | None:
        """Whatever move is asked for, with the truth in it."""
        kinds = view.kinds
        if isinstance(view, ItemsView):
            return self._wants.respond(view)
        if "order" in kinds:
            return self._order()
        if "marginals" in kinds:
            return self._marginals(view)
        if "reveal" in kinds:
            return Reveal(self._committed, self._salt)
        if "commit" in kinds:
            return self._commit(view)
        if "bid" in kinds:
            return self._bid(view)
        if "offer" in kinds:
            return self._offer()
        return self._answer(view) if "walk" in kinds else None

    def _order(self) -> AnyMove | None:
        values = self.brief.stake.values
        if self._sent == len(values):
            return None
        self._sent += 1
        side = self.brief.stake.side
        return Order(str(self._sent), side, values[self._sent - 1], 1)

    def _marginals(self, view: AuctionView) -> AnyMove:
        most = self.terms.get("units")
        amounts = self.amounts(view)[: most if isinstance(most, int) else None]
        return Marginals(amounts) if amounts else Walk()

    def _commit(self, view: AuctionView) -> AnyMove:
        amount = self.amount(view)
        if amount is None:
            return Walk()
        self._committed, self._salt = amount, f"{self.brief.random.getrandbits(128):032x}"
        return Commit(commitment(self.brief.parties[self.brief.party], amount, self._salt))

    def _bid(self, view: AuctionView) -> AnyMove | None:
        if view.least is not None:
            return self._outcry(view, view.least)
        amount = self.amount(view)
        if amount is None:
            return Walk() if "walk" in view.kinds else Reject()
        if amount == view.mine:
            return None
        return Ask(amount) if self.sells and "ask" in view.kinds else Bid(amount)

    def _outcry(self, view: AuctionView, least: int) -> AnyMove | None:
        """An open auction: the least that is accepted, as long as it is worth it."""
        amount = self.amount(view)
        return None if view.leading or amount is None or least > amount else Bid(least)

    def _offer(self) -> AnyMove:
        best, least = BestOffer(self.brief), self.terms.get("minimum")
        if isinstance(least, int) and best.surplus < least:
            return Walk()
        return best.scoring(self.score(best.surplus)) or Walk()

    def _answer(self, view: AuctionView) -> AnyMove | None:
        """A price that stands, or moves by itself."""
        amount = self.amount(view)
        fine = amount is not None and view.price is not None and view.price <= amount
        if "accept" not in view.kinds:
            return None if fine else Walk()  # a rising clock: one that walks is out
        if fine:
            return Accept()
        return None if view.phase == "falling" else Walk()


class Proxy(Truthful):
    """Hands its value to the auctioneer's proxy at once, as its secret maximum; otherwise as :class:`Truthful`.

    Source: Lucking-Reiley (2000).
    """

    plays: ClassVar[tuple[str, ...]] = ("english",)

    def _outcry(self, view: AuctionView, least: int) -> AnyMove | None:
        amount = self.amount(view)
        if self.terms.get("form") != "proxy":
            return super()._outcry(view, least)
        return None if amount is None or view.mine == amount or least > amount else Bid(amount)


@dataclass(eq=False)
class Sniper(Truthful):
    """Bids once, shortly before the close: its value to a proxy, else the least that is accepted.

    Against a hard close nobody is left time to answer. Under a soft close the bid itself moves the close, and
    sniping is pointless. A late bid may fail to arrive.

    Attributes:
        latency: milliseconds before the close at which it bids.
        success: the chance that the bid arrives.

    Source: Roth & Ockenfels (2002).
    """

    plays: ClassVar[tuple[str, ...]] = ("english",)

    latency: int = 1000
    success: float = 1.0
    _shot: bool = field(default=False, init=False, repr=False)

    def begin(self, brief: BidderBrief) -> None:
        """The bid is still to be made."""
        super().begin(brief)
        self._shot = False

    def _outcry(self, view: AuctionView, least: int) -> AnyMove | None:
        amount = self.amount(view)
        if self._shot or view.close is None or view.now < view.close - self.latency:
            return None
        if amount is None or view.leading or least > amount:
            return None
        self._shot = True
        if self.brief.random.random() >= self.success:
            return None
        return Bid(amount if self.terms.get("form") == "proxy" else least)


@dataclass(eq=False)
class DemandReduction(Truthful):
    """Bids its values for the first units, and nothing for the others, so that they do not set the price.

    With a uniform price two bidders who do so share two units for nothing; the truth costs them the lower value.

    Attributes:
        keep: for how many units it bids.

    Source: Ausubel & Cramton (2002), "Demand reduction and inefficiency in multi-unit auctions".
    """

    plays: ClassVar[tuple[str, ...]] = ("multi-unit", "ascending-clock")

    keep: int = 1

    def amounts(self, view: AuctionView) -> tuple[int, ...]:
        """The truth for the units kept, 0 for the others."""
        values = super().amounts(view)
        return values[: self.keep] + (0,) * len(values[self.keep :])
