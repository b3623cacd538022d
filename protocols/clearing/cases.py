"""Clear a case: ``{"protocol", "params", "bids"}`` in, allocation and payments out.

Amounts come back exact, in the form they came in: an amount that stood in the case as it stood there, any other as
an integer, else as a decimal text, else as ``p/q``. A case that cannot be is refused with a code and the place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from negotiate.errors import FormatError, UnknownName
from negotiate.protocols.clearing import case_many, case_market, case_single
from negotiate.protocols.clearing.amounts import Forms
from negotiate.protocols.clearing.ties import by_priority
from negotiate.show import quote, safe

if TYPE_CHECKING:
    from decimal import Decimal

    from pydantic_core import ErrorDetails

    from negotiate.protocols.clearing.amounts import Amount
    from negotiate.protocols.clearing.fields import Part, Rule

RULES: dict[str, Rule] = {**case_single.RULES, **case_many.RULES, **case_market.RULES}
"""Every protocol that clears, by name."""

MOST_BIDS = 1_000_000
"""Bids of one case."""

AMOUNTS = frozenset(
    {
        "buyer_price",
        "clarke_tax",
        "clinch_prices",
        "close_time",
        "core_revenue",
        "cost",
        "deficit",
        "payment",
        "payments",
        "price",
        "price_interval",
        "price_per_click",
        "prices",
        "revenue",
        "scores",
        "seller_price",
        "share_first_mover",
        "share_second",
        "surplus",
        "u1",
        "u2",
        "vcg",
        "virtual_values",
        "welfare",
    }
)
"""Keys of results whose numbers are amounts; other integers count things."""

_CODES = {"missing": "missing", "extra_forbidden": "unknown-field"}
_IN_ORDER = frozenset(
    {
        "english_open",
        "english_proxy",
        "posted_price",
        "call_auction_uncross",
        "cda",
        "contract_net",
    }
)
"""Protocols in which the order of coming is part of the rule."""


def clear(
    protocol: str, params: Mapping[str, object], bids: Sequence[object]
) -> dict[str, Any]:
    """Clear one auction or market.

    Args:
        protocol: its name.
        params: its rules.
        bids: the bids, in the order in which they came.

    Returns:
        The result, with exactly the keys of the protocol.

    Raises:
        UnknownName: no such protocol.
        FormatError: params or bids that cannot be; says where and why.
    """
    rule = _rule(protocol)
    forms = Forms()
    try:
        read = rule.params.model_validate(_mapping(params), context=forms)
    except ValidationError as error:
        raise _taught(error, "params") from None
    checked = _bids(rule, bids, forms)
    if protocol not in _IN_ORDER and "bidder" in rule.bid.model_fields:
        checked = by_priority(checked, lambda bid: _bidder(bid), read.ties, read.seed)
    try:
        result = rule.run(read, checked)
    except PydanticCustomError as error:
        raise _format(
            error.message(), str((error.context or {}).get("place")), error.type
        ) from None
    shown = {key: _show(value, forms, money=key in AMOUNTS) for key, value in result.items()}
    if protocol == "los_greedy":
        shown["payments"] = _as_numbers(result["payments"], forms)
    return shown


def _rule(protocol: str) -> Rule:
    rule = RULES.get(protocol)
    if rule is None:
        near = get_close_matches(str(protocol)[:100], RULES, n=1, cutoff=0.5)
        raise UnknownName(
            f"no protocol {quote(protocol)} clears",
            help=f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(RULES)}",
        )
    return rule


def _bidder(bid: Part) -> str:
    name: str = getattr(bid, "bidder", "")
    return name


def _mapping(params: object) -> dict[str, object]:
    if not isinstance(params, Mapping):
        raise _format(f"{quote(params)} is not an object", "params", "type")
    return dict(cast("Mapping[str, object]", params))


def _bids(rule: Rule, bids: object, forms: Forms) -> list[Part]:
    if isinstance(bids, (str, bytes)) or not isinstance(bids, Sequence):
        raise _format(f"{quote(bids)} is not a list", "bids", "type")
    given = cast("Sequence[object]", bids)
    if len(given) > MOST_BIDS:
        raise _format(
            f"{len(given):,} bids are too many; at most {MOST_BIDS:,} are read",
            "bids",
            "too-many-bids",
        )
    try:
        read = _list_of(rule.bid).validate_python(list(given), context=forms)
    except ValidationError as error:
        raise _taught(error, "bids") from None
    if rule.once:
        _only_once(read, rule.once)
    return read


@cache
def _list_of(bid: type[Part]) -> TypeAdapter[list[Part]]:
    kind: Any = list[bid]  # type: ignore[valid-type]
    return TypeAdapter(kind)


def _only_once(bids: Sequence[Part], field: str) -> None:
    seen: set[str] = set()
    for place, bid in enumerate(bids):
        name = getattr(bid, field)
        if name in seen:
            raise _format(
                f"{quote(name)} stands here a second time; one bid of each {field} is expected",
                f"bids[{place}].{field}",
                "duplicate",
            )
        seen.add(name)


def _taught(error: ValidationError, root: str) -> FormatError:
    """Every problem at its place, the first few in words."""
    problems = error.errors(include_url=False)
    first = problems[0]
    context = first.get("ctx", {})
    custom = "text" in context
    code = first["type"] if custom else _CODES.get(first["type"], "type")
    text = "; ".join(
        _problem(problem, root, bare=n == 0) for n, problem in enumerate(problems[:5])
    )
    if len(problems) > 5:
        text += f"; and {len(problems) - 5:,} more"
    return _format(text, _place(first, root), code)


def _problem(problem: ErrorDetails, root: str, *, bare: bool) -> str:
    text = safe(problem["msg"])
    if problem["type"] == "extra_forbidden":
        text = "this field is not known here"
    elif problem["type"] == "missing":
        text = "this field is missing"
    elif "text" not in problem.get("ctx", {}):
        text = f"{quote(problem['input'])}: {text[:1].lower()}{text[1:]}"
    return text if bare else f"@ $.{_place(problem, root)}: {text}"


def _place(problem: ErrorDetails, root: str) -> str:
    place = root
    for part in problem["loc"]:
        place += f"[{part}]" if isinstance(part, int) else f".{quote(part).strip(chr(39))}"
    inner = problem.get("ctx", {}).get("place")
    return f"{place}.{inner}" if inner else place


def _format(message: str, place: str, code: str) -> FormatError:
    return FormatError(message, place=f"$.{place}", code=code)


def _show(value: Any, forms: Forms, *, money: bool) -> Any:
    """Part of a result, with its amounts in the form of the case."""
    if isinstance(
        value, Mapping
    ):  # by names of bidders, of items or of orders, whatever they are
        entries = cast("Mapping[str, Any]", value)
        return {name: _show(entry, forms, money=money) for name, entry in entries.items()}
    if isinstance(value, (list, tuple)):
        return [_entry(entry, forms, money=money) for entry in cast("Sequence[Any]", value)]
    if isinstance(value, Fraction) or (money and type(value) is int):
        return forms.show(value)
    return value


def _entry(value: Any, forms: Forms, *, money: bool) -> Any:
    """An entry of a list; if it is a record, its fields have the names of results."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, Any]", value)
        return {k: _show(v, forms, money=money or k in AMOUNTS) for k, v in fields.items()}
    return _show(value, forms, money=money)


def _as_numbers(
    payments: Mapping[str, Amount], forms: Forms
) -> dict[str, int | str | Decimal | float]:
    """Greedy payments as they came; others that are not whole to four places, as numbers of JSON."""
    return {
        winner: float(round(Fraction(amount), 4))
        if amount.denominator != 1 and not forms.came(amount)
        else forms.show(amount)
        for winner, amount in payments.items()
    }
