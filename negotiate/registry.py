"""Names to classes, lazily: an import of the library loads no strategy.

Built-ins stand in one table; other packages add names by entry points in the groups ``negotiate.strategies`` and
``negotiate.protocols``; ``package.module:Class`` names a class directly. Parameters follow in brackets:
``time_dependent[e=0.2]``.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import metadata
from math import isinf
from typing import TYPE_CHECKING, TypeAlias

from negotiate.errors import StrategyError, UnknownName
from negotiate.show import one_line, quote, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.strategy import Strategy

Parameter: TypeAlias = int | float | str | bool | None

_TIME = "negotiate.strategies.time_dependent"
_ANAC = "negotiate.strategies.anac"

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
    "multi_criteria_buyer": "negotiate.strategies.multi_criteria:MultiCriteriaBuyer",
    "market_driven": "negotiate.strategies.market_driven:MarketDriven",
    "consensus": "negotiate.strategies.multilateral:Consensus",
    "ratchet": "negotiate.strategies.repeated:Ratchet",
    "portfolio": "negotiate.strategies.repeated:Portfolio",
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

PROTOCOLS: dict[str, str] = {
    "alternating-offers": "negotiate.protocols.alternating_offers:AlternatingOffers",
    "sealed-bid": "negotiate.protocols.sealed_bid:SealedBid",
    "english": "negotiate.protocols.english:English",
    "clock-auction": "negotiate.protocols.clock_auction:ClockAuction",
    "call-market": "negotiate.protocols.call_market:CallMarket",
    "contract-net": "negotiate.protocols.contract_net:ContractNet",
    "posted-price": "negotiate.protocols.posted_price:PostedPrice",
    "continuous-market": "negotiate.protocols.continuous:ContinuousMarket",
}


@dataclass(frozen=True)
class Spec:
    """A strategy by name and parameters, ready to make instances of.

    Attributes:
        id: the name as given, with its parameters in a fixed order; unique and stable.
        cls: the class.
        parameters: keyword arguments for it.
    """

    id: str
    cls: type[Strategy]
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def make(self) -> Strategy:
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
        """The strategy's own version number."""
        return self.cls.version


def names(group: str = "strategies") -> tuple[str, ...]:
    """All names that resolve: built-ins, then plug-ins, each in alphabetical order."""
    table = STRATEGIES if group == "strategies" else PROTOCOLS
    return (*sorted(table), *sorted(set(_plugins(group)) - set(table)))


def strategy(name: str) -> Spec:
    """The strategy called ``name``.

    Args:
        name: a registered name, with parameters in brackets if wanted, or ``package.module:Class``.

    Raises:
        UnknownName: no such name; says which is nearest.
        StrategyError: the brackets do not read, or the class is not a strategy or does not import.
    """
    base, given = parse(name)
    target, preset = _resolve(base)
    parameters = {**preset, **given}
    spec = Spec(
        _notation(base, given), _strategy_class(target, base), tuple(parameters.items())
    )
    spec.make()  # parameters that do not fit are told now, not in the middle of a tournament
    return spec


def parse(text: str) -> tuple[str, dict[str, Parameter]]:
    """Split ``name[key=value,key=value]`` into the name and its parameters.

    Raises:
        StrategyError: the notation does not read.
    """
    found = re.fullmatch(r"\s*([^\[\]\s]+)\s*(?:\[([^\[\]]*)\])?\s*", text)
    if found is None:
        raise StrategyError(
            f"{quote(text)} does not read as a strategy",
            code="notation",
            help="write name, name[key=value,key=value] or package.module:Class",
        )
    parameters: dict[str, Parameter] = {}
    for pair in filter(None, map(str.strip, (found[2] or "").split(","))):
        key, sign, value = (part.strip() for part in pair.partition("="))
        if not sign or not key.isidentifier():
            raise StrategyError(
                f"{quote(pair)} in {quote(text)} is not of the form key=value", code="notation"
            )
        if key in parameters:
            raise StrategyError(f"{quote(text)} gives {quote(key)} twice", code="notation")
        parameters[key] = _literal(value)
    return found[1], parameters


def _literal(text: str) -> Parameter:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about odd escapes in what may be no Python at all
            value: object = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return text
    return value if isinstance(value, (int, float, str, bool, type(None))) else text


def _notation(base: str, given: Mapping[str, Parameter]) -> str:
    if not given:
        return base
    return f"{base}[{','.join(f'{key}={_show(given[key])}' for key in sorted(given))}]"


def _show(value: Parameter) -> str:
    if isinstance(value, float) and isinf(value):
        return "1e999" if value > 0 else "-1e999"  # as Python would read it back
    # Quoted only where it would read as something else without: '1' is a text, 1 is not.
    return value if isinstance(value, str) and _literal(value) == value else repr(value)


def _resolve(base: str) -> tuple[str, dict[str, Parameter]]:
    """Follow presets down to ``module:Class``; the preset's parameters come along."""
    if ":" in base:
        return base, {}
    target = STRATEGIES.get(base) or _plugins("strategies").get(base)
    if target is None:
        near = get_close_matches(base, names(), n=1, cutoff=0.5)
        raise UnknownName(
            f"no strategy {quote(base)}",
            help=f"did you mean {near[0]!r}?" if near else "see `nego list strategies`",
        )
    if ":" in target:
        return target, {}
    inner, preset = parse(target)
    found, below = _resolve(inner)
    return found, {**below, **preset}


def _strategy_class(target: str, name: str) -> type[Strategy]:
    from negotiate.strategy import Strategy  # noqa: PLC0415 - names resolve without it

    found = _import(target, name)
    if not (inspect.isclass(found) and issubclass(found, Strategy)):
        raise StrategyError(
            f"{quote(target)} is not a strategy",
            code="not-a-strategy",
            help="give a class that derives from negotiate.Strategy",
        )
    return found


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
def _plugins(group: str) -> dict[str, str]:
    """Names that installed packages add; a malformed one is a warning, never a failed import."""
    table = STRATEGIES if group == "strategies" else PROTOCOLS
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
