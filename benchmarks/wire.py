"""Signed messages as ratios to the physical limit: bare signatures and verifications of the same bytes.

    python benchmarks/wire.py [--concordia-python PATH] [--repeats N] [--json]

*message*: build, sign, encode, decode, verify and fold of each message, through two sessions, over one bare signature
and one bare verification of the same bytes with ``cryptography``; target at most 1.25.
*transcript*: verifying a stored transcript, over the bare verifications in it; target at most 1.15.
*peer*: the same number of offers through ``concordia-protocol`` (in its own environment), over the same floor.

The two sides take turns in short stretches and medians of the ratios are compared, so that a machine whose speed
drifts cannot favour one. Absolute times are printed only to show their size.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING, NamedTuple

from negotiate.domain import Choice, Domain, Integer, Money
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire import envelope
from negotiate.wire.keys import MESSAGE, PrivateKey, framed
from negotiate.wire.mandate import Constraints, Grant, issue
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.session import Session
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from negotiate.wire.transcript import Transcript

TARGETS = {"message": 1.25, "transcript": 1.15}
NOW, DAY = 1_780_000_000_000, 86_400_000
COUNT = 300
DOMAIN = Domain(
    (
        Money("price", 100, 500),
        Integer("quantity", 1, 9),
        Choice("colour", ("red", "green", "blue")),
    )
)


class Bare(NamedTuple):
    """One message for the bare side: what is signed, and by whom."""

    sign: Callable[[bytes], bytes]
    verify: Callable[[bytes, bytes], None]
    signature: bytes
    data: bytes


def papers(name: str, role: str) -> Papers:
    """An agent with a mandate from its own principal."""
    seed = name.encode().ljust(32, b".")
    principal, agent = PrivateKey(seed[::-1]), PrivateKey(seed)
    known = Disclosure("principal", seed, name)
    grant = Grant(
        v=1, kind="mandate", iss=principal.public, sub=agent.public, machine=True, role=role, depth=0,
        nbf=NOW - DAY, exp=NOW + DAY, constraints=Constraints(), salt=seed, principal=known.digest,
    )  # fmt: skip
    return Papers(agent, known, Disclosure("contact", seed, name), (issue(principal, grant),))


BUYER, SELLER = papers("buyer", "buyer"), papers("seller", "seller")
TRUST = Trust(
    {own.mandates[0].grant.iss: "" for own in (BUYER, SELLER)},
    policy=Policy(revocation="allow"),
)


def opened() -> tuple[Session, Session]:
    """Two sessions that face each other."""
    seats = ((BUYER.key.public, "buyer"), (SELLER.key.public, "seller"))
    rules = AlternatingOffers(rounds=COUNT)
    proposal = Proposal(DOMAIN, rules, seats, NOW + DAY, amount=(("price", "quantity"),))
    buyer, seller = Session(BUYER, TRUST), Session(SELLER, TRUST)
    seller.receive(buyer.open(proposal, NOW, bytes(32)), NOW)
    buyer.receive(seller.join(NOW, bytes(32)), NOW)
    return buyer, seller


def play(sessions: tuple[Session, Session], first: int, count: int) -> list[bytes]:
    """Some offers in turn, each signed, carried and taken."""
    frames: list[bytes] = []
    for n in range(first, first + count):
        speaker, hearer = sessions if n % 2 == 0 else sessions[::-1]
        at = NOW + n
        frame = speaker.send(Offer((n % 401, n % 9, n % 3)), at)
        hearer.receive(frame, at)
        frames.append(frame)
    return frames


def bare(frames: list[bytes]) -> list[Bare]:
    """The same bytes for ``cryptography`` alone, with its keys loaded."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys = {
        own.key.public: Ed25519PrivateKey.from_private_bytes(own.key.seed_for_export())
        for own in (BUYER, SELLER)
    }
    jobs: list[Bare] = []
    for message in map(envelope.read, frames):
        key = keys[message.sender]
        data = framed(MESSAGE, message.kind, message.payload)
        jobs.append(Bare(key.sign, key.public_key().verify, message.signature, data))
    return jobs


def clock(call: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def sign_and_verify(jobs: list[Bare]) -> None:
    """The floor of a message."""
    for job in jobs:
        job.verify(job.sign(job.data), job.data)


def verify_all(jobs: list[Bare]) -> None:
    """The floor of a transcript."""
    for job in jobs:
        job.verify(job.signature, job.data)


def messages(repeats: int) -> tuple[float, float]:
    """Median ratio of a signed message to its floor, and microseconds of the floor."""
    ratios: list[float] = []
    floors: list[float] = []
    stretch = 25
    for _ in range(repeats):
        sessions = opened()
        for first in range(0, COUNT, stretch):
            frames: list[bytes] = []
            ours = clock(lambda: frames.extend(play(sessions, first, stretch)))  # noqa: B023
            jobs = bare(frames)
            floor = clock(lambda: sign_and_verify(jobs))  # noqa: B023
            ratios.append(ours / floor)
            floors.append(floor / stretch * 1e6)
    return statistics.median(ratios), statistics.median(floors)


def transcripts(repeats: int) -> tuple[float, float]:
    """Median ratio of verifying a transcript to its bare verifications, and microseconds of one of those."""
    sessions = opened()
    play(sessions, 0, 100)
    transcript: Transcript = sessions[0].transcript()
    jobs = bare(list(transcript.frames))

    # Mandates are known after the first time; the floor is without them.
    ratios: list[float] = []
    floors: list[float] = []
    for _ in range(repeats * 10):
        floor = clock(lambda: verify_all(jobs))
        ours = clock(lambda: verify(transcript, TRUST))
        ratios.append(ours / floor)
        floors.append(floor / len(jobs) * 1e6)
    return statistics.median(ratios), statistics.median(floors)


def concordia(python: str) -> dict[str, float]:
    """Microseconds of an offer through the peer, and of its floor, as it measures them itself."""
    script = Path(__file__).with_name("concordia_peer.py")
    done = subprocess.run([python, str(script)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument(
        "--concordia-python", help="an environment with concordia-protocol 0.10.0"
    )
    parser.add_argument("--repeats", type=int, default=12)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found: dict[str, object] = {}
    for name, measure in (("message", messages), ("transcript", transcripts)):
        ratio, floor = measure(given.repeats)
        found[name] = {
            "ratio": ratio,
            "floor_us": floor,
            "target": TARGETS[name],
            "met": ratio <= TARGETS[name],
        }
    if given.concordia_python:
        found["concordia"] = concordia(given.concordia_python)
    print(json.dumps(found) if given.json else "\n".join(f"{k}: {v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
