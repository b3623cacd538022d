"""Signed messages as ratios to the physical limit: bare signatures and verifications of the same bytes.

    python benchmarks/wire.py [--concordia-python PATH] [--repeats N] [--json]

*message*: an offer built, encoded and signed as a session does it, decoded, verified and folded as the record at the
other end does it, each once; over one bare signature and one bare verification of the same bytes with
``cryptography``; target at most 1.25.

*sessions*: the same offer by ``Session.send`` and ``Session.receive``, over the same floor. In it besides: the fold at
the sender's end too, the checks of what may be sent, both logs and memory stores, locks, the event for the host. Not in
either: the opening and the joining, a transport, a store on disk, the strategy.

*transcript*: ``verify_bytes`` on the content of a file of 100 offers, with nothing known before (mandates and keys are
read anew), over a bare verification of every signature in it, the mandates' too; target at most 1.15. *known*:
``verify`` of the same after it was read from its file, by somebody who has seen these mandates before.

*parts*: where the time beyond the bare signatures goes, in microseconds a message. *hostile*: what 64 KiB of hostile
bytes cost to refuse; at most 5 ms and 5 MB. *concordia*: offers through ``concordia-protocol``, in its own environment,
over its own floor.

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
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from benchmarks import hostile
from negotiate.domain import Choice, Domain, Integer, Money
from negotiate.moves import Offer
from negotiate.protocols.alternating_offers import AlternatingOffers
from negotiate.wire import envelope
from negotiate.wire.keys import MANDATE, MESSAGE, PrivateKey, check_public, framed, verifier
from negotiate.wire.mandate import Constraints, Grant, issue, read_mandate
from negotiate.wire.papers import Papers, Proposal
from negotiate.wire.privacy import Disclosure
from negotiate.wire.record import Record
from negotiate.wire.session import Session
from negotiate.wire.transcript import Transcript
from negotiate.wire.trust import Policy, Trust
from negotiate.wire.verify import verify, verify_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

Measured: TypeAlias = tuple[float, float]
"""A ratio, and microseconds of its floor."""

TARGETS = {"message": 1.25, "transcript": 1.15}
OFFERS = 100  # in a transcript
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
        key.public: Ed25519PrivateKey.from_private_bytes(key.seed_for_export())
        for key in (BUYER.key, SELLER.key)
    }
    jobs: list[Bare] = []
    for message in map(envelope.read, frames):
        key = keys[message.sender]
        data = framed(MESSAGE, message.kind, message.payload)
        jobs.append(Bare(key.sign, key.public_key().verify, message.signature, data))
    return jobs


def _cannot_sign(data: bytes) -> bytes:
    raise AssertionError("a mandate is only verified")


def bare_mandates() -> list[Bare]:
    """The signatures of both parties' mandates."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    jobs: list[Bare] = []
    for own in (BUYER, SELLER):
        payload, signature = envelope.split(own.mandates[0].frame)
        key = Ed25519PublicKey.from_public_bytes(own.mandates[0].grant.iss)
        data = framed(MANDATE, "mandate", payload)
        jobs.append(Bare(_cannot_sign, key.verify, signature, data))
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


def fold(record: Record, first: int, count: int) -> list[bytes]:
    """Some offers in turn, each built, signed, read and folded into one record."""
    frames: list[bytes] = []
    said, sid = record.deal.wire.said, record.sid
    pair = (BUYER, SELLER)
    for n in range(first, first + count):
        own, other = pair[n % 2], pair[1 - n % 2]
        fields = {
            "body": {"terms": said(Offer((n % 401, n % 9, n % 3)))}, "exp": NOW + n + 60_000,
            "from": own.key.public, "iat": NOW + n, "kind": "offer", "man": own.man,
            "prev": record.chain[-1].id, "seq": len(record.chain), "sid": sid, "to": other.key.public,
            "v": envelope.VERSION,
        }  # fmt: skip
        frame = envelope.sign(own.key, envelope.plain_offer(fields)).frame
        record.admit(envelope.read(frame))
        frames.append(frame)
    return frames


def seated() -> Record:
    """A record after the opening and the joining."""
    record = Record(TRUST)
    for frame in opened()[0].transcript().frames:
        record.admit(envelope.read(frame))
    return record


def messages(repeats: int, make: Callable[[], Callable[[int, int], list[bytes]]]) -> Measured:
    """Median ratio of a signed message to its floor, and microseconds of the floor."""
    ratios: list[float] = []
    floors: list[float] = []
    stretch = 25
    for _ in range(repeats):
        way = make()
        for first in range(0, COUNT, stretch):
            frames: list[bytes] = []
            ours = clock(lambda: frames.extend(way(first, stretch)))  # noqa: B023
            jobs = bare(frames)
            floor = clock(lambda: sign_and_verify(jobs))  # noqa: B023
            ratios.append(ours / floor)
            floors.append(floor / stretch * 1e6)
    return statistics.median(ratios), statistics.median(floors)


