"""Two honest endpoints over a bad channel: the same agreement or none, never two views; crashes sign nothing twice."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from negotiate.errors import LocalError
from negotiate.moves import Accept, Offer, Walk
from negotiate.wire import envelope
from negotiate.wire.events import Answer, Opened
from negotiate.wire.faults import Fault
from negotiate.wire.session import Session
from negotiate.wire.store import Entry, MemoryStore
from tests.wire.kit import (
    BUYER,
    MINUTE,
    NOW,
    SELLER,
    fields,
    judge,
    outcome,
    proposal,
    seed,
    trust,
)  # fmt: skip

PAPERS = {"buyer": BUYER, "seller": SELLER}
OTHER = {"buyer": "seller", "seller": "buyer"}
FINAL = ("agreed", "walk", "deadline", "late", "limit")


class PowerCut(Exception):  # noqa: N818 - it is one
    """The machine stops."""


class Fragile(MemoryStore):
    """A store whose machine may stop before or after a write."""

    cut: str = ""

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        if self.cut == "before":
            raise PowerCut
        super().append(sid, place, entry)
        if self.cut == "after":
            raise PowerCut


class Channel(RuleBasedStateMachine):
    """Frames in flight are dropped, doubled, reordered, delayed and corrupted; processes stop and recover."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.flying: list[tuple[str, bytes]] = []
        self.released: dict[tuple[bytes, int], set[bytes]] = {}
        self.stores = {name: Fragile() for name in PAPERS}
        self.sessions = {
            name: Session(PAPERS[name], trust(), store=self.stores[name]) for name in PAPERS
        }

    @initialize()
    def open(self) -> None:
        self.send("buyer", self.sessions["buyer"].open(proposal(), self.now, seed("n")))
        self.deliver(0)
        self.deliver(0)

    def send(self, name: str, frame: bytes) -> None:
        given = fields(frame)
        self.released.setdefault((given["from"], given["seq"]), set()).add(
            envelope.split(frame)[0]
        )
        self.flying.append((OTHER[name], frame))

    def act(self, name: str, call: Any) -> None:
        """Run something of a session; a power cut ends the process, which recovers from its store."""
        store = self.stores[name]
        try:
            call()
        except (LocalError, Fault):
            pass
        except PowerCut:
            store.cut = ""
            sid = self.sessions[name].record.sid
            if store.load(sid):
                self.sessions[name] = Session.recover(sid, PAPERS[name], trust(), store=store)
            else:
                self.sessions[name] = Session(PAPERS[name], trust(), store=store)
        store.cut = ""

    def deliver(self, place: int) -> None:
        name, frame = self.flying.pop(place % len(self.flying))
        self.receive(name, frame)

    def receive(self, name: str, frame: bytes) -> None:
        def take() -> None:
            for event in self.sessions[name].receive(frame, self.now):
                if isinstance(event, Answer):
                    self.send(name, event.frame)
                if isinstance(event, Opened):
                    self.send(name, self.sessions[name].join(self.now, seed(f"m{self.now}")))

        self.act(name, take)

    @precondition(lambda self: self.flying)
    @rule()
    def carry_all(self) -> None:
        for _ in range(40):
            if self.flying:
                self.deliver(0)

    @precondition(lambda self: self.flying)
    @rule(place=st.integers(0, 30), fate=st.sampled_from(["deliver"] * 6 + ["drop", "double"]))
    def carry(self, place: int, fate: str) -> None:
        if fate == "double":
            self.flying.append(self.flying[place % len(self.flying)])
        if fate == "drop":
            self.flying.pop(place % len(self.flying))
        elif self.flying:
            self.deliver(place)

    @precondition(lambda self: self.flying)
    @rule(place=st.integers(0, 30), bit=st.integers(0, 10**6))
    def corrupt(self, place: int, bit: int) -> None:
        name, frame = self.flying[place % len(self.flying)]
        bad = bytearray(frame)
        bad[bit // 8 % len(bad)] ^= 1 << bit % 8
        before = [m.frame for m in self.sessions[name].record.chain]
        self.receive(name, bytes(bad))
        assert [m.frame for m in self.sessions[name].record.chain] == before

    @rule(
        delay=st.sampled_from(
            [1, 1, 1, 1, 5, 5, 100, 100, 3_000, 3_000, 11 * MINUTE, 61 * MINUTE]
        )
    )
    def wait(self, delay: int) -> None:
        self.now += delay
        for name in PAPERS:
            self.act(name, lambda name=name: self.sessions[name].due(self.now))

    @rule(
        what=st.sampled_from(
            ["offer", "offer", "offer", "accept", "accept", "accept", "walk", "withdraw"]
        ),
        price=st.integers(100, 500),
        cut=st.sampled_from(["", "", "", "", "before", "after"]),
        first=st.booleans(),
    )
    def move(self, what: str, price: int, cut: str, first: bool) -> None:
        names = [name for name in PAPERS if self.sessions[name].to_move != (what == "withdraw")]
        if not names:
            return
        name = names[0 if first else -1]
        session = self.sessions[name]
        self.stores[name].cut = cut
        moves: dict[str, Any] = {
            "offer": Offer(outcome(price)),
            "accept": Accept(),
            "walk": Walk(),
        }

        def call() -> None:
            if what == "withdraw":
                self.send(name, session.withdraw(self.now))
            elif session.to_move:
                self.send(name, session.send(moves[what], self.now))

        self.act(name, call)

    @rule(name=st.sampled_from(["buyer", "seller"]))
    def resend(self, name: str) -> None:
        for frame in self.sessions[name].unanswered():
            self.send(name, frame)

    @rule(name=st.sampled_from(["buyer", "seller"]))
    def crash(self, name: str) -> None:
        session, store = self.sessions[name], self.stores[name]
        if store.load(session.record.sid):
            self.sessions[name] = Session.recover(
                session.record.sid, PAPERS[name], trust(), store=store
            )

    @invariant()
    def nobody_signs_one_place_twice(self) -> None:
        assert all(len(payloads) == 1 for payloads in self.released.values())

    @invariant()
    def never_two_views(self) -> None:
        buyer, seller = self.sessions["buyer"], self.sessions["seller"]
        views = {buyer.status, seller.status} & {*FINAL, "frozen"}
        assert len(views) <= 1, (buyer.status, seller.status)
        if buyer.status == seller.status == "agreed":
            assert buyer.record.terms == seller.record.terms

    def teardown(self) -> None:
        for _ in range(12):  # in the end the channel works, and everybody asks again
            for name in PAPERS:
                if self.sessions[name].record.phase != "opening":
                    self.resend(name)
            while self.flying:
                self.deliver(0)
        self.never_two_views()
        statuses = {session.status for session in self.sessions.values()}
        assert "pending" not in statuses or "agreed" not in statuses
        for session in self.sessions.values():
            if session.record.phase != "opening":
                verdict = judge(session.transcript())
                assert verdict.valid, verdict.fault
                assert (verdict.outcome.state == "agreed") == (
                    session.record.outcome == "agreed"
                )


Channel.TestCase.settings = settings(
    max_examples=120,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestChannel = Channel.TestCase
