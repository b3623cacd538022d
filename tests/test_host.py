"""Holding auctions and markets in simulated time: the order, the seeds, and what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from negotiate.bidder import AuctionView, Bidder, BidderBrief, Stake
from negotiate.domain import Domain, Money
from negotiate.domain.distributions import Uniform
from negotiate.errors import LocalError
from negotiate.host import Host, hold
from negotiate.moves import Accept, Bid, Walk
from negotiate.protocol import Allocation, NoAgreement, Result
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.english import English
from negotiate.protocols.sealed_bid import SealedBid

if TYPE_CHECKING:
    from negotiate.moves import AnyMove
    from negotiate.protocol import Protocol

DOMAIN = Domain((Money("price", 0, 200),))


class Value(Bidder):
    """Bids its value once."""

    def respond(self, view: AuctionView) -> AnyMove | None:
        return Bid(self.brief.stake.values[0])


class Chance(Bidder):
    """Bids at random up to its value, above what stands."""

    def respond(self, view: AuctionView) -> AnyMove | None:
        value, least = self.brief.stake.values[0], view.least or 0
        if view.leading or least > value or self.brief.random.random() < 0.5:
            return None
        return Bid(self.brief.random.randint(least, value))


class Odd(Bidder):
    """Does one thing wrong at a time."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.asked = 0

    def begin(self, brief: BidderBrief) -> None:
        super().begin(brief)
        if self.where == "begin":
            raise ValueError

    def respond(self, view: AuctionView) -> AnyMove | None:
        self.asked += 1
        if self.where == "respond":
            raise RecursionError
        if self.where == "move":
            return 7  # type: ignore[return-value]  # pyright: ignore[reportReturnType]
        return Bid(-5) if self.where == "amount" else Walk()

    def end(self, result: Result) -> None:
        if self.where == "end":
            raise KeyError(result)


def held(protocol: Protocol, *bidders: Bidder, values: tuple[int, ...], seed: int = 0) -> Host:
    seats = [(f"b{n}", bidder) for n, bidder in enumerate(bidders)]
    return hold(
        protocol, DOMAIN, seats, [Stake(values=(value,)) for value in values], seed=seed
    )


def test_an_auction_is_held_to_its_close() -> None:
    host = held(SealedBid(price="second"), Value(), Value(), Value(), values=(50, 90, 70))
    assert host.negotiation.result == Allocation((0, 1, 0), (0, 70, 0), 1)
    assert [receipt.code for receipt in host.receipts] == ["", "", ""]


def test_equal_arguments_give_equal_receipts_and_another_seed_others() -> None:
    def receipts(seed: int) -> list[object]:
        host = held(English(), Chance(), Chance(), Chance(), values=(150, 180, 200), seed=seed)
        return [*host.receipts, host.negotiation.result]

    assert receipts(1) == receipts(1)
    assert len({repr(receipts(seed)) for seed in range(10)}) == 10


def test_no_seat_is_always_asked_first() -> None:
    first = {
        held(SealedBid(), Value(), Value(), values=(5, 5), seed=seed).receipts[0].party
        for seed in range(20)
    }
    assert first == {0, 1}


def test_a_clock_moves_with_the_ticks() -> None:
    class Stop(Bidder):
        def respond(self, view: AuctionView) -> AnyMove | None:
            assert view.price is not None
            return Accept() if view.price <= self.brief.stake.values[0] else None

    host = held(ClockAuction(opening=100, step=5), Stop(), Stop(), values=(61, 48))
    assert host.negotiation.result == Allocation((1, 0), (60, 0), 9)


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ("begin", {"error"}),
        ("respond", {"error"}),
        ("move", {"phase"}),
        ("amount", {"amount"}),
        ("end", {"", "error"}),
    ],
)
def test_what_one_does_wrong_costs_it_alone(where: str, codes: set[str]) -> None:
    host = held(
        SealedBid(price="second"), Value(), Odd(where), Value(), values=(50, 90, 70), seed=3
    )
    assert host.negotiation.result == Allocation((0, 0, 1), (0, 0, 50), 1)
    assert {receipt.code for receipt in host.receipts if receipt.party == 1} == codes


def test_one_that_raised_is_not_asked_again() -> None:
    odd = Odd("respond")
    held(SealedBid(), odd, Value(), values=(1, 2))
    assert odd.asked == 1


class Scribbler(Value):
    """Writes over everything that it is handed, through whatever is in the way."""

    def begin(self, brief: BidderBrief) -> None:
        super().begin(brief)
        value = brief.stake.values
        for thing, name, scribble in (
            (brief.rules, "reserve", 0), (brief.rules, "price", "second"), (brief.domain, "issues", ()),
            (brief.domain.issues[0], "size", 1), (brief.domain.issues[0], "low", 10**6),
            (brief.prior, "low", 0), (brief.prior, "high", 1),
        ):  # fmt: skip
            object.__setattr__(thing, name, scribble)
        object.__setattr__(brief.stake, "values", (10**9,))
        self.value = value[0]

    def respond(self, view: AuctionView) -> AnyMove | None:
        view.party, view.kinds, view.least = 1, (), 0
        return Bid(self.value)


def test_scribbling_over_what_it_is_handed_wins_a_bidder_nothing() -> None:
    rules, domain, prior = (
        SealedBid(reserve=100),
        Domain((Money("price", 0, 200),)),
        Uniform(0, 200),
    )
    stakes = [Stake(values=(value,)) for value in (90, 80)]
    before = repr((rules, domain, prior, stakes))
    told: list[BidderBrief] = []

    class Honest(Value):
        def respond(self, view: AuctionView) -> AnyMove | None:
            told.append(self.brief)
            return super().respond(view)

    for seed in range(4):  # whoever is first
        seats = [("scribbler", Scribbler()), ("honest", Honest())]
        host = hold(rules, domain, seats, stakes, seed=seed, prior=prior)
        assert isinstance(host.negotiation.result, NoAgreement)  # below the reserve
    assert repr((rules, domain, prior, stakes)) == before
    seen = {repr((brief.rules, brief.domain, brief.prior, brief.stake)) for brief in told}
    assert seen == {repr((rules, domain, prior, stakes[1]))}


def test_a_bidder_that_changes_the_seat_of_its_view_sees_no_secrets_of_another() -> None:
    auction = English(form="proxy").start(DOMAIN, ("ann", "bob"))
    auction.push(1, Bid(150), 1)
    auction.view(0).party = 1
    assert auction.view(0).mine is None
    assert not auction.view(0).leading


def test_a_very_long_auction_is_closed_by_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("negotiate.host.MOST_QUESTIONS", 100)
    odd = Odd("amount")
    host = held(English(end=10**15), odd, values=(1,))
    assert isinstance(host.negotiation.result, NoAgreement)
    assert odd.asked == 50


def test_seats_that_do_not_fit_are_told() -> None:
    one = Value()
    for seats, stakes, tick in (
        ([("a", one)], [], 1),
        ([("a", one), ("b", one)], [Stake(), Stake()], 1),
        ([("a", one)], [Stake()], 0),
    ):
        with pytest.raises(LocalError):
            hold(SealedBid(), DOMAIN, seats, stakes, seed=0, tick=tick)
    seats = [("a", Value()), ("b", Value())]
    with pytest.raises(LocalError, match="one mover"):
        hold(AlternatingOffers(rounds=3), DOMAIN, seats, [Stake(), Stake()], seed=0)
