"""A second-price auction whose result every bidder can check, and what happens when the host lies.

Run it: python examples/signed_auction.py
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from negotiate.domain import Domain, Money
from negotiate.moves import Bid
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire.hosted.complaints import equivocation, judge
from negotiate.wire.hosted.play import play_signed_auction
from negotiate.wire.prose import tell
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView
    from negotiate.host import Program

CHAIR = Domain((Money("chair", 0, 100_000, 1, currency="EUR"),), "a chair")
RULES = SealedBid(price="second", reserve=5_000, time_limit=1_000)
ANYBODY = Trust(policy=Policy(unverified="allow", revocation="allow"))


def worth(amount: int) -> Program:
    """A bidder that bids what the chair is worth to it."""

    def bid(view: AuctionView) -> Bid | None:
        return Bid(amount) if "bid" in view.kinds else None

    return bid


def main() -> None:
    """Hold the auction, check it, and catch a host with two histories."""
    ticks = itertools.count(0, 10)
    bidders = [("ann", worth(7_000)), ("bob", worth(9_000)), ("cyd", worth(8_000))]
    auction = play_signed_auction(RULES, CHAIR, bidders, clock=lambda: next(ticks))

    verdict = verify(auction.transcript, ANYBODY)
    assert verdict.valid
    assert auction.complaints == [[], [], []]
    text = tell(verdict)
    print("\n".join(text.splitlines()[-3:]))
    assert text.endswith(
        "bidder 2 gets 1 and pays 80.00 EUR: the best bid, at the second best "
        "(bid at place 6, price set at place 7).\n"
    )

    # Another run under the same keys is another history of another session; two records of one session are a proof.
    host = auction.host
    record = host.book.records[5]
    other = host.seal({**record.fields, "iat": record.fields["iat"] + 1})
    finding = judge(equivocation(record.frame, other.frame), ANYBODY)
    assert finding.holds
    assert finding.party == host.papers.key.did
    print(f"at fault: {finding.party} ({finding.why})")


if __name__ == "__main__":
    main()
