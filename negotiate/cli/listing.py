"""``nego list``: the names that other commands take."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Literal, cast

from cyclopts import App

from negotiate.cli.output import Json, print_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

app = App(
    name="list",
    help="List strategies, bidders, acceptance rules, opponent models, protocols, scenarios or markets. "
    "Example: nego list strategies",
)


@app.command
def strategies(*, json: Json = False) -> None:
    """List the strategies: built-in names, presets, and those that other packages add."""
    from negotiate import registry  # noqa: PLC0415

    rows = [_strategy(name) | _known(name) for name in registry.names()]
    _print_strategies(rows, json=json)


@app.command
def bidders(*, json: Json = False) -> None:
    """List the bidders and traders, for auctions and markets, and the protocols that each plays."""
    from negotiate import registry  # noqa: PLC0415

    _print([_bidder(name) for name in registry.names("bidders")], json=json)


@app.command
def acceptance(*, json: Json = False) -> None:
    """List the acceptance rules, for the strategy `composed`."""
    from negotiate import registry  # noqa: PLC0415

    _print([_part("acceptance", name) for name in registry.names("acceptance")], json=json)


@app.command
def models(*, json: Json = False) -> None:
    """List the opponent models, for the strategy `composed` and for `nego models`."""
    from negotiate import registry  # noqa: PLC0415

    _print([_part("models", name) for name in registry.names("models")], json=json)


@app.command
def protocols(*, json: Json = False) -> None:
    """List the protocols."""
    from negotiate import registry  # noqa: PLC0415

    rows: list[dict[str, object]] = [
        {"name": name, "class": registry.PROTOCOLS.get(name, "plug-in")}
        for name in registry.names("protocols")
    ]
    _print(rows, json=json)


@app.command
def scenarios(*, json: Json = False) -> None:
    """List the bundled scenarios."""
    from negotiate.domain import bundled, load  # noqa: PLC0415

    rows: list[dict[str, object]] = []
    for name in bundled():
        read = load(name)
        rows.append(
            {
                "name": name,
                "title": read.domain.name,
                "roles": [role.name for role in read.roles],
                "issues": [issue.name for issue in read.domain.issues],
                "outcomes": read.domain.size,
            }
        )
    _print(rows, json=json)


@app.command
def markets(*, json: Json = False) -> None:
    """List the bundled markets, for auctions."""
    from negotiate.domain.markets import bundled_markets, load_market  # noqa: PLC0415

    rows: list[dict[str, object]] = []
    for name in bundled_markets():
        read = load_market(name)
        low, high = read.bounds
        rows.append(
            {
                "name": name,
                "title": read.title,
                "form": read.form,
                "seats": read.seats,
                "low": low,
                "high": high,
            }
        )
    _print(rows, json=json)


def _strategy(name: str) -> dict[str, object]:
    from negotiate import registry  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415

    try:
        spec = registry.strategy(name)
    except NegotiateError as error:  # a broken plug-in is listed as such, and breaks nothing
        return {"name": name, "parameters": "", "summary": f"broken: {error}"}
    return _described(name, spec.cls, dict(spec.parameters))


def _bidder(name: str) -> dict[str, object]:
    from negotiate import registry  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415

    try:
        spec = registry.bidder(name)
    except NegotiateError as error:
        return {"name": name, "parameters": "", "summary": f"broken: {error}", "plays": []}
    row = _described(name, spec.cls, dict(spec.parameters))
    return {**row, "plays": list(spec.cls.plays)}


def _part(group: Literal["acceptance", "models"], name: str) -> dict[str, object]:
    from negotiate import registry  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415

    try:
        cls, parameters = registry.class_of(group, name)
    except NegotiateError as error:
        return {"name": name, "parameters": "", "summary": f"broken: {error}"}
    return _described(name, cls, parameters)


def _described(name: str, cls: type, parameters: Mapping[str, object]) -> dict[str, object]:
    """A row: parameters with their values, and the first paragraph of the docstring."""
    defaults = {
        p.name: p.default
        for p in inspect.signature(cls).parameters.values()
        if p.default is not p.empty
    }
    parts: Mapping[str, tuple[str, object]] = getattr(cls, "parts", {})
    values = {**defaults, **{key: part for key, (_, part) in parts.items()}, **parameters}
    summary = (inspect.getdoc(cls) or "").partition("\n\n")[0].replace("\n", " ")
    return {
        "name": name,
        "parameters": ",".join(f"{key}={value}" for key, value in values.items()),
        "summary": summary,
    }


def _known(name: str) -> dict[str, object]:
    """What else is known of a strategy: its source, what it can do, how it did in the reference tournament."""
    from negotiate import registry  # noqa: PLC0415
    from negotiate.arena.reference import reference  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415
    from negotiate.strategies.memory import remembers  # noqa: PLC0415

    try:
        cls = registry.strategy(name).cls
    except NegotiateError:
        return {"source": "", "multilateral": None, "remembers": None, "mean_utility": None}
    paragraphs = (inspect.getdoc(cls) or "").split("\n\n")
    source = next((p for p in paragraphs if p.startswith("Source: ")), "")
    row = reference()["standings"].get(name)
    return {
        "source": " ".join(source.removeprefix("Source: ").split()),
        "multilateral": cls.multilateral,
        "remembers": remembers(cls),
        "mean_utility": row and row["mean_utility"],
    }


def _print_strategies(rows: Sequence[dict[str, object]], *, json: bool) -> None:
    if json:
        print_json(rows)
        return
    shown = ["name", "parameters", "summary", "mean_utility"]
    table(
        [key.replace("_", " ") for key in shown],
        [[_short(row[key]) for key in shown] for row in rows],
        numbers=1,
    )
    print("mean utility: in the reference tournament; the page of each strategy tells more")


def _short(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _print(rows: Sequence[dict[str, object]], *, json: bool) -> None:
    if json:
        print_json(rows)
        return
    head = list(rows[0]) if rows else ["name"]
    table(head, [[_text(row[key]) for key in head] for row in rows])


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, cast("list[object]", value)))
    return f"{value:,}" if isinstance(value, int) else str(value)
