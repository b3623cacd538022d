"""Numbers and names as the page writes them: the same on every machine, and harmless."""

from __future__ import annotations

from negotiate.arena.report.scale import minus
from negotiate.show import safe

_LONGEST = 80

NONE = "\N{EN DASH}"
"""What stands where there is no number."""


def label(text: str, most: int = _LONGEST) -> str:
    """A name from a file, a plug-in or a peer: invisible characters made visible, and cut if very long."""
    shown = safe(text[:most])
    return shown if len(text) <= most and len(shown) <= 2 * most else shown[: 2 * most] + "…"


def utility(value: float | None) -> str:
    """A utility with three decimals; a dash where there is none."""
    return NONE if value is None else minus(f"{value:.3f}")


def short(value: float | None) -> str:
    """A utility with two decimals; a dash where there is none."""
    return NONE if value is None else minus(f"{value:.2f}")


def one(value: float | None) -> str:
    """A number with one decimal; a dash where there is none."""
    return NONE if value is None else minus(f"{value:,.1f}")


def percent(share: float | None) -> str:
    """A share in whole per cent; a dash where there is none."""
    return NONE if share is None else f"{100 * share:.0f} %"


def count(number: int) -> str:
    """A whole number with commas between thousands; powers of ten beyond a million million."""
    if number < 10**12:
        return f"{number:,}"
    digits = str(number)
    return f"{digits[0]}.{digits[1]} \N{MULTIPLICATION SIGN} 10^{len(digits) - 1}"


def key(value: float | None) -> str:
    """A number for the script to sort by; empty where there is none."""
    return "" if value is None else f"{value:.9f}"


FILTERS = {
    "utility": utility,
    "short": short,
    "one": one,
    "percent": percent,
    "count": count,
    "key": key,
}
"""What the template calls these."""
