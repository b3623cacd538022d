"""``nego list``: the names that other commands take."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, cast

from cyclopts import App

from negotiate.cli.output import Json, print_json, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.registry import AnySpec

app = App(
    name="list",
    help="List strategies, bidders, protocols, scenarios or markets. Example: nego list strategies",
)


@app.command
def strategies(*, json: Json = False) -> None:
    """List the strategies: built-in names, presets, and those that other packages add."""
    from negotiate import registry  # noqa: PLC0415

    _print([_strategy(name) for name in registry.names()], json=json)


@app.command
def bidders(*, json: Json = False) -> None:
    """List the bidders and traders, for auctions and markets, and the protocols that each plays."""
    from negotiate import registry  # noqa: PLC0415

    _print([_bidder(name) for name in registry.names("bidders")], json=json)


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
    return _described(name, spec)


def _bidder(name: str) -> dict[str, object]:
    from negotiate import registry  # noqa: PLC0415
    from negotiate.errors import NegotiateError  # noqa: PLC0415

    try:
        spec = registry.bidder(name)
    except NegotiateError as error:
        return {"name": name, "parameters": "", "summary": f"broken: {error}", "plays": []}
    return {**_described(name, spec), "plays": list(spec.cls.plays)}


def _described(name: str, spec: AnySpec) -> dict[str, object]:
    defaults = {
        p.name: p.default
        for p in inspect.signature(spec.cls).parameters.values()
        if p.default is not p.empty
    }
    values = {**defaults, **dict(spec.parameters)}
    summary = (inspect.getdoc(spec.cls) or "").partition("\n\n")[0].replace("\n", " ")
    return {
        "name": name,
        "parameters": ",".join(f"{key}={value}" for key, value in values.items()),
        "summary": summary,
    }


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
