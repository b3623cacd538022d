"""Why the result is what it is: for each party that gets or pays something, by which rule and which bids.

The grounds follow from the rules, the accepted bids and the result alone, so whoever holds the bids makes the same
ones and compares. Places are those of the receipts in the host's chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.moves import Accept, Bid, Commit, Order, Reveal
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.double_auction import DoubleAuction
from negotiate.protocols.english import English
from negotiate.protocols.multi_unit import MultiUnit
from negotiate.protocols.position_auction import PositionAuction
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.protocols.unit_demand import UnitDemand
from negotiate.wire.hosted import several, values
from negotiate.wire.hosted.reasons import Cause, Figures, Places

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from negotiate.moves import Party
    from negotiate.protocol import Protocol
    from negotiate.wire.hosted.book import Taken
    from negotiate.wire.hosted.reasons import Case

MOST_BYTES = 20_000
"""Grounds that take more in an award leave out the figures, and then the places too."""


class Ground(NamedTuple):
    """Why one party gets and pays what it does.

    Attributes:
        party: as the protocol counts.
        units: what it gets; negative for what it gives.
        pays: what it pays; negative for what it receives.
        rule: one of :data:`~negotiate.wire.hosted.reasons.RULES`.
        own: places of its deciding bids; none where it said nothing.
        by: places of the bids that set its price.
        figures: numbers that the rule speaks of.
    """

    party: Party
    units: int
    pays: int | Fraction
    rule: str
    own: Places = ()
    by: Places = ()
    figures: Figures = ()


def explain(protocol: Protocol, case: Case) -> list[Ground]:
    """The grounds of a result, in the order of the parties.

    Args:
        protocol: the rules.
        case: the accepted bids, what the rules gave, and the state at the end.
    """
    units: tuple[int, ...] = getattr(case.result, "units", ())
    payments: tuple[int | Fraction, ...] = getattr(case.result, "payments", ())
    return [
        Ground(party, got, pays, *_reason(protocol, case, party, pays))
        for party, (got, pays) in enumerate(zip(units, payments, strict=True))
        if got or pays
    ]


def pack(found: Sequence[Ground]) -> bytes:
    """Grounds as an award carries them: so much of them as fits."""
    packed = b""
    for most in (7, 6, 4):
        packed = values.pack(tuple(tuple(one)[:most] for one in found))
        if len(packed) <= MOST_BYTES:
            break
    return packed


def unpack(data: bytes) -> list[Ground]:
    """The grounds of an award that has been admitted."""
    return [Ground(*one) for one in values.unpack(data)]  # type: ignore[attr-defined]


def _reason(protocol: Protocol, case: Case, party: Party, pays: int | Fraction) -> Cause:
    """The reason in an auction of one thing, or in a market."""
    accepted = case.accepted
    match protocol:
        case SealedBid():
            return _sealed(protocol, accepted, party, pays)
        case English(form="proxy"):
            return _proxy(accepted, party)
        case English():
            newest = case.newest(party, Bid)
            return Cause("standing", newest, newest)
        case ClockAuction():
            took = tuple(one.place for one in accepted if isinstance(one.move, Accept))
            return Cause("clock", took[:1])
        case PostedPrice():
            return Cause("posted", case.newest(party, Accept))
        case ContractNet():
            own = _first_at(accepted, party, -pays)
            return Cause("proposal", own, own)
        case ContinuousMarket() | CallMarket():
            rule = "call" if isinstance(protocol, CallMarket) else "trades"
            return Cause(rule, tuple(one.place for one in case.of(party, Order)[:1]))
        case _:
            return _of_several(protocol, case, party)


def _of_several(protocol: Protocol, case: Case, party: Party) -> Cause:
    """The reason in an auction of several units, items or sides."""
    match protocol:
        case MultiUnit():
            return several.multi_unit(protocol, case, party)
        case AscendingClock():
            return several.ascending_clock(protocol, case, party)
        case SimultaneousAscending():
            return several.item_bids(protocol, case, party)
        case UnitDemand():
            return several.preferred(case, party)
        case Combinatorial() | CombinatorialClock():
            return several.packages(protocol, case, party)
        case ScoringAuction():
            return several.scoring(protocol, case, party)
        case PositionAuction():
            return several.position(protocol, case, party)
        case DoubleAuction():
            return several.double(protocol, case, party)
        case _:
            mine = [one.place for one in case.accepted if one.party == party]
            return Cause("rules", tuple(mine[-1:]))


def _amount(one: Taken) -> int | None:
    return one.move.amount if isinstance(one.move, (Bid, Reveal)) else None


def _first_at(accepted: Sequence[Taken], party: Party, amount: int | Fraction) -> Places:
    places = [one.place for one in accepted if one.party == party and _amount(one) == amount]
    return tuple(places[:1])


def _sealed(
    protocol: SealedBid, accepted: Sequence[Taken], party: Party, pays: int | Fraction
) -> Cause:
    """Bids ranked as the rules rank them: by amount, then by place (of the commitment, where there is one)."""
    sign = 1 if protocol.side == "reverse" else -1
    price = -sign * pays
    since = {one.party: one.place for one in accepted if isinstance(one.move, Commit)}
    ranked = sorted(
        (one for one in accepted if _amount(one) is not None),
        key=lambda one: (sign * (_amount(one) or 0), since.get(one.party, one.place)),
    )
    own = tuple(one.place for one in ranked if one.party == party)
    if protocol.price == "all-pay":
        return Cause("all-pay", own, own)
    rank = {"first": 0, "second": 1, "third": 2}[protocol.price]
    rule = ("own-bid", "second-bid", "third-bid")[rank]
    if rank < len(ranked) and _amount(ranked[rank]) == price:
        return Cause(rule, own, (ranked[rank].place,))
    return Cause("reserve", own)


def _proxy(accepted: Sequence[Taken], party: Party) -> Cause:
    best: dict[Party, Taken] = {}
    for one in accepted:
        if (_amount(one) or 0) > (_amount(best[one.party]) or 0 if one.party in best else -1):
            best[one.party] = one
    own = (best[party].place,) if party in best else ()
    rivals = [one for one in best.values() if one.party != party]
    if not rivals:
        return Cause("proxy-alone", own)
    second = max(rivals, key=lambda one: (_amount(one) or 0, -one.place))
    return Cause("proxy", own, (second.place,))
