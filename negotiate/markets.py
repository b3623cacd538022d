"""Which rules, markets and bidders go together, and rules fitted to a market.

``english`` by itself opens at 0 and goes up by 1, which suits values of some tens and nothing else. On a market whose
prices run to 10,000 the increment is therefore 100, unless it is given: amounts that were not given take the market's
own scale. What was given is never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from negotiate import registry
from negotiate.bidder import Stake
from negotiate.domain.arrivals import Arrivals
from negotiate.domain.distributions import best_reserve
from negotiate.domain.issues import Domain, Money
from negotiate.domain.markets import bundled_markets, load_market
from negotiate.domain.tenders import Tenders
from negotiate.domain.values import Packages
from negotiate.errors import LocalError, NegotiateError
from negotiate.protocols.hosted import HostedNegotiation
from negotiate.show import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from negotiate.domain.markets import Market
    from negotiate.domain.tenders import Costs
    from negotiate.domain.values import Bundles, Draw, Form
    from negotiate.protocol import Protocol

    Fit: TypeAlias = Callable[[Protocol, Market], dict[str, object]]

_TWO_SIDED = {"order", "ask"}
_PACKAGES = {"item-bid", "package-bid", "prefer"}
_BUYING = {"contract-net"}


def form_of(rules: Protocol) -> Form:
    """What kind of market rules are for: by the moves that they take, and by the side that bids."""
    if getattr(rules, "seller", False):
        return "arrivals"
    if name_of(rules) == "scoring":
        return "tender"
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
    """Raise LocalError if the rules cannot be held on this market."""
    form = form_of(rules)
    if market.form != form:
        fitting = [name for name in bundled_markets() if load_market(name).form == form]
        raise LocalError(
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
    """Registered names of those who know how to play by these rules; broken plug-ins are left out.

    Where a seller posts prices it is the one who is studied; elsewhere there is no seat for such sellers.
    """
    from negotiate.strategies.bidding.pricing import Pricer  # noqa: PLC0415 - names resolve without

    name, found = name_of(rules), list[str]()
    posts = form_of(rules) == "arrivals"
    for one in registry.names("bidders"):
        try:
            spec = registry.bidder(one)
        except NegotiateError:
            continue
        if name in spec.cls.plays and issubclass(spec.cls, Pricer) == posts:
            found.append(one)
    return tuple(found)


_WORDS: dict[Form, str] = {
    "sale": "a sale to buyers",
    "procurement": "a purchase from sellers",
    "two-sided": "buyers and sellers",
    "packages": "several items",
    "tender": "a purchase where quality counts",
    "arrivals": "a seller that posts prices to buyers who come in turn",
}


def _moves(rules: Protocol) -> set[str]:
    try:
        begun = rules.start(Domain((Money("price", 0, 1),)), ("a", "b"))
    except NegotiateError as error:
        raise LocalError(f"no market for {name_of(rules)}: {error}", code="market") from None
    if not isinstance(begun, HostedNegotiation):
        return set()
    return {str(getattr(kind, "kind", "")) for kind in begun.moves}


def stakes_of(drawn: Draw) -> list[Stake]:
    """What each seat knows of its stake."""
    nothing = ((),) * len(drawn.sides)
    packages: Sequence[Bundles] = drawn.packages or nothing
    costs: Sequence[Costs] = drawn.costs or nothing
    return [
        Stake(*known) for known in zip(drawn.sides, drawn.known, packages, costs, strict=True)
    ]


STEPS = 100
"""Steps from one bound of a market to the other."""


def fitted(rules: Protocol, market: Market) -> Protocol:
    """The rules as they are played on a market."""
    fit = _FITS.get(str(getattr(rules, "name", "")), _plain)
    wanted = {
        key: value
        for key, value in fit(rules, market).items()
        if key in type(rules).model_fields and key not in rules.model_fields_set
    }
    if not wanted:
        return rules
    given = {key: getattr(rules, key) for key in rules.model_fields_set}
    return type(rules)(**given, **wanted)


def step_of(market: Market) -> int:
    """A hundredth of the market's span, 1 at least."""
    return max(market.span // STEPS, 1)


def _plain(rules: Protocol, market: Market) -> dict[str, object]:
    """Where a parameter of the usual name is there, it fits."""
    step = step_of(market)
    if not isinstance(market.model, Packages):
        return {"increment": step, "step": step}
    items = market.model.items
    single = isinstance(getattr(rules, "step", 0), int)
    return {"items": items, "increment": step, "step": step if single else (step,) * len(items)}


def _rising(rules: Protocol, market: Market) -> dict[str, object]:
    low, high = market.bounds
    return {"opening": low, "last": high, "step": step_of(market)}


def _english(rules: Protocol, market: Market) -> dict[str, object]:
    return {"increment": step_of(market), "end": 2 * STEPS * 1000}


def _clock(rules: Protocol, market: Market) -> dict[str, object]:
    low, high = market.bounds
    falls = getattr(rules, "form", "dutch") == "dutch"
    ends = {"opening": high, "last": low} if falls else {"opening": low, "last": high}
    return {**ends, "step": step_of(market)}


def _posted(rules: Protocol, market: Market) -> dict[str, object]:
    """The price that earns most from one buyer; the middle where nothing is known of buyers."""
    if isinstance(market.model, Arrivals):  # one buyer a second, and a unit for each
        count = market.model.buyers
        return {"units": count, "arrival": 1000, "time_limit": (count + 1) * 1000}
    prior = market.model.prior
    low, high = market.bounds
    return {
        "price": (low + high) // 2 if prior is None else best_reserve(prior, market.outside)
    }


def _scoring(rules: Protocol, market: Market) -> dict[str, object]:
    """The buyer's own worth as the points, unless there are weights or points; nothing that loses it money."""
    scored = rules.model_fields_set & {"weights", "points"}
    points = market.model.points if isinstance(market.model, Tenders) and not scored else ()
    return {"points": points, "minimum": 0}


_FITS: dict[str, Fit] = {
    "english": _english,
    "clock-auction": _clock,
    "ascending-clock": _rising,
    "posted-price": _posted,
    "scoring": _scoring,
}
