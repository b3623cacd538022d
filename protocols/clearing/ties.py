"""Ties: who comes first among equals. Every rule prefers what stands earlier in its list of bids.

So a tie rule is an order in which to hand over the bids: as they arrived (the default), by name, or drawn from a
seed. The draw depends on the seed and the names only, so that nobody gains by arriving early.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Ties: TypeAlias = Literal["earliest", "lexicographic", "random"]

T = TypeVar("T")


def by_priority(
    bids: Sequence[T], name: Callable[[T], str], ties: Ties = "earliest", seed: int | str = 0
) -> list[T]:
    """The bids, those that win ties first; equal names stay in the order of arrival."""
    if ties == "earliest":
        return list(bids)
    if ties == "lexicographic":
        return sorted(bids, key=name)
    return sorted(bids, key=lambda bid: _draw(seed, name(bid)))


def _draw(seed: int | str, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\x1f{name}".encode()).digest()
