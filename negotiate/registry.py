"""Names to classes, lazily: an import of the library loads no strategy.

Three groups of names above all: strategies, which bargain; bidders, which take part in auctions and markets; protocols.
Built-ins stand in the tables of :mod:`negotiate.names`; other packages add names by entry points in the groups
``negotiate.strategies``, ``negotiate.bidders`` and ``negotiate.protocols``; ``package.module:Class`` names a class
directly. Parameters follow in brackets: ``time_dependent[e=0.2]``, ``sealed-bid[price=second]``. A parameter may be a
part with a name of its own, an acceptance rule or an opponent model:
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

from negotiate.errors import LocalError, StrategyError, UnknownName
from negotiate.names import ACCEPTANCE as ACCEPTANCE
from negotiate.names import BIDDERS as BIDDERS
from negotiate.names import MODELS as MODELS
from negotiate.names import PROTOCOLS as PROTOCOLS
from negotiate.names import STRATEGIES as STRATEGIES
from negotiate.notation import Parameter as Parameter
from negotiate.notation import misfit, notation, parse, signature
from negotiate.show import one_line, quote, safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError

    from negotiate.bidder import Bidder
    from negotiate.protocol import Protocol
    from negotiate.strategies.models import OpponentModel
    from negotiate.strategy import Strategy

Group: TypeAlias = Literal["strategies", "bidders", "protocols", "acceptance", "models"]


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


@dataclass(frozen=True)
class BidderSpec:
    """A bidder by name and parameters, ready to make instances of; attributes as of :class:`Spec`."""

    id: str
    cls: type[Bidder]
    parameters: tuple[tuple[str, Parameter], ...] = ()

    def make(self) -> Bidder:
        """A fresh instance, for one seat of one auction.

        Raises:
            StrategyError: the class does not take these parameters, or raises when it is made.
        """
        return cast("Bidder", _made(self.id, self.cls, dict(self.parameters)))

    @property
    def version(self) -> int:
        """The bidder's own version number."""
        return self.cls.version


AnySpec: TypeAlias = Spec | BidderSpec

_TABLES: dict[Group, tuple[str, dict[str, str]]] = {
    "strategies": ("strategy", STRATEGIES),
    "bidders": ("bidder", BIDDERS),
    "protocols": ("protocol", PROTOCOLS),
    "acceptance": ("acceptance rule", ACCEPTANCE),
    "models": ("opponent model", MODELS),
}


_KINDS: dict[Group, str] = {
    "strategies": "strategy of bargaining",
    "bidders": "bidder for auctions and markets",
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


def is_bidder(name: str) -> bool:
    """Whether a name is a bidder's; where a class is named, what it derives from decides."""
    base, _ = parse(name)
    if ":" not in base:
        return base in BIDDERS or base in _plugins("bidders")
    from negotiate.bidder import Bidder  # noqa: PLC0415

    found = _import(base, base)
    return inspect.isclass(found) and issubclass(found, Bidder)


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
    if parameters and (wrong := misfit(cls, tuple(parameters.items()))):
        raise StrategyError(
            f"{safe(name)} cannot be made: {wrong}",
            code="parameter",
            help=f"it takes: {signature(cls)}",
        )
    try:
        return cls(**values)
    except (StrategyError, KeyboardInterrupt):
        raise
    except BaseException as error:  # a plug-in's constructor may raise anything
        raise StrategyError(
            f"{safe(name)} cannot be made: {one_line(error)}",
            code="parameter",
            help=f"it takes: {signature(cls)}",
        ) from error


def _resolve(base: str, group: Group) -> tuple[str, dict[str, Parameter]]:
    """Follow presets down to ``module:Class``; the preset's parameters come along."""
    if ":" in base:
        return base, {}
    what, table = _TABLES[group]
    target = table.get(base) or _plugins(group).get(base)
    if target is None:
        raise _unknown(base, group, what)
    if ":" in target:
        return target, {}
    inner, preset = parse(target)
    found, below = _resolve(inner, group)
    return found, {**below, **preset}


def _unknown(base: str, group: Group, what: str) -> UnknownName:
    other: Group = "bidders" if group == "strategies" else "strategies"
    if group in _KINDS and (base in _TABLES[other][1] or base in _plugins(other)):
        return UnknownName(
            f"{quote(base)} is a {_KINDS[other]}; a {_KINDS[group]} is expected here",
            help="bidders play with `nego arena --protocol ...`, strategies without it; "
            "see `nego list bidders` and `nego list strategies`",
        )
    near = get_close_matches(base, names(group), n=1, cutoff=0.5)
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
    what = _TABLES[group][0]
    return StrategyError(
        f"{quote(shown)} is a {_KINDS[other]}; a {_KINDS[group]} is expected here"
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
