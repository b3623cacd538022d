"""Names to classes, lazily: an import of the library loads no strategy.

Built-ins stand in one table; other packages add names by entry points in the groups ``negotiate.strategies`` and
``negotiate.protocols``; ``package.module:Class`` names a class directly. Parameters follow in brackets:
``time_dependent[e=0.2]``. A parameter may be a part with a name of its own, an acceptance rule or an opponent model:
``composed[offering=time_dependent[e=0.2],acceptance=ac_combi,model=bayesian]``.
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
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from negotiate.errors import StrategyError, UnknownName
from negotiate.notation import Parameter as Parameter
from negotiate.notation import notation, parse
from negotiate.show import one_line, quote, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from negotiate.strategies.models import OpponentModel
    from negotiate.strategy import Strategy

Group: TypeAlias = Literal["strategies", "protocols", "acceptance", "models"]

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
    "composed": "negotiate.strategies.offering:Composed",
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

_ACCEPTANCE = "negotiate.strategies.acceptance"
_MODELS = "negotiate.strategies.models"

ACCEPTANCE: dict[str, str] = {
    "ac_next": f"{_ACCEPTANCE}:AcNext",
    "ac_previous": f"{_ACCEPTANCE}:AcPrevious",
    "ac_const": f"{_ACCEPTANCE}:AcConst",
    "ac_time": f"{_ACCEPTANCE}:AcTime",
    "ac_gap": f"{_ACCEPTANCE}:AcGap",
    "ac_next_or_time": f"{_ACCEPTANCE}:AcNextOrTime",
    "ac_aspiration": f"{_ACCEPTANCE}:AcAspiration",
    "ac_combi": f"{_ACCEPTANCE}:AcCombi",
    "ac_combi_average": f"{_ACCEPTANCE}:AcCombiAverage",
    "ac_combi_best_average": f"{_ACCEPTANCE}:AcCombiBestAverage",
    "ac_combi_probability": f"{_ACCEPTANCE}:AcCombiProbability",
}
"""Acceptance rules for the strategy ``composed``."""

MODELS: dict[str, str] = {
    "hardheaded_frequency": f"{_MODELS}:HardHeadedFrequency",
    "smith": f"{_MODELS}:SmithFrequency",
    "cuhk": f"{_MODELS}:CuhkFrequency",
    "windowed": f"{_MODELS}:WindowedFrequency",
    "negolog-windowed": "windowed[window=48,proportions=True,until=0.8]",
    "discounted_frequency": f"{_MODELS}:DiscountedFrequency",
    "early_offers": f"{_MODELS}:EarlyOffers",
    "bayesian": f"{_MODELS}:ScalableBayesian",
    "full_bayesian": f"{_MODELS}:FullBayesian",
    "conflict_based": f"{_MODELS}:ConflictBased",
    "average": f"{_MODELS}:Average",
    "bayesian-early": "average[first=bayesian,second=early_offers,share=0.3]",
    "bayesian-conflict": "average[first=bayesian,second=conflict_based,share=0.3]",
    "uniform": f"{_MODELS}:UniformModel",
    "default": f"{_MODELS}:DefaultModel",
    "opposite": f"{_MODELS}:OppositeModel",
    "perfect": f"{_MODELS}:PerfectModel",
    "worst": f"{_MODELS}:WorstModel",
}
"""Opponent models; those that must be told the opponent's preferences serve in evaluation only."""

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
        return cast("Strategy", _made(self.id, self.cls, dict(self.parameters)))

    @property
    def version(self) -> int:
        """The strategy's own version number."""
        return self.cls.version


_TABLES: dict[Group, tuple[str, dict[str, str]]] = {
    "strategies": ("strategy", STRATEGIES),
    "protocols": ("protocol", PROTOCOLS),
    "acceptance": ("acceptance rule", ACCEPTANCE),
    "models": ("opponent model", MODELS),
}


def names(group: Group = "strategies") -> tuple[str, ...]:
    """All names that resolve: built-ins, then plug-ins, each in alphabetical order."""
    table = _TABLES[group][1]
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
    target, preset = _resolve(base, "strategies")
    parameters = {**preset, **given}
    spec = Spec(notation(base, given), _strategy_class(target, base), tuple(parameters.items()))
    spec.make()  # parameters that do not fit are told now, not in the middle of a tournament
    return spec


def model(name: str) -> OpponentModel:
    """A fresh opponent model by its name, with parameters in brackets if wanted, or ``package.module:Class``.

    Raises:
        UnknownName: no such name; says which is nearest.
        StrategyError: the brackets do not read, or it is not an opponent model.
    """
    from negotiate.strategies.models import OpponentModel  # noqa: PLC0415 - names resolve without it

    found = part("models", name)
    if not isinstance(found, OpponentModel):
        raise StrategyError(
            f"{quote(name)} is not an opponent model",
            code="not-a-model",
            help="give a class that derives from negotiate.strategies.models.OpponentModel",
        )
    return found


def part(group: Group, name: str) -> object:
    """A fresh part of a strategy by its name: an offering strategy, an acceptance rule or an opponent model.

    Raises:
        UnknownName: no such name; says which is nearest.
        StrategyError: the brackets do not read, or it cannot be made.
    """
    cls, parameters = class_of(group, name)
    return _made(safe(name), cls, parameters)


def class_of(group: Group, name: str) -> tuple[type, dict[str, Parameter]]:
    """The class that a name stands for, and the parameters that come with it.

    Raises:
        UnknownName: no such name; says which is nearest.
        StrategyError: the brackets do not read, or it is not a class.
    """
    base, given = parse(name)
    where, preset = _resolve(base, group)
    found = _import(where, base)
    if not inspect.isclass(found):
        raise StrategyError(f"{quote(where)} is not a class", code="not-a-class")
    return found, {**preset, **given}


@cache
def _parts(cls: type) -> Mapping[str, tuple[Group, str | None]]:
    """Which parameters of a class are parts, of which group, and what stands there by default."""
    parts: Mapping[str, tuple[Group, str | None]] = getattr(cls, "parts", {})
    if not parts:
        return parts
    # A subclass may join its parts itself, and take none.
    taken = inspect.signature(cls).parameters
    return {key: part for key, part in parts.items() if key in taken}


def _made(name: str, cls: type, parameters: dict[str, Parameter]) -> object:
    """An instance. Where the class says that a parameter is a part, its value is that part's name."""
    values: dict[str, object] = dict(parameters)
    for key, (group, default) in _parts(cls).items():
        named = parameters.get(key, default)
        values[key] = None if named is None else part(group, str(named))
    try:
        return cls(**values)
    except (StrategyError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a plug-in's constructor may raise anything
        raise StrategyError(
            f"{safe(name)} cannot be made: {one_line(error)}",
            code="parameter",
            help=f"it takes: {_signature(cls)}",
        ) from error


def _resolve(base: str, group: Group) -> tuple[str, dict[str, Parameter]]:
    """Follow presets down to ``module:Class``; the preset's parameters come along."""
    if ":" in base:
        return base, {}
    what, table = _TABLES[group]
    target = table.get(base) or _plugins(group).get(base)
    if target is None:
        near = get_close_matches(base, names(group), n=1, cutoff=0.5)
        raise UnknownName(
            f"no {what} {quote(base)}",
            help=f"did you mean {near[0]!r}?" if near else f"see `nego list {group}`",
        )
    if ":" in target:
        return target, {}
    inner, preset = parse(target)
    found, below = _resolve(inner, group)
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
def _plugins(group: Group) -> dict[str, str]:
    """Names that installed packages add; a malformed one is a warning, never a failed import."""
    table = _TABLES[group][1]
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
