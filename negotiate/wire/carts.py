"""An agreement as the cart of AP2 and the checkout of UCP, two protocols by which machines pay.

=====================  =================================  ====================================
agreement              AP2 ``CartContents``               UCP checkout
=====================  =================================  ====================================
session id             ``id``, ``details.id``             ``id``
terms, as people read  label of the one display item      (the caller names item and title)
derived amount         ``total.amount.value``, decimal    ``totals``, minor units of ISO 4217
currency               ``amount.currency``                ``currency``
session, terms hash    ``method_data[0].data``            -
=====================  =================================  ====================================

As in :mod:`negotiate.wire.exports`, only what has been verified leaves.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from negotiate.errors import LocalError
from negotiate.show import quote, safe
from negotiate.wire.exports import TYPE, agreement

if TYPE_CHECKING:
    from negotiate.wire.envelope import Message
    from negotiate.wire.verify import Verdict

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_EXPONENTS = {code: digits for digits, codes in _DECIMALS.items() for code in codes.split()}


class _Price(NamedTuple):
    units: int
    currency: str
    scale: int


def ap2_cart(
    verdict: Verdict, *, merchant: str, expiry: str, confirm: bool = True
) -> dict[str, Any]:
    """The contents of an AP2 ``CartMandate``: a payment request over the agreed amount.

    Args:
        verdict: a verified agreement with an amount.
        merchant: the merchant's name.
        expiry: until when the cart stands, ISO 8601 with its offset from UTC (``2027-01-01T00:00:00Z``).
        confirm: whether the user has to confirm the cart.

    Raises:
        LocalError: not a verified agreement, one without an amount, or an expiry that does not read.
    """
    exported = agreement(verdict)
    price = _price(exported)
    _check_time(expiry)
    amount = {"currency": price.currency, "value": _decimal(price)}
    details = {
        "id": exported["session"],
        "display_items": [{"label": _label(verdict), "amount": amount}],
        "total": {"label": "Total", "amount": amount},
    }
    methods = [
        {
            "supported_methods": TYPE,
            "data": {"session": exported["session"], "terms_hash": exported["terms_hash"]},
        }
    ]
    return {
        "id": exported["session"],
        "user_cart_confirmation_required": confirm,
        "payment_request": {"method_data": methods, "details": details},
        "cart_expiry": expiry,
        "merchant_name": merchant,
    }


def ucp_checkout(verdict: Verdict, *, item: str, title: str) -> dict[str, Any]:
    """Line item and totals of a UCP checkout: the agreed amount as one item, in minor units of ISO 4217.

    Raises:
        LocalError: not a verified agreement, no amount, or one that this form cannot say exactly.
    """
    exported = agreement(verdict)
    price = _price(exported)
    units = _iso_units(price)
    totals = [{"type": "subtotal", "amount": units}, {"type": "total", "amount": units}]
    line = {
        "id": "line_1",
        "item": {"id": item, "title": title, "price": units},
        "quantity": 1,
        "totals": totals,
    }
    return {
        "id": exported["session"],
        "status": "incomplete",
        "currency": price.currency,
        "line_items": [line],
        "totals": totals,
    }


def _price(exported: dict[str, Any]) -> _Price:
    if "amount" not in exported:
        raise LocalError("the deal has no amount of money", code="money")
    money = exported["amount"]
    return _Price(int(money["minor_units"]), money["currency"], int(money["scale"]))


def _label(verdict: Verdict) -> str:
    """The terms as people read them, in the other side's words made safe."""
    record = verdict.record
    outcome = record.outcome_of(cast("Message", record.agreed))
    pairs = zip(record.deal.wire.domain.issues, outcome, strict=True)
    return ", ".join(safe(f"{issue.name} {issue.show(place)}") for issue, place in pairs)


def _check_time(text: str) -> None:
    try:
        known = datetime.datetime.fromisoformat(text).tzinfo is not None
    except (TypeError, ValueError):
        known = False
    if not known:
        raise LocalError(
            f"{quote(text)} is not a time with its offset from UTC",
            code="time",
            help="give one such as 2027-01-01T00:00:00Z",
        )


def _iso_units(price: _Price) -> int:
    """The amount in the minor units that ISO 4217 gives the currency; a deal may count in others."""
    scale = _EXPONENTS.get(price.currency, 2)
    units, rest = divmod(price.units * int(10**scale), int(10**price.scale))
    if rest:
        raise LocalError(
            f"{_decimal(price)} {price.currency} is no whole number of minor units ({scale} decimals)",
            code="money",
        )
    if abs(units) > 2**53 - 1:
        raise LocalError(
            "an amount that JSON readers round is not exported as a number", code="money"
        )
    return units


def _decimal(price: _Price) -> str:
    digits = str(abs(price.units)).rjust(price.scale + 1, "0")
    whole = f"{digits[: -price.scale]}.{digits[-price.scale :]}" if price.scale else digits
    return f"-{whole}" if price.units < 0 else whole
