"""Magentic Marketplace: folders ``customers`` and ``businesses`` of YAML files.

One scenario for each customer and each business that sells all that the customer wants, called
``<customer>-<business>``. They bargain for the price of the whole basket, in cents, from 0.01 to what the menu
asks. Both preferences are the published ones, scaled so that they lie in [0, 1] where that is possible:

- *Customer.* Twice its willingness to pay, minus the price, if the business also has every amenity that it
  wants; else only minus the price, so that no price is better than leaving. Divided by twice the willingness to
  pay. Leaving is worth 0.
- *Business.* The price, as a share of what the menu asks. It leaves below ``min_price_factor``, its
  reservation value.

Source: Bansal et al. (2025), *Magentic Marketplace*, arXiv:2510.25779; the customer's utility is the one
behind the published baselines (``baseline_utilities.json``), which the tests recompute from these scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from negotiate.domain.formats._build import finished
from negotiate.domain.formats._node import Node, built
from negotiate.domain.formats._yaml import parse
from negotiate.domain.issues import Domain, Money
from negotiate.domain.preferences import Linear, LinearAdditive
from negotiate.domain.scenario import Role, Scenario
from negotiate.errors import FormatError
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MAX_PAIRS = 100_000


@dataclass(frozen=True)
class _Party:
    """A customer or a business.

    Attributes:
        node: the whole file.
        name: its id.
        prices: for each item what it costs, or what it is worth.
        amenities: those that are wanted, or those that are there.
    """

    node: Node
    name: str
    prices: dict[str, Fraction]
    amenities: frozenset[str]


def members(
    source: str, customers: Iterable[tuple[str, bytes]], businesses: Iterable[tuple[str, bytes]]
) -> dict[str, Callable[[], Scenario]]:
    """The scenarios of a marketplace by name, each built when it is called.

    Args:
        source: the folder as the caller named it.
        customers: their files and contents.
        businesses: their files and contents.

    Raises:
        FormatError: a file that does not read, an id twice, or nobody who sells what somebody wants.
    """
    buyers = [_customer(parse(data, file)) for file, data in customers]
    sellers = [_business(parse(data, file)) for file, data in businesses]
    if len(buyers) * len(sellers) > MAX_PAIRS:
        raise FormatError(f"more than {MAX_PAIRS:,} pairs", file=source, code="too-large")
    found: dict[str, Callable[[], Scenario]] = {}
    for buyer in buyers:
        for seller in sellers:
            if buyer.prices.keys() <= seller.prices.keys():
                name = f"{buyer.name}-{seller.name}"
                if name in found:
                    raise seller.node.error(f"a second pair {quote(name)}")
                found[name] = partial(_scenario, name, source, buyer, seller)
    if not found:
        raise FormatError("no business sells all that a customer wants", file=source)
    return found


def _customer(node: Node) -> _Party:
    wanted = frozenset(item.text() for item in node.need("amenity_features").items())
    return _Party(node, _id(node), _prices(node), wanted)


def _business(node: Node) -> _Party:
    offered = node.need("amenity_features").mapping()
    there = frozenset(name for name, value in offered.items() if value.value is True)
    return _Party(node, _id(node), _prices(node), there)


def _id(node: Node) -> str:
    name = node.need("id").text(64)
    if not name or not name.replace("_", "").replace("-", "").isalnum():
        raise node.need("id").wrong("an id of letters, digits, '_' and '-'")
    return name


def _prices(node: Node) -> dict[str, Fraction]:
    items = node.need("menu_features").mapping("items with prices")
    prices = {name: item.number() for name, item in items.items()}
    if not prices or min(prices.values()) < 0 or not any(prices.values()):
        raise node.need("menu_features").error("items with prices above 0 are expected")
    return prices


def _scenario(name: str, source: str, buyer: _Party, seller: _Party) -> Scenario:
    asked = sum((seller.prices[item] for item in buyer.prices), Fraction(0))
    worth = sum(buyer.prices.values(), Fraction(0))
    lacking = sorted(buyer.amenities - seller.amenities)
    cents = asked * 100
    if cents.denominator != 1 or cents < 1:
        raise seller.node.error("the prices of the basket do not sum to whole cents above 0")
    price = built(seller.node, Money, "price", 1, int(cents), 1, "USD", 2)
    domain = Domain((price,), "basket")
    kept = 0 if lacking else 1
    least = Fraction(1, 100)
    customer = Linear(kept - least / (2 * worth), kept - asked / (2 * worth))
    business = Linear(least / asked, Fraction(1))
    factor = seller.node.need("min_price_factor").number()
    roles = (
        _role("customer", buyer, domain, customer, Fraction(0)),
        _role("business", seller, domain, business, factor),
    )
    return finished(name, domain, roles, f"{source}#{name}", _description(buyer, lacking))


def _role(
    role: str, party: _Party, domain: Domain, line: Linear, reservation: Fraction
) -> Role:
    terms = {"price": (Fraction(1), line)}
    preferences = built(
        party.node, lambda: LinearAdditive(domain, terms, reservation=reservation)
    )
    name = party.node.get("name")
    return Role(role, preferences, name.text() if name else "")


def _description(buyer: _Party, lacking: list[str]) -> str:
    basket = safe(", ".join(buyer.prices))[:1000]
    about = f"A customer orders {basket} from a restaurant (Magentic Marketplace)."
    missing = safe(", ".join(lacking))[:1000]
    return f"{about} The restaurant lacks: {missing}." if lacking else about
