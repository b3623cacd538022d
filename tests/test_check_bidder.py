"""``check_bidder`` finds each way in which a bidder breaks a rule, and nothing in those that come with the library."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, ClassVar

import pytest

from negotiate import registry
from negotiate.checks import check_bidder
from negotiate.moves import Bid
from negotiate.strategies.bidding.truthful import Truthful

if TYPE_CHECKING:
    from negotiate.bidder import AuctionView
    from negotiate.moves import AnyMove

CLASSES = [name for name, target in registry.BIDDERS.items() if ":" in target]
_calls: list[int] = []


class Sealed(Truthful):
    """Truthful in sealed-bid auctions."""

    plays: ClassVar[tuple[str, ...]] = ("sealed-bid",)


class Raises(Sealed):
    def respond(self, view: AuctionView) -> AnyMove | None:
        raise ValueError


class Nonsense(Sealed):
    def respond(self, view: AuctionView) -> AnyMove | None:
        return Bid(-1)


class Double(Sealed):
    def amount(self, view: AuctionView) -> int | None:
        found = super().amount(view)
        return (
            None
            if found is None
            else 2 * found
            if self.brief.stake.side == "buy"
            else found // 2
        )


class Erratic(Sealed):
    def amount(self, view: AuctionView) -> int | None:
        _calls.append(1)
        return len(_calls)


class Dice(Sealed):
    def amount(self, view: AuctionView) -> int | None:
        return random.randint(0, 3)


class Watch(Sealed):
    def amount(self, view: AuctionView) -> int | None:
        time.monotonic()
        return 1


class Shared(Sealed):
    def __init__(self, seen: list[int] = []) -> None:  # noqa: B006 - that is the fault
        self.seen = seen


class Idle(Sealed):
    plays: ClassVar[tuple[str, ...]] = ("chess",)


class Reckless(Double):
    ignores_limit: ClassVar[bool] = True


class Needy(Sealed):
    def __init__(self, must: int) -> None:
        self.must = must


@pytest.mark.parametrize(
    ("bidder", "rules"),
    [
        (Sealed, set()),
        (Raises, {"raises"}),
        (Nonsense, {"illegal-move"}),
        (Double, {"limit"}),
        (Erratic, {"deterministic"}),
        (Dice, {"global-random", "deterministic"}),
        (Watch, {"wall-clock"}),
        (Shared, {"shared-state"}),
        (Idle, {"plays"}),
        (Reckless, {"undocumented"}),
        (Needy, {"make"}),
    ],
    ids=lambda one: one.__name__ if isinstance(one, type) else "",
)
def test_each_fault_is_found_and_no_other(bidder: type[Sealed], rules: set[str]) -> None:
    report = check_bidder(bidder, count=1)
    found = {finding.rule for finding in report.findings} - {"pickle"}
    if "limit" not in rules:  # those that bid at random are below their costs in a procurement
        found -= {"limit"}
    assert found == rules, str(report)


@pytest.mark.parametrize("name", CLASSES)
def test_a_bidder_keeps_the_rules(name: str) -> None:
    report = check_bidder(name, count=1)
    assert report.findings == (), str(report)
    assert report.facts["deterministic"]


@pytest.mark.parametrize("name", CLASSES)
def test_a_bidder_says_what_it_does_and_where_it_is_from(name: str) -> None:
    cls = registry.bidder(name).cls
    text = cls.__doc__ or ""
    assert text.splitlines()[0].endswith(".")
    assert set(cls.plays) <= set(registry.PROTOCOLS)
