"""A crash at any point signs nothing twice, and the auction goes on."""

from __future__ import annotations

from typing import Any

import pytest

from negotiate.errors import LocalError
from negotiate.moves import Bid
from negotiate.protocols.english import English
from negotiate.wire import envelope
from negotiate.wire.faults import Fault
from negotiate.wire.hosted.bidder import MAX_WAITING, Bidder
from negotiate.wire.hosted.host import Host
from negotiate.wire.hosted.review import review
from negotiate.wire.ledger import MemoryLedger
from negotiate.wire.store import Entry, MemoryStore, SqliteStore
from tests.wire.auctions.kit import (
    BIDDERS,
    HOST,
    KNOWN,
    Room,
    bidder_papers,
    euros,
    proposal,
    verdict,
)
from tests.wire.kit import MINUTE, NOW, current_list, seed


class Crash(Exception):  # noqa: N818
    pass


class Failing(MemoryStore):
    """A store that loses power: before or after its n-th write."""

    def __init__(self, at: int, *, after: bool) -> None:
        super().__init__()
        self.left, self.after = at, after

    def append(self, sid: bytes, place: int, entry: Entry) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Crash
        super().append(sid, place, entry)
        if self.left == 0:
            raise Crash


class Witness:
    """Sees every frame and tells if one key signed two messages for one place."""

    def __init__(self) -> None:
        self.seen: dict[tuple[bytes, bytes, int, bool, bytes], bytes] = {}

    def __call__(self, frame: bytes) -> bytes:
        message = envelope.read(frame)
        quote = message.kind == "quote"
        to = message.fields["to"] if quote else b""
        place = (message.sender, message.sid, message.seq, quote, to)
        assert self.seen.setdefault(place, message.id) == message.id
        return frame


def run(host_store: MemoryStore, own_store: MemoryStore) -> tuple[Host, Bidder, Witness, int]:
    """An auction by people who start again whenever something crashes."""
    seen = Witness()
    papers = {"Weber": BIDDERS["Weber"]}
    host = Host(HOST, KNOWN, store=host_store)
    weber = Bidder(BIDDERS["Weber"], KNOWN, store=own_store)
    crashes = 0
    sid = b""
    for _ in range(60):
        try:
            if host.book.phase == "opening":
                seen(host.open(proposal(English(end=MINUTE), papers), NOW, seed("n")))
            sid = host.sid
            for frame in host.since(len(weber.chain.records)):
                weber.receive(seen(frame), NOW + MINUTE)
            if host.book.phase == "joining" and not host.book.joins:
                host.receive(seen(weber.join(NOW, seed("j"))), NOW)
            elif host.book.phase == "joining":
                host.begin(NOW)
            elif weber.pending():
                host.receive(seen(weber.pending()[0]), NOW)
            elif host.book.phase == "bidding" and not host.book.taken:
                for frame in host.quoted(weber.key, len(weber.quotes)):
                    weber.receive(seen(frame), NOW)
                weber.receive(seen(host.quote(weber.key, NOW)), NOW)
                seen(weber.send(Bid(5), NOW, seed("s"), ref="first"))
            elif host.book.phase == "bidding":
                host.award(NOW + MINUTE)
            elif weber.chain.award is not None:
                break
        except Crash:
            crashes += 1
            known = host_store.sessions()
            host = Host(HOST, KNOWN, store=host_store)
            if known:
                host = Host.recover(known[0], HOST, KNOWN, store=host_store)
            weber = Bidder(BIDDERS["Weber"], KNOWN, store=own_store)
            if own_store.sessions():
                weber = Bidder.recover(
                    own_store.sessions()[0], BIDDERS["Weber"], KNOWN, store=own_store
                )
    assert sid
    return host, weber, seen, crashes


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 12))
def test_a_crash_of_either_side_at_any_write_signs_nothing_twice(at: int, after: bool) -> None:
    for host_fails in (True, False):
        failing = Failing(at, after=after)
        stores = (failing, MemoryStore()) if host_fails else (MemoryStore(), failing)
        host, weber, _, crashes = run(*stores)
        assert crashes == (failing.left <= 0)
        assert weber.chain.award is not None
        assert verdict(host.transcript()).valid
        assert host.book.negotiation.result.units == (1,)  # type: ignore[union-attr]


def test_the_crashes_cover_every_write() -> None:
    counting = Failing(1000, after=True), Failing(1000, after=True)
    run(*counting)
    assert 1000 - counting[0].left in range(6, 11)
    assert 1000 - counting[1].left in range(6, 12)