def forget() -> None:
    """Nothing is known of mandates and keys that were seen before."""
    for known in (read_mandate, verifier, check_public):
        known.cache_clear()


def written() -> Transcript:
    """A transcript of an opening, a joining and offers."""
    sessions = opened()
    play(sessions, 0, OFFERS)
    return sessions[0].transcript()


def transcripts(repeats: int) -> dict[str, tuple[float, float]]:
    """Median ratios of verifying a transcript to its bare verifications, and microseconds of one of those."""
    transcript = written()
    data = transcript.to_bytes()
    jobs = bare(list(transcript.frames))
    ways: dict[str, tuple[Callable[[], object], list[Bare]]] = {
        "transcript": (lambda: verify_bytes(data, TRUST), jobs + bare_mandates()),
        "known": (lambda: verify(transcript, TRUST), jobs),
    }
    ratios: dict[str, list[float]] = {name: [] for name in ways}
    floors: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats * 5):
        for name, (way, signatures) in ways.items():
            floor = clock(lambda: verify_all(signatures))  # noqa: B023
            if name == "transcript":
                forget()
            ratios[name].append(clock(way) / floor)
            floors[name].append(floor / len(signatures) * 1e6)
    return {
        name: (statistics.median(ratios[name]), statistics.median(floors[name]))
        for name in ways
    }


def parts(repeats: int) -> dict[str, dict[str, float]]:
    """Medians, in microseconds a message, of what the ratios are made of."""
    found: dict[str, list[float]] = {}

    def add(name: str, seconds: float, count: int) -> None:
        found.setdefault(name, []).append(seconds / count * 1e6)

    for _ in range(repeats * 2):
        sessions = opened()
        frames: list[bytes] = []
        for n in range(OFFERS):
            speaker, hearer = sessions if n % 2 == 0 else sessions[::-1]
            move = Offer((n % 401, n % 9, n % 3))
            began = time.perf_counter()
            frames.append(speaker.send(move, NOW + n))
            sent = time.perf_counter()
            hearer.receive(frames[-1], NOW + n)
            add("send", sent - began, 1)
            add("receive", time.perf_counter() - sent, 1)
        for job in bare(frames):
            add("sign", clock(lambda: job.sign(job.data)), 1)  # noqa: B023
            add("verify", clock(lambda: job.verify(job.signature, job.data)), 1)  # noqa: B023
        data = sessions[0].transcript().to_bytes()
        add("file", clock(lambda: Transcript.from_bytes(data)), OFFERS + 2)  # noqa: B023
        for name, seconds in _fold(Transcript.from_bytes(data).frames).items():
            add(name, seconds, OFFERS + 2 if name == "seats" else OFFERS)
    median = {name: statistics.median(values) for name, values in found.items()}
    return {
        "session": {
            "bare signature": median["sign"], "rest of send": median["send"] - median["sign"],
            "bare verification": median["verify"], "rest of receive": median["receive"] - median["verify"],
            "of which decoding": median["read"], "of which fold": median["fold"],
        },
        "transcript": {
            "bare verification": median["verify"], "reading the file": median["file"],
            "decoding": median["read"], "opening and joining, spread over all": median["seats"],
            "fold of the offers": median["fold"],
        },
    }  # fmt: skip


def _fold(frames: tuple[bytes, ...]) -> dict[str, float]:
    """Seconds of decoding and folding, without the signatures."""
    record = Record(TRUST)
    began = time.perf_counter()
    seats = [envelope.read(frame) for frame in frames[:2]]
    for message in seats:
        message.genuine = True
        record.admit(message)
    seated = time.perf_counter()
    moves = [envelope.read(frame) for frame in frames[2:]]
    read = time.perf_counter()
    for message in moves:
        message.genuine = True
        record.admit(message)
    return {"seats": seated - began, "read": read - seated, "fold": time.perf_counter() - read}


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
    found: dict[str, dict[str, object]] = {}
    for name, (ratio, floor) in {
        "message": messages(given.repeats, lambda: partial(fold, seated())),
        "sessions": messages(given.repeats, lambda: partial(play, opened())),
        **transcripts(given.repeats),
    }.items():
        found[name] = {"ratio": round(ratio, 3), "floor_us": round(floor, 1)}
        if name in TARGETS:
            found[name] |= {"target": TARGETS[name], "met": ratio <= TARGETS[name]}
    for name, pieces in parts(given.repeats).items():
        found[f"parts of a message of a {name}, us"] = {
            p: round(us, 1) for p, us in pieces.items()
        }
    found["hostile"] = hostile.worst()
    if given.concordia_python:
        found["concordia"] = {**concordia(given.concordia_python)}
    print(json.dumps(found) if given.json else "\n".join(f"{k}: {v}" for k, v in found.items()))


if __name__ == "__main__":
    main()
