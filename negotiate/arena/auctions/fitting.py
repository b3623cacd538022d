"""Fits rules to a market: amounts that were not given take the market's own scale.

``english`` by itself opens at 0 and goes up by 1, which suits values of some tens and nothing else. On a market whose
prices run to 10,000 the increment is therefore 100, unless it is given. What was given is never changed, and the
fitted rules are what the cells' keys are made of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from negotiate.domain.distributions import best_reserve
from negotiate.domain.values import Packages

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.domain.markets import Market
    from negotiate.protocol import Protocol

    Fit: TypeAlias = Callable[[Protocol, Market], dict[str, object]]

STEPS = 100
"""Steps from one bound of a market to the other."""


def fitted(rules: Protocol, market: Market) -> Protocol:
    """The rules as they are played on a market."""
    fit = _FITS.get(str(getattr(rules, "name", "")), _plain)
    wanted = {
        key: value
        for key, value in fit(rules, market).items()
        if key in type(rules).model_fields and key not in rules.model_fields_set
    }
    if not wanted:
        return rules
    given = {key: getattr(rules, key) for key in rules.model_fields_set}
    return type(rules)(**given, **wanted)


def step_of(market: Market) -> int:
    """A hundredth of the market's span, 1 at least."""
    return max(market.span // STEPS, 1)


def _plain(rules: Protocol, market: Market) -> dict[str, object]:
    """Where a parameter of the usual name is there, it fits."""
    step = step_of(market)
    if not isinstance(market.model, Packages):
        return {"increment": step, "step": step}
    items = market.model.items
    single = isinstance(getattr(rules, "step", 0), int)
    return {"items": items, "increment": step, "step": step if single else (step,) * len(items)}


def _rising(rules: Protocol, market: Market) -> dict[str, object]:
    low, high = market.bounds
    return {"opening": low, "last": high, "step": step_of(market)}


def _english(rules: Protocol, market: Market) -> dict[str, object]:
    return {"increment": step_of(market), "end": 2 * STEPS * 1000}


def _clock(rules: Protocol, market: Market) -> dict[str, object]:
    low, high = market.bounds
    falls = getattr(rules, "form", "dutch") == "dutch"
    ends = {"opening": high, "last": low} if falls else {"opening": low, "last": high}
    return {**ends, "step": step_of(market)}


def _posted(rules: Protocol, market: Market) -> dict[str, object]:
    """The price that earns most from one buyer; the middle where nothing is known of buyers."""
    prior = market.model.prior
    low, high = market.bounds
    return {
        "price": (low + high) // 2 if prior is None else best_reserve(prior, market.outside)
    }


_FITS: dict[str, Fit] = {
    "english": _english,
    "clock-auction": _clock,
    "ascending-clock": _rising,
    "posted-price": _posted,
}
