"""A search tree whose entries change under those who hold them, as the first HardHeaded had it.

HardHeaded kept its candidates in a sorted map and queued entries of the map while it removed them from it. Removing
an entry from a binary search tree that has two children moves its successor into its place, so whoever held the
removed entry then reads its successor. In the recorded runs five candidates a > b > c > d > e, liked in the order d,
b, e, a, c, come out as c, a, e, a, c. Where there are many candidates about half of what HardHeaded offers is
therefore not what its model of the opponent chose but the next better outcome for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from negotiate.domain.issues import Outcome


class _Entry:
    """A node of the tree."""

    __slots__ = ("left", "outcome", "parent", "red", "right")

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.red = True
        self.left: _Entry | None = None
        self.right: _Entry | None = None
        self.parent: _Entry | None = None


def as_held(falling: Sequence[Outcome], removed: Iterable[Outcome]) -> list[Outcome]:
    """What the entries of some outcomes read after these were removed from the tree, one after the other.

    The tree is a red-black tree; it is not balanced again after a removal, which matters little for a few of them.

    Args:
        falling: different outcomes, in the order in which they are inserted: best first.
        removed: some of them, in the order in which they are removed.
    """
    entries = _grown(falling)
    held = [_remove(outcome, entries) for outcome in removed]
    return [entry.outcome for entry in held]


def _grown(falling: Sequence[Outcome]) -> dict[Outcome, _Entry]:
    """A red-black tree of keys inserted in falling order: each enters at the lower end of the left spine."""
    entries: dict[Outcome, _Entry] = {}
    spine: list[_Entry] = []
    for outcome in falling:
        entries[outcome] = entry = _Entry(outcome)
        if spine:
            _hang(spine[-1], entry)
        spine.append(entry)
        at = len(spine) - 1
        while at >= 2 and spine[at - 1].red:
            parent, grand = spine[at - 1], spine[at - 2]
            uncle = grand.right
            if uncle is None or not uncle.red:  # turn right around the grandparent
                grand.left, parent.right = parent.right, grand
                if grand.left is not None:
                    grand.left.parent = grand
                parent.parent, grand.parent = grand.parent, parent
                if parent.parent is not None:
                    parent.parent.left = parent
                parent.red, grand.red = False, True
                del spine[at - 2]
                break
            parent.red = uncle.red = False
            grand.red = True
            at -= 2
        spine[0].red = False
    return entries


def _hang(parent: _Entry, entry: _Entry) -> None:
    parent.left, entry.parent = entry, parent


def _remove(outcome: Outcome, entries: dict[Outcome, _Entry]) -> _Entry:
    """Take an outcome out, and return the entry that held it, which may hold its successor now."""
    found = gone = entries.pop(outcome)
    if found.left is not None and found.right is not None:
        gone = found.right
        while gone.left is not None:
            gone = gone.left
        found.outcome = gone.outcome
        entries[gone.outcome] = found
    child, parent = gone.left or gone.right, gone.parent
    if child is not None:
        child.parent = parent
    if parent is not None and parent.left is gone:
        parent.left = child
    elif parent is not None:
        parent.right = child
    return found
