"""Bids in, allocation and payments out: the pure mathematics of every auction and market.

Functions here have no state and no clock, and compute in integers and fractions only. ``clear`` takes a case as
``nego clear`` reads it; the modules hold one family of rules each, for protocols and programs that have their bids
already checked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

# The same files also lie in the top-level folder.
if __name__ != "negotiate.protocols.clearing":
    raise ImportError(f"import negotiate.protocols.clearing, not {__name__}")

if TYPE_CHECKING:
    from negotiate.protocols.clearing.cases import clear as clear

__all__ = ["clear"]


def __getattr__(name: str) -> object:
    if name != "clear":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from negotiate.protocols.clearing.cases import clear  # noqa: PLC0415 - brings in pydantic models

    return clear
