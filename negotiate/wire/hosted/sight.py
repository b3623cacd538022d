"""What a host showed one bidder: its quotes, each after the last, and the view that they add up to."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from negotiate.wire.faults import Fault
from negotiate.wire.hosted import values
from negotiate.wire.record import Proof

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView
    from negotiate.wire import bodies
    from negotiate.wire.envelope import Message


class Sight:
    """The quotes to one bidder.

    Attributes:
        quotes: in order.
        view: after the last one; None before the first.
        proof: of a host who signed two quotes for one place.
    """

    def __init__(self) -> None:
        self.quotes: list[Message] = []
        self.view: AuctionView | None = None
        self.proof: Proof | None = None

    def see(self, quote: Message, join: bytes, blank: AuctionView) -> AuctionView | None:
        """The view after a quote whose signature has passed; None if it is known. Changes nothing.

        Args:
            quote: the message.
            join: id of the bidder's join, which the first quote follows.
            blank: the view at the beginning.

        Raises:
            Fault: out of place, not a view of these rules, or the second one for its place (which leaves the proof).
        """
        if quote.seq < len(self.quotes):
            known = self.quotes[quote.seq]
            if known.id == quote.id:
                return None
            self.proof = Proof(known, quote)
            raise Fault("two quotes for one place", code="equivocation", key=quote.sender)
        last = self.quotes[-1].id if self.quotes else join
        if quote.seq > len(self.quotes) or quote.fields["prev"] != last:
            raise Fault("a quote that does not follow the last one", code="gap")
        view = (blank if self.view is None else self.view).snapshot()
        values.view_from_wire(cast("bodies.Quote", quote.body).view, view)
        return view

    def keep(self, quote: Message, view: AuctionView) -> None:
        """Take a quote that has been seen."""
        self.quotes.append(quote)
        self.view = view
