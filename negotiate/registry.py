"""Names to classes, lazily: an import of the library loads no strategy.

Three groups of names: strategies, which bargain; bidders, which take part in auctions and markets; protocols.
Built-ins stand in one table each; other packages add names by entry points in the groups ``negotiate.strategies``,
``negotiate.bidders`` and ``negotiate.protocols``; ``package.module:Class`` names a class directly. Parameters follow
in brackets: ``time_dependent[e=0.2]``, ``sealed-bid[price=second]``.
"""

from __future__ import annotations

import importlib
import inspect
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

from negotiate.errors import LocalError, StrategyError, UnknownName
from negotiate.notation import Parameter as Parameter
from negotiate.notation import notation
from negotiate.notation import parse as parse
from negotiate.show import one_line, quote, safe

if TYPE_CHECKING:
    from pydantic import ValidationError

    from negotiate.bidder import Bidder
    from negotiate.protocol import Protocol
    from negotiate.strategy import Strategy

Group: TypeAlias = Literal["strategies", "bidders", "protocols"]

_TIME = "negotiate.strategies.time_dependent"
_ANAC = "negotiate.strategies.anac"
_TRADING = "negotiate.strategies.trading"
_BIDDING = "negotiate.strategies.bidding"

STRATEGIES: dict[str, str] = {
    "time_dependent": f"{_TIME}:TimeDependent",
    "aspiration": f"{_TIME}:Aspiration",
    "bezier": f"{_TIME}:Bezier",
    "tit_for_tat": "negotiate.strategies.tit_for_tat:RelativeTitForTat",
    "averaged_tit_for_tat": "negotiate.strategies.tit_for_tat:AveragedTitForTat",
    "absolute_tit_for_tat": "negotiate.strategies.tit_for_tat:AbsoluteTitForTat",
    "naive_tit_for_tat": "negotiate.strategies.tit_for_tat:NaiveTitForTat",
    "resource_dependent": "negotiate.strategies.resource:ResourceDependent",
    "micro": "negotiate.strategies.micro:Micro",
    "random": "negotiate.strategies.random_offers:RandomAboveReservation",
    "hybrid": "negotiate.strategies.hybrid:Hybrid",
    "optimal_bidder": "negotiate.strategies.optimal:OptimalBidder",
    "optimal_stopper": "negotiate.strategies.optimal:OptimalStopper",
    "stock_seller": "negotiate.strategies.commerce:StockSeller",
    "replenishing_buyer": "negotiate.strategies.commerce:ReplenishingBuyer",
    "agentk": f"{_ANAC}.agentk:AgentK",
    "hardheaded": f"{_ANAC}.hardheaded:HardHeaded",
    "nice_tit_for_tat": f"{_ANAC}.nice_tit_for_tat:NiceTitForTat",
    "cuhkagent": f"{_ANAC}.cuhkagent:CUHKAgent",
    "thefawkes": f"{_ANAC}.thefawkes:TheFawkes",
    "atlas3": f"{_ANAC}.atlas3:Atlas3",
    "ponpoko": f"{_ANAC}.ponpoko:PonPoko",
    "agreeable": f"{_ANAC}.agreeable:Agreeable",
    "agentgg": f"{_ANAC}.agentgg:AgentGG",
    "dreamteam109": f"{_ANAC}.dreamteam109:DreamTeam109",
    "chargingboul": f"{_ANAC}.chargingboul:ChargingBoul",
    "uoagent": f"{_ANAC}.uoagent:UOAgent",
    "genius-boulware": "time_dependent[e=0.2]",
    "genius-linear": "time_dependent[e=1.0]",
    "genius-conceder": "time_dependent[e=2.0]",
    "genius-hardliner": "time_dependent[e=0.0]",
    "negmas-boulware": "aspiration[x=4.0]",
    "negmas-linear": "aspiration[x=1.0]",
    "negmas-conceder": "aspiration[x=0.25]",
    "negmas-hardliner": "time_dependent[e=0.0]",
    "negolog-boulware": "bezier[p0=1.0,p1=0.85,p2=0.4]",
    "negolog-linear": "bezier[p0=1.0,p1=0.7,p2=0.4]",
    "negolog-conceder": "bezier[p0=1.0,p1=0.55,p2=0.4]",
    "negolog-hardliner": "bezier[p0=1.0,p1=1.0,p2=1.0]",
}
"""Built-in names; a value is ``module:Class``, or a preset of another name with its parameters."""

