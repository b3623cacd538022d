# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportIncompatibleMethodOverride=false
"""The checker of protocols on auctions and markets: ours pass, and mistakes are found."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from negotiate.checks import check_protocol
from negotiate.domain import Choice, Domain, Money
from negotiate.protocols.ascending_clock import AscendingClock
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.combinatorial import Combinatorial
from negotiate.protocols.combinatorial_clock import CombinatorialClock
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.scoring_auction import ScoringAuction
from negotiate.protocols.sealed_bid import SealedBid, SealedBidding
from negotiate.protocols.simultaneous_ascending import SimultaneousAscending
from negotiate.registry import PROTOCOLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from negotiate.bidder import AuctionView
    from negotiate.moves import AnyMove, Party

DOMAIN = Domain((Money("price", 0, 10), Choice("quality", ("low", "high"))))
HOSTED = {name: target for name, target in PROTOCOLS.items() if name != "alternating-offers"}


@pytest.mark.parametrize("name", HOSTED)
def test_every_registered_auction_and_market_keeps_the_rules(name: str) -> None:
    module, _, cls = HOSTED[name].partition(":")
    report = check_protocol(getattr(import_module(module), cls)(), domain=DOMAIN, games=3)
    assert report.findings == (), str(report)
    assert report.facts["games"] == 3


VARIANTS: list[Any] = [
    English(form="proxy", window=5, extension=9),
    ClockAuction(form="japanese", opening=0, last=20, pays="last_common"),
    AscendingClock(form="uniform", pays="last_common", last=9),
    CallMarket(reference=5),
    ContractNet(rounds=3, ceiling=10),
    SimultaneousAscending(withdrawals=2, waivers=1, clicks=13, stages=((1, 50), (3, 100))),
    Combinatorial(language="or_star", dummies=("d",), price="vcg", most_bids=4),
    Combinatorial(side="reverse", price="vcg"),
    CombinatorialClock(activity="eligibility", points=(2, 1), rounds=4),
    ScoringAuction(rule="second_score", points=(("quality", (0, 3)),), minimum=-5),
]


@pytest.mark.parametrize("rules", VARIANTS, ids=lambda rules: rules.name)
def test_other_rules_of_them_do_too(rules: Any) -> None:
    report = check_protocol(rules, domain=DOMAIN, games=3)
    assert report.findings == (), str(report)


@pytest.mark.parametrize(
    ("rules", "missed"),
    [
        (SealedBid(commit_reveal=True), "bid in open, walk in open"),  # of auctions without
        (SimultaneousAscending(withdrawals=3, waivers=9, clicks=13), "none"),
        (CombinatorialClock(), "none"),
        (ContractNet(perform=60_000), "none"),
    ],
    ids=lambda rules: getattr(rules, "name", ""),
)
def test_every_row_that_can_be_reached_is(rules: Any, missed: str) -> None:
    report = check_protocol(rules, domain=DOMAIN, games=9)
    assert report.facts["rows_not_reached"] == missed


def test_rules_that_do_not_fit_the_domain_are_told_so() -> None:
    report = check_protocol(ScoringAuction())  # there is no price in what it tries
    assert [finding.rule for finding in report.findings] == ["starts"]


class Faulty(SealedBidding):
    """To be broken in one place."""


def broken(state: type[Faulty]) -> SealedBid:
    class Broken(SealedBid):
        def start(self, domain: Domain, parties: Sequence[str], at: int = 0) -> Faulty:
            return state(self, domain, parties, at)

    Broken.__module__ = SealedBid.__module__  # where the table is
    return Broken()


class Trusts(Faulty):
    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        """Any amount will do."""


class Trips(Faulty):
    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        assert getattr(move, "amount", 0) >= 0


class Waits(Faulty):
    """Until the silent one has spoken."""

    def _event(self) -> int:
        return 10**17


class Whispers(Faulty):
    """Shows everybody the state itself."""

    def _show(self, view: AuctionView) -> None:
        super()._show(view)
        view._sent = [self]


class Notes(Faulty):
    """Writes down that it was asked."""

    def _refuse(self, party: Party, move: AnyMove, now: int) -> None:
        self.round += 1
        super()._refuse(party, move, now)


class Remembers(Faulty):
    """What happened in one auction tells in the next."""

    sold: ClassVar[list[int]] = []

    def _end_round(self, now: int) -> None:
        self.sold.append(1)
        self._bids = {p: len(self.sold) for p in self._bids}
        super()._end_round(now)


class Stays(Faulty):
    """Goes on in a phase that the table does not name."""

    def _apply(self, party: Party, move: AnyMove, now: int) -> None:
        super()._apply(party, move, now)
        if self.result is None:
            self.phase = "commit"


BROKEN: dict[type[Faulty], str] = {
    Trusts: "escapes",
    Trips: "escapes",
    Waits: "ends",
    Whispers: "view",
    Notes: "check",
    Remembers: "fold",
    Stays: "table",
}


@pytest.mark.parametrize("state", BROKEN, ids=lambda state: state.__name__)
def test_a_mistake_of_an_auction_is_found(state: type[Faulty]) -> None:
    report = check_protocol(broken(state), games=6)
    assert BROKEN[state] in {finding.rule for finding in report.findings}, str(report)
