"""Two processes negotiate over a TCP socket and sign every word; one is killed in the middle and recovers.

    python examples/signed_tcp.py

A shop's desk listens on loopback; a household's bot connects. Both play a strategy of the arena behind an
``Agent``. The bot is killed without warning after a few offers. A new process takes its place, recovers the session
from its store, sends its last frame again and goes on; nothing is signed twice. In the end the shop's transcript is
verified offline, with nothing but the two principals' public keys.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import negotiate
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.registry import strategy
from negotiate.wire.agent import Agent, Desk
from negotiate.wire.keys import PrivateKey
from negotiate.wire.mandate import Constraints, Grant, Mandate, Sum, issue
from negotiate.wire.papers import Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.private import Private
from negotiate.wire.prose import tell
from negotiate.wire.revocation import issue_list
from negotiate.wire.session import Session
from negotiate.wire.store import SqliteStore
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Trust
from negotiate.wire.verify import verify

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

SCENARIO = "milk"
ROLES = ("buyer", "seller")
NAMES = {"buyer": "Haushalt Weber", "seller": "Milchladen Huber"}
PLAYS = {"buyer": "genius-boulware", "seller": "genius-conceder"}
DAY = 86_400_000
KILL_AFTER = 6  # frames


def now() -> int:
    """Milliseconds, from the one place here that reads a clock."""
    return time.time_ns() // 1_000_000


def derived(*names: str) -> bytes:
    """Bytes for an example; real keys come from ``PrivateKey.generate()``."""
    return hashlib.sha256("/".join(("example", *names)).encode()).digest()


def principal(role: str) -> PrivateKey:
    """The key of a household or a shop."""
    return PrivateKey(derived("principal", role))


def mandate(role: str, at: int) -> Mandate:
    """What the principal allows its machine: this role, for a day, up to an amount."""
    name = Disclosure("principal", derived("name", role), NAMES[role])
    cap = Sum(amount=200, currency="EUR", scale=2)
    grant = Grant(
        v=1, kind="mandate", iss=principal(role).public, sub=PrivateKey(derived("agent", role)).public,
        machine=True, role=role, depth=0, nbf=at - DAY, exp=at + DAY, constraints=Constraints(deal=cap),
        salt=derived("salt", role), principal=name.digest,
    )  # fmt: skip
    return issue(principal(role), grant)


def trust(at: int) -> Trust:
    """Each side knows the other's principal and has its current revocation list."""
    keys = {role: principal(role) for role in ROLES}
    lists = tuple(
        issue_list(key, {}, version=1, iat=at - DAY, exp=at + DAY) for key in keys.values()
    )
    return Trust({key.public: NAMES[role] for role, key in keys.items()}, lists)


def agent(role: str, at: int, store: Path) -> Agent:
    """A strategy of the arena, with a key, a mandate and a store."""
    scenario = negotiate.load(SCENARIO)
    preferences = scenario.roles[ROLES.index(role)].preferences
    desk = Desk(
        Private(preferences), trust(at),
        Disclosure("principal", derived("name", role), NAMES[role]),
        Disclosure("contact", derived("contact", role), f"{role}@example.invalid"),
        store=SqliteStore(store), amount=(("price",),),
    )  # fmt: skip
    key = PrivateKey(derived("agent", role))
    return Agent(strategy(PLAYS[role]).make(), key, mandate(role, at), desk)


def proposal(at: int) -> Proposal:
    """What the household proposes to negotiate, and by which rules."""
    seats = tuple((PrivateKey(derived("agent", role)).public, role) for role in ROLES)
    rules = AlternatingOffers(rounds=40)
    return Proposal(
        negotiate.load(SCENARIO).domain, rules, seats, at + DAY, amount=(("price",),)
    )


# -- frames on a stream --------------------------------------------------------------------------------


def write(stream: socket.socket, frames: list[bytes]) -> None:
    """Each frame after its length."""
    for frame in frames:
        stream.sendall(len(frame).to_bytes(4, "big") + frame)


def read(stream: socket.socket) -> bytes | None:
    """The next frame, or None when the other side has gone; a length over the limit is not even read."""
    head = exactly(stream, 4)
    size = int.from_bytes(head or b"", "big")
    if head is None or size > 65_536:
        return None
    return exactly(stream, size)


def exactly(stream: socket.socket, count: int) -> bytes | None:
    """So many bytes, or None."""
    data = b""
    while len(data) < count:
        try:
            more = stream.recv(count - len(data))
        except ConnectionError:
            return None
        if not more:
            return None
        data += more
    return data


def closed(agent: Agent) -> bool:
    """Whether both sides have signed the closing record."""
    return agent.session.record.phase == "closed"


# -- the two programs ------------------------------------------------------------------------------------


def seller(listener: socket.socket, folder: Path, at: int) -> Session:
    """The shop: takes connections until the session is closed."""
    desk = agent("seller", at, folder / "seller.db")
    while not closed(desk):
        stream, _ = listener.accept()
        with stream:
            while (frame := read(stream)) is not None:
                try:
                    write(stream, desk.receive(frame, now(), os.urandom(32)))
                except ConnectionError:
                    break
                if closed(desk):
                    break
    return desk.session


def buyer(port: int, folder: Path, at: int, kill_after: int) -> None:
    """The household's bot: opens a session, or recovers the one in its store."""
    bot = agent("buyer", at, folder / "buyer.db")
    known = bot.session.store.sessions()
    with socket.create_connection(("127.0.0.1", port)) as stream:
        if known:
            bot.session = Session.recover(
                known[0], bot.session.papers, bot.session.trust, store=bot.session.store
            )
            write(stream, bot.session.unanswered() or [bot.session.record.chain[0].frame])
        else:
            write(stream, [bot.open(proposal(at), now(), os.urandom(32))])
        heard = 0
        while not closed(bot) and (frame := read(stream)) is not None:
            frames = bot.receive(frame, now(), os.urandom(32))
            heard += 1
            if heard == kill_after:
                os.kill(os.getpid(), 9)  # stored, and never sent: the worst moment
            write(stream, frames)


def start(port: int, folder: Path, at: int, kill_after: int) -> SpawnProcess:
    """The bot in a process of its own."""
    process = multiprocessing.get_context("spawn").Process(
        target=buyer, args=(port, folder, at, kill_after), daemon=True
    )
    process.start()
    return process


def supervise(port: int, folder: Path, at: int) -> None:
    """Start the bot; when it has been killed, start it again."""
    first = start(port, folder, at, KILL_AFTER)
    first.join(60)
    print(f"the first bot ended with {first.exitcode}: killed in the middle")
    second = start(port, folder, at, 0)
    second.join(60)
    print(f"the second bot recovered and ended with {second.exitcode}")


def main() -> None:
    """Run both sides, then judge what the shop has kept."""
    import threading

    at = now()
    with (
        tempfile.TemporaryDirectory() as name,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        folder, port = Path(name), listener.getsockname()[1]
        watch = threading.Thread(target=supervise, args=(port, folder, at), daemon=True)
        watch.start()
        session = seller(listener, folder, at)
        watch.join(60)
        stored = session.transcript()
    stored = Transcript.from_bytes(stored.to_bytes())
    verdict = verify(stored, trust(at))
    print(tell(verdict))
    assert verdict.valid
    assert verdict.outcome.complete


if __name__ == "__main__":
    main()