BIDDERS: dict[str, str] = {
    "truthful": f"{_BIDDING}.truthful:Truthful",
    "proxy": f"{_BIDDING}.truthful:Proxy",
    "sniper": f"{_BIDDING}.truthful:Sniper",
    "demand_reduction": f"{_BIDDING}.truthful:DemandReduction",
    "first_price_equilibrium": f"{_BIDDING}.shading:FirstPriceEquilibrium",
    "all_pay": f"{_BIDDING}.shading:AllPayEquilibrium",
    "linear_double": f"{_BIDDING}.linear:LinearDouble",
    "monopoly_price": f"{_BIDDING}.pricing:MonopolyPrice",
    "ucb_price": f"{_BIDDING}.pricing:UcbPrice",
    "exp3_price": f"{_BIDDING}.pricing:Exp3Price",
    "gradient_price": f"{_BIDDING}.pricing:GradientPrice",
    "zic": f"{_TRADING}.zero_intelligence:ZeroIntelligence",
    "ziu": f"{_TRADING}.zero_intelligence:Unconstrained",
    "zip": f"{_TRADING}.zip:ZeroIntelligencePlus",
    "gd": f"{_TRADING}.gd:GjerstadDickhaut",
    "gdx": f"{_TRADING}.gd:GDX",
    "aa": f"{_TRADING}.adaptive:AdaptiveAggressive",
    "kaplan": f"{_TRADING}.simple:Kaplan",
    "giveaway": f"{_TRADING}.simple:Giveaway",
    "shaver": f"{_TRADING}.simple:Shaver",
}
"""Built-in names of bidders and traders; values as in :data:`STRATEGIES`."""

PROTOCOLS: dict[str, str] = {
    "alternating-offers": "negotiate.protocols.alternating_offers:AlternatingOffers",
    "sealed-bid": "negotiate.protocols.sealed_bid:SealedBid",
    "english": "negotiate.protocols.english:English",
    "clock-auction": "negotiate.protocols.clock_auction:ClockAuction",
    "call-market": "negotiate.protocols.call_market:CallMarket",
    "contract-net": "negotiate.protocols.contract_net:ContractNet",
    "posted-price": "negotiate.protocols.posted_price:PostedPrice",
    "continuous-market": "negotiate.protocols.continuous:ContinuousMarket",
    "multi-unit": "negotiate.protocols.multi_unit:MultiUnit",
    "ascending-clock": "negotiate.protocols.ascending_clock:AscendingClock",
    "simultaneous-ascending": "negotiate.protocols.simultaneous_ascending:SimultaneousAscending",
    "unit-demand": "negotiate.protocols.unit_demand:UnitDemand",
    "combinatorial": "negotiate.protocols.combinatorial:Combinatorial",
    "combinatorial-clock": "negotiate.protocols.combinatorial_clock:CombinatorialClock",
    "scoring": "negotiate.protocols.scoring_auction:ScoringAuction",
    "position": "negotiate.protocols.position_auction:PositionAuction",
    "double-auction": "negotiate.protocols.double_auction:DoubleAuction",
}


_TABLES = {"strategies": STRATEGIES, "bidders": BIDDERS, "protocols": PROTOCOLS}
_ONE = {
    "strategies": "strategy of bargaining",
    "bidders": "bidder for auctions and markets",
    "protocols": "protocol",
}

_Made = TypeVar("_Made", "Strategy", "Bidder")


@dataclass(frozen=True)
class _Spec(Generic[_Made]):
    """A strategy or a bidder by name and parameters, ready to make instances of.

    Attributes:
        id: the name as given, with its parameters in a fixed order; unique and stable.
        cls: the class.
        parameters: keyword arguments for it.
    """

    id: str
    cls: type[_Made]
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def make(self) -> _Made:
        """A fresh instance, for one seat of one negotiation.

        Raises:
            StrategyError: the class does not take these parameters, or raises when it is made.
        """
        try:
            return self.cls(**dict(self.parameters))
        except (StrategyError, KeyboardInterrupt):
            raise
        except BaseException as error:  # a plug-in's constructor may raise anything
            raise StrategyError(
                f"{safe(self.id)} cannot be made: {one_line(error)}",
                code="parameter",
                help=f"it takes: {_signature(self.cls)}",
            ) from error

    @property
    def version(self) -> int:
        """The class's own version number."""
        return self.cls.version


