"""The Merkle tree of RFC 9162: root over message ids, and proofs that an id is under a root."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(entries: Sequence[bytes]) -> bytes:
    """The root hash (RFC 9162, 2.1.1); of nothing, the hash of the empty string."""
    if not entries:
        return hashlib.sha256().digest()
    level = [_leaf(entry) for entry in entries]
    while len(level) > 1:
        pairs = [_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[-1:] * (len(level) % 2)  # an odd one moves up as it is
    return level[0]


def proof(entries: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of the entry at ``index`` (RFC 9162, 2.1.3.1)."""
    level = [_leaf(entry) for entry in entries]
    path: list[bytes] = []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        pairs = [_node(a, b) for a, b in zip(level[::2], level[1::2], strict=False)]
        level, index = pairs + level[-1:] * (len(level) % 2), index // 2
    return path


def included(entry: bytes, index: int, count: int, path: Sequence[bytes], top: bytes) -> bool:
    """Whether ``entry`` is at ``index`` of the ``count`` entries under ``top`` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < count:
        return False
    place, last, found = index, count - 1, _leaf(entry)
    for beside in path:
        if last == 0:
            return False
        if place % 2 or place == last:
            found = _node(beside, found)
            while not place % 2 and place:
                place, last = place // 2, last // 2
        else:
            found = _node(found, beside)
        place, last = place // 2, last // 2
    return last == 0 and found == top
