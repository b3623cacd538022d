"""Why the result is what it is: for each party that gets or pays something, by which rule and which bids.

The grounds follow from the rules, the accepted bids and the result alone, so whoever holds the bids makes the same
ones and compares. Places are those of the receipts in the host's chain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from negotiate.moves import Accept, Bid, Commit, Order, Reveal
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from negotiate.moves import Party
    from negotiate.protocol import Protocol, Result
    from negotiate.wire.hosted.book import Taken


class Ground(NamedTuple):
    """Why one party gets and pays what it does.

    Attributes:
        party: as the protocol counts.
        units: what it gets; negative for what it gives.
        pays: what it pays; negative for what it receives.
        rule: one of :data:`RULES`.
        own: place of its deciding bid; None where it said nothing.
        by: place of the bid that sets its price; None where none does.
    """

    party: Party
    units: int
    pays: int | Fraction
    rule: str
    own: int | None
    by: int | None


RULES: dict[str, tuple[str, str]] = {
    "own-bid": ("the best bid, paid as bid", "das beste Gebot, bezahlt wie geboten"),
    "second-bid": ("the best bid, at the second best", "das beste Gebot, zum zweitbesten"),
    "third-bid": ("the best bid, at the third best", "das beste Gebot, zum drittbesten"),
    "reserve": (
        "the best bid, at the reserve or the bound of a lone bidder",
        "das beste Gebot, zum Mindestpreis oder zur Grenze eines einzigen Bieters",
    ),
    "all-pay": ("everybody pays its own bid", "jeder zahlt sein eigenes Gebot"),
    "standing": ("the standing bid at the close", "das stehende Gebot beim Schluss"),
    "proxy": (
        "the greatest maximum, at the second and one increment",
        "das höchste Limit, zum zweiten und einer Stufe",
    ),
    "proxy-alone": (
        "the greatest maximum, at the start: nobody else bid",
        "das höchste Limit, zum Startpreis: niemand sonst bot",
    ),
    "clock": ("the price on the clock", "der Preis der Uhr"),
    "posted": ("the posted price, first come first served", "der Festpreis, wer zuerst kommt"),
    "proposal": ("the cheapest proposal", "das billigste Angebot"),
    "trades": (
        "the sum of its trades, each at the resting order's price",
        "die Summe seiner Geschäfte, jedes zum Preis des ruhenden Auftrags",
    ),
    "call": ("one price for all that crosses", "ein Preis für alles, was sich kreuzt"),
    "rules": ("as the rules clear the bids", "wie die Regeln die Gebote abrechnen"),
}
"""Rule to its words in English and German."""


def explain(protocol: Protocol, accepted: Sequence[Taken], result: Result) -> list[Ground]:
    """The grounds of a result, in the order of the parties.

    Args:
        protocol: the rules.
        accepted: the accepted bids, in order.
        result: what the rules gave.
    """
    units: tuple[int, ...] = getattr(result, "units", ())
    payments: tuple[int | Fraction, ...] = getattr(result, "payments", ())
    found: list[Ground] = []
    for party, (got, pays) in enumerate(zip(units, payments, strict=True)):
        if got or pays:
            rule, own, by = _ground(protocol, accepted, party, pays)
            found.append(Ground(party, got, pays, rule, own, by))
    return found


def _ground(
    protocol: Protocol, accepted: Sequence[Taken], party: Party, pays: int | Fraction
) -> tuple[str, int | None, int | None]:
    mine = [one.place for one in accepted if one.party == party]
    newest = mine[-1] if mine else None
    match protocol:
        case SealedBid():
            return _sealed(protocol, accepted, party, pays)
        case English(form="proxy"):
            return _proxy(accepted, party)
        case English():
            return "standing", newest, newest
        case ClockAuction():
            took = [one.place for one in accepted if isinstance(one.move, Accept)]
            return "clock", took[0] if took else None, None
        case PostedPrice():
            return "posted", newest, None
        case ContractNet():
            own = _first_at(accepted, party, -pays)
            return "proposal", own, own
        case ContinuousMarket() | CallMarket():
            orders = [
                one.place
                for one in accepted
                if one.party == party and isinstance(one.move, Order)
            ]
            rule = "call" if isinstance(protocol, CallMarket) else "trades"
            return rule, orders[0] if orders else None, None
        case _:
            return "rules", newest, None


def _amount(one: Taken) -> int | None:
    return one.move.amount if isinstance(one.move, (Bid, Reveal)) else None


def _first_at(accepted: Sequence[Taken], party: Party, amount: int | Fraction) -> int | None:
    places = [one.place for one in accepted if one.party == party and _amount(one) == amount]
    return places[0] if places else None


def _sealed(
    protocol: SealedBid, accepted: Sequence[Taken], party: Party, pays: int | Fraction
) -> tuple[str, int | None, int | None]:
    """Bids ranked as the rules rank them: by amount, then by place (of the commitment, where there is one)."""
    sign = 1 if protocol.side == "reverse" else -1
    price = -sign * pays
    since = {one.party: one.place for one in accepted if isinstance(one.move, Commit)}
    ranked = sorted(
        (one for one in accepted if _amount(one) is not None),
        key=lambda one: (sign * (_amount(one) or 0), since.get(one.party, one.place)),
    )
    own = next((one.place for one in ranked if one.party == party), None)
    if protocol.price == "all-pay":
        return "all-pay", own, own
    rank = {"first": 0, "second": 1, "third": 2}[protocol.price]
    rule = ("own-bid", "second-bid", "third-bid")[rank]
    if rank < len(ranked) and _amount(ranked[rank]) == price:
        return rule, own, ranked[rank].place
    return "reserve", own, None


def _proxy(accepted: Sequence[Taken], party: Party) -> tuple[str, int | None, int | None]:
    best: dict[Party, Taken] = {}
    for one in accepted:
        if (_amount(one) or 0) > (_amount(best[one.party]) or 0 if one.party in best else -1):
            best[one.party] = one
    own = best[party].place if party in best else None
    rivals = [one for one in best.values() if one.party != party]
    if not rivals:
        return "proxy-alone", own, None
    second = max(rivals, key=lambda one: (_amount(one) or 0, -one.place))
    return "proxy", own, second.place
