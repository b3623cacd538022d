"""Random bidders over a channel that loses, doubles, reorders and corrupts: one verdict for all, or none."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from negotiate.errors import LocalError
from negotiate.moves import Accept, Bid, Cancel, Order, Reject, Reveal, Walk
from negotiate.protocols.call_market import CallMarket
from negotiate.protocols.clock_auction import ClockAuction
from negotiate.protocols.continuous import ContinuousMarket
from negotiate.protocols.contract_net import ContractNet
from negotiate.protocols.english import English
from negotiate.protocols.posted_price import PostedPrice
from negotiate.protocols.sealed_bid import SealedBid
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.bidder import Bidder
from negotiate.wire.hosted.host import Host
from negotiate.wire.hosted.review import review, with_quotes
from tests.wire.auctions.kit import BIDDERS, HOST, KNOWN, proposal, verdict
from tests.wire.kit import NOW, SLOW, seed

END = 4_000
RULES: list[Any] = [
    SealedBid(price="second", time_limit=END),
    SealedBid(price="third", commit_reveal=True, time_limit=END // 2, reveal_time=END // 2),
    English(end=END, window=500, extension=700, identities=True),
    English(form="proxy", end=END),
    ClockAuction(opening=50, step=10, tick=800),
    ClockAuction(form="japanese", opening=0, last=50, step=10, tick=800),
    ContinuousMarket(time_limit=END), CallMarket(time_limit=END), PostedPrice(price=5, units=2, time_limit=END),
    ContractNet(rounds=2, deadline=END // 2),
]  # fmt: skip


class World:
    """Host, bidders, and what is on its way between them."""

    def __init__(self, rules: Any, random: Random) -> None:
        self.random = random
        self.host = Host(HOST, KNOWN)
        self.bidders = {own.key.public: Bidder(own, KNOWN) for own in BIDDERS.values()}
        self.way: list[tuple[bytes, bytes]] = []
        self.now, self.salts = NOW, 0
        self.host.open(proposal(rules, BIDDERS), NOW, seed("n"))

    def salt(self) -> bytes:
        self.salts += 1
        return seed(f"salt {self.salts}")

    def send(self, to: bytes, frame: bytes) -> None:
        draw = self.random.random()
        if draw < 0.15:
            return
        if draw < 0.25:
            raw = bytearray(frame)
            raw[self.random.randrange(len(raw))] ^= 1 << self.random.randrange(8)
            frame = bytes(raw)
        self.way += [(to, frame)] * (2 if draw > 0.85 else 1)

    def deliver(self) -> None:
        to, frame = self.way.pop(self.random.randrange(len(self.way)))
        with suppress(Fault):
            if to == self.host.key:
                reply = self.host.receive(frame, self.now)
                for key in self.bidders:
                    self.send(key, reply.frame)
            else:
                self.bidders[to].receive(frame, self.now)

    def catch_up(self, key: bytes) -> None:
        bidder = self.bidders[key]
        for frame in self.host.since(len(bidder.chain.records)):
            self.send(key, frame)
        for frame in bidder.pending():
            self.send(self.host.key, frame)

    def act(self, key: bytes) -> None:
        bidder = self.bidders[key]
        with suppress(LocalError):
            if not bidder.chain.joins.get(key):
                self.send(self.host.key, bidder.join(self.now, seed(bidder.papers.key.did)))
            if self.host.book.phase == "bidding" and self.random.random() < 0.4:
                for frame in self.host.quoted(key, len(bidder.quotes)):
                    self.send(key, frame)
                self.send(key, self.host.quote(key, self.now))
            self.send(self.host.key, bidder.send(self.move(bidder), self.now, self.salt()))

    def move(self, bidder: Bidder) -> Any:
        draw = self.random
        amount = draw.choice([-1, 0, 5, 10, 20, 40, 10**18 + 1])
        made = bidder.commit(7, "s") if bidder.chain.phase == "bidding" else Walk()
        order = Order(
            str(draw.randrange(4)), draw.choice(["buy", "sell"]), amount, draw.randrange(3)
        )
        return draw.choice(
            [Bid(amount), made, Reveal(7, "s"), Accept(), Walk(), order, Cancel("1"), Reject()]
        )

    def run(self) -> None:
        for _ in range(60):
            self.now += self.random.choice([0, 0, 10, 60, 200])
            key = self.random.choice(list(self.bidders))
            self.catch_up(key)
            self.act(key)
            while self.way and self.random.random() < 0.8:
                self.deliver()
            if len(self.host.book.joins) == 3 and self.host.book.phase == "joining":
                self.host.begin(self.now)
            if self.host.book.phase == "bidding" and self.random.random() < 0.1:
                self.host.tick(self.now)

    def settle(self) -> None:
        """The storm is over: everybody gets everything."""
        self.way.clear()
        for bidder in self.bidders.values():
            for frame in self.host.since():
                with suppress(Fault):
                    bidder.receive(frame, self.now)
            for frame in self.host.quoted(bidder.key):
                with suppress(Fault):
                    bidder.receive(frame, self.now)


@settings(max_examples=40 // SLOW, deadline=None)
@given(st.sampled_from(RULES), st.integers(0, 2**32))
def test_all_honest_parties_and_the_auditor_reach_one_verdict(rules: Any, drawn: int) -> None:
    world = World(rules, Random(drawn))
    world.run()
    host = world.host
    if host.book.phase == "bidding":
        world.now += 10 * END
        host.award(world.now)
    world.settle()
    found = verdict(host.transcript())
    assert found.valid, found.fault
    for bidder in world.bidders.values():
        assert bidder.chain.head == host.book.head
        assert all(
            complaint.kind == "unanswered" for complaint in review(bidder, host.transcript())
        )
        own = verdict(with_quotes(host.transcript(), bidder))
        assert own.valid, own.fault
        assert own.outcome == found.outcome
        for message, (_, code) in bidder.receipts.items():
            told = [one.code for one in host.book.taken if one.message.id == message]
            assert told in ([], [code])
    if host.book.award is not None:
        assert found.outcome.state in {"awarded", "none"}
        assert found.auction is not None
        assert found.auction.negotiation.result == host.book.negotiation.result


@settings(max_examples=100 // SLOW, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 2**32))
def test_no_bytes_raise_anything_but_errors_of_the_library(data: bytes, drawn: int) -> None:
    world = WORLD
    frames = [*world.host.since(), *(one.message.frame for one in world.host.book.taken)]
    random = Random(drawn)
    raw = bytearray(random.choice(frames))
    for _ in range(random.randrange(1, 4)):
        raw[random.randrange(len(raw))] ^= 1 << random.randrange(8)
    before = world.host.since()
    for frame in (data, bytes(raw)):
        for call in (
            world.host.receive,
            *(bidder.receive for bidder in world.bidders.values()),
        ):
            with suppress(Fault):
                call(frame, world.now)
    assert world.host.since() == before


def storm() -> World:
    world = World(RULES[2], Random(7))
    world.run()
    world.settle()
    return world


WORLD = storm()


def test_the_storm_had_something_in_it() -> None:
    assert WORLD.host.book.phase == "bidding"
    assert len(WORLD.host.book.taken) > 3
    assert {bool(one.code) for one in WORLD.host.book.taken} == {True, False}