class Spec(_Spec["Strategy"]):
    """A strategy by name and parameters, ready to make instances of; see :func:`strategy`."""


class BidderSpec(_Spec["Bidder"]):
    """A bidder by name and parameters, ready to make instances of; see :func:`bidder`."""


AnySpec: TypeAlias = Spec | BidderSpec


def names(group: Group = "strategies") -> tuple[str, ...]:
    """All names that resolve: built-ins, then plug-ins, each in alphabetical order."""
    table = _TABLES[group]
    return (*sorted(table), *sorted(set(_plugins(group)) - set(table)))


def strategy(name: str) -> Spec:
    """The strategy called ``name``.

    Args:
        name: a registered name, with parameters in brackets if wanted, or ``package.module:Class``.

    Raises:
        UnknownName: no such name; says which is nearest, or that it is a bidder's.
        StrategyError: the brackets do not read, or the class is not a strategy or does not import.
    """
    from negotiate.strategy import Strategy  # noqa: PLC0415 - names resolve without it

    found, shown, parameters = _found(name, "strategies")
    if not (inspect.isclass(found) and issubclass(found, Strategy)):
        raise _not_one(shown, found, "strategies", "negotiate.Strategy")
    spec = Spec(shown, found, parameters)
    spec.make()  # parameters that do not fit are told now, not in the middle of a tournament
    return spec


def bidder(name: str) -> BidderSpec:
    """The bidder or trader called ``name``; arguments and errors as of :func:`strategy`."""
    from negotiate.bidder import Bidder  # noqa: PLC0415

    found, shown, parameters = _found(name, "bidders")
    if not (inspect.isclass(found) and issubclass(found, Bidder)):
        raise _not_one(shown, found, "bidders", "negotiate.bidder.Bidder")
    spec = BidderSpec(shown, found, parameters)
    spec.make()
    return spec


def strategy_or_bidder(name: str) -> AnySpec:
    """Whichever of the two is called ``name``; where a class is named, what it derives from decides."""
    base, _ = parse(name)
    if ":" not in base:
        known = base in BIDDERS or base in _plugins("bidders")
        return bidder(name) if known else strategy(name)
    from negotiate.bidder import Bidder  # noqa: PLC0415

    found = _import(base, base)
    return (
        bidder(name) if inspect.isclass(found) and issubclass(found, Bidder) else strategy(name)
    )


def protocol(name: str) -> Protocol:
    """The protocol called ``name``, with the parameters in brackets: ``sealed-bid[price=second,reserve=20]``.

    Raises:
        UnknownName: no such name; says which is nearest.
        StrategyError: the brackets do not read, or the class does not import.
        LocalError: it is no protocol, or does not take these parameters.
    """
    import pydantic  # noqa: PLC0415 - names resolve without it

    from negotiate.protocol import Protocol  # noqa: PLC0415

    found, shown, parameters = _found(name, "protocols")
    if not (inspect.isclass(found) and issubclass(found, Protocol)):
        raise LocalError(
            f"{quote(shown)} is not a protocol",
            code="not-a-protocol",
            help="give a class that derives from negotiate.Protocol",
        )
    try:
        return found(**dict(parameters))
    except pydantic.ValidationError as error:
        raise LocalError(
            f"{quote(shown)} makes no protocol: {problem(error)}",
            code="rules",
            help=f"it takes: {', '.join(field for field in found.model_fields if field != 'name')}",
        ) from None


def problem(error: ValidationError) -> str:
    """The first thing that is wrong, in a line."""
    found = error.errors()[0]
    place = ".".join(map(str, found["loc"]))
    if not place:
        return str(found["msg"]).removeprefix("Value error, ")
    return f"{place} is {quote(found['input'])}: {found['msg'][0].lower()}{found['msg'][1:]}"


