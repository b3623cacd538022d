"""Which markets and which bidders go with which rules."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from negotiate import registry
from negotiate.domain.issues import Domain, Money
from negotiate.domain.markets import bundled_markets, load_market
from negotiate.errors import ArenaError, NegotiateError
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import quote

if TYPE_CHECKING:
    from negotiate.domain.markets import Market
    from negotiate.domain.values import Form
    from negotiate.protocol import Protocol

_TWO_SIDED = {"order", "ask"}
_PACKAGES = {"item-bid", "package-bid", "prefer"}
_BUYING = {"contract-net"}
_WITHOUT = {
    "scoring": "qualities are worth what the rules say, and no market model has qualities"
}


@lru_cache(64)
def form_of(rules: Protocol) -> Form:
    """What kind of market rules are for: by the moves that they take, and by the side that bids."""
    without = _WITHOUT.get(name_of(rules))
    if without is not None:
        raise ArenaError(f"no market for {name_of(rules)}: {without}", code="market")
    kinds = _moves(rules)
    if kinds & _TWO_SIDED:
        return "two-sided"
    if kinds & _PACKAGES or "items" in type(rules).model_fields:
        return "packages"
    reverse = getattr(rules, "side", "") == "reverse" or name_of(rules) in _BUYING
    return "procurement" if reverse else "sale"


def name_of(rules: Protocol) -> str:
    """What the registry calls the rules."""
    return str(getattr(rules, "name", type(rules).__name__))


def check_fits(rules: Protocol, market: Market) -> None:
    """Raise ArenaError if the rules cannot be held on this market."""
    form = form_of(rules)
    if market.form != form:
        fitting = [name for name in bundled_markets() if load_market(name).form == form]
        raise ArenaError(
            f"{quote(market.name)} is a market for {_WORDS[market.form]}; "
            f"{name_of(rules)} is for {_WORDS[form]}",
            code="market",
            help=f"such as: {', '.join(fitting)}" if fitting else "see `nego list markets`",
        )


def markets_for(rules: Protocol) -> tuple[str, ...]:
    """Names of the bundled markets on which the rules can be held."""
    form = form_of(rules)
    return tuple(name for name in bundled_markets() if load_market(name).form == form)


def bidders_for(rules: Protocol) -> tuple[str, ...]:
    """Registered names of those who know how to play by these rules; broken plug-ins are left out."""
    name, found = name_of(rules), list[str]()
    for one in registry.names("bidders"):
        try:
            spec = registry.bidder(one)
        except NegotiateError:
            continue
        if name in spec.cls.plays:
            found.append(one)
    return tuple(found)


_WORDS: dict[Form, str] = {
    "sale": "a sale to buyers",
    "procurement": "a purchase from sellers",
    "two-sided": "buyers and sellers",
    "packages": "several items",
}


def _moves(rules: Protocol) -> set[str]:
    try:
        begun = rules.start(Domain((Money("price", 0, 1),)), ("a", "b"))
    except NegotiateError as error:
        raise ArenaError(f"no market for {name_of(rules)}: {error}", code="market") from None
    if not isinstance(begun, HostedNegotiation):
        return set()
    return {str(getattr(kind, "kind", "")) for kind in begun.moves}
