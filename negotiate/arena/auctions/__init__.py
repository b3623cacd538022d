"""Auctions and markets, as a kind of game: who sits where, how a cell is played, and what is measured of it.

*Auctions* (one side bids) are studied as symmetric games. A cell has one seat under study, which goes round with the
repetitions; in it sits one bidder, in all other seats another one, or the same. So every ordered pair of bidders gives
what the one gets that comes to a field of the other, and the pairs (B, B) what it gets that is like the rest: the
difference is the regret of playing B where A could be played.

*Markets* with two sides are shared evenly. Where limits come in twins, one twin plays A and the other B, so that both
have the same limits; then the other way round. Where they do not, A plays all buyers and B all sellers, and the other
way round. Every seat is under study.

Where a seller posts prices to buyers who come in turn, the seller alone is under study; the buyers come with the
market, and take a price that is not above their value.

Stakes, and each seat's own randomness, depend on the root seed, the market, the repetition and the seat: all pairs
meet the same luck.
"""