def _found(name: str, group: Group) -> tuple[object, str, tuple[tuple[str, Parameter], ...]]:
    """The class behind a name, its id, and its parameters."""
    base, given = parse(name)
    target, preset = _resolve(base, group)
    return _import(target, base), notation(base, given), tuple({**preset, **given}.items())


def _resolve(base: str, group: Group) -> tuple[str, dict[str, Parameter]]:
    """Follow presets down to ``module:Class``; the preset's parameters come along."""
    if ":" in base:
        return base, {}
    target = _TABLES[group].get(base) or _plugins(group).get(base)
    if target is None:
        raise _unknown(base, group)
    if ":" in target:
        return target, {}
    inner, preset = parse(target)
    found, below = _resolve(inner, group)
    return found, {**below, **preset}


def _unknown(base: str, group: Group) -> UnknownName:
    other: Group = "bidders" if group == "strategies" else "strategies"
    if group != "protocols" and (base in _TABLES[other] or base in _plugins(other)):
        return UnknownName(
            f"{quote(base)} is a {_ONE[other]}; a {_ONE[group]} is expected here",
            help="bidders play with `nego arena --protocol ...`, strategies without it; "
            "see `nego list bidders` and `nego list strategies`",
        )
    near = get_close_matches(base, names(group), n=1, cutoff=0.5)
    what = {"strategies": "strategy", "bidders": "bidder", "protocols": "protocol"}[group]
    return UnknownName(
        f"no {what} {quote(base)}",
        help=f"did you mean {near[0]!r}?" if near else f"see `nego list {group}`",
    )


def _not_one(shown: str, found: object, group: Group, base: str) -> StrategyError:
    """What is said of a class of the wrong kind."""
    from negotiate.bidder import Bidder  # noqa: PLC0415
    from negotiate.strategy import Strategy  # noqa: PLC0415

    other: Group = "bidders" if group == "strategies" else "strategies"
    kind = Bidder if other == "bidders" else Strategy
    wrong = inspect.isclass(found) and issubclass(found, kind)
    what = {"strategies": "strategy", "bidders": "bidder"}[group]
    return StrategyError(
        f"{quote(shown)} is a {_ONE[other]}; a {_ONE[group]} is expected here"
        if wrong
        else f"{quote(shown)} is not a {what}",
        code=f"not-a-{what}",
        help=f"give a class that derives from {base}",
    )


def _import(target: str, name: str) -> object:
    module, _, attribute = target.partition(":")
    try:
        found: object = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # foreign modules may raise anything while they load
        raise StrategyError(
            f"{quote(name)} does not import: {one_line(error)}", code="import"
        ) from error
    return found


@cache
def _plugins(group: Group) -> dict[str, str]:
    """Names that installed packages add; a malformed one is a warning, never a failed import."""
    table = _TABLES[group]
    found: dict[str, str] = {}
    for point in _entry_points(f"negotiate.{group}"):
        where = f"entry point {quote(point.name)} of negotiate.{group}"
        if re.fullmatch(r"[\w.+-]+", point.name) is None:
            _leave_out(f"{where} has a name that cannot be typed; letters, digits, - and _ can")
        elif re.fullmatch(r"[\w.]+:[\w.]+", point.value) is None:
            _leave_out(f"{where} is {quote(point.value)}; module:Class is expected")
        elif point.name in table or found.get(point.name, point.value) != point.value:
            _leave_out(f"{where} is {quote(point.value)}; the name is taken")
        else:
            found[point.name] = point.value
    return found


def _entry_points(group: str) -> list[metadata.EntryPoint]:
    try:
        return list(metadata.entry_points(group=group))
    except Exception:  # files that anybody may have written: look at each package by itself
        return [p for package in metadata.distributions() for p in _of_one(package, group)]


def _of_one(package: metadata.Distribution, group: str) -> list[metadata.EntryPoint]:
    try:
        return list(package.entry_points.select(group=group))
    except Exception as error:
        _leave_out(f"the entry points of an installed package do not read: {one_line(error)}")
        return []


def _leave_out(why: str) -> None:
    warnings.warn(f"{why}; it is left out", stacklevel=2)


def _signature(cls: type) -> str:
    try:
        return safe(str(inspect.signature(cls)).removesuffix(" -> None"))
    except Exception:  # defaults of foreign code show themselves as they like
        return "unknown parameters"
