"""Signed auctions and markets: sessions with concurrent senders, sequenced by a host.

Everybody folds the same rules. The opening publishes the protocol, its rules and their hash. Bidders sign for
themselves, each in a chain of its own; the host takes each message into one history by a signed receipt. The receipt
gives the place and the time, and with them the input of the protocol's fold, the same one that the unsigned host
(:mod:`negotiate.host`) runs. Deadlines take effect by the host's signed times; where nothing else is signed, by a tick.

    host → all       open · receipt (join) · begin · receipt (sealed) · tick · … · award        one chain
    bidder → host    join · bid · bid · …                                                     a chain each
    host → bidder    quote · quote · …                                                        a chain each

*What is hidden stays hidden.* A receipt names neither bidder nor bid: it seals the message's id, with the code with
which it was refused. The id cannot be guessed, because a bid holds 32 random bytes; its bidder opens the seal and
knows at once whether and why not. What the rules show a bidder (the standing price, the clock, its own orders) comes as
a signed quote to it alone. Others see that the host took something, and when: receipts of bids, of refused bids and
ticks look alike. What not even the host may see is committed to and revealed, by the rules of the sealed-bid auction;
the commitment is bound to the bidder's key and this auction.

*After the award nothing is hidden from those who took part.* The award is over the Merkle root of all records, says
who gets and pays what, by which rule and which bids; the host shows the bids, and everybody runs the fold: receipts,
quotes and award follow from the bytes, or the host has signed its fault. An award whose bids are not shown proves
nothing.

*What cannot be proved.* That a host never received a bid, or held it back: only a receipt proves that. So a bidder
sends again until it has one. The host's clock is the host's word, within the skew of the bidders' clocks.

Modules: :mod:`~negotiate.wire.hosted.host`, :mod:`~negotiate.wire.hosted.bidder`,
:mod:`~negotiate.wire.hosted.review` (after the award), :mod:`~negotiate.wire.hosted.complaints` (proofs and their
judge), :mod:`~negotiate.wire.hosted.play` (a whole auction in one process); and the fold:
:mod:`~negotiate.wire.hosted.chain`, :mod:`~negotiate.wire.hosted.book`.
"""
