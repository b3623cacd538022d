"""Markets as TOML files; ``docs/reference/market-format.md`` is the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from negotiate.domain.arrivals import Arrivals
from negotiate.domain.distributions import (
    Curve,
    Distribution,
    Lognormal,
    Normal,
    Power,
    Sample,
    Uniform,
)
from negotiate.domain.formats._files import read_bytes, shown
from negotiate.domain.formats._node import Node, built, described, near
from negotiate.domain.formats._toml_values import integer_at, number, number_at, parse, text_at
from negotiate.domain.markets import Market
from negotiate.domain.tenders import Quality, Tenders
from negotiate.domain.values import (
    Affiliated,
    Common,
    Model,
    Packages,
    PrivateValues,
    Schedule,
    TwoSided,
    Values,
    line,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FORMAT = "negotiate-market"
VERSION = 1

_TOP = ("format", "version", "title", "description", "model", "seats", "outside")


def read(path: Path) -> Market:
    """The market in a file.

    Raises:
        FormatError: what is wrong with it, and where.
    """
    return read_text(read_bytes(path), shown(path), path.stem)


def read_text(data: bytes, file: str, name: str) -> Market:
    """The market in the bytes of a file."""
    root = parse(data, file)
    for key, expected in (("format", FORMAT), ("version", VERSION)):
        found = root.need(key)
        if found.value != expected or isinstance(found.value, bool):
            raise found.error(f"{described(found.value)} where {expected!r} is expected")
    kind = root.need("model")
    known = _MODELS.get(kind.text())
    if known is None:
        raise kind.error(
            f"no model {described(kind.value)}", help=near(kind.text(), _MODELS, "there are")
        )
    keys, make = known
    root.only((*_TOP, *keys))
    model = built(root, make, root)
    seats = root.get("seats")
    if seats is None and model.seats is None:
        raise root.error("'seats' is missing")
    return built(
        root,
        lambda: Market(
            name,
            model,
            (model.seats or 0) if seats is None else seats.integer(),
            outside=integer_at(root, "outside", 0),
            title=text_at(root, "title", ""),
            description=text_at(root, "description", ""),
            source=file,
        ),
    )


# Models


def _private(root: Node) -> PrivateValues:
    value = root.need("value")
    nodes = value.items() if isinstance(value.value, list) else [value]
    side = text_at(root, "side", "buy")
    if side not in ("buy", "sell"):
        raise root.need("side").wrong("'buy' or 'sell'")
    return PrivateValues(
        tuple(_distribution(node) for node in nodes),
        "buy" if side == "buy" else "sell",
        integer_at(root, "units", 1),
    )


def _common(root: Node) -> Common:
    return Common(_distribution(root.need("value")), root.need("error").integer())


def _affiliated(root: Node) -> Affiliated:
    return Affiliated(
        _distribution(root.need("common")),
        _distribution(root.need("own")),
        number_at(root, "weight", 0),
    )


def _schedule(root: Node) -> Schedule:
    return Schedule(
        _limits(root.need("buyers")),
        _limits(root.need("sellers")),
        integer_at(root, "units", 1),
        integer_at(root, "twins", 2),
    )


def _two_sided(root: Node) -> TwoSided:
    return TwoSided(
        _distribution(root.need("value")),
        _distribution(root.need("cost")),
        root.need("buyers").integer(),
        root.need("sellers").integer(),
        integer_at(root, "twins", 2),
    )


def _packages(root: Node) -> Packages:
    return Packages(
        tuple(item.text() for item in root.need("items").items()),
        _distribution(root.need("value")),
        number_at(root, "synergy", 0),
        integer_at(root, "wanted", 0),
    )


def _tender(root: Node) -> Tenders:
    return Tenders(
        _distribution(root.need("base")),
        tuple(_quality(node) for node in root.need("qualities").items()),
    )


def _quality(node: Node) -> Quality:
    node.only(("name", "levels", "worth", "effort", "cost"))
    worth, effort = (
        tuple(item.integer() for item in node.need(key).items()) for key in ("worth", "effort")
    )
    levels = tuple(item.text() for item in node.need("levels").items())
    cost = _distribution(node.need("cost"))
    return built(node, Quality, node.need("name").text(), levels, worth, effort, cost)


def _arrivals(root: Node) -> Arrivals:
    return Arrivals(
        _distribution(root.need("value")),
        root.need("buyers").integer(),
        integer_at(root, "cost", 0),
    )


_MODELS: dict[str, tuple[tuple[str, ...], Callable[[Node], Model]]] = {
    "private": (("value", "side", "units"), _private),
    "common": (("value", "error"), _common),
    "affiliated": (("common", "own", "weight"), _affiliated),
    "schedule": (("buyers", "sellers", "units", "twins"), _schedule),
    "two-sided": (("value", "cost", "buyers", "sellers", "twins"), _two_sided),
    "packages": (("items", "value", "synergy", "wanted"), _packages),
    "tender": (("base", "qualities"), _tender),
    "arrivals": (("value", "buyers", "cost"), _arrivals),
}


# Their parts


def _limits(node: Node) -> Values:
    """A list of limits, or a line of them."""
    if isinstance(node.value, list):
        return tuple(item.integer() for item in node.items())
    node.only(("first", "last", "count"))
    first, last, count = (node.need(key).integer() for key in ("first", "last", "count"))
    return built(node, line, first, last, count)


def _distribution(node: Node) -> Distribution:
    kind = node.need("distribution")
    known = _DISTRIBUTIONS.get(kind.text())
    if known is None:
        raise kind.error(
            f"no distribution {described(kind.value)}",
            help=near(kind.text(), _DISTRIBUTIONS, "there are"),
        )
    keys, make = known
    node.only(("distribution", *keys))
    return built(node, make, node)


def _ends(node: Node) -> tuple[int, int]:
    return node.need("low").integer(), node.need("high").integer()


def _float(node: Node, key: str) -> float:
    return float(number(node.need(key)))


def _curve(node: Node) -> Curve:
    points: list[tuple[int, float]] = []
    for item in node.need("points").items():
        pair = item.items()
        if len(pair) != 2:
            raise item.wrong("a value and a chance")
        points.append((pair[0].integer(), float(number(pair[1]))))
    return Curve(tuple(points))


_DISTRIBUTIONS: dict[str, tuple[tuple[str, ...], Callable[[Node], Distribution]]] = {
    "uniform": (("low", "high"), lambda node: Uniform(*_ends(node))),
    "power": (
        ("low", "high", "exponent"),
        lambda node: Power(*_ends(node), _float(node, "exponent")),
    ),
    "normal": (
        ("mean", "deviation", "low", "high"),
        lambda node: Normal(_float(node, "mean"), _float(node, "deviation"), *_ends(node)),
    ),
    "lognormal": (
        ("median", "sigma", "low", "high"),
        lambda node: Lognormal(_float(node, "median"), _float(node, "sigma"), *_ends(node)),
    ),
    "sample": (
        ("values",),
        lambda node: Sample(tuple(item.integer() for item in node.need("values").items())),
    ),
    "cdf": (("points",), _curve),
}
