"""Bidders that misbehave; worker processes import this module by its name."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from negotiate.moves import Bid
from negotiate.strategies.bidding.truthful import Truthful

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView, BidderBrief
    from negotiate.moves import AnyMove
    from negotiate.protocol import Result


class Raises(Truthful):
    def respond(self, view: AuctionView) -> AnyMove | None:
        raise ValueError("no idea")


class RaisesAtTheBeginning(Truthful):
    def begin(self, brief: BidderBrief) -> None:
        raise ValueError("not today")


class RaisesInTheEnd(Truthful):
    def end(self, result: Result) -> None:
        raise ValueError("a bad loser")


class BidsNonsense(Truthful):
    def respond(self, view: AuctionView) -> AnyMove | None:
        return Bid(-5)


class Overbids(Truthful):
    """Breaks a rule, and wins at a loss."""

    def respond(self, view: AuctionView) -> AnyMove | None:
        return Bid(-5) if not self._tried() else Bid(10**18)

    def _tried(self) -> bool:
        before, self.tried = getattr(self, "tried", False), True
        return before


class Sleeps(Truthful):
    def respond(self, view: AuctionView) -> AnyMove | None:
        time.sleep(60)
        return None


class Exits(Truthful):
    def respond(self, view: AuctionView) -> AnyMove | None:
        os._exit(7)
