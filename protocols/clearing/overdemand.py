"""Who can be given an item that it likes best: matchings, and the sets of items that too many want.

Bidders and items are numbered from 0; a bidder's demand lists the items that it likes best. A set of items is
over-demanded if more bidders want nothing outside it than it has items, and minimal if no smaller set inside it is.

Sources: Demange, Gale & Sotomayor (1986); Hall (1935); Mendelsohn & Dulmage (1958).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def over_demanded(demands: Mapping[int, Sequence[int]]) -> tuple[int, ...] | None:
    """A minimal over-demanded set of items, in order; None if every bidder can have an item that it demands."""
    found = _too_wanted(demands)
    while found is not None:
        smaller = None
        for item in sorted(found):
            inside = {b: d for b, d in demands.items() if found.issuperset(d) and item not in d}
            smaller = _too_wanted(inside)
            if smaller is not None:
                break
        if smaller is None:
            return tuple(sorted(found))
        found = smaller
    return None


def assign(
    firm: Mapping[int, Sequence[int]], loose: Mapping[int, Sequence[int]], due: Sequence[int]
) -> dict[int, int]:
    """Items by bidder.

    Each firm bidder gets one as far as there are enough, earlier ones first. Then the items that are due go to
    somebody too, to loose bidders if need be; no firm bidder loses by it.

    Args:
        firm: demands of bidders that want an item.
        loose: demands of bidders that would as soon get nothing.
        due: items that should not be left over.
    """
    owner = _matched(firm)[0]
    everybody = {**firm, **loose}
    for item in due:
        if item not in owner:
            _give_away(item, owner, everybody, set(due))
    return {bidder: item for item, bidder in owner.items()}


def _too_wanted(demands: Mapping[int, Sequence[int]]) -> set[int] | None:
    """An over-demanded set: what the first bidder that gets nothing can reach by moving the others about."""
    owner, left = _matched(demands)
    if not left:
        return None
    reached, todo = set[int](), list(demands[left[0]])
    while todo:
        item = todo.pop()
        if item not in reached:
            reached.add(item)
            todo += demands[owner[item]]
    return reached


def _matched(demands: Mapping[int, Sequence[int]]) -> tuple[dict[int, int], list[int]]:
    """The owner of each item in a matching of as many bidders as can be, and the bidders without an item."""
    owner: dict[int, int] = {}
    left = [bidder for bidder in demands if not _place(bidder, demands, owner)]
    return owner, left


def _place(bidder: int, demands: Mapping[int, Sequence[int]], owner: dict[int, int]) -> bool:
    """Give the bidder an item that it demands, moving others about; False if that cannot be."""
    came: dict[int, int] = {}  # for each item reached, the bidder that would take it
    todo = [bidder]
    for taker in todo:
        for item in demands[taker]:
            if item in came:
                continue
            came[item] = taker
            if item not in owner:
                _shift(item, came, owner)
                return True
            todo.append(owner[item])
    return False


def _shift(free: int, came: Mapping[int, int], owner: dict[int, int]) -> None:
    """Everybody on the way to the free item moves on to the next."""
    had = {bidder: item for item, bidder in owner.items()}
    item: int | None = free
    while item is not None:
        taker = came[item]
        owner[item] = taker
        item = had.get(taker)


def _give_away(
    item: int, owner: dict[int, int], demands: Mapping[int, Sequence[int]], due: set[int]
) -> None:
    """Find somebody for an item that is due: one without an item, or one whose own item is not due."""
    had = {bidder: other for other, bidder in owner.items()}
    before: dict[int, int] = {}  # for each bidder reached, the item that it would take
    todo = [item]
    for open_ in todo:
        for bidder, wanted in demands.items():
            if bidder in before or open_ not in wanted:
                continue
            before[bidder] = open_
            own = had.get(bidder)
            if own in due:
                todo.append(own)
                continue
            if own is not None:
                del owner[own]
            _hand_on(bidder, before, owner)
            return


def _hand_on(bidder: int, before: Mapping[int, int], owner: dict[int, int]) -> None:
    """From the end of the way back to its beginning, everybody takes the item found for it."""
    taker: int | None = bidder
    while taker is not None:
        item = before[taker]
        former = owner.get(item)
        owner[item] = taker
        taker = former
