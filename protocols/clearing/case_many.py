"""Cases of several units, of positions, of packages, and of edges."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AliasChoices, Field, model_validator

from negotiate.protocols.clearing import (
    assignment,
    clinching,
    combinatorial,
    core,
    greedy,
    paths,
    positions,
    units,
)
from negotiate.protocols.clearing.fields import (
    Bid,
    Count,
    Money,
    Name,
    Number,
    Params,
    Part,
    Plain,
    Positive,
    Rule,
    refuse,
)
from negotiate.protocols.clearing.solvers import Solver  # noqa: TC001 - pydantic reads it
from negotiate.protocols.clearing.winners import NODES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


MOST_PACKAGES = 10_000
"""Packages that one bidder may bid on."""


class UnitsFor(Params):
    """A number of identical units."""

    units: Count
    reserve: Money | None = None


class Uniform(UnitsFor):
    """One price for all."""

    rule: Literal["highest_rejected", "lowest_accepted"] = "highest_rejected"


class Clinching(Params):
    """A rising clock for identical units."""

    units: Count
    start: Money = 0
    increment: Positive


class Marginal(Bid):
    """Marginal values, not increasing."""

    amounts: list[Money]


class Positions(Params):
    """Clicks of the slots, not increasing."""

    ctr: list[Money]
    reserve: Money = 0


class Ad(Bid):
    """A bid per click."""

    amount: Money
    quality: Positive = Field(default=1, validation_alias=AliasChoices("quality", "q"))


class Packages(Params):
    """What package bids are on.

    Attributes:
        items: the items; anything in the bids when it is left out.
        supply: how much there is of an item, 1 of those not named.
        dummy: items that only tie a bidder's bids together (language ``or_star``).
        nodes: how much work the search may be.
        solver: who searches: ``own``, ``highs``, ``cpsat``; ``auto`` takes a solver where it must.
    """

    language: combinatorial.Language = "xor"
    side: Literal["forward", "reverse"] = "forward"
    items: list[Name] | None = None
    supply: dict[Name, Count] = Field(default_factory=dict)
    dummy: list[Name] = Field(default_factory=list)
    nodes: Count = NODES
    solver: Solver = "auto"


class CorePackages(Packages):
    """The core rule is for selling, and for XOR bids."""

    @model_validator(mode="after")
    def _for_the_core(self) -> CorePackages:
        if self.language != "xor" or self.side != "forward":
            raise refuse(
                "language", "the core rule is for selling, and for XOR bids", "not-offered"
            )
        return self


class PackageBid(Part):
    """Items and an amount for all of them together."""

    items: Annotated[list[Name], Field(min_length=1, max_length=10_000)]
    amount: Money


class PackageBids(Bid):
    """All package bids of a bidder."""

    bids: Annotated[list[PackageBid], Field(max_length=MOST_PACKAGES)]


class Greedy(Params):
    """The power of the size."""

    exponent: Annotated[Number, Field(ge=0, le=4)] = 1


class SinglePackage(Bid):
    """The one package that a bidder wants."""

    items: Annotated[list[Name], Field(min_length=1)]
    amount: Money


class Objects(Params):
    """Different objects, one for each bidder."""

    reserve: Money = 0


class Valued(Bid):
    """Values of single objects."""

    values: dict[Name, Money]


class Route(Params):
    """Where the path goes."""

    source: Name
    target: Name
    directed: bool = True


class EdgeBid(Bid):
    """An edge from the first node to the second, and its cost."""

    edge: Annotated[list[Name], Field(min_length=2, max_length=2)]
    cost: Money


def _demand(bids: Sequence[Marginal]) -> list[tuple[str, Sequence[Any]]]:
    for place, bid in enumerate(bids):
        if any(a < b for a, b in pairwise(bid.amounts)):
            raise refuse(
                f"bids[{place}].amounts",
                "marginal values may not rise; give the highest first",
                "rising",
            )
    return [(bid.bidder, bid.amounts) for bid in bids]


def _discriminatory(params: UnitsFor, bids: Sequence[Marginal]) -> Plain:
    found = units.discriminatory(_demand(bids), params.units, params.reserve)
    return {"allocation": found.allocation, "payments": found.payments}


def _uniform(params: Uniform, bids: Sequence[Marginal]) -> Plain:
    found = units.uniform_price(_demand(bids), params.units, params.reserve, params.rule)
    return dict(found._asdict())


def _vickrey(params: UnitsFor, bids: Sequence[Marginal]) -> Plain:
    found = units.vickrey(_demand(bids), params.units, params.reserve)
    return {"allocation": found.allocation, "payments": found.payments}


def _clinching(params: Clinching, bids: Sequence[Marginal]) -> Plain:
    found = clinching.clinching(_demand(bids), params.units, params.start, params.increment)
    return {
        "allocation": found.allocation,
        "clinch_prices": found.prices,
        "payments": found.payments,
    }


def _ads(params: Positions, bids: Sequence[Ad]) -> list[positions.Ad]:
    if any(a < b for a, b in pairwise(params.ctr)):
        raise refuse("params.ctr", "clicks may not rise; give the best slot first", "rising")
    return [positions.Ad(bid.bidder, bid.amount, bid.quality) for bid in bids]


def _gsp(params: Positions, bids: Sequence[Ad]) -> Plain:
    slots = positions.gsp(_ads(params, bids), params.ctr, params.reserve)
    return {"slots": [slot._asdict() for slot in slots]}


def _vcg_position(params: Positions, bids: Sequence[Ad]) -> Plain:
    slots = positions.vcg_position(_ads(params, bids), params.ctr, params.reserve)
    return {"slots": [{"bidder": slot.bidder, "payment": slot.payment} for slot in slots]}


def _market(params: Packages, bids: Sequence[PackageBids]) -> combinatorial.Market:
    for place, bid in enumerate(bids):
        for inner, one in enumerate(bid.bids):
            _check_items(params, one.items, f"bids[{place}].bids[{inner}].items")
    atoms = tuple(
        combinatorial.Atom(bid.bidder, tuple(one.items), one.amount)
        for bid in bids
        for one in bid.bids
    )
    supply = {**dict.fromkeys(params.items or (), 1), **params.supply}
    reverse = params.side == "reverse"
    if reverse and params.items is None:
        found = (item for atom in atoms for item in atom.items if item not in params.dummy)
        supply = {**dict.fromkeys(found, 1), **supply}
    return combinatorial.Market(
        atoms,
        supply,
        params.language,
        frozenset(params.dummy),
        reverse,
        params.nodes,
        params.solver,
    )


def _check_items(params: Packages, items: Sequence[str], place: str) -> None:
    known = params.items
    for item, count in Counter(items).items():
        if known is not None and item not in known and item not in params.dummy:
            raise refuse(place, f"{item!r} is not one of the items", "unknown-item")
        if count > 1 and count > params.supply.get(item, 1):
            raise refuse(
                place, f"{item!r} stands in it more often than there is supply", "repeated-item"
            )


def _packages(
    rule: Callable[[combinatorial.Market], combinatorial.Sold | None], *, revenue: bool
) -> Callable[[Packages, Sequence[PackageBids]], Plain]:
    def run(params: Packages, bids: Sequence[PackageBids]) -> Plain:
        market = _market(params, bids)
        found = rule(market)
        if found is None:
            return {"allocation": None}
        total: Plain = {}
        paid = list(found.payments.values())
        if revenue:
            total = {"revenue": None if None in paid else sum(p for p in paid if p is not None)}
        return {
            ("cost" if market.reverse else "welfare"): found.welfare,
            "allocation": market.allocation(found.chosen),
            "payments": found.payments,
            **total,
        }

    return run


def _core(params: CorePackages, bids: Sequence[PackageBids]) -> Plain:
    found = core.core_nearest_vcg(_market(params, bids))
    return {
        "welfare": found.welfare,
        "vcg": found.vcg,
        "core_revenue": found.revenue,
        "payments": found.payments,
    }


def _greedy(params: Greedy, bids: Sequence[SinglePackage]) -> Plain:
    singles = [greedy.Single(b.bidder, frozenset(b.items), b.amount) for b in bids]
    payments = greedy.los_greedy(singles, params.exponent)
    winners = sorted(payments)
    return {"winners": winners, "payments": {winner: payments[winner] for winner in winners}}


def _dgs(params: Objects, bids: Sequence[Valued]) -> Plain:
    found = assignment.dgs_ascending([(b.bidder, b.values) for b in bids], params.reserve)
    return {"assignment": found.assignment, "prices": found.prices}


def _path(params: Route, bids: Sequence[EdgeBid]) -> Plain:
    edges = [paths.Edge(b.bidder, b.edge[0], b.edge[1], b.cost) for b in bids]
    found = paths.path_vcg(edges, params.source, params.target, directed=params.directed)
    return {"path": None} if found is None else dict(found._asdict())


RULES: dict[str, Rule] = {
    "discriminatory": Rule(UnitsFor, Marginal, _discriminatory),
    "uniform_price": Rule(Uniform, Marginal, _uniform),
    "vickrey_multi_unit": Rule(UnitsFor, Marginal, _vickrey),
    "ausubel_clinching": Rule(Clinching, Marginal, _clinching),
    "gsp": Rule(Positions, Ad, _gsp),
    "vcg_position": Rule(Positions, Ad, _vcg_position),
    "combinatorial_first_price": Rule(
        Packages, PackageBids, _packages(combinatorial.combinatorial_first_price, revenue=False)
    ),
    "vcg_combinatorial": Rule(
        Packages, PackageBids, _packages(combinatorial.vcg_combinatorial, revenue=True)
    ),
    "core_nearest_vcg": Rule(CorePackages, PackageBids, _core),
    "los_greedy": Rule(Greedy, SinglePackage, _greedy),
    "dgs_ascending": Rule(Objects, Valued, _dgs),
    "path_vcg": Rule(Route, EdgeBid, _path),
}
