"""Colours that colour-blind readers can tell apart, and ink that can be read on them."""

from __future__ import annotations

_STOPS = (
    "440154",
    "472d7b",
    "3b528b",
    "2c728e",
    "21918c",
    "28ae80",
    "5ec962",
    "addc30",
    "fde725",
)
"""Viridis, dark to light: even steps in brightness, also in grey (van der Walt & Smith 2015)."""


def shade(share: float) -> str:
    """The colour of a share in [0, 1], as ``#rrggbb``."""
    place = min(max(share, 0.0), 1.0) * (len(_STOPS) - 1)
    left = min(int(place), len(_STOPS) - 2)
    mixed = (
        round(a + (b - a) * (place - left))
        for a, b in zip(_channels(_STOPS[left]), _channels(_STOPS[left + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def ink(colour: str) -> str:
    """Black or white, whichever reads better on a colour: a contrast of 4.5 to 1 or more."""
    return max(("#000000", "#ffffff"), key=lambda text: contrast(text, colour))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = map(_linear, _channels(colour.removeprefix("#")))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: int) -> float:
    share = channel / 255
    return float(share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4)


def _channels(digits: str) -> tuple[int, ...]:
    return tuple(int(digits[i : i + 2], 16) for i in (0, 2, 4))