def test_all_is_recovered_from_a_file(tmp_path: Any) -> None:
    store, own = SqliteStore(tmp_path / "host"), SqliteStore(tmp_path / "bidder")
    papers = {**BIDDERS, "Weber": bidder_papers("Weber", budget=euros(100))}
    room = Room(
        English(end=MINUTE), papers=papers,
        host_options={"store": store}, bidder_options={"Weber": {"store": own}},
    )  # fmt: skip
    room.host.learn(HOST.principal)
    room["Weber"].learn(HOST.principal)
    listed = current_list("Weber")
    room.host.learn(listed)
    room["Weber"].learn(listed)
    room.quote("Weber")
    assert room.bid("Weber", Bid(5)) == ""
    assert room.bid("Huber", Bid(4)) == "low"
    frame = room["Weber"].send(Bid(9), room.now, room.salt(), ref="second")
    ledger = MemoryLedger()
    host = Host.recover(room.host.sid, HOST, KNOWN, store=store, ledger=ledger)
    assert host.since() == room.host.since()
    assert host.transcript() == room.host.transcript()
    weber = Bidder.recover(room.host.sid, papers["Weber"], KNOWN, store=own)
    assert weber.pending() == [frame]
    assert weber.send(Bid(9), NOW + 5, seed("other"), ref="second") == frame
    assert weber.view is not None
    assert room["Weber"].view is not None
    assert weber.view.least == room["Weber"].view.least
    assert (weber.receipts.keys(), weber.quotes[0].id) == (
        room["Weber"].receipts.keys(),
        room["Weber"].quotes[0].id,
    )
    assert weber.join(NOW, seed("x")) == room["Weber"].join(NOW, seed("y"))
    reply = host.receive(frame, NOW + 5)
    assert reply.code == "standing"
    weber.receive(reply.frame, NOW + 5)
    award = host.award(NOW + MINUTE)
    weber.receive(award, NOW + MINUTE)
    again = Host.recover(room.host.sid, HOST, KNOWN, store=store)
    assert again.book.award is not None
    for unknown in (Host, Bidder):
        with pytest.raises(LocalError):
            unknown.recover(seed("no"), HOST, KNOWN, store=store)
    store.close()
    own.close()


def test_a_store_that_fails_once_leaves_everything_as_it_was() -> None:
    stores = Failing(999, after=False), Failing(999, after=False)
    room = Room(
        host_options={"store": stores[0]}, bidder_options={"Weber": {"store": stores[1]}}
    )
    stores[1].left = 1
    with pytest.raises(Crash):
        room["Weber"].send(Bid(5), NOW, seed("s"))
    assert room["Weber"].pending() == []
    before = room.host.since()
    stores[0].left = 1
    with pytest.raises(Crash):
        room.host.tick(NOW)
    assert room.host.since() == before
    stores[1].left = 1
    tick = room.host.tick(NOW)
    with pytest.raises(Crash):
        room["Weber"].receive(tick, NOW)
    assert [r.kind for r in room["Weber"].chain.records][-1] == "begin"
    assert room["Weber"].receive(tick, NOW)[0].kind == "tick"
    fresh = Bidder(BIDDERS["Weber"], KNOWN, store=Failing(1, after=False))
    with pytest.raises(Crash):
        fresh.receive(room.host.since()[0], NOW)
    assert fresh.receive(room.host.since()[0], NOW)[0].kind == "open"


def test_two_processes_cannot_sign_one_place() -> None:
    store = MemoryStore()
    room = Room(host_options={"store": store})
    other = Host.recover(room.host.sid, HOST, KNOWN, store=store)
    room.host.tick(NOW)
    with pytest.raises(LocalError) as caught:
        other.tick(NOW + 1)
    assert caught.value.code == "conflict"


def test_what_comes_out_of_order_waits_and_what_comes_twice_is_known() -> None:
    room = Room()
    ticks = [room.host.tick(NOW + n) for n in range(3)]
    weber = room["Weber"]
    assert [t.kind for t in weber.receive(ticks[2], NOW)] == ["waiting"]
    assert [t.kind for t in weber.receive(ticks[1], NOW)] == ["waiting"]
    assert [t.kind for t in weber.receive(ticks[0], NOW)] == ["tick"] * 3
    assert [t.kind for t in weber.receive(ticks[1], NOW)] == ["known"]
    weber._waiting = dict.fromkeys(range(10_000, 10_000 + MAX_WAITING), envelope.read(ticks[0]))
    late = [room.host.tick(NOW + n) for n in (3, 4)]
    with pytest.raises(Fault) as caught:
        weber.receive(late[1], NOW)
    assert caught.value.code == "gap"


def test_one_opening_makes_one_session() -> None:
    room = Room()
    store = room["Weber"].store
    again = Bidder(BIDDERS["Weber"], KNOWN, store=store)
    with pytest.raises(Fault) as caught:
        again.receive(room.host.since()[0], NOW)
    assert caught.value.code == "session-taken"
    stranger = Bidder(HOST, KNOWN)
    with pytest.raises(Fault) as caught:
        stranger.receive(room.host.since()[0], NOW)
    assert caught.value.code == "stranger"
    assert review(room["Weber"], None) == []
