"""Reasons in auctions of several units, items or sides: why this one won, and what sets its price.

Each follows the ranking of the protocol's own clearing: higher amounts first, the earlier place first among equals.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, cast

from negotiate.moves import (
    Ask,
    Bid,
    Demand,
    ItemBid,
    Marginals,
    Offer,
    PackageBid,
    Prefer,
)
from negotiate.protocols.clearing.amounts import whole
from negotiate.wire.hosted.reasons import Cause

if TYPE_CHECKING:
    from negotiate.moves import Party
    from negotiate.protocols.ascending_clock import AscendingClock, RisingClock
    from negotiate.protocols.clearing.combinatorial import Atom
    from negotiate.protocols.combinatorial import Combinatorial
    from negotiate.protocols.combinatorial_clock import CombinatorialClock
    from negotiate.protocols.double_auction import DoubleAuction
    from negotiate.protocols.multi_unit import MultiUnit
    from negotiate.protocols.packages import PackageSale
    from negotiate.protocols.position_auction import PositionAuction
    from negotiate.protocols.scoring_auction import ScoringAuction, Tendering
    from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
    from negotiate.wire.hosted.reasons import Case, Figures, Places

MOST_NAMED = 16
"""Places that a reason names at most."""


def _share(case: Case, party: Party) -> tuple[int, int | Fraction]:
    """What a party gets and pays, both positive."""
    units: tuple[int, ...] = getattr(case.result, "units", ())
    payments: tuple[int | Fraction, ...] = getattr(case.result, "payments", ())
    paid = payments[party]
    return abs(units[party]), paid if paid >= 0 else -paid


def _each(case: Case, party: Party) -> Figures:
    """The price of one unit."""
    units, paid = _share(case, party)
    return (("price", whole(Fraction(paid) / units)),)


# -- several units of one thing --------------------------------------------------------------------------


def multi_unit(rules: MultiUnit, case: Case, party: Party) -> Cause:
    """Sealed marginal bids."""
    own = case.newest(party, Marginals)
    ranked = sorted(
        (
            (amount, one.place)
            for one in case.accepted
            if isinstance(one.move, Marginals)
            for amount in one.move.amounts
            if rules.reserve is None or amount >= rules.reserve
        ),
        key=lambda entry: -entry[0],
    )
    losing = ranked[rules.units :]
    if rules.price == "discriminatory":
        return Cause("own-amounts", own, own)
    if rules.price == "vickrey":
        others = [entry for entry in losing if entry[1] not in own]
        kept = others[: _share(case, party)[0]]
        by = tuple(dict.fromkeys(place for _, place in kept))
        return Cause(
            "displaced",
            own,
            by[:MOST_NAMED],
            (("displaced", sum(amount for amount, _ in kept)),),
        )
    lowest = rules.uniform == "lowest_accepted"
    setting = ranked[rules.units - 1 : rules.units] if lowest else losing[:1]
    rule = "lowest-accepted" if lowest else "highest-rejected"
    by = tuple(place for _, place in setting)
    return Cause(rule if by else "units-left", own, by, _each(case, party))


def ascending_clock(rules: AscendingClock, case: Case, party: Party) -> Cause:
    """One price that rises, or units clinched on the way."""
    own = case.newest(party, Demand)
    if rules.form == "uniform":
        return Cause("clock-uniform", own, (), _each(case, party))
    prices = cast("RisingClock", case.state).clinched(party)
    return Cause("clinched", own, (), (("least", min(prices)), ("most", max(prices))))


# -- several items ---------------------------------------------------------------------------------------


def item_bids(rules: SimultaneousAscending, case: Case, party: Party) -> Cause:
    """Standing bids on items, and bids taken back."""
    newest = {one.move.item: one for one in case.of(party, ItemBid) if isinstance(one.move, ItemBid)}  # fmt: skip
    held = [
        newest[item]
        for item, count in zip(rules.items, case.goods(party), strict=True)
        if count
    ]
    standing = sum(cast("ItemBid", one.move).amount for one in held)
    back = _share(case, party)[1] - standing
    figures: Figures = (("standing", standing),) if held else ()
    if back:
        figures = (*figures, ("taken-back", back))
    own = tuple(one.place for one in held)
    return Cause("item-bids" if held else "taken-back", own, (), figures)


def preferred(case: Case, party: Party) -> Cause:
    """One item at the least prices."""
    return Cause("least-prices", case.newest(party, Prefer), (), _each(case, party))


def packages(rules: Combinatorial | CombinatorialClock, case: Case, party: Party) -> Cause:
    """Package bids in the choice of the greatest total, or of the least cost."""
    sale = cast("PackageSale", case.state)
    mine = [atom for atom in sale.chosen if int(atom.bidder) == party]
    own = tuple(place for atom in mine for place in _placed(rules, case, party, atom))
    bid, paid = sum(atom.amount for atom in mine), _share(case, party)[1]
    figures: Figures = (
        ("bid", whole(bid)),
        ("total", whole(sum(atom.amount for atom in sale.chosen))),
    )
    if rules.price == "bid":
        return Cause("package-bid", own[:MOST_NAMED], (), figures)
    rule = "package-opening" if sale.due[party] < paid else f"package-{rules.price}"
    off = whole(max(bid, paid) - min(bid, paid))
    return Cause(rule, own[:MOST_NAMED], (), (*figures, ("off", off)))


def _placed(
    rules: Combinatorial | CombinatorialClock, case: Case, party: Party, atom: Atom
) -> Places:
    """Where the bid behind a chosen package stands: a package bid, or a demand in a clock round."""
    wanted = sorted(atom.items)
    bids = [
        one.place
        for one in case.of(party, PackageBid)
        if isinstance(one.move, PackageBid)
        and (sorted(one.move.items), one.move.amount) == (wanted, atom.amount)
    ]
    demands = [
        one.place
        for one in case.of(party, Demand)
        if isinstance(one.move, Demand) and sorted(rules.names(one.move.units)) == wanted
    ]
    return tuple((bids or demands)[-1:])


# -- quality, positions, two sides -----------------------------------------------------------------------


def scoring(rules: ScoringAuction, case: Case, party: Party) -> Cause:
    """The best score."""
    domain = cast("Tendering", case.state).domain
    scored = [
        (rules.score(domain, one.move.outcome), one)
        for one in case.accepted
        if isinstance(one.move, Offer)
    ]
    ranked = sorted(scored, key=lambda entry: -entry[0])
    (best, winner), *others = ranked
    own, found = (winner.place,), (("score", best),)
    if rules.rule == "second_score":
        rivals = [
            entry for entry in others if rules.minimum is None or entry[0] >= rules.minimum
        ]
        if rivals:
            second, rival = rivals[0]
            return Cause("second-score", own, (rival.place,), (*found, ("rival", second)))
        if rules.minimum is not None:
            return Cause("least-score", own, (), (*found, ("rival", rules.minimum)))
    return Cause("first-score", own, own, found)


def position(rules: PositionAuction, case: Case, party: Party) -> Cause:
    """A slot by quality times bid."""
    bids = [
        (one.move.amount, rules.quality[one.party] if rules.quality else 1, one)
        for one in case.accepted
        if isinstance(one.move, Bid) and one.move.amount >= rules.reserve
    ]
    ranked = sorted(bids, key=lambda entry: -entry[0] * entry[1])
    (slot,) = case.goods(party)
    own, below = case.newest(party, Bid), ranked[slot : len(rules.clicks) + 1]
    price = _each(case, party)
    if rules.price == "vcg":
        by = tuple(one.place for *_, one in below)
        return Cause("slot-vcg", own, by[:MOST_NAMED], price)
    if below and price[0][1] > rules.reserve:
        return Cause("next-bid", own, (below[0][2].place,), price)
    return Cause("slot-reserve", own, (), price)


class _Line(NamedTuple):
    """Both sides of a double auction about the last trade: amount and place of each, None past the end."""

    bid: tuple[int, int]
    ask: tuple[int, int]
    next_bid: tuple[int, int] | None
    next_ask: tuple[int, int] | None

    @property
    def low(self) -> tuple[int, int]:
        """What sets the lowest equilibrium price."""
        return self.ask if self.next_bid is None else max(self.ask, self.next_bid, key=_amount)

    @property
    def high(self) -> tuple[int, int]:
        """What sets the highest equilibrium price."""
        return self.bid if self.next_ask is None else min(self.bid, self.next_ask, key=_amount)


def _amount(entry: tuple[int, int]) -> int:
    return entry[0]


def _line(case: Case) -> _Line:
    """The last bid and the last ask that could trade, and those after them; there is at least one trade."""
    bids = [(one.move.amount, one.place) for one in case.accepted if isinstance(one.move, Bid)]
    asks = [(one.move.amount, one.place) for one in case.accepted if isinstance(one.move, Ask)]
    bids.sort(key=lambda entry: -entry[0])
    asks.sort(key=_amount)
    k = sum(bid[0] >= ask[0] for bid, ask in zip(bids, asks, strict=False))
    return _Line(
        bids[k - 1],
        asks[k - 1],
        bids[k] if k < len(bids) else None,
        asks[k] if k < len(asks) else None,
    )


def double(rules: DoubleAuction, case: Case, party: Party) -> Cause:
    """Two sides, one unit each."""
    line, price = _line(case), _each(case, party)
    buys = bool(case.of(party, Bid))
    own = case.newest(party, Bid if buys else Ask)
    rule, setting = _priced(rules, line, buys=buys)
    return Cause(rule, own, tuple(place for _, place in setting), price)


def _priced(
    rules: DoubleAuction, line: _Line, *, buys: bool
) -> tuple[str, list[tuple[int, int]]]:
    """The rule of a double auction, and what sets the price of one side."""
    bid, ask = line.next_bid, line.next_ask
    if rules.rule == "k":
        over, under = rules.weight
        return "equilibrium", [line.low] * (over < under) + [line.high] * (over > 0)
    if rules.rule == "vcg":
        return "displaced-trader", [line.low if buys else line.high]
    if rules.rule == "sbba":
        return "balanced", [ask if ask is not None and ask[0] <= line.bid[0] else line.bid]
    if rules.rule == "mcafee" and bid is not None and ask is not None:
        middle = Fraction(bid[0] + ask[0], 2)
        if line.ask[0] <= middle <= line.bid[0]:
            return "mcafee", [bid, ask]
    return "reduced", [line.bid if buys else line.ask]
